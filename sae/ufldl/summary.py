"""One table of all exercises that were run into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..studies.tables import put_rows, read_table

HEAD = ("exercise", "measure", "ours", "published", "settings", "seed", "data", "time / NumPy evaluation")


def read_summary(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the folder's table.csv, none if there is no such file.

    Raises
    ------
    SaeError
        If it is something else.
    """
    return read_table(folder, HEAD, "exercises")


def write_summary(folder: Path, rows: Sequence[dict[str, str]], order: Sequence[str]) -> list[Path]:
    """Put the rows of an exercise into table.md and table.csv, in place of older ones of it; return both paths."""
    return put_rows(folder, read_summary(folder), rows, order)
