"""The Hessian times a vector: against differences and the complex step of the gradient, its symmetry, planted bugs."""

import inspect

import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae import hessian
from sae.hessian import gradient_and_product, hessian_vector
from sae.reference import cost_and_grad


def complex_step(objective, theta, v, h=1e-20):
    """H v exact to rounding, from a gradient that takes complex theta."""
    return objective(theta + 1j * h * v)[1].imag / h


def relative(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def cases(rng):
    """Problems of several shapes, settings and output units, each with the gradient that is its witness."""
    for n, n_hidden, m in [(7, 4, 13), (3, 9, 1), (16, 2, 30)]:
        for settings in (CLASSIC, {"lam": 0.0, "rho": 0.5, "beta": 0.0}, {"lam": 0.1, "rho": 0.9, "beta": 1.0}):
            X = rng.uniform(0.1, 0.9, (n, m))
            theta, v = rng.normal(0, 0.5, (2, 2 * n * n_hidden + n_hidden + n))
            for g in (sae.sigmoid, sae.identity, sae.tanh):
                data = X if g is sae.sigmoid else 2 * X - 1
                objective = sae.Autoencoder(data, n_hidden, **settings, g=g, engine="numpy")
                yield theta, v, (data, n_hidden, *settings.values(), g), objective


def test_it_is_the_derivative_of_the_gradient_to_the_last_digits(rng):
    for theta, v, problem, objective in cases(rng):
        assert relative(hessian_vector(theta, v, *problem), complex_step(objective, theta, v)) < 1e-12


def test_it_is_the_difference_of_gradients(problem, rng):
    X, n_hidden, theta = problem
    v, e = rng.standard_normal(theta.size), 1e-5
    plus, minus = (cost_and_grad(theta + step * v, X, n_hidden, **CLASSIC)[1] for step in (e, -e))
    assert relative(hessian_vector(theta, v, X, n_hidden, **CLASSIC), (plus - minus) / (2 * e)) < 1e-8


def test_it_is_symmetric(rng):
    for theta, v, problem, _ in cases(rng):
        u = rng.standard_normal(theta.size)
        Hu, Hv = (hessian_vector(theta, w, *problem) for w in (u, v))
        assert abs(u @ Hv - v @ Hu) < 1e-13 * np.linalg.norm(u) * np.linalg.norm(Hv)


def test_the_whole_hessian_is_symmetric_and_what_autodiff_of_the_cost_has(problem):
    X, n_hidden, theta = problem
    H = np.array([hessian_vector(theta, e, X, n_hidden, **CLASSIC) for e in np.eye(theta.size)])
    assert np.abs(H - H.T).max() < 1e-14 * np.abs(H).max()
    witness = np.array([complex_step(lambda t: cost_and_grad(t, X, n_hidden, **CLASSIC), theta, e) for e in np.eye(67)])
    assert np.abs(H - witness).max() < 1e-13 * np.abs(H).max()


def test_cost_gradient_and_slope_come_along(rng):
    for theta, v, problem, objective in cases(rng):
        cost, grad, R_cost, R_grad = gradient_and_product(theta, v, *problem)
        expected = objective(theta)
        assert cost == pytest.approx(expected[0], rel=1e-13)
        np.testing.assert_allclose(grad, expected[1], rtol=1e-11, atol=1e-14)
        assert R_cost == pytest.approx(grad @ v, rel=1e-10, abs=1e-13)
        np.testing.assert_array_equal(R_grad, hessian_vector(theta, v, *problem))


def test_it_is_linear_in_v_and_complex_safe(problem, rng):
    X, n_hidden, theta = problem
    u, v = rng.standard_normal((2, theta.size))

    def product(theta, v):
        return hessian_vector(theta, v, X, n_hidden, **CLASSIC)

    np.testing.assert_allclose(product(theta, 3 * u - v), 3 * product(theta, u) - product(theta, v), atol=1e-12)
    third = product(theta + 1e-20j * v, v).imag / 1e-20  # the third derivative along v
    central = (product(theta + 1e-5 * v, v) - product(theta - 1e-5 * v, v)) / 2e-5
    assert relative(third, central) < 1e-7


BUGS = {
    "f'' of the hidden layer": (" + back * df2 * (1 - 2 * a2) * R_z2", ""),
    "f'' of the wrong sign": ("(1 - 2 * a2)", "(2 * a2 - 1)"),
    "g'' of the output": (" + delta3 * g.curvature(a3) * R_z3", ""),
    "R{rho_hat}": (" + R_s[:, None]", ""),
    "one half of R{s}": ("+ (1 - rho) / (1 - rho_hat) ** 2) *", ") *"),
    "a sum for the mean of R{rho_hat}": ("R_a2.mean(axis=1)", "R_a2.sum(axis=1)"),
    "1/m in W1": ("R_delta2 @ X.T / m", "R_delta2 @ X.T"),
    "1/m in b1": ("R_delta2.mean(axis=1)", "R_delta2.sum(axis=1)"),
    "V2 in z3": ("V2 @ a2 + W2 @ R_a2", "W2 @ R_a2"),
    "R{a2} in z3": ("V2 @ a2 + W2 @ R_a2", "V2 @ a2"),
    "V2^T in delta2": ("V2.T @ delta3 + W2.T @ R_delta3", "W2.T @ R_delta3"),
    "R{a2} in W2": ("(R_delta3 @ a2.T + delta3 @ R_a2.T)", "(R_delta3 @ a2.T)"),
    "c1": ("V1 @ X + c1[:, None]", "V1 @ X"),
    "c2": (" + c2[:, None]", ""),
    "lambda V1": (" + lam * V1", ""),
    "lambda W2 for lambda V2": ("lam * V2", "lam * W2"),
}


def planted(old, new):
    """The page with one piece of a line replaced."""
    source = inspect.getsource(hessian)
    assert source.count(old) == 1
    page = {"__name__": "sae.hessian", "__package__": "sae"}
    exec(compile(source.replace(old, new), "page", "exec"), page)
    return page["hessian_vector"]


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught(problem, rng, bug):
    X, n_hidden, theta = problem
    wrong = planted(*BUGS[bug])
    v = rng.standard_normal(theta.size)
    witness = complex_step(lambda t: cost_and_grad(t, X, n_hidden, **CLASSIC), theta, v)
    assert relative(wrong(theta, v, X, n_hidden, **CLASSIC), witness) > 1e-5


def test_symmetry_alone_catches_what_is_not_a_second_derivative(problem, rng):
    """And misses what is one, of another function: dropping lambda V1 leaves H symmetric."""
    X, n_hidden, theta = problem
    u, v = rng.standard_normal((2, theta.size))

    def asymmetry(bug):
        wrong = planted(*BUGS[bug])
        Hu, Hv = (wrong(theta, w, X, n_hidden, **CLASSIC) for w in (u, v))
        return abs(u @ Hv - v @ Hu)

    for bug in ("V2 in z3", "V2^T in delta2", "R{a2} in W2", "1/m in W1"):
        assert asymmetry(bug) > 1e-4
    assert asymmetry("lambda V1") < 1e-13


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"v": np.zeros(3)}, r"v has shape \(3,\) and dtype float64; expected \(67,\)"),
        ({"v": np.full(67, np.nan)}, "v has a value that is not finite at index 0"),
        ({"v": np.zeros(67, object)}, "v has shape .* and dtype object"),
        ({"theta": np.zeros(3)}, r"theta has shape \(3,\); expected \(67,\)"),
        ({"X": np.full((7, 3), 1.5)}, "sigmoid output units reach only"),
        ({"g": sae.Activation("mine", np.sin, np.cos)}, "g is mine, whose curvature is not known"),
        ({"g": "sigmoid"}, "g is 'sigmoid'; expected a sae.activations.Activation"),
        ({"lam": -1.0}, "lam is -1.0"),
        ({"rho": 0.0}, "rho is 0.0"),
    ],
)
def test_bad_input(problem, change, message):
    X, n_hidden, theta = problem
    arguments = {"theta": theta, "v": np.ones(67), "X": X, "n_hidden": n_hidden, **CLASSIC, **change}
    with pytest.raises(sae.SaeError, match=message):
        hessian_vector(**arguments)
