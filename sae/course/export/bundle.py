"""The source of this library in a zip file that pip installs, for machines where it is on no index."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ... import __version__
from ...files import writing
from ..library import FOLDER, Loaded

PACKAGE = Path(__file__).parents[2]
TIME = (1980, 1, 1, 0, 0, 0)  # the same zip for the same files
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sae"
version = "{version}"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[project.scripts]
sae = "sae.cli:main"

[tool.hatch.build.targets.wheel]
packages = ["sae"]
"""


def library() -> Iterator[tuple[str, bytes]]:
    """Yield pyproject.toml and the files of the package, without caches and without the exercises."""
    yield "pyproject.toml", project().encode()
    for path in sorted(PACKAGE.rglob("*")):
        inner = path.relative_to(PACKAGE)
        if path.is_file() and "__pycache__" not in inner.parts and FOLDER not in path.parents:
            yield f"sae/{inner.as_posix()}", path.read_bytes()


def project() -> str:
    """Return a pyproject.toml with what the installed library depends on, without its extras."""
    needed = [line for line in metadata.requires("sae") or [] if "extra ==" not in line]
    return PROJECT.format(version=__version__, dependencies=", ".join(f'"{line}"' for line in needed))


def exercise(loaded: Loaded) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an exercise that grading needs: neither its pictures nor the other solutions."""
    for path in sorted(loaded.folder.iterdir()):
        if path.is_file() and path.suffix != ".png":
            yield f"{loaded.name}/{path.name}", path.read_bytes()


def write(loaded: Loaded, path: Path) -> None:
    """Write the library with this exercise in it."""
    inside = ((f"sae/course/exercises/{name}", content) for name, content in exercise(loaded))
    zipped(path, [*library(), *inside])


def zipped(path: Path, files: list[tuple[str, bytes]], executable: tuple[str, ...] = ()) -> None:
    """Write a zip file; on Unix the executable ones can be run after it was unpacked."""
    with writing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | (0o755 if name in executable else 0o644)) << 16
            entry.create_system = 3  # Unix
            archive.writestr(entry, content)
