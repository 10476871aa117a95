"""A course directory of nbgrader: the source notebook with solution regions, test cells and hidden tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import folder as folders
from ..exercise import Part
from ..library import Loaded
from ..notebook import Cell, write_notebook
from ..source import BEGIN
from . import page

CHECKS = "Below each function are its checks. One that says nothing passed."
SCHEMA = 3  # of the metadata, since nbgrader 0.6
CONFIG = """\
# Run nbgrader in this folder: `nbgrader generate_assignment {name}`; see `sae course guide`.
c = get_config()  # noqa: F821

c.CourseDirectory.course_id = {name!r}
c.Execute.timeout = 900  # seconds for a cell; each test has limits of its own
c.Execute.error_on_timeout = {{"ename": "Timeout", "evalue": "the cell took too long", "traceback": []}}
"""


def write(loaded: Loaded, folder: Path, seed: int) -> list[Path]:
    """Write nbgrader_config.py and source/EXERCISE with the notebook, the pictures and the data."""
    source = folder / "source" / loaded.name
    source.mkdir(parents=True)
    folders.text(folder / "nbgrader_config.py", CONFIG.format(name=loaded.name))
    write_notebook(source / f"{loaded.name}.ipynb", page.assembled(loaded, _cells(loaded, seed)))
    return [folder / "nbgrader_config.py", source / f"{loaded.name}.ipynb", *page.beside(loaded, source)]


def _cells(loaded: Loaded, seed: int) -> list[tuple[Cell, dict[str, Any]]]:
    made = [(page.head(loaded), _metadata("handout", locked=True)), (Cell("markdown", "checks", CHECKS), {})]
    for cell, part in page.body(loaded):
        made.append((cell, _metadata(cell.name, solution=True) if BEGIN in cell.text else {}))
        made += _tests(loaded, part, seed) if part is not None else []
    return made + [(cell, {}) for cell in page.tail(loaded)]


def _tests(loaded: Loaded, part: Part, seed: int) -> list[tuple[Cell, dict[str, Any]]]:
    tests = list(loaded.exercise.of_part(part.function))
    made = []
    for k, test in enumerate(tests, 1):
        identity = f"{part.function}-test-{k}"
        ask = f"{page.IMPORT}\n\n{page.asking(loaded, test, seed)}"
        if test.hidden:
            ask = f"# Hidden test: {test.name}\n### BEGIN HIDDEN TESTS\n{ask}\n### END HIDDEN TESTS"
        points = page.points(part, tests, test)
        made.append((Cell("code", identity, ask), _metadata(identity, grade=True, locked=True, points=points)))
    return made


def _metadata(identity: str, *, grade=False, solution=False, locked=False, **points: float) -> dict[str, Any]:
    kind = {"grade": grade, "solution": solution, "locked": locked, "task": False}
    return {"nbgrader": {"grade_id": identity, "schema_version": SCHEMA, **kind, **points}}
