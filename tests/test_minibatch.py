"""The loop and the rules of the minibatch solvers; each law is shown to fail on a planted bug."""

import pickle
import signal

import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae import kernels, schedules
from sae.adam import Adam
from sae.minibatch import Loop, clip
from sae.sgd import Momentum

SOLVERS = {"adam": sae.minimize_adam, "sgd": sae.minimize_sgd}
each_solver = pytest.mark.parametrize("solver", SOLVERS.values(), ids=SOLVERS)


class Points:
    """J = mean |theta - x|^2 / 2 over examples; `asked` has the columns of each batch."""

    def __init__(self, X):
        self.X, self.m, self.asked = np.asarray(X, dtype=float), np.shape(X)[1], []

    def __call__(self, theta):
        away = theta[:, None] - self.X
        return (away * away).sum() / (2 * self.m), away.mean(axis=1)

    def batch(self, columns):
        self.asked.append(columns)
        other = Points(self.X[:, columns])
        other.asked = self.asked
        return other


class Flat:
    """J = 0, with the layout of an autoencoder: nothing but the decay moves theta."""

    m, layout = 6, sae.Layout.autoencoder(3, 2)

    def __call__(self, theta):
        return 0.0, np.zeros_like(theta)

    def batch(self, columns):
        return self


@pytest.fixture
def objective(rng):
    return sae.Autoencoder(rng.uniform(0, 1, (11, 300)), 6, lam=1e-3, rho=0.1, beta=1.0)


def start(objective):
    return objective.init(np.random.default_rng(1))


def generator():
    return np.random.default_rng(2)


# The rules --------------------------------------------------------------------------------------------------------


def test_plain_adam_is_the_kernel_step_after_step(objective):
    """To the last bit: no setting that is not asked for touches theta."""
    theta, rng = start(objective), generator()
    m, v, t = np.zeros_like(theta), np.zeros_like(theta), 0
    for _ in range(3):
        order = rng.permutation(300)
        for i in range(0, 300, 64):
            t += 1
            grad = objective.batch(order[i : i + 64])(theta)[1]
            kernels.adam_step(theta, m, v, grad, t, 0.01, 0.9, 0.999, 1e-8)
    found = sae.minimize_adam(objective, start(objective), rng=generator(), epochs=3, batch_size=64, learning_rate=0.01)
    assert found.theta.tobytes() == theta.tobytes()
    same = {"schedule": schedules.Constant(), "clip_norm": 1e9, "weight_decay": 0}
    found = sae.minimize_adam(
        objective, start(objective), rng=generator(), epochs=3, batch_size=64, learning_rate=0.01, **same
    )
    assert found.theta.tobytes() == theta.tobytes()


def adam(p, **changes):
    settings = {"beta1": 0.9, "beta2": 0.999, "epsilon": 0.0, "weight_decay": 0.0, "decayed": [], **changes}
    return Adam(p, float, **settings)


def constant_gradient_law(rule):
    """Where g never changes, m and v without their bias are g and g^2: each step of Adam is alpha sign(g)."""
    g, theta = np.array([3.0, -1e-3, 40.0]), np.zeros(3)
    for t in range(1, 6):
        rule(theta, g, t, 0.1)
        np.testing.assert_allclose(theta, -0.1 * t * np.sign(g), rtol=1e-12)


def test_adam_with_a_constant_gradient(monkeypatch):
    constant_gradient_law(adam(3))

    def uncorrected(theta, m, v, grad, t, alpha, beta1, beta2, epsilon):
        m[...] = beta1 * m + (1 - beta1) * grad
        v[...] = beta2 * v + (1 - beta2) * grad**2
        theta -= alpha * m / (np.sqrt(v) + epsilon)

    monkeypatch.setattr(kernels, "adam_step", uncorrected)
    with pytest.raises(AssertionError):
        constant_gradient_law(adam(3))


def decay_law(rule_or_solver):
    """Where J is flat, the weights shrink by 1 - alpha mu a step, and the biases stay."""
    theta = np.arange(1.0, Flat.layout.size + 1)
    found = rule_or_solver(Flat(), theta, rng=generator(), epochs=2, batch_size=2, learning_rate=0.1, weight_decay=0.5)
    weights = np.arange(theta.size) < 12
    np.testing.assert_allclose(found.theta, theta * np.where(weights, 0.95**6, 1), rtol=1e-14)


def test_adamw_decays_apart_from_the_moments():
    decay_law(sae.minimize_adam)

    def coupled(objective, theta, weight_decay, **settings):
        class Coupled(Flat):
            def __call__(self, theta):
                grad = np.zeros_like(theta)
                grad[:12] = weight_decay * theta[:12]
                return 0.0, grad

        return sae.minimize_adam(Coupled(), theta, **settings)

    with pytest.raises(AssertionError):
        decay_law(coupled)

    def everything(objective, theta, **settings):
        objective.layout = None
        return sae.minimize_adam(objective, theta, **settings)

    with pytest.raises(AssertionError):
        decay_law(everything)


def test_adamw_is_algorithm_2_of_the_paper(objective):
    theta, rng, t = start(objective), generator(), 0
    m = v = np.zeros_like(theta)
    alpha, schedule, decay = 0.01, schedules.Cosine(3), 2.0
    weights = np.arange(theta.size) < 2 * 6 * 11
    for _ in range(3):
        order = rng.permutation(300)
        for i in range(5):
            eta = (1 + np.cos(np.pi * t / 15)) / 2
            t += 1
            X = objective.X[:, order[64 * i : 64 * i + 64]]
            g = sae.reference.cost_and_grad(theta, X, 6, 1e-3, 0.1, 1.0)[1]
            m = 0.9 * m + 0.1 * g
            v = 0.999 * v + 0.001 * g**2
            step = alpha * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            theta = theta - eta * (step + alpha * decay * weights * theta)  # the paper's lambda is alpha mu
    found = sae.minimize_adam(
        objective,
        start(objective),
        rng=generator(),
        epochs=3,
        batch_size=64,
        learning_rate=alpha,
        schedule=schedule,
        weight_decay=decay,
    )
    np.testing.assert_allclose(found.theta, theta, rtol=1e-9, atol=1e-12)


def test_without_a_layout_all_of_theta_decays():
    found = sae.minimize_adam(
        Points(np.zeros((2, 4))), [1.0, 0.0], rng=generator(), epochs=1, learning_rate=1e-9, weight_decay=1e8
    )
    np.testing.assert_allclose(found.theta, [0.9, 0], atol=1e-8)


def momentum_law(make):
    """On J = |theta - x|^2 / 2 the distance e from the minimum follows e' = (1 + mu - alpha) e - mu e_before."""
    alpha, mu, e, before = 0.3, 0.8, 1.0, 1.0
    rule, theta = make(1, mu, False), np.array([1.0])
    for t in range(1, 30):
        rule(theta, theta.copy(), t, alpha)
        e, before = (1 + mu - alpha) * e - mu * before, e
        np.testing.assert_allclose(theta, e, rtol=1e-9, atol=1e-12)


def test_momentum_on_a_quadratic():
    momentum_law(Momentum)

    class Against(Momentum):
        def __call__(self, theta, grad, t, alpha):
            self.v = -self.mu * self.v - alpha * grad
            theta += self.v

    with pytest.raises(AssertionError):
        momentum_law(Against)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_is_the_equations_of_the_paper(nesterov, objective):
    """Sutskever's, at the place looked ahead to; ours is that place."""
    theta, v, rng, alpha, mu = start(objective), 0.0, generator(), 0.05, 0.9
    for _ in range(3):
        order = rng.permutation(300)
        for i in range(5):
            X = objective.X[:, order[64 * i : 64 * i + 64]]
            at = theta + mu * v if nesterov else theta
            v = mu * v - alpha * sae.reference.cost_and_grad(at, X, 6, 1e-3, 0.1, 1.0)[1]
            theta = theta + v
    found = sae.minimize_sgd(
        objective,
        start(objective),
        rng=generator(),
        epochs=3,
        batch_size=64,
        learning_rate=alpha,
        momentum=mu,
        nesterov=nesterov,
    )
    expected = theta + mu * v if nesterov else theta
    np.testing.assert_allclose(found.theta, expected, rtol=1e-9, atol=1e-12)
    assert np.abs(expected - theta).max() > 1e-4 or not nesterov


def test_without_momentum_it_is_gradient_descent():
    found = sae.minimize_sgd(Points([[1.0]]), [0.0], rng=generator(), epochs=7, learning_rate=0.25, momentum=0)
    np.testing.assert_allclose(found.theta, 1 - 0.75**7, rtol=1e-14)


# Clipping and schedules -------------------------------------------------------------------------------------------


def clipping_law(clip):
    g = np.array([3.0, -4.0])
    np.testing.assert_array_equal(clip(g, 5.0), g)
    np.testing.assert_allclose(clip(g, 0.5), g / 10, rtol=1e-15)
    np.testing.assert_array_equal(g, [3, -4])


def test_clipping_keeps_the_direction():
    clipping_law(clip)
    with pytest.raises(AssertionError):
        clipping_law(lambda g, c: np.clip(g, -c, c))  # by entry
    with pytest.raises(sae.SaeError, match="norm inf"):
        clip(np.full(2, 1e300), 1.0)


def test_clipped_steps_are_short():
    steps = {}
    for c in (None, 0.1):
        found = sae.minimize_sgd(
            Points([[3.0], [4.0]]), [0.0, 0.0], rng=generator(), epochs=1, learning_rate=0.5, clip_norm=c
        )
        steps[c] = found.theta
    np.testing.assert_allclose(steps[None], [1.5, 2])
    np.testing.assert_allclose(steps[0.1], [0.03, 0.04])


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (schedules.Constant(), {0: 1, 3.7: 1}),
        (schedules.Step(3, 0.1), {0: 1, 2.99: 1, 3: 0.1, 5.5: 0.1, 6: 0.01}),
        (schedules.Exponential(0.5), {0: 1, 1: 0.5, 2.5: 0.5**2.5}),
        (schedules.Cosine(10), {0: 1, 5: 0.5, 10: 0, 12: 0, 2.5: (1 + np.sqrt(0.5)) / 2}),
        (schedules.Cosine(4, last=0.2), {0: 1, 2: 0.6, 4: 0.2, 9: 0.2}),
        (schedules.WarmUp(4), {0: 0, 1: 0.25, 4: 1, 9: 1}),
        (schedules.WarmUp(4, schedules.Cosine(10)), {2: 0.5, 4: 1, 9: 0.5, 14: 0}),
    ],
)
def test_schedules(schedule, values):
    for e, value in values.items():
        assert schedule(e) == pytest.approx(value, abs=1e-15)
    assert pickle.loads(pickle.dumps(schedule)) == schedule


@each_solver
def test_the_schedule_is_asked_at_each_step(solver):
    asked = []

    def schedule(e):
        asked.append(e)
        return 1 - e / 4

    found = solver(
        Points(np.ones((2, 10))),
        np.zeros(2),
        rng=generator(),
        epochs=2,
        batch_size=4,
        learning_rate=0.1,
        schedule=schedule,
    )
    np.testing.assert_allclose(asked, [0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    assert [r["learning_rate"] for r in found.history] == pytest.approx([0.1 * (1 - 1 / 6), 0.1 * (1 - 5 / 12)])


def test_sgd_obeys_the_schedule():
    found = sae.minimize_sgd(
        Points([[1.0]]),
        [0.0],
        rng=generator(),
        epochs=3,
        learning_rate=0.5,
        momentum=0,
        schedule=schedules.Exponential(0.5),
    )
    np.testing.assert_allclose(1 - found.theta, 0.5 * 0.75 * 0.875)


# Batches, validation, early stopping ------------------------------------------------------------------------------


@each_solver
@pytest.mark.parametrize("shuffle", [True, False])
def test_each_epoch_takes_each_example_once(solver, shuffle):
    points = Points(np.zeros((2, 10)))
    found = solver(points, np.ones(2), rng=generator(), epochs=3, batch_size=4, shuffle=shuffle)
    assert [len(columns) for columns in points.asked] == [4, 4, 2] * 3
    orders = np.concatenate(points.asked).reshape(3, 10)
    assert (np.sort(orders) == np.arange(10)).all()
    assert (orders == np.arange(10)).all() == (not shuffle)
    assert len({tuple(order) for order in orders}) == (3 if shuffle else 1)
    assert [list(r) for r in found.history] == [["iteration", "evaluations", "cost", "learning_rate"]] * 3
    assert [r["evaluations"] for r in found.history] == [3, 6, 9]
    assert found.message == "3 epochs of 3 steps"


def leak_law(solver):
    """What is left out for validation never trains: examples at 0 train, those at 100 + i would be seen."""
    seen, points = set(), Points(np.arange(40.0)[None])
    shown = points.batch

    def watched(columns):
        batch = shown(columns)
        if len(columns) in (30, 10):  # the parts themselves
            parts.append((batch.X.ravel(), batch))
            batch.batch = lambda columns: seen.update(batch.X[0, columns]) or Points(batch.X[:, columns])
        else:
            seen.update(batch.X.ravel())
        return batch

    parts, points.batch = [], watched
    found = solver(points, np.zeros(1), rng=generator(), epochs=2, batch_size=7, validation=0.25)
    (train, trained_on), (held, _) = parts
    assert len(train) == 30
    assert {*train, *held} == {*range(40)}
    assert seen == {*train}
    assert found.cost == trained_on(found.theta)[0]
    assert found.validation == pytest.approx(((found.theta - held) ** 2).mean() / 2)


@each_solver
def test_validation_does_not_leak(solver, monkeypatch):
    leak_law(solver)
    split = Loop._split
    monkeypatch.setattr(Loop, "_split", lambda self, objective: (split(self, objective) and objective, objective))
    with pytest.raises(AssertionError):
        leak_law(solver)


def toward(target):
    return lambda theta: (float(((theta - target) ** 2).sum()), 2 * (theta - target))


@each_solver
def test_early_stopping_restores_the_best(solver):
    """Training goes from 0 to 1, validation is best at 0.5: on the way there, not at the end."""
    states = []
    found = solver(
        Points(np.ones((3, 8))),
        np.zeros(3),
        rng=generator(),
        epochs=200,
        learning_rate=0.02,
        validation=toward(0.5),
        patience=5,
        callback=states.append,
    )
    costs = [state["validation"] for state in states]
    best = int(np.argmin(costs))
    assert found.best == best + 1
    assert found.validation == min(costs) == toward(0.5)(found.theta)[0]
    np.testing.assert_array_equal(found.theta, states[best].theta)
    assert found.iterations == len(costs) == best + 6 < 200
    assert found.cost == Points(np.ones((3, 8)))(found.theta)[0]
    assert found.converged
    assert found.message.startswith("stopped early, after ")
    assert states == found.history
    assert np.abs(states[-1].theta - found.theta).max() > 0.01


def test_min_delta_ends_it_sooner_but_the_lowest_is_kept():
    run = {"rng": generator(), "epochs": 100, "learning_rate": 0.01, "momentum": 0, "validation": toward(1.0)}
    found = sae.minimize_sgd(Points([[1.0]]), [0.0], patience=3, min_delta=0.1, **run)
    costs = [r["validation"] for r in found.history]
    assert found.iterations < 20  # each epoch gains 2 % of the rest, five of them 0.1
    assert found.best == found.iterations
    assert found.validation == costs[-1] == min(costs)


def test_a_training_that_only_harms_gives_the_start_back():
    found = sae.minimize_sgd(
        Points([[1.0]]), [0.0], rng=generator(), epochs=4, learning_rate=0.1, validation=toward(-1.0)
    )
    assert found.best == 0
    assert found.theta == 0
    assert found.validation == 1
    assert found.message == "4 epochs of 1 steps"
    assert not found.converged


def test_an_autoencoder_is_split_too(objective):
    found = sae.minimize_adam(
        objective, start(objective), rng=generator(), epochs=5, batch_size=32, validation=0.2, patience=2
    )
    order = generator().permutation(300)
    assert found.validation == pytest.approx(objective.batch(np.sort(order[:60]))(found.theta)[0], rel=1e-13)
    assert found.cost == pytest.approx(objective.batch(np.sort(order[60:]))(found.theta)[0], rel=1e-13)
    assert found.history[0]["evaluations"] == 8
    assert sae.plot_history(found.history).axes[0].get_legend_handles_labels()[1] == ["J", "validation"]


# What goes wrong --------------------------------------------------------------------------------------------------


@each_solver
def test_interrupted_with_validation_it_returns_the_best(solver):
    def stop(state):
        if state["iteration"] == 40:
            raise KeyboardInterrupt

    found = solver(
        Points(np.ones((3, 8))),
        np.zeros(3),
        rng=generator(),
        epochs=200,
        learning_rate=0.05,
        validation=toward(0.5),
        callback=stop,
    )
    assert found.interrupted
    assert not found.converged
    assert found.iterations == 40
    assert 0 < found.best < 40
    assert toward(0.5)(found.theta)[0] == found.validation == min(r["validation"] for r in found.history)


def test_interrupted_in_the_last_evaluation():
    class Slow(Points):
        left = 1

        def __call__(self, theta):
            if Slow.left:
                Slow.left -= 1
                raise KeyboardInterrupt
            return super().__call__(theta)

        def batch(self, columns):
            return Points(self.X[:, columns])

    found = sae.minimize_sgd(Slow([[1.0]]), [0.0], rng=generator(), epochs=2)
    assert found.interrupted
    assert found.iterations == 2
    assert found.cost == Points([[1.0]])(found.theta)[0]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs a timer signal")
@each_solver
def test_an_interruption_at_any_moment_leaves_a_result(solver, rng):
    objective = sae.Autoencoder(rng.uniform(0.1, 0.9, (64, 256)), 25, **CLASSIC)
    theta = objective.init(rng)
    solver(objective, theta, rng=generator(), epochs=1)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)

    def set_off(state):  # once the training is at work: before, Ctrl-C has nothing to give back
        if state["iteration"] == 1:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-4, 0.02))

    for _ in range(40):
        try:
            found = solver(objective, theta, rng=generator(), epochs=10**6, batch_size=64, callback=set_off)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        assert found.interrupted
        assert found.cost == objective(found.theta)[0]
    signal.signal(signal.SIGALRM, before)


def test_a_training_that_blows_up_keeps_the_last_good_epoch():
    states = []
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(sae.TrainingError) as caught:
        sae.minimize_sgd(
            Points(np.ones((1, 4))), [0.0], rng=generator(), epochs=10**4, learning_rate=100, callback=states.append
        )
    result = caught.value.result
    assert str(caught.value).startswith(f"training stopped after {result.iterations} epochs, in step ")
    assert np.isfinite(result.theta).all()
    np.testing.assert_array_equal(result.theta, states[-1].theta)
    assert len(result.history) == len(states) > 10

    class Breaks(Points):
        def batch(self, columns):
            if len(self.asked) == 6:
                raise sae.SaeError("no further")
            return super().batch(columns)

    with pytest.raises(sae.TrainingError, match=r"after 3 epochs, in step 6: no further") as caught:
        sae.minimize_adam(Breaks(np.ones((1, 4))), [0.0], rng=generator(), batch_size=2, learning_rate=0.1)
    assert caught.value.result.cost == Points(np.ones((1, 4)))(caught.value.result.theta)[0]
    assert caught.value.result.cost < 0.5


def test_a_saturated_unit_ends_it_with_its_reason(objective):
    with pytest.raises(sae.TrainingError, match="saturated") as caught:
        sae.minimize_sgd(objective, start(objective), rng=generator(), epochs=200, learning_rate=1e5, momentum=0)
    assert np.isfinite(caught.value.result.theta).all()


@each_solver
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rng": 0}, "rng is 0"),
        ({"patience": 3}, "patience is 3, but there is no validation"),
        ({"patience": 0, "validation": 0.1}, "patience is 0"),
        ({"validation": 1.5}, "validation is 1.5"),
        ({"validation": 0.01}, "validation is 0.01, which is 0 of the 10 examples"),
        ({"validation": 0.99}, "which is 10 of the 10 examples"),
        ({"validation": lambda theta: 3}, "returned int; expected two"),
        ({"min_delta": -1}, "min_delta is -1"),
        ({"clip_norm": 0}, "clip_norm is 0"),
        ({"schedule": lambda e: np.nan}, "the schedule's factor is nan"),
        ({"schedule": lambda e: -1}, "the schedule's factor is -1"),
        ({"theta0": [0.0, np.inf]}, "theta has 0 NaN and 1 infinite"),
    ],
)
def test_bad_input(solver, change, message):
    arguments = {"theta0": np.zeros(2), "rng": generator(), **change}
    with pytest.raises(sae.SaeError, match=message):
        solver(Points(np.ones((2, 10))), **arguments)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda **k: sae.minimize_adam(weight_decay=-1, **k), "weight_decay is -1"),
        (lambda **k: sae.minimize_adam(weight_decay=2, learning_rate=0.5, **k), "times weight_decay is 1"),
        (lambda **k: sae.minimize_sgd(momentum=1, **k), "momentum is 1"),
        (lambda **k: schedules.Step(0), "every is 0"),
        (lambda **k: schedules.Exponential(-1), "gamma is -1"),
        (lambda **k: schedules.Cosine(0), "epochs is 0"),
        (lambda **k: schedules.WarmUp(0), "epochs is 0"),
    ],
)
def test_bad_settings(call, message):
    with pytest.raises(sae.SaeError, match=message):
        call(objective=Points(np.ones((2, 10))), theta0=np.zeros(2), rng=generator())


def test_an_objective_with_a_gradient_of_another_shape():
    points = Points(np.ones((2, 10)))
    points.batch = lambda columns: lambda theta: (1.0, np.zeros(3))
    with pytest.raises(sae.TrainingError, match=r"gradient of shape \(3,\)"):
        sae.minimize_sgd(points, np.zeros(2), rng=generator())


def test_callbacks_may_keep_and_change_theta(objective):
    states = []

    def spoil(state):
        states.append(state.theta.copy())
        state.theta[...] = np.nan

    run = {"epochs": 3, "batch_size": 64}
    quiet = sae.minimize_adam(objective, start(objective), rng=generator(), **run)
    found = sae.minimize_adam(objective, start(objective), rng=generator(), **run, callback=spoil)
    assert found.theta.tobytes() == quiet.theta.tobytes() == states[-1].tobytes()
    lbfgs = sae.minimize_lbfgs(objective, start(objective), max_iter=5, callback=spoil)
    assert lbfgs.theta.tobytes() == states[-1].tobytes()


@each_solver
def test_a_callback_may_stop_it(solver, objective):
    def enough(state):
        if state["iteration"] == 2:
            raise StopIteration

    found = solver(objective, start(objective), rng=generator(), callback=enough)
    assert found.iterations == 2
    assert found.message == "stopped by the callback after 2 epochs"
    assert not found.converged
    assert not found.interrupted
    assert found.cost == objective(found.theta)[0]
