"""Dimension reduction: how much of a digit is left in 2, 4, 8, 16 or 32 numbers, and a map of them in two.

Each method learns from training digits, without labels, a map to d numbers that takes new digits, too. Two measures, on
test digits:

- the accuracy of the 5 nearest neighbours: a test digit gets the label that most of its 5 nearest *training* digits
  have, in the d numbers;
- trustworthiness: whether the 5 nearest test digits in the d numbers were near in the pixels, 1 at best; each that was
  not costs the more, the further away it was (J. Venna and S. Kaski, 2001).

What has to be chosen (rho and beta, PCA with or without whitening, Isomap's neighbours) is chosen by the first measure
on validation digits, for each number of dimensions and in each repetition; a repetition has its own split. A choice
with which training breaks off, since units saturate, is left out, and a note says so. t-SNE has no map for new digits:
it is given the test digits themselves, and has no accuracy.

Sources: D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes" (2014); J. B. Tenenbaum, V. de Silva, J. C.
Langford, "A Global Geometric Framework for Nonlinear Dimensionality Reduction", Science 290 (2000) (Isomap); L. van der
Maaten and G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008).
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import SparseEfficiencyWarning
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, Isomap, trustworthiness
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.random_projection import GaussianRandomProjection

from ..data.mnist import load_mnist
from ..data.sets import cite, load_digits
from ..errors import MissingDataError
from ..estimators import SparseAutoencoder, VariationalAutoencoder
from .dimension_plots import plot_dimensions
from .use import Measure, Outcome, Setting, difference, find, gather

TITLE = "Dimension reduction and visualisation: what is left of a digit in a few numbers"
NEEDS = "scikit-learn's digits; MNIST, too, where SAE_DATA names its folder"
OURS = ("variational autoencoder", "sparse autoencoder")
ACCURACY, TRUST = "accuracy of 5 neighbours", "trustworthiness"
NEIGHBOURS = 5
SHOWN = 200  # test digits on a map
HIDDEN = 128  # units of the variational encoder, and of its decoder
SPARSE = ((0.1, 0.1), (0.3, 0.1), (0.1, 0.3))  # rho and beta to choose from
WHY = (
    "Why: one nearly linear layer can't get far from PCA; and the more of a digit fits into the numbers, the more "
    "alike all methods are."
)
VARIATIONAL = (0.1, 0.3, 0.01, 0.001, 0.0001)  # beta to choose from


@dataclass(frozen=True)
class Plan:
    """What is done with a data set: its examples, and the sizes."""

    name: str
    X: np.ndarray
    y: np.ndarray
    dims: tuple[int, ...]
    counts: tuple[int, int, int]  # to train, to choose, to test
    epochs: int  # of the variational autoencoder
    iterations: int = 200  # of the sparse one
    steps: int = 1000  # of t-SNE
    candidates: int = 9  # of each method, at most

    def task(self, d: int) -> str:
        """Return what a measure's task is called."""
        return f"{self.name}, {d} dimensions"


class Parts(NamedTuple):
    """Arrays of the three parts of the examples: pixels or codes (m, d), or labels (m,)."""

    train: Any
    validation: Any
    test: Any

    def through(self, model) -> Parts:
        """Return the parts in a model's dimensions."""
        return Parts(*(model.transform(part) for part in self))

    def first(self, d: int) -> Parts:
        """Return the first d columns."""
        return Parts(*(part[:, :d] for part in self))


def run(setting: Setting) -> Outcome:
    """Measure all methods on the digits, and on MNIST if it is there; draw the curves and the maps."""
    plans, about, notes = plans_of(setting)
    shown: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    repetitions = setting.repeat(lambda k: {key: x for plan in plans for key, x in repetition(setting, plan, k, shown)})
    measures = gather(repetitions)
    return Outcome(
        use="dimensions",
        data=about,
        measures=measures,
        ours=OURS,
        headline=(plans[0].task(2), ACCURACY),
        settings={
            "dimensions": " ".join(map(str, plans[0].dims)),
            "training, validation and test digits": " ".join(map(str, plans[0].counts)),
            "hidden units of the variational encoder": HIDDEN,
            "its epochs": plans[0].epochs,
            "neighbours": NEIGHBOURS,
        },
        figure=plot_dimensions(measures, {plan.name: plan.dims for plan in plans}, (ACCURACY, TRUST), OURS, shown),
        verdict=" ".join([*(verdict(measures, plan) for plan in plans), WHY]),
        notes=[*notes, *setting.left_out],
    )


def plans_of(setting: Setting) -> tuple[list[Plan], str, list[str]]:
    """Return what to do, what the data are, and what is missing of them."""
    digits = load_digits()
    X, y = digits.data / 16, digits.target
    if setting.quick:
        plan = Plan("digits", X, y, (2, 8), (400, 150, 250), epochs=60, iterations=100, steps=300, candidates=1)
        return [plan], cite(digits), []
    plans = [Plan("digits", X, y, (2, 4, 8, 16, 32), (1000, 300, 497), epochs=200)]
    try:
        mnist = load_mnist(fetch=setting.fetch and not os.environ.get("SAE_DATA"))
    except MissingDataError as error:
        return plans, cite(digits), [f"Without MNIST: {error}"]
    plans.append(Plan("MNIST", mnist.data, mnist.target, (2, 8), (2000, 500, 1000), epochs=100))
    return plans, f"{cite(digits)}; {cite(mnist)}", []


def repetition(setting: Setting, plan: Plan, k: int, shown: dict):
    """Return the numbers of one split, as ((task, method, what), number); put the first maps into `shown`."""
    X, y = split(plan, setting.random_state(0, k))
    numbers = []
    nested = alternatives(plan, X, setting.random_state(1, k))
    for d in plan.dims:
        found = {name: [codes.first(d) for codes in several] for name, several in nested.items()}
        found |= autoencoders(setting, plan, X, d, k)
        for name, several in found.items():
            codes = max(several, key=lambda codes: accuracy(codes.train, y.train, codes.validation, y.validation))
            numbers += [
                ((plan.task(d), name, ACCURACY), accuracy(codes.train, y.train, codes.test, y.test)),
                ((plan.task(d), name, TRUST), trust(X.test, codes.test)),
            ]
            if d == 2 and plan.name == "digits":
                shown.setdefault(name, (codes.test[:SHOWN], y.test[:SHOWN]))
    points = TSNE(init="pca", max_iter=plan.steps, random_state=setting.random_state(2, k)).fit_transform(X.test)
    if plan.name == "digits":
        shown.setdefault("t-SNE", (points[:SHOWN], y.test[:SHOWN]))
    return [*numbers, ((plan.task(2), "t-SNE", TRUST), trust(X.test, points))]


def split(plan: Plan, random_state: int) -> tuple[Parts, Parts]:
    """Return pixels and labels to train on, to choose by and to test on, with the same share of each digit."""
    train, choose, test = plan.counts
    some = {"random_state": random_state, "train_size": train, "test_size": choose + test, "stratify": plan.y}
    X, rest, y, y_rest = train_test_split(plan.X, plan.y, **some)
    halves = train_test_split(rest, y_rest, random_state=random_state, test_size=test, stratify=y_rest)
    return Parts(X, *halves[:2]), Parts(y, *halves[2:])


def alternatives(plan: Plan, X: Parts, random_state: int) -> dict[str, list[Parts]]:
    """Return the codes of what is no autoencoder, one for each choice; the first d columns are those in d dimensions.

    Principal and Isomap's axes come in order, and any columns of a random projection are one.
    """
    most = max(plan.dims)
    models: dict[str, list[Any]] = {
        "PCA": [PCA(most, whiten=whiten, random_state=random_state) for whiten in (False, True)],
        "Isomap": [
            Isomap(n_neighbors=count, eigen_solver="dense").set_params(n_components=most) for count in (5, 10, 20)
        ],
        "random projection": [GaussianRandomProjection(random_state=random_state).set_params(n_components=most)],
    }
    with warnings.catch_warnings():  # where neighbours make no connected graph, Isomap adds the shortest links
        warnings.filterwarnings("ignore", message="The number of connected components")
        warnings.simplefilter("ignore", SparseEfficiencyWarning)
        return {
            name: [X.through(model.fit(X.train)) for model in several[: plan.candidates]]
            for name, several in models.items()
        }


def autoencoders(setting: Setting, plan: Plan, X: Parts, d: int, k: int) -> dict[str, list[Parts]]:
    """Return the codes of the autoencoders with d units in the middle, one for each choice."""
    drawn = setting.random_state(3, k)
    models = {
        "sparse autoencoder": [
            SparseAutoencoder(d, sparsity_param=rho, beta=beta, max_iter=plan.iterations, random_state=drawn)
            for rho, beta in SPARSE
        ],
        "variational autoencoder": [
            VariationalAutoencoder(
                HIDDEN,
                latent_dim=d,
                beta=beta,
                solver="adam",
                learning_rate=0.003,
                schedule="cosine",
                batch_size=100,
                max_iter=plan.epochs,
                random_state=drawn,
            )
            for beta in VARIATIONAL
        ],
    }
    return {
        name: [
            X.through(model)
            for model in setting.fit_each(f"{plan.task(d)}, {name}", several[: plan.candidates], X.train)
        ]
        for name, several in models.items()
    }


def accuracy(codes, y, new, y_new) -> float:
    """Return the share of new examples whose 5 nearest neighbours say the right label."""
    return float(KNeighborsClassifier(NEIGHBOURS).fit(codes, y).score(new, y_new))


def trust(pixels, codes) -> float:
    """Return the trustworthiness of the neighbours in the codes."""
    return float(trustworthiness(pixels, codes, n_neighbors=NEIGHBOURS))


def verdict(measures: list[Measure], plan: Plan) -> str:
    """Return who wins in two dimensions and in the most, with the numbers."""

    def at(d: int, method: str, what: str = ACCURACY) -> Measure:
        return find(measures, plan.task(d), what, method)

    most = max(plan.dims)
    ours, sparse, pca, isomap = (at(2, name) for name in (*OURS, "PCA", "Isomap"))
    best, top = max((at(most, name) for name in OURS), key=lambda one: one.mean), at(most, "PCA")
    return (
        f"{plan.name[0].upper()}{plan.name[1:]}: in 2 dimensions the variational autoencoder ({ours}) is "
        f"{difference(ours, pca).verdict} PCA ({pca}) and {difference(ours, isomap).verdict} Isomap ({isomap}); its "
        f"trustworthiness is {at(2, OURS[0], TRUST)} beside {at(2, 'Isomap', TRUST)} of Isomap and "
        f"{at(2, 't-SNE', TRUST)} of t-SNE. The sparse autoencoder ({sparse}) is {difference(sparse, pca).verdict} PCA "
        f"there. With {most} numbers the better autoencoder ({best}) is {difference(best, top).verdict} PCA ({top})."
    )
