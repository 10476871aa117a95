"""UFLDL, "Implement deep networks for digit classification": two stacked autoencoders, softmax, fine-tuning."""

from __future__ import annotations

import numpy as np

from ..deep import DeepNetwork
from ..plots import plot_filters
from .confusion import plot_confusion
from .digits import load_digits
from .exercise import Outcome, Row, Setting, accuracy, history_figure
from .pretraining import classify, codes, pretrain

TITLE = "Stacked autoencoders with softmax, before and after fine-tuning"


def run(setting: Setting) -> Outcome:
    """784-200-200-10, rho 0.1, lambda 3e-3, beta 3, softmax lambda 1e-4; 400 iterations each, all 60,000 images."""
    hidden, softmax_lam, iterations = (200, 200), 1e-4, 400
    digits = load_digits(setting)
    lam, rho, beta = digits.hyperparameters
    if setting.quick:
        digits, hidden, iterations = digits.first(3000, 2000), (64, 64), 60

    layers = pretrain(setting, digits.X, hidden, lam, rho, beta, iterations)
    W_s = classify(setting, codes(layers, digits.X), digits.y, softmax_lam, iterations)

    deep = DeepNetwork(
        digits.X, digits.y, hidden, lam=softmax_lam, n_classes=10, dtype=setting.dtype, threads=setting.threads
    )
    before = deep.stack(layers, W_s)
    history: list[dict] = []
    after = setting.train("fine-tuning", deep, before, iterations, history=history)
    answers = [deep.predict(theta, digits.X_test) for theta in (before, after)]
    plain = DeepNetwork(digits.X, digits.y, hidden, lam=softmax_lam, engine="numpy")
    return Outcome(
        rows=[
            Row(
                "stacked",
                "accuracy before fine-tuning",
                accuracy(answers[0], digits.y_test),
                digits.published("87.7 %"),
            ),
            Row(
                "stacked", "accuracy after fine-tuning", accuracy(answers[1], digits.y_test), digits.published("97.6 %")
            ),
            Row("stacked", "J after fine-tuning", deep(after)[0], unit=""),
        ],
        settings={
            **{f"hidden {l}": units for l, units in enumerate(hidden, 1)},
            "rho": rho,
            "lambda": lam,
            "beta": beta,
            "softmax lambda": softmax_lam,
            "m": digits.y.size,
            "iterations": iterations,
            "dtype": setting.dtype,
        },
        digest=digits.digest,
        figures={
            "filters": plot_filters(
                layers[0][0], title="Layer 1 after pretraining: the input that each unit answers most"
            ),
            "filters-tuned": plot_filters(
                deep.layout.unpack(after)[0], title="Layer 1 after fine-tuning: the same units"
            ),
            "filters-2": plot_filters(
                layers[1][0] @ _unit(layers[0][0]),
                title="Layer 2 after pretraining: layer 1's filters, summed with its weights",
            ),
            **history_figure(history),
            "confusion": plot_confusion(
                digits.y_test, {"before fine-tuning": answers[0], "after fine-tuning": answers[1]}
            ),
        },
        theta=after,
        layout=deep.layout,
        evaluation=lambda: plain(after),
        notes=[f"{digits.name}: {digits.y.size} images, {digits.y_test.size} to test on"],
    )


def _unit(W):
    return W / np.linalg.norm(W, axis=1, keepdims=True)
