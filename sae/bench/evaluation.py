"""One evaluation of J and its gradient in units of its five matrix products, beside how other libraries do it.

The yardstick is W1 X, W2 a2, W2^T delta3, delta3 a2^T and delta2 X^T alone, in NumPy, over all examples at once, into
arrays that exist. Everything is called in turn in one process, with BLAS held to a number of threads; what counts is
the median time over that of the yardstick. Each precision, number of threads and set of BLAS kernels has a process of
its own, since kernels and JAX's threads are chosen when a process starts.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_info

from .. import checks
from ..activations import identity, sigmoid
from ..autoencoder import Autoencoder
from ..errors import SaeError
from ..files import writing
from . import peers


class Shape(NamedTuple):
    """An autoencoder and a number of examples; rounds of calls in turn that make a steady median."""

    n: int
    n_hidden: int
    m: int
    linear: bool
    rounds: int

    def __str__(self):
        return f"{self.n}-{self.n_hidden}-{self.n}{' linear' if self.linear else ''}, m = {self.m}"


SHAPES = {
    "A": Shape(64, 25, 10_000, False, 61),
    "B": Shape(784, 196, 10_000, False, 11),
    "C": Shape(192, 400, 100_000, True, 5),
    "D": Shape(784, 1024, 60_000, False, 5),
}
CLASSIC = {"lam": 3e-3, "rho": 0.1, "beta": 3.0}
OURS, PAGE = "sae", "sae engine='numpy'"
COLUMNS = (OURS, PAGE, *peers.PEERS)


def five_products(W1, W2, X) -> Callable[[], None]:
    """Return the yardstick as a function."""
    (h, n), m = W1.shape, X.shape[1]
    a2, a3, delta2, grad_W1, grad_W2 = (np.empty(s, X.dtype) for s in ((h, m), (n, m), (h, m), (h, n), (n, h)))

    def run():
        np.matmul(W1, X, out=a2)
        np.matmul(W2, a2, out=a3)
        np.matmul(W2.T, a3, out=delta2)
        np.matmul(a3, a2.T, out=grad_W2)
        np.matmul(delta2, X.T, out=grad_W1)

    return run


def seconds(functions, rounds: int, pause: float = 0) -> list[float]:
    """Return the median time of each function, called in turn, each after a pause."""
    times = [[] for _ in functions]
    for _ in range(rounds):
        for function, record in zip(functions, times, strict=True):
            time.sleep(pause)
            start = time.perf_counter()
            function()
            record.append(time.perf_counter() - start)
    return [float(np.median(record)) for record in times]


def measure(shape: Shape, dtype: str, threads: int, others: bool = True) -> dict[str, Any]:
    """Return time over that of the five products by column, and why a column is missing."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 0.9, (shape.m, shape.n)).astype(dtype).T
    options: dict[str, Any] = {**CLASSIC, "g": identity if shape.linear else sigmoid, "dtype": dtype}
    run: dict[str, Callable] = {OURS: Autoencoder(X, shape.n_hidden, **options, threads=threads)}
    theta = run[OURS].init(rng)  # type: ignore[attr-defined]
    run[PAGE] = Autoencoder(X, shape.n_hidden, **options, engine="numpy")
    missing = {}
    for name, maker in peers.PEERS.items() if others else ():
        try:
            run[name] = maker(X, shape.n_hidden, linear=shape.linear, **CLASSIC, dtype=dtype)
        except peers.Missing as reason:
            missing[name] = str(reason)
    W1, W2, _, _ = (part.astype(dtype) for part in run[OURS].layout.unpack(theta))  # type: ignore[attr-defined]
    with peers.threads(threads):
        _agree({name: function(theta) for name, function in run.items()}, 1e-9 if dtype == "float64" else 1e-3)
        calls = [five_products(W1, W2, X), *(lambda f=f: f(theta) for f in run.values())]
        pause = 0.05 if threads > 1 else 0  # OpenBLAS's idle threads keep a processor busy for a while
        yardstick, *times = seconds(calls, shape.rounds, pause)
    answer = {"ratios": {name: round(t / yardstick, 3) for name, t in zip(run, times, strict=True)}, "missing": missing}
    if threads > 1:
        alone = Autoencoder(X, shape.n_hidden, **options, threads=1)
        with peers.threads(1):
            one, several = seconds([lambda: alone(theta), lambda: run[OURS](theta)], shape.rounds, pause)
        answer["speedup"] = round(one / several, 2)
    return answer


def _agree(answers, tolerance) -> None:
    """Raise unless all that claim to compute the same do (scikit-learn claims less)."""
    cost, grad = answers[OURS]
    for name, (other_cost, other_grad) in answers.items():
        close = abs(other_cost - cost) < tolerance * cost and np.linalg.norm(other_grad - grad) < tolerance * (
            np.linalg.norm(grad)
        )
        if not close and name != "scikit-learn MLP":
            raise SaeError(f"{name} and sae disagree: J {other_cost} and {cost}; they must before their times count.")


# All processes ----------------------------------------------------------------------------------------------------


def blas_kernels() -> str:
    """Return the library and kernels that NumPy's matrix products use, for example "OpenBLAS SkylakeX"."""
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    names = {f"{b['internal_api']} {b.get('architecture', '')}".strip() for b in found}
    return ", ".join(sorted(names)).replace("openblas", "OpenBLAS") or "unknown BLAS"


def kernel_sets() -> dict[str, dict[str, str]]:
    """Return the sets of BLAS kernels to measure, with the environment that chooses each: its own, and AVX2's."""
    own = blas_kernels()
    if own.startswith("OpenBLAS") and platform.machine() in ("x86_64", "AMD64") and "Haswell" not in own:
        return {own: {}, "OpenBLAS Haswell": {"OPENBLAS_CORETYPE": "Haswell"}}
    return {own: {}}


def run(
    shapes: dict[str, Shape], dtypes, threads, environments: dict[str, dict[str, str]], others: bool = True
) -> Iterator[dict[str, Any]]:
    """Measure each combination in a process of its own; yield a record for each shape as it comes."""
    for environment, dtype, count in product(environments.values(), dtypes, threads):
        job = {"shapes": {k: tuple(s) for k, s in shapes.items()}, "dtype": dtype, "threads": count, "others": others}
        one = {name: str(count) for name in peers.ONE_THREAD_ENVIRONMENT}
        command = [sys.executable, "-m", "sae.bench.evaluation", json.dumps(job)]
        with subprocess.Popen(
            command, env={**os.environ, **one, **environment}, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            yield from map(json.loads, process.stdout)
        if process.returncode:
            raise SaeError(f"the measuring process ended with exit code {process.returncode}; its message is above.")


def _child(job: dict) -> None:
    for letter, values in job["shapes"].items():
        shape = Shape(*values)
        answer = measure(shape, job["dtype"], job["threads"], job["others"])
        about = {"kernels": blas_kernels(), "dtype": job["dtype"], "threads": job["threads"]}
        print(json.dumps({"shape": letter, "network": str(shape), **about, **answer}), flush=True)


# What is shown ----------------------------------------------------------------------------------------------------


def as_tables(records: list[dict]) -> list[list[list[str]]]:
    """Return a table for each precision and number of threads: a row for who, a column for each shape.

    A cell has a ratio for each set of BLAS kernels, in the order that the first heading names; a dash stands for a peer
    that is missing.
    """
    tables = []
    for dtype, threads in dict.fromkeys((r["dtype"], r["threads"]) for r in records):
        shown = [r for r in records if (r["dtype"], r["threads"]) == (dtype, threads)]
        sets = list(dict.fromkeys(r["kernels"] for r in shown))
        networks = {r["shape"]: r["network"] for r in shown}
        cell = {(name, r["shape"], r["kernels"]): f"{ratio:.2f}" for r in shown for name, ratio in r["ratios"].items()}
        names = [name for name in COLUMNS if any(name in r["ratios"] or name in r["missing"] for r in shown)]
        head = f"{dtype}, {threads} thread{'s' if threads > 1 else ''}: {' / '.join(k.split()[-1] for k in sets)}"
        rows = [
            [name, *(" / ".join(cell.get((name, letter, k), "-") for k in sets) for letter in networks)]
            for name in names
        ]
        gains = {(r["shape"], r["kernels"]): f"{r['speedup']:.2f}" for r in shown if "speedup" in r}
        if gains:
            rows.append(
                ["sae: times as fast as on 1 thread", *(" / ".join(gains[k, s] for s in sets) for k in networks)]
            )
        tables.append([[head, *(f"{letter} {network}" for letter, network in networks.items())], *rows])
    return tables


def as_markdown(records: list[dict]) -> str:
    """Return the tables of README as one."""
    lines = []
    for head, *rows in as_tables(records):
        bold = [f"**{text}**" for text in head]
        lines += [head, ["---"] * len(head)] if not lines else [bold]
        lines += rows
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def picture(records: list[dict]):
    """Draw bars: a panel for each set of kernels, precision and number of threads; a group for each shape."""
    from matplotlib.figure import Figure

    panels = list(dict.fromkeys((r["kernels"], r["dtype"], r["threads"]) for r in records))
    columns = min(2, len(panels))
    figure = Figure(figsize=(7 * columns, 0.6 + 3 * -(-len(panels) // columns)), layout="constrained")
    axes = np.ravel(figure.subplots(-(-len(panels) // columns), columns, squeeze=False))
    used = [name for name in COLUMNS if any(name in r["ratios"] for r in records)]
    for ax, panel in zip(axes, panels, strict=False):
        shown = [r for r in records if (r["kernels"], r["dtype"], r["threads"]) == panel]
        for k, name in enumerate(used):
            heights = [r["ratios"].get(name, np.nan) for r in shown]
            bars = ax.bar(
                np.arange(len(shown)) + (k - len(used) / 2 + 0.5) * 0.85 / len(used), heights, 0.8 / len(used)
            )
            for bar in bars:
                bar.set_color("C3" if name == OURS else str(0.25 + 0.6 * k / len(used)))
            bars.set_label(name)
            ax.bar_label(bars, fmt="%.2f", fontsize=6, rotation=90, padding=2)
        ax.axhline(1, color="black", linewidth=0.8, linestyle=":")
        ax.set_xticks(range(len(shown)), [r["network"].replace(", ", "\n") for r in shown], fontsize=8)
        ax.set_ylim(0, 1.2 * max(max(r["ratios"].values()) for r in shown))
        kernels, dtype, threads = panel
        ax.set_title(f"{kernels}, {dtype}, {threads} thread{'s' if threads > 1 else ''}", fontsize=9)
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    for ax in axes[::columns]:
        ax.set_ylabel("time / five products", fontsize=8)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    return figure


def write(records: list[dict], folder: Path) -> list[Path]:
    """Write evaluation.json and evaluation.png into the folder; return their paths."""
    paths = [folder / "evaluation.json", folder / "evaluation.png"]
    with writing(paths[0]) as temporary:
        temporary.write_text(json.dumps(records, indent=1) + "\n")
    with writing(paths[1]) as temporary:
        picture(records).savefig(temporary, dpi=110, metadata={"Software": None})
    return paths


def chosen(letters: str, examples: int, rounds: int) -> dict[str, Shape]:
    """Return the shapes with these letters, with at most so many examples and rounds."""
    for letter in letters or [letters]:
        checks.one_of("--shapes", letter, SHAPES)
    shapes = {letter: SHAPES[letter] for letter in letters}
    return {k: s._replace(m=min(s.m, examples), rounds=min(s.rounds, rounds)) for k, s in shapes.items()}


if __name__ == "__main__":
    _child(json.loads(sys.argv[1]))
