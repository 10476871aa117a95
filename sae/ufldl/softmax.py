"""UFLDL, "Softmax Regression": handwritten digits from their pixels."""

from __future__ import annotations

from ..plots import plot_filters
from ..softmax import Softmax
from .digits import load_digits
from .exercise import Outcome, Row, Setting, accuracy, history_figure

TITLE = "Softmax regression: handwritten digits from their pixels"


def run(setting: Setting) -> Outcome:
    """784-10, lambda 1e-4, 100 iterations, all 60,000 images."""
    lam, iterations = 1e-4, 100
    digits = load_digits(setting)
    if setting.quick:
        digits, iterations = digits.first(5000, 2000), 60
    objective = Softmax(digits.X, digits.y, lam=lam, threads=setting.threads)
    history: list[dict] = []
    theta = setting.train("softmax", objective, objective.init(setting.rng(0)), iterations, history=history)
    plain = Softmax(digits.X, digits.y, lam=lam)
    right = accuracy(objective.predict(theta, digits.X_test), digits.y_test)
    return Outcome(
        rows=[
            Row("softmax", "accuracy on test images", right, digits.published("92.6 %")),
            Row("softmax", "accuracy on training images", accuracy(objective.predict(theta, digits.X), digits.y)),
        ],
        settings={"lambda": lam, "m": digits.y.size, "iterations": iterations},
        digest=digits.digest,
        figures={
            "weights": plot_filters(
                objective.layout.unpack(theta)[0],
                columns=5,
                title="Weights of the digits 0 to 9: bright for, dark against",
            ),
            **history_figure(history),
        },
        theta=theta,
        layout=objective.layout,
        evaluation=lambda: plain(theta),
        notes=[f"{digits.name}: {digits.y.size} images, {digits.y_test.size} to test on"],
    )
