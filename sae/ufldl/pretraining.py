"""Greedy layer-wise pretraining: each autoencoder learns from the codes of the one below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..autoencoder import Autoencoder
from ..softmax import Softmax
from .exercise import Setting

Layer = tuple[np.ndarray, np.ndarray]


def pretrain(
    setting: Setting, X: np.ndarray, hidden: Sequence[int], lam: float, rho: float, beta: float, iterations: int
) -> list[Layer]:
    """Return W1 (units, inputs) and b1 (units,) of each layer, trained on examples X (n, m) without labels."""

    def make() -> list[Layer]:
        layers, below = [], X
        for l, units in enumerate(hidden, 1):
            autoencoder = Autoencoder(
                below, units, lam=lam, rho=rho, beta=beta, dtype=setting.dtype, threads=setting.threads
            )
            theta = setting.train(f"autoencoder {l}", autoencoder, autoencoder.init(setting.rng(l)), iterations)
            W1, _, b1, _ = autoencoder.layout.unpack(theta)
            layers.append((W1, b1))
            below = autoencoder.encode(theta, below)
        return layers

    return setting.once(f"pretraining {X.shape} {hidden} {lam} {rho} {beta} {iterations}", make)


def codes(layers: Sequence[Layer], X: np.ndarray) -> np.ndarray:
    """Return the codes (units, m) of examples X (n, m): sigmoid layers from below."""
    for W, b in layers:
        X = 1 / (1 + np.exp(-(W @ X + b[:, None])))
    return X


def classify(setting: Setting, A: np.ndarray, y: np.ndarray, lam: float, iterations: int) -> np.ndarray:
    """Return W_s (k, units) of softmax regression on codes A (units, m)."""
    softmax = Softmax(A, y, lam=lam, n_classes=10, threads=setting.threads)
    return softmax.layout.unpack(setting.train("softmax", softmax, softmax.init(setting.rng(0)), iterations))[0]
