"""UFLDL, "Learning color features with Sparse Autoencoders": a linear decoder on whitened colour patches."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..activations import identity
from ..autoencoder import Autoencoder
from ..data import colour_photographs, sample_colour_patches, zca
from ..data.whitening import ZCA
from ..plots import plot_activations, plot_colour_filters
from .exercise import Outcome, Row, Setting, digest, history_figure

TITLE = "Linear decoder: features of colour patches"
SIDE, EPS, RHO, LAM, BETA = 8, 0.1, 0.035, 3e-3, 5.0


class Features(NamedTuple):
    """What was learned from the patches."""

    objective: Autoencoder
    theta: np.ndarray
    white: ZCA
    history: list[dict]
    digest: str


def learn(setting: Setting) -> Features:
    """Return 400 features of 100,000 patches of 8 x 8 pixels, rho 0.035, lambda 3e-3, beta 5, ZCA eps 0.1."""
    hidden, m, iterations = (400, 100_000, 400) if not setting.quick else (64, 5000, 80)

    def make() -> Features:
        patches = sample_colour_patches(colour_photographs(), m, SIDE, setting.rng(0))
        white = zca(patches, EPS)
        objective = Autoencoder(
            white.X, hidden, lam=LAM, rho=RHO, beta=BETA, g=identity, dtype=setting.dtype, threads=setting.threads
        )
        history: list[dict] = []
        start = objective.init(setting.rng(1))
        theta = setting.train("linear decoder", objective, start, iterations, history=history)
        return Features(objective, theta, white, history, digest(patches))

    return setting.once("colour features", make)


def plain_numpy(objective: Autoencoder, theta: np.ndarray) -> Callable[[], object]:
    """Return an evaluation of J by the page in plain NumPy."""
    plain = Autoencoder(objective.X, objective.n_hidden, lam=LAM, rho=RHO, beta=BETA, g=identity, engine="numpy")
    return lambda: plain(theta)


def run(setting: Setting) -> Outcome:
    """See `learn`; 400 iterations."""
    objective, theta, white, history, sha256 = learn(setting)
    W1 = objective.layout.unpack(theta)[0]
    rho_hat = objective.rho_hat(theta)
    left = objective.costs(theta)["squared error"] / (0.5 * np.mean((white.X**2).sum(axis=0)))
    return Outcome(
        rows=[
            Row("lineardecoder", "J at the end", objective(theta)[0], unit=""),
            Row("lineardecoder", "variance of whitened patches left unexplained", 100 * left),
            Row("lineardecoder", "mean of rho_hat", float(rho_hat.mean()), "0.035 asked for", ""),
        ],
        settings={
            "hidden": objective.n_hidden,
            "rho": RHO,
            "lambda": LAM,
            "beta": BETA,
            "eps": EPS,
            "m": white.X.shape[1],
            "iterations": len(history) - 1,
            "dtype": setting.dtype,
        },
        digest=sha256,
        figures={
            "filters": plot_colour_filters(
                W1 @ white.matrix, title="Features of colour patches: the whitening and W1 in one"
            ),
            **history_figure(history),
            "activations": plot_activations(rho_hat, RHO),
        },
        theta=theta,
        layout=objective.layout,
        evaluation=plain_numpy(objective, theta),
        notes=[f"{white.X.shape[1]} patches of 8 x 8 pixels of scikit-image's colour photographs"],
    )
