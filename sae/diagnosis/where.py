"""Which side is wrong - the cost, its gradient, the forward pass or the objective - and which terms."""

from __future__ import annotations

from .cells import TERMS
from .evidence import Evidence
from .mistakes import Mistake

FORWARD = ("E1", "E2")


def side_of(evidence: Evidence) -> str:
    """Return "side effect", "none", "gradient", "cost", "forward" or "objective"."""
    if evidence.examined.effects:
        return "side effect"
    if not evidence.wrong:
        return _one_side({name == "cost" for name in evidence.whole}) or "objective"
    if side := _one_side({name == "cost" for _, name in evidence.wrong}):
        return side
    return _of_both(evidence)


def _one_side(in_cost: set[bool]) -> str:
    """Return the side if only one is wrong, or none; "" if both are."""
    return {(): "none", (True,): "cost", (False,): "gradient"}.get(tuple(in_cost), "")


def _of_both(evidence: Evidence) -> str:
    """Cost and gradient are wrong: from one cause, or each for itself."""
    mistakes = evidence.explanation.best
    if len(mistakes) == 1 and mistakes[0].side:
        return mistakes[0].side
    if any(mistake.tag in FORWARD for mistake in mistakes) or (evidence.forward and not mistakes):
        return "forward"
    in_both = (_is_in_both(evidence, mistake) for mistake in mistakes)
    shared = any(in_both) if mistakes else bool(evidence.in_both)
    return "objective" if shared or evidence.consistent else "gradient"


def _is_in_both(evidence: Evidence, mistake: Mistake) -> bool:
    entry = evidence.known.entry(mistake)
    return entry is not None and len({name == "cost" for _, name in entry.changes}) == 2


def terms_of(evidence: Evidence) -> list[str]:
    """Return the wrong terms; one that does not go away with its lambda or beta is wrong alone, not the others."""
    mistakes = evidence.explanation.best
    if mistakes and all(mistake.term for mistake in mistakes):
        found = {mistake.term for mistake in mistakes}
    else:
        found = {term for term, _ in evidence.wrong} - evidence.leftovers
    return [term for term in TERMS if term in found]
