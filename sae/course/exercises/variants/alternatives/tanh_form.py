"""The sigmoid as (1 + tanh(z / 2)) / 2, its derivatives in z, and a mean of the gradients of single examples."""

import numpy as np


def f(z):
    return (1 + np.tanh(z / 2)) / 2


def f_prime(z):
    return f(z) * f(-z)


def f_second(z):
    return f_prime(z) * (f(-z) - f(z))


def corrupt(X, mask):
    return X - X * (1 - mask)


def one(W1, W2, b1, b2, x, target):
    z2 = W1 @ x + b1
    z3 = W2 @ f(z2) + b2
    d3 = (f(z3) - target) * f_prime(z3)
    d2 = (d3 @ W2) * f_prime(z2)
    return np.sum((f(z3) - target) ** 2) / 2, np.outer(d2, x), np.outer(d3, f(z2)), d2, d3


def mean(parts):
    return [sum(part) / len(parts) for part in zip(*parts)]


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    J, gW1, gW2, gb1, gb2 = mean([one(W1, W2, b1, b2, x, t) for x, t in zip(corrupt(X, mask).T, X.T)])
    decay = np.linalg.norm(W1) ** 2 + np.linalg.norm(W2) ** 2
    return J + lam / 2 * decay, gW1 + lam * W1, gW2 + lam * W2, gb1, gb2


def jacobian(W1, b1, x):
    return np.diag(f_prime(W1 @ x + b1)) @ W1


def contraction(W1, b1, X, gamma):
    parts = []
    for x in X.T:
        z = W1 @ x + b1
        Jx = jacobian(W1, b1, x)
        along = 2 * f_prime(z) * f_second(z) * np.sum(W1**2, axis=1)
        parts.append((np.trace(Jx @ Jx.T), np.outer(along, x) + 2 * np.diag(f_prime(z)) @ Jx, along))
    return tuple(gamma * part for part in mean(parts))


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    J, gW1, gW2, gb1, gb2 = mean([one(W1, W2, b1, b2, x, x) for x in X.T])
    P, pW1, pb1 = contraction(W1, b1, X, gamma)
    return J + P, gW1 + pW1, gW2, gb1 + pb1, gb2
