"""The picture of the tuning: heat maps of the grid, and the accuracies on test digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .use import Measure


def plot_tuning(
    tables: Mapping[str, np.ndarray],
    axes: Mapping[str, Sequence[float]],
    chosen: Sequence[tuple],
    measures: Sequence[Measure],
    headline: tuple[str, str],
) -> Figure:
    """Draw a row of heat maps for each number, a map for each n_hidden; below, the numbers on test digits.

    Parameters
    ----------
    tables : dict
        What -> array (n_hidden, rho, lambda).
    axes : dict
        Name -> values, of the three axes.
    chosen : sequence of tuple
        The setting chosen in each repetition; a frame says how often.
    measures : sequence of Measure
    headline : (str, str)
        Task and number of the comparison: of the four tables, its is the one where yellow is high.
    """
    sizes = next(iter(axes.values()))
    figure = Figure(figsize=(2.8 * len(sizes) + 1.2, 1.8 * len(tables) + 1.8), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(1.8 * len(tables), 1.6))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    _maps(upper, tables, axes, Counter(chosen), headline[1])
    left, right = lower.subplots(1, 2)
    _dots(left, [one for one in measures if (one.task, one.what) == headline], ": ".join(headline))
    _dots(right, [one for one in measures if one.method in axes], "share of the variance of the accuracy")
    return figure


def _maps(figure, tables, axes, chosen, headline) -> None:
    """Draw all tables; yellow is low, but in that of the headline high, whose colours begin at its lower quartile."""
    sizes, rho, lam = axes.values()
    panels = figure.subplots(len(tables), len(sizes), squeeze=False, sharex=True, sharey=True)
    for (what, table), row in zip(tables.items(), panels, strict=True):
        ours = what == headline
        low = np.quantile(table, 0.25) if ours else table.min()
        colours = Normalize(low, table.max()), "viridis" if ours else "viridis_r"
        for size, values, panel in zip(sizes, table, row, strict=True):
            _map(panel, values, rho, lam, *colours)
            panel.set_title(f"{what}: n_hidden {size}" if size == sizes[0] else f"n_hidden {size}", fontsize=9)
            for (n, r, decay), times in chosen.items():
                if n == size:
                    _frame(panel, lam.index(decay), rho.index(r), times)
        row[0].set_ylabel("rho")
        figure.colorbar(ScalarMappable(*colours), ax=row, fraction=0.02, pad=0.01, extend="min" if ours else "neither")
    for panel in panels[-1]:
        panel.set_xlabel("lambda")
    figure.suptitle("Means over the folds; framed: chosen, and how often", fontsize=10)


def _map(panel, values, rho, lam, norm, cmap) -> None:
    """Draw one table (rho, lambda), a number in each cell."""
    image = panel.imshow(values, aspect="auto", origin="lower", norm=norm, cmap=cmap)
    for (i, j), value in np.ndenumerate(values):
        light = sum(image.to_rgba(value)[:3]) > 1.4
        panel.text(j, i, f"{value:.3g}", ha="center", va="center", fontsize=8, color="black" if light else "white")
    panel.set_xticks(range(len(lam)), labels=[f"{value:g}" for value in lam], fontsize=8)
    panel.set_yticks(range(len(rho)), labels=[f"{value:g}" for value in rho], fontsize=8)


def _frame(panel, x: int, y: int, times: int) -> None:
    panel.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, ec="tab:red", lw=2))
    panel.text(x + 0.43, y + 0.4, f"{times} x", ha="right", va="top", fontsize=7, color="tab:red")


def _dots(panel, measures, title) -> None:
    for y, one in enumerate(measures):
        panel.errorbar(one.mean, y, xerr=np.nan_to_num(one.spread), fmt="o", color=f"C{y}", capsize=4)
        panel.plot(one.values, np.full(len(one.values), y + 0.25), ".", color=f"C{y}", ms=4, alpha=0.6)
    panel.set_yticks(range(len(measures)), labels=[one.method for one in measures], fontsize=9)
    panel.set(ylim=(len(measures) - 0.5, -0.5))
    panel.set_title(title, fontsize=9)
    panel.grid(axis="x", alpha=0.3)
