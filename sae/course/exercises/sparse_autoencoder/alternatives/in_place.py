"""Few temporaries: results are written over arrays of its own, never over the arguments."""

import numpy as np


def sigmoid_(z):
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)
    return z


def slope_(delta, a):
    delta *= a
    delta *= 1 - a
    return delta


def unpack(theta, n, n_hidden):
    left = theta.copy()
    shapes = [(n_hidden, n), (n, n_hidden), (n_hidden,), (n,)]
    found = []
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(left[:size].reshape(shape))
        left = left[size:]
    return tuple(found)


def pack(W1, W2, b1, b2):
    theta = np.empty(W1.size + W2.size + b1.size + b2.size)
    at = 0
    for block in (W1, W2, b1, b2):
        theta[at : at + block.size] = block.ravel()
        at += block.size
    return theta


def data_term_loops(W1, W2, b1, b2, X):
    n, m = X.shape
    total = 0.0
    grads = [np.zeros(p.shape) for p in (W1, W2, b1, b2)]
    for i in range(m):
        J, *one = data_term(W1, W2, b1, b2, X[:, i : i + 1])
        total += J
        for grad, part in zip(grads, one):
            grad += part
    for grad in grads:
        grad /= m
    return total / m, *grads


def data_term(W1, W2, b1, b2, X):
    m = X.shape[1]
    a2 = W1 @ X
    a2 += b1.reshape(-1, 1)
    sigmoid_(a2)
    a3 = W2 @ a2
    a3 += b2.reshape(-1, 1)
    sigmoid_(a3)
    delta3 = a3.copy()
    delta3 -= X
    J = np.vdot(delta3, delta3) / (2 * m)
    slope_(delta3, a3)
    delta3 /= m
    delta2 = slope_(W2.T @ delta3, a2)
    return J, delta2 @ X.T, delta3 @ a2.T, delta2.sum(axis=1), delta3.sum(axis=1)


def decay_term(W1, W2, lam):
    d1, d2 = W1.copy(), W2.copy()
    d1 *= lam
    d2 *= lam
    return (np.vdot(W1, d1) + np.vdot(W2, d2)) / 2, d1, d2


def sparsity_term(a2, rho, beta):
    rho_hat = a2.sum(axis=1)
    rho_hat /= a2.shape[1]
    off = 1 - rho_hat
    J = -rho * np.log(rho_hat).sum() - (1 - rho) * np.log(off).sum()
    J += len(rho_hat) * (rho * np.log(rho) + (1 - rho) * np.log(1 - rho))
    d = (1 - rho) / off
    d -= rho / rho_hat
    d *= beta
    return rho_hat, beta * J, d


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    grad = np.zeros_like(theta)
    G1, G2, g1, g2 = (part for part in np.split(grad, np.cumsum([W1.size, W2.size, n_hidden])))
    a2 = sigmoid_(W1 @ X + b1[:, None])
    a3 = sigmoid_(W2 @ a2 + b2[:, None])
    _, S, d = sparsity_term(a2, rho, beta)
    delta3 = a3 - X
    J = np.vdot(delta3, delta3) / (2 * m)
    slope_(delta3, a3)
    delta2 = W2.T @ delta3
    delta2 += d[:, None]
    slope_(delta2, a2)
    G1 += (delta2 @ X.T).ravel()
    G2 += (delta3 @ a2.T).ravel()
    g1 += delta2.sum(axis=1)
    g2 += delta3.sum(axis=1)
    grad /= m
    D, d1, d2 = decay_term(W1, W2, lam)
    G1 += d1.ravel()
    G2 += d2.ravel()
    return J + D + S, grad
