"""`sae ufldl`: the tutorial's exercises, our number beside the published one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SaeError
from . import frame

if TYPE_CHECKING:
    from ..ufldl.run import Finished


class Precision(StrEnum):
    """What the cost is evaluated in."""

    float64 = "float64"
    float32 = "float32"


def ufldl(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(help="Some of the list that `sae ufldl` prints, or all.", show_default=False),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Reduced sizes: less than a minute each.")] = False,
    data: Annotated[
        str | None,
        typer.Option(
            help="Folder of MNIST's four IDX files, or digits for scikit-learn's 8x8 ones. [default: SAE_DATA]"
        ),
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Download MNIST (OpenML, kept by scikit-learn).")] = False,
    seed: Annotated[int, typer.Option(help="Seed of all draws.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads that share the examples; the result is the same.", min=1)] = 1,
    dtype: Annotated[
        Precision, typer.Option(help="float32 takes less time; the last iterations are made in float64 anyway.")
    ] = Precision.float64,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-ufldl, or the next free number]")] = None,
) -> None:
    """Run exercises of the UFLDL tutorial with its own hyperparameters; print our number beside the published one.

    Without an exercise it lists them. At full size they take minutes to hours; --quick takes seconds, and its numbers
    are not those to compare with.

    Writes pictures, a table (table.md, table.csv, result.json) and the model into a folder for each exercise, and
    above them one table of all. Run again with the same --out, an exercise takes the place of its older rows.

    The time is given in evaluations of the exercise's cost in plain NumPy, measured in the same run, so that machines
    compare. Ctrl-C ends the training that runs, evaluates the best so far and says so in the table.

    Exercises on digits need MNIST: --data, or SAE_DATA, names the folder of its four IDX files; --fetch downloads it;
    --data digits takes scikit-learn's smaller digits instead. The others use photographs that scikit-image ships.

    Examples:

    `sae ufldl`  the list

    `sae ufldl softmax`

    `sae ufldl stacked --quick --data digits`

    `sae ufldl all --threads 2 --out sae-ufldl`
    """
    with frame.plain_errors():
        from threadpoolctl import threadpool_limits

        from .. import checks
        from ..ufldl import run as work
        from ..ufldl.exercise import Setting
        from ..ufldl.summary import read_summary

        known = (*work.EXERCISES, *work.BEYOND)
        if not exercises:
            frame.show([{"exercise": name, "what it is": work.title(name), "data": work.needs(name)} for name in known])
            return
        for name in exercises:
            checks.one_of("EXERCISE", name, (*known, "all"))
        names = known if "all" in exercises else tuple(dict.fromkeys(exercises))
        if fetch and data is not None:
            raise SaeError(f"--fetch downloads MNIST, and --data says {data}; give one of them.")
        checks.count("--seed", seed, 0)
        folder = out or frame.free_folder(Path("sae-ufldl"))
        settings = {"quick": quick, "data": data, "fetch": fetch, "seed": seed, "threads": threads}
        settings |= {"dtype": dtype.value, "shared": {}}
        with frame.results_folder(folder), threadpool_limits(1, user_api="blas"):
            read_summary(folder)
            work.check_files(names, Setting(**settings))
            tables = []
            for name in names:
                finished = _one(name, settings, folder)
                tables += finished.table()
                if finished.setting.interrupted:
                    raise typer.Exit(frame.INTERRUPTED)
            if len(names) > 1:
                _show(tables, quick)


def _one(name: str, settings: dict[str, Any], folder: Path) -> Finished:
    """Run, write and show an exercise."""
    from ..progress import PatientConsole, TrainingProgress
    from ..ufldl import run as work
    from ..ufldl.exercise import Setting
    from ..ufldl.summary import write_summary

    log = frame.log()
    log.print(f"{name}: {work.title(name)}")

    @contextmanager
    def watch(what: str, max_iter: int) -> Iterator[Any]:
        with TrainingProgress(log, max_iter) as progress:
            yield progress

    signal.signal(signal.SIGINT, signal.default_int_handler)
    finished = work.run(name, Setting(**settings, log=log.print, watch=watch))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with frame.results_folder(folder / name) as place:
        paths = finished.write(place, ["sae", *sys.argv[1:]])
    paths += write_summary(folder, finished.table(), work.EXERCISES + work.BEYOND)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _show(finished.table(), finished.setting.quick, without="exercise")
    PatientConsole(highlight=False).print(frame.facts_table("", _facts(finished)))
    frame.written(paths)
    return finished


def _show(table: list[dict[str, str]], quick: bool, without: str = "") -> None:
    """Print our numbers and the published ones; say so where they are not to be compared."""
    ours = "ours, quick" if quick else "ours"
    heads = {"exercise": "exercise", "measure": "measure", "ours": ours, "published": "published"}
    frame.show([{head: row[key] for key, head in heads.items() if key != without} for row in table])


def _facts(finished: Finished) -> dict[str, str]:
    """Return what else is worth knowing of a run."""
    first, outcome = finished.table()[0], finished.outcome
    return {
        "data": "; ".join(outcome.notes),
        "SHA-256": first["data"] + "...",
        "settings": first["settings"],
        "seed": first["seed"],
        "time": f"{finished.setting.work:.1f} s, that of {finished.evaluations:.0f} evaluations of its cost in NumPy",
    }
