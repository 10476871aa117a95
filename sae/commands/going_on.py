"""--checkpoint and --resume, the same for data and for photographs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..checkpoint import Checkpoint, Resumed, resume
from ..errors import SaeError
from ..layout import Layout
from . import config

CHECKPOINT, CONFIG = "checkpoint.safetensors", "config.toml"


def begin(folder: Path, going_on: bool) -> Resumed | None:
    """Return the folder's checkpoint to go on from, or take away the one of a run that is to be replaced."""
    if going_on:
        return resume(folder / CHECKPOINT)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return None


def checkpointing(
    folder: Path, layout: Layout, every: int | None, written: dict[str, Any], progress: Callable, **description: Any
) -> Callable:
    """Return a callback that shows the progress and, if asked to, writes checkpoints, with the configuration before."""
    if every is None:
        return progress
    there = False

    def shown(state):
        nonlocal there
        if not there:
            config.write(folder / CONFIG, written)  # a killed training is resumed with it
            there = True
        progress(state)

    return Checkpoint(folder / CHECKPOINT, layout, every=every, callback=shown, **description)


def same(before: Any, now: Any, may_change: tuple[str, ...], spelled: Callable[[str], str]) -> None:
    """Raise if a setting that can't change is not what the training to resume began with."""
    before, now = (json.loads(json.dumps(settings)) for settings in (before, now))
    for name in sorted({*before, *now} - {*may_change}):
        if before.get(name) != now.get(name):
            raise SaeError(
                f"{spelled(name)} is {now.get(name)!r}, and was {before.get(name)!r} in the training to resume; "
                "expected the same. Leave it out, or train anew."
            )
