"""How an example of the gallery is trained: small, on patches of photographs, by sae's own code."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from ..activations import identity, sigmoid
from ..autoencoder import Autoencoder
from ..data import normalize_patches, photographs, sample_patches, whiten
from ..errors import TrainingError
from ..optimise import minimize_lbfgs
from ..terms import L1, SquaredError, Term, WeightDecay
from .look import Look, Settings
from .wrong_mean import KLOfMinibatches

IMAGES = ("camera", "astronaut", "chelsea", "coffee")
HELD_OUT = 1000
DATA = {"whitening", "normalise", "gain", "patches", "side"}  # the others are of the training


@dataclass(frozen=True)
class Recipe:
    """Settings of a run; by default those of a healthy one.

    Attributes
    ----------
    whitening : bool
        In the Fourier domain, of each photograph.
    normalise : bool
        Mean of each patch removed, clipped, mapped to [0.1, 0.9]; else the pixels as they are, in [0, 1].
    gain : float
        Patches minus 0.5, times this, then.
    linear : bool
        Linear output units.
    patches, side, hidden, rho, lam, beta, iterations
        As of `sae train`.
    l1 : bool
        The penalty of weight `beta` is L1 instead of KL.
    mean_over : int, optional
        The KL is that of the mean activations of so many examples at a time, averaged: (K1) of wrong_mean.py.
    """

    whitening: bool = True
    normalise: bool = True
    gain: float | None = None
    linear: bool = False
    patches: int = 2000
    side: int = 8
    hidden: int = 16
    rho: float = 0.02
    lam: float = 1e-4
    beta: float = 3.0
    l1: bool = False
    mean_over: int | None = None
    iterations: int = 150

    def changes(self, other: Recipe) -> dict[str, Any]:
        """Return the settings of `self` that `other` has not."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)}

    def rows(self, seed: int, held_out: int = HELD_OUT) -> tuple[np.ndarray, np.ndarray]:
        """Return examples to train on, (n, patches), and others, (n, held_out), columns."""
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
        X = sample_patches(_images(self.whitening), self.patches + held_out, self.side, rng)
        X = normalize_patches(X) if self.normalise else X
        X = X if self.gain is None else self.gain * (X - 0.5)
        return X[:, : self.patches], X[:, self.patches :]

    def objective(self, X: np.ndarray) -> Autoencoder:
        """Return J on X."""
        g = identity if self.linear else sigmoid
        if not self.l1 and self.mean_over is None:
            return Autoencoder(X, self.hidden, lam=self.lam, rho=self.rho, beta=self.beta, g=g)
        penalty = L1(self.beta) if self.l1 else KLOfMinibatches(self.rho, self.beta, self.mean_over or X.shape[1])
        terms: list[Term] = [SquaredError(), WeightDecay(self.lam), penalty]
        return Autoencoder(X, self.hidden, terms=terms, g=g, block_size=X.shape[1])

    def train(self, seed: int) -> Look:
        """Train from a random start; return what there is to look at."""
        X, held_out = self.rows(seed)
        objective = self.objective(X)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
        try:
            result = minimize_lbfgs(objective, objective.init(rng), max_iter=self.iterations)
        except TrainingError as error:  # saturated units; the best so far tells as much
            result = error.result
        if result.interrupted:
            raise KeyboardInterrupt  # a training cut short is none of this recipe
        m = X.shape[1]
        kl = not self.l1
        settings = Settings(
            lam=self.lam,
            rho=self.rho if kl else None,
            beta=self.beta,
            examples=m,
            mean_over=(self.mean_over or m) if kl else None,
            updates=result.iterations,
            at_limit=not result.converged,
            pictures=True,
        )
        W1, W2, b1, b2 = objective.weights(result.theta)
        costs = [record["cost"] for record in result.history]
        return Look(W1, W2, b1, b2, objective.f, objective.g, settings, costs, X, held_out)


@lru_cache(maxsize=2)
def _images(whitening: bool) -> list[np.ndarray]:
    images = photographs(IMAGES)
    return [whiten(image) for image in images] if whitening else images
