"""The header of a safetensors file: 8 bytes of length, then JSON that says where each tensor lies.

All numbers in it are checked against the size of the file before anything of that size is allocated.

Source: Hugging Face, "Safetensors", section "Format" of its documentation.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

LARGEST = 100_000_000  # bytes of header, as safetensors itself has it
SIZES = {"F64": 8, "F32": 4}
MOST_AXES = 8


def read(path: str | os.PathLike) -> tuple[bytes, dict[str, Any]]:
    """Return the whole file and its header, whose tensors fill the rest of the file without a gap.

    Raises
    ------
    ValueError
        If they do not; OSError if it can't be read.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise ValueError("it is no ordinary file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, LARGEST):
            raise ValueError(f"it is cut short, or no model at all: {size} bytes, with a header of {length}")
        header = json.loads(file.read(length).decode(), object_pairs_hook=_no_name_twice)
        _check(header, size - 8 - length)
        file.seek(0)
        return file.read(), header


def _no_name_twice(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice in its header")
    return dict(pairs)


def _check(header, size):
    if not isinstance(header, dict) or not all(isinstance(entry, dict) for entry in header.values()):
        raise ValueError("its header lists no tensors")
    end = 0
    tensors = [(entry["data_offsets"], entry) for name, entry in header.items() if name != "__metadata__"]
    for (begin, stop), entry in sorted(tensors, key=lambda tensor: tensor[0]):
        shape, item = entry["shape"], SIZES.get(entry["dtype"])
        if item is None or len(shape) > MOST_AXES or not all(type(n) is int and 0 <= n <= size for n in shape):
            raise ValueError(f"it has a tensor of dtype {entry['dtype']!r:.40} and shape {shape!r:.80}")
        if type(begin) is not int or begin != end or stop != begin + item * math.prod(shape):
            raise ValueError(f"a tensor of shape {shape} lies from byte {begin!r:.40} to {stop!r:.40}")
        end = stop
    if end != size:
        raise ValueError(f"it is cut short or has something behind it: {size} bytes of tensors, expected {end}")
