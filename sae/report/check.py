"""The gradient check of a run: the J of its own model on a few of its examples, at the theta that it ended with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..autoencoder import Autoencoder
from ..errors import SaeError
from ..gradient_check import GradientReport, brief_check, check_gradient
from .material import Material, examples, experiment_of
from .run import RunFolder

EXAMPLES = 100  # the check takes thousands of evaluations
MANY = 20_000  # parameters; of more the check is brief
KERNELS, PLAIN = "the compiled kernels", "the plain NumPy page"


class Checked(NamedTuple):
    """What a check of one engine found."""

    engine: str
    report: GradientReport


def check_run(run: RunFolder, found: Material) -> list[Checked]:
    """Check the gradient by the engine of the run and, where that is another, by the NumPy page.

    Only the latter can take the complex step, which is exact to rounding.

    Raises
    ------
    SaeError
        If there is no model or are no examples, and if J can't be evaluated.
    """
    if run.model is None:
        raise SaeError("there is no model to check.")
    if found.rows is None:
        raise SaeError(found.why)
    theta = run.model.theta
    check = check_gradient if theta.size <= MANY else brief_check
    try:
        objectives = list(_of_photographs(run) if run.of_photographs else _of_estimator(run, found.rows))
        return [Checked(engine, check(objective, theta)) for engine, objective in objectives]
    except (TypeError, ValueError) as error:
        raise SaeError(str(error)) from error


def _of_photographs(run: RunFolder) -> Iterator[tuple[str, Any]]:
    """Yield the objective of the experiment on fewer patches, by engine."""
    assert run.model is not None
    experiment = replace(experiment_of(run.model), patches=EXAMPLES)
    X = experiment.sample(experiment.load_images())
    for engine in dict.fromkeys([experiment.engine, "numpy"]):
        yield KERNELS if engine == "numba" else PLAIN, replace(experiment, engine=engine).objective(X)


def _of_estimator(run: RunFolder, rows: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield the objective that `fit` minimised, on some of the examples that it had, by engine."""
    assert run.trained is not None
    found = examples(run.trained, rows)
    x = found.seen(subset(found.train))
    objective = run.trained.estimator._objective(x, found.noise)
    if not isinstance(objective, Autoencoder):
        yield PLAIN, objective
        return
    if objective.explain_engine().startswith("Numba"):
        yield KERNELS, objective
    f, g = objective.f, objective.g
    parts = {"target": x.T, "terms": objective.terms, "f": f, "g": g, "engine": "numpy"}
    yield PLAIN, Autoencoder(objective.X, objective.n_hidden, **parts)


def subset(which: np.ndarray, most: int = EXAMPLES) -> np.ndarray:
    """Return at most so many of the row numbers, evenly spaced."""
    return which[np.linspace(0, len(which) - 1, min(most, len(which))).astype(int)]
