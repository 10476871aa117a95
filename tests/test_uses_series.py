"""The use "series": time-ordered windows, forecasts and distortions, and bands that planted bugs leave."""

import numpy as np
import pytest

from sae.data.sets import bunch
from sae.errors import SaeError
from sae.uses import forecasting, series, windows
from sae.uses.forecasting import CODES, LAST, LINEAR, MASKED
from sae.uses.run import Finished
from sae.uses.use import Setting, best_of, difference, find
from sae.uses.windows import DISTORTIONS, Series, centred, distort, parts

RMSE = "RMSE / sunspots"
BANDS = {LINEAR: (15, 24), MASKED: (24, 48), CODES: (26, 52), LAST: (28, 36)}  # of the most windows
RAMP = Series("ramp", "steps", np.arange(60.0), np.arange(60), 5, False, (10, 20), (1, 2))


def reached(measures):
    task = next(one.task for one in reversed(measures) if one.what == RMSE)
    return {one.method: one.mean for one in measures if (one.task, one.what) == (task, RMSE)}


def inside(numbers):
    return {method: low <= numbers[method] <= high for method, (low, high) in BANDS.items()}


@pytest.fixture(scope="module")
def outcome():
    pytest.importorskip("statsmodels")
    return series.run(Setting(quick=True))


@pytest.fixture
def sunspots():
    pytest.importorskip("statsmodels")
    return series.series_of(Setting(quick=True))[0][0]


def one_repetition(sunspots, cut):
    numbers = series.forecasts(Setting(quick=True, seeds=1), sunspots, cut, sunspots.sizes[-1], 0)
    return {method: x for (_, method, what), x in numbers if what == RMSE}


def test_numbers_are_in_their_bands(outcome):
    assert all(inside(reached(outcome.measures)).values())
    few, many = (one.task for one in outcome.measures if one.what == series.TESTED)
    trained, tested = (
        [find(outcome.measures, task, what, CODES).mean for task in (few, many)]
        for what in (series.TRAINED, series.TESTED)
    )
    assert trained[0] < trained[1] < tested[1] < tested[0]  # what struggling on few data means
    assert find(outcome.measures, "sunspots, stuck", series.AUC, series.SPARSE).mean > 0.7


def test_the_verdict_has_the_numbers(outcome):
    few, many = (one.task for one in outcome.measures if one.what == series.TESTED)
    ours = min((find(outcome.measures, many, RMSE, one) for one in (MASKED, CODES)), key=lambda one: one.mean)
    rival = best_of(outcome.measures, many, RMSE, without=series.OURS)
    won = f"{difference(ours, rival).verdict} the best alternative, {rival.method} ({rival})"
    assert f"{RMSE} {ours}, {won}" in outcome.verdict
    assert f"{LINEAR} {find(outcome.measures, few, RMSE, LINEAR)}" in outcome.verdict
    tested, trained = (find(outcome.measures, few, what, CODES).mean for what in (series.TESTED, series.TRAINED))
    assert f"{tested / trained:.3g} times the error of those" in outcome.verdict
    assert "is the oddest" in outcome.notes[-1]


def test_it_is_written(outcome, tmp_path):
    assert 20_000 < Finished("series", outcome, Setting(quick=True)).write(tmp_path)[0].stat().st_size < 200_000


def test_windows_off_by_one_leave_the_bands(sunspots):
    def shifted(rows):  # the past ends with the value to be forecast
        return np.column_stack([rows[:, 1:], rows[:, -1]])

    cut = parts(sunspots, 1.0)
    known = cut._replace(train=shifted(cut.train), choose=shifted(cut.choose), test=shifted(cut.test))
    found = inside(one_repetition(sunspots, known))
    assert not found[LINEAR]
    assert not found[LAST]


def test_a_forgotten_scale_leaves_the_bands(sunspots):
    assert not any(inside(one_repetition(sunspots, parts(sunspots, 1.0)._replace(scale=1.0))).values())


def test_an_honest_repetition_stays_in_the_bands(sunspots):
    assert all(inside(one_repetition(sunspots, parts(sunspots, 1.0))).values())


def test_training_on_the_tested_windows_leaves_a_band(sunspots):
    cut = parts(sunspots, 1.0)
    leaky = cut._replace(train=np.vstack([cut.test, cut.test]), choose=cut.test)
    assert not inside(one_repetition(sunspots, leaky))[LINEAR]


def test_time_runs_from_training_to_test():
    cut = parts(RAMP, 1.0)
    last = [(rows[:, -1] * cut.scale) for rows in cut[:3]]
    assert last[0].max() < last[1].min() <= last[1].max() < last[2].min()
    np.testing.assert_allclose(np.diff(np.concatenate(last)), 1)  # no window is left out or twice
    np.testing.assert_array_equal(cut.places, np.arange(60 - len(cut.test), 60))
    early = parts(RAMP, 0.7)
    assert early.places.max() < cut.places.max()
    np.testing.assert_allclose(early.train * early.scale + 2, cut.train[: len(early.train)] * cut.scale + 2, atol=9)


def test_nothing_of_a_part_depends_on_what_comes_after():
    later = RAMP.values.copy()
    later[-10:] = 1e6
    one, other = parts(RAMP, 1.0), parts(Series(**{**vars(RAMP), "values": later}), 1.0)
    np.testing.assert_array_equal(one.train, other.train)
    assert one.scale == other.scale


def test_levels_do_not_matter_in_relative_windows():
    relative = Series(**{**vars(RAMP), "relative": True})
    cut = parts(relative, 1.0)
    assert not cut.test[:, -2].any()  # the last known value is where the window is seen from
    np.testing.assert_allclose(cut.test - cut.test[0], 0, atol=1e-12)
    np.testing.assert_allclose(centred(relative, cut.test).mean(axis=1), 0, atol=1e-12)


def test_windows_with_a_gap_are_left_out():
    gap = RAMP.values.copy()
    gap[30] = np.nan
    rows, places = Series(**{**vars(RAMP), "values": gap}).rows()
    assert np.isfinite(rows).all()
    assert set(range(5, 60)) - set(places) == set(range(30, 36))
    np.testing.assert_array_equal(rows[:, -1], gap[places])


def test_too_short_a_series_is_refused():
    with pytest.raises(SaeError, match="ramp has 16 windows to train on; expected 20"):
        parts(RAMP, 0.5)


@pytest.mark.parametrize("kind", DISTORTIONS)
def test_distortions_are_what_they_say(kind):
    past = np.random.default_rng(0).normal(size=(50, 12))
    kept = past.copy()
    found = distort(past, kind, np.random.default_rng(1))
    np.testing.assert_array_equal(past, kept)
    differ = (found != past).sum(axis=1)
    if kind == "spike":
        assert (differ == 1).all()
        np.testing.assert_allclose(np.abs(found - past).max(axis=1), 2)
    elif kind == "stuck":
        assert (differ == 4).all()
        assert all((np.diff(row) == 0).sum() == 4 for row in found)
    else:
        np.testing.assert_array_equal(found[:, ::-1], past)


def test_an_unknown_distortion_is_refused():
    with pytest.raises(SaeError, match="expected one of spike, stuck, backwards"):
        distort(np.zeros((2, 6)), "noise", np.random.default_rng(0))


def test_autoregression_finds_its_own_process():
    rng, x = np.random.default_rng(0), [0.0, 0.0]
    for e in rng.normal(size=1500):
        x.append(1.3 * x[-1] - 0.7 * x[-2] + e)
    rows = np.lib.stride_tricks.sliding_window_view(np.array(x[100:]), 7)
    forecast = forecasting.autoregression((1, 2, 4), rows[:900], rows[900:1100])
    assert forecasting.error(forecast, rows[1100:]) == pytest.approx(1, abs=0.1)  # the noise is what is left
    assert forecasting.error(forecasting.persistence, rows[1100:]) > 1.3
    detector = series.Residual(2).fit(rows[:900])
    assert min(series.told(detector, rows[900:], np.random.default_rng(0))[:2]) > 0.6
    assert detector.score_samples(rows[:5]) == pytest.approx(
        [-np.mean((row[2:] - detector.model_.predict(np.column_stack([row[:-2], row[1:-1]]))) ** 2) for row in rows[:5]]
    )


def test_a_wrong_sign_of_the_score_would_show():
    class Wrong(series.Residual):
        def score_samples(self, X):
            return -super().score_samples(X)

    x = np.sin(np.arange(300) / 3)
    rows = np.lib.stride_tricks.sliding_window_view(x, 12)
    right, wrong = (
        series.told(kind(2).fit(rows[:200]), rows[200:], np.random.default_rng(0))[0]
        for kind in (series.Residual, Wrong)
    )
    assert right > 0.95 > 0.05 > wrong


def test_the_electrocardiogram_is_a_series():
    about = {"title": "ECG", "source": "drawn", "licence": "none", "description": "drawn"}
    found = series.beats(bunch(np.arange(30000.0), names=["mV"], time=np.arange(30000) / 360, **about))
    assert len(found.values) == len(found.time) == 7200
    np.testing.assert_allclose(found.values[:3], [1, 4, 7])
    assert windows.parts(found, 0.78).train.shape[0] >= max(found.sizes)
