"""Softmax regression: gradients, the optimum that scikit-learn finds, labels that can't be used, planted bugs."""

import sys
import warnings

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.special import log_softmax, logsumexp
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import sae
from sae import softmax
from tests.planted import check_gradients, with_bug


def problem(m=13, bias=False, page=softmax, k=4, **options):
    """An objective on X (6, m) with k classes, and a theta."""
    rng = np.random.default_rng(1)
    X, y = rng.uniform(-1, 1, (6, m)), rng.integers(0, k, m)
    objective = page.Softmax(X, y, lam=0.1, n_classes=k, bias=bias, **options)
    return objective, rng.normal(0, 1, objective.layout.size)


def cost_by_autograd(theta, objective):
    parts = {name: anp.reshape(theta[s], objective.layout.shapes[name]) for name, s in objective.layout.slices.items()}
    z = anp.dot(parts["W"], objective.X) + anp.reshape(parts.get("b", anp.zeros(objective.n_classes)), (-1, 1))
    p = anp.exp(z) / anp.sum(anp.exp(z), axis=0)
    chosen = p[objective.y, np.arange(objective.m)]
    return -anp.mean(anp.log(chosen)) + objective.lam / 2 * anp.sum(parts["W"] ** 2)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("m", [1, 13])
def test_gradients(m, bias):
    objective, theta = problem(m, bias)
    check_gradients(objective, theta)
    cost, grad = objective(theta)
    assert cost == pytest.approx(cost_by_autograd(theta, objective), rel=1e-14)
    np.testing.assert_allclose(grad, autograd.grad(cost_by_autograd)(theta, objective), rtol=1e-12, atol=1e-15)
    assert sum(objective.costs(theta).values()) == cost
    assert sae.check_gradient(objective, theta).ok


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("threads", [None, 1, 2])
@pytest.mark.parametrize("bias", [False, True])
def test_blocks_and_threads_change_rounding_alone(bias, threads, dtype):
    objective, theta = problem(1301, bias)
    for X in (objective.X, np.asfortranarray(objective.X), np.repeat(objective.X, 2, axis=1)[:, ::2]):
        blocked = softmax.Softmax(
            X, objective.y, lam=0.1, bias=bias, block_size=100, threads=threads, dtype=dtype, n_classes=4
        )
        (cost, grad), (whole, whole_grad) = blocked(theta), objective(theta)
        rtol = 1e-13 if dtype == "float64" else 1e-5
        assert cost == pytest.approx(whole, rel=rtol)
        np.testing.assert_allclose(grad, whole_grad, rtol=rtol, atol=rtol)
        assert grad.dtype == np.float64
        assert (blocked.exact is None) == (dtype == "float64")
    if threads == 2:
        one = softmax.Softmax(X, objective.y, lam=0.1, bias=bias, block_size=100, threads=1, dtype=dtype, n_classes=4)
        np.testing.assert_array_equal(one(theta)[1], grad)


def test_a_batch_is_the_objective_of_these_examples():
    objective, theta = problem()
    columns = np.array([7, 1, 4, 4])
    alone = softmax.Softmax(objective.X[:, columns], objective.y[columns], lam=0.1, n_classes=4)
    (cost, grad), (expected, expected_grad) = objective.batch(columns)(theta), alone(theta)
    assert cost == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(grad, expected_grad, rtol=1e-13)


@pytest.mark.parametrize("scale", [1, 50, 1e6])
def test_large_weights_are_exact(scale):
    rng = np.random.default_rng(0)
    X, y = rng.uniform(0, 1, (784, 50)), rng.integers(0, 10, 50)
    objective = softmax.Softmax(X, y, lam=1e-4, n_classes=10)
    theta = scale * rng.standard_normal(objective.layout.size)
    z = theta.reshape(10, 784) @ X
    expected = (logsumexp(z, axis=0) - z[y, np.arange(50)]).mean()
    assert objective.costs(theta)["log loss"] == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(objective.log_probabilities(theta, X), log_softmax(z, axis=0), rtol=1e-12, atol=1e-12)
    delta = np.exp(log_softmax(z, axis=0)) - np.eye(10)[:, y]
    grad = delta @ X.T / 50 + 1e-4 * theta.reshape(10, 784)
    np.testing.assert_allclose(objective(theta)[1], grad.ravel(), rtol=1e-10, atol=1e-12)
    assert np.isfinite(objective(theta)[1]).all()


def test_what_overflows_is_an_error():
    objective, theta = problem()
    with pytest.raises(sae.SaeError, match="so large that it overflows"):
        objective(1e200 * theta)
    for options in ({}, {"m": 1301, "threads": 2}):
        with pytest.raises(sae.SaeError, match="in float32: the weights are so large"):
            problem(dtype="float32", **options)[0](1e39 * theta)


def minimum(X, y, lam, page=softmax):
    objective = page.Softmax(X, y, lam=lam, bias=True)
    start = objective.init(np.random.default_rng(0))
    return objective, sae.minimize_lbfgs(objective, start, max_iter=3000, ftol=0, gtol=1e-8).theta


def test_the_optimum_is_scikit_learns():
    """C = 1 / (m lambda): theirs is the sum over examples plus 1/(2 C) |W|^2."""
    rows, y = load_digits(return_X_y=True)
    rows, y = rows[:300] / 16, y[:300]
    objective, theta = minimum(rows.T, y, lam=1e-2)
    theirs = LogisticRegression(C=1 / (300 * 1e-2), tol=1e-10, max_iter=10_000).fit(rows, y)
    W, b = objective.layout.unpack(theta)
    np.testing.assert_allclose(W, theirs.coef_, atol=2e-6)
    np.testing.assert_allclose(b - b.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=2e-5)
    np.testing.assert_allclose(objective.probabilities(theta, rows.T).T, theirs.predict_proba(rows), atol=1e-6)
    np.testing.assert_array_equal(objective.predict(theta, rows.T), theirs.predict(rows))


def test_init():
    objective, _ = problem(bias=True, k=50)
    W, b = objective.layout.unpack(objective.init(np.random.default_rng(0)))
    np.testing.assert_array_equal(W.ravel(), 0.005 * np.random.default_rng(0).standard_normal(W.size))
    assert not b.any()
    assert objective(objective.init(np.random.default_rng(0)))[0] == pytest.approx(np.log(50), abs=0.01)


@pytest.mark.parametrize(
    ("y", "n_classes", "message"),
    [
        ([0, 1, 3, 1], None, "labels up to 3, but none is 2"),
        ([1, 2, 3, 2], None, "labels up to 3, but none is 0"),
        ([-1, 0, 1, 1], None, r"labels from -1 to 1; expected 0 to k - 1"),
        ([1, 2, 3, 2], 3, r"labels from 1 to 3; expected 0 to 2. Labels that begin at 1"),
        ([0.0, 1.0, 1.0, 0.0], None, r"dtype float64; expected whole numbers .* y.astype\(int\)"),
        ([0.0, np.nan, 1.0, 0.0], None, "dtype float64"),
        (["a", "b", "a", "b"], None, "return_inverse"),
        ([True, False, True, True], None, "dtype bool"),
        ([0, 0, 0, 0], None, "one class alone, 0"),
        ([2, 2, 2, 2], None, "one class alone, 2"),
        ([0, 1, 0], None, r"shape \(3,\); expected \(4,\)"),
        ([[0, 1, 0, 1]], None, r"shape \(1, 4\); expected \(4,\).*y.ravel\(\)"),
        ([0, 1, 0, 1], 1, "n_classes is 1"),
        ([0, 1, 0, 1], 2.0, "n_classes is 2.0"),
    ],
)
def test_wrong_labels(y, n_classes, message):
    with pytest.raises(sae.SaeError, match=message):
        softmax.Softmax(np.ones((3, 4)), y, lam=0, n_classes=n_classes)


def test_labels_that_are_right():
    assert softmax.Softmax(np.ones((3, 4)), np.array([0, 2, 1, 1], np.uint8), lam=0).n_classes == 3
    assert softmax.Softmax(np.ones((3, 4)), [1, 1, 1, 1], lam=0, n_classes=3).n_classes == 3


def test_other_wrong_input():
    objective, theta = problem()
    for call, message in (
        (lambda: softmax.Softmax(np.ones((3, 2)), [0, 1], lam=-1), "lam is -1"),
        (lambda: softmax.Softmax(np.ones((3, 2)), [0, 1], lam=0, dtype="float16"), "dtype is 'float16'"),
        (lambda: softmax.Softmax(np.full((3, 2), np.nan), [0, 1], lam=0), "NaN"),
        (lambda: objective(theta[1:]), r"theta has shape \(23,\); expected \(24,\): \[W\]"),
        (lambda: objective.predict(theta, np.ones((5, 2))), r"X has shape \(5, 2\); expected \(6, m\)"),
        (lambda: problem(dtype="float32")[0](theta + 1j), "complex"),
    ):
        with pytest.raises(sae.SaeError, match=message):
            call()


BUGS = [
    pytest.param("delta[y, examples] -= 1", "pass", id="no 1{y = j}"),
    pytest.param("sum_W[...] = delta @ X.T", "sum_W[...] = delta @ X.T * y.size", id="no 1/m"),
    pytest.param("sum_W[...] = delta @ X.T", "sum_W[...] = -delta @ X.T", id="sign"),
    pytest.param("parts[name] += self.lam * W", "parts[name] += 2 * self.lam * W", id="decay without its 1/2"),
    pytest.param("e.sum(axis=0)", "e.sum(axis=1)[:, None]", id="sum over examples"),
    pytest.param("return z - c - np.log(total), e / total", "return z - c - np.log(total), e", id="p not normalised"),
    pytest.param("sum_b[...] = delta.sum(axis=1)", "sum_b[...] = delta.mean(axis=1)", id="1/m twice in b"),
]


@pytest.mark.parametrize(("right", "wrong"), BUGS)
def test_planted_bugs_are_caught(right, wrong):
    objective, theta = problem(bias=True, page=with_bug(softmax, right, wrong))
    with pytest.raises(AssertionError):
        check_gradients(objective, theta)


@pytest.mark.parametrize("wrong", ["c = z.real.max(axis=1)[:, None]", "c = 0"])
def test_a_wrong_maximum_is_caught(wrong, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "softmax", with_bug(softmax, "c = z.real.max(axis=0)", wrong))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((AssertionError, sae.SaeError)):
            test_large_weights_are_exact(50)


def test_explain_engine():
    assert problem(threads=2)[0].explain_engine() == (
        "NumPy: nothing between the products is worth a kernel; float64, blocks on 2 threads"
    )
