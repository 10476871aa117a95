"""What is believed wrongly of (E7) to (E10): factors too many, products of means, weights that were updated first."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import Page
from ..vocabulary import factor_in_words, listed
from .make import GROUPS, mistake

FACTORS = ("-1", "0", "2", "1 / 2", "m", "1 / m", "n", "1 / n", "m / n", "n / m", "1 / n_hidden", "-m", "-1 / m")
PRODUCTS = {"grad_W1": ("delta2", "X"), "grad_W2": ("delta3", "a2")}
OUTER = {  # p and q are the two that are multiplied
    "np.outer({p}.mean(axis=1), {q}.mean(axis=1))": "a product of means is not the mean of the products",
    "np.outer({p}.sum(axis=1), {q}.sum(axis=1)) / m": "a product of sums is not the sum of the products",
    "np.outer({p}[:, 0], {q}[:, 0])": "only the first example counts",
    "np.outer({p}[:, -1], {q}[:, -1])": "only the last example counts",
}
RATES = ("0.01", "0.1", "0.5", "1", "0.001")


def updates(page: Page) -> Iterator[Mistake]:
    """Yield mistakes where W2 was already changed when the error comes back through it."""
    what = "the error comes back through weights that were already updated"
    for rate in RATES:
        for gradient in (page["grad_W2"].source, "delta3 @ a2.T / m", "delta3 @ a2.T"):
            yield mistake(page, "delta2", what, page.replaced("delta2", "W2.T", f"(W2 - {rate} * ({gradient})).T"))


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the gradients."""
    if not page.options.tied:
        yield from updates(page)
    for factor in FACTORS:
        for group in GROUPS:
            yield from _factor(page, factor, group)
    for name, (p, q) in PRODUCTS.items():
        for outer, what in OUTER.items():
            edit = page.replaced(name, f"{p} @ {q}.T / m", outer.format(p=p, q=q))
            yield mistake(page, name, f"{name}: {what}", edit)


def _factor(page: Page, factor: str, group: tuple[str, ...]) -> Iterator[Mistake]:
    """In all of it, or in the part that comes from the examples."""
    whole, part = [], []
    for name in group:
        source = page[name].source
        examples = source.split(" + lam")[0]
        whole.append((name, f"({factor}) * ({source})"))
        part.append((name, source.replace(examples, f"({factor}) * ({examples})")))
    yield mistake(page, group[0], f"{listed(group)}: {factor_in_words(factor, 'each')}", *whole)
    what = f"in the part that comes from the examples, {factor_in_words(factor, 'each')}"
    yield mistake(page, group[0], f"{listed(group)}: {what}", *part)
