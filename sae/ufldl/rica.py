"""UFLDL, "RICA": filters of patches of handwritten digits, no longer orthonormal."""

from __future__ import annotations

import numpy as np

from ..data import sample_patches, zca
from ..filters import count_oriented
from ..plots import plot_filters
from ..rica import RICA
from .digits import load_digits
from .exercise import Outcome, Row, Setting, digest, history_figure

TITLE = "RICA: reconstruction independent component analysis of patches of digits"
ZCA_EPS = 1e-4  # the exercise's; with 0.1 faint directions stay faint, and filters flee into those


def run(setting: Setting) -> Outcome:
    """50 filters of 10,000 ZCA-whitened patches of 9 x 9 pixels (eps 1e-4), of norm 1; lambda 5e-4, eps 1e-2."""
    hidden, lam, eps, side, m, iterations, images = 50, 5e-4, 1e-2, 9, 10_000, 400, 10_000
    if setting.quick:
        hidden, m, iterations, images = 25, 2000, 80, 1000
    digits = load_digits(setting)
    if digits.side > 8:
        lam *= 10_000 / m  # lambda weighs a sum over the m patches
    else:
        side, lam = 6, 1 / m  # with more, filters become copies of one another
    pictures = [column.reshape(digits.side, digits.side) for column in digits.X[:, :images].T]
    patches = sample_patches(pictures, m, side, setting.rng(0))
    white = zca(patches, ZCA_EPS).X
    norms = np.sqrt((white * white).sum(axis=0))
    X = white / norms
    objective = RICA(X, hidden, lam=lam, eps=eps)
    start = objective.init(setting.rng(1))
    history: list[dict] = []
    theta = setting.train("RICA", objective, start, iterations, history=history)
    U = objective.filters(theta)
    alike = np.abs(U @ U.T - np.eye(hidden)).max()
    return Outcome(
        rows=[
            Row("rica", "J at the end", objective(theta)[0], unit=""),
            Row("rica", f"oriented filters of {hidden}", count_oriented(U), unit=""),
            Row("rica", "largest |cosine| between two filters", alike, unit=""),
        ],
        settings={"filters": hidden, "lambda": lam, "eps": eps, "side": side, "m": m, "iterations": len(history) - 1},
        digest=digest(patches),
        figures={
            "filters": plot_filters(U, title=f"Filters, each of norm 1, of whitened patches of {digits.name}"),
            **history_figure(history),
        },
        theta=theta,
        layout=objective.layout,
        evaluation=lambda: objective(start),
        notes=[f"{m} patches of {side} x {side} pixels of {digits.name}"],
    )
