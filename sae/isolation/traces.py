"""What a submission may leave behind, a folder and processes, and how it is taken away."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def new_folder() -> Iterator[Path]:
    """Yield a new folder; nothing that was made of it can hinder its removal."""
    folder = Path(tempfile.mkdtemp(prefix="sae-")).resolve()
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError, RecursionError):
            for place, folders, _ in os.walk(folder):
                for name in folders:
                    if not (below := Path(place, name)).is_symlink():
                        below.chmod(0o700)
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)


def end_marked(mark: bytes) -> None:
    """Kill processes whose environment has the mark, until there are none."""
    for _ in range(20):
        found = [pid for pid in _pids() if mark in _environment(pid)]
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return
        time.sleep(0.02)


def _pids() -> list[int]:
    with contextlib.suppress(OSError):  # only Linux has it
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]  # noqa: PTH208
    return []


def _environment(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""
