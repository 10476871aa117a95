"""Examples are rows inside, as in most libraries."""

import numpy as np


def f(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def forward(W1, W2, b1, b2, X):
    H = f(X.T @ W1.T + b1)
    return H.T, (H @ W2.T + b2).T


def output_delta(a3, X):
    return (a3.T - X.T).T


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    R = np.ascontiguousarray(X.T)
    count, n = R.shape
    k = n * n_hidden
    V1, V2 = theta[:k].reshape(n_hidden, n).T, theta[k : 2 * k].reshape(n, n_hidden).T
    H = f(R @ V1 + theta[2 * k : -n])
    error = H @ V2 + theta[-n:] - R
    r = H.mean(axis=0)
    E2 = (error @ V2.T + beta * ((1 - rho) / (1 - r) - rho / r)) * H * (1 - H)
    J = np.mean(np.sum(error**2, axis=1)) / 2 + lam / 2 * ((V1**2).sum() + (V2**2).sum())
    J += beta * np.sum(rho * (np.log(rho) - np.log(r)) + (1 - rho) * (np.log(1 - rho) - np.log(1 - r)))
    G1, G2 = R.T @ E2 / count + lam * V1, H.T @ error / count + lam * V2
    return J, np.r_[G1.T.ravel(), G2.T.ravel(), E2.mean(axis=0), error.mean(axis=0)]


def features(W1, T):
    columns = T @ W1.T
    return (columns / np.linalg.norm(columns, axis=0)).T
