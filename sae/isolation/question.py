"""What is asked of a function of a student's file: a call with its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Given:
    """A function that the student's function is handed: it travels as its source, and is made where it is called.

    Attributes
    ----------
    name : str
    source : str
        A few lines of Python that define it; NumPy is there as np.
    """

    name: str
    source: str

    def make(self) -> Callable:
        """Return the function."""
        namespace: dict[str, Any] = {"np": np}
        exec(self.source, namespace)
        return namespace[self.name]


@dataclass(frozen=True)
class Rng:
    """A generator that the student's function is handed: numpy.random.default_rng(seed), new for each call."""

    seed: int


@dataclass(frozen=True, init=False)
class Call:
    """One question: a function of the student's file, and its arguments.

    Arguments are numbers, strings, None, arrays, lists and tuples of these, `Given` and `Rng`.
    """

    function: str
    arguments: tuple[Any, ...]

    def __init__(self, function: str, *arguments: Any):
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)
