r"""Stochastic gradient descent with momentum, on minibatches.

(S1)   v \leftarrow \mu v - \alpha g                                       (p,)
(S2)   \theta \leftarrow \theta + v                                        (p,)

g is the gradient of J on a batch; sae/minibatch.py draws the batches. Nesterov's momentum takes g where the momentum
is about to carry theta, at theta + mu v. With theta standing for that place, (S1) stays and (S2) becomes

(S3)   \theta \leftarrow \theta + \mu v - \alpha g                         (p,)

Sources: I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep
learning", ICML 2013, equations 1 to 4; Y. Bengio, N. Boulanger-Lewandowski, R. Pascanu, "Advances in optimizing
recurrent networks", ICASSP 2013, equations 6 and 7 (the change of variable).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import checks
from .minibatch import Loop, MinibatchResult, same_array
from .optimise import State, beginning
from .schedules import Schedule


def minimize_sgd(
    objective: Any,
    theta0,
    *,
    rng: np.random.Generator,
    epochs: int = 10,
    batch_size: int = 256,
    learning_rate: float = 0.1,
    momentum: float = 0.9,
    nesterov: bool = False,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    validation: Callable | float | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    shuffle: bool = True,
    callback: Callable[[State], object] | None = None,
) -> MinibatchResult:
    """Minimise with stochastic gradient descent and momentum.

    Ctrl-C ends it (`.interrupted`) and returns the theta that did best on validation, or without one the theta reached.

    Parameters
    ----------
    objective, theta0, rng, epochs, batch_size
        As for `minimize_adam`.
    learning_rate, momentum : float
        alpha and mu, 0 <= mu < 1; in a steady descent a step grows to alpha / (1 - mu) times g.
    nesterov : bool
        Whether (S3) takes the place of (S2).
    schedule, clip_norm, validation, patience, min_delta, shuffle, callback
        As for `minimize_adam`.

    Returns
    -------
    MinibatchResult

    Raises
    ------
    TrainingError
        If J can't be evaluated on the way, as where the learning rate is too large; `.result` is the best theta of the
        epochs before.
    SaeError
        For input that can't be used.
    """
    theta, after = beginning(theta0, Momentum.name)
    loop = Loop(
        rng=rng,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        schedule=schedule,
        clip_norm=clip_norm,
        validation=validation,
        patience=patience,
        min_delta=min_delta,
        shuffle=shuffle,
        callback=callback,
    )
    return loop.run(objective, theta, Momentum(theta.size, momentum, nesterov), after)


class Momentum:
    """The rule, (S1) to (S3), with its memory v."""

    name = "SGD"

    def __init__(self, p, momentum=0.9, nesterov=False):
        self.mu, self.nesterov = checks.number("momentum", momentum, 0, np.nextafter(1, 0)), nesterov
        self.v, self.step = np.zeros(p), np.empty(p)

    def __call__(self, theta, grad, t, alpha):
        """Take step t, without new memory: `step` is alpha g, then mu v."""
        v, step = self.v, np.multiply(alpha, grad, out=self.step)
        v *= self.mu
        v -= step  # (S1)
        if self.nesterov:
            theta -= step  # (S3)
            theta += np.multiply(self.mu, v, out=step)  # (S3)
        else:
            theta += v  # (S2)

    def memory(self):
        """Return v."""
        return {"v": self.v.copy()}

    def remember(self, memory):
        """Take over the v of another training."""
        self.v[...] = same_array("v", memory["v"], self.v)
