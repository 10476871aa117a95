"""What there is to look at in a trained autoencoder: its weights, its examples, its curve, how it was trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..activations import Activation
from ..errors import SaeError


@dataclass(frozen=True)
class Settings:
    """How it was trained.

    Attributes
    ----------
    lam : float
        Weight decay; under "adamw" mu of (A4) in sae/adam.py.
    rho : float or None
        Target of the KL sparsity, None without one.
    beta : float
        Weight of the penalty on the code, 0 without one.
    examples : int or None
        m, those trained on; None if that is not known.
    mean_over : int or None
        Over how many examples the rho_hat of the penalty is a mean: all m, or those of a minibatch.
    updates : int or None
        Changes of theta that were made: iterations, or steps on minibatches.
    at_limit : bool
        Whether the training ended because it was not to go further.
    pictures : bool
        Whether an example is a picture, row by row.
    """

    lam: float
    rho: float | None
    beta: float
    examples: int | None
    mean_over: int | None
    updates: int | None
    at_limit: bool
    pictures: bool


@dataclass(frozen=True)
class Told:
    """What the files of a run say of examples that can't be had: rho_hat, and the two losses at the end."""

    rho_hat: np.ndarray | None = None
    loss: float | None = None
    validation: float | None = None


@dataclass(frozen=True)
class Look:
    """A trained autoencoder, with columns as examples, as the network sees them.

    Attributes
    ----------
    W1, W2, b1, b2 : (n_hidden, n), (n, n_hidden), (n_hidden,), (n,) array
    f, g : Activation
    settings : Settings
    costs : sequence of float
        J of each record of the history.
    X : (n, m) array or None
        Examples that it was trained on, or some of them; None if they can't be had.
    held_out : (n, k) array or None
        Examples that it was not trained on.
    told : Told
        What takes the place of the examples where there are none.
    """

    W1: np.ndarray
    W2: np.ndarray
    b1: np.ndarray
    b2: np.ndarray
    f: Activation
    g: Activation
    settings: Settings
    costs: Sequence[float] = field(repr=False)
    X: np.ndarray | None = field(default=None, repr=False)
    held_out: np.ndarray | None = field(default=None, repr=False)
    told: Told = field(default_factory=Told)

    def __post_init__(self):
        """Refuse examples that are all the same: nothing is to be learned of them."""
        if self.X is not None and not np.ptp(self.X, axis=1).any():
            raise SaeError("all examples are the same; expected examples that differ. Look at the data.")

    @cached_property
    def a2(self) -> np.ndarray | None:
        """Activations of the examples trained on, (n_hidden, m)."""
        return None if self.X is None else self.f(self.W1 @ self.X + self.b1[:, None])

    @cached_property
    def rho_hat(self) -> np.ndarray | None:
        """Mean activations, (n_hidden,)."""
        return self.told.rho_hat if self.a2 is None else self.a2.mean(axis=1)

    @cached_property
    def a3(self) -> np.ndarray | None:
        """Their reconstructions, (n, m)."""
        return None if self.a2 is None else self.g(self.W2 @ self.a2 + self.b2[:, None])

    @cached_property
    def variances(self) -> np.ndarray | None:
        """Variances s along the principal axes of the examples, the largest first, (n,)."""
        if self.X is None:
            return None
        away = self.X - self.X.mean(axis=1, keepdims=True)
        return np.maximum(np.linalg.eigvalsh(away @ away.T / away.shape[1])[::-1], 0)

    def error(self, X: np.ndarray) -> float:
        """Return the squared error of examples, summed over the features, mean over the examples."""
        a3 = self.g(self.W2 @ self.f(self.W1 @ X + self.b1[:, None]) + self.b2[:, None])
        return float(((a3 - X) ** 2).sum(axis=0).mean())
