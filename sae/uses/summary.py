"""One table of all uses that were run into a folder, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..studies.tables import put_rows, read_table

HEAD = (
    "use",
    "data",
    "measure",
    "autoencoder",
    "its number",
    "best alternative",
    "number of the alternative",
    "verdict",
    "settings",
    "seeds",
)


def read_summary(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the folder's table.csv, none if there is no such file.

    Raises
    ------
    SaeError
        If it is something else.
    """
    return read_table(folder, HEAD, "uses")


def write_summary(folder: Path, row: dict[str, str], order: Sequence[str]) -> list[Path]:
    """Put a use's row into table.md and table.csv, in place of an older one; return both paths."""
    return put_rows(folder, read_summary(folder), [row], order)
