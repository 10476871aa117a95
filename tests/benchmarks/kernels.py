"""What each kernel saves: `python -m tests.benchmarks.kernels`.

Prints, for blocks of 1000 examples, the time of the NumPy line in a kernel's docstring over the time of the kernel.
Alternating runs in one process, medians; a ratio above 1 says that the kernel pays.
"""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_info, threadpool_limits

from sae import fused, kernels, terms
from sae.bench.evaluation import seconds

UNITS = (25, 64, 196, 784)


def docstring_line(kernel):
    """Return the NumPy in the docstring of a kernel as a function."""
    code = " ".join(kernel.py_func.__doc__.split()).removesuffix(".").strip("`")
    names = kernel.py_func.__code__.co_varnames[: kernel.py_func.__code__.co_argcount]
    space = {"np": np}
    exec(f"def line({', '.join(names)}): {code}", space)
    return space["line"]


def kernel_ratio(name: str, units: int, rng) -> float:
    """Return NumPy time over kernel time."""
    kernel = getattr(kernels, name)
    shape, order = (units, 1000), fused.orders(units, units)[0]
    z, b, a = rng.standard_normal(shape), rng.standard_normal(units), rng.uniform(0, 1, shape)
    z, a = np.asarray(z, order=order), np.asarray(a, order=order)
    arguments = {"layer": (z, b), "output": (z, b, a), "hidden_delta": (z, b, a)}[name.split("_", 1)[1]]
    pair = kernel, docstring_line(kernel)
    line, ours = (lambda f=f: f(z.copy(order="K"), *arguments[1:]) for f in reversed(pair))
    copy, t_line, t_ours = seconds([lambda: z.copy(order="K"), line, ours], 101)
    return (t_line - copy) / (t_ours - copy)


def main() -> None:
    """Print the tables."""
    rng = np.random.default_rng(0)
    console = Console()
    table = Table("kernel", *(f"{units} units" for units in UNITS), title="NumPy line over kernel, 1000 examples")
    names = ["sigmoid_layer", "sigmoid_hidden_delta", "sigmoid_output", "identity_output"]
    with threadpool_limits(1, user_api="blas"):
        for name in names:
            table.add_row(name, *(f"{kernel_ratio(name, units, rng):.1f}" for units in UNITS))
        cells = []
        for units in UNITS:
            rho_hat = rng.uniform(0, 1, units)
            pair = [lambda f=f, r=rho_hat: f(r, 0.01, 3.0) for f in (terms.kl_sparsity, kernels.kl_sparsity)]
            line, ours = seconds(pair, 101)
            cells.append(f"{line / ours:.1f}")
        table.add_row("kl_sparsity", *cells)
        console.print(table)
    for library in threadpool_info():
        if library["user_api"] == "blas":
            console.print(
                f"BLAS: {library['internal_api']} {library['version']}, kernels {library.get('architecture')}"
            )


if __name__ == "__main__":
    main()
