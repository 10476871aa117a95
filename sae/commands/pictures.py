"""The pictures of a model that `sae plot` writes."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

from .. import plots
from ..errors import SaeError
from ..estimators.files import Trained
from .options import shape_of
from .trained import use

SMALLEST = 4  # side of a picture: 9 columns are rather a table


def draw(trained: Trained, path: Path, shape: str | None, data: str | None) -> dict[str, Any]:
    """Return the figures by name."""
    estimator = trained.estimator
    n, hidden = estimator.n_features_in_, estimator.hidden_dim
    figures = {"network": plots.plot_network(n, hidden)}
    sides = shape_of(shape) or _square(n)
    if sides is not None:
        if len(sides) != 2 or math.prod(sides) != n:
            raise SaeError(f"--shape is {shape}; expected height x width of the {n} inputs of the network.")
        figures["filters"] = plots.plot_filters(estimator.W1_, shape=sides)
    if hasattr(estimator, "rho_hat_"):
        figures["activations"] = plots.plot_activations(estimator.rho_hat_, target(estimator))
    history = (path if path.is_dir() else path.parent) / "history.csv"
    if history.exists():
        figures["history"] = plots.plot_history(_history(history))
    if data is not None:
        found = use(path, data)
        size = shape_of(shape) or found.shape or _square(found.rows.shape[1])
        if size is None or len(size) != 2:
            raise SaeError(f"{data} holds no pictures; say --shape height x width, or leave --data out.")
        X, X_hat = found.rows[:32], found.reconstruct()[:32]
        figures["reconstructions"] = plots.plot_reconstructions(X.T, X_hat.T, shape=size)
    return figures


def target(estimator: Any) -> float | None:
    """Return rho, the target of the mean activations; None if J has no KL sparsity."""
    return estimator.sparsity_param if getattr(estimator, "penalty", None) == "kl" and estimator.beta else None


def _square(n: int) -> tuple[int, int] | None:
    side = math.isqrt(n)
    return (side, side) if side * side == n and side >= SMALLEST else None


def _history(path: Path) -> list[dict[str, float]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            records = [{name: float(cell) for name, cell in row.items() if cell} for row in csv.DictReader(file)]
    except (ValueError, TypeError) as error:
        raise SaeError(f"{path} is no history of a training ({error}); move it away.") from error
    return records
