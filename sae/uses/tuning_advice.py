"""What the grid says, in words: every number, and which of the words, is put in by code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from .use import Measure, difference, find

SOME = 0.05  # from this share of dead units on they are worth a word


def verdict(measures: Sequence[Measure], task: str, what: str, methods: Sequence[str], n: int) -> str:
    """Return what tuning gains over the defaults, and how it compares with PCA, also with n numbers, and the pixels."""
    tuned, default, pca, pixels = (find(measures, task, what, method) for method in methods)
    few, few_pca = (find(measures, f"{task}, {n} numbers", what, method) for method in (methods[0], methods[2]))
    gain = 100 * difference(tuned, default).mean
    ahead = [difference(*pair).verdict for pair in ((tuned, pca), (few, few_pca))]
    more = ": its gain is to have more of them than PCA can have" if ahead[0] == "better than" != ahead[1] else ""
    return (
        f"Tuned, the autoencoder's codes give a logistic regression an accuracy of {tuned}, {gain:.1f} percentage "
        f"points more than with the default setting ({default}), which was made for patches of photographs. That is "
        f"{ahead[0]} PCA ({pca}) and {difference(tuned, pixels).verdict} the pixels ({pixels}), "
        f"all searched alike, where the defaults are {difference(default, pca).verdict} PCA and "
        f"{difference(default, pixels).verdict} the pixels: compare nothing with an untuned autoencoder. With {n} "
        f"numbers each, the autoencoder ({few}) is {ahead[1]} PCA ({few_pca}){more}."
    )


def advice(
    tables: Mapping[str, np.ndarray],
    axes: Mapping[str, Sequence[float]],
    chosen: Sequence[tuple],
    measures: Sequence[Measure],
    default: float,
    smaller: float,
) -> list[str]:
    """Return the advice, a paragraph each.

    Parameters
    ----------
    tables : dict
        The cost, the active units, the dead units and the accuracy, in this order: arrays (n_hidden, rho, lambda).
    axes : dict
        Name -> values, of the three axes.
    chosen : sequence of tuple
        The setting chosen in each repetition.
    measures : sequence of Measure
        With the share of the variance of each of the three, and their names as methods.
    default : float
        The accuracy of the default setting, found as those in the table.
    smaller : float
        The beta of the grid.
    """
    cost, _, dead, accuracy = tables.values()
    return [
        importance(axes, measures, accuracy),
        where_units_die(dead, axes),
        what_was_chosen(axes, chosen),
        without_labels(cost, accuracy, axes),
        beta(accuracy, axes, default, smaller),
    ]


def importance(axes: Mapping[str, Sequence[float]], measures: Sequence[Measure], accuracy: np.ndarray) -> str:
    """Return which of the three matters most, over the grid and beside its best."""
    first, *others = sorted((one for one in measures if one.method in axes), key=lambda one: -one.mean)
    rest = " and ".join(f"{one.method} ({_percent(one.mean)})" for one in others)
    lost = ", ".join(f"{name} {100 * loss:.1f}" for name, loss in losses(axes, accuracy).items())
    return (
        f"Tune {first.method} first: over this grid it explains {_percent(first.mean)} of the variance of the "
        f"accuracy, before {rest}; what is left is due to combinations. From the best of the grid, the worst value of "
        f"one of them alone costs, in percentage points: {lost}."
    )


def losses(axes: Mapping[str, Sequence[float]], accuracy: np.ndarray) -> dict[str, float]:
    """Return for each axis what its worst value costs, the others left as at the best of the table."""
    best = np.unravel_index(accuracy.argmax(), accuracy.shape)
    lines = [accuracy[tuple(slice(None) if j == i else k for j, k in enumerate(best))] for i in range(len(best))]
    return {name: float(line.max() - line.min()) for name, line in zip(axes, lines, strict=True)}


def where_units_die(dead: np.ndarray, axes: Mapping[str, Sequence[float]]) -> str:
    """Return for each rho the lambda from which units of the largest layer are dead."""
    n_hidden, rho, lam = axes.values()
    begin: dict[float | None, list[float]] = {}
    for r, row in zip(rho, dead[-1] / n_hidden[-1], strict=True):
        first = next((value for value, share in zip(lam, row, strict=True) if share >= SOME), None)
        begin.setdefault(first, []).append(r)
    said = [
        f"from lambda = {first:g} on at rho = {_list(some)}" if first else f"nowhere at rho = {_list(some)}"
        for first, some in begin.items()
    ]
    worst = float((dead[-1] / n_hidden[-1]).max())
    return (
        f"Dead units, at least {_percent(SOME)} of {n_hidden[-1]}: {'; '.join(said)}. The worst setting kills "
        f"{_percent(worst)}. Where units die, {' or '.join(remedies(dead[-1]))} before you add units."
    )


def remedies(dead: np.ndarray) -> list[str]:
    """Return what makes fewer units die in a table (rho, lambda): the means along the other axis say it."""
    by_rho, by_lambda = dead.mean(axis=1), dead.mean(axis=0)
    return [
        "lower lambda" if by_lambda[0] < by_lambda[-1] else "raise lambda",
        "raise rho" if by_rho[0] > by_rho[-1] else "lower rho",
    ]


def what_was_chosen(axes: Mapping[str, Sequence[float]], chosen: Sequence[tuple]) -> str:
    """Return how often each value was chosen, and whether it is at the end of its axis."""
    said, ends = [], []
    for (name, values), column in zip(axes.items(), zip(*chosen, strict=True), strict=True):
        value, times = Counter(column).most_common(1)[0]
        said.append(f"{name} = {value:g} ({times} of {len(chosen)} times)")
        if value in (values[0], values[-1]):
            ends.append(f"{name} {'above' if value == values[-1] else 'below'} {value:g}")
    beyond = f" These lie at the end of the grid, so the search should go on: {', '.join(ends)}." if ends else ""
    return f"Chosen by accuracy on the folds: {', '.join(said)}.{beyond}"


def without_labels(cost: np.ndarray, accuracy: np.ndarray, axes: Mapping[str, Sequence[float]]) -> str:
    """Return what it costs to choose by the reconstruction, which needs no labels."""
    place = np.unravel_index(cost.argmin(), cost.shape)
    setting = ", ".join(f"{name} = {values[int(i)]:g}" for (name, values), i in zip(axes.items(), place, strict=True))
    lost = 100 * (accuracy.max() - accuracy[place])
    return (
        f"Without labels, choose by the cost on held-out examples: its lowest, at {setting}, has an accuracy of "
        f"{accuracy[place]:.3f} on the folds, {lost:.1f} percentage points below the best of the grid "
        f"({accuracy.max():.3f})."
    )


def beta(accuracy: np.ndarray, axes: Mapping[str, Sequence[float]], default: float, smaller: float) -> str:
    """Return what a smaller beta alone is worth, where the default setting is on the grid but for beta."""
    n_hidden, rho, lam = axes.values()
    if not (25 in n_hidden and 0.01 in rho and 1e-4 in lam):
        return f"The default setting has an accuracy of {default:.3f} on the folds."
    same = accuracy[n_hidden.index(25), rho.index(0.01), lam.index(1e-4)]
    return (
        f"The default setting has an accuracy of {default:.3f} on the folds, and {same:.3f} with a beta of "
        f"{smaller:g} instead of 3; the best of the grid has {accuracy.max():.3f}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
