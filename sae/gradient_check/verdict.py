r"""The verdict on a gradient: what was said on trial, put together.

(G12)  error of an entry = \max(0, |g_i - \hat g_i| - r_i) / \max(|g_i|, |\hat g_i|), r_i the rounding in (G4)
"""

from __future__ import annotations

import numpy as np

from .probe import DOUBLE, SINGLE
from .report import Entry, Evidence, GradientReport, Kink
from .trial import Trial, relative_error


def verdict_on(trial: Trial) -> GradientReport:
    """Return the verdict with all that was said."""
    probe, g, numeric, slices = trial.probe, trial.g, trial.numeric, trial.names.slices
    seen = np.concatenate(list(trial.chosen.values()))
    blocks = {name: relative_error(g[i], numeric[i]) for name, i in trial.chosen.items()}
    total = relative_error(g[seen], numeric[seen])
    errors = {"theta": total, **blocks}
    wrong = [name for name in errors if name in trial.wrong or (name == "theta" and trial.wrong)]
    coarse = probe.unit**0.25
    undecided = [name for name, error in errors.items() if not error <= coarse and name not in wrong]
    verdict = "wrong" if wrong else "kink" if trial.kinks else "too noisy" if undecided else "correct"
    if verdict == "correct" and _through_precision(trial, seen):
        verdict = "precision"
        sentence = f"{probe.declared}{', computed in single precision' if probe.hidden_single else ''}"
        trial.evidence.append(Evidence("precision", probe.unit, f"rounding explains the rest: {sentence}", verdict))
    if probe.restless:
        verdict, wrong, undecided, trial.kinks = "undecidable", [], list(errors), []
        sentence = "the answers to the same theta differ: no witness can speak. Draw noise once and hold it"
        trial.evidence.append(Evidence("repetition", None, sentence, verdict))
    zero = [name for name, s in slices.items() if not probe.theta[s].any()]
    kinks = _kinks(trial)
    scaled = g * probe.size, numeric * probe.size
    return GradientReport(
        verdict,
        total,
        blocks,
        wrong,
        undecided,
        zero,
        *scaled,
        trial.method,
        trial.evidence,
        _worst(trial, [*wrong, *undecided]),
        kinks,
    )


def _through_precision(trial: Trial, seen) -> bool:
    """Whether the entries differ by more than double precision would make them, where single is involved."""
    probe = trial.probe
    mixed = (probe.unit >= SINGLE) != (probe.grad_unit >= SINGLE)
    own = 2 * DOUBLE * abs(probe.cost) / (trial.eps if trial.method == "central" else 1)
    strict = trial.asked * np.fmax(np.abs(trial.g), np.abs(trial.numeric)) + own
    return bool((mixed or probe.hidden_single) and (np.abs(trial.g - trial.numeric) > strict)[seen].any())


def _worst(trial: Trial, names: list[str]) -> list[Entry]:
    """Return up to five entries of the blocks that are not known to be right, the farthest beyond (G4) first."""
    g, numeric, scale = trial.g, trial.numeric, trial.probe.size
    size, apart = np.fmax(np.abs(g), np.abs(numeric)), np.abs(g - numeric)
    error = np.divide(np.maximum(0, apart - trial.rounding), size, out=np.zeros_like(size), where=size > 0)  # (G12)
    coords = np.concatenate([i for name, i in trial.chosen.items() if name in names] or [np.zeros(0, int)])
    order = coords[np.argsort(-(apart / np.maximum(trial.allowed, np.finfo(float).tiny))[coords])][:5]
    return [
        Entry(_name(trial, i), float(g[i] * scale), float(numeric[i] * scale), float(error[i]))
        for i in order
        if error[i] > trial.tolerance
    ]


def _name(trial: Trial, i: int) -> str:
    name = next(name for name, s in trial.names.slices.items() if s.start <= i < s.stop)
    index = np.unravel_index(i - trial.names.slices[name].start, trial.names.shapes[name])
    return f"{name}[{', '.join(map(str, index))}]"


def _kinks(trial: Trial) -> list[Kink]:
    scale, units = trial.probe.size, _units(trial) if trial.kinks else ""
    kinks = []
    for i, (low, high) in sorted(trial.kinks):
        low, high, name, grad = float(low * scale), float(high * scale), _name(trial, i), float(trial.g[i] * scale)
        if np.isfinite([low, high]).all():
            what = f"its slopes to the two sides are {low:.6g} and {high:.6g}, and the gradient is {grad:.6g}"
        else:
            what = f"J jumps to one side; the gradient, {grad:.6g}, is the slope to the other"
        kinks.append(Kink(name, grad, (low, high), f"{name}: {what}{units}"))
    return kinks


def _units(trial: Trial) -> str:
    """Say which units are at a kink, as far as the objective knows."""
    near = getattr(trial.probe.objective, "kinks", None)
    if near is None:
        return ""
    found = sorted(near(trial.probe.theta, 1e-8 if trial.probe.unit < SINGLE else 1e-4), key=lambda one: abs(one[3]))
    said = [f"{layer} of unit {unit}, example {x} ({at:.1e} from it)" for layer, unit, x, at in found[:5]]
    return f"; at the kink: {', '.join(said)}" if said else ""
