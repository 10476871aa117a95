"""Files that are handed in: a Python file as it is, a notebook as its code."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SaeError
from .notebook import code_of

KINDS = (".py", ".ipynb")


@contextmanager
def as_python(path: Path) -> Iterator[Path]:
    """Yield the path of a Python file with what was handed in.

    Raises
    ------
    SaeError
        If it is neither a Python file nor a notebook.
    """
    if path.suffix not in KINDS:
        raise SaeError(f"{path} is neither a Python file (.py) nor a notebook (.ipynb); expected one of them.")
    if path.suffix == ".py":
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="sae-course-"))
    try:
        (folder / "student.py").write_text(code_of(path), "utf-8")
        yield folder / "student.py"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
