"""Where the forward pass (E1), (E2) goes wrong, from costs that should be 0.

The data term of (E4) is 0 exactly where a3 = X. Such problems can be made: choose z2, put X = g(W2 f(z2) + b2), and
solve W1 X + b1 = z2 for W1. A student's cost that is not 0 there has another a3 - or compares it with something else,
which is asked separately. Made with some parameters 0, they tell which part of the forward pass it is.
"""

from __future__ import annotations

import numpy as np

from .page import Page, Problem
from .probes import (
    AGREES,
    Ask,
    blocks,
    close_to,
    has_slope_of_squares,
    hidden_activation,
    is_mean_of_examples,
    is_unmoved,
    one_example,
)

NOT_ZERO = 1e-8
ALL = "W1 W2 b1 b2"
CONTRACTIONS = 2000  # enough for the fixed point of a tied network


def wrong_forward(ask: Ask, page: Page, problem: Problem, rng: np.random.Generator) -> str:
    """Return the step at which the forward pass goes wrong, "" if a3 is right."""
    if page.options.cross_entropy:
        return ""  # its least value is not 0
    size = _size(ask, problem)

    def fails(through: str, at: Problem = problem) -> bool:
        return not abs(ask(perfect(page, at, rng, through=through))[0]) <= NOT_ZERO * size

    if not fails(ALL) or _right_output(ask, page, problem, rng):
        return ""
    hidden = _wrong_hidden(ask, page, problem)
    if hidden:
        return hidden
    if fails("b2"):
        if not fails("b2", with_equal(page, problem, "b2")):  # g is right: b2 or X is read in another order
            return "z2" if is_unmoved(ask, page, problem, rng, "W2") else "z3"
        return "a3" if fails("W1 W2 b1") else "z3"
    if fails("W2 b2") or hidden == "":
        return "z3"
    if not fails("W2 b1 b2"):
        return "z2"
    return "z2" if not fails("W1 W2 b2") or not fails("W2 b1 b2", with_equal(page, problem, "b1")) else "a2"


def perfect(page: Page, problem: Problem, rng: np.random.Generator, *, through: str = ALL, m: int = 3) -> Problem:
    """Return a problem that a right forward pass reconstructs exactly: a3 = X, so the data term is 0.

    Parameters not named in `through` are 0 (and with W1 = 0 all examples are the same).
    """
    theta = problem.theta.copy()
    given = blocks(page, problem, theta)
    for name, part in given.items():
        if name not in through.split():
            part[...] = 0
    b1, b2 = given["b1"][:, None], given["b2"][:, None]
    W2 = given.get("W2", given["W1"].T)
    known = page.run(problem.at(theta=theta))

    def decoded(z2):
        a2 = eval(page["a2"].code, {**known, "z2": z2})
        return eval(page["a3"].code, {**known, "z3": W2 @ a2 + b2})

    if "W1" not in through.split():
        X = decoded(b1 + np.zeros((1, m)))
    elif "W2" in given:
        z2 = rng.normal(size=(problem.n_hidden, min(m, len(problem.X))))
        X = decoded(z2)
        given["W1"][...] = (z2 - b1) @ np.linalg.pinv(X)
    else:  # tied: the fixed point of a contraction
        X = decoded(b1 + np.zeros((1, m)))
        for _ in range(CONTRACTIONS):
            X = decoded(given["W1"] @ X + b1)
    return problem.at(theta=theta, X=X, lam=0.0, beta=0.0)


def with_equal(page: Page, problem: Problem, name: str) -> Problem:
    """Return the problem with all entries of one parameter equal, so that their order does not matter."""
    theta = problem.theta.copy()
    blocks(page, problem, theta)[name][...] = 0.7
    return problem.at(theta=theta)


def _size(ask: Ask, problem: Problem) -> float:
    return abs(ask(problem.at(lam=0.0, beta=0.0))[0])


def _right_output(ask: Ask, page: Page, problem: Problem, rng: np.random.Generator) -> bool:
    """Whether a3 is right, though the cost is not 0 where a3 = X: what it is compared with, or added to it, is wrong.

    Either half the squared error has the slope X - a3 in X, whatever else is in the cost that knows only a3; or the
    cost does not notice changes of the weights that leave z3 as it is, and g is right where all outputs are equal.
    """
    if not is_unmoved(ask, page, problem, rng, "W1") or not is_mean_of_examples(ask, problem):
        return False
    if has_slope_of_squares(ask, page, problem):
        return True
    equal = perfect(page, with_equal(page, problem, "b2"), rng, through="b2")
    right = abs(ask(equal)[0]) <= NOT_ZERO * _size(ask, problem)
    return is_unmoved(ask, page, problem, rng, "W2") and right


def _wrong_hidden(ask: Ask, page: Page, problem: Problem) -> str | None:
    """Return "z2" or "a2" if the student's a2 is wrong, "" if it is right, None if the gradient does not tell."""
    whole = _compared(ask, page, problem)
    if whole is None or whole[0]:
        return None if whole is None else ""
    nothing, equal = (_compared(ask, page, problem, W1=0, b1=b1) for b1 in (0, 0.7))
    if nothing is None or equal is None or not nothing[0]:
        return "z2" if nothing is None or equal is None else "a2"
    if not equal[0]:  # b1 does not come through, or f is right at 0 alone
        return "z2" if np.allclose(nothing[1], equal[1], rtol=AGREES) else "a2"
    return "z2"


def _compared(ask: Ask, page: Page, problem: Problem, **parameters: float) -> tuple[bool, np.ndarray] | None:
    """Return whether the student's a2 of one example is right, and a2, with some parameters set to one number."""
    theta = problem.theta.copy()
    for name, value in parameters.items():
        blocks(page, problem, theta)[name][...] = value
    changed = problem.at(theta=theta)
    a2 = hidden_activation(ask, page, changed)
    return None if a2 is None else (close_to(a2, page.run(one_example(changed))["a2"][:, 0]), a2)
