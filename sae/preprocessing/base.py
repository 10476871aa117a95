"""What all steps share: checked rows, and a description with arrays that a model file can carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from .. import checks
from ..errors import SaeError

KINDS: Any = (np.float64, np.float32)


class Preprocessor(TransformerMixin, BaseEstimator):
    """A step of the preprocessing. A subclass names its fitted arrays and checks its parameters."""

    # Name and shape of each fitted array: a letter a side, n the features that come in; "" is one number.
    _arrays: ClassVar[dict[str, str]] = {}

    def _check_parameters(self) -> None:
        """Raise SaeError unless the parameters can be used; `fit` and `from_arrays` ask."""

    def _check_fitted(self) -> None:
        """Raise SaeError unless the fitted arrays can be used; `fit` and `from_arrays` ask."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        assert tags.transformer_tags is not None
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def describe(self) -> dict[str, Any]:
        """Return what JSON can hold of a fitted step: class, parameters, features, names of the arrays."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        return {
            "class": type(self).__name__,
            "parameters": {name: _plain(value) for name, value in self.get_params(deep=False).items()},
            "features": getattr(self, "n_features_in_", None),
            "feature_names": None if names is None else [str(name) for name in names],
            "arrays": sorted(self._arrays),
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the fitted arrays by name, as copies."""
        check_is_fitted(self)
        return {name: np.array(getattr(self, name)) for name in sorted(self._arrays)}

    @classmethod
    def from_arrays(cls, description: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Self:
        """Return the fitted step that `describe` and `to_arrays` took apart.

        Raises
        ------
        SaeError
            If the two are not those of this class, or do not fit together.
        """
        if not isinstance(description, Mapping) or description.get("class") != cls.__name__:
            raise SaeError(f"the description is {_short(description)}; expected that of a {cls.__name__}.")
        parameters, expected = description.get("parameters"), cls._get_param_names()
        if not isinstance(parameters, Mapping) or sorted(parameters) != sorted(expected):
            raise SaeError(f"the parameters are {_short(parameters)}; expected {', '.join(expected)}.")
        step = cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in parameters.items()})
        step._check_parameters()
        step._set_features(description)
        step._set_arrays(arrays)
        step._check_fitted()
        return step

    def _set_features(self, description: Mapping[str, Any]) -> None:
        n, names = description.get("features"), description.get("feature_names")
        if n is not None:
            self.n_features_in_ = checks.count("features", n)
        if names is not None:
            if not isinstance(names, list) or len(names) != n or not all(isinstance(name, str) for name in names):
                raise SaeError(f"the feature names are {_short(names)}; expected {n} texts.")
            self.feature_names_in_ = np.array(names, dtype=object)

    def _set_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        if not isinstance(arrays, Mapping) or sorted(arrays) != sorted(self._arrays):
            raise SaeError(f"the arrays are {_short(list(arrays))}; expected {sorted(self._arrays)}.")
        sides = {} if getattr(self, "n_features_in_", None) is None else {"n": self.n_features_in_}
        for name, letters in self._arrays.items():
            array = np.array(arrays[name])
            if array.dtype.kind not in "fi" or not np.isfinite(array).all():
                raise SaeError(
                    f"{name} has dtype {array.dtype} or values that are not finite; expected finite numbers."
                )
            expected = tuple(sides.setdefault(letter, side) for letter, side in zip(letters, array.shape, strict=False))
            if array.shape != expected or array.ndim != len(letters) or 0 in array.shape:
                raise SaeError(f"{name} has shape {array.shape}; expected {_shape(letters, sides)}.")
            setattr(self, name, array if letters else array.item())


def rows(step: BaseEstimator, X, *, reset: bool, samples: int = 1, features: int = 1) -> np.ndarray:
    """Return X as finite (m, n) rows of float64 or float32, and let `step` note (`reset`) or check its features."""
    try:
        valid: Any = validate_data(
            step,
            X,
            reset=reset,
            dtype=KINDS,
            ensure_all_finite=False,
            ensure_min_samples=samples,
            ensure_min_features=features,
        )
    except ValueError as error:
        raise SaeError(str(error)) from error
    return _finite(valid, getattr(step, "feature_names_in_", None))


def outputs(Y, count: int) -> np.ndarray:
    """Return Y as finite (m, count) rows: what a `transform` made, on the way back."""
    try:
        Y = check_array(Y, dtype=KINDS, ensure_all_finite=False)
    except ValueError as error:
        raise SaeError(str(error)) from error
    if Y.shape[1] != count:
        raise SaeError(f"X has {Y.shape[1]} columns; inverse_transform expected {count}, as transform returns.")
    return _finite(Y)


def given_means(means, m: int) -> np.ndarray:
    """Return the means of m examples as a finite (m, 1) array."""
    means = np.asarray(means)
    if means.shape != (m,) or means.dtype.kind not in "fiu" or not np.isfinite(means).all():
        raise SaeError(f"means has shape {means.shape} and dtype {means.dtype}; expected ({m},) and finite numbers.")
    return means[:, None]


def _finite(X: np.ndarray, names=None) -> np.ndarray:
    if not np.isfinite(X).all():
        i, j = np.unravel_index(np.argmin(np.isfinite(X)), X.shape)
        nans = int(np.isnan(X).sum())
        infinite = int((~np.isfinite(X)).sum()) - nans
        raise SaeError(
            f"X has {nans} NaN and {infinite} infinite (inf) values, the first in row {i}, column "
            f"{j if names is None else repr(names[j])}; expected finite numbers. Leave those rows out, or fill them in."
        )
    return X


def _plain(value: Any) -> Any:
    """Return a parameter as JSON holds it."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 100 else text[:97] + "..."


def _shape(letters: str, sides: Mapping[str, int]) -> str:
    return "(" + ", ".join(str(sides.get(letter, letter)) for letter in letters) + ")"
