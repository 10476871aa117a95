"""All products by index."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def unpack(theta, n, n_hidden):
    parts = np.split(theta, np.cumsum([n * n_hidden, n * n_hidden, n_hidden]))
    return np.reshape(parts[0], (n_hidden, -1)), np.reshape(parts[1], (n, -1)), parts[2], parts[3]


def pack(*parameters):
    return np.hstack([np.reshape(parameter, -1) for parameter in parameters])


def data_term_loops(W1, W2, b1, b2, X):
    total = None
    for x in X.T:
        one = data_term(W1, W2, b1, b2, x.reshape(-1, 1))
        total = one if total is None else tuple(s + t for s, t in zip(total, one))
    return tuple(s / X.shape[1] for s in total)


def data_term(W1, W2, b1, b2, X):
    m = X.shape[1]
    h = sigmoid(np.einsum("ij,jk->ik", W1, X) + np.einsum("i,k->ik", b1, np.ones(m)))
    o = sigmoid(np.einsum("ij,jk->ik", W2, h) + np.einsum("i,k->ik", b2, np.ones(m)))
    r = o - X
    d3 = np.einsum("ik,ik,ik->ik", r, o, 1 - o)
    d2 = np.einsum("ij,ik,jk,jk->jk", W2, d3, h, 1 - h)
    return (
        np.einsum("ik,ik->", r, r) / 2 / m,
        np.einsum("ik,jk->ij", d2, X) / m,
        np.einsum("ik,jk->ij", d3, h) / m,
        np.einsum("ik->i", d2) / m,
        np.einsum("ik->i", d3) / m,
    )


def decay_term(W1, W2, lam):
    return 0.5 * lam * (np.einsum("ij,ij", W1, W1) + np.einsum("ij,ij", W2, W2)), lam * W1, lam * W2


def sparsity_term(a2, rho, beta):
    r = np.einsum("ik->i", a2) / a2.shape[1]
    J = np.einsum("i->", rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    return r, beta * J, beta * (r - rho) / (r * (1 - r))


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    J, gW1, gW2, gb1, gb2 = data_term(W1, W2, b1, b2, X)
    h = sigmoid(np.einsum("ij,jk->ik", W1, X) + b1[:, np.newaxis])
    _, S, slope = sparsity_term(h, rho, beta)
    push = np.einsum("i,ik,ik->ik", slope, h, 1 - h)
    D, dW1, dW2 = decay_term(W1, W2, lam)
    gW1 = gW1 + dW1 + np.einsum("ik,jk->ij", push, X) / m
    return J + S + D, pack(gW1, gW2 + dW2, gb1 + push.mean(1), gb2)
