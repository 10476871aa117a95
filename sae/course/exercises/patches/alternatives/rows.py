"""Patches are rows inside, and transposed at the end."""

import numpy as np


def patch(image, row, column, side):
    rows = [image[row + i, column : column + side] for i in range(side)]
    return np.concatenate(rows)


def places(height, width, side):
    down, right = height - side, width - side
    return down * right + down + right + 1


def sample(images, side, count, rng):
    rows = np.empty((count, side, side))
    for k in range(count):
        image = rng.choice(np.array([None, *images], dtype=object)[1:]) if len(images) > 1 else images[0]
        top, left = rng.integers(np.array(image.shape) - side, endpoint=True)
        rows[k] = image[top : top + side, left : left + side]
    return rows.reshape(count, -1).transpose()


def remove_mean(X):
    rows = X.T
    rows = rows - np.average(rows, axis=1, keepdims=True)
    return rows.T


def normalise(X):
    rows = X.T.copy()
    pstd = 3 * np.std(rows)
    rows = np.maximum(np.minimum(rows, pstd), -pstd) / pstd
    rows = (rows + 1) * 0.4 + 0.1
    return rows.T
