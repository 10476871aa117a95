"""What the engines and the kernel of sae/convolution.py take: `python -m tests.benchmarks.convolution`.

Prints milliseconds for 100 units on one image of 64 x 64: (C2) by either engine, for patches of some sizes, then
sigmoid and pooling by the kernel and by the NumPy in its docstring. Alternating runs in one process, medians.
"""

from __future__ import annotations

import numpy as np
from rich.console import Console
from threadpoolctl import threadpool_limits

from sae import sigmoid
from sae.bench.evaluation import seconds
from sae.convolution import _Job
from sae.convolution_kernels import pooled_sigmoid
from sae.pooling import pool

UNITS, SIDE = 100, 64


def engines(side: int, channels: int, rng) -> list[float]:
    """Return the seconds of z by the matrix product and by Fourier transforms."""
    images, W = rng.uniform(0, 1, (1, SIDE, SIDE, channels)), rng.standard_normal((UNITS, side * side * channels))
    jobs = [_Job(images, W, np.zeros(UNITS), side, engine, sigmoid) for engine in ("numba", "fft")]
    return seconds([lambda job=job: job.z(job.look(job.images[0]), slice(None)) for job in jobs], 31)


def kernel(kind: str, rng) -> list[float]:
    """Return the seconds of sigmoid and pooling by the kernel and by NumPy."""
    z, b, out = rng.standard_normal((UNITS, 57, 57)), rng.standard_normal(UNITS), np.empty((UNITS, 3, 3))
    compiled = lambda: pooled_sigmoid(z, b, 19, kind == "max", out)  # noqa: E731
    return seconds([compiled, lambda: pool(1 / (1 + np.exp(-z - b[:, None, None])), 19, kind)], 31)


if __name__ == "__main__":
    show = Console(highlight=False).print
    with threadpool_limits(1):
        for side, channels in [(1, 3), (3, 1), (3, 3), (8, 1), (8, 3), (16, 1), (16, 3)]:
            product, fourier = engines(side, channels, np.random.default_rng(0))
            show(f"{side} x {side} x {channels}: product {1000 * product:.2f} ms, Fourier {1000 * fourier:.2f} ms")
        for kind in ("mean", "max"):
            ours, line = kernel(kind, np.random.default_rng(0))
            show(f"sigmoid and {kind}: kernel {1000 * ours:.2f} ms, NumPy {1000 * line:.2f} ms")
