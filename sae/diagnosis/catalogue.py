"""The catalogue: every mistake of the page with the numbers that it would give."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np

from .cells import RIGHT, TERMS, Answer, Cell, Cells, Key, Questions, close, differing, scales
from .misconceptions import of_page
from .mistakes import Mistake, of_line
from .page import BLOCKS, Page

NOT_BY_RULE = (*BLOCKS, "grad")  # theta's layout: its mistakes are misconceptions
DOES_NOT_RUN = (SyntaxError, ValueError, TypeError, IndexError, ZeroDivisionError, AttributeError)  # nonsense


class Entry(NamedTuple):
    """A mistake, its numbers, and the cells that it changes."""

    mistake: Mistake
    cells: Cells
    changes: frozenset[Cell]


class Catalogue:
    """All mistakes at these questions."""

    def __init__(self, questions: Questions):
        self.questions, self.page = questions, Page(questions.options)
        self.problems = questions.all()
        self.known = [self.page.run(problem) for problem in self.problems]
        self.truth = questions.cells([(s["cost"], s["grad"]) for s in self.known])
        self.scale = scales(self.truth)
        last = self.problems[-1]
        self.slices = questions.options.layout(len(last.X), last.n_hidden).slices

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """All mistakes of the page, whether they run or not."""
        lines = (line for line in self.page.lines if line.symbol not in NOT_BY_RULE)
        return [*of_page(self.page), *chain.from_iterable(map(of_line, lines))]

    @cached_property
    def entries(self) -> list[Entry]:
        """Each mistake that changes a number."""
        return [entry for mistake in self.mistakes if (entry := self.entry(mistake))]

    @cached_property
    def distinct(self) -> list[Entry]:
        """Of mistakes with the same numbers, the likeliest."""
        kept: dict[bytes, Entry] = {}
        for entry in sorted(self.entries, key=lambda entry: entry.mistake.order):
            numbers = np.concatenate([entry.cells[cell] / self.scale[cell[1]] for cell in sorted(self.truth)])
            kept.setdefault(np.round(numbers, 7).tobytes(), entry)
        return list(kept.values())

    def entry(self, mistake: Mistake) -> Entry | None:
        """Return a mistake with its numbers, or None if it does not run or changes nothing."""
        cells = self.cells(dict(mistake.edits))
        changes = self.changes(cells) if cells else None
        return Entry(mistake, cells, changes) if cells and changes else None

    def cells(self, edits: dict[str, str]) -> Cells | None:
        """Return the numbers of the page with these lines replaced; None if that does not run."""
        answers = []
        for k in range(len(self.problems)):
            answer = self._answer(k, edits)
            if answer is None:
                return None
            answers.append(answer)
        return self.questions.cells(answers)

    def changes(self, cells: Cells) -> frozenset[Cell]:
        """Return the cells that are not those of the page."""
        return differing(cells, self.truth, RIGHT)

    def same(self, one: Cells, other: Cells, cell: Cell, tolerance: float) -> bool:
        """Whether two functions give the same numbers in a cell."""
        return close(one[cell], other[cell], tolerance, self.scale[cell[1]])

    def promising(self, edits: dict[str, str], observed: Cells, names: set[str], tolerance: float) -> bool:
        """Whether the numbers of these names come out at the last question, where all terms are on.

        That is one run of the page instead of one for each question: most mistakes are ruled out by it.
        """
        answer = self._answer(-1, edits)
        if answer is None:
            return False
        cost, grad = answer
        for name in names:
            found = np.array([cost]) if name == "cost" else grad[self.slices[name]]
            total = np.sum([part for (term, of), part in observed.items() if of == name and term in TERMS], axis=0)
            if not close(found, total[-found.size :], 10 * tolerance, self.scale[name]):
                return False
        return True

    def _answer(self, k: int, edits: dict[str, str]) -> Answer | None:
        """Return (cost, gradient) of the page with these lines replaced at one question; None if that does not run."""
        try:
            symbols = self.page.run(self.problems[k], edits, self.known[k])
            cost, grad = float(symbols["cost"]), symbols["grad"]
        except DOES_NOT_RUN:
            return None
        return (cost, grad) if np.shape(grad) == self.problems[k].theta.shape else None


@lru_cache(maxsize=8)
def catalogue(key: Key) -> Catalogue:
    """Return the catalogue at these questions, made once."""
    return Catalogue(key.questions())


def count(known: Catalogue) -> Counter[str]:
    """Return how many mistakes, all of different numbers, the catalogue knows of each step of the page."""
    return Counter(entry.mistake.step for entry in known.distinct)
