"""Everything in single precision."""

import numpy as np


def single(*arrays):
    return [np.asarray(array, dtype=np.float32) for array in arrays]


def f(z):
    return 1 / (1 + np.exp(-z))


def corrupt(X, mask):
    X, mask = single(X, mask)
    return X * mask


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    W1, W2, b1, b2, X, lam = single(W1, W2, b1, b2, X, lam)
    m = np.float32(X.shape[1])
    noisy = corrupt(X, mask)
    a2 = f(W1 @ noisy + b1[:, None])
    a3 = f(W2 @ a2 + b2[:, None])
    J = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    return np.float32(J), d2 @ noisy.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(axis=1) / m, d3.sum(axis=1) / m


def jacobian(W1, b1, x):
    W1, b1, x = single(W1, b1, x)
    a2 = f(W1 @ x + b1)
    return (a2 * (1 - a2))[:, None] * W1


def contraction(W1, b1, X, gamma):
    W1, b1, X, gamma = single(W1, b1, X, gamma)
    m = np.float32(X.shape[1])
    a2 = f(W1 @ X + b1[:, None])
    slope = a2 * (1 - a2)
    norms = (W1 * W1).sum(axis=1)[:, None]
    d_z = 2 * slope * slope * (1 - 2 * a2) * norms
    direct = 2 * (slope * slope).sum(axis=1)[:, None] * W1
    scale = gamma / m
    return np.float32(scale * (slope**2 * norms).sum()), scale * (d_z @ X.T + direct), scale * d_z.sum(axis=1)


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    J, gW1, gW2, gb1, gb2 = denoising_cost_and_grad(W1, W2, b1, b2, X, np.ones(X.shape), 0)
    P, pW1, pb1 = contraction(W1, b1, X, gamma)
    return np.float32(J + P), gW1 + pW1, gW2, gb1 + pb1, gb2
