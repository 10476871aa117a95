"""Numba twins of the element-wise lines between the matrix products, each pass over memory fused into one.

The docstring of a kernel is the NumPy that it replaces; tests/test_kernels.py runs the one against the other.
The hidden layer comes as (units, examples), the output layer as (examples, units), both in C order: what the matrix
products around them read and write fastest. NumPy makes each of these lines in three to nine passes.
Measured with `python -m tests.benchmarks.kernels`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numba
import numpy as np
from numba.core import event as numba_event

from .errors import SaeError


def _kernel(*fastmath: str):
    """Compile with these licences for rounding; NaN and infinities keep their meaning in all of them."""

    def compiled(function):
        try:
            return numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=set(fastmath))(function)
        except RuntimeError as error:  # Numba found no folder to keep compiled code in
            raise SaeError(
                f"Numba can't cache compiled code ({error}). Set NUMBA_CACHE_DIR to a writable folder, "
                "or use engine='numpy'."
            ) from error

    return compiled


_LN2_HIGH = float.fromhex("0x1.62e42fefap-1")  # the first 36 bits of ln 2, so that k * _LN2_HIGH is exact
_LN2_LOW = float(Decimal(2).ln() - Decimal(_LN2_HIGH))
_ROUND = 1.5 * 2.0**52  # adding it leaves the nearest integer in the low bits of the sum
_C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = (1 / math.factorial(i) for i in range(2, 14))


@_kernel("contract")  # not "reassoc": (t + _ROUND) - _ROUND would vanish
def exp(x):
    """``np.exp(x)`` for one number, at most 2 units in the last place off; exp(-708) = 3e-308 for all x < -708.

    x = k ln 2 + r, |r| <= ln 2 / 2 (Cody and Waite); exp(r) by its Taylor polynomial of degree 13, whose error is
    4e-18; 2^k is put together from bits. No branch and no call, so that loops around it vectorise.
    """
    x = 710.0 if x > 710.0 else x  # exp(710) is infinite already; NaN passes both comparisons
    x = -708.0 if x < -708.0 else x
    t = x * (1 / math.log(2)) + _ROUND
    k = t - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = _C10 + r * (_C11 + r * (_C12 + r * _C13))
    p = 1.0 + r * (
        1.0 + r * (_C2 + r * (_C3 + r * (_C4 + r * (_C5 + r * (_C6 + r * (_C7 + r * (_C8 + r * (_C9 + r * p))))))))
    )
    power = np.int64((np.float64(t).view(np.int64) + 1022) << 52).view(np.float64)  # 2^(k - 1)
    return 2.0 * (p * power)


@_kernel("reassoc", "contract")  # lets the sums vectorise
def sigmoid_layer(z, b):
    """``z[...] = 1 / (1 + np.exp(-(z + b[:, None]))); return z.sum(axis=1)``."""
    units, examples = z.shape
    sums = np.empty(units)
    for j in range(units):
        total = 0.0
        for i in range(examples):
            a = 1.0 / (1.0 + exp(-(z[j, i] + b[j])))
            z[j, i] = a
            total += a
        sums[j] = total
    return sums


@_kernel("reassoc", "contract")
def sigmoid_output(z, b, x):
    """``a = 1 / (1 + np.exp(-z - b)); e = a - x; z[...] = e * a * (1 - a); return (e**2).sum() / 2, z.sum(axis=0)``."""
    examples, units = z.shape
    sums = np.zeros(units)
    cost = 0.0
    for i in range(examples):
        for j in range(units):
            a = 1.0 / (1.0 + exp(-(z[i, j] + b[j])))
            e = a - x[i, j]
            delta = e * (a * (1.0 - a))
            cost += e * e
            sums[j] += delta
            z[i, j] = delta
    return cost / 2.0, sums


@_kernel("reassoc", "contract")
def identity_output(z, b, x):
    """``z += b - x; return (z * z).sum() / 2, z.sum(axis=0)``."""
    examples, units = z.shape
    sums = np.zeros(units)
    cost = 0.0
    for i in range(examples):
        for j in range(units):
            e = z[i, j] + b[j] - x[i, j]
            cost += e * e
            sums[j] += e
            z[i, j] = e
    return cost / 2.0, sums


@_kernel("reassoc", "contract")
def sigmoid_hidden_delta(back, d_rho_hat, a2):
    """``back += d_rho_hat[:, None]; back *= a2 * (1 - a2); return back.sum(axis=1)``."""
    units, examples = back.shape
    sums = np.empty(units)
    for j in range(units):
        total = 0.0
        for i in range(examples):
            a = a2[j, i]
            delta = (back[j, i] + d_rho_hat[j]) * (a * (1.0 - a))
            back[j, i] = delta
            total += delta
        sums[j] = total
    return sums


@_kernel("reassoc", "contract")
def kl_sparsity(rho_hat, rho, beta):
    """Twin of `sae.terms.kl_sparsity`: value and derivative with respect to rho_hat."""
    value = 0.0
    gradient = np.empty_like(rho_hat)
    for j in range(rho_hat.size):
        r = rho_hat[j]
        value += rho * math.log(rho / r) + (1.0 - rho) * math.log((1.0 - rho) / (1.0 - r))
        gradient[j] = beta * (-rho / r + (1.0 - rho) / (1.0 - r))
    return beta * value, gradient


class on_compile(numba_event.Listener):  # noqa: N801  (used like a function: `with on_compile(say):`)
    """Context in which `say()` is called once, when a kernel is being compiled and not loaded from the cache."""

    def __init__(self, say: Callable[[], None]):
        self.say = say
        self.said = False

    def on_start(self, event):
        """Numba begins to compile."""
        if not self.said:
            self.said = True
            self.say()

    def on_end(self, event):
        """Numba has compiled."""

    def __enter__(self):
        numba_event.register("numba:compile", self)
        return self

    def __exit__(self, *exception):
        numba_event.unregister("numba:compile", self)
