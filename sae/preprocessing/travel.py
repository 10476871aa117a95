"""A fitted step, or a Pipeline of steps, as JSON and arrays for a model file, and back. No pickle.

A file names classes; only those of this list are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from ..errors import SaeError
from .base import Preprocessor
from .mean_remover import MeanRemover
from .patch_extractor import PatchExtractor
from .patch_normalizer import PatchNormalizer
from .pca import PCA
from .pca_whitening import PCAWhitening
from .range_scaler import RangeScaler
from .zca_whitening import ZCAWhitening

CLASSES = (RangeScaler, MeanRemover, PatchNormalizer, PCA, PCAWhitening, ZCAWhitening, PatchExtractor)
BY_NAME = {cls.__name__: cls for cls in CLASSES}


def describe(step: Preprocessor | Pipeline) -> dict[str, Any]:
    """Return what JSON can hold of a fitted step; of a Pipeline, {"class": "Pipeline", "steps": [[name, ...], ...]}."""
    if isinstance(step, Pipeline):
        return {"class": "Pipeline", "steps": [[name, describe(part)] for name, part in _parts(step)]}
    return _known(step).describe()


def to_arrays(step: Preprocessor | Pipeline) -> dict[str, np.ndarray]:
    """Return the fitted arrays by name; those of a Pipeline as "step.name"."""
    if isinstance(step, Pipeline):
        return {f"{name}.{key}": a for name, part in _parts(step) for key, a in _known(part).to_arrays().items()}
    return _known(step).to_arrays()


def from_arrays(description: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Preprocessor | Pipeline:
    """Return the fitted step or Pipeline that `describe` and `to_arrays` took apart.

    Raises
    ------
    SaeError
        If the class is not one of this package, or description and arrays do not fit together.
    """
    kind = description.get("class") if isinstance(description, Mapping) else None
    if kind == "Pipeline":
        return _pipeline(description.get("steps"), arrays)
    if not isinstance(kind, str) or kind not in BY_NAME:
        raise SaeError(f"the preprocessing has class {str(kind)[:80]!r}; expected one of {', '.join(BY_NAME)}.")
    return BY_NAME[kind].from_arrays(description, arrays)


def _pipeline(steps: Any, arrays: Mapping[str, np.ndarray]) -> Pipeline:
    pairs = isinstance(steps, list) and all(isinstance(s, list | tuple) and len(s) == 2 for s in steps)
    if not pairs or not steps or not all(isinstance(name, str) for name, _ in steps):
        raise SaeError("the steps of the Pipeline are damaged; expected a list of [name, description].")
    names = [name for name, _ in steps]
    strange = [key for key in arrays if key.rpartition(".")[0] not in names]
    if strange or len(set(names)) < len(names):
        raise SaeError(f"the arrays are {sorted(arrays)[:10]} and the steps {names[:10]}; expected arrays of steps.")
    parts = []
    for name, description in steps:
        if not isinstance(description, Mapping) or description.get("class") == "Pipeline":
            raise SaeError(f"step {name!r} is not described as a step; a Pipeline within a Pipeline can't travel.")
        own = {key.rpartition(".")[2]: array for key, array in arrays.items() if key.rpartition(".")[0] == name}
        parts.append((name, from_arrays(description, own)))
    return Pipeline(parts)


def _parts(pipeline: Pipeline) -> list[tuple[str, Preprocessor]]:
    return [(name, _known(part)) for name, part in pipeline.steps if part not in ("passthrough", None)]


def _known(step: Any) -> Preprocessor:
    if type(step) not in CLASSES:
        raise SaeError(f"{type(step).__name__} can't travel with a model; expected one of {', '.join(BY_NAME)}.")
    return step
