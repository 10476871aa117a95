"""ICA and RICA with scikit-learn's face: `fit` minimises the objective, `transform` is a matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import checks, rica
from ..data.whitening import zca
from ..ica import OrthonormalICA
from ..optimise import Result, State, minimize_lbfgs
from ..projected import minimize_projected
from .face import FLOATS, Saved, generator


@dataclass(eq=False, repr=False, kw_only=True)
class _Components(Saved, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What both share: h = C (x - mean), for the rows C of `components_`."""

    n_components: int | None = field(default=None, kw_only=False)

    def transform(self, X) -> np.ndarray:
        """Return the features (m, n_components) of examples X (m, n)."""
        check_is_fitted(self)
        x: Any = validate_data(self, X, reset=False, dtype=FLOATS)
        return (x - self.mean_.astype(x.dtype)) @ self.components_.T.astype(x.dtype)

    def inverse_transform(self, X) -> np.ndarray:
        """Return the examples (m, n) that features X (m, n_components) stand for: mean + X `mixing_`^T."""
        check_is_fitted(self)
        X = checks.matrix(X)
        return X @ self.mixing_.T.astype(X.dtype) + self.mean_.astype(X.dtype)

    def _examples(self, X) -> np.ndarray:
        X = validate_data(self, X, reset=True, dtype=FLOATS, ensure_min_samples=2)
        return np.asarray(X)

    def _count(self, X) -> int:
        return X.shape[1] if self.n_components is None else checks.count("n_components", self.n_components)

    def _take(self, result: Result, dtype, mean, components, mixing) -> None:
        self.mean_, self.components_, self.mixing_ = (part.astype(dtype) for part in (mean, components, mixing))
        self.n_iter_, self.history_, self.stop_reason_ = result.iterations, result.history, result.message
        self.loss_curve_ = [record["cost"] for record in result.history]

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        assert tags.transformer_tags is not None
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class RICA(_Components):
    """Features of which few are far from 0, with rows of norm 1 that need not be at right angles; see sae/rica.py.

    The examples are taken as they are: whiten them before, for example with sae.preprocessing.ZCAWhitening.

    Parameters
    ----------
    n_components : int, optional
        Number of features; as many as an example has numbers unless given. May be more.
    lam, eps, divide_by_m
        As of the objective, sae.RICA; but J is a mean over examples by default, so that lam means the same for any
        number of them.
    max_iter, tol : int, float
        Iterations of L-BFGS, and the relative descent at which it has converged.
    random_state : int, RandomState or None
    callback : callable, optional
        As of sae.minimize_lbfgs.

    Attributes
    ----------
    components_ : (n_components, n) array
        U of (R1).
    mixing_ : (n, n_components) array
        Its transpose, which reconstructs.
    mean_ : (n,) array
        Zeros.
    n_iter_, history_, loss_curve_, stop_reason_
        Of the training.
    """

    lam: float = 0.1
    eps: float = 1e-2
    divide_by_m: str = "all"
    max_iter: int = 200
    tol: float = 1e-9
    random_state: Any = None
    callback: Callable[[State], object] | None = None

    def fit(self, X, y=None):
        """Train on X (m, n), examples as rows; y is ignored."""
        X = self._examples(X)
        settings = {"lam": self.lam, "eps": self.eps, "divide_by_m": self.divide_by_m}
        objective = rica.RICA(X.T, self._count(X), **settings)
        theta = objective.init(generator(self.random_state))
        result = minimize_lbfgs(objective, theta, max_iter=self.max_iter, ftol=self.tol, callback=self.callback)
        U = objective.filters(result.theta)
        self._take(result, X.dtype, np.zeros(X.shape[1]), U, U.T)
        return self


@dataclass(eq=False, repr=False, kw_only=True)
class ICA(_Components):
    """Independent components: orthonormal filters on whitened examples; see sae/ica.py.

    The mean and the whitening are part of it: `transform` takes examples as they are.

    Parameters
    ----------
    n_components : int, optional
        Number of features, at most that of the numbers in an example, which it is unless given.
    eps : float
        As of the objective, sae.OrthonormalICA.
    whiten_eps : float
        eps of sae.data.zca. With 0, examples that vary in fewer than n directions are an error.
    max_iter, tol : int, float
        Steps of sae.minimize_projected, and the largest |gradient| at which it has converged.
    random_state : int, RandomState or None
    callback : callable, optional
        As of sae.minimize_projected.

    Attributes
    ----------
    components_ : (n_components, n) array
        W T, for T the whitening.
    mixing_ : (n, n_components) array
        Its pseudo-inverse.
    mean_ : (n,) array
    n_iter_, history_, loss_curve_, stop_reason_
        Of the training.
    """

    eps: float = 1e-6
    whiten_eps: float = 0.0
    max_iter: int = 500
    tol: float = 1e-4
    random_state: Any = None
    callback: Callable[[State], object] | None = None

    def fit(self, X, y=None):
        """Train on X (m, n), examples as rows; y is ignored."""
        X = self._examples(X)
        white = zca(X.T.astype(np.float64), eps=self.whiten_eps)
        objective = OrthonormalICA(white.X, self._count(X), eps=self.eps)
        theta = objective.init(generator(self.random_state))
        result = minimize_projected(objective, theta, max_iter=self.max_iter, gtol=self.tol, callback=self.callback)
        components = objective.filters(result.theta) @ white.matrix
        self._take(result, X.dtype, white.mean, components, np.linalg.pinv(components))
        return self
