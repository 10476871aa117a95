"""The pictures of the handout: patches and covariances when all is right, and when it is not."""

import numpy as np
from matplotlib.figure import Figure

from sae.data.whitening import principal_axes

EPS = 1e-3
SHOWN = 16  # patches
FIRST = 24  # components


def figures(X):
    """Return good.png and bad.png, made of patches X (n, m)."""
    X = X - X.mean(axis=0)
    mean, s, U = principal_axes(X)
    rotated = U.T @ (X - mean[:, None])
    return {"good": good(X, mean, s, U, rotated), "bad": bad(mean, s, U, rotated)}


def good(X, mean, s, U, rotated):
    """Draw patches, reconstructed and whitened, and the covariance on its way."""
    k = int((s.cumsum() / s.sum() < 0.99).sum()) + 1
    figure = Figure(figsize=(6.2, 4.3), layout="constrained")
    above, below = figure.subplots(2, 3)
    tiles(above[0], X, "less their brightness")
    tiles(above[1], mean[:, None] + U[:, :k] @ rotated[:k], f"{k} of {len(s)} components")
    tiles(above[2], U @ (rotated / np.sqrt(s + EPS)[:, None]), f"ZCA, eps = {EPS:g}")
    matrix(figure, below[0], np.cov(X[:48], bias=True), "covariance of 48 pixels")
    matrix(figure, below[1], np.cov(rotated[:FIRST], bias=True), f"of {FIRST} components")
    below[2].semilogy(s[:-1], label="s")
    below[2].semilogy(s[:-1] / (s[:-1] + EPS), label="PCA whitened")
    below[2].axhline(EPS, color="0.7", lw=0.8)
    below[2].text(2, EPS * 1.15, "eps", fontsize=7, color="0.4")
    below[2].set_title("variances", fontsize=9)
    below[2].tick_params(labelsize=7)
    below[2].legend(fontsize=7)
    return figure


def bad(mean, s, U, rotated):
    """Draw what the usual mistakes make of the patches, and of the covariance."""
    figure = Figure(figsize=(6.2, 4.3), layout="constrained")
    above, below = figure.subplots(2, 3)
    wrong = U @ (U @ rotated)  # U x where U^T x belongs
    scale = 1 / np.sqrt(s + EPS)[:, None]
    white = {"the root is missing": scale**2 * rotated, "U where U^T belongs": scale * wrong}
    for (title, Y), upper, lower in zip(white.items(), above, below, strict=False):
        tiles(upper, U @ Y, title)
        matrix(figure, lower, np.cov(Y[:FIRST], bias=True), "covariance after PCA")
    tiles(above[2], scale * rotated, "PCA, taken for ZCA")
    matrix(figure, below[2], np.cov((scale * rotated)[:FIRST], bias=True), "covariance after PCA")
    return figure


def tiles(axis, X, title):
    """Draw the first patches of X side by side."""
    side, across = int(np.sqrt(len(X))), int(np.sqrt(SHOWN))
    canvas = X[:, :SHOWN].reshape(side, side, across, across).transpose(2, 0, 3, 1).reshape(across * side, -1)
    bound = np.quantile(np.abs(canvas), 0.99)
    axis.imshow(canvas, cmap="gray", vmin=-bound, vmax=bound, interpolation="nearest")
    axis.set_title(title, fontsize=9)
    axis.set(xticks=[], yticks=[])


def matrix(figure, axis, C, title):
    """Draw a covariance with a scale beside it."""
    drawn = axis.imshow(C, cmap="viridis", vmin=min(0, C.min()), interpolation="nearest")
    figure.colorbar(drawn, ax=axis).ax.tick_params(labelsize=7)
    axis.set_title(title, fontsize=9)
    axis.set(xticks=[], yticks=[])
