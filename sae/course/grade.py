"""A class graded: many submissions side by side, kept one by one, so that an interrupted run goes on where it stopped.

In the folder of the grades are

    grades.csv       scores by part, and the misconceptions of each submission
    overview.html    the class: scores, misconceptions, feedback; one page that needs nothing else
    feedback/*.md    what each student may read
    results/*.json   what was found, and of which files: a result is made anew if any of them has changed
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import checks
from ..errors import SaeError
from ..files import writable_folder, writing
from ..isolation.submission import Limits, end_running
from .examine import Result, examine
from .handed_in import Submission, collect
from .library import Loaded
from .submissions import as_python

STACK = 2**26  # bytes, of a thread: a student's file may be nested deeply, and is parsed here
PATIENCE = 20.0  # seconds to wait for what runs after Ctrl-C
LARGEST = 2**26  # bytes of a notebook, its pictures included


class GradingInterrupted(KeyboardInterrupt):
    """Ctrl-C: what was done is kept; the message says how to go on."""


@dataclass(frozen=True)
class Graded:
    """What became of one submission.

    Attributes
    ----------
    submission : Submission
    result : Result or None
        None if it could not be graded.
    problem : str
        Why it could not: look at it yourself.
    kept : bool
        Whether the result is one of an earlier run.
    """

    submission: Submission
    result: Result | None
    problem: str = ""
    kept: bool = False

    @property
    def name(self) -> str:
        """The submission's name."""
        return self.submission.name


@dataclass(frozen=True)
class Grades:
    """A class: its submissions in order, and the files that were written."""

    exercise: str
    title: str
    seed: int
    graded: list[Graded]
    written: tuple[Path, ...] = ()


Progress = Callable[[Graded, int, int], None]


def grade(
    loaded: Loaded,
    submissions: Iterable[str | os.PathLike],
    out: str | os.PathLike,
    *,
    seed: int = 0,
    jobs: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Grades:
    """Grade submissions side by side, and write grades.csv, overview.html and feedback for each.

    Parameters
    ----------
    loaded : Loaded
        The exercise.
    submissions : iterable of path
        Python files, notebooks, students' folders, or folders of these; see `collect`.
    out : path
        The folder of the grades. What it has of the same files, seed and limits is not made anew.
    seed : int
        Of the numbers in the questions: the same seed gives the same scores.
    jobs : int, optional
        How many are graded at a time; as many as there are cores unless given.
    limits : Limits, optional
        Of each test's process.
    progress : callable, optional
        (graded, done, total): called as each is ready.

    Raises
    ------
    SaeError
        If there are no submissions, or the folder can't be written. A submission that can't be read costs only itself.
    GradingInterrupted
        After Ctrl-C.
    """
    from .marks import write_csv, write_feedback
    from .overview import write_overview

    checks.count("seed", seed, 0)
    jobs = _cores() if jobs is None else checks.count("jobs", jobs, 1)
    found = collect(submissions, out)
    folder = writable_folder(out)
    for name in ("results", "feedback"):
        writable_folder(folder / name)
    work = _Work(loaded, folder / "results", seed, limits or Limits(), progress or (lambda *ready: None), found)
    with warnings.catch_warnings():  # once for all threads: they share the filters
        work.run(jobs)
    grades = Grades(loaded.name, loaded.exercise.title, seed, [work.ready[one.file] for one in found])
    feedback = [write_feedback(grades, graded, folder / "feedback") for graded in grades.graded]
    written = write_csv(grades, loaded, folder / "grades.csv"), write_overview(grades, loaded, folder / "overview.html")
    return Grades(grades.exercise, grades.title, seed, grades.graded, (*written, *feedback))


class _Work:
    """Submissions waiting, and those that are ready."""

    def __init__(self, loaded, results, seed, limits, progress, found: list[Submission]):
        self.loaded, self.results, self.seed, self.limits = loaded, results, seed, limits
        self.progress, self.found = progress, found
        self.ready: dict[str, Graded] = {}
        self.done: queue.SimpleQueue[Graded | BaseException] = queue.SimpleQueue()
        self.waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
        self.stop = threading.Event()

    def run(self, jobs: int) -> None:
        """Grade all, `jobs` at a time; what an earlier run has kept is taken from there."""
        threads: list[threading.Thread] = []
        try:
            left = []
            for submission in self.found:
                kept = self._kept(submission)
                left += [submission] if kept is None else []
                if kept is not None:
                    self._is_ready(kept)
            for submission in left:
                self.waiting.put(submission)
            threads += _started([self._thread] * min(jobs, len(left)))
            while len(self.ready) < len(self.found):
                self._hear()
        except KeyboardInterrupt:
            self._end(threads)
            raise GradingInterrupted(self._interrupted()) from None
        except BaseException:
            self._end(threads)
            raise

    def _hear(self) -> None:
        """Take one that is ready, if there is one soon: Ctrl-C must be heard, too."""
        try:
            graded = self.done.get(timeout=0.2)
        except queue.Empty:
            return
        if isinstance(graded, BaseException):
            raise graded
        self._is_ready(graded)

    def _interrupted(self) -> str:
        done = sum(self._kept(one) is not None for one in self.found)
        return (
            f"interrupted: {done} of {len(self.found)} submissions are graded, and kept in {self.results}. "
            "The same command goes on with the others."
        )

    def _is_ready(self, graded: Graded) -> None:
        self.ready[graded.submission.file] = graded
        self.progress(graded, len(self.ready), len(self.found))

    def _end(self, threads: list[threading.Thread]) -> None:
        """Let the threads end: nothing that they find from now on is kept."""
        self.stop.set()
        end = time.monotonic() + PATIENCE
        while any(thread.is_alive() for thread in threads) and time.monotonic() < end:
            end_running()
            time.sleep(0.05)

    def _thread(self) -> None:
        while not self.stop.is_set():
            try:
                submission = self.waiting.get_nowait()
            except queue.Empty:
                return
            try:
                graded = self._graded(submission)
            except BaseException as error:  # a full disk: told by the thread that waits
                self.done.put(error)
                return
            if graded is not None:
                self.done.put(graded)

    def _graded(self, submission: Submission) -> Graded | None:
        """Return what became of a submission, None if that is not known because of Ctrl-C; keep it."""
        result, problem, key = None, submission.problem, None
        if submission.path is not None:
            try:
                key = self._key(submission.path)
                with as_python(submission.path) as path:
                    result = examine(self.loaded, path, seed=self.seed, limits=self.limits)
            except SaeError as error:
                problem = str(error).replace(str(submission.path), submission.path.name).rstrip(".")
            except OSError as error:
                problem = f"it can't be read ({error.strerror})"
            except Exception as error:  # of ours or not: it must not stop the others, nor be taken for a score
                problem = f"it can't be graded ({type(error).__name__}); look at it yourself"
        if self.stop.is_set():
            return None
        if result is not None:
            kept = {"name": submission.name, "made of": key, "result": result.as_dict()}
            with writing(self._place(submission)) as temporary:
                temporary.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        return Graded(submission, result, problem)

    def _kept(self, submission: Submission) -> Graded | None:
        """Return an earlier result of the same files, seed and limits."""
        if submission.path is None:
            return None
        try:
            kept = json.loads(self._place(submission).read_text("utf-8"))
            if kept["made of"] != self._key(submission.path):
                return None
            return Graded(submission, Result.from_dict(kept["result"]), kept=True)
        except (OSError, ValueError, KeyError, TypeError, SaeError):  # none, or an incomplete one
            return None

    def _place(self, submission: Submission) -> Path:
        return self.results / f"{submission.file}.json"

    def _key(self, path: Path) -> dict[str, Any]:
        """Return what a result depends on."""
        from .. import __version__

        if path.stat().st_size > LARGEST:
            raise SaeError(f"{path} is larger than {LARGEST // 2**20} MiB; expected a Python file or a notebook.")
        data = path.with_name("data.npz")
        return {
            "submission": _hash(path),
            "data": _hash(data) if data.is_file() else "",
            "exercise": self.loaded.hash,
            "sae": __version__,
            "seed": self.seed,
            "limits": dict(vars(self.limits)),
        }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _started(functions: list[Callable[[], None]]) -> list[threading.Thread]:
    """Start threads that don't keep the program alive, with room for deep recursion."""
    before = threading.stack_size(STACK)
    try:
        threads = [threading.Thread(target=function, daemon=True) for function in functions]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
    return threads
