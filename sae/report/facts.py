"""The sections on how a run was made: its settings, where it is from, and how to make it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import SaeError
from ..experiment import Experiment
from ..model_file import Model
from .markup import code, more, paragraph, table
from .material import experiment_of
from .run import RunFolder

NO_MODEL = "Not known: model.safetensors, which says it, is missing or can't be read."
SAME = "The same versions on the same kind of machine give the same theta, digit by digit."
INTERRUPTED = "This run was interrupted; the same again, left alone, goes further."
LONGEST = 400  # characters of a value


def configuration(run: RunFolder) -> list[str]:
    """Return the options in force beside their defaults, then all else that the model was made with."""
    parts = []
    if run.config is not None:
        defaults = _defaults()
        rows = [(f"--{key}", _value(x), _default(key, defaults)) for key, x in run.config.items()]
        parts.append(table("config.toml: the options in force", ("option", "value", "default"), rows, "options"))
    if run.model is None:
        return [*parts, paragraph(NO_MODEL, "missing")]
    settings = run.model.about.get("settings")
    own = list(_flat(settings)) if isinstance(settings, dict) else []
    own += [*_flat(run.model.hyperparameters), *_steps(run.model)]
    if own:
        said = "Settings, hyperparameters and preprocessing that the model tells"
        parts.append(more(said, table(said, ("name", "value"), own)))
    return parts or [paragraph("The model says nothing of its settings.", "missing")]


def _defaults() -> dict[str, Any]:
    """Return the defaults of `sae train` by option."""
    import typer

    from ..commands.config import option_names
    from ..commands.train import train

    app = typer.Typer(add_completion=False)
    app.command()(train)
    command = typer.main.get_command(app)
    values = {parameter.name: parameter.default for parameter in command.params}
    return {option: values[name] for option, name in option_names(command).items()}


def _default(key: str, defaults: dict[str, Any]) -> str:
    value = defaults.get(key)
    value = list(value) if isinstance(value, tuple) else getattr(value, "value", value)
    return "" if value is None else _value(value)


def _steps(model: Model) -> Iterator[tuple[str, str]]:
    for k, step in enumerate(model.preprocessing, 1):
        yield from _flat({f"step {k}": step})


def origin(run: RunFolder) -> list[str]:
    """Return versions, seed, data and command, and the files with their digests."""
    parts = []
    if run.model is not None:
        elsewhere = ("settings", "message", "checkpoint", "rho_hat", "command")  # or too long
        said = {**run.model.provenance, **run.model.about}
        rows = [(name, x) for name, x in _flat({k: x for k, x in said.items() if k not in elsewhere}) if x]
        parts += [table("What the model says", ("name", "value"), rows)] if rows else []
    files = [(name, file.size, file.sha256) for name, file in run.stored.items()]
    return [*parts, more("Files of the run", table("Files of the run", ("file", "bytes", "SHA-256"), files))]


def repeat(run: RunFolder) -> list[str]:
    """Return the command of the run, how to run it again, and, of photographs, the lines of Python that do."""
    if run.model is None:
        return [paragraph(NO_MODEL, "missing")]
    parts = []
    if command := _command(run.model):
        parts += [paragraph("The command was:"), code(command)]
    if run.config is not None:
        config = shlex.quote(str(run.path / "config.toml"))
        parts += [paragraph("The same again, into another folder:"), code(f"sae train --config {config} --out again")]
    if run.of_photographs:
        parts += _lines(run.model)
    elif isinstance(data := (run.config or {}).get("data"), str):
        folder, data = shlex.quote(str(run.path)), shlex.quote(data)
        uses = f"sae encode {folder} {data} --out codes.npy\nsae reconstruct {folder} {data} --out again.npy"
        parts += [paragraph("To use the model, on these data or others like them:"), code(uses)]
    return [*parts, paragraph(INTERRUPTED if _interrupted(run) else SAME)]


def _lines(model: Model) -> list[str]:
    try:
        return [paragraph("In Python:"), code(_python(experiment_of(model)))]
    except SaeError as error:
        return [paragraph(f"There are no lines of Python for it: {error}", "missing")]


def _interrupted(run: RunFolder) -> bool:
    return run.unfinished or run.stop.startswith("interrupted")


def _command(model: Model) -> str:
    words = model.provenance.get("command")
    if isinstance(words, list):
        return shlex.join(map(str, words))
    return str(model.about.get("command") or "")


def _python(experiment: Experiment) -> str:
    defaults = asdict(Experiment())
    changed = {key: x for key, x in asdict(experiment).items() if x != defaults[key]}
    settings = ", ".join(f"{key}={x!r}" for key, x in changed.items())
    return (
        "from sae.experiment import Experiment\n\n"
        f"experiment = Experiment({settings})\n"
        "objective = experiment.objective(experiment.sample(experiment.load_images()))\n"
        "result = experiment.train(objective)\n"
        "theta = result.theta"
    )


def _flat(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, value), the entries of a dict within by name.entry."""
    for name, x in facts.items():
        if isinstance(x, dict):
            yield from ((f"{name}.{key}", _value(inner)) for key, inner in x.items())
        else:
            yield name, _value(x)


def _value(x: Any) -> str:
    """Return a value as a short text."""
    if x is None or isinstance(x, str | bool | float | int):
        found = str(x)
    elif isinstance(x, np.ndarray):
        found = f"{x.dtype} numbers, shape {x.shape}"
    elif isinstance(x, list | tuple) and all(isinstance(one, str) for one in x):
        found = ", ".join(x)
    else:
        found = json.dumps(x, default=lambda inside: f"numbers, shape {np.shape(inside)}")
    return found if len(found) <= LONGEST else f"{found[:LONGEST]} ... ({len(found)} characters)"
