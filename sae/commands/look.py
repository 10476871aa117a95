"""The commands that show a model: plot, export, info."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import frame
from .apply import Model


def plot(
    model: Model,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-plot, or the next free number]")] = None,
    shape: Annotated[str | None, typer.Option(help="What a row is as a picture, 28x28.")] = None,
    data: Annotated[str | None, typer.Option(help="Examples to draw beside their reconstructions.")] = None,
) -> None:
    """Draw a model: its network, its filters if its inputs are pictures, its mean activations, its history.

    The history is read from the history.csv beside the model. Inputs are taken as pictures if --shape says so, or if
    their number is the square of 4 or more.

    Examples:

    `sae plot sae-run`

    `sae plot model.safetensors --shape 8x8 --data digits.npy --out pictures`
    """
    with frame.plain_errors():
        from .pictures import draw
        from .trained import open_model

        trained = open_model(model)
        figures = draw(trained, model, shape, data)
        with frame.results_folder(out or frame.free_folder(Path("sae-plot"))) as folder:
            frame.written([path for name, f in figures.items() for path in frame.save_figure(f, folder / name)])


def export(
    model: Model, out: Annotated[Path, typer.Option(help="The Python file to write.")] = Path("encoder.py")
) -> None:
    """Write the encoder as one Python file that needs NumPy alone: preprocessing, encoder, no decoder.

    Its `encode(X)` takes raw rows, as `sae encode` does, through the steps of --scale and the encoder to codes. It
    computes in float64 and gives what `sae encode` gives of float64 data, to 1e-12 of the largest code; of float32 data
    `sae encode` rounds to 1e-7. Of a model of photographs it takes patches, whitened as the photographs were.

    Example:

    `sae export sae-run --out encoder.py`
    """
    with frame.plain_errors():
        from ..errors import SaeError
        from .trained import open_model

        if out.suffix != ".py":
            raise SaeError(f"--out is {out}; expected the name of a Python file, like encoder.py.")
        trained = open_model(model)
        trained.estimator.export_encoder(out, trained.steps)
        frame.written([out])
        if trained.steps is not None:
            names = ", ".join(name for name, _ in trained.steps.steps)
            frame.notes([f"encode(X) there takes raw rows: the preprocessing ({names}) is in it"])


def info(
    model: Annotated[
        Path | None, typer.Argument(help="A model, a checkpoint, or the folder of a run.", show_default=False)
    ] = None,
) -> None:
    """Show what an evaluation runs on here, or, with MODEL, what that is and where it is from.

    Without MODEL: packages, BLAS, its kernels and threads, and which path is taken. Nothing of it is changed behind
    your back: BLAS keeps its threads unless you ask for threads of the blocks (`threads=` of an objective, `--threads`
    here), and then for the time of an evaluation only.

    Examples:

    `sae info`

    `sae info sae-run`
    """
    with frame.plain_errors():
        from ..progress import PatientConsole

        if model is not None:
            from .described import about

            PatientConsole(highlight=False).print(frame.facts_table(str(model), about(model)))
            return
        from rich.table import Table
        from rich.text import Text

        from ..info import facts

        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        said = ""
        for heading, text in facts():
            table.add_row(heading if heading != said else "", Text(text))
            said = heading
        PatientConsole(highlight=False).print(table)
