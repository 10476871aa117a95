"""Training in stages, one after the other: what each is called, shows and leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import SaeError
from ..optimise import Result, State

NOT_TRAINED = "not trained"


@dataclass(frozen=True)
class Stage:
    """How a stage of the training went.

    Attributes
    ----------
    n_iter : int
    history : list of dict
        The records of the minimiser; none if it did not run.
    stop_reason : str
    """

    n_iter: int
    history: list[dict] = field(repr=False)
    stop_reason: str

    @property
    def loss_curve(self) -> list[float]:
        """J of each record."""
        return [record["cost"] for record in self.history]


def note(estimator: Any, stage: Stage) -> None:
    """Set what an estimator says of its training."""
    estimator.n_iter_, estimator.stop_reason_ = stage.n_iter, stage.stop_reason
    estimator.history_, estimator.loss_curve_ = stage.history, stage.loss_curve


class Stages(dict[str, Stage]):
    """The stages by name, in their order; after a Ctrl-C no more are trained."""

    interrupted: str = ""

    def add(self, name: str, result: Result) -> None:
        """Note how a stage went."""
        self[name] = Stage(result.iterations, result.history, result.message)
        if result.interrupted:
            self.interrupted = name

    @property
    def n_iter(self) -> int:
        """Iterations of all stages."""
        return sum(stage.n_iter for stage in self.values())

    @property
    def stop_reason(self) -> str:
        """Why the last stage stopped or, after a Ctrl-C, which one it ended and which were left out."""
        if not self.interrupted:
            trained = [stage for stage in self.values() if stage.stop_reason != NOT_TRAINED]
            return trained[-1].stop_reason if trained else NOT_TRAINED
        names = list(self)
        left = names[names.index(self.interrupted) + 1 :]
        without = f"; not trained: {', '.join(left)}" if left else ""
        return f"{self.interrupted} was {self[self.interrupted].stop_reason}{without}"


@dataclass(frozen=True)
class Named:
    """The user's callback, told in which stage a record was made."""

    stage: str
    callback: Callable[[State], object]

    def __call__(self, state: State) -> None:
        """Pass the record on, with "stage"."""
        state["stage"] = self.stage
        self.callback(state)


def named(stage: str, callback: Callable[[State], object] | None) -> Named | None:
    """Return the callback of a stage, if there is one."""
    return None if callback is None else Named(stage, callback)


def given(*callbacks: Callable[[State], object] | None) -> list[Callable[[State], object]]:
    """Return those that are no None."""
    return [callback for callback in callbacks if callback is not None]


def untrained(theta: np.ndarray) -> Result:
    """Return what a minimiser that does nothing returns."""
    return Result(theta, np.nan, [], NOT_TRAINED)


def progress(verbose: int, stage: str, max_iter: int) -> AbstractContextManager[Any]:
    """Return a context whose value is a callback that shows the progress of a stage, or None unless `verbose`."""
    if not verbose:
        return nullcontext()
    from rich.console import Console

    from ..progress import TrainingProgress

    return TrainingProgress(Console(), max_iter, stage)


def per_layer(name: str, value: Any, depth: int) -> list[Any]:
    """Return one value for each layer: `value` for all, or each its own of a list or tuple."""
    if not isinstance(value, list | tuple | np.ndarray):
        return [value] * depth
    if len(value) != depth:
        raise SaeError(
            f"{name} is {value!r}, {len(value)} values; expected one for all layers or {depth}, one for each."
        )
    return [one.item() if isinstance(one, np.generic) else one for one in value]
