"""Run a use and write what it came to: its picture, all values, and its row in the table of all uses."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import checks
from ..files import writing
from .summary import HEAD
from .use import Measure, Outcome, Setting

USES = ("denoising", "compression", "dimensions", "anomalies", "series", "words", "recommendation", "tuning")


def title(name: str) -> str:
    """Return what a use is called."""
    return _module(name).TITLE


def needs(name: str) -> str:
    """Return which data a use is about."""
    return _module(name).NEEDS


def _module(name: str) -> Any:
    checks.one_of("use", name, USES)
    return import_module(f".{name}", __package__)


@dataclass
class Finished:
    """A use that was run.

    Attributes
    ----------
    name : str
    outcome : Outcome
    setting : Setting
    """

    name: str
    outcome: Outcome
    setting: Setting

    def table(self) -> list[dict[str, str]]:
        """Return the measures as text, a line each, those of a task and number together; * at the best of them."""
        measures, lines = self.outcome.measures, []
        for task, what in dict.fromkeys((one.task, one.what) for one in measures):
            rivals = [one for one in measures if (one.task, one.what) == (task, what)]
            for k, one in enumerate(rivals):
                best = len(rivals) > 1 and not any(other.beats(one) for other in rivals)
                head = {"task": task, "measure": what} if k == 0 else {"task": "", "measure": ""}
                lines.append(head | {"method": one.method, "mean +- spread": f"{one}{' *' * best}"})
        return lines

    def row(self) -> dict[str, str]:
        """Return the row of the table of all uses."""
        ours, other = self.outcome.at_headline()
        settings = ", ".join(f"{name} {_short(value)}" for name, value in self.outcome.settings.items())
        quick = ", quick" if self.setting.quick else ""
        cut = ", interrupted" if self.setting.interrupted else ""
        task, what = self.outcome.headline
        cells = (
            self.name,
            self.outcome.data,
            f"{task}: {what}",
            ours.method,
            str(ours),
            other.method,
            str(other),
            self.outcome.verdict,
            settings + quick + cut,
            f"{len(ours.values)} from {self.setting.seed}",
        )
        return dict(zip(HEAD, cells, strict=True))

    def as_json(self) -> dict[str, Any]:
        """Return everything with all its digits."""
        return {
            "use": self.name,
            "data": self.outcome.data,
            "measures": [asdict(one) for one in self.outcome.measures],
            "ours": self.outcome.ours,
            "headline": self.outcome.headline,
            "verdict": self.outcome.verdict,
            "settings": self.outcome.settings,
            "notes": self.outcome.notes,
            "quick": self.setting.quick,
            "interrupted": self.setting.interrupted,
            "seed": self.setting.seed,
            "seeds": self.setting.seeds,
        }

    def write(self, folder: Path) -> list[Path]:
        """Write NAME.png, NAME.csv (every value) and NAME.json into the folder; return the paths."""
        paths = [folder / f"{self.name}.{ending}" for ending in ("png", "csv", "json")]
        picture, values, record = paths
        with writing(picture) as temporary:
            self.outcome.figure.savefig(temporary, dpi=100, metadata={"Software": None})
        with writing(values) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(("task", "method", "measure", "better", "repetition", "value"))
            table.writerows(_values(self.outcome.measures))
        with writing(record) as temporary:
            temporary.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")
        return paths


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(measures: Sequence[Measure]) -> list[tuple]:
    return [
        (one.task, one.method, one.what, one.better, k, value) for one in measures for k, value in enumerate(one.values)
    ]


def run(name: str, setting: Setting) -> Finished:
    """Run a use."""
    return Finished(name, _module(name).run(setting), setting)
