"""The gradient as a mean of the inputs of each class, less that of the model."""

import numpy as np


def probabilities(W, X):
    z = W @ X
    return np.array([1 / np.exp(z - z[j]).sum(axis=0) if np.all(z[j] >= z) else own(z, j) for j in range(len(z))])


def own(z, j):
    return np.exp(z[j] - np.logaddexp.reduce(z, axis=0))


def indicator(y, k):
    return np.vstack([y == j for j in range(k)])


def cost_and_grad(W, X, y, lam):
    z = W @ X
    m = len(y)
    log_total = np.logaddexp.reduce(z, axis=0)
    J = sum(log_total[i] - W[y[i]] @ X[:, i] for i in range(m)) / m + lam * np.trace(W @ W.T) / 2
    observed = np.stack([X[:, y == j].sum(axis=1) for j in range(len(W))])
    return J, lam * W - (observed - np.exp(z - log_total) @ X.T) / m


def predict(W, X):
    z = W @ X
    return np.array([list(column).index(max(column)) for column in z.T])
