"""The scikit-learn face: it is scikit-learn's, it is the page's theta, and it says what it can't do."""

import inspect
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import check_dict_unchanged, parametrize_with_checks

import sae
from sae import terms
from sae.estimators import (
    ContractiveAutoencoder,
    DenoisingAutoencoder,
    KSparseAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
    coders,
    equivalents,
    export,
    ranges,
)
from sae.preprocessing import PatchNormalizer

DIGITS = load_digits().data  # 0 to 16
X = DIGITS[:200] / 16
SMALL = {"max_iter": 15, "random_state": 0}
ALL = (
    SparseAutoencoder,
    DenoisingAutoencoder,
    ContractiveAutoencoder,
    KSparseAutoencoder,
    VariationalAutoencoder,
)


# It is scikit-learn's ----------------------------------------------------------------------------------------------


@parametrize_with_checks(
    [
        SparseAutoencoder(),
        *(kind(max_iter=30) for kind in ALL[1:]),
        SparseAutoencoder(solver="adam", max_iter=30),  # has partial_fit
        SparseAutoencoder(output_activation="identity", penalty=None, max_iter=30),
        VariationalAutoencoder(likelihood="gaussian", solver="adam", max_iter=30),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


class Writes(SparseAutoencoder):
    """Planted: `transform` leaves something behind."""

    def transform(self, X):
        self.last_ = super().transform(X)
        return self.last_


def test_the_checks_catch_a_planted_fault():
    check_dict_unchanged("SparseAutoencoder", SparseAutoencoder())
    with pytest.raises(AssertionError, match="changes __dict__"):
        check_dict_unchanged("Writes", Writes())


def test_the_signature():
    parameters = inspect.signature(SparseAutoencoder).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    asked = {
        "hidden_dim": 25,
        "input_dim": None,
        "sparsity_param": 0.01,
        "beta": 3.0,
        "weight_decay": 1e-4,
        "penalty": "kl",
        "hidden_activation": "sigmoid",
        "output_activation": "sigmoid",
        "loss": "mse",
        "solver": "lbfgs",
        "learning_rate": 0.01,
        "max_iter": 400,
        "batch_size": 256,
        "shuffle": True,
        "validation_fraction": 0.0,
        "early_stopping": False,
        "n_iter_no_change": 10,
        "tol": 1e-9,
        "warm_start": False,
        "random_state": None,
        "verbose": 0,
        "callback": None,
    }
    assert defaults == asked | {"data_range": "auto", "schedule": "constant", "clip_norm": None}
    assert [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD] == ["hidden_dim"]


@pytest.mark.parametrize("kind", ALL)
def test_in_a_pipeline_and_a_search(kind):
    pipeline = make_pipeline(MinMaxScaler(), kind(4, max_iter=3, random_state=0))
    name = pipeline.steps[-1][0]
    search = GridSearchCV(pipeline, {f"{name}__hidden_dim": [6, 8]}, cv=2).fit(DIGITS[:60])
    assert search.best_params_[f"{name}__hidden_dim"] in (6, 8)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.transform(DIGITS[:5]).shape[0] == 5


def test_a_search_prefers_what_reconstructs_better():
    search = GridSearchCV(SparseAutoencoder(penalty=None, max_iter=60, random_state=0), {"hidden_dim": [1, 20]}, cv=2)
    assert search.fit(X).best_params_ == {"hidden_dim": 20}


@pytest.mark.parametrize("kind", ALL)
def test_clone_pickle_pandas_and_names(kind):
    estimator = kind(6, **SMALL).fit(X)
    again = clone(estimator).fit(X)
    np.testing.assert_array_equal(again.transform(X), estimator.transform(X))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(estimator)).transform(X), estimator.transform(X))
    frame = estimator.set_output(transform="pandas").transform(X)
    assert list(frame.columns) == list(estimator.get_feature_names_out())
    assert frame.columns[0] == f"{kind.__name__.lower()}0"
    np.testing.assert_array_equal(frame.to_numpy(), estimator.encode(X))


def test_names_of_features():
    import pandas as pd

    frame = pd.DataFrame(X[:, 20:24], columns=list("abcd"))
    estimator = SparseAutoencoder(2, input_dim=4, **SMALL).fit(frame)
    assert list(estimator.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        estimator.transform(frame[list("dcba")])


def fit_one(seed):
    return SparseAutoencoder(4, max_iter=5, random_state=seed).fit(X)


def test_other_processes_fit_the_same():
    estimators = joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(fit_one)(seed) for seed in (0, 1))
    for seed, estimator in enumerate(estimators):
        np.testing.assert_allclose(estimator.W1_, fit_one(seed).W1_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
@pytest.mark.parametrize("kind", ALL)
def test_float32_stays_float32(kind, solver):
    estimator = kind(6, solver=solver, **SMALL).fit((DIGITS[:100]).astype(np.float32))
    H = estimator.transform(DIGITS[:100].astype(np.float32))
    arrays = [H, estimator.inverse_transform(H), estimator.reconstruct(DIGITS[:100].astype(np.float32))]
    arrays += [value for name, value in vars(estimator).items() if name[0] in "Wb" and name.endswith("_")]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    double = clone(estimator).fit(DIGITS[:100])
    assert double.transform(DIGITS[:100]).dtype == np.float64
    assert double.score(DIGITS[:100]) == pytest.approx(estimator.score(DIGITS[:100].astype(np.float32)), rel=0.1)


# It is the page's theta --------------------------------------------------------------------------------------------


def assert_is_the_page(kind, X):
    """Compare with the objective and the minimiser, used by hand."""
    estimator = kind(9, sparsity_param=0.1, beta=1.0, weight_decay=1e-3, max_iter=20, random_state=3).fit(X)
    objective = sae.Autoencoder(X.T, 9, lam=1e-3, rho=0.1, beta=1.0)
    result = sae.minimize_lbfgs(objective, objective.init(np.random.default_rng(3)), max_iter=20, ftol=1e-9)
    W1, W2, b1, b2 = objective.layout.unpack(result.theta)
    for name, expected in {"W1_": W1, "W2_": W2, "b1_": b1, "b2_": b2}.items():
        np.testing.assert_allclose(getattr(estimator, name), expected, rtol=1e-8, atol=1e-10)
    a2 = sae.sigmoid(W1 @ X.T + b1[:, None])
    np.testing.assert_allclose(estimator.transform(X), a2.T, rtol=1e-8)
    np.testing.assert_allclose(estimator.rho_hat_, a2.mean(axis=1), rtol=1e-8)
    a3 = sae.sigmoid(W2 @ a2 + b2[:, None])
    np.testing.assert_allclose(estimator.score_samples(X), -((a3 - X.T) ** 2).mean(axis=0), rtol=1e-7)
    assert estimator.score(X) == pytest.approx(-np.mean((a3 - X.T) ** 2), rel=1e-8)
    np.testing.assert_allclose(estimator.loss_curve_, [record["cost"] for record in result.history], rtol=1e-9)
    assert estimator.n_iter_ == 20
    assert "limit" in estimator.stop_reason_


class Transposed(SparseAutoencoder):
    """Planted: examples and features change places, which no shape shows if there are as many."""

    def _autoencoder(self, x, rng, penalties):
        return super()._autoencoder(x.T, rng, penalties)


class Stale(SparseAutoencoder):
    """Planted: the encoder of the first fit stays."""

    def fit(self, X, y=None):
        before = getattr(self, "encoder_", None)
        super().fit(X)
        self.encoder_ = before or self.encoder_
        return self


def test_the_face_is_the_page():
    assert_is_the_page(SparseAutoencoder, X)
    assert_is_the_page(SparseAutoencoder, X[:64])


def test_planted_transposition_is_caught():
    with pytest.raises(AssertionError):
        assert_is_the_page(Transposed, X[:64])


def test_rows_are_used_where_they_lie(monkeypatch):
    seen = []
    init = sae.Autoencoder.__init__
    monkeypatch.setattr(
        sae.Autoencoder, "__init__", lambda self, x, *a, **k: (seen.append(x), init(self, x, *a, **k))[0]
    )
    SparseAutoencoder(3, **SMALL).fit(X)
    assert np.shares_memory(seen[0], X)
    assert seen[0].shape == (64, 200)


def test_penalties():
    def of(**settings):
        return [type(term) for term in SparseAutoencoder(3, **settings)._objective(X, np.random.default_rng(0)).terms]

    assert of() == [terms.SquaredError, terms.WeightDecay, terms.KLSparsity]
    assert of(penalty="l1", beta=0.1) == [terms.SquaredError, terms.WeightDecay, terms.L1]
    assert of(penalty=None, loss="bce") == [terms.CrossEntropy, terms.WeightDecay]
    assert of(beta=0) == [terms.SquaredError, terms.WeightDecay]


def test_encoder_and_decoder_stand_alone():
    estimator = SparseAutoencoder(5, **SMALL).fit(DIGITS[:100])
    H = estimator.encoder_.encode(DIGITS[:7])
    np.testing.assert_array_equal(H, estimator.transform(DIGITS[:7]))
    np.testing.assert_array_equal(estimator.decoder_.decode(H), estimator.reconstruct(DIGITS[:7]))
    np.testing.assert_array_equal(estimator.decode(H), estimator.inverse_transform(H))
    assert estimator.reconstruct(DIGITS[:7]).max() > 1  # in the units of the data
    with pytest.raises(sae.SaeError, match=r"H has shape \(7, 64\); expected \(m, 5\)"):
        estimator.decoder_.decode(DIGITS[:7])
    with pytest.raises(sae.SaeError, match=r"expected \(m, 64\), examples as rows: one is x\[None, :\]"):
        estimator.encoder_.encode(DIGITS[0])


# The range of the data ---------------------------------------------------------------------------------------------


def test_data_within_the_range_stay_as_they_are():
    patches = 0.1 + 0.8 * X
    a, b = (SparseAutoencoder(5, data_range=r, **SMALL).fit(patches) for r in ("auto", None))
    np.testing.assert_array_equal(a.W1_, b.W1_)
    assert a.encoder_.scaling.forward(patches) is patches


def test_other_data_are_mapped_and_mapped_back():
    unit, raw, declared = (
        SparseAutoencoder(5, data_range=r, **SMALL).fit(data)
        for r, data in ((None, X), ("auto", DIGITS[:200]), ((0, 16), DIGITS[:200]))
    )
    for other in (raw, declared):
        np.testing.assert_array_equal(other.W1_, unit.W1_)
        np.testing.assert_array_equal(other.transform(DIGITS[:9]), unit.transform(DIGITS[:9] / 16))
        np.testing.assert_allclose(other.reconstruct(DIGITS[:9]), 16 * unit.reconstruct(DIGITS[:9] / 16), rtol=1e-14)
        assert other.score(DIGITS[:200]) == pytest.approx(256 * unit.score(X))


@pytest.mark.parametrize("kind", ALL)
def test_none_refuses_what_the_decoder_can_not_reach(kind):
    with pytest.raises(sae.SaeError, match=r"X has values from 0 to 16; sigmoid output units reach only \[0, 1\]"):
        kind(5, data_range=None, **SMALL).fit(DIGITS[:20])
    with pytest.raises(ValueError, match="data_range='auto'"):
        kind(5, data_range=None, **SMALL).fit(-X)


def test_a_declared_range_is_kept():
    with pytest.raises(sae.SaeError, match=r"values from 0 to 16; the range of the data is \[0, 8\]"):
        SparseAutoencoder(5, data_range=(0, 8)).fit(DIGITS[:20])
    for bad, message in (
        ((1, 1), "low < high"),
        ((0,), "expected 'auto'"),
        ((0, np.inf), "inf"),
        ("max", "data_range is 'max'"),
    ):
        with pytest.raises(sae.SaeError, match=message):
            SparseAutoencoder(5, data_range=bad).fit(X)
    tenth = np.full((3, 2), 0.1, np.float32)  # above the double 0.1
    assert ranges.scaling(tenth, (0, 0.1), (0.0, 1.0), "sigmoid").forward(tenth).max() == 1
    with pytest.raises(sae.SaeError, match="overflows float32"):
        SparseAutoencoder(5).fit(np.array([[-3e38, 3e38]], np.float32))


numbers = st.floats(-(2.0**100), 2.0**100, width=32)


@given(st.lists(numbers, min_size=1), st.sampled_from([np.float32, np.float64]), st.sampled_from(["sigmoid", "tanh"]))
def test_no_rounding_leads_out_of_the_range(values, dtype, unit):
    data = np.array([values], dtype)
    scaling = ranges.scaling(data, "auto", getattr(sae, unit).range, unit)
    x = scaling.forward(data)
    assert x.dtype == dtype
    assert scaling.a <= x.min() <= x.max() <= scaling.b
    error = np.abs(scaling.back(x) - data).max()
    assert error <= 8 * np.finfo(dtype).eps * max(1, np.abs(data).max())


def test_linear_and_one_sided_decoders():
    table = StandardScaler().fit_transform(DIGITS[:100, 20:30]) * 5
    linear = SparseAutoencoder(4, output_activation="identity", penalty="l1", beta=0.01, **SMALL).fit(table)
    assert linear.encoder_.scaling.forward(table) is table
    rectified = SparseAutoencoder(4, output_activation="relu", penalty=None, **SMALL).fit(table)
    low = table.min()
    np.testing.assert_allclose(rectified.encoder_.scaling.forward(table), table - low)
    assert rectified.reconstruct(table).min() >= low


# Training ----------------------------------------------------------------------------------------------------------


def test_warm_start_goes_on():
    estimator = SparseAutoencoder(5, max_iter=10, warm_start=True, random_state=0).fit(X)
    ended, W1 = estimator.loss_curve_[-1], estimator.W1_
    estimator.fit(X)
    assert estimator.loss_curve_[0] == pytest.approx(ended, rel=1e-12)
    assert estimator.loss_curve_[-1] < ended
    np.testing.assert_allclose(estimator.transform(X), sae.sigmoid(X @ estimator.W1_.T + estimator.b1_))
    fresh = estimator.set_params(warm_start=False).fit(X)
    np.testing.assert_array_equal(fresh.W1_, W1)


def test_a_stale_warm_start_is_caught():
    estimator = Stale(5, max_iter=10, warm_start=True, random_state=0).fit(X).fit(X)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(estimator.transform(X), sae.sigmoid(X @ estimator.W1_.T + estimator.b1_))
    warm = SparseAutoencoder(5, warm_start=True, **SMALL).fit(X)
    for change, data in (({"hidden_dim": 6}, X), ({"hidden_dim": 5}, X[:, :30])):
        with pytest.raises(sae.SaeError, match="set warm_start=False to start anew"):
            warm.set_params(**change).fit(data)


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
def test_early_stopping_restores_the_best(solver):
    few = X[:40]
    settings = {"validation_fraction": 0.5, "penalty": None, "weight_decay": 0.0, "solver": solver, "random_state": 0}
    settings |= {"learning_rate": 2.0 if solver == "sgd" else 0.1}
    full = SparseAutoencoder(25, max_iter=300, batch_size=10, **settings).fit(few)
    best = int(np.argmin(full.validation_curve_))
    assert len(full.validation_curve_) == len(full.loss_curve_)
    assert best < len(full.validation_curve_) - 20  # the held-out loss does rise again
    early = SparseAutoencoder(25, max_iter=300, batch_size=10, early_stopping=True, **settings).fit(few)
    assert early.stop_reason_ == "stopped early: no lower loss on the held-out examples for 10 iterations"
    assert early.n_iter_ < full.n_iter_
    curve = early.validation_curve_
    assert len(curve) - 1 - int(np.argmin(curve)) == 10

    order = np.random.default_rng(0).spawn(3)[2].permutation(40)
    held_out = few[np.sort(order[:20])]
    L = ((early.reconstruct(held_out) - held_out) ** 2).sum(axis=1).mean() / 2
    assert pytest.approx(min(curve), rel=1e-9) == L
    last = ((full.reconstruct(held_out) - held_out) ** 2).sum(axis=1).mean() / 2
    assert pytest.approx(full.validation_curve_[-1], rel=1e-9) == last > L


@pytest.mark.parametrize(("solver", "dtype"), [("adam", np.float64), ("adam", np.float32), ("sgd", np.float64)])
def test_partial_fit_is_fit(solver, dtype):
    """Three calls with all examples as one batch are three epochs: the rule's memory and t live on."""
    settings = {"solver": solver, "batch_size": 200, "random_state": 4, "learning_rate": 0.05}
    X = DIGITS[:200].astype(dtype) / 16
    stream = SparseAutoencoder(5, **settings)
    whole = SparseAutoencoder(5, max_iter=3, **settings).fit(X)
    for _ in range(3):
        stream.partial_fit(X)
    exact = dtype == np.float64  # partial_fit rounds W1 to float32 between the steps
    np.testing.assert_allclose(stream.W1_, whole.W1_, rtol=1e-6 if exact else 1e-3, atol=1e-9 if exact else 1e-5)
    np.testing.assert_allclose(stream.loss_curve_, whole.loss_curve_, rtol=1e-7 if exact else 1e-5)
    assert stream._stream.t == 3
    assert stream.n_iter_ == 3
    forgetful = SparseAutoencoder(5, **settings)
    for _ in range(3):
        forgetful.partial_fit(X)
        forgetful._stream = None  # planted
    assert not np.allclose(forgetful.W1_, whole.W1_, rtol=1e-3)
    again = {"adam": "sgd", "sgd": "adam"}[solver]
    assert stream.set_params(solver=again).partial_fit(X)._stream.t == 1  # another rule has another memory


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, sae.SaeError])
def test_a_partial_fit_that_fails_leaves_no_trace(solver, fault, monkeypatch):
    settings = {"solver": solver, "batch_size": 50, "random_state": 4, "shuffle": False}
    stream, smooth = (SparseAutoencoder(5, **settings).partial_fit(X) for _ in range(2))
    W1, batch, calls = stream.W1_, sae.Autoencoder.batch, []

    def fails_later(self, columns):
        calls.append(columns)
        if len(calls) == 3:
            raise fault("planted")
        return batch(self, columns)

    with monkeypatch.context() as patch:
        patch.setattr(sae.Autoencoder, "batch", fails_later)
        with pytest.raises(fault, match="planted"):
            stream.partial_fit(X)
    np.testing.assert_array_equal(stream.W1_, W1)
    np.testing.assert_array_equal(stream.partial_fit(X).W1_, smooth.partial_fit(X).W1_)


def test_partial_fit_of_a_stream():
    assert not hasattr(SparseAutoencoder(), "partial_fit")
    with pytest.raises(AttributeError, match="partial_fit"):
        SparseAutoencoder().partial_fit(X)
    stream = SparseAutoencoder(10, solver="adam", data_range=(0, 16), penalty=None, random_state=0, batch_size=50)
    scores = [stream.partial_fit(DIGITS[i : i + 100]).score(DIGITS) for i in range(0, 1500, 100)]
    assert scores[-1] > 0.8 * scores[0] > scores[0]
    again = SparseAutoencoder(10, solver="adam").partial_fit(DIGITS[:50] / 2)
    with pytest.raises(sae.SaeError, match=r"as in the first batch. Say what the range is: data_range=\(low, high\)"):
        again.partial_fit(DIGITS[:50])


def test_shuffle_and_seeds():
    a, b, c = (
        SparseAutoencoder(5, solver="adam", max_iter=3, batch_size=20, random_state=0, shuffle=s).fit(X).W1_
        for s in (True, True, False)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)
    order = sae.Autoencoder(X.T, 5, lam=1e-4, rho=0.01, beta=3.0)
    theta = order.init(np.random.default_rng(0))
    m, v = np.zeros((2, theta.size))
    for t in range(30):
        part = slice(20 * (t % 10), 20 * (t % 10) + 20)
        g = sae.reference.cost_and_grad(theta, X[part].T, 5, 1e-4, 0.01, 3.0)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta -= 0.01 * (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
    np.testing.assert_allclose(c, order.weights(theta)[0], rtol=1e-7, atol=1e-9)
    state = np.random.RandomState(0)
    assert not np.allclose(
        SparseAutoencoder(5, max_iter=2, random_state=state).fit(X).W1_,
        SparseAutoencoder(5, max_iter=2, random_state=state).fit(X).W1_,
    )


def test_callback_interrupt_and_verbose(capsys):
    records = []

    def callback(record):
        records.append(record)
        if record["iteration"] == 4:
            raise KeyboardInterrupt

    estimator = SparseAutoencoder(5, callback=callback, validation_fraction=0.2, random_state=0).fit(X)
    assert estimator.n_iter_ == 4
    assert "interrupted after 4 iterations" in estimator.stop_reason_
    assert records[-1]["validation"] == estimator.validation_curve_[-1]
    assert set(estimator.history_[0]) >= {"iteration", "cost", "squared error", "weight decay", "KL sparsity"}
    assert capsys.readouterr().out == ""
    assert np.isfinite(estimator.transform(X)).all()


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_callback_gets_theta_and_may_stop(solver, early_stopping):
    states = []

    def callback(state):
        states.append(state)
        if state["iteration"] == 3:
            raise StopIteration

    settings = {"early_stopping": early_stopping, "validation_fraction": 0.2, "random_state": 0}
    estimator = SparseAutoencoder(5, solver=solver, callback=callback, **settings).fit(X)
    assert estimator.n_iter_ == 3
    assert estimator.stop_reason_.startswith("stopped by the callback after 3 ")
    assert len(states) == len(estimator.loss_curve_) == len(estimator.validation_curve_)
    kept = states[np.argmin(estimator.validation_curve_)] if early_stopping else states[-1]
    np.testing.assert_array_equal(kept.theta[: 5 * 64], estimator.W1_.ravel())
    assert [state["validation"] for state in states] == estimator.validation_curve_


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
def test_verbose(solver, capsys, monkeypatch):
    monkeypatch.setattr("sae.progress.SECONDS", 0.0)
    SparseAutoencoder(5, verbose=1, max_iter=5, solver=solver, validation_fraction=0.1).fit(X)
    out = capsys.readouterr().out
    assert "iteration 5/5: J " in out
    assert "validation" in out


@pytest.mark.parametrize("shuffle", [True, False])
def test_sgd_is_the_page(shuffle):
    estimator = SparseAutoencoder(5, solver="sgd", shuffle=shuffle, batch_size=50, **SMALL).fit(X)
    objective = sae.Autoencoder(X.T, 5, lam=1e-4, rho=0.01, beta=3.0)
    rng = np.random.default_rng(0)
    order, theta = rng.spawn(3)[1], objective.init(rng)
    v = np.zeros_like(theta)
    for _ in range(15):
        examples = order.permutation(200) if shuffle else np.arange(200)
        for part in examples.reshape(4, 50):
            v = 0.9 * v - 0.01 * sae.reference.cost_and_grad(theta, X[part].T, 5, 1e-4, 0.01, 3.0)[1]
            theta = theta + v
    np.testing.assert_allclose(estimator.W1_, objective.weights(theta)[0], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_dim": 0}, "hidden_dim is 0"),
        ({"hidden_dim": 2.5}, "hidden_dim is 2.5"),
        ({"input_dim": 63}, "X has 64 features, and input_dim is 63"),
        ({"input_dim": -1}, "input_dim is -1"),
        ({"sparsity_param": 1.0}, "sparsity_param is 1.0"),
        ({"beta": -1}, "beta is -1"),
        ({"weight_decay": np.nan}, "weight_decay is nan"),
        ({"penalty": "l2"}, "penalty is 'l2'; expected one of kl, l1"),
        ({"hidden_activation": "swish"}, "hidden_activation is 'swish'"),
        ({"hidden_activation": "relu"}, "KL sparsity does not go with f=relu"),
        ({"output_activation": "exp"}, "output_activation is 'exp'"),
        ({"output_activation": "identity", "loss": "bce"}, "cross-entropy does not go with"),
        ({"loss": "mae"}, "loss is 'mae'"),
        ({"solver": "newton"}, "solver is 'newton'"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"validation_fraction": 1.0}, "validation_fraction is 1.0"),
        ({"validation_fraction": 0.999}, "leaves none to train on"),
        ({"early_stopping": True}, "validation_fraction is 0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change is 0"),
        ({"tol": -1}, "tol is -1"),
    ],
)
def test_bad_parameters(settings, message):
    with pytest.raises(sae.SaeError, match=message):
        SparseAutoencoder(**settings).fit(X)


# The siblings ------------------------------------------------------------------------------------------------------


def test_denoising_holds_its_noise_and_takes_noise_away():
    for kind, level in (("masking", 0.3), ("gaussian", 0.2), ("salt_and_pepper", 0.3)):
        estimator = DenoisingAutoencoder(5, corruption=kind, corruption_level=level)
        one, two = (estimator._objective(X, np.random.default_rng(1)).X for _ in range(2))
        np.testing.assert_array_equal(one, two)
        assert not np.allclose(one, X.T)
    rng = np.random.default_rng(0)
    train, test = DIGITS[:1000] / 16, DIGITS[1000:1300] / 16
    noisy = np.where(rng.random(test.shape) < 0.3, 0, test)
    settings = {"hidden_dim": 60, "max_iter": 100, "random_state": 0}
    denoising, plain = (
        DenoisingAutoencoder(**settings).fit(train),
        SparseAutoencoder(penalty=None, **settings).fit(train),
    )
    errors = [((model.reconstruct(noisy) - test) ** 2).mean() for model in (denoising, plain)]
    assert errors[0] < 0.8 * errors[1]
    assert errors[0] < 0.7 * ((noisy - test) ** 2).mean()
    with pytest.raises(sae.SaeError, match="corruption is 'blur'"):
        DenoisingAutoencoder(corruption="blur").fit(X)
    with pytest.raises(sae.SaeError, match=r"corruption_level is 1\.5"):
        DenoisingAutoencoder(corruption_level=1.5).fit(X)


def test_contractive_contracts():
    def jacobian(model):
        a = model.transform(X)
        return (((a * (1 - a)) ** 2) @ (model.W1_**2).sum(axis=1)).mean()

    norms = [jacobian(ContractiveAutoencoder(8, contraction=c, max_iter=40, random_state=0).fit(X)) for c in (0.0, 0.3)]
    assert norms[1] < 0.5 * norms[0]


def test_k_sparse_keeps_k():
    estimator = KSparseAutoencoder(20, k=3, **SMALL).fit(X)
    assert ((estimator.transform(X) != 0).sum(axis=1) == 3).all()
    with pytest.raises(sae.SaeError, match="topk keeps k = 21 units, but there are 20"):
        KSparseAutoencoder(20, k=21).fit(X)


def test_variational_samples():
    estimator = VariationalAutoencoder(20, latent_dim=2, max_iter=60, random_state=0).fit(DIGITS[:300])
    objective = sae.VariationalAutoencoder(DIGITS[:300].T / 16, 20, 2, rng=np.random.default_rng(0).spawn(3)[0])
    theta = objective.layout.pack(**{name: getattr(estimator, f"{name}_") for name in objective.layout.names})
    np.testing.assert_allclose(estimator.transform(DIGITS[:9]), objective.encode(theta, DIGITS[:9].T / 16)[0].T)
    np.testing.assert_allclose(
        estimator.reconstruct(DIGITS[:9]), 16 * objective.reconstruct(theta, DIGITS[:9].T / 16).T
    )
    assert estimator.loss_curve_[-1] == pytest.approx(objective(theta)[0])
    samples = estimator.sample(50, random_state=1)
    np.testing.assert_allclose(samples, 16 * objective.sample(theta, 50, np.random.default_rng(1)).T)
    assert samples.shape == (50, 64)
    assert estimator.transform(DIGITS[:9]).shape == (9, 2)
    assert not np.allclose(estimator.sample(), estimator.sample())


def test_variational_settings_and_batches():
    def objective(**settings):
        return VariationalAutoencoder(6, **settings)._objective(X, np.random.default_rng(0))

    one, four = objective(), objective(beta=4.0)
    theta = one.init(np.random.default_rng(1))
    assert four.costs(theta)["KL divergence"] == pytest.approx(4 * one.costs(theta)["KL divergence"])
    assert objective(likelihood="gaussian", sigma=0.5).likelihood.sigma == 0.5
    first, second = (one.batch(np.array([5, 3, 8])) for _ in range(2))
    np.testing.assert_array_equal(first.X, X.T[:, [5, 3, 8]])
    assert first.eps.shape == (2, 3)
    assert not np.allclose(first.eps, second.eps)  # a draw for each batch
    with pytest.raises(sae.SaeError, match="likelihood is 'poisson'"):
        VariationalAutoencoder(6, likelihood="poisson").fit(X)


def test_stacking_is_a_pipeline():
    stack = make_pipeline(SparseAutoencoder(20, **SMALL), SparseAutoencoder(8, **SMALL)).fit(X)
    assert stack.transform(X).shape == (200, 8)
    assert stack.inverse_transform(stack.transform(X)).shape == X.shape


def test_behind_preprocessing_with_an_inverse():
    """Of patches that no pixel of was clipped, all comes back but the mean, with the autoencoder's error."""
    plain = SparseAutoencoder(20, penalty=None, data_range=None, max_iter=60, random_state=0)
    pipeline = make_pipeline(PatchNormalizer(clip=2.0), plain).fit(DIGITS)
    normalizer, autoencoder = (step for _, step in pipeline.steps)
    y = normalizer.transform(DIGITS)
    whole = ((y > 0.1) & (y < 0.9)).all(axis=1)
    assert 1700 < whole.sum() < len(DIGITS)  # some are clipped, and left out here
    some, mu = DIGITS[whole], DIGITS[whole].mean(axis=1)
    back = pipeline.inverse_transform(pipeline.transform(some))
    unit = 2 * 2.0 * normalizer.sigma_ / 0.8  # of y, in those of the patches
    np.testing.assert_allclose(
        ((back - (some - mu[:, None])) ** 2).mean(axis=1), -(unit**2) * autoencoder.score_samples(y[whole]), rtol=1e-9
    )
    with_means = normalizer.inverse_transform(autoencoder.reconstruct(y[whole]), means=normalizer.means(some))
    np.testing.assert_allclose(with_means, back + mu[:, None], rtol=1e-12, atol=1e-12)
    assert ((with_means - some) ** 2).mean() < 0.5 * ((mu[:, None] - some) ** 2).mean()
    search = GridSearchCV(pipeline, {"patchnormalizer__clip": [2.0, 3.0]}, cv=2).fit(DIGITS[:100])
    assert search.best_params_["patchnormalizer__clip"] in (2.0, 3.0)
    single = clone(pipeline).fit(DIGITS[:100].astype(np.float32))
    assert single.inverse_transform(single.transform(DIGITS[:9].astype(np.float32))).dtype == np.float32


# Export ------------------------------------------------------------------------------------------------------------

EXPORTED = [
    SparseAutoencoder(5, **SMALL),
    KSparseAutoencoder(9, **SMALL),
    VariationalAutoencoder(6, **SMALL),
    *(
        SparseAutoencoder(4, penalty=None, hidden_activation=name, max_iter=3, random_state=0)
        for name in coders.NAMES[1:]
    ),
]


def test_exported_encoders_in_a_fresh_process(tmp_path):
    """The process may import nothing but NumPy and the standard library, and sees the files alone."""
    data = np.vstack([DIGITS[:50], 1e5 * np.eye(64)])
    np.save(tmp_path / "X.npy", data)
    for i, estimator in enumerate(EXPORTED):
        estimator.fit(DIGITS[:100]).export_encoder(tmp_path / f"encoder_{i}.py")
    code = (
        "import sys, numpy as np, runpy, warnings\n"
        "warnings.simplefilter('error')\n"
        "X = np.load('X.npy')\n"
        f"for i in range({len(EXPORTED)}):\n"
        "    np.save(f'H{i}.npy', runpy.run_path(f'encoder_{i}.py')['encode'](X))\n"
        "print([name for name in ('sae', 'scipy', 'numba', 'sklearn') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    for i, estimator in enumerate(EXPORTED):
        H, expected = np.load(tmp_path / f"H{i}.npy"), estimator.transform(data)
        assert np.abs(H - expected).max() <= 1e-12 * max(1, np.abs(expected).max())


def test_exports_are_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "encoder.py"
    estimator = SparseAutoencoder(5, **SMALL).fit(X)
    estimator.export_encoder(path)
    before = path.read_text()
    estimator.fit(X[:50])
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", lambda *a: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(sae.SaeError, match=r"can't write .* \(No space left on device\)"):
            estimator.export_encoder(path)
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["encoder.py"]
    with pytest.raises(sae.SaeError, match=r"can't write .*no/where\.py"):
        estimator.export_encoder(tmp_path / "no" / "where.py")
    scope = {}
    exec(before, scope)
    for bad in (X[0], X[:, :3], np.full((1, 64), np.nan)):
        with pytest.raises(ValueError, match="X has"):
            scope["encode"](bad)
    with pytest.raises(ValueError, match="not fitted"):
        SparseAutoencoder().export_encoder(path)


def test_every_activation_has_its_line():
    z = np.random.default_rng(0).normal(0, 3, (6, 40))
    assert set(export.SOURCE) == set(coders.NAMES)
    for name in [*coders.NAMES, "topk(2)"]:
        a = eval(export._source(name), {"np": np, "z": z})
        np.testing.assert_allclose(a, coders.activation(name)(z), rtol=1e-13, atol=1e-15)


# The table ---------------------------------------------------------------------------------------------------------


def test_the_table_names_what_exists(tmp_path, monkeypatch):
    from sae.estimators.equivalents import EQUIVALENTS, SYMBOLS

    monkeypatch.chdir(tmp_path)
    ae = SparseAutoencoder(4, **SMALL).fit(X)
    scope = {"sae": sae, "ae": ae, "X": X, "H": ae.transform(X)}
    monkeypatch.setattr(sae, "StackedAutoencoder", lambda dims: StackedAutoencoder(dims, max_iter=2), raising=False)
    scope["SparseAutoencoder"] = lambda hidden: SparseAutoencoder(hidden, **SMALL)
    done = 0
    for row in EQUIVALENTS:
        if row.here.startswith(("ae.", "-ae.", "sae.", "SparseAutoencoder")):
            eval(row.here.split(", mean")[0], scope)
            done += 1
        else:
            names = re.findall(r"(?:^|, )([a-z_]+)", row.here)
            assert names
            assert set(names) <= set(ae.get_params()), row
    assert done == 11
    objective, arguments = ae._objective(X, np.random.default_rng(0)), inspect.signature(sae.Autoencoder).parameters
    for row in SYMBOLS:
        name = row.objective.split("(")[0]
        assert hasattr(objective, name) or name in arguments, row
        names = re.findall(r"\b[a-zA-Z]\w+", row.estimator.replace("X.T", ""))
        assert all(hasattr(ae, name) for name in names), row
    lines = equivalents().splitlines()
    assert {line.count("|") for line in lines if line} == {4, 5}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ae.safetensors", "encoder.py"]


@dataclass(eq=False, repr=False, kw_only=True)
class Scaled(SparseAutoencoder):
    """A sibling of a user's own is a few lines."""

    factor: float = 2.0

    def _penalties(self):
        return [terms.L1(self.factor)]


def test_a_sibling_of_ones_own():
    estimator = Scaled(4, factor=0.5, **SMALL).fit(X)
    assert "L1" in estimator.history_[0]
    assert clone(estimator).factor == 0.5
