"""The run of a user, as far as its folder and its data tell."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..commands.fit import MODEL
from ..data import sample_patches
from ..errors import SaeError
from ..estimators.coders import activation
from ..estimators.one_hidden import OneHiddenLayer
from ..estimators.solvers import MINIBATCH
from ..report.check import subset
from ..report.material import Examples, Material, examples, experiment_of, material
from ..report.run import RunFolder
from .look import Look, Settings, Told

LOOKED_AT, FRESH = 5000, 1000  # examples


def look_at(run: RunFolder) -> tuple[Look, list[str]]:
    """Return what there is to look at, and what is missing, a sentence each.

    Raises
    ------
    SaeError
        If there is no model, or not one of an autoencoder with one hidden layer.
    """
    if run.model is None:
        why = run.missing.get(MODEL, "is missing")
        raise SaeError(
            f"{run.path}: {MODEL} {why.rstrip('.')}; expected the model that `sae train` writes. Train again."
        )
    if run.trained is None or not isinstance(run.trained.estimator, OneHiddenLayer):
        kind = "something unknown" if run.trained is None else f"a {type(run.trained.estimator).__name__}"
        raise SaeError(
            f"{run.path} holds {kind}; expected an autoencoder with one hidden layer: sparse, denoising, ..."
        )
    estimator, found = run.trained.estimator, material(run)
    missing = [f"{name} {why}" for name, why in run.missing.items()]
    parts: Examples | None = None
    if found.rows is None:
        missing.append(f"the examples: {found.why}")
    else:
        parts = examples(run.trained, found.rows)
    X = None if parts is None else _columns(parts.seen(subset(parts.train, LOOKED_AT)))
    held_out = None if parts is None else _held_out(run, parts)
    if X is not None and held_out is None:
        missing.append("the error of examples that it was not trained on: none were held out; see --validation")
    return _look(run, estimator, found, parts, X, held_out), missing


def _look(run: RunFolder, estimator: Any, found: Material, parts: Examples | None, X, held_out) -> Look:
    W1, W2, b1, b2 = (np.asarray(getattr(estimator, f"{name}_"), float) for name in ("W1", "W2", "b1", "b2"))
    f, g = activation(estimator._hidden(), "f"), activation(estimator.output_activation, "g")
    last = run.history[-1] if run.history else {}
    losses = [record["validation"] for record in run.history if "validation" in record]
    told = Told(getattr(estimator, "rho_hat_", None), last.get("squared error"), losses[-1] if losses else None)
    pictures = found.shape is not None and len(found.shape) == 2 and prod(found.shape) == W1.shape[1]
    settings = _settings(run, estimator, None if parts is None else len(parts.train), pictures)
    return Look(W1, W2, b1, b2, f, g, settings, [r["cost"] for r in run.history], X, held_out, told)


def _settings(run: RunFolder, estimator: Any, m: int | None, pictures: bool) -> Settings:
    penalty = getattr(estimator, "penalty", None)
    beta = float(estimator.beta) if penalty is not None else 0.0
    in_batches = estimator.solver in MINIBATCH
    last = run.history[-1] if run.history else {}
    updates = last.get("evaluations" if in_batches else "iteration")
    cut = run.unfinished or run.stop.startswith("interrupted")
    return Settings(
        lam=float(estimator.weight_decay),
        rho=float(estimator.sparsity_param) if penalty == "kl" and beta else None,
        beta=beta,
        examples=m,
        mean_over=min(estimator.batch_size, m or estimator.batch_size) if in_batches else m,
        updates=None if updates is None else int(updates),
        at_limit=bool(last) and (cut or last["iteration"] >= estimator.max_iter),
        pictures=pictures,
    )


def _held_out(run: RunFolder, parts: Examples) -> np.ndarray | None:
    """Return examples that it was not trained on; of photographs, other patches of the same ones."""
    if parts.held_out is not None:
        return _columns(parts.seen(subset(parts.held_out, LOOKED_AT)))
    if not run.of_photographs or run.model is None or run.trained is None or run.trained.steps is None:
        return None
    experiment = experiment_of(run.model)
    fresh = sample_patches(experiment.load_images(), FRESH, experiment.side, experiment.rng(3))
    return _columns(run.trained.steps.transform(fresh.T))


def _columns(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows, float).T
