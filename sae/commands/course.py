"""`sae course`: exercises for students, and all that an instructor needs to set and grade them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .course_grading import grade
from .course_teaching import copy, export, figures, guide, mutants, samples
from .frame import log, plain_errors, show, written

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", context_settings={"help_option_names": ["-h", "--help"]}
)

Name = Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name, see `sae course list`, or your own folder.")]


@app.callback()
def course() -> None:
    """Exercises that grade themselves.

    Students: `sae course new softmax my-softmax` writes a folder with a handout, a file with holes and a notebook of
    the same; `sae course check my-softmax/student.py` says what is right so far, and where to look if not.

    Instructors: `sae course guide` begins with a plan of three weeks; `sae course grade` grades a class.
    """


@app.command(name="list")
def list_() -> None:
    """List the exercises: what each is about, minutes to read and to work, points, and the equations it rests on."""
    from ..course.library import every

    with plain_errors():
        rows = []
        for loaded in every():
            exercise = loaded.exercise
            tags = dict.fromkeys(tag for part in exercise.parts for tag in part.equations)
            rows.append(
                {
                    "exercise": loaded.name,
                    "title": exercise.title,
                    "read, work": f"{exercise.reading}, {exercise.work} min",
                    "points": str(sum(part.points for part in exercise.parts)),
                    "equations": " ".join(tags),
                }
            )
        show(rows)


@app.command()
def new(
    exercise: Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
) -> None:
    """Write a student's folder: handout.md, student.py with holes, student.ipynb with the same, pictures and data."""
    from ..course.folder import new as write
    from ..course.library import load

    with plain_errors():
        paths = write(load(exercise), folder)
        written(paths)
        typer.echo(f"Read {folder / 'handout.md'}, fill in {folder / 'student.py'} (or student.ipynb), then:")
        typer.echo(f"    sae course check {folder / 'student.py'}")


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(metavar="STUDENT.py", help="Your file, or your notebook.", show_default=False)
    ],
    exercise: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which exercise; else your file says it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the numbers in the questions.")] = 0,
    seconds: Annotated[float, typer.Option(help="Seconds of computing for each check.")] = 10.0,
) -> None:
    """Check your own work by the public checks, and say where to look if something is off.

    The exit code is 0 if all of them pass, 1 if not, 2 if your file can't be read.
    """
    with plain_errors():
        from .. import checks
        from ..course.examine import examine
        from ..course.folder import loaded_for
        from ..course.shown import show_result
        from ..course.submissions import as_python
        from ..isolation.submission import Limits

        checks.count("--seed", seed, 0)
        checks.number("--seconds", seconds, 0, open_ends=True)
        if not file.is_file():
            from ..errors import SaeError

            raise SaeError(f"there is no file {file}; expected your student.py or student.ipynb.")
        loaded = loaded_for(file, exercise)
        said: dict[str, str] = {}
        with as_python(file) as path, log().status("asking ...") as status:
            result = examine(
                loaded,
                path,
                seed=seed,
                hidden=False,
                limits=Limits(seconds=seconds),
                each=lambda test: status.update(f"{test.part}: {test.name}"),
                printed=lambda test, text: said.update({f"{test.part}: {test.name}": text}),
            )
        show_result(result)
        for test, text in said.items():
            if text:
                typer.echo(f"printed in {test}:\n{text.rstrip()}")
        if not result.perfect:
            raise typer.Exit(1)


for command in (grade, mutants, samples, export, copy, figures, guide):
    app.command()(command)
