"""RICA: the gradient with both places of U and through the normalisation, and what happens without."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import sae
from sae import rica
from tests.mutants import mutant

GRID = [
    pytest.param({"divide_by_m": d, "lam": lam}, k, m, id=f"{d}, lam {lam}, k {k}, m {m}")
    for d in ("all", "error", "none")
    for lam in (0.0, 0.7)
    for k in (4, 6, 9)  # under-complete, complete, over-complete
    for m in (1, 8)
]


def problem(k=9, m=8, page=rica, **options):
    """An objective on X (6, m), and a theta whose rows have other norms than 1."""
    rng = np.random.default_rng(1)
    objective = page.RICA(rng.standard_normal((6, m)), k, **{"lam": 0.7, "divide_by_m": "all", **options})
    return objective, rng.standard_normal(objective.layout.size)


def cost_by_autograd(theta, o):
    W = anp.reshape(theta, (o.n_hidden, o.n))
    rows = [W[j] / anp.sqrt(anp.sum(W[j] ** 2)) for j in range(o.n_hidden)]
    error = sparsity = 0.0
    for x in o.X.T:
        responses = [anp.sum(row * x) for row in rows]
        back = sum(h * row for h, row in zip(responses, rows, strict=True))
        error = error + anp.sum((back - x) ** 2) / 2
        sparsity = sparsity + sum(anp.sqrt(h**2 + o.eps) for h in responses)
    c = {"all": (o.m, o.m), "error": (o.m, 1), "none": (1, 1)}[o.divide_by_m]
    return error / c[0] + o.lam * sparsity / c[1]


@pytest.mark.parametrize(("options", "k", "m"), GRID)
def test_gradient(options, k, m):
    objective, theta = problem(k, m, **options)
    report = sae.check_gradient(objective, theta, method="complex")
    assert report.relative_error < 1e-13, report
    assert sae.check_gradient(objective, theta).ok
    cost, grad = objective(theta)
    assert cost == pytest.approx(cost_by_autograd(theta, objective), rel=1e-13)
    np.testing.assert_allclose(grad, autograd.grad(cost_by_autograd)(theta, objective), rtol=1e-11, atol=1e-13)


BUGS = {
    "U stands once": (" + c_x * (h @ r.T)", ""),
    "only the other place of U": ("delta_h = c_x * (U @ r) + lam", "delta_h = lam"),
    "the normalisation taken for the identity": ("(G - along * U) / norms", "G"),
    "what is along U left in": ("(G - along * U) / norms", "G / norms"),
    "norms left out": ("(G - along * U) / norms", "G - along * U"),
    "the error not divided by m": ("c_x * (h @ r.T)", "h @ r.T"),
    "the sparsity not divided by m": ("lam * c_s * slope", "lam * slope"),
    "no square root in the slope": ("lam * c_s * slope", "lam * c_s * h"),
    "twice the error": ("delta_h = c_x * (U @ r)", "delta_h = 2 * c_x * (U @ r)"),
}


@pytest.mark.parametrize("method", ["complex", "central"])
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught(bug, method):
    objective, theta = problem(page=mutant(rica, *BUGS[bug]))
    assert sae.check_gradient(objective, theta, method=method).wrong
    assert objective(theta)[0] == problem()[0](theta)[0]


def test_only_directions_matter(rng):
    objective, theta = problem()
    W = theta.reshape(9, 6)
    scaled = (rng.uniform(0.1, 9, (9, 1)) * W).ravel()
    assert objective(scaled)[0] == pytest.approx(objective(theta)[0], rel=1e-13)
    grad = objective(theta)[1].reshape(9, 6)
    np.testing.assert_allclose((grad * W).sum(axis=1), 0, atol=1e-13)  # nothing to gain from longer rows
    np.testing.assert_allclose(np.linalg.norm(objective.filters(scaled), axis=1), 1)


def test_an_orthonormal_basis_reconstructs(rng):
    objective = sae.RICA(rng.standard_normal((6, 8)), 6, lam=0)
    Q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    assert objective(Q.ravel())[0] < 1e-28


def test_divisors():
    costs = {d: problem(divide_by_m=d)[0].costs(problem()[1]) for d in ("all", "error", "none")}
    assert costs["none"]["squared error"] == pytest.approx(8 * costs["all"]["squared error"])
    assert costs["error"]["squared error"] == costs["all"]["squared error"]
    assert costs["error"]["sparsity"] == pytest.approx(8 * costs["all"]["sparsity"])
    assert costs["error"]["sparsity"] == costs["none"]["sparsity"]


def test_protocol():
    objective, theta = problem()
    theta.flags.writeable = objective.X.flags.writeable = False
    cost, grad = objective(theta)
    assert cost == sum(objective.costs(theta).values())
    assert grad.tobytes() == objective(theta)[1].tobytes()
    assert list(objective.costs(theta)) == ["squared error", "sparsity"]
    halves = [objective.batch(slice(0, 4)), objective.batch(slice(4, 8))]
    assert np.mean([half(theta)[0] for half in halves]) == pytest.approx(cost, rel=1e-14)
    assert objective.init(np.random.default_rng(0)).shape == theta.shape


def test_it_finds_independent_components(rng):
    Q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    sources = rng.laplace(size=(6, 5000)) / np.sqrt(2)
    objective = sae.RICA(Q @ sources, 6, lam=0.3, eps=1e-4, divide_by_m="all")
    result = sae.minimize_lbfgs(objective, objective.init(rng), max_iter=200)
    matches = np.abs(objective.filters(result.theta) @ Q)
    assert (matches.max(axis=0) > 0.99).all()
    assert (matches.max(axis=1) > 0.99).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[np.inf]]}, "X has 0 NaN and 1 infinite"),
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"lam": "much"}, "lam is 'much'"),
        ({"eps": 0.0}, "eps is 0.0"),
        ({"divide_by_m": True}, "divide_by_m is True; expected one of all, error, none"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.RICA(**{"X": np.ones((6, 8)), "n_hidden": 3, "lam": 1, **change})


def test_a_row_of_zeros_has_no_direction():
    objective, theta = problem()
    theta[6:12] = 0
    with pytest.raises(sae.SaeError, match="row 1 of W is 0"):
        objective(theta)
