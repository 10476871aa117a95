"""What sparse coding, RICA and ICA share: the smooth L1 norm, and which addends of J are divided by m."""

from __future__ import annotations

import numpy as np

from . import checks

DIVIDED = ("all", "error", "none")


def smooth_l1(h, eps):
    """Return sqrt(h^2 + eps) and its derivative with respect to h, both of the shape of h."""
    root = np.sqrt(h * h + eps)
    return root, h / root


def divisors(divide_by_m: str, m: int) -> tuple[float, float]:
    """Return what the squared error and the sparsity, sums over all m examples, are multiplied by."""
    checks.one_of("divide_by_m", divide_by_m, DIVIDED)
    return {"all": (1 / m, 1 / m), "error": (1 / m, 1.0), "none": (1.0, 1.0)}[divide_by_m]
