"""What lies in the folder that `sae train` wrote, finished or not, and why a piece of it is missing."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from .. import model_file
from ..commands import config as configs
from ..commands.fit import HISTORY, MODEL
from ..commands.going_on import CHECKPOINT, CONFIG
from ..errors import SaeError
from ..estimators import files
from ..experiment import FILES

NEEDED = (MODEL, CONFIG, HISTORY)
KNOWN = tuple(dict.fromkeys((*NEEDED, CHECKPOINT, *FILES)))
LARGEST = 20 * 2**20  # bytes of a history or a configuration; those of a run have less than a tenth of a MiB


class Stored(NamedTuple):
    """A file as it lay there."""

    size: int
    sha256: str


@dataclass(frozen=True)
class RunFolder:
    """The pieces of a run.

    Attributes
    ----------
    path : Path
    model : Model or None
        Of model.safetensors or, where that is missing, of the checkpoint.
    trained : Trained or None
        The estimator and its preprocessing that the model describes.
    history : list of dict of str to float
        The records of history.csv or of the checkpoint, [] if there are none. Not every record has every number.
    config : dict or None
        What config.toml says.
    stored : dict of str to Stored
        The files that were there, readable or not.
    missing : dict of str to str
        Why a piece can't be shown, by file name.
    unfinished : bool
        Whether the model is that of a checkpoint.
    """

    path: Path
    model: model_file.Model | None = None
    trained: files.Trained | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    config: dict[str, Any] | None = None
    stored: dict[str, Stored] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    unfinished: bool = False

    @property
    def of_photographs(self) -> bool:
        """Whether it was trained on photographs rather than on data of the user's own."""
        return self.model is not None and not self.model.hyperparameters.get("estimator")

    @property
    def stop(self) -> str:
        """Why the training ended, as the model says it."""
        about = {} if self.model is None else self.model.about
        return str(about.get("stop_reason") or about.get("message") or "")


def read_run(folder: str | PathLike) -> RunFolder:
    """Read what is left of a run.

    Raises
    ------
    SaeError
        If the folder holds no file of a run at all, or can't be read.
    """
    folder = Path(folder)
    try:
        found = [name for name in KNOWN if (folder / name).is_file()]
    except OSError as error:
        raise SaeError(f"can't read {folder} ({error.strerror}); change its permissions.") from error
    if not found:
        what = f"holds none of {', '.join(NEEDED)}" if folder.is_dir() else "is no folder"
        raise SaeError(f"{folder} {what}; expected the folder of a run. `sae train --out {folder}` writes one.")
    missing = {name: "is not in the folder" for name in NEEDED if name not in found}
    stored, read = {}, {}
    for name in found:
        try:
            stored[name] = _stored(folder / name)
            read[name] = _reader(name)(folder / name)
        except (SaeError, OSError) as error:
            missing[name] = f"can't be shown: {getattr(error, 'strerror', None) or error}"
    unfinished = MODEL not in found and CHECKPOINT in read
    if unfinished:  # a killed training
        read[MODEL] = read[CHECKPOINT]
        read.setdefault(HISTORY, _records(read[CHECKPOINT].about.get("checkpoint")))
        missing = {name: why for name, why in missing.items() if name not in (MODEL, HISTORY)}
    try:
        trained = files.load(folder / (CHECKPOINT if unfinished else MODEL)) if MODEL in read else None
    except SaeError:
        trained = None  # each section says what it lacks
    history = read.get(HISTORY, [])
    return RunFolder(folder, read.get(MODEL), trained, history, read.get(CONFIG), stored, missing, unfinished)


def _reader(name: str) -> Callable[[Path], Any]:
    readers = {".safetensors": model_file.load, ".csv": _history, ".toml": _config}
    return readers.get(Path(name).suffix, lambda path: None)


def _stored(path: Path) -> Stored:
    with path.open("rb") as file:
        return Stored(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _text(path: Path) -> str:
    if (size := path.stat().st_size) > LARGEST:
        raise SaeError(f"it has {size} bytes; expected at most {LARGEST}.")
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise SaeError("it is no text.") from error


def _config(path: Path) -> dict[str, Any]:
    _text(path)
    return configs.read(path)


def _history(path: Path) -> list[dict[str, float]]:
    try:
        table = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
        records = [{name: float(cell) for name, cell in row.items() if cell != ""} for row in table]
    except (ValueError, TypeError, csv.Error) as error:
        raise SaeError("it is no table of numbers.") from error
    if not records or not all({"iteration", "cost"} <= record.keys() for record in records):
        raise SaeError("it has no records of iteration and cost.")
    if not all(math.isfinite(x) for record in records for x in record.values()):
        raise SaeError("it holds NaN or infinite numbers.")
    return records


def _records(checkpoint: Any) -> list[dict[str, float]]:
    """Return the history within a checkpoint, [] if there is none of numbers."""
    try:
        return [{str(name): float(x) for name, x in record.items()} for record in checkpoint["history"]]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
