"""`sae.diagnose`: which side of a student's function is wrong, which blocks and terms, and which step of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .. import checks
from ..activations import Activation, sigmoid
from ..errors import SaeError
from .cells import draw
from .evidence import Evidence, gather
from .findings import of_explanations, of_integers, of_side_effects, only_as_given, revealed
from .page import FUNCTION, Options, Problem
from .region import region_of
from .regression import regress
from .report import Diagnosis, Finding
from .where import side_of, terms_of


@np.errstate(all="ignore")  # NaN and infinity are compared like other numbers
def diagnose(
    student: Callable,
    X,
    *,
    n_hidden: int,
    lam: float,
    rho: float,
    beta: float,
    f: Activation = sigmoid,
    g: Activation = sigmoid,
    tied: bool = False,
    cross_entropy: bool = False,
    reveal: bool = False,
    rng: np.random.Generator | None = None,
) -> Diagnosis:
    """Say whether a student's cost and gradient are right, and if not, which side, block, term and step are wrong.

    The function is asked for small problems of its own sizes first, with lambda and beta at 0 and not, which shows each
    addend of J alone; then for the problem given. Its answers are compared with the page's, and where they differ with
    those of every mistake in the catalogue, alone and in pairs.

    Parameters
    ----------
    student : callable
        (theta, X, n_hidden, lam, rho, beta) -> (cost, grad), as `sae.reference.cost_and_grad`: X (n, m) with examples
        as columns, theta and grad [W1, W2, b1, b2], each raveled in C order.
    X : (n, m) array
        Examples as columns; in the range that g reaches.
    n_hidden : int
        Number of hidden units.
    lam, rho, beta : float
        A term with lam = 0 or beta = 0 is not examined.
    f, g : Activation
        Hidden and output activation asked for: sigmoid, tanh, identity or relu.
    tied : bool
        Whether the exercise asks for W2 = W1^T, with theta [W1, b1, b2].
    cross_entropy : bool
        Whether it asks for the cross-entropy (mean over examples) instead of the squared error.
    reveal : bool
        Put the page's own lines into the findings.
    rng : Generator, optional
        For theta; without it the same one at each call.

    Returns
    -------
    Diagnosis
        Prints as a report.

    Raises
    ------
    SaeError
        If the function raises, or returns something else than a real cost and a gradient of theta's shape, or NaN
        everywhere; for options that do not go together.
    """
    X = checks.matrix(X)
    options = _options(f, g, tied, cross_entropy, beta)
    checks.within(X, *g.range, g.name)
    seed = 0 if rng is None else int(rng.integers(2**31))
    return _verdict(gather(student, options, _given(options, X, n_hidden, lam, rho, beta, seed), seed), reveal)


def _verdict(evidence: Evidence, reveal: bool) -> Diagnosis:
    """Answer in order: which side, which blocks and terms, which step."""
    only_given = evidence.whole if not evidence.wrong and not evidence.examined.effects else []
    side = side_of(evidence)
    blocks = _blocks(evidence, only_given)
    terms = terms_of(evidence) if side != "side effect" or _wrong_besides(evidence) else []
    findings = [only_as_given(only_given)] if only_given else _findings(evidence, reveal)
    coefficients, residuals = regress(evidence.known, evidence.observed)
    return Diagnosis(
        correct=side == "none",
        side=side,
        blocks=blocks,
        terms=terms,
        findings=findings,
        coefficients=coefficients,
        residuals=residuals,
        consistent=evidence.consistent,
        single=evidence.examined.single,
    )


def _wrong_besides(evidence: Evidence) -> bool:
    """Whether a function with a side effect is wrong, too; if it remembers, only its first answer is its own."""
    return "memory" not in evidence.examined.effects or bool(evidence.wrong_at_first())


def _blocks(evidence: Evidence, only_given: list[str]) -> list[str]:
    remembers = "memory" in evidence.examined.effects
    wrong = evidence.wrong_at_first() if remembers else only_given or evidence.wrong_blocks
    return [name for name in wrong if name != "cost"]


def _findings(evidence: Evidence, reveal: bool) -> list[Finding]:
    """Return the side effects, then the mistakes that are known, then the region of what they leave unexplained."""
    known, observed, explanation = evidence.known, evidence.observed, evidence.explanation
    if evidence.wrong and evidence.examined.integers:
        return of_integers(evidence.examined.integers)
    findings = of_explanations(known, observed, explanation.sets, reveal)
    if explanation.left:
        everything = region_of(known, observed, evidence.wrong, evidence.examined, evidence.forward)
        rest = region_of(known, observed, explanation.left, evidence.examined, evidence.forward)
        simpler = len(everything) <= len(rest)  # one region for all says more than some mistakes and the rest
        regions = everything if simpler else rest
        if reveal:
            regions = [replace(finding, solution=revealed(known, finding)) for finding in regions]
        findings = regions if simpler else findings + regions
    return of_side_effects(evidence.examined.effects) + findings


def _options(f: Activation, g: Activation, tied: bool, cross_entropy: bool, beta: float) -> Options:
    for name, activation in (("f", f), ("g", g)):
        checks.instance(name, activation, Activation, "sae.sigmoid")
        checks.one_of(name, activation.name, FUNCTION)
    if cross_entropy and g.name != "sigmoid":
        raise SaeError(f"cross-entropy with g = {g.name}; expected g=sae.sigmoid, whose outputs are probabilities.")
    if beta and not np.isfinite(f.range).all():
        raise SaeError(f"beta = {beta} with f = {f.name}: the KL sparsity needs units between two ends. Use beta=0.")
    return Options(f.name, g.name, bool(tied), bool(cross_entropy))


def _given(options: Options, X: np.ndarray, n_hidden, lam, rho, beta, seed: int) -> Problem:
    """Return the problem as the user states it, at a random theta."""
    n_hidden = checks.count("n_hidden", n_hidden)
    lam, beta = checks.number("lam", lam, 0), checks.number("beta", beta, 0)
    rho = checks.number("rho", rho, 0, 1, open_ends=True)
    theta = draw(np.random.default_rng(seed), options, len(X), n_hidden, 1, rho).theta
    return Problem(theta, X.astype(np.float64), n_hidden, lam, rho, beta)
