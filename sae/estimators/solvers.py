"""Which minimiser a `solver` is, and what watches it: validation, early stopping, the user's callback."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import checks
from ..adam import Adam, minimize_adam
from ..minibatch import Loop, MinibatchResult, Rule
from ..optimise import Result, State, ctrl_c, minimize_lbfgs
from ..sgd import Momentum, minimize_sgd

SOLVERS = ("lbfgs", "adam", "sgd")


@dataclass(frozen=True)
class Settings:
    """What an estimator's parameters say about training, checked."""

    solver: str
    learning_rate: float
    max_iter: int
    batch_size: int
    shuffle: bool
    tol: float

    def __post_init__(self):
        checks.one_of("solver", self.solver, SOLVERS)
        checks.number("learning_rate", self.learning_rate, 0, open_ends=True)
        checks.count("max_iter", self.max_iter)
        checks.count("batch_size", self.batch_size)
        checks.number("tol", self.tol, 0)


def minimise(objective: Any, theta, s: Settings, rng: np.random.Generator, callback: Callable) -> Result:
    """Minimise with the solver of the settings; `max_iter` is iterations of L-BFGS, or epochs."""
    if s.solver == "lbfgs":
        return minimize_lbfgs(objective, theta, max_iter=s.max_iter, ftol=s.tol, callback=callback)
    minimize = minimize_adam if s.solver == "adam" else minimize_sgd
    return minimize(objective, theta, rng=rng, epochs=s.max_iter, **_batches(s), callback=callback)


def _batches(s: Settings) -> dict[str, Any]:
    return {"batch_size": s.batch_size, "learning_rate": s.learning_rate, "shuffle": s.shuffle}


@dataclass
class Stream:
    """What lives on from one call of `partial_fit` to the next: the generator, and the rule with its t and memory."""

    rng: np.random.Generator
    rule: Rule | None = None
    t: int = 0

    def epoch(self, objective: Any, theta: np.ndarray, s: Settings, rng: np.random.Generator):
        """Return theta after one pass over the objective's examples, and the mean J of its batches."""
        kind = Adam if s.solver == "adam" else Momentum
        if not isinstance(self.rule, kind):  # the first call, or another solver since
            dtype = getattr(objective, "dtype", theta.dtype)
            self.rule, self.t = Adam(theta.size, dtype) if kind is Adam else Momentum(theta.size), 0
        theta, rule = theta.copy(), deepcopy(self.rule)  # a pass that fails half-way leaves no trace
        result = MinibatchResult(theta, np.inf, [], evaluations=self.t)
        with ctrl_c():
            record = Loop(rng=rng, epochs=1, **_batches(s)).epoch(objective, theta, rule, result, 1)
        self.rule, self.t = rule, result.evaluations
        return theta, record["cost"]


@dataclass
class Watch:
    """A callback: takes the loss on held-out examples, keeps the best theta, stops when it stays behind."""

    objective: Any
    held_out: Callable[[np.ndarray], float] | None
    patience: int | None
    tol: float
    callbacks: list[Callable[[State], object]]
    curve: list[float] = field(default_factory=list)
    lowest: float = np.inf
    waited: int = 0
    best: np.ndarray | None = None

    def __call__(self, state: State) -> None:
        """Look at a record of the history; the callbacks get it with "validation", if there is one."""
        if self.held_out is not None:
            loss = self.held_out(state.theta)
            self.curve.append(loss)
            state["validation"] = loss
            if self.patience is not None:
                self.compare(loss, state.theta)
        for callback in self.callbacks:
            callback(state)
        if self.out_of_patience:
            raise StopIteration

    @property
    def out_of_patience(self) -> bool:
        """Whether the last `patience` records brought no lower loss."""
        return self.patience is not None and self.waited >= self.patience

    def compare(self, loss: float, theta: np.ndarray) -> None:
        """Count how long no loss was lower by more than `tol` of its value; the best theta is that of the lowest."""
        self.waited = 0 if loss < self.lowest - self.tol * abs(self.lowest) or self.best is None else self.waited + 1
        if loss < self.lowest:
            self.lowest, self.best = loss, theta.copy()

    def run(self, theta, settings: Settings, rng: np.random.Generator) -> Result:
        """Minimise; the best theta on the held-out examples replaces the last one if there is patience to run out."""
        result = minimise(self.objective, theta, settings, rng, self)
        if self.best is not None:
            result.theta, result.cost = self.best, self.objective(self.best)[0]
        if self.out_of_patience and not result.interrupted:
            result.message = f"stopped early: no lower loss on the held-out examples for {self.waited} iterations"
        return result
