r"""Where a gradient is wrong, entry by entry, and how small a mistake each witness misses.

The witnesses of a gradient g at theta, each a list of discrepancies:

    forward, central, Richardson, complex step    |g_i - numerical derivative by entry i|,          p of them
    1 or 10 random directions                     |g . v - central difference along v|,             1 or 10
    Taylor slope                                  2 - slope of the remainder along one direction,   1

A planted mistake adds s times the right value to one entry, to one block, or to all of g. A witness has noticed it when
its largest discrepancy is beyond a threshold: twice the largest that it shows for the right gradient, over all entries
or over `CALIBRATION` directions. No real checker knows that level; it must allow for more, and so misses more. For the
slope the threshold is 1/2. The differences take their textbook steps u^(1/2), u^(1/3), u^(1/5).

Sources: as for sae/studies/gradients.py; I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), section 11.5
(random projections to check a gradient at the cost of a few evaluations).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.figure import Figure

from .. import checks
from ..filters import as_images
from ..plots import _mosaic
from .gradients import METHODS, UNIT, central, slope
from .problem import MISTAKES, Problem

STEP = {
    "forward": UNIT["float64"] ** (1 / 2),
    "central": UNIT["float64"] ** (1 / 3),
    "Richardson": UNIT["float64"] ** (1 / 5),
    "complex step": 1e-20,
}
WITNESSES = (*METHODS, "Taylor slope", "1 random direction", "10 random directions")
WHERE = ("one entry", "one block", "everything")
CALIBRATION = 200
SIZES = tuple(10.0 ** np.arange(-16, 0.5, 0.5))


def numerical_gradient(problem: Problem, method: str) -> np.ndarray:
    """Return the gradient by one of `METHODS`, entry by entry with its step of `STEP`, (p,)."""
    checks.one_of("method", method, METHODS)
    found = np.empty_like(problem.theta)
    for i, e in enumerate(np.eye(problem.theta.size)):
        found[i] = METHODS[method](lambda r, e=e: problem.cost(problem.theta + r * e), STEP[method])
    return found


# Error per entry --------------------------------------------------------------------------------------------------


def entry_errors(problem: Problem) -> dict[str, np.ndarray]:
    """Return |g - g_hat| of each entry, (p,), relative to the largest |g_hat| of its block, by what g and g_hat are.

    The right gradient beside each numerical one, then each planted mistake beside the complex step.
    """
    grad = problem.cost_and_grad(problem.theta)[1]
    numeric = {method: numerical_gradient(problem, method) for method in ("forward", "central", "complex step")}
    exact = numeric["complex step"]
    errors = {f"correct, by {method}": np.abs(grad - g_hat) for method, g_hat in numeric.items()}
    errors |= {name: np.abs(mistake(problem, problem.theta, grad) - exact) for name, mistake in MISTAKES.items()}
    largest = np.concatenate([np.full(exact[s].size, np.abs(exact[s]).max()) for s in problem.layout.slices.values()])
    return {name: error / largest for name, error in errors.items()}


def plot_entry_errors(problem: Problem, errors: dict[str, np.ndarray], *, lowest: float = 1e-17) -> Figure:
    """Draw log10 of the errors: W1 as a mosaic of its rows, and below it W2 as one of its columns, on one scale.

    An error below `lowest`, 0 among them, has the darkest colour; the line between two units is white.
    """
    figure = Figure(figsize=(1.8 * len(errors) + 1, 4.6), layout="constrained")
    rows = figure.subplots(2, len(errors), squeeze=False)
    columns = int(np.ceil(np.sqrt(problem.n_hidden)))
    picture = None
    for (name, error), (top, bottom) in zip(errors.items(), rows.T, strict=True):
        W1, W2, _, _ = problem.layout.unpack(np.log10(np.maximum(error, lowest)))
        for axes, W in ((top, W1), (bottom, W2.T)):
            canvas = _mosaic(as_images(W), columns)
            picture = axes.imshow(canvas, cmap="viridis", vmin=np.log10(lowest), vmax=0, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        top.set_title(fill(name, 19), fontsize=9)
    rows[0, 0].set_ylabel("grad_W1")
    rows[1, 0].set_ylabel("grad_W2")
    if picture is not None:
        figure.colorbar(picture, ax=rows, extend="both", label="log10 of error / largest of the block")
    figure.suptitle("Where a gradient differs from a numerical one: a square for each hidden unit", fontsize=11)
    return figure


def entry_rows(problem: Problem, errors: dict[str, np.ndarray]) -> list[dict[str, str]]:
    """Return a table: the largest error in each block, relative to the block's largest |g_hat|."""
    blocks = problem.layout.slices.items()
    return [{"gradient": name, **{b: f"{error[s].max():.0e}" for b, s in blocks}} for name, error in errors.items()]


# What is missed ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Missed:
    """How often each witness noticed a mistake.

    Attributes
    ----------
    sizes : (k,) array
        Relative sizes s of the mistake.
    noticed : dict of (witness, where) to (k,) array
        Share of the draws in which it was noticed.
    """

    sizes: np.ndarray
    noticed: dict[tuple[str, str], np.ndarray]

    def smallest(self, witness: str, where: str) -> float:
        """Return the smallest size from which on every draw was noticed; infinite if the largest was not."""
        always = np.logical_and.accumulate(self.noticed[witness, where][::-1] == 1)[::-1]
        return float(self.sizes[np.argmax(always)]) if always.any() else float("inf")


def what_is_missed(
    problem: Problem, rng: np.random.Generator, *, sizes: Sequence[float] = SIZES, draws: int = 40
) -> Missed:
    """Plant mistakes of each size, each draw at another entry and block, and ask the witnesses."""
    grad = problem.cost_and_grad(problem.theta)[1]
    witnesses = {**_by_entry(problem, grad), **_by_direction(problem, grad)}
    counts = {(name, where): np.zeros(len(sizes)) for name in WITNESSES for where in WHERE}
    for _ in range(checks.count("draws", draws)):
        mistakes = {where: _mistake(problem, grad, where, rng) for where in WHERE}
        ask = {name: witness(rng) for name, witness in witnesses.items()}  # the same directions for all mistakes
        for name, where in counts:
            counts[name, where] += [ask[name](grad + s * mistakes[where]) for s in sizes]
    return Missed(np.asarray(sizes), {key: count / draws for key, count in counts.items()})


def _mistake(problem, grad, where, rng):
    """Return the right values at the places that are to be wrong, 0 elsewhere."""
    chosen = {
        "one entry": lambda: int(rng.integers(grad.size)),
        "one block": lambda: problem.layout.slices[rng.choice(problem.layout.names)],
        "everything": lambda: slice(None),
    }[where]()
    mistake = np.zeros_like(grad)
    mistake[chosen] = grad[chosen]
    return mistake


Witness = Callable[[np.random.Generator], Callable[[np.ndarray], bool]]


def _by_entry(problem, grad) -> dict[str, Witness]:
    def witness(method) -> Witness:
        g_hat = numerical_gradient(problem, method)
        threshold = 2 * np.abs(grad - g_hat).max()
        return lambda rng: lambda g: bool(np.abs(g - g_hat).max() > threshold)

    return {method: witness(method) for method in METHODS}


def _by_direction(problem, grad) -> dict[str, Witness]:
    def along(v):
        return central(lambda r: problem.cost(problem.theta + r * v), STEP["central"])

    own = np.random.default_rng(0)
    trials = [problem.direction(own) for _ in range(CALIBRATION)]
    threshold = 2 * max(abs(grad @ v - along(v)) for v in trials)

    def directions(count) -> Witness:
        def draw(rng):
            drawn = np.array([problem.direction(rng) for _ in range(count)])
            numeric = np.array([along(v) for v in drawn])
            return lambda g: bool(np.abs(drawn @ g - numeric).max() > threshold)

        return draw

    def taylor_slope(rng):
        v, t = problem.direction(rng), np.logspace(-7, -1, 25)
        J = problem.cost(problem.theta)
        rise = np.array([problem.cost(problem.theta + r * v) for r in t]) - J
        return lambda g: bool(slope(t, np.abs(rise - t * (g @ v)), 100 * UNIT["float64"] * abs(J)) < 1.5)

    return {
        "Taylor slope": taylor_slope,
        "1 random direction": directions(1),
        "10 random directions": directions(10),
    }


def missed_rows(found: Missed) -> list[dict[str, str]]:
    """Return a table: the smallest mistake that every draw noticed, by witness and place."""
    return [
        {"witness": name, **{f"wrong: {where}": _size(found.smallest(name, where)) for where in WHERE}}
        for name in WITNESSES
    ]


def _size(s):
    return f"{s:.0e}" if np.isfinite(s) else "none"


def plot_missed(found: Missed) -> Figure:
    """Draw the share of mistakes noticed: sizes across, witnesses down, a panel for each place."""
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    panels = figure.subplots(1, len(WHERE), sharey=True)
    picture = None
    for axes, where in zip(panels, WHERE, strict=True):
        table = np.array([found.noticed[name, where] for name in WITNESSES])
        # dark is missed, light is noticed
        picture = axes.imshow(table, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        exponents = np.round(np.log10(found.sizes), 6)
        whole = np.flatnonzero(exponents % 4 == 0)
        axes.set_xticks(whole, [f"$10^{{{exponents[k]:.0f}}}$" for k in whole])
        axes.set(xlabel="relative size of the mistake", title=f"wrong: {where}")
        right = axes.twinx()
        right.set_ylim(axes.get_ylim())
        right.set_yticks(range(len(WITNESSES)), [_size(found.smallest(name, where)) for name in WITNESSES])
    panels[0].set_yticks(range(len(WITNESSES)), WITNESSES)
    if picture is not None:
        figure.colorbar(picture, ax=list(panels), label="share noticed")
    figure.suptitle(
        "What each witness misses (dark) though it knows its own noise; at the right: noticed always from there on"
    )
    return figure
