"""A trained estimator, with the preprocessing before it, in a model file and out of it again. No pickle.

In the file are theta; `hyperparameters`, the class and its parameters; `preprocessing`, the steps with their arrays
and, last, the map of the data's range (sae/estimators/ranges.py); `about`, the precision, rho_hat and why it stopped.
Stacks and classifiers: sae/estimators/deep_files.py; ICA and RICA: sae/estimators/component_files.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from .. import checks, model_file
from ..errors import SaeError
from ..layout import Layout
from ..model_file import Model
from ..preprocessing import describe, from_arrays, to_arrays
from . import component_files, deep_files
from .base import BaseAutoencoder
from .one_hidden import ContractiveAutoencoder, DenoisingAutoencoder, KSparseAutoencoder, SparseAutoencoder
from .ranges import Scaling
from .variational import VariationalAutoencoder

KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        SparseAutoencoder,
        DenoisingAutoencoder,
        ContractiveAutoencoder,
        KSparseAutoencoder,
        VariationalAutoencoder,
        *deep_files.KINDS,
        *component_files.KINDS,
    )
}
APART: dict[type, Any] = {kind: module for module in (deep_files, component_files) for kind in module.KINDS}
RANGE = "DataRange"


@dataclass(frozen=True)
class Trained:
    """An estimator as it was after training, the steps that its examples went through before, and the file's words."""

    estimator: Any
    steps: Pipeline | None
    model: Model

    @property
    def n_features(self) -> int:
        """Features of an example as it comes in, before the steps."""
        first = None if self.steps is None else self.steps.steps[0][1]
        return self.estimator.n_features_in_ if first is None else first.n_features_in_


def layout_of(estimator: BaseAutoencoder, n: int) -> Layout:
    """Return the layout of the parameters for n features."""
    example = np.full((2, n), 0.5)  # any that all decoders reach
    return estimator._objective(example, np.random.default_rng(0)).layout


def description(estimator: BaseAutoencoder, steps: Pipeline | None, X: np.ndarray) -> dict[str, Any]:
    """Return what `sae.Checkpoint` and `save` take, before the training on rows X, those held out aside."""
    return _words(estimator, steps, estimator._scaling(X, estimator._trained_rows(len(X))), X.dtype)


def description_of_trained(estimator: Any, steps: Pipeline | None) -> dict[str, Any]:
    """Return what `save` takes of any trained estimator."""
    range_of_data = estimator.encoder_.scaling if _ranged(estimator) else None
    return _words(estimator, steps, range_of_data, next(iter(_parts(estimator).values())).dtype)


def _words(estimator: Any, steps, range_of_data: Scaling | None, dtype) -> dict[str, Any]:
    parameters = estimator.get_params(deep=False)
    parameters = {name: value for name, value in parameters.items() if name not in ("callback", "verbose")}
    return {
        "about": {"dtype": dtype.name},
        "hyperparameters": {"estimator": type(estimator).__name__, **parameters, "random_state": seed_of(estimator)},
        "preprocessing": [*_described(steps), *_described_range(range_of_data)],
    }


def seed_of(estimator: Any) -> int | None:
    """Return random_state if it is a seed; a RandomState has moved on since, and None is none."""
    seed = estimator.random_state
    return int(seed) if isinstance(seed, int | np.integer) else None


def _ranged(estimator) -> bool:
    """Whether there is a map of the data's range: softmax regression and ICA have none."""
    return hasattr(estimator, "data_range")


def _parts(estimator: Any) -> dict[str, np.ndarray]:
    """Return the trained parameters by name."""
    if type(estimator) in APART:
        return APART[type(estimator)].parts(estimator)
    return {name[:-1]: value for name, value in vars(estimator).items() if re.fullmatch(r"[Wb]\w*_", name)}


def _described(steps: Pipeline | None) -> list[dict[str, Any]]:
    return [{"step": name, **describe(part), **to_arrays(part)} for name, part in (steps.steps if steps else ())]


def _described_range(s: Scaling | None) -> list[dict[str, Any]]:
    if s is None or s.is_identity:
        return []
    return [{"class": RANGE, "low": float(s.low), "high": float(s.high) if np.isfinite(s.high) else None}]


def save(
    path: str | os.PathLike,
    estimator: Any,
    description: dict[str, Any],
    *,
    provenance: dict[str, Any] | None = None,
    feature_names: Sequence[str] | None = None,
    history: list[dict[str, Any]] | None = None,
) -> None:
    """Write a fitted estimator, with what `description` returned of it; whole or not at all.

    `history` takes the place of the estimator's own, whose records it gets with "validation".
    """
    parts = _parts(estimator)
    layout = Layout({name: part.shape for name, part in parts.items()})
    theta = layout.pack(**parts).astype(np.float64)
    about = {**description["about"], "stop_reason": estimator.stop_reason_, "n_iter": estimator.n_iter_}
    about["history"] = with_validation(estimator) if history is None else history
    if hasattr(estimator, "rho_hat_"):
        about["rho_hat"] = estimator.rho_hat_
    if type(estimator) in APART:
        about |= APART[type(estimator)].about(estimator)
    words = {**description, "about": about, "provenance": provenance, "feature_names": feature_names}
    model_file.save(path, theta, layout, **words)


def with_validation(estimator: BaseAutoencoder) -> list[dict[str, Any]]:
    """Return the history with "validation" in its records, where there is one."""
    history = [dict(record) for record in getattr(estimator, "history_", ())]
    for record, loss in zip(history, getattr(estimator, "validation_curve_", ()), strict=False):
        record["validation"] = loss
    return history


def load(path: str | os.PathLike) -> Trained:
    """Read a file that `save` or a checkpoint wrote, or the model of `sae train` on photographs.

    Raises
    ------
    SaeError
        As `sae.load`, and if what the file says does not fit together.
    """
    return trained(model_file.load(path), path)


def trained(model: Model, path: str | os.PathLike) -> Trained:
    """Return what `load` does, of a file that has been read."""
    try:
        return _photographs(model) if of_photographs(model) else _trained(model)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise SaeError(
            f"{path} is a model, but not of an autoencoder that can be used here ({type(error).__name__}: {error}); "
            "expected one that sae train wrote."
        ) from error


def of_photographs(model: Model) -> bool:
    """Whether `sae train` without data wrote it."""
    return "settings" in model.about and not model.hyperparameters


def _trained(model: Model) -> Trained:
    parameters = dict(model.hyperparameters)
    kind = parameters.pop("estimator")
    checks.one_of("the estimator", kind, KINDS)
    *described, last = *model.preprocessing, {}
    if described and described[-1]["class"] == RANGE:
        last = described.pop()
    parameters = {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}
    estimator = KINDS[kind](**parameters)
    a, b = estimator._reach()[0] if _ranged(estimator) else (0.0, 1.0)
    high = last.get("high", b)
    range_of_data = Scaling(last.get("low", a), b if high is None else high, a, b)
    make = APART[type(estimator)].fitted if type(estimator) in APART else fitted
    return Trained(make(estimator, model, range_of_data), _steps(described), model)


def _photographs(model: Model) -> Trained:
    settings = model.about["settings"]
    g = {"sigmoid": "sigmoid", "linear": "identity"}[settings["decoder"]]
    estimator = SparseAutoencoder(
        settings["hidden"],
        sparsity_param=settings["rho"],
        beta=settings["beta"],
        weight_decay=settings["lam"],
        output_activation=g,
        max_iter=settings["iterations"],
        random_state=settings["seed"],
    )
    a, b = estimator._reach()[0]
    return Trained(fitted(estimator, model, Scaling(a, b, a, b)), _steps(list(model.preprocessing)), model)


def _steps(described: list[dict[str, Any]]) -> Pipeline | None:
    parts = []
    for step in described:
        arrays = {name: np.asarray(step[name]) for name in step["arrays"]}
        parts.append((step["step"], from_arrays(step, arrays)))
    return Pipeline(parts) if parts else None


def fitted(estimator: Any, model: Model, range_of_data: Scaling) -> Any:
    """Return the estimator as it was after training, so that it can be used or trained further."""
    hidden, n = model.layout.shapes["W1"]
    if hidden != estimator.hidden_dim or model.layout != layout_of(estimator, n):
        raise SaeError(f"its parameters have shapes {model.layout.shapes}, which are not those of {estimator}")
    dtype = np.dtype(model.about.get("dtype", "float64"))
    parts = zip(model.layout.names, model.layout.unpack(model.theta), strict=True)
    parameters = {name: part.astype(dtype) for name, part in parts}
    estimator.n_features_in_ = n
    estimator.encoder_, estimator.decoder_ = estimator._coders(parameters, range_of_data)
    for name, part in parameters.items():
        setattr(estimator, f"{name}_", part)
    about = model.about
    estimator.stop_reason_, estimator.n_iter_ = (
        about.get("stop_reason", about.get("message", "")),
        about.get("n_iter", 0),
    )
    if history := about.get("history", about.get("checkpoint", {}).get("history")):
        estimator.n_iter_ = about.get("n_iter", history[-1]["iteration"])
        estimator.history_ = [{key: v for key, v in record.items() if key != "validation"} for record in history]
        estimator.loss_curve_ = [record["cost"] for record in history]
        estimator.validation_curve_ = [record["validation"] for record in history if "validation" in record]
    if "rho_hat" in about:
        estimator.rho_hat_ = np.asarray(about["rho_hat"])
    return estimator
