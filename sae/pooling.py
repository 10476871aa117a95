r"""Pooling: responses of a unit at neighbouring places, as one number for each region.

(C4)   y_{kuv} = \mathrm{mean} \text{ or } \max \text{ of } a_{kpq},\;
         p = u s, \dots, u s + s - 1,\; q = v s, \dots, v s + s - 1                          (k, P/s, Q/s)

for responses a (k, P, Q) of sae/convolution.py and disjoint regions of s x s places. UFLDL's have
19 x 19, which fill 57 x 57.

Source: UFLDL, "Pooling", and exercise "Convolution and Pooling".
"""

from __future__ import annotations

import numpy as np

from . import checks
from .errors import SaeError

POOLS = {"mean": np.mean, "max": np.max}


def pool(a, size: int, kind: str = "mean", *, drop: bool = False) -> np.ndarray:
    """Return the mean or maximum over disjoint regions, (..., P / size, Q / size): (C4).

    Parameters
    ----------
    a : (..., P, Q) array
        Responses.
    size : int
        Side s of a region.
    kind : {"mean", "max"}
    drop : bool
        Whether the last rows and columns, which make no whole region, are left out. Otherwise they are an error.

    Raises
    ------
    SaeError
        If P or Q is no multiple of the size (unless `drop`), or smaller than it.
    """
    a = np.asarray(a)
    if a.ndim < 2 or a.dtype.kind not in "fiu":
        raise SaeError(f"a has shape {a.shape} and dtype {a.dtype}; expected (..., P, Q) and real numbers.")
    rows, columns = regions(a.shape[-2:], size, kind, drop)
    whole = a[..., : rows * size, : columns * size].reshape(*a.shape[:-2], rows, size, columns, size)
    return POOLS[kind](whole, axis=(-3, -1))  # (C4)


def regions(places: tuple[int, ...], size: int, kind: str, drop: bool) -> tuple[int, int]:
    """Return how many regions responses of this size (P, Q) have, down and across; raises as `pool`."""
    checks.one_of("kind", kind, POOLS)
    size = checks.count("size", size)
    rows, columns = (side // size for side in places)
    if not rows or not columns:
        raise SaeError(f"a region of {size} x {size} is larger than the responses, {places[0]} x {places[1]}.")
    if not drop and (rows * size, columns * size) != tuple(places):
        raise SaeError(
            f"regions of {size} x {size} do not fill the responses, {places[0]} x {places[1]}; choose a size that "
            "divides both, or leave the rest out: drop=True."
        )
    return rows, columns
