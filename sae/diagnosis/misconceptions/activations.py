"""The forward pass (E1), (E2) is that of another network: other activations, no biases."""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import DERIVATIVE, FUNCTION, Page, in_layer
from .make import mistake

OTHERS = {name: (FUNCTION[name], DERIVATIVE[name]) for name in FUNCTION} | {
    "softplus": ("np.log1p(np.exp(z))", "(1 - np.exp(-a))"),
    "tanh, rescaled to run from 0 to 1": ("(np.tanh(z) + 1) / 2", "2 * a * (1 - a)"),
    "LeCun's tanh": ("1.7159 * np.tanh(2 * z / 3)", "(2 / 3 * (1.7159 - a * a / 1.7159))"),
}

SPOKEN = {"sigmoid": "the sigmoid", "relu": "the rectifier", "identity": "the identity"}


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the forward pass."""
    for layers in ((2,), (3,), (2, 3)):
        for name in OTHERS:
            if all(page.options.activation(layer) != name for layer in layers):
                yield from _another(page, layers, name)
    yield from _in_both_layers(page)


def _another(page: Page, layers: tuple[int, ...], name: str) -> Iterator[Mistake]:
    function, derivative = OTHERS[name]
    forward = [(f"a{layer}", in_layer(function, layer)) for layer in layers]
    back = []
    for layer in layers:
        delta, own = f"delta{layer}", in_layer(DERIVATIVE[page.options.activation(layer)], layer)
        slope = in_layer(derivative, layer)
        linear = delta, f"({page[delta].source}) * {slope}"  # whose own slope, 1, is not written
        back.append(linear if own == "1" else page.replaced(delta, f" * {own}", f" * {slope}"))
    subject = "a2 and a3 are" if len(layers) == 2 else f"{forward[0][0]} is"
    what = f"{subject} computed with {SPOKEN.get(name, name)}, which makes another network"
    yield mistake(page, forward[0][0], what, *forward, *back, order=1, side="forward")
    yield mistake(page, forward[0][0], what, *forward, side="forward")
    if len(layers) == 2:
        yield mistake(page, "delta3", f"f' is the derivative of {SPOKEN.get(name, name)} in both layers", *back)


def _in_both_layers(page: Page) -> Iterator[Mistake]:
    def both(*pieces):
        return tuple(page.replaced(symbol, old, new) for symbol, old, new in pieces)

    softmax = ("a3", "np.exp(z3) / np.exp(z3).sum(axis=0)")
    yield mistake(page, "a3", "a3 is a softmax: each output unit has a sigmoid of its own", softmax, side="forward")
    flipped = both(("a2", "z2", "-z2"), ("a3", "z3", "-z3"))
    what = "the exponent of the sigmoid has the wrong sign, in both layers"
    yield mistake(page, "a2", what, *flipped, side="forward")
    negative = both(("z2", "+ b1", "- b1"), ("z3", "+ b2", "- b2"))
    signs = tuple((f"grad_b{k}", f"-({page[f'grad_b{k}'].source})") for k in (1, 2))
    for edits in (negative, negative + signs):
        yield mistake(page, "z2", "the biases b1 and b2 are subtracted", *edits, side="forward")
    double = both(("a2", "z2", page["a2"].source), ("a3", "z3", page["a3"].source))
    yield mistake(page, "a2", "the activation function is applied twice, in both layers", *double, side="forward")
    none = both(("z2", " + b1[:, None]", ""), ("z3", " + b2[:, None]", ""))
    yield mistake(page, "z2", "the biases b1 and b2 are missing", *none, order=1, side="forward")
