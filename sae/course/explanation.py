"""Which known mistakes give a student's numbers: answers compared, output by output, with those of every mutant.

One mutant that gives all of the wrong numbers is looked for, then mutants that are independent of each other: each
explains some of the wrong cells and touches no others. A cell is one output of one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .exercise import Call, Part
from .judge import Same
from .library import Loaded
from .mutants import Mutant, answers_of, of_function
from .source import functions

SAME = Same(1e-6, True, None)

Cell = tuple[int, str]


class Asked(NamedTuple):
    """The questions of some tests, the student's answers and the right ones."""

    calls: Sequence[Call]
    answers: Sequence[Any]
    right: Sequence[Any]


class Explanation(NamedTuple):
    """A mutant and the cells that it explains."""

    mutant: Mutant
    cells: frozenset[Cell]


def blocks(part: Part, call: Call, answer: Any) -> dict[str, Any]:
    """Return an answer taken apart into named outputs."""
    if part.blocks is not None:
        return part.blocks(call.arguments, answer)
    items = (answer,) if len(part.outputs) == 1 else answer
    return dict(zip(part.outputs, items, strict=True))


def cells(part: Part, calls: Sequence[Call], answers: Sequence[Any]) -> dict[Cell, Any] | None:
    """Return the outputs of several answers, by the answer and the name; None if one has another form."""
    try:
        apart = [blocks(part, call, answer) for call, answer in zip(calls, answers, strict=True)]
    except Exception:  # whatever a student's answer leads to
        return None
    return {(k, name): value for k, found in enumerate(apart) for name, value in found.items()}


def wrong_cells(part: Part, asked: Asked) -> list[Cell]:
    """Return the cells that are off; none where answers are judged by a property."""
    if not isinstance(part.judge, Same):
        return []
    found, right = cells(part, asked.calls, asked.answers), cells(part, asked.calls, asked.right)
    if found is None or right is None or list(found) != list(right):
        return []
    return [cell for cell in right if part.judge.differences(found[cell], right[cell])]


def explain(loaded: Loaded, part: Part, asked: Asked, wrong: Sequence[Cell]) -> list[Explanation]:
    """Return the mutants that give the student's numbers, the one that explains most first."""
    fitting = []
    for mutant in _known(loaded, part):
        changed = _changed(loaded, part, asked, mutant)
        if changed and not isinstance(part.judge, Same):  # any answer may be right: this is the mutant's throughout
            return [Explanation(mutant, changed)]
        if changed and changed <= set(wrong):
            fitting.append(Explanation(mutant, changed))
    return _cover(fitting, set(wrong))


def _changed(loaded: Loaded, part: Part, asked: Asked, mutant: Mutant) -> frozenset[Cell] | None:
    """Return the cells that a mutant changes; None if the student's are others there, at the first such call."""
    namespace, changed = mutant.namespace(loaded), set()
    for k, (call, answer, right) in enumerate(zip(*asked, strict=True)):
        answers = answers_of(namespace, [call])
        theirs, ours, known = (cells(part, [call], found) for found in ([answer], answers or [], [right]))
        if (
            theirs is None
            or known is None
            or answers is None
            or ours is None
            or not list(theirs) == list(ours) == list(known)
        ):
            return None
        for cell, value in ours.items():
            differs = _differs(part, value, known[cell])
            if (differs or not isinstance(part.judge, Same)) and SAME.differences(theirs[cell], value):
                return None
            if differs:
                changed.add((k, cell[1]))
    return frozenset(changed)


def _differs(part: Part, value: Any, right: Any) -> bool:
    judge = part.judge if isinstance(part.judge, Same) else SAME
    return bool(judge.differences(value, right))


def _cover(fitting: list[Explanation], wrong: set[Cell]) -> list[Explanation]:
    """Choose mutants that are independent of each other until the wrong cells are explained."""
    chosen, left = [], set(wrong)
    for found in sorted(fitting, key=lambda found: (-len(found.cells), found.mutant.order)):
        if found.cells <= left:
            chosen.append(found)
            left -= found.cells
    return chosen


def _known(loaded: Loaded, part: Part) -> Iterator[Mutant]:
    """Yield the mutants of a part and of functions that are none; nothing where there is no solution to change."""
    if not loaded.public:
        parts = {other.function for other in loaded.exercise.parts}
        for name in functions(loaded.source):
            if name == part.function or name not in parts:
                yield from of_function(loaded, name)[0]
