"""Checkpoints: a training that was ended at any moment goes on from the last one.

A checkpoint is a model file that also says how far the training was: `sae.load` reads it as a model. It holds theta,
the history and, if asked for, the state of the random numbers: what every solver has. What a solver remembers of its
own is lost: L-BFGS begins with the gradient alone and gathers its pairs of steps and gradient differences again, Adam
begins with m = v = 0. A resumed training therefore takes other steps than an uninterrupted one, to a minimum as low.
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
from .layout import Layout

GENERATORS = (np.random.PCG64, np.random.PCG64DXSM, np.random.SFC64, np.random.Philox, np.random.MT19937)


@dataclass(frozen=True)
class Resumed:
    """Where a training stood.

    Attributes
    ----------
    theta : (p,) array
    layout : Layout
    iteration : int
        How many iterations (epochs) are done.
    history : list of dict
        The records up to there.
    rng : Generator or None
        In the state that it had.
    model : Model
        The checkpoint as a model, with hyperparameters, preprocessing and provenance.
    """

    theta: np.ndarray = field(repr=False)
    layout: Layout
    iteration: int
    history: list[dict] = field(repr=False)
    rng: np.random.Generator | None
    model: model_file.Model = field(repr=False)

    def followed_by(self, history: list[dict]) -> list[dict]:
        """Return the history of both: `history`, of the training that went on from here, is counted on."""
        return self.history + [self.counted_on(record) for record in history if record["iteration"] > 0]

    def counted_on(self, record: dict) -> dict:
        """Return a record of the training that went on from here, its iterations and evaluations counted on."""
        last = self.history[-1] if self.history else {}
        more = {name: last.get(name, 0) + record[name] for name in ("evaluations", "products") if name in record}
        return {**record, "iteration": self.iteration + record["iteration"], **more}


class Checkpoint:
    """A callback of `minimize_lbfgs`, `minimize_newton` and `minimize_adam` that writes a checkpoint now and then.

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
    after : Resumed, optional
        What this training goes on from; its history comes first.
    rng : Generator, optional
        Its state is written too: that of Adam.
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
        after: Resumed | None = None,
        rng: np.random.Generator | None = None,
        callback=None,
        **description: Any,
    ):
        if every is None and seconds is None:
            raise SaeError("when to write a checkpoint? Give every=, in iterations, or seconds=.")
        self.every = None if every is None else checks.count("every", every)
        self.seconds = None if seconds is None else checks.number("seconds", seconds, 0)
        if rng is not None:
            checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        self.path, self.layout, self.after, self.rng = Path(path), layout, after, rng
        self.callback, self.description = callback, description
        self.history: list[dict] = list(after.history) if after else []
        self.written: float | None = None

    def __call__(self, state) -> None:
        """Take a record of the history with the `.theta` of that iteration, as the solvers give it."""
        record = dict(state)
        if self.after is None:
            self.history.append(record)
        elif record["iteration"] > 0:
            self.history.append(self.after.counted_on(record))
        if self.callback:
            self.callback(state)
        if self.due(record["iteration"]):
            self.write(state.theta)

    def due(self, iteration: int) -> bool:
        """Whether it is time to write."""
        if self.written is None:
            return True
        late = self.seconds is not None and time.monotonic() - self.written >= self.seconds
        return late or (self.every is not None and iteration % self.every == 0)

    def write(self, theta: np.ndarray) -> None:
        """Write a checkpoint now."""
        training = {"history": self.history, "rng": None if self.rng is None else self.rng.bit_generator.state}
        about = {**self.description.get("about", {}), "checkpoint": training}
        model_file.save(self.path, theta, self.layout, **{**self.description, "about": about})
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
        raise SaeError(f"{path} is a model, not a checkpoint; to train it further, start from its theta: sae.load.")
    training = model.about["checkpoint"]
    try:
        history = [dict(record) for record in training["history"]]
        iteration = checks.count("iteration", history[-1]["iteration"], 0)
        return Resumed(model.theta, model.layout, iteration, history, _generator(training["rng"]), model)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise SaeError(f"{path} is a damaged checkpoint ({error}); its theta can be read with sae.load.") from error


def _generator(state):
    if state is None:
        return None
    kinds = {kind.__name__: kind for kind in GENERATORS}
    generator = kinds[state["bit_generator"]](0)
    generator.state = state
    return np.random.Generator(generator)
