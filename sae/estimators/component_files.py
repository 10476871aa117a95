"""What a model file holds of ICA and RICA, [mean, components, mixing], and these made of it again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import SaeError
from ..model_file import Model
from .components import ICA, RICA
from .stages import Stage, note

KINDS = (ICA, RICA)
PARTS = ("mean", "components", "mixing")


def parts(estimator: Any) -> dict[str, np.ndarray]:
    """Return the parameters by name."""
    return {name: getattr(estimator, f"{name}_") for name in PARTS}


def about(_: Any) -> dict[str, Any]:
    """Return what else there is to know of a fitted estimator."""
    return {}


def fitted(estimator: Any, model: Model, _: Any) -> Any:
    """Return the estimator as it was after training, so that it can be used."""
    (n,) = model.layout.shapes["mean"]
    k = n if estimator.n_components is None else estimator.n_components
    if model.layout.shapes != {"mean": (n,), "components": (k, n), "mixing": (n, k)}:
        raise SaeError(f"its parameters have shapes {model.layout.shapes}, which are not those of {estimator}")
    for name, part in zip(model.layout.names, model.layout.unpack(model.theta), strict=True):
        setattr(estimator, f"{name}_", part.astype(model.about["dtype"]))
    estimator.n_features_in_ = n
    note(estimator, Stage(model.about["n_iter"], model.about["history"], model.about["stop_reason"]))
    return estimator
