"""An example at a time, a class at a time."""

import math

import numpy as np


def probabilities(W, X):
    k, n = W.shape
    m = X.shape[1]
    p = np.zeros((k, m))
    for i in range(m):
        z = []
        for j in range(k):
            total = 0.0
            for l in range(n):
                total += W[j, l] * X[l, i]
            z.append(total)
        largest = max(z)
        weights = [math.exp(value - largest) for value in z]
        for j in range(k):
            p[j, i] = weights[j] / sum(weights)
    return p


def indicator(y, k):
    Y = np.zeros((k, len(y)))
    for i in range(len(y)):
        Y[y[i], i] = 1
    return Y


def cost_and_grad(W, X, y, lam):
    k, n = W.shape
    m = X.shape[1]
    p = probabilities(W, X)
    J = 0.0
    grad_W = np.zeros((k, n))
    for i in range(m):
        z = [sum(W[j, l] * X[l, i] for l in range(n)) for j in range(k)]
        largest = max(z)
        J += math.log(sum(math.exp(value - largest) for value in z)) - (z[y[i]] - largest)
        for j in range(k):
            delta = p[j, i] - (1 if j == y[i] else 0)
            for l in range(n):
                grad_W[j, l] += delta * X[l, i]
    J /= m
    grad_W /= m
    for j in range(k):
        for l in range(n):
            J += lam / 2 * W[j, l] ** 2
            grad_W[j, l] += lam * W[j, l]
    return J, grad_W


def predict(W, X):
    classes = []
    for i in range(X.shape[1]):
        best = 0
        for j in range(1, W.shape[0]):
            if W[j] @ X[:, i] > W[best] @ X[:, i]:
                best = j
        classes.append(best)
    return np.array(classes)
