"""Autoencoders side by side: the same patches, weights drawn alike, the same iterations. What `sae compare` runs.

Each variant is the plain autoencoder with a line changed; `VARIANTS` shows the line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import checks
from ..activations import identity, relu, tanh, topk
from ..autoencoder import Autoencoder
from ..data import corruption
from ..experiment import Experiment
from ..filters import count_oriented
from ..optimise import Result, minimize_lbfgs
from ..plots import draw_filters
from ..terms import L1, Contractive, CrossEntropy, KLSparsity, SquaredError, WeightDecay
from ..variational import VariationalAutoencoder
from .measures import active_units, unexplained

DECAY, KL = WeightDecay(1e-4), KLSparsity(0.01, 3.0)
MIDDLE = 0.5  # of the patches' range: all variants see x - 1/2, or units of unbounded activation would all see that
HELD_OUT = 10_000  # added to the seed for the patches that variants are judged by


@dataclass(frozen=True)
class Variant:
    """A variant: what is said of it, and how it is made from X, the number of hidden units and a generator."""

    line: str
    make: Callable[[np.ndarray, int, np.random.Generator], Any]


def _page(line: str, **options) -> Variant:
    return Variant(line, lambda X, n_hidden, rng: Autoencoder(X - MIDDLE, n_hidden, target=X, **options))


VARIANTS = {
    "standard": _page("terms=[SquaredError()]", terms=[SquaredError()]),
    "decay": _page("terms=[SquaredError(), decay]", terms=[SquaredError(), DECAY]),
    "kl": _page("terms=[SquaredError(), decay, KLSparsity(0.01, 3)]", terms=[SquaredError(), DECAY, KL]),
    "l1": _page("terms=[SquaredError(), decay, L1(0.01)]", terms=[SquaredError(), DECAY, L1(0.01)]),
    "cross-entropy": _page("terms=[CrossEntropy(), decay, KLSparsity(0.01, 3)]", terms=[CrossEntropy(), DECAY, KL]),
    "linear": _page("g=identity, and KL", g=identity, terms=[SquaredError(), DECAY, KL]),
    "tanh": _page("f=tanh, and KL", f=tanh, terms=[SquaredError(), DECAY, KL]),
    "relu": _page("f=relu, g=identity, and L1(0.01)", f=relu, g=identity, terms=[SquaredError(), DECAY, L1(0.01)]),
    "topk": _page("f=topk(5), g=identity", f=topk(5), g=identity, terms=[SquaredError(), DECAY]),
    "tied": _page("tied=True", tied=True, terms=[SquaredError(), DECAY]),
    "contractive": _page("terms=[SquaredError(), Contractive(0.02)]", terms=[SquaredError(), Contractive(0.02)]),
    "denoising": Variant(
        "X=masking(X, 0.3, rng)",
        lambda X, n_hidden, rng: Autoencoder(
            corruption.masking(X - MIDDLE, 0.3, rng), n_hidden, target=X, terms=[SquaredError(), DECAY]
        ),
    ),
    "variational": Variant(
        "a page of its own: sae/variational.py",
        lambda X, n_hidden, rng: VariationalAutoencoder(
            X - MIDDLE, n_hidden, n_hidden, likelihood="gaussian", sigma=0.03, rng=rng
        ),
    ),
}


@dataclass(frozen=True)
class Compared:
    """A trained variant, and what it does with patches that it was not trained on.

    Attributes
    ----------
    unexplained : float
        Sum of |x - a3|^2 over that of |x - mean of all x|^2.
    active : float
        L0: mean number of active hidden units, see `active_units`.
    mean_activation : (n_hidden,) array
        Per unit; for tanh units as a share of (-1, 1), for the variational one of |mu|.
    """

    name: str
    line: str
    objective: Any
    result: Result
    unexplained: float
    active: float
    mean_activation: np.ndarray

    @property
    def W1(self) -> np.ndarray:
        """The filters, (n_hidden, n)."""
        return self.objective.layout.unpack(self.result.theta)[0]

    def row(self) -> dict[str, str]:
        """Return what the table says of it."""
        return {
            "variant": self.name,
            "the line": f"`{self.line}`",
            "J": f"{self.result.cost:.4f}",
            "unexplained": f"{self.unexplained:.3f}",
            "active": f"{self.active:.1f} of {len(self.W1)}",
            "activation": f"{self.mean_activation.mean():.3f}",
            "oriented": f"{count_oriented(self.W1)}",
            "iterations": f"{self.result.iterations}",
        }


def variant(name: str) -> Variant:
    """Return the variant of this name."""
    checks.one_of("variant", name, VARIANTS)
    return VARIANTS[name]


class Training:
    """What all variants share: patches to train on and to be judged by, the seed of the weights, the iterations."""

    def __init__(self, *, hidden: int = 25, patches: int = 10_000, iterations: int = 200, seed: int = 0):
        self.experiment = Experiment(hidden=hidden, patches=patches, iterations=iterations, seed=seed)
        images = self.experiment.load_images()
        self.X = self.experiment.sample(images)
        self.unseen = replace(self.experiment, seed=seed + HELD_OUT, patches=min(patches, 5000)).sample(images)

    def pca(self) -> float:
        """Return what as many principal components as there are units leave unexplained: the best of linear maps."""
        mean = self.X.mean(axis=1, keepdims=True)
        basis = np.linalg.svd(self.X - mean, full_matrices=False)[0][:, : self.experiment.hidden]
        return unexplained(self.unseen, mean + basis @ (basis.T @ (self.unseen - mean)))

    def train(self, name: str, callback: Callable[[dict], None] | None = None) -> Compared:
        """Train a variant and judge it; Ctrl-C ends the training, and `.result.interrupted` is then true."""
        experiment = self.experiment
        objective = variant(name).make(self.X, experiment.hidden, experiment.rng(3))
        theta0 = objective.init(experiment.rng(1))
        result = minimize_lbfgs(objective, theta0, max_iter=experiment.iterations, callback=callback)
        return judge(name, objective, result, self.unseen)


def judge(name: str, objective, result: Result, X) -> Compared:
    """Measure a trained variant on X."""
    x = X - MIDDLE
    target, code = X, objective.encode(result.theta, x)
    if isinstance(objective, VariationalAutoencoder):  # it has no other target than x, and answers with two
        target, code = x, np.abs(code[0])
    elif objective.f is tanh:
        code = (1 + code) / 2
    return Compared(
        name,
        variant(name).line,
        objective,
        result,
        unexplained(target, objective.reconstruct(result.theta, x)),
        active_units(code),
        code.mean(axis=1),
    )


# What is shown ----------------------------------------------------------------------------------------------------


def picture(compared: Sequence[Compared], pca: float):
    """Draw filters of each variant, reconstruction against sparsity, mean activation per unit, and J while it falls."""
    from matplotlib.figure import Figure

    columns = 5
    rows = -(-len(compared) // columns)
    figure = Figure(figsize=(2.4 * columns, 2.7 * rows + 4), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[2.7 * rows, 4])
    upper, lower = parts
    axes: Any = upper.subplots(rows, columns, squeeze=False)
    for ax in axes.ravel():
        ax.set_axis_off()
    for ax, one in zip(axes.ravel(), compared, strict=False):
        draw_filters(ax, one.W1)
        ax.set_title(one.name, fontsize=9)
    left, middle, right = lower.subplots(1, 3)
    for k, one in enumerate(compared):
        style = {"color": f"C{k % 10}", "marker": "os^"[k // 10], "markersize": 6}
        left.plot(one.active, one.unexplained, linestyle="", **style)
        left.annotate(one.name, (one.active, one.unexplained), fontsize=6, xytext=(4, 3), textcoords="offset points")
        middle.plot(np.sort(one.mean_activation)[::-1], label=one.name, color=style["color"], lw=1, ls="-:"[k // 10])
        history = one.result.history
        right.plot(
            [r["iteration"] for r in history],
            [r["cost"] for r in history],
            color=style["color"],
            lw=1,
            ls="-:"[k // 10],
            label=one.name,
        )
    left.axhline(pca, color="black", lw=0.8, ls=":")
    left.annotate("PCA, as many components", (0, pca), fontsize=6, xytext=(0, -8), textcoords="offset points")
    left.set(xlabel="active units per patch (L0)", ylabel="variance unexplained", ylim=(0, None))
    middle.set(xlabel="hidden unit, sorted", ylabel="mean activation", yscale="log")
    right.set(xlabel="iteration", ylabel="J (each its own)", yscale="log")
    right.legend(fontsize=6, ncols=2)
    for ax in (left, middle, right):
        ax.grid(alpha=0.3)
    return figure
