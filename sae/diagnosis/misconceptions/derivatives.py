"""f' is that of something else, in delta3 (E5), in delta2 (E6) or in both."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import DERIVATIVE, Page, in_layer
from ..vocabulary import listed
from .make import mistake

INSTEAD = {
    "(z * (1 - z))": "f' is taken of z as if z were a: the short form of f' is written in a",
    "(sigmoid(a) * (1 - sigmoid(a)))": "f' is evaluated at a instead of z",
    "(1 - a * a)": "f' is that of tanh",
    "(1 - np.tanh(z) ** 2)": "f' is that of tanh",
    "(a * (1 - a)) ** 2": "f' is there twice",
    "(a * (a - 1))": "f' has the wrong sign",
    "(a * a * (1 - a))": "f' has a factor a too many",
    "(a * (1 - a) ** 2)": "f' has a factor 1 - a too many",
    "(a * (1 + a))": "f' has a plus where a minus belongs",
    "(a - 1)": "f' has lost a factor a",
    "(1 - 2 * a)": "f'' stands where f' belongs",
    "a * (1 - a) * (1 - 2 * a)": "f'' stands where f' belongs",
    "a": "f itself stands where f' belongs",
    "z": "z stands where f' belongs",
    "np.exp(-z)": "f' is not complete",
    "(np.exp(-z) / (1 + np.exp(-z)))": "f' is not complete: look at the power of the denominator",
    "(z > 0)": "f' is that of the rectifier",
    "(np.exp(z) / (1 + np.exp(z)))": "f itself stands where f' belongs",
    "1": "f' is missing",
    "(1 - a) ** 2": "1 - a stands where a belongs",
    "(a ** 2)": "a stands where 1 - a belongs",
    "(a - a ** 2 / 2)": "f' has a wrong factor",
    "(a * (1 - a)).mean(axis=1)[:, None]": "f' is a mean over the examples instead of each example's own",
    "(a * (1 - a)).mean()": "f' is a mean over units and examples instead of each one's own",
    "(z * (1 - a))": "z stands where a belongs",
    "(a * (1 - z))": "z stands where a belongs",
    "1 / (1 + np.exp(z))": "f' is not complete",
    "(a.mean(axis=1) * (1 - a.mean(axis=1)))[:, None]": "f' is taken at the mean activation",
    "(np.exp(z) / (1 + np.exp(z)) ** 2 * a)": "f' has a factor a too many",
}
APART = (  # (E6) with another product for each of its two parts, back and sparse
    "({back}) * {slope} + ({sparse}) * ({slope}) ** 2",
    "({back} + {sparse} * {slope})",
    "({back}) * {slope} + {sparse} * a2",
    "({back}) * {slope} + {sparse} * (1 - a2)",
    "(W2.T @ (a3 - X) + {sparse}) * {slope}",
)


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of f'."""
    for layers in ((3,), (2,), (3, 2)):
        for new, what in INSTEAD.items():
            edits = tuple(_edits(page, layers, new))
            if edits:
                where = listed([symbol for symbol, _ in edits])
                yield mistake(page, edits[0][0], f"{where}: {what}", *edits)
    if page.options.slope(3) == "1":
        yield _kept(page)
    what = "the two parts of delta2 are not multiplied by the same f'(z2)"
    for parts in APART:
        delta2 = parts.format(back="W2.T @ delta3", sparse="sparsity[:, None]", slope=page.options.slope(2))
        yield mistake(page, "delta2", what, ("delta2", delta2), order=3)


def _kept(page: Page) -> Mistake:
    """The slope of sigmoid outputs, where there is none."""
    cancels, linear = "cross-entropy has cancelled it", "the outputs are linear, their slope is 1"
    what = f"delta3: a3 (1 - a3) is kept: {cancels if page.options.cross_entropy else linear}"
    return mistake(page, "delta3", what, ("delta3", f"({page['delta3'].source}) * a3 * (1 - a3)"), order=1)


def _edits(page: Page, layers: tuple[int, ...], new: str) -> Iterator[tuple[str, str]]:
    for layer in layers:
        symbol, own = f"delta{layer}", in_layer(DERIVATIVE[page.options.activation(layer)], layer)
        if f" * {own}" in page[symbol].source:
            yield page.replaced(symbol, f" * {own}", f" * {in_layer(new, layer)}")
