"""What grading shows while it runs: a bar at a terminal, else a line every few seconds."""

from __future__ import annotations

import time

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..progress import SECONDS
from .grade import Graded


class GradingProgress:
    """Context manager and callback of `grade`.

    Parameters
    ----------
    console : rich Console
    """

    def __init__(self, console):
        self.console, self.said, self.bar, self.task = console, time.monotonic(), None, None
        if console.is_terminal:
            columns = TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("time left")
            self.bar = Progress(*columns, TimeRemainingColumn(compact=True), console=console)

    def __enter__(self):
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(self, *exception):
        if self.bar is not None:
            self.bar.stop()

    def __call__(self, graded: Graded, done: int, total: int) -> None:
        """Show that one more is ready; say it if it could not be graded."""
        if graded.problem:
            self.console.print(f"{graded.name} was not graded: {graded.problem}", markup=False, soft_wrap=True)
        if self.bar is not None:
            if self.task is None:
                self.task = self.bar.add_task("", total=total)
            self.bar.update(self.task, completed=done)
        elif time.monotonic() - self.said >= SECONDS or done == total:
            self.said = time.monotonic()
            self.console.print(f"{done} of {total} graded", markup=False)
