"""Each part is used by the next, and parameters travel in dictionaries."""

import numpy as np


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def shapes(n, n_hidden):
    return {"W1": (n_hidden, n), "W2": (n, n_hidden), "b1": (n_hidden,), "b2": (n,)}


def unpack(theta, n, n_hidden):
    p, at = {}, 0
    for name, shape in shapes(n, n_hidden).items():
        stop = at + int(np.prod(shape))
        p[name] = theta[at:stop].reshape(shape)
        at = stop
    return [p[name] for name in ("W1", "W2", "b1", "b2")]


def pack(W1, W2, b1, b2):
    p = dict(W1=W1, W2=W2, b1=b1, b2=b2)
    return np.concatenate([p[name].ravel() for name in sorted(p)])


def forward(p, X):
    a = {1: X}
    for layer in (1, 2):
        a[layer + 1] = sigmoid(p[f"W{layer}"] @ a[layer] + p[f"b{layer}"][:, np.newaxis])
    return a


def backward(p, a, push):
    m = a[1].shape[1]
    g, back = {}, a[3] - a[1]
    for layer in (2, 1):
        delta = (back + (push if layer == 1 else 0)) * a[layer + 1] * (1 - a[layer + 1])
        g[f"W{layer}"] = delta @ a[layer].T / m
        g[f"b{layer}"] = np.average(delta, axis=1)
        back = p[f"W{layer}"].T @ delta
    return g


def data_term(W1, W2, b1, b2, X):
    p = dict(W1=W1, W2=W2, b1=b1, b2=b2)
    a = forward(p, X)
    g = backward(p, a, 0)
    J = 0.5 * np.mean(np.linalg.norm(a[3] - X, axis=0) ** 2)
    return [J, g["W1"], g["W2"], g["b1"], g["b2"]]


def data_term_loops(W1, W2, b1, b2, X):
    each = [data_term(W1, W2, b1, b2, X[:, [i]]) for i in range(X.shape[1])]
    return [sum(parts) / len(each) for parts in zip(*each)]


def decay_term(W1, W2, lam):
    return lam / 2 * sum(np.sum(W**2) for W in (W1, W2)), lam * W1, lam * W2


def sparsity_term(a2, rho, beta):
    rho_hat = np.mean(a2, 1)
    J = sum(p * np.log(p / q) for p, q in ((rho, rho_hat), (1 - rho, 1 - rho_hat)))
    return rho_hat, beta * J.sum(), -beta * (rho / rho_hat - (1 - rho) / (1 - rho_hat))


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unpack(theta, len(X), n_hidden)
    p = dict(W1=W1, W2=W2, b1=b1, b2=b2)
    a = forward(p, X)
    _, S, push = sparsity_term(a[2], rho, beta)
    g = backward(p, a, push[:, np.newaxis])
    D, g1, g2 = decay_term(W1, W2, lam)
    J = 0.5 * np.mean(np.sum((a[3] - X) ** 2, axis=0)) + D + S
    return J, pack(g["W1"] + g1, g["W2"] + g2, g["b1"], g["b2"])
