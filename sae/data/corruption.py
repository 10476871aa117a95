"""Corruptions for denoising: a noisy copy of X, drawn once, to reconstruct X from.

``Autoencoder(corruption.masking(X, 0.3, rng), n_hidden, target=X, ...)`` is a denoising autoencoder: nothing else
changes. The copy is held by the objective: noise drawn anew in each evaluation would make J another function each time,
and line search and gradient check would be meaningless. Source: P. Vincent et al., Stacked Denoising Autoencoders,
JMLR 11 (2010), section 3.3.
"""

from __future__ import annotations

import numpy as np

from .. import checks


def gaussian(X, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Return X plus normal noise of standard deviation `sigma`, independent in each value; it may leave [0, 1]."""
    X, rng = _checked(X, rng)
    sigma = checks.number("sigma", sigma, 0)
    return X + sigma * rng.standard_normal(X.shape).astype(X.dtype)


def masking(X, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Return X with each value set to 0 with probability `fraction`."""
    X, rng = _checked(X, rng)
    fraction = checks.number("fraction", fraction, 0, 1)
    return np.where(rng.random(X.shape) < fraction, X.dtype.type(0), X)


def salt_and_pepper(X, fraction: float, rng: np.random.Generator, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Return X with each value replaced with probability `fraction`, by `low` or `high` with equal chances."""
    X, rng = _checked(X, rng)
    fraction = checks.number("fraction", fraction, 0, 1)
    draw = rng.random(X.shape)
    return np.where(draw < fraction, np.where(draw < fraction / 2, low, high).astype(X.dtype), X)


def _checked(X, rng):
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    return checks.matrix(X), rng
