"""SciPy's L-BFGS-B on any `objective(theta) -> (cost, grad)`, with a history and a result even when interrupted.

An objective evaluated in single precision that knows its `.exact` twin takes less time: it is minimised first, the
twin in the last iterations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize

from . import checks
from .checkpoint import Resumed
from .errors import SaeError, TrainingError
from .gradient_check import GradientReport, brief_check
from .interrupts import ctrl_c

RESERVED = frozenset({"iteration", "evaluations", "products", "cost", "max_grad", "learning_rate"})  # no addends of J

SINGLE_FTOL = 1e-7  # relative steps below the rounding of float32 say nothing
FINISH = 10  # iterations kept for the exact twin, and as many more as the first leg leaves
ABNORMAL = 2  # SciPy's status for a line search without success
MAX_PAIRS = 1000  # far beyond use; SciPy's workspace of 11 max_pairs^2 numbers must stay below 2^31


class State(dict):
    """What a callback gets: a record of the history, a dict, with the parameters that it is of.

    "iteration" and "cost", J, are in every record, and "evaluations" of J so far, or steps. Minimisers of all examples
    at once tell the addends of J by name and "max_grad", the largest |gradient|; those on minibatches tell
    "learning_rate" and, with held-out examples, "validation", and their iterations are epochs.

    Attributes
    ----------
    theta : (p,) array
        The callback may keep it.
    history : list of dict
        The records so far, this one last; it grows as the training goes on.
    memory : callable
        () -> dict, what else the solver needs to go on from here. Ask during the callback: it is that of the moment.
    """

    def __init__(self, record: dict, theta: np.ndarray, history: Sequence[dict] = (), memory: Callable = dict):
        super().__init__(record)
        self.theta, self.history, self.memory = theta, history, memory


@dataclass
class Result:
    """A minimum, or the best theta so far.

    Attributes
    ----------
    theta : (p,) array
    cost : float
        J(theta).
    history : list of dict
        One record for the start (iteration 0) and one for each iteration: "iteration", "evaluations" (so far),
        "cost", the addends of J by name where the objective tells them, and "max_grad", the largest |gradient|.
    message : str
        Why it stopped, in plain words.
    iterations, evaluations : int
        Those of the gradient check do not count.
    converged, interrupted : bool
    gradient_check : GradientReport or None
        Made at theta if the line search found no lower J, of the exact twin if there is one.
    """

    theta: np.ndarray
    cost: float
    history: list[dict] = field(repr=False)
    message: str = "still running"
    iterations: int = 0
    evaluations: int = 0
    converged: bool = False
    interrupted: bool = False
    gradient_check: GradientReport | None = field(default=None, repr=False)


def minimize_lbfgs(
    objective: Callable,
    theta0,
    *,
    max_iter: int = 400,
    ftol: float = 1e-12,
    gtol: float = 1e-8,
    max_pairs: int = 20,
    callback: Callable[[State], object] | None = None,
) -> Result:
    """Minimise with L-BFGS-B.

    Ctrl-C ends it and returns the best theta so far (`.interrupted`).

    Parameters
    ----------
    objective : callable
        theta -> (cost, grad). Its addends are recorded if it has `costs_and_grad(theta) -> (dict, grad)`. If it has
        an `.exact` twin (as `Autoencoder(..., dtype="float32")` does), that one takes the last `FINISH` = 10
        iterations, or more if single precision sees no further descent before.
    theta0 : (p,) array or Resumed
        Where to start; or a checkpoint, `sae.resume(path)`, to go on from: its iterations and history count, too.
    max_iter : int
        Largest number of iterations.
    ftol : float
        Converged when an iteration lowers J by less than `ftol` times its value.
    gtol : float
        Converged when no |gradient| entry is above `gtol`.
    max_pairs : int
        Steps and gradient differences that L-BFGS remembers (SciPy's `maxcor`), at most `MAX_PAIRS` = 1000.
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
        For input that can't be used, or if that happens at theta0.

    References
    ----------
    R. Byrd, P. Lu, J. Nocedal, C. Zhu, "A limited memory algorithm for bound constrained optimization", SIAM
    Journal on Scientific Computing 16 (1995).
    """
    theta0, after = beginning(theta0, "L-BFGS-B")
    max_iter, max_pairs = checks.count("max_iter", max_iter), checks.count("max_pairs", max_pairs, 1, MAX_PAIRS)
    ftol, gtol = checks.number("ftol", ftol, 0), checks.number("gtol", gtol, 0)

    exact = getattr(objective, "exact", None)
    recorder = _Recorder(objective, callback, "L-BFGS-B")
    recorder.start(theta0, after, max_iter)
    result = recorder.result
    options = {"maxcor": max_pairs, "gtol": gtol}
    try:
        if exact is not None and max_iter - result.iterations > FINISH:
            _leg(recorder, max_iter - FINISH - result.iterations, options | {"ftol": max(ftol, SINGLE_FTOL)})
        if exact is not None:
            recorder.go_on_with(exact)
        found = _leg(recorder, max_iter - result.iterations, options | {"ftol": ftol})
    except KeyboardInterrupt:
        result.interrupted = True
        result.message = f"interrupted after {result.iterations} iterations: this is the best theta so far"
    except SaeError as error:
        result.message = f"training stopped after {result.iterations} iterations: {error}"
        raise TrainingError(result.message, result) from error
    else:
        _conclude(recorder, found, max_iter, ftol, gtol)
    return result


def _leg(recorder, max_iter, options):
    """Go on from the best theta so far, unless the callback has had enough."""
    if recorder.stopped or not max_iter:
        return None
    options |= {"maxiter": max_iter, "maxfun": 100 * max_iter}
    start = recorder.result.theta
    return minimize(recorder, start, jac=True, method="L-BFGS-B", options=options, callback=recorder.iterate)


def _conclude(recorder, found, max_iter, ftol, gtol):
    """Say why SciPy stopped, and look into it where the line search failed."""
    result = recorder.result
    if recorder.stopped:
        result.message = recorder.stopped
        return
    if found is None:
        result.message = "stopped at the iteration limit, where the checkpoint was written"
        return
    result.converged = found.status == 0
    result.message = _plain_words(found, result.history, max_iter, ftol, gtol)
    if found.status == ABNORMAL:
        _look_into(result, recorder.objective)


def beginning(theta0: Any, solver: str) -> tuple[np.ndarray, Resumed | None]:
    """Return a theta to start from, and the checkpoint that it is of, if `theta0` is one of this solver's."""
    if not isinstance(theta0, Resumed):
        return checks.theta(theta0, np.size(theta0)).copy(), None
    if theta0.memory["solver"] != solver:
        raise SaeError(
            f"the checkpoint is of {theta0.memory['solver']}, the training is to go on with {solver}; expected the "
            "same solver. Start anew from the .theta of the checkpoint."
        )
    return theta0.theta.copy(), theta0


def refuse_past(done: int, limit: int, what: str = "iterations") -> None:
    """Raise if a checkpoint is further than the training is to go."""
    if done > limit:
        raise SaeError(f"the checkpoint has {done} {what}, more than the {limit} asked for; to go on, give more.")


def call(callback: Callable | None, record: dict, theta: np.ndarray, history: Sequence[dict], memory: Callable) -> bool:
    """Show the callback a record; return whether it wants to stop."""
    try:
        if callback:
            callback(State(record, theta.copy(), history, memory))
    except StopIteration:
        return True
    return False


class _Recorder:
    """The objective, remembering its last evaluation, so that recording an iteration costs none."""

    def __init__(self, objective, callback, solver):
        self.callback, self.solver, self.stopped = callback, solver, ""
        self.result = Result(np.empty(0), np.inf, [])
        self.use(objective)

    def use(self, objective):
        self.objective, self.parts = objective, getattr(objective, "costs_and_grad", None)
        self.last: tuple = ()

    def start(self, theta, after, max_iter):
        cost, grad = self(theta)
        if after is None:
            self.accept(theta, cost, grad)
            return
        refuse_past(after.iteration, max_iter)
        r = self.result
        r.theta, r.cost, r.history, r.iterations = theta, cost, list(after.history), after.iteration
        r.evaluations += r.history[-1]["evaluations"]

    def go_on_with(self, objective):
        """Change to a twin of the objective, and put its cost in place of the last one recorded."""
        self.use(objective)
        cost, grad = self(self.result.theta)
        r = self.result
        r.cost = cost
        r.history[-1] |= {"evaluations": r.evaluations, "cost": cost, **self.last[3], "max_grad": _largest(grad)}

    def __call__(self, theta):
        if not self.last or not np.array_equal(self.last[0], theta):
            self.last = theta.copy(), *self.evaluate(theta)
        return self.last[1], self.last[2]

    def evaluate(self, theta):
        self.result.evaluations += 1
        with ctrl_c():
            addends, answer = {}, (self.parts or self.objective)(theta.copy())
        if self.parts:
            addends, grad = answer
            answer = sum(addends.values()), grad
        cost, grad = checks.cost_and_grad(answer, theta)
        if RESERVED & addends.keys():
            raise SaeError(
                f"a term is named {min(RESERVED & addends.keys())!r}, as a column of the history is; rename it."
            )
        return float(cost), grad.astype(np.float64), addends

    def iterate(self, intermediate_result):
        theta = intermediate_result.x
        self.accept(theta, *self(theta))
        if self.stopped:
            raise StopIteration

    def accept(self, theta, cost, grad):
        r = self.result
        record = {
            "iteration": r.history[-1]["iteration"] + 1 if r.history else 0,
            "evaluations": r.evaluations,
            "cost": cost,
            **self.last[3],
            "max_grad": _largest(grad),
        }
        r.theta, r.cost, r.iterations = theta.copy(), cost, record["iteration"]
        r.history.append(record)
        if call(self.callback, record, theta, r.history, lambda: {"solver": self.solver}):
            self.stopped = f"stopped by the callback after {r.iterations} iterations"


def _largest(grad):
    return float(np.abs(grad).max())


def _plain_words(found, history, max_iter, ftol, gtol) -> str:
    """Say why SciPy stopped: 0 is converged, 1 a limit, 2 abnormal."""
    last = history[-1]
    if found.status == 0 and last["max_grad"] <= gtol:
        return f"converged: the largest |gradient|, {last['max_grad']:.1e}, is below gtol = {gtol:g}"
    if found.status == 0:
        return f"converged: the last iteration lowered J by less than ftol = {ftol:g} of its value"
    if found.status == 1:
        past = history[-min(11, len(history))]
        rate = (past["cost"] - last["cost"]) / max(1, last["iteration"] - past["iteration"])
        limit = "iteration" if last["iteration"] >= max_iter else "evaluation"
        return f"stopped at the {limit} limit: still improving by {rate:.0e} an iteration"
    return "stopped early: the line search found no lower J along its direction"


def _look_into(result: Result, objective: Callable) -> None:
    """Check the gradient where the line search failed, and say what that explains; Ctrl-C leaves it out."""
    try:
        report = result.gradient_check = brief_check(objective, result.theta)
        result.message += f". {_why(report, objective, result)}"
    except KeyboardInterrupt:
        result.message += ". The gradient check there was interrupted: see sae.check_gradient"
    except SaeError as error:
        result.message += f". The gradient could not be checked there: {error}"


def _why(report: GradientReport, objective: Callable, result: Result) -> str:
    if report.verdict == "wrong":
        return f"The gradient is wrong in {' and '.join(name for name in report.blocks if name in report.wrong)}"
    if report.verdict == "kink":
        return f"J is at a kink, where a step along the gradient need not lower it: {report.kinks[0].sentence}"
    if report.verdict == "undecidable":
        return "J or its gradient answer differently to the same theta: draw noise once and hold it"
    right = (
        "The gradient is right" if report.ok else "No mistake shows in the gradient, as far as rounding lets one see"
    )
    if _falls(objective, result.theta, result.cost, report.grad):
        return f"{right}, and J falls along it: look for a jump or a kink of J nearby"
    return f"{right}: this is rounding close to a minimum"


def _falls(objective, theta, cost, grad) -> bool:
    """Whether any step down the gradient lowers J by more than rounding."""
    down = grad / (np.abs(grad).max() or 1)
    rounding = 10 * np.finfo(float).eps * abs(cost)
    for step in 10.0 ** -np.arange(1, 10):
        try:
            lower = float(checks.cost_and_grad(objective(theta - step * down), theta)[0])
        except SaeError:
            continue  # J is not defined so far away
        if lower < cost - rounding:
            return True
    return False
