"""All places where J is asked as one array, a place a row or a column."""

import numpy as np


def quadratic(theta):
    A = np.array([[1.0, 3.0], [0.0, 0.0]])
    return theta @ A @ theta, (A + A.T) @ theta


def central_difference(J, theta, epsilon):
    steps = np.diag(np.full(theta.size, epsilon))
    values = np.apply_along_axis(J, 1, np.concatenate([theta + steps, theta - steps]))
    plus, minus = values.reshape(2, -1)
    return (plus - minus) / epsilon / 2


def forward_difference(J, theta, epsilon):
    places = theta[:, None] + epsilon * np.eye(theta.size, theta.size + 1)
    values = np.apply_along_axis(J, 0, places)
    return (values[:-1] - values[-1]) / epsilon


def relative_difference(numeric, grad):
    both = np.stack([numeric - grad, numeric + grad])
    above, below = np.linalg.norm(both, axis=1)
    return above / below


def taylor_remainder(J, theta, grad, v, steps):
    values = np.apply_along_axis(J, 1, theta + np.outer(steps, v))
    return np.abs(values - J(theta) - np.outer(steps, v) @ grad)


def order(steps, errors):
    design = np.column_stack([np.ones_like(steps), np.log10(steps)])
    return np.linalg.lstsq(design, np.log10(errors), rcond=None)[0][1]
