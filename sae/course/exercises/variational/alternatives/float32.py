"""Single precision throughout."""

import numpy as np


def single(*arrays):
    return [np.asarray(array, np.float32) for array in arrays]


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    mu, logvar, eps = single(mu, logvar, eps)
    return mu + np.exp(logvar / 2) * eps


def gaussian_kl(mu, logvar):
    mu, logvar = single(mu, logvar)
    variance = np.exp(logvar)
    return (mu * mu + variance - logvar - 1).sum(axis=0) / 2, mu, (variance - 1) / 2


def reconstruction(z3, X):
    z3, X = single(z3, X)
    zero = np.float32(0)
    return (np.logaddexp(zero, z3) - X * z3).sum(axis=0), np.exp(-np.logaddexp(zero, -z3)) - X


def code_deltas(delta_u, mu, logvar, eps, beta):
    delta_u, mu, logvar, eps, beta = single(delta_u, mu, logvar, eps, beta)
    sigma = np.exp(logvar / 2)
    return delta_u + beta * mu, delta_u * sigma * eps / 2 + beta / 2 * (sigma * sigma - 1)


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3 = single(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3)
    X, eps, beta = single(X, eps, beta)
    m = np.float32(X.shape[1])
    h, mu, logvar = encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv)
    u = sample(mu, logvar, eps)
    h_d, z3 = decode(u, W2, b2, W3, b3)
    misfit, delta3 = reconstruction(z3, X)
    J = (misfit.sum() + beta * gaussian_kl(mu, logvar)[0].sum()) / m
    delta_d = W3.T @ delta3 * (1 - h_d * h_d)
    delta_mu, delta_lv = code_deltas(W2.T @ delta_d, mu, logvar, eps, beta)
    delta2 = (W_mu.T @ delta_mu + W_lv.T @ delta_lv) * (1 - h * h)
    grads = []
    for delta, below in ((delta2, X), (delta_mu, h), (delta_lv, h), (delta_d, u), (delta3, h_d)):
        grads += [delta @ below.T / m, delta.sum(axis=1) / m]
    return J, *grads
