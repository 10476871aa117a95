"""The picture of which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

DIGITS = tuple("0123456789")


def plot_confusion(y: np.ndarray, answers: dict[str, np.ndarray], classes: Sequence[str] = DIGITS) -> Figure:
    """Draw, for each answer, how often a class (row) was taken for another (column); the diagonal is left empty."""
    counts = {name: confusion(y, answer, len(classes)) for name, answer in answers.items()}
    figure = Figure(figsize=(5 * len(counts), 5.6), layout="constrained")
    figure.suptitle("What was taken for what (wrong answers only)")
    for axes, (name, table) in zip(figure.subplots(1, len(counts), squeeze=False)[0], counts.items(), strict=True):
        wrong = table - np.diag(np.diag(table))
        axes.imshow(wrong, cmap="Greys", vmin=0, vmax=2 * max(1, wrong.max()))
        for i, j in zip(*np.nonzero(wrong), strict=True):
            axes.text(j, i, wrong[i, j], ha="center", va="center", fontsize=8)
        axes.set(
            title=f"{name}: {wrong.sum()} of {y.size} wrong",
            xlabel="answer given",
            ylabel="true class",
            xticks=range(len(classes)),
            yticks=range(len(classes)),
            xticklabels=classes,
            yticklabels=classes,
        )
    return figure


def confusion(y: np.ndarray, answer: np.ndarray, classes: int) -> np.ndarray:
    """Return the counts (classes, classes): the class in rows, the answer in columns."""
    table = np.zeros((classes, classes), int)
    np.add.at(table, (y, answer), 1)
    return table
