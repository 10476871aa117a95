"""One copy of theta, moved in place and moved back."""

import numpy as np


def quadratic(theta):
    J = theta[0] * theta[0]
    J += 3 * theta[0] * theta[1]
    grad = 3 * theta[::-1]
    grad[0] += 2 * theta[0]
    return J, grad


def central_difference(J, theta, epsilon):
    theta = np.array(theta, dtype=float)
    numeric = np.empty_like(theta)
    for i in range(theta.size):
        kept = theta[i]
        theta[i] = kept + epsilon
        numeric[i] = J(theta)
        theta[i] = kept - epsilon
        numeric[i] -= J(theta)
        theta[i] = kept
    numeric /= 2 * epsilon
    return numeric


def forward_difference(J, theta, epsilon):
    theta = np.array(theta, dtype=float)
    numeric = np.full(theta.size, -J(theta))
    for i in range(theta.size):
        theta[i] += epsilon
        numeric[i] += J(theta)
        theta[i] -= epsilon
    numeric /= epsilon
    return numeric


def relative_difference(numeric, grad):
    difference = numeric.copy()
    difference -= grad
    total = numeric.copy()
    total += grad
    return np.sqrt(difference @ difference) / np.sqrt(total @ total)


def taylor_remainder(J, theta, grad, v, steps):
    remainder = np.zeros(steps.shape)
    moved = np.empty(theta.shape)
    for k, t in enumerate(steps):
        np.multiply(v, t, out=moved)
        moved += theta
        remainder[k] = J(moved)
    remainder -= J(theta)
    remainder -= (grad * v).sum() * steps
    np.abs(remainder, out=remainder)
    return remainder


def order(steps, errors):
    x, y = np.log(steps), np.log(errors)
    x -= x.mean()
    return x @ y / (x @ x)
