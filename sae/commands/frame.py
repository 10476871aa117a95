"""What all commands share: one message for bad input, Ctrl-C, folders for results, tables."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from ..errors import SaeError
from ..interrupts import ctrl_c

INTERRUPTED = 130  # what shells use for Ctrl-C


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn bad input and trouble with files into one message and exit code 2."""
    try:
        with ctrl_c():
            yield
    except SaeError as error:
        message = str(error)
    except OSError as error:
        message = f"{error.filename or 'file'}: {error.strerror or error}"
    except MemoryError as error:
        message = f"not enough memory. {error} Use a smaller --hidden, --side, --patches or --max-pairs."
    else:
        return
    typer.secho(f"Error: {message}", fg="red", err=True)
    raise typer.Exit(2)


@contextmanager
def results_folder(path: Path) -> Iterator[Path]:
    """Make the folder and try to write there; take it away again if nothing was written."""
    from ..files import writable_folder

    new = not path.exists()
    try:
        yield writable_folder(path)
    finally:
        if new and path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def free_folder(path: Path) -> Path:
    """Return the path, or the path with the first number that is not taken."""
    free, k = path, 1
    while free.exists():
        k += 1
        free = path.with_name(f"{path.name}-{k}")
    return free


def interrupt_once(*_) -> None:
    """Let the first Ctrl-C end the training; a second one, in impatience, must not cost the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def announced_compilation(console, engine: str = "numba") -> Iterator[None]:
    """Say so when kernels are compiled, which takes a while."""
    if engine != "numba":
        yield
        return
    from ..kernels import on_compile

    with on_compile(lambda: console.print("Compiling the kernels, once: the next start takes them from the cache.")):
        yield


def log() -> Any:
    """Return the console for what is no result: standard error."""
    from ..progress import PatientConsole

    return PatientConsole(stderr=True, highlight=False, markup=False)


def notes(texts) -> None:
    """Say what else is worth knowing, a line each."""
    console = log()
    for text in texts:
        console.print(f"note: {text}", soft_wrap=True)


def facts_table(title: str, facts: dict[str, str]) -> Any:
    """Return a table of facts by name, below a title."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), title=Text(title), title_justify="left")
    for name, fact in facts.items():
        table.add_row(f"  {name}", Text(fact, overflow="fold"))
    return table


def show(rows: list[dict[str, str]]) -> None:
    """Print records as a table."""
    from rich.table import Table
    from rich.text import Text

    from ..progress import PatientConsole

    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(Text, row.values()))
    PatientConsole(highlight=False).print(table)


def save_figure(figure, path: Path) -> list[Path]:
    """Write a picture whole, as .png."""
    from ..files import writing

    with writing(path.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=130, metadata={"Software": None})
    return [path.with_suffix(".png")]


def written(paths: list[Path]) -> None:
    """Say what was written."""
    from ..progress import PatientConsole

    PatientConsole(highlight=False).print(f"written to {', '.join(map(str, paths))}", markup=False, soft_wrap=True)
