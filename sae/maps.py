"""Memory maps: an array in a file, whose pages count as this process's memory until they are given back."""

from __future__ import annotations

import mmap

import numpy as np


def mapped(X) -> mmap.mmap | None:
    """Return the memory map that X is a view of, if its pages can be dropped and read again, else None."""
    while isinstance(X, np.ndarray):
        if isinstance(X, np.memmap) and X.mode == "c":  # changes live in memory alone
            return None
        X = X.base
    return X if isinstance(X, mmap.mmap) and hasattr(X, "madvise") else None


def let_go(file: mmap.mmap | None) -> None:
    """Give the pages of a map back; they are read again when they are needed."""
    if file is not None:
        file.madvise(mmap.MADV_DONTNEED)
