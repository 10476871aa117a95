r"""PCA whitening: principal components, each scaled to variance 1.

(B1)   Y = (X - \bar x)\,U_k\,\mathrm{diag}\left(1 / \sqrt{s + \epsilon}\right)        (m, k)
(B2)   \hat X = \bar x + Y\,\mathrm{diag}\left(\sqrt{s + \epsilon}\right) U_k^T         (m, n)

A variance is divided by its root, the standard deviation: dividing by s itself leaves diag(1 / s) as the covariance.
eps stands under the root, added to the variance; the covariance of Y is diag(s / (s + eps)), the identity up to eps.
With all axes (B2) undoes (B1) whatever eps is; with fewer it is the least-squares reconstruction.

The axes come from the covariance, whose rounding grows with the square of the ratio of the standard deviations: with
eps = 0 that of Y is the identity to about 2e-9 for a ratio of 1e4, to 1e-5 for 1e6. The way back does not suffer.

Source: UFLDL, "Whitening".
"""

from __future__ import annotations

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils.validation import check_is_fitted

from .. import checks
from ..data.whitening import enough_variance
from .axes import Axes
from .base import outputs, rows


class PCAWhitening(ClassNamePrefixFeaturesOutMixin, Axes):
    """Whiten rows along their principal axes by (B1); `inverse_transform` is (B2).

    Parameters
    ----------
    n_components, retained_variance
        As in PCA.
    eps : float
        Of (B1), in units of variance. For values around [-1, 1] the notes take 1e-5, for their colour patches 0.1.
        0 needs variance along all axes kept.
    """

    def __init__(self, n_components=None, *, retained_variance=None, eps=1e-5):
        self.n_components = n_components
        self.retained_variance = retained_variance
        self.eps = eps

    def _check_parameters(self):
        super()._check_parameters()
        checks.number("eps", self.eps, 0)

    def _check_fitted(self):
        super()._check_fitted()
        enough_variance(self.explained_variance_, self.eps, self.n_features_in_)

    def transform(self, X):
        """Return (B1) of X (m, n), an array (m, k)."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        mean, U, s = self._as(X.dtype)
        return (X - mean) @ U / np.sqrt(s + float(self.eps))  # (B1)

    def inverse_transform(self, X):
        """Return (B2) of whitened rows X (m, k), an array (m, n)."""
        check_is_fitted(self)
        Y = outputs(X, self.n_components_)
        mean, U, s = self._as(Y.dtype)
        return mean + (Y * np.sqrt(s + float(self.eps))) @ U.T  # (B2)
