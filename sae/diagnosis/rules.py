"""What may be written wrongly at one node of a line: which of the `slips` apply, and misplaced parentheses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .slips import (
    ACTIVATION,
    ADD,
    DIV,
    DIV_BY_PRODUCT,
    LOG,
    MEAN,
    MULT,
    OTHER_ACTIVATIONS,
    POWER,
    SQUARE,
    SUB,
    SUM,
    SUM_OF_POWERS,
    SUM_OF_PRODUCTS,
    SUM_OVER_UNITS,
    Change,
)
from .vocabulary import INSTEAD, words

SIGN = {ast.Add: "+", ast.Sub: "-"}


def of_node(node: ast.expr, instead: dict[str, tuple[str, ...]] = INSTEAD) -> Iterator[Change]:
    """Yield what may stand in the place of a node; `instead` says what may be taken for what."""
    source = ast.unparse(node)
    for other in instead.get(source, ()):
        yield f"({other})", f"{words(other)} stands where {words(source)} belongs", 3
    if isinstance(node, ast.BinOp):
        for rule in OPERATIONS.get(type(node.op), ()):
            yield from rule(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = ast.unparse(node.operand)
        yield operand, f"the minus before {words(operand)} is missing", 2
    elif isinstance(node, ast.Call):
        yield from _call(node)


def _filled(table: tuple[Change, ...], **pieces: ast.expr | str) -> Iterator[Change]:
    sources = {name: piece if isinstance(piece, str) else ast.unparse(piece) for name, piece in pieces.items()}
    spoken = {name: words(source) for name, source in sources.items()}
    for template, sentence, order in table:
        yield template.format(**sources), sentence.format(**spoken), order


def _sides(table):
    """Return a rule that fills a table with the two sides of an operation."""

    def rule(node: ast.BinOp) -> Iterator[Change]:
        yield from _filled(table, p=node.left, q=node.right)

    return rule


def _is(node: ast.expr, *operators) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operators)


def _part_outside(node: ast.BinOp) -> Iterator[Change]:
    """(a + b) * r: only a, or only b, is multiplied."""
    factors: list[ast.expr] = [node]
    while isinstance(first := factors[0], ast.BinOp) and _is(first, ast.Mult):
        factors[:1] = [first.left, first.right]
    if isinstance(first, ast.BinOp) and _is(first, ast.Add):
        rest = " * ".join(f"({ast.unparse(factor)})" for factor in factors[1:])
        where = "outside f'(z2)" if "a2" in rest or "z2" in rest else "outside the product"
        yield from _filled(
            (
                (f"(({{a}}) * {rest} + {{b}})", f"{{b}} is added {where}", 1),
                (f"({{a}} + ({{b}}) * {rest})", f"{{a}} is added {where}", 2),
            ),
            a=first.left,
            b=first.right,
        )


def _lost_parentheses(node: ast.BinOp) -> Iterator[Change]:
    """p * (a + b) is written p * a + b; and so with a quotient, a difference, and the other side."""
    left, right = ast.unparse(node.left), ast.unparse(node.right)
    product = isinstance(node.op, ast.Mult)
    sentence = f"look at the parentheses: a {'product' if product else 'quotient'} binds more strongly than a sum"
    sides = (node.right, node.left) if product else (node.left, node.right)
    for side in sides:
        if not isinstance(side, ast.BinOp) or not _is(side, ast.Add, ast.Sub):
            continue
        a, b, sign = ast.unparse(side.left), ast.unparse(side.right), SIGN[type(side.op)]
        if side is node.left:
            yield (f"({a} {sign} ({b}) * ({right}))" if product else f"({a} {sign} ({b}) / ({right}))"), sentence, 2
        else:
            yield (f"(({left}) * {a} {sign} ({b}))" if product else f"(({left}) / ({a}) {sign} ({b}))"), sentence, 2


def _by_product(node: ast.BinOp) -> Iterator[Change]:
    if isinstance(node.right, ast.BinOp) and _is(node.right, ast.Mult):
        yield from _filled(DIV_BY_PRODUCT, p=node.left, a=node.right.left, b=node.right.right)


def _both_divided(node: ast.BinOp) -> Iterator[Change]:
    """a / m + b is written (a + b) / m."""
    if isinstance(node.left, ast.BinOp) and _is(node.left, ast.Div):
        table = (("(({a} + {q}) / ({b}))", "{q} is divided by {b}, too", 2),)
        yield from _filled(table, a=node.left.left, b=node.left.right, q=node.right)


def _square(node: ast.BinOp) -> Iterator[Change]:
    if ast.unparse(node.left) == ast.unparse(node.right):
        yield from _filled(SQUARE, p=node.left)


OPERATIONS = {
    ast.Add: (_sides(ADD), _both_divided),
    ast.Sub: (_sides(SUB),),
    ast.Mult: (_sides(MULT), _part_outside, _lost_parentheses, _square),
    ast.Div: (_sides(DIV), _lost_parentheses, _by_product),
    ast.Pow: (_sides(POWER),),
}


def _call(node: ast.Call) -> Iterator[Change]:
    function = ast.unparse(node.func)
    if function == "np.log":
        yield from _filled(LOG, p=node.args[0])
    if function in ("sigmoid", "np.tanh"):
        inside = ast.unparse(node.args[0])
        for other, sentence in OTHER_ACTIVATIONS.items():
            if other != function:
                yield f"{other}({inside})", sentence, 2
        yield from _filled(ACTIVATION, f=function, p=inside)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "mean":
        yield from _filled(MEAN, p=node.func.value)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "sum":
        yield from _sum(node.func.value)


def _sum(summed: ast.expr) -> Iterator[Change]:
    yield from _filled(SUM, p=summed)
    if isinstance(summed, ast.BinOp) and _is(summed, ast.Pow):
        yield from _filled(SUM_OF_POWERS, p=summed.left)
    elif isinstance(summed, ast.BinOp) and ast.unparse(summed.left) == ast.unparse(summed.right):
        yield from _filled(SUM_OF_PRODUCTS, p=summed.left)
    if ast.unparse(summed) == "kl":
        yield from _filled(SUM_OVER_UNITS, p=summed)
