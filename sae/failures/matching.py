"""Which case a run is like: signs for and against each, in the order of the cases, causes before their effects."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .bands import band, edge, shows
from .cases import CASES, Case, Sign
from .look import Look
from .symptoms import SYMPTOMS, measure


@dataclass(frozen=True)
class Evidence:
    """A sign, and what was measured."""

    sign: Sign
    value: float | None
    edge: float
    shows: bool | None

    def __str__(self) -> str:
        symptom = SYMPTOMS[self.sign.symptom]
        if self.sign.side == "absent":
            return f"{symptom.name} ({symptom.words}): {'there is none' if self.shows else 'there is one'}"
        if self.value is None:
            return f"{symptom.name}: could not be looked at"
        relation = "at least" if self.sign.side == "above" else "below"
        found = f"{symptom.name} ({symptom.words}) is {symptom.shown(self.value)}"
        if self.edge == float("inf"):
            return f"{found}: the training ended by its limit"
        return f"{found}; the case {'begins' if self.shows else 'would begin'} {relation} {symptom.shown(self.edge)}"


@dataclass(frozen=True)
class Match:
    """A case and its signs, one of each group: one that shows, if there is one."""

    case: Case
    evidence: tuple[Evidence, ...]

    @property
    def fits(self) -> bool:
        """Whether every sign shows, but for those that can't be looked at and need not be."""
        known = [e for e in self.evidence if not (e.shows is None and e.sign.if_known)]
        return all(e.shows for e in known)

    @property
    def share(self) -> float:
        """Which share of the signs with a measured edge shows."""
        own = [e for e in self.evidence if e.sign.edge is None]
        return sum(bool(e.shows) for e in own) / len(own) if own else 0.0

    @property
    def open(self) -> bool:
        """Whether no sign speaks against it, and one that can't be looked at is missing."""
        known = [e for e in self.evidence if e.shows is not None]
        return bool(known) and not self.fits and all(e.shows for e in known)


@dataclass(frozen=True)
class Diagnosis:
    """What a run looks like.

    Attributes
    ----------
    symptoms : dict of str to float or None
    matches : tuple of Match
        Cases that fit, the first the one to begin with.
    open : tuple of Match
        Cases that can't be told for lack of data.
    nearest : Match or None
        If none fits: the case with most of its signs showing, at least half.
    """

    symptoms: dict[str, float | None]
    matches: tuple[Match, ...]
    open: tuple[Match, ...]
    nearest: Match | None

    @property
    def name(self) -> str:
        """Name of the first case that fits, or "healthy"."""
        return self.matches[0].case.name if self.matches else "healthy"

    @property
    def outside(self) -> list[str]:
        """Symptoms outside their healthy bands."""
        return [name for name, value in self.symptoms.items() if value is not None and not inside(name, value)]

    @property
    def unknown(self) -> list[str]:
        """Symptoms that could not be looked at."""
        return [name for name, value in self.symptoms.items() if value is None]


def inside(symptom: str, value: float) -> bool:
    """Whether a value lies in the healthy band."""
    low, high = band(symptom)
    return low <= value and (value < high or math.isinf(high))


def banded(symptom: str) -> bool:
    """Whether any case has an edge in this symptom."""
    return any(math.isfinite(end) for end in band(symptom))


def match(case: Case, symptoms: dict[str, float | None]) -> Match:
    """Return the signs of a case."""
    evidence = []
    for group in case.signs:
        found = [
            Evidence(s, symptoms[s.symptom], edge(case.name, s), shows(case, s, symptoms[s.symptom])) for s in group
        ]
        evidence.append(max(found, key=lambda e: (bool(e.shows), e.shows is None)))
    return Match(case, tuple(evidence))


def diagnose_symptoms(symptoms: dict[str, float | None], pictures: bool) -> Diagnosis:
    """Return the cases that fit the symptoms; only pictures can lack whitening."""
    found = [match(case, symptoms) for case in CASES if pictures or case.name != "no-whitening"]
    fitting = tuple(m for m in found if m.fits)
    fitting = tuple(m for m in fitting if m is fitting[0] or not m.case.effect)
    closest = max(found, key=lambda m: m.share)
    nearest = closest if not fitting and closest.share >= 0.5 else None
    return Diagnosis(symptoms, fitting, () if fitting else tuple(m for m in found if m.open), nearest)


def diagnose(look: Look) -> Diagnosis:
    """Measure a trained autoencoder and match it with the cases."""
    return diagnose_symptoms(measure(look), look.settings.pictures)
