"""In-place work on arrays of its own."""

import numpy as np


def sigmoid_(z):
    np.clip(z, -700, None, out=z)
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)
    return z


def forward(W1, b1, W2, b2, X):
    a2 = np.dot(W1, X)
    a2 += b1[:, None]
    sigmoid_(a2)
    a3 = np.dot(W2, a2)
    a3 += b2[:, None]
    sigmoid_(a3)
    return a2, a3


def softmax_layer(W_s, a3):
    z = np.dot(W_s, a3)
    z -= z.max(0)
    z -= np.log(np.exp(z).sum(0))
    return z


def backward(W2, W_s, delta, a2, a3):
    delta3 = np.dot(W_s.T, delta)
    delta3 *= a3
    delta3 *= 1 - a3
    delta2 = np.dot(W2.T, delta3)
    delta2 *= a2
    delta2 *= 1 - a2
    return delta3, delta2


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    m = X.shape[1]
    a2, a3 = forward(W1, b1, W2, b2, X)
    delta = softmax_layer(W_s, a3)
    J = -delta[y, np.arange(m)].mean()
    J += lam / 2 * np.sum(np.square(W_s))
    np.exp(delta, out=delta)
    delta[y, np.arange(m)] -= 1
    grad_W_s = np.dot(delta, a3.T)
    grad_W_s /= m
    grad_W_s += lam * W_s
    delta3, delta2 = backward(W2, W_s, delta, a2, a3)
    grad_W2 = np.dot(delta3, a2.T)
    grad_W2 /= m
    grad_W1 = np.dot(delta2, X.T)
    grad_W1 /= m
    return J, grad_W1, delta2.mean(1), grad_W2, delta3.mean(1), grad_W_s


def predict(W1, b1, W2, b2, W_s, X):
    return softmax_layer(W_s, forward(W1, b1, W2, b2, X)[1]).argmax(axis=0).astype(np.int32)
