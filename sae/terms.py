r"""The terms: addends of the cost J, each with its partial derivatives beside its value.

A term is `state -> (value, {symbol: partial})` with a `.name`. `state` holds the symbols of the page by name:
the parameters W1, W2, b1, b2 and, by the kind of the term,

- `per_example = True`: X, target, a2, a3 of one block of examples. Value and partials are sums over its
  examples; the page divides by m. Partials may be with respect to a2, a3 and the parameters.
- `per_example = False`: rho_hat. Evaluated once, enters J as it is. Partials may be with respect to rho_hat and
  the parameters.

A new term is one such class; nothing else changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

import numpy as np

from . import checks
from .errors import SaeError

PARAMETERS = ("W1", "W2", "b1", "b2")
SYMBOLS = {True: ("a2", "a3", *PARAMETERS), False: ("rho_hat", *PARAMETERS)}


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

    def __call__(self, s):
        """Value and d/da3."""
        error = s.a3 - s.target
        return (error * error).sum() / 2, {"a3": error}


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
            "weights, use a smaller beta, a rho further from 0 and 1, or data on a smaller scale. Hidden units must be "
            "sigmoid."
        )


def kl_sparsity(rho_hat, rho, beta):
    r"""\beta \sum_j KL(\rho \| \hat\rho_j) and its derivative with respect to rho_hat, (n_hidden,)."""
    value = beta * (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
    return value, beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))


@dataclass(frozen=True)
class KLSparsity:
    r"""\beta \sum_j KL(\rho \| \hat\rho_j), a function of means over all m examples; CS294A notes, section 3."""

    rho: float
    beta: float
    kl: Callable = kl_sparsity  # or its compiled twin
    name: ClassVar[str] = "KL sparsity"
    per_example: ClassVar[bool] = False

    def __post_init__(self):
        object.__setattr__(self, "rho", checks.number("rho", self.rho, 0, 1, open_ends=True))
        object.__setattr__(self, "beta", checks.number("beta", self.beta, 0))

    def __call__(self, s):
        """Value and d/drho_hat."""
        check_rho_hat(s.rho_hat)
        value, gradient = self.kl(s.rho_hat, self.rho, self.beta)
        return value, {"rho_hat": gradient}


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
