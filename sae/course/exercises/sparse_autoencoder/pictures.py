"""The handout's pictures: what comes of training with the right gradient, and with wrong ones."""

import numpy as np
from matplotlib.figure import Figure

from sae.course.autoencoders import trained
from sae.data import normalize_patches, photographs, sample_patches, whiten
from sae.diagnosis.page import Problem
from sae.plots import draw_filters

N_HIDDEN, LAM, RHO, BETA = 25, 1e-4, 0.01, 3.0
MISTAKES = {  # what is wrong, and the lines that come out wrong
    "no sparsity: beta = 0": {"beta": "0.0"},
    "the sparsity part of delta2\nwith the wrong sign": {
        "sparsity": "-beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))"
    },
    "decay and sparsity divided by m": {"lam": "lam / m", "beta": "beta / m"},
    "all right, but only 20 iterations": {},
}


def figures():
    """Return good: filters of a right gradient; bad: those of mistakes."""
    whitened = [whiten(photograph) for photograph in photographs()]
    X = normalize_patches(sample_patches(whitened, 4000, 8, np.random.default_rng(0)))
    good = Figure(figsize=(4, 4.2))
    _draw(good.subplots(), X, {}, 400, "")
    bad = Figure(figsize=(7, 7.6))
    for axes, (what, edits) in zip(bad.subplots(2, 2).ravel(), MISTAKES.items(), strict=True):
        _draw(axes, X, edits, 400 if edits else 20, what)
    for figure in (good, bad):
        figure.tight_layout()
    return {"good": good, "bad": bad}


def _draw(axes, X, edits, iterations, title):
    given = Problem(np.empty(0), X, N_HIDDEN, LAM, RHO, BETA)
    W1, found = trained(given, "sigmoid", edits, iterations)
    draw_filters(axes, W1)
    axes.set_title(f"{title}\n{found}".strip(), fontsize=9)
    axes.set_axis_off()
