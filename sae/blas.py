"""`total += a @ b` in place: BLAS's gemm with beta = 1, which NumPy does not offer.

Through SciPy's table of BLAS functions and ctypes, which lets go of the interpreter's lock while BLAS works, as
`np.matmul` does and SciPy's own wrapper does not: blocks on several threads need that.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numba.extending import get_cython_function_address

_gemm = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)
_GEMM: dict[Any, Any] = {
    np.dtype(dtype): (_gemm(get_cython_function_address("scipy.linalg.cython_blas", name)), np.dtype(dtype).itemsize)
    for dtype, name in ((np.float64, "dgemm"), (np.float32, "sgemm"))
}
_ONE = {np.dtype(np.float64): ctypes.byref(ctypes.c_double(1)), np.dtype(np.float32): ctypes.byref(ctypes.c_float(1))}


@cache
def _int(i: int):
    return ctypes.byref(ctypes.c_int(i))


SMALL = 4096  # below, a pass over `total` costs less than the call through ctypes
_N, _T = (ctypes.c_char_p(letter) for letter in (b"N", b"T"))


def add_product(total: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """``total += a @ b`` in one pass over `total` (p, q); it, a (p, k) and b (k, q) are in C or Fortran order."""
    if total.size < SMALL:
        total += a @ b
        return
    if not total.flags.c_contiguous:
        total, a, b = total.T, b.T, a.T
    (p, q), k = total.shape, a.shape[1]
    gemm, size = _GEMM[total.dtype]
    ta, lda = _order(a, size)
    tb, ldb = _order(b, size)
    one = _ONE[total.dtype]
    # BLAS counts along columns, so that it sees total^T += b^T a^T
    gemm(
        tb, ta, _int(q), _int(p), _int(k), one, b.ctypes.data, ldb, a.ctypes.data, lda, one, total.ctypes.data, _int(q)
    )


def _order(a, size):
    """Return whether BLAS must transpose, and the distance of two rows (columns)."""
    rows, columns = a.shape
    if a.strides[1] == size or columns == 1:
        return _N, _int(max(a.strides[0] // size if rows > 1 else 1, columns))
    return _T, _int(max(a.strides[1] // size, rows))
