"""One example after another, one number after another."""

import math

import numpy as np


def sigmoid(t):
    return 1 / (1 + math.exp(-t)) if t > 0 else math.exp(t) / (1 + math.exp(t))


def layer(W, b, x):
    out = []
    for j in range(W.shape[0]):
        t = b[j]
        for i in range(W.shape[1]):
            t += W[j, i] * x[i]
        out.append(sigmoid(t))
    return out


def log_probabilities(W_s, a):
    z = [sum(W_s[j, i] * a[i] for i in range(len(a))) for j in range(W_s.shape[0])]
    top = max(z)
    total = math.log(sum(math.exp(t - top) for t in z))
    return [t - top - total for t in z]


def forward(W1, b1, W2, b2, X):
    m = X.shape[1]
    a2, a3 = np.empty((len(b1), m)), np.empty((len(b2), m))
    for i in range(m):
        a2[:, i] = layer(W1, b1, X[:, i])
        a3[:, i] = layer(W2, b2, a2[:, i])
    return a2, a3


def softmax_layer(W_s, a3):
    return np.array([log_probabilities(W_s, a3[:, i]) for i in range(a3.shape[1])]).T


def down(W, above, a):
    return [sum(W[j, u] * above[j] for j in range(W.shape[0])) * a[u] * (1 - a[u]) for u in range(W.shape[1])]


def backward(W2, W_s, delta, a2, a3):
    delta3, delta2 = np.zeros(a3.shape), np.zeros(a2.shape)
    for i in range(delta.shape[1]):
        delta3[:, i] = down(W_s, delta[:, i], a3[:, i])
        delta2[:, i] = down(W2, delta3[:, i], a2[:, i])
    return delta3, delta2


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    m, k = X.shape[1], W_s.shape[0]
    J = 0.0
    g1, c1, g2, c2, gs = (np.zeros(part.shape) for part in (W1, b1, W2, b2, W_s))
    for i in range(m):
        x = X[:, i]
        p2 = layer(W1, b1, x)
        p3 = layer(W2, b2, p2)
        logs = log_probabilities(W_s, p3)
        J -= logs[y[i]]
        d = [math.exp(logs[j]) - (1 if y[i] == j else 0) for j in range(k)]
        d3 = down(W_s, d, p3)
        d2 = down(W2, d3, p2)
        for g, c, dd, a in ((gs, None, d, p3), (g2, c2, d3, p2), (g1, c1, d2, x)):
            for r in range(len(dd)):
                for s in range(len(a)):
                    g[r, s] += dd[r] * a[s]
                if c is not None:
                    c[r] += dd[r]
    J = J / m
    for r in range(k):
        for s in range(W_s.shape[1]):
            J += lam / 2 * W_s[r, s] ** 2
            gs[r, s] = gs[r, s] / m + lam * W_s[r, s]
    return J, g1 / m, c1 / m, g2 / m, c2 / m, gs


def predict(W1, b1, W2, b2, W_s, X):
    classes = []
    for i in range(X.shape[1]):
        a = layer(W2, b2, layer(W1, b1, X[:, i]))
        logs = log_probabilities(W_s, a)
        classes.append(logs.index(max(logs)))
    return np.array(classes)
