"""What the studies measure of a code and a reconstruction, whatever network made them."""

from __future__ import annotations

import numpy as np

ACTIVE = 0.1  # of the largest distance from rest in a layer: a unit beyond it counts as active


def unexplained(X, X_hat) -> float:
    """Return the fraction of variance unexplained: sum |x - x_hat|^2 over sum |x - mean|^2."""
    return float(((X - X_hat) ** 2).sum() / ((X - X.mean(axis=1, keepdims=True)) ** 2).sum())


def active_units(a2) -> float:
    """Return L0: the mean number of units per example that are away from rest, their median over the examples.

    Away is beyond `ACTIVE` of the largest distance in the layer, so that layers of any scale and offset compare: a
    rectified unit rests at 0, a sigmoid one a little below rho.
    """
    distance = np.abs(a2 - np.median(a2, axis=1, keepdims=True))
    return float((distance > ACTIVE * distance.max()).sum(axis=0).mean())
