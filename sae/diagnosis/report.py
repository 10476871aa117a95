"""What a diagnosis says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

SIDES = {
    "none": "cost and gradient are right",
    "gradient": "the cost is right, its gradient is not",
    "cost": "the gradient is right, the cost is not",
    "forward": "the forward pass is wrong: a3 itself, so everything that follows",
    "objective": "a3 is right, but cost and gradient follow another objective than (E4)",
    "side effect": "the function does more than answer",
}


SYMBOLS = frozenset(
    [
        *("W1", "W2", "b1", "b2", "z2", "z3", "a2", "a3", "x", "X", "f'", "delta2", "delta3", "theta"),
        *("rho", "rho_hat", "lambda", "beta", "grad_W1", "grad_W2", "grad_b1", "grad_b2"),
    ]
)


def as_sentence(text: str) -> str:
    """Begin with a capital letter, unless with a symbol, which keeps its case."""
    return text if text.split(" ", 1)[0].rstrip(":,") in SYMBOLS else text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes
    ----------
    step : str
        The symbol of the page whose line holds it: "theta" (unpacking, packing), "z2", "a2", "z3", "a3", "rho_hat",
        "cost", "delta3", "delta2", "grad_W1", "grad_W2", "grad_b1", "grad_b2", or "side effect".
    equation : str
        Its number on the page, such as "E6".
    sentence : str
        What a teaching assistant would say.
    coefficient : float or None
        What the student's part is of the right one, where it is a multiple of it: 0 missing, -1 sign, 2 doubled.
    residual : float
        How far the student's numbers are from those of this mistake, relatively; 1e-15 is rounding. NaN where only
        the region of the mistake is known.
    certain : bool
        Whether the mistake reproduces the student's numbers to rounding.
    alternative : int
        0 for the mistakes of the likeliest explanation (all of them together), 1, 2, ... for other explanations.
    solution : str
        The page's own line; only if asked for.
    """

    step: str
    equation: str
    sentence: str
    coefficient: float | None = None
    residual: float = float("nan")
    certain: bool = True
    alternative: int = 0
    solution: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Where a student's function is wrong, and why.

    Attributes
    ----------
    correct : bool
    side : str
        "none", "gradient", "cost", "forward", "objective" or "side effect".
    blocks : list of str
        The blocks of theta whose gradient is wrong.
    terms : list of str
        Which of "data", "decay" and "sparsity" are wrong, in the cost or in the gradient.
    findings : list of Finding
        The likeliest explanation first.
    coefficients : dict of str to dict of str to float
        For the cost and each block, what the student's part from each term is of the right one (by regression): 1 is
        right. NaN where the right part is 0 or the student's is no number.
    residuals : dict of str to dict of str to float
        What the coefficient leaves unexplained, relatively: not 0 says that something is structurally wrong.
    consistent : bool or None
        Whether the gradient is the derivative of the student's own cost, so that a plain gradient check passes; None
        where that was not asked.
    single : bool
        Whether the function computes in single precision; it is then compared to `cells.SINGLE`.
    """

    correct: bool
    side: str
    blocks: list[str]
    terms: list[str]
    findings: list[Finding]
    coefficients: dict[str, dict[str, float]] = field(default_factory=dict)
    residuals: dict[str, dict[str, float]] = field(default_factory=dict)
    consistent: bool | None = None
    single: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON (NaN as None)."""
        return {key: _without_nan(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        """Return the verdict, where it is wrong, and what to look at."""
        precision = " (in single precision)" if self.single else ""
        lines = [f"{'CORRECT' if self.correct else 'WRONG'}{precision}: {SIDES[self.side]}"]
        if self.blocks:
            lines.append(f"wrong in the gradient: {', '.join(self.blocks)}")
        if self.terms:
            lines.append(f"wrong terms: {', '.join(self.terms)}")
        if self.consistent and self.side in ("objective", "forward"):
            lines.append("the gradient is the derivative of this cost, so a plain gradient check passes")
        shown = 0
        for finding in self.findings:
            if finding.alternative != shown:
                shown = finding.alternative
                lines.append("or, with the same numbers:")
            certain = "" if finding.certain else " (no known mistake gives these numbers)"
            lines.append(f"- ({finding.equation}) {finding.sentence}{certain}")
            if finding.solution:
                lines.append(f"    {finding.solution}")
        if not self.correct and self.coefficients:
            lines += ["", *_table(self.coefficients, self.residuals)]
        return "\n".join(lines)


def _table(coefficients, residuals) -> list[str]:
    terms = list(next(iter(coefficients.values())))
    lines = ["yours / right".rjust(14) + "".join(term.rjust(20) for term in terms)]
    for name, row in coefficients.items():
        cells = (_cell(row[term], residuals[name][term]) for term in terms)
        lines.append((name.rjust(14) + "".join(cell.rjust(20) for cell in cells)).rstrip())
    return lines


def _cell(c: float, rest: float) -> str:
    """Say what multiple of the right part it is, and what that leaves, relatively; nothing where both are 0."""
    if c != c:
        return "" if rest != rest else "not asked for"
    return f"{c:.4g}" + (f", rest {rest:.0e}" if rest > 1e-6 else "")


def _without_nan(x):
    if isinstance(x, dict):
        return {key: _without_nan(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [_without_nan(value) for value in x]
    return None if isinstance(x, float) and x != x else x
