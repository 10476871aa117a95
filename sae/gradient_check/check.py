"""The gradient checker: a hand-written gradient before four witnesses, and one verdict, block by block.

The witnesses and their equations are in witnesses.py; what they may disagree about without being called to order,
and how disputes are settled, in trial.py. A gradient close to 0, as at a minimum or of a saturated unit, is not
called wrong because the finite difference is too coarse for it; nor is a block called correct where the two differ by
more than u^(1/4) (1e-4 in double precision): then the check can't tell.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import checks
from ..errors import SaeError
from ..layout import Layout
from .probe import Probe
from .report import GradientReport
from .trial import Trial
from .trial import relative_error as relative_error
from .verdict import verdict_on
from .witnesses import sample

METHODS = ("central", "complex")
TOLERANCE = 1e-8
MANY = 2000  # entries of theta; of more than these, SAMPLES are looked at one by one
SAMPLES = 400
DIRECTIONS = 8
LADDERS = 24  # disputes settled in each block, at 26 evaluations


def check_gradient(
    objective: Callable,
    theta,
    method: str | None = None,
    *,
    step: float | None = None,
    tolerance: float | None = None,
    layout: Layout | None = None,
    richardson: bool = False,
    samples: int | None = None,
    directions: int | None = None,
    rng: np.random.Generator | None = None,
) -> GradientReport:
    """Judge the gradient that `objective` returns at `theta` by numerical witnesses.

    The witnesses: central differences and the complex step, entry by entry; the slope of the Taylor remainder; random
    directions within each block. Costs 3 p evaluations and a few hundred for a theta of p entries, more where
    something is in dispute, and a few thousand at most for a large p, of which entries are sampled. Check at a random
    theta without zeros: at `objective.init(rng)` the biases are 0, and a mistake that is multiplied by them can't show.

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad); any function of that shape, a student's own too. It may offer
        `kinks(theta, radius) -> list of (layer symbol, unit, example, z)`, the units within reach of a kink; they
        are named if theta is at one.
    theta : (p,) array
        Where to compare.
    method : {"central", "complex"}, optional
        (G1), for any objective, or (G2), exact to rounding, for one that computes with complex theta: no `abs`,
        `norm`, conjugate transpose or cast to float inside. The complex step unless given, if the objective can do
        it; the evidence says why not.
    step : float, optional
        epsilon or h. (G7) or 1e-20 unless given; without a `method` it is taken as epsilon.
    tolerance : float, optional
        Largest relative error called correct in any case, see (G4); 1e-8 unless given. Of a sparse autoencoder of
        small size UFLDL asks for less than 1e-9; the complex step usually gives 1e-15, and less only where the
        objective itself loses digits (a rho_hat close to 1).
    layout : Layout, optional
        Names the blocks; `objective.layout` if it has one, else theta is one block.
    richardson : bool
        Extrapolate the central differences from two steps, (G6), at twice the cost.
    samples : int, optional
        Entries to look at one by one, spread over the blocks, at least 4 of each; all up to p = 2000 and 400 beyond
        unless given.
    directions : int, optional
        Random directions within each block; 8 unless given.
    rng : Generator, optional
        For directions and samples; the same each time unless given.

    Returns
    -------
    GradientReport
        Prints as a table; `.verdict`, `.ok`, `.evidence`, `.relative_error`, `.blocks`, `.worst`, `.kinks`.

    Raises
    ------
    SaeError
        If a cost or gradient is not finite or of the wrong shape, or the objective can't take a complex theta though
        `method` asks for it.
    """
    return judge(objective, theta, method, step, tolerance, layout, richardson, samples, directions, rng)


def judge(
    objective, theta, method, step, tolerance, layout, extrapolate, samples, directions, rng, ladders=LADDERS
) -> GradientReport:
    """As check_gradient, with a bound on the disputes settled in each block."""
    if method is not None:
        checks.one_of("method", method, METHODS)
    theta = np.asarray(theta)
    theta = checks.theta(theta, theta.size)
    step = None if step is None else checks.number("step", step, 0, open_ends=True)
    tolerance = checks.number("tolerance", TOLERANCE if tolerance is None else tolerance, 0)
    samples = checks.count("samples", samples) if samples is not None else theta.size if theta.size <= MANY else SAMPLES
    directions = DIRECTIONS if directions is None else checks.count("directions", directions)
    rng = np.random.default_rng(0) if rng is None else rng
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    names: Layout = layout or getattr(objective, "layout", Layout({"theta": theta.shape}))
    if names.size != theta.size:
        raise SaeError(f"layout describes {names.size} numbers, theta has {theta.size}; expected the same.")
    trial = Trial(Probe(objective, theta, rng), names, tolerance, rng, ladders)
    trial.take(method, step)
    trial.hear_entries(sample(names.slices, samples, rng), step, extrapolate)
    if not trial.probe.restless:
        for name in names.names:
            trial.settle(name)
        trial.hear_taylor()
        trial.hear_directions(directions, step)
        trial.probe.restless = trial.probe.differs()
    return verdict_on(trial)


def brief_check(objective: Callable, theta) -> GradientReport:
    """As check_gradient, for large problems: 40 entries, and a few hundred evaluations at most."""
    return judge(objective, theta, None, None, None, None, False, 40, 3, None, ladders=2)
