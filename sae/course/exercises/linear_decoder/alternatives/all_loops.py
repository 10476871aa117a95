"""Every sum is a loop, as the formulas are printed."""

from math import exp, log, sqrt

import numpy as np


def sigmoid(z):
    return 1 / (1 + exp(-z))


def layer(W, b, x):
    return [sum(W[i, j] * x[j] for j in range(len(x))) + b[i] for i in range(len(b))]


def forward(W1, W2, b1, b2, X):
    a2, a3 = np.empty((len(b1), X.shape[1])), np.empty(X.shape)
    for e in range(X.shape[1]):
        hidden = [sigmoid(z) for z in layer(W1, b1, X[:, e])]
        a2[:, e] = hidden
        a3[:, e] = layer(W2, b2, hidden)
    return a2, a3


def output_delta(a3, X):
    delta3 = np.empty_like(X)
    for place in np.ndindex(X.shape):
        delta3[place] = a3[place] - X[place]
    return delta3


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    k = n * n_hidden
    W1, W2 = np.array(theta[:k]).reshape(n_hidden, n), np.array(theta[k : 2 * k]).reshape(n, n_hidden)
    b1, b2 = theta[2 * k : 2 * k + n_hidden], theta[2 * k + n_hidden :]
    a2, a3 = forward(W1, W2, b1, b2, X)
    J, G1, G2, g1, g2 = 0.0, lam * W1, lam * W2, np.zeros(n_hidden), np.zeros(n)
    for W in (W1, W2):
        for w in W.flat:
            J += lam / 2 * w * w
    slopes = []
    for j in range(n_hidden):
        r = sum(a2[j]) / m
        J += beta * (rho * log(rho / r) + (1 - rho) * log((1 - rho) / (1 - r)))
        slopes.append(beta * (r - rho) / (r * (1 - r)))
    for e in range(m):
        error = [a3[i, e] - X[i, e] for i in range(n)]
        for i in range(n):
            J += error[i] ** 2 / (2 * m)
            g2[i] += error[i] / m
            for j in range(n_hidden):
                G2[i, j] += error[i] * a2[j, e] / m
        for j in range(n_hidden):
            back = slopes[j]
            for i in range(n):
                back += W2[i, j] * error[i]
            back *= a2[j, e] * (1 - a2[j, e])
            g1[j] += back / m
            for i in range(n):
                G1[j, i] += back * X[i, e] / m
    return J, np.array([*G1.flat, *G2.flat, *g1, *g2])


def features(W1, T):
    F = []
    for w in W1:
        seen = [sum(w[k] * T[k, j] for k in range(len(w))) for j in range(len(w))]
        norm = sqrt(sum(s * s for s in seen))
        F.append([s / norm for s in seen])
    return np.array(F)
