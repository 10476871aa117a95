r"""The loop of all minibatch solvers: epochs, batches drawn without repetition, a record for each epoch, when to stop.

Each step takes the gradient g of J on the examples of one batch, shortens it where it is longer than c, and lets a rule
(sae/adam.py, sae/sgd.py) move theta:

(B1)   g \leftarrow g \cdot \min(1, c / \|g\|)                                     (p,)

The norm is that of the whole gradient, so that its direction stays. Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the
difficulty of training recurrent neural networks", ICML 2013, algorithm 1.

J on a batch has the rho_hat of the batch: its sparsity estimates that of all examples, with a bias;
sae/running.py has another estimate, `sae.studies.batches` measures both.

What a checkpoint needs to go on to the last bit: the rule's memory, the number of the step, the state of the random
numbers at the start, which draws the validation examples, and now, the lowest validation cost and its theta.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from . import checks
from .checkpoint import Resumed
from .errors import SaeError, TrainingError
from .interrupts import ctrl_c
from .optimise import Result, State, call, refuse_past
from .schedules import Schedule


class Rule(Protocol):
    """How a step moves theta, in place; `name` tells checkpoints apart."""

    name: str

    def __call__(self, theta: np.ndarray, grad: np.ndarray, t: int, alpha: float) -> object:
        """Take step t."""

    def memory(self) -> dict[str, Any]:
        """Return what the next step depends on."""
        ...

    def remember(self, memory: dict[str, Any]) -> None:
        """Take over what `memory` returned."""


@dataclass
class MinibatchResult(Result):
    """A `Result` that also tells of the validation, if there was one.

    Attributes
    ----------
    cost : float
        J(theta) on all examples that were trained on; infinite if a training was stopped and J can't be evaluated.
    history : list of dict
        One record for each epoch ("iteration"): "evaluations" (steps so far), "cost", the mean J of its batches, each
        at the theta of its step, "validation", J on the validation examples at its end, and "learning_rate", that of
        its last step.
    validation : float or None
        J(theta) on the validation examples, the lowest of all epochs.
    best : int or None
        The epoch after which theta was that; 0 is the start.
    """

    validation: float | None = None
    best: int | None = None


@dataclass(kw_only=True)
class Loop:
    """The settings of a training but for its rule; `minimize_adam` tells what each is."""

    rng: np.random.Generator
    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule | None = None
    clip_norm: float | None = None
    validation: Callable | float | None = None
    patience: int | None = None
    min_delta: float = 0.0
    shuffle: bool = True
    callback: Callable[[State], object] | None = None

    def __post_init__(self):
        checks.instance("rng", self.rng, np.random.Generator, "numpy.random.default_rng(0)")
        self.epochs, self.batch_size = checks.count("epochs", self.epochs), checks.count("batch_size", self.batch_size)
        self.learning_rate = checks.number("learning_rate", self.learning_rate, 0)
        self.min_delta = checks.number("min_delta", self.min_delta, 0)
        if self.clip_norm is not None:
            self.clip_norm = checks.number("clip_norm", self.clip_norm, 0, open_ends=True)
        if self.patience is not None:
            self.patience = checks.count("patience", self.patience)
            if self.validation is None:
                raise SaeError(
                    f"patience is {self.patience}, but there is no validation; expected examples to judge by: "
                    "give validation=0.1 for a tenth of them, or an objective of other examples."
                )

    def run(self, objective: Any, theta: np.ndarray, rule: Rule, after: Resumed | None = None) -> MinibatchResult:
        """Train, moving theta in place, and return the best theta: the lowest on validation, else the last."""
        if after:
            refuse_past(after.iteration, self.epochs, "epochs")
            set_state(self.rng, after.memory.get("start"))
        start = self.rng.bit_generator.state
        objective, validation = self._split(objective)
        result, whole = MinibatchResult(theta, np.inf, []), theta.copy()
        watch = None if validation is None else _Watch(validation, theta)
        parts: dict[str, Any] = {"rule": rule, **({"watch": watch} if watch else {})}
        if hasattr(objective, "remember"):  # it has a memory: sae/running.py
            parts["objective"] = objective
        if after:
            self._go_on(after, result, parts)
        result.converged = watch is not None and watch.waited == self.patience

        def memory():
            states = {"start": start, "now": self.rng.bit_generator.state}
            return {"solver": rule.name, **states, **{name: part.memory() for name, part in parts.items()}}

        try:
            with ctrl_c():
                for epoch in range(result.iterations + 1, 1 + (0 if result.converged else self.epochs)):
                    record = self.epoch(objective, theta, rule, result, epoch)
                    if watch:
                        watch(theta, epoch, self.min_delta)
                        record["validation"] = watch.cost
                    whole[...] = theta
                    result.history.append(record)
                    stopped = call(self.callback, record, theta, result.history, memory)
                    result.converged = watch is not None and watch.waited == self.patience
                    if stopped or result.converged:
                        break
                result.message = self._plain_words(result, objective)
                self._finish(result, objective, watch)
        except KeyboardInterrupt:
            result.interrupted, result.converged = True, False
            result.message = f"interrupted after {result.iterations} epochs, in step {result.evaluations}"
            if not np.isfinite(theta).all():
                result.theta = whole
            with suppress(SaeError):
                self._finish(result, objective, watch)
        except SaeError as error:
            result.message = f"training stopped after {result.iterations} epochs, in step {result.evaluations}: {error}"
            result.theta = whole  # at the end of the last epoch: theta itself may no longer be finite
            with suppress(SaeError):
                self._finish(result, objective, watch)
            raise TrainingError(result.message, result) from error
        return result

    def _go_on(self, after: Resumed, result: MinibatchResult, parts: dict[str, Any]) -> None:
        """Put all as it was when the checkpoint was written."""
        memory = after.memory
        result.history, result.iterations = list(after.history), after.iteration
        result.evaluations = after.history[-1]["evaluations"]
        if missing := {*parts} ^ ({*memory} - {"solver", "start", "now", "held_out"}):
            raise SaeError(
                f"the training and the checkpoint differ in {', '.join(sorted(missing))}; expected the settings that "
                "it was begun with (validation, RunningSparsity)."
            )
        try:
            for name, part in parts.items():
                part.remember(memory[name])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SaeError(f"what the checkpoint remembers does not fit this training: {error}.") from error
        set_state(self.rng, memory.get("now"))

    def epoch(self, objective: Any, theta: np.ndarray, rule: Rule, result: MinibatchResult, epoch: int) -> dict:
        """Step through all examples once, moving theta in place; count on the steps in `result`. Return the record."""
        m, alpha, costs = objective.m, self.learning_rate, []
        steps = -(-m // self.batch_size)
        order = self.rng.permutation(m) if self.shuffle else np.arange(m)
        for i in range(steps):
            cost, grad = objective.batch(order[i * self.batch_size : (i + 1) * self.batch_size])(theta)
            if np.shape(grad) != theta.shape or not np.isfinite(cost):
                checks.cost_and_grad((cost, grad), theta)  # raises
            result.evaluations += 1
            costs.append(cost)
            if self.clip_norm is not None:
                grad = clip(grad, self.clip_norm)
            if self.schedule is not None:
                factor = checks.number("the schedule's factor", self.schedule(epoch - 1 + i / steps), 0)
                alpha = self.learning_rate * factor
            rule(theta, grad, result.evaluations, alpha)
        if not np.isfinite(theta).all():
            raise SaeError("theta is no longer finite; take a smaller learning_rate, or clip the gradient (clip_norm).")
        result.iterations = epoch
        record = {"iteration": epoch, "evaluations": result.evaluations, "cost": float(np.mean(costs))}
        return {**record, "learning_rate": alpha}

    def _split(self, objective) -> tuple[Any, Callable | None]:
        """Return the objective to train on and the one to judge by; of a share, the examples are drawn here."""
        if self.validation is None or callable(self.validation):
            return objective, self.validation
        share = checks.number("validation", self.validation, 0, 1, open_ends=True)
        held = round(share * objective.m)
        if not 1 <= held < objective.m:
            raise SaeError(
                f"validation is {share:g}, which is {held} of the {objective.m} examples; expected at least one to "
                "judge by and one to train on. Give a larger share, or more examples."
            )
        order = self.rng.permutation(objective.m)
        only = getattr(objective, "only", objective.batch)
        return only(np.sort(order[held:])), only(np.sort(order[:held]))

    def _plain_words(self, result, objective) -> str:
        if result.converged:
            return (
                f"stopped early, after {result.iterations} epochs: the validation cost did not fall by more than "
                f"{self.min_delta:g} in {self.patience} epochs"
            )
        if result.iterations < self.epochs:
            return f"stopped by the callback after {result.iterations} epochs"
        return f"{self.epochs} epochs of {-(-objective.m // self.batch_size)} steps"

    @staticmethod
    def _finish(result, objective, watch) -> None:
        """Put the best theta into the result, and its J."""
        if watch:
            result.theta, result.validation, result.best = watch.theta, watch.lowest, watch.epoch
        result.cost = float(objective(result.theta)[0])


def clip(grad: np.ndarray, norm: float) -> np.ndarray:
    """Return the gradient, (p,), no longer than `norm`: (B1)."""
    with np.errstate(over="ignore"):
        length = np.linalg.norm(grad)
    if not np.isfinite(length):
        raise SaeError(f"the gradient has the norm {length}; expected a finite one. Take a smaller learning_rate.")
    return grad * (norm / length) if length > norm else grad  # (B1)


def set_state(rng: np.random.Generator, state: Any) -> None:
    """Put a generator into the state that a checkpoint has of it."""
    try:
        rng.bit_generator.state = state
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError) as error:
        raise SaeError(
            f"the checkpoint has no state that {type(rng.bit_generator).__name__} can take ({error}); expected the "
            "kind of generator that the training was begun with."
        ) from error


def same_array(name: str, found: Any, expected: np.ndarray) -> np.ndarray:
    """Return an array of a checkpoint, of the shape and the precision that are expected."""
    if not isinstance(found, np.ndarray) or found.shape != expected.shape or found.dtype != expected.dtype:
        what = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
        raise ValueError(f"{name} is {what}, not {expected.dtype} {expected.shape}")
    return found


class _Watch:
    """The validation cost, the theta where it was lowest, and how many epochs ago it last fell by enough."""

    def __init__(self, validation, theta):
        self.validation, self.theta, self.epoch, self.waited = validation, theta.copy(), 0, 0
        self.cost = self.lowest = self.mark = self._judge(theta)

    def __call__(self, theta, epoch, min_delta):
        self.cost = self._judge(theta)
        if self.cost < self.lowest:
            self.lowest, self.theta[...], self.epoch = self.cost, theta, epoch
        fell = self.cost < self.mark - min_delta
        self.mark, self.waited = (self.cost, 0) if fell else (self.mark, self.waited + 1)

    def memory(self):
        numbers = {name: getattr(self, name) for name in ("epoch", "waited", "cost", "lowest", "mark")}
        return {**numbers, "theta": self.theta.copy()}

    def remember(self, memory):
        self.theta[...] = same_array("the theta of the lowest validation cost", memory["theta"], self.theta)
        self.epoch, self.waited = int(memory["epoch"]), int(memory["waited"])
        self.cost, self.lowest, self.mark = (float(memory[name]) for name in ("cost", "lowest", "mark"))

    def _judge(self, theta):
        return float(checks.cost_and_grad(self.validation(theta), theta)[0])
