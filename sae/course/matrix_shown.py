"""The kill matrix at a terminal, in a CSV file and as a picture."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table
from rich.text import Text

from ..files import writable_folder, writing
from ..progress import PatientConsole
from .library import Loaded
from .matrix import Matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def show_matrix(loaded: Loaded, matrix: Matrix, every: bool = False) -> None:
    """Print tests by equations: how many of the mutants of an equation each test kills."""
    console = PatientConsole(highlight=False)
    console.print(Text(f"{loaded.name}: {len(matrix.mutants)} mutants that change a result", style="bold"))
    for part in loaded.exercise.parts:
        console.print(_table(matrix, part.function))
    if every:
        _every(console, matrix)
    right = sum(not failed for failed in matrix.wrong.values())
    console.print(
        f"killed {len(matrix.mutants) - len(matrix.survivors)} of {len(matrix.mutants)}; "
        f"{matrix.unchanged} more never run or change nothing. "
        f"{right} of {len(matrix.wrong)} correct solutions written differently get full marks."
    )
    for problem in matrix.problems():
        console.print(Text(problem, style="red"), soft_wrap=True)


def _table(matrix: Matrix, part: str) -> Table:
    columns = [k for k, mutant in enumerate(matrix.mutants) if mutant.function == part]
    tags = sorted({matrix.mutants[k].tag for k in columns}, key=lambda tag: (tag[0], int(tag[1:])))
    of_tag = {tag: [k for k in columns if matrix.mutants[k].tag == tag] for tag in tags}
    table = Table(title=part, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("test")
    for heading in (*(f"({tag})" for tag in tags), "all", "only beyond public"):
        table.add_column(heading, justify="right")
    for test, kills in zip(matrix.tests, matrix.kills, strict=True):
        if test.part == part:
            row = [f"{kills[of_tag[tag]].sum()}/{len(of_tag[tag])}" for tag in tags]
            beyond = str((kills & ~matrix.public).sum()) if test.hidden else ""
            name = f"{test.name}{' (hidden)' if test.hidden else ''}"
            table.add_row(Text(name), *row, f"{kills[columns].sum()}/{len(columns)}", beyond)
    return table


def _every(console: PatientConsole, matrix: Matrix) -> None:
    for mutant, kills in zip(matrix.mutants, matrix.kills.T, strict=True):
        marks = "".join("x" if killed else "." for killed in kills)
        console.print(Text(f"{marks}  {mutant.function} ({mutant.tag}) {mutant.sentence}"), soft_wrap=True)


def write_matrix(loaded: Loaded, matrix: Matrix, folder: Path) -> list[Path]:
    """Write the whole matrix as a table, a row for each mutant, and as a picture."""
    folder = writable_folder(folder)
    table, picture = folder / f"{loaded.name}-mutants.csv", folder / f"{loaded.name}-mutants.png"
    with writing(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["function", "equation", "mistake", *(f"{test.part}: {test.name}" for test in matrix.tests)])
        for mutant, kills in zip(matrix.mutants, matrix.kills.T, strict=True):
            rows.writerow([mutant.function, mutant.tag, mutant.sentence, *kills.astype(int)])
    with writing(picture) as temporary:
        plot_matrix(matrix).savefig(temporary, dpi=120, metadata={"Software": None})
    return [table, picture]


def proof(loaded: Loaded, matrix: Matrix) -> dict[str, str]:
    """Return what is proven of an exercise, in a row."""
    exercise, hidden = loaded.exercise, sum(test.hidden for test in matrix.tests)
    return {
        "course exercise": f"`{loaded.name}`",
        "about": exercise.title,
        "equations": " ".join(dict.fromkeys(tag for part in exercise.parts for tag in part.equations)),
        "parts": str(len(exercise.parts)),
        "read, work": f"{exercise.reading}, {exercise.work} min",
        "checks, hidden tests": f"{len(matrix.tests) - hidden}, {hidden}",
        "mutants": str(len(matrix.mutants)),
        "noticed by public checks": str(int(matrix.public.sum())),
        "by all": str(len(matrix.mutants) - len(matrix.survivors)),
        "other correct solutions that pass": f"{sum(not w for w in matrix.wrong.values())} of {len(matrix.wrong)}",
    }


def plot_matrix(matrix: Matrix) -> Figure:
    """Draw tests by mutants: dark where a test notices a mutant; mutants in the order of the equations."""
    from matplotlib.figure import Figure

    order = sorted(range(len(matrix.mutants)), key=lambda k: _position(matrix, k))
    figure = Figure(figsize=(11, 0.9 + 0.28 * len(matrix.tests)), layout="constrained")
    axes = figure.add_subplot()
    shade = matrix.kills[:, order] * np.where([test.hidden for test in matrix.tests], 1.0, 0.55)[:, None]
    axes.imshow(shade, aspect="auto", cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    axes.set_yticks(range(len(matrix.tests)), [f"{test.part}: {test.name}" for test in matrix.tests], fontsize=7)
    axes.set_xlabel(f"{len(order)} mutants, by function and equation")
    figure.suptitle("noticed by public checks: grey, by hidden tests: black", fontsize=9)
    return figure


def _position(matrix: Matrix, k: int) -> tuple[int, str, int, tuple[bool, ...]]:
    mutant = matrix.mutants[k]
    first = next((i for i, test in enumerate(matrix.tests) if test.part == mutant.function), len(matrix.tests))
    return first, mutant.tag[0], int(mutant.tag[1:]), tuple(~matrix.kills[:, k])
