"""The gradient first, from sums over the examples; biases as a column of ones; the cost at the end."""

import numpy as np


def ones_below(A):
    return np.vstack([A, np.ones((1, A.shape[1]))])


def logistic(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def forward(W1, W2, b1, b2, X):
    a2 = logistic(np.column_stack([W1, b1]) @ ones_below(X))
    return a2, np.column_stack([W2, b2]) @ ones_below(a2)


def output_delta(a3, X):
    return -1.0 * (X - a3)


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n = len(X)
    share = 1 / X.shape[1]
    rest, b2 = theta[:-n], theta[-n:]
    rest, b1 = rest[:-n_hidden], rest[-n_hidden:]
    W1, W2 = np.array_split(rest, 2)
    W1, W2 = W1.reshape(-1, n), W2.reshape(-1, n_hidden)
    a2, a3 = forward(W1, W2, b1, b2, X)
    rho_hat = a2 @ np.full(a2.shape[1], share)
    delta3 = output_delta(a3, X) * share
    ratio = (rho_hat - rho) / (rho_hat - rho_hat**2) * beta * share
    delta2 = (a2 - a2**2) * (W2.T @ delta3 + ratio[:, None])
    G2, G1 = delta3 @ ones_below(a2).T, delta2 @ ones_below(X).T
    grad = np.concatenate([(G1[:, :-1] + lam * W1).ravel(), (G2[:, :-1] + lam * W2).ravel(), G1[:, -1], G2[:, -1]])
    J = np.sum((X - a3) * (X - a3)) * share / 2 + lam * np.dot(rest, rest) / 2
    cross = rho * np.log(rho_hat) + (1 - rho) * np.log1p(-rho_hat)
    return J + beta * np.sum(rho * np.log(rho) + (1 - rho) * np.log1p(-rho) - cross), grad


def features(W1, T):
    W = (T.T @ W1.T).T
    return np.diag(1 / np.linalg.norm(W, axis=1)) @ W
