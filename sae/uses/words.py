"""Sparse word vectors: whether the units of a sparse code are easier to name than the dimensions of dense vectors.

Dense word vectors say which words are alike, but no dimension means anything: a rotation of all of them is as good. A
sparse autoencoder learns from these vectors, one for each word, and its units are asked what their top words have in
common, in a text that neither the vectors nor the autoencoder have seen:

- coherence: the mean NPMI of the pairs of the five top words of a unit, over the units;
- intrusion: how often a sixth word, high elsewhere, is told from the five by its NPMI alone (by guessing 1 in 6).

The vectors are PPMI within ten words, reduced by truncated SVD, of the Python reference: half of it; a quarter is to
choose by, a quarter to test on, drawn in pieces of 200 words. The file vectors.txt of word2vec or GloVe in the folder
SAE_DATA, if there is one, is measured in the same way, its vectors as they are. NMF, of the PPMI itself, is no
alternative for these, whose counts are not known.

Both are over all units. A unit that fewer than five words are above the least value of (not "live") has no top words:
its coherence counts as -1, and no intruder is found, or a code would be the better, the more of its units are dead.
Where a method leaves the sign of a dimension open, its longer tail is upwards. What has to be chosen is chosen by the
coherence in the part to choose by, in each repetition; a repetition has its own split.

Sources: M. Faruqui et al., "Sparse Overcomplete Word Vector Representations", ACL 2015; A. Subramanian et al., "SPINE:
SParse Interpretable Neural Embeddings", AAAI 2018 (an autoencoder); B. Murphy, P. Talukdar, T. Mitchell, "Learning
Effective and Interpretable Semantic Models using Non-Negative Sparse Embedding", COLING 2012 (intrusion).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from warnings import catch_warnings, simplefilter

import numpy as np
from scipy.stats import ortho_group
from sklearn.decomposition import NMF, FastICA, TruncatedSVD
from sklearn.exceptions import ConvergenceWarning

from ..data.sets import cite
from ..data.words import load_python_reference, load_word_vectors
from ..errors import SaeError
from ..estimators import KSparseAutoencoder
from . import interpretability, word_counts
from .use import Measure, Outcome, Setting, best_of, difference, find, gather
from .word_plots import plot_words

TITLE = "Sparse word vectors: what the units of a code mean"
NEEDS = (
    "the reference of the language, in Python itself; word vectors, too, where SAE_DATA names a folder with vectors.txt"
)
SPARSE, DENSE, ROTATED, ICA, FACTORS = (
    "sparse autoencoder",
    "dense vectors",
    "random rotation",
    "FastICA",
    "NMF of PPMI",
)
OURS = (SPARSE,)
COHERENCE, INTRUSION, LIVE = "coherence / NPMI", "intruders found", "live units"
PIECE, WINDOW, DISTANCE = 200, 20, 10  # words
LEAST = 20  # times a word occurs, so that a quarter of the text has it about five times
DIMENSIONS = 30
KEPT = (1, 2, 3, 5)  # k of the k-sparse autoencoder, to choose from
VECTORS = "vectors.txt"


@dataclass(frozen=True)
class Text:
    """One split of the corpus: the words, their PPMI to learn from, and NPMI to choose by and to test on."""

    words: list[str]
    ppmi: np.ndarray
    npmi_validation: np.ndarray
    npmi: np.ndarray


def run(setting: Setting) -> Outcome:
    """Measure all methods on vectors of the Python reference, and on the user's, if there are any."""
    reference, vectors = load_python_reference(), user_vectors(setting)
    shown: dict[str, list[tuple[float, str]]] = {}
    repetitions = setting.repeat(lambda k: dict(repetition(setting, reference.words, vectors, k, shown)))
    measures = gather(repetitions)
    return Outcome(
        use="words",
        data=cite(reference) + (f"; {cite(vectors)}" if vectors else ""),
        measures=measures,
        ours=OURS,
        headline=(task("PPMI", DIMENSIONS), COHERENCE),
        settings={
            "dimensions": DIMENSIONS,
            "k to choose from": " ".join(map(str, kept(setting))),
            "least occurrences": LEAST,
            "window": WINDOW,
            "top words": interpretability.TOP,
        },
        figure=plot_words(measures, (COHERENCE, INTRUSION), OURS, shown),
        verdict=verdict(measures),
    )


def task(name: str, units: int) -> str:
    """Return what a measure's task is called."""
    return f"{name}, {units} units"


def kept(setting: Setting) -> tuple[int, ...]:
    """Return the k to choose from."""
    return (2,) if setting.quick else KEPT


def user_vectors(setting: Setting):
    """Return the vectors of the file in the folder SAE_DATA, None without."""
    folder = os.environ.get("SAE_DATA")
    if not folder:
        return None
    path = Path(folder) / VECTORS
    if not path.is_file():
        setting.log(f"SAE_DATA has no {VECTORS}: without it.")
        return None
    return load_word_vectors(path)


def repetition(setting, chapters, vectors, k: int, shown: dict) -> Iterator[tuple[tuple[str, str, str], float]]:
    """Give the numbers of one split, ((task, method, what), number); put the units to show into `shown`."""
    text = split(chapters, setting.rng(0, k))
    dense = reduced(text.ppmi, DIMENSIONS, setting.random_state(1, k))
    for name, methods in (
        (task("PPMI", DIMENSIONS), methods_of(setting, dense, DIMENSIONS, text.ppmi, k)),
        (task("PPMI", 2 * DIMENSIONS), overcomplete(setting, dense, 2 * DIMENSIONS, text.ppmi, k)),
    ):
        found = {method: chosen(candidates, text.npmi_validation) for method, candidates in methods.items()}
        yield from numbers(setting, name, found, text.npmi, k)
        if not shown:
            shown.update({method: most_coherent(found[method], text) for method in (SPARSE, DENSE)})
    if vectors is not None:
        yield from of_user(setting, vectors, text, k)


def split(chapters, rng: np.random.Generator) -> Text:
    """Return half of the pieces as PPMI, a quarter and a quarter as NPMI."""
    pieces = word_counts.pieces_of(chapters, PIECE)
    order = rng.permutation(len(pieces))
    ends = len(pieces) // 2, 3 * len(pieces) // 4
    train, choose, test = ([pieces[i] for i in part] for part in np.split(order, ends))
    words = word_counts.vocabulary((train, choose, test), LEAST)
    npmi = (word_counts.npmi(part, words, WINDOW) for part in (choose, test))
    return Text(words, word_counts.ppmi(train, words, DISTANCE), *npmi)


def reduced(ppmi: np.ndarray, dimensions: int, random_state: int) -> np.ndarray:
    """Return the dense vectors U sqrt(S) of PPMI = U S V^T, each word's then of length 1."""
    svd = TruncatedSVD(dimensions, algorithm="arpack", random_state=random_state)
    found = svd.fit_transform(ppmi) / np.sqrt(svd.singular_values_)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


Methods = dict[str, Iterator[np.ndarray]]


def methods_of(setting: Setting, dense: np.ndarray, units: int, ppmi: np.ndarray | None, k: int) -> Methods:
    """Return the codes (words, units) of all methods that give as many units as there are dimensions."""
    upright, drawn = interpretability.upright, setting.random_state(2, k)
    rotation = ortho_group.rvs(dense.shape[1], random_state=drawn)
    independent = (FastICA(fun=fun, max_iter=500, tol=1e-3, random_state=drawn) for fun in ("logcosh", "exp", "cube"))
    return {
        SPARSE: sparse_codes(setting, dense, units, k),
        DENSE: iter([upright(dense)]),
        ROTATED: iter([upright(dense @ rotation)]),
        ICA: (upright(patiently(model.fit_transform, dense)) for model in independent),
    } | ({} if ppmi is None else {FACTORS: factors(setting, ppmi, units, k)})


def overcomplete(setting: Setting, dense: np.ndarray, units: int, ppmi: np.ndarray, k: int) -> Methods:
    """Return the codes of the methods that can give more units than there are dimensions."""
    return {SPARSE: sparse_codes(setting, dense, units, k), FACTORS: factors(setting, ppmi, units, k)}


def sparse_codes(setting: Setting, dense: np.ndarray, units: int, k: int) -> Iterator[np.ndarray]:
    """Give the codes of the k-sparse autoencoder for one number of units kept after the other."""
    X = dense / dense.std()
    for count in kept(setting):
        model = KSparseAutoencoder(
            units,
            k=count,
            output_activation="identity",
            weight_decay=1e-3,
            max_iter=60 if setting.quick else 200,
            random_state=setting.random_state(3, k),
        )
        fitted = setting.fit(f"{units} units, {count} kept", model, X)
        yield np.maximum(fitted.transform(X), 0)  # a unit below 0 has not been found by its word


def factors(setting: Setting, ppmi: np.ndarray, units: int, k: int) -> Iterator[np.ndarray]:
    """Give the codes of NMF for one weight of its L1 penalty after the other."""
    for weight in (0.0,) if setting.quick else (0.0, 0.001, 0.003):
        drawn = setting.random_state(4, k)
        model = NMF(cast(Any, units), alpha_W=weight, l1_ratio=1, max_iter=300, random_state=drawn)
        yield patiently(model.fit_transform, ppmi)


def patiently(fit: Callable[[np.ndarray], Any], X: np.ndarray) -> np.ndarray:
    """Return what scikit-learn comes to within its limit of iterations, which is enough here to measure it."""
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        return fit(X)


def chosen(candidates: Iterator[np.ndarray], npmi: np.ndarray) -> np.ndarray:
    """Return the codes with the highest coherence."""
    return max(candidates, key=lambda codes: interpretability.coherence(codes, npmi).mean())


def numbers(setting, name: str, found: dict[str, np.ndarray], npmi: np.ndarray, k: int):
    """Give the measures of each method's codes."""
    for method, codes in found.items():
        yield (name, method, COHERENCE), interpretability.coherence(codes, npmi).mean()
        yield (name, method, INTRUSION), interpretability.intrusion(codes, npmi, setting.rng(5, k))
        yield (name, method, LIVE), len(interpretability.live(codes))


def of_user(setting: Setting, vectors, text: Text, k: int):
    """Give the numbers of the user's vectors, of their words that the text has, too."""
    row = {word: i for i, word in enumerate(vectors.words)}
    both = [i for i, word in enumerate(text.words) if word in row]
    units, here = vectors.data.shape[1], np.ix_(both, both)
    if len(both) < 2 * units:
        raise SaeError(
            f"{VECTORS} and the Python reference have {len(both)} words in common; expected at least twice as many as "
            f"dimensions, {2 * units}. Use vectors of fewer dimensions, or of lower-case English words."
        )
    dense = vectors.data[[row[text.words[i]] for i in both]]
    methods = methods_of(setting, dense / np.linalg.norm(dense, axis=1, keepdims=True), units, None, k)
    found = {method: chosen(candidates, text.npmi_validation[here]) for method, candidates in methods.items()}
    yield from numbers(setting, task(VECTORS, units), found, text.npmi[here], k)


def most_coherent(codes: np.ndarray, text: Text, count: int = 8) -> list[tuple[float, str]]:
    """Return coherence on the test text and top words, of live units at even steps from the best to the worst."""
    scores, units = interpretability.coherence(codes, text.npmi), interpretability.live(codes)
    units = units[np.argsort(-scores[units])]
    units = units[np.linspace(0, len(units) - 1, count).round().astype(int)]
    tops = (interpretability.top_words(codes, unit) for unit in units)
    return [(float(scores[unit]), ", ".join(text.words[i] for i in top)) for unit, top in zip(units, tops, strict=True)]


def verdict(measures: list[Measure]) -> str:
    """Return who wins, by how much, and why."""
    once, twice = task("PPMI", DIMENSIONS), task("PPMI", 2 * DIMENSIONS)

    def at(method: str, what: str = COHERENCE, name: str = once) -> Measure:
        return find(measures, name, what, method)

    ours, dense, rotated, ica, nmf = (at(method) for method in (SPARSE, DENSE, ROTATED, ICA, FACTORS))
    best = best_of(measures, once, INTRUSION, without=OURS)
    return (
        f"In coherence the units of the sparse autoencoder ({ours}) are {difference(ours, dense).verdict} the "
        f"dimensions of the dense vectors ({dense}), of which a random rotation has {rotated}. The sparse units are "
        f"{difference(ours, ica).verdict} FastICA ({ica}) and {difference(ours, nmf).verdict} NMF of the PPMI itself "
        f"({nmf}): independence or non-negativity finds axes, too. Intruders found: {at(SPARSE, INTRUSION)}, dense "
        f"{at(DENSE, INTRUSION)}, best alternative {best.method} {best}. With twice as many units as dimensions the "
        f"coherence is {at(SPARSE, name=twice)} (NMF {at(FACTORS, name=twice)})."
    )
