"""Where a mistake must be that no entry of the catalogue explains: the smallest region, from which numbers are wrong.

The equations share their parts: delta3 is in (E6), (E8) and (E10), delta2 in (E7) and (E9). So W1 and b1 wrong with W2
and b2 right leaves delta2; and with one example grad_b is delta and grad_W delta times what comes in, which tells a
wrong delta from two wrong gradients.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .catalogue import Catalogue
from .cells import RIGHT, TERMS, Cell, Cells
from .page import compiled
from .probes import Ask, answered, blocks, has_right_kl
from .regression import coefficient
from .report import Finding, as_sentence
from .vocabulary import FACTORS, factor_in_words, listed

NAMES = {
    "data": "the data term",
    "decay": "the weight decay",
    "sparsity": "the sparsity",
    "mixed": "the sum of the terms",
}
PARALLEL = 1e-12


def region_of(known: Catalogue, observed: Cells, left: frozenset[Cell], ask: Ask, forward: str) -> list[Finding]:
    """Return findings for the cells that are left, without naming the mistake."""
    if forward:
        return [_finding(known, forward, f"a3 is wrong, and the first step where it goes wrong is {forward}")]
    if all(name != "cost" for _, name in left) and _right_direction(known, ask):
        what = "the whole gradient has the right direction and the wrong length"
        return [_finding(known, "grad_W1", f"{what}: something multiplies or divides all of it")]
    findings: dict[str, Finding] = {}
    for term in (*TERMS, "mixed"):
        wrong = {name for of, name in left if of == term}
        for step, sentence in _steps(known, term, wrong, ask):
            number, in_words = _factor(known, observed, [(term, name) for name in wrong])
            findings.setdefault(step, _finding(known, step, f"{sentence}{in_words}", number))
    return list(findings.values())


def _finding(known: Catalogue, step: str, sentence: str, number: float | None = None) -> Finding:
    return Finding(step, known.page.tag(step), as_sentence(f"{sentence}."), number, certain=False)


def _steps(known: Catalogue, term: str, wrong: set[str], ask: Ask) -> Iterator[tuple[str, str]]:
    """Yield (step, sentence) for what is wrong in one term."""
    wrong_blocks = sorted(wrong - {"cost"})
    if "cost" in wrong:
        if term == "sparsity" and wrong_blocks and answered(lambda: _right_kl(known, ask), False):
            what = "the KL divergence has the right form, so rho_hat itself must be wrong"
            yield "rho_hat", f"{what}, in the cost and in the gradient"
            return
        yield (
            "cost",
            f"{NAMES[term]} is wrong in the cost" + (f", and in {listed(wrong_blocks)}" if wrong_blocks else ""),
        )
    if term == "decay":
        for name in wrong_blocks:
            yield f"grad_{name}", f"the weight decay in the gradient of {name} is wrong"
    elif wrong_blocks:
        yield from _in_backpropagation(known, term, wrong_blocks, ask)


def _in_backpropagation(known: Catalogue, term: str, wrong: list[str], ask: Ask) -> Iterator[tuple[str, str]]:
    what = NAMES[term]
    holds = answered(lambda: _shared(known, ask, term), {"delta3": True, "delta2": True, "through W2": True})
    first_layer = {"W1", "b1"} <= set(wrong)
    if {"W2", "b2"} <= set(wrong) and ("W1" in wrong or term == "data") and holds["delta3"]:
        yield "delta3", f"{listed(wrong)} are wrong in {what}, and share delta3, so the mistake is there"
        if first_layer and not holds["through W2"]:
            yield "delta2", "delta2 is not what this delta3 gives: look at what comes back through W2"
        return
    if first_layer and holds["delta2"]:
        right = [name for name in known.page.options.names if name not in wrong]
        besides = f", {listed(right)} right" if right else ""
        yield "delta2", f"W1 and b1 are wrong in {what}{besides}, so the mistake is in delta2"
        wrong = [name for name in wrong if name not in ("W1", "b1")]
    for name in wrong:
        yield f"grad_{name}", f"the gradient of {name} is wrong in {what}, and what it is made of is right elsewhere"


def _right_direction(known: Catalogue, ask: Ask) -> bool:
    for symbols, problem in zip(known.known, known.problems, strict=True):
        right, grad = symbols["grad"], ask(problem)[1]
        if not grad @ right >= (1 - PARALLEL) * np.linalg.norm(grad) * np.linalg.norm(right):
            return False
    return True


def _right_kl(known: Catalogue, ask: Ask) -> bool:
    return has_right_kl(ask, known.page, known.questions.problems[0])


def _shared(known: Catalogue, ask: Ask, term: str) -> dict[str, bool]:
    """With one example, grad_b is delta and grad_W is delta times what comes in: ask whether that still holds."""
    problem = known.questions.problems[0]
    one = problem.at(X=problem.X[:, :1].copy(), lam=0.0)
    none = one.at(beta=0.0)
    grad = ask(none)[1] if term == "data" else ask(one)[1] - ask(none)[1]
    part, page = blocks(known.page, one, grad), known.page.run(one)
    if "W2" not in part:
        return {"delta3": True, "delta2": True, "through W2": True}

    def alike(x, y):
        return bool(np.linalg.norm(x - y) <= 10 * RIGHT * max(np.linalg.norm(x), np.linalg.norm(y)))

    slope = eval(compiled(known.page.options.slope(2)), page) * np.ones_like(page["a2"])
    return {
        "delta3": alike(part["W2"], np.outer(part["b2"], page["a2"])),
        "delta2": alike(part["W1"], np.outer(part["b1"], one.X)),
        "through W2": alike(part["b1"], (page["W2"].T @ part["b2"]) * slope[:, 0]),
    }


def _factor(known: Catalogue, observed: Cells, cells: list[Cell]) -> tuple[float | None, str]:
    """Return the factor that all these cells have too many at the first question, and its name, if there is one."""
    problems = known.questions.problems
    ratios = np.array([_ratios(observed[cell], known.truth[cell], len(problems)) for cell in cells])
    if not np.isfinite(ratios).all() or np.abs(ratios - ratios[0]).max() > RIGHT * np.abs(ratios).max():
        return None, ""
    values = ratios[0]
    for factor in FACTORS:
        if np.allclose(values, [eval(compiled(factor), problem.names()) for problem in problems], rtol=RIGHT):
            return float(values[0]), f": {factor_in_words(factor)}"
    same = np.allclose(values, values[0], rtol=RIGHT)
    return float(values[0]), f": it is {values[0]:.6g} times what it should be" if same else ""


def _ratios(mine: np.ndarray, yours: np.ndarray, count: int) -> list[float]:
    """Return c of mine = c yours at each problem; NaN where there is none."""
    found = []
    for x, y in zip(np.split(mine, count), np.split(yours, count), strict=True):
        c, residual = coefficient(x, y)
        found.append(c if residual <= RIGHT else float("nan"))
    return found
