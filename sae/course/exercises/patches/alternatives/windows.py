"""All places listed first, then drawn from: sliding windows."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def patch(image, row, column, side):
    return sliding_window_view(image, (side, side))[row, column].reshape(-1)


def places(height, width, side):
    return sliding_window_view(np.empty((height, width)), (side, side)).shape[0] * (width - (side - 1))


def sample(images, side, count, rng):
    views = [sliding_window_view(image, (side, side)).reshape(-1, side * side) for image in images]
    X = np.zeros((count, side * side))
    which = rng.choice(len(images), size=count)
    for k, view in enumerate(views):
        here = which == k
        X[here] = view[rng.choice(len(view), size=here.sum())]
    return X.T


def remove_mean(X):
    return X - np.einsum("it->t", X)[None, :] / len(X)


def normalise(X):
    sigma = np.linalg.norm(X) / np.sqrt(X.size)
    return np.clip(X, -3 * sigma, 3 * sigma) * (0.4 / (3 * sigma)) + 0.5
