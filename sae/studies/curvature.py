r"""The Hessian's spectrum at a start and at a minimum, and what solvers that know H v gain over L-BFGS.

H is not formed to be used, but for a small problem its p columns H e_i are p products, and all its eigenvalues can be
looked at. At a minimum none is negative. For a larger problem Lanczos iterations find the extreme ones from products.

The cost of a solver is counted twice: in evaluations of the gradient plus products H v, and in matrix products, of
which the gradient takes 5 and `sae.hessian`, which computes the gradient again on the way, 13. Since J is not convex
the solvers may end in different minima; which of these is lower is chance.

Sources: B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994); L. Sagun, L. Bottou,
Y. LeCun, "Eigenvalues of the Hessian in deep learning: singularity and beyond", arXiv:1611.07476 (2016); J. Martens,
"Deep learning via Hessian-free optimization", ICML (2010) (on autoencoders).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from scipy.linalg import eigh
from scipy.sparse.linalg import LinearOperator, eigsh

from .. import checks
from ..newton import METHODS, minimize_newton
from ..optimise import minimize_lbfgs
from .problem import Problem

NEAR_ZERO = 1e-6  # of the largest |eigenvalue|
GRADIENT, PRODUCT = 5, 13  # matrix products


def minimum(problem: Problem, *, gtol: float = 1e-9) -> np.ndarray:
    """Return theta where no |gradient| entry is above gtol: L-BFGS to come near, a trust region to arrive."""
    near = minimize_lbfgs(problem.objective, problem.theta, max_iter=300).theta
    return minimize_newton(problem.objective, near, problem.product, method="trust-ncg", max_iter=300, gtol=gtol).theta


def hessian(problem: Problem, theta) -> np.ndarray:
    """Return H, (p, p), column by column; symmetric to rounding, as nothing here makes it so."""
    return np.column_stack([problem.product(theta, e) for e in np.eye(theta.size)])


@dataclass(frozen=True)
class Spectrum:
    """All eigenvalues at one theta.

    Attributes
    ----------
    eigenvalues : (p,) array
        Ascending.
    asymmetry : float
        Largest |H - H^T| over largest |H|.
    max_grad : float
        Largest |gradient|.
    """

    eigenvalues: np.ndarray
    asymmetry: float
    max_grad: float

    @property
    def near_zero(self) -> int:
        """How many are within `NEAR_ZERO` = 1e-6 times the largest |eigenvalue| of 0."""
        return int((np.abs(self.eigenvalues) <= self._level).sum())

    @property
    def negative(self) -> int:
        """How many are negative, not counting those near zero."""
        return int((self.eigenvalues < -self._level).sum())

    @property
    def _level(self):
        return NEAR_ZERO * np.abs(self.eigenvalues).max()


def spectrum(problem: Problem) -> dict[str, Spectrum]:
    """Return the spectra at the problem's theta ("start") and where solvers take it ("minimum")."""
    return {"start": spectrum_at(problem, problem.theta), "minimum": spectrum_at(problem, minimum(problem))}


def spectrum_at(problem: Problem, theta) -> Spectrum:
    """Return all eigenvalues of H at theta, from p products."""
    H = hessian(problem, theta)
    asymmetry = np.abs(H - H.T).max() / np.abs(H).max()
    grad = problem.cost_and_grad(theta)[1]
    return Spectrum(eigh((H + H.T) / 2, eigvals_only=True), float(asymmetry), float(np.abs(grad).max()))


def extreme_eigenvalues(problem: Problem, theta, k: int = 6, *, tol: float = 1e-2) -> dict[str, np.ndarray]:
    """Return the k smallest and the k largest eigenvalues of H at theta, ascending, and the number of products.

    By Lanczos iterations from a fixed start, without forming H. Many vectors are kept, because the smallest eigenvalues
    at a minimum lie close together: with fewer, restarts lose more than memory saves.
    """
    products = 0

    def matvec(v):
        nonlocal products
        products += 1
        return problem.product(theta, v.ravel())

    p = theta.size
    H = LinearOperator((p, p), matvec=matvec, dtype=np.float64)  # type: ignore[call-arg]
    k = checks.count("k", k, 1, p - 1)
    options = {"k": k, "tol": tol, "return_eigenvectors": False, "v0": np.ones(p), "ncv": min(p, max(20 * k, 300))}
    found = {"smallest": eigsh(H, which="SA", **options), "largest": eigsh(H, which="LA", **options)}
    return {**{name: np.sort(values) for name, values in found.items()}, "products": np.array(products)}


def extreme_rows(problem: Problem, thetas: Mapping[str, np.ndarray], k: int = 3) -> list[dict[str, str]]:
    """Return a table: the extreme eigenvalues of H at each theta, too large a problem for all of them."""
    rows = []
    for name, theta in thetas.items():
        extremes = extreme_eigenvalues(problem, theta, k)
        rows.append(
            {
                "theta": name,
                "largest |gradient|": f"{np.abs(problem.cost_and_grad(theta)[1]).max():.0e}",
                **{
                    f"{key} of {theta.size}": ", ".join(f"{e:.3g}" for e in extremes[key])
                    for key in ("smallest", "largest")
                },
                "products": str(extremes["products"]),
            }
        )
    return rows


def spectrum_rows(spectra: Mapping[str, Spectrum]) -> list[dict[str, str]]:
    """Return a table of the spectra."""
    return [
        {
            "theta": name,
            "largest |gradient|": f"{s.max_grad:.0e}",
            "smallest eigenvalue": f"{s.eigenvalues[0]:.3g}",
            "largest": f"{s.eigenvalues[-1]:.3g}",
            "negative": str(s.negative),
            "near zero": str(s.near_zero),
            "of": str(s.eigenvalues.size),
            "asymmetry": f"{s.asymmetry:.0e}",
        }
        for name, s in spectra.items()
    ]


def plot_spectrum(spectra: Mapping[str, Spectrum], *, lam: float | None = None) -> Figure:
    """Draw all eigenvalues, ascending, logarithmic on both sides of 0, and lambda as the decay's own curvature."""
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    axes = figure.add_subplot()
    largest = max(np.abs(s.eigenvalues).max() for s in spectra.values())
    for (name, s), marker in zip(spectra.items(), "o^s", strict=False):
        label = f"{name}: {s.negative} negative, {s.near_zero} near zero, of {s.eigenvalues.size}"
        axes.plot(np.arange(1, s.eigenvalues.size + 1), s.eigenvalues, marker, ms=3, label=label)
    axes.axhline(0, color="black", lw=0.8)
    if lam is not None:
        axes.axhline(lam, color="0.5", ls=":", label=f"lambda = {lam:g}")
    near_zero = NEAR_ZERO * largest
    decades = 10.0 ** np.arange(np.ceil(np.log10(near_zero)), np.log10(largest) + 1)
    lowest = min(s.eigenvalues[0] for s in spectra.values())
    axes.set_yscale("symlog", linthresh=near_zero)
    axes.set_ylim(min(2 * lowest, -near_zero), 2 * largest)
    axes.set_yticks([tick for tick in (*-decades, 0, *decades) if 2 * lowest <= tick <= 2 * largest])
    axes.set(xlabel="number of the eigenvalue", ylabel="eigenvalue of H (linear where near zero)")
    axes.set_title("The Hessian's spectrum")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=len(spectra) + 1, frameon=False)
    return figure


# Solvers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Descent:
    """What one solver did: J by the work done so far.

    Attributes
    ----------
    cost, evaluations, products : (k,) arrays
        A number for the start and one for each iteration.
    message : str
    """

    cost: np.ndarray
    evaluations: np.ndarray
    products: np.ndarray
    theta: np.ndarray
    message: str

    @property
    def calls(self) -> np.ndarray:
        """Evaluations and products together."""
        return self.evaluations + self.products

    @property
    def matrix_products(self) -> np.ndarray:
        """The work in matrix products."""
        return GRADIENT * self.evaluations + PRODUCT * self.products


def solvers(problem: Problem, *, budget: int = 3000) -> dict[str, Descent]:
    """Run L-BFGS and each of `METHODS` from the problem's theta for `budget` evaluations and products.

    The last iteration may go beyond it. L-BFGS, whose calls are all gradients, gets as many as make the same number of
    matrix products as a solver that spends the whole budget on products.
    """
    objective, budget = problem.objective, checks.count("budget", budget)
    fair = budget * PRODUCT // GRADIENT
    lbfgs = minimize_lbfgs(objective, problem.theta, max_iter=fair, ftol=0)
    found = {"L-BFGS": _descent(lbfgs)}
    for method in METHODS:
        found[method] = _descent(
            minimize_newton(objective, problem.theta, problem.product, method=method, max_iter=budget, budget=budget)
        )
    return found


def _descent(result) -> Descent:
    def column(key):
        return np.array([record.get(key, 0) for record in result.history])

    return Descent(column("cost"), column("evaluations"), column("products"), result.theta, result.message)


def best_at(found: Mapping[str, Descent], work: float, measure: str = "calls") -> dict[str, float]:
    """Return the J of each solver after at most this much work, by `measure`: "calls" or "matrix_products"."""
    checks.one_of("measure", measure, ("calls", "matrix_products"))
    return {
        name: float(d.cost[max(0, np.searchsorted(getattr(d, measure), work, side="right") - 1)])
        for name, d in found.items()
    }


def solver_rows(found: Mapping[str, Descent], budgets: Sequence[int] = (100, 300, 1000, 3000)) -> list[dict[str, str]]:
    """Return a table: J of each solver by calls and by matrix products, the lowest marked."""
    rows = []
    for measure, factor in (("calls", 1), ("matrix_products", PRODUCT)):
        for budget in budgets:
            costs = best_at(found, factor * budget, measure)
            lowest = min(costs.values())
            numbers = {name: f"{J:.6f}{' *' if lowest == J else ''}" for name, J in costs.items()}
            rows.append({"work": f"{factor * budget} {measure.replace('_', ' ')}", **numbers})
    return rows


def plot_solvers(found: Mapping[str, Descent]) -> Figure:
    """Draw J minus the lowest that any solver reached, by calls (left) and by matrix products (right)."""
    lowest, winner = min((d.cost.min(), name) for name, d in found.items())
    figure = Figure(figsize=(12, 5.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, measure in zip(panels, ("calls", "matrix_products"), strict=True):
        for name, d in found.items():
            above = d.cost - lowest
            axes.plot(getattr(d, measure)[above > 0], above[above > 0], lw=1.5, label=name)
        axes.set(xscale="log", yscale="log")
        axes.grid(alpha=0.3)
    gaps = [gap for d in found.values() if (gap := d.cost.min() - lowest) > 0]
    if gaps:  # below them only the winner is left, on its way to 0 by definition
        panels[0].set_ylim(bottom=min(gaps) / 3)
    panels[0].set(xlabel="evaluations of the gradient + products H v", ylabel="J - lowest J of all")
    panels[1].set(xlabel=f"matrix products: {GRADIENT} for a gradient, {PRODUCT} for H v")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    figure.suptitle(
        f"Solvers from one start; the lowest J, {lowest:.6f}, is that of {winner}, whose line leaves the picture"
    )
    return figure
