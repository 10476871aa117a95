"""The picture of the words: both measures of every method, and top words of some units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from .use import Measure

OURS, OTHER = "#0072b2", "#d55e00"


def plot_words(
    measures: Sequence[Measure],
    whats: Sequence[str],
    ours: Sequence[str],
    shown: Mapping[str, Sequence[tuple[float, str]]],
) -> Figure:
    """Draw dots for each task and method; below, two tables of coherence and top words.

    Parameters
    ----------
    measures : sequence of Measure
    whats : two str
        The measures to draw.
    ours : sequence of str
        The autoencoders.
    shown : dict
        Method -> (coherence, top words) of units.
    """
    lines = len({(one.task, one.method) for one in measures})
    figure = Figure(figsize=(12, 0.32 * lines + 4.4), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(0.32 * lines + 1.2, 3.2))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    for axes, what in zip(upper.subplots(1, 2), whats, strict=True):
        _dots(axes, [one for one in measures if one.what == what], ours, labels=what == whats[0])
    for axes, (method, units) in zip(lower.subplots(1, len(shown)), shown.items(), strict=True):
        _table(axes, method, units)
    lower.suptitle("Units at even steps from the most to the least coherent (first repetition): NPMI, top words")
    return figure


def _dots(axes, measures, ours, labels: bool) -> None:
    for k, one in enumerate(measures):
        color = OURS if one.method in ours else OTHER
        axes.errorbar(one.mean, k, xerr=np.nan_to_num(one.spread), fmt="o", color=color, capsize=3)
    names = [f"{one.method}: {one.task}" for one in measures] if labels else []
    axes.set_yticks(range(len(measures)) if labels else [], labels=names)
    axes.invert_yaxis()
    axes.set_xlabel(f"{measures[0].what}, held-out text (higher is better)")
    if "intruders" in measures[0].what:
        axes.axvline(1 / 6, color="0.5", ls="--", lw=1)
        axes.text(1 / 6, -0.45, " by guessing", color="0.4", fontsize=8, va="center")
    axes.grid(alpha=0.3, axis="x")


def _table(axes, method, units) -> None:
    axes.set_axis_off()
    axes.set_title(method, loc="left", fontsize=10)
    for k, (score, words) in enumerate(units):
        y = 1 - (k + 0.5) / len(units)
        axes.text(0, y, f"{score:+.2f}", transform=axes.transAxes, family="monospace", fontsize=8, va="center")
        axes.text(0.1, y, words, transform=axes.transAxes, fontsize=8, va="center")
