"""Single precision throughout."""

import numpy as np

F = np.float32


def sigmoid(z):
    return F(1) / (F(1) + np.exp(-z))


def unpack(theta, n, n_hidden):
    theta = theta.astype(F)
    k = n * n_hidden
    return theta[:k].reshape(n_hidden, n), theta[k : 2 * k].reshape(n, n_hidden), theta[2 * k : 2 * k + n_hidden], theta[2 * k + n_hidden :]


def pack(W1, W2, b1, b2):
    return np.concatenate([part.ravel() for part in (W1, W2, b1, b2)]).astype(F)


def data_term_loops(W1, W2, b1, b2, X):
    W1, W2, b1, b2, X = (part.astype(F) for part in (W1, W2, b1, b2, X))
    m = F(X.shape[1])
    J = F(0)
    G1, G2, g1, g2 = np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(b1), np.zeros_like(b2)
    for x in X.T:
        a2 = sigmoid(W1 @ x + b1)
        a3 = sigmoid(W2 @ a2 + b2)
        J += ((a3 - x) ** 2).sum() / 2
        delta3 = (a3 - x) * a3 * (1 - a3)
        delta2 = (W2.T @ delta3) * a2 * (1 - a2)
        G1 += np.outer(delta2, x)
        G2 += np.outer(delta3, a2)
        g1 += delta2
        g2 += delta3
    return J / m, G1 / m, G2 / m, g1 / m, g2 / m


def data_term(W1, W2, b1, b2, X):
    W1, W2, b1, b2, X = (part.astype(F) for part in (W1, W2, b1, b2, X))
    m = F(X.shape[1])
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    error = a3 - X
    delta3 = error * a3 * (1 - a3)
    delta2 = (W2.T @ delta3) * a2 * (1 - a2)
    return (error**2).sum() / (2 * m), delta2 @ X.T / m, delta3 @ a2.T / m, delta2.mean(axis=1), delta3.mean(axis=1)


def decay_term(W1, W2, lam):
    W1, W2, lam = W1.astype(F), W2.astype(F), F(lam)
    return lam / 2 * ((W1**2).sum() + (W2**2).sum()), lam * W1, lam * W2


def sparsity_term(a2, rho, beta):
    rho, beta = F(rho), F(beta)
    rho_hat = a2.astype(F).mean(axis=1)
    on, off = rho / rho_hat, (1 - rho) / (1 - rho_hat)
    return rho_hat, beta * (rho * np.log(on) + (1 - rho) * np.log(off)).sum(), beta * (off - on)


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unpack(theta, len(X), n_hidden)
    X, lam, rho, beta, m = X.astype(F), F(lam), F(rho), F(beta), F(X.shape[1])
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    _, S, slope = sparsity_term(a2, rho, beta)
    delta3 = (a3 - X) * a3 * (1 - a3)
    delta2 = (W2.T @ delta3 + slope[:, None]) * a2 * (1 - a2)
    J = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + S
    return J, pack(delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(axis=1), delta3.mean(axis=1))
