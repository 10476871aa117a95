"""Anomaly detection: what is not like the rows one learned from, and in which features.

Every method learns from normal rows alone; labels serve to choose and to measure. Tested are normal rows that were
held out among anomalies:

- digits, one against the rest: one digit is normal and the nine others are anomalies, each digit in turn; the number is
  the mean of the ten;
- breast cancer: benign tumours are normal, malignant ones anomalies, 30 features standardised by the benign ones;
- network traffic (KDD Cup 99, services http and smtp), if it was downloaded: attacks among normal connections.

Two measures: the area under the ROC curve, the probability that an anomaly is scored as more anomalous than a normal
row; and average precision, which depends on the share of anomalies (the line of a blind guess).

What has to be chosen is chosen by the first measure on validation rows with other anomalies among them, from at most
four choices of each method: a help to all of them, since in practice there may be no anomaly to choose by.

Whether the errors of single features are an explanation is measured, too: one feature of a benign tumour gets the value
that half of the tumours away has, ordinary in itself, but not beside the others. How often is it the one with the
largest error, relative to what is ordinary in that feature?

Sources: F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest" (2008); M. M. Breunig et al., "LOF: Identifying
Density-Based Local Outliers" (2000); B. Schoelkopf et al., "Estimating the Support of a High-Dimensional Distribution"
(2001), of which scikit-learn has all three; S. Hawkins et al., "Outlier Detection Using Replicator Neural Networks"
(2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from ..data.sets import cite, load_breast_cancer, load_digits, load_kddcup99
from ..errors import MissingDataError, SaeError
from .anomaly_plots import Shown, plot_anomalies
from .detectors import DISTANCE, FOREST, OURS, PRINCIPAL, SPARSE, changed, detectors, fitted, relative_errors
from .use import Measure, Outcome, Setting, best_of, difference, find, gather

TITLE = "Anomaly detection: what is unlike the rows one learned from, and in which features"
NEEDS = "scikit-learn's digits and breast cancer; KDD Cup 99, too, where it was downloaded"
DIGITS, CANCER, TRAFFIC = "digits, one against the rest", "breast cancer", "network traffic"
CHANGED = f"{CANCER}, one feature changed"
AUC, PRECISION, NAMED = "ROC-AUC", "average precision", "share of changed features named"
DEVIATION = "deviation from the mean"


class Problem(NamedTuple):
    """Normal rows, and rows that are anomalies beside them; the names of the features, none of pictures."""

    title: str
    names: list[str]
    normal: np.ndarray
    others: np.ndarray


@dataclass(frozen=True)
class Plan:
    """What is done with a data set."""

    task: str
    problems: tuple[Problem, ...]
    counts: tuple[int, int, int]  # of normal rows: to train, to choose, to test
    share: float  # of anomalies among the rows to choose by and to test
    widths: tuple[int, ...]
    axes: tuple[int, ...]
    standardise: bool = True
    iterations: int = 200
    candidates: int = 4


class Split(NamedTuple):
    """Rows to train on, all normal; rows to choose by and to test on, and where these are anomalies (1, else 0)."""

    train: np.ndarray
    choose: np.ndarray
    choose_y: np.ndarray
    test: np.ndarray
    test_y: np.ndarray


def run(setting: Setting) -> Outcome:
    """Measure all methods on all data sets there are; draw the numbers and the top anomalies."""
    plans, about, notes = plans_of(setting)
    shown: list[Shown] = []
    repetitions = setting.repeat(lambda k: {key: x for plan in plans for key, x in repetition(setting, plan, k, shown)})
    measures = gather(repetitions)
    return Outcome(
        use="anomalies",
        data="; ".join(about),
        measures=measures,
        ours=OURS,
        headline=(DIGITS, AUC),
        settings={f"{plan.task}: normal rows to train, choose, test": " ".join(map(str, plan.counts)) for plan in plans}
        | {f"{plan.task}: share of anomalies": plan.share for plan in plans},
        figure=plot_anomalies(measures, [plan.task for plan in plans], (AUC, PRECISION), OURS, shown),
        verdict=verdict(measures),
        notes=notes,
    )


def plans_of(setting: Setting) -> tuple[list[Plan], list[str], list[str]]:
    """Return what to do, what the data are, and notes on what is missing."""
    digits, cancer = load_digits(), load_breast_cancer()
    X, y = digits.data / 16, digits.target
    ten = [Problem(str(digit), [], X[y == digit], X[y != digit]) for digit in range(10)]
    benign, malignant = (cancer.data[cancer.target == kind] for kind in (0, 1))
    tumours = (Problem("Malignant tumours", cancer.names, benign, malignant),)
    about, notes = [cite(digits), cite(cancer)], []
    if setting.quick:
        some: Any = {"iterations": 60, "candidates": 1}
        return [
            Plan(DIGITS, tuple(ten[8:]), (90, 34, 50), 0.2, (30,), (20,), standardise=False, **some),
            Plan(CANCER, tumours, (157, 60, 140), 0.2, (20,), (10,), **some),
        ], about, ["quick: digits 8 and 9 alone, and the first choice of each method"]  # fmt: skip
    plans = [
        Plan(DIGITS, tuple(ten), (90, 34, 50), 0.2, (10, 30), (5, 10, 20, 30), standardise=False),
        Plan(CANCER, tumours, (157, 60, 140), 0.2, (10, 30), (2, 5, 10, 15)),
    ]
    for service in ("http", "smtp"):
        try:
            found = load_kddcup99(service, fetch=setting.fetch)
        except MissingDataError as error:
            notes.append(f"Without network traffic ({service}): {error}")
            continue
        plans.append(traffic(service, found))
        about.append(cite(found))
    return plans, about, notes


def traffic(service: str, found: Any) -> Plan:
    """Return the plan for connections of a service: attacks as rare as they are."""
    X, y = found.data, found.target
    problem = Problem(f"Attacks, {service}", found.names, X[y == 0], X[y == 1])
    m = len(problem.normal)
    counts = (min(m // 3, 2000), min(m // 3, 20000), min(m // 3, 30000))
    return Plan(f"{TRAFFIC}, {service}", (problem,), counts, float(y.mean()), (2, 4), (1, 2))


def repetition(setting: Setting, plan: Plan, k: int, shown: list[Shown]):
    """Return the numbers of one split, as ((task, method, what), number); append the first top anomalies to `shown`."""
    rng = setting.rng(0, k)
    splits = [split(plan, problem, rng) for problem in plan.problems]
    methods = detectors(plan.widths, plan.axes, plan.iterations, setting.random_state(1, k))
    numbers, chosen = [], {}
    setting.log(plan.task)
    for method, several in methods.items():
        chosen[method] = choose(several[: plan.candidates], splits)
        found = [measured(detector, part) for detector, part in zip(chosen[method], splits, strict=True)]
        numbers += [((plan.task, method, what), np.mean([one[what] for one in found])) for what in (AUC, PRECISION)]
    if k == 0:
        shown += [
            Shown(problem.title, problem.names, detector, part.train, part.test[part.test_y == 1])
            for problem, detector, part in zip(plan.problems, chosen[SPARSE], splits, strict=True)
        ]
    if plan.task == CANCER:
        numbers += named(chosen, splits[0], rng)
    return numbers


def split(plan: Plan, problem: Problem, rng: np.random.Generator) -> Split:
    """Return rows drawn without replacement: no row is in two parts, and no anomaly is among those to train on.

    Raises
    ------
    SaeError
        If there are too few rows.
    """
    _, choose, test = plan.counts
    wrong = [max(round(count * plan.share / (1 - plan.share)), 1) for count in (choose, test)]
    if sum(plan.counts) > len(problem.normal) or sum(wrong) > len(problem.others):
        raise SaeError(
            f"{plan.task} has {len(problem.normal)} normal rows and {len(problem.others)} anomalies; expected "
            f"{sum(plan.counts)} and {sum(wrong)}: ask for fewer."
        )
    normal, others = rng.permutation(problem.normal), rng.permutation(problem.others)
    parts = np.split(normal[: sum(plan.counts)], np.cumsum(plan.counts)[:-1])
    if plan.standardise:
        scaler: Any = StandardScaler().fit(parts[0])
        parts, others = [scaler.transform(part) for part in parts], scaler.transform(others)
    return Split(parts[0], *mixed(parts[1], others[: wrong[0]]), *mixed(parts[2], others[wrong[0] : sum(wrong)]))


def mixed(normal: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of both, and 1 for the anomalies, 0 for the normal ones."""
    return np.vstack([normal, others]), np.repeat([0, 1], [len(normal), len(others)])


def choose(several: list, splits: list[Split]) -> list:
    """Return the detectors, one a problem, of the choice with the best mean ROC-AUC on the rows to choose by."""
    trained = [[fitted(clone(one), part.train) for part in splits] for one in several]
    return max(
        trained,
        key=lambda those: np.mean(
            [
                roc_auc_score(part.choose_y, anomaly(one, part.choose))
                for one, part in zip(those, splits, strict=True)
            ]
        ),
    )  # fmt: skip


def anomaly(detector, X: np.ndarray) -> np.ndarray:
    """Return how anomalous rows (m, n) are: minus `score_samples`."""
    return -detector.score_samples(X)


def measured(detector, part: Split) -> dict[str, float]:
    """Return both measures on the rows to test."""
    scores = anomaly(detector, part.test)
    return {
        AUC: float(roc_auc_score(part.test_y, scores)),
        PRECISION: float(average_precision_score(part.test_y, scores)),
    }


def named(chosen: dict[str, list], part: Split, rng: np.random.Generator) -> list[tuple[tuple[str, str, str], float]]:
    """Return how often the largest relative error names the one feature that was changed, for each explanation."""
    X, features = changed(part.test[part.test_y == 0], rng)
    errors = {method: relative_errors(chosen[method][0], part.train, X) for method in (*OURS, PRINCIPAL)}
    errors[DEVIATION] = X * X  # standardised: the mean is 0, and 1 is ordinary
    return [
        ((CHANGED, method, NAMED), float(np.mean(error.argmax(axis=1) == features))) for method, error in errors.items()
    ]


def verdict(measures: list[Measure]) -> str:
    """Return who wins where, with the numbers."""

    def at(task: str, method: str) -> Measure:
        return find(measures, task, AUC, method)

    def against(task: str) -> str:
        ours = max((at(task, method) for method in OURS), key=lambda one: one.mean)
        other = best_of(measures, task, AUC, without=OURS)
        return (
            f"the {ours.method} ({AUC} {ours}) is {difference(ours, other).verdict} the best alternative "
            f"({other.method}, {other}; {difference(ours, other)})"
        )

    traffic = [task for task in dict.fromkeys(one.task for one in measures) if task.startswith(TRAFFIC)]
    why, axes, mean = (find(measures, CHANGED, NAMED, method) for method in (SPARSE, PRINCIPAL, DEVIATION))
    return (
        f"On digits {against(DIGITS)}: it is how pixels go together that tells, which the distance from the mean "
        f"({at(DIGITS, DISTANCE)}) and the isolation forest ({at(DIGITS, FOREST)}) see less of. On breast cancer "
        f"{against(CANCER)}: malignant tumours are odd in single features already, the distance from the mean has "
        f"{at(CANCER, DISTANCE)}."
        + "".join(f" On {task} {against(task)}." for task in traffic)
        + f" What an error of reconstruction adds is the reason: the sparse autoencoder's names a changed feature in a "
        f"share of {why}, PCA's in {axes}, and the deviation from the mean, one feature at a time, in {mean}."
    )
