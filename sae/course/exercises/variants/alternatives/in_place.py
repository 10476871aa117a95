"""In-place work on arrays of one's own."""

import numpy as np


def f(z):
    a = np.negative(z)
    np.exp(a, out=a)
    a += 1
    np.reciprocal(a, out=a)
    return a


def corrupt(X, mask):
    copy = X.copy()
    copy[~mask] = 0
    return copy


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    m = X.shape[1]
    noisy = corrupt(X, mask)
    a2 = W1 @ noisy
    a2 += b1[:, None]
    a2 = f(a2)
    a3 = f(W2 @ a2 + b2.reshape(-1, 1))
    delta3 = a3 - X
    J = np.vdot(delta3, delta3) / m / 2
    for W in (W1, W2):
        J += lam * np.vdot(W, W) / 2
    delta3 *= a3
    delta3 *= 1 - a3
    delta3 /= m
    delta2 = W2.T @ delta3
    delta2 *= a2
    delta2 *= 1 - a2
    grad_W1 = np.dot(delta2, noisy.T)
    grad_W1 += lam * W1
    grad_W2 = np.dot(delta3, a2.T)
    grad_W2 += lam * W2
    return J, grad_W1, grad_W2, delta2 @ np.ones(m), delta3 @ np.ones(m)


def jacobian(W1, b1, x):
    out = W1.copy()
    a2 = f(W1.dot(x) + b1)
    out *= a2[:, None]
    out *= (1 - a2)[:, None]
    return out


def contraction(W1, b1, X, gamma):
    m = X.shape[1]
    a2 = f(W1 @ X + b1[:, None])
    squares = a2.copy()
    squares *= 1 - a2
    squares **= 2
    norms = np.diag(W1 @ W1.T).copy()
    P = gamma * (norms @ squares).sum() / m
    grad = W1 * squares.sum(axis=1)[:, None]
    squares *= 1 - 2 * a2
    squares *= norms[:, None]
    grad += squares @ X.T
    grad *= 2 * gamma / m
    return P, grad, squares.sum(axis=1) * (2 * gamma / m)


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    J, *grads = denoising_cost_and_grad(W1, W2, b1, b2, X, np.ones_like(X, dtype=bool), 0.0)
    P, grad_W1, grad_b1 = contraction(W1, b1, X, gamma)
    grads[0] += grad_W1
    grads[2] += grad_b1
    return (J + P, *grads)
