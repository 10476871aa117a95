"""Sparse coding learned from examples: features and weights in turns, on a new batch each time.

In each iteration `batch_size` examples are drawn; the features of theirs start at (S7) of sae/sparse_coding.py and are
improved by L-BFGS, then the weights are set to their best, (S6). A batch of all examples keeps its features from one
iteration to the next, and then J falls in each.

Source: UFLDL, exercise "Sparse Coding": batches of 2000 among 20,000 patches, 200 iterations, 20 steps for the
features in each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import checks
from .errors import SaeError, TrainingError
from .optimise import Result, State, call, minimize_lbfgs
from .sparse_coding import FeatureCost, WeightCost

PAIRS = 10  # for a few iterations on many features: more take longer and gain nothing


@dataclass
class SparseCodingResult(Result):
    """A `Result` whose theta is A, raveled.

    Attributes
    ----------
    A : (n, n_hidden) array
        A basis vector a column.
    cost : float
        J on the last batch, after its weights were set: batches differ, so that it rises and falls.
    history : list of dict
        A record for each iteration, with J of its batch.
    evaluations : int
        Those of J as a function of the features.
    """

    A: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))


def learn_sparse_coding(
    X,
    n_hidden: int,
    *,
    lam: float,
    gamma: float,
    eps: float = 1e-5,
    V=None,
    divide_by_m: str = "error",
    rng: np.random.Generator,
    batch_size: int = 2000,
    max_iter: int = 200,
    feature_iter: int = 20,
    A0=None,
    callback: Callable[[State], object] | None = None,
) -> SparseCodingResult:
    """Learn the weights A of sparse coding on X.

    Ctrl-C ends it and returns the weights of the last iteration that was complete (`.interrupted`).

    Parameters
    ----------
    X : (n, m) array
        Examples as columns.
    n_hidden : int
        Number of features.
    lam, gamma, eps, V, divide_by_m
        As of `sae.sparse_coding.FeatureCost`; m there is the size of a batch.
    rng : numpy.random.Generator
        Draws the first weights and the batches.
    batch_size : int
        Examples in a batch; all of them, if there are no more.
    max_iter : int
        Number of iterations, a batch each.
    feature_iter : int
        Iterations of L-BFGS for the features of a batch.
    A0 : (n, n_hidden) array, optional
        Weights to start from.
    callback : callable, optional
        Called with a `State`, each record of the history as it is made, with `.theta`. It may raise StopIteration.

    Raises
    ------
    TrainingError
        If features or weights can't be computed on the way; `.result` is the last iteration that was complete.
    SaeError
        For input that can't be used.
    """
    X, n_hidden = checks.matrix(X), checks.count("n_hidden", n_hidden)
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    batch_size, max_iter = checks.count("batch_size", batch_size), checks.count("max_iter", max_iter)
    feature_iter = checks.count("feature_iter", feature_iter)
    settings = {"lam": lam, "gamma": gamma, "eps": eps, "V": V, "divide_by_m": divide_by_m}
    A = _start(X, n_hidden, A0, rng)
    FeatureCost(X[:, :1], A, **settings)  # refuses bad settings before anything is computed

    result, s = SparseCodingResult(A.ravel(), np.inf, [], A=A), None
    whole = batch_size >= X.shape[1]
    try:
        while result.iterations < max_iter:
            batch = X if whole else X[:, rng.choice(X.shape[1], batch_size, replace=False)]
            features = FeatureCost(batch, A, **settings)
            start = features.init() if s is None or not whole else s.ravel()
            found = minimize_lbfgs(features, start, max_iter=feature_iter, max_pairs=PAIRS)
            result.evaluations += found.evaluations
            if found.interrupted:
                raise KeyboardInterrupt
            s = found.theta.reshape(n_hidden, -1)
            weights = WeightCost(batch, s, **settings)
            A = weights.minimum().reshape(A.shape)
            if _record(result, A, weights, callback):
                result.message = f"stopped by the callback after {result.iterations} iterations"
                return result
        result.message = f"stopped at the iteration limit, {max_iter}"
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} iterations: these are the weights of the last one"
    except SaeError as error:
        result.message = f"training stopped after {result.iterations} iterations: {error}"
        raise TrainingError(result.message, result) from error
    return result


def _start(X, n_hidden, A0, rng):
    if A0 is None:
        return WeightCost(X[:, :1], np.zeros((n_hidden, 1)), lam=0, gamma=0).init(rng).reshape(-1, n_hidden)
    A0 = checks.matrix(A0, "A0")
    if A0.shape != (len(X), n_hidden):
        raise SaeError(f"A0 has shape {A0.shape}; expected {(len(X), n_hidden)}.")
    return A0


def _record(result, A, weights, callback) -> bool:
    """Take the new weights; return whether the callback wants to stop."""
    costs = weights.costs(A.ravel())
    result.A, result.theta, result.cost = A, A.ravel(), sum(costs.values())
    result.iterations += 1
    record = {"iteration": result.iterations, "evaluations": result.evaluations, "cost": result.cost, **costs}
    result.history.append(record)
    return call(callback, record, result.theta, result.history, lambda: {"solver": "sparse coding"})
