r"""Projected gradient descent with a backtracking line search, for a theta that must stay on a surface.

With the projection \Pi onto the surface, \Pi(\theta) = \theta, and the gradient g of J there:

(L1)   \theta' = \Pi(\theta - t g)                                                           (p,)
(L2)   \text{accept if } J(\theta') \le J(\theta) - \frac{\alpha}{t} \|\theta' - \theta\|^2,
         \text{ else } t \leftarrow 0.5\, t                                                  scalar
(L3)   t \leftarrow 1.1\, t \text{ after each step}                                          scalar

Of g, the projection lets only the part along the surface move theta: theta' - theta is about -t times that part, and J
falls by about t times its squared length. (L2) asks for the share alpha of this. UFLDL's exercise compares with the
squared length of all of g instead, which close to a minimum no step can satisfy, however short.

Source: UFLDL, exercise "Independent Component Analysis" (alpha = 0.5, first t = 0.02); (L2) as in D. Bertsekas,
"Nonlinear Programming" (1999), section 2.3, for convex sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import checks
from .errors import SaeError, TrainingError
from .interrupts import ctrl_c
from .optimise import Result, State, beginning, call, refuse_past

SHRINK, GROW = 0.5, 1.1
SOLVER = "projected gradient descent"  # in a checkpoint


def minimize_projected(
    objective: Any,
    theta0: Any,
    *,
    max_iter: int = 1000,
    step: float = 0.02,
    alpha: float = 0.5,
    gtol: float = 1e-6,
    callback: Callable[[State], object] | None = None,
) -> Result:
    """Minimise on the surface that `objective.project(theta)` projects onto, by (L1) to (L3).

    J falls in every iteration, and every theta lies on the surface, to rounding. Ctrl-C ends it and returns the last,
    and so best, theta (`.interrupted`).

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad), with a `project`: `sae.OrthonormalICA`.
    theta0 : (p,) array or Resumed
        Where to start; it is projected first. From `sae.resume(path)` the steps are those of a training never ended.
    max_iter : int
        Largest number of steps.
    step : float
        First t of (L1).
    alpha : float
        Of (L2), between 0 and 1.
    gtol : float
        Converged when no entry of (theta' - theta) / t, the gradient along the surface, is above `gtol`.
    callback : callable, optional
        Called with a `State`, each record of the history as it is made, with `.theta`. It may raise StopIteration.

    Returns
    -------
    Result
        The history has a record for the start and one for each step: "cost", the addends of J by name, "max_grad", the
        largest |entry| of the gradient along the surface (of the step before), and "learning_rate", the t of the step.

    Raises
    ------
    TrainingError
        If the cost or the gradient can't be evaluated on the way; `.result` is the best so far.
    SaeError
        For input that can't be used, or if that happens at theta0.
    """
    if not callable(getattr(objective, "project", None)):
        raise SaeError(
            "the objective has no project(theta); expected one with a constraint, such as sae.OrthonormalICA. Others "
            "are minimised with sae.minimize_lbfgs."
        )
    theta, after = beginning(theta0, SOLVER)
    theta = objective.project(theta) if after is None else theta
    max_iter = checks.count("max_iter", max_iter)
    t, gtol = checks.number("step", step, 0, open_ends=True), checks.number("gtol", gtol, 0)
    alpha = checks.number("alpha", alpha, 0, 1, open_ends=True)

    result = Result(theta, np.inf, [])
    cost, grad, addends = _evaluate(objective, theta, result)
    if after is None:
        _record(result, theta, cost, addends, {})
    else:
        t = _go_on(result, cost, after, max_iter)

    def stops() -> bool:
        return call(callback, result.history[-1], theta, result.history, lambda: {"solver": SOLVER, "step": t})

    try:
        stopped = after is None and stops()
        while not stopped:
            if result.iterations == max_iter:
                result.message = f"stopped at the iteration limit, {max_iter}"
                return result
            found = _search(objective, theta, cost, grad, t, alpha, gtol, result)
            if found is None:
                return result
            theta, cost, grad, addends, t, largest = found
            _record(result, theta, cost, addends, {"max_grad": largest, "learning_rate": t})
            t *= GROW  # (L3)
            stopped = stops()
        result.message = f"stopped by the callback after {result.iterations} iterations"
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} iterations: this is the best theta so far"
    except SaeError as error:
        result.message = f"training stopped after {result.iterations} iterations: {error}"
        raise TrainingError(result.message, result) from error
    return result


def _search(objective, theta, cost, grad, t, alpha, gtol, result):
    """Return theta', its J, gradient and addends, t, and the largest |gradient along the surface|; None at the end."""
    while True:
        trial = objective.project(theta - t * grad)  # (L1)
        move = trial - theta
        largest = float(np.abs(move).max()) / t
        if largest <= gtol:
            result.converged = True
            result.message = (
                f"converged: the largest |gradient| along the surface, {largest:.1e}, is below gtol = {gtol:g}"
            )
            return None
        if np.abs(move).max() <= 4 * np.finfo(float).eps * np.abs(theta).max():
            result.message = "stopped early: no step lowers J by more than rounding"
            return None
        answer = _evaluate(objective, trial, result)
        if answer[0] <= cost - alpha / t * (move @ move):  # (L2)
            return trial, *answer, t, largest
        t *= SHRINK  # (L2)


def _evaluate(objective, theta, result):
    """Return J, its gradient and its addends by name."""
    result.evaluations += 1
    addends = {}
    with ctrl_c():
        if hasattr(objective, "costs_and_grad"):
            addends, grad = objective.costs_and_grad(theta)
            answer = sum(addends.values()), grad
        else:
            answer = objective(theta)
    cost, grad = checks.cost_and_grad(answer, theta)
    return float(cost), grad, addends


def _go_on(result, cost, after, max_iter) -> float:
    """Take over what a checkpoint has; return its t."""
    refuse_past(after.iteration, max_iter)
    result.cost, result.history, result.iterations = cost, list(after.history), after.iteration
    result.evaluations += result.history[-1]["evaluations"]
    return checks.number("step", after.memory.get("step"), 0, open_ends=True)


def _record(result, theta, cost, addends, more):
    result.theta, result.cost, result.iterations = theta, cost, len(result.history)
    result.history.append(
        {"iteration": result.iterations, "evaluations": result.evaluations, "cost": cost, **addends, **more}
    )
