"""Examples as rows inside."""

import numpy as np


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    h = np.tanh(W1 @ X + b1[:, None])
    return h, W_mu @ h + b_mu[:, None], W_lv @ h + b_lv[:, None]


def decode(u, W2, b2, W3, b3):
    h_d = np.tanh(W2 @ u + b2[:, None])
    return h_d, W3 @ h_d + b3[:, None]


def sample(mu, logvar, eps):
    return (mu.T + eps.T * np.exp(logvar.T / 2)).T


def gaussian_kl(mu, logvar):
    M, L = mu.T, logvar.T
    kl = ((M**2).sum(axis=1) + np.exp(L).sum(axis=1) - L.sum(axis=1) - M.shape[1]) / 2
    return kl, M.T, ((np.exp(L) - 1) / 2).T


def reconstruction(z3, X):
    Z, T = z3.T, X.T
    misfit = (np.maximum(Z, 0) - Z * T + np.log1p(np.exp(-np.abs(Z)))).sum(axis=1)
    return misfit, ((1 + np.tanh(Z / 2)) / 2 - T).T


def code_deltas(delta_u, mu, logvar, eps, beta):
    D, L = delta_u.T, logvar.T
    return (D + beta * mu.T).T, ((D * np.exp(L / 2) * eps.T + beta * np.exp(L) - beta) / 2).T


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    A = X.T
    m = A.shape[0]
    H = np.tanh(A @ W1.T + b1)
    M, L = H @ W_mu.T + b_mu, H @ W_lv.T + b_lv
    S = np.exp(L / 2)
    U = M + S * eps.T
    G = np.tanh(U @ W2.T + b2)
    Z = G @ W3.T + b3
    misfit, delta3 = reconstruction(Z.T, X)
    kl = (M**2 + S**2 - L - 1).sum() / 2
    D3 = delta3.T
    DD = (D3 @ W3) * (1 - G**2)
    DU = DD @ W2
    DM = DU + beta * M
    DL = (DU * S * eps.T + beta * (S**2 - 1)) / 2
    D2 = (DM @ W_mu + DL @ W_lv) * (1 - H**2)
    J = (misfit.sum() + beta * kl) / m
    return (
        *(J, D2.T @ A / m, D2.mean(0), DM.T @ H / m, DM.mean(0), DL.T @ H / m, DL.mean(0)),
        *(DD.T @ U / m, DD.mean(0), D3.T @ G / m, D3.mean(0)),
    )
