r"""Tuning: what n_hidden, rho and lambda do, on a grid; what choosing them gains, and whether it needs labels.

Textbooks say: try several sizes of the layer and several sparsities. Here every combination is tried, by scikit-learn's
GridSearchCV over a Pipeline of the estimator and a logistic regression on its codes, on two folds of the training
digits. Four numbers are taken of each, on the fold that was not trained on:

- the cost, half the squared error of the reconstruction, \frac1{2m} \sum_i \|\hat x_i - x_i\|^2;
- the active units of a digit (L0 of its code): those with a2 > 1/2;
- the dead units: those whose a2 differs by less than 0.05 from the one digit to the other;
- the accuracy of the classifier.

The setting with the highest accuracy, trained again on all training digits, is measured once on test digits. PCA and
the pixels themselves have the same search: number of components and whitening, or standardised pixels, and for all the
C of the logistic regression. PCA has at most as many components as there are pixels, so the best with 10 and with 25
numbers are compared, too. beta is not on the grid: it is 0.3, and 3 in the defaults of SparseAutoencoder.

Source: A. Ng, "Sparse autoencoder", CS294A lecture notes (2011), where rho, beta and lambda come from; J. Bergstra and
Y. Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 13 (2012), on why few of them matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ..data.sets import cite, load_digits
from ..estimators import SparseAutoencoder
from .tuning_advice import advice, verdict
from .tuning_plots import plot_tuning
from .use import Better, Outcome, Setting, gather

TITLE = "Tuning: size of the layer, sparsity and weight decay on a grid, and what the choice is worth"
NEEDS = "scikit-learn's digits"
TUNED, DEFAULT, COMPONENTS, PIXELS = "sparse autoencoder, tuned", "sparse autoencoder, defaults", "PCA", "pixels"
ACCURACY, COST = "accuracy of logistic regression", "cost, half the squared error"
ACTIVE, DEAD = "active units of a digit", "dead units"
SHARE = "share of the variance of the accuracy"
TASK, GRID = "test digits", "the grid"
BETTER: dict[str, Better] = {ACCURACY: "high", COST: "low", ACTIVE: "low", DEAD: "low", SHARE: "high"}
BETA = 0.3
ON = 0.5  # above it a unit is active
STILL = 0.05  # a unit that moves less is dead
FOLDS = 2


@dataclass(frozen=True)
class Plan:
    """The digits and the grid."""

    X: np.ndarray
    y: np.ndarray
    n_hidden: tuple[int, ...] = (10, 25, 100)
    rho: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
    lam: tuple[float, ...] = (1e-5, 1e-4, 1e-3, 1e-2)
    components: tuple[int, ...] = (10, 25, 60)  # at most 64
    C: tuple[float, ...] = (1.0, 10.0, 100.0)
    counts: tuple[int, int] = (900, 897)  # to search and train, to test
    iterations: int = 120

    @property
    def axes(self) -> dict[str, tuple]:
        """The grid: name -> values, in the order of the tables' axes."""
        return {"n_hidden": self.n_hidden, "rho": self.rho, "lambda": self.lam}


class Repetition(NamedTuple):
    """One split: its numbers by (task, method, what), the tables of the grid by name, and the setting chosen."""

    numbers: dict[tuple[str, str, str], float]
    tables: dict[str, np.ndarray]
    chosen: tuple[int, float, float]
    default: float  # accuracy of the defaults on the folds


def run(setting: Setting) -> Outcome:
    """Search the grid and measure what was chosen; draw the heat maps and give the advice."""
    plan, about = plan_of(setting)
    done = setting.repeat(lambda k: repetition(setting, plan, k))
    measures = gather([one.numbers for one in done], BETTER)
    tables = {name: np.mean([one.tables[name] for one in done], axis=0) for name in done[0].tables}
    chosen = [one.chosen for one in done]
    return Outcome(
        use="tuning",
        data=about,
        measures=measures,
        ours=(TUNED, DEFAULT),
        headline=(TASK, ACCURACY),
        settings={
            **{name: " ".join(map(str, values)) for name, values in plan.axes.items()},
            "beta": BETA,
            "iterations": plan.iterations,
            "folds": FOLDS,
            "training and test digits": " ".join(map(str, plan.counts)),
        },
        figure=plot_tuning(tables, plan.axes, chosen, measures, (TASK, ACCURACY)),
        verdict=verdict(measures, TASK, ACCURACY, (TUNED, DEFAULT, COMPONENTS, PIXELS), plan.n_hidden[1]),
        notes=advice(tables, plan.axes, chosen, measures, float(np.mean([one.default for one in done])), BETA),
    )


def plan_of(setting: Setting) -> tuple[Plan, str]:
    """Return what to do and what the data are."""
    digits = load_digits()
    X, y = digits.data / 16, digits.target
    if not setting.quick:
        return Plan(X, y), cite(digits)
    small: dict[str, Any] = {"n_hidden": (10, 40), "rho": (0.01, 0.1), "lam": (1e-4, 1e-2), "components": (10, 40)}
    return Plan(X, y, **small, C=(1.0, 30.0), counts=(400, 600), iterations=60), cite(digits)


def repetition(setting: Setting, plan: Plan, k: int) -> Repetition:
    """Return what one split comes to."""
    X, X_test, y, y_test = split(plan, setting.random_state(0, k))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=setting.random_state(1, k))
    searches = {name: search(plan, *rest, folds, X, y) for name, rest in rivals(setting, plan, k).items()}
    numbers = {}
    for name, found in searches.items():
        scores = score(found.best_estimator_, X_test, y_test)
        numbers |= {(TASK, name, what): value for what, value in scores.items()}
    numbers |= as_many(plan, searches, X, X_test, y, y_test)
    tables = tabulate(plan, searches[TUNED].cv_results_)
    numbers |= {(GRID, name, SHARE): share for name, share in shares(tables[ACCURACY], list(plan.axes)).items()}
    best = searches[TUNED].best_params_
    chosen = best["codes__hidden_dim"], best["codes__sparsity_param"], best["codes__weight_decay"]
    return Repetition(numbers, tables, chosen, float(searches[DEFAULT].best_score_))


def split(plan: Plan, random_state: int) -> list[Any]:
    """Return pixels to train on and to test on, and their labels, with the same share of each digit."""
    train, test = plan.counts
    some = {"random_state": random_state, "train_size": train, "test_size": test, "stratify": plan.y}
    return train_test_split(plan.X, plan.y, **some)


def rivals(setting: Setting, plan: Plan, k: int) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Return what makes the codes, and the parameters to choose from, of each method."""
    some: dict[str, Any] = {"max_iter": plan.iterations, "random_state": setting.random_state(2, k)}
    grid = {
        "codes__hidden_dim": plan.n_hidden,
        "codes__sparsity_param": plan.rho,
        "codes__weight_decay": plan.lam,
    }
    pca = {"codes__n_components": plan.components, "codes__whiten": (False, True)}
    return {
        TUNED: (SparseAutoencoder(beta=BETA, **some), grid),
        DEFAULT: (SparseAutoencoder(**some), {}),
        COMPONENTS: (PCA(svd_solver="full"), pca),
        PIXELS: ("passthrough", {"codes": ("passthrough", StandardScaler())}),
    }


def search(plan: Plan, codes: Any, grid: dict[str, Any], folds: StratifiedKFold, X, y) -> GridSearchCV:
    """Return the fitted search: all of the grid and all C, then the best again on all of X (m, n) and y (m,).

    Within the search the codes of a fold are kept in a folder, so that another C does not train them again.
    """
    with TemporaryDirectory() as folder:
        steps = [("codes", codes), ("classifier", LogisticRegression(max_iter=5000))]
        how: dict[str, Any] = {"scoring": score, "refit": ACCURACY, "cv": folds, "error_score": "raise"}
        found = GridSearchCV(Pipeline(steps, memory=folder), {**grid, "classifier__C": plan.C}, **how)
        found.fit(X, y)
    patient(found.best_estimator_)
    return found


def score(model: Pipeline, X, y) -> dict[str, float]:
    """Return the numbers of a fitted pipeline on examples X (m, n) with labels y (m,), that it was not trained on."""
    patient(model)
    codes = model["codes"]
    numbers = {ACCURACY: float(model.score(X, y))}
    if isinstance(codes, SparseAutoencoder | PCA):
        numbers[COST] = cost(X, codes.inverse_transform(codes.transform(X)))
    if isinstance(codes, SparseAutoencoder):
        a2 = codes.transform(X)
        numbers |= {ACTIVE: active(a2), DEAD: dead(a2)}
    return numbers


def patient(model: Pipeline) -> None:
    """Raise Ctrl-C again, which ended a training: no half-trained model is compared."""
    if "interrupted" in getattr(model["codes"], "stop_reason_", ""):
        raise KeyboardInterrupt


def cost(X, X_hat) -> float:
    """Return half the squared error of the reconstructions, summed over the features, mean over the examples."""
    return float(((X_hat - X) ** 2).sum(axis=1).mean() / 2)


def active(a2) -> float:
    """Return how many units are on, mean over the examples, the rows of the codes a2 (m, n_hidden)."""
    return float((a2 > ON).sum(axis=1).mean())


def dead(a2) -> float:
    """Return how many units, the columns of the codes a2 (m, n_hidden), say the same of all examples."""
    return float((np.ptp(a2, axis=0) < STILL).sum())


def as_many(plan: Plan, searches: dict[str, GridSearchCV], X, X_test, y, y_test) -> dict[tuple[str, str, str], float]:
    """Return the accuracies on test digits of the best with each number of units that PCA has of components, too."""
    numbers = {}
    for n in sorted({*plan.n_hidden} & {*plan.components}):
        for name, parameter in ((TUNED, "codes__hidden_dim"), (COMPONENTS, "codes__n_components")):
            results = searches[name].cv_results_
            rows = [row for row, params in enumerate(results["params"]) if params[parameter] == n]
            best = max(rows, key=lambda row: results[f"mean_test_{ACCURACY}"][row])
            model = clone(searches[name].best_estimator_).set_params(memory=None, **results["params"][best])
            numbers[f"{TASK}, {n} numbers", name, ACCURACY] = score(model.fit(X, y), X_test, y_test)[ACCURACY]
    return numbers


def tabulate(plan: Plan, results: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return tables (n_hidden, rho, lambda) of the numbers on the folds, mean over them; the accuracy at the best C."""
    rows = {}
    for number, params in enumerate(results["params"]):
        key = params["codes__hidden_dim"], params["codes__sparsity_param"], params["codes__weight_decay"]
        rows.setdefault(key, []).append(number)
    shape = tuple(map(len, plan.axes.values()))
    places = list(product(*plan.axes.values()))
    return {
        what: np.array([results[f"mean_test_{what}"][rows[key]].max() for key in places]).reshape(shape)
        for what in (COST, ACTIVE, DEAD, ACCURACY)
    }


def shares(table: np.ndarray, names: list[str]) -> dict[str, float]:
    """Return of each axis of a table the share of its variance that the means along the other axes have.

    1 says that nothing else matters. They add up to less than 1 where what one does depends on another.
    """
    axes = range(table.ndim)
    return {
        name: float(table.mean(axis=tuple(j for j in axes if j != i)).var() / table.var())
        for i, name in enumerate(names)
    }
