r"""Activations, each with its derivatives beside it.

f'(z) is written in a = f(z), so that backpropagation needs no second exponential and z is not kept; so is
c = f''(z) / f'(z), the derivative of f' with respect to a, for penalties that look at f'.

    name          a = f(z)                          f' in a              c in a        range of a
    sigmoid       1 / (1 + exp(-z))                 a (1 - a)            1 - 2 a       [0, 1]
    tanh          (e^z - e^-z) / (e^z + e^-z)       1 - a^2              -2 a          [-1, 1]
    softplus      log(1 + e^z)                      1 - exp(-a)          exp(-a)       [0, inf)
    exponential   e^z                               a                    1             [0, inf)
    identity      z                                 1                    0             all
    relu          max(z, 0)                         1 where a > 0        0             [0, inf)
    leaky_relu    z where z > 0, else slope z       1 or slope           0             all
    satlin        z cut to [0, 1]                   1 where 0 < a < 1    0             [0, 1]
    topk          z where among the k largest of    1 where a is kept    0             all
                  its example, else 0

The last four have kinks, where f' jumps: no derivative is right there, and these take the one of the flat side.
All are complex-safe (no `abs`, no `scipy.special.expit`; branches are chosen by the real part).

Sources: CS294A notes, section 2 (sigmoid, tanh); MATLAB's satlin; A. Makhzani and B. Frey, k-Sparse Autoencoders
(2014), equation 3, and L. Gao et al., Scaling and evaluating sparse autoencoders (2024), section 2.3 (topk).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import checks
from .errors import SaeError


@dataclass(frozen=True)
class Activation:
    """A function of a layer's input z (units, examples): of each element or, as topk, of each example.

    Attributes
    ----------
    name : str
    function : callable
        f: z -> a, any shape.
    derivative : callable
        a -> f'(z), written in a = f(z), same shape.
    range : (float, float)
        The closed interval that f can reach; targets outside it are refused.
    curvature : callable, optional
        a -> f''(z) / f'(z), written in a; a penalty on f' needs it.
    kinks : callable, optional
        z -> how far each z lies above (or, negative, below) the nearest value where f' jumps, same shape; None if
        f is smooth.
    """

    name: str
    function: Callable[[Any], Any]
    derivative: Callable[[Any], Any]
    range: tuple[float, float] = (-np.inf, np.inf)
    curvature: Callable[[Any], Any] | None = None
    kinks: Callable[[Any], Any] | None = None

    def __call__(self, z):
        """a = f(z)."""
        return self.function(z)


def _sigmoid(z):
    if np.iscomplexobj(z):  # a complex exp(-z) that overflows is no number
        return log1p_exp(z)[1]
    with np.errstate(over="ignore"):  # exp(-z) = inf gives a = 0, which is the nearest float
        return 1 / (1 + np.exp(-z))


def log1p_exp(z):
    """Return log(1 + e^z) and its derivative 1 / (1 + e^-z), from e^-|z|, which can't overflow."""
    positive = z.real > 0  # so that a complex z takes the branch of its real part
    small = np.exp(np.where(positive, -z, z))
    return np.where(positive, z, 0) + np.log1p(small), np.where(positive, 1, small) / (1 + small)


def _where(condition, a):
    """Return 1 where the condition holds and 0 elsewhere, in the precision of a."""
    return condition.astype(a.real.dtype)


sigmoid = Activation("sigmoid", _sigmoid, lambda a: a * (1 - a), (0.0, 1.0), lambda a: 1 - 2 * a)
tanh = Activation("tanh", np.tanh, lambda a: 1 - a * a, (-1.0, 1.0), lambda a: -2 * a)
softplus = Activation(
    "softplus", lambda z: log1p_exp(z)[0], lambda a: -np.expm1(-a), (0.0, np.inf), lambda a: np.exp(-a)
)
exponential = Activation("exponential", np.exp, lambda a: a, (0.0, np.inf), np.ones_like)
identity = Activation("identity", lambda z: z, np.ones_like, curvature=np.zeros_like)
relu = Activation(
    "relu",
    lambda z: z * (z.real > 0),
    lambda a: _where(a.real > 0, a),
    (0.0, np.inf),
    np.zeros_like,
    kinks=lambda z: z,
)
satlin = Activation(
    "satlin",
    lambda z: np.where(z.real <= 0, 0, np.where(z.real >= 1, 1, z)),
    lambda a: _where((a.real > 0) & (a.real < 1), a),
    (0.0, 1.0),
    np.zeros_like,
    kinks=lambda z: np.where(z < 0.5, z, z - 1),
)


def leaky_relu(slope: float = 0.01) -> Activation:
    """Return the rectifier that lets `slope` z through below 0."""
    slope = checks.number("slope", slope, 0, 1)
    return Activation(
        f"leaky_relu({slope:g})",
        lambda z: np.where(z.real > 0, z, slope * z),
        lambda a: np.where(a.real > 0, 1, slope).astype(a.real.dtype),
        curvature=np.zeros_like,
        kinks=lambda z: z,
    )


def topk(k: int) -> Activation:
    """Return the activation that keeps the k largest z of each example and sets the others to 0."""
    k = checks.count("k", k)

    def mask(z):
        if k > len(z):
            raise SaeError(f"topk keeps k = {k} units, but there are {len(z)}; expected k of at most that.")
        kept = np.zeros(z.shape, bool)
        np.put_along_axis(kept, np.argpartition(z.real, len(z) - k, axis=0)[len(z) - k :], True, axis=0)
        return kept

    def kinks(z):
        """Distance to the tie: of a kept z to the largest one that is not, and the other way round."""
        if k == len(z):
            return np.full(z.shape, np.inf)
        ascending = np.sort(z, axis=0)
        return z - np.where(mask(z), ascending[len(z) - k - 1], ascending[len(z) - k])

    return Activation(
        f"topk({k})", lambda z: z * mask(z), lambda a: _where(a != 0, a), curvature=np.zeros_like, kinks=kinks
    )
