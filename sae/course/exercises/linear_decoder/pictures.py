"""The handout's pictures: features of colour patches, and what is seen when something is wrong."""

import numpy as np
from matplotlib.figure import Figure

from sae.course.autoencoders import trained
from sae.data import colour_photographs, sample_colour_patches, zca
from sae.diagnosis.page import Problem
from sae.filters import unit_contrast

M, SIDE, N_HIDDEN, ITERATIONS = 3000, 8, 36, 150
LAM, RHO, BETA = 3e-3, 0.035, 5.0
SIGMOID_SLOPE = {"delta3": "(a3 - X) * a3 * (1 - a3)"}


def figures():
    """Return good: features of a right gradient; bad: what is seen when something is wrong."""
    patches = sample_colour_patches(colour_photographs(), M, SIDE, np.random.default_rng(0))
    white = zca(patches, 0.1)
    raw = patches - patches.mean(axis=1)[:, None]
    right = _trained(white.X, {})
    good = Figure(figsize=(4, 4.3))
    _draw(good.subplots(), right, white.matrix, "")
    bad = Figure(figsize=(7, 7.5))
    axes = bad.subplots(2, 2).ravel()
    _draw(axes[0], right, np.eye(len(raw)), "W1 drawn without the whitening")
    _draw(axes[1], _trained(raw, {}), np.eye(len(raw)), "patches that were not whitened")
    _draw(axes[2], _trained(white.X, SIGMOID_SLOPE), white.matrix, "a3 (1 - a3) kept in delta3")
    outputs = {"a3": "sigmoid(z3)", **SIGMOID_SLOPE}
    _draw(axes[3], _trained(white.X, outputs), white.matrix, "sigmoid outputs")
    for figure in (good, bad):
        figure.tight_layout()
    return {"good": good, "bad": bad}


def _trained(X, edits):
    return trained(Problem(np.empty(0), X, N_HIDDEN, LAM, RHO, BETA), "identity", edits, ITERATIONS)


def _draw(axes, trained, T, title):
    W1, found = trained
    images = (1 + unit_contrast(W1 @ T).reshape(-1, SIDE, SIDE, 3)) / 2
    framed = np.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)), constant_values=1.0)
    rows = [np.concatenate(row, axis=1) for row in np.split(framed, int(np.sqrt(N_HIDDEN)))]
    axes.imshow(np.concatenate(rows), interpolation="nearest")
    axes.set_title(f"{title}\n{found}".strip(), fontsize=9)
    axes.set_axis_off()
