"""The page: its sections in order, each from what the folder of a run holds, and the file that is written."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

from ..errors import SaeError
from ..files import writing
from . import style
from .check import Checked, check_run
from .facts import configuration, origin, repeat
from .glance import glance, lead, title
from .gradient import gradient
from .markup import flow, paragraph, text
from .material import Material, material
from .pictures import Pictures
from .reconstructions import reconstructions
from .run import RunFolder, read_run


def write_report(run_folder: str | PathLike, out: str | PathLike | None = None) -> Path:
    """Write one HTML page of a run: pictures, curves, a gradient check, configuration, and how to repeat it.

    The page needs nothing else: no network, no script, no other file. Pictures are drawn anew, from the model, its
    history and the data of the training, if these are where they were and unchanged. What is missing or can't be read
    is said on the page.

    Parameters
    ----------
    run_folder : path
        What `sae train` wrote, complete or not.
    out : path, optional
        A name that ends in .html; report.html in the folder unless given. An older report there is replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    SaeError
        If that is no folder of a run, `out` is no name of a page or another file than a report, or it can't be
        written.
    """
    run = read_run(run_folder)
    out = Path(run_folder, "report.html") if out is None else Path(out)
    _may_be_written(out)
    page = as_html(run)
    with writing(out) as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
    return out


def as_html(run: RunFolder) -> str:
    """Return the page of a run."""
    found = material(run)
    pictures = Pictures(run, found)
    checked, why = _checked(run, found)
    groups = [
        {"glance": ("At a glance", glance(run, pictures, checked))},
        {
            "filters": ("Weights" if pictures.of_features else "Filters", _drawn(pictures.filters)),
            "history": ("Curves", _drawn(pictures.curves)),
            "activations": ("Codes" if pictures.is_variational else "Activations", _drawn(pictures.activations)),
            "reconstructions": ("Reconstructions", _drawn(lambda: reconstructions(pictures))),
        },
        {"gradient": ("Gradient check", gradient(checked, why))},
        {
            "configuration": ("Configuration", configuration(run)),
            "origin": ("Where it is from", origin(run)),
            "repeat": ("How to repeat it", repeat(run)),
        },
    ]
    titles = {name: heading for group in groups for name, (heading, _) in group.items()}
    return style.PAGE.format(
        policy=style.POLICY,
        generator=style.GENERATOR,
        title=text(run.path.resolve().name),
        kind=text(title(run)),
        lead=text(lead(run, pictures)),
        css=style.CSS,
        contents="\n".join(f'<li><a href="#{name}">{text(heading)}</a></li>' for name, heading in titles.items()),
        sections="\n".join(map(flow, groups)),
    )


def _drawn(draw: Callable[[], list[str]]) -> list[str]:
    """Return a section of pictures, or why it can't be drawn."""
    try:
        return draw()
    except (SaeError, TypeError, ValueError) as error:
        return [paragraph(f"Not shown: {error}", "missing")]


def _checked(run: RunFolder, found: Material) -> tuple[list[Checked], str]:
    try:
        return check_run(run, found), ""
    except SaeError as error:
        return [], str(error)


def _may_be_written(out: Path) -> None:
    """Raise if that is no name of a page, or a page that is no report of ours."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise SaeError(f"{out} does not end in .html; expected the name of a page, for example report.html.")
    try:
        start = out.read_bytes()[:2000] if out.exists() else None
    except OSError as error:
        raise SaeError(f"can't write {out} ({error.strerror}); choose another name.") from error
    if start is not None and f'name="generator" content="{style.GENERATOR}"'.encode() not in start:
        raise SaeError(f"{out} is there already and is no report; choose another name.")
