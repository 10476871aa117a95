"""What a gradient check found: one verdict, the evidence for it, and the entries by name."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

VERDICTS = {
    "correct": "correct",
    "wrong": "WRONG",
    "too noisy": "CAN'T TELL: the finite difference is too noisy",
    "kink": "AT A KINK: there is no derivative here, and the gradient is one of those allowed",
    "precision": "correct: cost and gradient disagree only through their precision",
    "undecidable": "CAN'T TELL: undecidable",
}

SHOWN = 3  # kinks that a report prints in full


@dataclass(frozen=True)
class Evidence:
    """What one witness said.

    Attributes
    ----------
    witness : str
        "central", "complex", "taylor", "directions", "sampled coordinates" or "repetition".
    value : float or None
        Its number: a relative error, a slope, a probability; None if it could not speak.
    sentence : str
        What it means, or why it could not speak.
    supports : str
        The verdict that it supports, "" if none.
    """

    witness: str
    value: float | None
    sentence: str
    supports: str


@dataclass(frozen=True)
class Entry:
    """One entry of theta by name; `error` is the part of |g - g_hat| beyond rounding over the larger of both."""

    name: str
    grad: float
    numeric: float
    error: float


@dataclass(frozen=True)
class Kink:
    """An entry of theta along which J has a kink; any slope in `interval` is a subgradient."""

    name: str
    grad: float
    interval: tuple[float, float]
    sentence: str


@dataclass(frozen=True)
class GradientReport:
    """What the check found.

    Attributes
    ----------
    verdict : {"correct", "wrong", "too noisy", "kink", "precision", "undecidable"}
        "precision": cost and gradient disagree only as single precision makes them.
    evidence : list of Evidence
        What each witness said, or why it could not.
    worst : list of Entry
        The entries that disagree most, beyond rounding; empty if none does.
    kinks : list of Kink
        Where theta is at a kink of J, to the resolution of J.
    relative_error : float
        (G3) over all of theta that was looked at.
    blocks : dict of str to float
        (G3) within each block of theta (W1, W2, b1, b2, ...).
    wrong : list of str
        Which of these are proven wrong; "theta" is the whole.
    undecided : list of str
        Which of these may be right, though they differ by more than a mistake might.
    zero : list of str
        Blocks where all of theta is 0: a mistake that is multiplied by them, such as decay on biases, can't show.
    grad, numeric : (p,) arrays
        The objective's gradient and the numerical one; NaN at entries that were not sampled.
    method : {"central", "complex"}
        Where `numeric` is from.
    """

    verdict: str
    relative_error: float
    blocks: dict[str, float]
    wrong: list[str]
    undecided: list[str]
    zero: list[str]
    grad: np.ndarray = field(repr=False)
    numeric: np.ndarray = field(repr=False)
    method: str
    evidence: list[Evidence]
    worst: list[Entry]
    kinks: list[Kink]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the gradient: "correct", or "precision"."""
        return self.verdict in ("correct", "precision")

    def as_dict(self) -> dict:
        """Return all but the two vectors as JSON can hold it; numbers that are not finite become None."""
        keys = ("verdict", "ok", "method", "relative_error", "blocks", "wrong", "undecided", "zero")
        lists = {key: [asdict(one) for one in getattr(self, key)] for key in ("evidence", "worst", "kinks")}
        return _plain({key: getattr(self, key) for key in keys} | lists)

    def _word(self, name: str) -> str:
        kinked = name in {kink.name.split("[")[0] for kink in self.kinks}
        words = ((name in self.wrong, "WRONG"), (name in self.undecided, "can't tell"), (kinked, "at a kink"))
        return next((word for says, word in words if says), "ok")

    def __str__(self) -> str:
        """Return a line for the whole and one for each block; the evidence too unless all is well."""
        errors = {"theta": self.relative_error, **self.blocks}
        lines = [f"{name:>8}  {error:.3e}  {self._word(name)}" for name, error in errors.items()]
        if self.zero:
            lines.append(
                f"{', '.join(self.zero)} is all 0 here, so decay on it would not show: check at a random theta"
            )
        if self.verdict == "too noisy":
            lines.append("the numerical gradient is too coarse here: use method='complex', or check at a random theta")
        if not self.ok:
            lines += [f"{e.name:>8}  gradient {e.grad: .6e}, numerically {e.numeric: .6e}" for e in self.worst]
            lines += [kink.sentence for kink in self.kinks[:SHOWN]]
            lines += [f"and {len(self.kinks) - SHOWN} more entries at a kink"] if len(self.kinks) > SHOWN else []
        if self.verdict != "correct":
            lines += [f"{one.witness}: {one.sentence}" for one in self.evidence]
        return "\n".join([f"gradient check ({self.method}), relative errors: {VERDICTS[self.verdict]}", *lines])


def _plain(x) -> Any:
    if isinstance(x, dict):
        return {key: _plain(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [_plain(value) for value in x]
    if isinstance(x, float | np.floating):
        return float(x) if math.isfinite(x) else None
    return x
