"""The public checks of an exercise of one's own, to be handed out: without the solution, with its answers to them.

Exercises that ship with the library need none of this: whoever has the library has them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ..errors import SaeError
from ..files import writing
from ..isolation.parcel import Packer, Unpacker, receive, send
from .direct import ask
from .exercise import Test
from .library import ANSWERS, Loaded
from .source import module, student_source

SECRET = ("solution.py", "hidden.py")


def write(loaded: Loaded, folder: Path, seed: int = 0) -> None:
    """Write a folder that `load` takes for the exercise, with its public checks only."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in loaded.folder.glob("*.py"):
        if path.name not in SECRET:
            shutil.copyfile(path, folder / path.name)
    (folder / "solution.py").write_text(student_source(loaded.source), "utf-8")
    (folder / "handout.md").write_text(loaded.handout, "utf-8")
    solution, pack = module(loaded.source), Packer()
    trees = {_key(test): pack(ask(solution, test.calls(seed))) for test in loaded.exercise.tests if not test.hidden}
    with writing(folder / ANSWERS) as temporary, temporary.open("wb") as file:
        send(file, {"exercise": loaded.name, "seed": seed, "answers": trees}, pack.chunks)


def right(loaded: Loaded, test: Test, seed: int) -> list[Any]:
    """Return the solution's answers to a public check, from the folder.

    Raises
    ------
    SaeError
        If they are for another seed, or can't be read.
    """
    path = loaded.folder / ANSWERS
    try:
        with path.open("rb") as file:
            header, body = receive(file) or ({}, b"")
        unpack = Unpacker(body)
        answers = {key: unpack(tree) for key, tree in header["answers"].items()}
        own = header["seed"]
    except (ValueError, KeyError, OSError) as error:
        raise SaeError(f"{path} can't be read ({error}); ask for the folder again.") from None
    if seed != own:
        raise SaeError(f"{path} has answers for the seed {own}, not for {seed}; leave --seed away.")
    return answers[_key(test)]


def _key(test: Test) -> str:
    return f"{test.part}: {test.name}"
