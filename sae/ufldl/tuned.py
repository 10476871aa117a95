"""Beyond the tutorial: a wider stack, denoising layers and Adam take the same digits further."""

from __future__ import annotations

import numpy as np

from ..adam import minimize_adam
from ..autoencoder import Autoencoder
from ..deep import DeepNetwork
from ..plots import plot_filters
from ..schedules import Cosine
from ..terms import CrossEntropy
from .confusion import plot_confusion
from .digits import load_digits
from .exercise import Outcome, Row, Setting, accuracy, history_figure
from .noisy import Noisy
from .pretraining import codes

TITLE = "Ours, tuned: denoising layers of 800 units and Adam, the same digits"


def run(setting: Setting) -> Outcome:
    """784-800-800-10: denoising autoencoders with cross-entropy and 25 % masking, 10 epochs; 30 epochs with 20 %.

    Steps on batches of 200 in single precision, learning rate 1e-3 falling to 0; nothing is chosen by the test images.
    """
    hidden, epochs, tuning, lam, noise, batch, rate = (800, 800), 10, 30, 1e-6, (0.25, 0.2), 200, 1e-3
    digits = load_digits(setting)
    if setting.quick:
        digits, hidden, tuning, batch, rate = digits.first(3000, 2000), (100, 100), 20, 20, 5e-3
    A, layers = digits.X.astype(np.float32), []
    for l, units in enumerate(hidden, 1):
        autoencoder = _autoencoder(A, units, noise[0], setting.rng(10 + l))
        theta = _learn(
            setting,
            f"denoising autoencoder {l}",
            autoencoder,
            autoencoder.clean.init(setting.rng(l)),
            epochs,
            batch,
            rate,
        )
        W1, _, b1, _ = autoencoder.layout.unpack(theta)
        layers.append((W1, b1))
        A = codes([(W1.astype(np.float32), b1.astype(np.float32))], A)

    X = digits.X.astype(np.float32)
    deep = Noisy(
        lambda X, examples: DeepNetwork(
            X, digits.y[examples], hidden, lam=lam, decay="all", n_classes=10, dtype="float32"
        ),
        X,
        noise[1],
        setting.rng(20),
    )
    start = deep.clean.stack(layers, 0.005 * setting.rng(0).standard_normal((10, hidden[-1])))
    history: list[dict] = []
    theta = _learn(setting, "fine-tuning", deep, start, tuning, batch, rate, history)
    answer = deep.clean.predict(theta, digits.X_test)
    plain = DeepNetwork(digits.X, digits.y, hidden, lam=lam, decay="all", n_classes=10, engine="numpy")
    return Outcome(
        rows=[
            Row(
                "tuned",
                "accuracy after fine-tuning, ours, tuned",
                accuracy(answer, digits.y_test),
                digits.published("97.6 %"),
            )
        ],
        settings={
            **{f"hidden {l}": units for l, units in enumerate(hidden, 1)},
            "masking": noise[0],
            "epochs a layer": epochs,
            "masking in fine-tuning": noise[1],
            "epochs": tuning,
            "batch": batch,
            "learning rate": rate,
            "lambda": lam,
            "m": digits.y.size,
            "dtype": "float32",
        },
        digest=digits.digest,
        figures={
            "filters": plot_filters(layers[0][0][:225], title="225 units of layer 1 after pretraining"),
            **history_figure(history),
            "confusion": plot_confusion(digits.y_test, {"tuned": answer}),
        },
        theta=theta,
        layout=deep.layout,
        evaluation=lambda: plain(theta),
        notes=[f"{digits.name}: {digits.y.size} images, {digits.y_test.size} to test on"],
    )


def _autoencoder(A: np.ndarray, units: int, fraction: float, rng: np.random.Generator) -> Noisy:
    def make(X, examples):
        target = A if len(examples) == A.shape[1] else np.ascontiguousarray(A.T[examples]).T
        return Autoencoder(X, units, target=target, terms=[CrossEntropy()], dtype="float32")

    return Noisy(make, A, fraction, rng)


def _learn(
    setting: Setting,
    what: str,
    objective: Noisy,
    theta0: np.ndarray,
    epochs: int,
    batch: int,
    rate: float,
    history: list[dict] | None = None,
) -> np.ndarray:
    """Return theta after epochs of Adam; theta0 if an earlier training was interrupted."""
    if setting.interrupted:
        return theta0
    result = setting.learn(
        what,
        epochs,
        lambda callback: minimize_adam(
            objective,
            theta0,
            rng=setting.rng(30),
            epochs=epochs,
            batch_size=batch,
            learning_rate=rate,
            schedule=Cosine(epochs),
            callback=callback,
        ),
    )
    if history is not None:
        history.extend(result.history)
    return result.theta
