"""Tables of the studies, as Markdown and CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

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
