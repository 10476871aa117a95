"""All products as sums over indices."""

import numpy as np


def remove_brightness(X):
    return X - np.einsum("nm->m", X) / X.shape[0]


def covariance(X):
    m = X.shape[1]
    x_bar = np.einsum("nm->n", X) / m
    return x_bar, np.einsum("im,jm->ij", X, X) / m - np.einsum("i,j->ij", x_bar, x_bar)


def principal_axes(Sigma):
    s, U = np.linalg.eigh(-Sigma)
    return -s, U


def how_many(s, p):
    return int(np.argmax(np.cumsum(s) / np.sum(s) >= p)) + 1


def rotate(X, x_bar, U, k):
    return np.einsum("nk,nm->km", U[:, :k], X) - np.einsum("nk,n->k", U[:, :k], x_bar)[:, None]


def reconstruct(Y, x_bar, U):
    return np.einsum("nk,km->nm", U[:, : Y.shape[0]], Y) + x_bar[:, None]


def whiten_pca(X, x_bar, s, U, eps):
    return np.einsum("k,nk,nm->km", (s + eps) ** -0.5, U, X - x_bar[:, None])


def whiten_zca(X, x_bar, s, U, eps):
    return np.einsum("ik,k,jk,jm->im", U, (s + eps) ** -0.5, U, X - x_bar[:, None])
