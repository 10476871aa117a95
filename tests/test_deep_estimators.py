"""Softmax, stacked autoencoders and deep classifiers with scikit-learn's face: they are the objectives, in stages."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import sae
from sae.commands.trained import open_model
from sae.estimators import DeepClassifier, SoftmaxClassifier, SparseAutoencoder, StackedAutoencoder, files
from sae.preprocessing import PCA, RangeScaler

DIGITS, LABELS = load_digits(return_X_y=True)
X, y = DIGITS[:300] / 16, LABELS[:300]
LAYERS = {"sparsity_param": 0.1, "beta": 0.1, "weight_decay": 1e-5, "max_iter": 30, "random_state": 0}
DEEP = {**LAYERS, "softmax_max_iter": 60, "fine_tune_max_iter": 40}


@parametrize_with_checks(
    [
        SoftmaxClassifier(),
        StackedAutoencoder((6, 4), max_iter=20),
        StackedAutoencoder((6, 4), corruption="gaussian", max_iter=20),
        DeepClassifier((6, 5), **DEEP),
        DeepClassifier((6,), pretrain=False, hidden_activation="tanh", output_activation="identity", **DEEP),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


# They are the objectives -------------------------------------------------------------------------------------------


def assert_is_the_page(kind, bias):
    """Every stage by hand, from one generator."""
    settings = {"sparsity_param": (0.1, 0.2), "beta": (0.1, 0.2), "weight_decay": (1e-4, 1e-5), "max_iter": (20, 15)}
    deep = kind(
        (9, 7),
        **settings,
        softmax_weight_decay=1e-3,
        softmax_max_iter=25,
        fine_tune_max_iter=10,
        fit_intercept=bias,
        random_state=3,
    ).fit(X, y)
    rng, codes, hidden = np.random.default_rng(3), X.T, []
    for l, units in enumerate((9, 7)):
        rho, beta, lam, max_iter = (values[l] for values in settings.values())
        objective = sae.Autoencoder(codes, units, lam=lam, rho=rho, beta=beta)
        result = sae.minimize_lbfgs(objective, objective.init(rng), max_iter=max_iter, ftol=1e-9)
        W1, _, b1, _ = objective.layout.unpack(result.theta)
        np.testing.assert_allclose(deep.autoencoder_.layers_[l].W1_, W1, rtol=1e-6, atol=1e-8)
        codes = objective.encode(result.theta, codes)
        hidden.append((W1, b1))
    softmax = sae.Softmax(codes, y, lam=1e-3, bias=bias)
    theta = sae.minimize_lbfgs(softmax, softmax.init(rng), max_iter=25, ftol=1e-9).theta
    before = (softmax.predict(theta, codes) == y).mean()
    assert deep.pretrained_.score(X, y) == pytest.approx(before)
    network = sae.DeepNetwork(X.T, y, (9, 7), lam=1e-3, bias=bias)
    theta = network.stack(hidden, *softmax.layout.unpack(theta))
    result = sae.minimize_lbfgs(network, theta, max_iter=10, ftol=1e-9)
    for name, part in zip(network.layout.names, network.layout.unpack(result.theta), strict=True):
        np.testing.assert_allclose(getattr(deep, f"{name}_"), part, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(deep.predict_proba(X).T, network.probabilities(result.theta, X.T), atol=1e-5)
    np.testing.assert_allclose(np.exp(deep.predict_log_proba(X)), deep.predict_proba(X), rtol=1e-12)
    assert deep.loss_curve_["fine-tuning"] == pytest.approx([record["cost"] for record in result.history], rel=1e-6)
    assert {name: stage.n_iter for name, stage in deep.stages_.items()} == {
        "layer 1": 20,
        "layer 2": 15,
        "softmax": 25,
        "fine-tuning": 10,
    }
    assert deep.n_iter_ == 70
    a2, a3 = network.activations(result.theta, X.T)
    np.testing.assert_allclose(deep.encode(X, 1), a2.T, atol=1e-5)
    np.testing.assert_allclose(deep.encode(X), a3.T, atol=1e-5)


@pytest.mark.parametrize("bias", [False, True])
def test_the_face_is_the_pages(bias):
    assert_is_the_page(DeepClassifier, bias)


class SameLayer(DeepClassifier):
    """Planted: every layer gets the settings of the first."""

    def _autoencoder(self):
        stack = super()._autoencoder()
        return stack.set_params(max_iter=self.max_iter[0])


class Fresh(DeepClassifier):
    """Planted: fine-tuning does not start from the pretrained layers."""

    def _fine_tune(self, X, y, settings, rng, **options):
        for layer in self.autoencoder_.encoder_.layers:
            layer.W[...] = 0
        return super()._fine_tune(X, y, settings, rng, **options)


@pytest.mark.parametrize("kind", [SameLayer, Fresh])
def test_planted_mistakes_are_caught(kind):
    with pytest.raises(AssertionError):
        assert_is_the_page(kind, False)


def test_a_stack_goes_down_and_up_through_all_layers():
    stack = StackedAutoencoder((12, 8, 6), **LAYERS).fit(DIGITS[:200])
    one, two, three = stack.layers_
    codes = three.encode(two.encode(one.encode(DIGITS[:50])))
    np.testing.assert_array_equal(stack.transform(DIGITS[:50]), codes)
    down = one.decode(two.decode(three.decode(codes)))
    np.testing.assert_array_equal(stack.inverse_transform(codes), down)
    np.testing.assert_array_equal(stack.reconstruct(DIGITS[:50]), down)
    assert stack.score(DIGITS[:50]) == pytest.approx(-((down - DIGITS[:50]) ** 2).mean())
    np.testing.assert_array_equal(stack.encode(DIGITS[:50], 2), two.encode(one.encode(DIGITS[:50])))
    np.testing.assert_array_equal(stack.decode(stack.encode(DIGITS[:50], 1), 1), one.reconstruct(DIGITS[:50]))
    with pytest.raises(sae.SaeError, match="depth is 4; expected a whole number of at most 3"):
        stack.encode(DIGITS, 4)
    assert one.transform(DIGITS).shape == (1797, 12)


def test_one_layer_is_the_sparse_autoencoder():
    stack = StackedAutoencoder((7,), **LAYERS).fit(DIGITS[:200])
    single = SparseAutoencoder(7, **LAYERS).fit(DIGITS[:200])
    np.testing.assert_allclose(stack.reconstruct(DIGITS), single.reconstruct(DIGITS), rtol=1e-6)


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "topk(3)"])
def test_activations_and_noise(hidden):
    stack = StackedAutoencoder((8, 6), hidden_activation=hidden, corruption="masking", **(LAYERS | {"beta": 0.0}))
    assert stack.fit(X).score(X) > -0.2
    assert stack.layers_[1].output_activation == (hidden if hidden != "topk(3)" else "identity")


def test_softmax_is_scikit_learns():
    ours = SoftmaxClassifier(1e-2, max_iter=2000, tol=0).fit(X, y)
    theirs = LogisticRegression(C=1 / (len(X) * 1e-2), tol=1e-9, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    none = SoftmaxClassifier(1e-2, fit_intercept=False, max_iter=2000, tol=0).fit(X, y)
    theirs = LogisticRegression(C=1 / (len(X) * 1e-2), fit_intercept=False, tol=1e-9, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(none.coef_, theirs.coef_, atol=1e-4)
    assert not none.intercept_.any()


# Pretraining, fine-tuning and labels -------------------------------------------------------------------------------


def test_each_stage_helps():
    test, labels = DIGITS[1000:] / 16, LABELS[1000:]
    train, known = DIGITS[:1000] / 16, LABELS[:1000]
    full = DeepClassifier((40, 30), **(DEEP | {"max_iter": 100, "fine_tune_max_iter": 100})).fit(train, known)
    assert 0.75 < full.pretrained_.score(test, labels) < full.score(test, labels) - 0.02
    assert full.score(test, labels) > 0.92
    frozen = DeepClassifier((40, 30), fine_tune=False, **(DEEP | {"max_iter": 100})).fit(train, known)
    assert frozen.score(test, labels) == full.pretrained_.score(test, labels) == frozen.pretrained_.score(test, labels)
    assert frozen.stages_["fine-tuning"].stop_reason == "not trained"


def test_without_pretraining():
    random = DeepClassifier((9, 7), pretrain=False, **DEEP).fit(X, y)
    assert [name for name, stage in random.stages_.items() if stage.n_iter] == ["fine-tuning"]
    assert random.n_iter_ == 40
    features = DeepClassifier((9, 7), pretrain=False, fine_tune=False, **DEEP).fit(X, y)
    assert [name for name, stage in features.stages_.items() if stage.n_iter] == ["softmax"]
    np.testing.assert_array_equal(features.encode(X), random.autoencoder_.encode(X))
    W1 = random.autoencoder_.layers_[0].W1_
    assert 0.95 * np.sqrt(6 / 74) < np.abs(W1).max() < np.sqrt(6 / 74)
    with pytest.raises(sae.SaeError, match="X_unlabelled is for pretraining, and pretrain is False"):
        random.fit(X, y, X_unlabelled=X)


def test_self_taught_learning():
    """UFLDL's: features of the digits 5 to 9 serve 0 to 4."""
    unlabelled, few = X[y >= 5], y < 5
    model = DeepClassifier((20,), fine_tune=False, **DEEP).fit(X[few], y[few], X_unlabelled=unlabelled)
    alone = StackedAutoencoder((20,), **LAYERS).fit(unlabelled)
    np.testing.assert_allclose(model.encode(X), alone.encode(X), rtol=1e-12)
    assert list(model.classes_) == [0, 1, 2, 3, 4]
    assert model.score(X[few], y[few]) > 0.9
    with pytest.raises(ValueError, match="63 features"):
        model.fit(X[few], y[few], X_unlabelled=unlabelled[:, 1:])


def test_decay_of_all_weights():
    settings = DEEP | {"softmax_weight_decay": 0.05, "fine_tune_max_iter": 100}
    top = DeepClassifier((9,), **settings).fit(X, y)
    both = DeepClassifier((9,), decay="all", **settings).fit(X, y)
    assert np.linalg.norm(both.W1_) < 0.8 * np.linalg.norm(top.W1_)


@pytest.mark.parametrize("model", [SoftmaxClassifier(max_iter=40), DeepClassifier((8,), **DEEP)])
@pytest.mark.parametrize("names", [np.array([3, -7, 100]), np.array(["b", "a", "c"]), np.array([2.0, 5.0, 9.0])])
def test_labels_of_any_kind(model, names):
    few = y < 3
    fitted = clone(model).fit(X[few], names[y[few]])
    np.testing.assert_array_equal(fitted.classes_, np.unique(names))
    assert (fitted.predict(X[few]) == names[y[few]]).mean() > 0.9
    p = fitted.predict_proba(X)
    assert p.shape == (300, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(fitted.classes_[p.argmax(axis=1)], fitted.predict(X))


@pytest.mark.parametrize("model", [SoftmaxClassifier(), DeepClassifier((8,), **DEEP)])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(300), "y has one class alone"),
        (y[:-1], "inconsistent numbers of samples"),
        (np.where(y == 3, np.nan, y), "NaN"),
        (y + 0.5, "continuous"),
    ],
)
def test_wrong_labels(model, labels, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X, labels)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_dims": 5}, "hidden_dims is 5"),
        ({"hidden_dims": ()}, r"hidden_dims is \(\)"),
        ({"hidden_dims": "ab"}, "hidden_dims is 'ab'"),
        ({"hidden_dims": (5, 0)}, "hidden_dims is 0"),
        ({"beta": (1, 2, 3)}, r"beta is \(1, 2, 3\), 3 values; expected one for all layers or 2"),
        ({"weight_decay": (1e-3, -1)}, "weight_decay is -1"),
        ({"sparsity_param": (0.1, 1.0)}, "sparsity_param is 1.0"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"max_iter": (3, 2.5)}, "max_iter is 2.5"),
        ({"corruption": "rain"}, "corruption is 'rain'"),
        ({"hidden_activation": "step"}, "hidden_activation is 'step'"),
        ({"decay": "none"}, "decay is 'none'"),
        ({"softmax_weight_decay": -1}, "weight_decay is -1"),
        ({"fine_tune_max_iter": 0}, "max_iter is 0"),
    ],
)
def test_wrong_parameters(settings, message):
    settings = {"hidden_dims": (5, 4), "max_iter": 3} | settings
    with pytest.raises(sae.SaeError, match=message):
        DeepClassifier(**settings).fit(X, y)
    if not {"decay", "softmax_weight_decay", "fine_tune_max_iter"} & settings.keys():
        with pytest.raises(sae.SaeError, match=message):
            StackedAutoencoder(**settings).fit(X)


# Stages, callbacks and Ctrl-C --------------------------------------------------------------------------------------


class At:
    """A callback that raises in an iteration of a stage, and notes what it saw."""

    def __init__(self, stage, iteration, error):
        self.stage, self.iteration, self.error, self.seen = stage, iteration, error, []

    def __call__(self, state):
        self.seen.append(state["stage"])
        if (state["stage"], state["iteration"]) == (self.stage, self.iteration):
            raise self.error


STAGES = ["layer 1", "layer 2", "softmax", "fine-tuning"]


@pytest.mark.parametrize("stage", STAGES)
def test_ctrl_c_ends_the_training_and_keeps_the_best(stage):
    callback = At(stage, 3, KeyboardInterrupt)
    model = DeepClassifier((9, 7), callback=callback, **DEEP).fit(X, y)
    i = STAGES.index(stage)
    assert model.stages_[stage].n_iter == 3
    assert list(dict.fromkeys(callback.seen)) == STAGES[: i + 1]
    assert all(model.stages_[later].stop_reason == "not trained" for later in STAGES[i + 1 :])
    assert model.stop_reason_.startswith(f"{stage} was interrupted after 3 iterations: this is the best theta so far")
    assert model.stop_reason_.endswith(f"; not trained: {', '.join(STAGES[i + 1 :])}") == (i < 3)
    assert model.predict(X).shape == (300,)
    if stage == "fine-tuning":
        curve = model.loss_curve_["fine-tuning"]
        network = model._network(X, y)
        parts = {name: getattr(model, f"{name}_") for name in network.layout.names}
        assert network(network.layout.pack(**parts))[0] == pytest.approx(curve[-1], rel=1e-12)


@pytest.mark.parametrize("stage", STAGES)
def test_a_callback_may_end_a_stage(stage):
    model = DeepClassifier((9, 7), callback=At(stage, 3, StopIteration), **DEEP).fit(X, y)
    ended = {name: stage.n_iter for name, stage in model.stages_.items()}
    assert ended == {"layer 1": 30, "layer 2": 30, "softmax": 60, "fine-tuning": 40} | {stage: 3}


def test_verbose_says_the_stage(capsys, monkeypatch):
    monkeypatch.setattr("sae.progress.SECONDS", 0.0)
    DeepClassifier((9, 7), verbose=1, **DEEP).fit(X, y)
    printed = capsys.readouterr().out
    for stage, last in zip(STAGES, (30, 30, 60, 40), strict=True):
        assert f"{stage}, iteration {last}/{last}: J " in printed


# As of all estimators ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", [SoftmaxClassifier(max_iter=20), StackedAutoencoder((8, 6), **LAYERS), DeepClassifier((8, 6), **DEEP)]
)
def test_float32_clone_pickle_and_seed(model):
    model = clone(model).set_params(random_state=5).fit(X.astype(np.float32), y)
    again = clone(model).fit(X.astype(np.float32), y)
    use = "transform" if hasattr(model, "transform") else "predict_proba"
    answer = getattr(model, use)(X.astype(np.float32))
    assert answer.dtype == np.float32
    np.testing.assert_array_equal(getattr(again, use)(X.astype(np.float32)), answer)
    np.testing.assert_array_equal(getattr(pickle.loads(pickle.dumps(model)), use)(X.astype(np.float32)), answer)
    other = clone(model).set_params(random_state=6).fit(X.astype(np.float32), y)
    assert not np.array_equal(getattr(other, use)(X.astype(np.float32)), answer)
    arrays = [value for name, value in vars(model).items() if name[0] in "Wb" and name[-1] == "_"]
    assert all(array.dtype == np.float32 for array in arrays)


def test_a_fit_with_fewer_layers_forgets_the_others():
    model = DeepClassifier((8, 6), **DEEP).fit(X, y)
    model.set_params(hidden_dims=(5,)).fit(X, y)
    assert {name for name in vars(model) if name[0] in "Wb" and name[-1] == "_"} == {"W1_", "b1_", "W_s_", "b_s_"}


def test_in_a_pipeline_and_a_search():
    pipeline = make_pipeline(MinMaxScaler(), DeepClassifier((8,), **DEEP))
    search = GridSearchCV(pipeline, {"deepclassifier__hidden_dims": [(2,), (12,)]}, cv=2).fit(X, y)
    assert search.best_params_ == {"deepclassifier__hidden_dims": (12,)}
    frame = StackedAutoencoder((8, 6), **LAYERS).set_output(transform="pandas").fit_transform(X)
    assert list(frame.columns) == [f"stackedautoencoder{i}" for i in range(6)]


def test_data_of_any_range():
    model = DeepClassifier((12,), **DEEP).fit(DIGITS[:300] - 8, y)
    assert model.encoder_.scaling.low == -8
    assert model.score(DIGITS[:300] - 8, y) > 0.9
    scaled = (DIGITS[:300] - 8).min(), (DIGITS[:300] - 8).max()
    same = DeepClassifier((12,), **DEEP).fit((DIGITS[:300] - 8 - scaled[0]) / (scaled[1] - scaled[0]), y)
    np.testing.assert_allclose(same.predict_proba(X), model.predict_proba(DIGITS[:300] - 8), atol=1e-4)


def test_export_of_the_whole_encoder(tmp_path):
    stack = StackedAutoencoder((8, 6), **LAYERS).fit(DIGITS[:200])
    stack.export_encoder(tmp_path / "encoder.py")
    space = {}
    exec((tmp_path / "encoder.py").read_text(), space)
    np.testing.assert_allclose(space["encode"](DIGITS), stack.encode(DIGITS), rtol=1e-12)


MODELS = {
    "softmax": SoftmaxClassifier(max_iter=9, fit_intercept=False),
    "stack": StackedAutoencoder((8, 6), **(LAYERS | {"beta": (0.1, 0.2)})),
    "noisy": StackedAutoencoder((8,), corruption="gaussian", data_range=(0, 20), **LAYERS),
    "deep": DeepClassifier((8, 6), **DEEP),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MODELS)
def test_model_files(name, dtype, tmp_path):
    rows, names = DIGITS[:200].astype(dtype), np.array([f"digit {label}" for label in LABELS[:200]])
    model = clone(MODELS[name]).fit(rows, names)
    model.save(tmp_path / "model.safetensors")
    again = sae.load(tmp_path / "model.safetensors")
    uses = ["predict", "predict_proba"] if name in ("softmax", "deep") else ["transform", "reconstruct"]
    for use in uses:
        answer = getattr(model, use)(rows)
        np.testing.assert_array_equal(getattr(again, use)(rows), answer)
        assert getattr(again, use)(rows).dtype == answer.dtype
    assert again.n_iter_ == model.n_iter_
    assert again.stop_reason_ == model.stop_reason_
    assert again.get_params() == model.get_params()
    assert again.loss_curve_ == model.loss_curve_
    if name == "softmax":
        assert again.history_ == model.history_
    else:
        assert again.stages_ == model.stages_
        assert again.stages_["layer 1"].n_iter == len(again.stages_["layer 1"].history) - 1 > 0
    if name == "stack":
        np.testing.assert_array_equal(again.layers_[1].encode(model.encode(rows, 1)), model.encode(rows))
        again.layers_[1].save(tmp_path / "layer.safetensors")
        assert sae.load(tmp_path / "layer.safetensors").loss_curve_ == model.layers_[1].loss_curve_
    if name == "deep":
        assert not hasattr(again, "pretrained_")
        np.testing.assert_array_equal(again.fit(rows, names).predict(rows), model.predict(rows))


def test_a_file_keeps_the_range_of_what_was_pretrained_on(tmp_path):
    model = DeepClassifier((8,), **DEEP).fit(X, y, X_unlabelled=2 * X - 1)
    model.save(tmp_path / "model.safetensors")
    again = sae.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.encoder_.scaling.low == -1


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("stack", {"hidden_dims": (8, 7)}, "its parameters have shapes"),
        ("stack", {"hidden_dims": (8,)}, "2 values; expected one for all layers or 1"),
        ("softmax", {"estimator": "DeepClassifier"}, "expected one that sae train wrote"),
        ("deep", {"hidden_dims": (8, 6, 6)}, "its parameters have shapes"),
    ],
)
def test_a_file_that_does_not_fit_together(name, change, message, tmp_path):
    model = clone(MODELS[name]).fit(X, y)
    words = files.description_of_trained(model, None)
    files.save(tmp_path / "m.safetensors", model, words | {"hyperparameters": words["hyperparameters"] | change})
    with pytest.raises(sae.SaeError, match=message):
        files.load(tmp_path / "m.safetensors")


@pytest.mark.parametrize("name", ["deep", "stack"])
def test_the_commands_for_autoencoders_refuse_the_others(name, tmp_path):
    model = clone(MODELS[name]).fit(X, y)
    model.save(tmp_path / "model.safetensors")
    with pytest.raises(sae.SaeError, match=f"holds a {type(model).__name__}; these commands take an autoencoder"):
        open_model(tmp_path)


@pytest.mark.parametrize("name", MODELS)
def test_pipelines_with_one_at_the_end_come_back(name, tmp_path):
    pipeline = make_pipeline(RangeScaler(each="all"), PCA(20), clone(MODELS[name]).set_params(random_state=0))
    if name != "softmax":
        pipeline[-1].set_params(data_range="auto")
    sae.save(tmp_path / "model.safetensors", pipeline.fit(DIGITS[:200], LABELS[:200]))
    again = sae.load(tmp_path / "model.safetensors")
    use = "predict_proba" if name in ("softmax", "deep") else "transform"
    np.testing.assert_array_equal(getattr(again, use)(DIGITS), getattr(pipeline, use)(DIGITS))
    assert repr(again) == repr(pipeline)


def test_a_detector_around_a_stack_comes_back(tmp_path):
    detector = sae.AnomalyDetector(make_pipeline(RangeScaler(each="all"), clone(MODELS["stack"]))).fit(DIGITS[:200])
    detector.save(tmp_path / "model.safetensors")
    again = sae.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.decision_function(DIGITS), detector.decision_function(DIGITS))


@pytest.mark.parametrize("name", ["softmax", "stack", "deep"])
def test_names_of_features_come_back(name, tmp_path):
    import pandas as pd

    frame = pd.DataFrame(X, columns=[f"pixel {i}" for i in range(64)])
    model = clone(MODELS[name]).fit(frame, y)
    model.save(tmp_path / "model.safetensors")
    again = sae.load(tmp_path / "model.safetensors")
    assert list(again.feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        getattr(again, "predict" if name != "stack" else "transform")(frame[frame.columns[::-1]])


def test_export_takes_the_steps_before_a_stack(tmp_path):
    pipeline = make_pipeline(RangeScaler(each="all"), StackedAutoencoder((8, 6), **LAYERS)).fit(DIGITS[:200])
    pipeline[-1].export_encoder(tmp_path / "encoder.py", pipeline[:-1])
    space = {}
    exec((tmp_path / "encoder.py").read_text(), space)
    np.testing.assert_allclose(space["encode"](DIGITS), pipeline.transform(DIGITS), rtol=1e-12)
