"""Execute notebooks at full size and write them with outputs: `python -m tests.notebooks [NAME]...`, all if none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from rich.progress import track

FOLDER = Path(__file__).parents[1] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))


def execute(source: Path, *, quick: bool) -> nbformat.NotebookNode:
    """Return the notebook of a py:percent source, run from top to bottom in a process of its own."""
    notebook = jupytext.read(source)
    if quick:
        os.environ["SAE_QUICK"] = "1"
    else:
        os.environ.pop("SAE_QUICK", None)
    NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(FOLDER)}}).execute()
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # not random, so that a run again differs only where results do
        cell["metadata"].pop("execution", None)
    return notebook


if __name__ == "__main__":
    named = [FOLDER / f"{name}.py" for name in sys.argv[1:]]
    for source in track(named or SOURCES, "notebooks"):
        nbformat.write(execute(source, quick=False), source.with_suffix(".ipynb"))
