r"""The gradient checker: a hand-written gradient against a numerical one, block by block.

(G1)   central:  \frac{\partial J}{\partial\theta_i} \approx
                 \frac{J(\theta + \epsilon e_i) - J(\theta - \epsilon e_i)}{2\epsilon},
                 error O(\epsilon^2) + rounding of J / \epsilon
(G2)   complex:  \frac{\partial J}{\partial\theta_i} \approx \frac{\mathrm{Im}\, J(\theta + i h e_i)}{h},
                 error O(h^2) and no rounding by subtraction, so h = 1e-20 is exact to rounding
(G3)   relative error = \|g - \hat g\| / \|g + \hat g\|   (2-norms; UFLDL's computeNumericalGradient exercise)
(G4)   allowed: \|g - \hat g\| \le \mathrm{tolerance}\, \|g + \hat g\| + \sqrt{k}\, r + 2 t   for k entries, each
       rounded by r = 2 u |J| / \epsilon  (central) or  2 u |J|  (complex),  u = 2.2e-16 for a cost in double
(G5)   t = \|\hat g_{2\epsilon} - \hat g_\epsilon\|, a measure of what the step \epsilon leaves out of (G1) (three times
       that) and of the noise of J, from a second step; measured only where the comparison fails without it

So a gradient close to 0, as at a minimum, is not called wrong because the finite difference is too coarse for it; nor
is it called correct where the two differ by more than 1e-4: then the check can't tell.

Sources: UFLDL tutorial, "Gradient checking and advanced optimization" (G1, G3); W. Squire and G. Trapp, "Using
complex variables to estimate derivatives of real functions", SIAM Review 40 (1998), equation 6 (G2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import checks
from .errors import SaeError
from .layout import Layout

STEP = {"central": 1e-4, "complex": 1e-20}
TOLERANCE = 1e-8
COARSE = 1e-4  # with a larger relative error a mistake could hide behind what (G4) allows


@dataclass(frozen=True)
class GradientReport:
    """What the check found.

    Attributes
    ----------
    relative_error : float
        (G3) over all of theta.
    blocks : dict of str to float
        (G3) within each block of theta (W1, W2, b1, b2, ...).
    wrong : list of str
        Which of these are beyond (G4); the whole is "theta".
    undecided : list of str
        Which of these (G4) allows, though they differ by more than `COARSE` = 1e-4.
    zero : list of str
        Blocks where all of theta is 0: a mistake that is multiplied by them, such as decay on biases, can't show.
    grad, numeric : (p,) arrays
        The objective's gradient and the numerical one.
    method : str
    """

    relative_error: float
    blocks: dict[str, float]
    wrong: list[str]
    undecided: list[str]
    zero: list[str]
    grad: np.ndarray
    numeric: np.ndarray
    method: str

    @property
    def ok(self) -> bool:
        """Whether the whole and every block agree: a small wrong block does not hide behind a large right one."""
        return not self.wrong and not self.undecided

    def _verdict(self, name: str) -> str:
        return "WRONG" if name in self.wrong else "can't tell" if name in self.undecided else "ok"

    def __str__(self) -> str:
        """Return a line for the whole and one for each block."""
        errors = {"theta": self.relative_error, **self.blocks}
        lines = [f"{name:>8}  {error:.3e}  {self._verdict(name)}" for name, error in errors.items()]
        if self.zero:
            lines.append(
                f"{', '.join(self.zero)} is all 0 here, so decay on it would not show: check at a random theta"
            )
        if self.undecided:
            lines.append("the numerical gradient is too coarse here: use method='complex', or check at a random theta")
        verdict = "correct" if self.ok else "WRONG" if self.wrong else "CAN'T TELL"
        return "\n".join([f"gradient check ({self.method}), relative errors: {verdict}", *lines])


def relative_error(g, g_hat) -> float:
    """(G3): the norm of the difference over the norm of the sum; 0 where both are 0, infinite where only the sum is."""
    scale = max(np.abs(g).max(), np.abs(g_hat).max()) or 1.0  # so that no square overflows or vanishes
    difference, total = np.linalg.norm((g - g_hat) / scale), np.linalg.norm((g + g_hat) / scale)
    return float(difference / total) if total else float(np.inf if difference else 0.0)  # (G3)


def check_gradient(
    objective: Callable,
    theta,
    method: str = "central",
    *,
    step: float | None = None,
    tolerance: float | None = None,
    layout: Layout | None = None,
) -> GradientReport:
    """Compare the gradient that `objective` returns at `theta` with a numerical one.

    Costs 2 p evaluations ("central"; 4 p where it fails) or p ("complex") for a theta of p entries: check on a small
    problem. Check at a random theta without zeros: at `objective.init(rng)` the biases are 0, and a mistake that is
    multiplied by them can't show.

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad); any function of that shape, a student's own too.
    theta : (p,) array
        Where to compare.
    method : {"central", "complex"}
        (G1), for any smooth objective, or (G2), exact to rounding, for one that computes with complex theta:
        no `abs`, `norm`, conjugate transpose or cast to float inside.
    step : float, optional
        epsilon or h; 1e-4 and 1e-20 unless given.
    tolerance : float, optional
        Largest relative error called correct in any case, see (G4); 1e-8 unless given. Of a sparse autoencoder of
        small size UFLDL asks for less than 1e-9; the complex step usually gives 1e-15, and less only where the
        objective itself loses digits (a rho_hat close to 1).
    layout : Layout, optional
        Names the blocks; `objective.layout` if it has one, else theta is one block.

    Returns
    -------
    GradientReport
        Prints as a table; `.ok`, `.relative_error`, `.blocks`.

    Raises
    ------
    SaeError
        If a cost or gradient is not finite or of the wrong shape, or the objective can't take a complex theta.
    """
    checks.one_of("method", method, STEP)
    theta = np.asarray(theta)
    theta = checks.theta(theta, theta.size)
    step = checks.number("step", STEP[method] if step is None else step, 0, open_ends=True)
    tolerance = checks.number("tolerance", TOLERANCE if tolerance is None else tolerance, 0)
    names: Layout = layout or getattr(objective, "layout", Layout({"theta": theta.shape}))
    if names.size != theta.size:
        raise SaeError(f"layout describes {names.size} numbers, theta has {theta.size}; expected the same.")

    cost, grad = checks.cost_and_grad(objective(theta.copy()), theta)
    if grad.dtype.kind == "c" or cost.dtype.kind == "c":
        raise SaeError("the objective returned complex numbers for a real theta; expected real ones.")
    tolerance = max(tolerance, 4 * _unit(grad), 4 * _unit(cost))
    grad = grad.astype(np.float64)
    numeric = {"central": _central, "complex": _complex}[method](objective, theta, step)
    rounding = 2 * _unit(cost) * abs(float(cost)) / (step if method == "central" else 1)
    slices = {"theta": slice(None), **names.slices}

    def wrong(left_out):
        return [k for k, s in slices.items() if not _agree(grad[s], numeric[s], tolerance, rounding, left_out[s])]

    beyond = wrong(np.zeros_like(theta))
    if beyond and method == "central":
        beyond = wrong(_central(objective, theta, 2 * step) - numeric)  # (G5)
    blocks = {name: relative_error(grad[s], numeric[s]) for name, s in names.slices.items()}
    errors = {"theta": relative_error(grad, numeric), **blocks}
    undecided = [name for name, error in errors.items() if not error <= COARSE and name not in beyond]
    zero = [name for name, s in names.slices.items() if not theta[s].any()]
    return GradientReport(errors["theta"], blocks, beyond, undecided, zero, grad, numeric, method)


def _unit(answer: np.ndarray) -> float:
    """Return the relative rounding of what the objective answered: 2.2e-16 in double, 1.2e-7 in single precision."""
    return float(np.finfo(answer.dtype).eps) if answer.dtype.kind in "fc" else float(np.finfo(float).eps)


def _agree(g, g_hat, tolerance, rounding, left_out) -> bool:
    scale = max(np.abs(g).max(), np.abs(g_hat).max()) or 1.0  # so that no square overflows or vanishes
    difference, total, t = (np.linalg.norm(v / scale) for v in (g - g_hat, g + g_hat, left_out))
    return bool(difference <= tolerance * total + np.sqrt(g.size) * (rounding / scale) + 2 * t)  # (G4)


def _central(objective, theta, step):
    numeric = np.empty_like(theta)
    for i in range(theta.size):
        e = np.zeros_like(theta)
        e[i] = step
        plus, minus = _cost(objective, theta + e), _cost(objective, theta - e)
        numeric[i] = (plus - minus) / (2 * step)  # (G1)
    return numeric


def _complex(objective, theta, step):
    numeric = np.empty_like(theta)
    for i in range(theta.size):
        shifted = theta.astype(np.complex128)
        shifted[i] += 1j * step
        numeric[i] = np.imag(_cost(objective, shifted)) / step  # (G2)
    return numeric


def _cost(objective, theta):
    try:
        cost, _ = checks.cost_and_grad(objective(theta), theta)
    except TypeError as error:
        if theta.dtype.kind != "c":
            raise
        raise SaeError(f"the objective can't compute with a complex theta ({error}). Use method='central'.") from error
    if theta.dtype.kind == "c" and cost.dtype.kind != "c":
        raise SaeError(
            f"the objective returned a cost of dtype {cost.dtype} for a complex theta: it dropped the imaginary part, "
            "which is the derivative. Use method='central', or leave out what makes numbers real (abs, norm, float)."
        )
    return cost
