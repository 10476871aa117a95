"""UFLDL, "Independent Component Analysis": orthonormal filters of whitened colour patches."""

from __future__ import annotations

import numpy as np

from ..data import colour_photographs, sample_colour_patches, zca
from ..filters import count_oriented
from ..ica import OrthonormalICA
from ..plots import plot_colour_filters
from ..projected import minimize_projected
from .exercise import Outcome, Row, Setting, digest, history_figure

TITLE = "Independent component analysis of colour patches, orthonormal"


def run(setting: Setting) -> Outcome:
    """121 filters of 20,000 whitened patches of 8 x 8 pixels, eps 1e-6, 1000 steps of projected descent."""
    hidden, eps, m, iterations = 121, 1e-6, 20_000, 1000
    if setting.quick:
        hidden, m, iterations = 49, 3000, 300
    patches = sample_colour_patches(colour_photographs(), m, 8, setting.rng(0))
    white = zca(patches, 0)
    objective = OrthonormalICA(white.X, hidden, eps=eps)
    start = objective.init(setting.rng(1))
    result = setting.learn(
        "ICA", iterations, lambda callback: minimize_projected(objective, start, max_iter=iterations, callback=callback)
    )
    W = objective.filters(result.theta)
    patterns = np.linalg.solve(white.matrix, W.T).T  # h = W matrix x, so x is about matrix^-1 W^T h
    return Outcome(
        rows=[
            Row("ica", "J at the start", objective(objective.project(start))[0], unit=""),
            Row("ica", "J at the end", result.cost, unit=""),
            Row("ica", f"oriented filters of {hidden}", count_oriented(_in_grey(W)), unit=""),
            Row("ica", "largest deviation of W W^T from the identity", np.abs(W @ W.T - np.eye(hidden)).max(), "0", ""),
        ],
        settings={"filters": hidden, "eps": eps, "m": m, "iterations": result.iterations},
        digest=digest(patches),
        figures={
            "filters": plot_colour_filters(W, title="Independent filters of whitened colour patches"),
            "components": plot_colour_filters(patterns, title="What each independent component adds to a patch"),
            **history_figure(result.history),
        },
        theta=result.theta,
        layout=objective.layout,
        evaluation=lambda: objective(start),
        notes=[f"{m} whitened patches of scikit-image's colour photographs"],
    )


def _in_grey(W: np.ndarray) -> np.ndarray:
    """Return colour filters (k, 64 pixels times 3 colours) in grey, (k, 64): along the colour that each has most of."""
    return np.linalg.svd(W.reshape(len(W), -1, 3), full_matrices=False)[0][:, :, 0]
