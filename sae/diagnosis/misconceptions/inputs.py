"""X is changed inside the function: before (E1), in (E7), or where a3 is compared with it."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import Page
from .make import mistake

CHANGED = {
    "(X - X.mean())": "the mean of all X is subtracted",
    "(X - X.mean(axis=0))": "each example's mean is subtracted",
    "(X - X.mean(axis=1)[:, None])": "each feature's mean is subtracted",
    "(X - X.mean(axis=1)[:, None]) / X.std(axis=1)[:, None]": "X is standardised",
    "(X - X.mean()) / X.std()": "X is standardised",
    "X / X.max()": "X is divided by its maximum",
    "(X - X.min()) / (X.max() - X.min())": "X is rescaled to 0 to 1",
    "X / np.linalg.norm(X, axis=0)": "each example is divided by its norm",
    "X / 255": "X is divided by 255",
    "X ** 2": "X is squared",
    "1 - X": "X is turned into 1 - X",
    "np.round(X)": "X is rounded",
}


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of X."""
    for value, what in CHANGED.items():
        forward = page.replaced("z2", "X", value)
        gradient = page.replaced("grad_W1", "X.T", f"({value}).T")
        target = tuple(page.replaced(symbol, "X", value) for symbol in ("cost", "delta3"))
        inside = f"{what} inside the function: J is a function of X as it is given"
        for edits in ((("X", value),), (forward,), (forward, gradient)):
            yield mistake(page, "z2", inside, *edits)
        yield mistake(page, "grad_W1", f"{what} in grad_W1", gradient, order=3)
        yield mistake(page, "cost", f"{what} where a3 is compared with X", *target, side="objective")
