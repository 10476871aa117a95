"""A number at a time; the axes by Jacobi's rotations."""

import math

import numpy as np


def remove_brightness(X):
    n, m = X.shape
    Y = np.empty((n, m))
    for i in range(m):
        mean = sum(X[j, i] for j in range(n)) / n
        for j in range(n):
            Y[j, i] = X[j, i] - mean
    return Y


def covariance(X):
    n, m = X.shape
    x_bar = np.zeros(n)
    for j in range(n):
        for i in range(m):
            x_bar[j] += X[j, i] / m
    Sigma = np.zeros((n, n))
    for j in range(n):
        for l in range(n):
            for i in range(m):
                Sigma[j, l] += (X[j, i] - x_bar[j]) * (X[l, i] - x_bar[l]) / m
    return x_bar, Sigma


def principal_axes(Sigma):
    A, n = Sigma.copy(), len(Sigma)
    V = np.eye(n)
    for _ in range(30):
        for a in range(n):
            for b in range(a + 1, n):
                if A[a, b] == 0:
                    continue
                angle = 0.5 * math.atan2(2 * A[a, b], A[b, b] - A[a, a])
                R = np.eye(n)
                R[a, a] = R[b, b] = math.cos(angle)
                R[a, b], R[b, a] = math.sin(angle), -math.sin(angle)
                A, V = R.T @ A @ R, V @ R
    order = sorted(range(n), key=lambda j: -A[j, j])
    return np.array([A[j, j] for j in order]), V[:, order]


def how_many(s, p):
    total, sofar = sum(s), 0.0
    for k, value in enumerate(s, 1):
        sofar += value
        if sofar >= p * total:
            return k
    return len(s)


def rotate(X, x_bar, U, k):
    n, m = X.shape
    Y = np.zeros((k, m))
    for i in range(m):
        for j in range(k):
            Y[j, i] = sum(U[l, j] * (X[l, i] - x_bar[l]) for l in range(n))
    return Y


def reconstruct(Y, x_bar, U):
    k, m = Y.shape
    X_hat = np.zeros((len(x_bar), m))
    for i in range(m):
        X_hat[:, i] = x_bar
        for j in range(k):
            X_hat[:, i] += Y[j, i] * U[:, j]
    return X_hat


def whiten_pca(X, x_bar, s, U, eps):
    Y = rotate(X, x_bar, U, len(s))
    for j in range(len(s)):
        Y[j] /= math.sqrt(s[j] + eps)
    return Y


def whiten_zca(X, x_bar, s, U, eps):
    Y = np.zeros(X.shape)
    for i in range(X.shape[1]):
        for j in range(len(s)):
            along = U[:, j] @ (X[:, i] - x_bar)
            Y[:, i] += along / math.sqrt(s[j] + eps) * U[:, j]
    return Y
