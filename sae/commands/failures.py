"""`sae failures` and `sae diagnose-run`: what goes wrong, and which of it a run is like."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import frame

if TYPE_CHECKING:
    from ..failures.look import Look
    from ..failures.matching import Diagnosis, Match

CASE_FOUND = 1


def failures(
    cases: Annotated[
        list[str] | None, typer.Argument(help="Some of the cases. [default: all]", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One seed and half the patches.")] = False,
    seeds: Annotated[int, typer.Option(help="Runs of each case.")] = 5,
    seed: Annotated[int, typer.Option(help="The first seed; the others follow.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-failures, or the next free number]")] = None,
) -> None:
    """Show how the training of a sparse autoencoder goes wrong: train, measure and cure each case.

    Each case is trained on patches of photographs with one setting wrong, and again with the remedy. Writes a picture
    of each (filters, J, activations), an overview, and a table of what one sees, why, and what to try. Ctrl-C ends the
    case that runs; those done before are written.

    Examples:

    `sae failures --out failures`

    `sae failures lambda-too-large rho-too-small --seeds 1`
    """
    with frame.plain_errors():
        from threadpoolctl import threadpool_limits

        from .. import checks
        from ..failures import gallery
        from ..failures.cases import BY_NAME
        from ..studies.tables import read_table

        for name in cases or ():
            checks.one_of("CASES", name, BY_NAME)
        checks.count("--seed", seed, 0)
        checks.count("--seeds", seeds)
        wanted = tuple(cases or BY_NAME)
        log, folder = frame.log(), out or frame.free_folder(Path("sae-failures"))

        def done(exhibit) -> None:
            line = gallery.row(exhibit)
            log.print(f"{exhibit.case.name}: found {line['found']}, healthy with the remedy {line['healthy then']}")

        read_table(folder, gallery.HEAD, "failures")  # another table is not overwritten
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with frame.results_folder(folder), threadpool_limits(1, user_api="blas"):
            run = range(seed, seed + (1 if quick else seeds))
            try:
                paths, cut = gallery.write(folder, wanted, run, quick, done)
            except KeyboardInterrupt:
                log.print("interrupted before the first case was done; nothing is written.")
                raise typer.Exit(frame.INTERRUPTED) from None
            frame.written(paths)
        if cut:
            log.print("interrupted: the cases done before are written.")
            raise typer.Exit(frame.INTERRUPTED)


def diagnose_run(
    run: Annotated[Path, typer.Argument(help="Folder that `sae train` wrote.")],
) -> None:
    """Say what is wrong with a run, if it is like one of the cases of `sae failures`, and what to try.

    Measures the model, its curve and, if they are still there, its examples; shows what lies outside the band of
    healthy runs, which case fits, what speaks for it, and the remedy in options of `sae train`. Says what could not be
    looked at.

    Exit code 0: like no case; 1: like a case; 2: the run can't be read.

    Examples:

    `sae diagnose-run sae-run`
    """
    with frame.plain_errors():
        from threadpoolctl import threadpool_limits

        from ..failures.matching import diagnose
        from ..failures.of_run import look_at
        from ..report.run import read_run

        with threadpool_limits(1, user_api="blas"):
            folder = read_run(run)
            look, missing = look_at(folder)
            found = diagnose(look)
        _show(found, look, missing, folder.of_photographs)
        if found.matches:
            raise typer.Exit(CASE_FOUND)


def _show(found: Diagnosis, look: Look, missing: list[str], photographs: bool) -> None:
    """Print what was measured and what it is like."""
    from ..failures.gallery import filled
    from ..progress import PatientConsole

    frame.show(_table(found))
    console = PatientConsole(highlight=False, markup=False)
    for match in found.matches:
        also = "Also" if match is not found.matches[0] else "Like the case"
        console.print(f"\n{also}: {match.case.title} ({match.case.name})")
        _signs(console, match)
        console.print(f"  Why: {match.case.why}")
        console.print(f"  Try: {filled(match.case, look, photographs)}")
    if not found.matches:
        console.print("\n" + _healthy(found))
        if found.nearest is not None:
            console.print(
                f"Nearest: {found.nearest.case.title} ({found.nearest.case.name}); not all of its signs show:"
            )
            _signs(console, found.nearest)
    for match in found.open:
        console.print(f"\nCan't be told: {match.case.title} ({match.case.name})")
        _signs(console, match)
    frame.notes(f"not looked at: {why}" for why in missing)


def _signs(console, match: Match) -> None:
    for evidence in match.evidence:
        mark = {True: "for", False: "against", None: "unknown"}[evidence.shows]
        console.print(f"  {mark}: {evidence}")


def _healthy(found: Diagnosis) -> str:
    """Say that no case fits, and how sure that is."""
    outside = f"; outside the healthy band: {', '.join(found.outside)}" if found.outside else ""
    if found.open:
        return f"No case fits what could be looked at{outside}."
    return f"The run is like none of the cases{outside}." if outside else "The run looks healthy."


def _table(found: Diagnosis) -> list[dict[str, str]]:
    from ..failures.gallery import bounds
    from ..failures.matching import banded
    from ..failures.symptoms import SYMPTOMS

    rows = []
    for name, value in found.symptoms.items():
        symptom = SYMPTOMS[name]
        said = "" if value is None or not banded(name) else "OUTSIDE" if name in found.outside else "ok"
        shown = "not known" if value is None else symptom.shown(value)
        rows.append(
            {"symptom": name, "value": shown, "healthy": bounds(name)[8:] if banded(name) else "", "": said}
            | {"what it is": symptom.words}
        )
    return rows
