"""Numbers that remember how they were computed: run a line of NumPy on them, and read it worked out."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

DIGITS = 5  # of the numbers in the text


def _operation(function: Callable, sign: str, rank: int, left: int, right: int):
    """Return a binary operator and its reflection; an operand of a rank below `left` or `right` takes parentheses."""

    def forward(self, other):
        if isinstance(other, np.ndarray):
            return NotImplemented  # the array's own operator goes through its elements
        other = _worked(other)
        text = f"{self.within(left)}{sign}{other.within(right)}"
        return Worked(function(self.value, other.value), text, rank)

    return forward, lambda self, other: forward(_worked(other), self)


class Worked:
    """A number that remembers how it was computed, as `text`; `rank` is that of its last operation.

    0 is a sum or a sign, 1 a product or quotient, 2 a power, 3 none.
    """

    def __init__(self, value, text: str | None = None, rank: int = 3):
        self.value = value
        self.text = f"{value:.{DIGITS}g}" if text is None else text
        self.rank = 0 if text is None and self.text.startswith("-") else rank

    __add__, __radd__ = _operation(operator.add, " + ", 0, 0, 1)
    __sub__, __rsub__ = _operation(operator.sub, " - ", 0, 0, 1)
    __mul__, __rmul__ = _operation(operator.mul, "*", 1, 1, 2)
    __truediv__, __rtruediv__ = _operation(operator.truediv, "/", 1, 1, 2)
    __pow__, __rpow__ = _operation(operator.pow, "^", 2, 3, 3)

    def __neg__(self):
        return Worked(-self.value, f"-{self.within(1)}", 0)

    def exp(self):
        """What np.exp calls."""
        return Worked(np.exp(self.value), f"exp({self.text})")

    def log(self):
        """What np.log calls."""
        return Worked(np.log(self.value), f"log({self.text})")

    def within(self, rank: int) -> str:
        """Return the text, in parentheses unless it is of this rank at least."""
        return self.text if self.rank >= rank else f"({self.text})"


def _worked(x) -> Worked:
    return x if isinstance(x, Worked) else Worked(x)
