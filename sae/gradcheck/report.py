"""The report that `sae gradcheck` prints, in rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..progress import PatientConsole
from .check import Check

LINES = 10  # of what the code printed
COLOURS = ("green", "red", "yellow")


def show(found: list[Check], written: Sequence[Path]) -> None:
    """Print what was found; where nothing could be checked, the error, to stderr."""
    console, log = PatientConsole(highlight=False), PatientConsole(highlight=False, stderr=True)
    if len(found) > 1:
        console.print(overview(found))
    elif found[0].report is None and found[0].diagnosis is None:
        if found[0].printed:
            log.print(*_printed(found[0]), sep="\n")
        log.print(Text(f"Error: {found[0].error}", "red"), soft_wrap=True)
    else:
        console.print(full(found[0]))
    for path in written:
        console.print(f"written: {path}", markup=False, soft_wrap=True)


def overview(found: list[Check]) -> Table:
    """Return a table with a line for each problem."""
    table = _table("problem", "verdict", "relative error", "worst block", "what it is")
    for check in found:
        name, error = max(check.report.blocks.items(), key=lambda item: item[1])
        verdict, whole = Text(check.verdict, COLOURS[check.code]), f"{check.report.relative_error:.1e}"
        table.add_row(check.target, verdict, whole, f"{name} {error:.1e}", check.about)
    return table


def full(check: Check) -> Group:
    """Return all that was found of one target."""
    return Group(*_parts(check))


def _parts(check: Check) -> Iterator[Any]:
    style = COLOURS[check.code]
    yield Panel(Text(check.verdict.upper(), f"bold {style}"), title=Text(check.target), border_style=style)
    if check.about:
        yield Text(check.about, "dim")
    if check.error is not None:
        yield Text(str(check.error), "red")
    if check.diagnosis is not None:
        yield _heading("diagnosis: against the cost and gradient that are right")
        yield Text(str(check.diagnosis))
    if check.report is not None:
        yield _heading(f"gradient check: against its own cost, numerically: {check.report.verdict}")
        yield _blocks(check.report)
        if check.report.worst and not check.report.ok:
            yield from (Text(), _worst(check.report))
        yield from (Text(), _evidence(check.report))
    if check.printed:
        yield from _printed(check)


def _printed(check: Check) -> Iterator[Any]:
    lines = check.printed.splitlines()
    yield _heading("what the code printed")
    yield Text("\n".join(lines[:LINES]))
    if len(lines) > LINES:
        yield Text(f"... {len(lines) - LINES} more lines; --json holds them", "dim")


def _heading(title: str) -> Padding:
    return Padding(Rule(Text(title, "bold"), align="left"), (1, 0, 0, 0))


def _table(*heads: str) -> Table:
    return Table(*heads, box=None, padding=(0, 2, 0, 0))


def _blocks(report) -> Table:
    table = _table("block", "relative error", "")
    undecided = getattr(report, "undecided", [])
    for name, error in {"theta": report.relative_error, **report.blocks}.items():
        word, style = ("wrong", "red") if name in report.wrong else ("ok", "green")
        word, style = ("can't tell", "yellow") if name in undecided else (word, style)
        table.add_row(name, f"{error:.2e}", Text(word, style))
    return table


def _worst(report) -> Table:
    table = _table("worst entries", "gradient", "numerical", "error")
    for entry in report.worst[:8]:
        table.add_row(Text(entry.name), f"{entry.grad: .8g}", f"{entry.numeric: .8g}", f"{entry.error:.1e}")
    return table


def _evidence(report) -> Table:
    table = _table("witness", "value", "what it says")
    for said in report.evidence:
        value = "" if said.value is None else f"{said.value:.3g}"
        table.add_row(Text(said.witness), value, Text(said.sentence))
    return table
