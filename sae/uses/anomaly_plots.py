"""The picture of the anomalies: both measures of all methods, and the features that make the top ones so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ..estimators import AnomalyDetector
from .detectors import relative_errors
from .use import Measure

MARKS = "osD^v"
IMAGES, ROWS = 5, 6  # top anomalies shown: of pictures, of other data


class Shown(NamedTuple):
    """A detector and the rows to explain with it."""

    title: str
    names: list[str]  # of the features; none of pictures
    detector: AnomalyDetector
    train: np.ndarray
    anomalies: np.ndarray

    def top(self, count: int) -> np.ndarray:
        """Return the rows with the largest scores, that one first."""
        return self.anomalies[np.argsort(self.detector.score_samples(self.anomalies), kind="stable")[:count]]


def plot_anomalies(
    measures: Sequence[Measure], tasks: Sequence[str], whats: Sequence[str], ours: Sequence[str], shown: Sequence[Shown]
) -> Figure:
    """Draw the measures; below, digits with their reconstructions and errors; below, features of other data.

    Parameters
    ----------
    measures : sequence of Measure
    tasks, whats : sequence of str
        What to draw, a mark each and a panel each.
    ours : sequence of str
        The autoencoders: their names are bold.
    shown : sequence of Shown
        Those with square numbers of features and no names are pictures.
    """
    pictures = [one for one in shown if not one.names][:IMAGES]
    tables = [one for one in shown if one.names]
    heights = [3.0, 3.9, *(1.3 + 0.28 * ROWS + (1.3 if len(one.names) > 9 else 0.3) for one in tables)]
    figure = Figure(figsize=(11, sum(heights)), layout="constrained")
    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    for what, axes in zip(whats, parts[0].subplots(1, len(whats), sharey=True), strict=True):
        _measures(axes, measures, tasks, what, ours)
    parts[0].axes[0].legend(frameon=False, fontsize=8, loc="lower left")
    if pictures:
        _pictures(parts[1], pictures)
    for one, part in zip(tables, parts[2:], strict=True):
        _table(part, one)
    return figure


def _measures(axes, measures, tasks, what, ours) -> None:
    methods = list(dict.fromkeys(one.method for one in measures if one.what == what))
    for k, task in enumerate(tasks):
        found = [one for one in measures if (one.task, one.what) == (task, what)]
        axes.errorbar(
            [one.mean for one in found],
            [methods.index(one.method) + 0.15 * k for one in found],
            xerr=[np.nan_to_num(one.spread) for one in found],
            fmt=MARKS[k % len(MARKS)],
            color=f"C{k}",
            capsize=3,
            label=task,
        )
    axes.set_yticks(range(len(methods)), labels=methods)
    for label in axes.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() in ours else "normal")
    axes.set(xlabel=what, ylim=(len(methods) - 0.4, -0.5))
    axes.grid(alpha=0.3)


def plot_top_pictures(one: Shown, count: int) -> Figure:
    """Draw the top anomalies among square pictures: seen, made of it, and the difference."""
    figure = Figure(figsize=(1.4 * count + 1.5, 4.2), layout="constrained")
    _triples(figure, [(f"top {k + 1}", one.detector, x[None]) for k, x in enumerate(one.top(count))])
    figure.suptitle(one.title)
    return figure


def plot_top_rows(one: Shown) -> Figure:
    """Draw the relative squared errors of the features of the top anomalies, a row each."""
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    _table(figure, one)
    return figure


def _pictures(part, pictures: Sequence[Shown]) -> None:
    part.suptitle("The top anomaly of each digit's detector: what it sees, what it makes of it, and the difference")
    _triples(part, [(f"normal: {one.title}", one.detector, one.top(1)) for one in pictures])


def _triples(part, triples) -> None:
    drawn = None
    grid = part.subplots(3, len(triples), squeeze=False)
    for column, (title, detector, x) in zip(grid.T, triples, strict=True):
        side = int(np.sqrt(x.size))
        x_hat = detector.autoencoder_.reconstruct(x)
        for axes, image in zip(column[:2], (x, x_hat), strict=True):
            axes.imshow(image.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
        drawn = column[2].imshow((x - x_hat).reshape(side, side), cmap="PuOr", vmin=-1, vmax=1)
        for axes in column:
            axes.set(xticks=[], yticks=[])
        column[0].set_title(title, fontsize=10)
    for axes, name in zip(grid[:, 0], ("seen", "made of it", "difference"), strict=True):
        axes.set_ylabel(name)
    part.colorbar(drawn, ax=grid, shrink=0.5, label="seen less made of it\n(ink, 0 to 1)")


def _table(part, one: Shown) -> None:
    errors = relative_errors(one.detector, one.train, one.top(ROWS))
    axes = part.subplots()
    drawn = axes.imshow(errors, norm=LogNorm(1, max(errors.max(), 10), clip=True), cmap="viridis", aspect="auto")
    axes.set_xticks(range(len(one.names)), labels=one.names, rotation=90 if len(one.names) > 9 else 0, fontsize=8)
    axes.set_yticks(range(len(errors)), labels=[str(k + 1) for k in range(len(errors))])
    axes.set(ylabel="rank", title=f"{one.title}: the top anomalies, and the features that make them ones")
    part.colorbar(drawn, ax=axes, label="squared error /\nits mean when normal")
