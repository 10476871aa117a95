"""ICA and RICA as estimators: they are scikit-learn's, and they are the objectives' minima."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import FastICA
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import sae
from sae.estimators import ICA, RICA, files
from sae.preprocessing import ZCAWhitening


@parametrize_with_checks([ICA(max_iter=30), RICA(max_iter=30), RICA(n_components=3, max_iter=30)])
def test_check_estimator(estimator, check):
    check(estimator)


def mixture(m=4000):
    rng = np.random.default_rng(2)
    S = rng.laplace(size=(m, 5))
    return S, S @ rng.standard_normal((5, 5)) + rng.uniform(-3, 3, 5)


def matched(found, S):
    """The least correlation of a source with the feature that is its own."""
    C = np.abs(np.corrcoef(found.T, S.T)[: found.shape[1], found.shape[1] :])
    return C[linear_sum_assignment(-C)].min()


def test_ica_separates_as_well_as_fast_ica():
    S, X = mixture()
    ours = ICA(random_state=0).fit(X)
    theirs = FastICA(whiten="unit-variance", random_state=0, fun="cube").fit_transform(X)
    assert matched(ours.transform(X), S) > 0.99
    assert matched(ours.transform(X), S) > matched(theirs, S) - 0.01
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(X)), X, atol=1e-9)
    np.testing.assert_allclose(np.cov(ours.transform(X).T, bias=True), np.eye(5), atol=1e-9)


def test_rica_after_whitening_separates():
    S, X = mixture()
    pipeline = make_pipeline(ZCAWhitening(eps=0), RICA(lam=0.3, eps=1e-4, random_state=0))
    assert matched(pipeline.fit_transform(X), S) > 0.98


@pytest.mark.parametrize("estimator", [ICA(n_components=3, max_iter=20), RICA(n_components=7, max_iter=20)])
def test_it_is_the_objective_s_minimum(estimator):
    _, X = mixture(200)
    estimator = estimator.set_params(random_state=4).fit(X)
    rng = np.random.default_rng(4)
    if isinstance(estimator, ICA):
        white = sae.data.zca(X.T, eps=0)
        objective = sae.OrthonormalICA(white.X, 3)
        theta = sae.minimize_projected(objective, objective.init(rng), max_iter=20, gtol=1e-4).theta
        H = (objective.filters(theta) @ white.X).T
    else:
        objective = sae.RICA(X.T, 7, lam=0.1, divide_by_m="all")
        theta = sae.minimize_lbfgs(objective, objective.init(rng), max_iter=20, ftol=1e-9).theta
        H = X @ objective.filters(theta).T
    np.testing.assert_allclose(estimator.transform(X), H, atol=1e-9)
    assert estimator.n_iter_ == len(estimator.history_) - 1
    assert estimator.loss_curve_[-1] == pytest.approx(objective(theta)[0])


def test_float32_stays():
    _, X = mixture(200)
    for estimator in (ICA(random_state=0, max_iter=20), RICA(random_state=0, max_iter=20)):
        H = estimator.fit_transform(X.astype(np.float32))
        assert H.dtype == estimator.inverse_transform(H).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", [ICA, RICA])
def test_they_come_back_from_a_file(kind, dtype, tmp_path):
    X = mixture(200)[1].astype(dtype)
    estimator = kind(4, random_state=0, max_iter=20).fit(X)
    estimator.save(tmp_path / "model.safetensors")
    again = sae.load(tmp_path / "model.safetensors")
    assert repr(again) == repr(estimator)
    for name, value in vars(estimator).items():
        if name.endswith("_"):
            ours, theirs = np.asarray(getattr(again, name)), np.asarray(value)
            np.testing.assert_array_equal(ours, theirs, err_msg=name, strict=True)
    np.testing.assert_array_equal(again.transform(X), estimator.transform(X))
    pipeline = make_pipeline(ZCAWhitening(eps=0), RICA(7, random_state=0, max_iter=20)).fit(X)
    sae.save(tmp_path / "model.safetensors", pipeline)
    np.testing.assert_array_equal(sae.load(tmp_path / "model.safetensors").transform(X), pipeline.transform(X))


def test_a_file_that_does_not_fit_together(tmp_path):
    estimator = ICA(3, random_state=0, max_iter=5).fit(mixture(50)[1])
    words = files.description_of_trained(estimator, None)
    words["hyperparameters"]["n_components"] = 4
    files.save(tmp_path / "model.safetensors", estimator, words)
    with pytest.raises(sae.SaeError, match="its parameters have shapes"):
        sae.load(tmp_path / "model.safetensors")


def test_bad_parameters():
    _, X = mixture(50)
    for estimator, message in (
        (ICA(n_components=6), "n_hidden is 6, and an example has 5 numbers"),
        (ICA(whiten_eps=-1), "eps is -1"),
        (RICA(n_components=0), "n_components is 0"),
        (RICA(divide_by_m="m"), "divide_by_m is 'm'"),
    ):
        with pytest.raises(sae.SaeError, match=message):
            estimator.fit(X)
    with pytest.raises(sae.SaeError, match="vary in fewer directions"):
        ICA().fit(X[:, [0, 0, 1]])
