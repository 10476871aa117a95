"""One example after another; sums over units and pixels by hand."""

import math

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    u = np.zeros(mu.shape)
    for j in range(mu.shape[0]):
        for i in range(mu.shape[1]):
            u[j, i] = mu[j, i] + math.sqrt(math.exp(logvar[j, i])) * eps[j, i]
    return u


def gaussian_kl(mu, logvar):
    kl = np.zeros(mu.shape[1])
    kl_mu, kl_lv = np.zeros(mu.shape), np.zeros(mu.shape)
    for i in range(mu.shape[1]):
        for j in range(mu.shape[0]):
            variance = math.exp(logvar[j, i])
            kl[i] += 0.5 * (mu[j, i] ** 2 + variance - logvar[j, i] - 1)
            kl_mu[j, i] = mu[j, i]
            kl_lv[j, i] = 0.5 * (variance - 1)
    return kl, kl_mu, kl_lv


def reconstruction(z3, X):
    misfit, delta3 = np.zeros(z3.shape[1]), np.zeros(z3.shape)
    for i in range(z3.shape[1]):
        for k in range(z3.shape[0]):
            z = z3[k, i]
            e = math.exp(-abs(z))
            misfit[i] += max(z, 0) + math.log1p(e) - X[k, i] * z
            delta3[k, i] = (1 / (1 + e) if z > 0 else e / (1 + e)) - X[k, i]
    return misfit, delta3


def code_deltas(delta_u, mu, logvar, eps, beta):
    delta_mu, delta_lv = np.zeros(mu.shape), np.zeros(mu.shape)
    for j in range(mu.shape[0]):
        for i in range(mu.shape[1]):
            sigma = math.exp(0.5 * logvar[j, i])
            delta_mu[j, i] = delta_u[j, i] + beta * mu[j, i]
            delta_lv[j, i] = delta_u[j, i] * eps[j, i] * sigma / 2 + beta * (sigma**2 - 1) / 2
    return delta_mu, delta_lv


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    m, J = X.shape[1], 0.0
    grads = [np.zeros(part.shape) for part in (W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3)]
    for i in range(m):
        x, e = X[:, i : i + 1], eps[:, i : i + 1]
        h, mu, logvar = encode(x, W1, b1, W_mu, b_mu, W_lv, b_lv)
        u = sample(mu, logvar, e)
        h_d, z3 = decode(u, W2, b2, W3, b3)
        misfit, d3 = reconstruction(z3, x)
        J += (misfit[0] + beta * gaussian_kl(mu, logvar)[0][0]) / m
        dd = (W3.T @ d3) * (1 - h_d**2)
        dmu, dlv = code_deltas(W2.T @ dd, mu, logvar, e, beta)
        d2 = (W_mu.T @ dmu + W_lv.T @ dlv) * (1 - h**2)
        for k, (d, a) in enumerate(((d2, x), (dmu, h), (dlv, h), (dd, u), (d3, h_d))):
            grads[2 * k] += np.outer(d, a) / m
            grads[2 * k + 1] += d[:, 0] / m
    return J, *grads
