"""Time series: what is odd in a window, what comes next, and what "struggles when the data set is small" means.

The series are real: sunspots a year, CO2 a week, and five minutes of an electrocardiogram if it was downloaded. Rows
are windows in the order of time: the first 60 % to learn from, the next 20 % to choose by, the last 20 % to test on. A
repetition ends at another time (the first where the series does, others within its last quarter) and has other random
weights, so the spread is over both.

1. What comes next: the root mean squared error of one-step forecasts. Of an autoencoder's codes by ridge regression, or
   as the reconstruction of a value that was masked; beside a linear autoregression, ridge regression on principal
   axes, and the last value again. Learnt from the latest n windows before those to choose by, for growing n: the
   learning curve. Orders, numbers of units and of axes, lambda and alpha are chosen by the same rows for all.
2. The small data set: an autoencoder's error of reconstruction in the windows it learned from, and in tested ones.
3. What is odd: the area under the ROC curve between tested windows as they are and distorted ones (windows.distort: a
   spike of two standard deviations, a third of the window stuck, time backwards). Beside the detectors of
   `sae uses anomalies` stands the error of an autoregression within the window. Chosen by the mean of the three.

Source: G. U. Yule, "On a method of investigating periodicities in disturbed series", Philosophical Transactions A 226
(1927): autoregression, on the sunspots.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from ..data.series import load_co2, load_ecg, load_sunspots
from ..data.sets import cite
from ..errors import MissingDataError
from . import forecasting
from .detectors import DENOISING, SPARSE, detectors, fitted
from .forecasting import AUTOENCODERS, AXES, CODES, LAST, LINEAR, MASKED
from .series_plots import Scores, plot_series
from .use import Better, Difference, Measure, Outcome, Setting, best_of, compared, difference, find, gather
from .windows import DISTORTIONS, Parts, Series, centred, distort, parts

TITLE = "Time series: what is odd in a window, what comes next, and what few data do"
NEEDS = 'sunspots and CO2, in the extra "data"; an electrocardiogram, too, where it was downloaded'
OURS = (CODES, MASKED, SPARSE, DENOISING)
AUC, TRAINED, TESTED = "ROC-AUC", "squared error, windows trained on", "squared error, tested windows"
RESIDUAL = "autoregression's error"
WHY = (
    "Why: the next value is nearly a linear function of the last few, so an autoregression has little to learn. "
    "Whatever draws the whole window first, a code or principal axes, learns few windows by heart: fatal for sunspots, "
    "whose cycles differ, harmless for CO2, whose years are alike. So it is with distortions: they show where ordinary "
    "windows are alike."
)


class Residual(BaseEstimator):
    """A detector: minus the mean squared error of an autoregression within a window, or minus the largest one."""

    def __init__(self, order: int = 2, largest: bool = False):
        self.order = order
        self.largest = largest

    def _pairs(self, X):
        rows = np.lib.stride_tricks.sliding_window_view(X, self.order + 1, axis=1)
        return rows[..., :-1], rows[..., -1]

    def fit(self, X, y=None):
        """Fit to windows (m, p)."""
        past, after = self._pairs(X)
        self.model_ = Ridge(alpha=1e-3).fit(past.reshape(-1, self.order), after.ravel())
        return self

    def score_samples(self, X) -> np.ndarray:
        """Return the scores (m,): the lower, the more anomalous."""
        past, after = self._pairs(X)
        errors = (self.model_.predict(past.reshape(-1, self.order)).reshape(after.shape) - after) ** 2
        return -(errors.max(axis=1) if self.largest else errors.mean(axis=1))


def run(setting: Setting) -> Outcome:
    """Forecast and detect on all series there are; draw curves, numbers and scores."""
    several, about, notes = series_of(setting)
    shown: dict[str, Scores] = {}
    repetitions = setting.repeat(
        lambda k: {key: x for one in several for key, x in repetition(setting, one, k, shown)}
    )  # fmt: skip
    better: dict[str, Better] = dict.fromkeys((TRAINED, TESTED, *map(rmse, several)), "low")
    better[AUC] = "high"
    measures = gather(repetitions, better)
    return Outcome(
        use="series",
        data="; ".join(about),
        measures=measures,
        ours=OURS,
        headline=(several[0].task(several[0].sizes[-1]), rmse(several[0])),
        settings={f"{one.name}: values of a window": one.width for one in several},
        figure=plot_series(measures, several, OURS, rmse, (TRAINED, TESTED), AUC, shown),
        verdict=" ".join([*(verdict(measures, one) for one in several), WHY]),
        notes=notes + [oddest(one, shown[one.name]) for one in several],
    )


def series_of(setting: Setting) -> tuple[list[Series], list[str], list[str]]:
    """Return the series, what they are, and notes on what is missing."""
    spots, air = load_sunspots(), load_co2()
    orders = (1, 2, 3, 6, 9, 12, 22)
    sunspots = Series("sunspots", "sunspots", spots.data[:, 0], spots.time, 22, False, (20, 40, 80, 120), orders)
    if setting.quick:
        return [Series(**{**vars(sunspots), "sizes": (30, 120)})], [cite(spots)], ["quick: the sunspots alone"]
    sizes = (25, 50, 100, 200, 400, 780)
    co2 = Series("CO2", "ppm", air.data[:, 0], air.time, 53, True, sizes, (1, 2, 4, 8, 26, 53))
    found, about, notes = [sunspots, co2], [cite(spots), cite(air)], []
    try:
        heart = load_ecg(fetch=setting.fetch)
    except MissingDataError as error:
        return found, about, [f"Without the electrocardiogram: {error}"]
    return [*found, beats(heart)], [*about, cite(heart)], notes


def beats(heart: Any) -> Series:
    """Return the electrocardiogram's first minute as means of three values, 120 a second."""
    most = 21600
    values, time = (np.asarray(x).ravel()[:most].reshape(-1, 3).mean(axis=1) for x in (heart.data, heart.time))
    return Series("electrocardiogram", "mV", values, time, 60, False, (50, 200, 800, 3000), (1, 2, 4, 8, 20, 60))


def rmse(series: Series) -> str:
    """Return what the error of a forecast is called."""
    return f"RMSE / {series.unit}"


def repetition(setting: Setting, series: Series, k: int, shown: dict[str, Scores]):
    """Return the numbers of one end of the series, as ((task, method, what), number)."""
    until = 1.0 if k == 0 else setting.rng(0, k).uniform(0.78, 1)
    cut = parts(series, until)
    numbers = []
    for n in series.sizes:
        setting.log(f"{series.name}: forecasts after {n} windows")
        numbers += forecasts(setting, series, cut, n, k)
    setting.log(f"{series.name}: what is odd")
    return numbers + oddities(setting, series, cut, k, shown)


def forecasts(setting: Setting, series: Series, cut: Parts, n: int, k: int):
    """Return the errors of all methods that learned from the latest n windows."""
    train, choose, iterations, choices = cut.train[-n:], cut.choose, 200, AUTOENCODERS
    if setting.quick:
        iterations, choices = 60, AUTOENCODERS[1:2]
    codes, model = forecasting.on_codes(
        setting, train, choose, iterations=iterations, choices=choices, random_state=setting.random_state(1, k)
    )
    methods = {
        MASKED: forecasting.masked(
            setting, train, choose, iterations=iterations, choices=choices, rng=setting.rng(2, k)
        ),
        CODES: codes,
        LINEAR: forecasting.autoregression(series.orders, train, choose),
        AXES: forecasting.principal(train, choose),
        LAST: forecasting.persistence,
    }  # fmt: skip
    task = series.task(n)
    numbers = [
        ((task, name, rmse(series)), forecasting.error(one, cut.test) * cut.scale) for name, one in methods.items()
    ]
    numbers += [((task, CODES, TRAINED), -model.score(train[:, :-1]))]
    return [*numbers, ((task, CODES, TESTED), -model.score(cut.test[:, :-1]))]


def oddities(setting: Setting, series: Series, cut: Parts, k: int, shown: dict[str, Scores]):
    """Return how well each detector tells distorted windows; put the scores of the real ones into `shown`."""
    train, choose, test = (centred(series, rows) for rows in (cut.train, cut.choose, cut.test))
    some = {"iterations": 60} if setting.quick else {"iterations": 200}
    methods = detectors((5, 15), (2, 5, 10, 15), **some, random_state=setting.random_state(3, k))
    methods[RESIDUAL] = [Residual(order, largest) for order in series.orders[1:3] for largest in (False, True)]
    numbers = []
    for method, several in methods.items():
        trained = [fitted(clone(one), train) for one in (several[:1] if setting.quick else several)]
        best: Any = max(trained, key=lambda one: np.mean(told(one, choose, setting.rng(4, k))))
        found = told(best, test, setting.rng(5, k))
        numbers += [((distorted(series, kind), method, AUC), x) for kind, x in zip(DISTORTIONS, found, strict=True)]
        if method == SPARSE:
            shown.setdefault(series.name, Scores(cut.places, best.errors(test)))
    return numbers


def distorted(series: Series, kind: str) -> str:
    """Return what the task of finding a distortion is called."""
    return f"{series.name}, {kind}"


def told(detector, past: np.ndarray, rng: np.random.Generator) -> list[float]:
    """Return the area under the ROC curve between windows (m, p) as they are and distorted, for each distortion.

    Half of the windows, drawn, are distorted; the others are left as they are.
    """
    numbers = []
    for kind in DISTORTIONS:
        order = rng.permutation(len(past))
        real, wrong = past[order[::2]], distort(past[order[1::2]], kind, rng)
        scores = -detector.score_samples(np.vstack([real, wrong]))
        numbers.append(float(roc_auc_score(np.repeat([0, 1], [len(real), len(wrong)]), scores)))
    return numbers


def oddest(series: Series, scores: Scores) -> str:
    """Return which real window of the tested ones has the largest score, in words."""
    place = scores.places[np.argmax(scores.errors)]
    ratio = scores.errors.max() / np.median(scores.errors)
    return (
        f"{series.name}: of the tested windows as they are, that from {series.time[place - series.width]} to "
        f"{series.time[place - 1]} is the oddest, with {ratio:.1f} times the median error."
    )


def verdict(measures: list[Measure], series: Series) -> str:
    """Return who wins, with the numbers."""

    def at(n: int, method: str, what: str = "") -> Measure:
        return find(measures, series.task(n), what or rmse(series), method)

    few, many = series.sizes[0], series.sizes[-1]
    ours = min((at(many, method) for method in (MASKED, CODES)), key=_mean)
    rival = best_of(measures, series.task(many), rmse(series), without=OURS)
    kinds = []
    for kind in DISTORTIONS:
        task = distorted(series, kind)
        odd = max((find(measures, task, AUC, one) for one in (SPARSE, DENOISING)), key=_mean)
        kinds.append((kind, *_beside(odd, best_of(measures, task, AUC, without=OURS))))
    return (
        f"{series.name[0].upper()}{series.name[1:]}: from {many} windows {ours.method} forecasts with {rmse(series)} "
        f"{ours}, {difference(ours, rival).verdict} the best alternative, {rival.method} ({rival}), from {few} with "
        f"{at(few, ours.method)} ({LINEAR} {at(few, LINEAR)}, {AXES} {at(few, AXES)}); new windows are reconstructed "
        f"with {_ratio(at, few):.3g} times the error of those learned from when these are {few}, "
        f"{_ratio(at, many):.3g} times when {many}. At telling distorted windows ({AUC}) the better autoencoder is "
        f"{compared(kinds)}."
    )


def _beside(one: Measure, other: Measure) -> tuple[str, Difference]:
    return other.method, difference(one, other)


def _ratio(at: Callable[..., Measure], n: int) -> float:
    return at(n, CODES, TESTED).mean / at(n, CODES, TRAINED).mean


def _mean(one: Measure) -> float:
    return one.mean
