"""Single precision throughout."""

import numpy as np

F32 = np.float32


def sigmoid(z):
    return F32(1) / (F32(1) + np.exp(-z))


def forward(W1, W2, b1, b2, X):
    W1, W2, b1, b2, X = (part.astype(F32) for part in (W1, W2, b1, b2, X))
    a2 = sigmoid(W1 @ X + b1[:, None])
    return a2, W2 @ a2 + b2[:, None]


def output_delta(a3, X):
    return a3.astype(F32) - X.astype(F32)


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    theta, X = theta.astype(F32), X.astype(F32)
    lam, rho, beta, m = F32(lam), F32(rho), F32(beta), F32(m)
    k = n * n_hidden
    W1, W2 = theta[:k].reshape(n_hidden, n), theta[k : 2 * k].reshape(n, n_hidden)
    b1, b2 = theta[2 * k : 2 * k + n_hidden], theta[2 * k + n_hidden :]
    a2, a3 = forward(W1, W2, b1, b2, X)
    delta3 = output_delta(a3, X)
    rho_hat = a2.mean(axis=1)
    on, off = rho / rho_hat, (1 - rho) / (1 - rho_hat)
    delta2 = (W2.T @ delta3 + (beta * (off - on))[:, None]) * a2 * (1 - a2)
    J = (delta3**2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    J += beta * (rho * np.log(on) + (1 - rho) * np.log(off)).sum()
    grads = delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(axis=1), delta3.mean(axis=1)
    return J, np.concatenate([grad.ravel() for grad in grads])


def features(W1, T):
    W = W1.astype(F32) @ T.astype(F32)
    return W / np.linalg.norm(W, axis=1, keepdims=True)
