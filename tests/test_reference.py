"""The reference page against four independent witnesses: loops, central difference, complex step, autodiff."""

import math

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae.reference import cost_and_grad


def cost_by_loops(theta, X, n_hidden, lam, rho, beta):
    """J in scalars: one example, one unit at a time."""
    n, m = X.shape
    W1 = [[theta[i * n + j] for j in range(n)] for i in range(n_hidden)]
    W2 = [[theta[n_hidden * n + i * n_hidden + j] for j in range(n_hidden)] for i in range(n)]
    b1 = [theta[2 * n_hidden * n + i] for i in range(n_hidden)]
    b2 = [theta[2 * n_hidden * n + n_hidden + i] for i in range(n)]
    data, sums = 0.0, [0.0] * n_hidden
    for e in range(m):
        a2 = [1 / (1 + math.exp(-sum(W1[i][j] * X[j, e] for j in range(n)) - b1[i])) for i in range(n_hidden)]
        sums = [s + a for s, a in zip(sums, a2, strict=True)]
        for i in range(n):
            a3 = 1 / (1 + math.exp(-sum(W2[i][j] * a2[j] for j in range(n_hidden)) - b2[i]))
            data += 0.5 * (a3 - X[i, e]) ** 2 / m
    decay = sum(w * w for row in W1 + W2 for w in row)
    kl = sum(rho * math.log(rho / (s / m)) + (1 - rho) * math.log((1 - rho) / (1 - s / m)) for s in sums)
    return data + lam / 2 * decay + beta * kl


def cost_by_autograd(theta, X, n_hidden, lam, rho, beta):
    """J in array operations that HIPS autograd differentiates."""
    n, m = X.shape
    s = n_hidden * n
    W1, W2 = anp.reshape(theta[:s], (n_hidden, n)), anp.reshape(theta[s : 2 * s], (n, n_hidden))
    b1, b2 = theta[2 * s : 2 * s + n_hidden], theta[2 * s + n_hidden :]
    a2 = 1 / (1 + anp.exp(-(anp.dot(W1, X) + b1[:, None])))
    a3 = 1 / (1 + anp.exp(-(anp.dot(W2, a2) + b2[:, None])))
    r = anp.mean(a2, axis=1)
    kl = anp.sum(rho * anp.log(rho / r) + (1 - rho) * anp.log((1 - rho) / (1 - r)))
    return anp.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (anp.sum(W1**2) + anp.sum(W2**2)) + beta * kl


def test_cost_equals_loops(problem):
    X, n_hidden, theta = problem
    expected = cost_by_loops(theta, X, n_hidden, **CLASSIC)
    assert cost_and_grad(theta, X, n_hidden, **CLASSIC)[0] == pytest.approx(expected, rel=1e-13)


def test_gradient_equals_autodiff(problem):
    X, n_hidden, theta = problem
    cost, grad = cost_and_grad(theta, X, n_hidden, **CLASSIC)
    assert cost == pytest.approx(cost_by_autograd(theta, X, n_hidden, **CLASSIC), rel=1e-12)
    witness = autograd.grad(cost_by_autograd)(theta, X, n_hidden, **CLASSIC)
    np.testing.assert_allclose(grad, witness, rtol=1e-12, atol=1e-12 * np.abs(witness).max())


@pytest.mark.parametrize(("n", "n_hidden", "m"), [(8, 5, 20), (64, 2, 30), (3, 9, 1)])
def test_gradient_meets_the_thresholds_of_ufldl(n, n_hidden, m, rng):
    X = rng.uniform(0.1, 0.9, (n, m))
    theta = sae.Autoencoder(X, n_hidden, **CLASSIC).init(rng)

    def objective(theta):
        return cost_and_grad(theta, X, n_hidden, **CLASSIC)

    assert sae.check_gradient(objective, theta).relative_error < 1e-9
    assert sae.check_gradient(objective, theta, method="complex").relative_error < 1e-14


def test_taylor_remainder_has_slope_two(problem, rng):
    X, n_hidden, theta = problem
    cost, grad = cost_and_grad(theta, X, n_hidden, **CLASSIC)
    v = rng.standard_normal(theta.size)
    steps = np.array([1e-2, 1e-3])
    remainders = [abs(cost_and_grad(theta + h * v, X, n_hidden, **CLASSIC)[0] - cost - h * (grad @ v)) for h in steps]
    slope = np.log(remainders[0] / remainders[1]) / np.log(steps[0] / steps[1])
    assert 1.9 < slope < 2.1


def test_theta_is_packed_in_c_order(problem):
    X, n_hidden, _ = problem
    n = len(X)
    rng = np.random.default_rng(1)
    W1, W2 = rng.standard_normal((n_hidden, n)), rng.standard_normal((n, n_hidden))
    theta = np.concatenate([W1.ravel(), W2.ravel(), np.zeros(n_hidden + n)])
    grad = cost_and_grad(theta, X, n_hidden, lam=1.0, rho=0.5, beta=0.0)[1]
    undecayed = cost_and_grad(theta, X, n_hidden, lam=0.0, rho=0.5, beta=0.0)[1]
    np.testing.assert_allclose(grad - undecayed, theta, atol=1e-12)  # decay on W1 and W2 only, where they stand


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros(5)}, r"shape \(5,\); expected \(n, m\)"),
        ({"X": np.full((7, 3), 1.5)}, r"values from 1.5 to 1.5; sigmoid output units reach only \[0, 1\]"),
        (
            {"X": np.array([[0.5, np.nan], [np.inf, 0.5]])},
            "1 NaN and 1 infinite values among its 4, the first at row 0",
        ),
        ({"X": np.zeros((7, 3), bool)}, "dtype bool"),
        ({"theta": np.zeros(3)}, r"theta has shape \(3,\); expected \(67,\)"),
        ({"theta": np.zeros(67, object)}, "theta has dtype object"),
        ({"n_hidden": 0}, "n_hidden is 0; expected a whole number of at least 1"),
        ({"n_hidden": 2.5}, "n_hidden is 2.5"),
        ({"rho": 0.0}, "rho is 0.0; expected a finite number strictly between 0 and 1"),
        ({"rho": 1.0}, "rho is 1.0"),
        ({"lam": -1.0}, "lam is -1.0; expected a finite number of 0 or more"),
        ({"beta": np.inf}, "beta is inf"),
    ],
)
def test_bad_input(problem, change, message):
    X, n_hidden, theta = problem
    arguments = {"theta": theta, "X": X, "n_hidden": n_hidden, **CLASSIC, **change}
    with pytest.raises(sae.SaeError, match=message):
        cost_and_grad(**arguments)


@pytest.mark.parametrize("bias", [-1000.0, 1000.0])
def test_saturated_units_are_named(problem, bias):
    X, n_hidden, theta = problem
    theta[2 * 7 * 4 + 2] = bias
    with pytest.raises(sae.SaeError, match=r"1 of 4 hidden units.*unit 2 \([01]\).*smaller weights"):
        cost_and_grad(theta, X, n_hidden, **CLASSIC)
