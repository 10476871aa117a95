"""Values that travel between two processes that don't trust each other: JSON and raw bytes, never pickles.

A value is a number, string, None, array of numbers, or a list, tuple or dict of such. Its tree is for JSON; the bytes
of its arrays come one after the other. The limits hold for what is sent and for what is received.
"""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

DEPTH, ITEMS, BYTES = 8, 10_000, 2**26  # of one value
HEADER = 2**23  # bytes of JSON
LENGTHS = struct.Struct(">QQ")  # of the header and of the arrays, in bytes
DIGITS = 10**100  # larger integers don't travel

# Methods of the types themselves: neither a class of the student's nor a patched NumPy can change what they say.
ndarray, generic = np.ndarray, np.generic
shape_of, dtype_of = ndarray.shape.__get__, ndarray.dtype.__get__  # pyright: ignore
bytes_of, flags_of, as_array = ndarray.tobytes, ndarray.flags.__get__, np.array  # pyright: ignore
dtype_from, from_buffer, prod = np.dtype, np.frombuffer, math.prod
scan = json.JSONDecoder().scan_once  # pyright: ignore
encode = json.encoder.c_make_encoder(  # type: ignore
    None, None, json.encoder.encode_basestring_ascii, None, ": ", ", ", False, False, True
)


class UnsendableError(Exception):
    """A value that can't travel; `.args` is a reason of `REASONS`, and the type of the value."""


REASONS = {
    "type": "numbers, arrays of numbers, strings, None, or lists, tuples and dicts of these",
    "objects": "an array of numbers: one of Python objects or strings holds something else",
    "deep": f"lists in lists {DEPTH} deep at most",
    "many": f"{ITEMS} things at most; arrays may be larger",
    "large": f"{BYTES // 2**20} MiB at most",
}


class Packer:
    """Makes the tree of a value; `.chunks` are the bytes of its arrays."""

    def __init__(self):
        self.chunks: list[bytes] = []
        self.items = self.size = 0

    def __call__(self, value: Any, depth: int = 0) -> list:
        """Return the tree.

        Raises
        ------
        UnsendableError
            For other types, or beyond the limits.
        """
        self.items += 1
        if depth > DEPTH:
            raise UnsendableError("deep", "")
        if self.items > ITEMS:
            raise UnsendableError("many", "")
        if value is None or value is True or value is False:
            return ["plain", value]
        if isinstance(value, ndarray | generic):
            return self._array(value)
        if isinstance(value, str):
            self._grow(4 * len(value))
            return ["plain", str.__str__(value)]
        if isinstance(value, int):
            value = int.__int__(value)
            if not -DIGITS < value < DIGITS:
                raise UnsendableError("large", "int")
            return ["plain", value]
        if isinstance(value, float):
            return ["plain", float.__float__(value)]
        if isinstance(value, complex):
            return ["complex", value.real, value.imag]
        for kind in (tuple, list):
            if isinstance(value, kind):
                return [kind.__name__, [self(item, depth + 1) for item in kind.__iter__(value)]]  # pyright: ignore
        if isinstance(value, dict):
            pairs = [[self(key, depth + 1), self(item, depth + 1)] for key, item in dict.items(value)]
            if any(key[0] != "plain" for key, _ in pairs):
                raise UnsendableError("type", "dict")
            return ["dict", pairs]
        raise UnsendableError("type", type(value).__name__)

    def _array(self, value) -> list:
        scalar = isinstance(value, generic)
        array = as_array(value) if scalar else value
        dtype, shape = dtype_of(array), shape_of(array)
        if dtype.kind == "U" and scalar:
            return self(str.__str__(value))  # pyright: ignore
        if dtype.kind not in "biufc":
            raise UnsendableError("objects", "")
        self._grow(prod(shape) * dtype.itemsize)
        order = "F" if flags_of(array).fnc else "C"
        self.chunks.append(bytes_of(array, order))
        return ["scalar" if scalar else "array", dtype.str, list(shape), order]

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > BYTES:
            raise UnsendableError("large", "")


class Unpacker:
    """Makes values of trees, with the bytes of their arrays in the same order.

    Parameters
    ----------
    body : bytes
    special : callable, optional
        node -> value, for kinds that are not known here. Without it they are an error.
    """

    def __init__(self, body: bytes, special: Callable[[list], Any] | None = None):
        self.body, self.special, self.position, self.items = body, special, 0, 0

    def __call__(self, node: list, depth: int = 0) -> Any:
        """Return the value.

        Raises
        ------
        ValueError
            If this is no such tree.
        """
        self.items += 1
        if not isinstance(node, list) or not node or depth > DEPTH or self.items > ITEMS:
            raise ValueError("no tree of a value")
        kind, *rest = node
        if kind == "plain" and len(rest) == 1 and isinstance(rest[0], bool | int | float | str | None):
            return rest[0]
        if kind == "complex" and len(rest) == 2:
            return complex(*rest)
        if kind in ("array", "scalar") and len(rest) == 3:
            array = self._array(*rest)
            return array if kind == "array" else array[()]
        if kind in ("list", "tuple") and len(rest) == 1 and isinstance(rest[0], list):
            items = [self(item, depth + 1) for item in rest[0]]
            return items if kind == "list" else tuple(items)
        if kind == "dict" and len(rest) == 1 and all(len(pair) == 2 and pair[0][0] == "plain" for pair in rest[0]):
            return {self(key, depth + 1): self(item, depth + 1) for key, item in rest[0]}
        if self.special is not None:
            return self.special(node)
        raise ValueError("no tree of a value")

    def _array(self, dtype: str, shape: list[int], order: str) -> np.ndarray:
        kind = dtype_from(dtype)
        if kind.kind not in "biufc" or not all(type(n) is int and n >= 0 for n in shape) or order not in ("C", "F"):
            raise ValueError("no array of numbers")
        begin, self.position = self.position, self.position + prod(shape) * kind.itemsize
        if self.position > len(self.body):
            raise ValueError("an array without its bytes")
        flat = from_buffer(self.body[begin : self.position], kind)
        return flat.reshape(shape, order=order).copy("K")  # pyright: ignore


def send(stream, header: dict, chunks: list[bytes]) -> None:
    """Write one message."""
    head = "".join(encode(header, 0)).encode()
    stream.write(LENGTHS.pack(len(head), sum(map(len, chunks))) + head)
    for chunk in chunks:
        stream.write(chunk)
    stream.flush()


def receive(stream) -> tuple[dict, bytes] | None:
    """Read one message; None where the other side has gone.

    Raises
    ------
    ValueError
        If this is no message, or a too large one.
    """
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    size, rest = LENGTHS.unpack(lengths)
    if size > HEADER or rest > 4 * BYTES:
        raise ValueError("a message that is too large")
    head, body = stream.read(size), _read(stream, rest)
    if len(head) < size or len(body) < rest:
        return None
    try:
        header, _ = scan(head.decode(), 0)
    except StopIteration:
        raise ValueError("no JSON") from None
    if not isinstance(header, dict):
        raise ValueError("no message")
    return header, body


def _read(stream, size: int) -> bytes:
    """Read so much piece by piece: memory is taken for what comes, not for what is announced."""
    body = io.BytesIO()
    while body.tell() < size and (piece := stream.read(min(size - body.tell(), 2**20))):
        body.write(piece)
    return body.getvalue()
