"""Examples as rows inside."""

import numpy as np


def f(z):
    return 1.0 / (1.0 + np.exp(-z))


def corrupt(X, mask):
    return (X.T * mask.T).T


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    clean, dirty = X.T, corrupt(X, mask).T
    m = len(clean)
    A2 = f(dirty @ W1.T + b1)
    A3 = f(A2 @ W2.T + b2)
    E = A3 - clean
    J = np.mean(np.sum(E**2, axis=1)) / 2 + lam * (np.sum(W1**2) + np.sum(W2**2)) / 2
    D3 = E * A3 * (1 - A3) / m
    D2 = D3 @ W2 * (A2 - A2**2)
    return J, (dirty.T @ D2).T + lam * W1, (A2.T @ D3).T + lam * W2, D2.sum(axis=0), D3.sum(axis=0)


def jacobian(W1, b1, x):
    a2 = f(x @ W1.T + b1)
    return (W1.T * (a2 - a2**2)).T


def contraction(W1, b1, X, gamma):
    rows = X.T
    A2 = f(rows @ W1.T + b1)
    S = A2 - A2**2
    norms = np.linalg.norm(W1, axis=1) ** 2
    P = gamma * np.mean(S**2 @ norms)
    D = 2 * gamma * S**2 * (1 - 2 * A2) * norms / len(rows)
    return P, D.T @ rows + 2 * gamma * np.mean(S**2, axis=0)[:, None] * W1, D.sum(axis=0)


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    P, gW1, gb1 = contraction(W1, b1, X, gamma)
    J, hW1, hW2, hb1, hb2 = denoising_cost_and_grad(W1, W2, b1, b2, X, np.ones(X.shape, bool), 0)
    return [J + P, gW1 + hW1, hW2, gb1 + hb1, hb2]
