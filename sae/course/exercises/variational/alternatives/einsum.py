"""All products with einsum, all means with mean."""

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(np.einsum("hn,nm->hm", W1, X) + b1[:, None])
    return h, np.einsum("lh,hm->lm", W_mu, h) + b_mu[:, None], np.einsum("lh,hm->lm", W_lv, h) + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(np.einsum("hl,lm->hm", W2, u) + b2[:, None])
    return h_d, np.einsum("nh,hm->nm", W3, h_d) + b3[:, None]


def sample(mu, logvar, eps):
    return mu + np.sqrt(np.exp(logvar)) * eps


def gaussian_kl(mu, logvar):
    value = np.einsum("lm,lm->m", mu, mu) + np.einsum("lm->m", np.expm1(logvar) - logvar)
    return 0.5 * value, mu, 0.5 * np.expm1(logvar)


def reconstruction(z3, X):
    softplus = np.logaddexp(z3, 0)
    return np.einsum("nm->m", softplus) - np.einsum("nm,nm->m", X, z3), np.exp(z3 - softplus) - X


def code_deltas(delta_u, mu, logvar, eps, beta):
    sigma_half = 0.5 * np.exp(0.5 * logvar)
    return delta_u + beta * mu, np.einsum("lm,lm,lm->lm", delta_u, sigma_half, eps) + 0.5 * beta * np.expm1(logvar)


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    h, mu, logvar = encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv)
    u = sample(mu, logvar, eps)
    h_d, z3 = decode(u, W2, b2, W3, b3)
    misfit, delta3 = reconstruction(z3, X)
    kl, kl_mu, kl_lv = gaussian_kl(mu, logvar)
    J = misfit.mean() + beta * kl.mean()
    delta_d = np.einsum("nh,nm,hm->hm", W3, delta3, 1 - h_d**2)
    delta_mu, delta_lv = code_deltas(np.einsum("hl,hm->lm", W2, delta_d), mu, logvar, eps, beta)
    delta2 = np.einsum("lh,lm,hm->hm", W_mu, delta_mu, 1 - h**2) + np.einsum("lh,lm,hm->hm", W_lv, delta_lv, 1 - h**2)
    found = [J]
    for delta, below in ((delta2, X), (delta_mu, h), (delta_lv, h), (delta_d, u), (delta3, h_d)):
        found += [np.einsum("jm,im->ji", delta, below) / X.shape[1], delta.mean(axis=1)]
    return tuple(found)
