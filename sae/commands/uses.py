"""`sae uses`: what textbooks say autoencoders are good for, each on real data beside honest alternatives."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import MissingDataError, SaeError
from . import frame

if TYPE_CHECKING:
    from ..uses.run import Finished


def uses(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Some of the list that `sae uses` prints, or all.", show_default=False, metavar="[USE]..."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Reduced sizes: less than ten seconds each.")] = False,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Download what no package ships: KDD Cup 99, an electrocardiogram, MNIST.")
    ] = False,
    seeds: Annotated[int | None, typer.Option(help="Repetitions. [default: 5, with --quick 2]")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all draws.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-uses, or the next free number]")] = None,
) -> None:
    """Measure what autoencoders are good for: each use on real data, beside what one would do without them.

    Without a name it lists them. At full size they take minutes; --quick takes seconds, and its numbers are not those
    to compare with.

    Every number is a mean over repetitions with other seeds, with the standard deviation; * is at the best mean. What
    has to be chosen is chosen on validation data, for all methods alike. Where the autoencoder loses, the verdict says
    so, and why.

    Writes NAME.png, NAME.csv (every value) and NAME.json, and one table of all uses (table.md, table.csv). Run again
    with the same --out, a use takes the place of its older row.

    Data of other packages come with `pip install "sae[data]"`. Nothing is downloaded unless --fetch says so, once;
    what is missing, a message says, and the rest goes on. Ctrl-C ends the repetition that runs; those done before are
    written.

    Examples:

    `sae uses`  the list

    `sae uses dimensions --quick`

    `sae uses all --seeds 10 --out sae-uses`
    """
    with frame.plain_errors():
        from threadpoolctl import threadpool_limits

        from .. import checks
        from ..uses import run as work
        from ..uses.summary import read_summary
        from ..uses.use import Setting

        if not names:
            frame.show([{"use": name, "what it is": work.title(name), "data": work.needs(name)} for name in work.USES])
            return
        for name in names:
            checks.one_of("USE", name, (*work.USES, "all"))
        checks.count("--seed", seed, 0)
        _said_of_data(quick, fetch)
        settings = {"quick": quick, "fetch": fetch, "seed": seed}
        settings["seeds"] = Setting(quick).seeds if seeds is None else checks.count("--seeds", seeds)
        folder, missing = out or frame.free_folder(Path("sae-uses")), []
        with frame.results_folder(folder), threadpool_limits(1):
            read_summary(folder)
            for name in work.USES if "all" in names else dict.fromkeys(names):
                try:
                    interrupted = _one(name, settings, folder)
                except MissingDataError as error:
                    missing.append(f"{name}: {error}")
                    continue
                if interrupted:
                    raise typer.Exit(frame.INTERRUPTED)
        if missing:
            raise MissingDataError(" ".join(missing))


def _said_of_data(quick: bool, fetch: bool) -> None:
    """Refuse what would be ignored; say that --quick looks at no other data."""
    folder = os.environ.get("SAE_DATA")
    if quick and fetch:
        raise SaeError("--quick looks at small data sets alone, --fetch downloads others; give one of them.")
    if folder and not Path(folder).is_dir():
        raise SaeError(f"SAE_DATA is {folder}, which is no folder; set it to the folder with the data, or unset it.")
    if folder and quick:
        frame.log().print("--quick: MNIST and ratings in SAE_DATA are not looked at.")


def _one(name: str, settings: dict[str, Any], folder: Path) -> bool:
    """Run, write and show a use; return whether Ctrl-C cut it short."""
    from ..progress import TrainingProgress
    from ..uses import run as work
    from ..uses.summary import write_summary
    from ..uses.use import Setting

    log = frame.log()
    log.print(f"{name}: {work.title(name)}")

    @contextmanager
    def watch(what: str, max_iter: int) -> Iterator[Any]:
        with TrainingProgress(log, max_iter, what) as progress:
            yield progress

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        finished = work.run(name, Setting(**settings, log=log.print, watch=watch))
    except KeyboardInterrupt:
        log.print(f"{name}: interrupted before the first repetition was done; nothing is written of it.")
        return True
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    paths = finished.write(folder) + write_summary(folder, finished.row(), work.USES)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _show(finished, paths)
    return finished.setting.interrupted


def _show(finished: Finished, paths: list[Path]) -> None:
    """Print the measures, and what they come to."""
    from ..progress import PatientConsole

    outcome = finished.outcome
    frame.show(finished.table())
    row = finished.row()
    facts = {"verdict": outcome.verdict, "data": outcome.data, "settings": row["settings"], "seeds": row["seeds"]}
    facts |= {"notes": " ".join(f"{note.rstrip('.')}." for note in outcome.notes)} if outcome.notes else {}
    PatientConsole(highlight=False).print(frame.facts_table("", facts))
    frame.written(paths)
