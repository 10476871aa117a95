"""SciPy's Newton-CG and trust-region solvers on any objective(theta) -> (cost, grad) whose product H v is known.

Where L-BFGS guesses the curvature from the gradients that it has met, these solve H s = -grad by conjugate gradients
or Lanczos steps, which need nothing of H but products with vectors, and leave directions of negative curvature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from . import checks
from .errors import SaeError, TrainingError
from .interrupts import ctrl_c
from .optimise import Result, State, _Recorder, beginning

METHODS = ("newton-cg", "trust-ncg", "trust-krylov")
REJECTED = 15  # steps refused in a row, each a quarter of the one before: no descent down to 1e-9 of the first


@dataclass
class NewtonResult(Result):
    """A `Result` that counts the products H v beside the evaluations; its history has them as "products" (so far)."""

    products: int = 0


def minimize_newton(
    objective: Callable,
    theta0,
    hessian_vector: Callable,
    *,
    method: str = "newton-cg",
    max_iter: int = 200,
    gtol: float = 1e-8,
    budget: int | None = None,
    callback: Callable[[State], object] | None = None,
) -> NewtonResult:
    """Minimise with products of the Hessian.

    Ctrl-C ends it and returns the best theta so far (`.interrupted`). Any minimum of J that it finds may differ from
    that of another method: J is not convex.

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad), as for `minimize_lbfgs`. Of one in single precision the `.exact` twin is taken: steps
        that rest on curvature are beyond float32.
    theta0 : (p,) array or Resumed
        Where to start; or a checkpoint, as for `minimize_lbfgs`.
    hessian_vector : callable
        (theta, v) -> H v, (p,), with H the Hessian at theta; of the classic problem
        `lambda theta, v: sae.hessian.hessian_vector(theta, v, X, n_hidden, lam, rho, beta)`.
    method : {"newton-cg", "trust-ncg", "trust-krylov"}
        Conjugate gradients and a line search; conjugate gradients within a trust region; Lanczos steps within one,
        which solve its subproblem more exactly, for more products. SciPy's "trust-krylov" need not repeat to the last
        digit, and on a long way not at all; the other two do. SciPy's "newton-cg" ends conjugate gradients where
        s . H s is below 7e-16, so that close to a minimum it creeps.
    max_iter : int
        Largest number of iterations; steps that a trust region refuses count.
    gtol : float
        Converged when no |gradient| entry is above `gtol`, the same for all methods.
    budget : int, optional
        Stop after the iteration in which evaluations and products together reach it.
    callback : callable, optional
        Called with a `State`, each record of the history as it is made, with `.theta`. It may raise StopIteration.

    Returns
    -------
    NewtonResult

    Raises
    ------
    TrainingError
        If the cost, the gradient or a product can't be evaluated on the way; `.result` is the best so far.
    SaeError
        For input that can't be used, or if the objective can't be evaluated at theta0.

    References
    ----------
    J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition (2006), algorithms 7.1 (newton-cg) and 7.2
    (trust-ncg); N. Gould, S. Lucidi, M. Roma, P. Toint, "Solving the trust-region subproblem using the Lanczos
    method", SIAM Journal on Optimization 9 (1999) (trust-krylov).
    """
    checks.one_of("method", method, METHODS)
    theta0, after = beginning(theta0, method)
    max_iter, gtol = checks.count("max_iter", max_iter), checks.number("gtol", gtol, 0)
    budget = None if budget is None else checks.count("budget", budget)

    recorder = _NewtonRecorder(
        getattr(objective, "exact", None) or objective, method, hessian_vector, callback, gtol, budget
    )
    result = recorder.result
    recorder.start(theta0, after, max_iter)
    if recorder.small_gradient():
        result.converged, result.message = True, recorder.stop
        return result
    if recorder.stopped or result.iterations == max_iter:
        result.message = recorder.stopped or "stopped at the iteration limit, where the checkpoint was written"
        return result
    # gtol is the recorder's to judge: SciPy's methods measure it differently
    options = {"maxiter": max_iter - result.iterations, **({"xtol": 0} if method == "newton-cg" else {"gtol": 0})}
    try:
        found = minimize(
            recorder,
            theta0,
            jac=True,
            hessp=recorder.product,
            method=method,
            callback=recorder.iterate,
            options=options,
        )
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} iterations: this is the best theta so far"
    except SaeError as error:
        result.message = f"training stopped after {result.iterations} iterations: {error}"
        raise TrainingError(result.message, result) from error
    else:
        result.converged = recorder.small_gradient()
        result.message = recorder.stopped or recorder.stop or _plain_words(found, result, max_iter)
    return result


class _NewtonRecorder(_Recorder):
    """The recorder of an objective with its products; it decides when to stop."""

    def __init__(self, objective, method, hessian_vector, callback, gtol, budget):
        super().__init__(objective, callback, method)
        self.result: NewtonResult = NewtonResult(np.empty(0), np.inf, [])
        self.hessian_vector, self.gtol, self.budget = hessian_vector, gtol, budget
        self.best, self.rejected, self.stop = (), 0, ""

    def start(self, theta, after, max_iter):
        super().start(theta, after, max_iter)
        self.best = self.last
        self.result.products = self.result.history[-1].get("products", 0)

    def product(self, theta, v):
        self.result.products += 1
        with ctrl_c():
            product = np.array(self.hessian_vector(theta.copy(), v.copy()))
        if product.shape != theta.shape or product.dtype.kind not in "fiu" or not np.isfinite(product).all():
            raise SaeError(
                f"hessian_vector returned shape {product.shape} and dtype {product.dtype}; "
                f"expected {theta.shape}, the shape of theta, and finite real numbers."
            )
        return product.astype(np.float64)

    def accept(self, theta, cost, grad):
        addends = {**self.last[3], "products": self.result.products}
        self.best = self.last = *self.last[:3], addends
        super().accept(theta, cost, grad)

    def iterate(self, intermediate_result):
        same = np.array_equal(intermediate_result.x, self.result.theta)
        self.rejected = self.rejected + 1 if same else 0
        if same:  # a step that the trust region refused: the evaluation before it still holds
            self.last = self.best
        super().iterate(intermediate_result)
        r = self.result
        if self.rejected >= REJECTED:
            self.stop = f"stopped early: {REJECTED} steps in a row found no lower J. {_ROUNDING}"
        elif self.budget is not None and r.evaluations + r.products >= self.budget:
            self.stop = f"stopped at the budget of {self.budget} evaluations and products"
        if self.small_gradient() or self.stop:
            raise StopIteration

    def small_gradient(self):
        largest = self.result.history[-1]["max_grad"]
        if largest <= self.gtol:
            self.stop = f"converged: the largest |gradient|, {largest:.1e}, is below gtol = {self.gtol:g}"
        return largest <= self.gtol


_ROUNDING = (
    "Close to a minimum that is rounding; elsewhere the gradient or the product H v is probably wrong: try "
    "sae.check_gradient, and compare H v with a difference of two gradients"
)


def _plain_words(found, result, max_iter) -> str:
    """Say why SciPy stopped where the recorder did not ask for it."""
    if result.iterations >= max_iter:
        past = result.history[-min(11, len(result.history))]
        rate = (past["cost"] - result.cost) / max(1, result.iterations - past["iteration"])
        return f"stopped at the iteration limit: still improving by {rate:.0e} an iteration"
    return f"stopped early: no step was found that lowers J ({found.message.removeprefix('Warning: ')}) {_ROUNDING}"
