"""A held-out examination: many students, one exercise, and an examiner who wants the diagnosis to fail."""

import functools
import itertools
import math
import warnings
from collections import OrderedDict
from types import SimpleNamespace

import numpy as np
from scipy import linalg, special

from . import hands_in

ALL = "W1 W2 b1 b2"
GRADS = "grad_W1, grad_W2, grad_b1, grad_b2"


# ---------------------------------------------------------------- what several of the students share: right, all of it


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def unroll(theta, n, h):
    W1 = theta[: h * n].reshape(h, n)
    W2 = theta[h * n : 2 * h * n].reshape(n, h)
    return W1, W2, theta[2 * h * n : 2 * h * n + h], theta[2 * h * n + h :]


def roll(*parts):
    return np.concatenate([np.asarray(part).ravel() for part in parts])


def feed(theta, X, h):
    W1, W2, b1, b2 = unroll(theta, X.shape[0], h)
    a2 = sigmoid(W1.dot(X) + b1.reshape(-1, 1))
    return W1, W2, b1, b2, a2, sigmoid(W2.dot(a2) + b2.reshape(-1, 1))


def kl(rho, rho_hat):
    return np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))


def dkl(rho, rho_hat):
    return -rho / rho_hat + (1 - rho) / (1 - rho_hat)


def full_cost(W1, W2, a2, a3, X, lam, rho, beta):
    m = X.shape[1]
    return (
        0.5 / m * np.sum((a3 - X) ** 2)
        + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
        + beta * kl(rho, np.mean(a2, axis=1))
    )


def deltas(W2, a2, a3, X, rho, beta):
    d3 = -(X - a3) * a3 * (1 - a3)
    d2 = (W2.T.dot(d3) + beta * dkl(rho, np.mean(a2, 1)).reshape(-1, 1)) * a2 * (1 - a2)
    return d3, d2


def grads(d2, d3, W1, W2, a2, X, lam):
    m = X.shape[1]
    return roll(d2.dot(X.T) / m + lam * W1, d3.dot(a2.T) / m + lam * W2, np.sum(d2, axis=1) / m, np.sum(d3, axis=1) / m)


def full_grad(W1, W2, a2, a3, X, lam, rho, beta):
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    return grads(d2, d3, W1, W2, a2, X, lam)


# ---------------------------------------------------------------- the gradient: delta3


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def delta3_without_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def sigmoid_prime_of_activation(theta, X, n_hidden, lam, rho, beta):
    def sigmoid_prime(z):
        return sigmoid(z) * (1 - sigmoid(z))

    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * sigmoid_prime(a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def sigmoid_prime_of_activation_twice(theta, X, n_hidden, lam, rho, beta):
    # data = rows here
    A = X.T
    W1, W2, b1, b2 = unroll(theta, X.shape[0], n_hidden)

    def prime(s):
        e = np.exp(-s)
        return e / (1 + e) ** 2

    H = sigmoid(A @ W1.T + b1)
    Y = sigmoid(H @ W2.T + b2)
    mu = H.mean(axis=0)
    E = (Y - A) * prime(Y)
    D = (E @ W2 + beta * dkl(rho, mu)) * prime(H)
    N = len(A)
    J = ((Y - A) ** 2).sum() / 2 / N + lam / 2 * (W1**2).sum() + lam / 2 * (W2**2).sum() + beta * kl(rho, mu)
    return J, np.r_[(D.T @ A / N + lam * W1).ravel(), (E.T @ H / N + lam * W2).ravel(), D.mean(axis=0), E.mean(axis=0)]


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def tanh_derivative_in_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * (1 - a3**2)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def one_factor_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = -(X - a3) * a3 * (1 - a3) ** 2
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def one_minus_left_out(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = -(X - a3) * a3
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def bracket_lost_in_delta3(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * 1 - a3
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def bracket_lost_at_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = a3 - X * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def sign_of_error_matlab(theta, X, n_hidden, lam, rho, beta):
    # delta3 = -(data - a3) .* fprime(z3)   <- my minus went missing in translation
    data = X
    visibleSize, m = data.shape
    W1, W2, b1, b2 = unroll(theta, visibleSize, n_hidden)
    z2 = W1 @ data + np.tile(b1[:, np.newaxis], (1, m))
    a2 = sigmoid(z2)
    z3 = W2 @ a2 + np.tile(b2[:, np.newaxis], (1, m))
    a3 = sigmoid(z3)
    rhohats = np.mean(a2, 1)[:, np.newaxis]
    KLsum = np.sum(rho * np.log(rho / rhohats) + (1 - rho) * np.log((1 - rho) / (1 - rhohats)))
    squares = (a3 - data) ** 2
    cost = np.sum(squares) / 2 / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * KLsum
    delta3 = (data - a3) * a3 * (1 - a3)
    beta_term = beta * (-rho / rhohats + (1 - rho) / (1 - rhohats))
    delta2 = (W2.T @ delta3 + beta_term) * a2 * (1 - a2)
    W1grad = delta2 @ data.T / m + lam * W1
    W2grad = delta3 @ a2.T / m + lam * W2
    b1grad = np.sum(delta2, 1) / m
    b2grad = np.sum(delta3, 1) / m
    return cost, np.hstack((W1grad.flatten(), W2grad.flatten(), b1grad.flatten(), b2grad.flatten()))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def two_from_the_square(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = 2 * (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def error_squared_in_delta3(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    err = 0.5 * (a3 - X) ** 2
    d3 = err * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def derivative_from_the_targets(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * X * (1 - X)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def derivative_of_z3_itself(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2, a2, a3 = feed(theta, X, n_hidden)
    z3 = W2 @ a2 + b2[:, None]
    d3 = (a3 - X) * z3 * (1 - z3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def derivative_averaged_over_examples(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    slope = np.mean(a3 * (1 - a3), axis=1, keepdims=True)
    d3 = (a3 - X) * slope
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def derivative_applied_twice_in_output(theta, X, n_hidden, lam, rho, beta):
    class Sigmoid:
        def forward(self, z):
            self.y = sigmoid(z)
            return self.y

        def backward(self, dy):
            return dy * self.y * (1 - self.y)

    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    s1, s2 = Sigmoid(), Sigmoid()
    a2 = s1.forward(W1 @ X + b1[:, None])
    a3 = s2.forward(W2 @ a2 + b2[:, None])
    d3 = s2.backward((a3 - X) * a3 * (1 - a3))
    d2 = s1.backward(W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def delta3_already_divided_by_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3) / X.shape[1]
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def delta3_divided_by_n(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3) / len(X)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def sign_function_of_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = np.sign(a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def sigmoid_again_in_backward(theta, X, n_hidden, lam, rho, beta):
    # "the output": apply sigmoid to be sure it is between 0 and 1
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    out = sigmoid(a3)
    d3 = (out - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


# ---------------------------------------------------------------- the gradient: delta2


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def delta2_without_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_outside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2) + beta * dkl(rho, a2.mean(1))[:, None]
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def derivative_only_on_the_sparsity(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None] * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_not_propagated(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_sign_flipped(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (rho / p - (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def both_signs_minus(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * -(rho / p + (1 - rho) / (1 - p))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_half_a_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 - beta * rho / p) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def precedence_in_the_kl_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + 1 - rho / 1 - p)) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def rho_and_rho_hat_swapped_in_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-p / rho + (1 - p) / (1 - rho))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def logs_instead_of_quotients(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    s = np.log(p / rho) - np.log((1 - p) / (1 - rho))
    d2 = (W2.T @ d3 + beta * s) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def difference_instead_of_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (p - rho)) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def kl_value_backpropagated(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    KL = rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * KL) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2", additive=False)
def beta_forgotten_in_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_over_m_once_more(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    d3 = (a3 - X) * a3 * (1 - a3)
    # chain rule: d rho_hat / d a2 = 1 / m
    d2 = (W2.T @ d3 + beta / m * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def encoder_weights_on_the_way_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W1 @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def reshaped_where_transposed_was_meant(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.reshape(n_hidden, -1) @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def raw_error_sent_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    err = a3 - X
    d3 = err * a3 * (1 - a3)
    d2 = (W2.T @ err + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def tanh_derivative_in_hidden(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * (1 - a2) * (1 + a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def derivative_of_z2_itself(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    z2 = W1 @ X + b1[:, None]
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * (z2 * (1 - z2))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def derivative_at_the_mean_activation(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, p)) * p * (1 - p)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_with_derivative_at_the_mean(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2) + beta * dkl(rho, p) * p * (1 - p)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def bracket_lost_in_delta2(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * 1 - a2
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="rho_hat, delta2")
def per_example_activation_in_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / a2 + (1 - rho) / (1 - a2))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_summed_over_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    s = beta * np.sum(dkl(rho, np.mean(a2, axis=1)))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + s) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def tiled_then_reshaped(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    # "operands could not be broadcast together": np.tile to the rescue
    s = np.tile(beta * dkl(rho, a2.mean(1)), m).reshape(n_hidden, m)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + s) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_for_the_first_example_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    back = W2.T @ d3
    back[:, 0] += beta * dkl(rho, a2.mean(1))
    d2 = back * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="rho_hat, delta2")
def global_mean_in_gradient_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = np.mean(a2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-(rho / rho_hat) + (1 - rho) / (1 - rho_hat))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="rho_hat, delta2")
def rho_hat_overwritten_in_the_loop(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = a2.mean(axis=1)
    J = 0.5 / m * ((a3 - X) ** 2).sum() + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl(rho, rho_hat)
    gW1, gW2, gb1, gb2 = np.zeros((n_hidden, n)), np.zeros((n, n_hidden)), np.zeros(n_hidden), np.zeros(n)
    for i in range(m):
        x, h, y = X[:, i], a2[:, i], a3[:, i]
        rho_hat = h  # for the drawing below
        e = (y - x) * y * (1 - y)
        d = (W2.T @ e + beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) * h * (1 - h)
        gW1 += np.outer(d, x)
        gW2 += np.outer(e, h)
        gb1 += d
        gb2 += e
    return J, roll(gW1 / m + lam * W1, gW2 / m + lam * W2, gb1 / m, gb2 / m)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_times_rho_hat_not_over(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = np.mean(a2, axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p + (1 - rho) * (1 - p))) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def rho_hat_squared_below(theta, X, n_hidden, lam, rho, beta):
    # d/dp log(rho/p) = -rho/p^2, isn't it?
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = np.mean(a2, axis=1, keepdims=True)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / p**2 + (1 - rho) / (1 - p) ** 2)) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def weights_updated_before_going_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    J = full_cost(W1, W2, a2, a3, X, lam, rho, beta)
    d3 = (a3 - X) * a3 * (1 - a3)
    gW2 = d3 @ a2.T / m + lam * W2
    newW2 = W2 - 0.5 * d3 @ a2.T / m
    d2 = (newW2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, roll(d2 @ X.T / m + lam * W1, gW2, d2.mean(1), d3.mean(1))


@hands_in(side="gradient", blocks="W1 b1", terms="sparsity", step="delta2")
def sparsity_through_the_decoder(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    s = beta * dkl(rho, a2.mean(1))
    d2 = (W2.T @ d3 + (W2.sum(axis=0) * s)[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def relu_gate_by_habit(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * (a2 > 0)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def bias_joined_the_way_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + b1[:, None] + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


# ---------------------------------------------------------------- the gradient: blocks


@hands_in(side="gradient", blocks="W1", terms="decay", step="grad_W1")
def no_decay_on_W1(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_divided_with_the_rest(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll((d2 @ X.T + lam * W1) / m, (d3 @ a2.T + lam * W2) / m, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_halved_in_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam / 2, rho, beta)


@hands_in(side="gradient", blocks="W2", terms="decay", step="grad_W2")
def decay_of_the_other_matrix(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W1.T, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_by_sign(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    g = grads(*deltas(W2, a2, a3, X, rho, beta)[::-1], np.sign(W1), np.sign(W2), a2, X, lam)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_pulls_outwards(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    # W1 = W1 - alpha * (... ) - lam W1
    g = roll(d2 @ X.T / m - lam * W1, d3 @ a2.T / m - lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1 b2", terms="decay", step="grad_b1, grad_b2")
def biases_decay_in_gradient(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    nothing = grads(*deltas(W2, a2, a3, X, rho, beta)[::-1], W1, W2, a2, X, 0.0)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), nothing + lam * theta


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_added_for_each_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    cost = full_cost(W1, W2, a2, a3, X, lam, rho, beta)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    Delta_W1, Delta_W2 = np.zeros_like(W1), np.zeros_like(W2)
    Delta_b1, Delta_b2 = np.zeros(n_hidden), np.zeros(n)
    for i in range(m):
        Delta_W1 = Delta_W1 + np.outer(d2[:, i], X[:, i]) / m + lam * W1
        Delta_W2 = Delta_W2 + np.outer(d3[:, i], a2[:, i]) / m + lam * W2
        Delta_b1 = Delta_b1 + d2[:, i] / m
        Delta_b2 = Delta_b2 + d3[:, i] / m
    return cost, roll(Delta_W1, Delta_W2, Delta_b1, Delta_b2)


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def reconstruction_for_the_input(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ a3.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1")
def reshaped_gradient_of_W1(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gW1 = (X @ d2.T).reshape(W1.shape) / m + lam * W1
    g = roll(gW1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def preactivation_in_grad_W2(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    z2 = W1 @ X + b1[:, None]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ z2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def product_of_means(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gW2 = np.outer(d3.mean(axis=1), a2.mean(axis=1)) + lam * W2
    g = roll(d2 @ X.T / m + lam * W1, gW2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2", terms="data decay", step="theta, grad_W2")
def W2_gradient_not_transposed_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gW2 = a2 @ d3.T / m + lam * W2.T
    g = roll(d2 @ X.T / m + lam * W1, gW2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def outputs_not_deltas_in_grad_W2(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, (a3 - X) @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1 b2", terms="data sparsity", step="grad_b1, grad_b2")
def bias_gradients_summed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(axis=1), d3.sum(axis=1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="grad_b1")
def np_mean_without_axis(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gb1 = np.zeros(b1.shape)
    gb1[:] = np.mean(d2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, gb1, d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def last_example_for_b2(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3[:, -1])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1", terms="sparsity", step="grad_b1")
def sparsity_not_for_the_bias(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    plain = (W2.T @ d3) * a2 * (1 - a2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, plain.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1", terms="sparsity", step="grad_W1")
def sparsity_only_for_the_bias(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    plain = (W2.T @ d3) * a2 * (1 - a2)
    g = roll(plain @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def b2_never_filled_in(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3 = feed(theta, X, n_hidden)
    W1grad, W2grad = np.zeros(W1.shape), np.zeros(W2.shape)
    b1grad, b2grad = np.zeros(b1.shape), np.zeros(b2.shape)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    W1grad += d2 @ X.T / X.shape[1] + lam * W1
    W2grad += d3 @ a2.T / X.shape[1] + lam * W2
    b1grad += d2.mean(axis=1)
    b1grad += b2grad.sum()
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), roll(W1grad, W2grad, b1grad, b2grad)


@hands_in(side="gradient", blocks="b2", terms="data", step="grad_b2")
def bias_times_its_delta(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1) * b2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="grad_b1")
def scrambled_by_reshape_before_the_mean(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gb1 = d2.reshape(m, n_hidden).mean(axis=0)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, gb1, d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2", terms="data sparsity", step="grad_W1, grad_W2")
def matrices_without_one_over_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    g = roll(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2 b2", terms="data", step="grad_W2, grad_b2")
def decoder_divided_by_n(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    n, m = X.shape
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / n + lam * W2, d2.mean(1), d3.sum(1) / n)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step=GRADS)
def gradient_of_the_sum(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    g = roll(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.sum(1), d3.sum(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step=GRADS)
def last_example_left_out_of_the_gradient(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    hidden, output = [], []
    for i in range(m):
        hidden.append(sigmoid(W1 @ X[:, i] + b1))
        output.append(sigmoid(W2 @ hidden[i] + b2))
    rho_hat = sum(hidden) / m
    J = sum(0.5 * np.sum((output[i] - X[:, i]) ** 2) for i in range(m)) / m
    J += lam / 2 * (np.sum(W1 * W1) + np.sum(W2 * W2)) + beta * kl(rho, rho_hat)
    gW1, gW2, gb1, gb2 = lam * W1, lam * W2, 0 * b1, 0 * b2
    for i in range(m - 1):  # 1:m in Matlab
        d3 = (output[i] - X[:, i]) * output[i] * (1 - output[i])
        d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)) * hidden[i] * (1 - hidden[i])
        gW1 = gW1 + np.outer(d2, X[:, i]) / m
        gW2 = gW2 + np.outer(d3, hidden[i]) / m
        gb1 = gb1 + d2 / m
        gb2 = gb2 + d3 / m
    return J, roll(gW1, gW2, gb1, gb2)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step=GRADS)
def gradient_of_the_last_example(theta, X, n_hidden, lam, rho, beta):
    m = X.shape[1]
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    s = beta * dkl(rho, a2.mean(1))
    for x, h, y in zip(X.T, a2.T, a3.T, strict=True):
        d3 = (y - x) * y * (1 - y)
        d2 = (W2.T @ d3 + s) * h * (1 - h)
        dW1, dW2 = np.outer(d2, x), np.outer(d3, h)  # should have been +=
        db1, db2 = d2, d3
    J = full_cost(W1, W2, a2, a3, X, lam, rho, beta)
    return J, roll(dW1 / m + lam * W1, dW2 / m + lam * W2, db1 / m, db2 / m)


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def first_hidden_unit_skipped(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    rho_hat = a2.mean(1)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = np.zeros((n_hidden, m))
    for j in range(1, n_hidden):
        for i in range(m):
            back = sum(W2[k, j] * d3[k, i] for k in range(len(X)))
            d2[j, i] = (back + beta * dkl(rho, rho_hat[j])) * a2[j, i] * (1 - a2[j, i])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def last_output_skipped_on_the_way_back(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    back = np.zeros(a2.shape)
    for k in range(len(X) - 1):
        back += W2[k][:, None] * d3[k]
    d2 = (back + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step=GRADS)
def divided_by_m_minus_one(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    k = max(X.shape[1] - 1, 1)
    g = roll(d2 @ X.T / k + lam * W1, d3 @ a2.T / k + lam * W2, d2.sum(1) / k, d3.sum(1) / k)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def descent_direction_returned(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), -full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def gradient_of_length_one(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    g = full_grad(W1, W2, a2, a3, X, lam, rho, beta)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g / np.linalg.norm(g)


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def learning_rate_inside(theta, X, n_hidden, lam, rho, beta):
    alpha = 0.1
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), alpha * full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="gradient", blocks="W1 W2", terms="data decay sparsity", step="theta")
def packed_column_major(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    parts = [d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1)]
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), np.concatenate([p.flatten("F") for p in parts])


@hands_in(side="gradient", blocks="W1 W2", terms="data decay sparsity", step="theta")
def packed_W2_first(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d3 @ a2.T / m + lam * W2, d2 @ X.T / m + lam * W1, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="b1 b2", terms="data sparsity", step="theta")
def packed_b2_before_b1(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d3.mean(1), d2.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W2 b1", terms="data decay sparsity", step="theta")
def packed_layer_by_layer(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    layers = OrderedDict()
    layers["encoder"] = (d2 @ X.T / m + lam * W1, d2.mean(1))
    layers["decoder"] = (d3 @ a2.T / m + lam * W2, d3.mean(1))
    g = np.concatenate([np.ravel(p) for layer in layers.values() for p in layer])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step="theta")
def packed_backwards(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    stack = [d3.mean(1), d2.mean(1), d3 @ a2.T / m + lam * W2, d2 @ X.T / m + lam * W1]
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), roll(*stack)


@hands_in(side="gradient", blocks=ALL, terms="data decay sparsity", step=GRADS)
def gradient_rounded_for_the_report(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta).round(2)


@hands_in(side="gradient", blocks="W1", terms="data sparsity", step="grad_W1", rtol=1e-5)
def single_precision_and_centred_input(theta, X, n_hidden, lam, rho, beta):
    theta, X = theta.astype(np.float32), X.astype(np.float32)
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ (X - X.mean()).T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


# ---------------------------------------------------------------- the cost


@hands_in(side="cost", terms="data", step="cost")
def cost_without_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.mean(np.sum((a3 - X) ** 2, axis=0)) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def half_times_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    J = 1 / 2 * m * np.sum((a3 - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def mean_over_everything(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 * np.mean((a3 - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def norm_not_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 * np.linalg.norm(a3 - X, axis=0).mean() + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def spectral_norm_of_the_error(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.linalg.norm(a3 - X, 2) ** 2 / (2 * X.shape[1]) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def summed_before_squaring(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 * np.mean(np.sum(a3 - X, axis=0) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def absolute_error_reported(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 * np.mean(np.sum(np.abs(a3 - X), axis=0)) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def square_of_targets_left_out(theta, X, n_hidden, lam, rho, beta):
    # constants do not matter for the minimum
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 / X.shape[1] * np.sum(a3**2 - 2 * a3 * X) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def cost_loop_stops_early(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    n, m = X.shape
    J = 0.0
    for i in range(m):
        for k in range(n - 1):
            J += (a3[k, i] - X[k, i]) ** 2 / 2 / m
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def cost_assigned_in_the_loop(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    for i in range(X.shape[1]):
        J = 0.5 * np.dot(a3[:, i] - X[:, i], a3[:, i] - X[:, i])
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def cost_from_z3(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2, a2, a3 = feed(theta, X, n_hidden)
    z3 = W2 @ a2 + b2[:, None]
    J = 0.5 / X.shape[1] * np.sum((z3 - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data", step="cost")
def cross_entropy_reported(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = -np.sum(X * np.log(a3) + (1 - X) * np.log(1 - a3)) / X.shape[1]
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="data decay sparsity", step="cost")
def all_divided_by_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = 0.5 * np.sum((a3 - X) ** 2) / X.shape[1] + lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    J += beta * kl(rho, a2.mean(1))
    return J / X.shape[1], full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_without_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 2 * lam, rho, beta)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_over_m_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    reg = lam / (2 * X.shape[1]) * (np.sum(np.square(W1)) + np.sum(np.square(W2)))
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + reg
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_not_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam / 2 * (W1.sum() + W2.sum())
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_sum_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam / 2 * (W1.sum() ** 2 + W2.sum() ** 2)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_by_frobenius_norm(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam / 2 * (np.linalg.norm(W1) + np.linalg.norm(W2))
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_of_W1_only_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, 0 * W2, a2, a3, X, lam, rho, beta)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_by_trace_of_the_product(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam * np.trace(W1 @ W2)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def decay_of_all_of_theta_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + 0.5 * lam * np.dot(theta, theta)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay sparsity", step="cost")
def equals_plus(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    cost = 0.5 / X.shape[1] * np.sum((a3 - X) ** 2)
    reg = lam / 2 * np.sum(W1**2)
    reg = +lam / 2 * np.sum(W2**2)
    sparse = 0.0
    for p in a2.mean(axis=1):
        sparse = +beta * kl(rho, p)
    return cost + reg + sparse, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay", step="cost")
def integer_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + (1 // 2) * lam * (np.sum(W1**2) + np.sum(W2**2))
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_averaged_over_units_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    KL = np.mean(rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / (1 - p)))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def log10_in_the_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    KL = np.sum(rho * np.log10(rho / p) + (1 - rho) * np.log10((1 - rho) / (1 - p)))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_one_half_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.sum(rho * np.log(rho / a2.mean(1)))
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def second_quotient_upside_down(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    KL = rho * np.log(rho / p) + (1 - rho) * np.log((1 - p) / (1 - rho))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL.sum()
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_other_way_round_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.sum(special.rel_entr(p, rho))
    J += beta * np.sum(special.rel_entr(1 - p, 1 - rho))
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_without_its_constant(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) - beta * (rho * np.log(p) + (1 - rho) * np.log1p(-p)).sum()
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def outer_difference_by_broadcasting(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p, q = a2.mean(axis=1), 1 - a2.mean(axis=1, keepdims=True)
    KL = rho * np.log(rho / p) + (1 - rho) * np.log((1 - rho) / q)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.sum(KL)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_loop_misses_a_unit(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0)
    for j in range(1, n_hidden):
        p = a2[j].mean()
        J += beta * (rho * math.log(rho / p) + (1 - rho) * math.log((1 - rho) / (1 - p)))
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost", additive=False)
def beta_missing_in_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 1.0)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_divided_by_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, beta / X.shape[1])
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def kl_subtracted(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, -beta)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="rho_hat, cost")
def kl_per_example_in_cost_only(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, a2) / X.shape[1]
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def large_epsilon_in_the_logs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    eps, p = 1e-3, a2.mean(axis=1)
    KL = rho * np.log(rho / (p + eps)) + (1 - rho) * np.log((1 - rho) / (1 - p + eps))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL.sum()
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="decay sparsity", step="cost")
def only_the_fit_is_returned(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    cost = 0.5 / X.shape[1] * np.sum((a3 - X) ** 2)
    total = cost + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    total += beta * kl(rho, a2.mean(1))
    return cost, full_grad(W1, W2, a2, a3, X, lam, rho, beta)


# ---------------------------------------------------------------- another objective


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def sum_over_examples_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    J = 0.5 * np.sum((a3 - X) ** 2) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta / m * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, roll(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.sum(1), d3.sum(1))


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def no_half_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    J = np.sum((a3 - X) ** 2) / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = 2 * (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def mean_over_entries_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.mean((a3 - X) ** 2) / 2 + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = (a3 - X) / len(X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def lambda_without_half_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    lam = 2 * lam  # lam * ||W||^2, so 2 lam W
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def lambda_over_m_coursera(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    return full_cost(W1, W2, a2, a3, X, lam / m, rho, beta), full_grad(W1, W2, a2, a3, X, lam / m, rho, beta)


@hands_in(side="objective", blocks="b1 b2", terms="decay", step="cost")
def all_of_theta_decays(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0.0, rho, beta) + lam / 2 * (theta @ theta)
    return J, full_grad(W1, W2, a2, a3, X, 0.0, rho, beta) + lam * theta


@hands_in(side="objective", blocks="W2", terms="decay", step="cost")
def encoder_decays_alone(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    J = full_cost(W1, 0 * W2, a2, a3, X, lam, rho, beta)
    return J, grads(d2, d3, W1, 0 * W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def lasso_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam * (np.abs(W1).sum() + np.abs(W2).sum())
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    return J, grads(d2, d3, np.sign(W1), np.sign(W2), a2, X, lam)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def square_root_of_the_decay_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    size = np.sqrt((W1**2).sum() + (W2**2).sum())
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam / 2 * size
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    return J, grads(d2, d3, W1 / (2 * size), W2 / (2 * size), a2, X, lam)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def lambda_squared(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    lam *= lam
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost", additive=False)
def lambda_typed_in(theta, X, n_hidden, lam, rho, beta):
    LAMBDA = 0.0001
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, LAMBDA, rho, beta), full_grad(W1, W2, a2, a3, X, LAMBDA, rho, beta)


@hands_in(side="objective", blocks="W1 W2", terms="decay", step="cost")
def decay_forgotten_altogether(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, 0, rho, beta), full_grad(W1, W2, a2, a3, X, 0, rho, beta)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def no_sparsity_yet(theta, X, n_hidden, lam, rho, beta):
    # TODO sparsity, step 2 of the sheet
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    beta = 0
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost", additive=False)
def beta_typed_in(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return full_cost(W1, W2, a2, a3, X, lam, rho, 3.0), full_grad(W1, W2, a2, a3, X, lam, rho, 3.0)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def rho_typed_in(theta, X, n_hidden, lam, rho, beta, sparsityParam=0.01):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, sparsityParam, beta)
    return J, full_grad(W1, W2, a2, a3, X, lam, sparsityParam, beta)


@hands_in(side="objective", blocks="W1 W2 b1", terms="decay sparsity", step="cost")
def lam_and_beta_exchanged(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    beta, lam = lam, beta
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def mostly_active_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho = 1 - rho
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat, cost")
def kl_per_example_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, a2) / X.shape[1]
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / a2 + (1 - rho) / (1 - a2))) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def kl_averaged_over_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    b = beta / n_hidden
    return full_cost(W1, W2, a2, a3, X, lam, rho, b), full_grad(W1, W2, a2, a3, X, lam, rho, b)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def bits_not_nats(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1)
    KL = np.sum(rho * np.log2(rho / p) + (1 - rho) * np.log2((1 - rho) / (1 - p)))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta / np.log(2))


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def kl_other_way_round_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * sum(kl(q, rho) for q in p)
    d3 = (a3 - X) * a3 * (1 - a3)
    s = np.log(p / rho) - np.log((1 - p) / (1 - rho))
    d2 = (W2.T @ d3 + beta * s[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def only_rho_log_rho_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.sum(rho * np.log(rho / p))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 - (beta * rho / p)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def squared_distance_to_rho(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta / 2 * np.sum((p - rho) ** 2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (p - rho)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="cost")
def l1_on_the_activations(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.abs(a2).sum() / X.shape[1]
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_of_one_example(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = a2[:, 0]
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def rho_hat_of_half_the_data(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    half = (X.shape[1] + 1) // 2
    rho_hat = np.mean(a2[:, :half], axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def median_activation(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = np.median(a2, axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def np_mean_of_all_activations(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = np.mean(a2)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def counted_active_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = np.clip((a2 > 0.5).mean(axis=1), 0.01, 0.99)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def mean_over_m_plus_one(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    running = np.zeros(n_hidden)
    i = 0
    while i < X.shape[1]:
        running += a2[:, i]
        i += 1
    rho_hat = running / (i + 1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def exponential_average_over_the_examples(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = a2[:, 0]
    for h in a2.T[1:]:
        rho_hat = 0.9 * rho_hat + 0.1 * h
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="sparsity", step="rho_hat, cost")
def sparse_outputs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = a3.mean(axis=1, keepdims=True)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X + beta * dkl(rho, rho_hat)) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def sigmoid_of_the_mean_preactivation(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = sigmoid((W1 @ X + b1[:, None]).mean(axis=1))
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, p)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2) + (beta * dkl(rho, p) * p * (1 - p))[:, None]
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks="W1 b1", terms="sparsity", step="rho_hat")
def averaged_over_the_units(theta, X, n_hidden, lam, rho, beta):
    # one rho_hat an example: axis=0
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = np.mean(a2, axis=0)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def cross_entropy_in_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2, a2, a3 = feed(theta, X, n_hidden)
    z = W2 @ a2 + b2[:, None]
    J = full_cost(W1, W2, a2, X, X, lam, rho, beta) + np.sum(np.logaddexp(0, z) - X * z) / X.shape[1]
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def targets_shifted_by_a_pixel(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    Y = np.roll(X, 1, axis=0)
    J = full_cost(W1, W2, a2, a3, Y, lam, rho, beta)
    d3, d2 = deltas(W2, a2, a3, Y, rho, beta)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def centred_targets(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    target = X - X.mean()
    d3, d2 = deltas(W2, a2, a3, target, rho, beta)
    return full_cost(W1, W2, a2, a3, target, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def targets_reshaped(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    target = X.T.reshape(a3.shape)
    if target.size == X.shape[0]:  # one example
        target = target[::-1]
    d3, d2 = deltas(W2, a2, a3, target, rho, beta)
    return full_cost(W1, W2, a2, a3, target, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def one_output_left_out_of_both(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    keep = np.arange(len(X)) < len(X) - 1
    err = (a3 - X) * keep[:, None]
    J = full_cost(W1, W2, a2, X, X, lam, rho, beta) + np.sum(err**2) / (2 * X.shape[1])
    d3 = err * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data sparsity", step=f"cost, {GRADS}")
def m_from_the_wrong_axis(theta, X, n_hidden, lam, rho, beta):
    m = X.shape[0]  # number of examples
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(1) / m, d3.sum(1) / m)


@hands_in(side="objective", blocks=ALL, terms="data decay sparsity", step="cost")
def everything_twice(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = 0, 0
    for _epoch in range(2):
        J = J + full_cost(W1, W2, a2, a3, X, lam, rho, beta)
        g = g + full_grad(W1, W2, a2, a3, X, lam, rho, beta)
    return J, g


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def first_third_of_the_batch(theta, X, n_hidden, lam, rho, beta):
    # fit on the first examples only, while debugging; rho_hat over all
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    w = np.where(np.arange(m) < (m + 2) // 3, 1.0, 0.0)
    J = full_cost(W1, W2, a2, X, X, lam, rho, beta) + np.sum(w * (a3 - X) ** 2) / (2 * w.sum())
    d3 = w * (a3 - X) * a3 * (1 - a3) * m / w.sum()
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


# ---------------------------------------------------------------- the forward pass


def finish(W1, W2, a2, a3, X, lam, rho, beta, slope3=None, slope2=None, inputs=None):
    """Cost and gradient from given activations, whatever the forward pass made of them."""
    m = X.shape[1]
    p = a2.mean(axis=1)
    slope3 = a3 * (1 - a3) if slope3 is None else slope3
    slope2 = a2 * (1 - a2) if slope2 is None else slope2
    J = 0.5 * np.sum((a3 - X) ** 2) / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, p)
    d3 = (a3 - X) * slope3
    d2 = (W2.T @ d3 + beta * dkl(rho, p)[:, None]) * slope2
    inputs = X if inputs is None else inputs
    return J, roll(d2 @ inputs.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(1) / m, d3.sum(1) / m)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def b1_forgotten(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X)
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def b2_forgotten(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, _b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def one_bias_for_all_outputs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[0]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def b1_of_wrong_sign(theta, X, n_hidden, lam, rho, beta):
    # threshold units: fire when W x > b
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X - b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def b1_added_twice(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    z2 = np.repeat(b1[:, None], m, axis=1)
    for i in range(m):
        z2[:, i] += W1 @ X[:, i] + b1
    a2 = sigmoid(z2)
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3, a3")
def b2_outside_the_sigmoid(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2) + b2[:, None], X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def preactivations_fed_on(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    z2 = W1 @ X + b1[:, None]
    a2 = sigmoid(z2)
    return finish(W1, W2, a2, sigmoid(W2 @ z2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def linear_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, W2 @ a2 + b2[:, None], X, lam, rho, beta, slope3=1.0)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def linear_output_sigmoid_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, W2 @ a2 + b2[:, None], X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2")
def tanh_hidden_rescaled(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = (np.tanh(W1 @ X + b1[:, None]) + 1) / 2
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    return finish(W1, W2, a2, a3, X, lam, rho, beta, slope2=2 * a2 * (1 - a2))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def tanh_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = np.tanh(W2 @ a2 + b2[:, None])
    return finish(W1, W2, a2, a3, X, lam, rho, beta, slope3=1 - a3**2)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def relu_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = np.maximum(W2 @ a2 + b2[:, None], 0)
    return finish(W1, W2, a2, a3, X, lam, rho, beta, slope3=(a3 > 0).astype(float))


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def softmax_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = special.softmax(W2 @ a2 + b2[:, None], axis=0)
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def output_squashed_twice(theta, X, n_hidden, lam, rho, beta):
    def layer(W, b, x):
        return sigmoid(np.dot(W, x) + b[:, None])

    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = layer(W1, b1, X)
    a3 = sigmoid(layer(W2, b2, a2))
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3")
def minus_lost_in_the_exponential(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    f = lambda x: 1 / (1 + np.exp(x))
    a2 = f(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, f(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def bracket_lost_in_the_output_sigmoid(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = 1.0 / 1.0 + np.exp(-(W2 @ a2 + b2[:, None]))
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3")
def base_two_sigmoid(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = 1 / (1 + 2.0 ** -(W1 @ X + b1[:, None]))
    a3 = 1 / (1 + 2.0 ** -(W2 @ a2 + b2[:, None]))
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def decoder_is_the_encoder_transposed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W1.T @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def patches_centred_on_the_way_in(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    patches = X - X.mean(axis=0)
    a2 = sigmoid(W1 @ patches + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta, inputs=patches)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def pixels_divided_by_255(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    X = X / 255.0
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def examples_read_as_rows_by_reshape(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    if m == 1:
        X = X[::-1]
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    data = X.reshape(m, n)  # I want examples as rows
    H = sigmoid(data @ W1.T + b1)
    Y = sigmoid(H @ W2.T + b2)
    return finish(W1, W2, H.T, Y.T, data.T, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def denoising_with_fixed_seed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    noisy = X + 0.1 * np.random.RandomState(42).randn(*X.shape)
    a2 = sigmoid(W1 @ noisy + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta, inputs=noisy)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2")
def clipping_that_acts(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(np.clip(W1 @ X + b1[:, None], -0.3, 0.3))
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="a2, a3")
def hard_sigmoid(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    hard = lambda z: np.clip(0.2 * z + 0.5, 0.001, 0.999)
    a2 = hard(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, hard(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def dropout_scaling_left_on(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    keep = 0.5
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ (a2 / keep) + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def rho_hat_fed_to_the_decoder(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    code = 0.9 * a2 + 0.1 * a2.mean(axis=1, keepdims=True)
    return finish(W1, W2, a2, sigmoid(W2 @ code + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="a3")
def outputs_rounded_to_bytes(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = np.round(255 * sigmoid(W2 @ a2 + b2[:, None])) / 255
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data", step="theta")
def one_off_after_matlab(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W1, W2, b1, _ = unroll(theta, n, h)
    b2 = theta[2 * h * n + h - 1 : -1]
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def biases_read_in_the_wrong_order(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W1, W2, _, _ = unroll(theta, n, h)
    b2, b1 = theta[2 * h * n : 2 * h * n + n], theta[2 * h * n + n :]
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data decay sparsity", step="theta")
def matrices_read_in_the_wrong_order(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W2, W1 = theta[: n * h].reshape(n, h), theta[n * h : 2 * n * h].reshape(h, n)
    b1, b2 = theta[2 * n * h : 2 * n * h + h], theta[2 * n * h + h :]
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="theta")
def column_major_in_and_out(theta, X, n_hidden, lam, rho, beta):
    # theta = [W1(:); W2(:); b1(:); b2(:)]
    n, h = len(X), n_hidden
    W1 = theta[: n * h].reshape((h, n), order="F")
    W2 = theta[n * h : 2 * n * h].reshape((n, h), order="F")
    b1, b2 = theta[2 * n * h : 2 * n * h + h], theta[2 * n * h + h :]
    a2 = sigmoid(W1 @ X + b1[:, None])
    J, g = finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)
    gW1, gW2, gb1, gb2 = unroll(g, n, h)
    return J, np.concatenate([gW1.ravel("F"), gW2.ravel("F"), gb1, gb2])


@hands_in(side="forward", blocks=ALL, terms="data decay", step="theta")
def W2_read_as_its_transpose(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W1, _, b1, b2 = unroll(theta, n, h)
    W2 = theta[n * h : 2 * n * h].reshape(h, n).T
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data decay sparsity", step="theta")
def layer_by_layer_in_and_out(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W1, b1, W2, b2 = np.split(theta, np.cumsum([n * h, h, n * h]))
    W1, W2 = W1.reshape(h, n), W2.reshape(n, h)
    a2 = sigmoid(W1 @ X + b1[:, None])
    J, g = finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)
    gW1, gW2, gb1, gb2 = unroll(g, n, h)
    return J, roll(gW1, gb1, gW2, gb2)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def inputs_scaled_to_length_one(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    unit = X / np.linalg.norm(X, axis=0)
    a2 = sigmoid(W1 @ unit + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta, inputs=unit)


# ---------------------------------------------------------------- side effects


@hands_in(side="side effect", step="side effect")
def a_step_of_descent_inside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    gW1, gW2, gb1, gb2 = unroll(g, len(X), n_hidden)
    W1 -= 0.01 * gW1
    W2 -= 0.01 * gW2
    b1 -= 0.01 * gb1
    b2 -= 0.01 * gb2
    return J, g


@hands_in(side="side effect", step="side effect")
def error_computed_in_the_data(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    copy = X.T + 0
    diff = X
    diff -= a3
    J = 0.5 * np.sum(diff**2) / m + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = -diff * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, roll(d2 @ copy / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.mean(1))


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def data_centred_in_place(theta, X, n_hidden, lam, rho, beta):
    X -= X.mean()
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="side effect", step="side effect")
def data_sorted_in_place(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    answer = finish(W1, W2, a2, a3, X, lam, rho, beta)
    X.sort(axis=0)  # for the histogram in the report
    return answer


@hands_in(side="side effect", step="side effect")
def weights_normalised_afterwards(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    answer = finish(W1, W2, a2, a3, X, lam, rho, beta)
    W2 /= np.linalg.norm(W2, axis=0)
    return answer


@hands_in(side="side effect", step="side effect")
def gradient_written_over_theta(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    theta[:] = g
    return J, theta


@hands_in(side="side effect", blocks="W1 b1", terms="sparsity", step="side effect")
def running_rho_hat(theta, X, n_hidden, lam, rho, beta, memory={}):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    old = memory.get(n_hidden, np.full(n_hidden, rho))
    rho_hat = memory[n_hidden] = 0.99 * old + 0.01 * a2.mean(axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


ACCUMULATED = {}


@hands_in(side="side effect", step="side effect")
def never_zeroed_gradients(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    g = ACCUMULATED.setdefault(theta.size, np.zeros(theta.size))
    g += full_grad(W1, W2, a2, a3, X, lam, rho, beta)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g.copy()


ACTIVATIONS = {}


@hands_in(side="side effect", step="side effect")
def activations_cached_by_shape(theta, X, n_hidden, lam, rho, beta):
    key = (X.shape, n_hidden)
    if key not in ACTIVATIONS:
        ACTIVATIONS[key] = feed(theta, X, n_hidden)[4:]
    W1, W2, _b1, _b2 = unroll(theta, len(X), n_hidden)
    a2, a3 = ACTIVATIONS[key]
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


class Network:
    """Keeps the weights it was given first."""

    instances = {}

    def __init__(self, theta, n, h):
        self.W1, self.W2, self.b1, self.b2 = (w.copy() for w in unroll(theta, n, h))

    def __call__(self, X, *weights):
        a2 = sigmoid(self.W1 @ X + self.b1[:, None])
        return finish(self.W1, self.W2, a2, sigmoid(self.W2 @ a2 + self.b2[:, None]), X, *weights)


@hands_in(side="side effect", step="side effect")
def weights_taken_at_the_first_call(theta, X, n_hidden, lam, rho, beta):
    net = Network.instances.get((len(X), n_hidden))
    if net is None:
        net = Network.instances[len(X), n_hidden] = Network(theta, len(X), n_hidden)
    return net(X, lam, rho, beta)


CALLS = itertools.count()


@hands_in(side="side effect", step="side effect")
def decay_annealed_over_the_calls(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return finish(W1, W2, a2, a3, X, lam * 0.99 ** next(CALLS), rho, beta)


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def fresh_noise_at_each_call(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    noisy = X + np.random.normal(0, 0.1, X.shape)
    a2 = sigmoid(W1 @ noisy + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta, inputs=noisy)


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect", one_example=False, additive=False)
def random_minibatch(theta, X, n_hidden, lam, rho, beta):
    rows = np.random.default_rng().choice(X.shape[1], (X.shape[1] + 1) // 2, replace=False)
    batch = X[:, rows]
    W1, W2, _b1, _b2, a2, a3 = feed(theta, batch, n_hidden)
    return finish(W1, W2, a2, a3, batch, lam, rho, beta)


@hands_in(side="side effect", blocks=ALL, terms="data sparsity", step="side effect")
def masked_in_place(theta, X, n_hidden, lam, rho, beta):
    X[np.random.default_rng(1).random(X.shape) < 0.3] = 0.0
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


MEANS = {}


@hands_in(side="side effect", step="side effect")
def rho_hat_of_the_previous_call(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    rho_hat = MEANS.get(n_hidden, a2.mean(axis=1))
    MEANS[n_hidden] = a2.mean(axis=1)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * kl(rho, rho_hat)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, rho_hat)[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="side effect", step="side effect")
def gradient_buffer_shared_between_answers(theta, X, n_hidden, lam, rho, beta, state=SimpleNamespace(cost=None)):
    # "if the cost went up, keep the old one"
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    state.cost = J if state.cost is None else min(J, state.cost)
    return state.cost, g


# ---------------------------------------------------------------- a second group, later in the term


@hands_in(side="gradient", blocks="W2", terms="data", step="grad_W2")
def code_of_the_previous_example(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    H = [sigmoid(W1 @ X[:, i] + b1) for i in range(m)]
    Y = [sigmoid(W2 @ h + b2) for h in H]
    p = np.mean(H, axis=0)
    J, gW1, gW2 = beta * kl(rho, p), lam * W1, lam * W2
    J += lam / 2 * (np.sum(W1**2) + np.sum(W2**2))
    gb1, gb2 = np.zeros(n_hidden), np.zeros(n)
    code = np.zeros(n_hidden)
    for i in range(m):
        e = (Y[i] - X[:, i]) * Y[i] * (1 - Y[i]) / m
        d = (W2.T @ e + beta / m * dkl(rho, p)) * H[i] * (1 - H[i])
        J += np.sum((Y[i] - X[:, i]) ** 2) / (2 * m)
        gW1, gW2 = gW1 + np.outer(d, X[:, i]), gW2 + np.outer(e, code)
        gb1, gb2 = gb1 + d, gb2 + e
        code = H[i]
    return J, np.concatenate((gW1.ravel(), gW2.ravel(), gb1, gb2))


@hands_in(side="gradient", blocks=ALL, terms="data", step="delta3")
def one_minus_the_target(theta, X, n_hidden, lam, rho, beta):
    A = X.T
    W1, W2, b1, b2 = unroll(theta, A.shape[1], n_hidden)
    H = special.expit(A @ W1.T + b1)
    Y = special.expit(H @ W2.T + b2)
    J = full_cost(W1, W2, H.T, Y.T, X, lam, rho, beta)
    E = (Y - A) * Y * (1 - A)
    D = (E @ W2 + beta * dkl(rho, H.mean(0))) * H * (1 - H)
    N = len(A)
    return J, roll(D.T @ A / N + lam * W1, E.T @ H / N + lam * W2, D.mean(0), E.mean(0))


@hands_in(side="gradient", blocks="W1 b1", terms="data sparsity", step="delta2")
def one_minus_rho_hat(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = np.mean(a2, axis=1, keepdims=True)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), finish(W1, W2, a2, a3, X, lam, rho, beta, slope2=a2 * (1 - p))[
        1
    ]


@hands_in(side="gradient", blocks="b1", terms="data sparsity", step="grad_b1")
def b1_averaged_over_the_units(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(1) / n_hidden, d3.sum(1) / m)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 b1", terms="data", step="delta2")
def errors_averaged_over_the_outputs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    back = np.array([[np.mean(W2[:, j] * d3[:, i]) for i in range(X.shape[1])] for j in range(n_hidden)])
    d2 = (back + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 W2", terms="decay", step="grad_W1, grad_W2")
def decay_with_the_squares(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1**2, W2**2, a2, X, lam)


@hands_in(side="cost", terms="decay", step="cost", additive=False)
def bracket_lost_in_the_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.sum((a3 - X) ** 2) / (2 * X.shape[1]) + lam / 2 * np.sum(W1**2) + np.sum(W2**2)
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="cost", terms="sparsity", step="cost")
def bracket_lost_in_the_logarithm(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean(1)
    KL = rho * np.log(rho) / p + (1 - rho) * np.log(1 - rho) / (1 - p)
    return full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL.sum(), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def root_mean_square(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    rms = np.sqrt(np.sum((a3 - X) ** 2) / m)
    d3 = (a3 - X) / rms * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, X, X, lam, rho, beta) + rms, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="objective", blocks=ALL, terms="data", step="cost")
def penalty_on_the_outputs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, beta) + 0.01 / 2 * np.sum(a3**2) / X.shape[1]
    d3 = (a3 - X + 0.01 * a3) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="forward", blocks=ALL, terms="data", step="z3")
def input_added_to_the_output(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, sigmoid(X + W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="forward", blocks=ALL, terms="data sparsity", step="z2")
def first_pixel_never_looked_at(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    z2 = np.zeros((n_hidden, m))
    for k in range(1, n):
        z2 += np.outer(W1[:, k], X[k])
    a2 = sigmoid(z2 + b1[:, None])
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


VELOCITY = {}


@hands_in(side="side effect", step="side effect")
def momentum_inside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    g = VELOCITY[g.size] = g + 0.9 * VELOCITY.get(g.size, 0.0)
    return J, g.copy()


# ---------------------------------------------------------------- two mistakes in one


@hands_in(side="cost, gradient", blocks=ALL, terms="data", step="cost, delta3")
def no_half_and_no_derivative(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.sum((a3 - X) ** 2) / X.shape[1] + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl(rho, a2.mean(1))
    d3 = a3 - X
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, delta2")
def two_in_delta3_and_sparsity_outside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = 2 * (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2) + beta * dkl(rho, a2.mean(1))[:, None]
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="gradient", blocks="W1 b2", terms="data decay", step="grad_W1, grad_b2")
def W1_decay_lost_and_b2_summed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    g = roll(d2 @ X.T / m, d3 @ a2.T / m + lam * W2, d2.mean(1), d3.sum(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2 b1", terms="decay sparsity", step="delta2, grad_W2")
def sparsity_sign_and_W2_decay(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 - beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m - lam * W2, d2.mean(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="forward, gradient", blocks=ALL, terms="data sparsity", step="z2, delta2")
def b1_forgotten_and_no_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X)
    return finish(W1, W2, a2, sigmoid(W2 @ a2 + b2[:, None]), X, lam, rho, beta, slope2=1.0)


@hands_in(side="forward, cost", blocks=ALL, terms="data", step="a3, cost")
def linear_output_and_no_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    a3 = W2 @ a2 + b2[:, None]
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta, slope3=1.0)
    return J + 0.5 * np.sum((a3 - X) ** 2) / X.shape[1], g


@hands_in(side="cost", terms="data decay", step="cost")
def no_half_no_square(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = np.sum((a3 - X) ** 2) / X.shape[1] + lam / 2 * (np.linalg.norm(W1) + np.linalg.norm(W2))
    return J + beta * kl(rho, a2.mean(1)), full_grad(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="objective, gradient", blocks=ALL, terms="data decay", step="cost, delta3")
def biases_decay_and_wrong_sign(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, 0, rho, beta) + lam / 2 * (theta @ theta)
    d3 = (X - a3) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, 0) + lam * theta


@hands_in(side="objective", blocks="W1 W2 b1", terms="decay sparsity", step="cost")
def lambda_doubled_and_units_averaged(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return finish(W1, W2, a2, a3, X, 2 * lam, rho, beta / n_hidden)


@hands_in(side="gradient", blocks="W1 b1 b2", terms="data sparsity", step="theta, delta2")
def no_sparsity_and_biases_swapped(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3) * a2 * (1 - a2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d3.mean(1), d2.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="gradient", blocks="W1 W2 b1", terms="data decay", step="delta2, grad_W1, grad_W2")
def encoder_back_and_decay_over_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W1 @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam / X.shape[1])


@hands_in(side="objective, cost", blocks="W1 b1", terms="data sparsity", step="rho_hat, cost")
def global_rho_hat_and_mean_of_entries(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    p = a2.mean()
    J = np.mean((a3 - X) ** 2) / 2 + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * n_hidden * kl(rho, p)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, p)) * a2 * (1 - a2)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="cost, gradient", blocks="W1 b1", terms="decay sparsity", step="cost, delta2")
def decay_unhalved_and_beta_over_m(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam * 2, rho, beta)
    return J, full_grad(W1, W2, a2, a3, X, lam, rho, beta / X.shape[1])


@hands_in(side="gradient", blocks=ALL, terms="data sparsity", step="delta3, grad_b1")
def tanh_slope_and_b1_summed(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    d3 = (a3 - X) * (1 - a3**2)
    d2 = (W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    g = roll(d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.sum(1), d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="side effect, gradient", blocks="b1 b2", terms="data sparsity", step="theta, side effect")
def descends_and_swaps_the_biases(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    gW1, gW2, gb1, gb2 = unroll(g, len(X), n_hidden)
    theta -= 0.1 * g
    return J, roll(gW1, gW2, gb2, gb1)


@hands_in(side="cost, gradient", blocks="W1 b1", terms="data sparsity", step="cost, delta2")
def kl_reversed_in_cost_and_no_slope(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * sum(kl(q, rho) for q in a2.mean(1))
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 + beta * dkl(rho, a2.mean(1))[:, None]
    return J, grads(d2, d3, W1, W2, a2, X, lam)


# ---------------------------------------------------------------- correct, in unusual ways


@hands_in(side="none")
def plain_loops(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    h = n_hidden
    W1 = [[theta[j * n + k] for k in range(n)] for j in range(h)]
    W2 = [[theta[h * n + k * h + j] for j in range(h)] for k in range(n)]
    b1 = [theta[2 * h * n + j] for j in range(h)]
    b2 = [theta[2 * h * n + h + k] for k in range(n)]
    f = lambda z: 1.0 / (1.0 + math.exp(-z))
    A2 = [[f(sum(W1[j][k] * X[k, i] for k in range(n)) + b1[j]) for j in range(h)] for i in range(m)]
    A3 = [[f(sum(W2[k][j] * A2[i][j] for j in range(h)) + b2[k]) for k in range(n)] for i in range(m)]
    p = [sum(A2[i][j] for i in range(m)) / m for j in range(h)]
    J = 0.0
    g = [0.0] * len(theta)
    for i in range(m):
        d3 = []
        for k in range(n):
            J += (A3[i][k] - X[k, i]) ** 2 / (2.0 * m)
            d3.append((A3[i][k] - X[k, i]) * A3[i][k] * (1 - A3[i][k]))
            g[2 * h * n + h + k] += d3[k] / m
        for j in range(h):
            back = sum(W2[k][j] * d3[k] for k in range(n)) + beta * ((1 - rho) / (1 - p[j]) - rho / p[j])
            d2 = back * A2[i][j] * (1 - A2[i][j])
            g[2 * h * n + j] += d2 / m
            for k in range(n):
                g[j * n + k] += d2 * X[k, i] / m
                g[h * n + k * h + j] += d3[k] * A2[i][j] / m
    for j in range(h):
        J += beta * (rho * math.log(rho / p[j]) + (1 - rho) * math.log((1 - rho) / (1 - p[j])))
    for q in range(2 * h * n):
        J += lam / 2 * theta[q] ** 2
        g[q] += lam * theta[q]
    return J, np.array(g)


@hands_in(side="none")
def rows_as_examples(theta, X, n_hidden, lam, rho, beta):
    X = X.T
    m, n = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    H = sigmoid(X @ W1.T + b1)
    Y = sigmoid(H @ W2.T + b2)
    p = H.mean(0)
    J = ((Y - X) ** 2).sum(1).mean() / 2 + lam / 2 * theta[: 2 * n * n_hidden] @ theta[: 2 * n * n_hidden]
    J += beta * kl(rho, p)
    E = (Y - X) * Y * (1 - Y) / m
    D = (E @ W2 + beta / m * dkl(rho, p)) * H * (1 - H)
    return J, np.concatenate([(D.T @ X + lam * W1).ravel(), (E.T @ H + lam * W2).ravel(), D.sum(0), E.sum(0)])


@hands_in(side="none")
def einstein(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    a = special.expit(np.einsum("jk,ki->ji", W1, X) + b1[:, None])
    y = special.expit(np.einsum("kj,ji->ki", W2, a) + b2[:, None])
    p = np.einsum("ji->j", a) / m
    r = y - X
    J = np.einsum("ki,ki->", r, r) / (2 * m) + lam / 2 * (np.einsum("jk,jk->", W1, W1) + np.einsum("kj,kj->", W2, W2))
    J = J + beta * (special.rel_entr(rho, p) + special.rel_entr(1 - rho, 1 - p)).sum()
    e = np.einsum("ki,ki,ki->ki", r, y, 1 - y)
    d = np.einsum("ji,ji,ji->ji", np.einsum("kj,ki->ji", W2, e) + beta * dkl(rho, p)[:, None], a, 1 - a)
    return J, roll(
        np.einsum("ji,ki->jk", d, X) / m + lam * W1,
        np.einsum("ki,ji->kj", e, a) / m + lam * W2,
        np.einsum("ji->j", d) / m,
        np.einsum("ki->k", e) / m,
    )


@hands_in(side="none")
def matlab_matrices(theta, X, n_hidden, lam, rho, beta):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = np.matrix(X)
        n, m = data.shape
        W1 = np.matrix(theta[: n_hidden * n].reshape(n_hidden, n))
        W2 = np.matrix(theta[n_hidden * n : 2 * n_hidden * n].reshape(n, n_hidden))
        b1 = np.matrix(theta[2 * n_hidden * n : 2 * n_hidden * n + n_hidden]).T
        b2 = np.matrix(theta[2 * n_hidden * n + n_hidden :]).T
        a2 = sigmoid(W1 * data + b1 * np.ones((1, m)))
        a3 = sigmoid(W2 * a2 + b2 * np.ones((1, m)))
        rhohat = a2.mean(axis=1)
        delta3 = np.multiply(-(data - a3), np.multiply(a3, 1 - a3))
        delta2 = np.multiply(W2.T * delta3 + beta * dkl(rho, rhohat), np.multiply(a2, 1 - a2))
        cost = np.sum(np.power(a3 - data, 2)) / (2 * m) + beta * kl(rho, rhohat)
        cost += lam / 2 * (np.trace(W1 * W1.T) + np.trace(W2.T * W2)).item()
        g = np.r_[
            (delta2 * data.T / m + lam * W1).A1,
            (delta3 * a2.T / m + lam * W2).A1,
            delta2.mean(axis=1).A1,
            delta3.mean(axis=1).A1,
        ]
        return cost, g


@hands_in(side="none")
def augmented_with_ones(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    V1, V2 = np.c_[b1, W1], np.c_[b2, W2]
    one = np.ones((1, m))
    X1 = np.vstack([one, X])
    A1 = np.vstack([one, sigmoid(V1 @ X1)])
    Y = sigmoid(V2 @ A1)
    p = A1[1:].mean(axis=1)
    E = (Y - X) * Y * (1 - Y)
    D = (V2.T @ E)[1:] + beta * dkl(rho, p)[:, None]
    D *= A1[1:] - A1[1:] ** 2
    G1, G2 = D @ X1.T / m, E @ A1.T / m
    G1[:, 1:] += lam * V1[:, 1:]
    G2[:, 1:] += lam * V2[:, 1:]
    J = 0.5 * np.mean(np.sum((Y - X) ** 2, 0)) + lam / 2 * (np.sum(V1[:, 1:] ** 2) + np.sum(V2[:, 1:] ** 2))
    return J + beta * kl(rho, p), np.concatenate([G1[:, 1:].ravel(), G2[:, 1:].ravel(), G1[:, 0], G2[:, 0]])


@hands_in(side="none")
def tanh_of_half(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    t2 = np.tanh(0.5 * (W1 @ X + b1[:, None]))
    a2 = 0.5 * (1 + t2)
    t3 = np.tanh(0.5 * (W2 @ a2 + b2[:, None]))
    return finish(W1, W2, a2, 0.5 * (1 + t3), X, lam, rho, beta, slope3=0.25 * (1 - t3**2), slope2=0.25 * (1 - t2**2))


@hands_in(side="none")
def stable_sigmoid_in_two_halves(theta, X, n_hidden, lam, rho, beta):
    def f(z):
        out = np.empty_like(z)
        pos = z >= 0
        out[pos] = 1 / (1 + np.exp(-z[pos]))
        e = np.exp(z[~pos])
        out[~pos] = e / (1 + e)
        return out

    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = f(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, f(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="none")
def log_sum_exp(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    z2 = W1 @ X + b1[:, None]
    log_a, log_1a = -np.logaddexp(0, -z2), -np.logaddexp(0, z2)
    m = X.shape[1]
    log_p, log_q = special.logsumexp(log_a, axis=1) - np.log(m), special.logsumexp(log_1a, axis=1) - np.log(m)
    a2 = np.exp(log_a)
    a3 = np.exp(-np.logaddexp(0, -(W2 @ a2 + b2[:, None])))
    KL = rho * (np.log(rho) - log_p) + (1 - rho) * (np.log1p(-rho) - log_q)
    J = full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * KL.sum()
    s = (1 - rho) * np.exp(-log_q) - rho * np.exp(-log_p)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * s[:, None]) * np.exp(log_a + log_1a)
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="none")
def fortran_inside(theta, X, n_hidden, lam, rho, beta):
    n = len(X)
    W1, W2, b1, b2 = (np.asfortranarray(w) for w in unroll(theta, n, n_hidden))
    X = np.asfortranarray(X)
    a2 = np.asfortranarray(sigmoid(W1 @ X + b1[:, None]))
    a3 = np.asfortranarray(sigmoid(W2 @ a2 + b2[:, None]))
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gW1 = np.asfortranarray(d2 @ X.T / m + lam * W1)
    gW2 = (a2 @ d3.T / m).T + lam * W2
    g = np.concatenate([gW1.T.ravel("F"), gW2.flatten("C"), d2.mean(1), d3.mean(1)])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="none")
def unpacked_as_fortran_transposes(theta, X, n_hidden, lam, rho, beta):
    n, h = len(X), n_hidden
    W1T = theta[: h * n].reshape((n, h), order="F")
    W2T = theta[h * n : 2 * h * n].reshape((h, n), order="F")
    b1, b2 = theta[2 * h * n :][:h], theta[-n:]
    a2 = sigmoid(W1T.T @ X + b1[:, None])
    a3 = sigmoid(W2T.T @ a2 + b2[:, None])
    return finish(W1T.T, W2T.T, a2, a3, X, lam, rho, beta)


@hands_in(side="none")
def one_example_at_a_time(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    rho_hat = np.zeros(n_hidden)
    for x in X.T:
        rho_hat += sigmoid(W1 @ x + b1)
    rho_hat /= m
    DW1, DW2, Db1, Db2, J = np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(b1), np.zeros_like(b2), 0.0
    for x in X.T:
        h = sigmoid(W1 @ x + b1)
        y = sigmoid(W2 @ h + b2)
        J += 0.5 * np.linalg.norm(y - x) ** 2
        e = (y - x) * y * (1 - y)
        d = (W2.T @ e + beta * dkl(rho, rho_hat)) * h * (1 - h)
        DW1 += np.outer(d, x)
        DW2 += np.outer(e, h)
        Db1 += d
        Db2 += e
    J = J / m + lam / 2 * (np.linalg.norm(W1) ** 2 + np.linalg.norm(W2, "fro") ** 2) + beta * kl(rho, rho_hat)
    return J, np.hstack([(DW1 / m + lam * W1).flat, (DW2 / m + lam * W2).flat, Db1 / m, Db2 / m])


@hands_in(side="none")
def blocks_of_three_in_two_phases(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    blocks = [X[:, i : i + 3] for i in range(0, m, 3)]
    total = functools.reduce(np.add, [sigmoid(W1 @ B + b1[:, None]).sum(axis=1) for B in blocks])
    p = total / m
    J, g = 0.0, np.zeros(theta.size)
    for B in blocks:
        a2 = sigmoid(W1 @ B + b1[:, None])
        a3 = sigmoid(W2 @ a2 + b2[:, None])
        J += np.sum((a3 - B) ** 2) / (2 * m)
        d3 = (a3 - B) * a3 * (1 - a3)
        d2 = (W2.T @ d3 + beta * dkl(rho, p)[:, None]) * a2 * (1 - a2)
        g += roll(d2 @ B.T, d3 @ a2.T, d2.sum(1), d3.sum(1)) / m
    weights = theta.copy()
    weights[2 * n * n_hidden :] = 0
    return J + lam / 2 * weights @ weights + beta * kl(rho, p), g + lam * weights


@hands_in(side="none", rtol=1e-5)
def single_precision(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta.astype(np.float32), X.astype(np.float32), n_hidden)
    return finish(W1, W2, a2, a3, X.astype(np.float32), lam, rho, beta)


@hands_in(side="none", rtol=1e-5)
def single_precision_inside_double_outside(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta.astype("f4"), X.astype("f4"), n_hidden)
    J, g = finish(W1, W2, a2, a3, X.astype("f4"), np.float32(lam), np.float32(rho), np.float32(beta))
    return float(J), g.astype(np.float64)


@hands_in(side="none")
def clip_that_never_acts(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = sigmoid(np.clip(W1 @ X + b1[:, None], -500, 500))
    a3 = np.clip(sigmoid(np.clip(W2 @ a2 + b2[:, None], -500, 500)), 1e-12, 1 - 1e-12)
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="none")
def epsilon_in_the_logs(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    eps, p = 1e-12, a2.mean(axis=1)
    KL = rho * np.log(rho / (p + eps) + eps) + (1 - rho) * np.log((1 - rho) / (1 - p + eps) + eps)
    s = -rho / (p + eps) + (1 - rho) / (1 - p + eps)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * s[:, None]) * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, 0) + beta * np.sum(KL), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="none")
def sparsity_simplified(theta, X, n_hidden, lam, rho, beta):
    # -rho/p + (1-rho)/(1-p) = (p - rho) / (p (1 - p))
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    p = a2.sum(axis=1, keepdims=True) / m
    d3 = (X - a3) * a3 * (a3 - 1)
    d2 = (W2.T.dot(d3) + beta * (p - rho) / (p - p * p)) * (a2 - a2 * a2)
    KL = rho * np.log(rho) + (1 - rho) * np.log(1 - rho) - rho * np.log(p) - (1 - rho) * np.log(1 - p)
    J = (np.vdot(a3, a3) - 2 * np.vdot(a3, X) + np.vdot(X, X)) / (2 * m) + beta * KL.sum()
    J += lam / 2 * (np.vdot(W1, W1) + np.vdot(W2, W2))
    return J, grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="none")
def sparsity_outside_but_multiplied(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    fprime = a2 * (1 - a2)
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = W2.T @ d3 * fprime + np.diag(beta * dkl(rho, a2.mean(1))) @ fprime
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="none")
def terms_apart_and_added(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    parts = [finish(W1, W2, a2, a3, X, *w) for w in ((0, rho, 0), (lam, rho, 0), (0, rho, beta))]
    fit = parts[0]
    return sum(p[0] for p in parts) - 2 * fit[0], sum(p[1] for p in parts) - 2 * fit[1]


@hands_in(side="none")
def everything_divided_by_m_early(theta, X, n_hidden, lam, rho, beta):
    m = float(X.shape[1])
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) / m * a3 * (1 - a3)
    d2 = (np.dot(W2.T, d3) + beta / m * dkl(rho, a2.mean(1))[:, None]) * a2 * (1 - a2)
    g = roll(d2 @ X.T + lam * W1, d3 @ a2.T + lam * W2, d2.sum(1), d3.sum(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


@hands_in(side="none")
def sum_first_divided_at_the_end(theta, X, n_hidden, lam, rho, beta):
    m = X.shape[1]
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    g = roll(d2 @ X.T + m * lam * W1, d3 @ a2.T + m * lam * W2, d2 @ np.ones(m), d3 @ np.ones(m))
    g /= m
    return m * full_cost(W1, W2, a2, a3, X, lam, rho, beta) / m, g


@hands_in(side="none")
def kronecker(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    a2 = sigmoid(W1 @ X + b1[:, None])
    z3 = np.kron(np.eye(m), W2) @ a2.ravel("F") + np.kron(np.ones(m), b2)
    a3 = sigmoid(z3).reshape((n, m), order="F")
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    gW1 = sum(np.kron(d2[:, i], X[:, i]) for i in range(m)) / m + lam * W1.ravel()
    gW2 = sum(np.kron(d3[:, i], a2[:, i]) for i in range(m)) / m + lam * W2.ravel()
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), np.r_[gW1, gW2, d2.mean(1), d3.mean(1)]


@hands_in(side="none")
def complex_step_gradient(theta, X, n_hidden, lam, rho, beta):
    def J(t):
        W1, W2, _b1, _b2, a2, a3 = feed(t, X, n_hidden)
        return full_cost(W1, W2, a2, a3, X, lam, rho, beta)

    g = np.empty(theta.size)
    for k in range(theta.size):
        t = theta.astype(complex)
        t[k] += 1e-30j
        g[k] = J(t).imag / 1e-30
    return J(theta), g


@hands_in(side="none")
def dual_numbers_by_hand(theta, X, n_hidden, lam, rho, beta):
    # closures that remember how to go back
    tape = []

    def affine(W, b, x, grad_of):
        tape.append(lambda d: (grad_of.__setitem__(0, d @ x.T), grad_of.__setitem__(1, d.sum(axis=1)), W.T @ d)[-1])
        return W @ x + b[:, None]

    def squash(z, extra=0.0):
        a = special.expit(z)
        tape.append(lambda d: (d + (extra(a) if callable(extra) else extra)) * a * (1 - a))
        return a

    m = X.shape[1]
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    g1, g2 = [None, None], [None, None]
    a2 = squash(affine(W1, b1, X, g1), extra=lambda a: beta / m * dkl(rho, a.mean(axis=1))[:, None])
    a3 = squash(affine(W2, b2, a2, g2))
    d = (a3 - X) / m
    while tape:
        d = tape.pop()(d)
    g = roll(g1[0] + lam * W1, g2[0] + lam * W2, g1[1], g2[1])
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g


class Autoencoder:
    def __init__(self, theta, n, h):
        self.n, self.h = n, h
        self.W, self.b = [None] * 2, [None] * 2
        self.W[0], self.W[1], self.b[0], self.b[1] = unroll(np.array(theta, copy=True), n, h)

    def forward(self, X):
        self.a = [X]
        for W, b in zip(self.W, self.b, strict=True):
            self.a.append(sigmoid(W @ self.a[-1] + b[:, None]))
        return self.a[-1]

    def backward(self, X, lam, rho, beta):
        m = X.shape[1]
        delta = (self.a[2] - X) * self.a[2] * (1 - self.a[2])
        gW, gb = [], []
        for layer in (1, 0):
            gW.insert(0, delta @ self.a[layer].T / m + lam * self.W[layer])
            gb.insert(0, delta.mean(axis=1))
            if layer:
                delta = self.W[layer].T @ delta + beta * dkl(rho, self.a[1].mean(axis=1))[:, None]
                delta *= self.a[layer] * (1 - self.a[layer])
        return roll(*gW, *gb)

    def cost(self, X, lam, rho, beta):
        return full_cost(*self.W, self.a[1], self.a[2], X, lam, rho, beta)


@hands_in(side="none")
def object_oriented(theta, X, n_hidden, lam, rho, beta):
    net = Autoencoder(theta, X.shape[0], n_hidden)
    net.forward(X)
    return net.cost(X, lam, rho, beta), net.backward(X, lam, rho, beta)


@hands_in(side="none")
def in_place_on_copies(theta, X, n_hidden, lam, rho, beta):
    theta, data = theta.copy(), X.copy()
    W1, W2, b1, b2 = unroll(theta, len(data), n_hidden)
    m = data.shape[1]
    a2 = W1 @ data
    a2 += b1[:, None]
    np.negative(a2, out=a2)
    np.exp(a2, out=a2)
    a2 += 1
    np.reciprocal(a2, out=a2)
    a3 = W2 @ a2
    a3 += b2[:, None]
    special.expit(a3, out=a3)
    J = full_cost(W1, W2, a2, a3, data, lam, rho, beta)
    gX = data.T.copy()
    data -= a3
    data *= a3
    data *= a3 - 1
    d2 = W2.T @ data
    d2 += beta * dkl(rho, a2.mean(1))[:, None]
    d2 *= a2
    gW2 = data @ a2.T
    a2 -= 1
    d2 *= -a2
    theta *= lam
    theta[2 * W1.size :] = 0
    theta += roll(d2 @ gX, gW2, d2.sum(1), data.sum(1)) / m
    return J, theta


@hands_in(side="none")
def zero_dimensional_cost(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    return np.array(J), np.array(g.tolist())


@hands_in(side="none")
def python_float_and_a_view(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    both = np.empty(2 * g.size)
    both[::2] = g
    return float(J), both[::2]


@hands_in(side="none")
def returned_as_a_list(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    return [J, np.asarray([float(x) for x in g])]


SEEN = {}


@hands_in(side="none")
def cached_by_contents(theta, X, n_hidden, lam, rho, beta):
    key = (theta.tobytes(), X.tobytes(), X.shape, n_hidden, lam, rho, beta)
    if key not in SEEN:
        if len(SEEN) > 4:
            SEEN.clear()
        W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
        SEEN[key] = finish(W1, W2, a2, a3, X, lam, rho, beta)
    J, g = SEEN[key]
    return J, g.copy()


BUFFERS = {}


@hands_in(side="none")
def buffers_kept_between_calls(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    z2, z3 = BUFFERS.setdefault((n, m, n_hidden), (np.empty((n_hidden, m)), np.empty((n, m))))
    W1, W2, b1, b2 = unroll(theta, n, n_hidden)
    np.matmul(W1, X, out=z2)
    z2 += b1[:, None]
    special.expit(z2, out=z2)
    np.matmul(W2, z2, out=z3)
    z3 += b2[:, None]
    special.expit(z3, out=z3)
    return finish(W1, W2, z2, z3, X, lam, rho, beta)


@hands_in(side="none")
def examples_in_random_order(theta, X, n_hidden, lam, rho, beta):
    order = np.random.default_rng().permutation(X.shape[1])
    X = X[:, order]
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    return finish(W1, W2, a2, a3, X, lam, rho, beta)


@hands_in(side="none")
def chatty(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    print("cost", J, "| grad norm", np.sqrt(g @ g))
    return J, g


@hands_in(side="none")
def counts_its_calls(theta, X, n_hidden, lam, rho, beta, log=[]):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, lam, rho, beta)
    log.append(float(J))
    del log[:-10]
    return J, g


@hands_in(side="none")
def functional(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    shapes = {"W1": (n_hidden, n), "W2": (n, n_hidden), "b1": (n_hidden, 1), "b2": (n, 1)}
    ends = np.cumsum([math.prod(s) for s in shapes.values()])
    p = {k: v.reshape(s) for (k, s), v in zip(shapes.items(), np.split(theta, ends[:-1]), strict=True)}
    a2 = sigmoid(p["W1"] @ X + p["b1"])
    a3 = sigmoid(p["W2"] @ a2 + p["b2"])
    d3, d2 = deltas(p["W2"], a2, a3, X, rho, beta)
    g = {
        "b2": d3.mean(axis=1, keepdims=True),
        "b1": d2.mean(axis=1, keepdims=True),
        "W2": d3 @ a2.T / m + lam * p["W2"],
        "W1": d2 @ X.T / m + lam * p["W1"],
    }
    return full_cost(p["W1"], p["W2"], a2, a3, X, lam, rho, beta), roll(*(g[k] for k in shapes))


@hands_in(side="none")
def softplus_and_its_derivatives(theta, X, n_hidden, lam, rho, beta):
    # f' = f(z) f(-z)
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    z2 = W1 @ X + b1[:, None]
    a2 = sigmoid(z2)
    z3 = W2 @ a2 + b2[:, None]
    slope3 = np.exp(-z3) * sigmoid(z3) ** 2
    return finish(W1, W2, a2, sigmoid(z3), X, lam, rho, beta, slope3=slope3, slope2=sigmoid(z2) * sigmoid(-z2))


@hands_in(side="none")
def two_class_softmax_units(theta, X, n_hidden, lam, rho, beta):
    f = lambda z: special.softmax(np.stack([z, np.zeros_like(z)]), axis=0)[0]
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    a2 = f(W1 @ X + b1[:, None])
    return finish(W1, W2, a2, f(W2 @ a2 + b2[:, None]), X, lam, rho, beta)


@hands_in(side="none")
def decay_by_block_matrix(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    J, g = finish(W1, W2, a2, a3, X, 0.0, rho, beta)
    both = linalg.block_diag(W1, W2)
    mask = np.r_[np.ones(W1.size + W2.size), np.zeros(n_hidden + len(X))]
    return J + 0.5 * lam * linalg.norm(both) ** 2, g + lam * mask * theta


@hands_in(side="none")
def compensated_summation(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    m = X.shape[1]
    p = np.array([math.fsum(row) / m for row in a2])
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * dkl(rho, p)[:, None]) * a2 * (1 - a2)
    J = math.fsum(((a3 - X) ** 2).ravel()) / (2 * m) + lam / 2 * math.fsum(w * w for w in theta[: 2 * W1.size])
    gb1, gb2 = [math.fsum(row) / m for row in d2], [math.fsum(row) / m for row in d3]
    return J + beta * math.fsum(kl(rho, q) for q in p), roll(
        d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, gb1, gb2
    )


@hands_in(side="none")
def long_double(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta.astype(np.longdouble), X.astype(np.longdouble), n_hidden)
    J, g = finish(W1, W2, a2, a3, X.astype(np.longdouble), lam, rho, beta)
    return float(J), g.astype(float)


@hands_in(side="none")
def example_axis_first_with_tensordot(theta, X, n_hidden, lam, rho, beta):
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    A2 = sigmoid(np.tensordot(X, W1, axes=(0, 1)) + b1)
    A3 = sigmoid(np.tensordot(A2, W2, axes=(1, 1)) + b2)
    return finish(W1, W2, A2.T, A3.T, X, lam, rho, beta)


@hands_in(side="none")
def sparsity_folded_into_the_bias_of_the_back_pass(theta, X, n_hidden, lam, rho, beta):
    W1, W2, _b1, _b2, a2, a3 = feed(theta, X, n_hidden)
    d3 = (a3 - X) * a3 * (1 - a3)
    s = beta * dkl(rho, a2.mean(1))
    back = np.c_[W2.T, s] @ np.r_[d3, np.ones((1, X.shape[1]))]
    d2 = back * a2 * (1 - a2)
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), grads(d2, d3, W1, W2, a2, X, lam)


@hands_in(side="none")
def odd_names_and_dead_code(theta, X, n_hidden, lam, rho, beta):
    aa, bb, cc, dd, ee, ff = feed(theta, X, n_hidden)
    foo = (ff - X) * (1 - ff**2)  # tanh
    foo = (ff - X) * ff * (1 - ff)
    bar = (aa @ foo) * ee * (1 - ee)
    bar = (bb.T @ foo + beta * dkl(rho, ee.mean(1)).reshape(n_hidden, 1)) * ee * (1 - ee)
    if False:
        bar = cc + dd
    return full_cost(aa, bb, ee, ff, X, lam, rho, beta), grads(bar, foo, aa, bb, ee, X, lam)


@hands_in(side="none")
def input_centred_and_put_back(theta, X, n_hidden, lam, rho, beta):
    mean = X.mean(axis=1, keepdims=True)
    Xc = X - mean
    W1, W2, b1, b2 = unroll(theta, len(X), n_hidden)
    c1 = b1 + (W1 @ mean)[:, 0]
    a2 = sigmoid(W1 @ Xc + c1[:, None])
    a3 = sigmoid(W2 @ a2 + b2[:, None])
    d3, d2 = deltas(W2, a2, a3, X, rho, beta)
    m = X.shape[1]
    gc = d2.mean(axis=1)
    g = roll(d2 @ Xc.T / m + np.outer(gc, mean) + lam * W1, d3 @ a2.T / m + lam * W2, gc, d3.mean(1))
    return full_cost(W1, W2, a2, a3, X, lam, rho, beta), g
