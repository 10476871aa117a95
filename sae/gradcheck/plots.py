"""Pictures of a gradient check: where the errors are, and how the Taylor remainder falls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ..layout import Layout

NOTHING = 1e-17  # an error of 0 on a logarithmic scale
STEPS = 10.0 ** np.arange(-1, -8.5, -0.5)


def plot_entries(grad, numeric, layout: Layout) -> Figure:
    """Draw |g - g_hat| of each entry of theta as pictures of W1, W2, b1, b2, relative to the largest |g_hat|.

    Parameters
    ----------
    grad, numeric : (p,) arrays
        The gradient that is checked and the numerical one; an entry that is NaN was not looked at, and stays white.
    layout : Layout
    """
    scale = np.nanmax(np.abs(numeric)) or 1.0
    errors = np.maximum(np.abs(grad - numeric) / scale, NOTHING)
    parts = {name: np.atleast_2d(part) for name, part in zip(layout.names, layout.unpack(errors), strict=True)}
    widths = [max(part.shape[1], 2) for part in parts.values()]
    figure = Figure(figsize=(min(4 + 0.2 * sum(widths), 16), 3.6), layout="constrained")
    axes = figure.subplots(1, len(parts), width_ratios=widths, squeeze=False)[0]
    image = None
    for ax, (name, part) in zip(axes, parts.items(), strict=True):
        image = ax.imshow(part, norm=LogNorm(1e-16, 1), cmap="magma", interpolation="nearest")
        ax.set(title=name, xticks=[], yticks=[])
    if image is not None:
        figure.colorbar(image, ax=list(axes), label="|g - numerical g| / largest |numerical g|")
    return figure


def plot_taylor(objective: Callable, theta: np.ndarray, rng: np.random.Generator) -> Figure:
    r"""Draw |J(theta + t v) - J(theta) - t g.v| against t for a random v of norm 1: slope 2 is right, slope 1 wrong."""
    v = rng.standard_normal(theta.size)
    v /= np.linalg.norm(v)
    cost, grad = objective(theta.copy())
    costs = np.array([objective(theta + t * v)[0] for t in STEPS], float)
    remainders = np.abs(costs - float(cost) - STEPS * float(grad @ v))
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.loglog(STEPS, np.maximum(remainders, NOTHING), "o-", color="black", label="remainder")
    first = max(remainders[0], NOTHING)
    for slope, style in ((1, ":"), (2, "--")):
        axes.loglog(STEPS, first * (STEPS / STEPS[0]) ** slope, style, color="0.5", label=f"slope {slope}")
    axes.axhline(np.finfo(float).eps * abs(float(cost)), color="0.8", lw=1, label="rounding of J")
    axes.set(xlabel="t", ylabel="|J(θ + t v) − J(θ) − t g·v|", title="Taylor remainder: 2 is right, 1 is wrong")
    axes.set_ylim(bottom=NOTHING / 10)
    axes.legend()
    return figure
