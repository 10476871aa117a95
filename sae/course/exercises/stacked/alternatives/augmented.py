"""The bias as a last column of W, a row of ones as its input."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def with_ones(A):
    return np.vstack([A, np.ones((1, A.shape[1]))])


def joined(W, b):
    return np.hstack([W, b[:, np.newaxis]])


def forward(W1, b1, W2, b2, X):
    a2 = sigmoid(joined(W1, b1) @ with_ones(X))
    return a2, sigmoid(joined(W2, b2) @ with_ones(a2))


def softmax_layer(W_s, a3):
    z = W_s @ a3
    differences = z[:, None, :] - z[None, :, :]  # log p_j = -log sum_l exp(z_l - z_j)
    return -np.logaddexp.reduce(-differences, axis=1)


def backward(W2, W_s, delta, a2, a3):
    found, above = [], delta
    for W, a in ((W_s, a3), (W2, a2)):
        above = (W.T @ above) * a * (1 - a)
        found.append(above)
    return tuple(found)


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    k, m = len(W_s), len(y)
    a2, a3 = forward(W1, b1, W2, b2, X)
    log_p = softmax_layer(W_s, a3)
    J = lam / 2 * sum(w @ w for w in W_s) - sum(log_p[y[i], i] for i in range(m)) / m
    delta = np.exp(log_p)
    for j in range(k):
        delta[j, y == j] -= 1
    delta3, delta2 = backward(W2, W_s, delta, a2, a3)
    upper, lower = delta3 @ with_ones(a2).T / m, delta2 @ with_ones(X).T / m
    return J, lower[:, :-1], lower[:, -1], upper[:, :-1], upper[:, -1], delta @ a3.T / m + lam * W_s


def predict(W1, b1, W2, b2, W_s, X):
    return softmax_layer(W_s, forward(W1, b1, W2, b2, X)[1]).argmax(0)
