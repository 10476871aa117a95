"""theta is unpacked, or the gradient packed, in another order than [W1, W2, b1, b2], each raveled in C order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from ..mistakes import Mistake
from ..page import Page
from .make import Edit, mistake

SHAPES = {"W1": "(n_hidden, n)", "W2": "(n, n_hidden)", "b1": "n_hidden", "b2": "n"}
SIZES = {"W1": "size", "W2": "size", "b1": "n_hidden", "b2": "n"}
MISREAD = (  # one parameter is read at a wrong place of theta
    ("W2", "W1.T", "W2 is W1 transposed here: the weights are not tied"),
    ("W2", "theta[:size].reshape(n, n_hidden)", "W2 is read where W1 lies"),
    ("W1", "theta[size:2 * size].reshape(n_hidden, n)", "W1 is read where W2 lies"),
    ("b1", "theta[-n_hidden:]", "b1 is read at the end of theta"),
    ("b2", "theta[2 * size:2 * size + n]", "b2 is read where b1 lies"),
    ("b1", "theta[2 * size + 1:2 * size + n_hidden + 1]", "b1 is read one place too late"),
    ("b1", "theta[2 * size - 1:2 * size + n_hidden - 1]", "b1 is read one place too early"),
    ("b2", "theta[2 * size + n_hidden - 1:-1]", "b2 is read one place too early"),
    ("W2", "theta[size + 1:2 * size + 1].reshape(n, n_hidden)", "W2 is read one place too late"),
    ("W2", "theta[size - 1:2 * size - 1].reshape(n, n_hidden)", "W2 is read one place too early"),
    ("W1", "theta[1:size + 1].reshape(n_hidden, n)", "W1 is read one place too late"),
)
TIED = "np.concatenate([grad_W1.ravel() + grad_W2.T.ravel(), grad_W2.ravel(), grad_b1, grad_b2])"


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of theta's layout."""
    names = page.options.names
    weights = tuple(name for name in names if name.startswith("W"))
    for columns in dict.fromkeys((weights, *((name,) for name in weights))):
        how = f"{' and '.join(columns)} column by column, as MATLAB does: theta holds them row by row"
        yield from _either_or_both(page, how, unpack(names, columns), pack(page, names, columns), order=1)
    for order in permutations(names):
        if order != names:
            how = f"in the order {', '.join(order)} instead of {', '.join(names)}"
            yield from _either_or_both(page, how, unpack(order), pack(page, order), order=2)
    for name in names:
        step, block = f"grad_{name}", _gradient(page, name)
        zero, itself = (page.replaced("grad", block, new) for new in (f"0 * {block}", name))
        yield mistake(page, step, f"{step} is 0", zero)
        yield mistake(page, step, f"{name} itself is returned for its gradient", itself)
    if not page.options.tied:
        for name, source, what in MISREAD:
            yield mistake(page, "theta", what, (name, source), side="forward")
        yield mistake(page, "theta", MISREAD[0][2], MISREAD[0][:2], ("grad", TIED), side="forward")


def unpack(order: tuple[str, ...], columns: tuple[str, ...] = ()) -> tuple[Edit, ...]:
    """Read the parameters from theta in this order, these column by column."""
    start, edits = "0", []
    for name in order:
        stop = f"{start} + {SIZES[name]}"
        how = ", order='F'" if name in columns else ""
        edits.append((name, f"theta[{start}:{stop}].reshape({SHAPES[name]}{how})"))
        start = stop
    return tuple(edits)


def pack(page: Page, order: tuple[str, ...], columns: tuple[str, ...] = ()) -> tuple[Edit, ...]:
    """Put the gradient together in this order, these column by column."""
    parts = [f"{_gradient(page, name)}.ravel({'order=' + repr('F') if name in columns else ''})" for name in order]
    return (("grad", f"np.concatenate([{', '.join(parts)}])"),)


def _gradient(page: Page, name: str) -> str:
    return "(grad_W1 + grad_W2.T)" if page.options.tied and name == "W1" else f"grad_{name}"


def _either_or_both(page: Page, how: str, unpacked, packed, order: int) -> Iterator[Mistake]:
    yield mistake(page, "theta", f"theta is unpacked {how}", *unpacked, order=order, side="forward")
    both = f"theta is unpacked, and the gradient packed, {how}"
    yield mistake(page, "theta", both, *unpacked, *packed, order=order, side="forward")
    yield mistake(page, "theta", f"the gradient is packed {how}", *packed, order=order)
