"""--scale: the steps of preprocessing by name, and how they say what was done to the data."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from .. import checks
from ..errors import SaeError
from ..preprocessing import (
    PCA,
    ConstantFeatureWarning,
    MeanRemover,
    PatchNormalizer,
    PCAWhitening,
    RangeScaler,
    ZCAWhitening,
)

NAMES = {
    "minmax": lambda eps, kept: RangeScaler(),
    "range": lambda eps, kept: RangeScaler(each="all"),
    "mean": lambda eps, kept: MeanRemover(),
    "patches": lambda eps, kept: PatchNormalizer(),
    "pca": lambda eps, kept: PCA(retained_variance=kept),
    "pca-whitening": lambda eps, kept: PCAWhitening(retained_variance=kept, eps=eps),
    "zca": lambda eps, kept: ZCAWhitening(retained_variance=kept, eps=eps),
}


def build(scale: str, eps: float, retained: float | None) -> Pipeline | None:
    """Return the steps of "mean,zca", in this order; None for "none"."""
    checks.number("--eps", eps, 0)
    if retained is not None:
        checks.number("--retained", retained, np.nextafter(0, 1), 1)
    names = [name.strip() for name in scale.split(",")]
    if names == ["none"]:
        return None
    for name in names:
        if name not in NAMES:
            raise SaeError(f"--scale is {name!r}; expected none, or some of {', '.join(NAMES)}, with commas.")
    if len(set(names)) < len(names):
        raise SaeError(f"--scale {scale} has a step twice; expected each once.")
    return Pipeline([(name, NAMES[name](eps, retained)) for name in names])


def fit(
    steps: Pipeline | None, X: np.ndarray, names: tuple[str, ...] | None, trained: Any = slice(None)
) -> tuple[np.ndarray, list[str]]:
    """Fit the steps to those of rows X (m, n) that are trained on; return what comes out of all, and what to say."""
    notes: list[str] = []
    for name, step in [] if steps is None else steps.steps:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConstantFeatureWarning)  # said below, by name and column
            known = X.shape[1] == len(names or ())
            X = step.fit(X[trained]).transform(X)
        if isinstance(step, RangeScaler) and len(step.constant_):
            notes.append(_constant(name, step.constant_, names if known else None))
    return X, notes


def _constant(step: str, which: np.ndarray, names: tuple[str, ...] | None) -> str:
    shown = [f"{j + 1}" + (f" ({names[j]!r})" if names else "") for j in which[:10]]
    more = f" and {len(which) - 10} more" if len(which) > 10 else ""
    return f"column {', '.join(shown)}{more} never changes: {step} moves it to the low end and does not scale it"


def there_and_back(steps: Pipeline | None, X: np.ndarray, reconstruct: Any) -> np.ndarray:
    """Return rows X through the steps, `reconstruct`, and back; the means that a step takes away are put back."""
    passed = []
    for _, step in [] if steps is None else steps.steps:
        passed.append((step, step.means(X) if _takes_means(step) else None))
        X = step.transform(X)
    X = reconstruct(X)
    for step, means in reversed(passed):
        X = step.inverse_transform(X) if means is None else step.inverse_transform(X, means)
    return X


def loses_means(steps: Pipeline | None) -> bool:
    """Whether codes alone do not tell an example's mean."""
    return steps is not None and any(_takes_means(step) for _, step in steps.steps)


def _takes_means(step: Any) -> bool:
    return isinstance(step, MeanRemover) or (isinstance(step, PatchNormalizer) and bool(step.remove_mean))
