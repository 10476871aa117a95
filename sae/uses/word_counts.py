r"""What words have to do with one another, counted in a text: PPMI within a distance, NPMI in windows.

A text is a list of pieces, each a list of words; nothing is counted across the ends of a piece.

References
----------
O. Levy, Y. Goldberg, I. Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings", TACL 3
(2015), sections 2.1 and 3.2 (PPMI, and contexts smoothed by the power 0.75); G. Bouma, "Normalized (Pointwise) Mutual
Information in Collocation Extraction", GSCL (2009).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from ..errors import SaeError

Pieces = Sequence[Sequence[str]]
SMOOTHING = 0.75


def pieces_of(texts: Pieces, length: int) -> list[list[str]]:
    """Return the texts cut into pieces of so many words; the last of each may be shorter."""
    return [list(text[start : start + length]) for text in texts for start in range(0, len(text), length)]


def vocabulary(parts: Sequence[Pieces], least: int) -> list[str]:
    """Return the words to look at, the frequent ones first: `least` times or more in all, and in every part.

    Left out are words of one letter and scikit-learn's English stop words.
    """
    counts = [Counter(word for piece in part for word in piece) for part in parts]
    total = sum(counts, Counter())
    return [
        word
        for word, count in sorted(total.items(), key=lambda found: (-found[1], found[0]))
        if count >= least and len(word) > 1 and word not in ENGLISH_STOP_WORDS and all(part[word] for part in counts)
    ]


def ppmi(pieces: Pieces, words: Sequence[str], distance: int) -> np.ndarray:
    r"""Return max(0, log p(w, c) / (p(w) p_{0.75}(c))), (words, words): c within `distance` words of w."""
    index, n = {word: i for i, word in enumerate(words)}, len(words)
    together = np.zeros((n, n))
    for piece in pieces:
        at = np.array([index.get(word, -1) for word in piece])
        for step in range(1, distance + 1):
            one, other = at[:-step], at[step:]
            both = (one >= 0) & (other >= 0) & (one != other)
            np.add.at(together, (one[both], other[both]), 1)
    together += together.T
    p_word = together.sum(axis=1) / together.sum()
    p_context = together.sum(axis=0) ** SMOOTHING
    p_context /= p_context.sum()
    found = np.zeros((n, n))
    seen = together > 0
    found[seen] = np.log((together / together.sum())[seen] / np.outer(p_word, p_context)[seen])
    return np.maximum(found, 0)


def npmi(pieces: Pieces, words: Sequence[str], window: int) -> np.ndarray:
    r"""Return log(p(a, b) / (p(a) p(b))) / -log p(a, b), (words, words); -1 of two that are never together.

    p is the share of windows, which follow one another without overlap, with the word, or with both. It is 1 of words
    that are always together, 0 of independent ones. The diagonal means nothing and is 0.

    Raises
    ------
    SaeError
        If a word does not occur: nothing is known of it.
    """
    index, windows = {word: i for i, word in enumerate(words)}, pieces_of(pieces, window)
    pairs = {(row, index[word]) for row, words_there in enumerate(windows) for word in words_there if word in index}
    rows, columns = np.array(sorted(pairs)).T
    there = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(windows), len(words)))
    both = (there.T @ there).toarray() / len(windows)
    alone = np.diag(both)
    if not alone.all():
        raise SaeError(f"the text has no {words[int(np.argmin(alone))]!r}; expected every word at least once.")
    together = both > 0
    found = np.full(both.shape, -1.0)
    always = both == 1  # -log p is 0
    some = together & ~always
    found[some] = np.log(both[some] / np.outer(alone, alone)[some]) / -np.log(both[some])
    found[always] = 1
    np.fill_diagonal(found, 0)
    return found
