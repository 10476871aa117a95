"""The sign of z3 by masks, all gradients by one loop over the layers."""

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    return np.add(mu, np.multiply(np.exp(logvar) ** 0.5, eps))


def gaussian_kl(mu, logvar):
    variance = np.exp(logvar)
    return (
        (np.linalg.norm(mu, axis=0) ** 2 + (variance - np.log(variance)).sum(0) - len(mu)) / 2,
        mu,
        variance / 2 - 0.5,
    )


def reconstruction(z3, X):
    up, terms, p = z3 >= 0, np.empty(z3.shape), np.empty(z3.shape)
    terms[up] = (1 - X[up]) * z3[up] + np.log1p(np.exp(-z3[up]))
    terms[~up] = -X[~up] * z3[~up] + np.log1p(np.exp(z3[~up]))
    p[up] = 1 / (1 + np.exp(-z3[up]))
    p[~up] = 1 - 1 / (1 + np.exp(z3[~up]))
    return np.sum(terms, axis=0), p - X


def code_deltas(delta_u, mu, logvar, eps, beta):
    u = sample(mu, logvar, eps)
    return delta_u + beta * mu, 0.5 * (delta_u * (u - mu) + beta * (np.exp(logvar) - 1))


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    h, mu, logvar = encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv)
    u = sample(mu, logvar, eps)
    h_d, z3 = decode(u, W2, b2, W3, b3)
    misfit, delta3 = reconstruction(z3, X)
    delta_d = (
        (W3.T @ delta3) / np.cosh(np.arctanh(h_d)) ** 2 if np.all(np.abs(h_d) < 0.99) else W3.T @ delta3 * (1 - h_d**2)
    )
    delta_mu, delta_lv = code_deltas(W2.T @ delta_d, mu, logvar, eps, beta)
    delta2 = (np.concatenate([W_mu, W_lv]).T @ np.concatenate([delta_mu, delta_lv])) * (1 - np.square(h))
    pairs = [(delta2, X), (delta_mu, h), (delta_lv, h), (delta_d, u), (delta3, h_d)]
    both = [np.hstack([a @ b.T, a.sum(axis=1, keepdims=True)]) / X.shape[1] for a, b in pairs]
    grads = [part for joined in both for part in (joined[:, :-1], joined[:, -1])]
    return float(np.mean(misfit) + beta * np.mean(gaussian_kl(mu, logvar)[0])), *grads
