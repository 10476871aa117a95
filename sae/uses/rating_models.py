"""What predicts ratings without an autoencoder, and the two measures; R (people, items), NaN where there is no rating.

Each model is a function of the known ratings that returns a prediction for every person and item, like R in shape.
"""

from __future__ import annotations

import numpy as np


def item_means(R: np.ndarray) -> np.ndarray:
    """Return the mean rating of the item, for everyone; of an item without ratings, the mean of all."""
    known = ~np.isnan(R)
    counts = known.sum(axis=0)
    sums = np.where(known, R, 0).sum(axis=0)
    means = np.divide(sums, counts, out=np.full(len(sums), R[known].mean()), where=counts > 0)
    return np.broadcast_to(means, R.shape)


def biases(R: np.ndarray, shrinkage: float) -> np.ndarray:
    """Return mu + b_item + b_person, where a bias is a sum of what is left over, divided by its count + shrinkage.

    Source: Y. Koren, "Factor in the Neighbors", ACM Transactions on Knowledge Discovery from Data 4 (2010), section
    2.1: first the items' biases, then the people's.
    """
    known = ~np.isnan(R)
    mu = R[known].mean()
    rest = np.where(known, R - mu, 0)
    b_item = rest.sum(axis=0) / (known.sum(axis=0) + shrinkage)
    rest = np.where(known, R - mu - b_item, 0)
    b_person = rest.sum(axis=1) / (known.sum(axis=1) + shrinkage)
    return mu + b_item + b_person[:, None]


def truncated_svd(x: np.ndarray, rank: int) -> np.ndarray:
    """Return the best approximation of this rank to the centred x with 0 in place of what is missing."""
    U, s, Vt = np.linalg.svd(np.nan_to_num(x), full_matrices=False)
    return (U[:, :rank] * s[:rank]) @ Vt[:rank]


def alternating_least_squares(
    x: np.ndarray, rank: int, ridge: float, rng: np.random.Generator, sweeps: int = 20
) -> np.ndarray:
    r"""Return U V^T that lowers \sum_{known} (x - U V^T)^2 + ridge (\|U\|_F^2 + \|V\|_F^2), each exactly in turn.

    Source: Y. Hu, Y. Koren, C. Volinsky, "Collaborative Filtering for Implicit Feedback Datasets", ICDM 2008, equations
    4 and 5, with weight 1 where x is known and 0 elsewhere.
    """
    known, filled = (~np.isnan(x)).astype(np.float64), np.nan_to_num(x)
    V = rng.normal(0, 0.1, (x.shape[1], rank))
    U = np.empty((x.shape[0], rank))
    for _ in range(sweeps):
        U = _ridge_rows(known, filled, V, ridge)
        V = _ridge_rows(known.T, filled.T, U, ridge)
    return U @ V.T


def _ridge_rows(known, filled, V, ridge):
    """Return for each row its ridge regression on those rows of V where it is known."""
    rank = V.shape[1]
    squares = (V[:, :, None] * V[:, None, :]).reshape(len(V), -1)
    A = (known @ squares).reshape(-1, rank, rank) + ridge * np.eye(rank)
    return np.linalg.solve(A, (filled @ V)[..., None])[..., 0]


def rmse(predicted: np.ndarray, R: np.ndarray) -> float:
    """Return the root mean squared error over the ratings of R."""
    known = ~np.isnan(R)
    return float(np.sqrt(np.mean((predicted[known] - R[known]) ** 2)))


def precision(predicted: np.ndarray, seen: np.ndarray, held_out: np.ndarray, count: int, liked: float) -> float:
    """Return precision at `count`: the share of `liked` or better among the items predicted highest for a person.

    Items with a rating in `seen` are left out; one that has none in `held_out` either counts as not liked. It is a mean
    over the people who liked at least one held-out item and have `count` items to choose from.
    """
    scores = np.where(np.isnan(seen), predicted, -np.inf)
    hits = held_out >= liked  # NaN is not
    asked = hits.any(axis=1) & (np.isfinite(scores).sum(axis=1) >= count)
    top = np.argsort(-scores[asked], axis=1, kind="stable")[:, :count]
    return float(np.take_along_axis(hits[asked], top, axis=1).mean())
