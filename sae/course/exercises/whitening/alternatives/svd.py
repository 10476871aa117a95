"""The axes by the singular value decomposition, as in the notes, and whitening by matrices that are made first."""

import numpy as np


def remove_brightness(X):
    n = X.shape[0]
    return (np.eye(n) - np.ones((n, n)) / n) @ X


def covariance(X):
    n, m = X.shape
    x_bar = X @ np.ones(m) / m
    H = np.eye(m) - np.ones((m, m)) / m
    return x_bar, X @ H @ X.T / m


def principal_axes(Sigma):
    U, s, _ = np.linalg.svd(Sigma)
    return s, U


def how_many(s, p):
    lost = 1 - np.cumsum(s) / s.sum()
    return next(k + 1 for k in range(len(s)) if lost[k] <= 1 - p or k == len(s) - 1)


def rotate(X, x_bar, U, k):
    return (U.T @ (X - x_bar.reshape(-1, 1)))[:k]


def reconstruct(Y, x_bar, U):
    padded = np.vstack([Y, np.zeros((len(U) - len(Y), Y.shape[1]))])
    return U @ padded + x_bar.reshape(-1, 1)


def whiten_pca(X, x_bar, s, U, eps):
    return np.diag(1 / np.sqrt(s + eps)) @ U.T @ (X - x_bar.reshape(-1, 1))


def whiten_zca(X, x_bar, s, U, eps):
    W = U @ np.diag(1 / np.sqrt(s + eps)) @ U.T
    return W @ X - (W @ x_bar)[:, np.newaxis]
