"""Parts that call one another: the central difference is the mean of a forward and a backward one."""

import numpy as np


def quadratic(theta):
    J = np.square(theta[0]) + 3 * np.prod(theta)
    return J, np.array([[2, 3], [3, 0]]) @ theta


def central_difference(J, theta, epsilon):
    return 0.5 * (forward_difference(J, theta, epsilon) + forward_difference(J, theta, -epsilon))


def forward_difference(J, theta, epsilon):
    return np.array([slope(J, theta, e, epsilon) for e in np.identity(theta.size)])


def slope(J, theta, v, t):
    return (J(theta + t * v) - J(theta)) / t


def relative_difference(numeric, grad):
    return np.hypot.reduce(np.subtract(numeric, grad)) / np.hypot.reduce(np.add(numeric, grad))


def taylor_remainder(J, theta, grad, v, steps):
    return np.array([t * abs(slope(J, theta, v, t) - np.dot(grad, v)) for t in steps])


def order(steps, errors):
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]
