"""Examples from files and to files: .npy, .npz, .csv, IDX, pictures, folders of pictures, or a pipe.

In files rows are examples; here they are columns, as on every page: X is the transposed view of the rows.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import math
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .. import checks
from ..errors import SaeError
from ..files import writing
from . import arrays, pictures
from .numbers import as_floats, finite
from .text import read_text

MAGIC = {
    b"\x93NUMPY": "npy",
    b"PK\x03\x04": "npz",
    b"PK\x05\x06": "npz",
    b"\x1f\x8b": "gz",
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"\0\0": "idx",
}
SUFFIXES = {".npy": "npy", ".npz": "npz", ".gz": "gz", ".csv": "text", ".tsv": "text", ".txt": "text"}
SUFFIXES |= dict.fromkeys(pictures.ENDINGS, "picture")
KINDS = ".npy, .npz, .csv, .tsv, .txt, IDX (plain or .gz), .png, .jpg, or a folder of pictures"


@dataclass(frozen=True)
class Data:
    """Examples and where they are from.

    Attributes
    ----------
    X : (n, m) array
        Examples as columns, float32 or float64, finite; a view of the rows that were read.
    names : tuple of str or None
        The n features, if the file names them.
    shape : tuple of int or None
        What a column is as a picture, (height, width) or more axes; its product is n.
    source : str
        The file, what it was taken for and how much it holds.
    digest : str
        SHA-256 of the file's bytes, as `sha256sum` tells it; of a folder, that of the lines "digest  name" that
        `sha256sum` writes of its pictures in order of their names.
    notes : tuple of str
        What was done to the numbers on the way.
    """

    X: np.ndarray = field(repr=False)
    names: tuple[str, ...] | None
    shape: tuple[int, ...] | None
    source: str
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
    """What a file holds: rows (m, ...), and what is known of them."""

    rows: np.ndarray
    kind: str
    names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def read(
    path: str | os.PathLike,
    *,
    header: bool | str = "auto",
    name: str | None = None,
    shape: tuple[int, ...] | None = None,
) -> Data:
    """Read examples; numbers stay as they are in the file, but for pictures, whose white is 1.

    Parameters
    ----------
    path : str or path
        A file (.npy, .npz, text as .csv, .tsv or .txt, IDX plain or .gz, PNG or JPEG), a folder of pictures, or "-"
        for standard input, whose first bytes say what it is. Columns of text are separated by tabs, semicolons or
        commas, decimals written with a point.
    header : {"auto", True, False}
        Whether the first line of a text names the columns; "auto" takes it so if no cell of it is a number.
    name : str, optional
        Which array of a .npz; needed if there are several.
    shape : tuple of int, optional
        What an example is as a picture, if the file has it as a row.

    Returns
    -------
    Data
        float32 and float64 as they are in the file, everything else as float64 (float16 as float32), with a note.
        Arrays (m, height, width, ...) become examples of height * width * ... features, in C order.

    Raises
    ------
    SaeError
        If it can't be read, is damaged, or holds anything but finite real numbers; it says where.
    """
    path = Path(path)
    try:
        if path.is_dir():
            found, digest = _folder(path)
        else:
            with _opened(path) as file:
                found, digest = _file(file, path, header, name)
    except OSError as error:
        where = error.filename or path
        raise SaeError(f"can't read {where}: {error.strerror or error}. Is it there, and may you read it?") from error
    return _data(found, _title(path), digest, shape)


def _title(path):
    return "standard input" if str(path) == "-" else str(path)


def _opened(path) -> BinaryIO:
    if str(path) == "-":
        return io.BytesIO(sys.stdin.buffer.read())
    if path.is_char_device() or path.is_block_device():
        raise SaeError(f"{path} is a device; expected a file, a folder or - for standard input.")
    file = path.open("rb")
    if file.seekable():
        return file
    with file:  # a named pipe
        return io.BytesIO(file.read())


def _file(file, path, header, name) -> tuple[_Found, str]:
    where = _title(path)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if not size:
        raise SaeError(f"{where} is empty; expected {KINDS}.")
    kind = _kind(start, path)
    if name is not None and kind != "npz":
        raise SaeError(f"{where} is no .npz file, whose arrays have names; leave name={name!r} (--array) out.")
    if header != "auto" and kind != "text":
        raise SaeError(f"{where} is no text, whose columns line 1 can name; leave header={header!r} (--header) out.")
    if kind == "npy":
        return _Found(arrays.npy(file, size, where, mappable=str(path) != "-"), ".npy"), digest
    if kind == "npz":
        rows, name = arrays.npz(file, where, name)
        return _Found(rows, f"{name} of .npz"), digest
    if kind == "text":
        rows, names, how = read_text(file.read(), where, header)
        return _Found(rows, how, names, _nameless(names)), digest
    if kind == "picture":
        grey, notes = pictures.picture(file, where)
        return _Found(grey[None], "a picture", notes=notes), digest
    rows = arrays.idx(_unpacked(file, where) if kind == "gz" else file, where)
    return _Found(rows if rows.ndim > 1 else rows[:, None], "IDX"), digest


def _kind(start: bytes, path) -> str:
    """Say what the first bytes are, and raise if the name says otherwise."""
    found = next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None)
    named = "text" if str(path) == "-" and found is None else SUFFIXES.get(path.suffix.lower())
    if found is None and named != "text":
        raise SaeError(
            f"{_title(path)} starts with {start!r}, which is no kind of file that is read here; expected {KINDS}."
        )
    if found and named and found != named:
        raise SaeError(f"{_title(path)} is named like {named}, but its first bytes are those of {found}; rename it.")
    return found or "text"


def _unpacked(file, where) -> Any:
    unpacked = gzip.GzipFile(fileobj=file)
    try:
        start = unpacked.read(2)
        unpacked.seek(0)
    except Exception as error:  # gzip lets zlib's own kind through
        raise SaeError(f"{where} can't be unpacked ({error}); copy the file again.") from error
    if start != b"\0\0":
        raise SaeError(f"{where} holds no IDX data, which alone is read from .gz; unpack it first.")
    return unpacked


def _nameless(names):
    without = [str(i) for i, name in enumerate(names or (), 1) if not name]
    return (f"column {', '.join(without)} has no name: if it numbers the lines, leave it out",) if without else ()


def _folder(path) -> tuple[_Found, str]:
    digests = {}

    def one(file):
        with file.open("rb") as opened:
            digests[file.name] = hashlib.file_digest(opened, "sha256").hexdigest()
            opened.seek(0)
            return pictures.picture(opened, str(file))

    rows, notes = pictures.folder(path, one)
    lines = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    return _Found(rows, "a folder of pictures", notes=tuple(notes)), hashlib.sha256(lines.encode()).hexdigest()


def _data(found: _Found, where, digest, shape) -> Data:
    if found.rows.ndim < 2 or 0 in found.rows.shape:
        raise SaeError(
            f"{where} has shape {found.rows.shape}; expected rows of examples (m, n), or pictures (m, height, width), "
            "at least one. A single feature is x[:, None], a single example x[None]."
        )
    finite(found.rows, where) if found.rows.dtype.kind == "f" else None
    rows, converted = as_floats(found.rows, where)
    own = rows.shape[1:] if rows.ndim > 2 else None
    X = rows.reshape(len(rows), -1).T
    if shape is not None:
        shape = tuple(checks.count("shape", side) for side in shape)
        if math.prod(shape) != len(X):
            raise SaeError(f"shape {shape} has {math.prod(shape)} pixels; {where} has {len(X)} numbers an example.")
    n, m = X.shape
    alone = ("one example only: means and deviations over the examples say nothing",) if m == 1 else ()
    source = f"{where} ({found.kind}): {m} example{'s' * (m > 1)} of {n} feature{'s' * (n > 1)}"
    return Data(X, found.names, shape or own, source, digest, (*found.notes, *converted, *alone))


def write(path: str | os.PathLike, X: np.ndarray, *, names: tuple[str, ...] | None = None) -> None:
    """Write examples X (n, m) as rows to a .npy or .csv file, whole or not at all, in full precision.

    Parameters
    ----------
    path : str or path
    X : (n, m) array
        Finite. In a .csv each number has the digits that give the same float64 again.
    names : tuple of str, optional
        The first line of a .csv: a name for each of the n features.

    Raises
    ------
    SaeError
        For another ending, for input that can't be used, or if it can't be written; an older file stays as it was.
    """
    path, X = Path(path), checks.matrix(X)
    if path.suffix.lower() not in (".npy", ".csv"):
        raise SaeError(f"can't write {path}: its ending is {path.suffix!r}; expected .npy or .csv.")
    if names is not None and (len(names) != len(X) or path.suffix.lower() == ".npy"):
        raise SaeError(f"got {len(names)} names for {len(X)} features of {path}; expected one each, and a .csv.")
    with writing(path) as temporary:
        if path.suffix.lower() == ".npy":
            with temporary.open("wb") as file:
                rows = np.ascontiguousarray(X.T)
                np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(rows))
                file.write(rows.data)  # numpy.save says of a full disk only how many numbers were written
        else:
            with temporary.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerows([] if names is None else [names])
                table.writerows(row.tolist() for row in X.T)
