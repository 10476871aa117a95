"""Beyond the tutorial: when does pretraining help? Fine-tuning from pretrained and from random weights, few labels."""

from __future__ import annotations

from statistics import mean

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, NullFormatter, ScalarFormatter

from ..deep import DeepNetwork
from .digits import columns, load_digits
from .exercise import Outcome, Row, Setting, accuracy
from .pretraining import classify, codes, pretrain

TITLE = "When pretraining helps: pretrained against random weights, by the number of labels"
ARMS = ("pretrained, fine-tuned", "random, fine-tuned", "pretrained, softmax only")


def run(setting: Setting) -> Outcome:
    """The network of `stacked`, pretrained on all images; 100, 1,000, 10,000 and 60,000 labels; 400 iterations."""
    hidden, softmax_lam, iterations = (200, 200), 1e-4, 400
    counts, draws = (100, 1000, 10_000, 60_000), 3
    digits = load_digits(setting)
    lam, rho, beta = digits.hyperparameters
    if setting.quick:
        digits, hidden, iterations, counts, draws = digits.first(3000, 2000), (64, 64), 60, (100, 1000), 1
    layers = pretrain(setting, digits.X, hidden, lam, rho, beta, iterations)
    found: dict[str, list[list[float]]] = {arm: [] for arm in ARMS}
    for count in counts:
        several = [
            _once(setting, digits, layers, count, draw, hidden, softmax_lam, iterations)
            for draw in range(draws if 10 * count <= digits.y.size else 1)
        ]
        for arm, values in zip(ARMS, zip(*several, strict=True), strict=True):
            found[arm].append(list(values))
    deep = DeepNetwork(digits.X, digits.y, hidden, lam=softmax_lam, n_classes=10, engine="numpy")
    theta = deep.init(setting.rng(0))
    return Outcome(
        rows=[
            Row("labels", f"{count} labels, {arm}", mean(values[k]))
            for k, count in enumerate(counts)
            for arm, values in found.items()
        ],
        settings={
            **{f"hidden {l}": units for l, units in enumerate(hidden, 1)},
            "rho": rho,
            "lambda": lam,
            "beta": beta,
            "softmax lambda": softmax_lam,
            "iterations": iterations,
            "dtype": setting.dtype,
        },
        digest=digits.digest,
        figures={"labels": plot_labels(counts, found)},
        theta=theta,
        layout=deep.layout,
        evaluation=lambda: deep(theta),
        notes=[f"{digits.name}; {draws} draws of the labels, where these are a tenth of all or less: their mean"],
    )


def _once(setting, digits, layers, count, draw, hidden, lam, iterations) -> tuple[float, float, float]:
    """Return the accuracies of the arms with some labels."""
    which = np.sort(np.random.default_rng([setting.seed, 7, draw]).permutation(digits.y.size)[:count])
    X, y = columns(digits.X, which), digits.y[which]
    deep = DeepNetwork(X, y, hidden, lam=lam, n_classes=10, dtype=setting.dtype, threads=setting.threads)
    start = deep.stack(layers, classify(setting, codes(layers, X), y, lam, iterations))
    tuned = setting.train(f"{count} labels, pretrained", deep, start, iterations)
    scratch = setting.train(f"{count} labels, random", deep, deep.init(setting.rng(draw)), iterations)
    right = [accuracy(deep.predict(theta, digits.X_test), digits.y_test) for theta in (tuned, scratch, start)]
    return right[0], right[1], right[2]


def plot_labels(counts, found: dict[str, list[list[float]]]) -> Figure:
    """Draw the share of wrong answers against the number of labels; a dot is a draw, lines join the means."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    for k, (arm, values) in enumerate(found.items()):
        axes.plot(counts, [100 - mean(v) for v in values], "o-", color=f"C{k}", label=arm, markersize=3)
        for count, several in zip(counts, values, strict=True):
            axes.plot([count] * len(several), [100 - v for v in several], ".", color=f"C{k}", alpha=0.5)
    axes.set(xscale="log", yscale="log", xlabel="labels", ylabel="wrong answers on test images, %")
    axes.set_xticks(counts, labels=[f"{count:,}" for count in counts])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    axes.set_title("Does pretraining help? (lines: means over draws of the labels)")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    return figure
