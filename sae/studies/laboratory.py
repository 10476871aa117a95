"""All experiments with derivatives of a small sparse autoencoder on photographs: figures and tables into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import checks
from ..files import writable_folder, writing
from . import batches, curvature, gradients, missed
from .problem import Problem, small_problem
from .tables import write_table

FULL: Mapping[str, Any] = MappingProxyType(
    {
        "small": {"side": 4, "n_hidden": 6, "m": 200},  # p = 214: for one J after another, and a dense Hessian
        "pictured": {"side": 8, "n_hidden": 16, "m": 100},
        "trained": {"side": 8, "n_hidden": 25, "m": 500},  # p = 3289
        "points": 121,
        "draws": 40,
        "budget": 3000,
        "bias": {"sizes": batches.SIZES, "chains": 16, "steps": 250},
        "of batches": {"m": 5000, "iterations": 100},
        "runs": {"sizes": (32, 256), "epochs": 40, "draws": 3},
    }
)
QUICK: Mapping[str, Any] = MappingProxyType(
    {
        "small": {"side": 3, "n_hidden": 4, "m": 60},
        "pictured": {"side": 4, "n_hidden": 4, "m": 40},
        "trained": {"side": 4, "n_hidden": 5, "m": 60},
        "points": 61,
        "draws": 8,
        "budget": 150,
        "bias": {"sizes": (16, 64), "chains": 4, "steps": 20},
        "of batches": {"m": 300, "iterations": 30},
        "runs": {"sizes": (32,), "rates": (1e-3,), "epochs": 3, "draws": 1},
    }
)
EXPERIMENTS = ("steps", "taylor", "entries", "missed", "spectrum", "solvers", "extremes", "batches", "training")
Rows = list[dict[str, str]]


def write_all(
    folder: str | PathLike,
    seed: int = 0,
    quick: bool = False,
    log: Callable[[str], None] | None = None,
    only: Sequence[str] = EXPERIMENTS,
) -> tuple[list, dict[str, Rows]]:
    """Run the experiments and write the figure (.png) and table (.md and .csv) of each; minutes, or seconds.

    Parameters
    ----------
    folder : path
        Made if need be.
    seed : int
        Of the patches, the theta and the directions.
    quick : bool
        Small sizes (`QUICK`), which show less.
    log : callable, optional
        Called with a sentence before each experiment.
    only : sequence of str
        Some of `EXPERIMENTS`; each finds the same alone as among the others.

    Returns
    -------
    paths : list of Path
        What was written.
    tables : dict of str to list of dict
        The rows of each table by the name of its experiment.
    """
    for name in only:
        checks.one_of("the experiment", name, EXPERIMENTS)
    folder, laboratory = writable_folder(folder), Laboratory(checks.count("seed", seed, 0), QUICK if quick else FULL)
    paths, tables = [], {}
    for name in (name for name in EXPERIMENTS if name in only):
        experiment = getattr(laboratory, name)
        if log is not None:
            log(experiment.__doc__.rstrip("."))
        figure, tables[name] = experiment()
        if figure is not None:
            with writing(folder / f"{name}.png") as temporary:
                figure.savefig(temporary, dpi=110, metadata={"Software": None})
            paths.append(folder / f"{name}.png")
        paths.extend(write_table(tables[name], folder / name))
    return paths, tables


Found = tuple[Figure | None, Rows]


class Laboratory:
    """A method for each of `EXPERIMENTS`: its figure, if it has one, and the rows of its table."""

    def __init__(self, seed: int, size: Mapping[str, Any]):
        self.seed, self.size = seed, size

    def _problem(self, k: int, name: str) -> Problem:
        return small_problem(np.random.default_rng([self.seed, k]), **self.size[name])

    @cached_property
    def _small(self) -> Problem:
        return self._problem(0, "small")

    @cached_property
    def _trained(self) -> Problem:
        return self._problem(2, "trained")

    @cached_property
    def _of_batches(self) -> Problem:
        return batches.trained_problem(np.random.default_rng([self.seed, 4]), **self.size["of batches"])

    @cached_property
    def _minima(self):
        return curvature.solvers(self._trained, budget=self.size["budget"])

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, 3])

    def steps(self) -> Found:
        """The error against the step."""
        found = gradients.error_against_step(self._small, self._rng(), points=self.size["points"])
        return gradients.plot_steps(found), gradients.steps_rows(found)

    def taylor(self) -> Found:
        """Taylor's remainders."""
        found = gradients.taylor(self._small, self._rng())
        return gradients.plot_taylor(found), gradients.taylor_rows(found)

    def entries(self) -> Found:
        """The error of each entry."""
        problem = self._problem(1, "pictured")
        errors = missed.entry_errors(problem)
        return missed.plot_entry_errors(problem, errors), missed.entry_rows(problem, errors)

    def missed(self) -> Found:
        """What each witness misses."""
        found = missed.what_is_missed(self._small, self._rng(), draws=self.size["draws"])
        return missed.plot_missed(found), missed.missed_rows(found)

    def spectrum(self) -> Found:
        """All eigenvalues of the Hessian of a small problem."""
        spectra = curvature.spectrum(self._small)
        return curvature.plot_spectrum(spectra, lam=self._small.lam), curvature.spectrum_rows(spectra)

    def solvers(self) -> Found:
        """L-BFGS beside Newton-CG and trust regions."""
        budget = self.size["budget"]
        budgets = [budget // 30, budget // 10, budget // 3, budget]
        return curvature.plot_solvers(self._minima), curvature.solver_rows(self._minima, budgets)

    def extremes(self) -> Found:
        """Extreme eigenvalues where the solvers started and ended."""
        found = self._minima
        best = min(curvature.METHODS, key=lambda name: found[name].cost[-1])  # of those that know H v
        ends = {f"{name}, end": found[name].theta for name in ("L-BFGS", best)}
        return None, curvature.extreme_rows(self._trained, {"start": self._trained.theta, **ends})

    def batches(self) -> Found:
        """How far off the sparsity of a minibatch is."""
        found = batches.measure_bias(self._of_batches, self._rng(), **self.size["bias"])
        return batches.plot_bias(found), batches.bias_rows(found)

    def training(self) -> Found:
        """Where Adam ends with the sparsity of minibatches."""
        found = batches.train(self._of_batches, self._rng(), **self.size["runs"])
        return None, batches.training_rows(found)
