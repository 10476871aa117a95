r"""ZCA whitening: PCA whitening turned back, so that a whitened patch still looks like the patch.

(Z1)   Y = (X - \bar x)\,U_k\,\mathrm{diag}\left(1 / \sqrt{s + \epsilon}\right) U_k^T       (m, n)
(Z2)   \hat X = \bar x + Y\,U_k\,\mathrm{diag}\left(\sqrt{s + \epsilon}\right) U_k^T         (m, n)

The covariance of Y is U_k diag(s / (s + eps)) U_k^T: up to eps the identity, or with k < n the projection on the axes
kept. With all axes (Z2) undoes (Z1) whatever eps is; with fewer it is the least-squares reconstruction.

Source: UFLDL, "Whitening"; the same as `sae.data.zca`, which has columns and keeps all axes.
"""

from __future__ import annotations

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from .base import outputs, rows
from .pca_whitening import PCAWhitening


class ZCAWhitening(OneToOneFeatureMixin, PCAWhitening):  # pyright: ignore[reportIncompatibleMethodOverride]
    """Whiten rows and keep them close to what they were by (Z1); `inverse_transform` is (Z2).

    Parameters
    ----------
    n_components, retained_variance
        As in PCA; the rows keep n features, but vary along k axes only.
    eps : float
        As in PCAWhitening.
    """

    def transform(self, X):
        """Return (Z1) of X (m, n), an array (m, n)."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        mean, U, s = self._as(X.dtype)
        return (X - mean) @ (U / np.sqrt(s + float(self.eps))) @ U.T  # (Z1)

    def inverse_transform(self, X):
        """Return (Z2) of whitened rows X (m, n), an array (m, n)."""
        check_is_fitted(self)
        Y = outputs(X, self.n_features_in_)
        mean, U, s = self._as(Y.dtype)
        return mean + Y @ (U * np.sqrt(s + float(self.eps))) @ U.T  # (Z2)
