"""All products by index; the page is differentiated once for each example."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def forward(W1, W2, b1, b2, X):
    h = sigmoid(np.einsum("jn,nm->jm", W1, X) + b1.reshape(-1, 1))
    return h, np.einsum("nj,jm->nm", W2, h) + b2.reshape(-1, 1)


def output_delta(a3, X):
    return np.subtract(a3, X)


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = np.split(theta, np.cumsum([n * n_hidden, n * n_hidden, n_hidden]))
    W1, W2 = W1.reshape(n_hidden, n), W2.reshape(n, n_hidden)
    h, o = forward(W1, W2, b1, b2, X)
    d3 = output_delta(o, X)
    r = np.einsum("jm->j", h) / m
    kl = rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))
    slope = beta * ((1 - rho) / (1 - r) - rho / r)
    d2 = np.einsum("nj,nm,jm,jm->jm", W2, d3, h, 1 - h) + np.einsum("j,jm,jm->jm", slope, h, 1 - h)
    J = np.einsum("nm,nm->", d3, d3) / (2 * m) + lam / 2 * (np.einsum("jn,jn", W1, W1) + np.einsum("nj,nj", W2, W2))
    grad = [
        np.einsum("jm,nm->jn", d2, X) / m + lam * W1,
        np.einsum("nm,jm->nj", d3, h) / m + lam * W2,
        np.einsum("jm->j", d2) / m,
        np.einsum("nm->n", d3) / m,
    ]
    return J + beta * np.einsum("j->", kl), np.concatenate([np.ravel(g) for g in grad])


def features(W1, T):
    W = np.einsum("jk,kn->jn", W1, T)
    return np.einsum("jn,j->jn", W, 1 / np.sqrt(np.einsum("jn,jn->j", W, W)))
