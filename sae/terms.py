r"""The terms: addends of the cost J, each with its partial derivatives beside its value.

A term is `state -> (value, {symbol: partial})` with a `.name`. `state` holds the symbols of the page by name:
the parameters W1, W2, b1, b2 and, by the kind of the term,

- `per_example = True`: X, target, a2, z3, a3 of one block of examples, and the activations f and g. Value and
  partials are sums over its examples; the page divides by m. Partials may be with respect to a2, z3, a3 (z3 and a3:
  each without the other's part) and the parameters.
- `per_example = False`: rho_hat, and f. Evaluated once, enters J as it is. Partials may be with respect to rho_hat
  and the parameters.

A term that does not go with every f or g has `misfit(f, g)`, which says why not ("" if it does). One that compares
with the target says whether entries of it may be `missing`, NaN. A new term is one such class; nothing else changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

import numpy as np

from . import checks
from .activations import exponential, log1p_exp, sigmoid
from .errors import SaeError

PARAMETERS = ("W1", "W2", "b1", "b2")
SYMBOLS = {True: ("a2", "z3", "a3", *PARAMETERS), False: ("rho_hat", *PARAMETERS)}


class Term(Protocol):
    """An addend of J."""

    name: ClassVar[str]
    per_example: ClassVar[bool]

    def __call__(self, s: SimpleNamespace) -> tuple[Any, dict[str, np.ndarray]]:
        """Return the value and the partial derivatives by symbol, each of its symbol's shape."""
        ...


@dataclass(frozen=True)
class SquaredError:
    r"""\frac12 \|a^{(3)} - x\|^2, summed over examples (J takes the mean); CS294A notes, section 2.2."""

    name: ClassVar[str] = "squared error"
    per_example: ClassVar[bool] = True
    missing: ClassVar[bool] = False

    def __call__(self, s):
        """Value and d/da3."""
        error = s.a3 - s.target
        return (error * error).sum() / 2, {"a3": error}


@dataclass(frozen=True)
class MaskedSquaredError:
    r"""\frac12 \sum_{k \text{ known}} (a^{(3)}_k - x_k)^2, summed over examples (J takes the mean over the examples).

    The mask is in the target: an entry is missing where that is NaN, and adds nothing to J and its gradient. J is
    divided by the number m of examples, not by that of known entries, so that each known entry weighs the same; without
    missing entries it is `SquaredError`. What goes into the encoder, X, must be finite: fill it, with 0 if it is
    centred. Source: S. Sedhain et al., "AutoRec: Autoencoders Meet Collaborative Filtering", WWW 2015, equation 2 (a
    sum, without the 1/2).
    """

    name: ClassVar[str] = "masked squared error"
    per_example: ClassVar[bool] = True
    missing: ClassVar[bool] = True

    def __call__(self, s):
        """Value and d/da3."""
        error = np.where(np.isnan(s.target), 0, s.a3 - s.target)
        return (error * error).sum() / 2, {"a3": error}


@dataclass(frozen=True)
class CrossEntropy:
    r"""-\sum_k [x \log a^{(3)} + (1 - x) \log(1 - a^{(3)})], summed over examples (J takes the mean).

    For sigmoid outputs, whose logarithms and g' cancel: it is log(1 + e^z) - x z with z = z3, which does not overflow.
    Its least value, at a3 = x, is 0 only where every x is 0 or 1. Source: C. Bishop, Pattern Recognition and Machine
    Learning (2006), equations 4.90 and 5.23.
    """

    name: ClassVar[str] = "cross-entropy"
    per_example: ClassVar[bool] = True
    missing: ClassVar[bool] = False

    def misfit(self, f, g):
        """Say why it does not go with these activations."""
        return "" if g is sigmoid else "it is written for sigmoid outputs, the probabilities of 1: g=sae.sigmoid"

    def __call__(self, s):
        """Value and d/dz3."""
        return (log1p_exp(s.z3)[0] - s.target * s.z3).sum(), {"z3": s.a3 - s.target}


@dataclass(frozen=True)
class Poisson:
    r"""\sum_k [a^{(3)} - x \log a^{(3)}], a^{(3)} = e^{z^{(3)}}, summed over examples (J takes the mean).

    The negative log-likelihood of counts x with means a3, without log(x!), which no parameter changes. Source: P.
    McCullagh and J. Nelder, Generalized Linear Models (1989), section 6.2.
    """

    name: ClassVar[str] = "Poisson"
    per_example: ClassVar[bool] = True
    missing: ClassVar[bool] = False

    def misfit(self, f, g):
        """Say why it does not go with these activations."""
        return "" if g is exponential else "it is written for outputs that are means of counts: g=sae.exponential"

    def __call__(self, s):
        """Value and d/dz3."""
        return (s.a3 - s.target * s.z3).sum(), {"z3": s.a3 - s.target}


@dataclass(frozen=True)
class WeightDecay:
    r"""\frac\lambda2 (\|W_1\|_F^2 + \|W_2\|_F^2), not divided by m, biases left out; CS294A notes, section 2.2."""

    lam: float
    name: ClassVar[str] = "weight decay"
    per_example: ClassVar[bool] = False

    def __post_init__(self):
        object.__setattr__(self, "lam", checks.number("lam", self.lam, 0))

    def __call__(self, s):
        """Value, d/dW1 and d/dW2."""
        value = self.lam / 2 * (s.W1.ravel() @ s.W1.ravel() + s.W2.ravel() @ s.W2.ravel())
        return value, {"W1": self.lam * s.W1, "W2": self.lam * s.W2}


def check_rho_hat(rho_hat) -> None:
    """Raise unless each mean activation lies strictly between 0 and 1: the KL divergence is infinite there."""
    bad = np.flatnonzero((np.real(rho_hat) <= 0) | (np.real(rho_hat) >= 1))
    if bad.size:
        units = ", ".join(f"{j} ({np.real(rho_hat[j]):g})" for j in bad[:5]) + (", ..." if bad.size > 5 else "")
        raise SaeError(
            f"the mean activation rho_hat of {bad.size} of {rho_hat.size} hidden units is not strictly between "
            f"0 and 1: unit {units}; the KL sparsity is infinite there. These units are saturated: start from smaller "
            "weights, use a smaller beta, a rho further from 0 and 1, or data on a smaller scale."
        )


def kl_sparsity(rho_hat, rho, beta):
    r"""\beta \sum_j KL(\rho \| \hat\rho_j) and its derivative with respect to rho_hat, (n_hidden,)."""
    value = beta * (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
    return value, beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))


@dataclass(frozen=True)
class KLSparsity:
    r"""\beta \sum_j KL(\rho \| \hat\rho_j), a function of means over all m examples; CS294A notes, section 3.

    rho_hat is taken as a share of the range of f: for tanh units, (rho_hat + 1) / 2 is compared with rho, so that rho
    means the same as for sigmoid units.
    """

    rho: float
    beta: float
    kl: Callable = kl_sparsity  # or its compiled twin
    name: ClassVar[str] = "KL sparsity"
    per_example: ClassVar[bool] = False

    def __post_init__(self):
        object.__setattr__(self, "rho", checks.number("rho", self.rho, 0, 1, open_ends=True))
        object.__setattr__(self, "beta", checks.number("beta", self.beta, 0))

    def misfit(self, f, g):
        """Say why it does not go with these activations."""
        return (
            ""
            if np.isfinite(f.range).all()
            else "rho is a share of the range of f, which has no end: take sae.terms.L1"
        )

    def __call__(self, s):
        """Value and d/drho_hat."""
        low, high = s.f.range
        share = s.rho_hat if (low, high) == (0, 1) else (s.rho_hat - low) / (high - low)
        check_rho_hat(share)
        value, gradient = self.kl(share, self.rho, self.beta)
        return value, {"rho_hat": gradient / (high - low)}


@dataclass(frozen=True)
class L1:
    r"""weight \sum_j |a^{(2)}_j|, summed over examples (J takes the mean).

    Source: B. Olshausen and D. Field, Nature 381 (1996), equation 3 with S(x) = |x|; on autoencoders: Q. Le et al., "On
    Optimization Methods for Deep Learning" (2011), section 3.
    """

    weight: float
    name: ClassVar[str] = "L1"
    per_example: ClassVar[bool] = True
    kinks: ClassVar[tuple[float, ...]] = (0.0,)  # values of a2 where its derivative jumps

    def __post_init__(self):
        object.__setattr__(self, "weight", checks.number("weight", self.weight, 0))

    def __call__(self, s):
        """Value and d/da2; at a2 = 0, where |a2| has a kink, 0."""
        sign = np.sign(s.a2.real)
        return self.weight * (sign * s.a2).sum(), {"a2": self.weight * sign}


@dataclass(frozen=True)
class Contractive:
    r"""weight \|\partial a^{(2)} / \partial x\|_F^2 = weight \sum_j f'(z_j)^2 \|W_{1,j}\|^2, summed over examples.

    J takes the mean. Through a2, with c = f'' / f': d/da2_j = 2 f'_j c_j |W1_j|^2; directly: d/dW1_j = 2 f'_j^2 W1_j.
    Source: S. Rifai et al., Contractive Auto-Encoders, ICML 2011, equations 1 and 7 (theirs is a sum over examples).
    """

    weight: float
    name: ClassVar[str] = "contractive"
    per_example: ClassVar[bool] = True

    def __post_init__(self):
        object.__setattr__(self, "weight", checks.number("weight", self.weight, 0))

    def misfit(self, f, g):
        """Say why it does not go with these activations."""
        return "" if f.curvature else f"its gradient needs f'', and {f.name} has no `curvature`: see sae/activations.py"

    def __call__(self, s):
        """Value, d/da2 and d/dW1."""
        slope = s.f.derivative(s.a2)
        squares, norms = slope * slope, (s.W1 * s.W1).sum(axis=1, keepdims=True)
        d_a2 = 2 * slope * s.f.curvature(s.a2) * norms
        d_W1 = 2 * squares.sum(axis=1, keepdims=True) * s.W1
        return self.weight * (squares * norms).sum(), {"a2": self.weight * d_a2, "W1": self.weight * d_W1}


def classic(lam: float, rho: float, beta: float) -> list[Term]:
    """Return squared error, weight decay and KL sparsity; beta = 0 leaves the sparsity out."""
    sparsity = KLSparsity(rho, beta)
    return [SquaredError(), WeightDecay(lam), *([sparsity] if beta else [])]


def add_up(terms: Iterable[Term], s: SimpleNamespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the terms by name and the sums of their partial derivatives by symbol (0 if none).

    Raises
    ------
    SaeError
        For a partial with respect to a symbol that the page does not have there, or of another shape.
    """
    values, d = {}, defaultdict[str, Any](float)
    for term in terms:
        values[term.name], partials = term(s)
        for symbol, partial in partials.items():
            if symbol not in SYMBOLS[term.per_example]:
                raise SaeError(
                    f"term {term.name!r} returned a partial for {symbol!r}; "
                    f"expected some of {', '.join(SYMBOLS[term.per_example])}."
                )
            if np.shape(partial) != np.shape(getattr(s, symbol)):
                raise SaeError(
                    f"term {term.name!r} returned a partial of shape {np.shape(partial)} for {symbol!r}; "
                    f"expected its shape {np.shape(getattr(s, symbol))}."
                )
            d[symbol] = d[symbol] + partial if symbol in d else partial
    return values, d
