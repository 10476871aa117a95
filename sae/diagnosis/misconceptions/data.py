"""What is believed wrongly of the data term of (E4), in the cost alone or in its derivative (E5), too."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import Page
from ..vocabulary import factor_in_words
from .make import mistake

FACTORS = (
    *("2", "m", "2 * m", "1 / m", "1 / n", "n", "2 / n", "1 / (m * n)", "1 / 2", "m / n", "m * n", "0", "-1"),
    "1 / n_hidden",
)
INSTEAD = (  # of half the mean squared distance; {J} is the data term itself
    *("np.sqrt({J})", "np.sqrt(2 * {J})"),
    *("np.abs(a3 - X).sum() / m", "np.abs(a3 - X).sum() / (2 * m)"),
    *("np.linalg.norm(a3 - X) / m", "np.linalg.norm(a3 - X) / (2 * m)", "np.linalg.norm(a3 - X) ** 2 / m"),
    *("(a3 - X).sum() / (2 * m)", "(a3 - X).sum() / m"),
    *("((a3 - X) ** 2).mean()", "((a3 - X) ** 2).mean() / 2"),
    "np.linalg.norm(a3 - X, axis=0).sum() / (2 * m)",
    *("((a3 - X) ** 2).sum() / 2", "((a3 - X) ** 2).sum()"),
    *("np.linalg.norm(a3 - X, 2) ** 2 / (2 * m)", "np.linalg.norm(a3 - X, 1) ** 2 / (2 * m)"),
    "((a3 - X) @ (a3 - X).T).sum() / (2 * m)",
)
CROSS_ENTROPY = "-(X * np.log(a3) + (1 - X) * np.log(1 - a3)).sum() / m"


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the data term."""
    J = page["cost"].source.split(" + lam")[0]

    def cost(value):
        return page.replaced("cost", J, value)

    for factor in FACTORS:
        edits = cost(f"({factor}) * {J}"), ("delta3", f"({factor}) * {page['delta3'].source}")
        what = factor_in_words(factor)
        yield mistake(page, "cost", f"the data term, in the cost and in delta3: {what}", *edits, side="objective")
        yield mistake(page, "cost", f"the data term in the cost: {what}", edits[0])
    what = "the cross-entropy stands where the squared error belongs"
    slope = ("delta3", "(a3 - X)")
    yield mistake(page, "cost", what, cost(CROSS_ENTROPY), slope, order=1, side="objective")
    yield mistake(page, "cost", f"{what}, in the cost", cost(CROSS_ENTROPY), order=1)
    for value in INSTEAD:
        what = "the data term in the cost is not half the mean squared distance"
        yield mistake(page, "cost", what, cost(value.format(J=J)))
    absolute = cost("np.abs(a3 - X).sum() / m"), page.replaced("delta3", "(a3 - X)", "np.sign(a3 - X)")
    what = "the absolute error stands where the squared error belongs"
    yield mistake(page, "cost", what, *absolute, side="objective")
    added = tuple(page.replaced(symbol, "(a3 - X)", "(a3 + X)") for symbol in ("cost", "delta3"))
    yield mistake(page, "cost", "a3 and X are added instead of subtracted", *added, order=3, side="objective")
