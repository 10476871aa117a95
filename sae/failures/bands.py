"""The edges of the healthy bands, from measured runs: `python -m tests.benchmarks.failures` measures them again.

measured.json holds, for the healthy runs together and for each case, the lowest and the highest value of each symptom
over the seeds it names. An edge lies half-way between the case and the healthy runs, and the other cases that the sign
is against: half-way between the logarithms for symptoms compared by their ratio.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import SaeError
from .cases import CASES, Case, Sign
from .symptoms import SYMPTOMS

FILE = Path(__file__).with_name("measured.json")


@cache
def measured() -> dict[str, Any]:
    """Return the ranges by case ("healthy" among them) and symptom."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def between(symptom: str, side: str, case: tuple[float, float], others: tuple[float, float]) -> float:
    """Return the edge half-way between two ranges.

    Raises
    ------
    SaeError
        If the ranges overlap: then the symptom does not tell the two apart.
    """
    low, high = (others[1], case[0]) if side == "above" else (case[1], others[0])
    if low >= high:
        raise SaeError(f"{symptom} does not tell the case, {case}, from the others, {others}; choose another sign.")
    if SYMPTOMS[symptom].log:
        return math.sqrt(low * high)
    return (low + high) / 2


@cache
def edge(case: str, sign: Sign) -> float:
    """Return the edge of a sign of a case."""
    if sign.edge is not None:
        return sign.edge
    ranges = measured()["ranges"]
    found = [ranges[name][sign.symptom] for name in ("healthy", *sign.against)]
    others = [one for one in found if one is not None]
    around = min(low for low, _ in others), max(high for _, high in others)
    return between(sign.symptom, sign.side, tuple(ranges[case][sign.symptom]), around)


def shows(case: Case, sign: Sign, value: float | None) -> bool | None:
    """Whether a sign shows; None if that is not known."""
    if sign.side == "absent":
        return value is None
    if value is None:
        return None
    limit = edge(case.name, sign)
    return value >= limit if sign.side == "above" else value < limit


def band(symptom: str) -> tuple[float, float]:
    """Return the healthy band of a symptom: up to the first edge on either side; without end where there is none."""
    low, high = -math.inf, math.inf
    for case in CASES:
        for sign in (sign for group in case.signs for sign in group if sign.symptom == symptom):
            if sign.edge is not None and symptom != "pull of the decay":
                continue
            if sign.side == "above":
                high = min(high, edge(case.name, sign))
            elif sign.edge is None:
                low = max(low, edge(case.name, sign))
    return low, high
