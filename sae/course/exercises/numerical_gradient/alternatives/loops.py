"""Loops over entries; each step on a copy of theta."""

import numpy as np


def quadratic(theta):
    x1, x2 = theta
    J = x1 * (x1 + 3 * x2)
    grad = np.zeros(2)
    grad[0] = 2 * x1 + 3 * x2
    grad[1] = 3 * x1
    return J, grad


def central_difference(J, theta, epsilon):
    numeric = np.zeros(len(theta))
    for i in range(len(theta)):
        plus = theta.astype(float)
        minus = theta.astype(float)
        plus[i] = plus[i] + epsilon
        minus[i] = minus[i] - epsilon
        numeric[i] = (J(plus) - J(minus)) / (2 * epsilon)
    return numeric


def forward_difference(J, theta, epsilon):
    numeric = np.zeros(len(theta))
    for i in range(len(theta)):
        plus = theta.astype(float)
        plus[i] += epsilon
        numeric[i] = (J(plus) - J(theta)) / epsilon
    return numeric


def relative_difference(numeric, grad):
    above, below = 0.0, 0.0
    for i in range(len(grad)):
        above += (numeric[i] - grad[i]) ** 2
        below += (numeric[i] + grad[i]) ** 2
    return (above / below) ** 0.5


def taylor_remainder(J, theta, grad, v, steps):
    remainder = np.zeros(len(steps))
    for k in range(len(steps)):
        linear = J(theta)
        for i in range(len(theta)):
            linear += steps[k] * grad[i] * v[i]
        remainder[k] = abs(J(theta + steps[k] * v) - linear)
    return remainder


def order(steps, errors):
    k = len(steps)
    sx = sy = sxx = sxy = 0.0
    for h, error in zip(steps, errors):
        x, y = np.log(h), np.log(error)
        sx, sy, sxx, sxy = sx + x, sy + y, sxx + x * x, sxy + x * y
    return (k * sxy - sx * sy) / (k * sxx - sx * sx)
