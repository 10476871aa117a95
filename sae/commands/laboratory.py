"""`sae laboratory`: experiments with derivatives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .frame import INTERRUPTED, free_folder, plain_errors, results_folder, show, written


def laboratory(
    seed: Annotated[int, typer.Option(help="Seed of patches, weights and directions.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, to see what it does in some seconds.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="One of them; may be given again. [default: all]", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-laboratory, or the next free number]")] = None,
) -> None:
    """Run the experiments with derivatives: a picture and a table of each.

    **steps**: the error of forward, central, extrapolated and complex differences against the step, with asymptotes.
    **taylor**: what is left after one and two terms, for right and wrong gradients. **entries**: where a wrong gradient
    is wrong, as pictures of W1. **missed**: the smallest mistake that each way of checking notices. **spectrum**: the
    eigenvalues of the Hessian at the start and at a minimum. **solvers**: L-BFGS beside Newton-CG and trust regions,
    which know products of the Hessian; **extremes**: the curvature where they end. **batches**: how far off on average
    the sparsity of a minibatch is, with its own rho_hat or a running mean. **training**: where Adam ends with either,
    which takes minutes. Ctrl-C keeps what is done.

    Examples:

    `sae laboratory --quick`

    `sae laboratory --only batches --out derivatives`
    """
    with plain_errors():
        from threadpoolctl import threadpool_limits

        from .. import checks
        from ..progress import PatientConsole
        from ..studies.laboratory import EXPERIMENTS, write_all

        checks.count("--seed", seed, 0)
        log = PatientConsole(stderr=True, highlight=False, markup=False)
        with (
            results_folder(out or free_folder(Path("sae-laboratory"))) as folder,
            threadpool_limits(1, user_api="blas"),
        ):
            try:
                paths, tables = write_all(folder, seed, quick, log.print, only or EXPERIMENTS)
            except KeyboardInterrupt:
                log.print(f"Interrupted: what was done is in {folder}/")
                raise typer.Exit(INTERRUPTED) from None
        for name, rows in tables.items():
            PatientConsole(highlight=False).print(name, markup=False)
            show(rows)
        written(paths)
