"""UFLDL, "Sparse Coding": a basis of whitened patches, its features neighbours on a torus."""

from __future__ import annotations

import numpy as np

from ..alternating import learn_sparse_coding
from ..data import photographs, sample_patches, whiten
from ..filters import count_oriented
from ..layout import Layout
from ..optimise import minimize_lbfgs
from ..plots import plot_filters
from ..sparse_coding import FeatureCost, topography
from .exercise import Outcome, Row, Setting, digest, history_figure

TITLE = "Sparse coding of patches of photographs, topographic"
LAM, EPS, GAMMA = 5e-5, 1e-5, 1e-2
SCALE = 0.3  # of the photographs' pixels, whose standard deviation was 1; with 0.1 no feature is worth its cost
EVALUATED = 200  # examples


def run(setting: Setting) -> Outcome:
    """121 features, 3 x 3 topography, batches of 2000 among 20,000 patches of 8 x 8, 200 iterations."""
    side, across, m, batch, iterations, lam = 8, 11, 20_000, 2000, 200, LAM
    if setting.quick:
        across, m, batch, iterations = 8, 3000, 500, 50
        lam *= 2000 / batch  # it weighs a sum over the batch
    X = sample_patches([whiten(image) for image in photographs()], m, side, setting.rng(0))
    X = SCALE * (X - X.mean(axis=0))  # a patch's own mean would take a basis vector, and bend others
    V = topography(across)
    result = setting.learn(
        "sparse coding",
        iterations,
        lambda callback: learn_sparse_coding(
            X,
            across**2,
            lam=lam,
            gamma=GAMMA,
            eps=EPS,
            V=V,
            rng=setting.rng(1),
            batch_size=batch,
            max_iter=iterations,
            callback=callback,
        ),
    )
    A = result.A
    features = FeatureCost(X[:, :batch], A, lam=lam, gamma=GAMMA, eps=EPS, V=V)
    return Outcome(
        rows=[
            Row("sparsecoding", "J of the last batch", result.cost, unit=""),
            Row("sparsecoding", f"oriented basis vectors of {across**2}", count_oriented(A.T), unit=""),
            Row("sparsecoding", "variance left unexplained", 100 * _left(X[:, :EVALUATED], A, V, lam * batch)),
        ],
        settings={
            "features": across**2,
            "lambda": lam,
            "eps": EPS,
            "gamma": GAMMA,
            "m": m,
            "batch": batch,
            "iterations": iterations,
        },
        digest=digest(X),
        figures={
            "basis": plot_filters(
                A.T,
                columns=across,
                title="Basis vectors on their torus: neighbours are alike",
            ),
            **history_figure(result.history),
        },
        theta=A.ravel(),
        layout=Layout({"A": A.shape}),
        evaluation=lambda: features(features.init()),
        notes=[f"{m} patches of scikit-image's photographs, whitened, times {SCALE:g}, each less its mean"],
    )


def _left(X: np.ndarray, A: np.ndarray, V: np.ndarray, lam_m: float) -> float:
    """Return the share of the squares of X that A s leaves, with the best s; lam_m is lambda times the examples."""
    features = FeatureCost(X, A, lam=lam_m / X.shape[1], gamma=GAMMA, eps=EPS, V=V)
    s = minimize_lbfgs(features, features.init(), max_iter=200).theta.reshape(A.shape[1], -1)
    return float(((A @ s - X) ** 2).sum() / (X**2).sum())
