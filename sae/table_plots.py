"""Pictures of a model whose inputs are features with names rather than pixels. Each returns a Figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator

from . import checks
from .errors import SaeError
from .plots import paired

LONGEST = 24  # letters of a name in a picture


def plot_weights(W1, names: Sequence[str] | None = None, *, shown: int = 30) -> Figure:
    """Draw W1 as a heat map, a column for each hidden unit and a row for each input; 0 is white.

    Parameters
    ----------
    W1 : (n_hidden, n) array
    names : n texts, optional
        Of the inputs; "input 1" and so on unless given.
    shown : int
        Of more inputs, those with the largest norm of weights are drawn, in their order.
    """
    W1, shown = checks.matrix(W1, "W1"), checks.count("shown", shown)
    names = _names(names, W1.shape[1])
    rows = np.sort(np.argsort(-np.linalg.norm(W1, axis=0), kind="stable")[:shown])
    figure = Figure(figsize=(7, 1.2 + 0.22 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    largest = np.abs(W1).max() or 1.0
    image = axes.imshow(W1.T[rows], cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest")
    axes.set(xlabel="hidden unit", yticks=range(len(rows)), yticklabels=[names[j] for j in rows])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=axes, label="weight", fraction=0.05)
    return figure


def explained(X, X_hat) -> np.ndarray:
    r"""Return 1 - \sum_i (\hat x_i - x_i)^2 / \sum_i (x_i - \bar x)^2 of each feature, (n,); NaN if it is constant.

    1 is a perfect reconstruction of the examples, the columns of X (n, m) and X_hat (n, m); 0 is as good as the mean.
    """
    X, X_hat = paired(X, X_hat)
    error, spread = ((X_hat - X) ** 2).sum(axis=1), ((X - X.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    moving = np.ptp(X, axis=1) > 0
    return 1 - np.divide(error, spread, out=np.full(len(X), np.nan), where=moving)


def plot_explained(X, X_hat, names: Sequence[str] | None = None, *, shown: int = 30) -> Figure:
    """Draw for each feature how much of its variance the reconstructions X_hat (n, m) of X (n, m) explain.

    Of more than `shown` features those with the least are drawn; a bar below 0 is cut off there.
    """
    share, shown = explained(X, X_hat), checks.count("shown", shown)
    names = _names(names, len(share))
    known = np.flatnonzero(~np.isnan(share))
    if not known.size:
        raise SaeError("every feature is constant; expected some variance to explain.")
    rows = np.sort(known[np.argsort(share[known], kind="stable")[:shown]])
    figure = Figure(figsize=(7, 1.0 + 0.22 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(range(len(rows)), 100 * np.maximum(share[rows], 0), color="0.6", height=0.7)
    axes.set(xlabel="variance explained, %", yticks=range(len(rows)), yticklabels=[names[j] for j in rows])
    axes.set(xlim=(0, 100), ylim=(len(rows) - 0.4, -0.6))
    axes.grid(axis="x", alpha=0.3)
    return figure


def plot_given(X, X_hat, *, drawn: int = 5000) -> Figure:
    """Draw numbers of X (n, m) against their reconstructions in X_hat (n, m), evenly spaced ones of more than `drawn`.

    On the diagonal they are equal.
    """
    X, X_hat = paired(X, X_hat)
    step = -(-X.size // checks.count("drawn", drawn))
    x, x_hat = X.T.ravel()[::step], X_hat.T.ravel()[::step]
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(x, x_hat, s=8, alpha=0.5, color="tab:blue", linewidths=0, rasterized=True)
    middle = float(x.mean())
    axes.axline((middle, middle), slope=1, color="black", lw=1, ls="--", label="equal")
    axes.set(xlabel="given", ylabel="reconstructed", aspect="equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _names(names, n: int) -> list[str]:
    if names is None:
        return [f"input {j + 1}" for j in range(n)]
    if len(names) != n:
        raise SaeError(f"got {len(names)} names for {n} inputs; expected one each.")
    return [_drawable(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…") for name in names]


def _drawable(name: str) -> str:
    """Return a name in letters that the font has, without formulas."""
    font = get_font(findfont(FontProperties()))
    return "".join(c if font.get_char_index(ord(c)) else "?" for c in name).replace("$", r"\$")
