"""The pictures of the handout: what a classifier has learned when all is right, and when it is not."""

import numpy as np
from matplotlib.figure import Figure

import sae
from sae.softmax import log_softmax


def figures(digits):
    """Return good.png and bad.png."""
    X, y = digits["X"], digits["y"]
    good = train(X, y, 1e-3)
    title = f"lambda = 0.001: {accuracy(good, digits):.1%} of new digits right, weights up to {np.abs(good).max():.1f}"
    return {"good": weights(good, title), "bad": bad(digits)}


def train(X, y, lam):
    """Return W of the library's softmax regression."""
    objective = sae.Softmax(X, y, lam=lam)
    found = sae.minimize_lbfgs(objective, np.zeros(objective.layout.size), max_iter=400)
    return found.theta.reshape(10, -1)


def accuracy(W, digits):
    """Return the share of the test digits that are right."""
    return float(((W @ digits["X_test"]).argmax(axis=0) == digits["y_test"]).mean())


def weights(W, title):
    """Draw the weights of each class."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    figure.suptitle(title, fontsize=10)
    for digit, axis in enumerate(figure.subplots(2, 5).ravel()):
        axis.imshow(W[digit].reshape(8, 8), cmap="RdBu_r", vmin=-np.abs(W).max(), vmax=np.abs(W).max())
        axis.set(title=f"{digit}", xticks=[], yticks=[])
    return figure


def bad(digits):
    """Draw the cost by gradient descent with right and with wrong gradients, and weights without decay."""
    X, y = digits["X"], digits["y"]
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.2, 1))
    axis = left.subplots()
    for name, slip in SLIPS.items():
        axis.plot(descend(X, y, slip), label=name)
    axis.axhline(np.log(10), color="0.7", lw=0.8)
    axis.text(60, np.log(10) + 0.05, "log 10", color="0.4", ha="right", fontsize=8)
    axis.set(title="J, by gradient descent", xlabel="step", ylim=(0, 4))
    axis.legend(fontsize=7)
    W = train(X, y, 1e-3 / X.shape[1])
    right.suptitle(
        f"decay divided by m: {accuracy(W, digits):.1%} right,\nweights up to {np.abs(W).max():.0f}", fontsize=9
    )
    for digit, axis in zip((0, 1, 3, 8), right.subplots(2, 2).ravel(), strict=True):
        axis.imshow(W[digit].reshape(8, 8), cmap="RdBu_r", vmin=-np.abs(W).max(), vmax=np.abs(W).max())
        axis.set(title=f"{digit}", xticks=[], yticks=[])
    return figure


SLIPS = {
    "right": lambda delta, Y: delta,
    "delta in the row of the right class alone": lambda delta, Y: delta * Y,
    "classes counted from 1 in the indicator": lambda delta, Y: delta + Y - np.roll(Y, 1, axis=0),
    "wrong sign": lambda delta, Y: -delta,
}


def descend(X, y, slip, steps=60, rate=2.0):
    """Return J before each step, when delta is what `slip` makes of it."""
    W, Y, costs = np.zeros((10, len(X))), np.eye(10)[:, y], []
    for _ in range(steps):
        log_p, p = log_softmax(W @ X)
        costs.append(-(Y * log_p).sum() / X.shape[1])
        W = W - rate * slip(p - Y, Y) @ X.T / X.shape[1]
    return costs
