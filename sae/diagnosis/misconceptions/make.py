"""What every topic needs: a misconception is a step, a sentence and the lines that come out wrong."""

from __future__ import annotations

from ..mistakes import Mistake
from ..page import Page

GRADIENTS = ("grad_W1", "grad_W2", "grad_b1", "grad_b2")
GROUPS = (GRADIENTS, GRADIENTS[:2], GRADIENTS[2:], GRADIENTS[::2], GRADIENTS[1::2])  # all, weights, biases, layers
Edit = tuple[str, str]


def mistake(page: Page, step: str, sentence: str, *edits: Edit, order: int = 2, side: str = "") -> Mistake:
    """Return a mistake of several lines; its equation is that of the step, and packing theta belongs to (E7)."""
    packs = step == "theta" and all(symbol == "grad" for symbol, _ in edits)
    return Mistake(step, "E7" if packs else page.tag(step), f"{sentence}.", edits, order, side)
