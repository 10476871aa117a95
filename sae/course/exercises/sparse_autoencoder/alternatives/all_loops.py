"""Every sum is a loop, as the formulas are printed."""

import math

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def unpack(theta, n, n_hidden):
    W1, W2 = np.empty((n_hidden, n)), np.empty((n, n_hidden))
    b1, b2 = np.empty(n_hidden), np.empty(n)
    position = 0
    for target in (W1, W2, b1, b2):
        for place in np.ndindex(target.shape):
            target[place] = theta[position]
            position += 1
    return W1, W2, b1, b2


def pack(W1, W2, b1, b2):
    numbers = []
    for block in (W1, W2, b1, b2):
        for place in np.ndindex(block.shape):
            numbers.append(block[place])
    return np.array(numbers)


def activations(W, b, inputs):
    values = []
    for i in range(W.shape[0]):
        z = b[i]
        for j in range(W.shape[1]):
            z += W[i, j] * inputs[j]
        values.append(sigmoid(z))
    return values


def data_term_loops(W1, W2, b1, b2, X):
    n, m = X.shape
    k = len(b1)
    J = 0.0
    gW1, gW2, gb1, gb2 = np.zeros((k, n)), np.zeros((n, k)), np.zeros(k), np.zeros(n)
    for e in range(m):
        hidden = activations(W1, b1, X[:, e])
        out = activations(W2, b2, hidden)
        d_out = []
        for i in range(n):
            J += 0.5 * (out[i] - X[i, e]) ** 2
            d_out.append((out[i] - X[i, e]) * out[i] * (1 - out[i]))
        for i in range(n):
            gb2[i] += d_out[i]
            for j in range(k):
                gW2[i, j] += d_out[i] * hidden[j]
        for j in range(k):
            back = 0.0
            for i in range(n):
                back += W2[i, j] * d_out[i]
            d_hidden = back * hidden[j] * (1 - hidden[j])
            gb1[j] += d_hidden
            for i in range(n):
                gW1[j, i] += d_hidden * X[i, e]
    return J / m, gW1 / m, gW2 / m, gb1 / m, gb2 / m


data_term = data_term_loops


def decay_term(W1, W2, lam):
    squares = 0.0
    for W in (W1, W2):
        for row in W:
            for w in row:
                squares += w * w
    return 0.5 * lam * squares, np.array([[lam * w for w in row] for row in W1]), np.array([[lam * w for w in row] for row in W2])


def sparsity_term(a2, rho, beta):
    means, J, slopes = [], 0.0, []
    for unit in a2:
        r = sum(unit) / len(unit)
        J += rho * math.log(rho / r) + (1 - rho) * math.log((1 - rho) / (1 - r))
        means.append(r)
        slopes.append(beta * ((1 - rho) / (1 - r) - rho / r))
    return np.array(means), beta * J, np.array(slopes)


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = np.array([activations(W1, b1, X[:, e]) for e in range(m)]).T
    J, gW1, gW2, gb1, gb2 = data_term_loops(W1, W2, b1, b2, X)
    J_decay, dW1, dW2 = decay_term(W1, W2, lam)
    _, J_sparsity, slopes = sparsity_term(a2, rho, beta)
    for e in range(m):
        for j in range(n_hidden):
            extra = slopes[j] * a2[j, e] * (1 - a2[j, e]) / m
            gb1[j] += extra
            for i in range(n):
                gW1[j, i] += extra * X[i, e]
    return J + J_decay + J_sparsity, pack(gW1 + dW1, gW2 + dW2, gb1, gb2)
