"""A notebook for `otter assign`: a question for each part, with solution, public checks and hidden tests."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

from ..exercise import Part
from ..library import Loaded
from ..notebook import Cell, write_notebook
from ..source import BEGIN, END, HOLE
from . import bundle, page

LIBRARY = "sae-library.zip"
CONFIG = """\
# ASSIGNMENT CONFIG
name: {name}
export_cell:
  pdf: false
  run_tests: false
files: [{files}]
autograder_files: [{library}]
requirements:
  - sae @ file:///autograder/source/files/{library}
tests:
  ok_format: false
generate:
  show_stdout: false
  show_hidden: false
"""
TEST = '''\
""" # BEGIN TEST CONFIG
hidden: {hidden}
points: {points}
""" # END TEST CONFIG
def test_{part}_{number}(env):
    {imports}

    {ask}
'''


def write(loaded: Loaded, folder: Path, seed: int) -> list[Path]:
    """Write EXERCISE.ipynb, the pictures, the data, and the library for Otter's container."""
    files = page.beside(loaded, folder)
    bundle.write(loaded, folder / LIBRARY)
    names = ", ".join(file.relative_to(folder).as_posix() for file in files)
    config = Cell("raw", "config", CONFIG.format(name=loaded.name, files=names, library=LIBRARY))
    content = page.assembled(loaded, [(cell, {}) for cell in (config, *_cells(loaded, seed))])
    write_notebook(folder / f"{loaded.name}.ipynb", content)
    return [folder / f"{loaded.name}.ipynb", *files, folder / LIBRARY]


def _cells(loaded: Loaded, seed: int) -> list[Cell]:
    made = [page.head(loaded)]
    for cell, part in page.body(loaded):
        made += [cell] if part is None else _question(loaded, part, cell, seed)
    return made + page.tail(loaded)


def _question(loaded: Loaded, part: Part, cell: Cell, seed: int) -> list[Cell]:
    tests = list(loaded.exercise.of_part(part.function))
    asked = [
        TEST.format(
            hidden=str(test.hidden).lower(),
            points=page.points(part, tests, test),
            part=part.function,
            number=k,
            imports=page.IMPORT,
            ask=page.asking(loaded, test, seed),
        )
        for k, test in enumerate(tests, 1)
    ]
    name = part.function
    title = f"### {part.doing[:1].upper()}{part.doing[1:]}: `{name}`, {part.points} points"
    return [
        Cell("raw", f"begin-{name}", f"# BEGIN QUESTION\nname: {name}"),
        Cell("markdown", f"title-{name}", title),
        Cell("raw", f"begin-solution-{name}", "# BEGIN SOLUTION"),
        Cell("code", name, with_prompts(cell.text)),
        Cell("raw", f"end-solution-{name}", "# END SOLUTION"),
        Cell("raw", f"begin-tests-{name}", "# BEGIN TESTS"),
        *(Cell("code", f"{name}-test-{k}", source) for k, source in enumerate(asked, 1)),
        Cell("raw", f"end-tests-{name}", "# END TESTS"),
        Cell("raw", f"end-{name}", "# END QUESTION"),
    ]


def with_prompts(source: str) -> str:
    """Return a source with Otter's marks for ours, and the hole that a student finds there."""
    prompt = '""" # BEGIN PROMPT\n' + "\n".join(HOLE) + '\n""" # END PROMPT'

    def marked(found: re.Match[str]) -> str:
        space, lines = found[1], found[2]
        return f"{space}# BEGIN SOLUTION NO PROMPT\n{lines}{space}# END SOLUTION\n{indent(prompt, space)}"

    return re.sub(rf"^( *){BEGIN}\n(.*?)^ *{END}$", marked, source, flags=re.MULTILINE | re.DOTALL)
