"""`sae report`: one page of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .frame import plain_errors

OUTPUT = "Output"


def report(
    run: Annotated[Path, typer.Argument(help="Folder that `sae train` wrote.")],
    out: Annotated[
        Path | None, typer.Option(help="Name of the page. [default: report.html in the folder]", rich_help_panel=OUTPUT)
    ] = None,
) -> None:
    """Write one HTML page of a run: filters, curves, activations, reconstructions, gradient check, configuration.

    The page holds its pictures and needs no network, script or other file. It checks the gradient anew, which takes
    some seconds, and says what is missing in the folder. A report that is there already is replaced.

    Examples:

    `sae report sae-run`

    `sae report sae-run --out first.html`
    """
    with plain_errors():
        from threadpoolctl import threadpool_limits

        from ..progress import PatientConsole
        from ..report import write_report

        with threadpool_limits(1, user_api="blas"):
            written = write_report(run, out)
        PatientConsole(highlight=False, markup=False).print(f"written to {written}", soft_wrap=True)
