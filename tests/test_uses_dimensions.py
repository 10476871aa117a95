"""`sae uses dimensions --quick`: its numbers in bands, and planted mistakes that leave them."""

from functools import cache

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sae.uses import dimensions as use
from sae.uses.use import Setting, find

BANDS = {  # method: (accuracy in 2 dimensions, in 8 dimensions), --quick; about three spreads to each side
    "PCA": ((0.46, 0.69), (0.87, 0.97)),
    "Isomap": ((0.75, 0.92), (0.86, 0.99)),
    "random projection": ((0.22, 0.46), (0.62, 0.90)),
    "sparse autoencoder": ((0.38, 0.69), (0.82, 0.96)),
    "variational autoencoder": ((0.32, 0.62), (0.86, 0.98)),
}
TRUST = {"PCA": (0.73, 0.90), "Isomap": (0.85, 0.94), "t-SNE": (0.95, 1.0), "random projection": (0.55, 0.75)}


@cache
def quick():
    with threadpool_limits(1):
        return use.run(Setting(quick=True))


def outside(measures):
    """Return what is not in its band."""
    found = []
    for name, bands in BANDS.items():
        for d, (low, high) in zip((2, 8), bands, strict=True):
            mean = find(measures, f"digits, {d} dimensions", use.ACCURACY, name).mean
            found += [] if low <= mean <= high else [(name, d, mean)]
    for name, (low, high) in TRUST.items():
        mean = find(measures, "digits, 2 dimensions", use.TRUST, name).mean
        found += [] if low <= mean <= high else [(name, "trust", mean)]
    return found


def test_numbers_are_in_their_bands():
    outcome = quick()
    assert not outside(outcome.measures)
    assert {one.method for one in outcome.measures} == {*BANDS, "t-SNE"}
    ours, other = outcome.at_headline()
    assert (ours.method, other.method) == ("variational autoencoder", "Isomap")
    assert f"({ours})" in outcome.verdict
    assert f"Isomap ({other})" in outcome.verdict
    assert "digits, 8 x 8" in outcome.data


def planted(monkeypatch, change):
    """Return what leaves its band with a mistake: other methods are not trained, to save time."""
    monkeypatch.setattr(use, "autoencoders", lambda setting, plan, X, d, k: {})
    change(monkeypatch)
    with threadpool_limits(1):
        (plan,), _, _ = use.plans_of(Setting(quick=True))
        numbers = dict(use.repetition(Setting(quick=True), plan, 0, {}))
    return {
        (name, d)
        for name in ("PCA", "Isomap", "random projection")
        for d, (low, high) in zip((2, 8), BANDS[name], strict=True)
        if not low <= numbers[plan.task(d), name, use.ACCURACY] <= high
    }


def tested_on_what_was_trained(monkeypatch):
    split = use.split
    monkeypatch.setattr(use, "split", lambda *what: tuple(part._replace(test=part.train) for part in split(*what)))


def labels_shifted(monkeypatch):
    split = use.split
    monkeypatch.setattr(use, "split", lambda *what: ((s := split(*what))[0], s[1]._replace(test=(s[1].test + 1) % 10)))


def last_columns(monkeypatch):
    monkeypatch.setattr(use.Parts, "first", lambda self, d: use.Parts(*(part[:, -d:] for part in self)))


def wrong_examples(monkeypatch):
    measure = use.accuracy
    monkeypatch.setattr(use, "accuracy", lambda codes, y, new, y_new: measure(codes, y, new[::-1], y_new))


@pytest.mark.parametrize(
    "bug", [tested_on_what_was_trained, labels_shifted, last_columns, wrong_examples], ids=lambda bug: bug.__name__
)
def test_a_planted_bug_leaves_the_bands(bug, monkeypatch):
    assert not planted(monkeypatch, lambda m: None)
    assert planted(monkeypatch, bug)


def test_no_digit_is_in_two_parts():
    (plan,), _, _ = use.plans_of(Setting(quick=True))
    numbered = use.Plan(plan.name, np.arange(len(plan.y))[:, None], plan.y, plan.dims, plan.counts, plan.epochs)
    X, y = use.split(numbered, 0)
    which = [part[:, 0] for part in X]
    assert [len(part) for part in which] == [*plan.counts]
    assert len(np.unique(np.concatenate(which))) == sum(plan.counts)
    assert all(np.array_equal(plan.y[rows], labels) for rows, labels in zip(which, y, strict=True))
    assert not np.array_equal(which[0], use.split(numbered, 1)[0].train[:, 0])


def test_what_is_chosen_is_chosen_on_validation_digits(monkeypatch):
    """With test labels at random, the choice and all but the measured accuracy stay the same."""
    (plan,), _, _ = use.plans_of(Setting(quick=True))
    plan = use.Plan(plan.name, plan.X, plan.y, (2,), plan.counts, 1, iterations=1, steps=250)
    monkeypatch.setattr(use, "autoencoders", lambda setting, plan, X, d, k: {})
    one, other = {}, {}
    use.repetition(Setting(), plan, 0, one)
    split = use.split
    monkeypatch.setattr(
        use, "split", lambda *what: ((s := split(*what))[0], s[1]._replace(test=np.zeros_like(s[1].test)))
    )
    use.repetition(Setting(), plan, 0, other)
    for name, (codes, _) in one.items():
        np.testing.assert_allclose(codes, other[name][0], rtol=1e-6, atol=1e-6)
