"""Parts that call one another."""

import numpy as np


def patch(image, row, column, side):
    return np.hstack(image[np.ix_(range(row, row + side), range(column, column + side))])


def places(height, width, side):
    return np.prod([extent + 1 - side for extent in (height, width)])


def sample(images, side, count, rng):
    def draw():
        image = images[rng.integers(0, len(images))]
        height, width = image.shape
        row, column = np.unravel_index(rng.integers(places(height, width, side)), (height - side + 1, width - side + 1))
        return patch(image, row, column, side)

    return np.column_stack([draw() for _ in range(count)])


def remove_mean(X):
    return np.apply_along_axis(lambda x: x - np.mean(x), 0, X)


def normalise(X):
    bound = 3 * remove_mean(X).std()
    upper = lambda x: np.minimum(x, bound)
    truncated = upper(-upper(-X))
    return 0.9 - 0.8 * (bound - truncated) / (2 * bound)
