"""A student's function in a process of its own, with a time limit: whatever it does, the answer is clear.

The process is a fresh interpreter with one BLAS thread. It may crash, hang, print or run out of memory; it is no
sandbox, though: the code runs with your rights and sees your files.
"""

from __future__ import annotations

import linecache
import os
import queue
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import checks
from ..errors import SaeError
from .answer import checked
from .process import Printed, Process

EXPECTED = {1: "(theta)", 6: "(theta, X, n_hidden, lam, rho, beta)"}
WAKE = 60.0  # seconds that an interpreter and NumPy may take to start


class StudentError(SaeError):
    """A student's function that gives no usable answer.

    Attributes
    ----------
    kind : {"raises", "timeout", "crash", "not found", "answer", "hole", "memory", "forbidden"}
        "not found": no such file or function, or one that takes other parameters; "answer": what it returns is not
        what is asked for. The last three are of submissions: not written yet, too much memory, something not allowed.
    line : int or None
        Of the student's file, where it is known.
    """

    def __init__(self, kind: str, message: str, line: int | None = None):
        super().__init__(message)
        self.kind, self.line = kind, line


@dataclass(frozen=True)
class Signature:
    """The parameters of a function that can be given by position: their names, the least and the most of them."""

    names: tuple[str, ...]
    least: int
    most: int | None

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many."""
        return self.least <= count and (self.most is None or count <= self.most)


class Student:
    """`student(theta, *arguments) -> (cost, grad)`, evaluated in another process; use it in a `with`.

    Arguments that the function modifies are modified in the caller's arrays too, as if it were called directly.

    Parameters
    ----------
    path : path
        The student's file. It is imported as the module `student`, in its own folder.
    name : str
        The function: of theta alone, or of theta, X, n_hidden, lam, rho, beta.
    timeout : float
        Seconds for the import, and for each call. After a time-out or a crash the next call starts a new process.
    total : float, optional
        Seconds for all of it together.
    memory : int, optional
        Bytes of address space that the process may have, where the system can limit it.
    finite : bool
        Whether NaN and infinity in an answer are a StudentError.

    Attributes
    ----------
    calls : int

    Raises
    ------
    StudentError
        From a call; `.kind` says of which sort.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        name: str = "cost_and_grad",
        *,
        timeout: float = 10.0,
        total: float | None = None,
        memory: int | None = 8 * 2**30,
        finite: bool = True,
    ):
        self.path, self.name = Path(path).absolute(), name
        self.timeout = checks.number("timeout", timeout, 0, open_ends=True)
        self.total = np.inf if total is None else checks.number("total", total, 0, open_ends=True)
        self.memory, self.finite, self.calls, self.spent = memory, finite, 0, 0.0
        self._printed = Printed()
        self._signature: Signature | None = None
        self._process: Process | None = None

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def close(self) -> None:
        """End the process; a later call starts another one."""
        if self._process is not None:
            self._process.end()
            self._process = None

    @property
    def printed(self) -> str:
        """What the student's code has printed so far, its beginning."""
        return self._printed.text()

    @property
    def signature(self) -> Signature:
        """The parameters of the function; the file is imported if need be."""
        if self._process is None:
            self._signature = self._start()
        assert self._signature is not None
        return self._signature

    def __call__(self, theta, *arguments) -> tuple[Any, np.ndarray]:
        """Return cost and gradient as the student's function gives them, checked."""
        theta = np.asarray(theta)
        given = [theta, *arguments]
        if not self.signature.takes(len(given)):
            raise StudentError("not found", self._other_parameters(len(given)))
        sent = [_sendable(argument) for argument in given]
        arrays = [array for _, array in sent if array is not None]
        self.calls += 1
        request = {"arguments": [head for head, _ in sent], "orphan": self.timeout + WAKE}
        header, answers = self._exchange(request, arrays, f"in call {self.calls}, with a theta of {theta.size} numbers")
        first = len(answers) - len(header["changed"])
        for k, array in zip(header["changed"], answers[first:], strict=True):
            arrays[k][...] = array
        try:
            return checked(header, answers[:first], theta, self.finite)
        except SaeError as error:
            raise StudentError("answer", f"{self.path.name}: {self.name} returned {error}") from None

    def _start(self) -> Signature:
        if not self.path.is_file():
            raise StudentError("not found", f"there is no file {self.path}; expected a student's Python file.")
        linecache.checkcache(str(self.path))
        self._process = Process(self.path.parent, self._printed)
        self._exchange(None, [], "at its start", WAKE)
        request = {
            "path": str(self.path),
            "name": self.name,
            "mark": self._printed.mark,
            "memory": self.memory,
            "orphan": self.timeout + WAKE,
            "stack": self._process.stack,
            "library": str(Path(__file__).parents[2]),
        }
        header, _ = self._exchange(request, [], "while it was imported")
        if header["kind"] == "missing":
            self.close()
            raise StudentError("not found", self._no_function(header))
        if header["keywords"]:
            self.close()
            found = f"{self.name} has parameters that must be given by name, {', '.join(header['keywords'])}"
            raise StudentError("not found", f"{self.path.name}: {found}; expected {self.name}{EXPECTED[6]}.")
        return Signature(tuple(header["names"]), header["least"], header["most"])

    def _exchange(self, request, arrays, where: str, limit: float | None = None) -> tuple[dict, list[np.ndarray]]:
        """Send a request and wait for the answer; every way to fail is a StudentError, and ends the process."""
        process, start = self._process, time.monotonic()
        assert process is not None
        seconds = limit or min(self.timeout, max(self.total - self.spent, 0))
        try:
            answer = process.ask(request, arrays, seconds)
            self.spent += 0 if limit else time.monotonic() - start
            if answer is None:
                raise self._crash(process, where)
            if answer[0]["kind"] == "raises":
                raise self._raised(answer[0], where)
        except queue.Empty:
            self.spent += seconds
            line = process.line(self.path)
            self.close()
            raise self._too_long(where, seconds, line) from None
        except StudentError as error:
            if error.kind == "crash" or not where.startswith("in call"):
                self.close()
            raise
        except BaseException:  # Ctrl-C too
            self.close()
            raise
        return answer

    def _at(self, line: int | None) -> str:
        source = linecache.getline(str(self.path), line).strip() if line else ""
        return f"{self.path.name}, line {line}, `{source}`" if line else self.path.name

    def _too_long(self, where: str, seconds: float, line: int | None) -> StudentError:
        limit = f"{seconds:g} s" if seconds == self.timeout else f"the {self.total:g} s for all calls"
        message = (
            f"{self._at(line)}: still {'there' if line else 'at work'} after {limit}, {where}. Does a loop never end? "
            "If it is only slow, take a smaller problem, or give it more time: timeout=, or --timeout."
        )
        return StudentError("timeout", message, line)

    def _crash(self, process: Process, where: str) -> StudentError:
        code = process.exit_code()
        line = None if code is None else process.line(self.path)
        how = f"exit code {code}: does it call os._exit?"
        if code is None:
            how = "it wrote into a stream that is not its own"
        elif code < 0:
            names = {sign.value: sign.name for sign in signal.Signals}
            how = f"signal {names.get(-code, -code)}: "
            how += "was the memory used up?" if -code == signal.SIGKILL else "compiled code that crashed?"
        return StudentError("crash", f"{self._at(line)}: its process ended {where}, without an answer ({how}).", line)

    def _raised(self, found: dict, where: str) -> StudentError:
        line = found.get("line")
        at = f"{self.path.name}, line {line}, `{found['source']}`" if line else self.path.name
        message = f"{at}: {found['type']}: {found['message']} ({where})."
        if found["type"] == "SystemExit":
            message = (
                f"{at}: it ends the program, sys.exit({found['message']}), {where}; expected a function that returns."
            )
        if found["type"] == "MemoryError" and self.memory is not None:
            message += f" It may take {self.memory / 2**30:g} GiB."
        return StudentError("raises", message, line)

    def _no_function(self, header: dict) -> str:
        others = ", ".join(header["functions"]) or "no function"
        what = "is not in it" if header["found"] == "NoneType" else f"is a {header['found']} in it, no function"
        return (
            f"{self.path.name}: {self.name} {what}; it has {others}. Name the function {self.name}{EXPECTED[6]}, "
            f"or say which: {self.path.name}:function."
        )

    def _other_parameters(self, count: int) -> str:
        signature = self.signature
        most = "any number of" if signature.most is None else signature.most
        takes = f"{signature.least} to {most}" if signature.least != signature.most else f"{most}"
        return (
            f"{self.path.name}: {self.name}({', '.join(signature.names)}) takes {takes} parameters by position; "
            f"expected {self.name}{EXPECTED.get(count, f' with {count}')}, in this order."
        )


def _sendable(argument) -> tuple[dict, np.ndarray | None]:
    """Return how an argument is described in JSON, and the array if it is one."""
    if argument is None or (isinstance(argument, bool | int | float | str) and not isinstance(argument, np.generic)):
        return {"array": False, "value": argument}, None
    array = np.asarray(argument)
    if array.dtype.kind not in "biufc":
        raise SaeError(f"an argument is {argument!r}; expected numbers, or an array of numbers.")
    scalar = not isinstance(argument, np.ndarray) and array.ndim == 0
    return {"array": True, "scalar": scalar, "writeable": array.flags.writeable}, array
