"""Examples as rows inside, probabilities first."""

import numpy as np


def up(A, W, b):
    z = A.dot(W.T) + b
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


def forward(W1, b1, W2, b2, X):
    A2 = up(X.T, W1, b1)
    A3 = up(A2, W2, b2)
    return A2.T, A3.T


def softmax_layer(W_s, a3):
    Z = a3.T.dot(W_s.T)
    Z = Z - Z.max(axis=1, keepdims=True)
    return (Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))).T


def backward(W2, W_s, delta, a2, a3):
    D3 = delta.T.dot(W_s) * (a3 * (1 - a3)).T
    D2 = D3.dot(W2) * (a2 * (1 - a2)).T
    return D3.T, D2.T


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    m = y.shape[0]
    A1 = X.T
    A2 = up(A1, W1, b1)
    A3 = up(A2, W2, b2)
    log_P = softmax_layer(W_s, A3.T).T
    Y = np.zeros(log_P.shape)
    Y[range(m), y] = 1
    J = -(Y * log_P).sum() / m + lam * np.sum(W_s**2) / 2
    D = np.exp(log_P) - Y
    D3 = D.dot(W_s) * A3 * (1 - A3)
    D2 = D3.dot(W2) * A2 * (1 - A2)
    grads = [D2.T.dot(A1) / m, D2.mean(axis=0), D3.T.dot(A2) / m, D3.mean(axis=0), D.T.dot(A3) / m + lam * W_s]
    return [J, *grads]


def predict(W1, b1, W2, b2, W_s, X):
    return np.argmax(up(up(X.T, W1, b1), W2, b2).dot(W_s.T), axis=1)
