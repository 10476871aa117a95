"""The commands of `sae course` for instructors."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .frame import log, plain_errors, show, written


class Grader(StrEnum):
    """Who grades."""

    gradescope = "gradescope"
    nbgrader = "nbgrader"
    otter = "otter"


Name = Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name, see `sae course list`, or your own folder.")]
NewFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)]
Seed = Annotated[int, typer.Option(help="Seed of the numbers in the questions; the same seed gives the same score.")]


def mutants(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name or folder; `all` for all that ship.")],
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the whole matrix there: CSV, picture.")] = None,
    every_one: Annotated[bool, typer.Option("--every", help="Print a line for each mutant, too.")] = False,
) -> None:
    """Prove the tests: ask them of every mutant of the solution, and of correct solutions written differently.

    Prints the kill matrix: for each test and equation, how many mutants of that equation it notices. The exit code is 1
    if a mutant survives that changes a result, if a hidden test notices nothing that the public checks don't, or if a
    correct solution fails a test.
    """
    with plain_errors():
        from .. import checks
        from ..course.library import load, names
        from ..course.matrix import kill_matrix
        from ..course.matrix_shown import proof, show_matrix, write_matrix
        from ..studies.tables import write_table

        checks.count("--seed", seed, 0)
        found, proofs = [], []
        for name in names() if exercise == "all" else [exercise]:
            loaded = load(name)
            with log().status(f"{loaded.name}: asking the mutants ..."):
                matrix = kill_matrix(loaded, seed)
            show_matrix(loaded, matrix, every_one)
            found += matrix.problems()
            proofs.append(proof(loaded, matrix))
            if out is not None:
                written(write_matrix(loaded, matrix, out))
        if out is not None:
            written(write_table(proofs, out / "proof"))
    if found:
        raise typer.Exit(1)


def samples(exercise: Name, folder: NewFolder) -> None:
    """Write five sample submissions to try the grading with: two right ones, three with different mistakes."""
    with plain_errors():
        from ..course.folder import samples as write
        from ..course.library import load

        said = write(load(exercise), folder)
        show([{"submission": str(folder / f"{name}.py"), "what it is": sentence} for name, sentence in said.items()])


def copy(exercise: Name, folder: NewFolder) -> None:
    """Copy an exercise's own files, to make another one of it; every command takes the folder for its name."""
    with plain_errors():
        from ..course.folder import copy as write
        from ..course.library import load

        written(write(load(exercise), folder))


def export(
    exercise: Name,
    folder: NewFolder,
    to: Annotated[Grader, typer.Option(help="Whose format.", show_default=False)],
    seed: Seed = 0,
) -> None:
    """Write an exercise for Gradescope (autograder.zip), nbgrader or Otter (a source notebook).

    `sae course guide` says what to do with it there, and what is weaker there than with `sae course grade`.
    """
    with plain_errors():
        from .. import checks
        from ..course.export import export as write
        from ..course.library import load

        checks.count("--seed", seed, 0)
        written(write(load(exercise), to.value, folder, seed=seed))


def figures(
    exercise: Name,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write them.")] = Path(),
) -> None:
    """Draw the pictures of an exercise's handout anew."""
    with plain_errors():
        from ..course.library import load
        from ..files import writable_folder
        from .frame import save_figure

        loaded = load(exercise)
        folder = writable_folder(out)
        drawn = loaded.exercise.figures() if loaded.exercise.figures else {}
        written([path for name, figure in drawn.items() for path in save_figure(figure, folder / name)])


def guide() -> None:
    """Show the instructor's guide: a plan of three weeks, grading, the kill matrix, other platforms, safety."""
    with plain_errors():
        from rich.markdown import Markdown

        from ..course.library import GUIDE
        from ..progress import PatientConsole

        text = GUIDE.read_text("utf-8")
        console = PatientConsole(highlight=False)
        if console.is_terminal:
            with console.pager(styles=True):
                console.print(Markdown(text))
        else:
            typer.echo(text)
