"""Denoising on minibatches: noise is drawn anew for each batch, held while the batch is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..data.corruption import masking


class Noisy:
    """An objective whose batches have masking noise in what goes in.

    Parameters
    ----------
    make : callable
        (X, examples) -> objective of columns X (n, k) in place of the examples with these numbers.
    X : (n, m) array
        What is corrupted.
    fraction : float
        Share of the values that become 0.
    rng : Generator
        Draws the noise.
    """

    def __init__(self, make: Callable[[np.ndarray, np.ndarray], Any], X: np.ndarray, fraction: float, rng):
        self.make, self.X, self.fraction, self.rng = make, X, fraction, rng
        self.m, self.clean = X.shape[1], make(X, np.arange(X.shape[1]))
        self.layout, self.dtype = self.clean.layout, self.clean.dtype

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J without noise."""
        return self.clean(theta)

    def batch(self, examples: np.ndarray) -> Any:
        """Return the objective of some examples, with noise of their own."""
        X = np.ascontiguousarray(self.X.T[examples]).T
        return self.make(masking(X, self.fraction, self.rng), examples)
