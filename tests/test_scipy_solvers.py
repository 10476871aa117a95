"""SciPy's methods under one name: history, plain words, interruption, memory, and products from gradients."""

import numpy as np
import pytest
from conftest import CLASSIC
from test_optimise import rosenbrock

import sae
from sae.hessian import hessian_vector
from sae.scipy_solvers import METHODS, gradient_difference

each_method = pytest.mark.parametrize("method", METHODS)


@each_method
def test_finds_the_minimum(method):
    result = sae.minimize_scipy(rosenbrock, [-1.2, 1.0], method=method)
    np.testing.assert_allclose(result.theta, [1, 1], atol=1e-5)
    assert result.converged
    assert result.message.startswith("converged: ")
    assert not result.interrupted


@each_method
def test_a_quadratic_has_a_closed_form(method, rng):
    A = rng.standard_normal((6, 6))
    A, b = A @ A.T + np.eye(6), rng.standard_normal(6)
    result = sae.minimize_scipy(lambda x: (x @ A @ x / 2 - b @ x, A @ x - b), np.zeros(6), method=method)
    np.testing.assert_allclose(result.theta, np.linalg.solve(A, b), rtol=1e-6, atol=1e-8)
    assert result.cost == pytest.approx(-b @ np.linalg.solve(A, b) / 2)


@each_method
def test_history_tells_each_iteration(method, problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    seen, calls = [], []

    class Counted:
        layout, costs = objective.layout, objective.costs

        def __call__(self, theta):
            return self.costs_and_grad(theta)[1]

        def costs_and_grad(self, theta):
            calls.append(1)
            return objective.costs_and_grad(theta)

    counted = Counted()
    Counted.__call__ = lambda self, theta: (calls.append(1), objective(theta))[1]
    result = sae.minimize_scipy(counted, theta, method=method, max_iter=15, callback=seen.append)
    assert seen == result.history
    assert [record["iteration"] for record in seen] == list(range(16))
    assert seen[0]["cost"] == objective(theta)[0]
    costs = [record["cost"] for record in seen]
    assert costs == sorted(costs, reverse=True)
    assert result.cost == objective(result.theta)[0] == costs[-1]
    assert {name: seen[-1][name] for name in objective.costs(theta)} == objective.costs(result.theta)
    assert result.iterations == 15
    assert result.evaluations == len(calls)
    assert result.message.startswith("stopped at the iteration limit: still improving by ")
    np.testing.assert_array_equal(seen[-1].theta, result.theta)


@pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B"])
def test_a_wrong_gradient_is_found_where_the_line_search_fails(method):
    result = sae.minimize_scipy(lambda x: (x @ x, -2 * x), np.ones(3), method=method)
    assert not result.converged
    assert result.message.startswith("stopped early: the line search found no lower J")
    assert result.message.endswith("The gradient is wrong in theta")


@each_method
@pytest.mark.parametrize("where", ["objective", "callback"])
def test_interruption_returns_the_best_so_far(method, where, problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    calls = 0

    def interrupt(*_):
        nonlocal calls
        calls += 1
        if calls == 12:
            raise KeyboardInterrupt

    def interrupted(theta):
        interrupt()
        return objective(theta)

    if where == "callback":
        result = sae.minimize_scipy(objective, theta, method=method, callback=interrupt)
    else:
        result = sae.minimize_scipy(interrupted, theta, method=method)
    assert result.interrupted
    assert result.message == f"interrupted after {result.iterations} iterations: this is the best theta so far"
    assert result.cost < objective(theta)[0]
    assert objective(result.theta)[0] == result.cost == min(record["cost"] for record in result.history)


@each_method
def test_trouble_on_the_way_leaves_the_best_so_far(method):
    def cliff(x):
        if x[0] < 1:
            raise sae.SaeError("no further")
        return float(x[0] ** 2), 2 * x

    with pytest.raises(sae.TrainingError, match=r"training stopped after .* iterations: no further") as caught:
        sae.minimize_scipy(cliff, [5.0], method=method)
    assert 1 <= caught.value.result.theta[0] <= 5


@pytest.mark.parametrize("method", ["CG", "BFGS", "Newton-CG"])
def test_of_single_precision_the_exact_twin_is_taken(method, problem):
    X, n_hidden, theta = problem
    a, b = (
        sae.minimize_scipy(sae.Autoencoder(X, n_hidden, **CLASSIC, dtype=dtype), theta, method=method, max_iter=8)
        for dtype in ("float32", "float64")
    )
    assert a.theta.tobytes() == b.theta.tobytes()


def test_products_from_gradients(problem):
    X, n_hidden, theta = problem
    objective, v = sae.Autoencoder(X, n_hidden, **CLASSIC), np.random.default_rng(1).standard_normal(theta.size)
    exact = hessian_vector(theta, v, X, n_hidden, **CLASSIC)
    for scale in (1e-6, 1.0, 1e6):
        found = gradient_difference(objective, theta, scale * v) / scale
        assert np.linalg.norm(found - exact) < 1e-7 * np.linalg.norm(exact)
    assert (gradient_difference(objective, theta, 0 * v) == 0).all()
    given = sae.minimize_scipy(
        objective,
        theta,
        method="Newton-CG",
        max_iter=5,
        hessian_vector=lambda theta, v: hessian_vector(theta, v, X, n_hidden, **CLASSIC),
    )
    plain = sae.minimize_scipy(objective, theta, method="Newton-CG", max_iter=5)
    assert given.cost == pytest.approx(plain.cost, rel=1e-6)
    assert plain.evaluations > given.evaluations


def test_bfgs_says_what_memory_it_would_take():
    def objective(x):
        raise AssertionError("asked before it was refused")

    with pytest.raises(sae.SaeError) as caught:
        sae.minimize_scipy(objective, np.zeros(308_308), method="BFGS")
    message = str(caught.value)
    assert "theta has 308,308 entries" in message
    assert "4.841 TiB, beyond max_memory, 4 GiB" in message  # 7 x 8 bytes x 308308^2
    assert "L-BFGS-B, which remembers 20 pairs of vectors (94.09 MiB)" in message
    with pytest.raises(sae.SaeError, match=r"5\.469 KiB, beyond max_memory, 1000 bytes"):
        sae.minimize_scipy(objective, np.zeros(10), method="BFGS", max_memory=1000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "Powell"}, "method is 'Powell'; expected one of CG, BFGS, Newton-CG, L-BFGS-B"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"gtol": -1}, "gtol is -1"),
        ({"max_memory": 0}, "max_memory is 0"),
        ({"theta0": [1.0, np.nan]}, "theta has 1 NaN"),
        ({"hessian_vector": lambda theta, v: v}, "no use for hessian_vector"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.minimize_scipy(rosenbrock, **{"theta0": [1.0, 2.0], **change})


@each_method
@pytest.mark.parametrize("when", [0, 3])
def test_a_callback_may_stop_it(method, when, problem):
    X, n_hidden, theta = problem

    def enough(state):
        if state["iteration"] == when:
            raise StopIteration

    for dtype in ("float64", "float32"):
        objective = sae.Autoencoder(X, n_hidden, **CLASSIC, dtype=dtype)
        result = sae.minimize_scipy(objective, theta, method=method, callback=enough)
        assert result.iterations == when
        assert result.message == f"stopped by the callback after {when} iterations"
        assert not result.converged
        assert not result.interrupted
        assert result.cost == (objective.exact or objective)(result.theta)[0]
