"""Whether the same question has the same answer: noise is data, given to a function and never drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .exercise import Draw
from .judge import Off


def repeated(calls, answers, right) -> Off | None:
    """Judge the same call, asked twice."""
    if _same(*answers):
        return None
    return Off((), "the same question has another answer each time; is something drawn that is given?")


def held(draw: Draw, sentence: str) -> Callable[[Callable, np.random.Generator], list[str]]:
    """Return a diagnosis: the sentence if a function answers the same arguments in two ways."""

    def diagnose(function: Callable, rng: np.random.Generator) -> list[str]:
        arguments = draw(rng)
        return [] if _same(function(*arguments), function(*arguments)) else [sentence]

    return diagnose


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return np.array_equal(one, other, equal_nan=True)
