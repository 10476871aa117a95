"""ZCA whitening by the inverse root of the covariance, which needs no axes; the axes one after the other."""

import numpy as np
from scipy.linalg import sqrtm


def remove_brightness(X):
    return np.apply_along_axis(lambda patch: patch - np.average(patch), 0, X)


def covariance(X):
    x_bar = np.average(X, axis=1)
    products = [np.outer(x - x_bar, x - x_bar) for x in X.T]
    return x_bar, np.mean(products, axis=0)


def principal_axes(Sigma):
    rest, s, U = Sigma, [], []
    for _ in range(len(Sigma)):
        values, vectors = np.linalg.eigh(rest)
        s.append(values[-1])
        U.append(vectors[:, -1])
        rest = rest - values[-1] * np.outer(vectors[:, -1], vectors[:, -1])
        rest = (rest + rest.T) / 2
    return np.array(s), np.stack(U, axis=1)


def how_many(s, p):
    return min(k for k in range(1, len(s) + 1) if s[:k].sum() / s.sum() >= p)


def rotate(X, x_bar, U, k):
    return np.stack([U[:, j] @ (X - x_bar[:, None]) for j in range(k)])


def reconstruct(Y, x_bar, U):
    return sum((np.outer(U[:, j], Y[j]) for j in range(len(Y))), np.outer(x_bar, np.ones(Y.shape[1])))


def whiten_pca(X, x_bar, s, U, eps):
    deviations = np.sqrt(np.diag(s) + eps * np.eye(len(s)))
    return np.linalg.solve(deviations, U.T @ (X - x_bar[:, None]))


def whiten_zca(X, x_bar, s, U, eps):
    root = sqrtm(U * s @ U.T + eps * np.eye(len(s))).real
    return np.linalg.solve(root, X - x_bar[:, None])
