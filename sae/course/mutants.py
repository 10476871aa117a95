"""The mutants of a solution: each tagged line with each slip of the catalogue, and the misconceptions of the topic.

They serve twice: the kill matrix asks whether the tests notice them, and the feedback whether one of them gives the
numbers that a student's function gives.
"""

from __future__ import annotations

import ast
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..diagnosis import rules
from ..diagnosis.mistakes import of_line
from ..diagnosis.page import Line
from ..diagnosis.vocabulary import INSTEAD, spoken
from . import slips
from .direct import ask
from .exercise import Call, Part
from .library import Loaded
from .source import Function, Tagged, functions, module, mutated, mutated_text

DRAWS = 16  # of arguments, at which it is found out whether a mutant changes anything
STREAM = 8  # of the generator of these draws; tests have others
ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True)
class Mutant:
    """The solution with one mistake.

    Attributes
    ----------
    function, tag : str
        Where it is, and the equation.
    sentence : str
    edits : tuple of (key, right side)
        See `source.Function.edited`.
    order : int
        Which one to believe first where two give the same numbers: small is likelier.
    """

    function: str
    tag: str
    sentence: str
    edits: tuple[tuple[str, str], ...]
    order: int = 5

    def namespace(self, loaded: Loaded) -> dict[str, Any]:
        """Return the functions of the solution with this mistake."""
        return _namespace(loaded.source, self.function, self.edits)

    def text(self, loaded: Loaded) -> str:
        """Return the file that a student with this mistake would hand in."""
        return mutated_text(loaded.source, self.function, self.edits)


@lru_cache(maxsize=4096)
def _namespace(source: str, function: str, edits: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # nonsense such as 2[:, None]
        return mutated(source, function, edits)


def possible(loaded: Loaded, name: str) -> Iterator[Mutant]:
    """Yield all mutants of a function of the solution, whether they run and change anything or not."""
    exercise = loaded.exercise
    with spoken(exercise.words):
        for m in exercise.misconceptions:
            if m.function == name:
                yield Mutant(name, m.tag, f"{m.sentence.rstrip('.')}", tuple(m.edits.items()), m.order)
        for mistake in exercise.catalogue.get(name, tuple)():
            yield Mutant(name, mistake.tag, mistake.sentence.rstrip("."), mistake.edits, mistake.order)
        yield from _of_function(functions(loaded.source)[name], {**INSTEAD, **exercise.instead})


def _of_function(function: Function, instead: dict[str, tuple[str, ...]]) -> Iterator[Mutant]:
    counts: dict[str, int] = {}
    for line in function.lines:
        counts[line.symbol] = counts.get(line.symbol, 0) + 1
        key = line.symbol if counts[line.symbol] == 1 else f"{line.symbol}#{counts[line.symbol]}"
        for sentence, source, order in _of_line(line, instead):
            yield Mutant(function.name, line.tag, sentence, ((key, source),), order)


def _of_line(line: Tagged, instead: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str, int]]:
    """Yield (sentence, what stands there, order); a tuple's slips are those of its entries."""
    value = ast.parse(line.source.strip(), mode="eval").body
    source = ast.unparse(value)
    symbol = line.symbol if line.symbol != "return" else "what is returned"

    def rule(node: ast.expr):
        yield from rules.of_node(node, instead)
        yield from slips.of_node(node)

    for mistake in of_line(Line(symbol, line.tag, source), rule, instead):
        yield mistake.sentence.rstrip("."), dict(mistake.edits)[symbol], mistake.order


@dataclass(frozen=True)
class Battery:
    """Questions of random values and sizes about one part, and the right answers."""

    part: Part
    calls: Sequence[Call]
    right: Sequence[Any]

    def changes(self, answers: Sequence[Any] | None) -> bool:
        """Whether answers differ from the right ones anywhere; None is an exception."""
        return answers is None or not accepted(self.part.judge, self.calls, answers, self.right)


def accepted(judge, calls: Sequence[Call], answers: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether a judge finds nothing wrong; what it can't even look at is wrong."""
    try:
        with np.errstate(all="ignore"):
            return judge(calls, answers, right) is None
    except Exception:  # an answer of a form that the judge doesn't expect
        return False


def answers_of(namespace: dict[str, Any], calls: Sequence[Call]) -> list[Any] | None:
    """Return answers, or None where there is an exception."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ask(namespace, calls)
    except Exception:  # whatever a mutant raises
        return None


@lru_cache(maxsize=32)
def batteries(loaded: Loaded) -> dict[str, Battery]:
    """Return the questions about each part."""
    solution, found = module(loaded.source), {}
    for k, part in enumerate(loaded.exercise.parts):
        rng = np.random.default_rng([STREAM, k])
        calls = [Call(part.function, *part.draw(rng)) for _ in range(DRAWS)]
        found[part.function] = Battery(part, calls, ask(solution, calls))
    return found


def distinct(loaded: Loaded) -> tuple[list[Mutant], int]:
    """Return the mutants that run and change a result, one of each that give the same numbers; and how many don't.

    The likeliest of those that give the same numbers is kept.
    """
    found = [of_function(loaded, name) for name in functions(loaded.source)]
    return [mutant for mutants, _ in found for mutant in mutants], sum(unchanged for _, unchanged in found)


def of_function(loaded: Loaded, name: str) -> tuple[list[Mutant], int]:
    """Return the mutants of one function; see `distinct`."""
    with ONE_AT_A_TIME:  # threads that grade wait for the first, instead of making the same
        return _mutants_of(loaded, name)


@lru_cache(maxsize=256)
def _mutants_of(loaded: Loaded, name: str) -> tuple[list[Mutant], int]:
    asked, kept, unchanged = batteries(loaded), {}, 0
    for mutant in sorted(possible(loaded, name), key=lambda mutant: mutant.order):
        result = behaviour(loaded, mutant, asked)
        if result is None:
            unchanged += 1
        else:
            kept.setdefault(result, mutant)
    return list(kept.values()), unchanged


def behaviour(loaded: Loaded, mutant: Mutant, asked: dict[str, Battery]) -> bytes | None:
    """Return what a mutant answers, in a form that can be compared; None if it never runs or changes nothing."""
    try:
        namespace = mutant.namespace(loaded)
    except Exception:  # two slips make nonsense such as 2[:, None]
        return None
    parts = [mutant.function] if mutant.function in asked else list(asked)
    result, runs, changes = [], False, False
    for part in parts:
        battery = asked[part]
        for call, right in zip(battery.calls, battery.right, strict=True):
            answers = answers_of(namespace, [call])
            runs |= answers is not None
            changes = changes or answers is None or not accepted(battery.part.judge, [call], answers, [right])
            result.append(b"raises" if answers is None else _numbers(answers[0]))
    return b"|".join(result) if runs and changes else None


def _numbers(value: Any) -> bytes:
    """Return a value to seven digits."""
    if isinstance(value, list | tuple):
        return b"(" + b",".join(map(_numbers, value)) + b")"
    if isinstance(value, np.ndarray | np.generic | float | int):
        x = np.asarray(value, dtype=complex if np.iscomplexobj(value) else float)
        size = np.abs(x[np.isfinite(x)]).max(initial=0.0) or 1.0
        return repr(x.shape).encode() + f"{size:.6e}".encode() + (np.round(x / size, 7) + 0.0).tobytes()
    return repr(value).encode()
