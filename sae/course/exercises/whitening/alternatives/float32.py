"""Everything in single precision."""

import numpy as np

F = np.float32


def remove_brightness(X):
    X = X.astype(F)
    return X - X.mean(axis=0)


def covariance(X):
    X = X.astype(F)
    x_bar = X.mean(axis=1)
    centred = X - x_bar[:, None]
    return x_bar, centred @ centred.T / F(X.shape[1])


def principal_axes(Sigma):
    U, s, _ = np.linalg.svd(Sigma.astype(F))
    return s, U


def how_many(s, p):
    share = np.cumsum(s.astype(F)) / s.astype(F).sum()
    return int((share < F(p)).sum()) + 1


def rotate(X, x_bar, U, k):
    return U.astype(F)[:, :k].T @ (X.astype(F) - x_bar.astype(F)[:, None])


def reconstruct(Y, x_bar, U):
    return x_bar.astype(F)[:, None] + U.astype(F)[:, : len(Y)] @ Y.astype(F)


def whiten_pca(X, x_bar, s, U, eps):
    return rotate(X, x_bar, U, len(U)) / np.sqrt(s.astype(F) + F(eps))[:, None]


def whiten_zca(X, x_bar, s, U, eps):
    return U.astype(F) @ whiten_pca(X, x_bar, s, U, eps)
