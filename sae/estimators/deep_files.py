"""What a model file holds of a stack, of softmax regression and of a deep classifier, and these made of it again.

A stack's parameters are those of its layers, "layer1.W1" and so on. A classifier's are [W, b] or, deep, those of its
objective, [W1, b1, ..., W_s, b_s], with b (b_s) = 0 where there is none; `about` holds the classes and, with their
histories, the stages. What a deep classifier was before fine-tuning is not kept.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import SaeError
from ..model_file import Model
from .classifiers import SoftmaxClassifier
from .deep import DeepClassifier
from .ranges import Scaling
from .stacked import StackedAutoencoder
from .stages import Stage, Stages, note

KINDS = (StackedAutoencoder, SoftmaxClassifier, DeepClassifier)
PARTS = ("W1", "W2", "b1", "b2")


def parts(estimator: Any) -> dict[str, np.ndarray]:
    """Return the parameters by name."""
    if isinstance(estimator, SoftmaxClassifier):
        return {"W": estimator.coef_, "b": estimator.intercept_}
    if isinstance(estimator, StackedAutoencoder):
        layers = enumerate(estimator.layers_, 1)
        return {f"layer{l}.{name}": getattr(layer, f"{name}_") for l, layer in layers for name in PARTS}
    names = [f"{kind}{l}" for l in range(1, len(estimator.encoder_.layers) + 1) for kind in "Wb"]
    return {name: getattr(estimator, f"{name}_") for name in [*names, "W_s", "b_s"]}


def about(estimator: Any) -> dict[str, Any]:
    """Return what else there is to know of a fitted estimator."""
    words = {}
    if hasattr(estimator, "classes_"):
        words |= {"classes": estimator.classes_.tolist(), "dtype_of_classes": estimator.classes_.dtype.str}
    if hasattr(estimator, "stages_"):
        words["stages"] = {name: asdict(stage) for name, stage in estimator.stages_.items()}
    return words


def fitted(estimator: Any, model: Model, range_of_data: Scaling) -> Any:
    """Return the estimator as it was after training, so that it can be used."""
    dtype = np.dtype(model.about.get("dtype", "float64"))
    unpacked = zip(model.layout.names, model.layout.unpack(model.theta), strict=True)
    found = {name: part.astype(dtype) for name, part in unpacked}
    if "classes" in model.about:
        estimator.classes_ = np.array(model.about["classes"], np.dtype(model.about["dtype_of_classes"]))
    make = {StackedAutoencoder: _stack, SoftmaxClassifier: _softmax, DeepClassifier: _deep}[type(estimator)]
    make(estimator, found, range_of_data)
    estimator.n_iter_, estimator.stop_reason_ = model.about["n_iter"], model.about["stop_reason"]
    if "stages" in model.about:
        stages = Stages({name: Stage(**words) for name, words in model.about["stages"].items()})
        estimator.stages_, estimator.loss_curve_ = stages, {name: stage.loss_curve for name, stage in stages.items()}
        for layer, stage in zip(getattr(estimator, "layers_", ()), stages.values(), strict=False):
            note(layer, stage)
    else:
        note(estimator, Stage(model.about["n_iter"], model.about["history"], model.about["stop_reason"]))
    return estimator


def _softmax(estimator: Any, found: dict[str, np.ndarray], _) -> None:
    n = found["W"].shape[1]
    _expect({"W": (len(estimator.classes_), n), "b": (len(estimator.classes_),)}, found)
    estimator.coef_, estimator.intercept_, estimator.n_features_in_ = found["W"], found["b"], n


def _stack(estimator: Any, found: dict[str, np.ndarray], range_of_data: Scaling) -> None:
    layers, n = estimator._layers(), found["layer1.W1"].shape[1]
    widths, shapes = [n, *(layer.hidden_dim for layer in layers)], {}
    for l, (inputs, units) in enumerate(pairwise(widths), 1):
        own = ((units, inputs), (inputs, units), (units,), (inputs,))
        shapes |= {f"layer{l}.{name}": shape for name, shape in zip(PARTS, own, strict=True)}
    _expect(shapes, found)
    for l, layer in enumerate(layers, 1):
        a, b = layer._reach()[0]
        own = {name: found[f"layer{l}.{name}"] for name in PARTS}
        layer.encoder_, layer.decoder_ = layer._coders(own, range_of_data if l == 1 else Scaling(a, b, a, b))
        layer.n_features_in_ = widths[l - 1]
        for name, part in own.items():
            setattr(layer, f"{name}_", part)
    estimator.n_features_in_ = n
    estimator._take(layers, Stages())


def _deep(estimator: Any, found: dict[str, np.ndarray], range_of_data: Scaling) -> None:
    k, n = len(estimator.classes_), found["W1"].shape[1]
    estimator.n_features_in_ = n
    _expect(estimator._network(np.full((k, n), 0.5), np.arange(k))._whole.shapes, found)
    estimator._take(found, range_of_data)


def _expect(shapes: dict[str, tuple[int, ...]], found: dict[str, np.ndarray]) -> None:
    there = {name: part.shape for name, part in found.items()}
    if there != shapes:
        raise SaeError(f"its parameters have shapes {there}; its description asks for {shapes}")
