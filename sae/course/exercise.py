"""An exercise: its parts, what students are asked for in each, and the tests that ask.

The folder of an exercise holds

    solution.py      the page with marked solution regions; it runs, and everything else is made of it
    handout.md       the mathematics asked for
    exercise.py      `exercise = Exercise(...)`, and the public checks
    hidden.py        the hidden tests
    alternatives/    correct solutions written differently, each with all functions
    *.png            pictures of good and bad results, for the handout

A test says what is asked, never what is expected: the right answers are those of the solution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import SaeError
from ..isolation.question import Call as Call
from ..isolation.question import Given as Given
from ..isolation.question import Rng as Rng
from .judge import Judge, same

Draw = Callable[[np.random.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class Part:
    """One function that the student writes.

    Attributes
    ----------
    function : str
        Its name.
    points : int
    equations : tuple of str
        The tags of the handout that it rests on.
    outputs : tuple of str
        What it returns, by name: one value, or a tuple of that many.
    draw : Generator -> arguments
        Draws arguments of random values and sizes, one example and one unit among them: with these it is found out
        which mutants change a result at all.
    judge : Judge
        How answers are compared with the solution's.
    doing : str
        What the part is about, in a few words.
    blocks : callable, optional
        (arguments, answer) -> {name: array}: takes a packed gradient apart, so that feedback can name its blocks.
    diagnose : callable, optional
        (function, Generator) -> sentences: a diagnosis that asks questions of its own, such as `sae.diagnose`.
    """

    function: str
    points: int
    equations: tuple[str, ...]
    outputs: tuple[str, ...]
    draw: Draw
    judge: Judge = field(default_factory=same)
    doing: str = ""
    blocks: Callable[[tuple, Any], dict[str, Any]] | None = None
    diagnose: Callable[[Callable, np.random.Generator], list[str]] | None = None


@dataclass(frozen=True)
class Misconception:
    """What is believed wrongly: right sides that replace those of tagged lines of the solution.

    Attributes
    ----------
    function : str
        The function of the solution whose lines are changed.
    tag : str
        The equation to look at again.
    sentence : str
        What a teaching assistant would say, without the solution: begins in lower case, ends without a stop.
    edits : dict of str to str
        By the symbol that the line assigns ("return" for a return); "J#2" is the second line that assigns J. A symbol
        that no line assigns, such as an argument, is assigned at the beginning.
    order : int
        Which one to believe first where two give the same numbers: small is likelier.
    """

    function: str
    tag: str
    sentence: str
    edits: dict[str, str]
    order: int = 1


@dataclass(frozen=True)
class Test:
    """Some questions about one part.

    Attributes
    ----------
    name : str
        As the student sees it.
    part : str
    hidden : bool
    ask : Generator -> calls
    judge : Judge
    weight : int
        Its share of the part's points, as a ratio to the others.
    """

    __test__ = False  # for pytest

    name: str
    part: str
    hidden: bool
    ask: Callable[[np.random.Generator], Sequence[Call]]
    judge: Judge
    weight: int = 1

    def calls(self, seed: int) -> list[Call]:
        """Return the questions, the same for the same seed."""
        stream = int.from_bytes(f"{self.part}/{self.name}".encode(), "big") % 2**63
        calls = list(self.ask(np.random.default_rng([seed, stream])))
        if not calls:
            raise SaeError(f"the test {self.name!r} of {self.part} asks nothing; expected calls.")
        return calls


@dataclass
class Exercise:
    """What is asked, and the tests.

    Attributes
    ----------
    title : str
    source : str
        The notes that it belongs to.
    reading, work : int
        Minutes to read the handout, and to do the exercise.
    parts : sequence of Part
    misconceptions : sequence of Misconception
        Beside the slips of the pen, which are made of each tagged line of the solution by rule.
    catalogue : dict of str to callable
        For a function whose lines are those of a page that the library's catalogue knows: () -> its mistakes.
    instead : dict of str to tuple of str
        What may be written for a piece of a line by mistake, beside what is known of the page's symbols.
    words : dict of str to str
        How to say a piece of a line.
    data : callable, optional
        () -> {name: array}: what data.npz of the student's folder holds.
    figures : callable, optional
        () -> {name: Figure}: the pictures of the handout, name.png.
    """

    title: str
    source: str
    reading: int
    work: int
    parts: Sequence[Part]
    misconceptions: Sequence[Misconception] = ()
    catalogue: dict[str, Callable[[], Iterable[Any]]] = field(default_factory=dict)
    instead: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    data: Callable[[], dict[str, np.ndarray]] | None = None
    figures: Callable[[], dict[str, Any]] | None = None
    tests: list[Test] = field(default_factory=list, init=False)

    def part(self, function: str) -> Part:
        """Return the part of a function."""
        for part in self.parts:
            if part.function == function:
                return part
        known = ", ".join(part.function for part in self.parts)
        raise SaeError(f"there is no part {function!r} in this exercise; it has {known}.")

    def check(self, part: str, *, judge: Judge | None = None, weight: int = 1):
        """Register a public check: a function Generator -> calls whose docstring says what is asked."""
        return self._register(part, False, judge, weight)

    def hidden(self, part: str, *, judge: Judge | None = None, weight: int = 1):
        """Register a hidden test; students see its docstring's first line, but no numbers."""
        return self._register(part, True, judge, weight)

    def _register(self, part: str, hidden: bool, judge: Judge | None, weight: int):
        own = self.part(part)

        def register(ask):
            name = (ask.__doc__ or ask.__name__.replace("_", " ")).strip().splitlines()[0].rstrip(".")
            if any(test.part == part and test.name == name for test in self.tests):
                raise SaeError(f"there are two tests {name!r} of {part}; expected a docstring of its own for each.")
            self.tests.append(Test(name, part, hidden, ask, judge or own.judge, weight))
            return ask

        return register

    def of_part(self, part: str) -> Iterator[Test]:
        """Yield the tests of a part, public ones first."""
        yield from sorted((test for test in self.tests if test.part == part), key=lambda test: test.hidden)
