"""What all uses share: their settings, repetitions with progress, measures with their spread, the comparison in words.

A use is a module with a TITLE, what data it NEEDS, and `run(setting) -> Outcome`. It does everything that depends on
chance in one function of k, the number of the repetition, so that means and spreads are over whole experiments.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
from matplotlib.figure import Figure
from scipy.special import stdtrit

from .. import checks
from ..errors import SaeError, TrainingError
from ..optimise import Result, minimize_lbfgs

Fitted = TypeVar("Fitted")
Made = TypeVar("Made")
Watch = Callable[[str, int], AbstractContextManager[Any]]
Better = Literal["high", "low"]


@dataclass
class Setting:
    """How a use is run.

    Attributes
    ----------
    quick : bool
        Reduced sizes: less than ten seconds, and other numbers.
    seed : int
    fetch : bool
        Whether data sets that no package ships may be downloaded.
    seeds : int
        Repetitions, at least 1; 5 unless given, or 2 when quick.
    log : callable
        Called with a sentence before each step.
    watch : callable
        (what, max_iter) -> context manager that gives the callback of a training.
    interrupted : bool
        Whether Ctrl-C ended the repetitions: the measures are those of the ones done before.
    left_out : list of str
        What `fit_each` left out, and why.
    """

    quick: bool = False
    fetch: bool = False
    seed: int = 0
    seeds: int = 0
    log: Callable[[str], None] = lambda sentence: None
    watch: Watch = lambda what, max_iter: nullcontext()
    interrupted: bool = False
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.seeds = checks.count("seeds", self.seeds or (2 if self.quick else 5))

    def rng(self, stream: int, k: int = 0) -> np.random.Generator:
        """Return the generator of one of the draws of the k-th repetition."""
        return np.random.default_rng([self.seed, stream, k])

    def random_state(self, stream: int, k: int = 0) -> int:
        """Return the same as a seed for scikit-learn, and for the estimators here."""
        return int(self.rng(stream, k).integers(2**31))

    def repeat(self, repetition: Callable[[int], Made]) -> list[Made]:
        """Return repetition(0), ..., repetition(seeds - 1); under Ctrl-C those that were done, at least one.

        Raises
        ------
        KeyboardInterrupt
            If Ctrl-C came before the first was done, or ended an earlier call: a use has one call.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        done = []
        for k in range(self.seeds):
            self.log(f"repetition {k + 1} of {self.seeds}")
            try:
                done.append(repetition(k))
            except KeyboardInterrupt:
                self.interrupted = True
                if not done:
                    raise
                break
        return done

    def train(self, what: str, objective: Callable, theta0: np.ndarray, max_iter: int) -> Result:
        """Return what L-BFGS comes to, with progress; Ctrl-C is raised, so that no half-trained model is measured."""
        with self.watch(what, max_iter) as callback:
            result = minimize_lbfgs(objective, theta0, max_iter=max_iter, callback=callback)
        if result.interrupted:
            raise KeyboardInterrupt
        return result

    def fit(self, what: str, estimator: Fitted, X, y=None) -> Fitted:
        """Return an estimator of sae fitted to X (m, n), rows, and y, with progress; Ctrl-C is raised, as above."""
        model: Any = estimator
        with self.watch(what, model.max_iter) as callback:
            model.set_params(callback=callback).fit(X, y)
        model.set_params(callback=None)
        if "interrupted" in model.stop_reason_:
            raise KeyboardInterrupt
        return estimator

    def fit_each(self, what: str, candidates: Sequence[Fitted], X, y=None) -> list[Fitted]:
        """Return candidates fitted to X (m, n), rows, and y; one whose training can't go on is left out, and told.

        Raises
        ------
        TrainingError
            Of the last, if none could be trained.
        """
        fitted = []
        for number, one in enumerate(candidates, 1):
            try:
                fitted.append(self.fit(what, one, X, y))
            except TrainingError as error:
                if number == len(candidates) and not fitted:
                    raise
                self.left_out.append(f"{what}: candidate {number} of {len(candidates)} was left out, {error}")
                self.log(self.left_out[-1])
        return fitted


@dataclass(frozen=True)
class Measure:
    """What a method came to at a task, one number a repetition.

    Attributes
    ----------
    task : str
        For example "sigma 25".
    method : str
        For example "sparse autoencoder".
    what : str
        The number and its unit, for example "PSNR / dB".
    values : tuple of float
    better : {"high", "low"}
    """

    task: str
    method: str
    what: str
    values: tuple[float, ...]
    better: Better = "high"

    @property
    def mean(self) -> float:
        """The mean over the repetitions."""
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float:
        """The sample standard deviation, NaN of one repetition."""
        return statistics.stdev(self.values) if len(self.values) > 1 else math.nan

    def __str__(self) -> str:
        return with_spread(self.mean, self.spread)

    def beats(self, other: Measure) -> bool:
        """Return whether the mean is better than that of another measure."""
        return self.mean > other.mean if self.better == "high" else self.mean < other.mean


def with_spread(mean: float, spread: float) -> str:
    """Return "mean +- spread" with the decimals that a spread of two digits asks for, the mean alone without spread.

    >>> with_spread(0.97123, 0.0046)
    '0.9712 +- 0.0046'
    """
    if math.isnan(spread):
        return f"{mean:.4g}"
    if spread == 0:
        return f"{mean:.4g} +- 0"
    decimals = min(max(1 - math.floor(math.log10(spread)), 0), 4)
    return f"{mean:.{decimals}f} +- {spread:.{decimals}f}"


def gather(
    repetitions: Sequence[Mapping[tuple[str, str, str], float]], better: Mapping[str, Better] | Better = "high"
) -> list[Measure]:
    """Return the measures of repetitions, each a dict (task, method, what) -> number with the same keys.

    `better` says for each `what` whether high or low is better, or for all.

    Raises
    ------
    SaeError
        For no repetition, other keys in one of them, or a number that is not finite.
    """
    if not repetitions or any(list(one) != list(repetitions[0]) for one in repetitions):
        raise SaeError("the repetitions measured different things, or there are none; expected the same in each.")
    measures = []
    for task, method, what in repetitions[0]:
        values = tuple(float(one[task, method, what]) for one in repetitions)
        if not all(map(math.isfinite, values)):
            raise SaeError(f"{what} of {method} at {task} is {values}; expected finite numbers.")
        measures.append(Measure(task, method, what, values, better if isinstance(better, str) else better[what]))
    return measures


@dataclass(frozen=True)
class Difference:
    """One method less another at the same task, in pairs: both saw the same draws in each repetition.

    Attributes
    ----------
    values : tuple of float
    better : {"high", "low"}
    """

    values: tuple[float, ...]
    better: Better

    @property
    def mean(self) -> float:
        """The mean difference."""
        return statistics.fmean(self.values)

    @property
    def error(self) -> float:
        r"""The standard error of the mean, s / \sqrt{n}; NaN of one repetition."""
        n = len(self.values)
        return statistics.stdev(self.values) / math.sqrt(n) if n > 1 else math.nan

    @property
    def verdict(self) -> str:
        """Return "better than", "worse than" or, if 0 is in the 95 % interval of Student's t, "not told apart from".

        Splits of the same data overlap, so that the interval is rather too narrow than too wide. Of one repetition
        there is no interval, which it says: "better (in one repetition) than".
        """
        if self.mean == 0 or abs(self.mean) <= stdtrit(max(len(self.values) - 1, 1), 0.975) * self.error:
            return "not told apart from"
        once = " (in one repetition)" if math.isnan(self.error) else ""
        return ("better" if (self.mean > 0) == (self.better == "high") else "worse") + f"{once} than"

    def __str__(self) -> str:
        sign = "+" if self.mean >= 0 else ""
        return sign + with_spread(self.mean, self.error)


def compared(differences: Sequence[tuple[str, str, Difference]], unit: str = "") -> str:
    """Return in words how a method does, from (task, other method, difference); tasks that agree stand together.

    >>> won = Difference((1.0, 1.0), "high")
    >>> compared([("A", "PCA", won), ("B", "PCA", won), ("C", "DCT", Difference((1.0, -1.0), "high"))], "dB")
    'better than PCA at A, B (+1 +- 0, +1 +- 0 dB), not told apart from DCT at C (+0.0 +- 1.0 dB)'
    """
    groups: dict[tuple[str, str], list[tuple[str, Difference]]] = {}
    for task, other, gap in differences:
        groups.setdefault((gap.verdict, other), []).append((task, gap))
    said = []
    for (verdict, other), group in groups.items():
        tasks, gaps = zip(*group, strict=True)
        said.append(f"{verdict} {other} at {together(tasks)} ({', '.join(map(str, gaps))}{unit and ' ' + unit})")
    return ", ".join(said)


def together(tasks: Sequence[str]) -> str:
    """Return the tasks with commas between; what all have but for one word is said once.

    >>> together(["1 bits per pixel", "1.5 bits per pixel"]), together(["sigma 15", "salt and pepper"])
    ('1, 1.5 bits per pixel', 'sigma 15, salt and pepper')
    """
    words = [task.split() for task in tasks]
    if len({len(one) for one in words}) == 1:
        places = [dict.fromkeys(place) for place in zip(*words, strict=True)]
        if sum(len(place) > 1 for place in places) == 1:
            return " ".join(", ".join(place) for place in places)
    return ", ".join(tasks)


@dataclass
class Outcome:
    """What a use came to.

    Attributes
    ----------
    use : str
    data : str
        What the data are, their source and licence.
    measures : list of Measure
    ours : tuple of str
        The methods that are autoencoders, the one that the headline is about first; all others are alternatives.
    headline : (str, str)
        Task and number that the table of all uses shows.
    settings : dict
        The numbers that went in.
    figure : Figure
    verdict : str
        One or two sentences, with the numbers put in by the code: who wins, by how much, and why.
    notes : list of str
    """

    use: str
    data: str
    measures: list[Measure]
    ours: tuple[str, ...]
    headline: tuple[str, str]
    settings: dict[str, Any]
    figure: Figure
    verdict: str
    notes: list[str] = field(default_factory=list)

    def measure(self, task: str, what: str, method: str) -> Measure:
        """Return a measure."""
        return find(self.measures, task, what, method)

    def at_headline(self) -> tuple[Measure, Measure]:
        """Return the autoencoder's measure at the headline, and that of the best alternative."""
        ours = self.measure(*self.headline, self.ours[0])
        return ours, best_of(self.measures, *self.headline, without=self.ours)


def find(measures: Sequence[Measure], task: str, what: str, method: str) -> Measure:
    """Return the measure of a method at a task.

    Raises
    ------
    SaeError
        If there is none.
    """
    for one in measures:
        if (one.task, one.what, one.method) == (task, what, method):
            return one
    raise SaeError(f"nothing was measured of {method} at {task}, {what}.")


def best_of(measures: Sequence[Measure], task: str, what: str, without: Sequence[str] = ()) -> Measure:
    """Return the measure with the best mean of the methods at a task, some left out.

    Raises
    ------
    SaeError
        If there is none.
    """
    found = [one for one in measures if (one.task, one.what) == (task, what) and one.method not in without]
    if not found:
        raise SaeError(f"no method but {', '.join(without)} was measured at {task}, {what}.")
    return (max if found[0].better == "high" else min)(found, key=lambda one: one.mean)


def difference(one: Measure, other: Measure) -> Difference:
    """Return one measure less another, repetition by repetition.

    Raises
    ------
    SaeError
        If they are not of the same task and number, with as many repetitions.
    """
    same = [(m.task, m.what, m.better, len(m.values)) for m in (one, other)]
    if same[0] != same[1]:
        raise SaeError(f"{one.method} and {other.method} were measured differently: {same[0]} and {same[1]}.")
    return Difference(tuple(a - b for a, b in zip(one.values, other.values, strict=True)), one.better)
