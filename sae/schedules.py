r"""Schedules of the learning rate: a factor s(e) of it, where e counts the epochs passed, with their fractions.

Step t of epochs of n steps is taken with alpha s(e), e = (t - 1) / n, so that a schedule means the same at any size of
the batches.

(L1)   s(e) = 1                                                                        scalar
(L2)   s(e) = \gamma^{\lfloor e / k \rfloor}                                           scalar
(L3)   s(e) = \gamma^e                                                                 scalar
(L4)   s(e) = s_E + (1 - s_E) \frac{1 + \cos(\pi \min(1, e / E))}2                     scalar
(L5)   s(e) = \min(1, e / E) \cdot s'(\max(0, e - E))                                  scalar

A schedule is any such function e -> s(e). Source of (L4): I. Loshchilov, F. Hutter, "SGDR: Stochastic gradient descent
with warm restarts", ICLR 2017, equation 5, without restarts; of (L5): P. Goyal et al., "Accurate, large minibatch
SGD", 2017, section 2.2 (gradual warm-up).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from . import checks

Schedule = Callable[[float], float]


@dataclass(frozen=True)
class Constant:
    """(L1): the learning rate as it is."""

    def __call__(self, e: float) -> float:
        """Return s(e)."""
        return 1.0  # (L1)


@dataclass(frozen=True)
class Step:
    """(L2): times `gamma` every `every` epochs, k of the equation."""

    every: int
    gamma: float = 0.1

    def __post_init__(self):
        checks.count("every", self.every)
        checks.number("gamma", self.gamma, 0)

    def __call__(self, e: float) -> float:
        """Return s(e)."""
        return self.gamma ** math.floor(e / self.every)  # (L2)


@dataclass(frozen=True)
class Exponential:
    """(L3): times `gamma` in each epoch, evenly."""

    gamma: float

    def __post_init__(self):
        checks.number("gamma", self.gamma, 0)

    def __call__(self, e: float) -> float:
        """Return s(e)."""
        return self.gamma**e  # (L3)


@dataclass(frozen=True)
class Cosine:
    """(L4): down to `last`, s_E of the equation, within `epochs`, E, along half a wave."""

    epochs: float
    last: float = 0.0

    def __post_init__(self):
        checks.number("epochs", self.epochs, 0, open_ends=True)
        checks.number("last", self.last, 0)

    def __call__(self, e: float) -> float:
        """Return s(e)."""
        return self.last + (1 - self.last) * (1 + math.cos(math.pi * min(1, e / self.epochs))) / 2  # (L4)


@dataclass(frozen=True)
class WarmUp:
    """(L5): up from 0 in a line within `epochs`, E; from there on the schedule `then`, s' of the equation.

    The very first step is taken with 0: it moves nothing, but begins the means of Adam and of momentum.
    """

    epochs: float
    then: Schedule = Constant()

    def __post_init__(self):
        checks.number("epochs", self.epochs, 0, open_ends=True)

    def __call__(self, e: float) -> float:
        """Return s(e)."""
        return min(1, e / self.epochs) * self.then(max(0, e - self.epochs))  # (L5)
