"""What each kernel saves: `python tests/benchmarks/kernels.py`.

Prints, for blocks of 512 examples, the time of the NumPy line in a kernel's docstring over the time of the kernel, and
the time of a whole evaluation on the reference page and on the NumPy engine over that on the Numba engine. One BLAS
thread, alternating runs in one process, medians; a ratio above 1 says that the kernel pays.
"""

from __future__ import annotations

import time

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_info, threadpool_limits

import sae
from sae import kernels, terms

CLASSIC = {"lam": 1e-4, "rho": 0.01, "beta": 3.0}
UNITS = (25, 64, 196, 784)


def docstring_line(kernel):
    """Return the NumPy in the docstring of a kernel as a function."""
    code = kernel.py_func.__doc__.strip().removesuffix(".").strip("`")
    names = kernel.py_func.__code__.co_varnames[: kernel.py_func.__code__.co_argcount]
    space = {"np": np}
    exec(f"def line({', '.join(names)}): {code}", space)
    return space["line"]


def seconds(functions, repeats=101):
    """Return the median time of each function, called in turn."""
    times = [[] for _ in functions]
    for _ in range(repeats):
        for function, record in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            record.append(time.perf_counter() - start)
    return [float(np.median(record)) for record in times]


def kernel_ratio(name: str, units: int, rng) -> float:
    """Return NumPy time over kernel time."""
    kernel = getattr(kernels, name)
    z, b, a = rng.standard_normal((units, 512)), rng.standard_normal(units), rng.uniform(0, 1, (units, 512))
    arguments = {"layer": (z, b), "output_delta": (z, a), "hidden_delta": (z, b, a)}[name.split("_", 1)[1]]
    pair = kernel, docstring_line(kernel)
    line, ours = (lambda f=f: f(z.copy(), *arguments[1:]) for f in reversed(pair))
    copy, t_line, t_ours = seconds([z.copy, line, ours])
    return (t_line - copy) / (t_ours - copy)


def main() -> None:
    """Print the tables."""
    rng = np.random.default_rng(0)
    console = Console()
    table = Table("kernel", *(f"{units} units" for units in UNITS), title="NumPy line over kernel, 512 examples")
    names = [
        "sigmoid_layer",
        "identity_layer",
        "sigmoid_output_delta",
        "identity_output_delta",
        "sigmoid_hidden_delta",
    ]
    with threadpool_limits(1, user_api="blas"):
        for name in names:
            table.add_row(name, *(f"{kernel_ratio(name, units, rng):.1f}" for units in UNITS))
        cells = []
        for units in UNITS:
            rho_hat = rng.uniform(0, 1, units)
            pair = [lambda f=f, r=rho_hat: f(r, 0.01, 3.0) for f in (terms.kl_sparsity, kernels.kl_sparsity)]
            line, ours = seconds(pair)
            cells.append(f"{line / ours:.1f}")
        table.add_row("kl_sparsity", *cells)
        console.print(table)

        table = Table("problem", "reference page", "engine='numpy'", title="Whole evaluation over engine='numba'")
        for n, n_hidden, m in [(64, 25, 10_000), (784, 196, 2_000)]:
            X = rng.uniform(0.1, 0.9, (m, n)).T
            numba, numpy = (sae.Autoencoder(X, n_hidden, **CLASSIC, engine=e) for e in ("numba", "numpy"))
            theta = numba.init(rng)
            reference, plain, fused = seconds(
                [
                    lambda X=X, h=n_hidden, t=theta: sae.reference.cost_and_grad(t, X, h, **CLASSIC),
                    lambda f=numpy, t=theta: f(t),
                    lambda f=numba, t=theta: f(t),
                ],
                repeats=31,
            )
            table.add_row(f"{n}-{n_hidden}-{n}, m = {m}", f"{reference / fused:.1f}", f"{plain / fused:.1f}")
        console.print(table)
    for library in threadpool_info():
        if library["user_api"] == "blas":
            console.print(
                f"BLAS: {library['internal_api']} {library['version']}, kernels {library.get('architecture')}"
            )


if __name__ == "__main__":
    main()
