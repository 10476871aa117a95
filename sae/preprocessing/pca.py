r"""Principal component analysis: examples in the axes along which they vary most.

(A2)   Y = (X - \bar x)\,U_k            (m, k)
(A3)   \hat X = \bar x + Y\,U_k^T       (m, n)

With all n axes (A3) undoes (A2); with fewer it is the least-squares reconstruction, and its mean squared error over
the examples fitted is the variance of the axes dropped.

Source: UFLDL, "PCA".
"""

from __future__ import annotations

from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils.validation import check_is_fitted

from .axes import Axes
from .base import outputs, rows


class PCA(ClassNamePrefixFeaturesOutMixin, Axes):
    """Turn rows into their first k principal components (A2) and back (A3).

    Parameters
    ----------
    n_components : int, optional
        k; by default all n.
    retained_variance : float in (0, 1], optional
        Instead of k: as few as retain this share of the variance, (A1) of `sae.preprocessing.axes`.
    """

    def __init__(self, n_components=None, *, retained_variance=None):
        self.n_components = n_components
        self.retained_variance = retained_variance

    def transform(self, X):
        """Return (A2) of X (m, n), an array (m, k)."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        mean, U, _ = self._as(X.dtype)
        return (X - mean) @ U  # (A2)

    def inverse_transform(self, X):
        """Return (A3) of components X (m, k), an array (m, n)."""
        check_is_fitted(self)
        Y = outputs(X, self.n_components_)
        mean, U, _ = self._as(Y.dtype)
        return mean + Y @ U.T  # (A3)
