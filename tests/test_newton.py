"""Newton-CG and trust regions: minima, history, stop reasons in plain words, interruption, and what can't go on."""

import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae.hessian import hessian_vector
from sae.newton import METHODS, minimize_newton


def rosenbrock(x):
    a, b = 1 - x[0], x[1] - x[0] ** 2
    return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b])


def rosenbrock_product(x, v):
    H = np.array([[2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0]], [-400 * x[0], 200]])
    return H @ v


@pytest.fixture
def autoencoder(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    return objective, theta, lambda theta, v: hessian_vector(theta, v, X, n_hidden, **CLASSIC)


@pytest.mark.parametrize("method", METHODS)
def test_finds_the_minimum(method):
    result = minimize_newton(rosenbrock, [-1.2, 1.0], rosenbrock_product, method=method)
    np.testing.assert_allclose(result.theta, [1, 1], atol=1e-7)
    assert result.converged
    assert result.message.startswith("converged: the largest |gradient|")
    assert not result.interrupted
    assert result.products > 10


@pytest.mark.parametrize("method", ["trust-ncg", "trust-krylov"])
def test_an_autoencoder_ends_where_the_gradient_is_small_and_no_curvature_negative(autoencoder, method):
    objective, theta, product = autoencoder
    result = minimize_newton(objective, theta, product, method=method, gtol=1e-7)
    assert result.converged
    assert np.abs(objective(result.theta)[1]).max() <= 1e-7
    H = np.array([product(result.theta, e) for e in np.eye(theta.size)])
    assert np.linalg.eigvalsh(H).min() > 0
    lbfgs = sae.minimize_lbfgs(objective, theta, max_iter=3000, ftol=0)
    assert result.evaluations < lbfgs.evaluations / 5


@pytest.mark.parametrize("method", METHODS)
def test_history_tells_each_iteration(autoencoder, method):
    objective, theta, product = autoencoder
    calls, products, seen = [], [], []

    def counted(theta):
        calls.append(theta.copy())
        return objective(theta)

    def counted_product(theta, v):
        products.append(v)
        return product(theta, v)

    counted.costs_and_grad = lambda theta: (objective.costs(theta), counted(theta)[1])
    result = minimize_newton(counted, theta, counted_product, method=method, max_iter=12, callback=seen.append)
    assert seen == result.history
    assert [record["iteration"] for record in seen] == list(range(13))
    costs = [record["cost"] for record in seen]
    assert costs == sorted(costs, reverse=True)
    last = seen[-1]
    assert last["cost"] == result.cost == pytest.approx(objective(result.theta)[0], rel=1e-15)
    assert {name: last[name] for name in objective.costs(theta)} == objective.costs(result.theta)
    assert last["max_grad"] == np.abs(objective(result.theta)[1]).max()
    assert result.evaluations == last["evaluations"] == len(calls)  # recording costs none
    assert result.products == last["products"] == len(products)
    assert seen[0]["products"] == 0
    assert not result.converged
    assert result.message.startswith("stopped at the iteration limit: still improving by ")
    lines = [line.get_label() for line in sae.plot_history(result.history).axes[0].lines]
    assert lines == ["J", *objective.costs(theta)]  # products are no addend of J


def test_a_refused_step_is_an_iteration_that_costs_one_evaluation():
    calls = []

    def counted(x):
        calls.append(x.copy())
        return rosenbrock(x)

    result = minimize_newton(counted, [-1.2, 1.0], rosenbrock_product, method="trust-ncg")
    costs = [record["cost"] for record in result.history]
    refused = [k for k in range(1, len(costs)) if costs[k] == costs[k - 1]]
    assert refused
    assert all(result.history[k]["evaluations"] == result.history[k - 1]["evaluations"] + 1 for k in refused)
    assert len(calls) == result.evaluations


@pytest.mark.parametrize("method", METHODS)
def test_the_budget_ends_it(autoencoder, method):
    objective, theta, product = autoencoder
    result = minimize_newton(objective, theta, product, method=method, budget=60, gtol=0)
    assert result.message == "stopped at the budget of 60 evaluations and products"
    assert result.evaluations + result.products >= 60
    before = result.history[-2]
    assert before["evaluations"] + before["products"] < 60
    assert not result.converged


@pytest.mark.parametrize("method", METHODS)
def test_a_start_at_the_minimum_needs_nothing(method):
    result = minimize_newton(rosenbrock, [1.0, 1.0], rosenbrock_product, method=method)
    assert result.converged
    assert (result.iterations, result.evaluations, result.products) == (0, 1, 0)


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_product_never_counts_as_converged(method):
    result = minimize_newton(rosenbrock, [-1.2, 1.0], lambda x, v: -v, method=method, max_iter=30)
    assert not result.converged
    assert result.cost <= rosenbrock(np.array([-1.2, 1.0]))[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_gradient_is_said_to_be_probable(method):
    result = minimize_newton(lambda x: (x @ x, -2 * x), np.ones(3), lambda x, v: 2 * v, method=method)
    assert not result.converged
    assert "check_gradient" in result.message
    np.testing.assert_array_equal(result.theta, np.ones(3))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("where", ["objective", "product", "callback"])
def test_interruption_returns_the_best_so_far(autoencoder, where, method):
    objective, theta, product = autoencoder
    calls = 0

    def interrupted(name, f):
        def g(*arguments):
            nonlocal calls
            calls += name == where
            if calls == 8:
                raise KeyboardInterrupt
            return f(*arguments)

        return g

    result = minimize_newton(
        interrupted("objective", objective),
        theta,
        interrupted("product", product),
        method=method,
        callback=interrupted("callback", lambda record: None),
    )
    assert result.interrupted
    assert result.message == f"interrupted after {result.iterations} iterations: this is the best theta so far"
    assert objective(result.theta)[0] == result.cost == min(record["cost"] for record in result.history)


@pytest.mark.parametrize("method", METHODS)
def test_trouble_on_the_way_leaves_the_best_so_far(method):
    def cliff(x, v):
        return 12 * x**2 * v if x[0] > 4 else v * np.nan

    with pytest.raises(sae.TrainingError, match=r"training stopped after .* iterations: hessian_vector") as caught:
        minimize_newton(lambda x: (float(x[0] ** 4), 4 * x**3), [5.0], cliff, method=method)
    assert caught.value.result.theta[0] <= 4
    assert caught.value.result.history


def test_single_precision_is_minimised_in_double(rng):
    X = rng.uniform(0.1, 0.9, (7, 50)).astype(np.float32)
    single, double = (sae.Autoencoder(X, 4, **CLASSIC, dtype=dtype) for dtype in ("float32", "float64"))
    theta = double.init(rng)

    def product(theta, v):
        return hessian_vector(theta, v, X, 4, **CLASSIC)

    a, b = (minimize_newton(o, theta, product, method="trust-ncg", max_iter=20) for o in (single, double))
    np.testing.assert_array_equal(a.theta, b.theta)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "newton"}, "method is 'newton'; expected one of newton-cg, trust-ncg, trust-krylov"),
        ({"max_iter": 0}, "max_iter is 0"),
        ({"gtol": -1}, "gtol is -1"),
        ({"budget": 0.5}, "budget is 0.5"),
        ({"theta0": [1.0, np.nan]}, "theta has 1 NaN"),
        ({"objective": lambda x: 1.0}, "returned float; expected two"),
        ({"hessian_vector": lambda x, v: np.ones(3)}, r"hessian_vector returned shape \(3,\)"),
        ({"hessian_vector": lambda x, v: v * 1j}, "dtype complex128; expected"),
        ({"hessian_vector": lambda x, v: None}, "dtype object"),
    ],
)
def test_bad_input(change, message):
    arguments = {"objective": rosenbrock, "theta0": [-1.2, 1.0], "hessian_vector": rosenbrock_product, **change}
    with pytest.raises(sae.SaeError, match=message):
        minimize_newton(**arguments)


@pytest.mark.parametrize("method", METHODS)
def test_functions_that_write_into_their_arguments_harm_no_one(method):
    def greedy(x):
        cost, grad = float(x @ x), 2 * x
        x *= 0
        return cost, grad

    def greedy_product(x, v):
        product = 2 * v
        x *= 0
        v *= 0
        return product

    theta0 = np.array([1.0, 2.0])
    result = minimize_newton(greedy, theta0, greedy_product, method=method)
    np.testing.assert_array_equal(theta0, [1, 2])
    np.testing.assert_allclose(result.theta, 0, atol=1e-8)
    assert result.history[0]["cost"] == 5


def test_an_interruption_that_a_kernel_disguises_is_one(autoencoder):
    objective, theta, product = autoencoder
    calls = 0

    def disguised(theta, v):
        nonlocal calls
        calls += 1
        if calls == 30:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as error:
                raise SystemError("a kernel returned a result with an exception set") from error
        return product(theta, v)

    assert minimize_newton(objective, theta, disguised).interrupted
