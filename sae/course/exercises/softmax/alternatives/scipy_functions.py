"""With logsumexp, softmax and log_softmax of SciPy."""

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax


def probabilities(W, X):
    return softmax(W @ X, axis=0)


def indicator(y, k):
    return np.equal.outer(np.arange(k), y).astype(float)


def cost_and_grad(W, X, y, lam):
    z = W @ X
    J = np.mean(logsumexp(z, axis=0) - np.take_along_axis(z, y[None, :], axis=0)[0]) + lam / 2 * np.linalg.norm(W) ** 2
    p = np.exp(log_softmax(z, axis=0))
    return J, (p - indicator(y, len(W))) @ X.T / X.shape[1] + lam * W


def predict(W, X):
    return log_softmax(W @ X, axis=0).argmax(axis=0)
