"""What was handed in: each submission has a name of its own, and a file name that is safe to write."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import SaeError
from .submissions import KINDS

OWN = tuple(f"student{kind}" for kind in KINDS)  # in a folder that bears the student's name
LINK = "it is a symbolic link; expected the file itself"
HOLE = b"raise NotImplementedError"


@dataclass(frozen=True)
class Submission:
    """One student's work.

    Attributes
    ----------
    name : str
        As it is shown: no other submission has it.
    file : str
        The same as the name of a file, without an ending.
    path : Path or None
        The Python file or notebook, if there is one.
    problem : str
        Why there is none.
    """

    name: str
    file: str
    path: Path | None
    problem: str = ""


@dataclass(frozen=True)
class _Found:
    place: Path  # the file, or the student's folder
    path: Path | None
    problem: str = ""

    def label(self, level: int) -> str:
        """Return a name: the longer, the higher the level."""
        parts = self.place.parts
        short = self.place.stem if self.place.suffix.lower() in KINDS else self.place.name
        return _visible(short or str(self.place) if level == 0 else "/".join(parts[-min(level, len(parts)) :]))


def collect(given: Iterable[str | os.PathLike], out: str | os.PathLike | None = None) -> list[Submission]:
    """Return the submissions of files, of students' folders, and of folders of such.

    A student's folder holds student.py or student.ipynb (of both, the one with fewer holes counts) and bears the
    student's name; with other such files beside them it is a folder of submissions. Where two have the same name, the
    folders above tell them apart. Within a folder, names that begin with a dot or two underscores are left out, and
    symbolic links are not followed.

    Parameters
    ----------
    given : iterable of path
    out : path, optional
        A folder that is none of them, if it lies among them.

    Raises
    ------
    SaeError
        If one is not there, or there are none at all.
    """
    found: dict[Path, _Found] = {}
    for path in given:
        place = Path(os.path.abspath(path))  # noqa: PTH100 (symbolic links keep their names)
        if not place.exists():
            raise SaeError(f"there is no {path}; expected submissions: .py or .ipynb files, or folders of them.")
        for one in _within(place, None if out is None else Path(os.path.abspath(out))):  # noqa: PTH100
            found.setdefault(one.place, one)
    if not found:
        raise SaeError("there are no submissions; expected .py or .ipynb files, or folders of them.")
    return _named(sorted(found.values(), key=lambda one: os.fsencode(one.place)))


def _within(place: Path, out: Path | None) -> Iterator[_Found]:
    if not place.is_dir():
        known = place.suffix.lower() in KINDS and place.is_file()
        yield _Found(place, place if known else None, "" if known else "it is no .py or .ipynb file")
        return
    there = [inside for inside in sorted(place.iterdir()) if not inside.name.startswith((".", "__")) and inside != out]
    files = {inside.name for inside in there if inside.suffix.lower() in KINDS}
    if files and files <= set(OWN):
        yield _student(place)
        return
    for inside in there:
        if inside.is_symlink():  # to a file that is no student's to hand in: its lines would be quoted
            yield _Found(inside, None, LINK)
        elif inside.is_dir():
            yield _student(inside)
        elif inside.suffix.lower() in KINDS:
            yield _Found(inside, inside)


def _student(folder: Path) -> _Found:
    """Return what a student's folder holds."""
    try:
        own = [folder / name for name in OWN if (folder / name).is_file()]
        files = own or [path for path in sorted(folder.iterdir()) if path.suffix.lower() in KINDS and path.is_file()]
        if len(files) == 2 == len(own):
            py, notebook = (path.read_bytes().count(HOLE) for path in own)
            files = own[:1] if py < notebook else own[1:] if notebook < py else own
    except OSError as error:
        return _Found(folder, None, f"it can't be read ({error.strerror})")
    if len(files) == 1:
        return _Found(folder, None, LINK) if files[0].is_symlink() else _Found(folder, files[0])
    what = f"{len(files)} files ({', '.join(_visible(path.name) for path in files[:5])})" if files else "no file"
    return _Found(folder, None, f"its folder holds {what} that may be meant; expected one student.py or student.ipynb")


def _named(found: list[_Found]) -> list[Submission]:
    levels = [0] * len(found)
    labels = [one.label(0) for one in found]
    for level in range(1, 1 + max(len(one.place.parts) for one in found)):
        often = Counter(labels)
        levels = [level if often[label] > 1 else old for label, old in zip(labels, levels, strict=True)]
        labels = [one.label(own) for one, own in zip(found, levels, strict=True)]
    seen: Counter[str] = Counter()
    for k, label in enumerate(labels):  # names that can't be told apart once they are visible
        seen[label] += 1
        labels[k] = label if seen[label] == 1 else f"{label} ({seen[label]})"
    plain = Counter(_plain(label).casefold() for label in labels)
    files = [
        label if (safe := _plain(label)) == label and plain[safe.casefold()] == 1 else f"{safe}-{_digest(label)}"
        for label in labels
    ]
    return [
        Submission(label, file, one.path, one.problem) for label, file, one in zip(labels, files, found, strict=True)
    ]


def _visible(name: str) -> str:
    """Return a name without control characters, halves of characters and marks that turn the writing around."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _plain(label: str) -> str:
    """Return letters, digits and a few signs of it: the name of a file, never of a folder or of another place."""
    text = re.sub(r"[^\w. -]", "_", unicodedata.normalize("NFC", label)).strip(". ")
    while len(text.encode()) > 100:
        text = text[:-1]
    return text.strip(". ") or "_"


def _digest(label: str) -> str:
    return hashlib.sha256(label.encode("utf-8", "surrogatepass")).hexdigest()[:8]
