"""Examples are rows inside, as in most libraries."""

import numpy as np
from numpy import log


def f(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def unpack(theta, n, n_hidden):
    k = n_hidden * n
    return theta[:k].reshape((n_hidden, n)), theta[k : k + k].reshape((n, n_hidden)), theta[2 * k : -n], theta[-n:]


def pack(W1, W2, b1, b2):
    return np.r_[W1.flatten(), W2.flatten(), b1, b2]


def network(V1, V2, c1, c2, R):
    H = f(R @ V1 + c1)
    return H, f(H @ V2 + c2)


def data_term_loops(W1, W2, b1, b2, X):
    J, G1, G2 = 0.0, np.zeros_like(W1), np.zeros_like(W2)
    g1, g2 = np.zeros_like(b1), np.zeros_like(b2)
    for row in np.ascontiguousarray(X.T):
        h = f(row @ W1.T + b1)
        o = f(h @ W2.T + b2)
        e3 = (o - row) * o * (1 - o)
        e2 = (e3 @ W2) * h * (1 - h)
        J = J + np.dot(o - row, o - row) / 2
        G1 = G1 + e2[:, None] * row[None, :]
        G2 = G2 + e3[:, None] * h[None, :]
        g1, g2 = g1 + e2, g2 + e3
    count = X.shape[1]
    return J / count, G1 / count, G2 / count, g1 / count, g2 / count


def data_term(W1, W2, b1, b2, X):
    R = X.T
    H, O = network(W1.T, W2.T, b1, b2, R)
    E3 = (O - R) * (O - O**2)
    E2 = (E3 @ W2) * (H - H**2)
    count = len(R)
    J = np.mean(np.sum((R - O) ** 2, axis=1)) / 2
    return J, (R.T @ E2).T / count, (H.T @ E3).T / count, E2.mean(axis=0), E3.mean(axis=0)


def decay_term(W1, W2, lam):
    return lam / 2 * (np.trace(W1 @ W1.T) + np.trace(W2.T @ W2)), W1 * lam, W2 * lam


def sparsity_term(a2, rho, beta):
    r = a2.T.mean(axis=0)
    divergence = rho * (log(rho) - log(r)) + (1 - rho) * (log(1 - rho) - log(1 - r))
    return r, beta * divergence.sum(), beta * ((1 - rho) / (1 - r) - rho / r)


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unpack(theta, len(X), n_hidden)
    R, count = X.T, X.shape[1]
    H, O = network(W1.T, W2.T, b1, b2, R)
    r, S, slope = sparsity_term(H.T, rho, beta)
    E3 = (O - R) * O * (1 - O)
    E2 = (E3 @ W2 + slope) * H * (1 - H)
    J = ((O - R) ** 2).sum() / 2 / count + lam * ((W1**2).sum() + (W2**2).sum()) / 2 + S
    G1 = E2.T @ R / count + lam * W1
    G2 = E3.T @ H / count + lam * W2
    return J, pack(G1, G2, E2.sum(axis=0) / count, E3.sum(axis=0) / count)
