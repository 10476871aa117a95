"""Sparse coding: both gradients, the best weights, groups on a torus, and learning in turns."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import sae
from sae import alternating, sparse_coding
from sae.sparse_coding import FeatureCost, WeightCost, topography
from tests.mutants import mutant

SETTINGS = {"lam": 0.3, "gamma": 0.1, "eps": 1e-2}
DIVIDED = ["all", "error", "none"]
GROUPS = {"plain": None, "3 x 3 of 3 x 4": topography(3, 4, 3), "2 x 2 of 3 x 4": topography(3, 4, 2)}
GRID = [
    pytest.param({"divide_by_m": d, "V": V}, m, id=f"{d}, {name}, m {m}")
    for d in DIVIDED
    for name, V in GROUPS.items()
    for m in (1, 7)
]


def pair(m=7, page=sparse_coding, **options):
    """Both objectives, with s and A as their thetas."""
    rng = np.random.default_rng(1)
    X, A, s = rng.standard_normal((5, m)), rng.standard_normal((5, 12)), rng.standard_normal((12, m))
    settings = {**SETTINGS, **options}
    return (page.FeatureCost(X, A, **settings), s.ravel()), (page.WeightCost(X, s, **settings), A.ravel())


def cost_by_autograd(A, s, objective):
    """J example by example, without matrices where the formula has sums."""
    total_error, total_sparsity = 0.0, 0.0
    V = np.eye(len(s)) if objective.V is None else objective.V
    for i in range(objective.m):
        total_error = total_error + anp.sum((objective.X[:, i] - anp.dot(A, s[:, i])) ** 2)
        for group in V:
            total_sparsity = total_sparsity + anp.sqrt(anp.sum(s[group > 0, i] ** 2) + objective.eps)
    c_x, c_s = {"all": (objective.m, objective.m), "error": (objective.m, 1), "none": (1, 1)}[objective.divide_by_m]
    return total_error / c_x + objective.lam * total_sparsity / c_s + objective.gamma * anp.sum(A**2)


@pytest.mark.parametrize(("options", "m"), GRID)
def test_gradients(options, m):
    for objective, theta in pair(m, **options):
        report = sae.check_gradient(objective, theta, method="complex")
        assert report.relative_error < 1e-13, report
        assert sae.check_gradient(objective, theta).ok


@pytest.mark.parametrize(("options", "m"), GRID)
def test_costs_and_gradients_equal_autodiff(options, m):
    (features, s), (weights, A) = pair(m, **options)
    matrix_A, matrix_s = A.reshape(5, 12), s.reshape(12, m)
    for objective, theta, witness in (
        (features, s, lambda s: cost_by_autograd(matrix_A, anp.reshape(s, (12, m)), features)),
        (weights, A, lambda A: cost_by_autograd(anp.reshape(A, (5, 12)), matrix_s, features)),
    ):
        cost, grad = objective(theta)
        assert cost == pytest.approx(witness(theta), rel=1e-13)
        assert cost == sum(objective.costs(theta).values())
        np.testing.assert_allclose(grad, autograd.grad(witness)(theta), rtol=1e-12, atol=1e-13)


BUGS = {
    "no 2 in dJ/ds": ("return 2 * c_x * (A.T @ r)", "return c_x * (A.T @ r)", "s"),
    "V for its transpose": ("V.T @ (1 / t)", "V @ (1 / t)", "s"),
    "t for 1/t": ("V.T @ (1 / t)", "V.T @ t", "s"),
    "the slope without s": ("lam * c_s * s * slope", "lam * c_s * slope", "s"),
    "the sparsity not divided by m": ("lam * c_s * s * slope", "lam * s * slope", "s"),
    "the error not divided by m": ("return 2 * c_x * (r @ s.T)", "return 2 * (r @ s.T)", "A"),
    "no decay": (" + 2 * gamma * A  #", "  #", "A"),
    "no 2 in the decay": ("+ 2 * gamma * A", "+ gamma * A", "A"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught(bug):
    old, new, where = BUGS[bug]
    V = topography(3, 4, 2)
    for objective, theta in pair(page=mutant(sparse_coding, old, new), V=V, divide_by_m="all"):
        for method in ("complex", "central"):
            wrong = sae.check_gradient(objective, theta, method=method).wrong
            assert bool(wrong) == (where in objective.layout.names), (bug, wrong)


@pytest.mark.parametrize("divide_by_m", DIVIDED)
def test_the_best_weights_are_the_minimum(divide_by_m, rng):
    _, (objective, _) = pair(20, divide_by_m=divide_by_m)
    best = objective.minimum()
    cost, grad = objective(best)
    scale = np.abs(objective(0 * best)[1]).max()
    assert np.abs(grad).max() < 1e-12 * scale
    for _ in range(20):
        assert objective(best + 1e-3 * rng.standard_normal(best.size))[0] > cost
    found = sae.minimize_lbfgs(objective, objective.init(rng), max_iter=1000, ftol=0, gtol=1e-10)
    np.testing.assert_allclose(found.theta, best, atol=1e-6)


def test_best_weights_as_the_exercise_writes_them():
    _, (objective, _) = pair(20)
    X, s, m = objective.X, objective.s, objective.m
    expected = X @ s.T @ np.linalg.inv(s @ s.T + SETTINGS["gamma"] * m * np.eye(12))
    np.testing.assert_allclose(objective.minimum().reshape(5, 12), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("old", "new"),
    [("gamma * np.eye(len(s))", "gamma / 2 * np.eye(len(s))"), ("M = c_x * (s @ s.T)", "M = s @ s.T")],
)
def test_wrong_best_weights_are_no_minimum(old, new):
    _, (objective, _) = pair(20, page=mutant(sparse_coding, old, new))
    assert np.abs(objective(objective.minimum())[1]).max() > 1e-2


def test_features_start_from_what_each_unit_explains_alone():
    (objective, _), _ = pair()
    s = objective.init().reshape(12, 7)
    for j in range(12):
        for i in range(7):
            alone = np.linalg.lstsq(objective.A[:, [j]], objective.X[:, i])[0]
            assert s[j, i] == pytest.approx(alone[0], rel=1e-12)


@pytest.mark.parametrize(("rows", "columns", "window"), [(3, 3, 3), (4, 5, 3), (5, 4, 2), (6, 6, 1), (11, 11, 3)])
def test_groups_are_windows_of_a_torus(rows, columns, window):
    V = topography(rows, columns, window)
    assert (V.sum(axis=0) == window**2).all()  # each unit in as many groups
    assert (V.sum(axis=1) == window**2).all()
    groups = {frozenset(np.flatnonzero(group)) for group in V}
    for top in range(rows):
        for left in range(columns):
            units = {(top + i) % rows * columns + (left + j) % columns for i in range(window) for j in range(window)}
            assert frozenset(units) in groups
    if window == 1:
        np.testing.assert_array_equal(V, np.eye(rows * columns))


def test_groups_of_one_are_plain():
    for (plain, theta), (grouped, _) in zip(pair(), pair(V=topography(3, 4, 1)), strict=True):
        assert plain(theta)[0] == pytest.approx(grouped(theta)[0], rel=1e-15)
        np.testing.assert_allclose(plain(theta)[1], grouped(theta)[1], rtol=1e-14)


def test_protocol():
    for objective, theta in pair():
        theta.flags.writeable = objective.X.flags.writeable = False
        cost, grad = objective(theta)
        assert isinstance(cost, float)
        assert grad.shape == theta.shape == (objective.layout.size,)
        assert objective(theta)[1].tobytes() == grad.tobytes()
        assert list(objective.costs(theta)) == ["squared error", "sparsity", "weight decay"]
        assert objective.init(np.random.default_rng(0)).shape == theta.shape


# Learning --------------------------------------------------------------------------------------------------------


def sparse_data(m=400):
    """Examples made of few of eight directions at right angles, with noise."""
    rng = np.random.default_rng(3)
    A = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    s = rng.laplace(size=(8, m)) * (rng.uniform(size=(8, m)) < 0.2)
    return A, A @ s + 0.01 * rng.standard_normal((8, m))


LEARN = {"lam": 0.3, "gamma": 0.05, "divide_by_m": "all"}


def test_learning_finds_the_directions(rng):
    A, X = sparse_data()
    result = sae.learn_sparse_coding(X, 8, **LEARN, rng=rng, batch_size=200, max_iter=60)
    found = result.A / np.sqrt((result.A**2).sum(axis=0))
    assert np.abs(A.T @ found).max(axis=1).min() > 0.98
    assert np.abs(A.T @ found).max(axis=0).min() > 0.98
    np.testing.assert_array_equal(result.theta, result.A.ravel())
    assert [record["iteration"] for record in result.history] == list(range(1, 61))
    assert result.message == "stopped at the iteration limit, 60"


def test_on_all_examples_the_cost_falls_in_every_iteration(rng):
    _, X = sparse_data(100)
    result = sae.learn_sparse_coding(X, 6, **LEARN, V=topography(2, 3, 2), rng=rng, max_iter=20)
    costs = np.array([record["cost"] for record in result.history])
    assert (np.diff(costs) <= 1e-12).all()
    assert costs[-1] < 0.95 * costs[0]


def test_ctrl_c_keeps_the_last_weights(rng, monkeypatch):
    _, X = sparse_data(100)
    seen = []

    def interrupt(state):
        seen.append(state.theta)
        if len(seen) == 3:
            raise KeyboardInterrupt

    result = sae.learn_sparse_coding(X, 6, **LEARN, rng=rng, max_iter=20, callback=interrupt)
    assert result.interrupted
    assert result.iterations == 3
    np.testing.assert_array_equal(result.theta, seen[-1])

    whole = FeatureCost.costs_and_grad
    calls = []

    def in_the_middle(self, theta):
        calls.append(1)
        if len(calls) == 50:
            raise KeyboardInterrupt
        return whole(self, theta)

    monkeypatch.setattr(FeatureCost, "costs_and_grad", in_the_middle)
    result = sae.learn_sparse_coding(X, 6, **LEARN, rng=rng, max_iter=20)
    assert result.interrupted
    assert 0 < result.iterations < 20
    assert np.isfinite(result.A).all()


def test_a_callback_stops_it_and_a_seed_repeats_it():
    def enough(state):
        if state["iteration"] == 2:
            raise StopIteration

    _, X = sparse_data(100)
    runs = [
        sae.learn_sparse_coding(X, 6, **LEARN, rng=np.random.default_rng(5), batch_size=40, max_iter=9, callback=enough)
        for _ in range(2)
    ]
    assert runs[0].message == "stopped by the callback after 2 iterations"
    np.testing.assert_array_equal(runs[0].A, runs[1].A)


def test_a_failure_on_the_way_hands_over_what_there_is(rng, monkeypatch):
    _, X = sparse_data(100)
    calls = []

    def second_fails(s, X, gamma, c_x):
        calls.append(1)
        if len(calls) == 2:
            raise sae.SaeError("no weights")
        return sparse_coding.best_weights(s, X, gamma, c_x)

    monkeypatch.setattr(alternating.WeightCost, "minimum", lambda w: second_fails(w.s, w.X, w.gamma, w.c_x).ravel())
    with pytest.raises(sae.TrainingError, match="after 1 iterations: no weights") as raised:
        sae.learn_sparse_coding(X, 6, **LEARN, rng=rng)
    assert raised.value.result.iterations == 1


# Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros(5)}, r"X has shape \(5,\)"),
        ({"A": np.zeros((4, 12))}, r"A has shape \(4, 12\); expected \(5, n_hidden\)"),
        ({"lam": -1}, "lam is -1"),
        ({"gamma": np.nan}, "gamma is nan"),
        ({"eps": 0}, "eps is 0; expected a finite number above 0"),
        ({"V": np.eye(5)}, r"V has shape \(5, 5\) .*; expected \(groups, 12\) and zeros"),
        ({"V": np.full((3, 12), 0.5)}, "values from 0.5 to 0.5"),
        ({"divide_by_m": "mean"}, "divide_by_m is 'mean'; expected one of all, error, none"),
    ],
)
def test_bad_input(change, message):
    arguments = {"X": np.ones((5, 7)), "A": np.ones((5, 12)), **SETTINGS, **change}
    with pytest.raises(sae.SaeError, match=message):
        FeatureCost(**arguments)


def test_more_bad_input(rng):
    X = rng.standard_normal((5, 7))
    for use, message in (
        (lambda: WeightCost(X, np.ones((12, 6)), **SETTINGS), r"s has shape \(12, 6\); expected \(n_hidden, 7\)"),
        (lambda: FeatureCost(X, np.eye(5)[:, :4] * [1, 1, 0, 1], **SETTINGS).init(), "column 2 of A is 0"),
        (lambda: WeightCost(X, np.ones((9, 7)), lam=1, gamma=0).minimum(), "gamma is 0, and the features of 7"),
        (lambda: WeightCost(X, np.ones((9, 7)), lam=1, gamma=1)(np.ones(3)), r"theta has shape \(3,\); .* \[A\]"),
        (lambda: topography(3, 3, 4), "window is 4; expected a whole number of at most 3"),
        (lambda: sae.learn_sparse_coding(X, 3, **LEARN, rng=0), "rng is 0"),
        (lambda: sae.learn_sparse_coding(X, 3, **LEARN, rng=rng, A0=np.ones((3, 5))), r"A0 has shape \(3, 5\)"),
        (lambda: sae.learn_sparse_coding(X, 3, **{**LEARN, "lam": -1}, rng=rng), "lam is -1"),
    ):
        with pytest.raises(sae.SaeError, match=message):
            use()
