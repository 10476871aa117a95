"""Patches of photographs: cut out, drawn at random, and normalised for an autoencoder.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` draws 10000 patches of the photographs in data.npz and shows some of them. Shapes: an image is
(height, width); a patch of side x side pixels is a column of n = side * side numbers; X is (n, m), a patch a column.
The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def patch(image, row, column, side):
    """Return x, (side * side,): the patch of an image whose upper left pixel is image[row, column], (K1)."""
    ### BEGIN SOLUTION
    window = image[row : row + side, column : column + side]  # (K1)
    x = window.ravel()  # (K1)
    ### END SOLUTION
    return x


def places(height, width, side):
    """Return how many places an image (height, width) has for a patch, (K2)."""
    ### BEGIN SOLUTION
    count = (height - side + 1) * (width - side + 1)  # (K2)
    ### END SOLUTION
    return count


def sample(images, side, count, rng):
    """Return X, (side * side, count): patches drawn at random, each as (K1), (K3).

    images is a list of arrays (height, width) of any sizes. All that is random comes from rng, a
    numpy.random.Generator; rng.integers(k) is one of 0, ..., k - 1.
    """
    ### BEGIN SOLUTION
    X = np.empty((side * side, count))  # (K3)
    for t in range(count):
        image = images[rng.integers(len(images))]  # (K3)
        height, width = image.shape
        row = rng.integers(height - side + 1)  # (K3)
        column = rng.integers(width - side + 1)  # (K3)
        X[:, t] = image[row : row + side, column : column + side].ravel()  # (K1)
    ### END SOLUTION
    return X


def remove_mean(X):
    """Return centred, (n, m): the patches X (n, m), each without its mean, (P1). X must not be changed."""
    ### BEGIN SOLUTION
    centred = X - X.mean(axis=0)  # (P1)
    ### END SOLUTION
    return centred


def normalise(X):
    """Return scaled, (n, m): the patches X (n, m) in [0.1, 0.9], (P2) and (P3). X must not be changed.

    Each patch of X has mean 0 already.
    """
    ### BEGIN SOLUTION
    bound = 3 * X.std()  # (P2)
    clipped = np.minimum(np.maximum(X, -bound), bound)  # (P2)
    scaled = 0.1 + 0.8 * (clipped / bound + 1) / 2  # (P3)
    ### END SOLUTION
    return scaled


def main():
    """Draw patches of the photographs; print their range and show the first of them before and after."""
    import matplotlib.pyplot as plt

    data = np.load(HERE / "data.npz")
    images, side = [data[name] / 255 for name in data.files], 8
    for name, image in zip(data.files, images, strict=True):
        print(f"{name}: {image.shape[0]} x {image.shape[1]} pixels, {places(*image.shape, side)} places for a patch")
    drawn = sample(images, side, 10000, np.random.default_rng(0))
    X = normalise(remove_mean(drawn))
    print(f"{X.shape[1]} patches of {X.shape[0]} pixels, from {X.min():.3f} to {X.max():.3f}, mean {X.mean():.3f}")
    figure, axes = plt.subplots(1, 2, figsize=(8, 4.2))
    for axis, patches, title in zip(axes, (drawn, X), ("as drawn", "normalised"), strict=True):
        tiles = patches[:, :144].T.reshape(12, 12, side, side)
        tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 0), (1, 0)), constant_values=np.nan)  # a line between them
        axis.imshow(tiles.swapaxes(1, 2).reshape(12 * (side + 1), -1), cmap="gray")
        axis.set(title=title, xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(HERE / "patches.png", dpi=100)
    print("patches.png shows 144 of them, as drawn and normalised")


if __name__ == "__main__":
    main()
