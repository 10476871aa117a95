"""Mistakes that touch several lines of the page at once: what is believed wrongly, rather than mistyped.

Each topic is a module with tables of sentences and of what then stands in the lines, and a function that makes
mistakes of them for a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..mistakes import Mistake
from ..page import Page
from . import activations, arguments, data, decay, derivatives, examples, gradients, inputs, order, sparsity

OF_ONE_TERM = {"sparsity": sparsity, "data": data, "decay": decay}
OF_SEVERAL = (arguments, examples, activations, derivatives, order, inputs, gradients)


def of_page(page: Page) -> Iterator[Mistake]:
    """Yield every misconception, as changes of the lines of this page."""
    for term, topic in OF_ONE_TERM.items():
        for mistake in topic.mistakes(page):
            yield replace(mistake, term=term)
    for topic in OF_SEVERAL:
        yield from topic.mistakes(page)
