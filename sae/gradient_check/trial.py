r"""A gradient on trial: what the witnesses say of it, and how what they dispute is settled.

(G3)   relative error = \|g - \hat g\| / \|g + \hat g\|   (2-norms; UFLDL's computeNumericalGradient exercise)
(G4)   allowed: |g_i - \hat g_i| \le \mathrm{tolerance} \max(|g_i|, |\hat g_i|) + 8 u \max |g| + r_i + 2 t_i,
       max |g| within its block, r_i = 2 N / \epsilon_i (central) or 2 N (complex) for a cost that rounding makes wrong
       by N
(G5)   t_i = |\hat g_{2\epsilon} - \hat g_\epsilon|, a measure of what the step \epsilon leaves out of (G1) (three times
       that) and of the noise of J, from a second step; measured only where the comparison fails without it

Central differences alone prove nothing wrong: what they dispute, a ladder of steps of every size decides, along single
entries and along the direction g - g_hat of a block, in which all of its disagreement adds up and the rounding of J
counts once. Where the gradient itself has lost digits, as that of saturated units, (G4) allows for them too; they are
measured as the noise of J is.

Source: UFLDL tutorial, "Gradient checking and advanced optimization" (G3).
"""

from __future__ import annotations

import numpy as np

from ..errors import SaeError
from ..layout import Layout
from .probe import SINGLE, Probe
from .report import Evidence
from .witnesses import (
    Slope,
    central,
    chance_missed_by_directions,
    chance_missed_by_samples,
    complex_step,
    ladder,
    richardson,
    steps,
    taylor_slope,
    unit_vector,
)

H = 1e-20


def relative_error(g, g_hat) -> float:
    """(G3): the norm of the difference over the norm of the sum; 0 where both are 0, infinite where only the sum is."""
    scale = max(np.abs(g).max(), np.abs(g_hat).max()) or 1.0  # so that no square overflows or vanishes
    difference, total = np.linalg.norm((g - g_hat) / scale), np.linalg.norm((g + g_hat) / scale)
    return float(difference / total) if total else float(np.inf if difference else 0.0)  # (G3)


def listed(names) -> str:
    """Put names into a sentence."""
    return " and ".join(sorted(names))


class Trial:
    """The gradient of one objective at one theta, and what was said about it so far."""

    def __init__(self, probe: Probe, names: Layout, tolerance: float, rng: np.random.Generator, ladders: int):
        self.probe, self.names, self.rng, self.ladders = probe, names, rng, ladders
        self.asked, self.tolerance = tolerance, max(tolerance, 4 * probe.unit, 4 * probe.grad_unit)
        self.g, self.unit = probe.grad, max(probe.unit, probe.grad_unit)
        self.evidence: list[Evidence] = []
        self.wrong: set[str] = set()
        self.kinks: list[tuple[int, tuple[float, float]]] = []
        self.lost = np.zeros_like(self.g)

    # The witnesses ---------------------------------------------------------------------------------------------

    def take(self, method: str | None, step: float | None) -> None:
        """Decide whether the complex step can be had."""
        self.h, self.method, reason = step or H, method or "complex", ""
        if method == "central" or (method is None and step is not None):
            self.method, reason = "central", "not asked: central differences were"
        elif method is None:
            reason = self._why_not_complex()
            self.method = "central" if reason else "complex"
        if reason:
            self.evidence.append(Evidence("complex", None, reason, ""))

    def _why_not_complex(self) -> str:
        probe = self.probe
        for _ in range(1 if probe.restless else 2):
            v = probe.scale * self.rng.standard_normal(probe.theta.size) / np.sqrt(probe.theta.size)
            try:
                slope = complex_step(probe, v, H)
            except Exception as error:  # whatever a function that was not made for it may do
                kind = "" if isinstance(error, SaeError) else f"{type(error).__name__}: "
                return f"could not speak: {kind}{error}"
            if not probe.restless and not (found := ladder(probe, v)).allows(slope, self._share(self.g * v)):
                return (
                    f"could not speak: along a random direction it gives {slope * probe.size:.6g}, differences "
                    f"{found.value * probe.size:.6g}; something inside is not analytic (abs, norm, a conjugate)"
                )
        return ""

    def _share(self, g) -> float:
        return self.tolerance * float(np.linalg.norm(g)) + 8 * self.unit * float(np.abs(g).max())

    def hear_entries(self, chosen: dict[str, np.ndarray], step: float | None, extrapolate: bool) -> None:
        """Compare single entries, by central differences and by the complex step."""
        probe, g, p = self.probe, self.g, self.g.size
        self.chosen, self.eps = chosen, steps(probe, step if self.method == "central" else None)
        coords = np.concatenate(list(chosen.values()))
        numeric, gap, left_out = np.full(p, np.nan), np.zeros(p), np.zeros(p)
        for i in coords:
            numeric[i], gap[i] = central(probe, unit_vector(probe, i), float(self.eps[i]))
        top = np.concatenate([np.full(s.stop - s.start, np.abs(g[s]).max()) for s in self.names.slices.values()])
        self.rounding = 2 * probe.noise / self.eps
        self.floor = 8 * self.unit * top
        self._numeric(numeric)
        for i in coords if extrapolate else self._disputed(coords):
            coarse = central(probe, unit_vector(probe, i), 2 * float(self.eps[i]))[0]
            left_out[i] = abs(coarse - numeric[i])  # (G5)
            numeric[i] = richardson(numeric[i], coarse) if extrapolate else numeric[i]
        self.left_out = left_out
        self._numeric(numeric, 2 * left_out)
        self._say_central(coords, extrapolate)
        if self.method == "complex":
            exact = numeric.copy()
            for i in coords:
                exact[i] = complex_step(probe, unit_vector(probe, i), self.h)
            self.rounding = np.full(p, 2 * probe.noise)
            self._numeric(exact)
            error = relative_error(g[coords], exact[coords])
            sentence = f"relative error {error:.1e}, exact to rounding"
            self.evidence.append(Evidence("complex", error, sentence, self._side(self._disputed(coords))))
        if self._disputed(coords).size and not probe.restless:  # the gradient may have lost digits of its own
            spacings, cap = ((1e-8, 1e-5, 1e-3), 1e-4) if probe.unit < SINGLE else ((1e-3,), 1.0)
            lost = np.max([probe.grad_noise(spacing, self.rng) for spacing in spacings], axis=0)
            self.floor = self.floor + np.minimum(lost, cap * top)
            self.lost = np.minimum(lost, 1e-2 * top)
            self._numeric(self.numeric, 2 * left_out if self.method == "central" else 0.0)
        self.kinked = set() if probe.restless else self._gaping(coords, gap)
        if coords.size < p:
            self._say_sampled(coords.size)

    def _numeric(self, numeric, more: float | np.ndarray = 0.0) -> None:
        self.numeric = numeric
        size = np.fmax(np.abs(self.g), np.abs(numeric))
        self.allowed = self.tolerance * size + self.floor + self.rounding + more  # (G4)

    def _disputed(self, coords) -> np.ndarray:
        return coords[np.abs(self.g - self.numeric)[coords] > self.allowed[coords]]

    def _side(self, disputed) -> str:
        return "wrong" if len(disputed) else "correct"

    def _gaping(self, coords, gap) -> set[int]:
        """Return the entries where forward and backward derivative differ, and still do with a shorter step."""
        probe = self.probe
        noise = 16 * probe.noise / self.eps
        size = np.fmax(np.abs(self.g), np.abs(self.numeric))
        suspects = coords[(np.abs(gap) > np.maximum(noise, 1e-3 * size))[coords]]
        shorter = {i: abs(central(probe, unit_vector(probe, i), float(self.eps[i]) / 16)[1]) for i in suspects}
        return {int(i) for i in suspects if shorter[i] > max(abs(gap[i]) / 4, 16 * noise[i])}

    def _say_central(self, coords, extrapolate) -> None:
        error, disputed = relative_error(self.g[coords], self.numeric[coords]), self._disputed(coords)
        sentence = f"relative error {error:.1e} with steps from {self.eps.min():.1e} to {self.eps.max():.1e}"
        sentence += ", extrapolated" if extrapolate else ""
        side = self._side(disputed) if error <= self.probe.unit**0.25 or len(disputed) else "too noisy"
        self.evidence.append(Evidence("central", error, sentence, side))

    def _say_sampled(self, count: int) -> None:
        p = self.g.size
        least = min(self.chosen, key=lambda name: self.chosen[name].size / self._size(name))
        sampled, of = self.chosen[least].size, self._size(least)
        chances = {k: chance_missed_by_samples(sampled, of, k) for k in (1, 10, 100) if k <= of}
        missed = ", ".join(f"{k} with {chance:.2g}" for k, chance in chances.items())
        sentence = (
            f"{count} of {p} entries looked at one by one, from every block; of wrong entries in {least} alone, where "
            f"{sampled} of {of} were, none would be among them for {missed} (probability)"
        )
        self.evidence.append(Evidence("sampled coordinates", count / p, sentence, ""))

    def _size(self, name: str) -> int:
        return self.names.slices[name].stop - self.names.slices[name].start

    def hear_taylor(self) -> None:
        """Fit the slope of the remainder along a random direction."""
        probe = self.probe
        v = probe.scale * self.rng.standard_normal(self.g.size) / np.sqrt(self.g.size)
        s = taylor_slope(ladder(probe, v), probe, float(self.g @ v))
        if s is None:
            self.evidence.append(Evidence("taylor", None, "could not be measured: rounding hides the remainder", ""))
            return
        side = "correct" if s > 1.8 else "wrong" if s < 1.2 else ""
        meaning = {"correct": "2 is right", "wrong": "1 is wrong, or a kink", "": "neither 2 nor 1"}[side]
        self.evidence.append(Evidence("taylor", s, f"the remainder falls with slope {s:.2f}: {meaning}", side))

    def hear_directions(self, count: int, step: float | None) -> None:
        """Compare slopes along random directions within each block."""
        found, chance = set(), 0.0
        for name, s in self.names.slices.items():
            size, allowed = self._size(name), []
            for _ in range(count):
                v = np.zeros_like(self.g)
                v[s] = self.rng.standard_normal(size)
                slope, within = self._along(v, s, step)
                allowed.append(within)
                differ = abs(self.g @ v - slope) > within
                if differ and (name in self.wrong | found or self._proven(v, float(self.g @ v), within)):
                    found.add(name)
            rms = float(np.linalg.norm(self.g[s])) / np.sqrt(size)
            chance = max(chance, chance_missed_by_directions(max(allowed), 0.01 * rms, count))
        self.wrong |= found
        sentence = (
            f"{count} random directions within each block {f'disagree in {listed(found)}' if found else 'agree'}; a "
            f"single entry wrong by 1 % of its block's typical size passes with probability {chance:.2g} at most"
        )
        self.evidence.append(Evidence("directions", chance, sentence, self._side(found)))

    def _along(self, v, s, step) -> tuple[float, float]:
        """Return the slope along v by the chosen method, and how far from it g . v may be."""
        probe, share = self.probe, self._share(self.g[s]) + float(np.linalg.norm(self.floor[s]))
        if self.method == "complex":
            return complex_step(probe, v, self.h), share + 2 * probe.noise * float(np.linalg.norm(v))
        eps = (step or probe.unit**0.25 * float(np.abs(probe.scale[s]).mean())) / float(np.linalg.norm(v))
        fine, coarse = (central(probe, v, q * eps)[0] for q in (1, 2))
        return fine, share + 2 * probe.noise / eps + 2 * abs(coarse - fine)

    def _proven(self, v, slope: float, within: float) -> bool:
        found = self._ladder(v)
        if self.method == "complex" and found.interval is None:
            return True  # exact, whatever the ladder can tell
        return not found.allows(slope, within)

    def _ladder(self, v) -> Slope:
        """A ladder along v, at steps that suit v and theta, with the slope along v itself."""
        s = max(1.0, float(v * v @ np.abs(self.probe.theta)) / float(v @ v)) / float(np.linalg.norm(v))
        found = ladder(self.probe, s * v)
        interval = found.interval and (found.interval[0] / s, found.interval[1] / s)
        return Slope(found.value / s, found.error / s, interval, found.t, found.plus)

    # Disputes --------------------------------------------------------------------------------------------------

    def settle(self, name: str) -> None:
        """Decide what is in dispute in one block."""
        coords, left = self.chosen[name], self.ladders
        kinked = sorted(self.kinked & set(coords.tolist()), key=lambda i: -abs(self.g[i] - self.numeric[i]))
        for i in kinked[:left]:
            self._settle_entry(name, i)
        for i in kinked[left:]:  # neither for nor against
            self.numeric[i] = self.g[i]
        disputed = self._disputed(coords)
        if self.method == "complex" and self._beyond(disputed, self.lost):
            self.wrong.add(name)
            return
        excess = np.abs(self.g - self.numeric) / np.maximum(self.allowed, np.finfo(float).tiny)
        for i in disputed[np.argsort(-excess[disputed])][:left]:
            if name in self.wrong:
                return
            self._settle_entry(name, i)
        if name not in self.wrong and self.method == "central":
            self._settle_coarse(name, coords)
            self._settle_block(name, coords)

    def _beyond(self, coords, lost) -> bool:
        return bool((np.abs(self.g - self.numeric) > self.allowed + lost)[coords].any())

    def _settle_entry(self, name: str, i: int) -> bool:
        """Go along one entry with steps of every size; return whether that was surer than before."""
        found = self._ladder(unit_vector(self.probe, i))
        within = self.tolerance * abs(self.g[i]) + 8 * self.unit * abs(self.g[i])
        if found.interval is not None:
            if found.allows(self.g[i], within):
                self.kinks.append((i, found.interval))
                self.numeric[i] = self.g[i]
            else:
                self.wrong.add(name)
                self.numeric[i] = np.clip(self.g[i], *found.interval)
            return True
        surer = 5 * found.error < self.rounding[i] + 2 * self.left_out[i]
        if self.method == "complex" and not found.allows(self.g[i], self.allowed[i]):
            self.wrong.add(name)
        if self.method == "central" and (surer or i in self.kinked):
            self.numeric[i] = found.value
            self.allowed[i] = self.tolerance * max(abs(self.g[i]), abs(found.value)) + self.floor[i] + 5 * found.error
            if abs(self.g[i] - found.value) > self.allowed[i]:
                self.wrong.add(name)
        return surer

    def _settle_coarse(self, name: str, coords) -> None:
        """Measure the largest differences better, while that helps and they are too large to tell."""
        tried, failures = set(), 0
        while len(tried) < min(self.ladders, coords.size) and failures < 3 and name not in self.wrong:
            if relative_error(self.g[coords], self.numeric[coords]) <= self.probe.unit**0.25:
                return
            i = max((i for i in coords if i not in tried), key=lambda i: abs(self.g[i] - self.numeric[i]))
            tried.add(i)
            failures += not self._settle_entry(name, i)

    def _settle_block(self, name: str, coords) -> None:
        """Go along g - g_hat of a block, in which all disagreement adds up and rounding counts once."""
        if relative_error(self.g[coords], self.numeric[coords]) <= 100 * self.tolerance or name in self.wrong:
            return
        v = np.zeros_like(self.g)
        v[coords] = (self.g - self.numeric)[coords]
        v /= np.abs(v).max()
        v /= np.linalg.norm(v)
        within = self._share(self.g[coords]) + float(np.linalg.norm(self.floor[coords]))
        if not self._ladder(v).allows(float(self.g @ v), within):
            self.wrong.add(name)
