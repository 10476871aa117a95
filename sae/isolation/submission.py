"""Questions to a submission: a new process for each test, with limits, watched, and told no right answer.

The file is copied into an empty folder and executed there. What it prints is thrown away unless it may be shown, what
it starts is ended, and what it answers comes as JSON and raw bytes that are checked here. With `hidden` an error's
message holds nothing that the code could have put there: the exception's type if it is one of Python's or NumPy's,
and a line of the file as it stood before.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import secrets
import shutil
import signal
import site
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SaeError
from . import parcel
from .process import Printed, Process
from .question import Call
from .saying import Saying
from .student import StudentError
from .traces import end_marked, new_folder

EXAMINEE = Path(__file__).with_name("examinee.py")
LIBRARY = Path(__file__).parents[2]
WAKE = 120.0  # seconds that an interpreter and NumPy may take to start on a busy machine
DATA = 2**26  # bytes of a data.npz that is copied
LARGEST = 2**20  # bytes of a student's file
BUDGET = 2**28  # bytes of all answers of a process
TOKEN = "SAE_SUBMISSION"
KEPT = re.compile(r"PATH|PYTHONPATH|PYTHONHOME|(DY)?LD_LIBRARY_PATH|LANG|LC_\w+|TZ|VIRTUAL_ENV|CONDA_PREFIX|COV_\w+")
RUNNING: set[Process] = set()


@dataclass(frozen=True)
class Limits:
    """What a process of a submission may take.

    Attributes
    ----------
    seconds : float
        Of computing, whatever else the machine does.
    wall : float
        Seconds by the clock, sleeping and waiting included.
    memory : int
        Bytes of address space.
    file_size : int
        Bytes of a file that it writes.
    user : str, optional
        Who runs it, where we are root: someone who may read neither the tests nor the results.
    """

    seconds: float = 10.0
    wall: float = 60.0
    memory: int = 2 * 2**30
    file_size: int = 2**24
    user: str | None = None

    def __post_init__(self):
        for name, value in vars(self).items():
            if name == "user":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise SaeError(f"the limit {name} is {value!r}; expected a number above 0.")


@dataclass(frozen=True)
class Answer:
    """What a call returned.

    Attributes
    ----------
    value : number, array, string, None, or list, tuple or dict of these
    changed : tuple of int
        Positions of the arguments that were changed in place.
    """

    value: Any
    changed: tuple[int, ...]


def answers(
    path: str | os.PathLike,
    calls: Sequence[Call],
    *,
    limits: Limits = Limits(),
    hidden: bool = True,
    on_print: Callable[[str], None] | None = None,
) -> list[Answer]:
    """Ask a submission; one new process answers all calls.

    Parameters
    ----------
    path : path
        The student's Python file; a data.npz beside it is there, too.
    calls : sequence of Call
    limits : Limits
        For all of them together.
    hidden : bool
        Whether error messages must be safe to show though the arguments are not: see above.
    on_print : callable, optional
        Is handed what was printed, its beginning; never with `hidden`.

    Raises
    ------
    StudentError
        If there is no usable answer to each call. Its `kind` is "hole" (not written yet), "raises", "timeout",
        "memory", "crash", "not found" (no file, no function, or one with other parameters), "answer" (of a type that
        can't be judged, or too large) or "forbidden".
    """
    with session(path, limits=limits, hidden=hidden, on_print=on_print) as ask:
        return [ask(call) for call in calls]


@contextlib.contextmanager
def session(
    path: str | os.PathLike,
    *,
    limits: Limits = Limits(),
    hidden: bool = True,
    on_print: Callable[[str], None] | None = None,
) -> Iterator[Callable[[Call], Answer]]:
    """Yield a function that asks a submission one call after the other, in one process; see `answers`."""
    if os.name != "posix":
        raise SaeError("submissions are run on Linux and macOS; found another system. Use WSL, or a container.")
    source, say = _read(Path(path), hidden)
    with new_folder() as folder:
        (folder / "student.py").write_bytes(source)
        data = Path(path).with_name("data.npz")
        if data.is_file() and not data.is_symlink() and data.stat().st_size <= DATA:
            shutil.copyfile(data, folder / "data.npz")
        if limits.user is not None:
            shutil.chown(folder, limits.user)
        run = _Run(folder, say, limits, Printed(), _configuration(source))
        try:
            run.start(told=not hidden)
            yield run.ask
        finally:
            run.end(told=not hidden)
            if on_print is not None and not hidden:
                on_print(run.printed.text())


def end_running() -> None:
    """End the processes of all submissions that run; whoever waits for them gets a SaeError."""
    for process in tuple(RUNNING):
        with contextlib.suppress(OSError):
            os.killpg(process.popen.pid, signal.SIGKILL)


class _Run:
    """A process of a submission."""

    def __init__(self, folder: Path, say: Saying, limits: Limits, printed: Printed, configuration: str):
        self.path, self.say, self.limits = folder / "student.py", say, limits
        self.token, self.configuration = secrets.token_hex(16), configuration
        self.waited, self.marks = 0.0, 0
        environment = {
            **{name: value for name, value in os.environ.items() if KEPT.fullmatch(name)},
            "HOME": str(folder),
            "PYTHONUSERBASE": site.getuserbase(),  # it would be looked for in HOME
            "TMPDIR": str(folder),
            "MPLCONFIGDIR": configuration,
            TOKEN: self.token,
        }
        self.printed, budget = printed, _Budget(BUDGET)
        language = (parcel.send, budget.receive)
        self.process = Process(folder, printed, EXAMINEE, environment, language, limits.user)
        RUNNING.add(self.process)
        self.process.patience = 0.0  # what is printed may come later than an answer

    def start(self, told: bool) -> None:
        """Have the file executed."""
        if (awake := self.process.ask(None, [], WAKE)) is None or awake[0].get("kind") != "awake":
            raise SaeError("a process with NumPy did not start; is the memory used up, or the limit of processes?")
        settings = {
            **vars(self.limits),
            "path": str(self.path),
            "told": told,
            "mark": self.printed.mark,
            "stack": self.process.stack,
            "library": str(LIBRARY),
            "configuration": self.configuration,
        }
        kind, header, _ = self._answer(settings, [], WAKE)
        if kind == "syntax":  # said by Python before any line of the student's ran
            raise self.say.syntax(header)
        self._answer(None, [])

    def ask(self, call: Call) -> Answer:
        """Return the answer to a call."""
        packer = parcel.Packer()
        tree = ["list", [_packed(packer, argument) for argument in call.arguments]]
        kind, header, body = self._answer({"function": call.function, "arguments": tree}, packer.chunks)
        if kind == "not found":
            raise self.say.no_function(call.function)
        if kind == "parameters":
            raise self.say.parameters(call.function, len(call.arguments))
        if kind == "unsendable":
            raise self.say.unsendable(call.function, header)
        try:
            value = parcel.Unpacker(body)(header["value"])
            changed = tuple(k for k in range(len(call.arguments)) if k in header["changed"])
        except Exception:  # it was not sent by us
            raise self.say.crash(None, None) from None
        return Answer(value, changed)

    def _answer(self, request, chunks, seconds: float | None = None) -> tuple[str, dict, bytes]:
        """Return the kind of an answer and its parts; every way to fail is a StudentError."""
        begin = time.monotonic()
        try:
            answer = self.process.ask(request, chunks, seconds or max(self.limits.wall - self.waited, 0.0))
        except queue.Empty:
            raise self.say.timeout(self.process.line(self.path), f"{self.limits.wall:g} s by the clock") from None
        self.waited += 0 if seconds else time.monotonic() - begin
        if answer is None:
            code = self.process.exit_code()
            line = None if code is None else self.process.line(self.path)
            if code in (-signal.SIGPROF, -signal.SIGXCPU):
                raise self.say.timeout(line, f"{self.limits.seconds:g} s of computing")
            raise self.say.crash(code, line)
        self.marks += 1
        header, body = answer
        kind = header.get("kind")
        if kind in ("raises", "memory", "forbidden"):
            raise self.say.raised(header, self.limits.memory)
        return str(kind), header, body

    def end(self, told: bool) -> None:
        """End the process and whatever it started, also what left its group."""
        RUNNING.discard(self.process)
        self.printed.wait(self.marks, 1.0 if told else 0.0)
        end_marked(f"{TOKEN}={self.token}".encode())
        self.process.end()


class _Budget:
    """Receives messages until they are too many bytes together."""

    def __init__(self, size: int):
        self.left = size

    def receive(self, stream) -> tuple[dict, bytes] | None:
        """Receive one; raise ValueError if the budget is spent."""
        answer = parcel.receive(stream)
        if answer is not None:
            self.left -= len(answer[1]) + 1000
            if self.left < 0:
                raise ValueError("too many answers")
        return answer


def _packed(packer: parcel.Packer, argument: Any) -> list:
    """Return the tree of an argument; what is made in the other process travels by its description."""
    if hasattr(argument, "source") and hasattr(argument, "name"):
        return ["given", argument.name, argument.source]
    if hasattr(argument, "seed"):
        return ["rng", argument.seed]
    if isinstance(argument, list | tuple):
        return [type(argument).__name__, [_packed(packer, item) for item in argument]]
    try:
        return packer(argument)
    except parcel.UnsendableError as error:
        raise SaeError(f"an argument of a call is {argument!r}; expected {parcel.REASONS[error.args[0]]}.") from None


def _read(path: Path, hidden: bool) -> tuple[bytes, Saying]:
    """Return the text of a student's file, and who speaks of it."""
    try:
        size = path.stat().st_size if path.is_file() else None
        source = path.read_bytes() if size is not None and size <= LARGEST else b""
    except OSError as error:
        message = f"{path.name} can't be read ({error.strerror}); expected a Python file."
        raise StudentError("not found", message) from None
    if size is None:
        raise StudentError("not found", f"there is no file {path.name}; expected a student's Python file.")
    if size > LARGEST:
        message = f"{path.name} has {size} bytes; expected a Python file of {LARGEST} at most."
        raise StudentError("not found", message)
    return source, Saying(path.name, source, hidden)


def _configuration(source: bytes) -> str:
    """Return matplotlib's folder, its list of fonts in it, if a submission may need it: to make that takes seconds."""
    if b"matplotlib" not in source:
        return os.devnull
    import matplotlib.font_manager

    return matplotlib.get_cachedir()
