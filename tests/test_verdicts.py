"""The verdict: each one reached, nothing right called wrong, and the same cases with a mistake called wrong."""

import json

import numpy as np
import pytest
from conftest import CLASSIC
from test_gradient_check import BUGS, student

import sae

LAYOUT = sae.Layout.autoencoder(7, 4)
RIGHT = {"correct", "precision"}


def classic(theta, bug=None, X=None, **changes):
    X = np.random.default_rng(0).uniform(0.1, 0.9, (7, 13)) if X is None else X
    return student(theta, X, 4, **CLASSIC | changes, bug=bug)


def a_theta(seed=1):
    return np.random.default_rng(seed).normal(0, 0.5, LAYOUT.size)


def rectified(theta, bug=None, k=None):
    """A linear decoder behind relu or, with k, topk units; not the library's, so that it offers no `kinks`."""
    W1, W2, b1, b2 = LAYOUT.unpack(theta)
    X = np.random.default_rng(0).uniform(0.1, 0.9, (7, 13))
    z2 = W1 @ X + b1[:, None]
    f = sae.activations.topk(k) if k else sae.relu
    a2 = f(z2)
    delta3 = W2 @ a2 + b2[:, None] - X
    delta2 = (W2.T @ delta3) * (1 if bug == "no f'" else f.derivative(a2))
    m = 1 if bug == "missing 1/m" else 13
    grads = delta2 @ X.T / m, delta3 @ a2.T / 13, delta2.sum(axis=1) / 13, delta3.sum(axis=1) / 13
    if bug == "one wrong entry":
        grads[1].flat[np.abs(grads[1]).argmax()] *= 1.01
    return (delta3 * delta3).sum() / 26, np.concatenate([g.ravel() for g in grads])


def near(distance, k=None):
    """A theta where z2 of unit 2 in example 5, or with topk the gap between the second and third, is `distance`."""
    theta = a_theta()
    W1, _, b1, _ = LAYOUT.unpack(theta)
    z2 = (W1 @ np.random.default_rng(0).uniform(0.1, 0.9, (7, 13)) + b1[:, None])[:, 5]
    third, second = np.argsort(z2)[1:3]
    unit, to = (second, z2[third]) if k else (2, 0.0)
    b1[unit] -= z2[unit] - to - distance
    return theta


def check(objective, theta, **arguments):
    return sae.check_gradient(objective, theta, layout=LAYOUT if np.size(theta) == LAYOUT.size else None, **arguments)


# Each verdict, by two objectives or more --------------------------------------------------------------------------


def restless(which):
    rng = np.random.default_rng(0)

    def objective(x):
        return x @ x + (rng.normal() if which == "cost" else 0), 2 * x + (rng.normal(size=3) if which == "grad" else 0)

    return objective


def one_by_one(x, calls=[]):  # noqa: B006 - its answers depend on how often it was called, late
    calls.append(1)
    return x @ x + (len(calls) > 20), 2 * x


def in_single(theta):
    cost, grad = classic(theta.astype(np.float32), X=np.random.default_rng(0).uniform(0.1, 0.9, (7, 13)).astype("f4"))
    return float(cost), grad.astype(np.float64)


VERDICTS = [
    ("correct", classic, a_theta()),
    ("correct", lambda x: (np.exp(x).sum(), np.exp(x)), np.ones(1)),
    ("correct", lambda t: tuple(np.float32(a) for a in classic(t)), a_theta()),
    ("wrong", lambda t: classic(t, "sign"), a_theta()),
    ("wrong", lambda x: (x @ x, x), np.ones(3)),
    ("wrong", lambda x: (np.abs(x).sum(), np.full(3, 1.5)), np.zeros(3)),  # outside the subgradient interval
    ("kink", lambda x: (np.abs(x).sum(), np.sign(x)), np.array([1.0, 0.0, -2.0])),
    ("kink", rectified, near(0.0)),
    ("kink", lambda t: rectified(t, k=2), near(0.0, 2)),
    ("too noisy", lambda x: (1 + np.abs(x**4).sum(), 4 * x**3), np.full(2, 1e-6)),
    ("too noisy", lambda x: (1e9 + np.abs(x - 1) @ np.abs(x - 1), 2 * (x - 1)), np.full(3, 1 + 1e-8)),
    ("precision", in_single, a_theta()),
    ("precision", lambda t: (np.float32(classic(t)[0]), classic(t)[1]), a_theta()),
    ("precision", lambda t: (classic(t)[0], classic(t)[1].astype(np.float32)), a_theta()),
    ("undecidable", restless("cost"), np.ones(3)),
    ("undecidable", restless("grad"), np.ones(3)),
    ("undecidable", one_by_one, np.ones(3)),
]


@pytest.mark.parametrize(
    ("verdict", "objective", "theta"), VERDICTS, ids=[f"{i} {v[0]}" for i, v in enumerate(VERDICTS)]
)
def test_each_verdict(verdict, objective, theta):
    report = check(objective, theta)
    assert report.verdict == verdict, report
    assert report.ok == (verdict in RIGHT)
    assert bool(report.wrong) == (verdict == "wrong")
    assert {"central", "complex"} <= {one.witness for one in report.evidence}
    written = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert written["verdict"] == verdict
    assert len(written["evidence"]) == len(report.evidence)


def test_the_answers_that_differ_are_mentioned():
    assert "the answers to the same theta differ" in str(check(restless("cost"), np.ones(3)))


# Nothing right is called wrong, and mistakes in the same place are --------------------------------------------------


@pytest.mark.parametrize("method", [None, "central"])
@pytest.mark.parametrize("k", [None, 2], ids=["relu", "topk"])
@pytest.mark.parametrize("distance", [1e-12, 1e-9, 1e-7, 1e-5, 1e-4])
def test_a_hair_from_a_kink(distance, k, method):
    for side in (1, -1):
        theta = near(side * distance, k)
        report = check(lambda t: rectified(t, k=k), theta, method=method)
        assert not report.wrong, report
        assert distance < 1e-9 or report.verdict == "correct", report
        for bug, blocks in (("one wrong entry", {"W2"}), ("missing 1/m", {"W1"}), ("no f'", {"W1", "b1"})):
            report = check(lambda t, bug=bug: rectified(t, bug, k), theta, method=method)
            unsure = method == "central" and distance < 1e-9  # entries in reach of a jump too close to resolve
            assert blocks - set(report.undecided if unsure else []) <= set(report.wrong), report
            assert set(report.wrong) - {"theta"} <= blocks, report


@pytest.mark.parametrize("slope", [-1.0, -0.3, 0.0, 1.0])
def test_at_a_kink_any_subgradient_will_do(slope):
    report = check(lambda x: (np.abs(x).sum(), np.where(x == 0, slope, np.sign(x))), np.array([1.0, 0.0]))
    assert report.verdict == "kink"
    assert report.kinks[0].name == "theta[1]"
    assert report.kinks[0].interval == pytest.approx((-1, 1), abs=1e-6)


def test_a_kink_names_units_and_example():
    X = np.random.default_rng(0).uniform(0.1, 0.9, (7, 13))
    objective = sae.Autoencoder(X, 4, terms=[sae.terms.SquaredError()], f=sae.relu, g=sae.identity)
    report = sae.check_gradient(objective, near(0.0))
    assert report.verdict == "kink"
    assert {kink.name for kink in report.kinks} == {f"W1[2, {i}]" for i in range(7)} | {"b1[2]"}
    assert "z2 of unit 2, example 5" in report.kinks[0].sentence
    low, high = report.kinks[0].interval
    assert report.kinks[0].grad == pytest.approx(high, abs=1e-6)  # that of the side where the unit is off
    assert low < high - 0.01


@pytest.mark.parametrize("scale", [1, 10, 40])
@pytest.mark.parametrize("method", [None, "central"])
def test_saturated_units(scale, method):
    for beta in (0.0, 3.0) if scale < 40 else (0.0,):  # with beta, J is infinite where rho_hat rounds to 1
        theta = scale * a_theta()
        report = check(lambda t, beta=beta: classic(t, beta=beta), theta, method=method)
        assert not report.wrong, report
        assert report.ok or method == "central"
        for bug in ("0.1 % in W2", "missing 1/m in W2", "decay on biases"):
            report = check(lambda t, bug=bug, beta=beta: classic(t, bug, beta=beta), theta, method=method)
            assert set(report.wrong) - {"theta"} == BUGS[bug]


@pytest.mark.parametrize("kind", ["inside", "declared", "cost", "gradient"])
def test_single_precision(kind):
    X = np.random.default_rng(0).uniform(0.1, 0.9, (7, 13))
    X = X.astype(np.float32) if kind in ("inside", "declared") else X

    def objective(theta, bug=None):
        cost, grad = classic(theta.astype(X.dtype), bug, X)
        cost, grad = (float(cost), grad.astype(np.float64)) if kind == "inside" else (cost, grad)
        return np.float32(cost) if kind == "cost" else cost, grad.astype("f4") if kind == "gradient" else grad

    for scale in (0.1, 1, 2):
        assert check(objective, scale * a_theta()).verdict == ("correct" if kind == "declared" else "precision")
    for bug in ("missing 1/m in W1", "missing 1/m in W2", "decay on biases", "sparsity outside f'(z)"):
        report = check(lambda t, bug=bug: objective(t, bug), a_theta())
        assert set(report.wrong) - {"theta"} == BUGS[bug], report


@pytest.mark.parametrize("iterations", [20, 300])
def test_single_precision_near_a_minimum(iterations):
    X = np.random.default_rng(0).uniform(0.1, 0.9, (7, 13))
    single, double = (sae.Autoencoder(X, 4, **CLASSIC, dtype=dtype) for dtype in ("float32", "float64"))
    theta = sae.minimize_lbfgs(double, a_theta(), max_iter=iterations).theta
    assert not sae.check_gradient(single, theta).wrong
    assert not sae.check_gradient(double, theta).wrong
    assert sae.check_gradient(single, a_theta()).verdict == "precision"


c = np.random.default_rng(0).normal(size=5)
SMALL = {
    "linear": (lambda x: (c @ x, c.copy()), a_theta()[:5]),
    "constant": (lambda x: (0 * x[0] + 3, np.zeros(5)), a_theta()[:5]),
    "zero": (lambda x: (0 * x[0], np.zeros(5)), a_theta()[:5]),
    "p = 1": (lambda x: ((x**3).sum(), 3 * x**2), np.array([0.7])),
    "a minimum": (lambda x: (1 + (x * x).sum(), 2 * x), np.zeros(3)),
    "an offset": (lambda x: (1e6 + (x * x).sum() - 1e6, 2 * x), a_theta()[:5]),
    "large theta": (lambda x: ((x * x).sum(), 2 * x), 1e6 * a_theta()[:5]),
    "fast waves": (lambda x: (np.sin(1e5 * x).sum(), 1e5 * np.cos(1e5 * x)), a_theta()[:5]),
    "not analytic": (lambda x: (x @ x + abs(x[0]), 2 * x + np.sign(x.real) * [1, 0, 0]), a_theta()[:3]),
}


@pytest.mark.parametrize("method", [None, "central"])
@pytest.mark.parametrize("factor", [1, 1e200, 1e-200])
@pytest.mark.parametrize("name", SMALL)
def test_small_functions(name, factor, method):
    objective, theta = SMALL[name]
    report = check(lambda x: tuple(factor * a for a in objective(x)), theta, method=method)
    assert report.verdict == "correct", report

    def mistaken(x):
        cost, grad = objective(x)
        return factor * cost, factor * (grad * 1.01 + (1e-3 if not grad.any() else 0))

    assert check(mistaken, theta, method=method).verdict == "wrong"


def test_what_is_not_analytic_is_noticed():
    report = check(*SMALL["not analytic"])
    assert report.method == "central"
    assert "not analytic" in next(one.sentence for one in report.evidence if one.witness == "complex")
    report = check(lambda x: (np.abs(x).sum(), np.sign(x)), np.ones(2))
    assert "dropped the imaginary part" in next(one.sentence for one in report.evidence if one.witness == "complex")


# What the report says -----------------------------------------------------------------------------------------------


def test_entries_by_name():
    def objective(theta):
        cost, grad = classic(theta)
        grad[LAYOUT.slices["W1"]].reshape(4, 7)[3, 2] *= 1.5
        return cost, grad

    report = check(objective, a_theta())
    assert report.worst[0].name == "W1[3, 2]"
    assert report.worst[0].error == pytest.approx(1 / 3, rel=1e-6)
    assert len(report.worst) == 1
    assert "W1[3, 2]" in str(report)
    assert check(classic, a_theta()).worst == []


def test_a_tiny_wrong_entry_beside_large_ones():
    """1e-7 of the block's norm would vanish in a comparison of norms."""
    curvature = np.array([1.0, 1e-5])
    right = check(lambda x: (x * x @ curvature, 2 * curvature * x), np.ones(2))
    assert right.verdict == "correct"
    wrong = check(lambda x: (x * x @ curvature, 2 * curvature * x * [1, 1.001]), np.ones(2))
    assert wrong.verdict == "wrong"
    assert wrong.relative_error < 1e-8
    assert [entry.name for entry in wrong.worst] == ["theta[1]"]


def test_a_large_problem_is_sampled_and_directions_see_the_rest(rng):
    layout = sae.Layout({"W": (60, 50), "b": (3,)})
    theta = rng.normal(size=layout.size)
    calls = []

    def objective(theta, bug=False):
        calls.append(1)
        grad = np.cos(theta)
        if bug:
            grad[report.numeric != report.numeric] *= 1.01  # only what was not sampled
        return np.abs(np.sin(theta)) @ np.sign(np.sin(theta)), grad

    report = sae.check_gradient(objective, theta, layout=layout)
    assert report.verdict == "correct"
    assert len(calls) < 2500
    sampled = next(one for one in report.evidence if one.witness == "sampled coordinates")
    assert "403 of 3003" in sampled.sentence
    assert np.isnan(report.numeric).sum() == 2600
    assert not np.isnan(report.numeric[layout.slices["b"]]).any()
    wrong = sae.check_gradient(lambda t: objective(t, True), theta, layout=layout)
    assert wrong.verdict == "wrong"
    assert wrong.wrong == ["theta", "W"]
    few = sae.check_gradient(objective, theta, layout=layout, samples=50, directions=2)
    assert np.isfinite(few.numeric).sum() == 53
    assert "2 random directions" in next(one.sentence for one in few.evidence if one.witness == "directions")


def test_richardson_is_surer():
    plain, better = (check(classic, a_theta(), method="central", step=1e-2, richardson=r) for r in (False, True))
    assert better.relative_error < 1e-2 * plain.relative_error
    assert better.verdict == plain.verdict == "correct"
