"""m is another number, or some examples are left out, everywhere or in some places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import Page
from ..vocabulary import listed
from .make import GRADIENTS, GROUPS, Edit, mistake

INSTEAD_OF_M = {
    "n": "the number of inputs stands where the number of examples m belongs",
    "n_hidden": "the number of hidden units stands where the number of examples m belongs",
    "1": "sums over the examples stand where means belong",
    "(m - 1)": "m - 1 stands where the number of examples m belongs",
    "(m * n)": "m n stands where the number of examples m belongs",
    "(m + 1)": "m + 1 stands where the number of examples m belongs",
    "(n * n_hidden)": "the number of weights stands where the number of examples m belongs",
    "m / 2": "m / 2 stands where the number of examples m belongs",
}
LEFT_OUT = {"[:, :-1]": "the last example is left out", "[:, 1:]": "the first example is left out"}
ALONE = {
    "[:, -1:]": "only the last example counts, as if = stood where += belongs",
    "[:, :1]": "only the first example counts",
}
BOTH = "in the cost and in the gradient"


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the mean over examples."""
    for count, what in INSTEAD_OF_M.items():
        yield from _counted(page, count, what)
    for part, what in (LEFT_OUT | ALONE).items():
        yield from _some(page, part, what)


def _counted(page: Page, count: str, what: str) -> Iterator[Mistake]:
    def edit(symbol) -> Edit:
        source = page[symbol].source.replace(".mean(axis=1)", ".sum(axis=1) / m")
        return symbol, re.sub(r"\bm\b", count, source)

    everywhere = tuple(edit(symbol) for symbol in ("cost", *GRADIENTS))
    yield mistake(page, "cost", f"{what}, {BOTH}", *everywhere, order=1, side="objective")
    yield mistake(page, "cost", f"{what}, everywhere", edit("rho_hat"), *everywhere, order=1, side="objective")
    for group in GROUPS:
        yield mistake(page, group[0], f"{what}, in {listed(group)}", *map(edit, group), order=3)


def _some(page: Page, part: str, what: str) -> Iterator[Mistake]:
    """Only the examples of this part count; the division is by m, or by m - 1."""
    cost = page.replaced("cost", "(a3 - X)", f"(a3 - X){part}")
    share = ("rho_hat", f"a2{part}.sum(axis=1) / m")
    gradient = {symbol: _of_part(page[symbol].source, part) for symbol in GRADIENTS}
    yield mistake(page, "cost", f"{what}, {BOTH}", cost, *gradient.items(), order=1, side="objective")
    everywhere = (cost, *gradient.items(), share)
    yield mistake(page, "cost", f"{what}, everywhere", *everywhere, order=1, side="objective")
    for group in (*GROUPS, *((name,) for name in GRADIENTS)):
        where = f"in {listed(group)}"
        yield mistake(page, group[0], f"{what}, {where}", *((name, gradient[name]) for name in group))
        summed = ((name, gradient[name].replace(" / m", "")) for name in group)
        yield mistake(page, group[0], f"{what}, and there is no mean, {where}", *summed, order=3)
    if part in LEFT_OUT:
        fewer = tuple((symbol, re.sub(r"\bm\b", "(m - 1)", source)) for symbol, source in everywhere)
        yield mistake(page, "cost", f"{what}, everywhere", *fewer, side="objective")


def _of_part(source: str, part: str) -> str:
    source = re.sub(r"(delta\d) @ (X|a2)\.T", rf"\1{part} @ \2{part}.T", source)
    return re.sub(r"(delta\d)\.mean\(axis=1\)", rf"\1{part}.sum(axis=1) / m", source)
