"""All products as sums over indices; the penalty from the Jacobians of all examples."""

import numpy as np
from scipy.special import expit


def corrupt(X, mask):
    return np.where(mask, X, 0)


def backward(W1, W2, a2, a3, inputs, X, extra):
    m = X.shape[1]
    d3 = np.einsum("nm,nm,nm->nm", a3 - X, a3, 1 - a3) / m
    d2 = (np.einsum("nh,nm->hm", W2, d3) + extra / m) * a2 * (1 - a2)
    return np.einsum("hm,nm->hn", d2, inputs), np.einsum("nm,hm->nh", d3, a2), d2.sum(axis=1), d3.sum(axis=1)


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    inputs = corrupt(X, mask)
    a2 = expit(np.einsum("hn,nm->hm", W1, inputs) + b1[:, None])
    a3 = expit(np.einsum("nh,hm->nm", W2, a2) + b2[:, None])
    J = 0.5 * np.mean(np.einsum("nm,nm->m", a3 - X, a3 - X))
    J += 0.5 * lam * (np.einsum("hn,hn->", W1, W1) + np.einsum("nh,nh->", W2, W2))
    gW1, gW2, gb1, gb2 = backward(W1, W2, a2, a3, inputs, X, 0)
    return J, gW1 + lam * W1, gW2 + lam * W2, gb1, gb2


def jacobian(W1, b1, x):
    a2 = expit(W1 @ x + b1)
    return np.einsum("h,hn->hn", a2 * (1 - a2), W1)


def contraction(W1, b1, X, gamma):
    a2 = expit(W1 @ X + b1[:, None])
    slope = a2 * (1 - a2)
    jacobians = np.einsum("hm,hn->mhn", slope, W1)
    m = len(jacobians)
    P = gamma * np.einsum("mhn,mhn->", jacobians, jacobians) / m
    d_slope = 2 * gamma * np.einsum("mhn,hn->hm", jacobians, W1) / m
    d_z = d_slope * slope * (1 - 2 * a2)
    return P, np.einsum("hm,nm->hn", d_z, X) + 2 * gamma / m * np.einsum("mhn,hm->hn", jacobians, slope), d_z.sum(axis=1)


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    m = X.shape[1]
    a2 = expit(W1 @ X + b1[:, None])
    a3 = expit(W2 @ a2 + b2[:, None])
    slope = a2 * (1 - a2)
    norms = np.einsum("hn,hn->h", W1, W1)
    J = 0.5 * np.einsum("nm,nm->", a3 - X, a3 - X) / m + gamma / m * np.einsum("hm,hm,h->", slope, slope, norms)
    extra = 2 * gamma * np.einsum("hm,hm,h->hm", slope, 1 - 2 * a2, norms)
    gW1, gW2, gb1, gb2 = backward(W1, W2, a2, a3, X, X, extra)
    return J, gW1 + 2 * gamma / m * np.einsum("hm,hm,hn->hn", slope, slope, W1), gW2, gb1, gb2
