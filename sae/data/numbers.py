"""Which numbers come in as they are, which are converted with a note, and which are refused with a reason."""

from __future__ import annotations

import numpy as np

from ..errors import SaeError

EXACT = 2**53  # whole numbers up to here are float64 without rounding
PART = 2**20  # numbers looked at together
REFUSED = {
    "O": "Python objects lie in a file as pickle, which can run code: convert the array to numbers, then save it",
    "c": "features are real numbers: save real and imaginary parts as columns of their own",
    "f": "rounding it to float64 would change the numbers: do that yourself, with .astype('float64')",
    "V": "save its columns as one plain array of shape (examples, features)",
    "U": "text is no feature: encode it as numbers first",
    "S": "text is no feature: encode it as numbers first",
    "M": "dates are no numbers: save them as days or seconds since some day",
    "m": "durations have a unit: divide by it, which gives numbers",
}


def refuse(dtype: np.dtype, where: str) -> None:
    """Raise unless numbers of this type can become float32 or float64 without a change."""
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise SaeError(f"{where} has dtype {dtype}; expected real numbers: {REFUSED.get(dtype.kind, 'convert it')}.")


def as_floats(A: np.ndarray, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return A as float32 or float64 of the same values, and notes on what was converted; no copy of these two.

    Raises
    ------
    SaeError
        For a type that has no such values, and for whole numbers beyond 2^53, which float64 would round.
    """
    refuse(A.dtype, where)
    if A.dtype in (np.float32, np.float64):
        return A, ()
    if A.dtype.kind == "b":
        return A.astype(np.float64), ("True and False became 1 and 0",)
    if A.dtype.kind == "f":
        target = np.dtype(np.float64 if A.dtype.itemsize == 8 else np.float32)
        return A.astype(target), (f"{A.dtype} became {target}, of the same values",)
    low, high = int(A.min(initial=0)), int(A.max(initial=0))
    if low < -EXACT or high > EXACT:
        raise SaeError(
            f"{where} has whole numbers from {low} to {high}; float64 holds them exactly only up to 2^53. "
            "Are these identifiers? Leave them out, or convert them yourself."
        )
    return A.astype(np.float64), (f"{A.dtype} became float64, of the same values",)


def finite(rows: np.ndarray, where: str) -> None:
    """Raise unless all numbers of `rows` (m, ...) are finite, with the index of the first that is not."""
    step = max(1, PART // max(1, rows[:1].size))
    for start in range(0, len(rows), step):
        ok = np.isfinite(rows[start : start + step])
        if not ok.all():
            first = np.argwhere(~ok)[0]
            index = (start + int(first[0]), *map(int, first[1:]))
            raise SaeError(
                f"{where} has {rows[index]} at index {list(index)} (example {index[0]}, counted from 0); expected "
                "finite numbers. Leave such examples out, or fill them in."
            )
