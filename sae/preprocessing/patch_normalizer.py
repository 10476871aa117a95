r"""Patches as the UFLDL exercise trains on them: mean of each taken away, clipped, scaled to [0.1, 0.9].

`sae.data.normalize_patches` does the way there, (P1) to (P3) of its page; here is the way back.

(P4)   x = c\sigma\,\left(2 (y - low) / (high - low) - 1\right) + \mu        (m, n)

Lost: by how much a pixel went beyond c sigma (P2), and each patch's mean mu unless it is given. The mean of a patch
that was clipped is no longer 0, so (P1) to (P3) would not take what (P4) returns for it quite to y again.

Source: UFLDL exercise "Sparse Autoencoder", normalizeData.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from .. import checks
from ..data.patches import contrast, normalize_patches
from ..errors import SaeError
from .base import Preprocessor, given_means, outputs, rows


class PatchNormalizer(OneToOneFeatureMixin, Preprocessor):
    """Normalize patches as rows; sigma is that of the patches fitted, also for patches that come later.

    Parameters
    ----------
    clip : float
        c, in standard deviations over all patches and pixels.
    low, high : float
        The range.
    remove_mean : bool
        Whether each patch's mean is taken away.

    Attributes
    ----------
    sigma_ : float
    """

    _arrays: ClassVar = {"sigma_": ""}

    def __init__(self, *, clip=3.0, low=0.1, high=0.9, remove_mean=True):
        self.clip = clip
        self.low = low
        self.high = high
        self.remove_mean = remove_mean

    def _check_parameters(self):
        checks.number("clip", self.clip, 0, open_ends=True)
        low, high = checks.number("low", self.low, -np.inf), checks.number("high", self.high, -np.inf)
        if low >= high:
            raise SaeError(f"low is {low:g} and high is {high:g}; expected low below high.")
        if not isinstance(self.remove_mean, bool | np.bool_):
            raise SaeError(f"remove_mean is {self.remove_mean!r}; expected True or False.")

    def _check_fitted(self):
        checks.number("sigma_", self.sigma_, 0, open_ends=True)

    def fit(self, X, y=None):
        """Find sigma of the patches X (m, n), rows; y is ignored."""
        self._check_parameters()
        X = rows(self, X, reset=True, features=2 if self.remove_mean else 1)
        self.sigma_ = contrast(X.T, remove_mean=self.remove_mean)
        return self

    def means(self, X) -> np.ndarray:
        """Return the mean of each patch of X (m, n), (m,): what the inverse needs and can't know."""
        check_is_fitted(self)
        return rows(self, X, reset=False).mean(axis=1)

    def transform(self, X):
        """Return the patches X (m, n) normalized, a new array in [low, high]."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        low, high = float(self.low), float(self.high)
        return normalize_patches(
            X.T, remove_mean=self.remove_mean, clip=float(self.clip), low=low, high=high, sigma=self.sigma_
        ).T

    def inverse_transform(self, X, means=None):
        """Return (P4) of normalized rows X (m, n), with `means` (m,) of the patches, or 0."""
        check_is_fitted(self)
        y = outputs(X, self.n_features_in_)
        mu = y.dtype.type(0) if means is None else given_means(means, len(y)).astype(y.dtype)
        bound, low, high = float(self.clip) * self.sigma_, float(self.low), float(self.high)
        return bound * (2 * (y - low) / (high - low) - 1) + mu  # (P4)
