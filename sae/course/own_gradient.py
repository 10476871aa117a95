r"""The gradient check as a public check: a student's own gradient against differences of the student's own cost.

(H1)   \frac{J(x + h d) - J(x - h d)}{2 h} \approx \sum \frac{\partial J}{\partial x} \odot d        scalar

for random directions d of norm 1 in each of the arguments x. Nothing is compared with the solution, so that a cost
that is wrong together with its gradient passes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .exercise import Call
from .judge import Off, kind

STEP = 3e-3  # h: large enough for answers in single precision
AGREE = 1e-3  # largest difference of the two sides of (H1), relative to the norm of the gradient
SINGLE = 1e-6  # rounding of J, relative to J, where something was computed in single precision


def directions(rng: np.random.Generator, function: str, *arguments, to: Sequence[int], each: int = 2) -> list[Call]:
    """Return the questions: the function at its arguments, then at pairs x + h d and x - h d.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the directions d.
    function : str
        Returns J and its gradient in the arguments `to`, in that order.
    *arguments
    to : sequence of int
        The positions of the arguments that J is differentiated with respect to, arrays.
    each : int
        Number of directions for each of them.
    """
    calls = [Call(function, *arguments)]
    for position in to:
        for _ in range(each):
            d = rng.standard_normal(arguments[position].shape)
            for h in (STEP, -STEP):
                moved = arguments[position] + h * d / np.linalg.norm(d)
                calls.append(Call(function, *arguments[:position], moved, *arguments[position + 1 :]))
    return calls


def own_gradient(calls, answers, right) -> Off | None:
    """Say in which outputs the gradient is not that of the cost by (H1): a judge of the questions of `directions`."""
    expected = right[0]
    for answer in answers:
        if not isinstance(answer, tuple | list) or len(answer) != len(expected):
            return Off((), f"it returns {kind(answer)}; expected {len(expected)} values: J and its gradient")
        for k, (one, other) in enumerate(zip(answer, expected, strict=True)):
            if np.shape(one) != np.shape(other):
                return Off((str(k),), f"it has shape {np.shape(one)}; expected {np.shape(other)}")
            if not np.isfinite(np.asarray(one, dtype=complex)).all():
                return Off((str(k),), "it has NaN or infinite values")
    arguments = calls[0].arguments
    single = any(np.asarray(one).dtype == np.float32 for one in answers[0])
    rounding = SINGLE * abs(np.sum(answers[0][0])) if single else 0.0
    moved: list[int] = []  # positions in the order of the gradient
    off: list[str] = []
    for k in range(1, len(calls), 2):
        position = next(i for i, x in enumerate(arguments) if x is not calls[k].arguments[i])
        moved += [position] * (position not in moved)
        output = 1 + moved.index(position)
        step = (calls[k].arguments[position] - calls[k + 1].arguments[position]) / 2
        gradient = np.asarray(answers[0][output])
        by_differences = np.sum(answers[k][0] - answers[k + 1][0]) / 2  # (H1)
        allowed = AGREE * STEP * np.linalg.norm(gradient) + rounding
        if not abs((gradient * step).sum() - by_differences) <= allowed and str(output) not in off:  # (H1)
            off.append(str(output))
    return Off(tuple(off), "the gradient is not that of your own cost, by differences") if off else None
