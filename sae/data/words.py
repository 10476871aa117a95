"""Words, with the face of `sae.data.sets`: a text that ships with Python, and vectors from the user's file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import checks
from ..errors import MissingDataError, SaeError
from .sets import bunch

if TYPE_CHECKING:
    from sklearn.utils import Bunch


def load_python_reference() -> Bunch:
    """Return the reference of the Python language, as text: the help on topics that ships with Python itself.

    `texts` are its chapters, `topics` their titles; `data` (chapters, 1) says how many words each has. `words` is a
    list of lists, the words of each chapter in lower case: runs of letters, so that code gives its identifiers' parts.
    Another version of Python has a slightly other text; `title` says which it is.

    Raises
    ------
    MissingDataError
        If this Python has no pydoc_data.
    """
    import platform

    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise MissingDataError("this Python has no pydoc_data.topics; use the one of python.org.") from error
    names, texts = list(topics), list(topics.values())
    words = [re.findall(r"[a-z]+", text.lower()) for text in texts]
    return bunch(
        [len(chapter) for chapter in words],
        names=["words"],
        title=f"reference of the Python language, {platform.python_version()}",
        source="Python Software Foundation, pydoc_data.topics, in Python itself",
        licence="PSF License Version 2",
        description="What help() says on the topics of the language.",
        topics=names,
        texts=texts,
        words=words,
    )


def load_word_vectors(path: str | os.PathLike, *, most: int = 20_000) -> Bunch:
    """Return word vectors from a text file, data (words, dimensions), `words` the words in the order of the file.

    Parameters
    ----------
    path : path
        As word2vec and GloVe write it: a word a line and its numbers, all separated by one space; word2vec's first
        line, with the number of words and of dimensions, may be there.
    most : int
        Read the first words only; both put frequent words first.

    Raises
    ------
    MissingDataError
        If there is no such file.
    SaeError
        For another number of numbers in a line, what is no finite number, a word twice, or no text.
    """
    path, most = Path(path), checks.count("most", most)
    if not path.is_file():
        raise MissingDataError(f"{path} is no file; expected word vectors as text, as word2vec and GloVe write them.")
    vectors: dict[str, np.ndarray] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                word, *numbers = line.rstrip().split(" ")
                if number == 1 and len(numbers) == 1 and word.isdecimal():
                    continue  # word2vec's head
                vectors[word] = _vector(path, number, word, numbers, vectors)
                if len(vectors) == most:
                    break
    except UnicodeDecodeError as error:
        raise SaeError(f"{path} is no UTF-8 text; convert word2vec's binary format to text first.") from error
    if not vectors:
        raise SaeError(f"{path} has no word; expected a word a line and its numbers.")
    return bunch(
        np.array(list(vectors.values())),
        names=[f"dimension {j}" for j in range(len(next(iter(vectors.values()))))],
        title=f"word vectors, {path.name}",
        source="the user's file",
        licence="not stated",
        description="A vector for each word.",
        words=list(vectors),
    )


def _vector(path: Path, number: int, word: str, numbers: list[str], before: dict[str, np.ndarray]) -> np.ndarray:
    """Return the numbers of a line."""
    where = f"{path}, line {number}"
    length = len(next(iter(before.values()))) if before else len(numbers)
    if not numbers or len(numbers) != length:
        raise SaeError(f"{where} has {len(numbers)} numbers; expected {length or 'a word and its numbers'}.")
    if word in before:
        raise SaeError(f"{where} has the word {word!r} again; expected each once.")
    try:
        vector = np.array(numbers, dtype=np.float64)
    except ValueError as error:
        raise SaeError(f"{where}: {error}; expected a word and finite numbers, separated by single spaces.") from error
    if not np.isfinite(vector).all():
        raise SaeError(f"{where} has a number that is not finite; leave that word out.")
    return vector
