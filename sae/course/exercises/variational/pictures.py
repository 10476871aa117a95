"""The variational autoencoder: the student's data, and the pictures of the handout, trained by `sae`."""

from __future__ import annotations

import numpy as np

N_HIDDEN, DRAWS, ITERATIONS = 48, 30, 30


def data():
    """Return 1000 digits of 8 x 8 pixels from 0 to 1, and which digits they are."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    chosen = np.random.default_rng(0).permutation(digits.target.size)[:1000]
    return {"X": digits.data[chosen].T / 16, "y": digits.target[chosen]}


def figures():
    """Return maps of the code and digits of the prior, trained well and in three ways badly; about 20 s."""
    given = data()
    return {
        "good": _picture(given, *_train(given["X"], 1.0), "beta = 1"),
        "collapse": _picture(given, *_train(given["X"], 30.0), "beta = 30"),
        "no_divergence": _picture(given, *_train(given["X"], 0.0), "without the KL divergence"),
        "few_iterations": _picture(given, *_train(given["X"], 1.0, draws=1), "after 30 iterations"),
    }


def _train(X, beta, draws=DRAWS):
    from sae import VariationalAutoencoder, minimize_lbfgs

    rng = np.random.default_rng(0)
    theta = None
    for _ in range(draws):  # a new objective is a new draw of eps
        model = VariationalAutoencoder(X, N_HIDDEN, 2, beta=beta, rng=rng)
        theta = model.init(rng) if theta is None else theta
        theta = minimize_lbfgs(model, theta, max_iter=ITERATIONS).theta
    return model, theta


def _picture(given, model, theta, title):
    from matplotlib.figure import Figure

    mu, _ = model.encode(theta, given["X"])
    digits = model.sample(theta, 60, np.random.default_rng(1)).T.reshape(6, 10, 8, 8)
    figure = Figure(figsize=(7.6, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    points = left.scatter(*mu[:, :600], c=given["y"][:600], cmap="tab10", s=4)
    figure.colorbar(points, ax=left, ticks=range(10))
    left.set(title=f"the code, {title}", xlabel="mu of unit 1", ylabel="mu of unit 2", aspect="equal")
    padded = np.pad(digits, ((0, 0), (0, 0), (0, 1), (0, 1)))
    right.imshow(np.block([list(row) for row in padded]), cmap="gray_r")
    right.set(title="digits drawn from N(0, I)", xticks=[], yticks=[])
    return figure
