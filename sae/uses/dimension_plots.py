"""The picture of the dimensions: both measures against the number of dimensions, and the maps in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from .use import Measure, find

MARKS = "osD^v<>"


def plot_dimensions(
    measures: Sequence[Measure],
    dims: Mapping[str, Sequence[int]],
    whats: Sequence[str],
    ours: Sequence[str],
    maps: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> Figure:
    """Draw a curve for each method, a row for each data set; below, the maps of the test digits.

    Parameters
    ----------
    measures : sequence of Measure
        Their tasks are called "NAME, D dimensions".
    dims : dict
        Name of a data set -> its numbers of dimensions.
    whats : two str
        The measures to draw.
    ours : sequence of str
        The autoencoders: their lines are solid, others dashed.
    maps : dict
        Method -> points (m, 2) and their labels (m,).
    """
    figure = Figure(figsize=(11, 3.1 * len(dims) + 3.6), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(3.1 * len(dims), 3.6))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    for (name, numbers), row in zip(dims.items(), upper.subplots(len(dims), 2, squeeze=False), strict=True):
        for what, axes in zip(whats, row, strict=True):
            _curves(axes, measures, name, numbers, what, ours)
    upper.axes[1].legend(frameon=False, fontsize=8)
    panels = lower.subplots(1, len(maps), squeeze=False)[0]
    for axes, (name, (points, labels)) in zip(panels, maps.items(), strict=True):
        _map(axes, name, points, labels)
    lower.suptitle("Test digits in two dimensions (first repetition); the labels were seen by no method", fontsize=10)
    return figure


def _curves(axes, measures, name, numbers, what, ours) -> None:
    methods = dict.fromkeys(one.method for one in measures if one.what == what)
    for k, method in enumerate(methods):
        points = [(d, one) for d in numbers if (one := _at(measures, f"{name}, {d} dimensions", what, method))]
        axes.errorbar(
            [d for d, _ in points],
            [one.mean for _, one in points],
            [np.nan_to_num(one.spread) for _, one in points],
            color=f"C{k}",
            marker=MARKS[k],
            ls="-" if method in ours else "--",
            capsize=3,
            ms=5,
            label=method,
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(numbers), labels=list(map(str, numbers)))
    axes.set(xlabel="dimensions", ylabel=what, title=name)
    axes.grid(alpha=0.3)


def _at(measures, task, what, method) -> Measure | None:
    known = any((one.task, one.what, one.method) == (task, what, method) for one in measures)
    return find(measures, task, what, method) if known else None


def _map(axes, name, points, labels) -> None:
    for digit in range(10):
        x, y = points[labels == digit].T
        axes.scatter(x, y, s=16, color=f"C{digit}", marker=f"${digit}$", lw=0)
    axes.set(xticks=[], yticks=[])
    axes.set_title(name, fontsize=9)
