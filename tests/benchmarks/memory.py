"""Peak memory of one evaluation beside X and theta: `python -m tests.benchmarks.memory` (Linux).

Every row is a process of its own: a tiny evaluation loads the compiled code, X and theta are made, and what is resident
then counts as nothing. The objective is made and evaluated twice; before each of the three steps the kernel's
high-water mark of resident memory is put back, and after it read. The floor is 1.2 times the bytes of a2 (n_hidden x m
numbers), without it where a2 is computed again, and 64 MiB.

A memory map counts apart: its pages are the file's (RssFile), what the evaluation allocates is its own (RssAnon). The
kernel keeps no high-water mark of these two, so a thread looks every two milliseconds. The file is sparse (zeros but
for a few pages), so that it takes no disk. Writes figures/memory.json; `--quick` takes m / 50 and a temporary folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

import sae
from sae import fused
from sae.bench.evaluation import CLASSIC
from sae.bench.peers import student
from tests.benchmarks.growth import options, write_json

ROOT = Path(__file__).parents[2]
MIB = 2**20
FLOOR = 1.2, 64 * MIB  # of the bytes of a2, and beside them
WHO = {"numba": "sae", "numpy": "sae, engine='numpy'", "student": "student's NumPy"}
KINDS = ("VmHWM", "RssAnon", "RssFile")


class Job(NamedTuple):
    """One row: an autoencoder, how X lies, and who evaluates it."""

    n: int
    n_hidden: int
    m: int
    linear: bool = False
    dtype: str = "float64"
    threads: int = 1
    engine: str = "numba"  # or "numpy", or "student": all examples at once in NumPy
    recompute: bool = False
    x: str = ""  # dtype of X, that of the evaluation unless given
    order: str = "F"  # "F": each example in one piece
    mapped: bool = False  # X is a memory map of a file, examples as its rows

    @property
    def a2(self) -> int:
        """Bytes of the hidden activations of all examples."""
        return self.n_hidden * self.m * np.dtype(self.dtype).itemsize

    @property
    def X(self) -> int:
        """Bytes of X."""
        return self.n * self.m * np.dtype(self.x or self.dtype).itemsize

    def __str__(self):
        return f"{self.n}-{self.n_hidden}-{self.n}{' linear' if self.linear else ''}, m = {self.m}"


C, D = Job(192, 400, 100_000, linear=True), Job(784, 1024, 60_000)
MAPPED = Job(784, 64, 2**32 // (784 * 4), dtype="float32", mapped=True)


def jobs(quick: bool) -> list[Job]:
    """Return all rows."""
    every = [
        shape._replace(dtype=dtype, threads=threads)
        for shape in (C, D)
        for dtype in ("float64", "float32")
        for threads in (1, 2)
    ]
    every += [shape._replace(engine=engine) for shape in (C, D) for engine in ("numpy", "student")]
    every += [MAPPED, MAPPED._replace(recompute=True), MAPPED._replace(recompute=True, threads=2)]
    return [job._replace(m=job.m // 50) for job in every] if quick else every


# In the child ----------------------------------------------------------------------------------------------------


def resident() -> dict[str, int]:
    """Return what is resident now, in bytes: all of it, its high-water mark, and its two parts."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    sizes = {kind: 1024 * int(status[kind].split()[0]) for kind in ("VmRSS", *KINDS, "RssShmem")}
    sizes["RssFile"] += sizes.pop("RssShmem")  # where a file on tmpfs counts
    return sizes


@contextmanager
def watch(before: dict[str, int]) -> Iterator[dict[str, int]]:
    """Yield what holds, after the block, by how many bytes each kind rose above `before` at its highest."""
    rise, highest, done = {}, {}, threading.Event()

    def look():
        for kind, size in resident().items():
            highest[kind] = max(size, highest.get(kind, 0))

    def looking():
        while not done.wait(0.002):
            look()

    exact = put_back()
    look()
    thread = threading.Thread(target=looking)
    thread.start()
    try:
        yield rise
    finally:
        done.set()
        thread.join()
        look()
        highest["VmHWM"] = highest["VmHWM" if exact else "VmRSS"]
        rise.update({kind: highest[kind] - before[kind] for kind in KINDS})


def put_back() -> bool:
    """Put the high-water mark back to what is resident now; False where a container forbids it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
        return True
    return False


def make(job: Job):
    """Return X, (n, m), and theta."""
    rng = np.random.default_rng(0)
    theta = rng.uniform(-0.05, 0.05, sae.Layout.autoencoder(job.n, job.n_hidden).size)
    if job.mapped:
        return None, theta
    dtype = np.dtype(job.x or job.dtype).type
    return (rng.random((job.n, job.m), dtype) if job.order == "C" else rng.random((job.m, job.n), dtype).T), theta


@contextmanager
def sparse_file(job: Job) -> Iterator[Path]:
    """Yield a file of examples as rows, zero but for a thousand pages."""
    with tempfile.TemporaryDirectory() as folder:
        if shutil.disk_usage(folder).free < job.X:  # in case the file system knows no holes
            raise SystemExit(f"less than {job.X / MIB:.0f} MiB are free in {folder}; set TMPDIR to a folder elsewhere.")
        path = Path(folder) / "X"
        rng = np.random.default_rng(1)
        with path.open("wb") as file:
            file.truncate(job.X)
            for start in range(0, job.X - 4096, max(4096, job.X // 1000 // 4096 * 4096)):
                file.seek(start)
                file.write(rng.random(1024, np.float32).tobytes())
        yield path


def objective(job: Job, X):
    """Return what is called."""
    if job.engine == "student":
        return student(X, job.n_hidden, linear=job.linear, **CLASSIC, dtype=job.dtype)
    g = sae.identity if job.linear else sae.sigmoid
    given = {"engine": job.engine, "dtype": job.dtype, "threads": job.threads, "recompute": job.recompute}
    return sae.Autoencoder(X, job.n_hidden, **CLASSIC, g=g, **given)


def small(job: Job) -> Job:
    """Return a job whose layers lie in memory as those of this one do, and of which hardly anything stays."""
    n, n_hidden = min(job.n, 128 + (job.n > job.n_hidden)), min(job.n_hidden, 128)
    tiny = job._replace(n=n, n_hidden=n_hidden, m=600, mapped=False)
    assert fused.orders(n, n_hidden) == fused.orders(job.n, job.n_hidden)
    return tiny


def measure(job: Job, path: Path | None = None) -> dict[str, dict[str, int]]:
    """Return by how much each step raises what is resident."""
    X, theta = make(tiny := small(job))
    X.setflags(write=not job.mapped)  # kernels are compiled anew for arrays that can't be written to
    objective(tiny, X)(theta)
    X, theta = make(job)
    if path:
        X = np.memmap(path, job.x or job.dtype, "r", shape=(job.m, job.n)).T
    before = resident()
    before["VmHWM"] = before["VmRSS"]
    with watch(before) as construction:
        evaluate = objective(job, X)
    with watch(before) as first:
        evaluate(theta)
    with watch(before) as second:
        evaluate(theta)
    return {"construction": construction, "first": first, "second": second}


def child() -> None:
    """Do the job in the last argument, answer in JSON."""
    job = Job(**json.loads(sys.argv[-1]))
    if job.mapped:
        with sparse_file(job) as path:
            answer = measure(job, path)
    else:
        answer = measure(job)
    print(json.dumps(answer))


# All processes ---------------------------------------------------------------------------------------------------


def run(job: Job, before: str = "") -> dict[str, dict[str, int]]:
    """Return what `measure` returns in a process of its own, where the statements `before` go first."""
    code = f"import sae\n{before}\nfrom tests.benchmarks import memory\nmemory.child()"
    command = [sys.executable, "-c", code, json.dumps(job._asdict())]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)


def record(job: Job) -> dict:
    """Return the job and what it took, in MiB."""
    answer = {step: {kind: round(size / MIB, 1) for kind, size in rise.items()} for step, rise in run(job).items()}
    given = {"network": str(job), **job._asdict(), "X_MiB": round(job.X / MIB, 1), "a2_MiB": round(job.a2 / MIB, 1)}
    peak = max(rise["VmHWM"] for rise in answer.values())
    print(f"{job} {job.engine} {job.dtype} {job.threads}: {peak}, a2 {given['a2_MiB']} MiB", file=sys.stderr)
    return {**given, **answer, "peak_MiB": peak, "floor_MiB": round(floor(job) / MIB, 1)}


def floor(job: Job) -> float:
    """Return the bytes that an evaluation may take beside X and theta."""
    return (0 if job.recompute else FLOOR[0] * job.a2) + FLOOR[1]


def as_markdown(records: list[dict]) -> str:
    """Return two tables: X in memory, and X as a memory map."""
    lines = [
        "| X in memory | evaluated by | precision | threads | a2, MiB | peak beside X and theta, MiB | / a2 "
        "| beyond 1.2 a2, MiB (floor 64) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in (r for r in records if not r["mapped"]):
        ratio, beyond = r["peak_MiB"] / r["a2_MiB"], r["peak_MiB"] - FLOOR[0] * r["a2_MiB"]
        cells = [r["network"], WHO[r["engine"]], r["dtype"], r["threads"], f"{r['a2_MiB']:.0f}"]
        lines.append(_row(*cells, f"{r['peak_MiB']:.0f}", f"{ratio:.2f}", f"{beyond:.0f}"))
    lines += [
        "",
        "| X as a memory map | a2 | threads | own memory, MiB | resident pages of the file, MiB: while made "
        "| first evaluation | second | all together, at most (floor) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in (r for r in records if r["mapped"]):
        steps = [r[step] for step in ("construction", "first", "second")]
        cells = [
            f"{r['network']}, {r['dtype']}, {r['X_MiB']:.0f} MiB",
            "computed again" if r["recompute"] else f"kept, {r['a2_MiB']:.0f} MiB",
            r["threads"],
            f"{max(rise['RssAnon'] for rise in steps):.0f}",
        ]
        cells += [f"{rise['RssFile']:.0f}" for rise in steps]
        lines.append(_row(*cells, f"{r['peak_MiB']:.0f} ({r['floor_MiB']:.0f})"))
    return "\n".join(lines)


def _row(*cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def statements(records: list[dict]) -> list[str]:
    """Say for each of our rows that exceeds its floor by how much."""
    ours = [r for r in records if r["engine"] != "student"]
    above = [
        f"ABOVE ITS FLOOR: {r['network']}, {WHO[r['engine']]}, {r['dtype']}, threads {r['threads']}: "
        f"{r['peak_MiB']:.0f} MiB, floor {r['floor_MiB']:.0f} MiB"
        for r in ours
        if r["peak_MiB"] > r["floor_MiB"]
    ]
    return above or [f"all {len(ours)} rows of this package stay below their floors"]


def main() -> None:
    """Measure, write, print the tables and what exceeds its floor."""
    if not sys.platform.startswith("linux"):
        raise SystemExit("This benchmark needs Linux: it reads /proc/self/status.")
    quick, folder = options(__doc__)
    records = [record(job) for job in jobs(quick)]
    write_json(records, folder / "memory.json")
    print(as_markdown(records), "", *statements(records), sep="\n")


if __name__ == "__main__":
    main()
