"""What a student is handed: the handout with its pictures, the file with holes, the same as a notebook, the data."""

from __future__ import annotations

import re
import shutil
from itertools import zip_longest
from pathlib import Path

import numpy as np

from ..errors import SaeError
from ..files import writing
from . import public
from .library import ANSWERS, FOLDER, Loaded, load, names
from .mutants import Mutant, of_function
from .notebook import Cell, cells, notebook, write_notebook
from .source import student_source

CHECKS = "checks"  # of a student's folder: the public checks of an exercise that doesn't ship with the library
NAMED = re.compile(r"^# exercise: (.+)$", re.MULTILINE)


def handout(loaded: Loaded) -> str:
    """Return the handout with reading time, points and the table of the parts put in."""
    exercise = loaded.exercise
    rows = ["| part | function | points | equations |", "|---|---|---:|---|"]
    for part in exercise.parts:
        tags = " ".join(f"({tag})" for tag in part.equations)
        rows.append(f"| {part.doing} | `{part.function}` | {part.points} | {tags} |")
    filled = {
        "{reading}": str(exercise.reading),
        "{work}": str(exercise.work),
        "{points}": str(sum(part.points for part in exercise.parts)),
        "{parts}": "\n".join(rows),
    }
    text = loaded.handout
    for placeholder, value in filled.items():
        text = text.replace(placeholder, value)
    return text


def student_file(loaded: Loaded) -> str:
    """Return student.py: the solution with holes, and which exercise it belongs to."""
    return f"# exercise: {loaded.name}\n{student_source(loaded.source)}"


def student_notebook(loaded: Loaded) -> dict:
    """Return student.ipynb: the handout, then the same functions with the same holes."""
    _, *rest = cells(student_source(loaded.source))
    first = Cell("markdown", "handout", handout(loaded))
    check = Cell("code", "check", "# save the notebook first\n!sae course check student.ipynb")
    own = [Cell(cell.kind, cell.name, cell.text) for cell in rest]
    return notebook([first, *own, check], {"sae": {"exercise": loaded.name}})


def new(loaded: Loaded, folder: Path) -> list[Path]:
    """Write a student's folder.

    Raises
    ------
    SaeError
        If there is something in it already: a student's work is never overwritten.
    """
    empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text(folder / "student.py", student_file(loaded))
    text(folder / "handout.md", handout(loaded))
    write_notebook(folder / "student.ipynb", student_notebook(loaded))
    for picture in sorted(loaded.folder.glob("*.png")):
        with writing(folder / picture.name) as temporary:
            shutil.copyfile(picture, temporary)
    if loaded.exercise.data is not None:
        data(loaded, folder / "data.npz")
    if loaded.folder.parent != FOLDER:
        public.write(loaded, folder / CHECKS)
    return sorted(folder.iterdir())


def data(loaded: Loaded, path: Path) -> None:
    """Write the arrays of an exercise."""
    assert loaded.exercise.data is not None
    with writing(path) as temporary:
        np.savez_compressed(temporary, **loaded.exercise.data())  # pyright: ignore[reportArgumentType]


def empty(folder: Path) -> None:
    """Refuse a folder that holds something."""
    if folder.is_dir() and any(folder.iterdir()):
        raise SaeError(f"{folder} is not empty; nothing was written. Name a folder that doesn't exist yet.")
    if folder.exists() and not folder.is_dir():
        raise SaeError(f"{folder} is a file; expected the name of a new folder.")


def text(path: Path, content: str) -> None:
    """Write a text whole."""
    with writing(path) as temporary:
        temporary.write_text(content, "utf-8")


def copy(loaded: Loaded, folder: Path) -> list[Path]:
    """Copy an exercise, to change it."""
    empty(folder)
    shutil.copytree(loaded.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return sorted(folder.iterdir())


def exercise_of(path: Path) -> str:
    """Return the exercise that a student's file or notebook names.

    Raises
    ------
    SaeError
        If it names none.
    """
    content = path.read_text("utf-8", "replace")
    found = NAMED.search(content) or re.search(r'"sae":\s*\{\s*"exercise":\s*"([^"]+)"', content)
    if found is None:
        raise SaeError(
            f"{path} doesn't say which exercise it is; expected the line `# exercise: NAME` of the first student.py, "
            f"or --exercise with one of {', '.join(names())}."
        )
    return found[1].strip()


def samples(loaded: Loaded, folder: Path) -> dict[str, str]:
    """Write five sample submissions, two right and three with different mistakes; return what is wrong with each."""
    if not loaded.alternatives:
        raise SaeError(f"{loaded.name} has no alternatives/; expected a correct solution for a right submission.")
    empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    found = {"ada": loaded.source, "bertha": loaded.alternatives[0].read_text("utf-8")}
    said = {"ada": "right: the solution", "bertha": f"right: {loaded.alternatives[0].stem}, written differently"}
    for name, mutant in zip(("chen", "dmitri", "emma"), _mistaken(loaded), strict=True):
        found[name] = mutant.text(loaded)
        said[name] = f"{mutant.function}: ({mutant.tag}) {mutant.sentence}"
    for name, source in found.items():
        text(folder / f"{name}.py", f"# exercise: {loaded.name}\n{source}")
    return said


def _mistaken(loaded: Loaded) -> list[Mutant]:
    """Return three different mistakes, the likeliest of each of the parts with the most points first."""
    parts = sorted(loaded.exercise.parts, key=lambda part: -part.points)
    ranked = zip_longest(*(sorted(of_function(loaded, part.function)[0], key=lambda m: m.order) for part in parts))
    found = {mutant.sentence: mutant for mutants in ranked for mutant in mutants if mutant is not None}
    return list(found.values())[:3]


def loaded_for(path: Path, exercise: str | None) -> Loaded:
    """Return the exercise of a submission: the one asked for, or handed out beside it, or the one that it names."""
    if exercise is not None:
        return load(exercise)
    beside = path.absolute().parent / CHECKS
    return load(beside if (beside / ANSWERS).is_file() else exercise_of(path))
