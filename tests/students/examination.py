"""A last examination: mistakes that neither of the other two corpora makes, in the hands of a dozen people."""

import itertools
import math
from functools import partial, reduce
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from scipy import sparse, special

from . import hands_in

ALL = "W1 W2 b1 b2"
GRADS = "grad_W1, grad_W2, grad_b1, grad_b2"


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def unpack(theta, X, n_hidden):
    """W1, W2, the biases as columns, and the number of examples."""
    n, m = X.shape
    W1, W2, b1, b2 = np.split(theta, np.cumsum([n * n_hidden, n * n_hidden, n_hidden]))
    return W1.reshape(n_hidden, n), W2.reshape(n, n_hidden), b1[:, None], b2[:, None], m


def pack(*blocks):
    return np.concatenate([np.ravel(block) for block in blocks])


def sq(*arrays):
    return sum(np.sum(array**2) for array in arrays)


def kl(rho, p):
    return np.sum(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))


def dkl(rho, p):
    return (1 - rho) / (1 - p) - rho / p


# ---------------------------------------------------------------------------------------------------------- gradient


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_simplified_with_a_plus(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * (p - rho) / (p * (1 + p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def denominators_of_the_sparsity_exchanged(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3, rho_hat = sigmoid(W2 @ a2 + b2), a2.mean(1, keepdims=True)
    J = 0.5 * sq(a3 - X) / m + 0.5 * lam * sq(W1, W2) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * ((1 - rho) / rho_hat - rho / (1 - rho_hat))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def code_recomputed_without_its_bias(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    code = sigmoid(W1 @ X + b1)
    out, rho_hat = sigmoid(W2 @ code + b2), code.mean(1, keepdims=True)
    J = sq(out - X) / 2 / m + lam / 2 * sq(W1, W2) + beta * kl(rho, rho_hat)
    again = sigmoid(W1 @ X)
    d3 = (out - X) * out * (1 - out)
    d2 = (W2.T @ d3 + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * again * (1 - again)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ code.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def each_delta_meets_the_example_before(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3, p = sigmoid(W2 @ a2 + b2), a2.mean(1)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    g = [lam * W1, lam * W2, np.zeros(n_hidden), np.zeros(len(X))]
    for i in range(m):
        d3 = (a3[:, i] - X[:, i]) * a3[:, i] * (1 - a3[:, i])
        d2 = (d3 @ W2 + beta * ((1 - rho) / (1 - p) - rho / p)) * a2[:, i] * (1 - a2[:, i])
        for s, d in zip(g, (np.outer(d2, X[:, i - 1]), np.outer(d3, a2[:, i]), d2, d3)):
            s += d / m
    return J, pack(*g)


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def einsum_with_a_letter_too_many(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(np.einsum("ij,jm->im", W1, X) + b1)
    a3, p = sigmoid(np.einsum("ij,jm->im", W2, a2) + b2), np.einsum("im->i", a2)[:, None] / m
    J = np.einsum("im,im->", a3 - X, a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (np.einsum("ij,im->jm", W2, d3) + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    gW1, gW2 = np.einsum("im,jk->ij", d2, X) / m, np.einsum("im,jm->ij", d3, a2) / m
    return J, pack(gW1 + lam * W1, gW2 + lam * W2, np.einsum("im->i", d2) / m, np.einsum("im->i", d3) / m)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def einsum_sums_both_before_they_meet(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(np.einsum("hn,nm->hm", W1, X) + b1)
    a3, p = sigmoid(np.einsum("nh,hm->nm", W2, a2) + b2), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (np.einsum("nh,km->hm", W2, d3) + beta * (-rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def back_through_the_pseudo_inverse(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (np.linalg.pinv(W2) @ d3 + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="b1", terms="decay", step="grad_b1")
def decay_of_the_augmented_encoder(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    V, x = np.hstack([W1, b1]), np.vstack([X, np.ones((1, m))])
    a2 = sigmoid(V @ x)
    a3, p = sigmoid(W2 @ a2 + b2), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(V[:, :-1], W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p) - rho / p)) * a2 * (1 - a2)
    V_grad = d2 @ x.T / m + lam * V
    return J, pack(V_grad[:, :-1], d3 @ a2.T / m + lam * W2, V_grad[:, -1], d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data decay sparsity", step="grad_W1, grad_b1")
def ones_appended_last_but_read_first(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    V, x = np.c_[W1, b1], np.r_[X, np.ones((1, m))]
    a2 = sigmoid(V @ x)
    a3, p = sigmoid(W2 @ a2 + b2), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    G = d2 @ x.T / m + lam * np.c_[W1, 0 * b1]
    return J, pack(G[:, 1:], d3 @ a2.T / m + lam * W2, G[:, 0], d3.mean(1))


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def one_number_for_all_output_biases(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = sigmoid(X.T @ W1.T + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = 0.5 * sq(Y - X.T) / m + 0.5 * lam * sq(W1, W2) + beta * kl(rho, p)
    E = ((D := (Y - X.T) * Y * (1 - Y) / m) @ W2 + beta / m * ((1 - rho) / (1 - p) - rho / p)) * A * (1 - A)
    return J, pack(E.T @ X.T + lam * W1, D.T @ A + lam * W2, E.sum(0), np.full(len(X), D.sum() / len(X)))


@hands_in(side="gradient", blocks="b1", terms="data decay sparsity", step="grad_b1")
def b1_as_the_row_sums_of_its_matrix(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p) - rho / p)) * a2 * (1 - a2)
    W1_grad, W2_grad = d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2
    return J, pack(W1_grad, W2_grad, W1_grad.sum(axis=1), d3.sum(axis=1) / m)


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def hidden_units_taken_as_on_or_off(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    on = (a2 > 0.5).astype(float)  # "the neurons that fired"
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ on.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def covariance_of_delta_and_code(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    code = sigmoid(W1 @ X + b1)
    out, mean = sigmoid(W2 @ code + b2), code.mean(1, keepdims=True)
    J = sq(out - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, mean)
    delta = (out - X) * out * (1 - out)
    back = (W2.T @ delta + beta * ((1 - rho) / (1 - mean) - rho / mean)) * code * (1 - code)
    W2_grad = delta @ (code - mean).T / m + lam * W2
    return J, pack(back @ X.T / m + lam * W1, W2_grad, back.mean(1), delta.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_of_the_mean_weight(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1.mean(), d3 @ a2.T / m + lam * W2.mean(), d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_of_absolute_weights(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    hid = sigmoid(W1.dot(X) + b1)
    vis, avg = sigmoid(W2.dot(hid) + b2), hid.mean(axis=1).reshape(-1, 1)
    J = sq(vis - X) / (2.0 * m) + lam / 2.0 * sq(W1, W2) + beta * kl(rho, avg)
    dv = (vis - X) * vis * (1 - vis)
    dh = (W2.T.dot(dv) + beta * (-rho / avg + (1 - rho) / (1 - avg))) * hid * (1 - hid)
    return J, pack(dh.dot(X.T) / m + lam * abs(W1), dv.dot(hid.T) / m + lam * abs(W2), dh.mean(1), dv.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_of_unit_length(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3, p = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2), a2.mean(1, keepdims=True)
    norm = np.linalg.norm
    J = norm(a3 - X) ** 2 / (2 * m) + lam / 2 * (norm(W1) ** 2 + norm(W2) ** 2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p) - rho / p)) * a2 * (1 - a2)
    gW1, gW2 = d2 @ X.T / m + lam * W1 / norm(W1), d3 @ a2.T / m + lam * W2 / norm(W2)
    return J, pack(gW1, gW2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def lambda_times_the_gradient_itself(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    dW1, dW2 = d2 @ X.T / m, d3 @ a2.T / m
    dW1 += lam * dW1
    dW2 += lam * dW2
    return J, pack(dW1, dW2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="decay", step="grad_W2")
def last_row_of_W2_does_not_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1), d3.mean(1))
    end = W1.size + W2.size - n_hidden
    grad[:end] += lam * theta[:end]
    return J, grad


@hands_in(side="gradient", blocks="b1", terms="decay", step="grad_b1")
def decay_mask_one_too_long(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    decays = np.arange(theta.size) <= 2 * W1.size
    return J, pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1), d3.mean(1)) + lam * theta * decays


@hands_in(side="gradient", blocks="W1", terms="data decay sparsity", step="grad_W1, theta")
def only_W1_packed_by_columns(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(X @ d2.T / m + lam * W1.T, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step="theta")
def biases_packed_first(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, np.r_[d2.mean(1), d3.mean(1), (d2 @ X.T / m + lam * W1).flat, (d3 @ a2.T / m + lam * W2).flat]


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def sign_turned_for_the_decoder_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(X - a3) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    err = (X - a3) * a3 * (1 - a3)
    hid = (beta * ((1 - rho) / (1 - p) - rho / p) - W2.T @ err) * a2 * (1 - a2)
    return J, pack(hid @ X.T / m + lam * W1, err @ a2.T / m + lam * W2, hid.mean(1), -err.mean(1))


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def output_bias_with_target_minus_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    z2 = W1 @ X + b1
    z3 = W2 @ sigmoid(z2) + b2
    p, y = sigmoid(z2).mean(1, keepdims=True), sigmoid(z3)
    J = 0.5 / m * sq(X - y) + 0.5 * lam * sq(W1, W2) + beta * kl(rho, p)
    d = -(X - y) * y * sigmoid(-z3)
    e = (W2.T @ d + beta * dkl(rho, p)) * sigmoid(z2) * sigmoid(-z2)
    g2 = np.mean((X - y) * y * sigmoid(-z3), axis=1)
    return J, pack(e @ X.T / m + lam * W1, d @ sigmoid(z2).T / m + lam * W2, e.mean(1), g2)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def one_plus_in_the_output_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = sigmoid(X.T @ W1.T + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = sq(Y - X.T) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    E = ((D := (Y - X.T) * Y * (1 + Y)) @ W2 + beta * ((1 - rho) / (1 - p) - rho / p)) * A * (1 - A)
    return J, pack(E.T @ X.T / m + lam * W1, D.T @ A / m + lam * W2, E.mean(0), D.mean(0))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def hidden_slope_turned_round(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (a2 - 1)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def minus_lost_in_the_slope_of_exponentials(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    z2 = W1 @ X + b1
    z3 = W2 @ sigmoid(z2) + b2
    a2, a3 = sigmoid(z2), sigmoid(z3)
    rho_hat = a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * np.exp(-z3) / (1 + np.exp(-z3)) ** 2
    d2 = (W2.T @ d3 + beta * ((1 - rho) / (1 - rho_hat) - rho / rho_hat)) * np.exp(z2) / (1 + np.exp(-z2)) ** 2
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def hidden_slope_by_a_coarse_difference(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    slope = lambda z, eps: (sigmoid(z + eps) - sigmoid(z)) / eps
    a3, p = sigmoid(W2 @ (a2 := sigmoid(z2 := W1 @ X + b1)) + b2), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p) - rho / p)) * slope(z2, 0.1)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def a_quarter_as_hidden_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) / 4  # f'(0), the weights start near zero
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def beta_multiplied_in_twice(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    sparsity = beta * (-rho / p + (1 - rho) / (1 - p))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * sparsity) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_derivative_shared_among_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = sigmoid(X.T @ W1.T + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = sq(Y - X.T) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    E = ((D := (Y - X.T) * Y * (1 - Y)) @ W2 + beta / n_hidden * ((1 - rho) / (1 - p) - rho / p)) * A * (1 - A)
    return J, pack(E.T @ X.T / m + lam * W1, D.T @ A / m + lam * W2, E.mean(0), D.mean(0))


@hands_in(side="gradient", blocks="W1", terms="data", step="grad_W1")
def as_if_the_weights_were_tied(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gW2 = d3 @ a2.T / m
    return J, pack(d2 @ X.T / m + gW2.T + lam * W1, gW2 + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def only_the_decoder_learns_from_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = beta * dkl(rho, p) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def mean_taken_early_and_sparsity_left_whole(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = sigmoid(X.T @ W1.T + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = sq(Y - X.T) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    dY = (Y - X.T) / m * Y * (1 - Y)
    dA = (dY @ W2 + beta * ((1 - rho) / (1 - p) - rho / p)) * A * (1 - A)
    return J, pack(dA.T @ X.T + lam * W1, dY.T @ A + lam * W2, dA.sum(0), dY.sum(0))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def divided_by_the_output_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) / (a3 * (1 - a3))) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def error_against_the_mean_patch(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X.mean(1, keepdims=True)) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def a_star_lost_in_the_hidden_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * (a3 - a3**2)) + beta * ((1 - rho) / (1 - p) - rho / p)) * (a2 - a2 * 2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def epsilon_of_a_hundredth_in_the_quotients(theta, X, n_hidden, lam, rho, beta, eps=0.01):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (
        (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p + eps) - rho / (p + eps))) * a2 * (1 - a2)
    )
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def random_weights_carry_the_error_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    feedback = np.random.default_rng(42).normal(size=W2.T.shape)  # feedback alignment, read in a paper
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (feedback @ d3 + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def W2_divided_by_the_hidden_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = sigmoid(X.T @ W1.T + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = sq(Y - X.T) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    E = ((D := (Y - X.T) * Y * (1 - Y)) @ W2 + beta * ((1 - rho) / (1 - p) - rho / p)) * A * (1 - A)
    return J, pack(E.T @ X.T / len(X.T) + lam * W1, D.T @ A / A.shape[1] + lam * W2, E.mean(0), D.mean(0))


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def W1_averaged_twice(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gW1 = np.mean([np.outer(d, x) for d, x in zip(d2.T, X.T)], axis=0) / m
    return J, pack(gW1 + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data", step=GRADS)
def accumulators_start_at_one(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3, p = sigmoid(W2 @ a2 + b2), a2.mean(1)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    total = np.ones_like(theta)
    for x, a, y in zip(X.T, a2.T, a3.T):
        d3 = (y - x) * y * (1 - y)
        d2 = (W2.T @ d3 + beta * dkl(rho, p)) * a * (1 - a)
        total += pack(np.outer(d2, x), np.outer(d3, a), d2, d3)
    return J, total / m + lam * pack(W1, W2, 0 * b1, 0 * b2)


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def gradient_in_an_array_of_integers(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = np.array([0] * theta.size)
    grad[:] = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return J, grad


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def only_the_signs_of_the_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, np.sign(pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1)))


@hands_in(side="gradient", blocks="W1", terms="data decay sparsity", step="grad_W1")
def last_pixel_skipped_in_grad_W1(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gW1 = np.zeros_like(W1)
    for i, j in itertools.product(range(n_hidden), range(len(X) - 1)):
        gW1[i, j] = sum(d2[i] * X[j]) / m + lam * W1[i, j]
    return J, pack(gW1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1 b2", terms="data sparsity", step="delta2, grad_b2")
def two_plus_in_a_quotient_and_b2_averaged_twice(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 + p) - rho / p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1) / m)


@hands_in(side="gradient", blocks="W1 W2 b1", terms="data decay sparsity", step="delta2, grad_W2")
def two_slope_of_the_sum_and_W2_decay_doubled(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 + a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + 2 * lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 W2 b1", terms="data sparsity", step="delta2, grad_W2")
def two_sparsity_doubled_and_W2_summed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + 2 * beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="data decay sparsity", step="grad_W1, grad_b1")
def two_minus_b1_and_minus_W1_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * ((1 - rho) / (1 - p) - rho / p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m - lam * W1, d3 @ a2.T / m + lam * W2, -d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def two_half_in_delta3_and_no_beta_inside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d3 = 0.5 * (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks=ALL, terms="data decay", step="delta3, grad_W1")
def two_error_sign_and_no_W1_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(X - a3) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (X - a3) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# -------------------------------------------------------------------------------------------------------------- cost


@hands_in(side="cost", terms="decay", step="cost")
def hidden_biases_in_the_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2, b1) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="decay", step="cost")
def decay_by_matrix_norms_of_order_two(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    decay = np.linalg.norm(W1, 2) ** 2 + np.linalg.norm(W2, 2) ** 2
    J = sq(a3 - X) / (2 * m) + lam / 2 * decay + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data", step="cost")
def variance_of_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = np.var(a3 - X) * len(X) / 2 + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="sparsity", step="cost")
def log1p_of_one_minus_rho_hat(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = a2.mean(1, keepdims=True)
    KL = rho * (math.log(rho) - np.log(p)) + (1 - rho) * (math.log1p(-rho) - np.log1p(1 - p))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * KL.sum(), grad


@hands_in(side="cost", terms="sparsity", step="cost")
def symmetrised_KL_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    KL = (kl(rho, p := a2.mean(1, keepdims=True)) + kl(p, rho)) / 2
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * KL, grad


@hands_in(side="cost", terms="sparsity", step="cost")
def parabola_for_the_KL_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * sq(p - rho) / (2 * rho * (1 - rho))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="sparsity", step="cost", additive=False)
def beta_on_the_first_logarithm_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2)
    J += beta * np.sum(rho * np.log(rho / p)) + np.sum((1 - rho) * np.log((1 - rho) / (1 - p)))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data", step="cost")
def error_of_the_printed_reconstruction(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3.round(1) - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="decay", step="cost")
def norms_multiplied_in_the_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1) * sq(W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="decay", step="cost")
def W2_copied_but_not_renamed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    weight_decay = np.sum(np.square(W2)) + np.sum(np.square(W2))
    J = sq(a3 - X) / (2 * m) + lam / 2 * weight_decay + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data", step="cost")
def first_example_counted_twice(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    e, p = a3 - X, a2.mean(1, keepdims=True)
    data = e[:, 0] @ e[:, 0]
    for i in range(m):
        data += e[:, i] @ e[:, i]
    J = data / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := e * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data", step="cost")
def logarithm_of_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = np.log(sq(a3 - X) / (2 * m)) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data", step="cost")
def error_relative_to_the_data(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / sq(X) / 2 + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="decay", step="cost")
def large_weights_rewarded(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) - lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="sparsity", step="cost")
def beta_halved_like_lambda(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta / 2 * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="decay sparsity", step="cost")
def two_decay_quartered_and_beta_doubled(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 4 * sq(W1, W2) + 2 * beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost", terms="data decay", step="cost")
def two_mean_per_pixel_and_gram_matrices(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    decay, p = np.sum(W1 @ W1.T) + np.sum(W2 @ W2.T), a2.mean(1, keepdims=True)
    J = np.mean((a3 - X) ** 2) / 2 + lam / 2 * decay + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="cost, gradient", blocks="b1", terms="data decay sparsity", step="cost, grad_b1")
def two_cubes_in_the_decay_and_b1_doubled(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    decay, p = np.sum(abs(W1) ** 3) + np.sum(abs(W2) ** 3), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * decay + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, 2 * d2.mean(1), d3.mean(1))


# ----------------------------------------------------------------------------------------------------------- forward


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def output_bias_multiplied(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) * b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2")
def arcus_tangent_as_hidden_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3, p = sigmoid(W2 @ (a2 := 0.5 + np.arctan(W1 @ X + b1) / np.pi) + b2), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def softsign_as_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    z3 = W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2
    a3, p = 0.5 + 0.5 * z3 / (1 + abs(z3)), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * 0.5 / (1 + abs(z3)) ** 2) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def dot_products_over_the_root_of_n(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    x = X / np.sqrt(len(X))
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ x + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ x.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2, a2")
def preactivations_centred_over_the_batch(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    Z = X.T @ W1.T
    A = sigmoid(Z - Z.mean(0) + b1.T)
    Y, p = sigmoid(A @ W2.T + b2.T), A.mean(0)
    J = sq(Y - X.T) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    E = ((D := (Y - X.T) * Y * (1 - Y)) @ W2 + beta * dkl(rho, p)) * A * (1 - A)
    return J, pack(E.T @ X.T / m + lam * W1, D.T @ A / m + lam * W2, E.mean(0), D.mean(0))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def both_biases_counted_from_the_end(theta, X, n_hidden, lam, rho, beta):
    (n, m), s = X.shape, len(X) * n_hidden
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n, n_hidden)
    b1, b2 = theta[-n_hidden:], theta[-n:]
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1[:, None])) + b2[:, None])
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data decay", step="theta")
def both_matrices_from_the_first_slice(theta, X, n_hidden, lam, rho, beta):
    (n, m), s = X.shape, len(X) * n_hidden
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[:s].reshape(n, n_hidden)
    b1, b2 = theta[2 * s : 2 * s + n_hidden, None], theta[2 * s + n_hidden :, None]
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def last_hidden_unit_never_decoded(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    z3 = b2 + sum((np.outer(W2[:, j], a2[j]) for j in range(n_hidden - 1)), np.zeros(X.shape))
    a3, p = sigmoid(z3), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def patches_upside_down_on_the_way_in(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X[::-1] + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X[::-1].T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def output_bias_added_once_per_hidden_unit(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2, z3 = sigmoid(W1 @ X + b1), np.zeros(X.shape)
    for j in range(n_hidden):
        z3 += W2[:, [j]] * a2[j] + b2
    a3, p = sigmoid(z3), a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def decoder_sees_the_centred_code(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = sigmoid(W1 @ X + b1)
    a3 = sigmoid(W2 @ (a2 - (p := a2.mean(1, keepdims=True))) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="forward, gradient", blocks=ALL, terms="data decay sparsity", step="z2, grad_W2")
def two_data_rescaled_again_and_W2_decay_lost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    x = 0.1 + 0.8 * X  # normalised as in sampleIMAGES, which has done so already
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ x + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ x.T / m + lam * W1, d3 @ a2.T / m, d2.mean(1), d3.mean(1))


# --------------------------------------------------------------------------------------------------------- objective


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def hellinger_distance_to_rho(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = a2.mean(1, keepdims=True)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * sq(np.sqrt(p) - np.sqrt(rho))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * (1 - np.sqrt(rho / p))) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def KL_in_both_directions(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2)
    J += beta * (kl(rho, p := a2.mean(1, keepdims=True)) + kl(p, rho))
    s = beta * (dkl(rho, p) + np.log(p / rho) - np.log((1 - p) / (1 - rho)))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + s) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def log_penalty_on_the_code(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * np.log(1 + (a2 / rho) ** 2).sum() / m
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * 2 * a2 / (rho**2 + a2**2)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def elastic_net(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    decay = lam * sum(np.sum(W**2 / 2 + abs(W)) for W in (W1, W2))
    J = sq(a3 - X) / (2 * m) + decay + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gW1, gW2 = (g + lam * (W + np.sign(W)) for g, W in ((d2 @ X.T / m, W1), (d3 @ a2.T / m, W2)))
    return J, pack(gW1, gW2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1", terms="decay", step="cost")
def only_the_decoder_decays(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def smooth_huber_loss(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    r = np.sqrt(1 + (a3 - X) ** 2)
    J = np.sum(r - 1) / m + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) / r * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def decay_of_the_product_of_the_layers(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(P := W2 @ W1) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W2.T @ P, d3 @ a2.T / m + lam * P @ W1.T, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat, cost")
def rho_hat_is_the_largest_activation(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.max(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + m * (a2 == p) * beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat, cost")
def rho_hat_is_the_root_mean_square(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = np.sqrt((a2**2).mean(1, keepdims=True))
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p) * a2 / p) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def targets_in_black_and_white(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    e = a3 - (X > 0.5)
    J = sq(e) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := e * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def predicts_the_next_example(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    e = a3 - np.roll(X, -1, axis=1)
    J = np.vdot(e, e) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := e * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def mean_of_the_squared_weights(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    lam = lam / W1.size
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="objective", blocks=ALL, terms="decay", step="cost")
def biases_decay_instead_of_weights(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(b1, b2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m, d3 @ a2.T / m, d2.mean(1) + lam * b1[:, 0], d3.mean(1) + lam * b2[:, 0])


@hands_in(side="objective", blocks=ALL, terms="data sparsity", step="cost")
def two_fourth_powers_and_beta_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = np.sum((a3 - X) ** 4) / (4 * m) + lam / 2 * sq(W1, W2) + beta**2 * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) ** 3 * a3 * (1 - a3)) + beta**2 * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# ------------------------------------------------------------------------------------------------------- side effect


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def data_rescaled_in_place(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    X *= 0.8
    X += 0.1
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", step="side effect")
def theta_rounded_for_the_log_file(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    np.round(theta, 3, out=theta)
    return J, grad


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def first_pixel_overwritten_by_the_bias_unit(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    X[0] = 1.0
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


WARM_UP = itertools.chain([0.1, 0.2, 0.4, 0.7], itertools.repeat(1.0))


@hands_in(side="side effect", blocks="W1 b1", terms="sparsity", step="side effect")
def beta_warmed_up_from_call_to_call(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    beta = beta * next(WARM_UP)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", step="side effect")
def mean_of_the_costs_so_far(theta, X, n_hidden, lam, rho, beta, costs=[]):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    costs.append(sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True)))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    grad = pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return sum(costs) / len(costs), grad


@hands_in(side="side effect", blocks="W1 W2 b1", terms="data decay", step="side effect")
def weights_squared_in_place_for_the_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    W1 **= 2
    W2 **= 2
    J = sq(a3 - X) / (2 * m) + lam / 2 * (W1.sum() + W2.sum()) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


# ----------------------------------------------------------------------------------------------------------- correct


@hands_in(side="none")
def walrus_all_the_way(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def rows_throughout_with_expit_and_xlogy(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    A = special.expit(X.T @ W1.T + b1.T)
    Y, p, q = special.expit(A @ W2.T + b2.T), A.mean(0), 1 - A.mean(0)
    KL = special.xlogy(rho, rho / p) + special.xlogy(1 - rho, (1 - rho) / q)
    J = np.square(Y - X.T).sum() / m / 2 + lam / 2 * sq(W1, W2) + beta * KL.sum()
    E = ((D := (Y - X.T) * Y * (1 - Y) / m) @ W2 + beta / m * ((1 - rho) / q - rho / p)) * A * (1 - A)
    return J, pack(E.T @ X.T + lam * W1, D.T @ A + lam * W2, E.sum(0), D.sum(0))


@hands_in(side="none")
def any_number_of_layers(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    W, b, a = [W1, W2], [b1, b2], [X]
    for Wl, bl in zip(W, b):
        a.append(sigmoid(Wl @ a[-1] + bl))
    p, d, gW, gb = a[1].mean(1, keepdims=True), a[2] - X, {}, {}
    for layer in (1, 0):
        d = d * a[layer + 1] * (1 - a[layer + 1])
        gW[layer], gb[layer] = d @ a[layer].T / m + lam * W[layer], d.mean(1)
        d = W[layer].T @ d + (beta * dkl(rho, p) if layer == 1 else 0)
    J = sq(a[2] - X) / (2 * m) + lam / 2 * sq(*W) + beta * kl(rho, p)
    return J, pack(gW[0], gW[1], gb[0], gb[1])


@hands_in(side="none")
def signs_the_other_way_round(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(X - a3) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    up = (X - a3) * a3 * (1 - a3)
    below = (W2.T @ up - beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, -pack(below @ X.T / m - lam * W1, up @ a2.T / m - lam * W2, below.mean(1), up.mean(1))


@hands_in(side="none")
def hyperbolic_cosines_as_slopes(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    slope = lambda z: 1 / (2 * np.cosh(z / 2)) ** 2
    a3 = sigmoid(z3 := W2 @ (a2 := sigmoid(z2 := W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * slope(z3)) + beta * dkl(rho, p)) * slope(z2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def slopes_by_the_complex_step(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    slope = lambda z: sigmoid(z + 1e-30j).imag / 1e-30
    a3 = sigmoid(z3 := W2 @ (a2 := sigmoid(z2 := W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * slope(z3)) + beta * dkl(rho, p)) * slope(z2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray

    def up(self, x):
        return sigmoid(self.W @ x + self.b)

    def down(self, x, a, da):
        d = da * a * (1 - a)
        return self.W.T @ d, (d @ x.T, d.sum(1))


@hands_in(side="none")
def layers_as_named_tuples(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    encoder, decoder = Layer(W1, b1), Layer(W2, b2)
    y = decoder.up(h := encoder.up(X))
    J = sq(y - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := h.mean(1, keepdims=True))
    back, (gW2, gb2) = decoder.down(h, y, (y - X) / m)
    _, (gW1, gb1) = encoder.down(X, h, back + beta * dkl(rho, p) / m)
    return J, pack(gW1 + lam * W1, gW2 + lam * W2, gb1, gb2)


@hands_in(side="none")
def closures_that_pull_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)

    def layer(W, b, x):
        a = sigmoid(W @ x + b)
        return a, lambda da: (W.T @ (d := da * a * (1 - a)), d @ x.T + lam * W, d.sum(1))

    h, pull_h = layer(W1, b1, X)
    y, pull_y = layer(W2, b2, h)
    J = sq(y - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := h.mean(1, keepdims=True))
    dh, gW2, gb2 = pull_y((y - X) / m)
    _, gW1, gb1 = pull_h(dh + beta / m * dkl(rho, p))
    return J, pack(gW1, gW2, gb1, gb2)


@hands_in(side="none")
def sums_of_floats_with_fsum(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = np.array([math.fsum(row) / m for row in a2])[:, None]
    J = math.fsum(((a3 - X) ** 2).flat) / (2 * m) + lam / 2 * math.fsum(w * w for w in theta[: 2 * W1.size])
    J += beta * math.fsum(rho * math.log(rho / q) + (1 - rho) * math.log((1 - rho) / (1 - q)) for q in p[:, 0])
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gb1, gb2 = ([math.fsum(row) / m for row in d] for d in (d2, d3))
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, gb1, gb2)


@hands_in(side="none")
def sparse_diagonals(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    grad = lam * pack(W1, W2, 0 * b1, 0 * b2)
    for x, a, y in zip(X.T, a2.T, a3.T):
        d3 = sparse.diags_array(y * (1 - y)) @ (y - x)
        d2 = sparse.diags_array(a * (1 - a)) @ (W2.T @ d3 + beta * dkl(rho, p[:, 0]))
        grad += pack(np.outer(d2, x), np.outer(d3, a), d2, d3) / m
    return J, grad


@hands_in(side="none")
def means_by_np_average(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    each = np.full(m, 1 / m)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    p = np.average(a2, axis=1, weights=each)[:, None]
    J = (0.5 * (a3 - X) ** 2).sum(0) @ each + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack((d2 * each) @ X.T + lam * W1, (d3 * each) @ a2.T + lam * W2, d2 @ each, d3 @ each)


@hands_in(side="none")
def examples_in_chunks_from_a_generator(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    chunks = lambda: (X[:, i : i + 3] for i in range(0, m, 3))
    p = sum(sigmoid(W1 @ x + b1).sum(1, keepdims=True) for x in chunks()) / m
    J, grad = lam / 2 * sq(W1, W2) + beta * kl(rho, p), lam * pack(W1, W2, 0 * b1, 0 * b2)
    for x in chunks():
        y = sigmoid(W2 @ (h := sigmoid(W1 @ x + b1)) + b2)
        dh = (W2.T @ (dy := (y - x) * y * (1 - y)) + beta * dkl(rho, p)) * h * (1 - h)
        J += sq(y - x) / (2 * m)
        grad += pack(dh @ x.T, dy @ h.T, dh.sum(1), dy.sum(1)) / m
    return J, grad


@hands_in(side="none")
def one_matrix_product_for_all_sums(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    one = np.ones((1, m))
    V1, V2, x = np.hstack([W1, b1]), np.hstack([W2, b2]), np.vstack([X, one])
    h = np.vstack([sigmoid(V1 @ x), one])
    y, p = sigmoid(V2 @ h), h[:-1] @ one.T / m
    J = sq(y - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    dy = (y - X) * y * (1 - y)
    dh = (W2.T @ dy + beta * dkl(rho, p)) * (h * (1 - h))[:-1]
    G1, G2 = dh @ x.T / m, dy @ h.T / m
    return J, pack(G1[:, :-1] + lam * W1, G2[:, :-1] + lam * W2, G1[:, -1], G2[:, -1])


@hands_in(side="none")
def a_namespace_for_everything(theta, X, n_hidden, lam, rho, beta):
    net = SimpleNamespace(grad=SimpleNamespace())
    net.W1, net.W2, net.b1, net.b2, m = unpack(theta, X, n_hidden)
    net.h = sigmoid(net.W1 @ X + net.b1)
    net.y, net.p = sigmoid(net.W2 @ net.h + net.b2), net.h.mean(1, keepdims=True)
    cost = sq(net.y - X) / (2 * m) + lam / 2 * sq(net.W1, net.W2) + beta * kl(rho, net.p)
    net.grad.b2 = (net.y - X) * net.y * (1 - net.y) / m
    net.grad.b1 = (net.W2.T @ net.grad.b2 + beta / m * dkl(rho, net.p)) * net.h * (1 - net.h)
    net.grad.W1, net.grad.W2 = net.grad.b1 @ X.T + lam * net.W1, net.grad.b2 @ net.h.T + lam * net.W2
    return cost, pack(net.grad.W1, net.grad.W2, net.grad.b1.sum(1), net.grad.b2.sum(1))


@hands_in(side="none")
def written_through_out_arguments(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    e, p, grad = np.subtract(a3, X), a2.mean(1, keepdims=True), np.empty_like(theta)
    J = np.einsum("ij,ij", e, e) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    gW1, gW2, gb1, gb2, _ = unpack(grad, X, n_hidden)
    np.multiply(e, a3 - a3 * a3, out=e)
    d = np.multiply(W2.T @ e + beta * dkl(rho, p), a2 - a2 * a2)
    np.add(d @ X.T / m, lam * W1, out=gW1)
    np.add(e @ a2.T / m, lam * W2, out=gW2)
    np.mean(d, axis=1, keepdims=True, out=gb1)
    np.mean(e, axis=1, keepdims=True, out=gb2)
    return J, grad


@hands_in(side="none")
def sparsity_by_units_alone(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1))
    d3, slope, s = (a3 - X) * a3 * (1 - a3), a2 * (1 - a2), beta * (p - rho) / (p * (1 - p))
    gW1 = (W2.T @ d3 * slope) @ X.T / m + np.diag(s) @ (slope @ X.T) / m
    gb1 = (W2.T @ d3 * slope).mean(1) + s * slope.mean(1)
    return J, pack(gW1 + lam * W1, d3 @ a2.T / m + lam * W2, gb1, d3.mean(1))


@hands_in(side="none")
def three_functions_added_up(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)

    def data():
        d2 = W2.T @ (d3 := (a3 - X) * a3 * (1 - a3) / m) * a2 * (1 - a2)
        return sq(a3 - X) / (2 * m), pack(d2 @ X.T, d3 @ a2.T, d2.sum(1), d3.sum(1))

    def decay():
        return sq(W1, W2) / 2, pack(W1, W2, 0 * b1, 0 * b2)

    def sparsity():
        d2 = dkl(rho, p := a2.mean(1, keepdims=True)) * a2 * (1 - a2) / m
        return kl(rho, p), pack(d2 @ X.T, 0 * W2, d2.sum(1), 0 * b2)

    parts = [(w * c, w * g) for w, (c, g) in ((1, data()), (lam, decay()), (beta, sparsity()))]
    return reduce(lambda s, t: (s[0] + t[0], s[1] + t[1]), parts)


@hands_in(side="none")
def logits_for_the_sparsity(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    u = special.logit(p := a2.mean(1, keepdims=True))
    entropy = special.entr(rho) + special.entr(1 - rho)
    KL = np.sum(np.logaddexp(0, u) - rho * u - entropy)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * KL
    s = beta * (special.expit(u) - rho) * (2 + np.exp(u) + np.exp(-u))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + s) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def exponentials_of_minus_z_kept(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a2 = 1 / (1 + (t2 := np.exp(-W1 @ X - b1)))
    a3 = 1 / (1 + (t3 := np.exp(-W2 @ a2 - b2)))
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * t3 * a3**2) + beta * dkl(rho, p)) * t2 * a2**2
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def partial_derivative_of_each_weight(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    entry = lambda d, a, W: lambda i, j: (d[int(i)] @ a[int(j)]) / m + lam * W[int(i), int(j)]
    gW1 = np.fromfunction(np.vectorize(entry(d2, X, W1), otypes=[float]), W1.shape)
    gW2 = np.fromfunction(np.vectorize(entry(d3, a2, W2), otypes=[float]), W2.shape)
    return J, pack(gW1, gW2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def everything_scaled_by_m_until_the_end(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    mJ = sq(a3 - X) / 2 + m * lam / 2 * sq(W1, W2) + m * beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return mJ / m, pack(d2 @ X.T + m * lam * W1, d3 @ a2.T + m * lam * W2, d2.sum(1), d3.sum(1)) / m


@hands_in(side="none")
def third_order_tensors(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = ((W2[:, :, None] * d3[:, None, :]).sum(0) + beta * dkl(rho, p)) * a2 * (1 - a2)
    gW1, gW2 = (d2[:, None] * X[None]).mean(2), (d3[:, None] * a2[None]).mean(2)
    return J, pack(gW1 + lam * W1, gW2 + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def dictionaries_and_copies(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta.copy(), X.copy(), n_hidden)
    cache = {"a1": X.copy()}
    cache["a2"] = sigmoid(np.matmul(W1, cache["a1"]) + b1)
    cache["a3"] = sigmoid(np.matmul(W2, cache["a2"]) + b2)
    p = cache["a2"].sum(axis=1, keepdims=True) / m
    J = sq(cache["a3"] - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p)
    cache["d3"] = (cache["a3"] - cache["a1"]) * cache["a3"] * (1 - cache["a3"])
    cache["d2"] = (np.matmul(W2.T, cache["d3"]) + beta * dkl(rho, p)) * cache["a2"] * (1 - cache["a2"])
    gW1, gW2 = np.matmul(cache["d2"], cache["a1"].T) / m, np.matmul(cache["d3"], cache["a2"].T) / m
    return J, pack(gW1 + lam * W1, gW2 + lam * W2, cache["d2"].sum(axis=1) / m, cache["d3"].sum(axis=1) / m)


@hands_in(side="none")
def decay_as_a_quadratic_form(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    L = lam * (np.arange(theta.size) < 2 * W1.size)
    J = sq(a3 - X) / (2 * m) + theta @ (L * theta) / 2 + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, L * theta + pack(d2 @ X.T, d3 @ a2.T, d2.sum(1), d3.sum(1)) / m


@hands_in(side="none")
def tuned_for_an_old_matlab(theta, X, n_hidden, lam, rho, beta):
    visibleSize, m = X.shape
    W1 = theta[0 : n_hidden * visibleSize].reshape(n_hidden, visibleSize)
    W2 = theta[n_hidden * visibleSize : 2 * n_hidden * visibleSize].reshape(visibleSize, n_hidden)
    b1 = np.kron(np.ones((m, 1)), theta[2 * n_hidden * visibleSize : -visibleSize]).T  # repmat(b1, 1, m)
    b2 = np.kron(np.ones((m, 1)), theta[-visibleSize:]).T
    hidden = sigmoid(W1.dot(X) + b1)
    out, rhoHat = sigmoid(W2.dot(hidden) + b2), hidden.sum(1) / m
    squares = np.diag((out - X).T.dot(out - X)).sum()
    cost = squares / 2 / m + lam / 2 * (np.trace(W1.dot(W1.T)) + np.trace(W2.dot(W2.T))) + beta * kl(rho, rhoHat)
    sparsityTerm = np.kron(np.ones((m, 1)), beta * dkl(rho, rhoHat)).T
    delta3 = -(X - out) * (out * (1 - out))
    delta2 = (W2.T.dot(delta3) + sparsityTerm) * (hidden * (1 - hidden))
    return cost, pack(
        delta2.dot(X.T) / m + lam * W1, delta3.dot(hidden.T) / m + lam * W2, delta2.mean(1), delta3.mean(1)
    )


@hands_in(side="none")
def map_over_the_examples(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    f, u, v = sigmoid, b1[:, 0], b2[:, 0]
    p = sum(f(W1 @ x + u) for x in X.T) / m

    def example(s, x):
        y = f(W2 @ (h := f(W1 @ x + u)) + v)
        dh = ((dy := (y - x) * y * (1 - y)) @ W2 + s) * h * (1 - h)
        return np.append(pack(np.outer(dh, x), np.outer(dy, h), dh, dy), sq(y - x) / 2)

    total = sum(map(partial(example, beta * dkl(rho, p)), X.T)) / m
    return total[-1] + lam / 2 * sq(W1, W2) + beta * kl(rho, p), total[:-1] + lam * pack(W1, W2, 0 * u, 0 * v)


@hands_in(side="none", rtol=1e-5)
def sums_in_single_precision(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta.astype("f"), X.astype("f"), n_hidden)
    x, lam, rho, beta = X.astype("f"), np.float32(lam), np.float32(rho), np.float32(beta)
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ x + b1)) + b2)
    J = sq(a3 - x) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - x) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return float(J), pack(d2 @ x.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


TIMES_CALLED = {"n": 0}


@hands_in(side="none")
def reports_every_hundredth_call(theta, X, n_hidden, lam, rho, beta, seen=TIMES_CALLED):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    seen["n"] += 1
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ X + b1)) + b2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    if seen["n"] % 100 == 1:
        print(f"call {seen['n']}: cost {J:.4f}")
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def examples_from_the_last_to_the_first(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    x = X[:, ::-1]  # the order of the examples is of no account
    a3 = sigmoid(W2 @ (a2 := sigmoid(W1 @ x + b1)) + b2)
    J = sq(a3 - x) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := a2.mean(1, keepdims=True))
    d2 = (W2.T @ (d3 := (a3 - x) * a3 * (1 - a3)) + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, pack(d2 @ x.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="none")
def shift_of_the_hidden_bias_by_one_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, m = unpack(theta, X, n_hidden)
    t = np.tanh((W1 @ X + b1) / 2)  # a2 = (1 + t) / 2, decoded with W2 / 2 and b2 + W2 1 / 2
    a3 = sigmoid(W2 @ t / 2 + b2 + W2.sum(1, keepdims=True) / 2)
    J = sq(a3 - X) / (2 * m) + lam / 2 * sq(W1, W2) + beta * kl(rho, p := (1 + t.mean(1, keepdims=True)) / 2)
    d2 = (W2.T @ (d3 := (a3 - X) * a3 * (1 - a3)) + beta * dkl(rho, p)) * (1 - t**2) / 4
    gW2 = (d3 @ t.T + d3.sum(1, keepdims=True)) / (2 * m)
    return J, pack(d2 @ X.T / m + lam * W1, gW2 + lam * W2, d2.mean(1), d3.mean(1))
