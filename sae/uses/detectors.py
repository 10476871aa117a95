"""What is compared as detectors of anomalies: all learn from normal rows alone, and each has four choices at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM

from ..estimators import AnomalyDetector, DenoisingAutoencoder, SparseAutoencoder

SPARSE, DENOISING, PRINCIPAL = "sparse autoencoder", "denoising autoencoder", "PCA reconstruction error"
FOREST, DISTANCE = "isolation forest", "distance from the mean"
OURS = (SPARSE, DENOISING)


class Distance(BaseEstimator):
    """The detector that knows nothing of how features go together: minus the squared distance from the mean."""

    def fit(self, X, y=None):
        """Take the mean of rows (m, n)."""
        self.mean_ = X.mean(axis=0)
        return self

    def score_samples(self, X) -> np.ndarray:
        """Return the scores (m,): the lower, the more anomalous."""
        return -((X - self.mean_) ** 2).mean(axis=1)


def detectors(widths: Sequence[int], axes: Sequence[int], iterations: int, random_state: int) -> dict[str, list[Any]]:
    """Return the choices of each method, with `fit` and `score_samples` (the lower, the more anomalous).

    Parameters
    ----------
    widths : sequence of int
        Hidden units of the autoencoders, to choose from.
    axes : sequence of int
        Principal axes, to choose from.
    iterations : int
        Of the training of an autoencoder.
    random_state : int
    """
    common: dict[str, Any] = {
        "output_activation": "identity",
        "data_range": None,
        "max_iter": iterations,
        "random_state": random_state,
    }
    shares: tuple[Any, ...] = (0.5, 0.9)  # of the rows, a tree
    factors: tuple[Any, ...] = ("scale", 0.003, 0.03, 0.3)
    sparse = [
        SparseAutoencoder(width, weight_decay=decay, sparsity_param=0.1, beta=0.1, **common)
        for width in widths
        for decay in (1e-4, 1e-2)
    ]
    denoising = [
        DenoisingAutoencoder(width, weight_decay=1e-4, corruption_level=level, **common)
        for width in widths
        for level in (0.1, 0.3)
    ]
    return {
        SPARSE: [AnomalyDetector(model) for model in sparse],
        DENOISING: [AnomalyDetector(model) for model in denoising],
        PRINCIPAL: [AnomalyDetector(PCA(count)) for count in axes],
        FOREST: [
            IsolationForest(max_samples=share, max_features=features, random_state=random_state)
            for share in shares
            for features in (0.5, 1.0)
        ],
        "local outlier factor": [LocalOutlierFactor(n_neighbors=count, novelty=True) for count in (3, 7, 15, 30)],
        "one-class SVM": [OneClassSVM(nu=0.1, gamma=factor) for factor in factors],
        DISTANCE: [Distance()],
    }


def fitted(detector, normal: np.ndarray):
    """Return the detector, trained on normal rows (m, n); Ctrl-C is raised, so that none is measured half trained."""
    detector.fit(normal)
    if "interrupted" in getattr(getattr(detector, "autoencoder_", None), "stop_reason_", ""):
        raise KeyboardInterrupt
    return detector


def relative_errors(detector: AnomalyDetector, normal: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return the squared error of each feature of X (m, n) over its mean in the normal rows: 1 is ordinary."""
    return detector.feature_errors(X) / detector.feature_errors(normal).mean(axis=0)


def changed(X: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return X (m, n) with one feature of each row changed, and which: its value half of the rows further in rank."""
    m, n = X.shape
    X, features = X.copy(), rng.integers(n, size=m)
    order, ranks = np.sort(X, axis=0), X.argsort(axis=0).argsort(axis=0)
    rows = np.arange(m)
    X[rows, features] = order[(ranks[rows, features] + m // 2) % m, features]
    return X, features
