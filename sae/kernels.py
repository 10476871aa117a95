"""Numba twins of the element-wise lines between the matrix products, each pass over memory fused into one.

The docstring of a kernel is the NumPy that it replaces, in three to nine passes; tests/test_kernels.py runs the one
against the other, in double and single precision, and `python -m tests.benchmarks.kernels` measures them. Layers are
(units, examples), as on the page, and lie in memory unit by unit (C order) or example by example (Fortran order).
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
from scipy.special import bernoulli

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


# The exponential and the sigmoid -----------------------------------------------------------------------------------


def _coth(terms: int) -> list[float]:
    """Coefficients of r coth(r/2) - 2 in r^2, from the first power on, nearly minimax for |r| <= ln 2 / 2."""

    def series(s) -> Any:
        return sum(2 * bernoulli(2 * k)[-1] / math.factorial(2 * k) * s ** (k - 1) for k in range(1, 14))

    edge = (math.log(2) / 2) ** 2
    return Chebyshev.interpolate(series, terms - 1, domain=[0, edge]).convert(kind=Polynomial).coef.tolist()


_LN2_HIGH = float.fromhex("0x1.62e42fefap-1")  # the first 36 bits of ln 2, so that k * _LN2_HIGH is exact
_LN2_LOW = float(Decimal(2).ln() - Decimal(_LN2_HIGH))
_ROUND = 1.5 * 2.0**52  # adding it leaves the nearest integer in the low bits of the sum
_C1, _C2, _C3, _C4, _C5 = _coth(5)


@_kernel("contract")  # not "reassoc": (t + _ROUND) - _ROUND would vanish
def _exp64(x):
    """Return numerator and denominator of exp(x)."""
    x = 710.0 if x > 710.0 else x  # exp(710) is infinite already; NaN passes both comparisons
    x = -708.0 if x < -708.0 else x
    t = x * (1 / math.log(2)) + _ROUND
    k = t - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    s = r * r
    c = 2.0 + s * (_C1 + s * (_C2 + s * (_C3 + s * (_C4 + s * _C5))))
    power = np.int64((np.float64(t).view(np.int64) + 1022) << 52).view(np.float64)  # 2^(k - 1)
    return power * (c + r), 0.5 * (c - r)


_F: Any = np.float32  # single precision: every constant must be of that type, or the loop is computed in double
_F_LN2_HIGH = _F(float.fromhex("0x1.62ep-1"))  # 12 bits
_F_LN2_LOW = _F(Decimal(2).ln() - Decimal(float(_F_LN2_HIGH)))
_F_ROUND, _F_HALF, _F_1, _F_2, _F_MAX, _F_MIN = map(_F, (1.5 * 2.0**23, 0.5, 1, 2, 89, -86))
_F_1_LN2, _F_C1, _F_C2 = map(_F, (1 / math.log(2), *_coth(2)))


@_kernel("contract")
def _exp32(x):
    x = _F_MAX if x > _F_MAX else x
    x = _F_MIN if x < _F_MIN else x
    t = x * _F_1_LN2 + _F_ROUND
    k = t - _F_ROUND
    r = (x - k * _F_LN2_HIGH) - k * _F_LN2_LOW
    s = r * r
    c = _F_2 + s * (_F_C1 + s * _F_C2)
    exponent = np.int32(np.float32(t).view(np.int32) + np.int32(126))
    power = np.int32(exponent << np.int32(23)).view(np.float32)
    return power * (c + r), _F_HALF * (c - r)


def _exp(x):
    """Return numerator and denominator of exp(x).

    x = k ln 2 + r, |r| <= ln 2 / 2 (Cody and Waite). With c = r coth(r/2), an even function of r and nearly a
    constant, exp(r) = (c + r) / (c - r); c by a polynomial of degree 5 (single: 2) in r^2, error of exp(r) below
    1e-17 (single: 1e-9). 2^k is put together from bits. No branch and no call, so that loops around it vectorise.
    """
    return (_exp32 if isinstance(x, _F) else _exp64)(x)


@overload(_exp)
def _exp_compiled(x):
    function = _exp32 if x == numba.float32 else _exp64
    return lambda x: function(x)


@_kernel("contract")
def exp(x):
    """``np.exp(x)`` for one number, at most 2 units in the last place off; x is raised to -708 (single: -86)."""
    over, under = _exp(x)
    return over / under


@_kernel("contract")
def sigmoid(x):
    """``1 / (1 + np.exp(-x))`` for one number: the quotient of the exponential costs no division of its own."""
    over, under = _exp(-x)
    return under / (under + over)


# Layers in memory --------------------------------------------------------------------------------------------------


def _memory(z):
    """Return the values of a layer as they lie in memory, and whether unit by unit (or else example by example)."""
    return (z.reshape(-1), True) if z.flags.c_contiguous else (z.T.reshape(-1), False)


@overload(_memory)
def _memory_compiled(z):
    return (lambda z: (z.reshape(-1), True)) if z.layout == "C" else (lambda z: (z.T.reshape(-1), False))


@_kernel()
def _lines(z, b):
    """Cut a layer into lines of memory: its values, the length of a line, b and sums for a line, and what a line is.

    A line is one unit, with one b and one sum; or it is a few examples, with b repeated to match and a sum for each
    place. Long lines vectorise, best in multiples of 16.
    """
    values, by_unit = _memory(z)
    if by_unit:
        return values, z.shape[1], b, np.zeros_like(b), True
    k = 1
    while k * b.size < 256 or k * b.size % 16:
        k *= 2
    repeated = np.empty(k * b.size, z.dtype)
    for i in range(k):
        repeated[i * b.size : (i + 1) * b.size] = b
    return values, repeated.size, repeated, np.zeros_like(repeated), False


@_kernel("reassoc", "contract")
def _per_unit(sums, units):
    """Add up the sums of the examples that shared a line."""
    total = sums[:units].copy()
    for i in range(1, sums.size // units):
        for j in range(units):
            total[j] += sums[i * units + j]
    return total


# The kernels -------------------------------------------------------------------------------------------------------
# `b[unit] if by_unit else b[j]` is decided once per line by the compiler; a sum that is one number stays in a register.


@_kernel("reassoc", "contract")  # lets the sums vectorise
def sigmoid_layer(z, b):
    """``z[...] = 1 / (1 + np.exp(-z - b[:, None])); return z.sum(axis=1)``."""
    values, width, bias, sums, by_unit = _lines(z, b)
    zero = z.dtype.type(0)
    for i in range(0, values.size, width):
        line, unit = values[i : i + width], i // width
        shared, total = bias[unit] if by_unit else zero, zero
        for j in range(line.size):
            a = sigmoid(line[j] + (shared if by_unit else bias[j]))
            line[j] = a
            if by_unit:
                total += a
            else:
                sums[j] += a
        if by_unit:
            sums[unit] = total
    return _per_unit(sums, b.size)


@_kernel("reassoc", "contract")
def sigmoid_output(z, b, x):
    """``a = 1 / (1 + np.exp(-z - b[:, None])); e = a - x; z[...] = e * a * (1 - a);
    return (e**2).sum() / 2, z.sum(axis=1)``.
    """  # noqa: D205
    values, width, bias, sums, by_unit = _lines(z, b)
    targets = _memory(x)[0]
    zero, one = z.dtype.type(0), z.dtype.type(1)
    cost = 0.0
    for i in range(0, values.size, width):
        line, target, unit = values[i : i + width], targets[i : i + width], i // width
        shared, total, squares = bias[unit] if by_unit else zero, zero, zero
        for j in range(line.size):
            a = sigmoid(line[j] + (shared if by_unit else bias[j]))
            e = a - target[j]
            delta = e * (a * (one - a))
            line[j] = delta
            squares += e * e
            if by_unit:
                total += delta
            else:
                sums[j] += delta
        cost += squares
        if by_unit:
            sums[unit] = total
    return cost / 2.0, _per_unit(sums, b.size)


@_kernel("reassoc", "contract")
def identity_output(z, b, x):
    """``z += b[:, None] - x; return (z * z).sum() / 2, z.sum(axis=1)``."""
    values, width, bias, sums, by_unit = _lines(z, b)
    targets = _memory(x)[0]
    zero = z.dtype.type(0)
    cost = 0.0
    for i in range(0, values.size, width):
        line, target, unit = values[i : i + width], targets[i : i + width], i // width
        shared, total, squares = bias[unit] if by_unit else zero, zero, zero
        for j in range(line.size):
            e = line[j] + (shared if by_unit else bias[j]) - target[j]
            line[j] = e
            squares += e * e
            if by_unit:
                total += e
            else:
                sums[j] += e
        cost += squares
        if by_unit:
            sums[unit] = total
    return cost / 2.0, _per_unit(sums, b.size)


@_kernel("reassoc", "contract")
def sigmoid_hidden_delta(back, d_rho_hat, a2):
    """``back += d_rho_hat[:, None]; back *= a2 * (1 - a2); return back.sum(axis=1)``."""
    values, width, constant, sums, by_unit = _lines(back, d_rho_hat)
    activations = _memory(a2)[0]
    zero, one = back.dtype.type(0), back.dtype.type(1)
    for i in range(0, values.size, width):
        line, hidden, unit = values[i : i + width], activations[i : i + width], i // width
        shared, total = constant[unit] if by_unit else zero, zero
        for j in range(line.size):
            a = hidden[j]
            delta = (line[j] + (shared if by_unit else constant[j])) * (a * (one - a))
            line[j] = delta
            if by_unit:
                total += delta
            else:
                sums[j] += delta
        if by_unit:
            sums[unit] = total
    return _per_unit(sums, d_rho_hat.size)


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
