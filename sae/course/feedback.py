"""What a teaching assistant would say: which outputs are off, which misconception gives these numbers, which equation.

Nothing that is said holds a right value: sentences come from the catalogue, names and tags from the exercise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from ..diagnosis.vocabulary import listed
from ..errors import SaeError
from .exercise import Part
from .explanation import Asked, explain, wrong_cells
from .judge import Off
from .library import Loaded


@dataclass(frozen=True)
class Remark:
    """Something to look at.

    Attributes
    ----------
    tag : str
        The equation, "" if it can't be said.
    sentence : str
    certain : bool
        Whether a known mistake gives just these numbers.
    """

    tag: str
    sentence: str
    certain: bool

    def __str__(self) -> str:
        """Return the sentence and where to look."""
        where = f": look at ({self.tag}) again" if self.tag and f"({self.tag})" not in self.sentence else ""
        return f"{self.sentence}{where}."


def names_of(part: Part, off: Sequence[str]) -> list[str]:
    """Return the names of outputs, given by position such as "1" or "1.0"; the answer as a whole is no output."""
    found = []
    for position in off:
        head, _, rest = position.partition(".")
        if len(part.outputs) == 1:
            head, rest = "0", position
        if head.isdigit() and int(head) < len(part.outputs):
            inner = "".join(f"[{k}]" for k in rest.split(".") if k)
            found.append(part.outputs[int(head)] + inner)
    return list(dict.fromkeys(found))


def in_words(part: Part, off: Off, asked: Asked) -> str:
    """Say what is wrong with the answers of one test."""
    names = wrong_blocks(part, asked) or names_of(part, off.outputs)
    return ": ".join(filter(None, (_are_off(names), off.sentence))) or "it is off"


def wrong_blocks(part: Part, asked: Asked) -> list[str]:
    """Return the names of what is off, in the order of the outputs; nothing if an answer can't be taken apart."""
    return _in_order(part, (name for _, name in wrong_cells(part, asked)))


def remarks(loaded: Loaded, part: Part, asked: Sequence[Asked]) -> list[Remark]:
    """Return what to look at in a part of which a test failed; nothing where there are no answers to look at."""
    together = Asked(*([item for one in asked for item in one[k]] for k in range(3)))
    wrong = wrong_cells(part, together)
    explained = explain(loaded, part, together, wrong) if asked else []
    left = set(wrong).difference(*(found.cells for found in explained))
    where = f"{_are_off(wrong_blocks(part, together))}; " if len(explained) == 1 and wrong and not left else ""
    found = [Remark(mutant.tag, where + mutant.sentence, True) for mutant, _ in explained]
    if left:
        names = _are_off(_in_order(part, (name for _, name in left)))
        besides = "besides, " if explained else ""
        sentence = f"{besides}{names}; no known mistake gives these numbers: look at {_tags(part)} again"
        found.append(Remark("", sentence, False))
    return found


def diagnosed(part: Part, function: Callable[[str], AbstractContextManager[Callable]], seed: int) -> list[Remark]:
    """Return what the part's own diagnosis says; `function` opens the student's function by name."""
    if part.diagnose is None:
        return []
    try:
        with function(part.function) as student, np.errstate(all="ignore"):
            sentences = part.diagnose(student, np.random.default_rng(seed))
    except SaeError:  # it gives no answer there: what the tests say is all that is known
        return []
    return [Remark("", sentence.rstrip("."), True) for sentence in sentences]


def _are_off(names: Sequence[str]) -> str:
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} off" if names else ""


def _in_order(part: Part, names) -> list[str]:
    known = list(dict.fromkeys(names))
    return sorted(known, key=lambda name: part.outputs.index(name) if name in part.outputs else len(part.outputs))


def _tags(part: Part) -> str:
    """Return the equations of a part: (E1), (E3) to (E5)."""
    runs: list[list[str]] = []
    for tag in part.equations:
        if runs and _next(runs[-1][-1]) == tag:
            runs[-1].append(tag)
        else:
            runs.append([tag])
    return listed([f"({run[0]}) to ({run[-1]})" if len(run) > 2 else listed([f"({t})" for t in run]) for run in runs])


def _next(tag: str) -> str:
    letter, number = re.fullmatch(r"([A-Z]+)(\d+)", tag).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return f"{letter}{int(number) + 1}"
