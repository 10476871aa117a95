"""Questions whose answers say something of a student's code without any catalogue.

- Is the gradient the derivative of the student's own cost? Then a plain gradient check passes, whatever J is.
- Is grad_W2 = grad_b2 a2^T, with one example? By (E8) and (E10) it is, whatever delta3 is; so a2 can be read off.
- Is the cost, as a function of rho, an entropy plus something linear? By (E4) it is, whatever rho_hat is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import SaeError
from .cells import Answer
from .page import Page, Problem

Ask = Callable[[Problem], Answer]
STEPS = (1e-3, 2e-3)  # for the derivative of the student's cost, with Richardson's extrapolation
AGREES = 1e-6
DIRECTIONS = 3


def answered(question: Callable, unknown):
    """Answer a question that the student's code may not stand: lambda or beta at 0, one example, other sizes."""
    try:
        return question()
    except SaeError:
        return unknown


def blocks(page: Page, problem: Problem, vector: np.ndarray) -> dict[str, np.ndarray]:
    """Return the parameters in a theta, or in a gradient, by name, as views."""
    layout = page.options.layout(len(problem.X), problem.n_hidden)
    return dict(zip(layout.names, layout.unpack(vector), strict=True))


def one_example(problem: Problem) -> Problem:
    """Return the data term of the first example."""
    return problem.at(X=problem.X[:, :1].copy(), lam=0.0, beta=0.0)


def close_to(x: np.ndarray, y: np.ndarray, tolerance: float = AGREES) -> bool:
    """Whether x is y within a share of the size of y."""
    return bool(np.linalg.norm(x - y) <= tolerance * np.linalg.norm(y))


def is_derivative(ask: Ask, problem: Problem, rng: np.random.Generator, tolerance: float = AGREES) -> bool:
    """Whether the student's gradient is the derivative of the student's own cost, in random directions."""
    theta, grad = problem.theta, ask(problem)[1]

    def cost(point):
        return ask(problem.at(theta=point))[0]

    for _ in range(DIRECTIONS):
        v = rng.normal(size=theta.size)
        v /= np.linalg.norm(v)
        short, long = ((cost(theta + h * v) - cost(theta - h * v)) / (2 * h) for h in STEPS)
        slope = (4 * short - long) / 3
        if not abs(slope - grad @ v) <= tolerance * (abs(slope) + np.linalg.norm(grad) / np.sqrt(theta.size)):
            return False
    return True


def hidden_activation(ask: Ask, page: Page, problem: Problem) -> np.ndarray | None:
    """Return the student's a2 of one example, (n_hidden,), if the gradient tells: grad_W2 = grad_b2 a2^T."""
    one = one_example(problem)
    part = blocks(page, one, ask(one)[1])
    if page.options.tied or not part["b2"].any() or not np.isfinite(part["W2"]).all():
        return None
    a2 = part["W2"].T @ part["b2"] / (part["b2"] @ part["b2"])
    return a2 if close_to(np.outer(part["b2"], a2), part["W2"]) else None


def is_unmoved(ask: Ask, page: Page, problem: Problem, rng: np.random.Generator, name: str) -> bool:
    """Whether the data term stays as it is when a weight changes and a bias makes up for it, with one example."""
    one = one_example(problem)
    if name not in page.options.names or page.options.tied:
        return False
    theta = one.theta.copy()
    given = blocks(page, one, theta)
    change = rng.normal(size=given[name].shape)
    came_in, bias = (one.X, "b1") if name == "W1" else (page.run(one)["a2"], "b2")
    given[name][...] += change
    given[bias][...] -= (change @ came_in).ravel()
    before, after = ask(one)[0], ask(one.at(theta=theta))[0]
    return bool(abs(after - before) <= AGREES * abs(before))


def is_mean_of_examples(ask: Ask, problem: Problem) -> bool:
    """Whether the data term of all examples is that of each alone, in the mean or another fixed multiple of it."""
    ratios = []
    for theta in (problem.theta, -problem.theta):
        together = problem.at(theta=theta, lam=0.0, beta=0.0)
        each = [ask(together.at(X=x[:, None].copy()))[0] for x in problem.X.T]
        ratios.append(ask(together)[0] / np.mean(each))
    return bool(abs(ratios[0] - ratios[1]) <= AGREES * abs(ratios[0]))


def has_slope_of_squares(ask: Ask, page: Page, problem: Problem) -> bool:
    """With W1 = 0 and one example, so that a3 does not depend on X: whether dJ/dX is a multiple of X - a3."""
    theta = problem.theta.copy()
    blocks(page, problem, theta)["W1"][...] = 0
    one = problem.at(theta=theta, X=np.full((len(problem.X), 1), 0.5), lam=0.0, beta=0.0)
    slope = np.empty(len(problem.X))
    for k in range(len(slope)):
        plus, minus = one.X.copy(), one.X.copy()
        plus[k] += 0.1  # exact for any step: half the squared error is quadratic in X
        minus[k] -= 0.1
        slope[k] = (ask(one.at(X=plus))[0] - ask(one.at(X=minus))[0]) / 0.2
    right = (one.X - page.run(one)["a3"]).ravel()
    c = slope @ right / (right @ right)
    return bool(abs(c) > AGREES and np.linalg.norm(slope - c * right) <= AGREES * np.linalg.norm(slope))


def has_right_kl(ask: Ask, page: Page, problem: Problem) -> bool:
    """Whether the student's KL divergence has the right form in rho, so that only rho_hat can be wrong.

    As a function of rho, sum_j KL(rho || rho_hat_j) is an entropy, whatever rho_hat is, plus something linear, which
    the second difference takes away.
    """

    def curvature(cost):
        low, middle, high = (cost(problem.at(rho=rho)) - cost(problem.at(rho=rho, beta=0.0)) for rho in (0.1, 0.2, 0.3))
        return low - 2 * middle + high

    mine, yours = curvature(lambda problem: page.run(problem)["cost"]), curvature(lambda problem: ask(problem)[0])
    n, m = problem.X.shape  # or rho_hat has another length than n_hidden
    lengths = (problem.n_hidden, 1, m, n)
    return any(abs(mine * length / problem.n_hidden - yours) <= AGREES * abs(mine) for length in lengths)
