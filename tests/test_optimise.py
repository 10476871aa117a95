"""L-BFGS: history, stop reasons in plain words, interruption, and what can't go on."""

import signal

import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae.optimise import Result, _look_into


def rosenbrock(x):
    a, b = 1 - x[0], x[1] - x[0] ** 2
    return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b])


def test_finds_the_minimum():
    result = sae.minimize_lbfgs(rosenbrock, [-1.2, 1.0])
    np.testing.assert_allclose(result.theta, [1, 1], atol=1e-5)
    assert result.converged
    assert result.message.startswith("converged: the largest |gradient|")
    assert not result.interrupted


def test_history_tells_each_iteration(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    seen = []
    result = sae.minimize_lbfgs(objective, theta, max_iter=15, callback=seen.append)
    assert seen == result.history
    assert [record["iteration"] for record in seen] == list(range(16))
    assert seen[0]["cost"] == objective(theta)[0]
    costs = [record["cost"] for record in seen]
    assert costs == sorted(costs, reverse=True)
    last = seen[-1]
    assert last["cost"] == result.cost == objective(result.theta)[0]
    assert {name: last[name] for name in objective.costs(theta)} == objective.costs(result.theta)
    assert last["max_grad"] == np.abs(objective(result.theta)[1]).max()
    assert result.iterations == 15
    assert result.evaluations >= 16
    assert not result.converged
    assert result.message.startswith("stopped at the iteration limit: still improving by ")


def test_recording_costs_no_evaluation(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    calls = []

    def counted(theta):
        calls.append(theta.copy())
        return objective(theta)

    result = sae.minimize_lbfgs(counted, theta, max_iter=15)
    assert result.evaluations == len(calls)
    assert len({call.tobytes() for call in calls}) == len(calls)


def test_small_gains_end_it():
    result = sae.minimize_lbfgs(rosenbrock, [-1.2, 1.0], ftol=0.5, gtol=0)
    assert result.message == "converged: the last iteration lowered J by less than ftol = 0.5 of its value"


def test_a_wrong_gradient_is_found_where_the_line_search_fails(problem):
    result = sae.minimize_lbfgs(lambda x: (x @ x, -2 * x), np.ones(3))
    assert not result.converged
    assert result.message.startswith("stopped early: the line search found no lower J")
    assert result.message.endswith("The gradient is wrong in theta")

    X, n_hidden, theta = problem
    right = sae.Autoencoder(X, n_hidden, **CLASSIC)
    calls = []

    def mistaken(theta):
        calls.append(1)
        cost, grad = right(theta)
        grad[right.layout.slices["W1"]] *= -1
        return cost, grad

    result = sae.minimize_lbfgs(Objective(mistaken, right.layout), theta, max_iter=5000, ftol=0, gtol=0)
    assert result.message.endswith("The gradient is wrong in W1")
    assert result.gradient_check is not None
    assert result.gradient_check.verdict == "wrong"
    assert result.gradient_check.wrong == ["theta", "W1"]
    np.testing.assert_array_equal(result.gradient_check.grad, mistaken(result.theta)[1])
    assert len(calls) < result.evaluations + 1500


class Objective:
    """A function with a layout."""

    def __init__(self, function, layout):
        self.function, self.layout = function, layout

    def __call__(self, theta):
        return self.function(theta)


def test_rounding_is_told_from_a_wrong_gradient():
    def rough(x):  # J with the rounding of single precision
        return rosenbrock(x)[0] + 1e-7 * np.sin(1e9 * x.sum()), rosenbrock(x)[1]

    result = sae.minimize_lbfgs(rough, [-1.9, 2.0], ftol=0, gtol=0)
    assert not result.converged
    assert result.message.endswith("this is rounding close to a minimum")
    assert result.gradient_check is not None
    assert not result.gradient_check.wrong


def test_a_kink_is_named():
    result = sae.minimize_lbfgs(lambda x: (np.abs(x).sum(), np.sign(x)), np.array([1.0, 0.3, 0.2]), ftol=0, gtol=0)
    assert "J is at a kink" in result.message
    assert result.gradient_check is not None
    assert result.gradient_check.verdict == "kink"


def test_answers_that_differ_are_named():
    calls = []

    def later_is_more(x):
        calls.append(1)
        return x @ x + 1e-9 * len(calls), -2 * x

    result = Result(np.ones(3), 3.0, [], "stopped early")
    _look_into(result, later_is_more)
    assert "differently to the same theta" in result.message


def test_no_check_where_the_training_ended_well():
    assert sae.minimize_lbfgs(rosenbrock, [-1.2, 1.0]).gradient_check is None


def test_a_check_that_can_not_be_made_leaves_the_result():
    calls = []

    def breaks(x):
        calls.append(1)
        return (np.nan if len(calls) > 21 else x @ x), -2 * x

    result = sae.minimize_lbfgs(breaks, np.ones(3))
    assert "could not be checked there" in result.message
    assert result.gradient_check is None

    def interrupts(x):
        calls.append(1)
        if len(calls) > 30:
            raise KeyboardInterrupt
        return x @ x, -2 * x

    calls.clear()
    result = sae.minimize_lbfgs(interrupts, np.ones(3))
    assert "interrupted" in result.message
    assert not result.interrupted


def test_the_exact_twin_is_checked(problem):
    X, n_hidden, theta = problem
    single, double = (sae.Autoencoder(X, n_hidden, **CLASSIC, dtype=dtype) for dtype in ("float32", "float64"))

    def up(objective):
        return lambda theta: (objective(theta)[0], -objective(theta)[1])

    objective = Objective(up(single), double.layout)
    objective.exact = Objective(up(double), double.layout)
    result = sae.minimize_lbfgs(objective, theta, max_iter=50)
    assert result.gradient_check is not None
    np.testing.assert_array_equal(result.gradient_check.grad, -double(result.theta)[1])
    assert "wrong in W1 and W2 and b1 and b2" in result.message


@pytest.mark.parametrize("where", ["objective", "callback"])
def test_interruption_returns_the_best_so_far(problem, where):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    calls = 0

    def interrupt(*_):
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt

    def interrupted(theta):
        interrupt()
        return objective(theta)

    if where == "callback":
        result = sae.minimize_lbfgs(objective, theta, callback=interrupt)
    else:
        result = sae.minimize_lbfgs(interrupted, theta)
    assert result.interrupted
    assert result.message == f"interrupted after {result.iterations} iterations: this is the best theta so far"
    assert result.iterations >= 4
    assert objective(result.theta)[0] == result.cost == min(record["cost"] for record in result.history)


def test_trouble_on_the_way_leaves_the_best_so_far():
    def cliff(x):
        if x[0] < 1:
            raise sae.SaeError("no further")
        return float(x[0] ** 2), 2 * x

    with pytest.raises(sae.TrainingError, match=r"training stopped after .* iterations: no further") as caught:
        sae.minimize_lbfgs(cliff, [5.0])
    assert 1 <= caught.value.result.theta[0] <= 5
    assert caught.value.result.history


@pytest.mark.parametrize(
    ("objective", "arguments", "message"),
    [
        (lambda x: (np.nan, x), {}, "the cost nan and a gradient with 0 NaN"),
        (lambda x: (1.0, x * np.inf), {}, "a gradient with 0 NaN and 2 infinite values"),
        (lambda x: (1.0, np.zeros(3)), {}, r"gradient of shape \(3,\) and dtype float64; expected \(2,\)"),
        (lambda x: 1.0, {}, "returned float; expected two"),
        (rosenbrock, {"theta0": [1.0, np.nan]}, "theta has 1 NaN and 0 infinite values, the first at index 1"),
        (rosenbrock, {"max_iter": 0}, "max_iter is 0"),
        (rosenbrock, {"max_pairs": 14000}, "max_pairs is 14000; expected a whole number of at most 1000"),
        (rosenbrock, {"ftol": -1}, "ftol is -1"),
        (rosenbrock, {"theta0": ["a", "b"]}, "theta has dtype"),
    ],
)
def test_bad_input(objective, arguments, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.minimize_lbfgs(objective, **{"theta0": [1.0, 2.0], **arguments})


def test_a_term_may_not_take_the_name_of_a_column(problem):
    X, n_hidden, theta = problem

    class Cost(sae.terms.SquaredError):
        name = "cost"

    with pytest.raises(sae.SaeError, match="a term is named 'cost'"):
        sae.minimize_lbfgs(sae.Autoencoder(X, n_hidden, terms=[Cost()]), theta)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
def test_an_interruption_at_any_moment_leaves_a_result(rng):
    """Also while a kernel hands its result to Python, where a KeyboardInterrupt comes out as a SystemError."""
    objective = sae.Autoencoder(rng.uniform(0.1, 0.9, (64, 256)), 25, **CLASSIC)
    theta = objective.init(rng)
    objective(theta)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    results = []
    for _ in range(150):
        try:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.01, 0.03))
            results.append(sae.minimize_lbfgs(objective, theta, max_iter=10**6, ftol=0, gtol=0))
        except KeyboardInterrupt:  # before the first evaluation was done: there is nothing to return
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    assert len(results) > 100
    assert all(result.interrupted and result.history for result in results)


def test_an_objective_that_writes_into_theta_harms_no_one():
    def greedy(x):
        cost, grad = float(x @ x), 2 * x
        x *= 0
        return cost, grad

    theta0 = np.array([1.0, 2.0])
    result = sae.minimize_lbfgs(greedy, theta0)
    np.testing.assert_array_equal(theta0, [1, 2])
    np.testing.assert_allclose(result.theta, 0, atol=1e-8)
    assert result.history[0]["cost"] == 5


# Single precision, finished in double ------------------------------------------------------------------------------


def single_and_double(rng):
    import sae

    X = rng.uniform(0, 1, (11, 300))
    return (sae.Autoencoder(X, 6, lam=1e-3, rho=0.1, beta=1.0, dtype=dtype) for dtype in ("float32", "float64"))


def test_single_precision_is_finished_in_double(rng):
    single, double = single_and_double(rng)
    theta = double.init(rng)
    a, b = (sae.minimize_lbfgs(objective, theta, max_iter=2000) for objective in (single, double))
    assert a.cost == double(a.theta)[0]  # J is the double one
    assert a.cost == pytest.approx(b.cost, rel=1e-3)
    assert a.converged == b.converged
    assert np.abs(double(a.theta)[1]).max() == a.history[-1]["max_grad"]
    assert [r["iteration"] for r in a.history] == list(range(len(a.history)))


@pytest.mark.parametrize("max_iter", [1, 10, 11, 40])
def test_the_last_iterations_are_double(max_iter, rng):
    single, double = single_and_double(rng)
    seen = []

    def watched(objective, name):
        def evaluate(theta):
            seen.append(name)
            return objective(theta)

        return evaluate

    mixed = watched(single, "single")
    mixed.exact = watched(double, "double")
    result = sae.minimize_lbfgs(mixed, double.init(rng), max_iter=max_iter)
    assert result.iterations == max_iter
    assert result.evaluations == len(seen)
    assert result.message.startswith("stopped at the iteration limit")
    first_double = seen.index("double")
    assert set(seen[:first_double]) == {"single"}
    assert set(seen[first_double:]) == {"double"}
    assert len(seen[first_double:]) > min(max_iter, 10)


def test_interrupted_in_single_precision_still_returns_the_best(rng):
    single, double = single_and_double(rng)

    def stop(record):
        if record["iteration"] == 5:
            raise KeyboardInterrupt

    result = sae.minimize_lbfgs(single, double.init(rng), max_iter=40, callback=stop)
    assert result.interrupted
    assert result.iterations == 5
    assert result.cost == single(result.theta)[0]
