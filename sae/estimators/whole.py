"""`sae.save` and `sae.load`: an estimator, a Pipeline that ends in one, or an AnomalyDetector in one file. No pickle.

What is in the file is said in files.py; besides, `about` has "pipeline", the name of a Pipeline's last step, and
"detector", the parameters and the offset of an AnomalyDetector, with how many of the steps come before it ("after");
the others are in the Pipeline that it holds.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .. import checks, model_file
from ..errors import SaeError
from ..layout import Layout
from ..model_file import Model
from . import files
from .anomaly import AnomalyDetector
from .classifiers import Classifier
from .components import ICA, RICA
from .face import Face, Saved

Whole = Face | Classifier | ICA | RICA | AnomalyDetector | Pipeline


def save(
    path: str | os.PathLike,
    model: Saved | Pipeline | np.ndarray,
    layout: Layout | None = None,
    about: dict[str, Any] | None = None,
    **words: Any,
) -> None:
    """Write a fitted model, or the parameters of an objective, for `sae.load`; whole or not at all.

    Parameters
    ----------
    path : str or path
    model : estimator, AnomalyDetector, Pipeline or (p,) array
        Of this package; in a Pipeline, steps of sae.preprocessing and at last an estimator or a detector. Or theta.
        A random_state that is no seed, `callback` and `verbose` are not kept, nor is what Adam remembers of its steps,
        or a DeepClassifier's `pretrained_`.
    layout : Layout
        Of theta, `objective.layout`; with theta only.
    about : dict, optional
        Whatever else is worth saying, as JSON holds it; with theta only.
    **words
        provenance : dict, from `sae.provenance`; versions and the seed unless given. With theta, also
        hyperparameters, preprocessing and feature_names, see `sae.model_file.save`.

    Raises
    ------
    SaeError
        If the model is not fitted or not one of these, a step is not of sae.preprocessing, theta is not finite or not
        of this layout, or the file can't be written.
    """
    if layout is not None or isinstance(model, np.ndarray):
        if not isinstance(layout, Layout):
            raise SaeError(f"layout is {layout!r:.80}; expected that of theta, objective.layout.")
        model_file.save(path, np.asarray(model), layout, about, **words)
        return
    if strange := sorted({"about"} if about is not None else set(words) - {"provenance"}):
        raise SaeError(f"{', '.join(strange)} can be given with theta and its layout only; a model says it by itself.")
    _save(path, model, words.get("provenance"))


def _save(path, model: Any, provenance: dict[str, Any] | None) -> None:
    more: dict[str, Any] = {}
    steps, model = _apart(model, more)
    if isinstance(model, AnomalyDetector):
        check_is_fitted(model)
        more["detector"] = {
            "contamination": model.contamination,
            "random_state": files.seed_of(model),
            "offset": model.offset_,
            "after": len(steps),
        }
        inside: dict[str, Any] = {}
        own, model = _apart(model.autoencoder_, inside)
        more["detector"] |= inside
        steps += own
    if type(model) not in files.KINDS.values():
        raise SaeError(f"a {type(model).__name__} can't be saved; expected one of {', '.join(files.KINDS)}.")
    check_is_fitted(model)
    if len({name for name, _ in steps}) < len(steps):
        raise SaeError(f"steps have the same name, {', '.join(name for name, _ in steps)}; expected one for each.")
    described = files.description_of_trained(model, Pipeline(steps) if steps else None)
    described["about"] |= more
    seed = described["hyperparameters"]["random_state"]
    first = steps[0][1] if steps else model
    names = getattr(first, "feature_names_in_", None)
    files.save(
        path,
        model,
        described,
        provenance=model_file.provenance(seed=seed) if provenance is None else provenance,
        feature_names=None if names is None else [str(name) for name in names],
    )


def _apart(model: Any, more: dict[str, Any]) -> tuple[list[tuple[str, Any]], Any]:
    """Return the steps before the last one of a Pipeline, and that one, whose name goes into `more`."""
    if not isinstance(model, Pipeline):
        return [], model
    *steps, (name, last) = model.steps
    more["pipeline"] = name
    return [(name, step) for name, step in steps if step not in ("passthrough", None)], last


def load(path: str | os.PathLike) -> Whole | Model:
    """Read what `sae.save`, an estimator's `save` or `sae train` wrote.

    Parameters
    ----------
    path : str or path
        A file, or the folder of a run of `sae train`.

    Returns
    -------
    estimator, AnomalyDetector, Pipeline or Model
        What was saved, fitted, with float32 as float32. A model of `sae train DATA` is a Pipeline if there was
        --scale, else the estimator; one of `sae train` on photographs is a SparseAutoencoder of patches as that
        trains on (`sae.data.normalize_patches`), rows. A file that holds but theta and its layout, and what
        `sae.Checkpoint` wrote for an objective, is a `Model`; `sae.model_file.load` reads every file as one.

    Raises
    ------
    SaeError
        If there is no such file, it is no model or a damaged one, its format is newer, shapes do not go together or
        a number is not finite.
    """
    path = Path(path)
    path = path / "model.safetensors" if (path / "model.safetensors").exists() else path
    model = model_file.load(path)
    if "estimator" not in model.hyperparameters and not files.of_photographs(model):
        return model
    found = files.trained(model, path)
    try:
        return _whole(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SaeError(f"{path} is a model, but a damaged one ({error}); save it again.") from error


def _whole(found: files.Trained) -> Whole:
    steps = [] if found.steps is None else found.steps.steps
    estimator, about = found.estimator, found.model.about
    _name_features(steps[0][1] if steps else estimator, found.model.feature_names)
    if "detector" not in about:
        return _together(steps, estimator, about)
    said = about["detector"]
    after = checks.count("after", said["after"], 0, len(steps))
    offset = checks.number("offset", said["offset"], -np.inf)
    inner = _together(steps[after:], estimator, said)
    parameters = {name: said[name] for name in ("contamination", "random_state")}
    detector: Any = AnomalyDetector(clone(inner), **parameters)
    detector.autoencoder_, detector.offset_ = inner, offset
    first = steps[after][1] if steps[after:] else estimator
    detector.n_features_in_ = first.n_features_in_
    if hasattr(first, "feature_names_in_"):
        detector.feature_names_in_ = first.feature_names_in_
    return _together(steps[:after], detector, about)


def _together(steps: Sequence[tuple[str, Any]], last: Any, about: dict[str, Any]) -> Any:
    """Return a Pipeline of the steps and the last one if it was one, or if `sae train` had steps; else that one."""
    if not steps and "pipeline" not in about:
        return last
    name = about.get("pipeline", type(last).__name__.lower())
    return Pipeline([*steps, (name, last)])


def _name_features(step: Any, names: Sequence[str] | None) -> None:
    if names is not None and len(names) != step.n_features_in_:
        raise ValueError(f"it names {len(names)} features of {step.n_features_in_}")
    if names is not None and not hasattr(step, "feature_names_in_"):
        step.feature_names_in_ = np.array(names, dtype=object)
