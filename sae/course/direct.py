"""Our own functions, the solution and its mutants, asked in this process; students' are asked in another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .exercise import Call, Given, Rng


def fresh(argument: Any) -> Any:
    """Return an argument as a function is given it: a copy, a function, a new generator."""
    if isinstance(argument, np.ndarray):
        return argument.copy()
    if isinstance(argument, Given):
        return argument.make()
    if isinstance(argument, Rng):
        return np.random.default_rng(argument.seed)
    if isinstance(argument, list | tuple):
        return type(argument)(fresh(item) for item in argument)
    return argument


def ask(namespace: dict[str, Any], calls: Sequence[Call]) -> list[Any]:
    """Return the answers of functions of this process."""
    with np.errstate(all="ignore"):
        return [namespace[call.function](*(fresh(argument) for argument in call.arguments)) for call in calls]
