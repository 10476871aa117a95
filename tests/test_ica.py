"""Orthonormal ICA: its gradient, the projection, and the descent that keeps to it."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.linalg import fractional_matrix_power

import sae
from sae import ica, projected
from sae.ica import orthonormalise
from tests.mutants import mutant


def problem(k=4, m=8, page=ica, eps=1e-2):
    rng = np.random.default_rng(1)
    objective = page.OrthonormalICA(rng.standard_normal((6, m)), k, eps=eps)
    return objective, rng.standard_normal(objective.layout.size)


def cost_by_autograd(theta, o):
    W = anp.reshape(theta, (o.n_hidden, o.n))
    return sum(anp.sum(anp.sqrt(anp.dot(W, x) ** 2 + o.eps)) for x in o.X.T) / o.m


@pytest.mark.parametrize("k", [1, 4, 6])
@pytest.mark.parametrize("m", [1, 8])
def test_gradient(k, m):
    objective, theta = problem(k, m)
    assert sae.check_gradient(objective, theta, method="complex").relative_error < 1e-13
    assert sae.check_gradient(objective, theta).ok
    cost, grad = objective(theta)
    assert cost == pytest.approx(cost_by_autograd(theta, objective), rel=1e-13)
    np.testing.assert_allclose(grad, autograd.grad(cost_by_autograd)(theta, objective), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("method", ["complex", "central"])
@pytest.mark.parametrize(
    ("old", "new"), [("slope @ X.T / m", "slope @ X.T"), ("slope @ X.T / m", "h @ X.T / m"), ("X.T / m", "(-X.T) / m")]
)
def test_planted_bugs_are_caught(old, new, method):
    objective, theta = problem(page=mutant(ica, old, new))
    assert sae.check_gradient(objective, theta, method=method).wrong


# The projection --------------------------------------------------------------------------------------------------


def projection_is_right(orthonormalise, W):
    P = orthonormalise(W)
    expected = fractional_matrix_power(W @ W.T, -0.5) @ W
    return np.abs(P @ P.T - np.eye(len(W))).max() < 1e-12 and np.allclose(P, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("shape", [(1, 6), (4, 6), (6, 6)])
@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_projection(shape, scale, rng):
    W = scale * rng.standard_normal(shape)
    assert projection_is_right(orthonormalise, W)
    P = orthonormalise(W)
    np.testing.assert_allclose(orthonormalise(P), P, atol=1e-14)
    distance = ((P - W) ** 2).sum()
    for _ in range(100):  # no other orthonormal matrix is nearer
        other = np.linalg.qr(P.T + 0.1 * rng.standard_normal(P.T.shape))[0].T
        other *= np.sign((other * P).sum(axis=1, keepdims=True))
        assert ((other - W) ** 2).sum() > distance


@pytest.mark.parametrize("new", ["P / sigma @ QT", "P * np.sqrt(sigma) @ QT", "P @ QT / 2", "(P @ P.T) @ W"])
def test_a_wrong_projection_is_caught(new, rng):
    """The first is (W W^T)^{-1} W, the square root forgotten."""
    wrong = mutant(ica, "return P @ QT", f"return {new}")
    assert not projection_is_right(wrong.orthonormalise, rng.standard_normal((4, 6)))


def test_the_square_root_forgotten_is_what_the_mutant_above_is(rng):
    W = rng.standard_normal((4, 6))
    wrong = mutant(ica, "return P @ QT", "return P / sigma @ QT").orthonormalise(W)
    np.testing.assert_allclose(wrong, np.linalg.inv(W @ W.T) @ W, atol=1e-12)


def test_nearly_dependent_rows_become_orthonormal_too(rng):
    W = np.outer(np.ones(5), rng.standard_normal(9)) + 1e-7 * rng.standard_normal((5, 9))
    P = orthonormalise(W)
    assert np.abs(P @ P.T - np.eye(5)).max() < 1e-12


# Descent ---------------------------------------------------------------------------------------------------------


def sources(rng, m=4000):
    Q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    return Q, sae.data.zca(Q @ rng.laplace(size=(6, m)), eps=0)


@pytest.mark.parametrize("k", [3, 6])
def test_it_finds_independent_components(k, rng):
    Q, white = sources(rng)
    objective = sae.OrthonormalICA(white.X, k)
    theta = objective.init(rng)
    result = sae.minimize_projected(objective, theta, max_iter=500, gtol=1e-5)
    assert result.converged, result.message
    W = objective.filters(result.theta)
    assert np.abs(W @ W.T - np.eye(k)).max() < 1e-12
    assert np.abs(W @ white.matrix @ Q).max(axis=1).min() > 0.95 * np.abs(white.matrix @ Q).max()
    costs = np.array([record["cost"] for record in result.history])
    assert (np.diff(costs) < 0).all()
    assert result.cost == objective(result.theta)[0] == costs[-1]
    assert costs[0] == pytest.approx(objective(theta)[0], rel=1e-14)


def test_the_end_is_a_minimum_among_orthonormal_matrices(rng):
    _, white = sources(rng, 400)
    objective = sae.OrthonormalICA(white.X, 6, eps=1e-2)
    result = sae.minimize_projected(objective, objective.init(rng), max_iter=2000, gtol=1e-7)
    assert result.converged
    for _ in range(50):
        near = objective.project(result.theta + 1e-3 * rng.standard_normal(36))
        assert objective(near)[0] > result.cost


def test_every_theta_lies_on_the_surface(rng):
    _, white = sources(rng, 400)
    objective, thetas = sae.OrthonormalICA(white.X, 4), []
    sae.minimize_projected(objective, rng.standard_normal(24), max_iter=30, callback=lambda s: thetas.append(s.theta))
    assert len(thetas) == 31
    for theta in thetas:
        W = theta.reshape(4, 6)
        assert np.abs(W @ W.T - np.eye(4)).max() < 1e-12


def test_steps_that_are_far_too_long_or_short_are_found_out(rng):
    _, white = sources(rng, 400)
    objective = sae.OrthonormalICA(white.X, 6, eps=1e-2)
    theta = objective.init(rng)
    costs = [
        sae.minimize_projected(objective, theta, step=step, max_iter=1000, gtol=1e-6).cost for step in (1e-6, 0.02, 1e6)
    ]
    assert np.ptp(costs) < 0.02 * costs[0]


@pytest.mark.parametrize("when", ["callback", "evaluation"])
def test_ctrl_c_returns_the_best_so_far(when, rng):
    _, white = sources(rng, 400)
    objective = sae.OrthonormalICA(white.X, 6)

    def interrupt(*_):
        raise KeyboardInterrupt

    def at_three(state):
        if state["iteration"] == 3:
            if when == "callback":
                interrupt()
            objective.costs_and_grad = interrupt

    result = sae.minimize_projected(objective, objective.init(rng), callback=at_three)
    assert result.interrupted
    assert result.iterations == 3
    assert result.message.startswith("interrupted after 3 iterations")
    W = result.theta.reshape(6, 6)
    assert np.abs(W @ W.T - np.eye(6)).max() < 1e-12


def test_a_callback_stops_it(rng):
    def enough(state):
        raise StopIteration

    objective, theta = problem()
    assert sae.minimize_projected(objective, theta, callback=enough).message.startswith("stopped by the callback")


def test_it_goes_on_from_a_checkpoint(rng, tmp_path):
    _, white = sources(rng, 400)
    objective, path = sae.OrthonormalICA(white.X, 4), tmp_path / "checkpoint.safetensors"
    theta = objective.init(rng)
    whole = sae.minimize_projected(objective, theta, max_iter=12)
    checkpoint = sae.Checkpoint(path, objective.layout, every=1)
    sae.minimize_projected(objective, theta, max_iter=5, callback=checkpoint)
    seen = []
    result = sae.minimize_projected(objective, sae.resume(path), max_iter=12, callback=seen.append)
    assert result.theta.tobytes() == whole.theta.tobytes()
    assert [record["cost"] for record in result.history] == [record["cost"] for record in whole.history]
    assert [record["iteration"] for record in seen] == [*range(6, 13)]
    with pytest.raises(sae.SaeError, match="more than the 4 asked for"):
        sae.minimize_projected(objective, sae.resume(path), max_iter=4)


def test_a_wrong_gradient_ends_without_a_step(rng):
    objective, theta = problem(page=mutant(ica, "slope @ X.T / m", "-slope @ X.T / m"))
    result = sae.minimize_projected(objective, theta)
    assert result.message == "stopped early: no step lowers J by more than rounding"
    assert not result.converged


def test_a_failure_on_the_way_hands_over_what_there_is(rng):
    objective, theta = problem()
    whole, calls = objective.costs_and_grad, []

    def third_fails(theta):
        calls.append(1)
        cost, grad = whole(theta)
        return cost, grad * (np.nan if len(calls) == 3 else 1)

    objective.costs_and_grad = third_fails
    with pytest.raises(sae.TrainingError, match="training stopped after") as raised:
        sae.minimize_projected(objective, theta)
    assert np.isfinite(raised.value.result.theta).all()


def test_an_objective_may_be_any_function_with_a_projection():
    class Quadratic:
        target = np.array([3.0, 4.0])

        def __call__(self, theta):
            return ((theta - self.target) ** 2).sum(), 2 * (theta - self.target)

        def project(self, theta):
            return theta / np.sqrt((theta * theta).sum())

    result = projected.minimize_projected(Quadratic(), [1.0, 0.0], gtol=1e-9)
    np.testing.assert_allclose(result.theta, [0.6, 0.8], atol=1e-8)
    assert result.message.startswith("converged")


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda o, t: sae.OrthonormalICA(o.X, 7), "n_hidden is 7, and an example has 6 numbers"),
        (lambda o, t: sae.OrthonormalICA(o.X, 3, eps=0), "eps is 0"),
        (lambda o, t: o.project(np.ones(24)), "the 4 rows of W, of 6 numbers each, are linearly dependent"),
        (lambda o, t: orthonormalise(np.eye(3)[:, :2]), "the 3 rows of W, of 2 numbers each"),
        (lambda o, t: sae.minimize_projected(sae.RICA(o.X, 3, lam=1), t), r"the objective has no project\(theta\)"),
        (lambda o, t: sae.minimize_projected(o, t[1:]), r"theta has shape \(23,\)"),
        (lambda o, t: sae.minimize_projected(o, t, alpha=1), "alpha is 1"),
        (lambda o, t: sae.minimize_projected(o, t, step=0), "step is 0"),
        (lambda o, t: o.init(1), "rng is 1"),
    ],
)
def test_bad_input(use, message):
    with pytest.raises(sae.SaeError, match=message):
        use(*problem())
