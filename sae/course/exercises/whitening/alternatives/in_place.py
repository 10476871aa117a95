"""In-place work on copies, and other parts called."""

import numpy as np
from scipy import linalg


def remove_brightness(X):
    Y = X.copy()
    Y -= Y.sum(axis=0) / len(Y)
    return Y


def covariance(X):
    centred = np.array(X)
    x_bar = centred.mean(1)
    centred -= x_bar[:, None]
    Sigma = np.dot(centred, centred.T)
    Sigma /= X.shape[1]
    return x_bar, Sigma


def principal_axes(Sigma):
    s, U = linalg.eigh(Sigma)
    return np.flip(s), np.fliplr(U)


def how_many(s, p):
    k, kept = 0, 0
    while kept < p * s.sum():
        kept += s[k]
        k += 1
    return k


def rotate(X, x_bar, U, k):
    Y = X.copy()
    Y -= x_bar[:, None]
    return np.matmul(U[:, :k].T, Y)


def reconstruct(Y, x_bar, U):
    X_hat = U[:, : Y.shape[0]] @ Y
    X_hat += x_bar[:, None]
    return X_hat


def whiten_pca(X, x_bar, s, U, eps):
    Y = rotate(X, x_bar, U, U.shape[1])
    Y /= np.sqrt(s[:, None] + eps)
    return Y


def whiten_zca(X, x_bar, s, U, eps):
    return reconstruct(whiten_pca(X, x_bar, s, U, eps), np.zeros_like(x_bar), U)
