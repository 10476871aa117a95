"""`sae bench`: an evaluation in units of its five matrix products."""

from __future__ import annotations

import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .frame import INTERRUPTED, interrupt_once, plain_errors


class Precision(StrEnum):
    """What the cost is evaluated in."""

    float64 = "float64"
    float32 = "float32"


def bench(
    shapes: Annotated[
        str, typer.Option(help="A 64-25, B 784-196, C 192-400 with a linear decoder, D 784-1024 units.")
    ] = "ABCD",
    dtype: Annotated[Precision | None, typer.Option(help="One precision. [default: both]")] = None,
    threads: Annotated[str, typer.Option(help="Numbers of threads, with commas.")] = "1,2",
    every_kernel: Annotated[
        bool,
        typer.Option("--all-kernels/--own-kernels", help="Measure OpenBLAS's AVX2 kernels beside those it chooses."),
    ] = True,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Measure other libraries too.")] = True,
    examples: Annotated[int, typer.Option(help="At most so many examples; fewer hardly change a ratio.")] = 100_000,
    quick: Annotated[bool, typer.Option("--quick", help="At most 10,000 examples, and few rounds.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json and evaluation.png.")] = Path("sae-bench"),
) -> None:
    """Measure one evaluation of J and its gradient on this machine, in units of its five matrix products.

    Beside it the page in plain NumPy, a student's NumPy, PyTorch, torch.compile, JAX and scikit-learn, as far as they
    are installed (`pip install "sae[peers]"`). Only ratios mean something: all are called in turn in one process. The
    whole takes about an hour with all peers on two quiet cores, and needs 8 GB of memory; `--quick` takes some minutes.

    Examples:

    `sae bench --quick`

    `sae bench --shapes B --threads 1 --dtype float64 --own-kernels`

    `sae bench --examples 25000`
    """
    with plain_errors():
        from rich.table import Table

        from .. import checks
        from ..bench import evaluation
        from ..files import writable_folder
        from ..progress import PatientConsole

        counts = [checks.count("--threads", int(t) if t.strip().isdigit() else t) for t in threads.split(",")]
        checks.count("--examples", examples, 100)
        chosen = evaluation.chosen(shapes.upper(), 10_000 if quick else examples, 7 if quick else 100)
        sets = evaluation.kernel_sets()
        environments = sets if every_kernel else dict([*sets.items()][:1])
        writable_folder(out)
        log, records = PatientConsole(stderr=True, highlight=False, markup=False), []
        dtypes = [dtype.value] if dtype else ["float64", "float32"]
        total = len(environments) * len(dtypes) * len(counts) * len(chosen)
        signal.signal(signal.SIGINT, interrupt_once)
        try:
            for record in evaluation.run(chosen, dtypes, counts, environments, peers):
                records.append(record)
                ours = f"{record['ratios'][evaluation.OURS]:.2f} of its five products"
                where = f"{record['kernels']}, {record['dtype']}, {record['threads']} thread(s)"
                log.print(f"{len(records)}/{total}  {record['network']}: {ours} ({where})")
        except KeyboardInterrupt:
            log.print(f"Interrupted: {len(records)} of {total} were measured.")
        if not records:
            raise typer.Exit(INTERRUPTED)
        paths = evaluation.write(records, out)
        console = PatientConsole(highlight=False)
        for head, *rows in evaluation.as_tables(records):
            table = Table(*head, title="time over that of the five products alone")
            for row in rows:
                table.add_row(*row)
            console.print(table)
        for name, reason in sorted({item for record in records for item in record["missing"].items()}):
            console.print(f"-  {name}: {reason}", markup=False)
        console.print(f"written to {', '.join(str(path) for path in paths)}", markup=False, soft_wrap=True)
        if len(records) < total:
            raise typer.Exit(INTERRUPTED)
