r"""The witnesses of a gradient check: ways to measure a derivative of J without the formula that is on trial.

(G1)   central:  \frac{\partial J}{\partial\theta_i} \approx
                 \frac{J(\theta + \epsilon e_i) - J(\theta - \epsilon e_i)}{2\epsilon},
                 error O(\epsilon^2) + rounding of J / \epsilon
(G2)   complex:  \frac{\partial J}{\partial\theta_i} \approx \frac{\mathrm{Im}\, J(\theta + i h e_i)}{h},
                 error O(h^2) and no rounding by subtraction, so h = 1e-20 is exact to rounding
(G6)   Richardson:  \frac{q^2 D(\epsilon) - D(q\epsilon)}{q^2 - 1} for (G1) with two steps, error O(\epsilon^4)
(G7)   step:  \epsilon_i = u^{1/4} \max(1, |\theta_i|), u the rounding unit of the cost
(G8)   gap:  \Gamma(t) = \frac{J(\theta + tv) - J(\theta)}{t} - \frac{J(\theta) - J(\theta - tv)}{t}
                 \to 0 as t \to 0 where J is smooth; at a kink it tends to the width of the subgradient interval
(G9)   Taylor:  |J(\theta + tv) - J(\theta) - t\, g \cdot v| \propto t^s, s = 2 if g is right and 1 if not
(G10)  P(\text{missed by } K \text{ directions}) = \mathrm{erf}\left(\frac{a}{\sqrt2 \|\delta\|}\right)^K
(G11)  P(\text{missed by } s \text{ of } p \text{ entries}) = \binom{p - k}{s} / \binom{p}{s} for k wrong ones

(G7): u^(1/3) would balance the two errors of (G1) if J''' were as large as J; a cost of many examples is larger than
any one entry's share of its third derivative, so its rounding counts for more, and the step is longer.
(G8) is taken at t and 10 t, and the part that grows like t is taken out.
(G10): v has independent standard normal entries, so the error of g along v, delta . v, is normal with deviation
||delta||, whatever the errors delta of the single entries are; a is what the comparison allows along v. If the entry i
alone is wrong, ||delta|| = |delta_i|.

Sources: UFLDL tutorial, "Gradient checking and advanced optimization" (G1); W. Squire and G. Trapp, "Using complex
variables to estimate derivatives of real functions", SIAM Review 40 (1998), equation 6 (G2); C. Ridders, "Accurate
computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4 (1982) (a ladder of steps, (G6)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .probe import SINGLE, Probe

LADDERS = {  # steps, each 1/q of the one before: from 0.1 to 1e-13; in single precision there is less between
    10.0: 10.0 ** -np.arange(1, 14),
    2.0: 0.4 * 2.0 ** -np.arange(12),
}


def steps(probe: Probe, step: float | None) -> np.ndarray:
    """Return epsilon for each entry, (p,)."""
    return np.full_like(probe.theta, step) if step else probe.unit**0.25 * probe.scale  # (G7)


def central(probe: Probe, v: np.ndarray, eps: float) -> tuple[float, float]:
    """Return the derivative of J along v and the gap between forward and backward derivative."""
    plus, minus = probe(probe.theta + eps * v), probe(probe.theta - eps * v)
    return (plus - minus) / (2 * eps), (plus - 2 * probe.cost + minus) / eps  # (G1), (G8)


def richardson(fine, coarse, q: float = 2.0):
    """Extrapolate central differences with steps epsilon and q epsilon."""
    return (q * q * fine - coarse) / (q * q - 1)  # (G6)


def complex_step(probe: Probe, v: np.ndarray, h: float) -> float:
    """Return the derivative of J along v."""
    return probe.imaginary(probe.theta + 1j * h * v) / h  # (G2)


def unit_vector(probe: Probe, i: int) -> np.ndarray:
    """Return e_i, (p,)."""
    e = np.zeros_like(probe.theta)
    e[i] = 1
    return e


@dataclass(frozen=True)
class Slope:
    """The derivative of J along a direction: `value` within `error`, or at a kink anything in `interval`."""

    value: float
    error: float
    interval: tuple[float, float] | None
    t: np.ndarray
    plus: np.ndarray

    def allows(self, slope: float, more: float) -> bool:
        """Whether this slope may be right; where J jumps to one side, only the slope to the other may."""
        low, high = self.interval or (self.value, self.value)
        low, high = (high if low == -np.inf else low), (low if high == np.inf else high)
        within = 5 * self.error + more
        return low - within <= slope <= high + within


def ladder(probe: Probe, v: np.ndarray) -> Slope:
    """Measure the slope of J along v with steps of every size, and take what is surest."""
    q = 10.0 if probe.unit < SINGLE else 2.0
    t = LADDERS[q]
    plus, minus = (np.array([probe.explore(probe.theta + sign * s * v) for s in t]) for sign in (1, -1))
    forward, backward = (plus - probe.cost) / t, (probe.cost - minus) / t
    middle, gap = (plus - minus) / (2 * t), forward - backward
    values = richardson(middle[1:], middle[:-1], q)
    gap0 = (q * gap[1:] - gap[:-1]) / (q - 1)  # (G8)
    left = (q**3 * gap0[1:] - gap0[:-1]) / (q**3 - 1)  # what remains of it without the part that grows like t^3
    noise = probe.noise / t[1:]
    by_three = np.abs(np.diff(values)) / q**2 + np.where(np.abs(left) > 6 * noise[1:], np.abs(left), 0)
    by_two = np.abs(values - middle[1:])[1:] + np.abs(gap0[1:]) / 2  # reaches a step further below a kink
    errors = np.fmin(by_three, by_two) + _contradicted(values[1:], 4 * noise[1:]) + 2 * noise[1:]
    errors[np.isnan(errors)] = np.inf
    best = int(np.argmin(errors))
    value = float(values[1 + best])
    if kink := _interval(q, t, forward, backward, gap0, noise):
        low, high, doubt = kink
        return Slope(value, doubt, (low, high), t, plus)
    return Slope(value, float(errors[best]), None, t, plus)


def _contradicted(values, noise) -> np.ndarray:
    """By how much finer steps contradict each value, beyond their own noise: two coarse ones may agree by chance."""
    off = np.abs(values[:, None] - values) - noise
    return np.fmax.reduce(np.where(np.tri(values.size, k=0, dtype=bool), 0, np.fmax(off, 0)), axis=1)


def _interval(q, t, forward, backward, gap0, noise) -> tuple[float, float, float] | None:
    """Return the subgradient interval, if the gap stays as the steps shrink down to where rounding hides it.

    With it comes the doubt about its ends; where J jumps to one side, that end is infinite.
    """
    seen = np.flatnonzero(np.abs(gap0) > 20 * noise)
    if seen.size == 0 or seen[-1] == 0:
        return None
    last = int(seen[-1])
    stays = gap0[last] * gap0[last - 1] > 0 and abs(gap0[last - 1]) <= 2 * abs(gap0[last])
    finer_would_show = last + 1 < noise.size and 20 * noise[last + 1] <= abs(gap0[last]) / 2
    if not stays or finer_would_show:
        return None
    slopes, growth = (forward, backward), q**0.7  # a jump's slope grows by q
    jumps = [abs(s[last + 1]) > growth * abs(s[last]) > growth**2 * abs(s[last - 1]) for s in slopes]
    elsewhere = np.abs(gap0 - gap0[last]) > abs(gap0[last]) / 2
    ends, doubts = [], [0.0]
    for slope, jump in zip(slopes, jumps, strict=True):
        if jump:
            ends.append(math.copysign(np.inf, slope[last + 1]))
            continue
        end = (q * slope[1:] - slope[:-1]) / (q - 1)
        doubt = np.abs(end - slope[1:]) + _contradicted(end, 8 * noise) + 4 * noise
        doubt[np.isnan(doubt) | (elsewhere & (not any(jumps)))] = np.inf
        best = int(np.argmin(doubt))
        ends.append(float(end[best]))
        doubts.append(float(doubt[best]))
    return min(ends), max(ends), max(doubts)


def taylor_slope(slope: Slope, probe: Probe, expected: float) -> float | None:
    """Fit s where the remainder stands clear of rounding, at the smallest such steps; None if there are too few."""
    remainder = np.abs(slope.plus - probe.cost - slope.t * expected)  # (G9)
    clear = np.flatnonzero(remainder > 50 * probe.noise)
    clear = clear[np.cumsum(np.diff(clear, prepend=clear[:1]) > 1) == 0]  # up to the first gap
    if clear.size < 3 or slope.t[clear[-1]] > 0.1:
        return None
    last = clear[-3:]
    return float(np.polyfit(np.log10(slope.t[last]), np.log10(remainder[last]), 1)[0])


def chance_missed_by_directions(allowed: float, size: float, directions: int) -> float:
    """Return the chance that an error of the gradient with norm `size` passes this many directions."""
    return math.erf(allowed / (math.sqrt(2) * size)) ** directions if size else 1.0  # (G10)


def chance_missed_by_samples(sampled: int, of: int, wrong: int) -> float:
    """Return the chance that none of so many wrong entries is among the sampled ones."""
    return math.comb(of - wrong, sampled) / math.comb(of, sampled)  # (G11)


def sample(slices: dict[str, slice], samples: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Choose entries of theta, at least 4 of each block (or all), the others in proportion to its size."""
    p = sum(s.stop - s.start for s in slices.values())
    chosen = {}
    for name, s in slices.items():
        size = s.stop - s.start
        count = min(size, max(4, round(samples * size / p)))
        chosen[name] = s.start + np.sort(rng.choice(size, count, replace=False))
    return chosen
