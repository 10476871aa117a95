"""Lists and the math module; arrays only where J needs them and for the answer."""

import math

import numpy as np


def quadratic(theta):
    first, second = theta.tolist()
    return first**2 + 3 * first * second, np.asarray([2 * first + 3 * second, 3 * first])


def central_difference(J, theta, epsilon):
    values = [float(entry) for entry in theta]
    numeric = []
    for i, entry in enumerate(values):
        before, after = values[:i], values[i + 1 :]
        plus = np.array([*before, entry + epsilon, *after])
        minus = np.array([*before, entry - epsilon, *after])
        numeric.append((J(plus) - J(minus)) / (epsilon + epsilon))
    return np.array(numeric)


def forward_difference(J, theta, epsilon):
    here = J(theta)

    def entry(i):
        return (J(np.array([x + epsilon * (k == i) for k, x in enumerate(theta)])) - here) / epsilon

    return np.fromiter(map(entry, range(len(theta))), dtype=float)


def relative_difference(numeric, grad):
    return math.dist(numeric, grad) / math.dist(numeric, -grad)


def taylor_remainder(J, theta, grad, v, steps):
    along = math.fsum(g * d for g, d in zip(grad.tolist(), v.tolist()))
    here = J(theta)
    return np.array([math.fabs(J(theta + t * v) - (here + t * along)) for t in steps.tolist()])


def order(steps, errors):
    x, y = [math.log2(t) for t in steps], [math.log2(e) for e in errors]
    centre, height = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - centre) * (b - height) for a, b in zip(x, y))
    return above / sum((a - centre) ** 2 for a in x)
