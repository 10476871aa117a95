"""Numba twins of the element-wise lines between the matrix products, each pass over memory fused into one.

The docstring of a kernel is the NumPy that it replaces; tests/test_kernels.py runs the one against the other, in double
and single precision. Layers come with examples as rows, as they lie in memory: (examples, units) in C order.
NumPy makes each of these lines in three to nine passes. Measured with `python -m tests.benchmarks.kernels`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numba
import numpy as np
from numba.core import event as numba_event
from numba.extending import overload
from numpy.polynomial import Chebyshev, Polynomial

from .errors import SaeError


def _kernel(*fastmath: str):
    """Compile with these licences for rounding; NaN and infinities keep their meaning in all of them."""

    def compiled(function):
        try:
            dispatcher = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=set(fastmath))(function)
        except RuntimeError as error:  # Numba found no folder to keep compiled code in
            raise SaeError(
                f"Numba can't cache compiled code ({error}). Set NUMBA_CACHE_DIR to a writable folder, "
                "or use engine='numpy'."
            ) from error
        return _interpreted(function) if numba.config.DISABLE_JIT else dispatcher  # type: ignore[attr-defined]

    return compiled


def _interpreted(function):
    """As plain Python (NUMBA_DISABLE_JIT=1), as silent about overflow as machine code."""

    @functools.wraps(function)
    def quiet(*arguments):
        with np.errstate(all="ignore"):
            return function(*arguments)

    quiet.py_func = function  # type: ignore[attr-defined]
    return quiet


# The exponential -------------------------------------------------------------------------------------------------


def _tail(degree: int, terms: int) -> list[float]:
    """Coefficients of (exp(r) - Taylor polynomial of `terms` terms) / r^terms for |r| <= ln 2 / 2, nearly minimax."""

    def series(r) -> Any:
        return sum(r**i / math.factorial(i + terms) for i in range(25))

    edge = math.log(2) / 2
    return Chebyshev.interpolate(series, degree, domain=[-edge, edge]).convert(kind=Polynomial).coef.tolist()


_LN2_HIGH = float.fromhex("0x1.62e42fefap-1")  # the first 36 bits of ln 2, so that k * _LN2_HIGH is exact
_LN2_LOW = float(Decimal(2).ln() - Decimal(_LN2_HIGH))
_ROUND = 1.5 * 2.0**52  # adding it leaves the nearest integer in the low bits of the sum
_C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11 = _tail(8, 3)


@_kernel("contract")  # not "reassoc": (t + _ROUND) - _ROUND would vanish
def _exp64(x):
    x = 710.0 if x > 710.0 else x  # exp(710) is infinite already; NaN passes both comparisons
    x = -708.0 if x < -708.0 else x
    t = x * (1 / math.log(2)) + _ROUND
    k = t - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    r2 = r * r
    high = (_C8 + r * _C9) + r2 * (_C10 + r * _C11)
    low = (_C4 + r * _C5) + r2 * (_C6 + r * _C7)
    p = 1.0 + (r + r2 * ((0.5 + r * _C3) + r2 * (low + (r2 * r2) * high)))
    power = np.int64((np.float64(t).view(np.int64) + 1022) << 52).view(np.float64)  # 2^(k - 1)
    return 2.0 * (p * power)


_F: Any = np.float32  # single precision: every constant must be of that type, or the loop is computed in double
_F_LN2_HIGH = _F(float.fromhex("0x1.62ep-1"))  # 12 bits
_F_LN2_LOW = _F(Decimal(2).ln() - Decimal(float(_F_LN2_HIGH)))
_F_ROUND, _F_1, _F_2, _F_MAX, _F_MIN, _F_1_LN2 = map(_F, (1.5 * 2.0**23, 1, 2, 89, -86, 1 / math.log(2)))
_F2, _F3, _F4, _F5, _F6 = map(_F, _tail(4, 2))


@_kernel("contract")
def _exp32(x):
    x = _F_MAX if x > _F_MAX else x
    x = _F_MIN if x < _F_MIN else x
    t = x * _F_1_LN2 + _F_ROUND
    k = t - _F_ROUND
    r = (x - k * _F_LN2_HIGH) - k * _F_LN2_LOW
    p = _F_1 + r * (_F_1 + r * (_F2 + r * (_F3 + r * (_F4 + r * (_F5 + r * _F6)))))
    exponent = np.int32(np.float32(t).view(np.int32) + np.int32(126))
    power = np.int32(exponent << np.int32(23)).view(np.float32)
    return _F_2 * (p * power)


def exp(x):
    """``np.exp(x)`` for one number, at most 2 units in the last place off; x is raised to -708 (single: -86).

    x = k ln 2 + r, |r| <= ln 2 / 2 (Cody and Waite); exp(r) by a polynomial of degree 11 (single: 6), nearly minimax,
    error 3e-17 (single: 8e-9); 2^k is put together from bits. No branch and no call, so that loops around it vectorise.
    """
    return (_exp32 if isinstance(x, _F) else _exp64)(x)


@overload(exp)
def _exp(x):
    function = _exp32 if x == numba.float32 else _exp64
    return lambda x: function(x)


# The kernels -----------------------------------------------------------------------------------------------------


@_kernel()
def _fold(z, b):
    """View several examples of a narrow layer as one long row, which vectorises better, and repeat b to match."""
    examples, units = z.shape
    k = 1
    while examples % (2 * k) == 0 and k * units < 256:
        k *= 2
    wide = np.empty(k * units, z.dtype)
    for i in range(k):
        wide[i * units : (i + 1) * units] = b
    return z.reshape(examples // k, k * units), wide


@_kernel("reassoc", "contract")
def _unfold(sums, units):
    """Add up the sums of the examples that shared a row."""
    total = sums[:units].copy()
    for i in range(1, sums.size // units):
        for j in range(units):
            total[j] += sums[i * units + j]
    return total


@_kernel("reassoc", "contract")  # lets the sums vectorise
def sigmoid_layer(z, b):
    """``z[...] = 1 / (1 + np.exp(-(z + b))); return z.sum(axis=0)``."""
    rows, bias = _fold(z, b)
    sums = np.zeros_like(bias)
    one = z.dtype.type(1)
    for i in range(rows.shape[0]):
        for j in range(bias.size):
            a = one / (one + exp(-(rows[i, j] + bias[j])))
            rows[i, j] = a
            sums[j] += a
    return _unfold(sums, b.size)


@_kernel("reassoc", "contract")
def sigmoid_output(z, b, x):
    """``a = 1 / (1 + np.exp(-z - b)); e = a - x; z[...] = e * a * (1 - a); return (e**2).sum() / 2, z.sum(axis=0)``."""
    rows, bias = _fold(z, b)
    target = x.reshape(rows.shape)
    sums = np.zeros_like(bias)
    one = z.dtype.type(1)
    cost = 0.0
    for i in range(rows.shape[0]):
        squares = z.dtype.type(0)
        for j in range(bias.size):
            a = one / (one + exp(-(rows[i, j] + bias[j])))
            e = a - target[i, j]
            delta = e * (a * (one - a))
            squares += e * e
            sums[j] += delta
            rows[i, j] = delta
        cost += squares
    return cost / 2.0, _unfold(sums, b.size)


@_kernel("reassoc", "contract")
def identity_output(z, b, x):
    """``z += b - x; return (z * z).sum() / 2, z.sum(axis=0)``."""
    rows, bias = _fold(z, b)
    target = x.reshape(rows.shape)
    sums = np.zeros_like(bias)
    cost = 0.0
    for i in range(rows.shape[0]):
        squares = z.dtype.type(0)
        for j in range(bias.size):
            e = rows[i, j] + bias[j] - target[i, j]
            squares += e * e
            sums[j] += e
            rows[i, j] = e
        cost += squares
    return cost / 2.0, _unfold(sums, b.size)


@_kernel("reassoc", "contract")
def sigmoid_hidden_delta(back, d_rho_hat, a2):
    """``back += d_rho_hat; back *= a2 * (1 - a2); return back.sum(axis=0)``."""
    rows, constant = _fold(back, d_rho_hat)
    hidden = a2.reshape(rows.shape)
    sums = np.zeros_like(constant)
    one = back.dtype.type(1)
    for i in range(rows.shape[0]):
        for j in range(constant.size):
            a = hidden[i, j]
            delta = (rows[i, j] + constant[j]) * (a * (one - a))
            rows[i, j] = delta
            sums[j] += delta
    return _unfold(sums, d_rho_hat.size)


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


@_kernel("contract")
def adam_step(theta, m, v, grad, t, alpha, beta1, beta2, epsilon):
    """``m[...] = beta1 * m + (1 - beta1) * grad; v[...] = beta2 * v + (1 - beta2) * grad**2;
    theta -= alpha * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)``.
    """  # noqa: D205
    rate, scale = alpha / (1.0 - beta1**t), 1.0 / (1.0 - beta2**t)
    for i in range(theta.size):
        first = beta1 * m[i] + (1.0 - beta1) * grad[i]  # (A1)
        second = beta2 * v[i] + (1.0 - beta2) * (grad[i] * grad[i])  # (A2)
        theta[i] -= rate * first / (math.sqrt(scale * second) + epsilon)  # (A3)
        m[i], v[i] = first, second


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
