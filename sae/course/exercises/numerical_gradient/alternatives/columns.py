"""Places where J is asked as columns; einsum, where, and covariances."""

import numpy as np


def quadratic(theta):
    H = np.array([[2.0, 3.0], [3.0, 0.0]])
    return np.einsum("i,ij,j", theta, H, theta) / 2, np.einsum("ij,j->i", H, theta)


def central_difference(J, theta, epsilon):
    p = theta.shape[0]
    repeated = np.repeat(theta[:, np.newaxis], p, axis=1)
    plus = np.where(np.eye(p) == 1, repeated + epsilon, repeated)
    minus = np.where(np.eye(p) == 1, repeated - epsilon, repeated)
    return np.array([J(a) - J(b) for a, b in zip(plus.T, minus.T)]) / 2 / epsilon


def forward_difference(J, theta, epsilon):
    moved = np.tile(theta.astype(np.float64), (theta.size, 1))
    np.fill_diagonal(moved, theta + epsilon)
    return (np.array(list(map(J, moved))) - J(theta)) / epsilon


def relative_difference(numeric, grad):
    squares = np.einsum("ki,ki->k", [numeric - grad, numeric + grad], [numeric - grad, numeric + grad])
    return np.sqrt(squares[0] / squares[1])


def taylor_remainder(J, theta, grad, v, steps):
    places = theta[:, None] + v[:, None] * steps[None, :]
    change = np.array([J(places[:, k]) for k in range(steps.size)]) - J(theta)
    return np.maximum(change - steps * np.inner(v, grad), steps * np.inner(v, grad) - change)


def order(steps, errors):
    C = np.cov(np.log(steps), np.log(errors))
    return C[0, 1] / C[0, 0]
