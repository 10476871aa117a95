"""`sae course grade`: a class graded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .frame import INTERRUPTED, log, plain_errors, show, written


def grade(
    submissions: Annotated[
        list[Path],
        typer.Argument(
            metavar="SUBMISSION...", help="Files, students' folders, or folders of these.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the grades.")] = Path("grades"),
    exercise: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which exercise; else the submissions say it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the numbers in the questions; the same gives the same score.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Submissions at a time. [default: as many as cores]", min=1)] = None,
    seconds: Annotated[float, typer.Option(help="Seconds of computing for each test.")] = 10.0,
) -> None:
    """Grade a class: every test in a process of its own, with limits on time, memory and output.

    Writes grades.csv, overview.html and feedback/NAME.md for each student. Started again after an interruption, it
    goes on where it stopped; a submission that was changed is graded anew.

    The submissions' code runs with your rights: see `sae course guide` for what that means, and use a container.

    Examples:

    `sae course grade submissions --out grades`

    `sae course grade ada.py bertha.ipynb --exercise softmax --seed 7`
    """
    with plain_errors():
        from .. import checks
        from ..course.counting import GradingProgress
        from ..course.grade import GradingInterrupted
        from ..course.grade import grade as work
        from ..course.handed_in import collect
        from ..course.library import load
        from ..isolation.submission import Limits

        checks.count("--seed", seed, 0)
        checks.number("--seconds", seconds, 0, open_ends=True)
        loaded = load(exercise) if exercise is not None else _said_by(collect(submissions, out))
        try:
            with GradingProgress(log()) as progress:
                limits = Limits(seconds=seconds)
                grades = work(loaded, submissions, out, seed=seed, jobs=jobs, limits=limits, progress=progress)
        except GradingInterrupted as interrupted:
            typer.secho(str(interrupted), fg="yellow", err=True)
            raise typer.Exit(INTERRUPTED) from None
        rows = []
        for graded in grades.graded:
            parts = graded.result.parts if graded.result else []
            lost = [f"{part.function} {part.score:g} of {part.points}" for part in parts if part.score < part.points]
            score = f"{graded.result.score:g} of {graded.result.points}" if graded.result else "not graded"
            rows.append({"submission": graded.name, "score": score, "points lost in": ", ".join(lost)})
        show(rows)
        written([*grades.written[:2], out / "feedback"])


def _said_by(submissions):
    """Return the exercise that the submissions name.

    Raises
    ------
    SaeError
        If they name several, or none.
    """
    from ..course.folder import exercise_of
    from ..course.library import load, names
    from ..errors import SaeError

    said = set()
    for submission in submissions:
        try:
            said |= {exercise_of(submission.path)} if submission.path is not None else set()
        except (SaeError, OSError):  # it names none
            continue
    if len(said) != 1:
        found = ", ".join(sorted(said)) or "none"
        raise SaeError(
            f"the submissions name these exercises: {found}; expected one. Say which: --exercise, one of "
            f"{', '.join(names())}, or the folder of your own."
        )
    return load(said.pop())
