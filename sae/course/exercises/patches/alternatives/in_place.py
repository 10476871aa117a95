"""Work in place, on copies."""

import numpy as np


def patch(image, row, column, side):
    x = np.empty((side, side))
    x[...] = image[row:, column:][:side, :side]
    x.shape = (side * side,)
    return x


def places(height, width, side):
    count = height + 1
    count -= side
    count *= width + 1 - side
    return count


def sample(images, side, count, rng):
    X = np.zeros((side**2, count))
    order = rng.permutation(count) % len(images)
    for t, k in enumerate(order):
        height, width = images[k].shape
        place = rng.integers((height - side + 1) * (width - side + 1))
        row, column = divmod(place, width - side + 1)
        X[:, t] += images[k][row : row + side, column : column + side].flatten()
    return X


def remove_mean(X):
    X = X.copy()
    X -= X.mean(axis=0, keepdims=True)
    return X


def normalise(X):
    X = np.array(X)
    bound = 3 * np.sqrt(np.var(X))
    X[X > bound] = bound
    X[X < -bound] = -bound
    X /= bound
    X += 1
    X *= 0.4
    X += 0.1
    return X
