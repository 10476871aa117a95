"""What `sae gradcheck` does: check built-in problems, or a student's file, and say what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import sae

from .. import checks
from ..activations import Activation, identity, relu, sigmoid, tanh, topk
from ..autoencoder import Autoencoder
from ..data import corruption
from ..errors import SaeError
from ..isolation import Student, StudentError
from ..layout import Layout
from ..terms import L1, Contractive, CrossEntropy, KLSparsity, SquaredError, WeightDecay
from ..variational import VariationalAutoencoder

CORRECT, WRONG, CANT_TELL = 0, 1, 2
ACTIVATIONS = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "linear": identity}


@dataclass(frozen=True)
class Settings:
    """The problem, and how to check it; the command's options, which explain them.

    Attributes
    ----------
    options : dict
        What `check_gradient` is given besides: method, richardson, samples.
    size : int or None
        Length of theta for a student's function of theta alone.
    """

    hidden: int = 5
    features: int = 8
    examples: int = 13
    lam: float = 1e-3
    rho: float = 0.05
    beta: float = 3.0
    decoder: str = "sigmoid"
    activation: str = "sigmoid"
    tied: bool = False
    cross_entropy: bool = False
    seed: int = 0
    size: int | None = None
    timeout: float = 10.0
    reveal: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        for name, low in (("hidden", 1), ("features", 1), ("examples", 1), ("seed", 0)):
            checks.count(f"--{name}", getattr(self, name), low)
        for name, count in {"--size": self.size, "--samples": self.options.get("samples")}.items():
            if count is not None:
                checks.count(name, count)
        checks.number("--lambda", self.lam, 0)
        checks.number("--rho", self.rho, 0, 1, open_ends=True)
        checks.number("--beta", self.beta, 0)
        checks.number("--timeout", self.timeout, 0, open_ends=True)

    @property
    def f(self) -> Activation:
        """The hidden activation."""
        return ACTIVATIONS[self.activation]

    @property
    def g(self) -> Activation:
        """The output activation."""
        return ACTIVATIONS[self.decoder]

    def rng(self, stream: int) -> np.random.Generator:
        """Return one of several independent streams of the seed."""
        return np.random.default_rng([self.seed, stream])

    def X(self) -> np.ndarray:
        """Return the examples, (features, examples), from 0.1 to 0.9."""
        return self.rng(0).uniform(0.1, 0.9, (self.features, self.examples))

    def theta(self, size: int) -> np.ndarray:
        """Return a theta with no zeros, so that no mistake is multiplied by one."""
        return self.rng(1).normal(0, 0.5, size)


def _autoencoder(s: Settings, **changes) -> Autoencoder:
    classic = {"lam": s.lam, "rho": s.rho, "beta": s.beta} if "terms" not in changes else {}
    return Autoencoder(s.X(), s.hidden, **{"g": s.g, "engine": "numpy", **classic, **changes})


def _denoising(s: Settings) -> Autoencoder:
    X = corruption.masking(s.X(), 0.3, s.rng(2))
    return Autoencoder(X, s.hidden, target=s.X(), g=s.g, lam=s.lam, rho=s.rho, beta=s.beta, engine="numpy")


def _variational(s: Settings) -> VariationalAutoencoder:
    return VariationalAutoencoder(s.X(), s.hidden, 2, rng=s.rng(2))


PROBLEMS: dict[str, tuple[str, Callable[[Settings], Any]]] = {
    "classic": ("squared error, weight decay, KL sparsity; sigmoid units", _autoencoder),
    "linear": ("the same with linear output units", lambda s: _autoencoder(s, g=identity)),
    "tied": ("the same with W2 = W1^T", lambda s: _autoencoder(s, tied=True)),
    "cross-entropy": (
        "cross-entropy for the squared error",
        lambda s: _autoencoder(
            s, g=sigmoid, terms=[CrossEntropy(), WeightDecay(s.lam), *([KLSparsity(s.rho, s.beta)] if s.beta else [])]
        ),
    ),
    "tanh": ("tanh units in both layers", lambda s: _autoencoder(s, f=tanh, g=tanh)),
    "relu": (
        "rectified hidden units, linear output, weight decay",
        lambda s: _autoencoder(s, f=relu, g=identity, terms=[SquaredError(), WeightDecay(s.lam)]),
    ),
    "topk": (
        "the larger half of the hidden units, linear output, weight decay",
        lambda s: _autoencoder(s, f=topk((s.hidden + 1) // 2), g=identity, terms=[SquaredError(), WeightDecay(s.lam)]),
    ),
    "l1": (
        "L1 sparsity of a2, weight 0.1",
        lambda s: _autoencoder(s, terms=[SquaredError(), WeightDecay(s.lam), L1(0.1)]),
    ),
    "contractive": (
        "contractive penalty, weight 0.1",
        lambda s: _autoencoder(s, terms=[SquaredError(), WeightDecay(s.lam), Contractive(0.1)]),
    ),
    "denoising": ("classic, with 30 % of each x set to 0", _denoising),
    "variational": ("variational autoencoder with 2 latent units and a held eps", _variational),
}


@dataclass
class Check:
    """What was found of one target.

    Attributes
    ----------
    target, about : str
        Its name, and what it is.
    report : GradientReport or None
        The gradient against its own cost.
    diagnosis : Diagnosis or None
        A student's cost and gradient against the classic problem's.
    error : SaeError or None
        Why one of the two is missing.
    printed : str
        What the student's code printed.
    objective, theta
        What was checked, and where; for pictures.
    """

    target: str
    about: str = ""
    report: Any = None
    diagnosis: Any = None
    error: SaeError | None = None
    printed: str = ""
    objective: Callable | None = None
    theta: np.ndarray | None = None

    @property
    def code(self) -> int:
        """The exit code: 0 correct, 1 wrong, 2 could not tell."""
        if self.diagnosis is not None and not self.diagnosis.correct:
            return WRONG
        if self.report is not None and self.report.verdict == "wrong":
            return WRONG
        if self.error is None and (self.diagnosis is not None or (self.report is not None and self.report.ok)):
            return CORRECT
        return CANT_TELL

    @property
    def verdict(self) -> str:
        """In a word or some."""
        if self.code == CANT_TELL and self.report is not None and self.error is None:
            return self.report.verdict
        return ("correct", "wrong", "could not tell")[self.code]

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        error = None
        if self.error is not None:
            kind, line = (getattr(self.error, name, None) for name in ("kind", "line"))
            error = {"message": str(self.error), "kind": kind or "input", "line": line}
        return {
            "target": self.target,
            "verdict": self.verdict,
            "exit_code": self.code,
            "report": self.report and self.report.as_dict(),
            "diagnosis": self.diagnosis and self.diagnosis.as_dict(),
            "printed": self.printed,
            "error": error,
        }


def worst(found: list[Check]) -> int:
    """Return the exit code of several: one that is wrong counts most."""
    return max((check.code for check in found), key=(CORRECT, CANT_TELL, WRONG).index)


def is_file(target: str) -> bool:
    """Whether a target is a student's file, rather than the name of a problem."""
    return target.endswith(".py") or ".py:" in target


def check_problem(name: str, settings: Settings) -> Check:
    """Check the gradient of a built-in problem at a random theta."""
    checks.one_of("target", name, (*PROBLEMS, "all", "student.py", "student.py:function"))
    about, make = PROBLEMS[name]
    objective = make(settings)
    theta = settings.theta(objective.layout.size)
    report = sae.check_gradient(objective, theta, **settings.options)
    return Check(name, about, report, objective=objective, theta=theta)


def student(target: str, settings: Settings) -> Student:
    """Return the student's function that a target names, `student.py` or `student.py:function`."""
    path, _, name = target.rpartition(":") if not target.endswith(".py") else (target, "", "cost_and_grad")
    return Student(Path(path), name, timeout=settings.timeout, finite=False)


def check_student(asked: Student, target: str, settings: Settings) -> Check:
    """Check and, if it is a function for the classic problem, diagnose a student's function.

    Raises
    ------
    SaeError
        For a function that gives no usable answer.
    """
    alone = asked.signature.takes(1) and not asked.signature.takes(6)
    check = _check_alone(asked, target, settings) if alone else _check_classic(asked, target, settings)
    check.printed = asked.printed
    return check


def _check_alone(asked: Student, target: str, s: Settings) -> Check:
    if s.size is None:
        raise SaeError(f"{target} is a function of theta alone; say how many numbers theta has: --size.")
    theta = s.theta(s.size)
    objective = _Objective(_Patient(asked), (), Layout({"theta": theta.shape}))
    check = Check(target, f"a function of theta alone, at a random theta of {theta.size} numbers")
    check.objective, check.theta = objective, theta
    _check_gradient(check, objective, theta, s)
    if check.error is not None and check.report is None:
        raise check.error
    return check


def _check_classic(asked: Student, target: str, s: Settings) -> Check:
    layout = Layout.autoencoder(s.features, s.hidden)
    if s.tied:
        layout = Layout({name: shape for name, shape in layout.shapes.items() if name != "W2"})
    patient, X, theta = _Patient(asked), s.X(), s.theta(layout.size)
    objective = _Objective(patient, (X, s.hidden, s.lam, s.rho, s.beta), layout)
    check = Check(target, "a function for the classic problem", objective=objective, theta=theta)
    objective(theta.copy())  # an answer that can't be used is told before anything else
    numbers = {"n_hidden": s.hidden, "lam": s.lam, "rho": s.rho, "beta": s.beta}
    variant = {"f": s.f, "g": s.g, "tied": s.tied, "cross_entropy": s.cross_entropy, "reveal": s.reveal}
    diagnose = sae.diagnose  # pyright: ignore[reportAttributeAccessIssue]
    try:
        check.diagnosis = diagnose(patient, X.copy(), **numbers, **variant)
    except SaeError as error:
        check.error = error
    _check_gradient(check, objective, theta, s)
    check.error = patient.gave_up or check.error
    return check


def _check_gradient(check: Check, objective: Callable, theta: np.ndarray, s: Settings) -> None:
    try:
        check.report = sae.check_gradient(objective, theta, **s.options)
    except SaeError as error:
        check.error = check.error or error


class _Patient:
    """A student's function that is asked no more after a time-out or a crash: the same error is raised again."""

    def __init__(self, asked: Student):
        self.asked, self.gave_up = asked, None

    def __call__(self, *arguments):
        if self.gave_up is not None:
            raise self.gave_up
        try:
            return self.asked(*arguments)
        except StudentError as error:
            if error.kind in ("timeout", "crash"):
                self.gave_up = error
            raise


class _Objective:
    """A student's function at the examples and numbers of a problem; what it does to X does not last."""

    def __init__(self, function: Callable, arguments: tuple, layout: Layout):
        self.function, self.arguments, self.layout = function, arguments, layout

    def __call__(self, theta):
        return self.function(theta, *(a.copy() if isinstance(a, np.ndarray) else a for a in self.arguments))
