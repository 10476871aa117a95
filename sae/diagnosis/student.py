"""A student's function under examination: what it answers, and what it does besides.

A function of its arguments gives the same answer whenever it is asked, and leaves them as they are. So questions are
repeated, with others between them, and every argument is compared with what was handed over.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import checks
from ..errors import SaeError
from .cells import Answer, by_name
from .page import Options, Problem

REPEATED = 1e-9  # two answers to one question may differ by so much, relatively
NUDGE, FAR = 1e-11, 1e-5  # changes of theta that single precision can't see, and can; rounding by hand sees neither
SAID = {
    "theta": "the function writes into its argument theta: in-place operations (-=, *=, out=, theta[...] = ...) on it, "
    "or on a view of it, change the caller's array",
    "X": "the function writes into its argument X: in-place operations (-=, *=, out=, X[...] = ...) on it, or on a "
    "view of it, change the caller's array",
    "answer": "an answer given before is overwritten by the next call: return a new array",
    "memory": "the same arguments get different answers: something is kept from call to call (a global, a default "
    "argument, a running mean, a cache), or drawn at random",
    "stale": "another X or theta gets the answer of an earlier one: something is kept from call to call",
}


class Examined:
    """A student's function `(theta, X, n_hidden, lam, rho, beta) -> (cost, grad)`, which remembers side effects.

    Attributes
    ----------
    effects : dict of str to str
        What was noticed besides the answers: "theta", "X", "memory" or "answer", each with a sentence.
    single : bool
        Whether it answers in single precision.
    integers : set of str
        Which of "cost" and "gradient" are made of integers.
    """

    def __init__(self, student: Callable):
        self.student = student
        self.effects: dict[str, str] = {}
        self.single = False
        self.integers: set[str] = set()
        self.last: tuple[np.ndarray, np.ndarray] | None = None

    def __call__(self, problem: Problem) -> Answer:
        """Return (cost, gradient), checked for shape; they may be NaN or infinite."""
        arguments = problem.arguments()
        try:
            with np.errstate(all="ignore"):
                answer = self.student(*arguments)
        except SaeError:
            raise
        except Exception as error:
            raise SaeError(f"the student's function raised {type(error).__name__}: {error}") from error
        self._look_at_arguments(problem, arguments)
        cost, grad = checks.cost_and_grad(answer, problem.theta, finite=False)
        self._look_at_last_answer()
        self.last = (answer[1], grad) if isinstance(answer[1], np.ndarray) else None
        _check_real(cost, grad)
        self.single = self.single or np.float32 in (cost.dtype, grad.dtype)
        self.integers |= {name for name, part in (("cost", cost), ("gradient", grad)) if part.dtype.kind in "iu"}
        return float(cost), grad.astype(np.float64)

    def _look_at_arguments(self, problem: Problem, arguments: tuple) -> None:
        for name, given, now in (("theta", problem.theta, arguments[0]), ("X", problem.X, arguments[1])):
            if not np.array_equal(given, now):
                self.effects[name] = SAID[name]

    def _look_at_last_answer(self) -> None:
        if self.last is not None and not np.array_equal(*self.last, equal_nan=True):
            self.effects["answer"] = SAID["answer"]

    def look_for_memory(self, asked: Problem, answered: Answer, problem: Problem) -> Problem:
        """Ask a question that was asked first of all; another one twice, with X or theta changed between.

        Return the question with the other X.
        """
        first = self(problem)
        other = problem.at(X=np.roll(problem.X, 1, axis=0))
        between = self(other)
        moved = self(problem.at(theta=problem.theta[::-1].copy()))
        again = self(problem)
        if not _equal(first, again) or not _equal(answered, self(asked)):
            self.effects["memory"] = SAID["memory"]
        elif _equal(first, between) or _equal(first, moved):
            self.note_stale()
        return other

    def note_stale(self) -> None:
        """Note that an answer is wrong only because of another question before it."""
        self.effects["memory"] = SAID["stale"]

    def look_for_precision(self, problem: Problem, options: Options) -> None:
        """Notice single precision inside: a nudge of theta far below it leaves a block as it is, or moves it too much.

        Block by block, since lambda W may be added in double precision. A block that hardly moves at all is
        constant, or made of steps, not imprecise.
        """
        here, near, far = (
            by_name(options, problem, *self(problem.at(theta=problem.theta * (1 + nudge)))) for nudge in (0, NUDGE, FAR)
        )
        size = max(np.abs(block).max() for name, block in here.items() if name != "cost")
        for name, block in here.items():
            moves = np.count_nonzero(far[name] != block) > np.count_nonzero(block) / 2
            stays = moves and np.array_equal(near[name], block)
            jumps = name != "cost" and bool(np.abs(near[name] - block).max() > 1e3 * NUDGE * max(size, 1e-300))
            self.single = bool(self.single or stays or jumps)


def _check_real(cost: np.ndarray, grad: np.ndarray) -> None:
    if "c" in cost.dtype.kind + grad.dtype.kind:
        raise SaeError("the function returned complex numbers for real arguments; expected real ones.")


def _equal(one: Answer, other: Answer) -> bool:
    return all(np.allclose(a, b, rtol=REPEATED, atol=1e-12, equal_nan=True) for a, b in zip(one, other, strict=True))
