"""What the exported notebooks have in common: the handout, the functions of the solution, and cells that ask tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...files import writing
from .. import folder as folders
from .. import public
from ..exercise import Part, Test
from ..library import FOLDER, Loaded
from ..notebook import Cell, cells, notebook

IMPORT = "from sae.course.notebook_tests import examine_cell"
AFTER = (
    "The cell below runs the whole: take away the `#` in front of `main()`, and put it back before you hand in, for it "
    "takes its time."
)


def points(part: Part, tests: list[Test], test: Test) -> float:
    """Return the share of a part's points that a test gives."""
    share = part.points * test.weight / sum(test.weight for test in tests)
    return int(share) if share == int(share) else share


def ships(loaded: Loaded) -> bool:
    """Return whether the library has the exercise, so that students have it, too."""
    return loaded.folder.parent == FOLDER.resolve()


def asking(loaded: Loaded, test: Test, seed: int) -> str:
    """Return the line that asks a test; of an exercise of one's own, students have the public checks beside it."""
    place = loaded.name if ships(loaded) else str(loaded.folder) if test.hidden else folders.CHECKS
    hidden = f", hidden=True, seed={seed}" if test.hidden else ""
    return f"examine_cell({place!r}, {test.part!r}, {test.name!r}{hidden})"


def head(loaded: Loaded) -> Cell:
    """Return the handout."""
    return Cell("markdown", "handout", folders.handout(loaded))


def body(loaded: Loaded) -> Iterator[tuple[Cell, Part | None]]:
    """Yield the cells of the solution and the part that each holds, but neither the docstring nor what runs it."""
    parts = {part.function: part for part in loaded.exercise.parts}
    for cell in cells(loaded.source):
        if cell.kind == "code" and not cell.text.startswith("if __name__") and cell.name != "main":
            yield cell, parts.get(cell.name)


def tail(loaded: Loaded) -> list[Cell]:
    """Return how to run the whole, if there is a `main`; its data is found beside the notebook."""
    main = [cell.text for cell in cells(loaded.source) if cell.name == "main"]
    if not main:
        return []
    source = f"{main[0]}\n\n\n# main()"
    return [Cell("markdown", "after", AFTER), Cell("code", "main", source)]


def beside(loaded: Loaded, folder: Path) -> list[Path]:
    """Write the pictures, the data and, of an exercise of one's own, the public checks beside a notebook."""
    written = []
    for picture in sorted(loaded.folder.glob("*.png")):
        with writing(folder / picture.name) as temporary:
            shutil.copyfile(picture, temporary)
        written.append(folder / picture.name)
    if loaded.exercise.data is not None:
        folders.data(loaded, folder / "data.npz")
        written.append(folder / "data.npz")
    if not ships(loaded):
        public.write(loaded, folder / folders.CHECKS)
        written += sorted((folder / folders.CHECKS).iterdir())
    return written


def assembled(loaded: Loaded, made: list[tuple[Cell, dict[str, Any]]]) -> dict[str, Any]:
    """Return a notebook of cells with metadata; it says which exercise it is, so `sae course grade` takes it, too."""
    content = notebook([cell for cell, _ in made], {"sae": {"exercise": loaded.name}})
    for cell, (_, metadata) in zip(content["cells"], made, strict=True):
        cell["metadata"] = metadata
    return content
