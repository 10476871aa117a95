"""Autoencoders put one upon the other, each trained on the codes of the one below: greedy layer-wise pretraining."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .. import checks
from ..errors import SaeError
from ..optimise import State
from .coders import Decoder, Encoder
from .face import Face, generator
from .one_hidden import DenoisingAutoencoder, SparseAutoencoder
from .ranges import DataRange
from .stages import Stages, named, per_layer


def dimensions(hidden_dims: Any) -> tuple[int, ...]:
    """Return the units of the layers, at least one layer."""
    if not isinstance(hidden_dims, Sequence | np.ndarray) or isinstance(hidden_dims, str) or not len(hidden_dims):
        raise SaeError(f"hidden_dims is {hidden_dims!r}; expected units for one or more layers, such as (200, 200).")
    return tuple(checks.count("hidden_dims", units) for units in hidden_dims)


def inner(activation: str) -> str:
    """Return the activation of a decoder that reconstructs codes made with `activation`."""
    return "identity" if activation.startswith("topk") else activation


@dataclass(eq=False, repr=False, kw_only=True)
class StackedAutoencoder(Face):
    """Encodes through all layers, and decodes back through all of them; rows are examples.

    Layer 1 is a SparseAutoencoder of X, layer 2 one of the codes of layer 1, and so on; nothing is trained as a whole
    (DeepClassifier does that, with labels). `transform` gives the codes of the last layer and `inverse_transform`
    takes them back down. The defaults are those of UFLDL's exercise with stacked autoencoders, 784-200-200: in
    a layer of few units that weight decay can make all codes alike, and a smaller one keeps them apart.

    Parameters
    ----------
    hidden_dims : sequence of int
        Units of the layers, from below.
    sparsity_param, beta, weight_decay : float or one for each layer
        As of SparseAutoencoder.
    max_iter : int or one for each layer
        Largest number of iterations of L-BFGS.
    corruption : {"masking", "gaussian", "salt_and_pepper"} or None
        Unless None, the layers are denoising autoencoders (with the penalty, unless beta is 0).
    corruption_level : float or one for each layer
    hidden_activation : str
        Of all hidden layers. The decoder of layer 2 and above has the same, "identity" for "topk(k)".
    output_activation : str
        Of the last decoder on the way down, which answers in the range of X.
    tol, random_state, verbose, data_range
        As of SparseAutoencoder; the layers draw from one generator, one after the other.
    callback : callable, optional
        As of SparseAutoencoder; each record also has "stage": "layer 1" and so on. StopIteration ends a stage.

    Attributes
    ----------
    layers_ : list of SparseAutoencoder
        The trained layers, from below: `layers_[0].W1_` are the weights of the first.
    encoder_, decoder_ : Encoder, Decoder
        Through all layers.
    stages_ : dict of str to Stage
        "layer 1", "layer 2", ...: `.n_iter`, `.history`, `.loss_curve`, `.stop_reason`.
    n_iter_ : int
        Iterations of all layers together.
    loss_curve_ : dict of str to list of float
        J of each layer's records.
    stop_reason_ : str
        Why the last layer stopped. Ctrl-C ends the training: the layer at hand keeps the best so far, those above
        stay as they were drawn, and this says so.
    n_features_in_, feature_names_in_
        As in all of scikit-learn.

    References
    ----------
    UFLDL tutorial, "Stacked Autoencoders"; Y. Bengio et al., Greedy layer-wise training of deep networks (2007);
    P. Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010).
    """

    hidden_dims: Sequence[int] = field(default=(200, 200), kw_only=False)
    sparsity_param: float | Sequence[float] = 0.1
    beta: float | Sequence[float] = 3.0
    weight_decay: float | Sequence[float] = 3e-3
    max_iter: int | Sequence[int] = 400
    corruption: Literal["masking", "gaussian", "salt_and_pepper"] | None = None
    corruption_level: float | Sequence[float] = 0.3
    hidden_activation: str = "sigmoid"
    output_activation: str = "sigmoid"
    tol: float = 1e-9
    random_state: Any = None
    verbose: int = 0
    callback: Callable[[State], object] | None = None
    data_range: DataRange = "auto"

    def fit(self, X, y=None):
        """Train layer by layer on X (m, n), examples as rows; y is ignored.

        Raises
        ------
        SaeError
            A ValueError, for parameters and data that can't be used.
        TrainingError
            An SaeError, if J can't be evaluated on the way.
        """
        layers = self._layers()
        self._train(layers, self._examples(X, reset=True), generator(self.random_state))
        return self

    def _layers(self) -> list[SparseAutoencoder]:
        """Return the layers, untrained."""
        dims = dimensions(self.hidden_dims)
        own = {
            name: per_layer(name, getattr(self, name), len(dims))
            for name in ("sparsity_param", "beta", "weight_decay", "max_iter")
        }
        levels = per_layer("corruption_level", self.corruption_level, len(dims))
        layers = []
        for l, units in enumerate(dims):
            settings = {name: values[l] for name, values in own.items()} | self._shared(l)
            if self.corruption is None:
                layers.append(SparseAutoencoder(units, **settings))
            else:
                noise = {"penalty": "kl", "corruption": self.corruption, "corruption_level": levels[l]}
                layers.append(DenoisingAutoencoder(units, **settings, **noise))
            layers[-1]._stage = f"layer {l + 1}"
        return layers

    def _reach(self) -> tuple[tuple[float, float], str]:
        """Return the range of the decoder and the name of its activation."""
        return self._layers()[0]._reach()

    def _shared(self, l: int) -> dict[str, Any]:
        return {
            "hidden_activation": self.hidden_activation,
            "output_activation": inner(self.hidden_activation) if l else self.output_activation,
            "tol": self.tol,
            "verbose": self.verbose,
            "callback": named(f"layer {l + 1}", self.callback),
            "data_range": None if l else self.data_range,
        }

    def _train(self, layers, X: np.ndarray, rng: np.random.Generator, *, start_only: bool = False) -> Stages:
        """Set the fitted attributes: trained, or as the training would start."""
        stages, codes, settings = Stages(), X, [layer._settings() for layer in layers]
        for layer, its_own in zip(layers, settings, strict=True):
            codes = layer._examples(codes, reset=True)
            result = layer._train(codes, its_own, rng, start_only=start_only or bool(stages.interrupted))
            stages.add(layer._stage, result)
            codes = layer.encoder_.encode(codes)
        self._take(layers, stages)
        return stages

    def _take(self, layers: list[SparseAutoencoder], stages: Stages) -> None:
        scaling = layers[0].encoder_.scaling
        self.layers_, self.stages_ = layers, stages
        self.encoder_ = Encoder(scaling, tuple(layer.encoder_.layers[0] for layer in layers))
        self.decoder_ = Decoder(tuple(layer.decoder_.layers[0] for layer in reversed(layers)), scaling)
        self.n_iter_, self.stop_reason_ = stages.n_iter, stages.stop_reason
        self.loss_curve_ = {name: stage.loss_curve for name, stage in stages.items()}

    def encode(self, X, depth: int | None = None) -> np.ndarray:
        """Return the codes (m, units) of examples X (m, n) after `depth` layers, of the last one unless given."""
        X = self._known(X)
        return self.encoder_.up_to(depth).encode(X)

    def decode(self, H, depth: int | None = None) -> np.ndarray:
        """Return the reconstructions (m, n) of codes H of layer `depth`, of the last one unless given."""
        check_is_fitted(self)
        return self.decoder_.down_from(depth).decode(H)
