"""What may come in: each check returns its value ready for use or raises a SaeError that says what to do."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from .errors import SaeError


def matrix(X, name: str = "X") -> np.ndarray:
    """Return X as a finite float64 (n, m) array, examples as columns; no copy where it is one already."""
    X = np.asarray(X)
    if X.dtype.kind not in "fiu":
        raise SaeError(
            f"{name} has dtype {X.dtype}; expected real numbers. Convert it, for example with {name}.astype(float)."
        )
    if X.ndim != 2 or 0 in X.shape:
        raise SaeError(
            f"{name} has shape {X.shape}; expected (n, m) with at least one feature and one example, "
            "examples as columns. A single example x is x[:, None]; rows of examples are X.T."
        )
    bad = ~np.isfinite(X)
    if bad.any():
        row, column = np.unravel_index(np.argmax(bad), X.shape)
        nans = int(np.isnan(X).sum())
        raise SaeError(
            f"{name} has {nans} NaN and {int(bad.sum()) - nans} infinite values among its {X.size}, the first at "
            f"row {row} (feature), column {column} (example); expected finite numbers. "
            f"Leave those examples out with {name}[:, np.isfinite({name}).all(axis=0)], or fill them in."
        )
    return X.astype(np.float64, copy=False)


def within(X: np.ndarray, low: float, high: float, unit: str, name: str = "X") -> None:
    """Raise unless every value of X lies in [low, high], the range that the output `unit` can reach."""
    smallest, largest = X.min(), X.max()
    if smallest < low or largest > high:
        raise SaeError(
            f"{name} has values from {smallest:.6g} to {largest:.6g}; {unit} output units reach only "
            f"[{low:g}, {high:g}]. Rescale it, for example with sae.data.normalize_patches, "
            "or use a linear decoder: g=sae.identity."
        )


def theta(theta, size: int, *, real: bool = True) -> np.ndarray:
    """Return theta as a (size,) array: float64 or, unless `real`, complex128."""
    theta = np.asarray(theta)
    kinds = "fiu" if real else "fiuc"
    if theta.dtype.kind not in kinds:
        hint = (
            "Use engine='numpy' for the complex step; the compiled kernels are real." if theta.dtype.kind == "c" else ""
        )
        raise SaeError(f"theta has dtype {theta.dtype}; expected real numbers. {hint}".rstrip())
    if theta.shape != (size,):
        raise SaeError(
            f"theta has shape {theta.shape}; expected ({size},): [W1, W2, b1, b2], each raveled in C order. "
            "objective.init(rng) makes one, objective.layout says what lies where."
        )
    return theta.astype(np.complex128 if theta.dtype.kind == "c" else np.float64, copy=False)


def count(name: str, value, low: int = 1) -> int:
    """Return `value` as an int that is at least `low`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < low:
        raise SaeError(f"{name} is {value!r}; expected a whole number of at least {low}.")
    return int(value)


def one_of(name: str, value, expected) -> None:
    """Raise unless `value` is one of the expected ones."""
    if value not in expected:
        raise SaeError(f"{name} is {value!r}; expected one of {', '.join(expected)}.")


def number(name: str, value: Any, low: float, high: float = np.inf, *, open_ends: bool = False) -> float:
    """Return `value` as a finite float in [low, high], or in (low, high) with `open_ends`."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    x = float(value) if real else np.nan
    if not np.isfinite(x) or not (low < x < high if open_ends else low <= x <= high):
        expected = f"between {low:g} and {high:g}" if np.isfinite(high) else f"of {low:g} or more"
        if open_ends:
            expected = f"strictly between {low:g} and {high:g}" if np.isfinite(high) else f"above {low:g}"
        raise SaeError(f"{name} is {value!r}; expected a finite number {expected}.")
    return x
