"""Files are written whole or not at all: to a temporary name beside the target, then renamed.

A process that is killed meanwhile leaves the temporary file, .NAME.HOST-PID.ENDING; whoever writes the same file next,
on that host, takes it away.
"""

from __future__ import annotations

import glob
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import SaeError


@contextmanager
def writing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path with the same ending; renamed to `path` if the block succeeds, else removed.

    Raises
    ------
    SaeError
        If it can't be written: no such folder, no permission, a full disk. An older file stays as it was.
    """
    path = Path(path)
    mark = f".{path.stem}.{platform.node()}-"
    temporary = path.with_name(f"{mark}{os.getpid()}{path.suffix}")
    try:
        _take_away_stale(path, mark)
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise SaeError(
            f"can't write {path} ({error.strerror or error}); nothing was changed there. Make room, or choose another "
            "place."
        ) from error
    finally:
        with suppress(OSError):  # there may be no such folder at all
            temporary.unlink()


def _take_away_stale(path: Path, mark: str) -> None:
    """Remove temporary files of processes that are no more."""
    for left in path.parent.glob(f"{glob.escape(mark)}*{glob.escape(path.suffix)}"):
        pid = left.name[len(mark) : len(left.name) - len(path.suffix)]
        if pid.isdecimal() and not _alive(int(pid)):
            with suppress(OSError):
                left.unlink()


def _alive(pid: int) -> bool:
    if os.name != "posix":  # where signal 0 is no mere question
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def writable_folder(path: str | os.PathLike) -> Path:
    """Make the folder if need be and return it.

    Raises
    ------
    SaeError
        If a file can't be written there.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".writable.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SaeError(
            f"can't write into the folder {path} ({error.strerror}); choose another one, or change its permissions."
        ) from error
    return path
