r"""Take from each example its own mean: the brightness of a patch.

(M1)   \mu_i = \frac1n \sum_j x_{ij},   y_i = x_i - \mu_i        (m, n)
(M2)   x_i = y_i + \mu_i                                         (m, n)

This is the mean along a row, of one example over its features; the mean of a feature over the examples is what the
principal axes take away.

Source: UFLDL, "Data Preprocessing", per-example mean subtraction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from ..errors import SaeError
from .base import Preprocessor, given_means, outputs, rows


class MeanRemover(OneToOneFeatureMixin, Preprocessor):
    """Take each example's mean away by (M1); what (M2) needs to bring it back is in the examples, not in the fit.

    So there are three ways back: `inverse_transform(Y, means)` with the means that `means(X)` gave; with
    `append_mean`, which keeps them as one more column, so that a Pipeline can go back by itself; or, without either,
    `inverse_transform(Y)` returns the examples with mean 0, because nobody knows better.

    Parameters
    ----------
    append_mean : bool
        Whether `transform` returns (m, n + 1), the mean last. A network then sees it as one more feature.
    """

    def __init__(self, *, append_mean=False):
        self.append_mean = append_mean

    def _check_parameters(self):
        if not isinstance(self.append_mean, bool | np.bool_):
            raise SaeError(f"append_mean is {self.append_mean!r}; expected True or False.")

    def fit(self, X, y=None):
        """Note how many features X (m, n) has; y is ignored."""
        self._check_parameters()
        rows(self, X, reset=True, features=2)  # one feature less its mean is always 0
        return self

    def means(self, X) -> np.ndarray:
        """Return the mean of each example of X (m, n), (m,)."""
        check_is_fitted(self)
        return rows(self, X, reset=False).mean(axis=1)  # (M1)

    def transform(self, X):
        """Return (M1) of X (m, n), a new array (m, n), or (m, n + 1) with `append_mean`."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        mu = X.mean(axis=1, keepdims=True)  # (M1)
        y = X - mu  # (M1)
        return np.hstack([y, mu]) if self.append_mean else y

    def inverse_transform(self, X, means=None):
        """Return (M2) of what `transform` returned; `means` (m,) instead of the column appended, or of 0."""
        check_is_fitted(self)
        n = self.n_features_in_
        y = outputs(X, n + bool(self.append_mean))
        y, mu = (y[:, :n], y[:, n:]) if self.append_mean else (y, y.dtype.type(0))
        if means is not None:
            mu = given_means(means, len(y)).astype(y.dtype)
        return y + mu  # (M2)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the features, and "mean" with `append_mean`."""
        check_is_fitted(self)
        names: Any = _check_feature_names_in(self, input_features)
        return np.append(names, "mean").astype(object) if self.append_mean else names
