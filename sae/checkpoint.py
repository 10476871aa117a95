"""Checkpoints: a training that was ended at any moment goes on from the last one.

A checkpoint is a model file that also says how far the training was; `sae.model_file.load` reads it. It holds theta,
the history and the solver's memory. Adam and SGD remember all: their moments, the number of the step, the state of the
random numbers that draw the batches, the validation costs. A resumed training of theirs is, to the last bit, the one
that was never ended. Of L-BFGS and the other solvers of SciPy theta is all that can be kept: L-BFGS begins with the
gradient alone and gathers its pairs of steps and gradient differences again. It takes other steps than an uninterrupted
one, to a minimum as low.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import checks, model_file
from .errors import SaeError
from .interrupts import ctrl_c_waits
from .layout import Layout


@dataclass(frozen=True)
class Resumed:
    """Where a training stood. Minimisers take it in place of theta0 and go on from there.

    Attributes
    ----------
    theta : (p,) array
    layout : Layout
    iteration : int
        How many iterations (epochs) are done.
    history : list of dict
        The records up to there.
    memory : dict
        What the solver had in mind; "solver" is its name.
    model : Model
        The checkpoint as a model, with hyperparameters, preprocessing and provenance.
    """

    theta: np.ndarray = field(repr=False)
    layout: Layout
    iteration: int
    history: list[dict] = field(repr=False)
    memory: dict[str, Any] = field(repr=False)
    model: model_file.Model = field(repr=False)


class Checkpoint:
    """A callback of all minimisers that writes a checkpoint now and then.

    `minimize_adam(objective, sae.resume(path), rng=rng, epochs=50)` then goes on from it, to 50 epochs in all.

    Parameters
    ----------
    path : str or path
        Replaced as a whole each time: after a kill it holds the last checkpoint.
    layout : Layout
    every : int, optional
        Write after this many iterations (epochs of Adam).
    seconds : float, optional
        Write at the first iteration that ends this long after the last write. Give `every`, `seconds` or both; the
        first record is written in any case, so that a place that can't be written to shows at once.
    callback : callable, optional
        Called with each record, before anything is written.
    **description
        What `sae.save` takes: about, hyperparameters, preprocessing, provenance, feature_names.

    Raises
    ------
    SaeError
        For input that can't be used; when called, if the file can't be written.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        layout: Layout,
        *,
        every: int | None = None,
        seconds: float | None = None,
        callback=None,
        **description: Any,
    ):
        if every is None and seconds is None:
            raise SaeError("when to write a checkpoint? Give every=, in iterations, or seconds=.")
        self.every = None if every is None else checks.count("every", every)
        self.seconds = None if seconds is None else checks.number("seconds", seconds, 0)
        self.path, self.layout, self.callback, self.description = Path(path), layout, callback, description
        self.written: float | None = None

    def __call__(self, state) -> None:
        """Take a `sae.State`, as the solvers give it."""
        if self.callback:
            self.callback(state)
        if self.due(state["iteration"]):
            self.write(state)

    def due(self, iteration: int) -> bool:
        """Whether it is time to write."""
        if self.written is None:
            return True
        late = self.seconds is not None and time.monotonic() - self.written >= self.seconds
        return late or (self.every is not None and iteration % self.every == 0)

    def write(self, state) -> None:
        """Write a checkpoint now."""
        about = {**self.description.get("about", {}), "checkpoint": {"history": state.history}}
        words = {**self.description, "about": about, "memory": state.memory()}
        with ctrl_c_waits():
            model_file.save(self.path, state.theta, self.layout, **words)
        self.written = time.monotonic()


def resume(path: str | os.PathLike) -> Resumed:
    """Read a checkpoint.

    Raises
    ------
    SaeError
        If there is no such file, it is damaged, or a model but no checkpoint.
    """
    model = model_file.load(path)
    if "checkpoint" not in model.about:
        raise SaeError(
            f"{path} is a model, not a checkpoint; to train it further, start from its theta: sae.model_file.load."
        )
    try:
        history = [dict(record) for record in model.about["checkpoint"]["history"]]
        iteration = checks.count("iteration", history[-1]["iteration"], 0)
        checks.count("evaluations", history[-1]["evaluations"], 0, 2**62)
        if not isinstance(model.memory["solver"], str):
            raise TypeError("its solver has no name")
        return Resumed(model.theta, model.layout, iteration, history, model.memory, model)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise SaeError(
            f"{path} is a damaged checkpoint ({error}); its theta can be read with sae.model_file.load."
        ) from error
