"""How well the top words of a unit go together, in a text that the vectors have not seen.

Codes are (words, units), the larger the more; `npmi` (words, words) is of that other text.

References
----------
J. Chang, S. Gerrish, C. Wang, J. Boyd-Graber, D. Blei, "Reading Tea Leaves: How Humans Interpret Topic Models", NIPS
2009 (word intrusion, there found by people); J. H. Lau, D. Newman, T. Baldwin, "Machine Reading Tea Leaves", EACL 2014
(found by NPMI).
"""

from __future__ import annotations

import numpy as np

TOP = 5  # words of a unit
INTRUDERS = 10  # drawn for each unit
HIGH = 0.1  # share of the words that are high in a unit


def upright(codes: np.ndarray) -> np.ndarray:
    """Return codes whose sign means nothing with the longer tail of each unit upwards (third moment positive)."""
    centred = codes - codes.mean(axis=0)
    return codes * np.where((centred**3).sum(axis=0) < 0, -1, 1)


def live(codes: np.ndarray) -> np.ndarray:
    """Return the units that tell at least `TOP` words from the rest: so many are above the unit's least value."""
    return np.flatnonzero((codes > codes.min(axis=0)).sum(axis=0) >= TOP)


def top_words(codes: np.ndarray, unit: int, count: int = TOP) -> np.ndarray:
    """Return the words with the largest codes of a unit, the largest first."""
    return np.argsort(-codes[:, unit], kind="stable")[:count]


def coherence(codes: np.ndarray, npmi: np.ndarray) -> np.ndarray:
    """Return the mean NPMI of the pairs of top words of each unit; -1, as if never together, of units not live."""
    pairs, found = np.triu_indices(TOP, 1), np.full(codes.shape[1], -1.0)
    for unit in live(codes):
        top = top_words(codes, unit)
        found[unit] = npmi[np.ix_(top, top)][pairs].mean()
    return found


def intrusion(codes: np.ndarray, npmi: np.ndarray, rng: np.random.Generator) -> float:
    """Return how often the intruder is the one of `TOP` + 1 words with the lowest NPMI to the others.

    An intruder is in the lower half of its unit's words, ties in an order drawn, and among the highest tenth of another
    unit's, above its least value. A guess would be right once in `TOP` + 1 times. Of words equally low, none counts as
    found, and none at a unit that is not live.
    """
    order, ranks, units = rng.permutation(len(codes)), np.empty(codes.shape, np.int64), live(codes)
    ranks[order] = np.argsort(np.argsort(-codes[order], axis=0, kind="stable"), axis=0, kind="stable")
    high = ((ranks < HIGH * len(codes)) & (codes > codes.min(axis=0)))[:, units]
    found = 0
    for k, unit in enumerate(units):
        elsewhere = np.delete(high, k, axis=1).any(axis=1)
        strangers = np.flatnonzero((ranks[:, unit] >= len(codes) / 2) & elsewhere)
        for intruder in rng.choice(strangers, INTRUDERS * bool(len(strangers))):
            six = np.append(top_words(codes, unit), intruder)
            sums = npmi[np.ix_(six, six)].sum(axis=1)
            found += sums[-1] < sums[:-1].min()
    return found / (INTRUDERS * codes.shape[1])
