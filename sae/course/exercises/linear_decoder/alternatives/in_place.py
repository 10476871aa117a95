"""Few temporaries: results are written over arrays of its own, never over the arguments."""

import numpy as np


def sigmoid_(z):
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def forward(W1, W2, b1, b2, X):
    a2 = W1 @ X
    a2 += b1[:, None]
    sigmoid_(a2)
    a3 = W2 @ a2
    a3 += b2[:, None]
    return a2, a3


def output_delta(a3, X):
    delta3 = a3.copy()
    delta3 -= X
    return delta3


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    grad = theta.copy()
    grad *= lam
    ends = np.cumsum([n * n_hidden, n * n_hidden, n_hidden])
    grad[ends[1] :] = 0
    W1, W2, b1, b2 = np.split(theta, ends)
    G1, G2, g1, g2 = np.split(grad, ends)
    W1, W2 = W1.reshape(n_hidden, n), W2.reshape(n, n_hidden)
    J = np.vdot(theta[: ends[1]], grad[: ends[1]]) / 2
    a2, a3 = forward(W1, W2, b1, b2, X)
    a3 -= X
    J += np.vdot(a3, a3) / (2 * m)
    a3 /= m
    G2 += np.ravel(a3 @ a2.T)
    g2 += a3.sum(axis=1)
    rho_hat = a2.mean(axis=1)
    J += beta * (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
    delta2 = W2.T @ a3
    delta2 += (beta / m * ((1 - rho) / (1 - rho_hat) - rho / rho_hat))[:, None]
    delta2 *= a2
    delta2 *= np.subtract(1, a2, out=a2)
    G1 += np.ravel(delta2 @ X.T)
    g1 += delta2.sum(axis=1)
    return J, grad


def features(W1, T):
    F = W1 @ T
    for row in F:
        row /= np.sqrt(row @ row)
    return F
