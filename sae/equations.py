"""The equations of a page beside the lines of code that are them: read from the page itself, so nothing can drift."""

from __future__ import annotations

import inspect
import re
from types import ModuleType
from typing import NamedTuple


class Equation(NamedTuple):
    """One numbered equation of a page."""

    tag: str
    latex: str
    shape: str
    code: tuple[str, ...]

    def markdown(self) -> str:
        """Return the equation above its code, for a notebook."""
        shape = self.shape.replace("_", r"\_")
        code = "\n".join(self.code)
        return f"$$ {self.latex} \\qquad \\text{{{shape}}} \\tag{{{self.tag}}} $$\n\n```python\n{code}\n```"


def read(page: ModuleType) -> dict[str, Equation]:
    """Return the equations that a page's docstring lists as `(E1)  latex  shape`, with the lines tagged `# (E1)`.

    Parameters
    ----------
    page : module
        `sae.reference` or another one.

    Returns
    -------
    dict of str to Equation
        By tag, in the order of the docstring.
    """
    doc = inspect.getdoc(page) or ""
    lines = [line.strip() for line in inspect.getsource(page).splitlines() if "  # (" in line]
    found = {}
    for tag, entry in re.findall(r"^\(([A-Z]\d+)\) {2,}(.*(?:\n {5,}.*)*)", doc, re.MULTILINE):
        parts, shape = [], ""
        for line in entry.splitlines():
            body, _, last = line.rstrip().rpartition("   ")
            if re.fullmatch(r"\([\w/]+(, ?[\w/]*)*\)|scalar", last.strip()):
                line, shape = body, last.strip()
            parts.append(re.sub(r"(?<=\S) {3,}(?=\S)", r" \\qquad ", line.strip()))
        tagged = tuple(line.split("  # ")[0] for line in lines if f"({tag})" in line.split("  # ")[1])
        found[tag] = Equation(tag, " ".join(parts).strip(), shape, tagged)
    return found


def as_table(page: ModuleType) -> str:
    """Return the equations of a page as a Markdown table."""
    rows = ["| | equation | shape | code |", "|---|---|---|---|"]
    for e in read(page).values():
        latex = e.latex.replace(r"\|", r"\Vert ")  # a bar would end the cell
        code = "<br>".join(f"`{line}`" for line in e.code)
        rows.append(f"| ({e.tag}) | $`{latex}`$ | {e.shape} | {code} |")
    return "\n".join(rows)
