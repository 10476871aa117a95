"""Mistakes made of the page itself: every way to leave out, repeat, swap or misplace one thing in one of its lines.

Each node of a line's syntax tree is replaced by everything that may stand there by a slip. Whatever does not run,
or changes no number, is no mistake and is dropped by whoever tries them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .page import Line
from .rules import of_node
from .slips import Change
from .vocabulary import FACTORS, INSTEAD, factor_in_words, words

NAMES = {  # of lines whose symbol is not a step
    "kl": "the KL divergence in the cost",
    "decay": "the weight decay in the cost",
    "cost": "the cost",
    "sparsity": "the derivative of the sparsity in delta2",
}
TERM_OF = {"decay": "decay", "kl": "sparsity", "sparsity": "sparsity", "rho_hat": "sparsity"}


@dataclass(frozen=True)
class Mistake:
    """A wrong derivation: right sides that replace those of the page's lines.

    Attributes
    ----------
    step, tag : str
        The symbol whose line holds it, and the equation.
    sentence : str
        What a teaching assistant would say, without the solution.
    edits : tuple of (symbol, right side)
    order : int
        Which one to believe first where two give the same numbers: small is likelier.
    side : str
        "" unless the mistake itself says which side is wrong.
    term : str
        "" unless it touches only one of "data", "decay" and "sparsity".
    """

    step: str
    tag: str
    sentence: str
    edits: tuple[tuple[str, str], ...]
    order: int = 5
    side: str = ""
    term: str = ""


def of_line(
    line: Line,
    rule: Callable[[ast.expr], Iterator[Change]] = of_node,
    instead: dict[str, tuple[str, ...]] = INSTEAD,
) -> Iterator[Mistake]:
    """Yield every mistake in one line of the page; of another page with its own rule and symbols."""
    tree = ast.parse(line.source, mode="eval").body
    seen = {ast.unparse(tree)}
    for changed, sentence, order in _everywhere(tree, rule):
        source = ast.unparse(changed)
        if source not in seen and (_speaks_of(line.source, line.symbol) or not _speaks_of(source, line.symbol)):
            seen.add(source)
            yield _mistake(line, source, sentence, order)
    for change in _each_time(line, instead):
        yield _mistake(line, *change)
    for factor in FACTORS:
        sentence = "it is 0 throughout" if factor == "0" and line.symbol not in NAMES else factor_in_words(factor)
        yield _mistake(line, f"({factor}) * ({line.source})", sentence, 4)


def twice(line: Line, first: Mistake) -> Iterator[Mistake]:
    """Yield the mistakes that a line with one mistake can still have."""
    ((_, source),) = first.edits
    for changed, sentence, order in _everywhere(ast.parse(source, mode="eval").body, of_node):
        both = f"{first.sentence.rstrip('.')}; and {sentence}."
        yield Mistake(line.symbol, line.tag, both, ((line.symbol, ast.unparse(changed)),), first.order + order)


def _mistake(line: Line, source: str, sentence: str, order: int) -> Mistake:
    where, term = NAMES.get(line.symbol, line.symbol), TERM_OF.get(line.symbol, "")
    return Mistake(line.symbol, line.tag, f"{where}: {sentence}.", ((line.symbol, source),), order, term=term)


def _each_time(line: Line, instead: dict[str, tuple[str, ...]]) -> Iterator[Change]:
    """Yield what happens when something that occurs more than once is taken for something else each time."""
    for symbol, others in instead.items():
        name = rf"(?<![\w.]){re.escape(symbol)}(?!\w)"
        if len(re.findall(name, line.source)) > 1:
            for other in others:
                if not _speaks_of(other, line.symbol):
                    sentence = f"{words(other)} stands where {words(symbol)} belongs, each time"
                    yield re.sub(name, f"({other})", line.source), sentence, 3


def _speaks_of(source: str, symbol: str) -> bool:
    return bool(re.search(rf"\b{re.escape(symbol)}\b", source))


def _everywhere(node: ast.expr, rule: Callable[[ast.expr], Iterator[Change]]) -> Iterator[tuple[ast.expr, str, int]]:
    """Yield the tree with one of its nodes changed, what was done, and how unlikely it is."""
    for source, sentence, order in rule(node):
        yield ast.parse(source, mode="eval").body, sentence, order
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            for new, sentence, order in _everywhere(value, rule):
                yield _with(node, field, new), sentence, order
        elif isinstance(value, list):
            for k, item in enumerate(value):
                if isinstance(item, ast.expr):
                    for new, sentence, order in _everywhere(item, rule):
                        yield _with(node, field, [*value[:k], new, *value[k + 1 :]]), sentence, order


def _with(node: ast.expr, field: str, value) -> ast.expr:
    return type(node)(**{**dict(ast.iter_fields(node)), field: value})
