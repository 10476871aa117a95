"""The steps of a preprocessing as lines of NumPy, for the Python file that an encoder is exported to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import SaeError
from ..preprocessing import PCA, MeanRemover, PatchNormalizer, PCAWhitening, RangeScaler, ZCAWhitening


class Lines(NamedTuple):
    """The arrays of a step by name, and the lines that take X (m, n) through it; `{i}` there numbers the step."""

    arrays: dict[str, np.ndarray]
    lines: list[str]


def _range_scaler(step: RangeScaler) -> Lines:
    low, high = float(step.low), float(step.high)
    lines = ["t = (X - data_min_{i}) / extent_{i}"]
    if step.outside == "raise":
        outside = ["if ((X < data_min_{i}) | (X > data_max_{i})).any():"]
        lines = [*outside, '    raise ValueError("X is outside the range fitted.")', *lines]
    lines.append(f"X = np.where(t < 0.5, {low!r} + {high - low!r} * t, {high!r} - {high - low!r} * (1 - t))")
    if step.outside == "clip":
        lines.append(f"X = np.clip(X, {low!r}, {high!r})")
    return Lines({"data_min": step.data_min_, "data_max": step.data_max_, "extent": step._extent}, lines)


def _mean_remover(step: MeanRemover) -> Lines:
    lines = ["mean = X.mean(axis=1, keepdims=True)", "X = X - mean"]
    return Lines({}, [*lines, *["X = np.hstack([X, mean])"] * bool(step.append_mean)])


def _patch_normalizer(step: PatchNormalizer) -> Lines:
    bound, low, high = float(step.clip) * float(step.sigma_), float(step.low), float(step.high)
    mean = ["X = X - X.mean(axis=1, keepdims=True)"] * bool(step.remove_mean)
    return Lines({}, [*mean, f"X = {low!r} + {high - low!r} * (np.clip(X, {-bound!r}, {bound!r}) / {bound!r} + 1) / 2"])


def _pca(step: PCA) -> Lines:
    return Lines({"mean": step.mean_, "U": step.components_.T}, ["X = (X - mean_{i}) @ U_{i}"])


def _pca_whitening(step: PCAWhitening) -> Lines:
    deviation = np.sqrt(step.explained_variance_ + float(step.eps))
    arrays = {"mean": step.mean_, "U": step.components_.T, "deviation": deviation}
    return Lines(arrays, ["X = (X - mean_{i}) @ U_{i} / deviation_{i}"])


def _zca_whitening(step: ZCAWhitening) -> Lines:
    return Lines(_pca_whitening(step).arrays, ["X = (X - mean_{i}) @ (U_{i} / deviation_{i}) @ U_{i}.T"])


KINDS: dict[type, Callable[[Any], Lines]] = {
    RangeScaler: _range_scaler,
    MeanRemover: _mean_remover,
    PatchNormalizer: _patch_normalizer,
    PCA: _pca,
    PCAWhitening: _pca_whitening,
    ZCAWhitening: _zca_whitening,
}


def as_lines(step: Any) -> Lines:
    """Return a fitted step as arrays and lines.

    Raises
    ------
    SaeError
        For a step that takes anything but rows, or is none of sae.preprocessing.
    """
    if type(step) not in KINDS:
        known = ", ".join(kind.__name__ for kind in KINDS)
        raise SaeError(f"{type(step).__name__} can't be exported; expected steps of {known}.")
    return KINDS[type(step)](step)
