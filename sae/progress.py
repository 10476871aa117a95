"""What a training shows while it runs: a live bar, one line that is written over in a notebook, or new lines.

The bar is for terminals; where output goes to a file or a pipe a line is written every few seconds.
"""

from __future__ import annotations

import math
import os
import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .optimise import RESERVED

SECONDS = 2.0  # between two lines where there is no terminal
REFRESH = 0.5  # seconds, in a notebook


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
    """Context manager and callback for the minimisers."""

    def __init__(self, console: Console, max_iter: int, stage: str = "training"):
        self.console, self.max_iter, self.stage = console, max_iter, stage
        self.start = time.monotonic()
        if console.is_jupyter:  # which calls itself a terminal, too
            self.show: Any = _Notebook()
        else:
            self.show = _Terminal(console, max_iter, stage) if console.is_terminal else _Lines(console, self.start)
        self.last: dict = {}

    def __enter__(self):
        self.show.begin()
        return self

    def __exit__(self, *exception):
        self.show.end(self.line(self.last) if self.last else "")

    def __call__(self, record: dict) -> None:
        """Show a record of the history."""
        self.last = record
        self.show(record, self.line)

    def line(self, record: dict) -> str:
        """Return the record as one line."""
        done = record["iteration"] / self.max_iter
        left = f", about {(time.monotonic() - self.start) * (1 / done - 1):.0f} s left" if done else ""
        facts = ", ".join(f"{name} {value}" for name, value in columns(record).items())
        where = "" if self.stage == "training" else f"{self.stage}, "
        return f"{where}iteration {record['iteration']}/{self.max_iter}: {facts}{left}"


class _Terminal:
    """A bar and a table that move."""

    def __init__(self, console, max_iter, stage):
        self.bar = Progress(
            TextColumn(stage),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("iterations, time left"),
            TimeRemainingColumn(compact=True),
            console=console,
            expand=True,
        )
        self.task = self.bar.add_task("", total=max_iter)
        self.live = Live(self.bar, console=console, refresh_per_second=8)

    def begin(self):
        self.live.start()

    def end(self, line):
        self.live.stop()

    def __call__(self, record, line):
        self.bar.update(self.task, completed=record["iteration"])
        table = Table(*(columns(record)), box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_row(*columns(record).values())
        self.live.update(Group(self.bar, table))


class _Lines:
    """A line every few seconds."""

    def __init__(self, console, start):
        self.console, self.said = console, start

    def begin(self):
        pass

    def end(self, line):
        pass

    def __call__(self, record, line):
        if time.monotonic() - self.said >= SECONDS:
            self.said = time.monotonic()
            self.console.print(line(record), highlight=False, soft_wrap=True)


class _Notebook:
    """One line below the cell, written over; rich's own needs ipywidgets, and shows nothing without them."""

    def __init__(self):
        self.output, self.said = None, -math.inf

    def begin(self):
        pass

    def end(self, line):
        if line:
            self.write(line)

    def __call__(self, record, line):
        if time.monotonic() - self.said >= REFRESH:
            self.said = time.monotonic()
            self.write(line(record))

    def write(self, text):
        from IPython.display import display  # it is there: this is a notebook

        content = {"text/plain": text}
        if self.output is None:
            self.output = display(content, raw=True, display_id=True)
        else:
            self.output.update(content, raw=True)
