"""How the student's parts compare with the right ones: the c with which c times the right part comes closest.

c = 1 is right, 0 missing, -1 sign, 2 doubled, m a missing 1/m; what c leaves unexplained is structurally wrong.
"""

from __future__ import annotations

import numpy as np

from .catalogue import Catalogue
from .cells import RIGHT, TERMS, Cells

NAN = float("nan")
NOTHING = 1e-12  # a share of a block's size that is rounding
Table = dict[str, dict[str, float]]


def coefficient(mine: np.ndarray, yours: np.ndarray) -> tuple[float, float]:
    """Return the c that makes c * yours closest to mine, and how far they are then, relative to yours."""
    square = yours @ yours
    if not square or not np.isfinite(mine).all() or not np.isfinite(yours).all():
        return NAN, NAN
    c = float(mine @ yours / square)
    return c, float(np.linalg.norm(mine - c * yours) / np.sqrt(square))


def regress(known: Catalogue, observed: Cells) -> tuple[Table, Table]:
    """Return coefficients and residuals of the cost and of each block, for each term, at the first question."""
    coefficients: Table = {}
    residuals: Table = {}
    first = known.questions.problems[0]
    slices = known.page.options.layout(len(first.X), first.n_hidden).slices
    sizes = {"cost": 1} | {name: part.stop - part.start for name, part in slices.items()}
    for term, name in known.truth:
        if term in TERMS:
            mine, yours = (cells[term, name][: sizes[name]] for cells in (observed, known.truth))
            c, residual = _compared(mine, yours, known.scale[name])
            coefficients.setdefault(name, {})[term] = c
            residuals.setdefault(name, {})[term] = residual
    return coefficients, residuals


def _compared(mine: np.ndarray, yours: np.ndarray, scale: float) -> tuple[float, float]:
    if np.linalg.norm(yours) > NOTHING * scale:
        return coefficient(mine, yours)
    extra = float(np.linalg.norm(mine) / scale)  # a term that this block does not have
    return NAN, extra if extra > RIGHT else NAN
