"""Pictures of a trained autoencoder. Each returns a Figure; nothing is shown or written."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from . import checks
from .errors import SaeError
from .filters import as_images, optimal_inputs, unit_contrast
from .optimise import RESERVED


def _mosaic(images: np.ndarray, columns: int) -> np.ndarray:
    """Put images (k, height, width), or (k, height, width, 3), on a grid with one empty (NaN) pixel between them."""
    count, height, width = images.shape[:3]
    rows = math.ceil(count / columns)
    canvas = np.full((rows * (height + 1) + 1, columns * (width + 1) + 1, *images.shape[3:]), np.nan)
    for k, image in enumerate(images):
        top, left = (place * (side + 1) + 1 for place, side in zip(divmod(k, columns), (height, width), strict=True))
        canvas[top : top + height, left : left + width] = image
    return canvas


def _grey(canvas: np.ndarray, low: float, high: float, title: str, width: float) -> Figure:
    """Draw a mosaic, `width` inches wide, under its title."""
    picture = width * canvas.shape[0] / canvas.shape[1]
    height = picture + 0.4
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, picture / height))
    axes.imshow(canvas, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes.set_axis_off()
    figure.text(0.5, (picture + 0.2) / height, title, ha="center", va="center", fontsize=10)
    return figure


def plot_filters(
    W1,
    *,
    shape: tuple[int, int] | None = None,
    columns: int | None = None,
    title: str = "Input of norm 1 that activates each hidden unit most",
) -> Figure:
    """Draw the UFLDL picture: each hidden unit's norm-bounded optimal input, W_ij / sqrt(sum_j W_ij^2).

    Grey is 0 in every filter; each has its own contrast, so that its largest |value| is black or white.

    Parameters
    ----------
    W1 : (n_hidden, n) array
        One filter a row, an image raveled in C order.
    shape : (int, int), optional
        Height and width of a filter; square unless given.
    columns : int, optional
        Filters in a row of the picture; about the square root of their number unless given.
    title : str
    """
    images = as_images(unit_contrast(optimal_inputs(W1)), shape)
    columns = math.ceil(math.sqrt(len(images))) if columns is None else checks.count("columns", columns)
    canvas = _mosaic(images, columns)
    return _grey(canvas, -1, 1, title, width=5)


def plot_colour_filters(
    W,
    *,
    shape: tuple[int, int] | None = None,
    columns: int | None = None,
    title: str = "Filters on colour patches, in red, green and blue",
) -> Figure:
    """Draw filters on colour patches: middle grey is 0 in all three colours, and each filter has its own contrast.

    The contrast is that of all three colours together, so that hues are the filter's own (UFLDL's displayColorNetwork
    scales each colour by itself). Of units trained on whitened patches draw W1 @ T, T the whitening.

    Parameters
    ----------
    W : (k, height * width * 3) array
        One filter a row, an image (height, width, 3) raveled in C order.
    shape : (int, int), optional
        Height and width of a filter; square unless given.
    columns : int, optional
        Filters in a row of the picture; about the square root of their number unless given.
    title : str
    """
    W = checks.matrix(W, "W")
    side = math.isqrt(W.shape[1] // 3)
    height, width = (side, side) if shape is None else shape
    if 3 * height * width != W.shape[1]:
        raise SaeError(
            f"rows of {W.shape[1]} numbers are no images of {height} x {width} in three colours; say "
            "shape=(height, width)."
        )
    images = (1 + unit_contrast(W).reshape(-1, height, width, 3)) / 2
    columns = math.ceil(math.sqrt(len(images))) if columns is None else checks.count("columns", columns)
    return _grey(np.nan_to_num(_mosaic(images, columns), nan=1.0), 0, 1, title, width=5)


def draw_filters(axes, W1, *, shape: tuple[int, int] | None = None) -> None:
    """Draw what `plot_filters` shows into an existing pair of axes."""
    images = as_images(unit_contrast(optimal_inputs(W1)), shape)
    canvas = _mosaic(images, math.ceil(math.sqrt(len(images))))
    axes.imshow(canvas, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")


def plot_history(history: Sequence[dict]) -> Figure:
    """Draw J, its addends and the validation loss, on a logarithmic scale, from `Result.history`."""
    if not history:
        raise SaeError("the history is empty; expected the records of a Result.")
    names = [key for key in dict.fromkeys(key for record in history for key in record) if key not in RESERVED]
    iterations = [record["iteration"] for record in history]
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    point = "o" if len(history) == 1 else None  # a line of one point is none
    axes.plot(iterations, [record["cost"] for record in history], color="black", lw=2, label="J", marker=point)
    for name in names:
        values = [record.get(name, math.nan) for record in history]
        axes.plot(iterations, values, ls="--" if name == "validation" else "-", label=name, marker=point)
    axes.set(xlabel="iteration", ylabel="cost", yscale="log", title=f"J = {history[-1]['cost']:.4f} at the end")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def plot_activations(rho_hat, rho: float | None = None) -> Figure:
    """Draw the mean activation rho_hat of each hidden unit, against the target rho if there is one."""
    rho_hat = np.asarray(rho_hat, dtype=float)
    if rho_hat.ndim != 1 or not rho_hat.size:
        raise SaeError(f"rho_hat has shape {rho_hat.shape}; expected (n_hidden,).")
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.bar(np.arange(rho_hat.size), rho_hat, color="0.6", label="mean activation of the unit")
    if rho is not None:
        axes.axhline(rho, color="black", ls="--", label=f"target rho = {rho:g}")
    axes.set(xlabel="hidden unit", ylabel="rho_hat")
    if rho_hat.min() >= 0 and (highest := max(rho_hat.max(), rho or 0)) > 0:
        axes.set_ylim(0, 1.35 * highest)
    axes.set_title(f"rho_hat {rho_hat.min():.4f} to {rho_hat.max():.4f}, mean {rho_hat.mean():.4f}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="upper right", ncols=2, frameon=False)
    return figure


def paired(X, X_hat) -> tuple[np.ndarray, np.ndarray]:
    """Return both, (n, m), checked."""
    X, X_hat = checks.matrix(X), checks.matrix(X_hat, "X_hat")
    if X.shape != X_hat.shape:
        raise SaeError(f"X_hat has shape {X_hat.shape}; expected the shape of X, {X.shape}.")
    return X, X_hat


def plot_reconstructions(
    X,
    X_hat,
    *,
    shape: tuple[int, int] | None = None,
    columns: int = 16,
    title: str = "Examples, each above its reconstruction, on one grey scale",
) -> Figure:
    """Draw examples X (n, k), columns, each above its reconstruction in X_hat (n, k)."""
    (X, X_hat), columns = paired(X, X_hat), checks.count("columns", columns)
    images, images_hat = as_images(X.T, shape), as_images(X_hat.T, shape)
    rows = [
        _mosaic(pair[k : k + columns], columns) for k in range(0, len(images), columns) for pair in (images, images_hat)
    ]
    return _grey(np.concatenate(rows), X.min(), X.max(), title, width=9)


def plot_network(n: int, n_hidden: int, *, drawn: int = 6) -> Figure:
    """Draw the network: n inputs, n_hidden hidden units, n outputs, and the symbols of the notes at their places.

    Layers of more than `drawn` units are drawn with a gap; the biases are units that answer +1.
    """
    n, n_hidden = checks.count("n", n), checks.count("n_hidden", n_hidden)
    figure = Figure(figsize=(8, 5.4), layout="constrained")
    axes = figure.add_subplot()
    layers = [(n, "x"), (n_hidden, "a^{(2)}"), (n, "a^{(3)}")]
    places = [_heights(count, drawn) for count, _ in layers]
    top, low = max(max(heights) for heights in places), min(min(heights) for heights in places)
    for left, name, colour in ((0, "encoder", "tab:blue"), (1, "decoder", "tab:orange")):
        axes.axvspan(left + 0.2, left + 0.8, color=colour, alpha=0.07, lw=0)
        axes.text(left + 0.5, top + 0.75, f"{name}: $W_{left + 1}, b_{left + 1}$", ha="center", va="center")
        for y_next in places[left + 1]:
            for y in places[left]:
                axes.plot([left, left + 1], [y, y_next], color="0.75", lw=0.7, zorder=1)
            axes.plot([left, left + 1], [low - 1, y_next], color="0.75", lw=0.7, ls=":", zorder=1)
        _unit(axes, left, low - 1, "+1", "0.93")
    for column, ((count, symbol), heights) in enumerate(zip(layers, places, strict=True)):
        subscripts = [*range(1, len(heights)), count] if count > drawn else range(1, count + 1)
        for y, i in zip(heights, subscripts, strict=True):
            _unit(axes, column, y, f"${symbol}_{{{i}}}$")
        if count > drawn:
            axes.text(column, (heights[-1] + heights[-2]) / 2, "⋮", ha="center", va="center", zorder=3)
    for x, label in [
        (0, f"{n} inputs\n$x$"),
        (1, f"{n_hidden} hidden units\n$z^{{(2)}}, a^{{(2)}}, \\hat\\rho, \\delta^{{(2)}}$"),
        (2, f"{n} outputs\n$z^{{(3)}}, a^{{(3)}}, \\delta^{{(3)}}$"),
    ]:
        axes.text(x, low - 1.7, label, ha="center", va="top")
    axes.set(xlim=(-0.3, 2.3), ylim=(low - 2.7, top + 1.1))
    axes.set_axis_off()
    return figure


def _unit(axes, x: float, y: float, text: str, colour: str = "white") -> None:
    axes.scatter([x], [y], s=560, color=colour, edgecolor="black", zorder=2)
    axes.text(x, y, text, ha="center", va="center", fontsize=9, zorder=3)


def _heights(count: int, drawn: int) -> list[float]:
    """Where units stand, from top to bottom; with a gap before the last one where not all are drawn."""
    shown = min(count, drawn)
    heights = [shown / 2 - i for i in range(shown)]
    if count > drawn:
        heights[-1] -= 1
    return heights
