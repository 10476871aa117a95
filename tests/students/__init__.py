"""What students hand in for the exercise "Sparse Autoencoder", each with the label of a teacher who read it.

A student is a function `(theta, X, n_hidden, lam, rho, beta) -> (cost, grad)`. The labels:

side
    "gradient" (cost right, gradient wrong), "cost" (the reverse), "forward" (a3 itself is wrong), "objective" (a3
    right, cost and gradient wrong from one shared cause), "side effect" (theta or X modified, or answers that depend
    on other calls) or "none" (correct). With two mistakes on two sides either is a right answer.
blocks
    Blocks of the gradient whose numbers differ from the right ones, on a first call.
terms
    Addends of the cost or the gradient, of "data", "decay" and "sparsity", that come out wrong, on a first call.
step
    Symbols of the page whose lines hold the mistake; any of them is a right answer. The derivative of the KL, a part
    of (E6), belongs to delta2; a mistake made alike in cost and gradient belongs to "cost".
rtol
    How exactly a correct one computes.
one_example
    Whether it can be called with a single example.
additive
    Whether lam = 0 and beta = 0 switch off the student's addends and leave the others as they were.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

CORPORA = ("development", "practice", "examination")
SIDES = ("none", "gradient", "cost", "forward", "objective", "side effect")
BLOCKS = ("W1", "W2", "b1", "b2")
TERMS = ("data", "decay", "sparsity")
STEPS = (
    *("theta", "z2", "a2", "z3", "a3", "rho_hat", "cost", "delta3", "delta2"),
    *("grad_W1", "grad_W2", "grad_b1", "grad_b2", "side effect"),
)


@dataclass(frozen=True)
class Student:
    """A function handed in, and what is wrong with it."""

    name: str
    function: Callable = field(repr=False)
    side: frozenset[str]
    blocks: frozenset[str]
    terms: frozenset[str]
    step: frozenset[str]
    rtol: float
    one_example: bool
    additive: bool


_handed_in: list[Student] = []


def _words(text):
    return frozenset(re.findall(r"[^\s,]+", text))


def _phrases(text):
    return frozenset(text.split(", ")) if text else frozenset()


def hands_in(*, side, blocks="", terms="", step="", rtol=1e-9, one_example=True, additive=True):
    """Register a student's function; sides and steps are separated by ", ", blocks and terms by spaces or commas."""
    labels = _phrases(side), _words(blocks), _words(terms), _phrases(step), rtol, one_example, additive

    def register(function):
        _handed_in.append(Student(function.__name__, function, *labels))
        return function

    return register


@cache
def _compiled(corpus):
    spec = importlib.util.find_spec(f"{__name__}.{corpus}")
    return spec, spec.loader.get_code(spec.name)


def load(corpus: str) -> list[Student]:
    """Run a module of students anew: those that keep something between calls have then seen no call."""
    spec, code = _compiled(corpus)
    _handed_in.clear()
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    exec(code, vars(module))
    return list(_handed_in)
