"""The exercises: those that ship with the library, by name, and any other folder of the same form."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from ..errors import SaeError
from .exercise import Exercise
from .source import functions, student_source

FOLDER = Path(__file__).with_name("exercises")
GUIDE = Path(__file__).with_name("GUIDE.md")
FILES = ("solution.py", "handout.md", "exercise.py", "hidden.py")
ANSWERS = "answers.bin"  # of the solution to the public checks, where a folder was handed out without it
ORDER = (
    *("numerical_gradient", "patches", "sparse_autoencoder", "whitening", "softmax", "linear_decoder", "variants"),
    *("stacked", "variational"),
)


@dataclass(frozen=True, eq=False)
class Loaded:
    """An exercise and its files.

    Attributes
    ----------
    name : str
    folder : Path
    exercise : Exercise
    source, handout : str
        The texts of solution.py and handout.md.
    public : bool
        Whether this is what was handed out of an exercise: the public checks, no solution.
    """

    name: str
    folder: Path
    exercise: Exercise
    source: str
    handout: str
    public: bool = False

    @property
    def alternatives(self) -> list[Path]:
        """The other correct solutions."""
        return sorted((self.folder / "alternatives").glob("*.py"))

    @property
    def hash(self) -> str:
        """A hash of all that decides a score."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()


def names() -> list[str]:
    """Return the names of the exercises that ship with the library, in the order of the course."""
    there = {path.parent.name for path in FOLDER.glob("*/exercise.py")}
    return [name for name in ORDER if name in there] + sorted(there - set(ORDER))


def load(name: str | os.PathLike) -> Loaded:
    """Return an exercise: by its name, or from a folder.

    Raises
    ------
    SaeError
        If there is none, a file is missing, or one that doesn't run.
    """
    text = os.fspath(name)
    folder = FOLDER / text if text in names() else Path(text)
    if not folder.is_dir():
        known = ", ".join(names())
        raise SaeError(f"there is no exercise {text!r}; expected one of {known}, or the folder of your own.")
    public = (folder / ANSWERS).is_file()
    missing = [file for file in FILES if not (folder / file).is_file() and not (public and file == "hidden.py")]
    if missing:
        raise SaeError(f"{folder} has no {', '.join(missing)}; an exercise is a folder with {', '.join(FILES)}.")
    return _load(folder.resolve(), _stamp(folder), public)


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    files = sorted([*folder.glob("*.py"), folder / "handout.md"])
    return tuple((file.name, file.stat().st_mtime_ns) for file in files)


@lru_cache(maxsize=32)
def _load(folder: Path, stamp: tuple[tuple[str, int], ...], public: bool) -> Loaded:
    try:
        exercise = _imported(folder, public).exercise
        source, handout = ((folder / file).read_text("utf-8") for file in ("solution.py", "handout.md"))
        if not public:
            student_source(source)
        there = functions(source)
    except SaeError as error:
        raise SaeError(f"{folder.name}: {error}") from error
    except Exception as error:
        raise SaeError(f"the exercise in {folder} can't be used: {type(error).__name__}: {error}") from error
    if not isinstance(exercise, Exercise):
        raise SaeError(f"{folder / 'exercise.py'}: `exercise` is a {type(exercise).__name__}; expected an Exercise.")
    for part in exercise.parts:
        if part.function not in there:
            raise SaeError(f"{folder / 'solution.py'} has no function {part.function}, a part of the exercise.")
    return Loaded(folder.name, folder, exercise, source, handout, public)


def _imported(folder: Path, public: bool) -> ModuleType:
    """Import exercise.py and hidden.py as modules of one package, anew."""
    package = f"sae_exercise_{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
    parent = ModuleType(package)
    parent.__path__ = [str(folder)]
    sys.modules[package] = parent
    importlib.invalidate_caches()
    found = importlib.import_module(f"{package}.exercise")
    if not public:
        importlib.import_module(f"{package}.hidden")
    return found


def every() -> Iterator[Loaded]:
    """Yield all exercises that ship with the library."""
    yield from map(load, names())
