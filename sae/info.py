"""What an evaluation runs on here: BLAS, its kernels and threads, what forces them, and which path the page takes."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import scipy.linalg  # noqa: F401  (so that its BLAS is loaded and listed)
from threadpoolctl import threadpool_info

from . import kernels
from .activations import identity, relu, sigmoid
from .autoencoder import Autoencoder
from .terms import SquaredError

FORCING = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_DISABLE_JIT",
    "NUMBA_CPU_NAME",
    "NUMBA_CACHE_DIR",
)
PACKAGES = ("sae", "numpy", "scipy", "numba")
PEERS = ("torch", "jax", "scikit-learn")


def facts() -> list[tuple[str, str]]:
    """Return what there is to know, as pairs of a heading and a text."""
    return [
        ("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)),
        ("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("processors", f"{_processors()} that this process may use"),
        *(("BLAS", _describe(library)) for library in threadpool_info() if library["user_api"] == "blas"),
        (
            "forced from outside",
            ", ".join(f"{k}={os.environ[k]}" for k in FORCING if k in os.environ) or "nothing",
        ),
        ("kernels", _kernels()),
        *(("evaluation", line) for line in _paths()),
        ("peers for sae bench", ", ".join(f"{name} {_version(name)}" for name in PEERS)),
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _describe(library: dict) -> str:
    user = "scipy" if "scipy.libs" in library["filepath"] else "numpy" if "numpy.libs" in library["filepath"] else ""
    kernels_of_it = f", {library['architecture']} kernels" if library.get("architecture") else ""
    threads = f"{library['num_threads']} thread{'s' if library['num_threads'] > 1 else ''}"
    name = f"{library['internal_api']} {library.get('version') or ''}".strip().replace("openblas", "OpenBLAS")
    return f"{name}{kernels_of_it}, {threads}{f' (that of {user})' if user else ''}"


def _kernels() -> str:
    import llvmlite.binding
    import numba

    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return "interpreted, since NUMBA_DISABLE_JIT is set: a thousand times slower"
    folder = getattr(getattr(kernels.sigmoid_layer, "_cache", None), "cache_path", "nowhere")
    processor = numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name()  # type: ignore[attr-defined]
    return f"compiled by Numba for {processor}, kept in {folder}"


def _paths() -> list[str]:
    """Say for some pairs of activations which path the squared error takes, with any penalty on means or weights."""
    X = np.full((2, 3), 0.5)
    return [
        f"{f.name} hidden, {g.name} output, squared error: "
        + Autoencoder(X, 2, f=f, g=g, terms=[SquaredError()]).explain_engine()
        for f in (sigmoid, relu)
        for g in (sigmoid, identity)
    ]
