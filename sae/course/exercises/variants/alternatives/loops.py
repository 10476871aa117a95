"""An example, a unit and a weight at a time."""

import math

import numpy as np


def f(z):
    return 1 / (1 + math.exp(-z))


def corrupt(X, mask):
    out = np.zeros(X.shape)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            if mask[i, j]:
                out[i, j] = X[i, j]
    return out


def forward(W, b, x):
    return [f(sum(W[j, l] * x[l] for l in range(len(x))) + b[j]) for j in range(len(b))]


def autoencoder(W1, W2, b1, b2, inputs, X):
    (n_hidden, n), m = W1.shape, X.shape[1]
    J = 0.0
    gW1, gW2, gb1, gb2 = np.zeros((n_hidden, n)), np.zeros((n, n_hidden)), np.zeros(n_hidden), np.zeros(n)
    for i in range(m):
        a2 = forward(W1, b1, inputs[:, i])
        a3 = forward(W2, b2, a2)
        d3 = [0.0] * n
        for l in range(n):
            error = a3[l] - X[l, i]
            J += error**2 / 2 / m
            d3[l] = error * a3[l] * (1 - a3[l])
            gb2[l] += d3[l] / m
            for j in range(n_hidden):
                gW2[l, j] += d3[l] * a2[j] / m
        for j in range(n_hidden):
            d2 = sum(W2[l, j] * d3[l] for l in range(n)) * a2[j] * (1 - a2[j])
            gb1[j] += d2 / m
            for l in range(n):
                gW1[j, l] += d2 * inputs[l, i] / m
    return J, gW1, gW2, gb1, gb2


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    J, gW1, gW2, gb1, gb2 = autoencoder(W1, W2, b1, b2, corrupt(X, mask), X)
    for W, g in ((W1, gW1), (W2, gW2)):
        for j in range(W.shape[0]):
            for l in range(W.shape[1]):
                J += lam / 2 * W[j, l] ** 2
                g[j, l] += lam * W[j, l]
    return J, gW1, gW2, gb1, gb2


def jacobian(W1, b1, x):
    a2 = forward(W1, b1, x)
    return np.array([[a * (1 - a) * W1[j, l] for l in range(len(x))] for j, a in enumerate(a2)])


def contraction(W1, b1, X, gamma):
    m = X.shape[1]
    P, gW1, gb1 = 0.0, np.zeros(W1.shape), np.zeros(len(b1))
    for i in range(m):
        for j, a in enumerate(forward(W1, b1, X[:, i])):
            slope = a * (1 - a)
            norm = sum(w * w for w in W1[j])
            P += gamma * slope**2 * norm / m
            d_z = gamma * 2 * slope * (1 - 2 * a) * norm * slope / m
            gb1[j] += d_z
            for l in range(len(X)):
                gW1[j, l] += d_z * X[l, i] + gamma * 2 * slope**2 * W1[j, l] / m
    return P, gW1, gb1


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    J, gW1, gW2, gb1, gb2 = autoencoder(W1, W2, b1, b2, X, X)
    P, hW1, hb1 = contraction(W1, b1, X, gamma)
    return J + P, gW1 + hW1, gW2, gb1 + hb1, gb2
