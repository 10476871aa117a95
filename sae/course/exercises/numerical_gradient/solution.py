"""The numerical gradient: differences of J that judge a gradient derived by hand.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` judges two gradients of a small model, one right and one with a mistake, and draws how the error of
a difference depends on its step. Shapes: theta is (p,), and J a function theta -> number. The equations are those of
the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def quadratic(theta):
    """Return J, a number, and its gradient grad, (2,), for theta (2,): (Q1) and (Q2)."""
    ### BEGIN SOLUTION
    J = theta[0] ** 2 + 3 * theta[0] * theta[1]  # (Q1)
    grad = np.array([2 * theta[0] + 3 * theta[1], 3 * theta[0]])  # (Q2)
    ### END SOLUTION
    return J, grad


def central_difference(J, theta, epsilon):
    """Return numeric, (p,): the gradient of J at theta from two values of J for each entry, (G1).

    theta may be an array of integers. It must not be changed.
    """
    ### BEGIN SOLUTION
    e = np.eye(theta.size)  # (G1)
    numeric = np.array([(J(theta + epsilon * e_i) - J(theta - epsilon * e_i)) / (2 * epsilon) for e_i in e])  # (G1)
    ### END SOLUTION
    return numeric


def forward_difference(J, theta, epsilon):
    """Return numeric, (p,): the gradient of J at theta from its value there and one more for each entry, (Q3).

    theta may be an array of integers. It must not be changed.
    """
    ### BEGIN SOLUTION
    e = np.eye(theta.size)  # (Q3)
    here = J(theta)  # (Q3)
    numeric = np.array([(J(theta + epsilon * e_i) - here) / epsilon for e_i in e])  # (Q3)
    ### END SOLUTION
    return numeric


def relative_difference(numeric, grad):
    """Return error, a number: how far apart two gradients (p,) are, (G3)."""
    ### BEGIN SOLUTION
    error = np.linalg.norm(numeric - grad) / np.linalg.norm(numeric + grad)  # (G3)
    ### END SOLUTION
    return error


def taylor_remainder(J, theta, grad, v, steps):
    """Return remainder, (k,), for steps (k,): what is left of J(theta + t v) without its first two terms, (G9).

    grad and v are (p,): the gradient on trial, which may be wrong, and a direction.
    """
    ### BEGIN SOLUTION
    slope = grad @ v  # (G9)
    remainder = np.array([np.abs(J(theta + t * v) - J(theta) - t * slope) for t in steps])  # (G9)
    ### END SOLUTION
    return remainder


def order(steps, errors):
    """Return s, a number: the power of the step that the errors grow with, for steps and errors (k,), (Q4)."""
    ### BEGIN SOLUTION
    x = np.log(steps)  # (Q4)
    y = np.log(errors)  # (Q4)
    s = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()  # (Q4)
    ### END SOLUTION
    return s


def main():
    """Judge a right and a wrong gradient of a model of handwritten zeros and ones; draw errors against steps."""
    import matplotlib.pyplot as plt

    data = np.load(HERE / "data.npz")
    X, y, theta = data["X"], data["y"], data["theta"]
    decay = 0.1

    def J(theta):
        return ((1 / (1 + np.exp(-theta @ X)) - y) ** 2).mean() / 2 + decay / 2 * (theta * theta).sum()

    a = 1 / (1 + np.exp(-theta @ X))
    right = X @ ((a - y) * a * (1 - a)) / y.size + decay * theta
    wrong = right - decay * theta
    numeric = central_difference(J, theta, 1e-4)
    steps, v = 10.0 ** -np.arange(2, 5), np.ones(theta.size)
    for name, grad in (("right", right), ("without the decay", wrong)):
        s = order(steps, taylor_remainder(J, theta, grad, v, steps))
        print(f"{name}: relative difference {relative_difference(numeric, grad):.1e}, Taylor remainder ~ t^{s:.2f}")

    steps = 10.0 ** -np.arange(13)
    figure, axis = plt.subplots(figsize=(5, 3.5))
    for name, difference in (("central (G1)", central_difference), ("forward (Q3)", forward_difference)):
        errors = [relative_difference(difference(J, theta, epsilon), right) for epsilon in steps]
        axis.loglog(steps, errors, "o-", label=name)
        print(f"{name}: the error grows like epsilon^{order(steps[1:4], errors[1:4]):.2f}")
    axis.set(xlabel="epsilon", ylabel="relative difference (G3)")
    axis.legend()
    figure.tight_layout()
    figure.savefig(HERE / "errors.png", dpi=100)
    print("errors.png shows the error of each difference against its step")


if __name__ == "__main__":
    main()
