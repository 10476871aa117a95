"""Which minimiser a `solver` is, and what watches it: validation, early stopping, the user's callback."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import checks
from ..adam import Adam, matrices, minimize_adam
from ..checkpoint import Resumed
from ..errors import SaeError, TrainingError
from ..interrupts import ctrl_c
from ..minibatch import Loop, MinibatchResult, Rule, same_array
from ..optimise import Result, State, minimize_lbfgs
from ..schedules import Constant, Cosine, Schedule, Step
from ..scipy_solvers import minimize_scipy
from ..sgd import Momentum, minimize_sgd

SCIPY = {"cg": "CG", "bfgs": "BFGS", "newton-cg": "Newton-CG"}
MINIBATCH = ("adam", "adamw", "sgd")
SOLVERS = ("lbfgs", *SCIPY, *MINIBATCH)
SCHEDULES = ("constant", "step", "cosine")


@dataclass(frozen=True)
class Settings:
    """What an estimator's parameters say about training, checked."""

    solver: str
    learning_rate: float
    max_iter: int
    batch_size: int
    shuffle: bool
    tol: float
    schedule: str | Schedule = "constant"
    clip_norm: float | None = None
    decay: float = 0.0  # of "adamw"

    def __post_init__(self):
        checks.one_of("solver", self.solver, SOLVERS)
        checks.number("learning_rate", self.learning_rate, 0, open_ends=True)
        checks.count("max_iter", self.max_iter)
        checks.count("batch_size", self.batch_size)
        checks.number("tol", self.tol, 0)
        if not callable(self.schedule):
            checks.one_of("schedule", self.schedule, SCHEDULES)
        if self.clip_norm is not None:
            checks.number("clip_norm", self.clip_norm, 0, open_ends=True)
        if self.solver == "adamw" and self.learning_rate * self.decay >= 1:
            raise SaeError(
                f"learning_rate times weight_decay is {self.learning_rate * self.decay:g}; expected less than 1 with "
                "solver='adamw', whose weights shrink by that share in each step. Use a smaller one."
            )

    def schedule_of_rate(self) -> Schedule:
        """Return the schedule: "step" takes a tenth after each third of the epochs, "cosine" goes down to 0."""
        if callable(self.schedule):
            return self.schedule
        steps = Step(-(-self.max_iter // 3))
        return {"constant": Constant(), "step": steps, "cosine": Cosine(self.max_iter)}[self.schedule]

    def rule(self, objective: Any, theta: np.ndarray) -> Rule:
        """Return the rule of the steps, without a memory yet."""
        if self.solver == "sgd":
            return Momentum(theta.size)
        decayed = matrices(objective, theta.size) if self.decay else []
        return Adam(theta.size, getattr(objective, "dtype", theta.dtype), weight_decay=self.decay, decayed=decayed)


def minimise(objective: Any, theta, s: Settings, rng: np.random.Generator, callback: Callable) -> Result:
    """Minimise with the solver of the settings, from theta or a checkpoint; `max_iter` is iterations, or epochs."""
    if s.solver == "lbfgs":
        return minimize_lbfgs(objective, theta, max_iter=s.max_iter, ftol=s.tol, callback=callback)
    if s.solver in SCIPY:
        return minimize_scipy(objective, theta, method=SCIPY[s.solver], max_iter=s.max_iter, callback=callback)
    settings = {**_batches(s), "schedule": s.schedule_of_rate(), "callback": callback}
    if s.solver == "sgd":
        return minimize_sgd(objective, theta, rng=rng, epochs=s.max_iter, **settings)
    return minimize_adam(objective, theta, rng=rng, epochs=s.max_iter, weight_decay=s.decay, **settings)


def _batches(s: Settings) -> dict[str, Any]:
    batches = {"batch_size": s.batch_size, "shuffle": s.shuffle}
    return {**batches, "learning_rate": s.learning_rate, "clip_norm": s.clip_norm}


@dataclass
class Stream:
    """What lives on from one call of `partial_fit` to the next: the generator, and the rule with its t and memory."""

    rng: np.random.Generator
    rule: Rule | None = None
    t: int = 0
    solver: str = ""

    def epoch(self, objective: Any, theta: np.ndarray, s: Settings, rng: np.random.Generator):
        """Return theta after one pass over the objective's examples, and the mean J of its batches."""
        if self.rule is None or self.solver != s.solver:  # the first call, or another solver since
            self.rule, self.t, self.solver = s.rule(objective, theta), 0, s.solver
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
        of_solver = state.memory
        state.memory = lambda: {**of_solver(), "held_out": self.memory()}
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

    def memory(self) -> dict[str, Any]:
        """Return what the next record is compared with, for a checkpoint."""
        best = {} if self.best is None else {"lowest": self.lowest, "best": self.best}
        return {"curve": self.curve, "waited": self.waited, **best}

    def remember(self, memory: dict[str, Any], theta: np.ndarray) -> None:
        """Take over what a checkpoint has."""
        self.curve, self.waited = [float(loss) for loss in memory["curve"]], int(memory["waited"])
        if "best" in memory:
            self.lowest, self.best = float(memory["lowest"]), same_array("the best theta", memory["best"], theta)

    def run(self, start: np.ndarray | Resumed, settings: Settings, rng: np.random.Generator) -> Result:
        """Minimise; the best theta on the held-out examples replaces the last one if there is patience to run out."""
        if isinstance(start, Resumed):
            try:
                self.remember(start.memory["held_out"], start.theta)
            except (KeyError, TypeError, ValueError) as error:
                raise SaeError(f"the checkpoint does not fit this training ({error}).") from error
            if self.out_of_patience:  # it was at its end
                settings = replace(settings, max_iter=start.iteration)
        try:
            result = minimise(self.objective, start, settings, rng, self)
        except TrainingError as error:
            self._best(error.result)
            raise
        self._best(result)
        if self.out_of_patience and not result.interrupted:
            result.message = f"stopped early: no lower loss on the held-out examples for {self.waited} iterations"
        return result

    def _best(self, result: Result) -> None:
        if self.best is not None:
            result.theta, result.cost = self.best, float(self.objective(self.best)[0])
