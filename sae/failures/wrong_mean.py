r"""A mistake as a term: KL sparsity of the mean activations of few examples at a time.

(K1)   \beta \, \frac1m \sum_b B_b \sum_j KL(\rho \| r_{bj}),  r_{bj} a mean over the B_b examples of part b   scalar

With parts of one example, it asks every unit to answer rho to every example: the less a unit tells, the cheaper. The
right rho_hat is a mean over all m examples, and only the mean is to be rho. The gradient of (K1) is right, so no
gradient check finds this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..terms import check_rho_hat, kl_sparsity


@dataclass(frozen=True)
class KLOfMinibatches:
    """(K1) for sigmoid units, for an Autoencoder that takes all examples as one block; size is B."""

    rho: float
    beta: float
    size: int
    name: ClassVar[str] = "KL of minibatches"
    per_example: ClassVar[bool] = True

    def misfit(self, f, g):
        """Say why it does not go with these activations."""
        return "" if f.range == (0.0, 1.0) else "it is written for activations between 0 and 1"

    def __call__(self, s):
        """Value and d/da2."""
        value, d_a2 = 0.0, np.empty_like(s.a2)
        m = s.a2.shape[1]
        whole = m - m % self.size
        for part in (slice(0, whole), slice(whole, m)):  # a shorter part may be left
            a2 = s.a2[:, part]
            if a2.shape[1]:
                B = min(self.size, a2.shape[1])
                r = a2.reshape(len(a2), -1, B).mean(axis=2)
                check_rho_hat(r.ravel())
                kl, gradient = kl_sparsity(r, self.rho, self.beta)
                value += B * kl  # (K1)
                d_a2[:, part] = np.repeat(gradient, B, axis=1)  # (K1)
        return value, {"a2": d_a2}
