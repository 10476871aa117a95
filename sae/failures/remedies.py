"""The numbers of a remedy: what a run's own settings should rather be."""

from __future__ import annotations

import math

from .look import Look
from .symptoms import numbers_a_parameter, pull_of_data

AIM = 0.25  # of (Y9): the data pull four times as hard as the decay
ENOUGH = 40.0  # of (Y4)
ACTIVE = 4.0  # of (Y10)
WEIGHT = 3.4  # of (Y11), that of the defaults on whitened patches
FEWEST, MORE = 150, 4  # iterations; how many times as many


def numbers(look: Look) -> dict[str, float | int | None]:
    """Return rho, lam, beta, batch, examples and more; None where the run lacks what it is made of."""
    s, settings = look.variances, look.settings
    able, rho, found = pull_of_data(look), settings.rho, numbers_a_parameter(look)
    return {
        "rho": None if able is None or rho is None else _rho(settings.lam * rho * (1 - rho) / (AIM * able)),
        "lam": None if able is None else AIM * able,
        "beta": None if s is None else WEIGHT * float(s.sum()),
        "batch": None if rho is None else math.ceil(ACTIVE / rho),
        "examples": None if found is None or not settings.examples else math.ceil(settings.examples * ENOUGH / found),
        "more": None if settings.updates is None else max(FEWEST, MORE * settings.updates),
    }


def _rho(variance: float) -> float:
    """Return the smaller rho with rho (1 - rho) = variance, 0.02 at least, 0.2 at most."""
    if variance >= 0.16:
        return 0.2
    return max(0.02, (1 - math.sqrt(1 - 4 * variance)) / 2)
