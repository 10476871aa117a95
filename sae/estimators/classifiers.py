"""Softmax regression with scikit-learn's face, and what all classifiers here share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import checks
from ..errors import SaeError
from ..optimise import Result, State
from ..softmax import Softmax, log_softmax
from .face import FLOATS, Saved, generator
from .solvers import Settings, Watch
from .stages import given, progress, untrained


class Classifier(Saved, ClassifierMixin, BaseEstimator):
    """Labels of any kind, their probabilities, and the most probable one; `score` is the accuracy."""

    classes_: np.ndarray

    def _labelled(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return X as finite floats, rows, and y as 0, ..., k - 1; `classes_` are what these stand for."""
        X, y = validate_data(self, X, y, dtype=FLOATS)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise SaeError(f"y has one class alone, {self.classes_[0]!r}; a classifier needs at least two.")
        return X, codes

    def _features(self, X: Any, *, reset: bool) -> np.ndarray:
        """Return X as finite floats, with the number and names of features as in `fit` (or, `reset`, noting them)."""
        return np.asarray(validate_data(self, X, reset=reset, dtype=FLOATS))

    def _examples(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self._features(X, reset=False)

    def _z(self, X: np.ndarray) -> np.ndarray:
        """Return the classes' z, (k, m), of examples X, rows."""
        raise NotImplementedError

    def predict_log_proba(self, X) -> np.ndarray:
        """Return log p of each class, (m, k), of examples X (m, n); finite also where p is 0 in floating point."""
        return log_softmax(self._z(self._examples(X)))[0].T

    def predict_proba(self, X) -> np.ndarray:
        """Return p of each class, (m, k), of examples X (m, n)."""
        return log_softmax(self._z(self._examples(X)))[1].T

    def predict(self, X) -> np.ndarray:
        """Return the most probable class, (m,), of examples X (m, n)."""
        best = self._z(self._examples(X)).argmax(axis=0)
        return self.classes_[best]


@dataclass(eq=False, repr=False, kw_only=True)
class SoftmaxClassifier(Classifier):
    r"""Softmax regression: fits W (and b) to labelled rows by L-BFGS on sae.Softmax.

    J is minus the mean of log p of the right classes, plus weight_decay / 2 \|W\|_F^2. It is scikit-learn's
    LogisticRegression with C = 1 / (m weight_decay), where the data term is a sum.

    Parameters
    ----------
    weight_decay : float
        lambda >= 0.
    fit_intercept : bool
        Whether there is a b, which does not decay; UFLDL's exercise has none.
    max_iter : int
    tol : float
        Converged when an iteration lowers J by less than `tol` of its value.
    random_state : int, RandomState or None
        Draws the weights to start from, 0.005 times standard normal numbers.
    verbose, callback
        As of SparseAutoencoder.

    Attributes
    ----------
    coef_, intercept_ : (k, n), (k,) array
        W and b, in the precision of X; b is 0 without `fit_intercept`.
    classes_ : (k,) array
    n_iter_, history_, loss_curve_, stop_reason_, n_features_in_, feature_names_in_
        As of SparseAutoencoder.

    References
    ----------
    UFLDL tutorial, "Softmax Regression".
    """

    weight_decay: float = field(default=1e-4, kw_only=False)
    fit_intercept: bool = True
    max_iter: int = 100
    tol: float = 1e-9
    random_state: Any = None
    verbose: int = 0
    callback: Callable[[State], object] | None = None

    def fit(self, X, y):
        """Train on X (m, n), examples as rows, with their labels y (m,), of any kind.

        Raises
        ------
        SaeError
            A ValueError, for parameters and data that can't be used, one class alone among them.
        """
        settings = self._settings()
        X, y = self._labelled(X, y)
        self._train(X, y, settings, generator(self.random_state))
        return self

    def _settings(self) -> Settings:
        checks.number("weight_decay", self.weight_decay, 0)
        return Settings("lbfgs", 1.0, self.max_iter, 1, False, self.tol)

    def _train(self, X, y, settings: Settings, rng: np.random.Generator, *, start_only: bool = False) -> Result:
        """Set the fitted attributes: trained, or as the training would start."""
        k, dtype = len(self.classes_), X.dtype
        objective = Softmax(X.T, y, lam=self.weight_decay, n_classes=k, bias=bool(self.fit_intercept), dtype=dtype.name)
        theta = objective.init(rng)
        result = untrained(theta) if start_only else self._minimise(objective, theta, settings, rng)
        W, *b = objective.layout.unpack(result.theta)
        self.coef_, self.intercept_ = W.astype(dtype), b[0].astype(dtype) if b else np.zeros(k, dtype)
        self.n_iter_, self.history_, self.stop_reason_ = result.iterations, result.history, result.message
        self.loss_curve_ = [record["cost"] for record in result.history]
        return result

    def _minimise(self, objective, theta, settings, rng) -> Result:
        with progress(self.verbose, "softmax", self.max_iter) as shown:
            return Watch(objective, None, None, self.tol, given(shown, self.callback)).run(theta, settings, rng)

    def _z(self, X: np.ndarray) -> np.ndarray:
        return self.coef_ @ X.T + self.intercept_[:, None]
