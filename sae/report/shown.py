"""What the sections of pictures share: the examples as the training divided them, codes, numbers for captions."""

from __future__ import annotations

from functools import cached_property
from math import prod

import numpy as np

from ..commands.pictures import target
from ..estimators import VariationalAutoencoder
from .check import subset
from .markup import paragraph
from .material import Examples, Material, examples
from .run import RunFolder

MEASURED = 2000  # examples for a number


class Shown:
    """A run, and what can be said of its examples."""

    def __init__(self, run: RunFolder, found: Material):
        self.run, self.found = run, found
        self.estimator = None if run.trained is None else run.trained.estimator

    @cached_property
    def examples(self) -> Examples | None:
        """The rows, divided as the training did; None if there are none."""
        if self.run.trained is None or self.found.rows is None:
            return None
        return examples(self.run.trained, self.found.rows)

    @property
    def is_variational(self) -> bool:
        """Whether the code is a distribution."""
        return isinstance(self.estimator, VariationalAutoencoder)

    @cached_property
    def codes(self) -> np.ndarray | None:
        """The codes of some of the examples trained on, (m, hidden)."""
        e = self.examples
        return None if e is None else e.trained.estimator.encode(e.before(subset(e.train, 5 * MEASURED)))

    @property
    def looked_at(self) -> np.ndarray:
        """Row numbers of the held-out examples, or else of those trained on."""
        assert self.examples is not None
        return self.examples.train if self.examples.held_out is None else self.examples.held_out

    @property
    def whose(self) -> str:
        """What these are, in words."""
        assert self.examples is not None
        return "examples held out of the training" if self.examples.held_out is not None else "examples"

    @property
    def shape(self) -> tuple[int, int] | None:
        """What an input of the network is as a picture, if it is one."""
        shape, e = self.found.shape, self.estimator
        if shape is None or len(shape) != 2 or e is None or prod(shape) != e.n_features_in_:
            return None
        return shape[0], shape[1]

    @property
    def rho(self) -> float | None:
        """The target of the KL sparsity, if there is one in J."""
        return None if self.estimator is None else target(self.estimator)

    @cached_property
    def rho_hat(self) -> np.ndarray | None:
        """Mean activations: those the model tells, or else of the examples."""
        if self.is_variational:
            return None
        told = getattr(self.estimator, "rho_hat_", None)
        return told if told is not None else None if self.codes is None else self.codes.mean(axis=0)

    @cached_property
    def explained(self) -> float | None:
        """Share of the variance of the preprocessed examples that reconstructions explain; None if there is none."""
        if self.examples is None or self.estimator is None:
            return None
        x = self.examples.before(subset(self.looked_at, MEASURED)).astype(float)
        spread = ((x - x.mean(axis=0)) ** 2).sum()
        return 1 - float(((self.estimator.reconstruct(x) - x) ** 2).sum() / spread) if np.ptp(x, axis=0).any() else None

    def lacking(self) -> str:
        """Say why something is not shown."""
        why = "there is no model" if self.run.model is None else self.found.why or "the model's description is damaged"
        return paragraph(f"Not shown: {why}", "missing")
