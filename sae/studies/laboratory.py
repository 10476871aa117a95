"""All experiments with derivatives of a small sparse autoencoder on photographs: figures and tables into a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np

from .. import checks
from ..files import writable_folder, writing
from . import curvature, gradients, missed
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
    }
)
Rows = list[dict[str, str]]


def write_all(
    folder: str | PathLike, seed: int = 0, quick: bool = False, log: Callable[[str], None] | None = None
) -> tuple[list, dict[str, Rows]]:
    """Run every experiment and write its figure (.png) and its table (.md and .csv); less than a minute, or seconds.

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

    Returns
    -------
    paths : list of Path
        What was written.
    tables : dict of str to list of dict
        The rows of each table by the name of its experiment.
    """
    folder, seed = writable_folder(folder), checks.count("seed", seed, 0)
    size = QUICK if quick else FULL
    small, pictured, trained = (
        small_problem(np.random.default_rng([seed, k]), **size[name])
        for k, name in enumerate(("small", "pictured", "trained"))
    )
    log = log or (lambda sentence: None)
    paths, tables = [], {}

    def keep(name, figure, rows):
        with writing(folder / f"{name}.png") as temporary:
            figure.savefig(temporary, dpi=110, metadata={"Software": None})
        paths.append(folder / f"{name}.png")
        table(name, rows)

    def table(name, rows):
        tables[name] = rows
        paths.extend(write_table(rows, folder / name))

    log("error against step")
    keep("steps", *_steps(small, seed, size["points"]))
    log("Taylor's remainders")
    keep("taylor", *_taylor(small, seed))
    log("error of each entry")
    keep("entries", *_entries(pictured))
    log("what each witness misses")
    keep("missed", *_missed(small, seed, size["draws"]))
    log("all eigenvalues of the Hessian of a small problem")
    keep("spectrum", *_spectrum(small))
    log("L-BFGS beside Newton-CG and trust regions")
    found = curvature.solvers(trained, budget=size["budget"])
    keep("solvers", *_solvers(found, size["budget"]))
    log("extreme eigenvalues where they started and ended")
    table("extremes", _extremes(trained, found))
    return paths, tables


def _steps(problem: Problem, seed, points):
    found = gradients.error_against_step(problem, _rng(seed), points=points)
    return gradients.plot_steps(found), gradients.steps_rows(found)


def _taylor(problem, seed):
    found = gradients.taylor(problem, _rng(seed))
    return gradients.plot_taylor(found), gradients.taylor_rows(found)


def _entries(problem):
    errors = missed.entry_errors(problem)
    return missed.plot_entry_errors(problem, errors), missed.entry_rows(problem, errors)


def _missed(problem, seed, draws):
    found = missed.what_is_missed(problem, _rng(seed), draws=draws)
    return missed.plot_missed(found), missed.missed_rows(found)


def _spectrum(problem):
    spectra = curvature.spectrum(problem)
    return curvature.plot_spectrum(spectra, lam=problem.lam), curvature.spectrum_rows(spectra)


def _solvers(found, budget):
    budgets = [budget // 30, budget // 10, budget // 3, budget]
    return curvature.plot_solvers(found), curvature.solver_rows(found, budgets)


def _extremes(problem, found):
    best = min(curvature.METHODS, key=lambda name: found[name].cost[-1])  # of those that know H v
    ends = {f"{name}, end": found[name].theta for name in ("L-BFGS", best)}
    return curvature.extreme_rows(problem, {"start": problem.theta, **ends})


def _rng(seed):
    return np.random.default_rng([seed, 3])
