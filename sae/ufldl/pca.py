"""UFLDL, "PCA and Whitening": patches of photographs in their principal axes, compressed and whitened."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..data import photographs, sample_patches
from ..layout import Layout
from ..plots import plot_filters, plot_reconstructions
from ..preprocessing import PCA, PCAWhitening, ZCAWhitening
from .exercise import Outcome, Row, Setting, digest

TITLE = "PCA and whitening of patches of photographs"
SHOWN = 32


def run(setting: Setting) -> Outcome:
    """10,000 patches of 12 x 12 pixels, each less its mean; 99 % and 90 % of the variance; eps 0.1 and 0."""
    side, m, eps = 12, 10_000, 0.1
    if setting.quick:
        m = 2000
    patches = sample_patches(photographs(), m, side, setting.rng(0)).T
    X = patches - patches.mean(axis=1, keepdims=True)  # each patch's own mean: one direction less
    X /= X.std()  # eps is then in units of the mean variance of a pixel
    with setting.timed():
        pca = PCA().fit(X)
        kept = {share: PCA(retained_variance=share).fit(X).n_components_ for share in (0.99, 0.9)}
        white = PCAWhitening(n_components=side * side - 1, eps=0).fit_transform(X)
        regular = PCAWhitening(eps=eps).fit_transform(X)
        zca = ZCAWhitening(eps=eps).fit(X)
    off = np.abs(np.cov(white.T, bias=True) - np.eye(side * side - 1)).max()
    compressed = {share: PCA(n_components=k).fit(X) for share, k in kept.items()}
    shown = setting.rng(1).permutation(m)[:SHOWN]
    raw = X[shown]
    figures = {
        f"compressed-{100 * share:.0f}": plot_reconstructions(
            raw.T,
            axes.inverse_transform(axes.transform(raw)).T,
            title=f"Patches, each above what {kept[share]} of its {side**2} numbers keep, {share:.0%} of the variance",
        )
        for share, axes in compressed.items()
    }
    figures["zca"] = plot_reconstructions(
        raw.T,
        zca.transform(raw).T,
        title=f"Patches, each above itself ZCA-whitened with eps {eps:g}, on one grey scale",
    )
    figures["axes"] = plot_filters(
        pca.components_,
        title="Principal axes of the patches, largest variance first",
    )
    figures["covariance"] = _covariances(
        {"raw": X, "rotated": pca.transform(X), "PCA-whitened": white, f"PCA-whitened, eps {eps:g}": regular}
    )
    return Outcome(
        rows=[
            Row("pca", f"axes of {side**2} that keep 99 % of the variance", kept[0.99], unit=""),
            Row("pca", f"axes of {side**2} that keep 90 % of the variance", kept[0.9], unit=""),
            Row("pca", "largest deviation of the whitened covariance from the identity", off, "0", ""),
        ],
        settings={"side": side, "m": m, "eps": eps},
        digest=digest(patches.T),
        figures=figures,
        theta=zca.components_.ravel(),
        layout=Layout({"U": zca.components_.shape}),
        evaluation=lambda: np.linalg.eigh(X.T @ X / m),
        notes=[f"{m} patches of scikit-image's photographs"],
    )


def _covariances(examples: dict[str, np.ndarray]) -> Figure:
    """Draw the covariances side by side: grey is 0, and cube roots are drawn, so that small variances show."""
    figure = Figure(figsize=(3 * len(examples), 3.8), layout="constrained")
    figure.suptitle("Covariance of the patches (its cube root is drawn; grey is 0)")
    for axes, (name, rows) in zip(figure.subplots(1, len(examples), squeeze=False)[0], examples.items(), strict=True):
        Sigma = np.cov(rows.T, bias=True)
        bound = np.abs(Sigma).max()
        axes.imshow(np.cbrt(Sigma / bound), cmap="gray", vmin=-1, vmax=1)
        axes.set(title=f"{name}\nlargest {bound:.3g}", xticks=[], yticks=[])
    return figure
