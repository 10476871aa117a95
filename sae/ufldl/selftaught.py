"""UFLDL, "Self-Taught Learning": features from the digits 5 to 9, unlabelled, serve to tell 0 to 4."""

from __future__ import annotations

import numpy as np

from ..autoencoder import Autoencoder
from ..plots import plot_activations, plot_filters
from ..softmax import Softmax
from .digits import columns, load_digits
from .exercise import Outcome, Row, Setting, accuracy, history_figure

TITLE = "Self-taught learning: features from unlabelled digits 5 to 9, to tell 0 to 4"


def run(setting: Setting) -> Outcome:
    """784-200, rho 0.1, lambda 3e-3, beta 3, 400 iterations on 5 to 9; softmax, lambda 1e-4, on half of 0 to 4.

    As in the exercise all are from the 60,000 training images, and the other half of 0 to 4 is tested on.
    """
    hidden, iterations, softmax_lam, softmax_iterations = 200, 400, 1e-4, 400
    digits = load_digits(setting)
    lam, rho, beta = digits.hyperparameters
    if setting.quick:
        digits, hidden, iterations, softmax_iterations = digits.first(6000, 0), 64, 60, 100
    unlabelled, labelled = digits.only(range(5, 10)), digits.only(range(5))
    half = labelled.y.size // 2
    first, second = np.arange(half), np.arange(half, labelled.y.size)
    X, X_test = columns(labelled.X, first), columns(labelled.X, second)
    y, y_test = labelled.y[first], labelled.y[second]

    objective = Autoencoder(
        unlabelled.X, hidden, lam=lam, rho=rho, beta=beta, dtype=setting.dtype, threads=setting.threads
    )
    history: list[dict] = []
    start = objective.init(setting.rng(0))
    theta = setting.train("sparse autoencoder", objective, start, iterations, history=history)

    def told(what, examples, tests):
        softmax = Softmax(examples, y, lam=softmax_lam, threads=setting.threads)
        found = setting.train(what, softmax, softmax.init(setting.rng(1)), softmax_iterations)
        return accuracy(softmax.predict(found, tests), y_test)

    features = told("softmax on features", objective.encode(theta, X), objective.encode(theta, X_test))
    pixels = told("softmax on pixels", X, X_test)
    rho_hat = objective.rho_hat(theta)
    plain = Autoencoder(unlabelled.X, hidden, lam=lam, rho=rho, beta=beta, engine="numpy")
    return Outcome(
        rows=[
            Row("selftaught", "accuracy with learned features", features, digits.published("98.3 %")),
            Row("selftaught", "accuracy with raw pixels", pixels, digits.published("96 %")),
        ],
        settings={
            "hidden": hidden,
            "rho": rho,
            "lambda": lam,
            "beta": beta,
            "iterations": iterations,
            "softmax lambda": softmax_lam,
            "softmax iterations": softmax_iterations,
            "dtype": setting.dtype,
        },
        digest=digits.digest,
        figures={
            "filters": plot_filters(
                objective.layout.unpack(theta)[0], title="Features learned from the digits 5 to 9, without labels"
            ),
            **history_figure(history),
            "activations": plot_activations(rho_hat, rho),
        },
        theta=theta,
        layout=objective.layout,
        evaluation=lambda: plain(theta),
        notes=[
            f"{digits.name}: {unlabelled.y.size} unlabelled images of 5 to 9, {y.size} of 0 to 4 with labels, "
            f"{y_test.size} to test on"
        ],
    )
