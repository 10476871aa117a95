"""Single precision throughout."""

import numpy as np


def single(*arrays):
    return [np.asarray(array, np.float32) for array in arrays]


def sigmoid(z):
    return np.exp(-np.logaddexp(np.float32(0), -z))


def forward(W1, b1, W2, b2, X):
    W1, b1, W2, b2, X = single(W1, b1, W2, b2, X)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return a2, sigmoid(W2 @ a2 + b2[:, None])


def softmax_layer(W_s, a3):
    W_s, a3 = single(W_s, a3)
    z = W_s @ a3
    z = z - z.max(axis=0)
    return z - np.log(np.exp(z).sum(axis=0))


def backward(W2, W_s, delta, a2, a3):
    W2, W_s, delta, a2, a3 = single(W2, W_s, delta, a2, a3)
    delta3 = W_s.T @ delta * a3 * (1 - a3)
    return delta3, W2.T @ delta3 * a2 * (1 - a2)


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    W1, b1, W2, b2, W_s, X = single(W1, b1, W2, b2, W_s, X)
    lam, m = np.float32(lam), np.float32(len(y))
    a2, a3 = forward(W1, b1, W2, b2, X)
    log_p = softmax_layer(W_s, a3)
    indicator = (np.arange(len(W_s))[:, None] == y).astype(np.float32)
    J = -(indicator * log_p).sum() / m + lam / 2 * (W_s**2).sum()
    delta = np.exp(log_p) - indicator
    delta3, delta2 = backward(W2, W_s, delta, a2, a3)
    return J, delta2 @ X.T / m, delta2.sum(1) / m, delta3 @ a2.T / m, delta3.sum(1) / m, delta @ a3.T / m + lam * W_s


def predict(W1, b1, W2, b2, W_s, X):
    return softmax_layer(W_s, forward(W1, b1, W2, b2, X)[1]).argmax(axis=0)
