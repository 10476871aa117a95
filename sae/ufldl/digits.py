"""The handwritten digits of the exercises: MNIST, or scikit-learn's if asked for; never other data instead."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..data import load_mnist
from ..errors import SaeError
from .exercise import Setting, digest

HELD_OUT = 597  # of scikit-learn's 1797


class Digits(NamedTuple):
    """Pictures as columns, in [0, 1], with their labels 0 to 9."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    side: int
    name: str

    @property
    def hyperparameters(self) -> tuple[float, float, float]:
        """Lambda, rho and beta of autoencoders: UFLDL's are for 28 x 28 pixels; on 8 x 8 they leave no features."""
        return (3e-3, 0.1, 3.0) if self.side > 8 else (1e-4, 0.1, 0.3)

    def published(self, number: str) -> str:
        """Return a published number, which is of MNIST, as it stands beside ours on these digits."""
        return number if self.side > 8 else f"- ({number} on MNIST)"

    @property
    def digest(self) -> str:
        """The SHA-256 of all four arrays."""
        return digest(self.X, self.y[None], self.X_test, self.y_test[None])

    def only(self, labels) -> Digits:
        """Return the pictures with these labels."""
        train, test = np.isin(self.y, labels), np.isin(self.y_test, labels)
        return self._replace(
            X=columns(self.X, train), y=self.y[train], X_test=columns(self.X_test, test), y_test=self.y_test[test]
        )

    def first(self, count: int, of_test: int) -> Digits:
        """Return the first pictures of each part."""
        return self._replace(
            X=self.X[:, :count], y=self.y[:count], X_test=self.X_test[:, :of_test], y_test=self.y_test[:of_test]
        )


def columns(X: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return some columns of X, each contiguous: boolean or index array `which`."""
    return np.ascontiguousarray(X.T[which]).T


def load_digits(setting: Setting) -> Digits:
    """Return MNIST, 28 x 28, or with data="digits" scikit-learn's 8 x 8, the last 597 of them to test on."""
    if setting.data == "digits":
        from sklearn.datasets import load_digits as sklearn_digits

        rows, labels = sklearn_digits(return_X_y=True)
        X, y = np.ascontiguousarray(np.asarray(rows) / 16).T, np.asarray(labels).astype(np.int64)
        m = len(y) - HELD_OUT
        return Digits(X[:, :m], y[:m], X[:, m:], y[m:], 8, "scikit-learn's digits")
    try:
        found = load_mnist(setting.data, fetch=setting.fetch)
    except SaeError as error:
        raise SaeError(
            f"{error} `sae ufldl` takes --data FOLDER, --fetch to download MNIST, or --data digits for scikit-learn's "
            "smaller digits."
        ) from error
    return Digits(found.data.T, found.target, found.data_test.T, found.target_test, 28, "MNIST")
