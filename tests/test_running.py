"""The sparsity from a running mean, and the measured bias of both."""

import numpy as np
import pytest

import sae
from sae.studies import batches
from sae.studies.batches import KINDS, Sparsity, measure_bias, settings, trained_problem
from sae.studies.problem import Problem

LAM, RHO, BETA = 1e-3, 0.1, 2.0
TERMS = {"lam": LAM, "rho": RHO, "beta": BETA}
BATCHES = [np.arange(0, 20), np.arange(20, 60), np.arange(10, 45), np.arange(5, 9)]


@pytest.fixture
def objective(rng):
    return sae.Autoencoder(rng.uniform(0.1, 0.9, (7, 60)), 5, **TERMS)


@pytest.fixture
def thetas(objective):
    rng = np.random.default_rng(1)
    return [objective.init(rng) + rng.normal(0, 0.3, objective.layout.size) for _ in BATCHES]


def literal_means(objective, thetas, keep):
    """The mean of the batches so far, with weights keep^age, from its definition."""
    seen = [objective.batch(columns).rho_hat(theta) for columns, theta in zip(BATCHES, thetas, strict=True)]
    for t in range(1, len(seen) + 1):
        weights = keep ** np.arange(t - 1, -1, -1.0)
        yield weights @ np.array(seen[:t]) / weights.sum()


def kl(r):
    value = BETA * (RHO * np.log(RHO / r) + (1 - RHO) * np.log((1 - RHO) / (1 - r))).sum()
    return value, BETA * (-RHO / r + (1 - RHO) / (1 - r))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("gradient", ["all", "batch"])
@pytest.mark.parametrize("keep", [0.0, 0.6, 0.95])
def test_it_is_the_equations(keep, gradient, engine, objective, thetas):
    if engine == "numpy":
        objective = sae.Autoencoder(objective.X, 5, **TERMS, engine=engine)
    running = sae.RunningSparsity(objective, keep, gradient)
    assert running.r is None
    for t, (columns, theta, r) in enumerate(
        zip(BATCHES, thetas, literal_means(objective, thetas, keep), strict=True), start=1
    ):
        cost, grad = running.batch(columns)(theta)
        np.testing.assert_allclose(running.r, r, rtol=1e-13)
        rest, grad_rest = sae.reference.cost_and_grad(theta, objective.X[:, columns], 5, LAM, RHO, 0.0)
        value, slope = kl(r)
        assert cost == pytest.approx(rest + value, rel=1e-12)

        W1, _, b1, _ = objective.layout.unpack(theta)
        X = objective.X[:, columns]
        a2 = sae.sigmoid(W1 @ X + b1[:, None])
        c = (1 - keep) / (1 - keep**t) if gradient == "batch" else 1
        delta2 = c * slope[:, None] * a2 * (1 - a2)
        W2, b2 = (np.zeros(objective.layout.shapes[name]) for name in ("W2", "b2"))
        added = objective.layout.pack(W1=delta2 @ X.T / len(columns), W2=W2, b1=delta2.mean(axis=1), b2=b2)
        np.testing.assert_allclose(grad, grad_rest + added, rtol=1e-10, atol=1e-13)


def test_the_gradient_of_a_batch_is_that_of_its_cost(objective, thetas):
    """And that of "all" is not, on purpose."""
    for gradient, verdict in (("batch", True), ("all", False)):

        def last(theta, gradient=gradient):
            running = sae.RunningSparsity(objective, 0.8, gradient)
            running.batch(BATCHES[0])(thetas[0])
            return running.batch(BATCHES[1])(theta)

        assert sae.check_gradient(last, thetas[1]).ok == verdict


def test_keeping_nothing_is_the_batch_itself(objective):
    theta = objective.init(np.random.default_rng(1))
    run = {"epochs": 3, "batch_size": 16, "learning_rate": 0.01}
    plain, running = (
        sae.minimize_adam(o, theta, rng=np.random.default_rng(2), **run)
        for o in (objective, sae.RunningSparsity(objective, 0.0))
    )
    np.testing.assert_array_equal(running.theta, plain.theta)
    assert running.cost == plain.cost


def test_called_it_is_the_objective(objective, thetas):
    running = sae.RunningSparsity(objective)
    running.batch(BATCHES[0])(thetas[0])
    r = running.r.copy()
    cost, grad = running(thetas[1])
    assert cost == objective(thetas[1])[0]
    np.testing.assert_array_equal(grad, objective(thetas[1])[1])
    np.testing.assert_array_equal(running.r, r)
    assert (running.m, running.layout, running.dtype) == (60, objective.layout, np.float64)
    part = running.only(np.arange(30))
    assert part.m == 30
    assert part(thetas[0])[0] == pytest.approx(objective.batch(np.arange(30))(thetas[0])[0], rel=1e-14)
    part.batch(np.arange(5))(thetas[0])
    assert running.mean.t == 2


def test_validation_is_judged_by_its_own_rho_hat(objective):
    theta = objective.init(np.random.default_rng(1))
    running = sae.RunningSparsity(objective)
    found = sae.minimize_adam(running, theta, rng=np.random.default_rng(2), epochs=3, batch_size=16, validation=0.25)
    order = np.random.default_rng(2).permutation(60)
    assert found.validation == pytest.approx(objective.batch(np.sort(order[:15]))(found.theta)[0], rel=1e-13)
    assert running.mean.t == 9


def test_other_activations_and_single_precision(rng):
    X = rng.uniform(-0.9, 0.9, (7, 60))
    for change in ({"f": sae.tanh, "g": sae.identity}, {"dtype": "float32", "g": sae.identity}):
        objective = sae.Autoencoder(X, 5, **TERMS, **change)
        theta = objective.init(rng)
        running = sae.RunningSparsity(objective, 0.5)
        cost, grad = running.batch(BATCHES[0])(theta)
        np.testing.assert_allclose(cost, objective.batch(BATCHES[0])(theta)[0], rtol=1e-12)  # the first is the batch
        np.testing.assert_allclose(grad, objective.batch(BATCHES[0])(theta)[1], rtol=1e-12)
        running.batch(BATCHES[1])(theta)
        means = [objective.batch(columns).rho_hat(theta) for columns in BATCHES[:2]]
        np.testing.assert_allclose(running.r, (means[0] + 2 * means[1]) / 3, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((lambda theta: (0.0, theta),), "expected a sae.autoencoder.Autoencoder"),
        (
            (sae.Autoencoder(np.full((3, 4), 0.5), 2, lam=0, rho=0.1, beta=0),),
            "terms of the objective are squared error",
        ),
        ((sae.Autoencoder(np.full((3, 4), 0.5), 2, **TERMS), 1.0), "keep is 1.0"),
        ((sae.Autoencoder(np.full((3, 4), 0.5), 2, **TERMS), 0.5, "half"), "gradient is 'half'"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.RunningSparsity(*arguments)


# The bias ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def problem():
    return trained_problem(np.random.default_rng(0), m=1000, iterations=60)


@pytest.fixture(scope="module")
def records(problem):
    return measure_bias(problem, np.random.default_rng(1), sizes=(64, 200), chains=12, steps=100)


def off(records, name, sizes=(64, 200)):
    """How many standard errors the prediction is off, at most; the next order of Taylor's formula gets 12 %."""
    return max(
        (abs(r[name] - r[f"{name} predicted"]) - 0.12 * abs(r[f"{name} predicted"])) / r[f"{name} error"]
        for r in records
        if r["batch"] in sizes
    )


@pytest.mark.parametrize("name", ["cost", "gradient"])
def test_the_measured_bias_is_the_predicted_one(name, records):
    assert len(records) == 6
    assert off(records, name) < 4
    assert all(r[f"{name} error"] < 0.2 * r[name] for r in records)


def test_wrong_predictions_would_be_noticed(records):
    def changed(**factors):
        return [{**r, **{name: r[name] * factor(r) for name, factor in factors.items()}} for r in records]

    assert off(changed(**{"cost predicted": lambda r: 2}), "cost") > 10  # without the 1/2
    without_fpc = changed(**{"cost predicted": lambda r: 1 / (1 - r["batch"] / 1000)})
    assert off(without_fpc, "cost", (200,)) > 4  # as if drawn with repetition
    ignoring_d = changed(**{"cost predicted": lambda r: 1 if r["sparsity"] == KINDS[0] else 19})
    assert off(ignoring_d, "cost") > 10
    ignoring_c = changed(**{"gradient predicted": lambda r: 1 if r["sparsity"] != KINDS[2] else 0.1})
    assert off(ignoring_c, "gradient") > 10


def test_the_bias_of_the_gradient_is_the_gradient_of_the_bias(problem):
    """(V4) is the derivative of (V3) for d = 0 and c = 1, by central differences in theta."""
    value, P = Sparsity.of(problem).predicted(32, 0.0, 1.0)
    rng = np.random.default_rng(3)
    n, h = 64, 25
    V = rng.standard_normal((h, n + 1))
    W2, b2 = np.zeros((n, h)), np.zeros(n)
    direction = problem.layout.pack(W1=V[:, :n].copy(), W2=W2, b1=V[:, n].copy(), b2=b2)

    def at(step):
        moved = Problem(problem.X, h, problem.theta + step * direction, problem.lam, problem.rho, problem.beta)
        return Sparsity.of(moved).predicted(32, 0.0, 1.0)[0]

    assert (at(1e-5) - at(-1e-5)) / 2e-5 == pytest.approx((P * V).sum(), rel=1e-6)
    assert value > 0


def test_the_mean_over_all_batches_of_few_examples(rng):
    """(V1) is exact: the variance of rho_hat over all pairs out of 6 examples."""
    a2 = rng.uniform(0.1, 0.9, (1, 6))
    pairs = [a2[0, [i, j]].mean() for i in range(6) for j in range(i)]
    sparsity = Sparsity(a2, a2 * (1 - a2), np.ones((2, 6)), 0.1, 1.0)
    second = 0.1 / a2.mean() ** 2 + 0.9 / (1 - a2.mean()) ** 2
    assert sparsity.predicted(2, 0.0, 1.0)[0] == pytest.approx(second * np.var(pairs) / 2)
    assert sparsity.predicted(6, 0.0, 1.0)[0] == 0


def test_rows_and_figure(records):
    rows = batches.bias_rows(records)
    assert [row["examples in a batch"] for row in rows] == ["64"] * 3 + ["200"] * 3
    figure = batches.plot_bias(records)
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "log"]
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == list(KINDS)
    lines = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 2 and line.get_marker() == "None"]
    drawn = [r["cost predicted"] for r in records if r["sparsity"] == KINDS[0]]
    assert any(np.array_equal(line.get_ydata(), drawn) for line in lines)
    with pytest.raises(sae.SaeError, match="no records"):
        batches.plot_bias([])
    with pytest.raises(sae.SaeError, match="kind is 'other'"):
        settings("other")
    with pytest.raises(sae.SaeError, match="a batch is 2000"):
        measure_bias(
            trained_problem(np.random.default_rng(0), m=50, iterations=2), np.random.default_rng(0), sizes=[2000]
        )


def test_training_from_the_minimum_shows_the_bias(problem):
    """Batches of 16 end above the minimum; the running mean ends closer; c = 1 - d has lost most of the sparsity."""
    records = batches.train(problem, np.random.default_rng(2), sizes=(16,), rates=(1e-3,), epochs=30, draws=1)
    excess = {r["sparsity"]: r["excess"] for r in records if r["start"] == "minimum"}
    assert excess["L-BFGS"] == 0
    assert excess[KINDS[1]] < excess[KINDS[0]] / 2
    assert excess[KINDS[2]] > excess[KINDS[0]]
    assert len(batches.training_rows(records)) == len(records) == 7
    assert {r["start"] for r in records} == {"minimum", "random"}
