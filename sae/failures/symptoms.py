r"""Symptoms: numbers that say how a trained autoencoder is. None where a run does not have what one is made of.

s are the variances along the principal axes of the examples x, as the network sees them, the largest first:

(Y1)   first axis:  (s_1 / \sum_k s_k - 1/n) / (1 - 1/n), 0 where all axes are alike, 1 where one has it all   scalar
(Y2)   explained:  1 - \sum_i \|a^{(3)}(x_i) - x_i\|^2 / \sum_i \|x_i - \bar x\|^2                         scalar
(Y3)   gap:  the error of held-out examples over that of the ones trained on, - 1                          scalar
(Y4)   numbers a parameter:  n m / p                                                                       scalar
(Y5)   c_j = n_{hidden} \, \mathrm{Var}(a_j) \sum_i (g'_i W_{2,ij})^2 / \sum_k s_k                         (n_hidden,)
(Y6)   v_j = \mathrm{Var}(a_j) / (\hat\rho_j (1 - \hat\rho_j))                                             (n_hidden,)
(Y7)   silent:  share of units with a_j < 0.1 for all examples                                             scalar
(Y8)   off target:  the median of |\hat\rho_j - \rho| / \rho                                               scalar
(Y9)   pull of the decay:  \lambda / (g' f'(\rho) s_1)                                                     scalar
(Y10)  active in a mean:  B \rho,  B < m the examples of a minibatch, of which \hat\rho is a mean          scalar
(Y11)  weight of the sparsity:  \beta / \sum_k s_k                                                         scalar
(Y12)  falling:  (J_{t - \lceil t/10 \rceil} - J_t) / J_t, t the last iteration                            scalar

(Y5) is what unit j adds to the variance of the answer, to first order, over the fair share of a unit; idle is the share
of units with c_j < 0.01. (Y6) is 0 for a unit that answers the same to all, and 1 for one that only says 0 or 1 (the
largest variance of a number in [0, 1] with that mean); saturated is the share of units with v_j > 0.8, selective the
median of v. Activations of tanh are taken as shares of their range. Where the range has no end, as that of relu, v is
not known and a silent unit is one that answers the same to all.

(Y9): at the constant answer W1 = W2 = 0, a2 = rho, a3 = mean of x, where the sparsity costs nothing, the second order
of J in W1 and W2 is lambda/2 (|W1|^2 + |W2|^2) - g' f'(rho) tr(W2 W1 Sigma), Sigma the covariance of x. Along the first
axis it is positive, and the constant answer a minimum that training falls into and stays in, if lambda >= g' f'(rho)
s_1. So this limit, 1, needs no measurement. Without a penalty on the code f' is taken as it is, on average; with L1,
which moves that point, (Y9) is not known.

Source: (Y1) to (Y8) and (Y10) to (Y12) are this project's own measures; (Y9) follows from the equations of
sae/autoencoder.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..filters import count_oriented
from .look import Look

FAIR, BINARY, LOUD = 0.01, 0.8, 0.1


def first_axis(look: Look) -> float | None:
    """(Y1)."""
    s = look.variances
    if s is None or len(s) == 1:
        return None
    return float((s[0] / s.sum() - 1 / len(s)) / (1 - 1 / len(s)))  # (Y1)


def explained(look: Look) -> float | None:
    """(Y2)."""
    s = look.variances
    return None if s is None or look.X is None else 1 - look.error(look.X) / float(s.sum())  # (Y2)


def gap(look: Look) -> float | None:
    """(Y3)."""
    if look.X is None or look.held_out is None:
        loss, validation = look.told.loss, look.told.validation
        return None if not loss or validation is None else validation / loss - 1
    return look.error(look.held_out) / look.error(look.X) - 1  # (Y3)


def numbers_a_parameter(look: Look) -> float | None:
    """(Y4)."""
    n_hidden, n = look.W1.shape
    m, p = look.settings.examples, 2 * n * n_hidden + n_hidden + n
    return None if m is None else n * m / p  # (Y4)


def idle(look: Look) -> float | None:
    """(Y5)."""
    a2, a3, s = look.a2, look.a3, look.variances
    if a2 is None or a3 is None or s is None:
        return None
    slope = look.g.derivative(a3).mean(axis=1, keepdims=True)
    c = len(a2) * a2.var(axis=1) * ((slope * look.W2) ** 2).sum(axis=0) / s.sum()  # (Y5)
    return float((c < FAIR).mean())


def saturated(look: Look) -> float | None:
    """(Y6), the share of units close to 1."""
    v = variation(look)
    return None if v is None else float((v > BINARY).mean())


def selective(look: Look) -> float | None:
    """(Y6), the median."""
    v = variation(look)
    return None if v is None else float(np.median(v))


def variation(look: Look) -> np.ndarray | None:
    """(Y6); 1 for a unit that only ever says 0, or 1, to the last digit."""
    if look.a2 is None or not _bounded(look):
        return None
    share = _share(look, look.a2)
    rho_hat = share.mean(axis=1)
    most = rho_hat * (1 - rho_hat)
    return np.divide(share.var(axis=1), most, out=np.ones_like(most), where=most > 0)  # (Y6)


def silent(look: Look) -> float | None:
    """(Y7)."""
    if look.a2 is None:
        return None
    if not _bounded(look):
        return float((np.ptp(look.a2, axis=1) == 0).mean())
    return float((_share(look, look.a2).max(axis=1) < LOUD).mean())  # (Y7)


def off_target(look: Look) -> float | None:
    """(Y8)."""
    rho = look.settings.rho
    if look.rho_hat is None or rho is None:
        return None
    return float(np.median(np.abs(_share(look, look.rho_hat) - rho) / rho))  # (Y8)


def pull_of_decay(look: Look) -> float | None:
    """(Y9)."""
    able = pull_of_data(look)
    return None if able is None else look.settings.lam / able  # (Y9)


def pull_of_data(look: Look) -> float | None:
    """Return g' f'(rho) s_1 of (Y9), the lambda from which on the constant answer is a minimum."""
    s, rho, X, a2 = look.variances, look.settings.rho, look.X, look.a2
    if s is None or X is None or a2 is None or (rho is None and look.settings.beta):
        return None
    low, high = look.f.range
    at = a2 if rho is None else np.float64(low + rho * (high - low))
    slope = np.mean(look.f.derivative(at))
    return float(look.g.derivative(X.mean(axis=1)).mean() * slope * s[0])  # (Y9)


def active_in_a_mean(look: Look) -> float | None:
    """(Y10); infinite without minibatches, where the mean is the right one."""
    B, m, rho = look.settings.mean_over, look.settings.examples, look.settings.rho
    if rho is None:
        return math.inf  # no such mean in J
    if B is None:
        return None
    return math.inf if m == B else B * rho  # (Y10)


def weight_of_sparsity(look: Look) -> float | None:
    """(Y11)."""
    s = look.variances
    return None if s is None or look.settings.rho is None else look.settings.beta / float(s.sum())  # (Y11)


def falling(look: Look) -> float | None:
    """(Y12)."""
    J, t = look.costs, len(look.costs) - 1
    if t < 1 or not J[-1] > 0:
        return None
    return (J[t - math.ceil(t / 10)] - J[t]) / J[t]  # (Y12)


def updates(look: Look) -> float | None:
    """Return how often theta was changed; infinite if more would not have been made."""
    if look.settings.updates is None:
        return None
    return float(look.settings.updates) if look.settings.at_limit else math.inf


def target(look: Look) -> float | None:
    """Return rho."""
    return look.settings.rho


def oriented(look: Look) -> float | None:
    """Return the share of oriented filters, (F3) of sae/filters.py, where examples are square pictures."""
    n_hidden, n = look.W1.shape
    square = look.settings.pictures and math.isqrt(n) ** 2 == n
    return count_oriented(look.W1) / n_hidden if square else None


def alike(look: Look) -> float | None:
    """Return the mean |correlation| of two filters."""
    W1 = look.W1[np.ptp(look.W1, axis=1) > 0]
    if len(W1) < 2:
        return None
    return float(np.abs(np.corrcoef(W1)[np.triu_indices(len(W1), 1)]).mean())


def norm(look: Look) -> float | None:
    """Return the median norm of a filter."""
    return float(np.median(np.linalg.norm(look.W1, axis=1)))


def _bounded(look: Look) -> bool:
    return bool(np.isfinite(look.f.range).all())


def _share(look: Look, a: np.ndarray) -> np.ndarray:
    """Return activations as shares of the range of f."""
    low, high = look.f.range
    return (a - low) / (high - low)


@dataclass(frozen=True)
class Symptom:
    """What is measured, in words; `log` if its numbers are compared by their ratio."""

    name: str
    words: str
    measure: Callable[[Look], float | None]
    log: bool = False
    share: bool = False

    def shown(self, value: float | None) -> str:
        """Return a value as text."""
        if value is None:
            return ""
        if math.isinf(value):
            return "∞"
        if self.share:
            return f"{value:.0%}" if abs(value) >= 0.1 or value == 0 else f"{value:.1%}"
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}"


SYMPTOMS = {
    one.name: one
    for one in (
        Symptom("first axis", "share of the variance along the first axis of the data, (Y1)", first_axis, share=True),
        Symptom("explained", "share of the variance explained, (Y2)", explained, share=True),
        Symptom("gap", "error of held-out examples above that of the others, (Y3)", gap, share=True),
        Symptom("numbers a parameter", "numbers in the data for each parameter, (Y4)", numbers_a_parameter, log=True),
        Symptom("idle", "units that hardly change the answer, (Y5)", idle, share=True),
        Symptom("saturated", "units that only say 0 or 1, (Y6)", saturated, share=True),
        Symptom("selective", "variation of a unit over the largest it can have, median, (Y6)", selective, log=True),
        Symptom("silent", "units that no example brings above 0.1, (Y7)", silent, share=True),
        Symptom("off target", "|rho_hat - rho| / rho, median, (Y8)", off_target, log=True),
        Symptom("pull of the decay", "lambda over what the data can hold against it, (Y9)", pull_of_decay, log=True),
        Symptom(
            "active in a mean", "active examples in the mean rho_hat of a minibatch, (Y10)", active_in_a_mean, log=True
        ),
        Symptom("weight of the sparsity", "beta over the variance of the data, (Y11)", weight_of_sparsity, log=True),
        Symptom("falling", "fall of J in the last tenth of the iterations, (Y12)", falling, share=True),
        Symptom("updates", "changes of theta, where the training was ended by a limit", updates, log=True),
        Symptom("rho", "target of the mean activation", target, log=True),
        Symptom("oriented", "oriented filters, (F3)", oriented, share=True),
        Symptom("alike", "mean |correlation| of two filters", alike),
        Symptom("norm", "median norm of a filter", norm, log=True),
    )
}


def measure(look: Look) -> dict[str, float | None]:
    """Return all symptoms by name."""
    return {name: symptom.measure(look) for name, symptom in SYMPTOMS.items()}
