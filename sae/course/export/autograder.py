"""What runs on Gradescope's machine: one submission is examined, and what became of it written as results.json.

The form is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import SaeError
from ...files import writing
from ...isolation.submission import Limits
from ..examine import Outcome, PartResult, Result, examine
from ..library import load
from ..submissions import as_python

NAMES = ("student.py", "student.ipynb")
STOPPED = "The autograder stopped before it was done. That is not your fault: please tell your instructor."


def main(root: Path) -> None:
    """Grade root/submission by root/source, and write root/results/results.json, whatever happens."""
    place = root / "results" / "results.json"
    place.parent.mkdir(exist_ok=True)
    place.parent.chmod(0o700)
    _write(place, failed(STOPPED))
    settings = json.loads((root / "source" / "settings.json").read_text("utf-8"))
    loaded = load(root / "source" / "exercises" / settings["exercise"])
    try:
        with as_python(handed_in(root / "submission")) as path:
            result = examine(loaded, path, seed=settings["seed"], limits=Limits(user=student()))
    except SaeError as error:
        points = sum(part.points for part in loaded.exercise.parts)
        _write(place, failed(f"{error}\n0 of {points} points."))
        return
    _write(place, results(result, settings["hidden_tests"]))
    print(f"{result.exercise}: {result.score:g} of {result.points} points, questions of seed {result.seed}")


def student() -> str | None:
    """Return the user whom setup.sh made to run students' code, if there is one and we may choose."""
    with suppress(ImportError, KeyError):
        import pwd

        if os.geteuid() == 0:
            return pwd.getpwnam(os.environ.get("AUTOGRADER_USER", "student")).pw_name
    return None


def _write(place: Path, content: dict[str, Any]) -> None:
    with writing(place) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def handed_in(folder: Path) -> Path:
    """Return the student's file.

    Raises
    ------
    SaeError
        If there is none, or there are both a file and a notebook. A link is none: it may lead anywhere.
    """
    found = [folder / name for name in NAMES if (folder / name).is_file() and not (folder / name).is_symlink()]
    if len(found) == 2:
        raise SaeError(f"Your submission has both {' and '.join(NAMES)}. Submit the one that should be graded.")
    if not found:
        there = ", ".join(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))[:20]) or "nothing"
        raise SaeError(
            f"Your submission has no file {' or '.join(NAMES)}; it has {there}. Name your file so, and submit it "
            "itself, not a folder that holds it."
        )
    return found[0]


def failed(said: str) -> dict[str, Any]:
    """Return the results of a submission that could not be examined."""
    return {"score": 0.0, "output": said, "visibility": "visible", "stdout_visibility": "hidden", "tests": []}


def results(result: Result, hidden_tests: str = "after_published") -> dict[str, Any]:
    """Return what Gradescope shows: a test for each of ours, with points and what to look at.

    Parameters
    ----------
    result : Result
    hidden_tests : str
        When students see the hidden tests, their remarks and so their total: "hidden", "after_due_date",
        "after_published" or "visible". None of them holds a right value.
    """
    outcomes = [outcome for part in result.parts for outcome in part.outcomes]
    public = [outcome for outcome in outcomes if not outcome.hidden]
    passed = sum(outcome.passed for outcome in public)
    return {
        "score": result.score,
        "output": f"{result.exercise}: {passed} of {len(public)} public checks passed; there are "
        f"{len(outcomes) - len(public)} hidden tests.",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [test for part in result.parts for test in _tests(part, hidden_tests)],
    }


def _tests(part: PartResult, hidden_tests: str) -> list[dict[str, Any]]:
    total = sum(outcome.weight for outcome in part.outcomes)
    wrong = [outcome for outcome in part.outcomes if not outcome.passed]
    found = []
    for outcome in part.outcomes:
        # The remarks rest on all tests of the part: they are shown with the last one, which is hidden if one is.
        remarks = [str(remark) for remark in part.feedback] if wrong and outcome is wrong[-1] else []
        points = round(part.points * outcome.weight / total, 2)
        found.append(
            {
                "name": f"{part.function}: {outcome.name}",
                "score": points if outcome.passed else 0.0,
                "max_score": points,
                "status": "passed" if outcome.passed else "failed",
                "output": "\n".join(filter(None, [_said(outcome), *remarks])),
                "visibility": hidden_tests if outcome.hidden else "visible",
            }
        )
    return found


def _said(outcome: Outcome) -> str:
    return "" if outcome.passed else outcome.sentence


if __name__ == "__main__":
    main(Path(sys.argv[1]))
