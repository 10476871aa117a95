"""What `sae.diagnose` finds in a student's cost and gradient, in sentences that show neither numbers nor solution."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from ..activations import Activation, sigmoid
from ..diagnosis import Diagnosis, Finding, diagnose
from ..diagnosis.report import SYMBOLS
from ..diagnosis.vocabulary import listed
from ..errors import SaeError

PACKED = "E0"  # the handouts' equation of theta's layout
SIZES = (8, 5, 13)  # n, n_hidden, m
NUMBER = re.compile(r": it is [\d.e+-]+ times what it should be$")  # would tell the right numbers
LAM, RHO, BETA = 0.02, 0.2, 0.7


def sentences(function: Callable, rng: np.random.Generator, g: Activation = sigmoid) -> list[str]:
    """Return what to say of a cost_and_grad(theta, X, n_hidden, lam, rho, beta); nothing if it can't be examined."""
    n, n_hidden, m = SIZES
    X = rng.uniform(0.1, 0.9, (n, m))
    try:
        found = diagnose(function, X, n_hidden=n_hidden, lam=LAM, rho=RHO, beta=BETA, g=g, rng=rng)
    except SaeError:
        return []
    likeliest = [finding for finding in found.findings if finding.alternative == 0]
    alone = len(likeliest) == 1 and likeliest[0].certain
    return [_sentence(finding, _where(found) if alone else "") for finding in likeliest]


def _sentence(finding: Finding, where: str) -> str:
    sentence = NUMBER.sub("", finding.sentence.strip().rstrip("."))
    if where:
        first, _, rest = sentence.partition(" ")
        sentence = f"{where}; {first if first.rstrip(':,') in SYMBOLS else first.lower()} {rest}"
    return f"{sentence}: look at ({PACKED if finding.step == 'theta' else finding.equation}) again"


def _where(found: Diagnosis) -> str:
    """Return what of the answer is wrong; nothing of a side effect."""
    off = ["the cost"] * (found.side in ("cost", "forward", "objective")) + found.blocks
    return f"{listed(off)} {'are' if len(off) > 1 else 'is'} off" if off else ""
