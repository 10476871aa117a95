"""Slips that the page of the autoencoder has no place for: axes, ends of ranges, comparisons, roots, transposes.

As in `sae.diagnosis.rules`, each is (what stands there instead, what to say, how unlikely it is).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

from ..diagnosis.slips import Change
from ..diagnosis.vocabulary import words

OPPOSITE = {  # of methods and functions
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "sum": "mean",
    "std": "var",
    "any": "all",
    "floor": "ceil",
    "zeros": "ones",
    "cumsum": "cumprod",
    "minimum": "maximum",
    "maximum": "minimum",
}
UNARY = ("np.sqrt", "np.exp", "np.log", "np.abs", "np.tanh", "np.log1p", "np.square", "sigmoid", "np.cumsum")
COMPARED = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
}


def of_node(node: ast.expr) -> Iterator[Change]:
    """Yield what else may stand in the place of a node."""
    if isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield ast.unparse(node.value), f"{words(ast.unparse(node.value))} must be transposed", 1
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for step in (1, -1):
            yield f"({node.value + step})", f"{node.value + step} stands where {node.value} belongs", 3
    elif isinstance(node, ast.Constant) and type(node.value) is float:
        for factor in (2, 0.5):
            yield f"({node.value * factor})", f"{node.value * factor:g} stands where {node.value:g} belongs", 4
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield f"({left} {other} {right})", f"{other} stands where another comparison belongs", 2
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        left, right = ast.unparse(node.left), ast.unparse(node.right)
        for template in ("({q}) @ ({p})", "({p}).T @ ({q})", "({p}) @ ({q}).T", "({p}) * ({q})"):
            text = template.format(p=left, q=right)
            yield text, f"the product of {words(left)} and {words(right)} is another one", 2
    elif isinstance(node, ast.Subscript):
        yield from _slice(node)


def _call(node: ast.Call) -> Iterator[Change]:
    function = ast.unparse(node.func)
    if function in UNARY and len(node.args) == 1:
        inside = ast.unparse(node.args[0])
        name = {"np.sqrt": "the square root", "np.log": "the logarithm", "np.exp": "the exponential"}
        yield f"({inside})", f"{name.get(function, words(function))} is missing", 1
        yield f"{function}(-({inside}))", f"the argument of {words(function)} has the wrong sign", 3
        yield f"{function}({function}({inside}))", f"{words(function)} is applied twice", 4
    for k, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) and keyword.value.value in (0, 1):
            other = deepcopy(node)
            other.keywords[k].value = ast.Constant(1 - keyword.value.value)
            yield (
                ast.unparse(other),
                f"axis {1 - keyword.value.value} stands where axis {keyword.value.value} belongs",
                1,
            )
            rows = "[None, :]" if keyword.value.value else "[:, None]"
            yield f"({ast.unparse(other)}){rows}", f"it is taken along the wrong axis: of {words(_of(node))}", 2
            without = deepcopy(node)
            del without.keywords[k]
            yield ast.unparse(without), "it is taken over the whole array, where an axis is meant", 2
    if isinstance(node.func, ast.Attribute) and node.func.attr in OPPOSITE:
        other = deepcopy(node)
        assert isinstance(other.func, ast.Attribute)
        other.func.attr = OPPOSITE[node.func.attr]
        yield ast.unparse(other), f"{other.func.attr} stands where {node.func.attr} belongs", 3
    if len(node.args) == 2:
        swapped = deepcopy(node)
        swapped.args.reverse()
        yield ast.unparse(swapped), f"the arguments of {words(function)} are the wrong way round", 3


def _of(node: ast.Call) -> str:
    return ast.unparse(node.func.value if isinstance(node.func, ast.Attribute) else node.func)


def _slice(node: ast.Subscript) -> Iterator[Change]:
    """a[i:j]: an end too far or too near."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, part in enumerate(parts):
        for end in ("lower", "upper"):
            bound = getattr(part, end, None) if isinstance(part, ast.Slice) else None
            if bound is None:
                continue
            for step in ("+ 1", "- 1"):
                other = deepcopy(node)
                target = other.slice.elts[k] if isinstance(other.slice, ast.Tuple) else other.slice
                setattr(target, end, ast.parse(f"({ast.unparse(bound)}) {step}", mode="eval").body)
                yield ast.unparse(other), f"the slice of {words(ast.unparse(node.value))} is off by one", 2
