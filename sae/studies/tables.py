"""Tables of the studies, as Markdown and CSV; tables that many runs write into, each its own rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ..errors import SaeError
from ..files import writing


def as_markdown(rows: Sequence[dict[str, str]]) -> str:
    """Return a table with a line for each row; the keys are the head."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    bars = ([cell.replace("|", r"\|") for cell in line] for line in lines)  # a bar would end the cell
    return "\n".join("| " + " | ".join(line) + " |" for line in bars)


def write_table(rows: Sequence[dict[str, str]], path: Path) -> list[Path]:
    """Write path.md and path.csv; return both paths."""
    with writing(path.with_suffix(".md")) as temporary:
        temporary.write_text(as_markdown(rows) + "\n")
    with writing(path.with_suffix(".csv")) as temporary, temporary.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return [path.with_suffix(".md"), path.with_suffix(".csv")]


def read_table(folder: Path, head: Sequence[str], kind: str) -> list[dict[str, str]]:
    """Return the rows of the folder's table.csv, none if there is no such file; `kind` is what they are of.

    Raises
    ------
    SaeError
        If it has another head, or is no table at all.
    """
    path = folder / "table.csv"
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            found, *rows = csv.reader(file)
    except (ValueError, csv.Error):  # no line at all, or no text
        found, rows = [], []
    if tuple(found) != tuple(head) or any(len(row) != len(head) for row in rows):
        raise SaeError(f"{path} is no table of {kind}; choose another --out, or move it away.")
    return [dict(zip(head, row, strict=True)) for row in rows]


def put_rows(
    folder: Path, old: Sequence[dict[str, str]], rows: Sequence[dict[str, str]], order: Sequence[str]
) -> list[Path]:
    """Write table.md and table.csv: the old rows, with `rows` for those of the same name, sorted by `order`.

    The name of a row is its first cell. Returns both paths.
    """
    key = next(iter(rows[0]))
    new = {row[key] for row in rows}
    every = [row for row in old if row[key] not in new] + list(rows)
    every.sort(key=lambda row: order.index(row[key]) if row[key] in order else len(order))
    return write_table(every, folder / "table")
