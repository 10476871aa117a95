"""A loop over every pixel."""

import numpy as np


def patch(image, row, column, side):
    x = []
    for i in range(side):
        for j in range(side):
            x.append(image[row + i, column + j])
    return np.array(x)


def places(height, width, side):
    count = 0
    for row in range(height):
        for column in range(width):
            if row + side <= height and column + side <= width:
                count += 1
    return count


def sample(images, side, count, rng):
    columns = []
    for _ in range(count):
        k = int(rng.random() * len(images))
        image = images[k]
        row = int(rng.random() * (image.shape[0] - side + 1))
        column = int(rng.random() * (image.shape[1] - side + 1))
        columns.append(patch(image, row, column, side))
    return np.array(columns).T


def remove_mean(X):
    centred = np.zeros(X.shape)
    for t in range(X.shape[1]):
        mean = 0.0
        for i in range(X.shape[0]):
            mean += X[i, t] / X.shape[0]
        for i in range(X.shape[0]):
            centred[i, t] = X[i, t] - mean
    return centred


def normalise(X):
    sigma = np.sqrt(sum(x * x for x in X.ravel()) / X.size)
    scaled = np.zeros(X.shape)
    for i in range(X.shape[0]):
        for t in range(X.shape[1]):
            x = X[i, t]
            if x > 3 * sigma:
                x = 3 * sigma
            elif x < -3 * sigma:
                x = -3 * sigma
            scaled[i, t] = 0.5 + 0.4 * x / (3 * sigma)
    return scaled
