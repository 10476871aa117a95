"""The source of a solution: its regions, the student's file made of it, its tagged lines, and mutants of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

from ..errors import SaeError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
HOLE = ("# YOUR CODE HERE", "raise NotImplementedError")
TAG = re.compile(r"#[^#]*?\(([A-Z]\d+)\)")
Edits = Iterable[tuple[str, str]]


def student_source(text: str) -> str:
    """Return a solution with its regions replaced by holes.

    Raises
    ------
    SaeError
        If a region doesn't end, ends without a beginning, or there is none.
    """
    lines, inside = [], 0
    for number, line in enumerate(text.splitlines(), 1):
        mark = line.strip()
        if mark == BEGIN:
            if inside:
                raise SaeError(f"line {number}: {BEGIN} within the region that begins at line {inside}; end it first.")
            inside = number
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + hole for hole in HOLE]
        elif mark == END:
            if not inside:
                raise SaeError(f"line {number}: {END} without {BEGIN} before it.")
            inside = 0
        elif not inside:
            lines.append(line)
    if inside:
        raise SaeError(f"the region that begins at line {inside} has no {END}.")
    if text.count(BEGIN) == 0:
        raise SaeError(f"there is no {BEGIN} in the solution; expected a region for each part.")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Tagged:
    """A line `symbol = source  # (tag)` of a function; `span` is where its right side stands in the function's text."""

    symbol: str
    tag: str
    source: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Function:
    """A function of the solution: its text, the place of its first statement with a tag, and its tagged lines."""

    name: str
    text: str
    span: tuple[int, int]
    first: int
    lines: tuple[Tagged, ...]

    def line(self, key: str) -> Tagged | None:
        """Return the line that assigns a symbol: "J", or "J#2" for the second one."""
        symbol, _, number = key.partition("#")
        found = [line for line in self.lines if line.symbol == symbol]
        return found[int(number or 1) - 1] if len(found) >= int(number or 1) else None

    def edited(self, edits: Edits) -> str:
        """Return the text with right sides replaced; symbols of no line are assigned before the first, all at once."""
        changes: list[tuple[int, int, str]] = []
        others: list[tuple[str, str]] = []
        for key, source in edits:
            line = self.line(key)
            if line:
                changes.append((*line.span, f"({source})"))
            else:
                others.append((key, source))
        if others:
            names, sources = zip(*others, strict=True)
            changes.append((self.first, self.first, f"{', '.join(names)}, = {', '.join(sources)},\n    "))
        text = self.text
        for start, end, new in sorted(changes, key=lambda change: change[0], reverse=True):
            text = text[:start] + new + text[end:]
        return text


@cache
def functions(text: str) -> dict[str, Function]:
    """Return the top-level functions of a source, by name."""
    starts = _starts(text)
    return {
        node.name: _function(text, node, starts) for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
    }


def _starts(text: str) -> list[int]:
    """Return where each line begins; columns of `ast` count bytes, so a source with others must be ASCII."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _function(text: str, node: ast.FunctionDef, starts: list[int]) -> Function:
    def place(lineno: int, column: int) -> int:
        line = text[starts[lineno - 1] : starts[lineno]]
        return starts[lineno - 1] + len(line.encode()[:column].decode())

    begin, end = place(node.lineno, node.col_offset), place(node.end_lineno or 0, node.end_col_offset or 0)
    lines = []
    for statement in ast.walk(node):
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) or statement.value is None:
            continue
        value = statement.value
        span = place(value.lineno, value.col_offset), place(value.end_lineno or 0, value.end_col_offset or 0)
        commented = text[span[0] : starts[statement.end_lineno or 0]]
        if tag := TAG.search(commented):
            target = "return" if isinstance(statement, ast.Return) else ast.unparse(_target(statement))
            lines.append((statement.lineno, Tagged(target, tag[1], text[span[0] : span[1]], _relative(span, begin))))
    tagged = [number for number, _ in lines]
    body = next((x for x in node.body if any(x.lineno <= k <= (x.end_lineno or 0) for k in tagged)), node.body[-1])
    first = place(body.lineno, body.col_offset) - begin
    ordered = tuple(line for _, line in sorted(lines, key=lambda pair: pair[0]))
    return Function(node.name, text[begin:end], (begin, end), first, ordered)


def _target(statement: ast.Assign | ast.AugAssign) -> ast.expr:
    return statement.targets[0] if isinstance(statement, ast.Assign) else statement.target


def _relative(span: tuple[int, int], begin: int) -> tuple[int, int]:
    return span[0] - begin, span[1] - begin


@cache
def _compiled(text: str, name: str) -> CodeType:
    return compile(text, name, "exec")


def module(text: str, name: str = "solution.py") -> dict[str, Any]:
    """Run a source of our own, not as the main program, and return its names."""
    namespace: dict[str, Any] = {"__name__": "solution", "__file__": name}
    exec(_compiled(text, name), namespace)
    return namespace


def mutated(text: str, function: str, edits: Edits) -> dict[str, Any]:
    """Return the names of a source with lines of one function replaced.

    Raises
    ------
    SyntaxError
        If the lines are nonsense.
    """
    namespace = module(text)
    exec(compile(functions(text)[function].edited(edits), "mutant", "exec"), namespace)
    return namespace


def mutated_text(text: str, function: str, edits: Edits) -> str:
    """Return the whole source with lines of one function replaced."""
    own = functions(text)[function]
    return text[: own.span[0]] + own.edited(edits) + text[own.span[1] :]
