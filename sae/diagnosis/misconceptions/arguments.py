"""lambda, beta or rho is another number, everywhere: cost and gradient agree with each other, for another J."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..mistakes import Mistake
from ..page import Page
from .make import mistake

INSTEAD = {
    "lam": (
        *("0", "2 * lam", "lam / 2", "lam / m", "lam * m", "lam / n", "lam / n_hidden", "lam ** 2", "beta", "rho", "1"),
        *("lam / (m * n)", "lam * beta", "-lam", "2 * lam / m", "np.sqrt(lam)", "1e-4", "0.0001", "3e-3"),
        "lam / 2 / m",
    ),
    "beta": (
        *("0", "2 * beta", "beta / 2", "beta / m", "beta * m", "beta / n", "beta / n_hidden", "beta ** 2", "lam"),
        *("rho", "1", "-beta", "lam * beta", "beta / (m * n_hidden)", "np.sqrt(beta)", "3", "beta * n_hidden"),
        "beta * n",
    ),
    "rho": (
        *("1 - rho", "lam", "beta", "rho / 2", "0.01", "0.05", "0.1", "0.5", "rho ** 2", "rho / m", "2 * rho"),
        "rho / n_hidden",
    ),
}
TERM = {"lam": "decay", "beta": "sparsity", "rho": "sparsity"}
MISSING = {"lam": "the weight decay is missing", "beta": "the sparsity is missing"}
BOTH = "in the cost and in the gradient"


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of lambda, beta and rho."""
    for name, others in INSTEAD.items():
        for other in others:
            order = 1 if other == "0" else 2
            one = mistake(page, "cost", _sentence(name, other), (name, other), order=order, side="objective")
            yield replace(one, term=TERM[name])
    for one, other in (("lam", "beta"), ("rho", "beta")):
        what = f"{_spoken(one)} and {other} are swapped, {BOTH}"
        yield mistake(page, "cost", what, (one, other), (other, one), order=1, side="objective")
    swapped = re.sub(r"\b(lam|beta)\b", lambda name: "beta" if name[0] == "lam" else "lam", page["cost"].source)
    yield mistake(page, "cost", "lambda and beta are swapped, in the cost", ("cost", swapped), order=1)


def _sentence(name: str, other: str) -> str:
    if other == "0":
        return f"{MISSING[name]}, {BOTH}"
    if re.fullmatch(r"[\de.-]+", other):
        return f"{_spoken(name)} is not the argument: a fixed number is used"
    return f"{_spoken(name)} enters as {_spoken(other)}, {BOTH}"


def _spoken(source: str) -> str:
    return re.sub(r"\blam\b", "lambda", source).replace("np.", "")
