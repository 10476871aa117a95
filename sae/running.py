r"""The sparsity on minibatches from a running mean of rho_hat, in place of the rho_hat of one batch.

With the weight of the past d, 0 <= d < 1, and the rho_hat_B of batch t = 1, 2, ..., at its theta:

(M1)   d_t = d (1 - d^{t-1}) / (1 - d^t)                                                     scalar
(M2)   r \leftarrow d_t\, r + (1 - d_t)\, \hat\rho_B                                         (n_hidden,)
(M3)   \partial J / \partial \hat\rho_B = c \cdot KL'(r),  c = 1  or  c = 1 - d_t            (n_hidden,)

J of the batch has KL(rho || r). (M1) makes r a mean of all batches so far with weights that fall as d^{t-s}, from the
first batch on: d_1 = 0, d_t -> d.

Which c? As it is written, r holds rho_hat_B with the weight 1 - d_t, and c = 1 - d_t is the derivative of this J: the
gradient check agrees. But the past batches were functions of theta, too, of one close by. The gradient of J on all
examples has the product of KL'(rho_hat) and d rho_hat / d theta; r estimates rho_hat, and d rho_hat_B / d theta of the
batch estimates d rho_hat / d theta, so that with c = 1 the product is estimated. c = 1 - d_t makes it smaller by that
factor, a sparsity of weight beta (1 - d) instead of beta. So c = 1 is the default ("all"); the gradient is then, on
purpose, not that of the cost beside it.

Which sparsity? KL is convex, so that on average KL(r) lies above KL(rho_hat) where r varies, and a minimum of J is
missed by that; a running mean varies as the rho_hat of a batch (1 + d) / (1 - d) times as large does, 19 times for
d = 0.9. But while theta moves it lags behind, by about d / (1 - d) batches. Measured in sae/studies/batches.py: with
steps small enough for theta to stay in place meanwhile, batches of 32 with a running mean end at the minimum, and those
with their own rho_hat above it; with steps ten times as long, from a random start, the running mean ends higher than
they do. Batches of 256 have little bias to lose, and more to lag. The solvers therefore take the rho_hat of the batch
unless asked.
"""

from __future__ import annotations

from copy import copy
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import checks
from .autoencoder import Autoencoder
from .errors import SaeError
from .terms import KLSparsity, Term


class RunningSparsity:
    """An objective whose batches take their KL sparsity at a running mean of rho_hat; for minibatch solvers.

    Give it to `minimize_adam` or `minimize_sgd` in place of the objective. It has a memory: each evaluation of a batch
    goes into the mean, so evaluate each once, and make a new one for a new training. Called itself, it is the objective
    that it was made of, and remembers nothing.

    Parameters
    ----------
    objective : Autoencoder
        With a KL sparsity among its terms.
    keep : float
        d of (M1), 0 <= d < 1; 0 is the rho_hat of each batch alone.
    gradient : {"all", "batch"}
        c of (M3): "all" is 1, "batch" is 1 - d_t.

    Attributes
    ----------
    r : (n_hidden,) array or None
        The running mean; None before the first batch.

    Raises
    ------
    SaeError
        For input that can't be used.
    """

    def __init__(self, objective: Autoencoder, keep: float = 0.9, gradient: str = "all"):
        checks.instance("objective", objective, Autoencoder, "sae.Autoencoder(X, 25, lam=1e-4, rho=0.05, beta=3)")
        if not any(isinstance(term, KLSparsity) for term in objective.terms):
            names = ", ".join(term.name for term in objective.terms)
            raise SaeError(f"the terms of the objective are {names}; expected a KL sparsity, which has a rho_hat.")
        checks.one_of("gradient", gradient, ("all", "batch"))
        self.objective, self.gradient = objective, gradient
        self.mean = _Mean(checks.number("keep", keep, 0, np.nextafter(1, 0)))

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient on all examples, with their own rho_hat."""
        return self.objective(theta)

    def __getattr__(self, name: str) -> Any:
        if name == "objective":  # not yet there while a copy is being made
            raise AttributeError(name)
        return getattr(self.objective, name)

    @property
    def r(self) -> np.ndarray | None:
        """The running mean."""
        return self.mean.r

    def memory(self) -> dict[str, Any]:
        """Return the running mean, for a checkpoint."""
        return {"t": self.mean.t, **({} if self.r is None else {"r": self.r.copy()})}

    def remember(self, memory: dict[str, Any]) -> None:
        """Take over a running mean."""
        self.mean.t, self.mean.r = int(memory["t"]), memory.get("r")

    def only(self, columns) -> RunningSparsity:
        """Return the same for some of the examples, with the same mean."""
        other = copy(self)
        other.objective = self.objective.batch(columns)
        return other

    def batch(self, columns):
        """Return the objective of some of the examples, which when evaluated moves the running mean."""
        batch, seen = self.objective.batch(columns), []
        share = self.mean.share()
        c = 1.0 if self.gradient == "all" else 1 - share  # (M3)
        terms = [_At(t, self.mean.r, share, c, seen) if isinstance(t, KLSparsity) else t for t in batch._other_terms]
        batch = batch._with(_other_terms=terms)

        def evaluate(theta):
            answer = batch(theta)
            self.mean.move(seen[-1])
            return answer

        return evaluate


class _Mean:
    """r and the number of batches in it."""

    def __init__(self, keep):
        self.keep, self.t, self.r = keep, 0, None

    def share(self):
        """Return d_t of the next batch."""
        t = self.t + 1
        return self.keep * (1 - self.keep ** (t - 1)) / (1 - self.keep**t)  # (M1)

    def move(self, r):
        self.t, self.r = self.t + 1, r


class _At:
    """A term of rho_hat, taken at the running mean; `seen` gets that mean."""

    per_example = False

    def __init__(self, term: Term, r, share, c, seen):
        self.term, self.name, self.r, self.share, self.c, self.seen = term, term.name, r, share, c, seen

    def __call__(self, s):
        rho_hat = s.rho_hat
        r = rho_hat if self.r is None else self.share * self.r + (1 - self.share) * rho_hat  # (M2)
        self.seen.append(r)
        value, d = self.term(SimpleNamespace(**{**vars(s), "rho_hat": r}))
        return value, {**d, "rho_hat": self.c * d["rho_hat"]}  # (M3)
