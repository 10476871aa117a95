"""One test of an exercise, asked from a cell of the notebook that holds the student's functions.

The cells that ran so far are handed to a process of ours, which makes the right answers and asks the student's
functions in a process of theirs, as `sae course grade` does. The notebook's own process learns what may be shown,
nothing else. What it doesn't protect from: the student's cells run where the tests report, and may replace
`examine_cell`. `sae course grade`, which takes notebooks, too, leaves them no such way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import SaeError
from .needed import needed

LONGEST = 900  # seconds for all tests of a part; each has limits of its own


class CheckError(AssertionError):
    """A test that failed; Jupyter shows its sentence, without the lines of the grader."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def examine_cell(exercise: str, part: str, test: str, *, hidden: bool = False, seed: int = 0) -> None:
    """Ask one test of the functions of this notebook, as they stand after the cells that ran so far.

    Parameters
    ----------
    exercise : str
        Its name, or its folder.
    part : str
        The function.
    test : str
        The name of the test.
    hidden : bool
        Whether it is a hidden one: nothing that the code raises or prints is quoted then.
    seed : int
        Of the questions.

    Raises
    ------
    CheckError
        An AssertionError, if the test fails: what is wrong, and which equation to look at, but no right value.
    SaeError
        If there is no such exercise, part or test, or this is no notebook.
    """
    source = needed(_cells())  # the same for all tests of a part: they are asked once
    found = examined(exercise, part, source, hidden, seed)
    outcomes = {outcome["name"]: outcome for outcome in found["outcomes"] if outcome["hidden"] == hidden}
    if test not in outcomes:
        known = "; ".join(map(repr, outcomes)) or "none"
        raise SaeError(f"{part} has no {'hidden ' if hidden else ''}test {test!r}; it has {known}.")
    if not outcomes[test]["passed"]:
        raise CheckError("\n".join([f"{part}: {outcomes[test]['sentence']}", *found["remarks"]])) from None


def _cells() -> list[str]:
    """Return the cells that ran in this notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        raise SaeError("examine_cell is for a cell of a notebook; for a file there is `sae course check student.py`.")
    return list(map(str, shell.history_manager.input_hist_parsed))


@lru_cache(maxsize=64)
def examined(exercise: str, part: str, source: str, hidden: bool, seed: int) -> dict[str, Any]:
    """Return the outcomes of all tests of a part, and what to look at, from a process of our own."""
    question = {"exercise": exercise, "part": part, "source": source, "hidden": hidden, "seed": seed}
    library = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (library, os.environ.get("PYTHONPATH"))))
    try:
        process = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=json.dumps(question),
            capture_output=True,  # a word on stderr, and nbgrader gives no points
            text=True,
            timeout=LONGEST,
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired:
        raise SaeError(f"the tests of {part} took longer than {LONGEST} s; expected an answer. Ask again.") from None
    if process.returncode:
        raise SaeError(f"the tests of {part} could not be asked, through no fault of yours; tell your instructor.")
    found = json.loads(process.stdout)
    if "error" in found:
        raise SaeError(found["error"])
    return found


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return what `examined` does; this runs in the process of our own."""
    from .examine import examine
    from .library import load

    try:
        loaded = load(question["exercise"])
        loaded.exercise.part(question["part"])
        with TemporaryDirectory() as folder:
            file = Path(folder) / "notebook.py"
            functions = [part.function for part in loaded.exercise.parts]
            file.write_text(needed([question["source"]], functions), "utf-8")
            result = examine(loaded, file, seed=question["seed"], hidden=question["hidden"], parts=(question["part"],))
    except SaeError as error:
        return {"error": str(error)}
    (part,) = result.parts
    kept = ("name", "hidden", "passed", "sentence")
    outcomes = [{key: getattr(outcome, key) for key in kept} for outcome in part.outcomes]
    return {"outcomes": outcomes, "remarks": [str(remark) for remark in part.feedback]}


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin))))
