"""The checker: right gradients pass, every planted bug fails."""

import numpy as np
import pytest
from conftest import CLASSIC
from scipy.special import expit

import sae
from sae.gradient_check import relative_error


def quadratic(x):
    """UFLDL's example."""
    return x[0] ** 2 + 3 * x[0] * x[1], np.array([2 * x[0] + 3 * x[1], 3 * x[0]])


def student(theta, X, n_hidden, lam, rho, beta, bug=None):
    """The classic objective with room for a mistake."""
    n, m = X.shape
    W1, W2, b1, b2 = sae.Layout.autoencoder(n, n_hidden).unpack(theta)
    a2 = sae.sigmoid(W1 @ X + b1[:, None])
    a3 = sae.sigmoid(W2 @ a2 + b2[:, None])
    rho_hat = a2[:, :1].mean(axis=1) if bug == "rho_hat of one example in the gradient" else a2.mean(axis=1)
    sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))[:, None]
    rho_hat = a2.mean(axis=1)
    kl = (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
    cost = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl
    delta3 = (a3 - X) * a3 * (1 - a3)
    delta2 = (W2.T @ delta3 + sparsity) * a2 * (1 - a2)
    if bug == "sparsity outside f'(z)":
        delta2 = (W2.T @ delta3) * a2 * (1 - a2) + sparsity
    grads = {
        "W1": delta2 @ X.T / (1 if bug == "missing 1/m in W1" else m) + lam * W1,
        "W2": delta3 @ a2.T / (1 if bug == "missing 1/m in W2" else m) + lam * W2,
        "b1": delta2.mean(axis=1) + (lam * b1 if bug == "decay on biases" else 0),
        "b2": delta3.mean(axis=1) + (lam * b2 if bug == "decay on biases" else 0),
    }
    if bug and bug.startswith("0.1 % in "):
        grads[bug.removeprefix("0.1 % in ")] *= 1.001
    if bug == "one wrong entry in W1":
        grads["W1"][2, 3] *= 1.01
    grad = np.concatenate([g.ravel() for g in grads.values()])
    if bug == "column-major theta":
        grad = np.concatenate([g.ravel(order="F") for g in grads.values()])
    return cost, -grad if bug == "sign" else grad


BUGS = {
    "0.1 % in W1": {"W1"},
    "0.1 % in W2": {"W2"},
    "0.1 % in b1": {"b1"},
    "0.1 % in b2": {"b2"},
    "one wrong entry in W1": {"W1"},
    "missing 1/m in W1": {"W1"},
    "missing 1/m in W2": {"W2"},
    "decay on biases": {"b1", "b2"},
    "sparsity outside f'(z)": {"W1", "b1"},
    "rho_hat of one example in the gradient": {"W1", "b1"},
    "column-major theta": {"W1", "W2"},
    "sign": {"W1", "W2", "b1", "b2"},
}


def check(problem, method, bug=None):
    X, n_hidden, theta = problem

    def objective(theta):
        return student(theta, X, n_hidden, **CLASSIC, bug=bug)

    layout = sae.Layout.autoencoder(len(X), n_hidden)
    return sae.check_gradient(objective, theta, method=method, layout=layout)


@pytest.mark.parametrize("method", ["central", "complex"])
def test_correct_code_is_called_correct(problem, method):
    report = check(problem, method)
    assert report.ok
    assert report.relative_error < (1e-9 if method == "central" else 1e-14)
    assert "correct" in str(report)


@pytest.mark.parametrize("method", [None, "central", "complex"])
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught_in_their_blocks(problem, method, bug):
    report = check(problem, method, bug)
    assert not report.ok
    assert report.verdict == "wrong"
    assert {name for name in report.wrong if name != "theta"} == BUGS[bug]
    assert {entry.name.split("[")[0] for entry in report.worst} <= BUGS[bug]
    assert "WRONG" in str(report)
    assert all(report.blocks[name] > 1e-5 for name in BUGS[bug])


def test_the_quadratic_of_ufldl():
    report = sae.check_gradient(quadratic, [4.0, 10.0], step=1e-4)
    assert report.ok
    assert report.relative_error == pytest.approx(2.1452e-12, rel=1e-3)  # UFLDL prints 2.1452e-12
    assert list(report.blocks) == ["theta"]


@pytest.mark.parametrize("iterations", [5, 20, 100, 400])
@pytest.mark.parametrize("method", ["central", "complex"])
def test_a_trained_theta_is_not_called_wrong_and_bugs_still_are(problem, iterations, method):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC, engine="numpy")
    trained = sae.minimize_lbfgs(objective, theta, max_iter=iterations).theta
    report = sae.check_gradient(objective, trained, method=method)
    assert not report.wrong
    assert report.ok or method == "central"
    for bug in ("missing 1/m in W2", "decay on biases", "sparsity outside f'(z)"):
        report = check((X, n_hidden, trained), method, bug)
        assert {name for name in report.wrong if name != "theta"} == BUGS[bug]


def test_what_is_too_coarse_to_tell_is_neither_right_nor_wrong():
    def flat(x):  # at 1e-6 the gradient 4 x^3 is far below the rounding of 1
        return 1 + (x**4).sum(), 4 * x**3

    theta = np.full(2, 1e-6)
    report = sae.check_gradient(flat, theta, method="central")
    assert report.verdict == "too noisy"
    assert not report.ok
    assert not report.wrong
    assert report.undecided == ["theta"]
    assert "CAN'T TELL" in str(report)
    assert "method='complex'" in str(report)
    assert sae.check_gradient(flat, theta).verdict == "correct"  # the complex step


def test_steps_shrink_until_they_can_tell():
    def flat(x):  # a step of 1e-4 leaves out 1e4 times the gradient
        return (x**4).sum(), 4 * x**3

    assert sae.check_gradient(flat, np.full(2, 1e-6), method="central").verdict == "correct"
    wrong = sae.check_gradient(lambda x: (flat(x)[0], 3.99 * x**3), np.full(2, 1e-6), method="central")
    assert wrong.verdict == "wrong"


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("method", ["central", "complex"])
def test_nearly_saturated_units_are_not_called_wrong(scale, method):
    for seed in range(15):
        rng = np.random.default_rng(seed)
        objective = sae.Autoencoder(rng.uniform(0.1, 0.9, (16, 20)), 4, **CLASSIC, engine="numpy")
        theta = scale * rng.standard_normal(objective.layout.size)
        report = sae.check_gradient(objective, theta, method=method)
        assert report.ok, (seed, report)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("what", ["cost", "gradient", "both"])
def test_single_precision_is_not_called_wrong_and_bugs_still_are(problem, dtype, what):
    X, n_hidden, theta = problem

    def objective(theta, bug=None):
        cost, grad = student(theta, X, n_hidden, **CLASSIC, bug=bug)
        return (dtype(cost) if what != "gradient" else cost), (grad.astype(dtype) if what != "cost" else grad)

    for scale in (1.0, 0.1, 2.0):
        assert not sae.check_gradient(objective, scale * theta).wrong
    assert sae.check_gradient(lambda t: objective(t, "missing 1/m in W2"), theta).wrong


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_size_hides_nothing(problem, factor):
    X, n_hidden, theta = problem
    for bug, ok in ((None, True), ("0.1 % in W1", False)):

        def objective(theta, bug=bug):
            cost, grad = student(theta, X, n_hidden, **CLASSIC, bug=bug)
            return factor * cost, factor * grad

        report = sae.check_gradient(objective, theta)
        assert report.ok == ok
        assert np.isfinite(report.relative_error)


def test_an_objective_may_use_its_buffers_again():
    cost, grad = np.zeros(()), np.zeros(3)

    def objective(x):
        np.copyto(cost, x @ x)
        np.multiply(x, 2, out=grad)
        return cost, grad

    assert sae.check_gradient(objective, np.array([1.0, 2.0, 3.0])).ok
    np.testing.assert_allclose(sae.minimize_lbfgs(objective, np.ones(3)).theta, 0, atol=1e-8)


def test_zeros_that_hide_a_mistake_are_mentioned(problem):
    X, n_hidden, theta = problem
    theta[2 * 7 * 4 :] = 0
    report = check((X, n_hidden, theta), "central", "decay on biases")
    assert report.ok  # it can't show here, and the report says so
    assert report.zero == ["b1", "b2"]
    assert "b1, b2 is all 0 here" in str(report)


def test_a_minimum_is_not_called_wrong():
    report = sae.check_gradient(lambda x: (1 + (x * x).sum(), 2 * x), np.zeros(3))
    assert report.ok


def test_a_gradient_of_exactly_the_opposite_sign_is_wrong():
    report = sae.check_gradient(lambda x: (x.sum(), -np.ones(3)), np.zeros(3), step=0.5)
    assert not report.ok
    assert report.relative_error > 1e6


def test_relative_error():
    assert relative_error(np.array([3.0, 0]), np.array([1.0, 0])) == 0.5
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
    assert relative_error(np.ones(2), -np.ones(2)) == np.inf


def test_the_objective_sees_copies():
    def greedy(theta):
        cost, grad = (theta**2).sum(), 2 * theta
        theta += 1
        return cost, grad

    theta = np.array([1.0, 2.0])
    sae.check_gradient(greedy, theta)
    np.testing.assert_array_equal(theta, [1, 2])


@pytest.mark.parametrize(
    ("objective", "arguments", "message"),
    [
        (lambda x: (np.abs(x).sum(), np.sign(x)), {"method": "complex"}, "dropped the imaginary part"),
        (lambda x: (expit(x).sum(), x), {"method": "complex"}, "can't compute with a complex theta .*expit"),
        (lambda x: (np.nan, 2 * x), {}, "the cost nan and a gradient with 0 NaN"),
        (lambda x: (x @ x, 2 * x * np.nan), {}, "a gradient with 2 NaN and 0 infinite values; expected finite"),
        (lambda x: (x @ x, np.zeros(5)), {}, r"gradient of shape \(5,\)"),
        (lambda x: (x, 2 * x), {}, "expected one number"),
        (lambda x: x @ x, {}, "returned float64; expected two: cost and gradient"),
        (lambda x: (x @ x, 2 * x, 0), {}, "returned 3 things; expected two"),
        (lambda x: (x @ x, None), {}, r"gradient of shape \(\) and dtype object"),
        (lambda x: (x @ x, 2j * x), {}, "complex numbers for a real theta"),
        (quadratic, {"method": "forward"}, "method is 'forward'; expected one of central, complex"),
        (quadratic, {"step": 0}, "step is 0; expected a finite number above 0"),
        (quadratic, {"layout": sae.Layout({"W": (3,)})}, "layout describes 3 numbers, theta has 2"),
    ],
)
def test_bad_input(objective, arguments, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.check_gradient(objective, [1.0, 2.0], **arguments)


def test_kernels_say_that_they_are_real(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    with pytest.raises(sae.SaeError, match="engine='numpy'"):
        sae.check_gradient(objective, theta, method="complex")
