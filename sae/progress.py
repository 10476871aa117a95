"""What a training shows while it runs: a live bar at a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import os
import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .optimise import RESERVED

SECONDS = 2.0  # between two lines where there is no terminal


class PatientConsole(Console):
    """A console that falls silent when its reader has gone (`sae train | head`), instead of ending the program."""

    def on_broken_pipe(self) -> None:
        """Write no more, and give the closed stream somewhere to flush to."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def columns(record: dict) -> dict[str, str]:
    """Return what is shown of a record of the history, by heading."""
    addends = {name: f"{value:.5f}" for name, value in record.items() if name not in RESERVED}
    return {
        "J": f"{record['cost']:.5f}",
        **addends,
        **({"max |gradient|": f"{record['max_grad']:.1e}"} if "max_grad" in record else {}),  # minibatches have none
        "evaluations": str(record["evaluations"]),
    }


class TrainingProgress:
    """Context manager and callback for `minimize_lbfgs`."""

    def __init__(self, console: Console, max_iter: int):
        self.console, self.max_iter = console, max_iter
        self.bar = Progress(
            TextColumn("training"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("iterations, time left"),
            TimeRemainingColumn(compact=True),
            console=console,
            expand=True,
        )
        self.task = self.bar.add_task("", total=max_iter)
        self.live = Live(self.bar, console=console, refresh_per_second=8)
        self.start = self.said = time.monotonic()

    def __enter__(self):
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *exception):
        self.live.stop()

    def __call__(self, record: dict) -> None:
        """Show a record of the history."""
        if self.console.is_terminal:
            self.bar.update(self.task, completed=record["iteration"])
            table = Table(*(columns(record)), box=None, padding=(0, 2, 0, 0), header_style="dim")
            table.add_row(*columns(record).values())
            self.live.update(Group(self.bar, table))
        elif time.monotonic() - self.said >= SECONDS:
            self.said = time.monotonic()
            done = record["iteration"] / self.max_iter
            left = (self.said - self.start) * (1 / done - 1) if done else float("nan")
            facts = ", ".join(f"{name} {value}" for name, value in columns(record).items())
            line = f"iteration {record['iteration']}/{self.max_iter}: {facts}, about {left:.0f} s left"
            self.console.print(line, highlight=False, soft_wrap=True)
