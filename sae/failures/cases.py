"""The cases: what is done wrong, what one sees, why, and what to do. `sae failures` draws them.

A sign is a symptom on one side of an edge. A case fits if one sign of each of its groups shows. Edges are measured:
half-way between the case and the healthy runs (bands.py), but for that of (Y9), which is derived.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .recipe import Recipe

HEALTHY = Recipe()


@dataclass(frozen=True)
class Sign:
    """A symptom above or below an edge: between this case and those `against`, or as given; or "absent".

    With `if_known` the sign does not count where it can't be measured.
    """

    symptom: str
    side: str
    against: tuple[str, ...] = ()
    edge: float | None = None
    if_known: bool = False


@dataclass(frozen=True)
class Case:
    """A way to fail.

    Attributes
    ----------
    name, title : str
    recipe : Recipe
        That shows it.
    others : tuple of Recipe
        That show it, too: at another size or strength.
    why : str
        Where it is from.
    photographs, data : str
        What to try, in options of `sae train` without data and with; fields in braces are filled in for a run.
    signs : tuple of tuple of Sign
    effect : bool
        Whether another case may have it as its effect: then it is not mentioned beside one.
    remedy : dict
        The settings of a Recipe that undo it, by name; a text is the name of a number of remedies.py.
    """

    name: str
    title: str
    recipe: Recipe
    others: tuple[Recipe, ...] = ()
    why: str = ""
    photographs: str = ""
    data: str = ""
    signs: tuple[tuple[Sign, ...], ...] = field(default=(), repr=False)
    remedy: Mapping[str, Any] = field(default_factory=dict)
    effect: bool = False

    def remedied(self, recipe: Recipe, numbers: Mapping[str, Any]) -> Recipe:
        """Return a recipe with the remedy applied, with the numbers that go with a run of it."""
        return replace(
            recipe, **{name: numbers[value] if isinstance(value, str) else value for name, value in self.remedy.items()}
        )


HEALTHY_RUNS = {
    "as it should be": HEALTHY,
    "larger": Recipe(patches=4000, hidden=25, iterations=250),
    "smaller patches": Recipe(side=6),
    "rho 0.05": Recipe(rho=0.05),
    "rho 0.01": Recipe(rho=0.01, iterations=250),
    "means of minibatches of 200": Recipe(mean_over=200),
}

IDLE = Sign("idle", "above")
COLLAPSED = Sign("pull of the decay", "above", edge=1.0)

CASES = (
    Case(
        "saturated",
        "Saturated sigmoids",
        Recipe(gain=30.0, linear=True),
        (Recipe(gain=60.0, linear=True), Recipe(gain=30.0, linear=True, side=6, hidden=25)),
        "The examples are so large that z2 lies far out on the sigmoid, where its slope is 0: a unit says 0 or 1 and "
        "learns no more. With a linear decoder nothing maps the data to a small range.",
        "--range 0.1 0.9, or smaller initial weights: --init-radius 0.1",
        "--scale range (pictures), --scale minmax (columns of different units), or --decoder sigmoid, which maps the "
        "data to 0..1",
        ((Sign("saturated", "above"),),),
        {"gain": None},
    ),
    Case(
        "sparsity-too-weak",
        "beta too small, or data too large for it",
        Recipe(beta=0.01),
        (Recipe(beta=0.005), Recipe(beta=0.01, hidden=25)),
        "The squared error grows with the square of the data, the sparsity does not: beta is small beside the variance "
        "of the data. Units are on far more often than rho says, and filters are dense, noisy mixtures.",
        "--beta {beta:.2g}, or a smaller --range",
        "--beta {beta:.2g}, or data on a smaller scale: --scale range, minmax or patches",
        ((Sign("weight of the sparsity", "below"),), (Sign("off target", "above", ("not-normalised",)),)),
        {"beta": "beta"},
    ),
    Case(
        "not-normalised",
        "Data not normalised",
        Recipe(whitening=False, normalise=False),
        (
            Recipe(whitening=False, normalise=False, hidden=25, rho=0.05),
            Recipe(whitening=False, normalise=False, side=6),
        ),
        "One direction of the data, mostly the mean brightness of a patch or the column with the largest numbers, has "
        "nearly all of the variance. All units are spent on it, each a little active for everything.",
        "--remove-mean, and --whitening fourier",
        "--scale patches (pictures: each one's own mean removed), --scale minmax (columns of different units), "
        "--scale pca-whitening",
        ((Sign("first axis", "above", ("no-whitening",)),), (Sign("selective", "below"),)),
        {"normalise": True, "whitening": True},
    ),
    Case(
        "too-few-examples",
        "Too few examples",
        Recipe(patches=60),
        (Recipe(patches=40), Recipe(patches=60, hidden=25)),
        "There are more parameters than numbers in the data, so the filters learn the examples by heart; what was not "
        "trained on is copied far worse.",
        "--patches {examples}, or fewer --hidden",
        "more examples, about {examples}; else fewer --hidden, a larger --lambda; --validation 0.2 shows whether it "
        "helps",
        ((Sign("numbers a parameter", "below"),), (Sign("gap", "above", if_known=True),)),
        {"patches": "examples"},
    ),
    Case(
        "rho-too-small",
        "rho too small",
        Recipe(rho=0.001),
        (Recipe(rho=0.0005, hidden=25), Recipe(rho=0.001, patches=3000)),
        "A unit that is to be on for one example in a thousand has a sigmoid of slope rho (1 - rho) at rest; what the "
        "data pull with, g' f'(rho) s1, is less than what the weight decay pulls with, lambda. The constant answer is "
        "a minimum of J: all weights fade away.",
        "--rho {rho:.2g}",
        "--rho {rho:.2g}",
        ((COLLAPSED,), (IDLE,), (Sign("rho", "below"),)),
        {"rho": "rho"},
    ),
    Case(
        "lambda-too-large",
        "lambda too large",
        Recipe(lam=1e-3),
        (Recipe(lam=1e-2), Recipe(lam=2e-3, hidden=25, rho=0.05)),
        "The weight decay pulls harder on small weights than the data do (lambda > g' f'(rho) s1), so the constant "
        "answer is a minimum of J: all weights fade away.",
        "--lambda {lam:.1g}",
        "--lambda {lam:.1g}",
        ((COLLAPSED,), (IDLE,)),
        {"lam": "lam"},
    ),
    Case(
        "kl-per-example",
        "KL sparsity of each example by itself",
        Recipe(mean_over=1),
        (Recipe(mean_over=2), Recipe(mean_over=1, hidden=25)),
        "rho is compared with the activation for one example instead of the mean over all. A unit then has to say rho "
        "to everything, and so says nothing. The gradient is right, of a wrong J.",
        "take the mean over all examples before the KL: (E3)",
        "--solver lbfgs, or --batch-size {batch}",
        ((Sign("active in a mean", "below", ("kl-per-minibatch",)),), (IDLE,)),
        {"mean_over": "batch"},
    ),
    Case(
        "kl-per-minibatch",
        "KL sparsity of small minibatches",
        Recipe(mean_over=10),
        (Recipe(mean_over=8), Recipe(mean_over=10, hidden=25)),
        "rho_hat is a mean over a minibatch with less than one active example on average: it is 0 or far too large, "
        "and KL, being convex, punishes that. Units become less selective than J of all examples asks for.",
        "take the mean over all examples before the KL: (E3)",
        "--solver lbfgs, or --batch-size {batch}",
        ((Sign("active in a mean", "below"),), (IDLE,)),
        {"mean_over": "batch"},
        effect=True,
    ),
    Case(
        "beta-too-large",
        "beta too large",
        Recipe(beta=1000.0),
        (Recipe(beta=100.0), Recipe(beta=2000.0, hidden=25)),
        "J is a steep valley around rho_hat = rho and all but flat along it. The steps follow its walls; rho_hat is "
        "exact within digits that nobody needs, and the copying of the data hardly begins.",
        "--beta {beta:.2g}",
        "--beta {beta:.2g}",
        ((Sign("weight of the sparsity", "above"),),),
        {"beta": "beta"},
    ),
    Case(
        "too-few-iterations",
        "Too few iterations",
        Recipe(iterations=15),
        (Recipe(iterations=8), Recipe(iterations=20, hidden=25)),
        "Training begins near the constant answer, which is a saddle: J is flat there for dozens of iterations and "
        "looks as if it had converged. Then filters grow.",
        "--iterations {more}",
        "--iterations {more}; with --solver adam, adamw or sgd four times the --epochs",
        (
            (Sign("explained", "below"),),
            (IDLE,),
            (Sign("updates", "below"), Sign("pull of the decay", "below", edge=1.0)),
            (Sign("updates", "below", edge=float("inf")),),
        ),
        {"iterations": "more"},
        effect=True,
    ),
    Case(
        "no-whitening",
        "No whitening",
        Recipe(whitening=False),
        (Recipe(whitening=False, hidden=25, patches=4000, iterations=250), Recipe(whitening=False, side=6)),
        "In photographs the variance falls with the square of the frequency. Coarse gradients come first, and units "
        "share them; filters are broader and fewer are oriented. This is the mildest of the cases.",
        "--whitening fourier",
        "--scale patches,zca or --scale patches,pca-whitening",
        ((Sign("first axis", "above"),),),
        {"whitening": True},
        effect=True,
    ),
    Case(
        "dead-units",
        "Dead units",
        Recipe(l1=True, beta=0.03),
        (Recipe(l1=True, beta=0.02), Recipe(l1=True, beta=0.1, hidden=25)),
        "An L1 penalty has no target: it goes on pushing until units are silent for all examples, and a sigmoid that "
        "is silent has no slope to come back by.",
        "--beta 3 --rho 0.02: the KL sparsity holds units at rho",
        "--penalty kl, or a ten times smaller --beta; with --activation relu a smaller --learning-rate",
        ((Sign("silent", "above"),), (IDLE,), (Sign("rho", "absent", edge=math.nan),)),
        {"l1": False, "beta": 3.0},
        effect=True,
    ),
)
BY_NAME = {case.name: case for case in CASES}
