"""`sae.save` and `sae.load`: what comes back is what was saved, and what can't be is refused."""

from dataclasses import asdict

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sae
from sae import estimators, model_file, preprocessing
from sae.estimators import files
from sae.estimators.base import BaseAutoencoder
from sae.experiment import Experiment

X = load_digits().data[:80]  # 0 to 16
KINDS = [kind for kind in files.KINDS.values() if issubclass(kind, BaseAutoencoder)]  # others: test_deep_estimators
SMALL = {"max_iter": 4, "random_state": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def assert_comes_back(estimator, path, X=X):
    """Save and load; compare all that is fitted, and the parameters but for those that do not travel."""
    estimator.save(path)
    again = sae.load(path)
    assert type(again) is type(estimator)
    left_out = {"callback": None, "verbose": 0}
    assert again.get_params(deep=False) == {**estimator.get_params(deep=False), **left_out}
    for use in ("transform", "reconstruct", "score_samples"):
        ours, theirs = getattr(again, use)(X), getattr(estimator, use)(X)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    for name, value in vars(estimator).items():
        if name.endswith("_") and name not in ("encoder_", "decoder_"):
            np.testing.assert_array_equal(getattr(again, name), value, err_msg=name)
    return again


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_every_estimator_comes_back(kind, dtype, path):
    data = X.astype(dtype)
    again = assert_comes_back(kind(7, validation_fraction=0.2, **SMALL).fit(data), path, data)
    assert len(again.validation_curve_) == len(again.loss_curve_) == len(again.history_) > 1
    assert model_file.load(path).provenance["seed"] == 0


def test_a_lost_range_is_caught(path, monkeypatch):
    monkeypatch.setattr(files, "_described_range", lambda scaling: [])  # planted
    with pytest.raises(AssertionError):
        assert_comes_back(sae.SparseAutoencoder(7, **SMALL).fit(X), path)


def test_a_loaded_estimator_goes_on(path):
    settings = {"data_range": (0, 16), "warm_start": True, "solver": "adam", "hidden_activation": "tanh"}
    estimator = sae.SparseAutoencoder(7, penalty=None, callback=print, verbose=1, **settings, **SMALL)
    estimator.set_params(callback=lambda state: None, verbose=0).fit(X)
    again = assert_comes_back(estimator, path)
    for one in (again, estimator):
        one.fit(X)
    np.testing.assert_array_equal(again.W1_, estimator.W1_)
    again.partial_fit(X)
    assert again.n_iter_ == 5
    assert len(again.loss_curve_) == 5
    moved_on = clone(estimator).set_params(random_state=np.random.RandomState(0)).fit(X)
    moved_on.save(path)
    assert sae.load(path).random_state is None


def test_names_of_features(path):
    import pandas as pd

    frame = pd.DataFrame(X[:, 20:24], columns=list("abcd"))
    again = assert_comes_back(sae.SparseAutoencoder(2, **SMALL).fit(frame), path, frame)
    assert list(again.get_feature_names_out()) == ["sparseautoencoder0", "sparseautoencoder1"]
    with pytest.raises(ValueError, match="feature names"):
        again.transform(frame[list("dcba")])
    pipeline = make_pipeline(a_scaler(), sae.SparseAutoencoder(2, **SMALL)).fit(frame)
    sae.save(path, pipeline)
    np.testing.assert_array_equal(sae.load(path).transform(frame), pipeline.transform(frame))
    sae.AnomalyDetector(sae.SparseAutoencoder(2, **SMALL)).fit(frame).save(path)
    assert list(sae.load(path).feature_names_in_) == list("abcd")


def linear():
    return sae.SparseAutoencoder(3, output_activation="identity", penalty=None, **SMALL)


def a_scaler():
    return preprocessing.RangeScaler(each="all")


@pytest.mark.parametrize(
    ("model", "use"),
    [
        (make_pipeline(a_scaler(), preprocessing.PCA(9), linear()), "transform"),
        (make_pipeline(linear()), "transform"),
        (sae.AnomalyDetector(linear(), contamination=0.3), "decision_function"),
        (sae.AnomalyDetector(make_pipeline(a_scaler(), linear()), random_state=None), "decision_function"),
        (make_pipeline(a_scaler(), sae.AnomalyDetector(linear())), "decision_function"),
        (
            make_pipeline(a_scaler(), sae.AnomalyDetector(make_pipeline(preprocessing.MeanRemover(), linear()))),
            "decision_function",
        ),
    ],
    ids=["pipeline", "of one step", "detector", "steps inside", "steps before", "both"],
)
def test_pipelines_and_detectors_come_back(model, use, path):
    model = clone(model).fit(X)
    sae.save(path, model)
    again = sae.load(path)
    assert repr(again) == repr(model)
    np.testing.assert_array_equal(getattr(again, use)(X), getattr(model, use)(X))
    again.fit(X[:40])  # and can be fitted anew
    assert not np.array_equal(getattr(again, use)(X), getattr(model, use)(X))


def test_the_default_detector(path):
    detector = sae.AnomalyDetector(random_state=0).fit(X)
    detector.save(path)
    again = sae.load(path)
    np.testing.assert_array_equal(again.predict(X), detector.predict(X))
    assert (again.random_state, again.contamination, again.n_iter_) == (0, 0.1, detector.n_iter_)


# What else a file may hold ------------------------------------------------------------------------------------------


def test_theta_and_checkpoints_of_an_objective_are_a_model(path):
    objective = sae.Autoencoder(X.T / 16, 3, lam=1e-4, rho=0.1, beta=1)
    theta = objective.init(np.random.default_rng(0))
    sae.save(path, theta, objective.layout, {"mine": 1})
    found = sae.load(path)
    assert isinstance(found, sae.Model)
    np.testing.assert_array_equal(found.theta, theta)
    assert found.about == {"mine": 1}
    checkpoint = sae.Checkpoint(path, objective.layout, every=1)
    sae.minimize_lbfgs(objective, theta, max_iter=2, callback=checkpoint)
    assert isinstance(sae.load(path), sae.Model)


def test_a_checkpoint_of_an_estimator_is_one(path):
    estimator = sae.SparseAutoencoder(3, **SMALL)
    words = files.description(estimator, None, X)
    estimator.callback = sae.Checkpoint(path, files.layout_of(estimator, 64), every=1, **words)
    estimator.fit(X)
    again = sae.load(path)
    np.testing.assert_array_equal(again.transform(X), estimator.transform(X))
    assert again.n_iter_ == 4
    assert again.loss_curve_ == estimator.loss_curve_


def test_a_run_on_photographs_is_an_estimator_of_its_patches(tmp_path):
    experiment = Experiment(hidden=3, side=4, decoder="linear")
    patches = np.random.default_rng(0).uniform(0.1, 0.9, (16, 30))
    objective = experiment.objective(patches)
    theta = objective.init(np.random.default_rng(0))
    about = {"settings": asdict(experiment), "message": "done"}
    model_file.save(tmp_path / "model.safetensors", theta, objective.layout, about)
    again = sae.load(tmp_path)  # the folder of a run
    assert type(again) is sae.SparseAutoencoder
    np.testing.assert_allclose(again.transform(patches.T), objective.encode(theta, patches).T)
    np.testing.assert_allclose(again.reconstruct(patches.T), objective.reconstruct(theta, patches).T)
    assert again.stop_reason_ == "done"


class Mine(sae.SparseAutoencoder):
    """Of a user's own: no file names it."""


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (make_pipeline(StandardScaler(), linear()), "StandardScaler can't travel with a model"),
        (sae.AnomalyDetector(PCA(3)), "a PCA can't be saved; expected one of SparseAutoencoder, "),
        (Mine(3, **SMALL), "a Mine can't be saved"),
        (make_pipeline(a_scaler(), sae.AnomalyDetector(make_pipeline(a_scaler(), linear()))), "the same name"),
    ],
)
def test_what_can_not_be_saved(model, message, path):
    model = clone(model).fit(X)
    with pytest.raises(sae.SaeError, match=message):
        sae.save(path, model)
    assert not path.exists()


def test_what_does_not_go_together(path):
    for unfitted in (linear(), sae.AnomalyDetector(), make_pipeline(a_scaler(), linear())):
        with pytest.raises(ValueError, match="not fitted"):
            sae.save(path, unfitted)
    with pytest.raises(sae.SaeError, match=r"layout is None; expected that of theta, objective\.layout"):
        sae.save(path, np.zeros(3))
    with pytest.raises(sae.SaeError, match="hyperparameters can be given with theta"):
        linear().fit(X).save(path, hyperparameters={})
    linear().fit(X).save(path, provenance=sae.provenance(seed=7))
    assert model_file.load(path).provenance["seed"] == 7
    assert estimators.load is sae.load


@pytest.mark.parametrize(
    "change",
    [{"after": 2}, {"after": -1}, {"offset": "low"}, {"contamination": ...}, {"names": ["a"]}, {"detector": 3}],
    ids=str,
)
def test_a_file_that_contradicts_itself(change, path):
    sae.save(path, make_pipeline(a_scaler(), sae.AnomalyDetector(linear()).fit(X)).fit(X))
    model = model_file.load(path)
    words = {name: getattr(model, name) for name in ("hyperparameters", "preprocessing", "provenance")}
    names = change.pop("names", None)
    about = {**model.about, "detector": change.pop("detector", {**model.about["detector"], **change})}
    if change.get("contamination") is ...:
        del about["detector"]["contamination"]
    model_file.save(path, model.theta, model.layout, about, feature_names=names, **words)
    with pytest.raises(sae.SaeError, match=r"is a model, but a damaged one|expected"):
        sae.load(path)
