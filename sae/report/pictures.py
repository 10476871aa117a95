"""The four sections of pictures. Each is drawn anew from the model, its history and its data; captions hold numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .. import plots, table_plots
from ..filters import HALF_WIDTH, ORIENTED, as_images, optimal_inputs, orientation, unit_contrast
from ..optimise import RESERVED
from ..preprocessing import PCA, PCAWhitening
from . import draw
from .markup import figure, paragraph
from .shown import Shown

FILTERS = 400  # drawn at most


class Pictures(Shown):
    """The sections that are drawn of the model, its history and its codes; each is a list of parts."""

    # Filters ---------------------------------------------------------------------------------------------------------

    @property
    def of_features(self) -> bool:
        """Whether there are weights to show rather than filters: inputs that are known, and no pictures."""
        return self.estimator is not None and self.shape is None and self.found.rows is not None

    def filters(self) -> list[str]:
        """What each hidden unit looks for."""
        if self.estimator is None:
            return [self.lacking()]
        W1 = self.estimator.W1_.astype(float)
        if self.shape is not None:
            return [self._mosaic_of_filters(W1, self.shape)]
        before = draw.stored(self.run.path / "filters.png")
        if self.found.rows is None and before is not None:
            return [figure(before, "A mosaic of grey images, one for each hidden unit", FILTER, "plain")]
        names, what = self._inputs(W1.shape[1])
        picture = draw.chart(lambda: table_plots.plot_weights(W1, names))
        some = f" The 30 of {W1.shape[1]} {what} with the largest weights." if W1.shape[1] > 30 else ""
        caption = (
            f"The weights W1: a column for each hidden unit, a row for each of the {what}. Red pushes the unit up, "
            f"blue down; 0 has the colour of the page.{some}"
        )
        return [figure(picture, "A heat map of the weights W1, hidden units across and inputs down", caption, "chart")]

    def _mosaic_of_filters(self, W1: np.ndarray, shape: tuple[int, int]) -> str:
        images = as_images(unit_contrast(optimal_inputs(W1[:FILTERS])), shape)
        some = f" The first {FILTERS} of {len(W1)} units are drawn." if len(W1) > FILTERS else ""
        caption = f"{FILTER}{self._oriented(W1, shape)}{some}"
        alt = f"A mosaic of {len(images)} grey images of {shape[0]} x {shape[1]} pixels, one for each hidden unit"
        return figure(draw.mosaic(images, -1, 1), alt, caption, "mosaic")

    def _oriented(self, W1: np.ndarray, shape: tuple[int, int]) -> str:
        """Say how many filters are edges, of photographs: there they are what is looked for."""
        if not self.run.of_photographs or self.codes is None:
            return ""
        constant = self.codes.std(axis=0) < self.codes.mean(axis=0) / 100  # detects nothing, whatever it looks like
        count = int(((orientation(W1, shape=shape) >= ORIENTED) & ~constant).sum())
        return (
            f" {count} of {len(W1)} are oriented edges: {ORIENTED:.0%} or more of their energy lies within "
            f"±{HALF_WIDTH:g} degrees of one orientation."
        )

    def _inputs(self, n: int) -> tuple[tuple[str, ...] | None, str]:
        """Return names of the network's inputs, and what these are."""
        steps = [] if self.run.trained is None or self.run.trained.steps is None else self.run.trained.steps.steps
        if any(type(step) in (PCA, PCAWhitening) for _, step in steps):
            return tuple(f"component {k + 1}" for k in range(n)), "principal components"
        names = self.found.names
        return (names if names is not None and len(names) == n else None), "features"

    # Curves ----------------------------------------------------------------------------------------------------------

    def curves(self) -> list[str]:
        """How J went down."""
        history = self.run.history
        if not history:
            return [paragraph("Not shown: there is no history.csv that could be read.", "missing")]
        first, last = history[0], history[-1]
        caption = f"On a logarithmic scale: J went from {first['cost']:.4g} to {last['cost']:.4g} in "
        caption += f"{last['iteration']:.0f} iterations."
        addends = [name for name in last if name not in RESERVED and name != "validation"]
        if addends:
            caption += f" At the end it is {_and([f'{name} {last[name]:.4g}' for name in addends])}."
        losses = {record["iteration"]: record["validation"] for record in history if "validation" in record}
        if losses:
            best = min(losses, key=lambda iteration: losses[iteration])
            caption += (
                f" The loss on the examples held out, without penalties, is lowest at iteration {best:.0f}: "
                f"{losses[best]:.4g}; {[*losses.values()][-1]:.4g} at the end."
            )
        picture = draw.chart(lambda: _curves(history), 3.4)
        return [figure(picture, "J and its addends against the iteration, on a logarithmic scale", caption, "chart")]

    # Activations -----------------------------------------------------------------------------------------------------

    def activations(self) -> list[str]:
        """How much each hidden unit is on."""
        e = self.estimator
        if e is None:
            return [self.lacking()]
        if self.is_variational:
            return self._latent()
        rho_hat, rho = self.rho_hat, self.rho
        if rho_hat is None:
            return [paragraph(f"Not shown: {self.found.why}", "missing")]
        caption = (
            f"The mean activation rho_hat of each hidden unit over the examples: {rho_hat.min():.3g} to "
            f"{rho_hat.max():.3g}, mean {rho_hat.mean():.3g}"
        )
        caption += f"; the dashed line is the target rho = {rho:g}." if rho is not None else ". There is no target."
        picture = draw.chart(lambda: _activations(rho_hat, rho), 3.2)
        alt = "Bars: the mean activation rho_hat of each hidden unit" + (
            ", a line at the target rho" * (rho is not None)
        )
        return [figure(picture, alt, caption, "chart")]

    def _latent(self) -> list[str]:
        """Draw the codes: as points if there are two, or else how far each spreads."""
        if self.codes is None:
            return [paragraph(f"Not shown: {self.found.why}", "missing")]
        mu, spread = self.codes, self.codes.std(axis=0)
        used = int((spread > 0.1).sum())
        caption = (
            "of the code over the examples. The prior is N(0, 1): a latent unit that is used spreads about 1, one that "
            f"is ignored hardly at all. {used} of {len(spread)} spread more than 0.1."
        )
        if mu.shape[1] == 2:
            alt, caption = "Points: the two numbers of each example's code", f"The means mu {caption}"
            return [figure(draw.chart(lambda: _scatter(mu), 3.8), alt, caption, "chart")]
        alt, caption = "Bars: the spread of each latent unit", f"The standard deviation of the means mu {caption}"
        return [figure(draw.chart(lambda: _bars(spread), 3.2), alt, caption, "chart")]


FILTER = (
    "For each hidden unit the input of norm 1 that activates it most, W1_ij / sqrt(sum_j W1_ij^2). Grey is 0; each has "
    "its own contrast."
)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _curves(history: list[dict[str, float]]) -> Figure:
    """Return the history, with plain numbers on an axis of less than a decade."""
    drawn = plots.plot_history(history)
    (axes,) = drawn.axes
    low, high = axes.get_ylim()
    if high < 10 * low:
        axes.yaxis.set_major_formatter("{x:.3g}")
        axes.yaxis.set_minor_formatter("{x:.3g}")
    return drawn


def _activations(rho_hat: np.ndarray, rho: float | None) -> Figure:
    """Return the bars with a legend that a narrow picture has room for."""
    drawn = plots.plot_activations(rho_hat, rho)
    (axes,) = drawn.axes
    axes.set_ylim(top=axes.get_ylim()[1] * 1.1)
    axes.legend(loc="upper right")
    return drawn


def _scatter(mu: np.ndarray) -> Figure:
    drawn = Figure(layout="constrained")
    axes = drawn.add_subplot()
    axes.scatter(*mu.T, s=8, alpha=0.5, linewidths=0)
    axes.set(xlabel="mu_1", ylabel="mu_2", aspect="equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    return drawn


def _bars(spread: np.ndarray) -> Figure:
    drawn = Figure(layout="constrained")
    axes = drawn.add_subplot()
    axes.bar(np.arange(spread.size), spread, color="0.6")
    axes.axhline(1, color="black", ls="--", label="prior")
    axes.set(xlabel="latent unit", ylabel="standard deviation of mu")
    axes.legend()
    return drawn
