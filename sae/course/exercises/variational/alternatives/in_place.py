"""In-place work on arrays of its own, no function but its own lines in cost_and_grad."""

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    u = logvar / 2
    np.exp(u, out=u)
    u *= eps
    u += mu
    return u


def gaussian_kl(mu, logvar):
    variance = np.exp(logvar)
    kl = np.square(mu)
    kl += variance
    kl -= logvar
    kl -= 1
    kl /= 2
    variance -= 1
    variance /= 2
    return kl.sum(axis=0), mu.copy(), variance


def reconstruction(z3, X):
    small = np.abs(z3)
    np.negative(small, out=small)
    np.exp(small, out=small)
    misfit = np.log1p(small)
    misfit += np.where(z3 > 0, z3, 0)
    misfit -= X * z3
    p = np.where(z3 > 0, 1, small)
    p /= 1 + small
    p -= X
    return misfit.sum(axis=0), p


def code_deltas(delta_u, mu, logvar, eps, beta):
    delta_mu, delta_lv = delta_u.copy(), delta_u.copy()
    delta_mu += beta * mu
    delta_lv *= np.exp(logvar / 2)
    delta_lv *= eps
    delta_lv += beta * np.expm1(logvar)
    delta_lv /= 2
    return delta_mu, delta_lv


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    m = X.shape[1]
    h = W1 @ X
    h += b1[:, None]
    np.tanh(h, out=h)
    mu = W_mu @ h
    mu += b_mu[:, None]
    logvar = W_lv @ h
    logvar += b_lv[:, None]
    u = sample(mu, logvar, eps)
    h_d, z3 = decode(u, W2, b2, W3, b3)
    misfit, delta = reconstruction(z3, X)
    J = misfit.sum()
    J += beta * gaussian_kl(mu, logvar)[0].sum()
    J /= m
    delta /= m
    grad_W3, grad_b3 = delta @ h_d.T, delta.sum(1)
    delta = W3.T @ delta
    delta *= 1 - h_d * h_d
    grad_W2, grad_b2 = delta @ u.T, delta.sum(1)
    delta = W2.T @ delta
    delta_mu, delta_lv = code_deltas(delta, mu, logvar, eps, beta / m)
    grad_W_mu, grad_b_mu = delta_mu @ h.T, delta_mu.sum(1)
    grad_W_lv, grad_b_lv = delta_lv @ h.T, delta_lv.sum(1)
    delta = W_mu.T @ delta_mu
    delta += W_lv.T @ delta_lv
    delta *= 1 - h * h
    return [
        *(J, delta @ X.T, delta.sum(1), grad_W_mu, grad_b_mu, grad_W_lv, grad_b_lv),
        *(grad_W2, grad_b2, grad_W3, grad_b3),
    ]
