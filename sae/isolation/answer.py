"""What a student's function returned, and what is wrong with it: sentences that say what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import SaeError

TWO = "expected two things: `return cost, grad`."
INTEGERS = "an array that was made with integers, or a cast to int, loses all digits behind the point"


def checked(header: dict, arrays: list[np.ndarray], theta: np.ndarray, finite: bool) -> tuple[Any, np.ndarray]:
    """Return cost and gradient from the worker's message.

    Raises
    ------
    SaeError
        Unless they are a real number and as many as theta has (complex ones, if theta is complex), all finite if asked.
    """
    if header["count"] is None:
        kind = header["whole"]["type"]
        found = "None (is there a `return`?)" if kind == "NoneType" else f"one thing, of type {kind}"
        raise SaeError(f"{found}; {TWO}")
    if header["count"] != 2:
        raise SaeError(f"{header['count']} things; {TWO}")
    remaining = iter(arrays)
    (cost, its), (grad, others) = ((next(remaining) if said["array"] else None, said) for said in header["items"])
    return _cost(cost, its, theta, finite), _grad(grad, others, theta, finite)


def _cost(cost: np.ndarray | None, said: dict, theta: np.ndarray, finite: bool):
    if cost is None:
        raise SaeError(f"a cost of type {said['type']}, {said['text']}; expected one number.")
    if cost.shape != ():
        do = "cost.item() makes it one" if cost.size == 1 else "sum it, over the examples too"
        raise SaeError(f"a cost of shape {cost.shape}; expected one number: {do}.")
    if cost.dtype.kind in "biu":
        raise SaeError(f"the cost {cost} of type {said['type']}; expected a float: {INTEGERS}.")
    _real(cost, "cost", theta)
    if finite and not np.isfinite(cost):
        raise SaeError(
            f"the cost {cost}; expected a finite number. A log of 0, a division by 0, an exp that overflows?"
        )
    return cost.item() if said["python"] else cost[()]


def _grad(grad: np.ndarray | None, said: dict, theta: np.ndarray, finite: bool) -> np.ndarray:
    p = theta.size
    expected = f"expected an array of shape ({p},), the shape of theta"
    if grad is None:
        join = "np.concatenate([grad_W1.ravel(), grad_W2.ravel(), grad_b1, grad_b2])"
        do = {"list": join, "tuple": join, "NoneType": "is it ever computed?"}.get(said["type"], "one array of floats")
        raise SaeError(f"a gradient of type {said['type']}, {said['text']}; {expected}: {do}.")
    if grad.shape != theta.shape:
        do = "grad.ravel() makes it so" if grad.size == p else f"it has {grad.size} numbers instead of {p}"
        raise SaeError(f"a gradient of shape {grad.shape}; {expected}: {do}.")
    if grad.dtype.kind in "biu":
        raise SaeError(f"a gradient of dtype {grad.dtype}; expected floats: {INTEGERS}.")
    _real(grad, "gradient", theta)
    if finite and not np.isfinite(grad).all():
        bad = np.flatnonzero(~np.isfinite(grad))
        raise SaeError(
            f"a gradient with {bad.size} of its {p} numbers NaN or infinite, the first, {grad[bad[0]]}, at index "
            f"{bad[0]}; expected finite numbers. A log of 0, a division by 0, an exp that overflows?"
        )
    return grad


def _real(x: np.ndarray, name: str, theta: np.ndarray) -> None:
    if x.dtype.kind == "c" and theta.dtype.kind != "c":
        raise SaeError(f"a complex {name} for a real theta; expected real numbers.")
