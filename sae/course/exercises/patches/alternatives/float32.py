"""Single precision throughout."""

import numpy as np


def patch(image, row, column, side):
    return image[row : row + side, column : column + side].astype(np.float32).ravel()


def places(height, width, side):
    return np.float32((height - side + 1) * (width - side + 1))


def sample(images, side, count, rng):
    images = [np.asarray(image, np.float32) for image in images]
    X = np.empty((side * side, count), np.float32)
    for t in range(count):
        image = images[int(rng.uniform(0, len(images)))]
        row, column = (int(rng.uniform(0, extent - side + 1)) for extent in image.shape)
        X[:, t] = patch(image, row, column, side)
    return X


def remove_mean(X):
    X = X.astype(np.float32)
    return X - X.mean(axis=0)


def normalise(X):
    X = X.astype(np.float32)
    bound = np.float32(3) * X.std()
    return np.float32(0.1) + np.float32(0.4) * (X.clip(-bound, bound) / bound + np.float32(1))
