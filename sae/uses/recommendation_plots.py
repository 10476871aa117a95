"""The picture of the recommendations: both measures of every method, and one person's ratings beside predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .use import Measure

OURS, OTHER = "#0072b2", "#d55e00"
LINES = {"masked autoencoder": (OURS, "o"), "truncated SVD": (OTHER, "s")}


def plot_recommendation(
    measures: Sequence[Measure],
    columns: Sequence[tuple[str, str]],
    ours: Sequence[str],
    plan: Any,
    shown: Mapping[str, np.ndarray],
) -> Figure:
    """Draw a row of dots for each data set, and below one person.

    Parameters
    ----------
    measures : sequence of Measure
    columns : sequence of (str, str)
        Task and the name of its precision.
    ours : sequence of str
        The autoencoders.
    plan : Plan
        Of the person drawn.
    shown : dict
        "train", "test" and predictions by method, (people, items) each, of the first repetition.
    """
    figure = Figure(figsize=(11, 3.2 * len(columns) + 3.4), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(3.2 * len(columns), 3.4))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    for row, (task, precision) in zip(upper.subplots(len(columns), 2, squeeze=False), columns, strict=True):
        for axes, what in zip(row, ("RMSE", precision), strict=True):
            _dots(axes, [one for one in measures if (one.task, one.what) == (task, what)], ours)
        row[0].set_title(task, loc="left")
        row[1].set_yticks([])
    _person(lower.subplots(), plan, shown)
    return figure


def _dots(axes, measures, ours) -> None:
    for k, one in enumerate(measures):
        color = OURS if one.method in ours else OTHER
        axes.errorbar(one.mean, k, xerr=np.nan_to_num(one.spread), fmt="o", color=color, capsize=3)
    axes.set_yticks(range(len(measures)), labels=[one.method for one in measures])
    axes.invert_yaxis()
    better = "lower" if measures[0].better == "low" else "higher"
    axes.set_xlabel(f"{measures[0].what} on held-out ratings ({better} is better)")
    axes.grid(alpha=0.3, axis="x")


def _person(axes, plan, shown) -> None:
    """Draw the person whose held-out ratings the autoencoder predicts as well as those of most: the median person."""
    test = shown["test"]
    squares = (shown["masked autoencoder"] - test) ** 2
    errors = np.array([row[~np.isnan(row)].mean() if np.isfinite(row).any() else np.inf for row in squares])
    person = int(np.argsort(errors)[np.isfinite(errors).sum() // 2])
    rated = np.flatnonzero(~np.isnan(shown["train"][person]) | ~np.isnan(test[person]))[:30]
    places = range(len(rated))
    axes.plot(places, shown["train"][person, rated], "k.", label="given, known to the methods")
    axes.plot(places, test[person, rated], "k*", ms=10, mfc="none", label="given, held out")
    for name, (color, mark) in LINES.items():
        axes.plot(places, shown[name][person, rated], mark, color=color, ms=5, alpha=0.8, label=f"predicted, {name}")
    axes.set_xticks(
        places, labels=[plan.names[item] for item in rated], rotation=90 if max(map(len, plan.names)) > 3 else 0
    )
    axes.set(ylabel="rating", xlabel="item", title=f"{plan.name}: the person of median error (first repetition)")
    axes.legend(frameon=False, fontsize=8, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.2))
