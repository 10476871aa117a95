"""What is said of mistakes that are known: each becomes a finding, with the numbers that show it."""

from __future__ import annotations

import numpy as np

from .catalogue import Catalogue, Entry
from .cells import RIGHT, Cells
from .mistakes import Mistake
from .page import STEP_OF
from .regression import coefficient
from .report import Finding, as_sentence

ALTERNATIVES = 3


def of_explanations(known: Catalogue, observed: Cells, sets: list[list[Mistake]], reveal: bool) -> list[Finding]:
    """Return the findings of the first explanation, then of others that speak of another step."""
    findings: list[Finding] = []
    steps: set[str] = set()
    alternative = 0
    for mistakes in sets:
        of_these = {step_of(mistake) for mistake in mistakes}
        if of_these <= steps or alternative == ALTERNATIVES:
            continue
        cost_first = sorted(mistakes, key=lambda mistake: mistake.tag != "E4")
        findings += [_finding(known, observed, mistake, alternative, reveal) for mistake in cost_first]
        steps |= of_these
        alternative += 1
    return findings


def step_of(mistake: Mistake) -> str:
    """Return the step that a mistake is in."""
    return STEP_OF.get(mistake.step, mistake.step)


def of_side_effects(effects: dict[str, str]) -> list[Finding]:
    """Return what the function does besides answering."""
    return [Finding("side effect", "E1", as_sentence(f"{sentence}.")) for sentence in effects.values()]


def of_integers(parts: set[str]) -> list[Finding]:
    """Return what to say of a cost or gradient whose digits are cut off, which explains whatever is wrong with it."""
    steps = {"cost": ("cost", "E4"), "gradient": ("grad_W1", "E7")}
    text = "the {} is made of integers, so its digits are cut off: a cast, or an array that was made of integers."
    return [Finding(*steps[part], as_sentence(text.format(part)), residual=0.0) for part in sorted(parts)]


def only_as_given(wrong: list[str]) -> Finding:
    """Return what to say where small problems come out right and the given one does not."""
    where = (
        f"{', '.join(wrong)} wrong for the problem given, and right for small ones: look for fixed sizes or numbers."
    )
    step, tag = ("cost", "E4") if wrong == ["cost"] else ("theta", "E1")
    return Finding(step, tag, where, certain=False)


def _finding(known: Catalogue, observed: Cells, mistake: Mistake, alternative: int, reveal: bool) -> Finding:
    number, residual = None, float("nan")
    if entry := known.entry(mistake):
        number, residual = _numbers(known, observed, entry)
    return Finding(
        step=step_of(mistake),
        equation=mistake.tag,
        sentence=as_sentence(mistake.sentence),
        coefficient=number,
        residual=residual,
        alternative=alternative,
        solution=_lines(known, [symbol for symbol, _ in mistake.edits]) if reveal else "",
    )


def _numbers(known: Catalogue, observed: Cells, entry: Entry) -> tuple[float | None, float]:
    """Return what multiple of the right numbers the student's are, if one, and how far they are from the mistake's."""
    shown = [cell for cell in entry.changes if np.isfinite(observed[cell]).all()]
    far = [_share(observed[cell] - entry.cells[cell], known.scale[cell[1]]) for cell in shown]
    ratios = [coefficient(observed[cell], known.truth[cell]) for cell in shown if known.truth[cell].any()]
    multiple = ratios and all(r < RIGHT and abs(c - ratios[0][0]) <= RIGHT * (1 + abs(c)) for c, r in ratios)
    return ratios[0][0] if multiple else None, max(far, default=0.0)


def _share(x: np.ndarray, scale: float) -> float:
    return float(np.linalg.norm(x) / (scale or 1.0))


def _lines(known: Catalogue, symbols: list[str]) -> str:
    return "; ".join(f"{symbol} = {known.page[symbol].source}" for symbol in symbols if symbol in known.page.index)


def revealed(known: Catalogue, finding: Finding) -> str:
    """Return the page's own line of a finding's step."""
    return _lines(known, [finding.step])
