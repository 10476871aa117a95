r"""Adam on minibatches: each step asks a new objective, that of a few hundred examples, for its gradient.

(A1)   m \leftarrow \beta_1 m + (1 - \beta_1) g                                                    (p,)
(A2)   v \leftarrow \beta_2 v + (1 - \beta_2) g^2                                                  (p,)
(A3)   \theta \leftarrow \theta - \alpha\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}    (p,)

g is the gradient of J on batch t = 1, 2, ...: its rho_hat is a mean over the batch, so that the sparsity of a batch is
an estimate of that of all examples, and a biased one. Source: D. P. Kingma, J. Ba, "Adam: A method for stochastic
optimization", ICLR 2015, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import checks, kernels
from .optimise import Result


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
    callback: Callable[[dict], None] | None = None,
) -> Result:
    """Minimise with Adam on minibatches drawn without repetition, in a new order each epoch.

    Ctrl-C ends it and returns the theta reached (`.interrupted`).

    Parameters
    ----------
    objective : Autoencoder
        Or any objective with `.m` examples and `.batch(columns) -> objective`. m and v are kept in its `.dtype`.
    theta0 : (p,) array
        Where to start.
    rng : Generator
        Draws the order of the examples.
    epochs, batch_size : int
        Passes over the data; examples per step (the last batch of an epoch may be smaller).
    learning_rate, beta1, beta2, epsilon : float
        alpha, beta_1, beta_2 and epsilon of the paper; no decay of alpha.
    callback : callable, optional
        Called with each record of the history as it is made.

    Returns
    -------
    Result
        `.history` has a record for each epoch ("iteration"), "cost" being the mean J of its batches, each at the theta
        of its step; `.cost` is J on all examples at the end.

    Raises
    ------
    SaeError
        For input that can't be used, or if J can't be evaluated.
    """
    theta = checks.theta(theta0, np.size(theta0)).copy()
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    epochs, batch_size = checks.count("epochs", epochs), checks.count("batch_size", batch_size)
    alpha = checks.number("learning_rate", learning_rate, 0)
    below_1 = np.nextafter(1, 0)  # at 1, (A3) divides by 0
    beta1, beta2 = (checks.number(name, value, 0, below_1) for name, value in (("beta1", beta1), ("beta2", beta2)))
    epsilon = checks.number("epsilon", epsilon, 0)

    m, v = (np.zeros(theta.size, getattr(objective, "dtype", theta.dtype)) for _ in range(2))
    result = Result(theta, np.inf, [])
    try:
        for epoch in range(1, epochs + 1):
            order = rng.permutation(objective.m)
            costs = []
            for start in range(0, objective.m, batch_size):
                cost, grad = objective.batch(order[start : start + batch_size])(theta)
                result.evaluations += 1
                costs.append(cost)
                kernels.adam_step(theta, m, v, grad, result.evaluations, alpha, beta1, beta2, epsilon)
            result.iterations = epoch
            record = {"iteration": epoch, "evaluations": result.evaluations, "cost": float(np.mean(costs))}
            result.history.append(record)
            if callback:
                callback(record)
        result.message = f"{epochs} epochs of {-(-objective.m // batch_size)} steps"
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} epochs, in step {result.evaluations}"
    result.cost = objective(theta)[0]
    return result
