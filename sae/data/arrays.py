"""Arrays in NumPy's files and in IDX files: the header is checked against the size before anything is allocated."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zipfile
from typing import BinaryIO

import numpy as np

from ..errors import SaeError
from .numbers import refuse

MAP_ABOVE = 2**30  # bytes; larger .npy files stay in the file, as a memory map
DEFLATE = 1032  # the best that zip and gzip can do: bytes out per byte in
PIECE = 2**20
LONGEST = 2**14  # bytes of a .npy file's header; NumPy itself writes and reads less
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def npy(file: BinaryIO, size: int, where: str, *, mappable: bool = False) -> np.ndarray:
    """Return the array of a .npy file of `size` bytes; a large one as a read-only memory map, if `mappable`."""
    try:
        shape, fortran, dtype, begin = _npy_header(io.BytesIO(_read(file, LONGEST)))
    except Exception as error:  # NumPy's parser of the header lets many kinds through
        raise SaeError(f"{where} can't be read as .npy ({error}); save it again with numpy.save.") from error
    refuse(dtype, where)
    _same_size(math.prod(shape) * dtype.itemsize, size - begin, where, f"the array of shape {shape} and dtype {dtype}")
    if mappable and size > MAP_ABOVE and dtype.isnative and dtype.kind == "f":
        return np.memmap(file, dtype, "r", begin, shape, "F" if fortran else "C")
    file.seek(0)
    return np.load(file, allow_pickle=False)


def _npy_header(file):
    """Return shape, order, dtype and length of a header, of `file` in memory: there a false length takes nothing."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    version = np.lib.format.read_magic(file)
    if version not in readers:
        raise ValueError(f"version {version} is for structured arrays or not known")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        shape, fortran, dtype = readers[version](file)
    if any(length < 0 for length in shape):
        raise ValueError(f"its shape is {shape}")
    return shape, fortran, dtype, file.tell()


def _same_size(needed, found, where, what):
    if found < needed:
        raise SaeError(f"{where} is cut short: {what} takes {needed} bytes, {found} are there. Copy the file again.")
    if found > needed:
        raise SaeError(f"{where} has {found - needed} bytes after {what}; expected one array a file. Save it again.")


def npz(file: BinaryIO, where: str, name: str | None) -> tuple[np.ndarray, str]:
    """Return one array of a .npz file, the one named or the only one, and its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            name = _choose(list(members), where, name)
            info = members[name]
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # LZMA takes 4 GB if asked to
                raise SaeError(f"{where} packs {name} in a way that NumPy does not; save it again with numpy.savez.")
            if info.file_size > DEFLATE * info.compress_size + PIECE:
                raise SaeError(
                    f"{where} claims {info.file_size} bytes for {name}, more than it can hold. Save it again."
                )
            with archive.open(info) as member:
                return npy(member, info.file_size, f"{name} in {where}"), name  # pyright: ignore[reportArgumentType]
    except SaeError:
        raise
    except Exception as error:  # zipfile lets zlib's, struct's and its own kinds through
        raise SaeError(f"{where} can't be read as .npz ({error}); save it again with numpy.savez.") from error


def _choose(names, where, name):
    if name is None and len(names) == 1:
        return names[0]
    held = ", ".join(sorted(names)[:20]) or "nothing"
    if name is None:
        raise SaeError(
            f"{where} holds {len(names)} arrays ({held}); say which one by its name: name= in Python, --array."
        )
    if name not in names:
        raise SaeError(f"{where} has no array named {name!r}; it holds {held}.")
    return name


def idx(file: BinaryIO, where: str) -> np.ndarray:
    """Return the array of an IDX file: two zero bytes, type, number of axes, their lengths, then the numbers.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
    """
    try:
        kind, axes = struct.unpack(">xxBB", _read(file, 4))
        shape = struct.unpack(f">{axes}I", _read(file, 4 * axes))
        if kind not in IDX_TYPES or not axes:
            raise SaeError(f"{where} is no IDX file: type {kind:#04x} with {axes} axes. Expected IDX, as MNIST has it.")
        dtype = np.dtype(IDX_TYPES[kind])
        needed = math.prod(shape) * dtype.itemsize
        data = _read(file, needed + 1)
    except (EOFError, OSError, struct.error, ValueError) as error:
        if isinstance(error, SaeError):
            raise
        raise SaeError(f"{where} can't be read as IDX ({error}); copy the file again.") from error
    except Exception as error:  # zlib.error has no base of its own
        raise SaeError(f"{where} is damaged ({error}); copy the file again.") from error
    _same_size(needed, len(data), where, f"the array of shape {shape} and dtype {dtype}")
    return np.frombuffer(data, dtype).reshape(shape)


def _read(file, count) -> bytearray:
    """Read up to `count` bytes, piece by piece: a false length allocates no more than there is."""
    data = bytearray()
    while len(data) < count and (piece := file.read(min(PIECE, count - len(data)))):
        data += piece
    return data
