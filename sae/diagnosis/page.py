"""The page of `sae/reference.py` as lines that can be changed and run again: what the catalogue of mistakes edits.

The lines are read from the source of `cost_and_grad`, so there is one page and no copy of it: `delta2 = ...  # (E6)`
becomes Line("delta2", "E6", "..."). A mistake replaces the right sides of some lines; running them gives the numbers
that a student with that mistake would get.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from .. import reference
from ..activations import log1p_exp, sigmoid
from ..layout import Layout

BLOCKS = ("W1", "W2", "b1", "b2")
STEP_OF = {"kl": "cost", "decay": "cost", "sparsity": "delta2"}  # lines that are part of a step of another name
FUNCTION = {"sigmoid": "sigmoid(z)", "tanh": "np.tanh(z)", "identity": "z", "relu": "z * (z > 0)"}
DERIVATIVE = {"sigmoid": "a * (1 - a)", "tanh": "(1 - a * a)", "identity": "1", "relu": "(z > 0)"}  # in a, if shorter
UNBOUNDED = ("identity", "relu")  # the KL divergence of their mean activation from rho has no meaning
TIED = {  # the lines that are others where W2 = W1^T
    "W2": "W1.T",
    "b1": "theta[size:size + n_hidden]",
    "b2": "theta[size + n_hidden:]",
    "grad": "np.concatenate([(grad_W1 + grad_W2.T).ravel(), grad_b1, grad_b2])",
}


@dataclass(frozen=True)
class Line:
    """One line of the page: `symbol = source  # (tag)`."""

    symbol: str
    tag: str
    source: str

    @property
    def code(self) -> CodeType:
        """The right side, compiled."""
        return compiled(self.source)


@cache
def compiled(source: str) -> CodeType:
    """Return an expression ready to run; two mistakes in one line may make nonsense such as 2[:, None]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(source, f"<{source}>", "eval")


@dataclass(frozen=True)
class Options:
    """Which autoencoder the student was asked for."""

    f: str = "sigmoid"
    g: str = "sigmoid"
    tied: bool = False
    cross_entropy: bool = False

    def activation(self, layer: int) -> str:
        """Return the name of f (layer 2) or g (layer 3)."""
        return self.f if layer == 2 else self.g

    def slope(self, layer: int) -> str:
        """Return what delta is multiplied by: f'(z) of its layer; 1 where cross-entropy has taken it away."""
        return "1" if self.cross_entropy and layer == 3 else in_layer(DERIVATIVE[self.activation(layer)], layer)

    @property
    def names(self) -> tuple[str, ...]:
        """The blocks of theta."""
        return tuple(name for name in BLOCKS if name != "W2" or not self.tied)

    def layout(self, n: int, n_hidden: int) -> Layout:
        """Return the layout of theta."""
        shapes = Layout.autoencoder(n, n_hidden).shapes
        return Layout({name: shapes[name] for name in self.names})


@dataclass(frozen=True)
class Problem:
    """The arguments of a student's function."""

    theta: np.ndarray
    X: np.ndarray
    n_hidden: int
    lam: float
    rho: float
    beta: float

    def arguments(self) -> tuple[Any, ...]:
        """Return them in order, arrays as copies: a student may write into them."""
        return self.theta.copy(), self.X.copy(), self.n_hidden, self.lam, self.rho, self.beta

    def at(self, **changes) -> Problem:
        """Return the same problem with some arguments changed."""
        return replace(self, **changes)

    def names(self) -> dict[str, Any]:
        """Return what the lines may speak of before the first of them has run."""
        n, m = self.X.shape
        return {
            **vars(self),
            "n": n,
            "m": m,
            "size": n * self.n_hidden,
            "np": np,
            "sigmoid": sigmoid.function,
            "log1p_exp": log1p_exp,
        }


class Page:
    """The lines of the classic page, read from its source, with the asked-for options put in."""

    def __init__(self, options: Options):
        self.options = options
        self.lines = [Line(*line) for line in _with(options, _read())]
        self.index = {line.symbol: i for i, line in enumerate(self.lines)}

    def __getitem__(self, symbol: str) -> Line:
        """Return the line that computes a symbol."""
        return self.lines[self.index[symbol]]

    def tag(self, step: str) -> str:
        """Return the equation of a step; what is read from theta is there before (E1)."""
        return self[step].tag if step in self.index else "E1"

    def replaced(self, symbol: str, old: str, new: str) -> tuple[str, str]:
        """Return an edit: the line of a symbol with a piece of it replaced."""
        return symbol, self[symbol].source.replace(old, new)

    def run(self, problem: Problem, edits: dict[str, str] | None = None, known: dict[str, Any] | None = None):
        """Return all symbols: of the page, or of the page with the right sides of some lines replaced.

        With `known`, what the unchanged page gave, lines before the first edit are not run again.
        """
        edits = edits or {}
        start = min((self.index.get(symbol, 0) for symbol in edits), default=0) if known else 0
        symbols = dict(known) if known else problem.names()
        with np.errstate(all="ignore"):
            arguments = {name: source for name, source in edits.items() if name not in self.index}  # such as m or X
            symbols |= {name: eval(compiled(source), symbols) for name, source in arguments.items()}
            for line in self.lines[start:]:
                source = edits.get(line.symbol)
                symbols[line.symbol] = eval(line.code if source is None else compiled(source), symbols)
        return symbols


@cache
def _read() -> tuple[tuple[str, str, str], ...]:
    """Return (symbol, tag, right side) of each line of `reference.cost_and_grad` that computes, in order."""
    source = inspect.getsource(reference.cost_and_grad)
    comments = source.splitlines()
    (function,) = ast.parse(source).body
    lines = []
    for statement in function.body:  # type: ignore[attr-defined]
        tag = re.search(r"# \((E\d+)\)$", comments[statement.lineno - 1])
        if isinstance(statement, ast.Return):
            lines.append(("grad", "E7", ast.unparse(statement.value.elts[1])))  # type: ignore[union-attr]
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            symbol = statement.targets[0].id
            unpacks = symbol in BLOCKS
            if tag or unpacks:
                lines.append((symbol, tag[1] if tag else "E1", ast.unparse(statement.value)))
    return tuple(lines)


def in_layer(source: str, layer: int) -> str:
    """Return an expression in a and z with those of layer 2 or 3 put in."""
    return re.sub(r"\b([az])\b", rf"\g<1>{layer}", source)


def _with(options: Options, lines) -> Iterator[tuple[str, str, str]]:
    """Put other activations, cross-entropy and tied weights into the lines."""
    for symbol, tag, source in lines:
        yield symbol, tag, _asked_for(options, symbol, source)


def _asked_for(options: Options, symbol: str, source: str) -> str:
    """Return the right side of a line for these options."""
    if options.tied and symbol in TIED:
        return TIED[symbol]
    if symbol in ("a2", "a3"):
        return in_layer(FUNCTION[options.activation(int(symbol[1]))], int(symbol[1]))
    if symbol in ("delta2", "delta3"):
        layer, slope = int(symbol[-1]), options.slope(int(symbol[-1]))
        return source.replace(f" * a{layer} * (1 - a{layer})", "" if slope == "1" else f" * {slope}")
    if options.cross_entropy and symbol == "cost":
        return source.replace("((a3 - X) ** 2).sum() / (2 * m)", "(log1p_exp(z3)[0] - X * z3).sum() / m")
    if options.f == "tanh" and symbol == "rho_hat":
        return f"({source} + 1) / 2"  # as a share of tanh's range
    if options.f == "tanh" and symbol == "sparsity":
        return f"{source} / 2"  # the inner derivative of that
    if options.f in UNBOUNDED and symbol in ("kl", "sparsity"):
        return "np.zeros(n_hidden)"
    return source
