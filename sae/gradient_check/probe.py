"""An objective at one theta, probed: its cost nearby, how precise it is, and whether it answers the same twice.

The noise of J is measured by differences of high order, of which smooth functions leave nothing: J. More and S. Wild,
"Estimating computational noise", SIAM Journal on Scientific Computing 33 (2011).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np

from .. import checks
from ..errors import SaeError

SINGLE = float(np.finfo(np.float32).eps)
DOUBLE = float(np.finfo(np.float64).eps)


class Probe:
    """An objective at theta; costs and gradients are divided by `size`, so that no square overflows or vanishes.

    Attributes
    ----------
    cost, grad : float, (p,) array
        J(theta) and the gradient on trial.
    unit, grad_unit : float
        The relative rounding of what the objective declares: 2.2e-16 for float64, 1.2e-7 for float32. `unit` is that
        of single precision too where the objective computes in it behind a float64 (`hidden_single`).
    noise : float
        How much the cost may be off by rounding.
    """

    def __init__(self, objective: Callable, theta: np.ndarray, rng: np.random.Generator):
        self.objective, self.theta, self.size = objective, theta, 1.0
        cost, grad = checks.cost_and_grad(objective(theta.copy()), theta)
        if grad.dtype.kind == "c" or cost.dtype.kind == "c":
            raise SaeError("the objective returned complex numbers for a real theta; expected real ones.")
        self.unit, self.grad_unit = _unit(cost), _unit(grad)
        self.declared = f"cost {cost.dtype}, gradient {grad.dtype}"
        largest = max(abs(float(cost)), float(np.abs(grad.astype(np.float64)).max()))
        self.size = 2.0 ** math.floor(math.log2(largest)) if largest else 1.0
        self.cost, self.grad = float(cost) / self.size, grad.astype(np.float64) / self.size
        self.scale = np.maximum(1.0, np.abs(theta))
        self.restless = self.differs()
        own = self.unit * (abs(self.cost) + float(np.linalg.norm(self.grad * self.theta)))
        self.noise = max(own, 3 * self._noise(rng))
        self.hidden_single = self.unit < SINGLE and not self.restless and self._is_single(rng)

    def __call__(self, theta: np.ndarray) -> float:
        """J at another real theta."""
        return float(checks.cost_and_grad(self.objective(theta), theta)[0]) / self.size

    def explore(self, theta: np.ndarray) -> float:
        """J at a theta further away, where it may not be defined: NaN then."""
        try:
            with np.errstate(all="ignore"):
                return self(theta)
        except (ValueError, ArithmeticError, RuntimeWarning):
            return np.nan

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        """The gradient at another theta."""
        return checks.cost_and_grad(self.objective(theta), theta)[1].astype(np.float64) / self.size

    def imaginary(self, theta: np.ndarray) -> float:
        """Im J at a complex theta; SaeError if the objective can't compute it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", np.exceptions.ComplexWarning)  # the cost's dtype tells, below
                cost, _ = checks.cost_and_grad(self.objective(theta), theta)
        except TypeError as error:
            raise SaeError(
                f"the objective can't compute with a complex theta ({error}). Use method='central'."
            ) from error
        if cost.dtype.kind != "c":
            raise SaeError(
                f"the objective returned a cost of dtype {cost.dtype} for a complex theta: it dropped the imaginary "
                "part, which is the derivative. Use method='central', or leave out what makes numbers real (abs, norm, "
                "float)."
            )
        return float(np.imag(cost)) / self.size

    def differs(self) -> bool:
        """Whether the objective answers differently to the same theta, by more than threads may round differently."""
        cost, grad = checks.cost_and_grad(self.objective(self.theta.copy()), self.theta)
        cost_off = abs(float(cost) / self.size - self.cost)
        grad_off = np.abs(grad.astype(np.float64) / self.size - self.grad).max()
        return bool(cost_off > 8 * self.unit * abs(self.cost) or grad_off > 1e5 * self.grad_unit * _top(self.grad))

    def _is_single(self, rng) -> bool:
        """Whether J, or a part of it, is computed in single precision; then its unit and noise are taken over.

        It is if its noise is about that of single precision, and the same for two spacings (a kink's grows like the
        spacing), or if it takes no notice of theta's digits beyond single precision, though it depends on theta.
        """
        directions = [self._direction(rng) for _ in range(3)]
        near, far = (max(self._fourth(spacing * v) for v in directions) for spacing in (1e-5, 1e-4))
        flat = near > 30 * self.noise and far < 8 * near
        if flat:
            self.noise = 2 * max(near, far)
        if (flat and near > 1e-4 * SINGLE * abs(self.cost)) or self._ignores_double(rng):
            self.unit, self.noise = SINGLE, max(self.noise, 2 * near, 2 * far)
            return True
        return False

    def _ignores_double(self, rng) -> bool:
        seen = False
        for _ in range(3):
            theta = self.theta + 1e-3 * self.scale * rng.standard_normal(self.theta.size)
            rounded = theta.astype(np.float32).astype(np.float64)
            cost, moved = self.explore(theta), np.linalg.norm(theta - self.theta)
            if self.explore(rounded) != cost:
                return False
            slope = abs(cost - self.cost) / moved
            seen |= slope * np.linalg.norm(rounded - theta) > 16 * DOUBLE * abs(cost)
        return bool(seen)

    def _noise(self, rng) -> float:
        """Measure the rounding of J at the closest spacing to which it answers."""
        found = 0.0
        for spacing in [1e-6] if self.unit >= SINGLE else [1e-13, 1e-11, 1e-9, 1e-7]:
            found = self._fourth(spacing * self._direction(rng))
            if found:
                break
        return found

    def _direction(self, rng) -> np.ndarray:
        return self.scale * rng.standard_normal(self.theta.size) / math.sqrt(self.theta.size)

    def _fourth(self, v: np.ndarray) -> float:
        """Measure the rounding of J by fourth differences of values so close that little else is left.

        They lie to one side of theta, the quieter one: a kink or a jump at theta is no noise.
        """
        costs = np.array([[self.explore(self.theta + sign * k * v) for k in range(1, 9)] for sign in (1, -1)])
        fourth = np.abs(np.diff(costs, 4)).max(axis=1) / math.sqrt(70)  # 1 4 6 4 1: the sum of squares is 70
        return float(np.nan_to_num(fourth).min())

    def grad_noise(self, spacing: float, rng) -> np.ndarray:
        """Measure the rounding of each entry of the gradient in the same way, (p,)."""
        v = spacing * self._direction(rng) * math.sqrt(self.theta.size)
        grads = [[self.gradient(self.theta + sign * k * v) for k in range(1, 9)] for sign in (1, -1)]
        fourth = np.abs(np.diff(grads, 4, axis=1)).max(axis=1) / math.sqrt(70)
        return 3 * fourth.min(axis=0)


def _unit(answer: np.ndarray) -> float:
    return max(float(np.finfo(answer.dtype).eps), DOUBLE) if answer.dtype.kind in "fc" else DOUBLE


def _top(x) -> float:
    return float(np.abs(x).max()) if x.size else 0.0
