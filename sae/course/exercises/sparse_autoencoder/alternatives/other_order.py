"""The gradient before the cost, the decay before the data, biases as a column of ones, errors as x - a."""

import numpy as np

UNITS = "W1 W2 b1 b2".split()


def sigmoid(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def unpack(theta, n, n_hidden):
    b2, rest = theta[-n:], theta[:-n]
    b1, rest = rest[-n_hidden:], rest[:-n_hidden]
    W1, W2 = rest[: rest.size // 2], rest[rest.size // 2 :]
    return W1.reshape(-1, n), W2.reshape(-1, n_hidden), b1, b2


def pack(W1, W2, b1, b2):
    return np.append(np.append(W1, W2), np.append(b1, b2))


def with_ones(A):
    return np.vstack([A, np.ones(A.shape[1])])


def data_term(W1, W2, b1, b2, X, push=0.0):
    B1, B2 = np.column_stack([W1, b1]), np.column_stack([W2, b2])
    m, n_hidden = X.shape[1], len(b1)
    X1 = with_ones(X)
    a2 = sigmoid(B1 @ X1)
    A2 = with_ones(a2)
    a3 = sigmoid(B2 @ A2)
    delta3 = -(X - a3) * (a3 * (1.0 - a3))
    delta2 = ((B2.T @ delta3)[:n_hidden] + push) * (a2 * (1.0 - a2))
    G2, G1 = (delta3 @ A2.T) / m, (delta2 @ X1.T) / m
    J = np.linalg.norm(X - a3) ** 2 / (2.0 * m)
    return J, G1[:, :-1], G2[:, :-1], G1[:, -1], G2[:, -1]


def data_term_loops(W1, W2, b1, b2, X):
    m = X.shape[1]
    sums = [0.0, 0 * W1, 0 * W2, 0 * b1, 0 * b2]
    i = m - 1
    while i >= 0:
        parts = data_term(W1, W2, b1, b2, X[:, i][:, None])
        sums = [s + part / m for s, part in zip(sums, parts)]
        i -= 1
    return tuple(sums)


def decay_term(W1, W2, lam):
    grad_W2, grad_W1 = lam * W2, lam * W1
    return np.sum(W1 * grad_W1) / 2 + np.sum(W2 * grad_W2) / 2, grad_W1, grad_W2


def sparsity_term(a2, rho, beta):
    rho_hat = a2 @ np.full(a2.shape[1], 1 / a2.shape[1])
    slope = beta * ((1 - rho) / (1 - rho_hat) - rho / rho_hat)
    entropy = rho * np.log(rho) + (1 - rho) * np.log1p(-rho)
    cross = rho * np.log(rho_hat) + (1 - rho) * np.log1p(-rho_hat)
    return rho_hat, beta * np.sum(entropy - cross), slope


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unpack(theta, X.shape[0], n_hidden)
    D, grad_W1, grad_W2 = decay_term(W1, W2, lam)
    _, S, slope = sparsity_term(sigmoid(W1.dot(X) + b1[:, None]), rho, beta)
    J, G1, G2, g1, g2 = data_term(W1, W2, b1, b2, X, push=slope[:, None])
    grad_W1 = grad_W1 + G1
    grad_W2 = grad_W2 + G2
    return D + S + J, pack(grad_W1, grad_W2, g1, g2)
