"""One submission examined: every test asked in a process of its own, points for what passed, remarks for the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from ..isolation import StudentError
from ..isolation.submission import Limits, answers, session
from .direct import ask
from .exercise import Call, Part, Test
from .explanation import Asked
from .feedback import Remark, diagnosed, in_words, remarks
from .judge import Off
from .library import Loaded
from .public import right as right_answers
from .source import module


@dataclass(frozen=True)
class Outcome:
    """What became of one test; `sentence` holds nothing that a student may not see."""

    name: str
    hidden: bool
    weight: int
    passed: bool
    sentence: str = ""


@dataclass(frozen=True)
class PartResult:
    """What became of one part: points in proportion to the weights of the tests that passed, to two digits."""

    function: str
    doing: str
    points: int
    score: float
    outcomes: list[Outcome]
    feedback: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What became of one submission."""

    exercise: str
    seed: int
    hidden: bool
    parts: list[PartResult]

    @property
    def score(self) -> float:
        """The sum over the parts."""
        return round(sum(part.score for part in self.parts), 2)

    @property
    def points(self) -> int:
        """How many can be had."""
        return sum(part.points for part in self.parts)

    @property
    def perfect(self) -> bool:
        """Whether every test passed."""
        return all(outcome.passed for part in self.parts for outcome in part.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {**asdict(self), "score": self.score, "points": self.points}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Result:
        """Return what `as_dict` was made of."""
        parts = [
            PartResult(
                **{key: part[key] for key in ("function", "doing", "points", "score")},
                outcomes=[Outcome(**outcome) for outcome in part["outcomes"]],
                feedback=[Remark(**remark) for remark in part["feedback"]],
            )
            for part in given["parts"]
        ]
        return cls(given["exercise"], given["seed"], given["hidden"], parts)


def examine(
    loaded: Loaded,
    path: str | os.PathLike,
    *,
    seed: int = 0,
    hidden: bool = True,
    parts: Collection[str] | None = None,
    limits: Limits | None = None,
    each: Callable[[Test], None] | None = None,
    printed: Callable[[Test, str], None] | None = None,
) -> Result:
    """Ask a submission all tests, and say what is wrong with it.

    Parameters
    ----------
    loaded : Loaded
        The exercise.
    path : path
        The student's Python file.
    seed : int
        Of the arguments in the questions: the same seed gives the same score.
    hidden : bool
        Whether the hidden tests are asked, too. Without them, what the student's code raises and prints is quoted.
    parts : collection of str, optional
        The functions to ask for; all of them otherwise.
    limits : Limits, optional
        Of time, memory and output, for each test.
    each : callable, optional
        Called with each test before it is asked.
    printed : callable, optional
        Called with each test and the beginning of what the student's code printed in it; never with `hidden`.

    Raises
    ------
    SaeError
        If there is no such file. Whatever is wrong with its code costs points only.
    """
    asking = Asking(Path(path), seed, hidden, limits or Limits(), each or _ignore, printed or _ignore)
    wanted = [part for part in loaded.exercise.parts if parts is None or part.function in parts]
    return Result(loaded.name, seed, hidden, [_part(loaded, part, asking) for part in wanted])


def _ignore(*_: Any) -> None:
    """Hear of a test, and do nothing."""


@dataclass(frozen=True)
class Asking:
    """Whom to ask, and how; see `examine`."""

    path: Path
    seed: int
    hidden: bool
    limits: Limits
    each: Callable[[Test], None]
    printed: Callable[[Test, str], None]

    @contextmanager
    def function(self, name: str) -> Iterator[Callable[..., Any]]:
        """Yield a function of the submission that answers again and again in one process, for a diagnosis."""
        with session(self.path, limits=self.limits, hidden=True) as ask_one:
            yield lambda *arguments: ask_one(Call(name, *arguments)).value


@lru_cache(maxsize=1024)
def question(loaded: Loaded, test: Test, seed: int) -> tuple[list[Call], list[Any]]:
    """Return the questions of a test and the right answers."""
    calls = test.calls(seed)
    return calls, right_answers(loaded, test, seed) if loaded.public else ask(module(loaded.source), calls)


def _part(loaded: Loaded, part: Part, asking: Asking) -> PartResult:
    outcomes, asked = [], []
    for test in loaded.exercise.of_part(part.function):
        if test.hidden and not asking.hidden:
            continue
        asking.each(test)
        outcome, found = _test(loaded, part, test, asking)
        outcomes.append(outcome)
        asked += [found] if found else []
    total = sum(outcome.weight for outcome in outcomes)
    passed = sum(outcome.weight for outcome in outcomes if outcome.passed)
    score = round(part.points * passed / total, 2) if total else 0.0
    feedback = []
    if passed < total:
        feedback = diagnosed(part, asking.function, asking.seed) if asked else []
        feedback = feedback or remarks(loaded, part, asked)
    return PartResult(part.function, part.doing, part.points, score, outcomes, feedback)


def _test(loaded: Loaded, part: Part, test: Test, asking: Asking) -> tuple[Outcome, Asked | None]:
    """Return what became of a test, and the answers, if there are any."""
    calls, right = question(loaded, test, asking.seed)

    def outcome(passed: bool, sentence: str = "") -> Outcome:
        return Outcome(test.name, test.hidden, test.weight, passed, sentence)

    try:
        told = partial(asking.printed, test)
        found = answers(asking.path, calls, limits=asking.limits, hidden=asking.hidden, on_print=told)
    except StudentError as error:
        return outcome(False, str(error)), None
    values = [answer.value for answer in found]
    off = judged(test, calls, values, right)
    asked = Asked(calls, values, right)
    if off is not None:
        return outcome(False, in_words(part, off, asked)), asked
    if changed := sorted({k for answer in found for k in answer.changed}):
        which = " and ".join(f"argument {k + 1}" for k in changed)
        return outcome(False, f"the answer is right, but {which} is changed in place; work on a copy"), None
    return outcome(True), asked


def judged(test: Test, calls, answers, right) -> Off | None:
    """Return what a judge finds; an answer that it can't look at is off."""
    try:
        with np.errstate(all="ignore"):
            return test.judge(calls, answers, right)
    except Exception:  # an answer of a form that the judge doesn't expect
        return Off((), "what it returns has not the form that is asked for")
