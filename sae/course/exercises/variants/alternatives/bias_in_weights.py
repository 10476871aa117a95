"""The biases as one more column of the weights, and one more input that is 1."""

import numpy as np
from scipy.special import expit


def with_one(x):
    return np.vstack([x, np.ones((1, x.shape[1]))])


def corrupt(X, mask):
    return np.multiply(X, mask, dtype=float)


def data_term(V1, V2, inputs, X, d_a2):
    """Return J and the gradient in V1 = [W1 b1] and V2 = [W2 b2]."""
    m = X.shape[1]
    x = with_one(inputs)
    a2 = expit(V1 @ x)
    a3 = expit(V2 @ with_one(a2))
    delta3 = (a3 - X) * a3 * (1 - a3) / m
    delta2 = ((V2.T @ delta3)[:-1] + d_a2) * a2 * (1 - a2)
    return 0.5 * np.sum(np.square(a3 - X)) / m, delta2 @ x.T, delta3 @ with_one(a2).T


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    V1, V2 = np.column_stack([W1, b1]), np.column_stack([W2, b2])
    J, G1, G2 = data_term(V1, V2, corrupt(X, mask), X, 0)
    J += lam / 2 * sum(np.sum(W**2) for W in (W1, W2))
    return J, G1[:, :-1] + lam * W1, G2[:, :-1] + lam * W2, G1[:, -1], G2[:, -1]


def jacobian(W1, b1, x):
    a2 = expit(np.append(W1, b1[:, None], axis=1) @ np.append(x, 1))
    return W1 * np.outer(a2 * (1 - a2), np.ones(len(x)))


def contraction(W1, b1, X, gamma):
    weight = gamma / X.shape[1]
    a2 = expit(np.column_stack([W1, b1]) @ with_one(X))
    slope, norms = a2 * (1 - a2), np.square(W1).sum(axis=1, keepdims=True)
    P = weight * np.sum(norms * slope**2)
    G = weight * 2 * norms * slope**2 * (1 - 2 * a2) @ with_one(X).T
    return P, G[:, :-1] + weight * 2 * np.sum(slope**2, axis=1, keepdims=True) * W1, G[:, -1]


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    V1, V2 = np.column_stack([W1, b1]), np.column_stack([W2, b2])
    m = X.shape[1]
    a2 = expit(V1 @ with_one(X))
    slope, norms = a2 * (1 - a2), np.square(W1).sum(axis=1, keepdims=True)
    J, G1, G2 = data_term(V1, V2, X, X, 2 * gamma / m * norms * slope * (1 - 2 * a2))
    J += gamma / m * np.sum(norms * slope**2)
    direct = 2 * gamma / m * np.sum(slope**2, axis=1, keepdims=True) * W1
    return J, G1[:, :-1] + direct, G2[:, :-1], G1[:, -1], G2[:, -1]
