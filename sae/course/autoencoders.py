"""What exercises with theta = [W1, W2, b1, b2] share: small problems, mistakes, training for the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ..diagnosis.misconceptions import of_page
from ..diagnosis.mistakes import Mistake
from ..diagnosis.page import BLOCKS, Options, Page, Problem
from ..layout import Layout
from .diagnosed import PACKED


def parameters(rng: np.random.Generator, n: int, n_hidden: int) -> tuple[np.ndarray, ...]:
    """Return W1, W2, b1, b2 with units that are neither off nor saturated."""
    return tuple(Layout.autoencoder(n, n_hidden).unpack(packed(rng, n, n_hidden)))


def packed(rng: np.random.Generator, n: int, n_hidden: int) -> np.ndarray:
    """Return theta of such parameters, (p,)."""
    return rng.normal(0, 0.6, Layout.autoencoder(n, n_hidden).size)


def sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return n, n_hidden, m: any, one unit and one example among them."""
    return int(rng.integers(1, 8)), int(rng.integers(1, 7)), int(rng.integers(1, 10))


def terms(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return lambda, rho, beta."""
    return float(rng.uniform(0.05, 0.9)), float(rng.uniform(0.05, 0.45)), float(rng.uniform(0.3, 2))


def blocks(arguments: tuple, answer: Any) -> dict[str, np.ndarray]:
    """Return J and the blocks of the gradient by name, of a cost_and_grad(theta, X, n_hidden, ...)."""
    _, X, n_hidden, *_ = arguments
    cost, grad = answer
    slices = Layout.autoencoder(len(X), n_hidden).slices
    return {"J": np.asarray(cost), **{f"grad_{name}": np.asarray(grad)[slices[name]] for name in BLOCKS}}


def mistakes(g: str) -> Iterator[Mistake]:
    """Yield all that is believed wrongly of the page; what concerns theta belongs to the handouts' (E0)."""
    for mistake in of_page(Page(Options(g=g))):
        yield replace(mistake, tag=PACKED) if mistake.step == "theta" else mistake


def trained(given: Problem, g: str, edits: dict[str, str], iterations: int) -> tuple[np.ndarray, str]:
    """Return W1 after training with the page, lines of it replaced, and what became of J, in words.

    Training begins at random weights, not at the theta given.
    """
    n, n_hidden = len(given.X), given.n_hidden
    layout, page = Layout.autoencoder(n, n_hidden), Page(Options(g=g))
    radius = np.sqrt(6 / (n + n_hidden + 1))
    theta = np.random.default_rng(0).uniform(-radius, radius, layout.size)
    theta[layout.slices["b1"].start :] = 0

    def objective(theta):
        symbols = page.run(given.at(theta=theta), edits)
        return symbols["cost"], symbols["grad"]

    options = {"maxiter": iterations, "ftol": 1e-12, "gtol": 1e-8}
    found = minimize(objective, theta, jac=True, method="L-BFGS-B", options=options)
    return layout.unpack(found.x)[0], f"J = {found.fun:.2f} after {found.nit} iterations"
