"""What is believed wrongly of the weight decay: lambda/2 times the squares of W1 and W2 in (E4), no biases."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import BLOCKS, Page
from ..vocabulary import factor_in_words, listed
from .make import mistake

SQUARES = {name: f"({name} * {name}).sum()" for name in BLOCKS}
SIGN, UNIT, ONES, SAME = "np.sign({0})", "{0} / np.linalg.norm({0})", "np.ones_like({0})", "{0}"
INSTEAD = (  # of the sum of squares: what is summed, its derivative (the right one is W itself), and what to say
    ("np.abs(W1).sum() + np.abs(W2).sum()", SIGN, "the sum of absolute weights stands where squares belong"),
    ("2 * (np.abs(W1).sum() + np.abs(W2).sum())", SIGN, "the sum of absolute weights stands where squares belong"),
    ("np.linalg.norm(W1) + np.linalg.norm(W2)", UNIT, "the norms are not squared"),
    ("2 * (np.linalg.norm(W1) + np.linalg.norm(W2))", UNIT, "the norms are not squared"),
    ("np.sqrt((W1 * W1).sum() + (W2 * W2).sum())", SAME, "the norm is not squared"),
    ("W1.sum() + W2.sum()", ONES, "the weights are not squared"),
    ("(W1.sum() + W2.sum()) ** 2", SAME, "the weights are summed before they are squared"),
    ("W1.sum() ** 2 + W2.sum() ** 2", SAME, "the weights are summed before they are squared"),
    ("(W1 @ W1.T).sum() + (W2 @ W2.T).sum()", SAME, "a matrix product stands where squares belong"),
    ("(W1 @ W1.T).sum() + (W2.T @ W2).sum()", SAME, "a matrix product stands where squares belong"),
    (
        *("np.linalg.norm(W1, 2) ** 2 + np.linalg.norm(W2, 2) ** 2", SAME),
        "the largest singular value is not the Frobenius norm",
    ),
)


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the weight decay."""
    yield from _of_biases(page)
    if not page.options.tied:
        yield from _of_one_weight(page)
        yield from _by_another_norm(page)
        yield from _by_a_factor(page)


def _of_biases(page: Page) -> Iterator[Mistake]:
    for which in (("b1", "b2"), ("b1",), ("b2",)):
        cost = ("decay", " + ".join([page["decay"].source, *(SQUARES[name] for name in which)]))
        gradients = tuple((f"grad_{name}", f"{page[f'grad_{name}'].source} + lam * {name}") for name in which)
        what = f"the weight decay is for weights: {listed(which)} should not decay"
        both = f"{what}, neither in the cost nor in the gradient"
        yield mistake(page, "cost", both, cost, *gradients, order=1, side="objective")
        yield mistake(page, "decay", f"{what}, in the cost", cost, order=1)
        yield mistake(page, gradients[0][0], what, *gradients, order=1)


def _of_one_weight(page: Page) -> Iterator[Mistake]:
    for kept, left in (("W1", "W2"), ("W2", "W1")):
        alone, twice = ("decay", SQUARES[kept]), ("decay", f"2 * {SQUARES[kept]}")
        gradient = page.replaced(f"grad_{left}", f" + lam * {left}", "")
        what = f"{left} should decay, too, in the cost and in the gradient"
        yield mistake(page, "cost", what, alone, gradient, order=1, side="objective")
        yield mistake(page, "decay", f"{kept} decays twice in the cost and {left} not at all", twice)
        swapped = page.replaced(f"grad_{left}", f"lam * {left}", f"lam * {kept}.T")
        yield mistake(page, "cost", f"{kept} decays twice and {left} not at all", twice, swapped)


def _by_another_norm(page: Page) -> Iterator[Mistake]:
    for value, slope, what in INSTEAD:
        cost = ("decay", value)
        edits = tuple(page.replaced(f"grad_{W}", f"lam * {W}", f"lam * {slope.format(W)}") for W in ("W1", "W2"))
        yield mistake(page, "decay", f"the weight decay in the cost: {what}", cost)
        if slope != SAME:
            yield mistake(page, "cost", f"the weight decay: {what}", cost, *edits, side="objective")


def _by_a_factor(page: Page) -> Iterator[Mistake]:
    what = "the weight decay in the cost: lambda / 2 belongs before both sums"
    for order, value in ((1, "lam / 2 * {W1} + {W2}"), (2, "{W1} + lam / 2 * {W2}")):
        yield mistake(
            page, "decay", what, page.replaced("cost", "lam / 2 * decay", value.format(**SQUARES)), order=order
        )
    for factor in ("2", "1 / 2", "1 / m", "m", "-1", "0"):
        edits = tuple(page.replaced(f"grad_{W}", f"lam * {W}", f"({factor}) * lam * {W}") for W in ("W1", "W2"))
        what = f"the weight decay in grad_W1 and grad_W2: {factor_in_words(factor)}"
        yield mistake(page, "grad_W1", what, *edits, order=3)
