r"""The principal axes of the examples, and how many of them to keep.

(A1)   k = \min\left\{k : \sum_{j \le k} s_j \ge p \sum_{j \le n} s_j\right\}        scalar

s are the eigenvalues of the covariance (with 1/m, as in the notes; (W2) of `sae.data.whitening`), largest first, and p
is the share of the variance to retain.

Source: UFLDL, "PCA", number of components to retain.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .. import checks
from ..data.whitening import principal_axes
from ..errors import SaeError
from .base import Preprocessor, rows


class Axes(Preprocessor):
    """What PCA and the two whitenings fit.

    Attributes
    ----------
    mean_ : (n,) array
    components_ : (k, n) array
        The axes kept, rows of unit length; the largest entry of each is positive.
    explained_variance_ : (k,) array
        s of the axes kept, with 1/m (scikit-learn's PCA divides by m - 1).
    explained_variance_ratio_ : (k,) array
        Their shares of the variance of all n.
    n_components_ : int
        k.
    """

    _arrays: ClassVar = {
        "mean_": "n",
        "components_": "kn",
        "explained_variance_": "k",
        "explained_variance_ratio_": "k",
    }

    n_components: int | None
    retained_variance: float | None

    def _check_parameters(self):
        if isinstance(self.n_components, float):
            raise SaeError(
                f"n_components is {self.n_components!r}; expected a whole number. For a share of the variance use "
                "retained_variance."
            )
        if self.n_components is not None:
            checks.count("n_components", self.n_components)
        if self.retained_variance is not None:
            checks.number("retained_variance", self.retained_variance, 0, 1)
            if self.retained_variance == 0 or self.n_components is not None:
                raise SaeError(
                    f"retained_variance is {self.retained_variance!r} and n_components is {self.n_components!r}; "
                    "expected one of the two to be None, and a share above 0."
                )

    def _check_fitted(self):
        if (self.explained_variance_ < 0).any() or (np.diff(self.explained_variance_) > 0).any():
            raise SaeError("explained_variance_ is negative or rises; expected variances, the largest first.")
        if self.n_components_ > self.n_features_in_:
            raise SaeError(f"components_ has {self.n_components_} rows; expected at most {self.n_features_in_}.")

    @property
    def n_components_(self) -> int:
        """How many axes are kept."""
        return len(self.components_)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def fit(self, X, y=None):
        """Find the axes of X (m, n) and choose how many to keep; y is ignored."""
        self._check_parameters()
        X = rows(self, X, reset=True, samples=2)
        mean, s, U = principal_axes(X.T)
        if s.sum() <= X.shape[1] * (8 * np.finfo(float).eps * np.abs(X).max()) ** 2:
            raise SaeError(f"all {len(X)} examples are the same; expected examples that vary.")
        k = self._how_many(s)
        self.mean_, self.components_ = mean, np.ascontiguousarray(U[:, :k].T)
        self.explained_variance_, self.explained_variance_ratio_ = s[:k].copy(), s[:k] / s.sum()
        self._check_fitted()
        return self

    def _how_many(self, s: np.ndarray) -> int:
        if self.retained_variance is not None:
            share = np.cumsum(s)
            return int(np.argmax(share >= self.retained_variance * share[-1])) + 1  # (A1)
        if self.n_components is not None and self.n_components > len(s):
            raise SaeError(f"n_components is {self.n_components}; expected at most {len(s)}, the number of features.")
        return len(s) if self.n_components is None else self.n_components

    def _as(self, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean (n,), U (n, k) and s (k,) for arithmetic in this dtype."""
        return self.mean_.astype(dtype), self.components_.T.astype(dtype), self.explained_variance_.astype(dtype)
