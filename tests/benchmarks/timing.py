"""Medians of alternating runs in one process."""

from __future__ import annotations

import time

import numpy as np


def seconds(functions, repeats: int) -> list[float]:
    """Return the median time of each function, called in turn."""
    times = [[] for _ in functions]
    for _ in range(repeats):
        for function, record in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            record.append(time.perf_counter() - start)
    return [float(np.median(record)) for record in times]
