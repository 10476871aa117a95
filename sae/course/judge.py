"""What is wrong with answers: compared with the solution's, or by a property that a right answer has.

A judge is a function (calls, answers, right) -> Off or None. `answers` and `right` are lists, an entry for each call:
what the student's function and the solution returned. Nothing that it says may hold a number of `right`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

RIGHT = 1e-7  # two answers differ if they do by more than this share of the size of the right one
SINGLE = 2e-4  # the same for answers in single precision
ROUNDING = 1e-13  # of each number, where the right answer is 0


class Off(NamedTuple):
    """What is wrong.

    Attributes
    ----------
    outputs : tuple of str
        Which outputs are off, by name; empty if that can't be said.
    sentence : str
        What is said besides: a property that is missing, a wrong shape.
    """

    outputs: tuple[str, ...]
    sentence: str = ""


Judge = Callable[[Sequence[Any], Sequence[Any], Sequence[Any]], Off | None]


def same(tolerance: float = RIGHT, *, single: bool = True, transform: Callable[[Any, Any], Any] | None = None) -> Judge:
    """Return a judge that compares with the solution's answers, each output of each call by itself.

    Parameters
    ----------
    tolerance : float
        Largest norm of the difference, relative to that of the right answer.
    single : bool
        Whether float32 is allowed, with 2e-4.
    transform : callable, optional
        (answer, right) -> answer, applied to each output before: takes out what a right answer may choose freely,
        such as the signs of eigenvectors.
    """
    return Same(tolerance, single, transform)


class Same:
    """See `same`. The names of the outputs are put in by whoever asks, `off` says which positions are off."""

    def __init__(self, tolerance: float, single: bool, transform: Callable[[Any, Any], Any] | None):
        self.tolerance, self.single, self.transform = tolerance, single, transform

    def __call__(self, calls, answers, right) -> Off | None:
        """Compare all answers."""
        off: dict[str, str] = {}
        for answer, expected in zip(answers, right, strict=True):
            for name, sentence in self.differences(answer, expected).items():
                off.setdefault(name, sentence)
        return Off(tuple(off), next(filter(None, off.values()), "")) if off else None

    def differences(self, answer, expected) -> dict[str, str]:
        """Return what to say of each output that is off, by its position."""
        if isinstance(expected, tuple | list):
            if not isinstance(answer, tuple | list) or len(answer) != len(expected):
                found = "another number of values" if isinstance(answer, tuple | list) else kind(answer)
                return {"": f"it returns {found}; expected {len(expected)} values"}
            found = {}
            for k, pair in enumerate(zip(answer, expected, strict=True)):
                for name, sentence in self.differences(*pair).items():
                    found[f"{k}.{name}".rstrip(".")] = sentence
            return found
        sentence = self.difference(answer, expected)
        return {} if sentence is None else {"": sentence}

    def difference(self, answer, expected) -> str | None:
        """Return what to say of one output, "" if nothing but that it is off; None if it is right."""
        if expected is None or isinstance(expected, str):
            return None if type(answer) is type(expected) and answer == expected else ""
        if not isinstance(answer, np.ndarray | np.generic | float | int | complex):
            return f"it is {kind(answer)}; expected {kind(expected)}"
        if np.shape(answer) != np.shape(expected):  # its own shape is not said: a hidden argument could be put there
            transposed = np.shape(answer) == np.shape(expected)[::-1]
            return f"it {'is transposed' if transposed else 'has another shape'}; expected shape {np.shape(expected)}"
        if self.transform is not None:
            answer = self.transform(answer, expected)
        x, y = np.asarray(answer), np.asarray(expected)
        if x.dtype.kind not in "biufc":
            return f"it is {kind(answer)}; expected {kind(expected)}"
        finite = np.isfinite(y)
        if not np.isfinite(x[finite]).all():
            return "it has NaN or infinite values"
        if x.dtype.kind in "biu" and y.dtype.kind == "f" and not np.array_equal(y, np.round(y)):
            return "it is an array of integers; a cast to int loses all digits behind the point"
        if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
            return ""
        allowed = max(self.tolerance, SINGLE) if self.single and x.dtype == np.float32 else self.tolerance
        x, y = x[finite].astype(complex), y[finite].astype(complex)
        with np.errstate(over="ignore"):
            return None if np.linalg.norm(x - y) <= allowed * np.linalg.norm(y) + ROUNDING * np.sqrt(y.size) else ""


def kind(value: Any) -> str:
    """Say what sort of thing a value is, without its numbers."""
    if value is None:
        return "None (is there a `return`?)"
    if isinstance(value, np.ndarray):
        return "an array"
    return "one number" if isinstance(value, float | int | np.generic) else f"a {type(value).__name__}"


def holds(property_: Callable[[Any, Any], str]) -> Judge:
    """Return a judge of a property: (call, answer) -> "" if the answer has it, else what is wrong, in words.

    The solution is not asked; so the sentence may say anything of the answer.
    """

    def judge(calls, answers, right) -> Off | None:
        for call, answer in zip(calls, answers, strict=True):
            if sentence := property_(call, answer):
                return Off((), sentence)
        return None

    return judge
