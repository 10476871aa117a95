"""A small network through every equation of the reference page, with the numbers in between.

No formula stands here: the numbers are the variables of `sae.reference.cost_and_grad` as it runs, and each worked-out
sentence is its line of code run again, on numbers that remember how they were computed (`sae/worked.py`).
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from . import checks, equations, reference
from .errors import SaeError
from .terms import KLSparsity, SquaredError, WeightDecay
from .worked import DIGITS, Worked

THETA = (0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.3, -0.2, 0.1, -0.4)  # W1, W2, b1, b2 of a 2-2-2 network
EXAMPLES = ((1.0, 0.0, 0.5), (0.0, 1.0, 0.5))  # three, so that 1/m is not the 1/2
LARGEST = 2000  # products in W1 X; beyond it nobody follows the sums by hand
ARGUMENTS = ("theta", "X", "n_hidden", "lam", "rho", "beta")
ADDENDS = (SquaredError.name, WeightDecay.name, KLSparsity.name)  # of J, in the order of (E4)


@dataclass(frozen=True)
class Step:
    """A line of the page with its value.

    Attributes
    ----------
    tag : str
        The equation, "E1"; "" for what is given, the unpacked theta and the packed gradient.
    symbol : str
        What the line computes, "z2", or the name of an addend of J, "squared error".
    latex : str
        The equation, from the page's docstring.
    code : str
        The line of the page, or the part of it that is the addend.
    value : array
    sentence : str
        The first entry worked out, to five digits: "z2[0, 0] = 0.1*1 + 0.2*0 + 0.3 = 0.4".
    """

    tag: str
    symbol: str
    latex: str
    code: str
    value: np.ndarray
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """Return it with lists for arrays, for JSON."""
        return {**vars(self), "value": self.value.tolist()}


def explain(
    theta=THETA,
    X=EXAMPLES,
    n_hidden: int = 2,
    lam: float = 0.1,
    rho: float = 0.2,
    beta: float = 0.5,
    *,
    page: ModuleType = reference,
) -> list[Step]:
    """Walk a small network through (E1) to (E10), by default a 2-2-2 network with round numbers.

    Parameters
    ----------
    theta : (p,) array
    X : (n, m) array in [0, 1]
        Examples as columns.
    n_hidden, lam, rho, beta
        These and theta as in `sae.reference.cost_and_grad`.
    page : module
        Whose `cost_and_grad` is walked through.

    Returns
    -------
    list of Step
        What is given, each tagged line in the order of the equations (J after its addends), the packed gradient.

    Raises
    ------
    SaeError
        For input that the page refuses, and for networks too large to follow.
    """
    X, n_hidden = checks.matrix(X), checks.count("n_hidden", n_hidden)
    if (products := X.size * n_hidden) > LARGEST:
        raise SaeError(f"W1 X takes {products} products; expected at most {LARGEST}. Take fewer units and examples.")
    walk = _Walk(page, dict(zip(ARGUMENTS, (theta, X, n_hidden, lam, rho, beta), strict=True)))
    return [
        *(Step("", name, "", "", np.asarray(walk.numbers[name]), "") for name in ARGUMENTS[1:]),
        *(walk.step("", line) for line in walk.lines if _name(line) in ("W1", "W2", "b1", "b2")),
        *(step for tag in walk.equations for line in walk.lines if walk.tag(line) == tag for step in walk.steps(line)),
        walk.step("", walk.grad, "grad"),
    ]


class _Walk:
    """The source of a page and the variables of one run of its `cost_and_grad`."""

    def __init__(self, page: ModuleType, arguments: dict[str, Any]):
        self.source, self.equations = inspect.getsource(page), equations.read(page)
        function: Any = next(
            node for node in ast.parse(self.source).body if getattr(node, "name", "") == "cost_and_grad"
        )
        self.cost, self.grad = function.body[-1].value.elts
        self.lines: list[ast.Assign] = [line for line in function.body if isinstance(line, ast.Assign)]

        function.body[-1] = ast.parse("return locals()").body[0]
        self.names = dict(vars(page))
        exec(compile(ast.Module([function], []), page.__name__, "exec"), self.names)
        self.numbers = self.names[function.name](**arguments)
        self.worked = {name: np.frompyfunc(Worked, 1, 1)(value) for name, value in self.numbers.items()}

    def tag(self, line: ast.Assign) -> str:
        """Return "E1" for a line that ends in # (E1)."""
        return self.source.splitlines()[line.lineno - 1].partition("  # (")[2].partition(")")[0]

    def steps(self, line: ast.Assign) -> Iterator[Step]:
        """Yield the step of a line, after those of its addends if it is J."""
        step = self.step(self.tag(line), line)
        if step.symbol == ast.unparse(self.cost):
            parts = zip(ADDENDS, _addends(line.value), strict=True)
            addends = [self.step(step.tag, addend, name) for name, addend in parts]
            yield from addends
            worked_out = " + ".join(_short(addend.value) for addend in addends)
            step = replace(step, sentence=f"{step.symbol} = {worked_out} = {_short(step.value)}")
        yield step

    def step(self, tag: str, line: ast.Assign | ast.expr, symbol: str = "") -> Step:
        """Evaluate a line: on the numbers, and again on those that remember."""
        code = ast.get_source_segment(self.source, line) or ""
        symbol, line = (_name(line), line.value) if isinstance(line, ast.Assign) else (symbol, line)
        compiled = compile(ast.Expression(line), "page", "eval")
        value = np.asarray(eval(compiled, self.names, self.numbers))
        if not tag:
            return Step("", symbol, "", code, value, "")
        first = np.asarray(eval(compiled, self.names, self.worked), dtype=object).flat[0]
        place = f"[{', '.join('0' * value.ndim)}]" if value.ndim else ""
        sentence = f"{symbol}{place} = {first.text} = {_short(value.flat[0])}"
        return Step(tag, symbol, self.equations[tag].latex, code, value, sentence)


def _name(line: ast.Assign) -> str:
    return ast.unparse(line.targets[0])


def _addends(expression: ast.expr) -> list[ast.expr]:
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Add):
        return [*_addends(expression.left), expression.right]
    return [expression]


def as_text(steps: Sequence[Step]) -> str:
    """Return the steps for a terminal: under the number of an equation its code, the first entry, all entries."""
    lines, tag = ["given"], ""
    for step in steps:
        if step.tag != tag:
            lines.append(f"({step.tag})" if step.tag else "theta's order")
            tag = step.tag
        numbers = f"{step.symbol} = "
        numbers += np.array2string(step.value, separator=", ", prefix=" " * 6 + numbers, formatter={"all": _short})
        lines += [f"{' ' * (6 if part is not step.code else 2)}{part}" for part in (step.code, step.sentence) if part]
        lines += [] if step.value.ndim == 0 and step.sentence else [f"      {numbers}"]
    return "\n".join(lines)


def as_table(steps: Sequence[Step]) -> str:
    """Return the tagged steps as a Markdown table for a notebook, each equation beside the first of its lines."""
    rows, tag = ["| | equation | line | first entry | all entries |", "|---|---|---|---|---|"], ""
    for step in steps:
        if step.tag:
            latex = step.latex.replace(r"\|", r"\Vert ")  # a bar would end the cell
            equation = f"| ({step.tag}) | ${latex}$" if step.tag != tag else "| | "
            tag = step.tag
            entries = "<br>".join(f"`{'  '.join(map(_short, row))}`" for row in np.atleast_2d(step.value))
            rows.append(f"{equation} | `{step.code}` | `{step.sentence}` | {entries} |")
    return "\n".join(rows)


def _short(x) -> str:
    return f"{x:.{DIGITS}g}"
