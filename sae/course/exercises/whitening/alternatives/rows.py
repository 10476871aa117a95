"""Patches as rows inside, with NumPy's own covariance."""

import numpy as np


def remove_brightness(X):
    rows = X.T
    return (rows - rows.mean(axis=1, keepdims=True)).T


def covariance(X):
    rows = X.T
    return rows.mean(axis=0), np.atleast_2d(np.cov(rows, rowvar=False, bias=True))


def principal_axes(Sigma):
    values, vectors = np.linalg.eig(Sigma)
    order = np.argsort(values.real)[::-1]
    return values.real[order], vectors.real[:, order]


def how_many(s, p):
    return int(np.searchsorted(np.cumsum(s), p * np.sum(s))) + 1


def rotate(X, x_bar, U, k):
    return ((X.T - x_bar) @ U[:, :k]).T


def reconstruct(Y, x_bar, U):
    return (Y.T @ U.T[: len(Y)] + x_bar).T


def whiten_pca(X, x_bar, s, U, eps):
    return ((X.T - x_bar) @ U / np.sqrt(s + eps)).T


def whiten_zca(X, x_bar, s, U, eps):
    return ((X.T - x_bar) @ (U / np.sqrt(s + eps)) @ U.T).T
