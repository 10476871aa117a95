"""An exercise for the graders that others run: Gradescope, nbgrader and Otter. Files are written, nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...errors import SaeError
from .. import folder as folders
from ..library import Loaded
from . import gradescope, nbgrader, otter

TARGETS: dict[str, Callable[[Loaded, Path, int], list[Path]]] = {
    "gradescope": gradescope.write,
    "nbgrader": nbgrader.write,
    "otter": otter.write,
}


def export(loaded: Loaded, to: str, folder: str | os.PathLike, *, seed: int = 0) -> list[Path]:
    """Write what a grader needs; its packages need not be installed for that.

    Parameters
    ----------
    loaded : Loaded
        The exercise.
    to : str
        "gradescope": autograder.zip, to be uploaded. "nbgrader": a course directory with
        source/EXERCISE/EXERCISE.ipynb. "otter": EXERCISE.ipynb for `otter assign`.
    folder : path
        A new folder.
    seed : int
        Of the questions in the hidden tests. It stands in what is written, not in what students get before feedback.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    SaeError
        If there is no such grader, or the folder is not empty.
    """
    folder = Path(folder)
    if to not in TARGETS:
        raise SaeError(f"there is no export to {to!r}; expected one of {', '.join(TARGETS)}.")
    folders.empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return TARGETS[to](loaded, folder, seed)
