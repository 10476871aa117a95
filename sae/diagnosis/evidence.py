"""What is found out about a student's function before anything is said about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..errors import SaeError
from .catalogue import Catalogue, catalogue
from .cells import RIGHT, SINGLE, TERMS, Answer, Cell, Cells, Key, by_name, close, differing
from .forward import wrong_forward
from .page import Options, Page, Problem
from .probes import AGREES, answered, is_derivative
from .regression import coefficient
from .search import Explanation, explain
from .student import Examined

SIZES = (7, 5)  # n and n_hidden of the questions: no square matrix, and nothing takes long
OFF = (0.0, 0.5)  # lambda and beta are put to 0, and only halved if the function can't take that
SINGLE_AGREES = 1e-2  # of the derivative of a cost in single precision


@dataclass
class Evidence:
    """A student's answers beside those of the page.

    Attributes
    ----------
    examined : Examined
        The student's function, with the side effects noticed.
    known : Catalogue
        The page at the same questions, and every mistake.
    observed : dict
        The student's cells.
    at_first : (float, array)
        What was answered first of all, before anything could be kept from call to call.
    whole : list of str
        "cost" and blocks that are wrong for the problem given.
    forward : str
        The first wrong step of the forward pass; "" if a3 is right or not known to be wrong.
    consistent : bool or None
        Whether the gradient is the derivative of the student's own cost; None if that is not known.
    """

    examined: Examined
    known: Catalogue
    observed: Cells
    at_first: Answer
    whole: list[str] = field(default_factory=list)
    forward: str = ""
    consistent: bool | None = None

    @property
    def page(self) -> Page:
        """The page with the options asked for."""
        return self.known.page

    @property
    def first(self) -> Problem:
        """The first problem, with all terms on."""
        return self.known.questions.problems[0]

    @property
    def tolerance(self) -> float:
        """What counts as rounding."""
        return SINGLE if self.examined.single else RIGHT

    @cached_property
    def wrong(self) -> frozenset[Cell]:
        """The cells that differ from the page's."""
        return differing(self.observed, self.known.truth, self.tolerance)

    @cached_property
    def wrong_blocks(self) -> list[str]:
        """The blocks with a wrong cell."""
        names = {name for _, name in self.wrong}
        return [name for name in self.page.options.names if name in names]

    @cached_property
    def in_both(self) -> set[str]:
        """The terms that are wrong in the cost and in the gradient."""
        return {
            term
            for term in TERMS
            if (term, "cost") in self.wrong and any((term, name) in self.wrong for name in self.page.options.names)
        }

    @cached_property
    def leftovers(self) -> set[str]:
        """The terms where only a share of another is wrong, one that does not go away with its lambda or beta."""
        found = {term for term, _ in self.wrong}
        left = set()
        for term in TERMS:
            others = found - left - {term}
            if term in found and any(self._is_share(term, other) for other in TERMS if other in others):
                left.add(term)
        return left

    def _is_share(self, term: str, other: str) -> bool:
        cells = [cell for cell in self.wrong if cell[0] == term]
        blocks = [cell for cell in cells if cell[1] != "cost"]  # a single cost is a share of anything
        return all(self._is_multiple(cell, other) for cell in blocks or cells)

    def _is_multiple(self, cell: Cell, other: str) -> bool:
        extra, truth = self.observed[cell] - self.known.truth[cell], self.known.truth[other, cell[1]]
        parts = len(self.known.questions.problems) if cell[1] != "cost" else 1  # lambda may be rho, another in each
        found = [coefficient(x, y) for x, y in zip(np.split(extra, parts), np.split(truth, parts), strict=True)]
        return all(abs(c) > RIGHT and rest < 100 * RIGHT * (1 + abs(c)) for c, rest in found)

    @cached_property
    def explanation(self) -> Explanation:
        """The mistakes that give the student's numbers."""
        return explain(self.known, self.observed, self.tolerance) if self.wrong else Explanation([], frozenset())

    def wrong_at_first(self) -> list[str]:
        """Return "cost" and the blocks that were wrong in the very first answer."""
        return differing_names(self.page, self.known.problems[-1], self.at_first, self.tolerance)


def gather(student: Callable, options: Options, given: Problem, seed: int) -> Evidence:
    """Ask small questions, then the same again for side effects, then the problem given."""
    examined = Examined(student)
    known, observed, at_first = _observe(examined, options, given, seed)
    if not any(np.isfinite(cell).all() for cell in observed.values()):
        raise SaeError("the function answers NaN or infinity everywhere; expected finite numbers.")
    first = known.questions.problems[0]
    other = examined.look_for_memory(known.problems[-1], at_first, first)
    if "memory" not in examined.effects:
        examined.look_for_precision(first, options)
    evidence = Evidence(examined, known, observed, at_first)
    if not evidence.wrong and _wrong_at(evidence, other):
        examined.note_stale()
    evidence.whole = _wrong_at(evidence, given)
    _probe(evidence, np.random.default_rng(seed))
    return evidence


def _probe(evidence: Evidence, rng: np.random.Generator) -> None:
    """Ask what goes with lambda = beta = 0, or with another m, and is not known of a function that can't take that."""
    examined, page, first = evidence.examined, evidence.page, evidence.first
    if "data" in evidence.in_both - evidence.leftovers:
        evidence.forward = answered(lambda: wrong_forward(examined, page, first, rng), "")
    if evidence.wrong:
        agrees = SINGLE_AGREES if examined.single else AGREES
        evidence.consistent = answered(lambda: is_derivative(examined, first, rng, agrees), None)


def _observe(examined: Examined, options: Options, given: Problem, seed: int) -> tuple[Catalogue, Cells, Answer]:
    """Ask at small sizes or, if that fails, at the sizes given; return the very first answer, too."""
    failures = []
    for sizes in (SIZES, (len(given.X), given.n_hidden)):
        for off in OFF:
            known = catalogue(Key(options, *sizes, given.lam > 0, given.beta > 0, seed, off))
            try:
                answers = [examined(problem) for problem in known.problems[::-1]][::-1]  # all terms first
            except SaeError as error:
                failures.append(error)
            else:
                return known, known.questions.cells(answers), answers[-1]
    raise failures[0]


def _wrong_at(evidence: Evidence, problem: Problem) -> list[str]:
    return differing_names(evidence.page, problem, evidence.examined(problem), evidence.tolerance)


def differing_names(page: Page, problem: Problem, answer: Answer, tolerance: float) -> list[str]:
    """Return where an answer is wrong: "cost" and blocks."""
    symbols = page.run(problem)
    mine = by_name(page.options, problem, *answer)
    yours = by_name(page.options, problem, symbols["cost"], symbols["grad"])
    return [k for k in yours if not close(mine[k], yours[k], tolerance, float(np.linalg.norm(yours[k])))]
