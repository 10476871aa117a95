"""1/m goes into delta3 and beta at once; data term and KL divergence are sent back one after the other."""

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    return np.exp(0.5 * logvar) * eps + mu


def gaussian_kl(mu, logvar):
    sigma = np.exp(0.5 * logvar)
    kl = -0.5 * np.sum(1 + 2 * np.log(sigma) - mu**2 - sigma**2, axis=0)
    return kl, mu, -0.5 * (1 - sigma**2)


def reconstruction(z3, X):
    # -x log p - (1 - x) log(1 - p), both logarithms from z3
    log_on, log_off = -np.logaddexp(0, -z3), -np.logaddexp(0, z3)
    return -(X * log_on + (1 - X) * log_off).sum(axis=0), (1 - X) * np.exp(log_on) - X * np.exp(log_off)


def code_deltas(delta_u, mu, logvar, eps, beta):
    drawn = sample(mu, logvar, eps) - mu
    _, kl_mu, kl_lv = gaussian_kl(mu, logvar)
    return beta * kl_mu + delta_u, beta * kl_lv + 0.5 * drawn * delta_u


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    m = X.shape[1]
    h, mu, logvar = encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv)
    u = sample(mu, logvar, eps)
    h_d, z3 = decode(u, W2, b2, W3, b3)
    misfit, delta3 = reconstruction(z3, X)
    kl, kl_mu, kl_lv = gaussian_kl(mu, logvar)
    delta3 = delta3 / m
    delta_d = (1 - h_d) * (1 + h_d) * (W3.T @ delta3)
    delta_u = W2.T @ delta_d
    data = [delta_u, delta_u * (u - mu) / 2]
    divergence = [beta / m * kl_mu, beta / m * kl_lv]
    totals = None
    for delta_mu, delta_lv in (data, divergence):
        delta2 = (1 - h) * (1 + h) * (np.vstack([W_mu, W_lv]).T @ np.vstack([delta_mu, delta_lv]))
        grads = [delta2 @ X.T, delta2.sum(1), delta_mu @ h.T, delta_mu.sum(1), delta_lv @ h.T, delta_lv.sum(1)]
        totals = grads if totals is None else [one + other for one, other in zip(totals, grads)]
    return (
        np.average(misfit + beta * kl),
        *totals,
        *(delta_d @ u.T, delta_d @ np.ones(m), delta3 @ h_d.T, delta3 @ np.ones(m)),
    )
