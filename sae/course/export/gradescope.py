"""Gradescope's autograder.zip: setup.sh, run_autograder, this library and the exercise.

The form is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

from __future__ import annotations

import json
from pathlib import Path

from ..library import Loaded
from . import bundle

SCRIPTS = ("setup.sh", "run_autograder")
FOLDER = Path(__file__).with_name("scripts")


def write(loaded: Loaded, folder: Path, seed: int) -> list[Path]:
    """Write autograder.zip."""
    scripts = [(name, (FOLDER / name).read_bytes()) for name in SCRIPTS]
    settings = {"exercise": loaded.name, "seed": seed, "hidden_tests": "after_published"}
    files = [
        *scripts,
        ("settings.json", (json.dumps(settings, indent=1) + "\n").encode()),
        *((f"library/{name}", content) for name, content in bundle.library()),
        *((f"exercises/{name}", content) for name, content in bundle.exercise(loaded)),
    ]
    bundle.zipped(folder / "autograder.zip", files, executable=SCRIPTS)
    return [folder / "autograder.zip"]
