"""Tables as text: every cell a number, or an error that names its line and column."""

from __future__ import annotations

import csv
import io
import itertools
import re
from array import array

import numpy as np

from ..errors import SaeError

SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas"}  # where there are tabs, commas are no separators
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
SHOWN, ENOUGH = 3, 20  # faults named, and faults after which reading stops


def read_text(data: bytes, where: str, header: bool | str) -> tuple[np.ndarray, tuple[str, ...] | None, str]:
    """Return the numbers (rows, columns) of a table, its column names if any, and what it was taken for.

    Raises
    ------
    SaeError
        With line and column of whatever is no finite number, or unclear as to whether line 1 is a header.
    """
    text = _decode(data, where)
    try:
        separator = _separator(text)
    except csv.Error as error:  # a cell of more than 131072 characters
        raise SaeError(f"{where}, line 1: {error}; is this a table of numbers, one example a line?") from error
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        first = next((cells for cells in rows if cells), None)
        if first is None:
            raise SaeError(f"{where} holds no numbers, only empty lines; expected one example a line.")
        line = rows.line_num
        names = tuple(cell.strip() for cell in first) if _is_header(first, header, where, line) else None
        table = _Table(where, len(first), names, plain=_plain(text))
        if names is None:
            table.add(first, line)
        for cells in rows:
            table.add(cells, rows.line_num)
            if len(table.faults) >= ENOUGH:
                break
    except csv.Error as error:
        raise SaeError(f"{where}, line {rows.line_num}: {error}; look for a quotation mark too many there.") from error
    kind = f"text, separated by {SEPARATORS[separator]}, {'with' if names else 'without'} a header"
    return table.numbers(), names, kind


def _decode(data, where):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = "it looks like UTF-16; " if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        raise SaeError(
            f"{where}, line {line}: byte {data[error.start]:#04x} is no UTF-8; {hint}save the file as UTF-8 text."
        ) from None


def _separator(text):
    line = next((line for line in io.StringIO(text, newline="") if line.strip()), "").rstrip("\r\n")
    return next((s for s in SEPARATORS if len(next(csv.reader([line], delimiter=s))) > 1), ",")


def _plain(text):
    """Whether `float` reads just what NUMBER matches: it takes 1_000 and other scripts' digits as well."""
    body = text[text.find("\n") + 1 :]
    return body.isascii() and "_" not in body


def _is_number(cell):
    return NUMBER.fullmatch(cell) is not None or cell.strip().lower() in ("nan", "inf", "-inf")


def _is_header(cells, header, where, line):
    if header in (True, False):
        return bool(header)
    if header != "auto":
        raise SaeError(f"header is {header!r}; expected 'auto', True or False.")
    numbers = [_is_number(cell) for cell in cells]
    counted = [[str(i) for i in range(start, start + len(cells))] for start in (0, 1)]
    if all(numbers) and len(cells) > 2 and [cell.strip() for cell in cells] in counted:
        raise SaeError(
            f"{where}, line {line}: {cells[0]}, {cells[1]}, {cells[2]}, ... may number the columns or be an example; "
            "say so with header=True or header=False (--header yes or no)."
        )
    if any(numbers) and not all(numbers):
        column = numbers.index(False)
        raise SaeError(
            f"{where}, line {line}, column {column + 1} is {_shown(cells[column])} beside numbers; say "
            "header=True (--header yes) if this line names the columns, otherwise correct it."
        )
    return not any(numbers)


def _shown(cell):
    return repr(cell if len(cell) <= 30 else cell[:27] + "...")


class _Table:
    """The numbers so far, the line of each row, and what was wrong."""

    def __init__(self, where, width, names, plain):
        self.where, self.width, self.names, self.plain = where, width, names, plain
        self.values, self.lines, self.faults = array("d"), array("q"), []
        self.empty = 0

    def add(self, cells, line):
        if not cells:
            self.empty = self.empty or line
            return
        if self.empty:
            self.faults.append(f"line {self.empty} is empty")
            self.empty = 0
        if len(cells) != self.width:
            self.faults.append(f"line {line} has {len(cells)} cell{'s' * (len(cells) != 1)}, not {self.width}")
            return
        self.lines.append(line)
        try:
            self.values.extend(map(float, cells))
            bad = not self.plain and not all(map(_is_number, cells))
        except ValueError:
            bad = True
        if bad:
            self.faults += [self.fault(line, j, cell) for j, cell in enumerate(cells) if not _is_number(cell)]

    def fault(self, line, column, cell):
        name = f" ({self.names[column]!r})" if self.names and self.names[column] else ""
        hint = ""
        if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", cell):
            hint = " (write decimals with a point)"
        elif re.fullmatch(r"\s*\S+( +\S+)+\s*", cell) and self.width == 1:
            hint = " (separate columns by commas, semicolons or tabs)"
        return f"line {line}, column {column + 1}{name} is {_shown(cell) if cell.strip() else 'empty'}{hint}"

    def numbers(self):
        if not self.faults and not self.lines:
            raise SaeError(f"{self.where} has a header and no rows; expected at least one example below it.")
        if not self.faults:
            values = np.frombuffer(self.values).reshape(-1, self.width)
            if np.isfinite(values).all():
                return values
            bad = itertools.islice(np.argwhere(~np.isfinite(values)), ENOUGH)
            self.faults = [self.fault(self.lines[i], j, str(values[i, j])) for i, j in bad]
        more = len(self.faults) - SHOWN
        others = "" if more <= 0 else f"; and {'at least ' * (len(self.faults) >= ENOUGH)}{more} more"
        raise SaeError(
            f"{self.where}: {'; '.join(self.faults[:SHOWN])}{others}. Expected {self.width} finite "
            f"number{'s' * (self.width != 1)} a line: correct these lines, or leave them out."
        )
