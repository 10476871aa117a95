"""What all exercises share: their settings, the training with progress, the row of a table, the unit of time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TypeVar

import numpy as np
from matplotlib.figure import Figure

from ..layout import Layout
from ..optimise import Result, minimize_lbfgs
from ..plots import plot_history

AnyResult = TypeVar("AnyResult", bound=Result)
Made = TypeVar("Made")
Watch = Callable[[str, int], AbstractContextManager[Any]]


@dataclass
class Setting:
    """How an exercise is run.

    Attributes
    ----------
    quick : bool
        Reduced sizes: less than a minute, and other numbers than the published ones.
    seed : int
    data : str or None
        "digits" for scikit-learn's 8 x 8 digits in place of MNIST, or the folder of MNIST; $SAE_DATA unless given.
    fetch : bool
        Download MNIST instead.
    threads : int
    log : callable
        Called with a sentence before each step.
    watch : callable
        (what, max_iter) -> context manager that gives the callback of a training.
    interrupted : bool
        Whether Ctrl-C ended a training: later ones are left out, and the best so far is evaluated.
    dtype : {"float64", "float32"}
        Precision of all but the last iterations of a training.
    shared : dict
        What several exercises of one run need, by name, see `once`.
    work : float
        Seconds of `timed` work so far: what the exercise is about, without reading data and drawing.
    """

    quick: bool = False
    seed: int = 0
    data: str | None = None
    fetch: bool = False
    threads: int = 1
    log: Callable[[str], None] = lambda sentence: None
    watch: Watch = lambda what, max_iter: nullcontext()
    dtype: str = "float64"
    interrupted: bool = False
    shared: dict[str, Any] = field(default_factory=dict)
    work: float = field(default=0.0, init=False)

    def rng(self, stream: int) -> np.random.Generator:
        """Return the generator of one of the exercise's draws."""
        return np.random.default_rng([self.seed, stream])

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """Return what exercises of one run have in common, made by the first of them; its time counts in each."""
        if key in self.shared:
            made, taken = self.shared[key]
            self.work += taken
            return made
        before = self.work
        made = make()
        self.shared[key] = made, self.work - before
        return made

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count the time of a block as work."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.work += time.perf_counter() - start

    def train(
        self, what: str, objective: Callable, theta0: np.ndarray, max_iter: int, *, history: list[dict] | None = None
    ) -> np.ndarray:
        """Return theta after L-BFGS, the best so far if interrupted; theta0 if an earlier training was.

        Records go to `history`, too.
        """
        if self.interrupted:
            return theta0
        result = self.learn(
            what, max_iter, lambda callback: minimize_lbfgs(objective, theta0, max_iter=max_iter, callback=callback)
        )
        if history is not None:
            history.extend(result.history)
        return result.theta

    def learn(self, what: str, max_iter: int, training: Callable[[Any], AnyResult]) -> AnyResult:
        """Return what a training of any kind, given a callback, comes to."""
        with self.timed(), self.watch(what, max_iter) as callback:
            result = training(callback)
        self.interrupted = self.interrupted or result.interrupted
        self.log(f"{what}: J = {result.cost:.6f}, {result.message}")
        return result


@dataclass(frozen=True)
class Row:
    """One number beside the published one.

    Attributes
    ----------
    exercise, measure : str
    ours : float
    published : str
        Of the tutorial, or "-" where it states none.
    unit : str
        "%" or "".
    """

    exercise: str
    measure: str
    ours: float
    published: str = "-"
    unit: str = "%"


@dataclass
class Outcome:
    """What an exercise came to.

    Attributes
    ----------
    rows : list of Row
    settings : dict
        The numbers that went in.
    digest : str
        SHA-256 of the examples, see `digest`.
    figures : dict of str to Figure
    theta, layout : array and Layout
        The model.
    evaluation : callable
        One evaluation of the exercise's cost in plain NumPy: the unit of time.
    notes : list of str
    """

    rows: list[Row]
    settings: dict[str, Any]
    digest: str
    figures: dict[str, Figure]
    theta: np.ndarray
    layout: Layout
    evaluation: Callable[[], object]
    notes: list[str] = field(default_factory=list)


def history_figure(history: list[dict]) -> dict[str, Figure]:
    """Return the picture of a training by its name; nothing, if Ctrl-C left no iteration to draw."""
    return {"history": plot_history(history)} if history else {}


def digest(*arrays: np.ndarray) -> str:
    """Return the SHA-256 of examples: shape, type and numbers of each array, in the order of its rows."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.shape} {array.dtype}".encode())
        found.update(np.ascontiguousarray(array.T).data)
    return found.hexdigest()


def seconds(call: Callable[[], object], rounds: int = 3) -> float:
    """Return the median time of a call, after one that does not count."""
    call()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return median(taken)


def accuracy(answer: np.ndarray, y: np.ndarray) -> float:
    """Return the share of right answers, in percent."""
    return 100 * float(np.mean(answer == y))
