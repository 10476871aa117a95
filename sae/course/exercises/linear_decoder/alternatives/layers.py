"""A list of layers, each with its function and its slope: the linear one is a layer like any other."""

import numpy as np


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


LAYERS = [(sigmoid, lambda a: a * (1 - a)), (lambda z: z, np.ones_like)]


def activations(weights, X):
    a = [X]
    for (W, b), (f, _) in zip(weights, LAYERS):
        a.append(f(W.dot(a[-1]) + b[:, np.newaxis]))
    return a


def forward(W1, W2, b1, b2, X):
    return tuple(activations([(W1, b1), (W2, b2)], X)[1:])


def output_delta(a3, X):
    return -(X - a3) * LAYERS[1][1](a3)


def unrolled(theta, n, n_hidden):
    places = np.arange(theta.size)
    size = n * n_hidden
    W1 = theta[places < size].reshape(n_hidden, n)
    W2 = theta[(places >= size) & (places < 2 * size)].reshape(n, n_hidden)
    b = theta[places >= 2 * size]
    return [(W1, b[:n_hidden]), (W2, b[n_hidden:])]


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    weights = unrolled(theta, n, n_hidden)
    a = activations(weights, X)
    rho_hat = np.average(a[1], axis=1)
    push = [beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))[:, np.newaxis], 0]
    delta, grads = output_delta(a[2], X), {}
    for k in (1, 0):
        W, _ = weights[k]
        grads[f"W{k}"] = lam * W + delta @ a[k].T / m
        grads[f"b{k}"] = delta.sum(axis=1) / m
        if k:
            delta = (W.T @ delta + push[0]) * LAYERS[0][1](a[1])
    J = 0.5 * np.linalg.norm(a[2] - X) ** 2 / m
    J += 0.5 * lam * sum(np.linalg.norm(W) ** 2 for W, _ in weights)
    J += beta * sum(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)) for p, q in ((rho, r) for r in rho_hat))
    return J, np.hstack([grads[name].ravel() for name in sorted(grads)])


def features(W1, T):
    return np.array([w / np.sqrt(np.dot(w, w)) for w in np.dot(W1, T)])
