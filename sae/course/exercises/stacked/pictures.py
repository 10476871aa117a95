"""Stacked fine-tuning: the student's data, and the pictures of the handout. Autoencoders, softmax, all by `sae`."""

from __future__ import annotations

import numpy as np


def data():
    """Return 500 digits to train on, 800 to test on, and layers that were pretrained one by one; about 2 s."""
    from sklearn.datasets import load_digits

    from sae import Autoencoder, Softmax, minimize_lbfgs

    digits = load_digits()
    order = np.random.default_rng(0).permutation(digits.target.size)
    train, test = order[:500], order[500:1300]
    X, y = digits.data[train].T / 16, digits.target[train]
    below, layers = X, {}
    for l, units in ((1, 64), (2, 36)):
        autoencoder = Autoencoder(below, units, lam=1e-3, rho=0.15, beta=1.0)
        theta = minimize_lbfgs(autoencoder, autoencoder.init(np.random.default_rng(l)), max_iter=150).theta
        W1, _, b1, _ = autoencoder.layout.unpack(theta)
        layers |= {f"W{l}": W1, f"b{l}": b1}
        below = autoencoder.encode(theta, below)
    softmax = Softmax(below, y, lam=1e-4, n_classes=10)
    theta = minimize_lbfgs(softmax, softmax.init(np.random.default_rng(0)), max_iter=100).theta
    (W_s,) = softmax.layout.unpack(theta)
    X_test, y_test = digits.data[test].T / 16, digits.target[test]
    return {"X": X, "y": y, "X_test": X_test, "y_test": y_test, **layers, "W_s": W_s}


def figures():
    """Return learning with the right gradient and with wrong ones, and the filters of the first layer; about 10 s."""
    from sae import Activation, sigmoid

    given = data()
    no_slope = Activation("no slope", sigmoid.function, np.ones_like)  # f' is missing
    right, tuned = _learn(given, sigmoid)
    slopeless, _ = _learn(given, no_slope)
    too_large, _ = _learn(given, sigmoid, factor=given["y"].size)
    return {
        "good": _curves({"the gradient is right": right}),
        "bad": _curves({"right": right, "f' is missing": slopeless, "1/m is missing in the hidden layers": too_large}),
        "filters": _filters({"pretrained": given["W1"], "fine-tuned": tuned}),
    }


def _learn(given, f, *, factor=1.0, iterations=60):
    """Return J and the mistakes on other digits, by iteration, and W1 in the end; the hidden gradient has a factor."""
    from sae import DeepNetwork, minimize_lbfgs

    deep = DeepNetwork(given["X"], given["y"], (64, 36), lam=1e-4, f=f, engine="numpy", n_classes=10)
    start = deep.stack([(given["W1"], given["b1"]), (given["W2"], given["b2"])], given["W_s"])
    factors = np.full_like(start, factor)
    factors[deep.layout.slices["W_s"]] = 1

    def objective(theta):
        J, grad = deep(theta)
        return J, factors * grad

    found = []

    def note(state):
        wrong = (deep.predict(state.theta, given["X_test"]) != given["y_test"]).mean()
        found.append((state["iteration"], state["cost"], 100 * wrong))

    theta = minimize_lbfgs(objective, start, max_iter=iterations, callback=note).theta
    return np.array(found), deep.layout.unpack(theta)[0]


def _curves(runs):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    cost, wrong = figure.subplots(1, 2)
    colours = ("tab:blue", "tab:red", "tab:orange")
    for (label, found), colour in zip(runs.items(), colours, strict=False):
        cost.semilogy(found[:, 0], found[:, 1], "o-", ms=2, color=colour, label=label)
        wrong.plot(found[:, 0], found[:, 2], "o-", ms=2, color=colour)
    cost.set(title="J", xlabel="iteration", ylim=(2e-3, 0.3))
    wrong.set(title="mistakes in 100 other digits", xlabel="iteration", ylim=(0, 8))
    cost.legend(fontsize="small", loc="lower left")
    return figure


def _filters(layers):
    from matplotlib.figure import Figure

    from sae.plots import draw_filters

    figure = Figure(figsize=(7, 3.7), layout="constrained")
    for axis, (when, W1) in zip(figure.subplots(1, 2), layers.items(), strict=True):
        draw_filters(axis, W1)
        axis.set(title=when, xticks=[], yticks=[])
    return figure
