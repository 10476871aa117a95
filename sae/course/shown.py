"""What a result looks like at a terminal."""

from __future__ import annotations

from rich.text import Text

from ..progress import PatientConsole
from .examine import PartResult, Result

MARK = {True: ("ok", "green"), False: ("no", "red")}


def show_result(result: Result, width: int | None = None) -> None:
    """Print each part with its tests, and what to look at."""
    console = PatientConsole(highlight=False, width=width)
    for part in result.parts:
        _show_part(console, part)
    passed = sum(outcome.passed for part in result.parts for outcome in part.outcomes)
    total = sum(len(part.outcomes) for part in result.parts)
    console.print(Text(f"{passed} of {total} {'tests' if result.hidden else 'public checks'} passed", style="bold"))
    if result.hidden:
        console.print(Text(f"score: {result.score:g} of {result.points}"))
    elif passed == total:
        console.print(Text("Hidden tests ask more: other sizes and numbers. Is every line what its equation says?"))


def _show_part(console: PatientConsole, part: PartResult) -> None:
    console.print(Text(f"{part.function}", style="bold").append(f"  {part.doing}, {part.points} points", style="dim"))
    for outcome in part.outcomes:
        word, colour = MARK[outcome.passed]
        line = Text("  ").append(word, style=colour).append(f"  {outcome.name}")
        if outcome.hidden:
            line.append("  (hidden)", style="dim")
        console.print(line)
        if outcome.sentence:
            console.print(Text(f"      {outcome.sentence}"), soft_wrap=True)
    for remark in part.feedback:
        console.print(Text("  -> ", style="yellow").append(str(remark)), soft_wrap=True)
