r"""The gradient checker: a hand-written gradient against a numerical one, block by block.

(G1)   central:  \frac{\partial J}{\partial\theta_i} \approx \frac{J(\theta + \epsilon e_i) - J(\theta - \epsilon e_i)}
                 {2\epsilon},  error O(\epsilon^2) + rounding of J / \epsilon
(G2)   complex:  \frac{\partial J}{\partial\theta_i} \approx \frac{\mathrm{Im}\, J(\theta + i h e_i)}{h},
                 error O(h^2) and no rounding by subtraction, so h = 1e-20 is exact to rounding
(G3)   relative error = \|g - \hat g\| / \|g + \hat g\|   (2-norms; UFLDL's computeNumericalGradient exercise)
(G4)   allowed: \|g - \hat g\| \le \mathrm{tolerance}\, \|g + \hat g\| + \sqrt{k}\, r   for k entries, each rounded by
       r = 2 u |J| / \epsilon  (central) or  2 u |J|  (complex),  u = 2.2e-16; so a gradient of 0 is not called wrong

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
TOLERANCE = {"central": 1e-8, "complex": 1e-13}


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
    grad, numeric : (p,) arrays
        The objective's gradient and the numerical one.
    method : str
    """

    relative_error: float
    blocks: dict[str, float]
    wrong: list[str]
    grad: np.ndarray
    numeric: np.ndarray
    method: str

    @property
    def ok(self) -> bool:
        """Whether the whole and every block agree: a small wrong block does not hide behind a large right one."""
        return not self.wrong

    def __str__(self) -> str:
        """Return a line for the whole and one for each block."""
        errors = {"theta": self.relative_error, **self.blocks}
        lines = [f"{name:>8}  {e:.3e}  {'WRONG' if name in self.wrong else 'ok'}" for name, e in errors.items()]
        return "\n".join(
            [f"gradient check ({self.method}), relative errors: {'correct' if self.ok else 'WRONG'}", *lines]
        )


def relative_error(g, g_hat) -> float:
    """(G3): the norm of the difference over the norm of the sum; 0 where both are 0, infinite where only the sum is."""
    difference, total = np.linalg.norm(g - g_hat), np.linalg.norm(g + g_hat)
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

    Costs 2 p evaluations ("central") or p ("complex") for a theta of p entries: check on a small problem.

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
        Largest relative error called correct; 1e-8 and 1e-13 unless given. UFLDL asks for less than 1e-9 of a
        sparse autoencoder of small size.
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
    tolerance = checks.number("tolerance", TOLERANCE[method] if tolerance is None else tolerance, 0)
    names: Layout = layout or getattr(objective, "layout", Layout({"theta": theta.shape}))
    if names.size != theta.size:
        raise SaeError(f"layout describes {names.size} numbers, theta has {theta.size}; expected the same.")

    cost, grad = objective(theta.copy())
    grad = np.array(grad)
    if grad.shape != theta.shape or grad.dtype.kind not in "fiu" or not np.isfinite(grad).all():
        raise SaeError(
            f"the objective returned a gradient of shape {grad.shape} and dtype {grad.dtype}"
            f"{'' if np.isfinite(grad).all() else ' with values that are not finite'}; "
            f"expected {theta.shape}, real and finite."
        )
    numeric = {"central": _central, "complex": _complex}[method](objective, theta, step)
    rounding = 2 * np.finfo(float).eps * abs(cost) / (step if method == "central" else 1)
    slices = {"theta": slice(None), **names.slices}
    wrong = [name for name, s in slices.items() if not _agree(grad[s], numeric[s], tolerance, rounding)]
    blocks = {name: relative_error(grad[s], numeric[s]) for name, s in names.slices.items()}
    return GradientReport(relative_error(grad, numeric), blocks, wrong, grad, numeric, method)


def _agree(g, g_hat, tolerance, rounding) -> bool:
    allowed = tolerance * np.linalg.norm(g + g_hat) + np.sqrt(g.size) * rounding  # (G4)
    return bool(np.linalg.norm(g - g_hat) <= allowed)


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
    cost = np.asarray(objective(theta)[0])
    if theta.dtype.kind == "c" and cost.dtype.kind != "c":
        raise SaeError(
            f"the objective returned a cost of dtype {cost.dtype} for a complex theta: it dropped the imaginary part, "
            "which is the derivative. Use method='central', or leave out what makes numbers real (abs, norm, float)."
        )
    if cost.shape != () or not np.isfinite(cost):
        raise SaeError(f"the objective returned the cost {cost!r}; expected one finite number.")
    return cost
