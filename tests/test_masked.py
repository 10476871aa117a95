"""The masked squared error: right on the grid of the variants, wrong ones caught, missing entries where they belong."""

import numpy as np
import pytest

import sae
from sae.terms import L1, CrossEntropy, KLSparsity, MaskedSquaredError, SquaredError, WeightDecay
from tests.test_variants import HIDDEN, KINKED, PENALTIES, SMOOTH, M, N, a_problem, of, the_objective

GRID = [
    pytest.param(f, g, penalties, tied, id=f"{f.name}-{g.name}-{name}{'-tied' * tied}")
    for f in (*SMOOTH, *KINKED)
    for g, name, penalties, tied in (
        (sae.identity, "none", [], False),
        (sae.sigmoid, "L1", PENALTIES["L1"], True),
        (sae.tanh, "contractive", PENALTIES["contractive"], False),
        (sae.identity, "all", PENALTIES["all"], True),
    )
    if name != "all" or np.isfinite(f.range).all()
]


def with_holes(X, seed=0):
    target = X + np.random.default_rng([seed, 1]).uniform(-0.1, 0.1, X.shape)
    target[np.random.default_rng([seed, 2]).random(X.shape) < 0.4] = np.nan
    target[:, 2] = np.nan  # an example without any
    return target


@pytest.mark.parametrize(("f", "g", "penalties", "tied"), GRID)
def test_laws(f, g, penalties, tied):
    X, theta = a_problem(f)
    target = with_holes(X)
    J = the_objective(X, f, g, MaskedSquaredError(), penalties, target=target, tied=tied)
    theta = of(J, theta)
    known = [(k, i) for k in range(N) for i in range(M) if not np.isnan(target[k, i])]
    a3 = J.reconstruct(theta, X)
    by_hand = sum((a3[entry] - target[entry]) ** 2 / 2 for entry in known) / M
    assert J.costs(theta)["masked squared error"] == pytest.approx(by_hand, rel=1e-13)
    assert sae.check_gradient(J, theta, method="complex").relative_error < 1e-14
    assert sae.check_gradient(J, theta).ok


class ZerosInTheCost(MaskedSquaredError):
    """Missing entries count as zeros, in cost and gradient alike: right gradient of the wrong J."""

    def __call__(self, s):
        error = s.a3 - np.nan_to_num(s.target)
        return (error * error).sum() / 2, {"a3": error}


class ZerosInTheGradient(MaskedSquaredError):
    def __call__(self, s):
        return super().__call__(s)[0], {"a3": s.a3 - np.nan_to_num(s.target)}


class ZerosInTheCostAlone(MaskedSquaredError):
    def __call__(self, s):
        return ZerosInTheCost()(s)[0], super().__call__(s)[1]


class OverKnownEntries(MaskedSquaredError):
    """Divides the gradient, not the cost, by the number of known entries."""

    def __call__(self, s):
        value, d = super().__call__(s)
        return value, {"a3": d["a3"] / max(1, (~np.isnan(s.target)).sum())}


@pytest.mark.parametrize("wrong", [ZerosInTheGradient, ZerosInTheCostAlone, OverKnownEntries])
def test_a_mask_in_half_the_places_is_caught_by_the_gradient_check(wrong):
    X, theta = a_problem(sae.sigmoid)
    J = the_objective(X, sae.sigmoid, sae.identity, wrong(), [], target=with_holes(X))
    assert sae.check_gradient(J, theta, method="complex").wrong
    assert sae.check_gradient(J, theta).wrong


def what_missing_targets_do(term):
    """Change of J, and of its gradient, when one more entry goes missing that was right to the last digit."""
    X, theta = a_problem(sae.sigmoid)
    objective = the_objective(X, sae.sigmoid, sae.identity, term, [WeightDecay(0.1)])
    target = objective.reconstruct(theta, X) + with_holes(X) * 0
    target[0, 0] = objective.reconstruct(theta, X)[0, 0]
    less = target.copy()
    less[0, 0] = np.nan
    one, other = (the_objective(X, sae.sigmoid, sae.identity, term, [], target=t)(theta) for t in (target, less))
    return abs(one[0] - other[0]) + np.abs(one[1] - other[1]).max()


def test_zeros_in_place_of_missing_entries_are_caught():
    """A gradient check can't: the gradient is that of the wrong J."""
    X, theta = a_problem(sae.sigmoid)
    J = the_objective(X, sae.sigmoid, sae.identity, ZerosInTheCost(), [], target=with_holes(X))
    assert sae.check_gradient(J, theta).ok
    assert what_missing_targets_do(MaskedSquaredError()) < 1e-14
    assert what_missing_targets_do(ZerosInTheCost()) > 1e-3


@pytest.mark.parametrize("options", [{"block_size": 1}, {"block_size": 3, "threads": 2}, {"recompute": True}])
def test_blocks_see_their_own_holes(options):
    rng = np.random.default_rng(3)
    X = rng.uniform(size=(N, 50))
    target = with_holes(X)
    terms = [MaskedSquaredError(), KLSparsity(0.2, 0.3), L1(0.1)]
    whole = sae.Autoencoder(X, HIDDEN, target=target, terms=terms, g=sae.identity, block_size=50)
    theta = whole.init(rng)
    cost, grad = sae.Autoencoder(X, HIDDEN, target=target, terms=terms, g=sae.identity, **options)(theta)
    assert cost == pytest.approx(whole(theta)[0], rel=1e-13)
    np.testing.assert_allclose(grad, whole(theta)[1], rtol=1e-11, atol=1e-13)


def test_minibatches_single_precision_and_no_holes():
    rng = np.random.default_rng(4)
    X = rng.uniform(0.1, 0.9, (N, 40))
    target = with_holes(X)
    J = sae.Autoencoder(X, HIDDEN, target=target, terms=[MaskedSquaredError()])
    theta, some = J.init(rng), np.array([7, 2, 31])
    alone = sae.Autoencoder(X[:, some], HIDDEN, target=target[:, some], terms=[MaskedSquaredError()])
    assert J.batch(some)(theta)[0] == pytest.approx(alone(theta)[0], rel=1e-14)
    single = sae.Autoencoder(X, HIDDEN, target=target, terms=[MaskedSquaredError()], dtype="float32")
    np.testing.assert_allclose(single(theta)[1], J(theta)[1], atol=1e-6)
    full = [sae.Autoencoder(X, HIDDEN, terms=[term], engine="numpy") for term in (MaskedSquaredError(), SquaredError())]
    assert full[0](theta)[0] == full[1](theta)[0]
    assert "masked squared error" in J.explain_engine()


@pytest.mark.parametrize(
    ("terms", "target", "message"),
    [
        ([SquaredError()], [[0.5, np.nan]], "target has 1 NaN"),
        ([MaskedSquaredError(), CrossEntropy()], [[0.5, np.nan]], "target has 1 NaN"),
        ([MaskedSquaredError()], [[0.5, np.inf]], "target has 0 NaN and 1 infinite"),
        ([MaskedSquaredError()], [[np.nan, np.nan]], "all 2 entries of target are missing"),
        ([MaskedSquaredError()], [[np.nan, 3.0]], "3 to 3; sigmoid output units reach only"),
        ([MaskedSquaredError()], [[0.5]], "expected the shape of X"),
    ],
)
def test_refused(terms, target, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.Autoencoder(np.zeros((1, 2)), 2, target=np.array(target), terms=terms)


def test_what_goes_in_has_no_holes():
    with pytest.raises(sae.SaeError, match="X has 1 NaN"):
        sae.Autoencoder(np.array([[0.5, np.nan]]), 2, terms=[MaskedSquaredError()])
