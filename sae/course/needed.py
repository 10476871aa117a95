"""Of a program, only what some of its functions need: not the cells of a notebook that train, draw or ask for a check.

A notebook's functions are asked in a process of their own; what stands between them must neither cost time nor fail
there. A statement is kept if it binds a name that is needed, and then the names that it reads are needed, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

Names = set[str]
DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
UNREADABLE = "def {0}(*_):\n    raise SyntaxError('Python can not read the cell of {0}')"


def needed(cells: Sequence[str], functions: Iterable[str] | None = None) -> str:
    """Return the statements of all cells that some functions need, in their order, as one source.

    Nothing of a cell that Python can't parse ever ran: a function that is only there says so when it is called.

    Parameters
    ----------
    cells : sequence of str
        Pieces of a program, in the order in which they were run.
    functions : iterable of str, optional
        Names of what is asked for; of all functions otherwise.
    """
    said = [UNREADABLE.format(name) for cell in cells if not readable(cell) for name in DEFINED.findall(cell)]
    statements = [(cell, node) for cell in [*said, *filter(readable, cells)] for node in ast.parse(cell).body]
    bound = [_bound(node) for _, node in statements]
    read = [_read(node) for _, node in statements]
    if functions is None:
        functions = [node.name for _, node in statements if isinstance(node, ast.FunctionDef)]
    wanted, kept = set(functions), [False] * len(statements)
    while True:
        new = [k for k, names in enumerate(bound) if not kept[k] and (names & wanted or "*" in names)]
        if not new:
            break
        for k in new:
            kept[k] = True
            wanted |= read[k]
    chosen = [_text(*statement) for statement, keep in zip(statements, kept, strict=True) if keep]
    return "\n\n".join(chosen) + "\n"


def readable(cell: str) -> bool:
    """Return whether Python can parse a cell."""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _bound(node: ast.stmt) -> Names:
    """Return the names that a statement gives a value, also through a part of it: W[0] = 1 binds W."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    names: Names = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in inner.names}
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):  # in an if or a try
            names.add(inner.name)
        elif isinstance(inner, ast.Subscript | ast.Attribute) and isinstance(inner.ctx, ast.Store):
            names |= _base(inner)
    return names


def _base(node: ast.expr) -> Names:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _read(node: ast.stmt) -> Names:
    """Return the names that a statement may read, those within functions too; more than it reads does no harm."""
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _text(cell: str, node: ast.stmt) -> str:
    """Return a statement as it was written, its decorators too; one of several in a line alone."""
    first = min([node.lineno, *(line.lineno for line in getattr(node, "decorator_list", []))])
    if first == node.end_lineno:
        return ast.get_source_segment(cell, node) or ast.unparse(node)
    return "\n".join(cell.split("\n")[first - 1 : node.end_lineno])
