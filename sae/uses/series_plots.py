"""The picture of the series: learning curves, what few data do, what is told, and the scores of the real windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.dates import AutoDateLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .use import Measure, find
from .windows import DISTORTIONS, Series

MARKS = "osD^v<>"


class Scores(NamedTuple):
    """The errors of tested windows, and the places of the values after them."""

    places: np.ndarray
    errors: np.ndarray


def plot_series(
    measures: Sequence[Measure],
    several: Sequence[Series],
    ours: Sequence[str],
    rmse: Callable[[Series], str],
    reconstruction: tuple[str, str],
    auc: str,
    shown: Mapping[str, Scores],
) -> Figure:
    """Draw a column for each series: forecasts and reconstructions against windows, what is told, real scores.

    Parameters
    ----------
    measures : sequence of Measure
    several : sequence of Series
    ours : sequence of str
        The autoencoders: their lines are solid, others dashed.
    rmse : callable
        Series -> what the error of its forecasts is called.
    reconstruction : two str
        The errors of reconstruction, of windows trained on and of tested ones.
    auc : str
    shown : dict
        Name of a series -> scores of its windows.
    """
    figure = Figure(figsize=(4.2 * len(several) + 0.6, 10), layout="constrained")
    grid = figure.subplots(5, len(several), squeeze=False, height_ratios=(3, 2.2, 2.6, 1.6, 1.6))
    for column, series in zip(grid.T, several, strict=True):
        _learning(column[0], measures, series, rmse(series), ours)
        _small(column[1], measures, series, reconstruction)
        _told(column[2], measures, series, auc, ours)
        _real(column[3], column[4], series, shown[series.name])
    for axes in grid[:3, 0]:
        axes.legend(frameon=False, fontsize=7)  # the same in all columns
    for axes in grid[2, 1:]:
        axes.set_yticklabels([])
    return figure


def _learning(axes, measures, series, what, ours) -> None:
    for k, method in enumerate(dict.fromkeys(one.method for one in measures if one.what == what)):
        found = [find(measures, series.task(n), what, method) for n in series.sizes]
        _curve(axes, series.sizes, found, method, k, "-" if method in ours else "--")
    axes.set(xscale="log", xlabel="windows learned from", ylabel=what)
    axes.set_title(f"{series.name}: forecasts of the next value", fontsize=10)
    _ticks(axes, series.sizes)


def _small(axes, measures, series, whats) -> None:
    for k, what in enumerate(whats):
        one = next(one for one in measures if one.what == what)
        found = [find(measures, series.task(n), what, one.method) for n in series.sizes]
        _curve(axes, series.sizes, found, what.partition(", ")[2], k, "-")
    axes.set(xscale="log", yscale="log", xlabel="windows learned from", ylabel="squared error\n(variance of values)")
    axes.set_title("the autoencoder's reconstructions", fontsize=10)
    _ticks(axes, series.sizes)


def _curve(axes, sizes, found, label, k, style) -> None:
    means, spreads = [one.mean for one in found], [np.nan_to_num(one.spread) for one in found]
    axes.errorbar(sizes, means, spreads, color=f"C{k}", marker=MARKS[k], ls=style, ms=5, capsize=3, label=label)


def _ticks(axes, sizes) -> None:
    axes.set_xticks(sizes, labels=list(map(str, sizes)))
    axes.xaxis.minorticks_off()
    axes.grid(alpha=0.3)


def _told(axes, measures, series, auc, ours) -> None:
    tasks = [f"{series.name}, {kind}" for kind in DISTORTIONS]
    methods = list(dict.fromkeys(one.method for one in measures if one.what == auc))
    for k, (kind, task) in enumerate(zip(DISTORTIONS, tasks, strict=True)):
        found = [find(measures, task, auc, method) for method in methods]
        axes.errorbar(
            [one.mean for one in found],
            [row + 0.2 * (k - 1) for row in range(len(methods))],
            xerr=[np.nan_to_num(one.spread) for one in found],
            fmt=MARKS[k],
            color=f"C{k}",
            capsize=2,
            ms=4,
            label=kind,
        )
    axes.axvline(0.5, color="grey", lw=0.8)
    axes.set_yticks(range(len(methods)), labels=methods, fontsize=8)
    for label in axes.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in ours else "normal")
    axes.set(xlabel=f"{auc}, distorted windows among real ones", ylim=(len(methods) - 0.4, -0.6))
    axes.set_title("what is odd: planted distortions", fontsize=10)
    axes.grid(alpha=0.3)


def _real(upper, lower, series: Series, scores: Scores) -> None:
    first = scores.places[0] - series.width
    upper.plot(series.time[first:], series.values[first:], color="black", lw=1)
    lower.plot(series.time[scores.places - 1], scores.errors, color="C0", lw=1)
    place = scores.places[np.argmax(scores.errors)]
    for axes in (upper, lower):
        axes.axvspan(series.time[place - series.width], series.time[place - 1], color="C1", alpha=0.3, lw=0)
        axes.xaxis.set_major_locator(MaxNLocator(5) if series.time.dtype.kind != "M" else AutoDateLocator(maxticks=5))
    upper.set_ylabel(series.unit)
    upper.set_title("tested part as it is, oddest window shaded", fontsize=10)
    lower.set(ylabel="error of the\nwindow before", xlabel="time", xlim=upper.get_xlim())
