r"""How good a numerical derivative can be, and what Taylor's formula says of a gradient.

Along a direction v of norm 1, J is a function of one variable, phi(r) = J(theta + r v), and phi'(0) = grad J . v:

    forward       [phi(e) - phi(0)] / e                                  leaves out  e |phi''| / 2
    central       C(e) = [phi(e) - phi(-e)] / 2e                                     e^2 |phi'''| / 6
    Richardson    [4 C(e) - C(2e)] / 3                                               e^4 |phi'''''| / 30
    complex step  Im phi(i e) / e                                                    e^2 |phi'''| / 6

J is known to u |J|, with the unit roundoff u = 2^-53 (float64) or 2^-24 (float32). Divided by the step that is an error
of u |J| / e for a difference, of 3/2 as much for Richardson. The complex step subtracts nothing; it leaves the rounding
of the sum phi' = sum_i g_i v_i with g = grad J, which is u sum_i |g_i v_i| at any step.
Hence the V of error against step, with the best step of a difference where its two lines cross. A step so small that
theta + e v rounds to theta gives the derivative 0, an error of 1.

Taylor's remainders fall with the step t as

    |J(theta + t v) - J - t grad J . v|                          t^2 if the gradient is right, t if it is wrong
    |J(theta + t v) - J - t grad J . v - t^2/2 v . H v|          t^3 if the product H v is right, too

All derivatives of phi are computed, none is fitted: phi'' = v . H v by the R-operator, phi''' by the complex step of
it, phi''''' by a second difference of phi'''.

Sources: W. Press et al., "Numerical Recipes", 3rd edition (2007), section 5.7 (truncation and rounding); L. Richardson,
"The deferred approach to the limit", Philosophical Transactions A 226 (1927); W. Squire and G. Trapp, "Using complex
variables to estimate derivatives of real functions", SIAM Review 40 (1998).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.ndimage import median_filter

from .. import checks
from .problem import MISTAKES, Problem

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24}
LOWEST = {"float64": 1e-18, "float32": 1e-9}  # where an error of exactly 0 is drawn
COLOUR = {"forward": "tab:blue", "central": "tab:orange", "Richardson": "tab:green", "complex step": "tab:red"}


def forward(phi: Callable, e):
    """Return [phi(e) - phi(0)] / e."""
    return (phi(e) - phi(0 * e)) / e


def central(phi: Callable, e):
    """Return [phi(e) - phi(-e)] / 2e."""
    return (phi(e) - phi(-e)) / (2 * e)


def richardson(phi: Callable, e):
    """Return [4 C(e) - C(2e)] / 3 of the central difference C, whose e^2 cancels."""
    return (4 * central(phi, e) - central(phi, 2 * e)) / 3


def complex_step(phi: Callable, e):
    """Return Im phi(i e) / e."""
    return phi(1j * e).imag / e


METHODS: dict[str, Callable] = {
    "forward": forward,
    "central": central,
    "Richardson": richardson,
    "complex step": complex_step,
}


@dataclass(frozen=True)
class Derivatives:
    """phi = J along v and its derivatives at r = 0."""

    phi: float
    first: float
    second: float
    third: float
    fifth: float
    addends: float  # sum_i |grad J_i v_i|: what phi' is rounded on the way to, even where its addends cancel

    def errors(self, method: str, dtype: str, e):
        """Return truncation and rounding of phi'(0) by a method at the steps e, as the formulas above have them."""
        noise = UNIT[dtype] * abs(self.phi) / e
        return {
            "forward": (e * abs(self.second) / 2, noise),
            "central": (e**2 * abs(self.third) / 6, noise),
            "Richardson": (e**4 * abs(self.fifth) / 30, 1.5 * noise),
            "complex step": (e**2 * abs(self.third) / 6, UNIT[dtype] * self.addends * e**0),
        }[method]


def derivatives(problem: Problem, v) -> Derivatives:
    """Return phi and its derivatives along v: exact to rounding, phi''''' to about 1e-5."""
    J, grad = problem.cost_and_grad(problem.theta)

    def third(r, h=1e-20):
        return float((v @ problem.product(problem.theta + (r + 1j * h) * v, v)).imag) / h

    second = float(v @ problem.product(problem.theta, v))
    d = 1e-2
    fifth = (third(d) - 2 * third(0) + third(-d)) / d**2
    return Derivatives(float(J), float(grad @ v), second, third(0), fifth, float(np.abs(grad * v).sum()))


@dataclass(frozen=True)
class Steps:
    """Relative errors of phi'(0).

    Attributes
    ----------
    steps : (k,) array
    errors : dict of (dtype, method) to (k,) array
        |numerical - exact| / |exact|.
    derivatives : Derivatives
        What the asymptotes are computed from.
    """

    steps: np.ndarray
    errors: dict[tuple[str, str], np.ndarray]
    derivatives: Derivatives

    def asymptotes(self, dtype: str, method: str) -> tuple[np.ndarray, np.ndarray]:
        """Return truncation and rounding at the steps, relative as the errors are, (k,) each."""
        truncation, rounding = self.derivatives.errors(method, dtype, self.steps)
        return truncation / abs(self.derivatives.first), rounding / abs(self.derivatives.first)


def error_against_step(problem: Problem, rng: np.random.Generator, *, points: int = 121) -> Steps:
    """Measure the error of each method in both precisions at steps from 1e-20 to 1, along one random direction."""
    v = problem.direction(rng)
    known = derivatives(problem, v)
    steps = np.logspace(-20, 0, checks.count("points", points, 2))
    errors = {
        (dtype, method): np.array([_error(problem, v, known.first, method, dtype, e) for e in steps])
        for dtype in UNIT
        for method in METHODS
    }
    return Steps(steps, errors, known)


def _error(problem, v, exact, method, dtype, e):
    """One relative error, everything from theta + r v on computed in dtype."""
    real = np.dtype(dtype).type
    theta, v = problem.theta.astype(real), v.astype(real)
    found = METHODS[method](lambda r: problem.cost(theta + r * v), real(e))
    return abs(float(found) - exact) / abs(exact)


def steps_rows(found: Steps) -> list[dict[str, str]]:
    """Return a table: the best step of each method, measured and where the asymptotes cross.

    Measured is the median over seven neighbouring steps: rounding alone makes a single error small by chance.
    """
    rows = []
    for (dtype, method), errors in found.errors.items():
        errors = median_filter(errors, 7, mode="nearest")
        k, expected = int(np.argmin(errors)), np.maximum(*found.asymptotes(dtype, method))
        crossing = int(np.argmin(expected))
        any_step = method == "complex step"
        rows.append(
            {
                "dtype": dtype,
                "method": method,
                "best step": "any small one" if any_step else f"{found.steps[k]:.0e}",
                "its error": f"{errors[0] if any_step else errors[k]:.0e}",
                "step where the asymptotes cross": "-" if any_step else f"{found.steps[crossing]:.0e}",
                "error there": f"{expected[crossing]:.0e}",
            }
        )
    return rows


def plot_steps(found: Steps) -> Figure:
    """Draw the V: error against step, and for each method its truncation (dashed) and rounding (dotted)."""
    figure = Figure(figsize=(12, 6), layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, dtype in zip(panels, UNIT, strict=True):
        for method in METHODS:
            errors = np.maximum(found.errors[dtype, method], LOWEST[dtype])
            wide = 4 if method == "central" else 1  # its truncation is that of the complex step, which lies above
            axes.plot(found.steps, errors, ".-", ms=3 + wide, lw=0.8, color=COLOUR[method])
            truncation, rounding = found.asymptotes(dtype, method)
            axes.plot(found.steps, truncation, "--", lw=wide, color=COLOUR[method])
            axes.plot(found.steps, rounding, ":", lw=1.4, color=COLOUR[method])
        axes.set(xscale="log", yscale="log", ylim=(LOWEST[dtype] / 2, 30), xlabel="step")
        axes.set_title(f"{dtype}: unit roundoff {UNIT[dtype]:.1e}; 0 is drawn at {LOWEST[dtype]:.0e}", fontsize=10)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("relative error of the derivative along v")
    lines = panels[0].get_lines()
    black = [Line2D([], [], color="black", ls=style) for style in ("--", ":")]
    names = [*METHODS, "truncation, computed", "rounding, computed"]
    figure.legend([*lines[::3], *black], names, loc="outside lower center", ncols=6, frameon=False)
    figure.suptitle("Too large a step leaves terms of Taylor's formula out, too small a one leaves rounding alone")
    return figure


# Taylor -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taylor:
    """Remainders of Taylor's formula.

    Attributes
    ----------
    t : (k,) array
    remainders : dict of str to (k,) array
        Of the right gradient ("correct"), of it with H v ("correct, with H v") and of each planted mistake.
    noise : float
        u |J|: what lies below says nothing.
    """

    t: np.ndarray
    remainders: dict[str, np.ndarray]
    noise: float

    def slope(self, name: str) -> float:
        """Return the slope of a remainder in t, above 100 times the noise; see `slope`."""
        return slope(self.t, self.remainders[name], 100 * self.noise)


def slope(t, remainders, lowest: float) -> float:
    """Return the slope of log remainder against log t over the five smallest t in a row with remainders above lowest.

    The smallest, because there the lowest power wins; not a number where no five are in a row.
    """
    above = np.lib.stride_tricks.sliding_window_view(np.asarray(remainders) > lowest, 5).all(axis=1)
    if not above.any():
        return float("nan")
    chosen = slice(np.argmax(above), np.argmax(above) + 5)
    return float(np.polyfit(np.log(t[chosen]), np.log(remainders[chosen]), 1)[0])


def taylor(problem: Problem, rng: np.random.Generator, *, points: int = 41) -> Taylor:
    """Compute the remainders for t from 1e-8 to 1 along one random direction: right gradient, H v, planted mistakes."""
    v = problem.direction(rng)
    J, grad = problem.cost_and_grad(problem.theta)
    t = np.logspace(-8, 0, checks.count("points", points, 5))
    rise = np.array([problem.cost_and_grad(problem.theta + r * v)[0] for r in t]) - J
    curvature = v @ problem.product(problem.theta, v)
    wrong = {name: mistake(problem, problem.theta, grad) for name, mistake in MISTAKES.items()}
    remainders = {
        "correct, with H v": np.abs(rise - t * (grad @ v) - t**2 / 2 * curvature),
        "correct": np.abs(rise - t * (grad @ v)),
        **{name: np.abs(rise - t * (g @ v)) for name, g in wrong.items()},
    }
    return Taylor(t, remainders, UNIT["float64"] * abs(J))


def taylor_rows(found: Taylor) -> list[dict[str, str]]:
    """Return a table of the slopes."""
    return [{"gradient": name, "slope": f"{found.slope(name):.2f}"} for name in found.remainders]


def plot_taylor(found: Taylor) -> Figure:
    """Draw the remainders against t, doubly logarithmic, with the slope of each and the level of rounding."""
    figure = Figure(figsize=(10, 6.2), layout="constrained")
    axes = figure.add_subplot()
    for (name, remainder), marker in zip(found.remainders.items(), "so^vDP", strict=False):
        seen = remainder > 0
        label = f"{name}: slope {found.slope(name):.2f}"
        axes.plot(found.t[seen], remainder[seen], marker=marker, ms=4, lw=1, label=label)
    axes.axhline(100 * found.noise, color="0.5", ls=":", label="100 u |J|: slopes are taken above")
    axes.set(xscale="log", yscale="log", xlabel="t", ylabel="|remainder|", ylim=(found.noise / 10, None))
    figure.suptitle(
        "What Taylor's formula leaves: t^2 if the gradient is right, else t where t is small and v meets the mistake"
    )
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    return figure
