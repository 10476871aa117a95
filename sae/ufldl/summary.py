"""One table of all exercises that were run into a folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..errors import SaeError
from ..studies.tables import write_table

HEAD = ("exercise", "measure", "ours", "published", "settings", "seed", "data", "time / NumPy evaluation")


def read_summary(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the folder's table.csv, none if there is no such file.

    Raises
    ------
    SaeError
        If it is something else.
    """
    path = folder / "table.csv"
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            head, *rows = csv.reader(file)
    except (ValueError, csv.Error):  # no line at all, or no text
        head, rows = [], []
    if tuple(head) != HEAD or any(len(row) != len(HEAD) for row in rows):
        raise SaeError(f"{path} is no table of exercises; choose another --out, or move it away.")
    return [dict(zip(HEAD, row, strict=True)) for row in rows]


def write_summary(folder: Path, rows: Sequence[dict[str, str]], order: Sequence[str]) -> list[Path]:
    """Put the rows of an exercise into table.md and table.csv, in place of older ones of it; return both paths."""
    new = {row["exercise"] for row in rows}
    every = [row for row in read_summary(folder) if row["exercise"] not in new] + list(rows)
    every.sort(key=lambda row: order.index(row["exercise"]) if row["exercise"] in order else len(order))
    return write_table(every, folder / "table")
