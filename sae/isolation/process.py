"""A worker process and what it prints: started, asked with a time limit, and ended without a trace."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import secrets
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .worker import receive, send

WORKER = Path(__file__).with_name("worker.py")
ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
PRINTED = 10_000  # bytes that are kept
BOTTOM = re.compile(rb'isolation.\w+\.py", line \d+ in <module>\n')  # of the stack that faulthandler writes
STACK = 2**16  # bytes of it that are looked at


class Printed:
    """What processes print, the first bytes of it; they write `mark` after all that belongs to an answer."""

    def __init__(self):
        self.mark = f"\0{secrets.token_hex(16)}\0"
        self._kept, self._pending, self._dropped, self.marks = b"", b"", False, 0
        self._news = threading.Condition()

    def read(self, stream) -> None:
        """Take all that a stream gives until it ends."""
        mark = self.mark.encode()
        while chunk := os.read(stream.fileno(), 65536):
            with self._news:
                self._pending += chunk
                *whole, self._pending = self._pending.split(mark)
                self.marks += len(whole)
                safe = len(self._pending) - (len(mark) - 1 if mark[:1] in self._pending[1 - len(mark) :] else 0)
                self._keep(b"".join(whole) + self._pending[: max(safe, 0)])
                self._pending = self._pending[max(safe, 0) :]
                self._news.notify_all()
        with self._news:
            self._keep(self._pending)
            self._pending = b""
            self._news.notify_all()

    def _keep(self, data: bytes) -> None:
        room = PRINTED - len(self._kept)
        self._kept, self._dropped = self._kept + data[:room], self._dropped or len(data) > room

    def wait(self, marks: int, seconds: float) -> None:
        """Wait until so many answers are complete, but not longer."""
        with self._news:
            self._news.wait_for(lambda: self.marks >= marks, seconds)

    def text(self) -> str:
        """Return what was kept."""
        with self._news:
            text = self._kept.decode("utf-8", "replace")
            return text + ("\n... (more was printed)" if self._dropped else "")


class Process:
    """A worker in a folder; `ask` sends it a message and waits for the answer.

    Parameters
    ----------
    folder : path
    printed : Printed
    worker : path
        The script that runs there.
    environment : dict, optional
        Ours unless given.
    language : tuple of callable
        How messages are sent and received.
    user : str, optional
        Who runs it; only root can choose.
    """

    def __init__(
        self, folder: Path, printed: Printed, worker=WORKER, environment=None, language=(send, receive), user=None
    ):
        environment = {
            **(os.environ if environment is None else environment),
            **{f"{name}_NUM_THREADS": "1" for name in ONE_THREAD},
            "PYTHONIOENCODING": "utf-8:backslashreplace",
            "MPLBACKEND": "agg",  # plt.show() waits for nobody
        }
        self._stack, self.stack = os.pipe() if hasattr(signal, "SIGUSR1") else (None, None)
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-B", "-u", str(worker)],  # not its own folder on the path; prints at once
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            pass_fds=() if self.stack is None else (self.stack,),
            start_new_session=True,  # Ctrl-C comes to us, and we end it with all that it started
            **_as(user),
        )
        if self.stack is not None:
            os.close(self.stack)
        self.printed, self.answers = printed, queue.SimpleQueue()
        self.send, receiver = language
        self.patience = 1.0  # seconds to wait for what was printed
        threads = [
            threading.Thread(target=_read_answers, args=(self.popen.stdout, self.answers, receiver), daemon=True),
            threading.Thread(target=printed.read, args=(self.popen.stderr,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        self.end = weakref.finalize(self, _end, self.popen, threads, self._stack)

    def ask(self, header: dict | None, arrays: list, seconds: float) -> tuple[dict, Any] | None:
        """Return the answer, None if the process ended; with no header only wait for one.

        Raises
        ------
        queue.Empty
            If there is none after so many seconds.
        """
        complete = self.printed.marks + 1
        if header is not None:
            with contextlib.suppress(OSError):  # it has ended: the answer is None
                self.send(self.popen.stdin, header, arrays)
        answer = self.answers.get(timeout=seconds)
        if answer is not None and header is not None:
            self.printed.wait(complete, self.patience)
        return answer

    def line(self, path: Path) -> int | None:
        """Return at which line of a file it is, or was when it crashed, if it can be known; a loop can't keep it."""
        if self._stack is None:
            return None
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGUSR1)
        stack = b""
        while not BOTTOM.search(stack) and len(stack) < STACK and select.select([self._stack], [], [], 0.5)[0]:
            if not (chunk := os.read(self._stack, 65536)):
                break
            stack += chunk
        name = re.escape(str(path).encode("ascii", "backslashreplace"))
        found = re.search(rb'File "' + name + rb'", line (\d+)', stack)
        return int(found[1]) if found else None

    def exit_code(self) -> int | None:
        """Return the exit code of a process that has just ended; None if it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(2.0)
        return self.popen.returncode


def _read_answers(stream, answers: queue.SimpleQueue, receiver: Callable) -> None:
    while True:
        try:
            answer = receiver(stream)
        except Exception:  # the student wrote into this stream: nothing it says can be trusted
            answer = None
        answers.put(answer)
        if answer is None:
            return


def _as(user: str | None) -> dict:
    """Return what subprocess needs to run something as a user, in no group but its own."""
    if user is None:
        return {}
    import pwd

    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _end(popen: subprocess.Popen, threads: list[threading.Thread], stack: int | None) -> None:
    """End the process and what it started."""
    popen.kill()
    with contextlib.suppress(AttributeError, OSError):  # there is no such group any more
        os.killpg(popen.pid, signal.SIGKILL)
    popen.wait()
    for thread in threads:
        thread.join(1.0)
    for stream, reader in ((popen.stdin, None), (popen.stdout, threads[0]), (popen.stderr, threads[1])):
        if stream is not None and (reader is None or not reader.is_alive()):
            with contextlib.suppress(OSError):
                stream.close()
    if stack is not None:
        os.close(stack)
