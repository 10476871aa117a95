"""The kill matrix: which test notices which mutant, and whether the tests are as good as they must be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .direct import ask
from .exercise import Test
from .library import Loaded
from .mutants import Mutant, accepted, answers_of, distinct
from .source import module

ALTERNATIVES = 6


@dataclass(frozen=True)
class Matrix:
    """Tests by mutants.

    Attributes
    ----------
    tests : list of Test
    mutants : list of Mutant
        That run and change a result, all of different numbers.
    kills : (tests, mutants) array of bool
    unchanged : int
        How many mutants besides never run, or change nothing at any argument.
    wrong : dict of str to list of str
        Correct solutions by the tests that fail them; should be empty lists.
    """

    tests: list[Test]
    mutants: list[Mutant]
    kills: np.ndarray
    unchanged: int
    wrong: dict[str, list[str]]

    @property
    def public(self) -> np.ndarray:
        """Which mutants the public checks kill, (mutants,)."""
        return np.any(self.kills[[not test.hidden for test in self.tests]], axis=0)

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that no test notices."""
        killed = self.kills.sum(axis=0)
        return [mutant for mutant, times in zip(self.mutants, killed, strict=True) if not times]

    @property
    def idle(self) -> list[Test]:
        """Hidden tests that notice no mutant that public checks leave alive."""
        rows = zip(self.tests, self.kills, strict=True)
        return [test for test, kills in rows if test.hidden and not (kills & ~self.public).any()]

    def problems(self) -> list[str]:
        """Return what is wrong with the tests, in sentences; nothing if they are proven."""
        found = [f"survives: {m.function} ({m.tag}) {m.sentence}" for m in self.survivors]
        found += [f"hidden test of no use: {t.part}: {t.name}" for t in self.idle]
        found += [
            f"correct, but marked wrong: {name}: {', '.join(tests)}" for name, tests in self.wrong.items() if tests
        ]
        if len(self.wrong) < ALTERNATIVES:
            found.append(f"there are {len(self.wrong)} correct solutions beside the first one; expected {ALTERNATIVES}")
        return found


def kill_matrix(loaded: Loaded, seed: int = 0) -> Matrix:
    """Ask each mutant each test of its part; a mutant of a function that is no part is asked all of them."""
    solution, (mutants, unchanged) = module(loaded.source), distinct(loaded)
    tests = [test for part in loaded.exercise.parts for test in loaded.exercise.of_part(part.function)]
    asked = [(test, calls := test.calls(seed), ask(solution, calls)) for test in tests]
    parts = {part.function for part in loaded.exercise.parts}
    kills = np.zeros((len(tests), len(mutants)), bool)
    for j, mutant in enumerate(mutants):
        namespace = mutant.namespace(loaded)
        for i, (test, calls, right) in enumerate(asked):
            if test.part == mutant.function or mutant.function not in parts:
                kills[i, j] = fails(namespace, test, calls, right)
    return Matrix(tests, mutants, kills, unchanged, {path.stem: _failed(path, asked) for path in loaded.alternatives})


def fails(namespace: dict[str, Any], test: Test, calls, right) -> bool:
    """Whether functions of this process fail a test."""
    answers = answers_of(namespace, calls)
    return answers is None or not accepted(test.judge, calls, answers, right)


def _failed(path: Path, asked) -> list[str]:
    namespace = module(path.read_text("utf-8"), str(path))
    return [f"{test.part}: {test.name}" for test, calls, right in asked if fails(namespace, test, calls, right)]
