"""A solution or a student's file as a notebook, and a notebook as a file: the same exercise in both forms."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SaeError
from ..files import writing
from .needed import needed, readable

ESCAPE = re.compile(r"^\s*[%!?].*$|^\s*[\w.]+\?+\s*$", re.MULTILINE)  # a magic, a line for the shell, a call for help
FOREIGN = re.compile(r"\s*%%(?!time|capture|prun)")  # a cell in another language, or a file


class Cell(NamedTuple):
    """One cell: "markdown" or "code", the function that it defines, if it does, and its text."""

    kind: str
    name: str
    text: str


def cells(text: str) -> list[Cell]:
    """Return the cells of a file: its docstring, what comes before the first function, each function, the rest."""
    tree, lines = ast.parse(text), text.splitlines()
    found, begin = [], 1
    if (doc := ast.get_docstring(tree)) is not None:
        found.append(Cell("markdown", "", doc.strip()))
        begin = (tree.body[0].end_lineno or 0) + 1
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.append(Cell("code", "", _between(lines, begin, node.lineno)))
            end = _end(lines, node.end_lineno or 0)
            found.append(Cell("code", node.name, _between(lines, node.lineno, end + 1)))
            begin = end + 1
    found.append(Cell("code", "", _between(lines, begin, len(lines) + 1)))
    return [cell for cell in found if cell.text]


def _between(lines: list[str], begin: int, end: int) -> str:
    return "\n".join(lines[begin - 1 : end - 1]).strip("\n")


def _end(lines: list[str], last: int) -> int:
    """Return the last line of a function; comments of a region that ends with it belong to it."""
    while last < len(lines) and lines[last].startswith(" "):
        last += 1
    return last


def notebook(cells: Iterable[Cell], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the cells as a notebook of nbformat 4.5."""
    return {
        "cells": [_cell(k, cell) for k, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            **(metadata or {}),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(k: int, cell: Cell) -> dict[str, Any]:
    code = {"execution_count": None, "outputs": []} if cell.kind == "code" else {}
    identity = re.sub(r"[^A-Za-z0-9_-]", "-", cell.name) or cell.kind
    return {
        "cell_type": cell.kind,
        "id": f"{k}-{identity}"[:64],
        "metadata": {},
        "source": cell.text.splitlines(keepends=True),
        **code,
    }


def write_notebook(path: Path, content: dict[str, Any]) -> None:
    """Write a notebook whole."""
    with writing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def code_of(path: Path) -> str:
    """Return the code of a notebook: its functions and what they need, see `needed`; of IPython's lines nothing.

    Raises
    ------
    SaeError
        If it is no notebook.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        sources = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise SaeError(f"{path} is no Jupyter notebook ({error}); expected one of nbformat 4.") from None
    return needed([_plain(source) for source in sources])


def _plain(source: str) -> str:
    """Return a cell without what only IPython understands; one that Python understands is left as it is."""
    if FOREIGN.match(source):
        return ""
    return source if readable(source) else ESCAPE.sub("", source)
