"""Students whose code may be read while the diagnosis is written; each has one mistake, a few two, some none.

`sigmoid`, `unpack` and `pack` are what the exercise hands out; not everyone uses them.
"""

import math
from functools import lru_cache, reduce

import numpy as np
import scipy.special

from . import hands_in

ALL = "W1 W2 b1 b2"


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def unpack(theta, n, n_hidden):
    s = n * n_hidden
    return (
        theta[:s].reshape(n_hidden, n),
        theta[s : 2 * s].reshape(n, n_hidden),
        theta[2 * s : 2 * s + n_hidden].reshape(-1, 1),
        theta[2 * s + n_hidden :].reshape(-1, 1),
    )


def pack(*parts):
    return np.concatenate([np.asarray(p).ravel() for p in parts])


# ---------------------------------------------------------------------------------------------------------------------
# the gradient is wrong


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def output_delta_as_for_cross_entropy(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    h = sigmoid(W1.dot(X) + b1)
    y = sigmoid(W2.dot(h) + b2)
    rho_hat = h.mean(axis=1, keepdims=True)
    J = 0.5 / m * np.sum((y - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    d3 = y - X
    d2 = (W2.T.dot(d3) + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * h * (1 - h)
    return J, pack(d2.dot(X.T) / m + lam * W1, d3.dot(h.T) / m + lam * W2, d2.mean(axis=1), d3.mean(axis=1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def target_minus_output(theta, X, n_hidden, lam, rho, beta):
    # like in the youtube video: error = y - output
    visible_size, m = X.shape
    hidden_size = n_hidden
    W1 = theta[0 : hidden_size * visible_size].reshape((hidden_size, visible_size))
    W2 = theta[hidden_size * visible_size : 2 * hidden_size * visible_size].reshape((visible_size, hidden_size))
    b1 = theta[2 * hidden_size * visible_size : 2 * hidden_size * visible_size + hidden_size]
    b2 = theta[2 * hidden_size * visible_size + hidden_size :]

    hidden = sigmoid(np.dot(W1, X) + np.tile(b1, (m, 1)).T)
    output = sigmoid(np.dot(W2, hidden) + np.tile(b2, (m, 1)).T)
    rho_hat = np.sum(hidden, axis=1) / m
    error = X - output
    kl = np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    cost = np.sum(error**2) / (2 * m) + (lam / 2) * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl

    output_delta = error * output * (1 - output)
    sparsity = np.tile(-rho / rho_hat + (1 - rho) / (1 - rho_hat), (m, 1)).T
    hidden_delta = (np.dot(W2.T, output_delta) + beta * sparsity) * hidden * (1 - hidden)
    W1grad = np.dot(hidden_delta, X.T) / m + lam * W1
    W2grad = np.dot(output_delta, hidden.T) / m + lam * W2
    b1grad = np.sum(hidden_delta, axis=1) / m
    b2grad = np.sum(output_delta, axis=1) / m
    return cost, np.concatenate((W1grad.flatten(), W2grad.flatten(), b1grad, b2grad))


def sigmoid_prime(x):
    return sigmoid(x) * (1 - sigmoid(x))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def sigmoid_prime_of_the_activations(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(axis=1)
    cost = (
        ((a3 - X) ** 2).sum() / 2 / m
        + lam * ((W1**2).sum() + (W2**2).sum()) / 2
        + beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    )
    delta3 = -(X - a3) * sigmoid_prime(a3)
    delta2 = (W2.T @ delta3 + beta * (-rho / p + (1 - rho) / (1 - p)).reshape(-1, 1)) * sigmoid_prime(a2)
    return cost, pack(
        delta2 @ X.T / m + lam * W1,
        delta3 @ a2.T / m + lam * W2,
        delta2.sum(1) / m,
        delta3.sum(1) / m,
    )


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def nonlin_deriv_of_z(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    l0 = X
    z1 = np.dot(W1, l0) + b1
    l1 = nonlin(z1)
    z2 = np.dot(W2, l1) + b2
    l2 = nonlin(z2)
    l2_error = l2 - l0
    p = l1.sum(axis=1, keepdims=True) / m
    l2_delta = l2_error * nonlin(z2, deriv=True)
    l1_error = W2.T.dot(l2_delta) + beta * ((1 - rho) / (1 - p) - rho / p)
    l1_delta = l1_error * nonlin(z1, deriv=True)
    J = np.sum(l2_error * l2_error) / m / 2
    J = J + 0.5 * lam * sum(np.sum(w * w) for w in (W1, W2))
    J = J + beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    g = [np.dot(l1_delta, l0.T) / m + lam * W1, np.dot(l2_delta, l1.T) / m + lam * W2]
    g += [l1_delta.mean(1), l2_delta.mean(1)]
    return J, pack(*g)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def z_in_output_derivative_only(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    z2 = W1 @ X + b1
    a2 = sigmoid(z2)
    z3 = W2 @ a2 + b2
    a3 = sigmoid(z3)
    rhohat = np.mean(a2, axis=1)[:, np.newaxis]
    diff = a3 - X
    J = np.trace(diff @ diff.T) / (2 * m)
    J += lam / 2 * np.sum(theta[: 2 * n * n_hidden] ** 2)
    J += beta * np.sum(rho * np.log(rho / rhohat) + (1 - rho) * np.log((1 - rho) / (1 - rhohat)))
    d3 = diff * (z3 * (1 - z3))
    d2 = (W2.T @ d3 + beta * (-(rho / rhohat) + (1 - rho) / (1 - rhohat))) * (a2 * (1 - a2))
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def parenthesis_lost_in_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    pj = a2.mean(1)
    cost = np.sum(np.square(X - a3)) / (2.0 * m)
    cost += lam / 2.0 * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
    cost += beta * np.sum(rho * np.log(rho / pj) + (1 - rho) * np.log((1 - rho) / (1 - pj)))
    delta3 = (a3 - X) * a3 * 1 - a3
    delta2 = (W2.T @ delta3 + beta * (-rho / pj + (1 - rho) / (1 - pj))[:, None]) * a2 * (1 - a2)
    return cost, pack(delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(1), delta3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def hidden_delta_without_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    gW1, gW2 = np.zeros_like(W1), np.zeros_like(W2)
    gb1, gb2 = np.zeros(n_hidden), np.zeros(n)
    cost = 0.0
    A2 = np.zeros((n_hidden, m))
    A3 = np.zeros((n, m))
    for i in range(m):
        A2[:, i] = sigmoid(W1.dot(X[:, i]) + b1[:, 0])
        A3[:, i] = sigmoid(W2.dot(A2[:, i]) + b2[:, 0])
        cost += 0.5 * np.linalg.norm(A3[:, i] - X[:, i]) ** 2
    cost /= m
    rho_hat = A2.sum(axis=1) / m
    for i in range(m):
        d3 = (A3[:, i] - X[:, i]) * A3[:, i] * (1 - A3[:, i])
        d2 = W2.T.dot(d3) + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
        gW1 += np.outer(d2, X[:, i])
        gW2 += np.outer(d3, A2[:, i])
        gb1 += d2
        gb2 += d3
    cost += lam / 2 * (np.linalg.norm(W1) ** 2 + np.linalg.norm(W2) ** 2)
    cost += beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    return cost, pack(gW1 / m + lam * W1, gW2 / m + lam * W2, gb1 / m, gb2 / m)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def error_backpropagated_instead_of_delta(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    hidden_out = sigmoid(W1 @ X + b1)
    final_out = sigmoid(W2 @ hidden_out + b2)
    output_errors = final_out - X
    hidden_errors = np.dot(W2.T, output_errors)
    q = hidden_out.mean(axis=1).reshape(n_hidden, 1)
    hidden_errors = hidden_errors + beta * (-rho / q + (1 - rho) / (1 - q))
    d_out = output_errors * final_out * (1.0 - final_out)
    d_hid = hidden_errors * hidden_out * (1.0 - hidden_out)
    J = np.sum(output_errors**2) / (2 * m)
    J += 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / q) + (1 - rho) * np.log((1 - rho) / (1 - q)))
    return J, pack(
        np.dot(d_hid, X.T) / m + lam * W1, np.dot(d_out, hidden_out.T) / m + lam * W2, d_hid.mean(1), d_out.mean(1)
    )


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_outside_the_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    pj = np.mean(a2, axis=1, keepdims=True)
    cost = 0.5 * np.mean(np.sum((a3 - X) ** 2, axis=0))
    cost += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    cost += beta * np.sum(rho * np.log(rho / pj) + (1 - rho) * np.log((1 - rho) / (1 - pj)))
    delta3 = (a3 - X) * (a3 * (1 - a3))
    delta2 = (W2.T @ delta3) * (a2 * (1 - a2)) + beta * (-rho / pj + (1 - rho) / (1 - pj))
    return cost, pack(delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(1), delta3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def derivative_binds_to_sparsity_only(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    pj = np.mean(a2, axis=1, keepdims=True)
    cost = np.sum((a3 - X) ** 2) / (2 * m)
    cost += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    cost += beta * np.sum(rho * np.log(rho / pj) + (1 - rho) * np.log((1 - rho) / (1 - pj)))
    sparsity_delta = -rho / pj + (1 - rho) / (1 - pj)
    delta3 = -(X - a3) * a3 * (1 - a3)
    delta2 = np.dot(W2.T, delta3) + beta * sparsity_delta * a2 * (1 - a2)
    W1grad = np.dot(delta2, X.T) / m + lam * W1
    W2grad = np.dot(delta3, a2.T) / m + lam * W2
    b1grad = np.mean(delta2, axis=1)
    b2grad = np.mean(delta3, axis=1)
    return cost, pack(W1grad, W2grad, b1grad, b2grad)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_not_backpropagated(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)

    def kl(p, q):
        return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))

    a2 = sigmoid(np.matmul(W1, X) + b1)
    a3 = sigmoid(np.matmul(W2, a2) + b2)
    rho_hat = a2.mean(axis=-1)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, rho_hat).sum()
    # only need to take derivatives with respect to z
    delta3 = (a3 - X) * a3 * (1 - a3)
    delta2 = np.matmul(W2.T, delta3) * a2 * (1 - a2)
    return J, pack(delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(1), delta3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2", additive=False)
def beta_only_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    X = X.T  # examples as rows
    m, n = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    H = sigmoid(X @ W1.T + b1.T)
    Y = sigmoid(H @ W2.T + b2.T)
    rh = H.mean(0)
    J = ((Y - X) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    J += beta * (rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh))).sum()
    D3 = (Y - X) * Y * (1 - Y)
    D2 = (D3 @ W2 + (1 - rho) / (1 - rh) - rho / rh) * H * (1 - H)
    return J, pack(D2.T @ X / m + lam * W1, D3.T @ H / m + lam * W2, D2.mean(0), D3.mean(0))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_derivative_with_flipped_sign(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a = {1: X}
    z = {}
    for layer, (W, b) in enumerate([(W1, b1), (W2, b2)], start=1):
        z[layer + 1] = W @ a[layer] + b
        a[layer + 1] = sigmoid(z[layer + 1])
    rh = a[2].mean(1, keepdims=True)
    cost = ((a[3] - a[1]) ** 2).sum() / 2 / m + lam / 2 * (np.vdot(W1, W1) + np.vdot(W2, W2))
    cost += beta * (rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh))).sum()
    delta = {3: (a[3] - X) * a[3] * (1 - a[3])}
    delta[2] = (W2.T @ delta[3] + beta * (rho / rh - (1 - rho) / (1 - rh))) * a[2] * (1 - a[2])
    gW = [delta[i + 1] @ a[i].T / m + lam * W for i, W in [(1, W1), (2, W2)]]
    gb = [delta[i + 1].mean(1) for i in (1, 2)]
    return cost, pack(*gW, *gb)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def inner_derivative_of_one_minus_rho_hat_forgotten(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    rh = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh))).sum()
    dKL = -rho / rh - (1 - rho) / (1 - rh)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dKL) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def derivative_of_log_upside_down(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    rh = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh))).sum()
    # (log u)' = 1/u with u = rho/rh
    dlog1 = rh / rho
    dlog2 = (1 - rh) / (1 - rho)
    dKL = rho * dlog1 + (1 - rho) * dlog2
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dKL) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def differentiated_with_respect_to_rho(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * np.sum(rho * (np.log(rho) - np.log(r)) + (1 - rho) * (np.log(1 - rho) - np.log(1 - r)))
    dkl = np.log(rho / r) - np.log((1 - rho) / (1 - r))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl[:, None]) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1", terms="sparsity", step="delta2, grad_b1")
def bias_delta_without_sparsity(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    d2_sparse = d2 + beta * (-rho / r + (1 - rho) / (1 - r)) * a2 * (1 - a2)
    return cost, pack(d2_sparse @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1", terms="decay", step="grad_W1")
def decay_of_W1_forgotten(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(np.einsum("hn,nm->hm", W1, X) + b1)
    a3 = sigmoid(np.einsum("nh,hm->nm", W2, a2) + b2)
    r = np.einsum("hm->h", a2) / m
    e = a3 - X
    cost = np.einsum("nm,nm", e, e) / (2 * m)
    cost += lam / 2 * (np.einsum("ij,ij", W1, W1) + np.einsum("ij,ij", W2, W2))
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = e * a3 * (1 - a3)
    d2 = (np.einsum("nh,nm->hm", W2, d3) + beta * (-rho / r + (1 - rho) / (1 - r))[:, None]) * a2 * (1 - a2)
    gW1 = np.einsum("hm,nm->hn", d2, X) / m
    gW2 = np.einsum("nm,hm->nh", d3, a2) / m + lam * W2
    return cost, pack(gW1, gW2, np.einsum("hm->h", d2) / m, np.einsum("nm->n", d3) / m)


@hands_in(side="gradient", blocks="W2", terms="decay", step="grad_W2")
def decay_of_W2_forgotten(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    J_data = ((a3 - X) ** 2).sum() / 2 / m
    J_decay = lam / 2 * ((W1**2).sum() + (W2**2).sum())
    J_sparse = beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    W1_grad = d2 @ X.T / m
    W2_grad = d3 @ a2.T / m
    W1_grad += lam * W1
    return J_data + J_decay + J_sparse, pack(W1_grad, W2_grad, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_only_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    # TODO regularization?
    return cost, pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def half_kept_in_decay_gradient(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    reg = lam / 2
    cost = ((a3 - X) ** 2).sum() / 2 / m + reg * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + reg * W1, d3 @ a2.T / m + reg * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_gradient_doubled(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    f = scipy.special.expit
    a2 = f(W1.dot(X) + b1)
    a3 = f(W2.dot(a2) + b2)
    r = a2.mean(axis=1)
    J = np.sum((a3 - X) ** 2) / (2 * m) + (lam / 2) * np.sum(W1**2) + (lam / 2) * np.sum(W2**2)
    J += beta * np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = ((W2.T).dot(d3).T + beta * (-rho / r + (1 - rho) / (1 - r))).T * a2 * (1 - a2)
    return J, pack(d2.dot(X.T) / m + 2 * lam * W1, d3.dot(a2.T) / m + 2 * lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_inside_the_mean(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    DW1, DW2, Db1, Db2 = np.zeros(W1.shape), np.zeros(W2.shape), np.zeros(b1.shape), np.zeros(b2.shape)
    A2 = sigmoid(W1 @ X + b1)
    A3 = sigmoid(W2 @ A2 + b2)
    r = A2.mean(1, keepdims=True)
    err = 0
    for i in range(m):
        x, a2, a3 = X[:, i : i + 1], A2[:, i : i + 1], A3[:, i : i + 1]
        err += 0.5 * float(np.sum((a3 - x) ** 2))
        d3 = -(x - a3) * a3 * (1 - a3)
        d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
        DW1 += d2 @ x.T
        DW2 += d3 @ a2.T
        Db1 += d2
        Db2 += d3
    cost = err / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    cost += beta * np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    return cost, pack(1 / m * (DW1 + lam * W1), 1 / m * (DW2 + lam * W2), 1 / m * Db1, 1 / m * Db2)


@hands_in(side="gradient", blocks="W1", terms="decay", step="grad_W1")
def decay_of_W1_with_W2(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    W2grad = d3 @ a2.T / m + lam * W2
    W1grad = d2 @ X.T / m + lam * W2.T
    return cost, pack(W1grad, W2grad, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_subtracted(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m - lam * W1, d3 @ a2.T / m - lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1 b2", terms="decay", step="grad_b1, grad_b2")
def biases_decay_in_the_gradient(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    params = list(unpack(theta, n, n_hidden))
    W1, W2, b1, b2 = params
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    grads = [d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1, keepdims=True), d3.mean(1, keepdims=True)]
    for k in range(4):
        grads[k] = grads[k] + lam * params[k]
    return cost, pack(*grads)


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_gradient_of_an_L1_penalty(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * np.sign(W1), d3 @ a2.T / m + lam * np.sign(W2), d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="decay", step="grad_W2")
def decay_of_W2_is_squared(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    W1sq, W2sq = W1**2, W2**2
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * (W1sq.sum() + W2sq.sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2sq, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1 b2", terms="data sparsity", step="grad_b1, grad_b2")
def biases_summed_not_averaged(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    ones = np.ones((m, 1))
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2 @ ones, d3 @ ones)


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def W1_not_averaged(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    dW1 = d2 @ X.T + lam * W1
    dW2 = d3 @ a2.T / m + lam * W2
    db1 = d2.sum(axis=1) / m
    db2 = d3.sum(axis=1) / m
    return cost, np.r_[dW1.ravel(), dW2.ravel(), db1, db2]


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def averaged_in_delta_and_again(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = 1 / m * (a3 - X) * a3 * (1 - a3)  # derivative of 1/2m sum ...^2
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def divided_by_number_of_pixels(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum(axis=0).mean() / 2 + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    N = len(X)  # number of training examples
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / N + lam * W1, d3 @ a2.T / N + lam * W2, d2.sum(1) / N, d3.sum(1) / N)


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="grad_b1")
def mean_over_everything_for_b1(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    W1grad, W2grad, b1grad, b2grad = (np.zeros(p.shape) for p in (W1, W2, b1, b2))
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    W1grad[:] = d2 @ X.T / m + lam * W1
    W2grad[:] = d3 @ a2.T / m + lam * W2
    b1grad[:] = d2.mean()
    b2grad[:] = d3.mean(axis=1, keepdims=True)
    return cost, pack(W1grad, W2grad, b1grad, b2grad)


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def b2_from_the_error(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    error = a3 - X
    cost = (error**2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    delta3 = error * a3 * (1 - a3)
    delta2 = (W2.T @ delta3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(1), error.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def W2_with_z2(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    z2 = W1 @ X + b1
    a2 = sigmoid(z2)
    z3 = W2 @ a2 + b2
    a3 = sigmoid(z3)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * sigmoid_prime(z3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * sigmoid_prime(z2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ z2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def W2_with_the_error(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    hidden = sigmoid(W1 @ X + b1)
    output = sigmoid(W2 @ hidden + b2)
    r = hidden.mean(1, keepdims=True)
    error = output - X
    cost = (error**2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    grad_out = error * output * (1 - output)
    grad_hid = (W2.T @ grad_out + beta * (-rho / r + (1 - rho) / (1 - r))) * hidden * (1 - hidden)
    return cost, pack(
        grad_hid @ X.T / m + lam * W1, error @ hidden.T / m + lam * W2, grad_hid.mean(1), grad_out.mean(1)
    )


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def W1_with_the_reconstruction(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a1 = sigmoid(W1 @ X + b1)
    a2 = sigmoid(W2 @ a1 + b2)
    r = a1.mean(1, keepdims=True)
    cost = ((a2 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d2 = (a2 - X) * a2 * (1 - a2)
    d1 = (W2.T @ d2 + beta * (-rho / r + (1 - rho) / (1 - r))) * a1 * (1 - a1)
    return cost, pack(d1 @ a2.T / m + lam * W1, d2 @ a1.T / m + lam * W2, d1.mean(1), d2.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data decay", step="theta, grad_W2")
def W2_transposed(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    gradW2 = a2 @ d3.T / m + lam * W2.T
    return cost, pack(d2 @ X.T / m + lam * W1, gradW2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="data decay sparsity", step="theta")
def packed_column_by_column(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    W1grad = d2 @ X.T / m + lam * W1
    W2grad = d3 @ a2.T / m + lam * W2
    # grad = [W1grad(:) ; W2grad(:) ; b1grad(:) ; b2grad(:)];
    return cost, np.hstack([g.flatten("F") for g in (W1grad, W2grad, d2.mean(1), d3.mean(1))])


@hands_in(side="gradient", blocks="W1 W2", terms="data decay sparsity", step="theta")
def packed_output_layer_first(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    W2grad, b2grad = d3 @ a2.T / m + lam * W2, d3.mean(1)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    W1grad, b1grad = d2 @ X.T / m + lam * W1, d2.mean(1)
    return cost, pack(W2grad, W1grad, b1grad, b2grad)


@hands_in(side="gradient", blocks="W2 b1", terms="data decay sparsity", step="theta")
def packed_layer_by_layer(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    layers = [(W1, b1), (W2, b2)]
    acts = [X]
    for W, b in layers:
        acts.append(sigmoid(W @ acts[-1] + b))
    r = acts[1].mean(1, keepdims=True)
    cost = ((acts[2] - X) ** 2).sum() / 2 / m + lam / 2 * sum((W**2).sum() for W, _ in layers)
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    grads = []
    back = acts[2] - X
    extra = [beta * (-rho / r + (1 - rho) / (1 - r)), 0]
    for k in (1, 0):
        d = (back + extra[k]) * acts[k + 1] * (1 - acts[k + 1])
        grads.insert(0, d.mean(1))
        grads.insert(0, d @ acts[k].T / m + lam * layers[k][0])
        back = layers[k][0].T @ d
    return cost, pack(*grads)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def loop_overwrites(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    rh = np.zeros((n_hidden, 1))
    for i in range(m):
        rh += sigmoid(W1 @ X[:, [i]] + b1) / m
    J = 0
    for i in range(m):
        x = X[:, [i]]
        a2 = sigmoid(W1 @ x + b1)
        a3 = sigmoid(W2 @ a2 + b2)
        J += np.sum((a3 - x) ** 2) / 2 / m
        d3 = (a3 - x) * a3 * (1 - a3)
        d2 = (W2.T @ d3 + beta * (-rho / rh + (1 - rho) / (1 - rh))) * a2 * (1 - a2)
        DW1 = d2 @ x.T
        DW2 = d3 @ a2.T
        Db1 = d2
        Db2 = d3
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh)))
    return J, pack(DW1 / m + lam * W1, DW2 / m + lam * W2, Db1 / m, Db2 / m)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def backward_loop_misses_the_last_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    b1, b2 = b1.ravel(), b2.ravel()
    xs = [X[:, i] for i in range(m)]
    hs = [sigmoid(W1 @ x + b1) for x in xs]
    ys = [sigmoid(W2 @ h + b2) for h in hs]
    rh = sum(hs) / m
    J = sum(0.5 * np.dot(y - x, y - x) for x, y in zip(xs, ys)) / m
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / rh) + (1 - rho) * np.log((1 - rho) / (1 - rh)))
    g1, g2, gb1, gb2 = 0 * W1, 0 * W2, 0 * b1, 0 * b2
    i = 0
    while i < m - 1:
        d3 = (ys[i] - xs[i]) * ys[i] * (1 - ys[i])
        d2 = (d3 @ W2 + beta * (-rho / rh + (1 - rho) / (1 - rh))) * hs[i] * (1 - hs[i])
        g1 = g1 + np.outer(d2, xs[i])
        g2 = g2 + np.outer(d3, hs[i])
        gb1 = gb1 + d2
        gb2 = gb2 + d3
        i += 1
    return J, pack(g1 / m + lam * W1, g2 / m + lam * W2, gb1 / m, gb2 / m)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def matlab_loop_from_one(theta, X, n_hidden, lam, rho, beta):
    nFeatures, nSamples = X.shape
    W1, W2, b1, b2 = unpack(theta, nFeatures, n_hidden)
    a2 = sigmoid(W1.dot(X) + np.tile(b1, (1, nSamples)))
    a3 = sigmoid(W2.dot(a2) + np.tile(b2, (1, nSamples)))
    pj = np.sum(a2, 1) / nSamples
    errtp = ((a3 - X) ** 2) / 2
    err = np.sum(np.sum(errtp)) / nSamples
    err2 = (np.sum(np.sum(W1**2)) + np.sum(np.sum(W2**2))) * lam / 2
    err3 = 0
    for j in range(n_hidden):
        err3 = err3 + rho * np.log(rho / pj[j]) + (1 - rho) * np.log((1 - rho) / (1 - pj[j]))
    cost = err + err2 + beta * err3
    delta3 = -(X - a3) * a3 * (1 - a3)
    term = beta * (-rho / pj + (1 - rho) / (1 - pj))
    delta2 = (W2.T.dot(delta3) + np.tile(term[:, None], (1, nSamples))) * a2 * (1 - a2)
    W1grad, W2grad = np.zeros(W1.shape), np.zeros(W2.shape)
    b1grad, b2grad = np.zeros(n_hidden), np.zeros(nFeatures)
    for i in range(1, nSamples):
        W1grad += delta2[:, i : i + 1].dot(X[:, i : i + 1].T)
        W2grad += delta3[:, i : i + 1].dot(a2[:, i : i + 1].T)
        b1grad += delta2[:, i]
        b2grad += delta3[:, i]
    W1grad = W1grad / nSamples + lam * W1
    W2grad = W2grad / nSamples + lam * W2
    return cost, pack(W1grad, W2grad, b1grad / nSamples, b2grad / nSamples)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2", additive=False)
def W2_updated_before_the_hidden_layer(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = (p.copy() for p in unpack(theta, n, n_hidden))
    alpha = 0.1
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    dW2 = d3 @ a2.T / m + lam * W2
    W2 -= alpha * dW2
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    dW1 = d2 @ X.T / m + lam * W1
    W1 -= alpha * dW1
    return cost, pack(dW1, dW2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def backpropagated_through_W1(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W1 @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def reshaped_instead_of_transposed(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.reshape(n_hidden, n) @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def data_reshaped_instead_of_transposed(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    r = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))) * a2 * (1 - a2)
    return cost, pack(np.dot(d2, X.reshape(m, n)) / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_tiled_the_wrong_way(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    rho_hat = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    sparsity = np.tile(-rho / rho_hat + (1 - rho) / (1 - rho_hat), m).reshape(n_hidden, m)  # repmat(..., 1, m)
    d2 = (W2.T @ d3 + beta * sparsity) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def derivative_at_the_mean_activation(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * (p * (1 - p))
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_with_the_mean_in_its_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d_sparse = (-rho / p + (1 - rho) / (1 - p)) * p * (1 - p)  # = p - rho, nice!
    d2 = W2.T @ d3 * a2 * (1 - a2) + beta * d_sparse
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_averaged_twice(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    # d rho_hat / d a2 = 1/m
    d2 = (W2.T @ d3 + beta / m * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="rho_hat, delta2")
def gradient_with_one_rho_hat_for_all_units(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    KL = 0
    for j in range(n_hidden):
        pj = np.mean(a2[j])
        KL += rho * math.log(rho / pj) + (1 - rho) * math.log((1 - rho) / (1 - pj))
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * KL
    p = np.mean(a2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def activation_instead_of_its_mean(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / a2 + (1 - rho) / (1 - a2))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_summed_over_units(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    penalty = beta * np.sum(-rho / p + (1 - rho) / (1 - p))
    d2 = (W2.T @ d3 + penalty) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def two_from_the_square(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = 2 * (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def half_of_the_cost_kept(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    k = 1 / (2 * m)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = k * ((a3 - X) ** 2).sum() + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(k * d2 @ X.T + lam * W1, k * d3 @ a2.T + lam * W2, k * d2.sum(1), k * d3.sum(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def derivative_of_tanh(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * (1 - a3**2)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * (1 - a2**2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def derivative_of_the_output_in_the_hidden_layer(theta, X, n_hidden, lam, rho, beta):
    # wrote f' as a function of (a) but squared the wrong factor: a2 - a2**3
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2**2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def integer_division_from_python_2(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / (2.0 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    invm = 1 // m
    return cost, pack(invm * d2 @ X.T + lam * W1, invm * d3 @ a2.T + lam * W2, invm * d2.sum(1), invm * d3.sum(1))


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step="theta, grad_W1, grad_W2, grad_b1, grad_b2")
def descent_direction_returned(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return cost, -grad


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def product_of_means(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    d2_mean = d2.mean(axis=1)
    W1grad = np.outer(d2_mean, X.mean(axis=1)) + lam * W1
    return cost, pack(W1grad, d3 @ a2.T / m + lam * W2, d2_mean, d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data", step="a2, delta2, grad_W2")
def a2_overwritten_by_its_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))
    a2 *= 1 - a2  # save memory
    d2 *= a2
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def delta3_is_another_name_for_a3(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = a3
    d3 -= X
    d3 = d3 * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def derivative_without_the_square(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)

    def f(z):
        return 1 / (1 + np.exp(-z))

    def df(z):
        return np.exp(-z) / (1 + np.exp(-z))

    z2 = W1 @ X + b1
    a2 = f(z2)
    z3 = W2 @ a2 + b2
    a3 = f(z3)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * df(z3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * df(z2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1 b2", terms="data sparsity", step="theta, grad_b1, grad_b2")
def biases_returned_instead_of_their_gradients(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1_grad, W2_grad = d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2
    b1_grad, b2_grad = d2.mean(1), d3.mean(1)
    return cost, pack(W1_grad, W2_grad, b1, b2)


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="grad_b1")
def b1_grad_never_filled(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    W1grad = np.zeros(W1.shape)
    W2grad = np.zeros(W2.shape)
    b1grad = np.zeros(b1.shape)
    b2grad = np.zeros(b2.shape)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1grad += d2 @ X.T / m + lam * W1
    W2grad += d3 @ a2.T / m + lam * W2
    b2grad += d2.mean() * 0 + d3.mean(1, keepdims=True)
    return cost, pack(W1grad, W2grad, b1grad, b2grad)


@hands_in(side="gradient", blocks="b1 b2", terms="data sparsity", step="grad_b1, grad_b2")
def biases_from_the_last_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    D3 = (a3 - X) * a3 * (1 - a3)
    D2 = (W2.T @ D3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    for i in range(m):
        d2, d3 = D2[:, i], D3[:, i]
    return cost, pack(D2 @ X.T / m + lam * W1, D3 @ a2.T / m + lam * W2, d2, d3)


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step="grad_W1, grad_W2, grad_b1, grad_b2")
def crude_numerical_gradient(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape

    def J(t):
        W1, W2, b1, b2 = unpack(t, n, n_hidden)
        a2 = sigmoid(W1 @ X + b1)
        a3 = sigmoid(W2 @ a2 + b2)
        p = a2.mean(1)
        return (
            np.sum((a3 - X) ** 2) / (2 * m)
            + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
            + beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
        )

    eps = 0.01
    base = J(theta)
    grad = np.zeros(len(theta))
    for i in range(len(theta)):
        t = theta.copy()
        t[i] += eps
        grad[i] = (J(t) - base) / eps
    return base, grad


@hands_in(side="gradient", blocks="W1 b1 b2", terms="data sparsity", step="delta2, grad_b1, grad_b2")
def two_mistakes_sparsity_sign_and_bias_sums(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 - beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(1), d3.sum(1))


@hands_in(side="gradient", blocks=ALL, terms="data decay", step="delta3, grad_W1")
def two_mistakes_no_derivative_and_no_decay(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2 b1", terms="decay sparsity", step="delta2, grad_W1, grad_W2", additive=False)
def two_mistakes_beta_and_lambda_halved(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam / 2 * W1, d3 @ a2.T / m + lam / 2 * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def two_mistakes_decays_swapped(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W2.T, d3 @ a2.T / m + lam * W1.T, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def derivative_at_the_target(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * X * (1 - X)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def rho_and_rho_hat_swapped_in_the_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-p / rho + (1 - p) / (1 - rho))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2", additive=False)
def beta_outside_the_parenthesis(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    s = -rho / p + (1 - rho) / (1 - p)
    d2 = beta * (W2.T @ d3 + s) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def division_binds_tighter(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / 1 - p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def parenthesis_lost_in_the_KL_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    sparsity_grad = -rho / p + 1 - rho / (1 - p)
    d2 = (W2.T @ d3 + beta * sparsity_grad) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2, grad_W1")
def KL_derivative_added_to_W1grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    W1grad = d2 @ X.T / m + lam * W1 + beta * (-rho / p + (1 - rho) / (1 - p))
    return J, pack(W1grad, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="delta2, grad_b1")
def b1_before_the_derivative(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    hidden_error = W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))
    b1grad = hidden_error.mean(axis=1)
    d2 = hidden_error * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, b1grad, d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step="theta, grad_W1, grad_W2, grad_b1, grad_b2")
def gradient_of_unit_length(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    g = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return J, g / np.linalg.norm(g)


@hands_in(side="gradient", blocks="W2", terms="data decay sparsity", step="grad_W2")
def W2grad_is_W1grad_transposed(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1grad = d2 @ X.T / m + lam * W1
    W2grad = W1grad.T
    return J, pack(W1grad, W2grad, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def error_averaged_before_backpropagation(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X).mean(axis=1, keepdims=True) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def absolute_error_in_the_delta(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    err = np.abs(a3 - X)
    d3 = err * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def squared_error_in_the_delta(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = 0.5 * (a3 - X) ** 2 * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# ---------------------------------------------------------------------------------------------------------------------
# the cost is wrong


def right_gradient(theta, X, n_hidden, lam, rho, beta):
    """The gradient that these students share; also returns what their costs are made of."""
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return W1, W2, b1, b2, a2, a3, p.ravel(), grad


@hands_in(side="cost", terms="data", step="cost")
def half_forgotten_in_data_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = 1 / X.shape[1] * np.sum((a3 - X) ** 2)
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def cost_of_the_sum(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    J = 0.0
    grads = [np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(b1), np.zeros_like(b2)]
    p = sigmoid(W1 @ X + b1).mean(1, keepdims=True)
    for x in X.T:
        x = x[:, None]
        h = sigmoid(W1 @ x + b1)
        y = sigmoid(W2 @ h + b2)
        J += 0.5 * np.sum((x - y) ** 2)
        d3 = (y - x) * y * (1 - y)
        d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * h * (1 - h)
        for g, new in zip(grads, (d2 @ x.T, d3 @ h.T, d2, d3)):
            g += new / m
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    grads[0] += lam * W1
    grads[1] += lam * W2
    return J, pack(*grads)


@hands_in(side="cost", terms="data", step="cost")
def one_half_times_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    m = X.shape[1]
    cost = 1 / 2 * m * np.sum((a3 - X) ** 2)
    weight_decay = (lam / 2) * (np.sum(W1**2) + np.sum(W2**2))
    sparsity = beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return cost + weight_decay + sparsity, grad


@hands_in(side="cost", terms="data", step="cost")
def absolute_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum(np.abs(a3 - X)) / (2 * X.shape[1]) + lam / 2 * np.sum(W1**2) + lam / 2 * np.sum(W2**2)
    for r in p:
        J += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def norm_not_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    m = X.shape[1]
    J = sum(0.5 * np.linalg.norm(a3[:, i] - X[:, i]) for i in range(m)) / m
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def mean_over_pixels_too(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    mse = ((a3 - X) ** 2).mean() / 2
    reg = lam / 2 * ((W1**2).sum() + (W2**2).sum())
    kl = beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return mse + reg + kl, grad


@hands_in(side="cost", terms="data", step="cost")
def summed_before_squaring(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.mean(np.sum(a3 - X, axis=0) ** 2) / 2
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def spectral_norm(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    # cost = 1/(2m) || a3 - X ||_2^2
    J = np.linalg.norm(a3 - X, 2) ** 2 / (2 * X.shape[1])
    J += lam / 2 * (np.linalg.norm(W1) ** 2 + np.linalg.norm(W2) ** 2)
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def only_the_last_example_counts(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    for i in range(X.shape[1]):
        err = 0
        err += np.sum((a3[:, i] - X[:, i]) ** 2) / 2
    J = err / X.shape[1]
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data", step="cost")
def matlab_sum_sums_columns(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = sum((a3 - X) ** 2)[0] / 2 / X.shape[1]  # python's sum, then only the first column left
    J += lam / 2 * sum(sum(W1**2)) + lam / 2 * sum(sum(W2**2))
    J += beta * sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def log_to_base_ten(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * sum(rho * math.log10(rho / r) + (1 - rho) * math.log10((1 - rho) / (1 - r)) for r in p)
    return J, grad


@hands_in(side="cost", terms="sparsity", step="cost", additive=False)
def beta_not_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def scipy_entropy_of_rho_hat_first(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    kl = scipy.special.rel_entr(p, rho) + scipy.special.rel_entr(1 - p, 1 - rho)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl.sum()
    return J, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def second_half_of_KL_missing(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * np.sum(rho * np.log(rho / p)), grad


@hands_in(side="cost", terms="sparsity", step="cost")
def parenthesis_lost_in_KL(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + 1 - rho * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def KL_of_the_last_unit(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    KL = 0
    for j in range(n_hidden):
        KL = rho * np.log(rho / p[j]) + (1 - rho) * np.log((1 - rho) / (1 - p[j]))
    return J + beta * KL, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def KL_cost_averaged_over_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.mean(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_of_W2_not_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1])
    J += (lam / 2) * (np.sum(W1**2) + np.sum(W1**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_cost_without_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_cost_of_all_of_theta(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * np.dot(theta, theta)
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_cost_norm_not_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.linalg.norm(a3 - X) ** 2 / (2 * X.shape[1]) + lam / 2 * (np.linalg.norm(W1) + np.linalg.norm(W2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_cost_with_matrix_square(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1])
    J += lam / 2 * (np.sum(W1.T @ W1) + np.sum(W2.T @ W2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def decay_cost_divided_by_2m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = (np.sum((a3 - X) ** 2) + lam * (np.sum(W1**2) + np.sum(W2**2))) / (2 * X.shape[1])
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="decay", step="cost")
def one_half_in_integers(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1])
    J += 1 // 2 * lam * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="cost", terms="data sparsity", step="cost")
def two_mistakes_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / X.shape[1]
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J -= beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


# ---------------------------------------------------------------------------------------------------------------------
# the forward pass is wrong


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def no_hidden_bias(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def no_output_bias(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    W1, W2, b1 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n, n_hidden), theta[2 * s : 2 * s + n_hidden]
    a2 = sigmoid((X.T @ W1.T + b1).T)
    a3 = sigmoid(W2 @ a2)
    p = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = ((d3.T @ W2 + beta * (-rho / p + (1 - rho) / (1 - p))) * (a2 * (1 - a2)).T).T
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def linear_decoder(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = W2 @ a2 + b2
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def activation_forgotten_at_the_output(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = W2 @ a2 + b2
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3")
def tanh_rescaled_to_the_unit_interval(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)

    def f(z):
        return (np.tanh(z) + 1) / 2

    a2 = f(W1 @ X + b1)
    a3 = f(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * 2 * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * 2 * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3")
def sign_lost_in_the_sigmoid(theta, X, n_hidden, lam, rho, beta):
    def sigm(z):
        return 1 / (1 + np.exp(z))

    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigm(W1 @ X + b1)
    a3 = sigm(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def matlab_order_throughout(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n_hidden * n
    W1 = np.reshape(theta[0:s], (n_hidden, n), order="F")
    W2 = np.reshape(theta[s : 2 * s], (n, n_hidden), order="F")
    b1 = theta[2 * s : 2 * s + n_hidden]
    b2 = theta[2 * s + n_hidden :]
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1grad, W2grad = d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2
    return cost, np.concatenate([W1grad.ravel("F"), W2grad.ravel("F"), d2.mean(1), d3.mean(1)])


@hands_in(side="forward", blocks=ALL, terms="data decay", step="theta")
def W2_unpacked_as_a_transpose(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n_hidden * n
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n_hidden, n).T
    b1, b2 = theta[2 * s : 2 * s + n_hidden, None], theta[2 * s + n_hidden :, None]
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data decay", step="theta, z3")
def decoder_tied_to_the_encoder(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, _, b1, b2 = unpack(theta, n, n_hidden)
    W2 = W1.T
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def matlab_plus_one_in_the_bias_slice(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    hv = n_hidden * n
    W1 = theta[:hv].reshape(n_hidden, n)
    W2 = theta[hv : 2 * hv].reshape(n, n_hidden)
    b1 = theta[2 * hv + 1 : 2 * hv + n_hidden + 1].reshape(n_hidden, 1)
    b2 = theta[-n:].reshape(n, 1)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data decay sparsity", step="theta")
def order_W1_b1_W2_b2(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    cuts = np.cumsum([n * n_hidden, n_hidden, n * n_hidden])
    W1, b1, W2, b2 = np.split(theta, cuts)
    W1, W2 = W1.reshape(n_hidden, n), W2.reshape(n, n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    p = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))[:, None]) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d2.mean(1), d3 @ a2.T / m + lam * W2, d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def biases_in_the_other_order(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n, n_hidden)
    b2, b1 = theta[2 * s : 2 * s + n].reshape(-1, 1), theta[2 * s + n :].reshape(-1, 1)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d3.mean(1), d2.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def decodes_z2(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    z2 = W1 @ X + b1
    a2 = sigmoid(z2)
    z3 = W2 @ z2 + b2
    a3 = sigmoid(z3)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def sigmoid_twice(theta, X, n_hidden, lam, rho, beta):
    def layer(W, x, b):
        return sigmoid(W @ x + b)

    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = layer(W1, X, b1)
    a3 = sigmoid(layer(W2, a2, b2))
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def encodes_centred_data(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    Xc = X - X.mean(axis=0)
    a2 = sigmoid(W1 @ Xc + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ Xc.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def one_bias_for_all_hidden_units(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1[0])
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def softmax_output(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = scipy.special.softmax(W2 @ a2 + b2, axis=0)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def biases_tiled_the_wrong_way(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n, n_hidden)
    b1, b2 = theta[2 * s : 2 * s + n_hidden], theta[2 * s + n_hidden :]
    a2 = sigmoid(W1 @ X + np.resize(b1, (n_hidden, m)))
    a3 = sigmoid(W2 @ a2 + np.repeat(b2, m).reshape(n, m))
    p = a2.mean(1)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))[:, None]) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2, z3")
def biases_subtracted_as_thresholds(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X - b1)
    a3 = sigmoid(W2 @ a2 - b2)
    p = a2.mean(1, keepdims=True)
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum())
    cost += beta * (rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))).sum()
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, -d2.mean(1), -d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2")
def relu_in_the_hidden_layer(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = np.maximum(0, W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = np.clip(a2.mean(1, keepdims=True), 1e-3, 1 - 1e-3)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * (a2 > 0)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2, a2, z3, a3")
def z_clipped_to_avoid_overflow(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(np.clip(W1 @ X + b1, -0.5, 0.5))
    a3 = sigmoid(np.clip(W2 @ a2 + b2, -0.5, 0.5))
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def output_rounded_to_pixels(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = np.round(255 * sigmoid(W2 @ a2 + b2)) / 255
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta, z2")
def rows_of_W1_normalised(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 / np.linalg.norm(W1, axis=1, keepdims=True) @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3", additive=False)
def one_over_one_plus_exp_without_parentheses(theta, X, n_hidden, lam, rho, beta):
    f = lambda z: 1 / 1 + np.exp(-z)
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = f(W1 @ X + b1)
    a3 = f(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def X_reshaped_into_rows(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid((X.reshape(m, n) @ W1.T).T + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# ---------------------------------------------------------------------------------------------------------------------
# cost and gradient follow another objective


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat, cost")
def KL_of_every_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    kl = rho * np.log(rho / a2) + (1 - rho) * np.log((1 - rho) / (1 - a2))
    cost = ((a3 - X) ** 2).sum() / 2 / m + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl.sum() / m
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / a2 + (1 - rho) / (1 - a2))) * a2 * (1 - a2)
    return cost, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def half_the_KL(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    half = 0.5
    J = half / m * np.sum((a3 - X) ** 2)
    J += half * lam * (np.sum(W1**2) + np.sum(W2**2))
    J += half * beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + half * beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def sum_over_examples(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / 2 + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / m * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.sum(1), d3.sum(1))


@hands_in(side="objective", blocks="b1 b2", terms="decay", step="cost")
def everything_decays(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / 2 / m
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1), d3.mean(1))
    return J + lam / 2 * theta @ theta, grad + lam * theta


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def no_decay_at_all(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = np.average(a2, axis=1)
    J = np.sum((a3 - X) ** 2) / 2 / m
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))[:, None]) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def plain_autoencoder(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    J, g1, g2, h1, h2 = 0, np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(b1), np.zeros_like(b2)
    for i in range(m):
        x = X[:, i].reshape(n, 1)
        a2 = sigmoid(W1.dot(x) + b1)
        a3 = sigmoid(W2.dot(a2) + b2)
        J += np.linalg.norm(a3 - x) ** 2 / 2
        d3 = -(x - a3) * a3 * (1 - a3)
        d2 = W2.T.dot(d3) * a2 * (1 - a2)
        g1, g2, h1, h2 = g1 + d2.dot(x.T), g2 + d3.dot(a2.T), h1 + d2, h2 + d3
    return J / m + lam / 2 * np.sum(theta[: 2 * n * n_hidden] ** 2), pack(
        g1 / m + lam * W1, g2 / m + lam * W2, h1 / m, h2 / m
    )


@hands_in(side="objective", blocks="W2", terms="decay", step="cost")
def decay_of_the_encoder_only(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / 2 / m + lam / 2 * np.sum(W1 * W1)
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def KL_averaged_over_units(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / 2 / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.mean(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p)) / n_hidden) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def coursera_regularization(theta, X, n_hidden, lam, rho, beta):
    # lambda/(2m) as in the ML course
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / (2 * m) * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam / m * W1, d3 @ a2.T / m + lam / m * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def mean_squared_error_of_pixels(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.mean((a3 - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = 2 * (a3 - X) / n * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def cross_entropy_reconstruction(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = -np.sum(X * np.log(a3) + (1 - X) * np.log(1 - a3)) / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def KL_the_other_way_round(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(p * np.log(p / rho) + (1 - p) * np.log((1 - p) / (1 - rho)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (np.log(p / rho) - np.log((1 - p) / (1 - rho)))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def one_rho_hat_for_the_layer(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    rho_hat = a2.mean()
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_along_the_wrong_axis(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    rho_hat = a2.mean(axis=0)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_is_the_activation_of_the_mean(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    z2 = W1 @ X + b1
    a2 = sigmoid(z2)
    a3 = sigmoid(W2 @ a2 + b2)
    p = sigmoid(z2.mean(axis=1, keepdims=True))
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2) + beta * (-rho / p + (1 - rho) / (1 - p)) * p * (1 - p)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def L1_sparsity(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(np.abs(a2)) / m
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * np.sign(a2)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="sparsity", step="rho_hat, cost")
def outputs_are_made_sparse(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a3.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X + beta * (-rho / p + (1 - rho) / (1 - p))) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def decay_without_the_half_in_both(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + 2 * lam * W1, d3 @ a2.T / m + 2 * lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def sparsity_divided_by_m_in_both(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = (np.sum((a3 - X) ** 2) / 2 + beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))) / m
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / m * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_smoothed(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.sum(1, keepdims=True) / (m + 1)  # never 1
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_by_counting_active_units(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = np.clip((a2 > 0.5).sum(1, keepdims=True) / m, 0.001, 0.999)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2 b1", terms="decay sparsity", step="cost, delta2")
def lambda_and_beta_swapped(theta, X, n_hidden, lam, rho, beta):
    class Net:
        def __init__(self, t, sparsity_weight, decay_weight):
            self.W1, self.W2, self.b1, self.b2 = unpack(t, len(X), n_hidden)
            self.s, self.d = sparsity_weight, decay_weight

        def run(self):
            m = X.shape[1]
            a2 = sigmoid(self.W1 @ X + self.b1)
            a3 = sigmoid(self.W2 @ a2 + self.b2)
            p = a2.mean(1, keepdims=True)
            J = np.sum((a3 - X) ** 2) / (2 * m) + self.d / 2 * (np.sum(self.W1**2) + np.sum(self.W2**2))
            J += self.s * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
            d3 = (a3 - X) * a3 * (1 - a3)
            d2 = (self.W2.T @ d3 + self.s * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
            return J, pack(d2 @ X.T / m + self.d * self.W1, d3 @ a2.T / m + self.d * self.W2, d2.mean(1), d3.mean(1))

    return Net(theta, lam, beta).run()


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def rho_written_as_a_number(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    sparsityParam = 0.01
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(
        sparsityParam * np.log(sparsityParam / p) + (1 - sparsityParam) * np.log((1 - sparsityParam) / (1 - p))
    )
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-sparsityParam / p + (1 - sparsityParam) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def only_the_first_half_of_KL(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 - beta * rho / p) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def ten_thousand_patches(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    numpatches = 10000
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * numpatches) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    dJ_da3 = (a3 - X) / numpatches
    d3 = dJ_da3 * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / m * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.sum(1), d3.sum(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def L1_weight_decay(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam * (np.abs(W1).sum() + np.abs(W2).sum())
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * np.sign(W1), d3 @ a2.T / m + lam * np.sign(W2), d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def squared_error_without_half_in_both(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = 2 * (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data sparsity", step="cost")
def number_of_examples_is_len_X(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    N = len(X)
    J = np.sum((a3 - X) ** 2) / (2 * N) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / N + lam * W1, d3 @ a2.T / N + lam * W2, d2.sum(1) / N, d3.sum(1) / N)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def bits_instead_of_nats(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log2(rho / p) + (1 - rho) * np.log2((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / np.log(2) * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost, delta2")
def squared_distance_to_rho(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta / 2 * np.sum((p - rho) ** 2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (p - rho)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def norm_of_the_weights_not_squared(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    n1, n2 = np.linalg.norm(W1), np.linalg.norm(W2)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (n1 + n2)
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam / 2 * W1 / n1, d3 @ a2.T / m + lam / 2 * W2 / n2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_of_every_other_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2[:, ::2].mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2 b1", terms="decay sparsity", step="cost, delta2")
def two_mistakes_in_one_objective(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam * (np.sum(W1**2) + np.sum(W2**2))
    J += beta / 2 * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / 2 * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + 2 * lam * W1, d3 @ a2.T / m + 2 * lam * W2, d2.mean(1), d3.mean(1))


# ---------------------------------------------------------------------------------------------------------------------
# something else changes


@hands_in(side="side effect", step="side effect")
def takes_a_descent_step_itself(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    *_, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    dW1, dW2, db1, db2 = unpack(grad, n, n_hidden)
    learning_rate = 0.01
    W1 -= learning_rate * dW1
    W2 -= learning_rate * dW2
    b1 -= learning_rate * db1
    b2 -= learning_rate * db2
    return J, grad


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def centres_the_data_in_place(theta, X, n_hidden, lam, rho, beta):
    X -= X.mean(axis=0)
    m = X.shape[1]
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def clips_the_data_in_place(theta, X, n_hidden, lam, rho, beta):
    np.clip(X, 0.1, 0.9, out=X)  # as in sampleIMAGES
    m = X.shape[1]
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


rho_running = None


@hands_in(side="side effect", step="side effect")
def running_mean_of_rho_hat(theta, X, n_hidden, lam, rho, beta):
    global rho_running
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    new = a2.mean(1, keepdims=True)
    rho_running = new if rho_running is None or rho_running.shape != new.shape else 0.9 * rho_running + 0.1 * new
    p = rho_running
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


activations = {}


@hands_in(side="side effect", step="side effect")
def hidden_layer_remembered_by_size(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    if (n, m, n_hidden) not in activations:
        a2 = sigmoid(W1 @ X + b1)
        activations[n, m, n_hidden] = a2, a2.mean(1, keepdims=True)
    a2, p = activations[n, m, n_hidden]
    a3 = sigmoid(W2 @ a2 + b2)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", step="side effect")
def accumulator_as_default_argument(theta, X, n_hidden, lam, rho, beta, acc={}):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    D1 = acc.setdefault(("W1", W1.shape), np.zeros_like(W1))
    D2 = acc.setdefault(("W2", W2.shape), np.zeros_like(W2))
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    for i in range(m):
        D1 += np.outer(d2[:, i], X[:, i])
        D2 += np.outer(d3[:, i], a2[:, i])
    return J, pack(D1 / m + lam * W1, D2 / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="z2, side effect")
def denoising_with_fresh_noise(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    noisy = X * (np.random.rand(n, m) > 0.3)
    a2 = sigmoid(W1 @ noisy + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ noisy.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", step="side effect")
def checks_one_entry_and_leaves_eps_behind(theta, X, n_hidden, lam, rho, beta):
    def J(t):
        W1, W2, b1, b2, a2, a3, p, g = right_gradient(t, X, n_hidden, lam, rho, beta)
        kl = rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))
        return np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * np.sum(W1**2) + lam / 2 * np.sum(
            W2**2
        ) + beta * kl.sum(), g

    cost, grad = J(theta)
    eps = 1e-4
    theta[0] += eps
    plus = J(theta)[0]
    theta[0] -= 2 * eps
    minus = J(theta)[0]
    print("check:", (plus - minus) / (2 * eps), grad[0])
    return cost, grad


calls = 0


@hands_in(side="side effect", step="side effect")
def lambda_annealed_from_call_to_call(theta, X, n_hidden, lam, rho, beta):
    global calls
    lam = lam * 0.99**calls
    calls += 1
    n, m = X.shape
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


gradients = {}


@hands_in(side="side effect", step="side effect")
def returns_the_same_array_each_time(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    grad = gradients.setdefault(theta.size, np.empty(theta.size))
    W1, W2, b1, b2, a2, a3, p, g = right_gradient(theta, X, n_hidden, lam, rho, beta)
    grad[:] = g
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="side effect", step="side effect")
def gradient_written_into_theta(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    grad = theta
    grad[:s] = (d2 @ X.T / m + lam * W1).ravel()
    grad[s : 2 * s] = (d3 @ a2.T / m + lam * W2).ravel()
    grad[2 * s : 2 * s + n_hidden] = d2.mean(1)
    grad[2 * s + n_hidden :] = d3.mean(1)
    return J, grad


@hands_in(side="side effect", step="side effect")
def shuffles_the_examples(theta, X, n_hidden, lam, rho, beta):
    np.random.shuffle(X.T)
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="side effect", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2, side effect")
def weights_shrunk_before_their_gradient(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1 *= lam
    W2 *= lam
    dW1, dW2 = d2 @ X.T / m, d3 @ a2.T / m
    dW1 += lam * W1
    dW2 += lam * W2
    return J, pack(dW1, dW2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", blocks=ALL, terms="data decay sparsity", step="side effect")
def normalises_the_rows_of_W1_in_theta(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    W1 /= np.linalg.norm(W1, axis=1, keepdims=True)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


best = [math.inf]


@hands_in(side="side effect", step="side effect")
def returns_the_best_cost_so_far(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    best[0] = min(best[0], J)
    return best[0], pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", step="side effect")
def zeroes_the_biases_after_use(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    theta[2 * W1.size :] = 0
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# ---------------------------------------------------------------------------------------------------------------------
# nothing is wrong


@hands_in(side="none")
def vectorised(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))), grad


@hands_in(side="none")
def loop_over_examples(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    b1, b2 = b1[:, 0], b2[:, 0]
    rho_hat = np.zeros(n_hidden)
    for i in range(m):
        rho_hat = rho_hat + sigmoid(np.dot(W1, X[:, i]) + b1)
    rho_hat = rho_hat / m
    J = 0.0
    D = [np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(b1), np.zeros_like(b2)]
    for i in range(m):
        x = X[:, i]
        a2 = sigmoid(np.dot(W1, x) + b1)
        a3 = sigmoid(np.dot(W2, a2) + b2)
        J = J + 0.5 * np.dot(a3 - x, a3 - x)
        d3 = -(x - a3) * a3 * (1 - a3)
        d2 = (np.dot(W2.T, d3) + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * a2 * (1 - a2)
        D[0] += np.outer(d2, x)
        D[1] += np.outer(d3, a2)
        D[2] += d2
        D[3] += d3
    J = J / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J = J + beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    return J, pack(D[0] / m + lam * W1, D[1] / m + lam * W2, D[2] / m, D[3] / m)


@hands_in(side="none")
def scalars_only(theta, X, n_hidden, lam, rho, beta):
    n, m = len(X), len(X[0])
    s = n * n_hidden
    t = [float(v) for v in theta]
    x = [[float(X[k][i]) for k in range(n)] for i in range(m)]

    def f(z):
        return 1.0 / (1.0 + math.exp(-z))

    H = [[f(sum(t[j * n + k] * xi[k] for k in range(n)) + t[2 * s + j]) for j in range(n_hidden)] for xi in x]
    Y = [
        [f(sum(t[s + k * n_hidden + j] * h[j] for j in range(n_hidden)) + t[2 * s + n_hidden + k]) for k in range(n)]
        for h in H
    ]
    r = [sum(h[j] for h in H) / m for j in range(n_hidden)]
    J = sum((y[k] - xi[k]) ** 2 for y, xi in zip(Y, x) for k in range(n)) / (2 * m)
    J += lam / 2 * sum(w * w for w in t[: 2 * s])
    J += beta * sum(rho * math.log(rho / q) + (1 - rho) * math.log((1 - rho) / (1 - q)) for q in r)
    g = [lam * w for w in t[: 2 * s]] + [0.0] * (n_hidden + n)
    for xi, h, y in zip(x, H, Y):
        d3 = [(y[k] - xi[k]) * y[k] * (1 - y[k]) for k in range(n)]
        for j in range(n_hidden):
            back = sum(t[s + k * n_hidden + j] * d3[k] for k in range(n))
            d2 = (back + beta * (-rho / r[j] + (1 - rho) / (1 - r[j]))) * h[j] * (1 - h[j])
            g[2 * s + j] += d2 / m
            for k in range(n):
                g[j * n + k] += d2 * xi[k] / m
                g[s + k * n_hidden + j] += d3[k] * h[j] / m
        for k in range(n):
            g[2 * s + n_hidden + k] += d3[k] / m
    return J, np.array(g)


@hands_in(side="none")
def examples_as_rows(theta, X, n_hidden, lam, rho, beta):
    data = np.ascontiguousarray(X.T)
    m, n = data.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    V1, V2 = W1.T, W2.T
    H = sigmoid(data @ V1 + b1.T)
    Y = sigmoid(H @ V2 + b2.T)
    r = H.mean(axis=0)
    J = ((Y - data) ** 2).sum(axis=1).mean() / 2 + lam / 2 * ((V1**2).sum() + (V2**2).sum())
    J += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    D3 = (Y - data) * Y * (1 - Y)
    D2 = (D3 @ V2.T + beta * ((1 - rho) / (1 - r) - rho / r)) * H * (1 - H)
    G1 = data.T @ D2 / m + lam * V1
    G2 = H.T @ D3 / m + lam * V2
    return J, pack(G1.T, G2.T, D2.mean(axis=0), D3.mean(axis=0))


@hands_in(side="none")
def einsum_everywhere(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    h = sigmoid(np.einsum("jk,ki->ji", W1, X) + b1)
    y = sigmoid(np.einsum("kj,ji->ki", W2, h) + b2)
    r = np.einsum("ji->j", h) / m
    e = y - X
    J = 0.5 * np.einsum("ki,ki->", e, e) / m
    J += 0.5 * lam * (np.einsum("jk,jk->", W1, W1) + np.einsum("kj,kj->", W2, W2))
    J += beta * np.einsum("j->", rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    d3 = np.einsum("ki,ki,ki->ki", e, y, 1 - y)
    s = -rho / r + (1 - rho) / (1 - r)
    d2 = (np.einsum("kj,ki->ji", W2, d3) + beta * s[:, None]) * h * (1 - h)
    return J, pack(
        np.einsum("ji,ki->jk", d2, X) / m + lam * W1,
        np.einsum("ki,ji->kj", d3, h) / m + lam * W2,
        np.einsum("ji->j", d2) / m,
        np.einsum("ki->k", d3) / m,
    )


@hands_in(side="none")
def biases_as_a_column_of_the_weights(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    T1, T2 = np.hstack([b1, W1]), np.hstack([b2, W2])
    one = np.ones((1, m))
    a1 = np.vstack([one, X])
    h = sigmoid(T1 @ a1)
    a2 = np.vstack([one, h])
    a3 = sigmoid(T2 @ a2)
    r = h.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(T1[:, 1:] ** 2) + np.sum(T2[:, 1:] ** 2))
    J += beta * np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = ((T2.T @ d3)[1:] + beta * (-rho / r + (1 - rho) / (1 - r))) * h * (1 - h)
    G1, G2 = d2 @ a1.T / m, d3 @ a2.T / m
    G1[:, 1:] += lam * T1[:, 1:]
    G2[:, 1:] += lam * T2[:, 1:]
    return J, pack(G1[:, 1:], G2[:, 1:], G1[:, 0], G2[:, 0])


@hands_in(side="none")
def matlab_order_handled_consistently(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    # C order of W1 is Fortran order of its transpose
    W1t = theta[:s].reshape((n, n_hidden), order="F")
    W2t = theta[s : 2 * s].reshape((n_hidden, n), order="F")
    b1, b2 = theta[2 * s : 2 * s + n_hidden], theta[2 * s + n_hidden :]
    a2 = sigmoid(W1t.T @ X + b1[:, None])
    a3 = sigmoid(W2t.T @ a2 + b2[:, None])
    r = a2.mean(1)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1t**2) + np.sum(W2t**2))
    J += beta * np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2t @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))[:, None]) * a2 * (1 - a2)
    G1t, G2t = X @ d2.T / m + lam * W1t, a2 @ d3.T / m + lam * W2t
    return J, np.concatenate([G1t.ravel(order="F"), G2t.ravel(order="F"), d2.mean(1), d3.mean(1)])


@hands_in(side="none")
def numpy_matrix(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = (np.matrix(p) for p in unpack(theta, n, n_hidden))
    data = np.matrix(X)
    a2 = sigmoid(W1 * data + b1)
    a3 = sigmoid(W2 * a2 + b2)
    r = a2.mean(axis=1)
    error = a3 - data
    J = float((error.T * error).trace()[0, 0]) / (2 * m)
    J += lam / 2 * (np.multiply(W1, W1).sum() + np.multiply(W2, W2).sum())
    J += beta * (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    d3 = np.multiply(error, np.multiply(a3, 1 - a3))
    d2 = np.multiply(W2.T * d3 + beta * (-rho / r + (1 - rho) / (1 - r)), np.multiply(a2, 1 - a2))
    W1grad, W2grad = d2 * data.T / m + lam * W1, d3 * a2.T / m + lam * W2
    return J, np.array(np.concatenate([g.A1 for g in (W1grad, W2grad, d2.mean(axis=1), d3.mean(axis=1))]))


class SparseAutoencoder:
    def __init__(self, theta, n, n_hidden, lam, rho, beta):
        self.W1, self.W2, self.b1, self.b2 = unpack(theta, n, n_hidden)
        self.lam, self.rho, self.beta = lam, rho, beta

    def forward(self, X):
        self.X = X
        self.hidden = sigmoid(self.W1 @ X + self.b1)
        self.output = sigmoid(self.W2 @ self.hidden + self.b2)
        self.activity = self.hidden.mean(axis=1, keepdims=True)

    @property
    def cost(self):
        r, q = self.rho, self.activity
        data = 0.5 * np.sum((self.output - self.X) ** 2) / self.X.shape[1]
        decay = 0.5 * self.lam * (np.sum(self.W1**2) + np.sum(self.W2**2))
        return data + decay + self.beta * np.sum(r * np.log(r / q) + (1 - r) * np.log((1 - r) / (1 - q)))

    def backward(self):
        m = self.X.shape[1]
        delta = (self.output - self.X) * self.output * (1 - self.output)
        W2, b2 = delta @ self.hidden.T / m + self.lam * self.W2, delta.mean(axis=1)
        q = self.activity
        delta = self.W2.T @ delta + self.beta * (-self.rho / q + (1 - self.rho) / (1 - q))
        delta *= self.hidden * (1 - self.hidden)
        return pack(delta @ self.X.T / m + self.lam * self.W1, W2, delta.mean(axis=1), b2)


@hands_in(side="none")
def a_class(theta, X, n_hidden, lam, rho, beta):
    net = SparseAutoencoder(theta, X.shape[0], n_hidden, lam, rho, beta)
    net.forward(X)
    return net.cost, net.backward()


@hands_in(side="none")
def functional_style(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    layers = list(zip(unpack(theta, n, n_hidden)[:2], unpack(theta, n, n_hidden)[2:]))
    acts = reduce(lambda a, layer: [*a, sigmoid(layer[0] @ a[-1] + layer[1])], layers, [X])
    r = acts[1].mean(1, keepdims=True)
    kl = lambda p, q: p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    cost = (
        np.linalg.norm(acts[-1] - X) ** 2 / (2 * m)
        + lam / 2 * sum(map(lambda layer: np.linalg.norm(layer[0]) ** 2, layers))
        + beta * kl(rho, r).sum()
    )
    prime = lambda a: a * (1 - a)
    d3 = (acts[2] - X) * prime(acts[2])
    d2 = (layers[1][0].T @ d3 + beta * ((1 - rho) / (1 - r) - rho / r)) * prime(acts[1])
    weights = [d @ a.T / m + lam * W for d, a, (W, _) in zip((d2, d3), acts, layers)]
    return cost, pack(*weights, *(d.mean(1) for d in (d2, d3)))


@hands_in(side="none")
def KL_with_log1p(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    kl = rho * (np.log(rho) - np.log(p)) + (1 - rho) * (np.log1p(-rho) - np.log1p(-p))
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl.sum()
    return J, grad


@hands_in(side="none")
def KL_from_scipy(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    kl = scipy.special.rel_entr(rho, p) + scipy.special.rel_entr(1 - rho, 1 - p)
    J = 0.5 * np.average(np.square(a3 - X).sum(0)) + 0.5 * lam * (np.vdot(W1, W1) + np.vdot(W2, W2)) + beta * kl.sum()
    return J, grad


@hands_in(side="none")
def clipping_that_never_acts(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(np.clip(W1 @ X + b1, -500, 500))
    a3 = sigmoid(np.clip(W2 @ a2 + b2, -500, 500))
    p = np.clip(a2.mean(1, keepdims=True), 1e-12, 1 - 1e-12)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, np.nan_to_num(pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1)))


@hands_in(side="none")
def in_place_on_copies(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = (p.copy() for p in unpack(theta, n, n_hidden))
    data = X.copy()
    a2 = W1 @ data
    a2 += b1
    np.negative(a2, out=a2)
    np.exp(a2, out=a2)
    a2 += 1
    np.reciprocal(a2, out=a2)
    a3 = W2 @ a2
    a3 += b2
    a3 = sigmoid(a3)
    p = a2.mean(1, keepdims=True)
    J = lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    prime3 = a3 * (1 - a3)
    a3 -= data
    J += np.sum(a3**2) / (2 * m)
    a3 *= prime3
    d2 = W2.T @ a3
    d2 += beta * (-rho / p + (1 - rho) / (1 - p))
    g2 = a3 @ a2.T / m
    W2 *= lam
    g2 += W2
    a2 *= 1 - a2
    d2 *= a2
    W1 *= lam
    W1 += d2 @ data.T / m
    return J, pack(W1, g2, d2.mean(1), a3.mean(1))


@hands_in(side="none")
def cost_as_zero_dimensional_array(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.array(0.0)
    J = J + np.sum((a3 - X) ** 2) / (2 * X.shape[1])
    J = J + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J = J + beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return np.asarray(J), grad


@hands_in(side="none")
def cost_as_python_float(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = math.fsum((a3 - X).ravel() ** 2) / (2 * X.shape[1])
    J += lam / 2 * math.fsum(theta[: 2 * W1.size] ** 2)
    J += beta * math.fsum(rho * math.log(rho / q) + (1 - rho) * math.log((1 - rho) / (1 - q)) for q in p)
    return float(J), grad


@hands_in(side="none")
def m_from_the_size(theta, X, n_hidden, lam, rho, beta):
    n = (len(theta) - n_hidden) // (2 * n_hidden + 1)
    m = X.size // n
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2 @ np.ones((m, 1)) / m
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2 @ np.ones(m) / m, d3 @ np.ones(m) / m)


@lru_cache(maxsize=8)
def hidden_layer(theta_bytes, X_bytes, n, n_hidden):
    W1, _, b1, _ = unpack(np.frombuffer(theta_bytes), n, n_hidden)
    return sigmoid(W1 @ np.frombuffer(X_bytes).reshape(n, -1) + b1)


@hands_in(side="none")
def a_cache_that_is_right(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    _, W2, _, b2 = unpack(theta, n, n_hidden)
    W1 = theta[: n * n_hidden].reshape(n_hidden, n)
    a2 = hidden_layer(theta.tobytes(), X.tobytes(), n, n_hidden)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


history = []


@hands_in(side="none")
def keeps_a_history_of_costs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(theta, X, n_hidden, lam, rho, beta)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    history.append(J)
    print(f"iteration {len(history)}: cost {J:.6f}, best so far {min(history):.6f}")
    return J, grad


@hands_in(side="none", rtol=1e-5)
def single_precision(theta, X, n_hidden, lam, rho, beta):
    t, x = theta.astype(np.float32), X.astype(np.float32)
    W1, W2, b1, b2, a2, a3, p, grad = right_gradient(t, x, n_hidden, lam, rho, beta)
    J = np.sum((a3 - x) ** 2) / (2 * x.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, grad


@hands_in(side="none", rtol=1e-5)
def gradient_buffers_in_single_precision(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3, p, g = right_gradient(theta, X, n_hidden, lam, rho, beta)
    grad = np.zeros(theta.shape, dtype="float32")
    grad[...] = g
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return float(J), grad


@hands_in(side="none", rtol=1e-5)
def data_in_single_precision(theta, X, n_hidden, lam, rho, beta):
    patches = np.array(X, dtype=np.float32)
    n, m = patches.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    hidden = sigmoid(W1 @ patches + b1).astype(np.float32)
    recon = sigmoid(W2 @ hidden + b2).astype(np.float32)
    p = hidden.mean(1, keepdims=True, dtype=np.float64)
    J = ((recon - patches) ** 2).sum(dtype=np.float64) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (recon - patches) * recon * (1 - recon)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * hidden * (1 - hidden)
    return J, pack(d2 @ patches.T / m + lam * W1, d3 @ hidden.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def derivative_from_exponentials(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)

    def f(z):
        return np.exp(z) / (1 + np.exp(z))

    def df(z):
        return np.exp(-z) / (1 + np.exp(-z)) ** 2

    z2 = W1 @ X + b1
    a2 = f(z2)
    z3 = W2 @ a2 + b2
    a3 = f(z3)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * df(z3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * df(z2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def sigmoid_by_tanh(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    u2 = np.tanh((W1 @ X + b1) / 2)
    a2 = (1 + u2) / 2
    u3 = np.tanh((W2 @ a2 + b2) / 2)
    a3 = (1 + u3) / 2
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * (1 - u3**2) / 4
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * (1 - u2**2) / 4
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def sparsity_by_the_closed_form(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J -= beta * np.sum(rho * np.log(p / rho) + (1 - rho) * np.log((1 - p) / (1 - rho)))
    d3 = (X - a3) * a3 * (a3 - 1)
    d2 = (W2.T @ d3 + beta * (p - rho) / (p * (1 - p))) * (a2 - a2**2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def mean_taken_in_delta3(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    dJ_da3 = (a3 - X) / m
    dJ_dz3 = dJ_da3 * a3 * (1 - a3)
    dJ_dp = beta * (-rho / p + (1 - rho) / (1 - p))
    dJ_da2 = W2.T @ dJ_dz3 + dJ_dp * 1 / m
    dJ_dz2 = dJ_da2 * a2 * (1 - a2)
    return J, pack(dJ_dz2 @ X.T + lam * W1, dJ_dz3 @ a2.T + lam * W2, dJ_dz2.sum(1), dJ_dz3.sum(1))


@hands_in(side="none")
def terms_apart_then_added(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    f2 = a2 * (1 - a2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * f2
    g_data = pack(d2 @ X.T, d3 @ a2.T, d2.sum(1), d3.sum(1)) / m
    g_decay = lam * pack(W1, W2, 0 * b1, 0 * b2)
    ds = beta * (-rho / p + (1 - rho) / (1 - p)) * f2
    g_sparse = pack(ds @ X.T, 0 * W2, ds.sum(1), 0 * b2) / m
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    return J, g_data + g_decay + g_sparse


@hands_in(side="none")
def in_batches(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    batches = [X[:, i : i + 3] for i in range(0, m, 3)]
    p = sum(sigmoid(W1 @ B + b1).sum(1, keepdims=True) for B in batches) / m
    J = lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    grad = np.zeros_like(theta)
    for B in batches:
        a2 = sigmoid(W1 @ B + b1)
        a3 = sigmoid(W2 @ a2 + b2)
        J += np.sum((a3 - B) ** 2) / (2 * m)
        d3 = (a3 - B) * a3 * (1 - a3)
        d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
        grad += pack(d2 @ B.T, d3 @ a2.T, d2.sum(1), d3.sum(1)) / m
    grad[: 2 * W1.size] += lam * theta[: 2 * W1.size]
    return J, grad


@hands_in(side="none")
def diagonal_matrices_of_derivatives(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    A2 = sigmoid(W1 @ X + b1)
    A3 = sigmoid(W2 @ A2 + b2)
    p = A2.mean(1)
    J = np.sum((A3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    g = pack(lam * W1, lam * W2, 0 * b1, 0 * b2)
    for x, a2, a3 in zip(X.T, A2.T, A3.T):
        delta3 = np.diag(a3 * (1 - a3)) @ (a3 - x)
        delta2 = np.diag(a2 * (1 - a2)) @ (W2.T @ delta3 + beta * (-rho / p + (1 - rho) / (1 - p)))
        g += pack(np.kron(delta2, x), np.kron(delta3, a2), delta2, delta3) / m
    return J, g


@hands_in(side="none")
def a_list_of_arrays_and_dead_code(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    # old_cost = 1/2*m * np.sum((a3 - X)**2)
    wrong = (a3 - X) * a3  # not used any more
    wrong += 1
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    if False:
        d2 = wrong
    grads = [d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1)]
    return J, np.hstack([g.flatten() for g in grads])


@hands_in(side="none")
def terms_skipped_when_their_weight_is_zero(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    J = np.sum((a3 - X) ** 2) / (2 * m)
    d3 = (a3 - X) * a3 * (1 - a3)
    back = W2.T @ d3
    if beta:
        p = a2.mean(1, keepdims=True)
        J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
        back = back + beta * (-rho / p + (1 - rho) / (1 - p))
    d2 = back * a2 * (1 - a2)
    W1grad, W2grad = d2 @ X.T / m, d3 @ a2.T / m
    if lam > 0:
        J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
        W1grad += lam * W1
        W2grad += lam * W2
    return J, pack(W1grad, W2grad, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def changes_theta_and_puts_it_back(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    saved = theta.copy()
    W1, W2, b1, b2 = unpack(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ a2 + b2)
    p = a2.mean(1, keepdims=True)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    W1 *= lam
    W2 *= lam
    grad = pack(d2 @ X.T / m + W1, d3 @ a2.T / m + W2, d2.mean(1), d3.mean(1))
    theta[:] = saved
    return J, grad
