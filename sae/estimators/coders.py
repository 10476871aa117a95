"""Encoder and Decoder: the two halves of a trained autoencoder, each usable without the other.

    x -> [Encoder] -> h -> [Decoder] -> x_hat

Rows are examples. Each is a chain of layers a = f(W a + b), one for a plain autoencoder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from .. import activations, checks
from ..activations import Activation
from ..errors import SaeError
from .ranges import Scaling

NAMES = ("sigmoid", "tanh", "identity", "relu", "leaky_relu", "softplus", "satlin")


def activation(name: str, parameter: str = "activation") -> Activation:
    """Return the activation of this name: one of `NAMES`, or "topk(k)"."""
    if isinstance(name, str) and (kept := re.fullmatch(r"topk\((\d+)\)", name)):
        return activations.topk(int(kept[1]))
    checks.one_of(parameter, name, NAMES)
    return activations.leaky_relu() if name == "leaky_relu" else getattr(activations, name)


class Layer(NamedTuple):
    """a = f(W a + b), with f by name, so that it can be pickled and written down."""

    W: np.ndarray
    b: np.ndarray
    f: str


def through(layers: tuple[Layer, ...], X: np.ndarray) -> np.ndarray:
    """Take rows of examples through the layers; inside, as on the page, columns are examples."""
    a = X.T
    for W, b, f in layers:
        a = activation(f)(W @ a + b[:, None])
    return a.T


def rows(X, width: int, name: str) -> np.ndarray:
    """Return X as finite floats (m, width), examples as rows."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != width:
        raise SaeError(f"{name} has shape {X.shape}; expected (m, {width}), examples as rows: one is x[None, :].")
    return checks.matrix(X.T, name).T


@dataclass(frozen=True)
class Encoder:
    """x -> h: first the map of the data's range, then the layers.

    Attributes
    ----------
    scaling : Scaling
    layers : tuple of Layer
        (W, b, name of f), the first with W (hidden, n) and b (hidden,).
    """

    scaling: Scaling
    layers: tuple[Layer, ...]

    def encode(self, X) -> np.ndarray:
        """Return the codes, (m, hidden), of examples X (m, n) as rows.

        Raises
        ------
        SaeError
            For X of another width, or with values that are no finite numbers.
        """
        return through(self.layers, self.scaling.forward(rows(X, self.layers[0].W.shape[1], "X")))

    def up_to(self, depth: int | None) -> Encoder:
        """Return the encoder of the first `depth` layers, all of them if None."""
        return replace(self, layers=self.layers[: _depth(depth, self.layers)])


@dataclass(frozen=True)
class Decoder:
    """h -> x_hat: the layers, then back to the units of the data; attributes as of `Encoder`."""

    layers: tuple[Layer, ...]
    scaling: Scaling

    def decode(self, H) -> np.ndarray:
        """Return the reconstructions, (m, n), of codes H (m, hidden) as rows; raises as `Encoder.encode`."""
        return self.scaling.back(through(self.layers, rows(H, self.layers[0].W.shape[1], "H")))

    def down_from(self, depth: int | None) -> Decoder:
        """Return the decoder of the codes of layer `depth`, counted as the encoder's; of the last one if None."""
        return replace(self, layers=self.layers[len(self.layers) - _depth(depth, self.layers) :])


def _depth(depth: int | None, layers: tuple[Layer, ...]) -> int:
    return len(layers) if depth is None else checks.count("depth", depth, 1, len(layers))
