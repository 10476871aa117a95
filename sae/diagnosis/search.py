"""The search: which mistakes of the catalogue, alone or together, give a student's numbers.

One mistake that gives them all is looked for first. Then mistakes that are independent of each other: each explains
some of the wrong cells and touches no others. At last two in the same numbers, where neither alone shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from .catalogue import Catalogue, Entry
from .cells import Cell, Cells, differing
from .mistakes import Mistake, twice

PAIRS = 6000  # pairs of mistakes in the same numbers that are tried, the likeliest first
LIKELY = 3  # the order up to which a mistake is combined with a second one in its own line


class Explanation(NamedTuple):
    """Sets of mistakes that together give the student's numbers, the likeliest first, and the cells that are left."""

    sets: list[list[Mistake]]
    left: frozenset[Cell]

    @property
    def best(self) -> list[Mistake]:
        """The likeliest set, if it explains everything; else none."""
        return self.sets[0] if self.sets and not self.left else []


class Pair(NamedTuple):
    """Two mistakes in the same numbers, and the cells that they change together."""

    mistakes: list[Mistake]
    changes: frozenset[Cell]


def explain(known: Catalogue, observed: Cells, tolerance: float) -> Explanation:
    """Return the mistakes that give the student's numbers."""
    wrong = differing(observed, known.truth, tolerance)
    if alone := _alone(known, observed, wrong, tolerance):
        return Explanation([[mistake] for mistake in alone], frozenset())
    fitting = _fitting(known, observed, wrong, tolerance)
    cover, left = _cover(fitting, wrong)
    if left and (pair := _pair(known, observed, wrong, left, tolerance)):
        apart = [entry for entry in fitting if not entry.changes & pair.changes]
        rest, left = _cover(apart, wrong - pair.changes)
        cover = [*pair.mistakes, *rest]
    return Explanation([cover] if cover else [], left)


def _alone(known: Catalogue, observed: Cells, wrong: frozenset[Cell], tolerance: float) -> list[Mistake]:
    """Return the mistakes that give all of the student's numbers, the likeliest first."""
    found, names = [], {name for _, name in wrong}
    for mistake in known.mistakes:
        edits = dict(mistake.edits)
        if known.promising(edits, observed, names, tolerance):
            cells = known.cells(edits)
            if cells and all(known.same(cells, observed, cell, tolerance) for cell in observed):
                found.append(mistake)
    return sorted(found, key=lambda mistake: mistake.order)


def _fitting(known: Catalogue, observed: Cells, wrong: frozenset[Cell], tolerance: float) -> list[Entry]:
    """Return the mistakes that give the student's numbers wherever they change any; those that change most first."""
    fitting = [
        entry
        for entry in known.entries
        if entry.changes <= wrong and all(known.same(entry.cells, observed, cell, tolerance) for cell in entry.changes)
    ]
    return sorted(fitting, key=lambda entry: (-len(entry.changes), entry.mistake.order))


def _cover(fitting: list[Entry], wrong: frozenset[Cell]) -> tuple[list[Mistake], frozenset[Cell]]:
    """Choose mistakes that are independent of each other until the wrong cells are explained; return what is left."""
    cover, left = [], wrong
    for entry in fitting:
        if entry.changes <= left:
            cover.append(entry.mistake)
            left -= entry.changes
    return cover, left


def _pair(
    known: Catalogue, observed: Cells, wrong: frozenset[Cell], left: frozenset[Cell], tolerance: float
) -> Pair | None:
    """Find two mistakes in the same numbers: neither alone gives them, together they do."""
    possible = [entry for entry in known.distinct if entry.changes <= wrong]
    pairs = [*_in_two_lines(possible, left), *_in_one_line(known, possible, left)]
    pairs.sort(key=lambda mistakes: sum(mistake.order for mistake in mistakes))
    names = {name for _, name in left}
    for mistakes in pairs[:PAIRS]:
        edits = dict(edit for mistake in mistakes for edit in mistake.edits)
        cells = known.cells(edits) if known.promising(edits, observed, names, tolerance) else None
        if cells:
            changes = known.changes(cells)
            if left <= changes <= wrong and all(known.same(cells, observed, cell, tolerance) for cell in changes):
                return Pair(mistakes, changes)
    return None


def _in_two_lines(possible: list[Entry], left: frozenset[Cell]) -> Iterator[list[Mistake]]:
    with_symbols = [(entry, {symbol for symbol, _ in entry.mistake.edits}) for entry in possible]
    for (a, lines_of_a), (b, lines_of_b) in combinations(with_symbols, 2):
        if left <= a.changes | b.changes and not lines_of_a & lines_of_b:
            yield [a.mistake, b.mistake]


def _in_one_line(known: Catalogue, possible: list[Entry], left: frozenset[Cell]) -> Iterator[list[Mistake]]:
    for mistake, _, changes in possible:
        own_line = [symbol for symbol, _ in mistake.edits] == [mistake.step] and mistake.step in known.page.index
        if own_line and left <= changes and mistake.order <= LIKELY:
            yield from ([second] for second in twice(known.page[mistake.step], mistake))
