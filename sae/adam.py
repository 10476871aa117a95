r"""Adam on minibatches: each step asks a new objective, that of a few hundred examples, for its gradient.

(A1)   m \leftarrow \beta_1 m + (1 - \beta_1) g                                                    (p,)
(A2)   v \leftarrow \beta_2 v + (1 - \beta_2) g^2                                                  (p,)
(A3)   \theta \leftarrow \theta - \alpha\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}    (p,)

g is the gradient of J on batch t = 1, 2, ...; sae/minibatch.py draws the batches. AdamW is Adam whose weights, apart
from that and before (A3), shrink by

(A4)   W \leftarrow (1 - \alpha \mu)\, W \quad\text{for each matrix } W \text{ of } \theta         (n_hidden, n), ...

A weight decay that is a term of J goes through (A1) to (A3) instead, which divide it by sqrt(v): weights with large
gradients decay less. Sources: D. P. Kingma, J. Ba, "Adam: A method for stochastic optimization", ICLR 2015,
algorithm 1; I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2, whose lambda is
alpha mu at the start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import checks, kernels
from .errors import SaeError
from .minibatch import Loop, MinibatchResult, same_array
from .optimise import State, beginning
from .schedules import Schedule


def minimize_adam(
    objective: Any,
    theta0,
    *,
    rng: np.random.Generator,
    epochs: int = 10,
    batch_size: int = 256,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    validation: Callable | float | None = None,
    patience: int | None = None,
    min_delta: float = 0.0,
    shuffle: bool = True,
    callback: Callable[[State], object] | None = None,
) -> MinibatchResult:
    """Minimise with Adam, or AdamW, on minibatches drawn without repetition, in a new order each epoch.

    Ctrl-C ends it (`.interrupted`) and returns the theta that did best on validation, or without one the theta reached.

    Parameters
    ----------
    objective : Autoencoder
        Or any objective with `.m` examples and `.batch(columns) -> objective`. m and v are kept in its `.dtype`.
        `sae.RunningSparsity(objective)` gives the sparsity of all batches so far in place of that of one batch.
    theta0 : (p,) array or Resumed
        Where to start; or a checkpoint, `sae.resume(path)`, to go on from as if the training had never ended: with the
        settings that it was begun with, the result is the same to the last bit.
    rng : Generator
        Draws the order of the examples. A checkpoint sets its state.
    epochs, batch_size : int
        Passes over the data, those before a checkpoint included; examples per step (the last batch of an epoch may be
        smaller).
    learning_rate, beta1, beta2, epsilon : float
        alpha, beta_1, beta_2 and epsilon of the paper.
    weight_decay : float
        mu of (A4); 0 is plain Adam. The matrices are the blocks of `objective.layout` with two or more dimensions;
        biases do not decay. Without a layout all of theta decays.
    schedule : callable, optional
        Epochs passed -> factor of alpha: see sae/schedules.py.
    clip_norm : float, optional
        c of (B1): a longer gradient is shortened to this length.
    validation : callable or float, optional
        An objective of other examples, theta -> (cost, grad), or the share of the examples, between 0 and 1, that `rng`
        draws to be left out of the training. It is asked at the start and after each epoch; the result is the theta
        where its cost was lowest.
    patience : int, optional
        Stop after so many epochs in a row without a fall of the validation cost by more than `min_delta`.
    min_delta : float
        Smaller falls do not count for `patience`.
    shuffle : bool
        Whether each epoch has an order of its own; False takes the examples as they lie.
    callback : callable, optional
        Called with a `State`, each record of the history as it is made, with `.theta`. It may raise StopIteration.

    Returns
    -------
    MinibatchResult
        `.history` has a record for each epoch ("iteration"), "cost" being the mean J of its batches, each at the theta
        of its step; `.cost` is J on all examples of the training at the end.

    Raises
    ------
    TrainingError
        If J can't be evaluated on the way; `.result` is the best theta of the epochs before.
    SaeError
        For input that can't be used.
    """
    theta, after = beginning(theta0, Adam.name)
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
    decayed = []
    if checks.number("weight_decay", weight_decay, 0) > 0:
        decayed = matrices(objective, theta.size)
        if loop.learning_rate * weight_decay >= 1:
            raise SaeError(
                f"learning_rate times weight_decay is {loop.learning_rate * weight_decay:g}; expected less than 1: "
                "(A4) would turn the weights round. Use a smaller one."
            )
    dtype = getattr(objective, "dtype", theta.dtype)
    return loop.run(objective, theta, Adam(theta.size, dtype, beta1, beta2, epsilon, weight_decay, decayed), after)


class Adam:
    """The rule, (A1) to (A4), with its memory m and v."""

    name = "Adam"

    def __init__(self, p, dtype, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.0, decayed=()):
        below_1 = np.nextafter(1, 0)  # at 1, (A3) divides by 0
        self.beta1, self.beta2 = checks.number("beta1", beta1, 0, below_1), checks.number("beta2", beta2, 0, below_1)
        self.epsilon, self.weight_decay = checks.number("epsilon", epsilon, 0), weight_decay
        self.decayed = decayed
        self.m, self.v = np.zeros(p, dtype), np.zeros(p, dtype)

    def __call__(self, theta, grad, t, alpha):
        """Take step t; the kernel has the first three equations in one pass."""
        for W in self.decayed:
            theta[W] *= 1 - alpha * self.weight_decay  # (A4)
        settings = t, alpha, self.beta1, self.beta2, self.epsilon
        kernels.adam_step(theta, self.m, self.v, grad, *settings)  # (A1), (A2), (A3)

    def memory(self):
        """Return m and v."""
        return {"m": self.m.copy(), "v": self.v.copy()}

    def remember(self, memory):
        """Take over the m and v of another training."""
        self.m[...], self.v[...] = same_array("m", memory["m"], self.m), same_array("v", memory["v"], self.v)


def matrices(objective: Any, p: int) -> list[slice]:
    """Return where theta holds matrices, by the objective's layout; without one, all of theta."""
    layout = getattr(objective, "layout", None)
    if layout is None:
        return [slice(0, p)]
    return [layout.slices[name] for name, shape in layout.shapes.items() if len(shape) > 1]
