"""The command line. Only what `--help` needs is imported here; the rest comes with the command."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from . import __version__
from .commands import (
    apply,
    bench,
    compare,
    conventions,
    course,
    explain,
    failures,
    gradcheck,
    laboratory,
    look,
    page,
    train,
    ufldl,
    uses,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"sae {__version__}")
        raise typer.Exit


@app.callback()
def sae(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """The sparse autoencoder, written out by hand end to end.

    `sae train` learns edge detectors from photographs, `sae train data.csv` the features of your own data; `sae train
    --help` explains each number that goes into it. `sae encode`, `decode`, `reconstruct`, `denoise` and `anomalies` use
    the model on data as they are in your files, `sae plot`, `export` and `info` show what it is.
    `sae ufldl` runs the exercises of the UFLDL tutorial and prints its numbers beside ours.
    `sae uses` measures what autoencoders are good for, and where something simpler wins.
    `sae compare` trains its relatives side by side; `sae conventions` converts the numbers of MATLAB, Keras and others.
    `sae gradcheck` finds what is wrong with a gradient, `sae explain` walks through all equations with numbers, `sae
    laboratory` makes experiments with derivatives.
    `sae diagnose-run` says what is wrong with a run and what to try, `sae failures` shows how trainings go wrong.
    `sae course` has exercises that grade themselves, for students and for those who set them.
    `sae info` says what it runs on, `sae bench` how fast that is here.
    """


for command in (train.train, apply.encode, apply.decode, apply.reconstruct, apply.denoise, apply.anomalies):
    app.command()(command)
for command in (look.plot, look.export, look.info, gradcheck.gradcheck, laboratory.laboratory, explain.explain):
    app.command()(command)
for command in (page.report, ufldl.ufldl, uses.uses, bench.bench, compare.compare, conventions.conventions):
    app.command()(command)
app.command()(failures.failures)
app.command()(failures.diagnose_run)
app.add_typer(course.app, name="course")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal can't show must not end a run
    app(prog_name="sae")  # for `python -m sae` too: its own name would break the shells' completion
