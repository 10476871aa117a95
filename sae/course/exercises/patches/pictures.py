"""Patches and normalisation: the photographs that students get, and the pictures of the handout."""

import numpy as np

NAMES = ("camera", "astronaut", "chelsea", "coffee", "rocket", "gravel")
SIDE, ACROSS = 8, 10


def data():
    """Return the photographs in grey at half their size, 0 to 255: they have different sizes."""
    from skimage.transform import downscale_local_mean

    from sae.data import photographs

    halves = {name: downscale_local_mean(image, (2, 2)) for name, image in zip(NAMES, photographs(NAMES), strict=True)}
    return {name: np.round(255 * image).astype(np.uint8) for name, image in halves.items()}


def mosaic(axis, X, title, low, high):
    """Draw patches (n, m) on a grid."""
    tiles = X[:, : ACROSS * ACROSS].T.reshape(ACROSS, ACROSS, SIDE, SIDE)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 0), (1, 0)), constant_values=np.nan)
    axis.imshow(tiles.swapaxes(1, 2).reshape(ACROSS * (SIDE + 1), -1), cmap="gray", vmin=low, vmax=high)
    axis.set_title(title, fontsize=10)
    axis.set_axis_off()


def row_of(count):
    """Return a figure and its axes, side by side."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(3.4 * count, 3.6), layout=ConstrainedLayoutEngine(h_pad=0.1))
    return figure, np.atleast_1d(figure.subplots(1, count))


def figures():
    """Return good and bad patches, and how often each place of an image is drawn."""
    from sae.data import normalize_patches, sample_patches

    images, rng = [image / 255 for image in data().values()], np.random.default_rng(0)
    drawn = sample_patches(images, 5000, SIDE, rng)
    X = normalize_patches(drawn)
    good, (axis,) = row_of(1)
    mosaic(axis, X, "normalised patches", 0.1, 0.9)

    bad, axes = row_of(3)
    scrambled = X.T[: ACROSS * ACROSS].reshape(SIDE * SIDE, -1)
    contrast = (drawn - drawn.mean(axis=0)) / (drawn.std(axis=0) + 1e-3)
    mosaic(axes[0], scrambled, "a: reshaped, not transposed", 0.1, 0.9)
    mosaic(axes[1], normalize_patches(drawn, remove_mean=False), "b: each patch kept its mean", 0.1, 0.9)
    mosaic(axes[2], contrast, "c: each patch divided by its own sigma", -3, 3)
    return {"good": good, "bad": bad, "places": _places(rng)}


def _places(rng, size=12, side=5, count=20000):
    """Return how often a place is drawn where the last row and column are left out, and where they are not."""
    figure, axes = row_of(2)
    for axis, last, title in zip(axes, (1, 0), ("good: every place occurs", "bad: off by one"), strict=True):
        often = np.zeros((size, size))
        rows, columns = rng.integers(size - side + last, size=(2, count))
        np.add.at(often, (rows, columns), 1)
        shown = axis.imshow(np.where(often > 0, often, np.nan), vmin=0)
        axis.set_title(title, fontsize=10)
        axis.set(xlabel="column of the upper left pixel", ylabel="its row", facecolor="lightgrey")
        axis.set_xticks(range(0, size, 2))
        figure.colorbar(shown, ax=axis, shrink=0.7)
    return figure
