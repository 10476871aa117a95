r"""Min-max scaling: each feature to [low, high].

(S1)   t = (x - \min x) / (\max x - \min x),   y = low + (high - low)\,t      (m, n)
(S2)   x = \min x + (\max x - \min x)\,(y - low) / (high - low)             (m, n)

The minimum and maximum are those of the feature over the examples fitted. A constant feature has no range to divide
by: 1 takes its place, so it is moved to low but not scaled, and (S2) still gives it back.

Source: UFLDL, "Data Preprocessing", simple rescaling; the range [0.1, 0.9] for a sigmoid is that of sampleIMAGES.
"""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from .. import checks
from ..errors import SaeError
from .base import Preprocessor, outputs, rows


class ConstantFeatureWarning(UserWarning):
    """Features that never change: there is nothing to scale, and nothing for a network to learn."""


class RangeScaler(OneToOneFeatureMixin, Preprocessor):
    """Scale each feature to [low, high] by (S1); `inverse_transform` is (S2).

    The examples fitted land in [low, high] exactly, with nothing left to rounding.

    Parameters
    ----------
    low, high : float
        The range; a sigmoid decoder reaches the inside of (0, 1).
    each : {"feature", "all"}
        Whether each feature has its own minimum and maximum, or all share one pair (pixels of one kind).
    constant : {"warn", "raise"}
        What to do about constant features besides moving them to low: a ConstantFeatureWarning that names them, or a
        SaeError that does.
    outside : {"keep", "raise", "clip"}
        What `transform` does with values outside the range fitted: "keep" goes on along the same straight line and
        leaves [low, high], which (S2) undoes; "raise" is a SaeError that names the features; "clip" puts them on the
        border, and what they were is lost.

    Attributes
    ----------
    data_min_, data_max_ : (n,) arrays
    constant_ : array of int
        The constant features.
    """

    _arrays: ClassVar = {"data_min_": "n", "data_max_": "n"}

    def __init__(self, low=0.0, high=1.0, *, each="feature", constant="warn", outside="keep"):
        self.low = low
        self.high = high
        self.each = each
        self.constant = constant
        self.outside = outside

    def _check_parameters(self):
        low, high = checks.number("low", self.low, -np.inf), checks.number("high", self.high, -np.inf)
        if low >= high:
            raise SaeError(f"low is {low:g} and high is {high:g}; expected low below high.")
        checks.one_of("each", self.each, ("feature", "all"))
        checks.one_of("constant", self.constant, ("warn", "raise"))
        checks.one_of("outside", self.outside, ("keep", "raise", "clip"))

    def _check_fitted(self):
        with np.errstate(over="ignore"):
            extent = self.data_max_ - self.data_min_
        if not np.isfinite(extent).all() or (extent < 0).any():
            raise SaeError(
                "data_max_ - data_min_ is negative or too large for a number; expected a range to divide by."
            )

    @property
    def constant_(self) -> np.ndarray:
        """The constant features."""
        return np.flatnonzero(self.data_min_ == self.data_max_)

    @property
    def _extent(self) -> np.ndarray:
        return np.where(self.data_min_ == self.data_max_, 1.0, self.data_max_ - self.data_min_)

    def fit(self, X, y=None):
        """Find the minimum and maximum of each feature of X (m, n); y is ignored."""
        self._check_parameters()
        X = rows(self, X, reset=True)
        low, high = (X.min(axis=0), X.max(axis=0)) if self.each == "feature" else (X.min(), X.max())
        self.data_min_ = np.full(X.shape[1], low, dtype=np.float64)
        self.data_max_ = np.full(X.shape[1], high, dtype=np.float64)
        self._check_fitted()
        self._tell_constant()
        return self

    def transform(self, X):
        """Return (S1) of X (m, n), a new array."""
        check_is_fitted(self)
        X = rows(self, X, reset=False)
        self._look_outside(X)
        low, high = float(self.low), float(self.high)
        with np.errstate(over="ignore"):
            t = (X - self.data_min_) / self._extent  # (S1)
            # From the nearer end, or rounding could carry t = 1 past high.
            y = np.where(t < 0.5, low + (high - low) * t, high - (high - low) * (1 - t))  # (S1)
            y = (np.clip(y, low, high) if self.outside == "clip" else y).astype(X.dtype)
        if not np.isfinite(y).all():
            raise SaeError("X is so far outside the range fitted that scaling it overflows; expected values near it.")
        return y

    def inverse_transform(self, X):
        """Return (S2) of X (m, n), scaled rows, a new array."""
        check_is_fitted(self)
        y = outputs(X, self.n_features_in_)
        low, high = float(self.low), float(self.high)
        t = np.subtract(y, low, dtype=np.float64) / (high - low)  # (S2)
        return (self.data_min_ + self._extent * t).astype(y.dtype)  # (S2)

    def _tell_constant(self):
        if len(self.constant_):
            found = f"{_some(self._names(self.constant_))} constant"
            if self.constant == "raise":
                raise SaeError(f"{found}; expected features that change. Leave them out, or use constant='warn'.")
            message = f"{found}: there is no range to scale to, so each is moved to low = {self.low:g} and not scaled."
            warnings.warn(message, ConstantFeatureWarning, stacklevel=3)

    def _look_outside(self, X):
        if self.outside == "raise":
            out = np.flatnonzero((X.min(axis=0) < self.data_min_) | (X.max(axis=0) > self.data_max_))
            if len(out):
                j = out[0]
                raise SaeError(
                    f"{_some(self._names(out))} outside the range fitted: {self._names(out[:1])[0]} has values from "
                    f"{X[:, j].min():.6g} to {X[:, j].max():.6g}; expected [{self.data_min_[j]:.6g}, "
                    f"{self.data_max_[j]:.6g}]. Fit on data that covers them, or choose outside='keep' or 'clip'."
                )

    def _names(self, which) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        return [str(j) if names is None else repr(names[j]) for j in which]


def _some(names: list[str], most: int = 10) -> str:
    if len(names) == 1:
        return f"feature {names[0]} is"
    return f"features {', '.join(names[:most])}{f' and {len(names) - most} more' if len(names) > most else ''} are"
