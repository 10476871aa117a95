"""`sae uses recommendation --quick`: other models by hand, numbers in bands, planted mistakes that leave them."""

from functools import cache

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import sae
from sae.data.ratings import load_personality_ratings
from sae.terms import MaskedSquaredError
from sae.uses import rating_models as models
from sae.uses import recommendation as use
from sae.uses.use import Setting, find

# method: (RMSE, precision at 5), --quick; of 4 seeds, and about as much to each side
BANDS = {
    "item means": ((1.39, 1.46), (0.54, 0.60)),
    "biases of people and items": ((1.385, 1.445), (0.54, 0.60)),
    "truncated SVD": ((1.275, 1.32), (0.565, 0.625)),
    "alternating least squares": ((1.25, 1.295), (0.57, 0.63)),
    "masked autoencoder": ((1.255, 1.295), (0.57, 0.63)),
    "the same, missing taken for 0": ((1.29, 1.33), (0.56, 0.62)),
    "the same, no inputs dropped": ((1.275, 1.32), (0.565, 0.625)),
    "the same, linear units": ((1.295, 1.335), (0.565, 0.625)),
}


@cache
def quick():
    with threadpool_limits(1):
        return use.run(Setting(quick=True))


def test_numbers_are_in_their_bands():
    outcome = quick()
    task = "personality ratings"
    for name, bands in BANDS.items():
        for what, (low, high) in zip((use.RMSE, "precision at 5"), bands, strict=True):
            assert low <= find(outcome.measures, task, what, name).mean <= high, (name, what)
    assert {one.method for one in outcome.measures} == set(BANDS)
    ours, other = outcome.at_headline()
    assert (ours.method, ours.better) == ("masked autoencoder", "low")
    assert f"({ours})" in outcome.verdict
    assert f"({other})" in outcome.verdict
    assert "bfi" in outcome.data


# Planted mistakes -------------------------------------------------------------------------------------------------


@pytest.fixture
def in_bands(monkeypatch):
    """Return whether one repetition of the masked autoencoder is within its bands; nothing else is measured."""
    monkeypatch.setattr(use, "VARIANTS", {use.MASKED: use.VARIANTS[use.MASKED]})
    monkeypatch.setattr(use, "factors", lambda *what: {})

    def measured():
        setting = Setting(quick=True)
        with threadpool_limits(1):
            ((plan,), _) = use.plans_of(setting)
            found = dict(use.repetition(setting, plan, 0, {}))
        numbers = [found[plan.name, use.MASKED, what] for what in (use.RMSE, plan.precision)]
        return all(low <= x <= high for x, (low, high) in zip(numbers, BANDS[use.MASKED], strict=True))

    return measured


def trained_on_the_test(monkeypatch):
    split = use.split

    def wrong(*what):
        part = split(*what)
        return use.Ratings(np.where(np.isnan(part.train), part.test, part.train), part.validation, part.test)

    monkeypatch.setattr(use, "split", wrong)


def base_forgotten(monkeypatch):
    monkeypatch.setattr(
        use,
        "autoencoders",
        lambda *what, made=use.autoencoders: (predicted - what[4] for predicted in made(*what)),
    )


def missing_counted_as_zeros(monkeypatch):
    class Wrong(MaskedSquaredError):
        def __call__(self, s):
            error = s.a3 - np.nan_to_num(s.target)
            return (error * error).sum() / 2, {"a3": error}

    monkeypatch.setattr(use, "MaskedSquaredError", Wrong)


def worst_first(monkeypatch):
    measure = models.precision
    monkeypatch.setattr(models, "precision", lambda predicted, *rest: measure(-predicted, *rest))


def people_mixed_up(monkeypatch):
    measure = models.rmse
    monkeypatch.setattr(models, "rmse", lambda predicted, R: measure(predicted[::-1], R))


@pytest.mark.parametrize(
    "bug",
    [trained_on_the_test, base_forgotten, missing_counted_as_zeros, worst_first, people_mixed_up],
    ids=lambda bug: bug.__name__,
)
def test_a_planted_bug_leaves_the_bands(bug, in_bands, monkeypatch):
    bug(monkeypatch)
    assert not in_bands()


def test_without_a_bug_it_is_in_the_bands(in_bands):
    assert in_bands()


def test_no_rating_is_in_two_parts():
    R = load_personality_ratings().data
    part = use.split(R, (0.5, 0.1), np.random.default_rng(0))
    parts = np.stack([part.train, part.validation, part.test])
    known = ~np.isnan(parts)
    np.testing.assert_array_equal(known.sum(axis=0), ~np.isnan(R))
    np.testing.assert_array_equal(np.nansum(parts, axis=0), np.nan_to_num(R))
    assert known.mean(axis=(1, 2)) == pytest.approx([0.5, 0.1, 0.4], abs=0.01)


def test_what_is_chosen_is_chosen_on_validation_ratings():
    R = np.array([[1.0, np.nan]])
    part = use.Ratings(R, np.array([[np.nan, 5.0]]), np.array([[1.0, 1.0]]))
    near, far = np.full((1, 2), 4.0), np.full((1, 2), 1.0)
    assert use.nearest(iter([far, near]), part) is near


def test_the_objective_has_holes_where_no_rating_is():
    """Changing a held-out rating changes nothing: it is not in what the training sees."""
    ((plan,), _) = use.plans_of(Setting(quick=True))
    part = use.split(plan.R, plan.shares, np.random.default_rng(0))
    x = (part.train - 3).T
    J = use.objective(plan, use.VARIANTS[use.MASKED], x, 0.1, 0, np.random.default_rng(1))
    theta = J.init(np.random.default_rng(2))
    a3 = J.reconstruct(theta, J.X)
    known = ~np.isnan(np.tile(x, plan.copies))
    by_hand = ((a3 - np.tile(x, plan.copies))[known] ** 2).sum() / 2 / J.m
    assert J.costs(theta)["masked squared error"] == pytest.approx(by_hand)
    assert 0.45 < np.mean(J.X[known & (np.tile(x, plan.copies) != 0)] == 0) < 0.55  # inputs dropped
    assert not J.X[~known].any()


# The other models and the measures, by hand -----------------------------------------------------------------------

NAN = np.nan


def test_item_means():
    found = models.item_means(np.array([[1, NAN, NAN], [3, 5, NAN]]))
    np.testing.assert_allclose(found, [[2, 5, 3], [2, 5, 3]])  # an item without ratings has the mean of all


def test_biases():
    R = np.array([[5, 3, NAN], [3, NAN, 1], [4.0, 2, 0]])
    mu, items = 18 / 7, np.array([(12 - 3 * 18 / 7) / 5, (5 - 2 * 18 / 7) / 4, (1 - 2 * 18 / 7) / 4])
    person = (8 - 2 * mu - items[0] - items[1]) / 4
    np.testing.assert_allclose(models.biases(R, 2.0)[0], mu + items + person)
    additive = np.add.outer([1.0, 2, 3], [0.0, 1, 5])
    np.testing.assert_allclose(models.biases(additive, 0), additive)
    np.testing.assert_allclose(models.biases(R, 1e12), mu, rtol=1e-9)


def test_truncated_svd():
    x = np.array([[3.0, 0], [0, 1]])
    np.testing.assert_allclose(models.truncated_svd(x, 1), [[3, 0], [0, 0]], atol=1e-15)
    x[1, 0] = NAN  # filled with 0
    np.testing.assert_allclose(models.truncated_svd(x, 2), [[3, 0], [0, 1]], atol=1e-15)


def test_least_squares_find_what_is_missing():
    rng = np.random.default_rng(0)
    whole = rng.normal(size=(60, 3)) @ rng.normal(size=(3, 20))
    x = np.where(rng.random(whole.shape) < 0.6, whole, NAN)
    found = models.alternating_least_squares(x, 3, 1e-6, np.random.default_rng(1), sweeps=100)
    np.testing.assert_allclose(found, whole, atol=1e-3)
    assert np.abs(models.truncated_svd(x, 3) - whole).max() > 1  # what zeros make of it


def test_least_squares_are_at_a_minimum():
    """A step from V never lowers the cost that the last U and V are of."""
    rng = np.random.default_rng(0)
    x = np.where(rng.random((12, 8)) < 0.6, rng.normal(size=(12, 8)), NAN)
    U = rng.normal(size=(12, 2))
    V = models._ridge_rows((~np.isnan(x)).T.astype(float), np.nan_to_num(x).T, U, 0.7)

    def cost(V):
        return np.nansum((x - U @ V.T) ** 2) + 0.7 * (V**2).sum()

    assert all(cost(V + 0.01 * rng.normal(size=V.shape)) > cost(V) for _ in range(20))


def test_rmse_and_precision():
    R = np.array([[NAN, 3, 5.0], [4, NAN, NAN]])
    assert models.rmse(np.array([[9, 4, 5.0], [1, 9, 9]]), R) == pytest.approx(np.sqrt((1 + 0 + 9) / 3))
    seen = np.array([[5, NAN, NAN, NAN], [NAN, NAN, NAN, NAN], [NAN, NAN, 1, 1], [NAN] * 4])
    held_out = np.array([[NAN, 4, 2, 5], [4, NAN, NAN, NAN], [5, NAN, NAN, NAN], [1, NAN, NAN, 2]])
    predicted = np.tile([9.0, 3, 2, 1], (4, 1))
    # person 0: items 1 and 2, the first is liked; 1: items 0 and 1; 2: 0 and 1; 3 likes nothing and is not asked
    assert models.precision(predicted, seen, held_out, 2, liked=4) == pytest.approx((1 + 1 + 1) / 6)
    assert models.precision(predicted, seen, held_out, 1, liked=4) == 1
    assert models.precision(predicted, seen, held_out, 3, liked=4) == pytest.approx((2 + 1) / 6)  # 2 has two left


# Data -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def films(tmp_path, monkeypatch):
    """A small file as MovieLens 100K has it."""
    rng = np.random.default_rng(0)
    lines = [
        f"{person}\t{film}\t{rng.integers(1, 6)}\t{880000000 + person}"
        for person in range(1, 61)
        for film in rng.permutation(np.arange(1, 41))[:25]
    ]
    (tmp_path / "u.data").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("SAE_DATA", str(tmp_path))


def test_movielens_is_measured_where_it_is(films):
    plans, about = use.plans_of(Setting())
    assert [plan.name for plan in plans] == ["personality ratings", "mood ratings", "MovieLens 100K"]
    assert "GroupLens" in about
    for plan in plans[1:]:
        small = use.replace(plan, R=plan.R[:300], hidden=4, penalties=((1.0, 0.0),), max_iter=5, ranks=(2,))
        numbers = dict(use.repetition(Setting(), small, 0, {}))
        assert {what for _, _, what in numbers} == {"RMSE", "precision at 10"}
        assert all(np.isfinite(list(numbers.values())))


def test_a_folder_without_movielens(tmp_path, monkeypatch):
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    said = []
    plans, _ = use.plans_of(Setting(log=said.append))
    assert len(plans) == 2
    assert "no MovieLens" in said[0]


def test_damaged_movielens_is_no_missing_movielens(tmp_path, monkeypatch):
    (tmp_path / "u.data").write_text("1\t2\t9\t4\n")
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    with pytest.raises(sae.SaeError, match="no MovieLens 100K"):
        use.plans_of(Setting())
