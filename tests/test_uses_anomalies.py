"""The use "anomalies": bands that planted bugs leave, honest splits, and network traffic that is there or not."""

import numpy as np
import pytest

from sae.data.sets import bunch
from sae.errors import MissingDataError, SaeError
from sae.estimators import AnomalyDetector, SparseAutoencoder
from sae.uses import anomalies
from sae.uses.anomalies import AUC, CANCER, CHANGED, DEVIATION, DIGITS, NAMED, PRECISION, PRINCIPAL, SPARSE
from sae.uses.anomaly_plots import Shown
from sae.uses.detectors import DISTANCE, OURS, changed, fitted, relative_errors
from sae.uses.run import Finished
from sae.uses.use import Setting, best_of, difference, find

BANDS = {
    (DIGITS, AUC): (0.95, 0.999),
    (DIGITS, PRECISION): (0.85, 0.995),
    (CANCER, AUC): (0.88, 0.985),
    (CANCER, PRECISION): (0.7, 0.95),
    (CHANGED, NAMED): (0.35, 0.8),
}


@pytest.fixture(scope="module")
def outcome():
    return anomalies.run(Setting(quick=True))


def one_repetition(task):
    setting = Setting(quick=True, seeds=1)
    plan = next(plan for plan in anomalies.plans_of(setting)[0] if plan.task == task)
    return dict(anomalies.repetition(setting, plan, 0, []))


def inside(numbers, *keys):
    return [BANDS[key][0] <= numbers[key[0], SPARSE, key[1]] <= BANDS[key][1] for key in keys]


def test_numbers_are_in_their_bands(outcome):
    numbers = {(one.task, one.method, one.what): one.mean for one in outcome.measures}
    assert all(inside(numbers, *BANDS))
    assert numbers[CHANGED, DEVIATION, NAMED] < 0.2 < 0.5 < numbers[CHANGED, PRINCIPAL, NAMED]
    assert numbers[DIGITS, DISTANCE, AUC] < min(numbers[DIGITS, method, AUC] for method in OURS)


def test_the_verdict_has_the_numbers(outcome):
    for task in (DIGITS, CANCER):
        ours = max((find(outcome.measures, task, AUC, method) for method in OURS), key=lambda one: one.mean)
        other = best_of(outcome.measures, task, AUC, without=OURS)
        assert f"{ours.method} ({AUC} {ours}) is {difference(ours, other).verdict}" in outcome.verdict
        assert f"{other.method}, {other};" in outcome.verdict
    assert str(find(outcome.measures, CHANGED, NAMED, SPARSE)) in outcome.verdict


def test_it_is_written(outcome, tmp_path):
    paths = Finished("anomalies", outcome, Setting(quick=True)).write(tmp_path)
    assert 20_000 < paths[0].stat().st_size < 200_000


def test_a_score_of_the_wrong_sign_leaves_the_band(monkeypatch):
    monkeypatch.setattr(anomalies, "anomaly", lambda detector, X: detector.score_samples(X))
    assert not any(inside(one_repetition(DIGITS), (DIGITS, AUC), (DIGITS, PRECISION)))


def test_anomalies_among_the_rows_to_train_on_leave_the_band(monkeypatch):
    honest = anomalies.split

    def leaky(*arguments):
        part = honest(*arguments)
        return part._replace(train=np.vstack([part.train, np.repeat(part.test[part.test_y == 1], 5, axis=0)]))

    monkeypatch.setattr(anomalies, "split", leaky)
    assert not any(inside(one_repetition(DIGITS), (DIGITS, AUC), (DIGITS, PRECISION)))


def test_training_on_the_tested_rows_leaves_the_band(monkeypatch):
    honest = anomalies.split

    def leaky(*arguments):
        part = honest(*arguments)
        return part._replace(train=np.repeat(part.test[part.test_y == 0], 2, axis=0))

    monkeypatch.setattr(anomalies, "split", leaky)
    assert not any(inside(one_repetition(DIGITS), (DIGITS, AUC), (DIGITS, PRECISION)))


def test_an_explanation_of_other_features_leaves_the_band(monkeypatch):
    monkeypatch.setattr(
        anomalies, "relative_errors", lambda detector, normal, X: np.roll(relative_errors(detector, normal, X), 1, 1)
    )
    assert not any(inside(one_repetition(CANCER), (CHANGED, NAMED)))


def test_no_row_is_in_two_parts_and_none_to_train_on_is_an_anomaly():
    plan = anomalies.plans_of(Setting(quick=True))[0][0]
    normal, others = np.arange(200.0)[:, None], -np.arange(1.0, 50)[:, None]
    problem = anomalies.Problem("numbers", [], normal, others)
    part = anomalies.split(plan, problem, np.random.default_rng(0))
    rows = np.concatenate([part.train, part.choose, part.test]).ravel()
    assert len(set(rows)) == len(rows)
    assert (part.train >= 0).all()
    for X, y in ((part.choose, part.choose_y), (part.test, part.test_y)):
        np.testing.assert_array_equal(X.ravel() < 0, y)
    assert (len(part.train), len(part.choose), part.test_y.mean()) == (90, 42, pytest.approx(0.2, abs=0.01))


def test_too_few_rows_are_refused():
    plan = anomalies.plans_of(Setting(quick=True))[0][0]
    few = anomalies.Problem("few", [], np.zeros((100, 2)), np.zeros((5, 2)))
    with pytest.raises(SaeError, match="100 normal rows and 5 anomalies; expected 174 and 20"):
        anomalies.split(plan, few, np.random.default_rng(0))


def test_one_feature_of_each_row_is_changed_to_an_ordinary_value():
    X = np.random.default_rng(0).normal(size=(40, 7))
    found, features = changed(X, np.random.default_rng(1))
    np.testing.assert_array_equal((found != X).argmax(axis=1), features)
    assert ((found != X).sum(axis=1) == 1).all()
    assert all(found[row, k] in X[:, k] for row, k in enumerate(features))


def test_ordinary_errors_are_1():
    X = np.random.default_rng(0).normal(size=(60, 5)) * [1, 2, 3, 4, 5]
    detector = fitted(AnomalyDetector(SparseAutoencoder(3, max_iter=20), random_state=0), X)
    np.testing.assert_allclose(relative_errors(detector, X, X).mean(axis=0), 1)
    worst = Shown("rows", [], detector, X, X).top(1)
    assert detector.errors(worst)[0] == detector.errors(X).max()


def test_ctrl_c_within_a_training_is_raised():
    def interrupt(state):
        raise KeyboardInterrupt

    model = SparseAutoencoder(3, max_iter=20, callback=interrupt)
    with pytest.raises(KeyboardInterrupt):
        fitted(AnomalyDetector(model), np.random.default_rng(0).normal(size=(20, 5)))


def traffic(service="http", *, fetch=False):
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(600, 1)) + 0.1 * rng.normal(size=(600, 3))
    attacks = rng.normal([4, -4, 0], size=(30, 3))
    about = {"title": "connections", "source": "drawn", "licence": "none", "description": "drawn"}
    names = ["log duration", "log src_bytes", "log dst_bytes"]
    return bunch(np.vstack([normal, attacks]), target=np.repeat([0, 1], [600, 30]), names=names, **about)


def test_network_traffic_is_taken_when_it_is_there(monkeypatch):
    monkeypatch.setattr(anomalies, "load_kddcup99", traffic)
    plans, about, notes = anomalies.plans_of(Setting())
    assert [plan.task for plan in plans[2:]] == ["network traffic, http", "network traffic, smtp"]
    assert (len(about), notes, plans[2].counts) == (4, [], (200, 200, 200))
    shown = []
    numbers = dict(anomalies.repetition(Setting(seeds=1), plans[2], 0, shown))
    assert numbers[plans[2].task, SPARSE, AUC] > 0.95
    assert shown[0].names == ["log duration", "log src_bytes", "log dst_bytes"]


def test_without_network_traffic_a_note_says_how_to_get_it(monkeypatch):
    def missing(service, *, fetch):
        assert fetch == setting.fetch
        raise MissingDataError(f'download it once with sae.data.load_kddcup99("{service}", fetch=True).')

    monkeypatch.setattr(anomalies, "load_kddcup99", missing)
    for setting in (Setting(), Setting(fetch=True)):
        plans, _, notes = anomalies.plans_of(setting)
        assert [plan.task for plan in plans] == [DIGITS, CANCER]
        assert all(
            f'load_kddcup99("{name}", fetch=True)' in note for name, note in zip(("http", "smtp"), notes, strict=True)
        )
