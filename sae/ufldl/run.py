"""Run an exercise and write what it came to: a table, its pictures and the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import checks, model_file
from ..files import writing
from ..studies.tables import write_table
from .digits import load_digits
from .exercise import Outcome, Setting, seconds
from .summary import HEAD

EXERCISES = (
    "vectorization",
    "pca",
    "softmax",
    "selftaught",
    "stacked",
    "lineardecoder",
    "convolution",
    "sparsecoding",
    "ica",
    "rica",
)
BEYOND = ("labels", "tuned")  # not in the tutorial


def title(name: str) -> str:
    """Return what an exercise is called."""
    return _module(name).TITLE


def needs(name: str) -> str:
    """Return which data an exercise is about."""
    module = _module(name)
    if hasattr(module, "load_digits"):
        return "MNIST"
    return "photographs, or STL-10" if hasattr(module, "check_files") else "photographs"


def check_files(names: Sequence[str], setting: Setting) -> None:
    """Read the files that these exercises need once, so that what is missing is noticed before hours of work."""
    modules = [_module(name) for name in names]
    if any(hasattr(module, "load_digits") for module in modules):
        load_digits(setting)
    for module in modules:
        if hasattr(module, "check_files"):
            module.check_files(setting)


def _module(name: str) -> Any:
    checks.one_of("exercise", name, EXERCISES + BEYOND)
    return import_module(f".{name}", __package__)


@dataclass
class Finished:
    """An exercise that was run.

    Attributes
    ----------
    name : str
    outcome : Outcome
    setting : Setting
    evaluations : float
        The time its work took (`Setting.timed`), in evaluations of its cost in plain NumPy, timed in the same run.
    """

    name: str
    outcome: Outcome
    setting: Setting
    evaluations: float

    def table(self) -> list[dict[str, str]]:
        """Return the rows as text."""
        settings = ", ".join(
            f"{name} {value}" if isinstance(value, str) else f"{name} {value:g}"
            for name, value in self.outcome.settings.items()
        )
        quick = ", quick" if self.setting.quick else ""
        cut = ", interrupted" if self.setting.interrupted else ""
        return [
            dict(
                zip(
                    HEAD,
                    (
                        row.exercise,
                        row.measure,
                        f"{row.ours:.2f} %" if row.unit == "%" else f"{row.ours:.4g}",
                        row.published,
                        settings + quick + cut,
                        str(self.setting.seed),
                        self.outcome.digest[:12],
                        f"{self.evaluations:.0f}",
                    ),
                    strict=True,
                )
            )
            for row in self.outcome.rows
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the rows with all their digits."""
        return {
            "exercise": self.name,
            "rows": [vars(row) for row in self.outcome.rows],
            "settings": self.outcome.settings,
            "quick": self.setting.quick,
            "interrupted": self.setting.interrupted,
            "seed": self.setting.seed,
            "sha256": self.outcome.digest,
            "notes": self.outcome.notes,
            "seconds": self.setting.work,
            "numpy_evaluations": self.evaluations,
        }

    def write(self, folder: Path, command: list[str]) -> list[Path]:
        """Write everything into the folder; return the paths."""
        paths = write_table(self.table(), folder / "table")
        with writing(folder / "result.json") as temporary:
            temporary.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")
        paths.append(folder / "result.json")
        for name, figure in self.outcome.figures.items():
            with writing(folder / f"{name}.png") as temporary:
                figure.savefig(temporary, dpi=110, metadata={"Software": None})
            paths.append(folder / f"{name}.png")
        about = {"exercise": self.name, "message": "; ".join(self.outcome.notes)}
        made = model_file.provenance(seed=self.setting.seed, command=command) | {
            "data": {"source": "; ".join(self.outcome.notes), "sha256": self.outcome.digest, "notes": []}
        }
        model_file.save(
            folder / "model.safetensors",
            self.outcome.theta,
            self.outcome.layout,
            about,
            hyperparameters=self.outcome.settings,
            provenance=made,
        )
        return [*paths, folder / "model.safetensors"]


def run(name: str, setting: Setting) -> Finished:
    """Run an exercise, and measure an evaluation of its cost in plain NumPy, the unit of its time."""
    outcome = _module(name).run(setting)
    return Finished(name, outcome, setting, setting.work / seconds(outcome.evaluation))
