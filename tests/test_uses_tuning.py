"""`sae uses tuning --quick`: its numbers in bands, and planted mistakes that leave them."""

from functools import cache

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from sae import SparseAutoencoder
from sae.uses import tuning as use
from sae.uses import tuning_advice
from sae.uses.use import Setting, find

QUICK = Setting(quick=True, seeds=2)
BANDS = {  # --quick; about three spreads to each side
    (use.TUNED, use.ACCURACY): (0.90, 0.98),
    (use.DEFAULT, use.ACCURACY): (0.68, 0.86),
    (use.COMPONENTS, use.ACCURACY): (0.925, 0.975),
    (use.PIXELS, use.ACCURACY): (0.935, 0.97),
    (use.TUNED, use.COST): (0.32, 0.52),
    (use.DEFAULT, use.COST): (1.3, 1.75),
    (use.COMPONENTS, use.COST): (0.03, 0.038),
    (use.TUNED, use.ACTIVE): (2.0, 3.0),
    (use.DEFAULT, use.ACTIVE): (0.02, 0.3),
    (use.TUNED, use.DEAD): (0, 1),
}
AXES = {"n_hidden": (10, 25), "rho": (0.01, 0.1, 0.3), "lambda": (1e-4, 1e-3)}


@cache
def quick():
    with threadpool_limits(1):
        return use.run(QUICK)


def test_numbers_are_in_their_bands():
    outcome = quick()
    means = {key: find(outcome.measures, use.TASK, key[1], key[0]).mean for key in BANDS}
    assert {key: mean for key, mean in means.items() if not BANDS[key][0] <= mean <= BANDS[key][1]} == {}
    shares = [find(outcome.measures, use.GRID, use.SHARE, name).mean for name in ("n_hidden", "rho", "lambda")]
    assert shares[0] < 0.02
    assert shares[1] == pytest.approx(0.35, abs=0.05)
    assert shares[2] == pytest.approx(0.39, abs=0.05)
    ours, other = outcome.at_headline()
    assert ours.method == use.TUNED
    assert f"an accuracy of {ours}" in outcome.verdict
    assert f"({other})" in outcome.verdict
    assert "digits, 8 x 8" in outcome.data
    assert "Tune lambda first" in outcome.notes[0]


def test_as_many_numbers():
    measures = quick().measures
    for method, (low, high) in {use.TUNED: (0.83, 0.94), use.COMPONENTS: (0.87, 0.94)}.items():
        assert low <= find(measures, f"{use.TASK}, 10 numbers", use.ACCURACY, method).mean <= high
        most = find(measures, f"{use.TASK}, 40 numbers", use.ACCURACY, method)
        assert most.values == find(measures, use.TASK, use.ACCURACY, method).values  # 40 were chosen of all


# Planted mistakes ---------------------------------------------------------------------------------------------------


def left(monkeypatch, change, method=use.PIXELS):
    """Return what leaves its band in the first repetition with a mistake; only this method is searched."""
    plan, _ = use.plan_of(QUICK)
    change(monkeypatch)
    X, X_test, y, y_test = use.split(plan, QUICK.random_state(0, 0))
    folds = StratifiedKFold(use.FOLDS, shuffle=True, random_state=QUICK.random_state(1, 0))
    with threadpool_limits(1):
        found = use.search(plan, *use.rivals(QUICK, plan, 0)[method], folds, X, y)
        scores = use.score(found.best_estimator_, X_test, y_test)
    bands = {what: BANDS[method, what] for what in scores if (method, what) in BANDS}
    return {what for what, (low, high) in bands.items() if not low <= scores[what] <= high}


def tested_on_what_was_trained(monkeypatch):
    split = use.split
    monkeypatch.setattr(use, "split", lambda *what: [(s := split(*what))[0], s[0], s[2], s[2]])


def labels_shifted(monkeypatch):
    split = use.split
    monkeypatch.setattr(use, "split", lambda *what: [*(s := split(*what))[:3], (s[3] + 1) % 10])


def the_worst_is_chosen(monkeypatch):
    score = use.score
    monkeypatch.setattr(use, "score", lambda *what: {**(s := score(*what)), use.ACCURACY: -s[use.ACCURACY]})


def one_half_forgotten(monkeypatch):
    cost = use.cost
    monkeypatch.setattr(use, "cost", lambda *what: 2 * cost(*what))


def mean_over_pixels(monkeypatch):
    monkeypatch.setattr(use, "cost", lambda X, X_hat: float(((X_hat - X) ** 2).mean() / 2))


@pytest.mark.parametrize(
    ("bug", "method"),
    [
        (tested_on_what_was_trained, use.PIXELS),
        (labels_shifted, use.PIXELS),
        (the_worst_is_chosen, use.PIXELS),
        (one_half_forgotten, use.COMPONENTS),
        (mean_over_pixels, use.COMPONENTS),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_planted_bug_leaves_the_bands(bug, method, monkeypatch):
    assert not left(monkeypatch, lambda m: None, method)
    assert left(monkeypatch, bug, method)


# The numbers --------------------------------------------------------------------------------------------------------


def test_active_and_dead_units_by_hand():
    a2 = np.array([[0.9, 0.2, 0.6, 0.99], [0.4, 0.21, 0.7, 0.98], [0.1, 0.24, 0.8, 0.97]])
    assert use.active(a2) == pytest.approx(7 / 3)  # 3, 2 and 2
    assert use.dead(a2) == 2  # the second, and the last, which is always on
    assert use.cost(np.zeros((2, 3)), np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])) == 1.5  # (5 + 1) / 2 / 2


def test_shares_by_hand():
    table = np.zeros((2, 3, 2))
    table[:, 1] += 1.0
    assert use.shares(table, ["a", "b", "c"]) == pytest.approx({"a": 0, "b": 1, "c": 0})
    table[1] += 2.0
    found = use.shares(table, ["a", "b", "c"])
    assert found == pytest.approx({"a": 1 / (1 + 2 / 9), "b": (2 / 9) / (1 + 2 / 9), "c": 0})
    mixed = np.array([[1.0, -1.0], [-1.0, 1.0]])  # all is due to the combination
    assert use.shares(mixed, ["a", "b"]) == {"a": 0, "b": 0}


def test_a_cell_of_the_tables_is_what_its_setting_comes_to():
    """Without GridSearchCV: one setting, trained on each fold by hand."""
    plan, _ = use.plan_of(QUICK)
    plan = use.Plan(plan.X[:300], plan.y[:300], (4, 9), (0.05, 0.2), (1e-3, 1e-5), (5,), (1.0, 30.0), iterations=15)
    folds = StratifiedKFold(2, shuffle=True, random_state=1)
    found = use.search(plan, *use.rivals(QUICK, plan, 0)[use.TUNED], folds, plan.X, plan.y)
    tables = use.tabulate(plan, found.cv_results_)
    n_hidden, rho, lam = 9, 0.05, 1e-5
    numbers = []
    for trained, held_out in folds.split(plan.X, plan.y):
        model = SparseAutoencoder(n_hidden, sparsity_param=rho, weight_decay=lam, beta=use.BETA, max_iter=15)
        model.set_params(random_state=QUICK.random_state(2, 0)).fit(plan.X[trained])
        a2, codes = (model.transform(plan.X[rows]) for rows in (held_out, trained))
        right = [
            LogisticRegression(C=C, max_iter=5000).fit(codes, plan.y[trained]).score(a2, plan.y[held_out])
            for C in plan.C
        ]
        error = ((model.inverse_transform(a2) - plan.X[held_out]) ** 2).sum() / 2 / len(held_out)
        numbers.append([error, use.active(a2), use.dead(a2), *right])
    cost, active, dead, *right = np.mean(numbers, axis=0)
    for what, number in ((use.COST, cost), (use.ACTIVE, active), (use.DEAD, dead), (use.ACCURACY, max(right))):
        assert tables[what][1, 0, 1] == pytest.approx(number, rel=1e-9)


def test_the_choice_never_sees_test_digits():
    plan, _ = use.plan_of(QUICK)
    numbered = use.Plan(np.arange(len(plan.y))[:, None], plan.y, counts=plan.counts)
    X, X_test, y, y_test = use.split(numbered, 0)
    assert [len(X), len(X_test)] == [*plan.counts]
    assert not set(X[:, 0]) & set(X_test[:, 0])
    assert np.array_equal(plan.y[X[:, 0]], y)
    assert np.array_equal(plan.y[X_test[:, 0]], y_test)


def test_with_other_test_labels_the_choice_is_the_same(monkeypatch):
    plan, _ = use.plan_of(QUICK)
    small = use.Plan(plan.X, plan.y, (4,), (0.1, 0.3), (1e-3,), (5,), (1.0,), (100, 100), iterations=10)
    one = use.repetition(QUICK, small, 0)
    labels_shifted(monkeypatch)
    other = use.repetition(QUICK, small, 0)
    assert one.chosen == other.chosen
    assert all(np.array_equal(one.tables[what], other.tables[what]) for what in one.tables)
    assert one.numbers[use.TASK, use.TUNED, use.ACCURACY] != other.numbers[use.TASK, use.TUNED, use.ACCURACY]


def test_ctrl_c_within_the_search_ends_it(monkeypatch):
    """An estimator keeps what it has reached under Ctrl-C; the search must not go on with it."""
    fit = SparseAutoencoder.fit

    def interrupted(self, X, y=None):
        fit(self, X).stop_reason_ = "interrupted"
        return self

    monkeypatch.setattr(SparseAutoencoder, "fit", interrupted)
    plan, _ = use.plan_of(QUICK)
    folds = StratifiedKFold(2)
    with pytest.raises(KeyboardInterrupt):
        use.search(plan, SparseAutoencoder(4, max_iter=2), {}, folds, plan.X[:100], plan.y[:100])
    use.search(plan, PCA(4), {}, folds, plan.X[:100], plan.y[:100])


# The advice ---------------------------------------------------------------------------------------------------------


def test_where_units_die_by_hand():
    dead = np.zeros((2, 3, 2))
    dead[-1] = [[0, 20], [0, 2], [0, 1]]  # of 25: 5 % is 1.25
    said = tuning_advice.where_units_die(dead, AXES)
    assert "of 25: from lambda = 0.001 on at rho = 0.01, 0.1; nowhere at rho = 0.3." in said
    assert "kills 80 %. Where units die, lower lambda or raise rho" in said
    assert "raise lambda or lower rho" in tuning_advice.where_units_die(dead[:, ::-1, ::-1], AXES)


def test_what_was_chosen_says_where_the_grid_ends():
    said = tuning_advice.what_was_chosen(AXES, [(25, 0.1, 1e-3), (25, 0.1, 1e-4), (25, 0.3, 1e-4)])
    assert "n_hidden = 25 (3 of 3 times), rho = 0.1 (2 of 3 times), lambda = 0.0001 (2 of 3 times)" in said
    assert said.endswith("n_hidden above 25, lambda below 0.0001.")
    assert "end of the grid" not in tuning_advice.what_was_chosen({"rho": (1, 2, 3)}, [(2,)])


def test_without_labels_by_hand():
    cost, accuracy = np.ones((2, 3, 2)), np.full((2, 3, 2), 0.5)
    cost[1, 2, 0], accuracy[0, 1, 1] = 0.5, 0.75
    said = tuning_advice.without_labels(cost, accuracy, AXES)
    assert "n_hidden = 25, rho = 0.3, lambda = 0.0001, has an accuracy of 0.500" in said
    assert "25.0 percentage points below the best of the grid (0.750)" in said


def test_losses_by_hand():
    accuracy = np.zeros((2, 3, 2))
    accuracy[1, 1] = 0.75, 1.0
    accuracy[0, 1, 1], accuracy[1, 0, 1], accuracy[1, 2, 1] = 0.9, 0.8, 0.4
    assert tuning_advice.losses(AXES, accuracy) == pytest.approx({"n_hidden": 0.1, "rho": 0.6, "lambda": 0.25})
