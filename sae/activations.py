r"""Activations, each with its derivative beside it.

The derivative f'(z) is written in a = f(z), so that backpropagation needs no second exponential and z is not
kept. Both are complex-safe: they use neither `abs` nor `scipy.special.expit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Activation:
    """An element-wise function of a layer's input z.

    Attributes
    ----------
    name : str
    function : callable
        f: z -> a, any shape.
    derivative : callable
        a -> f'(z), written in a = f(z), same shape.
    range : (float, float)
        The closed interval that f can reach; targets outside it are refused.
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    range: tuple[float, float] = (-np.inf, np.inf)

    def __call__(self, z):
        """a = f(z)."""
        return self.function(z)


def _sigmoid(z):
    with np.errstate(over="ignore"):  # exp(-z) = inf gives a = 0, which is the nearest float
        return 1 / (1 + np.exp(-z))


sigmoid = Activation("sigmoid", _sigmoid, lambda a: a * (1 - a), (0.0, 1.0))
identity = Activation("identity", lambda z: z, np.ones_like)
