r"""SciPy's conjugate gradients, BFGS, Newton-CG and L-BFGS-B under one name, on any objective(theta) -> (cost, grad).

Newton-CG needs products of the Hessian with vectors. Where no exact one is given (sae/hessian.py), the difference of
two gradients is taken, with u the unit roundoff:

(N1)   H v \approx \frac{\nabla J(\theta + e v) - \nabla J(\theta - e v)}{2 e},
       e = u^{1/3} \frac{1 + \|\theta\|}{\|v\|}                                                 (p,)

Source: J. Nocedal and S. Wright, "Numerical Optimization", 2nd edition (2006), section 8.1 (its equation 8.20 has the
one-sided difference), algorithms 5.4 (CG, with the choice of Polak and Ribière), 6.1 (BFGS) and 7.1 (Newton-CG).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from . import checks
from .errors import SaeError, TrainingError
from .newton import minimize_newton
from .optimise import Result, State, _conclude, _Recorder, beginning, minimize_lbfgs

METHODS = ("CG", "BFGS", "Newton-CG", "L-BFGS-B")
MATRICES = 7  # of p x p numbers that SciPy's BFGS holds at its peak: measured 6 to 7, from p = 2000 to 5000
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def minimize_scipy(
    objective: Callable,
    theta0,
    *,
    method: str = "CG",
    max_iter: int = 400,
    gtol: float = 1e-8,
    hessian_vector: Callable | None = None,
    max_memory: int = 4 * 2**30,
    callback: Callable[[State], object] | None = None,
) -> Result:
    """Minimise with a method of SciPy.

    Ctrl-C ends it and returns the best theta so far (`.interrupted`).

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad), as for `minimize_lbfgs`. Of one in single precision CG, BFGS and Newton-CG take the
        `.exact` twin.
    theta0 : (p,) array or Resumed
        Where to start; or a checkpoint, as for `minimize_lbfgs`.
    method : {"CG", "BFGS", "Newton-CG", "L-BFGS-B"}
        Nonlinear conjugate gradients (Polak-Ribière), a few vectors of memory; BFGS, which keeps the inverse Hessian as
        a matrix; Newton-CG, which is `minimize_newton`; L-BFGS-B, which is `minimize_lbfgs` with its other settings
        left alone.
    max_iter : int
        Largest number of iterations.
    gtol : float
        Converged when no |gradient| entry is above `gtol`.
    hessian_vector : callable, optional
        (theta, v) -> H v for Newton-CG; (N1) unless given, whose gradients count as evaluations.
    max_memory : int
        Bytes that BFGS may take for its matrices.
    callback : callable, optional
        Called with a `State`, each record of the history as it is made, with `.theta`. It may raise StopIteration.

    Returns
    -------
    Result

    Raises
    ------
    TrainingError
        If the cost or the gradient can't be evaluated on the way; `.result` is the best so far.
    SaeError
        For input that can't be used, if that happens at theta0, or if BFGS would take more than `max_memory`.
    """
    checks.one_of("method", method, METHODS)
    max_iter, gtol = checks.count("max_iter", max_iter), checks.number("gtol", gtol, 0)
    max_memory = checks.count("max_memory", max_memory, 1, 2**62)
    if hessian_vector is not None and method != "Newton-CG":
        raise SaeError(f"method is {method!r}, which has no use for hessian_vector. Leave it out, or take Newton-CG.")
    if method == "L-BFGS-B":
        return minimize_lbfgs(objective, theta0, max_iter=max_iter, gtol=gtol, callback=callback)
    objective = getattr(objective, "exact", None) or objective
    if method == "Newton-CG":
        return _newton(objective, theta0, hessian_vector, max_iter, gtol, callback)
    theta0, after = beginning(theta0, method)
    if method == "BFGS":
        _refuse_large(theta0.size, max_memory)

    recorder = _Recorder(objective, callback, method)
    recorder.start(theta0, after, max_iter)
    result = recorder.result
    options = {"maxiter": max_iter - result.iterations, "gtol": gtol}
    found = None
    try:
        if not recorder.stopped and options["maxiter"]:
            found = minimize(recorder, theta0, jac=True, method=method, options=options, callback=recorder.iterate)
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} iterations: this is the best theta so far"
    except SaeError as error:
        result.message = f"training stopped after {result.iterations} iterations: {error}"
        raise TrainingError(result.message, result) from error
    else:
        _conclude(recorder, found, max_iter, 0, gtol)
    return result


def _newton(objective, theta0, hessian_vector, max_iter, gtol, callback):
    evaluations = 0

    def product(theta, v):
        """H v from two more evaluations."""
        nonlocal evaluations
        evaluations += 2
        return gradient_difference(objective, theta, v)

    result = minimize_newton(
        objective, theta0, hessian_vector or product, max_iter=max_iter, gtol=gtol, callback=callback
    )
    result.evaluations += evaluations
    return result


def gradient_difference(objective: Callable, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return H v, (p,), from the gradients at two places: (N1); off by about 1e-10 of its size."""
    length = np.linalg.norm(v)
    if length == 0:
        return np.zeros_like(v)
    e = (np.finfo(float).eps / 2) ** (1 / 3) * (1 + np.linalg.norm(theta)) / length  # (N1)
    above, below = (checks.cost_and_grad(objective(theta + sign * e * v), theta)[1] for sign in (1, -1))
    return (above - below) / (2 * e)  # (N1)


def _refuse_large(p, max_memory):
    needed = MATRICES * 8 * p**2
    if needed > max_memory:
        raise SaeError(
            f"theta has {p:,} entries; BFGS keeps its guess of the inverse Hessian as a matrix of {p:,} x {p:,} "
            f"numbers, with the copies of an update {_size(needed)}, beyond max_memory, {_size(max_memory)}. Take "
            f"L-BFGS-B, which remembers 20 pairs of vectors ({_size(2 * 20 * 8 * p)}), or CG."
        )


def _size(count):
    power = min(len(UNITS) - 1, (max(1, count).bit_length() - 1) // 10)
    return f"{count / 1024**power:.4g} {UNITS[power]}"
