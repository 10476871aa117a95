"""`sae train` without data: the experiment on photographs."""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import TrainingError
from . import frame, going_on

if TYPE_CHECKING:
    from ..experiment import Experiment, Run


MAY_CHANGE = ("iterations", "ftol", "gtol", "max_pairs")


def run_experiment(
    experiment: Experiment,
    out: Path,
    threads: int,
    config: dict[str, Any],
    every: int | None = None,
    resume: bool = False,
) -> None:
    """Train on photographs, write `FILES` and say how it went; Ctrl-C writes the best so far."""
    from threadpoolctl import threadpool_limits

    from ..experiment import Run
    from ..progress import TrainingProgress
    from .config import write

    log, about = frame.log(), {"command": " ".join(["sae", *sys.argv[1:]]), "threads": threads}
    after = going_on.begin(out, resume)
    if after is not None:
        going_on.same(after.model.about.get("settings", {}), asdict(experiment), MAY_CHANGE, option)
    objective: Any = None
    normalizer: Any = None
    result: Any = None
    failure = None
    before = signal.signal(signal.SIGINT, frame.interrupt_once)
    try:
        with threadpool_limits(1, user_api="blas"), frame.announced_compilation(log, experiment.engine):
            whitened = ", whitened" if experiment.whitening == "fourier" else ""
            patches = f"{experiment.patches} patches of {experiment.side} x {experiment.side}"
            log.print(f"{len(experiment.images)} photographs{whitened}: {patches}")
            images = experiment.load_images()
            normalizer = experiment.normalizer(images)
            objective = experiment.objective(experiment.sample(images), threads)
            with TrainingProgress(log, experiment.iterations) as progress:
                words = {"about": {**experiment.about(), **about}}
                callback = going_on.checkpointing(out, objective.layout, every, config, progress, **words)
                try:
                    result = experiment.train(objective, callback, after)
                except TrainingError as error:
                    failure, result = error, error.result
    except KeyboardInterrupt:
        if result is None:
            log.print("Interrupted before the training began: nothing was written.")
            raise typer.Exit(frame.INTERRUPTED) from None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run = Run(experiment, objective, result, normalizer)
    write(out / "config.toml", config)
    run.write(out, about)
    summary(run, out)
    if failure:
        signal.signal(signal.SIGINT, before)
        raise failure
    if result.interrupted:
        raise typer.Exit(frame.INTERRUPTED)
    signal.signal(signal.SIGINT, before)


def option(field: str) -> str:
    """Return the option of a setting of the experiment."""
    return "--" + {"lam": "lambda", "low": "range", "high": "range"}.get(field, field.replace("_", "-"))


def summary(run: Run, out: Path) -> None:
    """Print what a run came to."""
    from rich.table import Table
    from rich.text import Text

    from ..experiment import FILES
    from ..progress import PatientConsole

    result, rho_hat = run.result, run.rho_hat
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("J", f"{result.cost:.6f}")
    for name, cost in run.costs.items():
        table.add_row(f"  {name}", f"{cost:.6f}")
    spread = f"mean {rho_hat.mean():.4g}, from {rho_hat.min():.4g} to {rho_hat.max():.4g}"
    table.add_row("rho_hat", f"{spread}; target rho {run.experiment.rho:g}")
    table.add_row("filters", run.oriented)
    table.add_row("iterations", f"{result.iterations} ({result.evaluations} evaluations)")
    table.add_row("engine", run.objective.explain_engine())
    table.add_row("stop", Text(result.message))
    if result.gradient_check is not None:
        table.add_row("gradient", Text(str(result.gradient_check)))
    table.add_row("written to", Text(f"{out}/"))
    table.add_row("", ", ".join(FILES))
    PatientConsole(highlight=False).print(table)
