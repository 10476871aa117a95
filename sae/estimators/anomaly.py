"""Anomalies: examples that an autoencoder, trained on mostly normal ones, does not reconstruct."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import checks
from .face import FLOATS, Saved
from .one_hidden import SparseAutoencoder


@dataclass(eq=False, repr=False, kw_only=True)
class AnomalyDetector(Saved, OutlierMixin, BaseEstimator):
    r"""Scores examples by their reconstruction error, with scikit-learn's face of outlier detectors.

    The error of a feature is (\hat x_k - x_k)^2, that of an example the mean over its features. Both are in the units
    of the data, so features of different units should be scaled before, in a Pipeline: the largest ones would decide.

    Parameters
    ----------
    autoencoder : estimator, optional
        Any of this package, or another one with `fit`, and `reconstruct` or `transform` and `inverse_transform` (a
        Pipeline, PCA); a clone is trained. Unless given,
        SparseAutoencoder(10, penalty=None): a layer narrower than the data, which it should be.
    contamination : float
        Share of the training examples that are anomalies, in (0, 0.5]: `offset_` is that quantile of their scores.
    random_state : int, RandomState or None
        That of the autoencoder, if it is not None.

    Attributes
    ----------
    autoencoder_ : estimator
        The trained one.
    offset_ : float
        decision_function = score_samples - offset_.
    n_iter_ : int
        Iterations of the autoencoder, at least 1.
    n_features_in_, feature_names_in_
        As in all of scikit-learn.
    """

    autoencoder: Any = field(default=None, kw_only=False)
    contamination: float = 0.1
    random_state: Any = None

    def fit(self, X, y=None):
        """Train on X (m, n), examples as rows; y is ignored.

        Raises
        ------
        SaeError
            A ValueError, for a contamination outside (0, 0.5], and as the autoencoder does.
        """
        contamination = checks.number("contamination", self.contamination, np.nextafter(0, 1), 0.5)
        validate_data(self, X, dtype=FLOATS)  # for the names of the features; the autoencoder gets X as it is
        model: Any = clone(self.autoencoder) if self.autoencoder is not None else _default()
        if self.random_state is not None:
            model.set_params(random_state=self.random_state)
        self.autoencoder_ = model.fit(X)
        self.offset_ = float(np.percentile(self.score_samples(X), 100 * contamination))
        return self

    def feature_errors(self, X) -> np.ndarray:
        """Return the squared error of each feature of each example, (m, n): which features are anomalous."""
        check_is_fitted(self)
        checked: Any = validate_data(self, X, reset=False, dtype=FLOATS)
        error = np.asarray(_reconstruct(self.autoencoder_, X), dtype=np.float64) - checked
        return error * error

    def errors(self, X) -> np.ndarray:
        """Return the mean of the squared errors over the features of each example, (m,)."""
        return self.feature_errors(X).mean(axis=1)

    def score_samples(self, X) -> np.ndarray:
        """Return minus `errors(X)`, (m,): the lower, the more anomalous."""
        return -self.errors(X)

    def decision_function(self, X) -> np.ndarray:
        """Return score_samples(X) - offset_, (m,): below 0 for anomalies."""
        return self.score_samples(X) - self.offset_

    def predict(self, X) -> np.ndarray:
        """Return -1 for anomalies and 1 for others, (m,)."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    @property
    def n_iter_(self) -> int:
        """Iterations of the autoencoder."""
        return self.autoencoder_.n_iter_


def _reconstruct(model, X):
    return model.reconstruct(X) if hasattr(model, "reconstruct") else model.inverse_transform(model.transform(X))


def _default() -> SparseAutoencoder:
    return SparseAutoencoder(10, penalty=None)
