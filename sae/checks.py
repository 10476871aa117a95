"""What may come in: each check returns its value ready for use or raises a SaeError that says what to do."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import SaeError
from .maps import let_go, mapped


def matrix(X, name: str = "X", *, image: bool = False, missing: bool = False) -> np.ndarray:
    """Return X as a finite (n, m) array of float64 or float32, examples as columns (or an image); no copy of these.

    With `missing`, NaN may stand for missing entries, but not for all.
    """
    X = np.asarray(X)
    if X.dtype.kind not in "fiu":
        raise SaeError(f"{name} has dtype {X.dtype}; expected real numbers. Convert it, for example to float64.")
    if X.ndim != 2 or 0 in X.shape:
        expected = (
            "(height, width)" if image else "(n, m), examples as columns: rows of examples are X.T, one is x[:, None]"
        )
        raise SaeError(f"{name} has shape {X.shape}; expected {expected}, with at least one number.")
    fine = _finite_or_missing if missing else np.isfinite
    if not all(fine(part).all() for part in _parts(X)):
        row, column = np.unravel_index(np.argmin(fine(X)), X.shape)
        axes = ("", "") if image else (" (feature)", " (example)")
        raise SaeError(
            f"{name} has {_how_many(X)} among its {X.size}, the first at row {row}{axes[0]}, column {column}{axes[1]}; "
            f"expected finite numbers. {'Fill them in.' if image else 'Leave those examples out, or fill them in.'}"
        )
    if missing and all(np.isnan(part).all() for part in _parts(X)):
        raise SaeError(f"all {X.size} entries of {name} are missing (NaN); expected at least one that is known.")
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


def _finite_or_missing(x):
    return ~np.isinf(x)


def _parts(X):
    """Cut X into parts along the axis that lies in one piece, so that looking at it takes little memory."""
    file = mapped(X)
    X = X if X.flags.c_contiguous else X.T
    step = max(1, 2**20 // X.shape[1])
    for i in range(0, len(X), step):
        yield X[i : i + step]
        let_go(file)


def _how_many(x: np.ndarray) -> str:
    nans = int(np.isnan(x).sum())
    return f"{nans} NaN and {int((~np.isfinite(x)).sum()) - nans} infinite values"


def labels(y, m: int, n_classes: int | None = None) -> tuple[np.ndarray, int]:
    """Return y as m whole numbers from 0 to k - 1, (m,) int64, and k.

    Unless `n_classes` says k, it is the number of labels that occur, which then may leave no gap.
    """
    y = np.asarray(y)
    if y.shape != (m,):
        hint = " A column from MATLAB is y.ravel()." if y.size == m else ""
        raise SaeError(f"y has shape {y.shape}; expected ({m},), one label for each example (column) of X.{hint}")
    if y.dtype.kind not in "iu":
        raise SaeError(
            f"y has dtype {y.dtype}; expected whole numbers 0, 1, ..., k - 1. Convert it: y.astype(int), or "
            "np.unique(y, return_inverse=True)[1] for names."
        )
    low, high = int(y.min()), int(y.max())
    k = high + 1 if n_classes is None else count("n_classes", n_classes, 2)
    if low < 0 or high >= k:
        raise SaeError(
            f"y has labels from {low} to {high}; expected 0 to {k - 1 if n_classes is not None else 'k - 1'}. "
            "Labels that begin at 1, as in MATLAB, are y - 1."
        )
    if n_classes is None:
        present = np.unique(y)
        if len(present) < k and len(present) > 1:
            gap = int(np.argmax(present != np.arange(len(present))))
            raise SaeError(
                f"y has labels up to {high}, but none is {gap}; expected each of 0 to {high}. Say how many classes "
                "there are with n_classes, or use np.unique(y, return_inverse=True)[1]."
            )
        if len(present) < 2:
            raise SaeError(f"y has one class alone, {high}; expected at least two. Say n_classes if there are more.")
    return y.astype(np.int64, copy=False), k


def within(
    X: np.ndarray,
    low: float,
    high: float,
    unit: str,
    name: str = "X",
    *,
    otherwise: str = "a linear decoder: g=sae.identity",
) -> None:
    """Raise unless every value of X, but NaN, lies in [low, high], the range that the output `unit` can reach."""
    smallest = np.fmin.reduce([np.fmin.reduce(part, axis=None) for part in _parts(X)])
    largest = np.fmax.reduce([np.fmax.reduce(part, axis=None) for part in _parts(X)])
    if smallest < low or largest > high:
        raise SaeError(
            f"{name} has values from {smallest:.6g} to {largest:.6g}; {unit} output units reach only "
            f"[{low:g}, {high:g}]. Rescale it, for example with sae.data.normalize_patches, "
            f"or use {otherwise}."
        )


def theta(theta, size: int, *, real: bool = True, names: Sequence[str] = ("W1", "W2", "b1", "b2")) -> np.ndarray:
    """Return theta, the parameters `names`, as a (size,) array: float64 or, unless `real`, complex128."""
    theta = np.asarray(theta)
    kinds = "fiu" if real else "fiuc"
    if theta.dtype.kind not in kinds:
        hint = (
            "Use engine='numpy' for the complex step; the compiled kernels are real." if theta.dtype.kind == "c" else ""
        )
        raise SaeError(f"theta has dtype {theta.dtype}; expected real numbers. {hint}".rstrip())
    if theta.shape != (size,):
        raise SaeError(
            f"theta has shape {theta.shape}; expected ({size},): [{', '.join(names)}], each raveled in C order. "
            "objective.init(rng) makes one, objective.layout says what lies where."
        )
    with np.errstate(over="ignore"):
        squares = np.dot(theta, theta)  # fast, and mostly enough
    if not np.isfinite(squares) and not np.isfinite(theta).all():
        first = int(np.argmin(np.isfinite(theta)))
        raise SaeError(f"theta has {_how_many(theta)}, the first at index {first}; expected finite numbers.")
    return theta.astype(np.complex128 if theta.dtype.kind == "c" else np.float64, copy=False)


def count(name: str, value, low: int = 1, high: int = 10**9) -> int:
    """Return `value` as an int from `low` to `high`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < low:
        raise SaeError(f"{name} is {value!r}; expected a whole number of at least {low}.")
    if int(value) > high:
        raise SaeError(f"{name} is {value!r}; expected a whole number of at most {high}.")
    return int(value)


def instance(name: str, value: Any, kind: type, example: str) -> None:
    """Raise unless `value` is of this kind."""
    if not isinstance(value, kind):
        raise SaeError(f"{name} is {value!r}; expected a {kind.__module__}.{kind.__name__}, for example {example}.")


def cost_and_grad(answer: Any, theta: np.ndarray, *, finite: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return what an objective answered as arrays: a cost of shape () and a gradient of the shape of theta."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        found = f"{len(answer)} things" if isinstance(answer, tuple | list) else type(answer).__name__
        raise SaeError(f"the objective returned {found}; expected two: cost and gradient.")
    cost, grad = np.array(answer[0]), np.array(answer[1])  # copies: the objective may use its buffers again
    if cost.shape != () or cost.dtype.kind not in "fiuc":
        raise SaeError(f"the objective returned the cost {cost!r}; expected one number.")
    if grad.shape != theta.shape or grad.dtype.kind not in "fiuc":
        raise SaeError(
            f"the objective returned a gradient of shape {grad.shape} and dtype {grad.dtype}; "
            f"expected {theta.shape}, the shape of theta, and numbers."
        )
    if finite and not (np.isfinite(cost) and np.isfinite(grad).all()):
        raise SaeError(
            f"the objective returned the cost {cost} and a gradient with {_how_many(grad)}; expected finite numbers. "
            "Start from smaller weights, or check the objective."
        )
    return cost, grad


def one_of(name: str, value, expected) -> None:
    """Raise unless `value` is one of the expected ones."""
    if value not in expected:
        raise SaeError(f"{name} is {value!r}; expected one of {', '.join(expected)}.")


def number(name: str, value: Any, low: float, high: float = np.inf, *, open_ends: bool = False) -> float:
    """Return `value` as a finite float in [low, high], or in (low, high) with `open_ends`."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    x = float(value) if real else np.nan
    if not np.isfinite(x) or not (low < x < high if open_ends else low <= x <= high):
        expected = f"between {low:g} and {high:g}" if np.isfinite(high) else f"of {low:g} or more" * (low > -np.inf)
        if open_ends:
            expected = f"strictly between {low:g} and {high:g}" if np.isfinite(high) else f"above {low:g}"
        raise SaeError(f"{name} is {value!r}; expected {f'a finite number {expected}'.rstrip()}.")
    return x
