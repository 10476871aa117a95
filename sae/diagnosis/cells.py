"""What a student's function is asked, and its answers taken apart into cells: (term, "cost" or block of theta).

J of (E4) is a sum whose addends are switched by lambda and beta. At lambda = beta = 0 only the data term is left; what
lambda adds is the decay, what beta adds on top the sparsity. So each addend of J and of its gradient is seen alone,
exactly, whatever the student's code looks like inside. Two problems of different m and rho tell 1/m from 1/13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .page import Options, Problem

TERMS = ("data", "decay", "sparsity")
RIGHT = 1e-6  # a cell is right within this share of the size of what it belongs to
SINGLE = 2e-4  # the same for a function that computes in single precision
LAM, BETA = 0.37, 0.83  # sizes at which the three terms are about equally large; no factor of one is one of the other
RHO = (0.12, 0.31)  # of the two problems

Cell = tuple[str, str]
Cells = dict[Cell, np.ndarray]
Answer = tuple[float, np.ndarray]


def draw(rng: np.random.Generator, options: Options, n: int, n_hidden: int, m: int, rho: float) -> Problem:
    """Return a problem where no number is special: biases are not 0, units are not saturated."""
    layout = options.layout(n, n_hidden)
    widths = [
        np.full(np.prod(shape, dtype=int), min(0.6, 1.5 / np.sqrt(shape[-1]))) for shape in layout.shapes.values()
    ]
    theta = rng.normal(0, 1, layout.size) * np.concatenate(widths)
    return Problem(theta, rng.uniform(0.01, 0.99, (n, m)), n_hidden, LAM, rho, BETA)


@dataclass(frozen=True)
class Questions:
    """Problems at which functions are compared, and which of the terms they have."""

    problems: tuple[Problem, ...]
    options: Options
    with_decay: bool
    with_sparsity: bool
    off: float = 0.0  # the share of lambda and beta that is "off": not 0 for a function that divides by them

    @property
    def settings(self) -> tuple[dict[str, float], ...]:
        """What to put for lambda and beta, one after the other."""
        lam, beta = {"lam": self.off * LAM}, {"beta": self.off * BETA}
        if self.with_decay and self.with_sparsity:
            return lam | beta, beta, lam, {}
        if self.with_decay or self.with_sparsity:
            return lam if self.with_decay else beta, {}
        return ({},)

    def all(self) -> list[Problem]:
        """Return every problem at every setting."""
        return [problem.at(**setting) for problem in self.problems for setting in self.settings]

    @np.errstate(invalid="ignore")  # infinity - infinity is NaN, and compared as such
    def cells(self, answers: list[Answer]) -> Cells:
        """Take the answers apart: for each term its part of the cost and of each block of the gradient."""
        cells: dict[Cell, list[np.ndarray]] = {}
        count = len(self.settings)
        for k, problem in enumerate(self.problems):
            given = [by_name(self.options, problem, *answer) for answer in answers[k * count : (k + 1) * count]]
            for name in given[0]:
                for term, part in self._terms([answer[name] for answer in given]).items():
                    cells.setdefault((term, name), []).append(part)
        return {cell: np.concatenate(parts) for cell, parts in cells.items()}

    def _terms(self, x: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Take apart what was answered at each of the settings."""
        parts = {"data": x[0]}
        if self.with_decay:
            parts["decay"] = x[1] - x[0]
        if self.with_sparsity and self.with_decay:
            parts["sparsity"] = x[3] - x[1]
            parts["mixed"] = parts["sparsity"] - (x[2] - x[0])  # 0, since J is a sum
        elif self.with_sparsity:
            parts["sparsity"] = x[1] - x[0]
        return parts


class Key(NamedTuple):
    """What the questions depend on."""

    options: Options
    n: int
    n_hidden: int
    with_decay: bool
    with_sparsity: bool
    seed: int
    off: float = 0.0

    def questions(self) -> Questions:
        """Return two problems of different m, none of whose sizes is one of the others."""
        rng = np.random.default_rng(self.seed)
        taken = {self.n, self.n_hidden, 1, 2}
        few = next(m for m in range(4, 9) if m not in taken)
        many = next(m for m in range(11, 16) if m not in taken)
        drawn = (
            draw(rng, self.options, self.n, self.n_hidden, m, rho) for m, rho in zip((many, few), RHO, strict=True)
        )
        problems = tuple(p.at(lam=p.lam * self.with_decay, beta=p.beta * self.with_sparsity) for p in drawn)
        return Questions(problems, self.options, self.with_decay, self.with_sparsity, self.off)


def by_name(options: Options, problem: Problem, cost: float, grad: np.ndarray) -> dict[str, np.ndarray]:
    """Return the cost, as an array of one, and the blocks of the gradient, raveled."""
    slices = options.layout(len(problem.X), problem.n_hidden).slices
    return {"cost": np.array([cost]), **{name: grad[part] for name, part in slices.items()}}


def scales(truth: Cells) -> dict[str, float]:
    """Return the size of the cost and of each block, all terms together: what an error in a cell is compared with."""
    found: dict[str, float] = {}
    for (_, name), cell in truth.items():
        found[name] = max(found.get(name, 0.0), float(np.linalg.norm(cell)))
    return found


def differing(cells: Cells, truth: Cells, tolerance: float) -> frozenset[Cell]:
    """Return the cells that differ."""
    scale = scales(truth)
    return frozenset(cell for cell in truth if not close(cells[cell], truth[cell], tolerance, scale[cell[1]]))


def close(x: np.ndarray, y: np.ndarray, tolerance: float, scale: float) -> bool:
    """Whether two cells are equal but for rounding; NaN and infinity must be at the same places."""
    finite = np.isfinite(y)
    if not np.array_equal(np.isfinite(x), finite):
        return False
    x, y = x[finite], y[finite]
    return bool(np.linalg.norm(x - y) <= tolerance * max(scale, float(np.linalg.norm(y))))
