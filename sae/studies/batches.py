r"""The sparsity of minibatches: how far off it is on average, and what that does to a training.

At one theta, with q = rho_hat of all m examples, S^2 the variance over the examples (over m - 1) of a2, C their
covariance of a2 and a2's derivative with respect to W1 and b1, all by unit; batches of B, each drawn without
repetition, independently of one another. r is the rho_hat of a batch (d = 0), or a running mean with weight of the past
d; its derivative is taken with the factor c (sae/running.py). To second order in r - q, and with

(V1)   V = S^2 (1/B - 1/m)                                                                     (n_hidden,)
(V2)   w = (1 - d) / (1 + d),  so that  \operatorname{var} r = w V                             scalar

the cost is off by (V3), being convex always to the same side, and the gradient by (V4):

(V3)   E\,KL(r) - KL(q) \approx \frac12 KL''(q)\, w V                                          (n_hidden,)
(V4)   E\left[c\, KL'(r)\, \frac{\partial \hat\rho_B}{\partial \theta}\right]
         - KL'(q) \frac{\partial q}{\partial \theta}
         \approx c \left[ KL''(q)\, (1 - d)\, C (1/B - 1/m)
         + \frac12 KL'''(q)\, w V \frac{\partial q}{\partial \theta} \right]
         - (1 - c) KL'(q) \frac{\partial q}{\partial \theta}                                   (n_hidden, n + 1)

For d = 0 and c = 1, (V4) is the derivative of (V3). Sources: W. Cochran, "Sampling Techniques", 3rd edition (1977),
theorem 2.2 (V1); G. Casella and R. Berger, "Statistical Inference", 2nd edition (2002), section 5.5.4 (the delta
method).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from .. import checks
from ..adam import minimize_adam
from ..errors import SaeError
from ..optimise import minimize_lbfgs
from ..running import RunningSparsity
from ..schedules import Cosine
from ..terms import kl_sparsity
from .problem import Problem, small_problem

KEEP = 0.9
KINDS = ("of the batch", "running mean", "running mean, c = 1 - d")
COLOUR = dict(zip(KINDS, ("tab:blue", "tab:orange", "tab:green"), strict=True))
SIZES = (8, 16, 32, 64, 128, 256, 512)
BURN_IN = 60  # batches before a running mean of weight 0.9 has forgotten its start, to 0.2 %


def trained_problem(rng: np.random.Generator, *, m: int = 5000, iterations: int = 100) -> Problem:
    """Return 25 units on whitened patches of 8 x 8 pixels, theta after some iterations of L-BFGS."""
    start = small_problem(rng, side=8, n_hidden=25, m=m)
    theta = minimize_lbfgs(start.objective, start.objective.init(rng), max_iter=iterations).theta
    return Problem(start.X, start.n_hidden, theta, start.lam, start.rho, start.beta)


# The bias at one theta --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sparsity:
    """a2 and its derivatives at one theta, and (V1) to (V4) from them.

    Attributes
    ----------
    a2 : (n_hidden, m) array
    slope : (n_hidden, m) array
        f'(z2).
    X1 : (n + 1, m) array
        X above a row of ones: slope times it is the derivative of a2 with respect to [W1, b1].
    rho, beta : float
    """

    a2: np.ndarray
    slope: np.ndarray
    X1: np.ndarray
    rho: float
    beta: float

    @classmethod
    def of(cls, problem: Problem) -> Sparsity:
        """Take them from a problem at its theta."""
        a2 = problem.objective.encode(problem.theta, problem.X)
        X1 = np.vstack([problem.X, np.ones(problem.X.shape[1])])
        return cls(a2, a2 * (1 - a2), X1, problem.rho, problem.beta)

    def __len__(self):
        return self.a2.shape[1]

    @cached_property
    def q(self) -> np.ndarray:
        """rho_hat of all examples, (n_hidden,)."""
        return self.a2.mean(axis=1)

    def derivative_of_rho_hat(self, columns=slice(None)) -> np.ndarray:
        """Return d rho_hat / d [W1, b1] on some of the examples, (n_hidden, n + 1)."""
        X1 = self.X1[:, columns]
        return self.slope[:, columns] @ X1.T / X1.shape[1]

    def kl(self, r):
        """Return the value, summed over units, and KL'(r), (n_hidden,)."""
        return kl_sparsity(r, self.rho, self.beta)

    def higher(self):
        """Return KL''(q) and KL'''(q), (n_hidden,)."""
        q, rho = self.q, self.rho
        second = self.beta * (rho / q**2 + (1 - rho) / (1 - q) ** 2)
        return second, self.beta * (-2 * rho / q**3 + 2 * (1 - rho) / (1 - q) ** 3)

    def predicted(self, B: int, d: float, c: float) -> tuple[float, np.ndarray]:
        """Return the bias of the cost, summed over units (V3), and of the gradient with respect to [W1, b1] (V4)."""
        q, m, (second, third) = self.q, len(self), self.higher()
        V = self.a2.var(axis=1, ddof=1) * (1 / B - 1 / m)  # (V1)
        w = (1 - d) / (1 + d)  # (V2)
        value = (second * w * V).sum() / 2  # (V3)
        C = ((self.a2 - q[:, None]) * self.slope) @ self.X1.T / (m - 1)
        dq, first = self.derivative_of_rho_hat(), self.kl(q)[1]
        by_C = (second * (1 - d))[:, None] * C * (1 / B - 1 / m)  # (V4)
        by_V = (third * w * V / 2)[:, None] * dq  # (V4)
        return value, c * (by_C + by_V) - (1 - c) * first[:, None] * dq  # (V4)


def settings(kind: str) -> tuple[float, float]:
    """Return d and c of one of `KINDS`."""
    checks.one_of("kind", kind, KINDS)
    return {KINDS[0]: (0.0, 1.0), KINDS[1]: (KEEP, 1.0), KINDS[2]: (KEEP, 1 - KEEP)}[kind]


def measure_bias(
    problem: Problem,
    rng: np.random.Generator,
    *,
    sizes: Sequence[int] = SIZES,
    chains: int = 16,
    steps: int = 250,
) -> list[dict]:
    """Measure both biases over chains x steps batches of each size.

    Returns
    -------
    list of dict
        For each size ("batch") and kind: "cost", the bias of the cost, "gradient", that of the gradient along the
        direction of (V4) as a share of the length of the right gradient of the sparsity; the standard error of each
        (from the means of the chains, which are independent) and what (V3) and (V4) say.
    """
    sparsity, m = Sparsity.of(problem), problem.X.shape[1]
    chains, steps = checks.count("chains", chains, 2), checks.count("steps", steps)
    records = []
    for B in sizes:
        checks.count("a batch", B, 1, m)
        found = np.array([_chain(sparsity, rng, B, steps) for _ in range(chains)])  # (chains, kinds, 2)
        mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(chains)
        for k, kind in enumerate(KINDS):
            value, P = sparsity.predicted(B, *settings(kind))
            records.append(
                {
                    "batch": int(B),
                    "sparsity": kind,
                    "cost": float(mean[k, 0]),
                    "cost error": float(error[k, 0]),
                    "cost predicted": float(value),
                    "gradient": float(mean[k, 1]),
                    "gradient error": float(error[k, 1]),
                    "gradient predicted": float(np.linalg.norm(P) / np.linalg.norm(_right(sparsity))),
                }
            )
    return records


def _right(sparsity):
    """The gradient of the sparsity on all examples, (n_hidden, n + 1)."""
    return sparsity.kl(sparsity.q)[1][:, None] * sparsity.derivative_of_rho_hat()


def _chain(sparsity, rng, B, steps):
    """Return the mean biases of each kind over a chain of batches, (kinds, 2).

    What is linear in r - q and in the batch's derivative has the mean 0 exactly; it is left out, being most of the
    noise.
    """
    (value_q, first_q), dq, q, m = sparsity.kl(sparsity.q), sparsity.derivative_of_rho_hat(), sparsity.q, len(sparsity)
    second_q = sparsity.higher()[0]
    length, r, total = np.linalg.norm(_right(sparsity)), q, np.zeros((len(KINDS), 2))
    along = [sparsity.predicted(B, *settings(kind))[1] for kind in KINDS]
    along = [P / np.linalg.norm(P) if np.any(P) else P for P in along]
    for step in range(-BURN_IN, steps):
        columns = rng.choice(m, B, replace=False)
        rho_hat = sparsity.a2[:, columns].mean(axis=1)
        r = KEEP * r + (1 - KEEP) * rho_hat
        if step < 0:
            continue
        derivative = sparsity.derivative_of_rho_hat(columns)
        for k, kind in enumerate(KINDS):
            d, c = settings(kind)
            at = r if d else rho_hat
            value, first = sparsity.kl(at)
            chance = first_q[:, None] * (derivative - dq) + (second_q * (at - q))[:, None] * dq
            off = c * (first[:, None] * derivative - chance) - first_q[:, None] * dq
            total[k] += value - value_q - first_q @ (at - q), (off * along[k]).sum() / length
    return total / steps


def bias_rows(records: Sequence[dict]) -> list[dict[str, str]]:
    """Return a table of measured and predicted biases."""
    return [
        {
            "examples in a batch": str(r["batch"]),
            "rho_hat": r["sparsity"],
            "bias of J": f"{r['cost']:.2g} ± {r['cost error']:.1g}",
            "by (V3)": f"{r['cost predicted']:.2g}",
            "bias of the gradient": f"{r['gradient']:.2%} ± {r['gradient error']:.2%}",
            "by (V4)": f"{r['gradient predicted']:.2%}",
        }
        for r in records
    ]


def plot_bias(records: Sequence[dict]) -> Figure:
    """Draw the biases against the size of the batch with two standard errors, and (V3), (V4) as lines."""
    if not records:
        raise SaeError("there are no records; expected those of measure_bias.")
    figure = Figure(figsize=(12, 5.2), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("cost", "gradient"), strict=True):
        for kind in KINDS:
            of = [r for r in records if r["sparsity"] == kind]
            B, error = [r["batch"] for r in of], [2 * r[f"{name} error"] for r in of]
            style = {"color": COLOUR[kind], "ls": "--" if kind == KINDS[2] else "-"}
            size = 8 if kind == KINDS[1] else 4  # the cost of both running means is the same
            axes.errorbar(B, [r[name] for r in of], error, fmt="o", ms=size, capsize=3, color=COLOUR[kind], label=kind)
            axes.plot(B, [r[f"{name} predicted"] for r in of], lw=1, **style)
        axes.set(xscale="log", yscale="log", xlabel="examples in a batch")
        axes.set_xticks(sorted({r["batch"] for r in records}), sorted({str(r["batch"]) for r in records}, key=int))
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    left, right = figure.axes
    left.set(ylabel="E KL - KL of all examples, in J")
    right.set(ylabel="bias of the sparsity's gradient, as a share of it")
    figure.suptitle("The sparsity of a batch is too large on average; lines: predicted to second order")
    return figure


# The effect on training -------------------------------------------------------------------------------------------


def train(
    problem: Problem,
    rng: np.random.Generator,
    *,
    sizes: Sequence[int] = (32, 256),
    rates: Sequence[float] = (1e-3, 1e-2),
    epochs: int = 40,
    draws: int = 3,
) -> list[dict]:
    """Train with Adam and each kind of sparsity, from a random theta and from the minimum that L-BFGS finds.

    alpha falls from each of `rates` along a cosine to 0, so that the noise of the steps dies out: from the minimum and
    with small steps, what J rises by is the bias of the batches.

    Returns
    -------
    list of dict
        For each run: "start", "rate", "draw", "batch", "sparsity", "excess", J of all examples at the end minus J at
        the minimum of L-BFGS, "KL sparsity" and "rho_hat", the mean over units, both of all examples. The minimum
        itself comes first, its batch being all examples.
    """
    objective, draws = problem.objective, checks.count("draws", draws)
    best = minimize_lbfgs(objective, problem.theta, max_iter=1000)
    records = [_record(objective, best, best.cost, "minimum", 0.0, 0, objective.m, "L-BFGS")]
    for draw in range(draws):
        starts = {"random": objective.init(rng), "minimum": best.theta}
        for start, rate, B in product(starts, rates, sizes):
            seed = int(rng.integers(2**32))
            for kind in KINDS:
                d, c = settings(kind)
                result = minimize_adam(
                    RunningSparsity(objective, d, "all" if c == 1 else "batch"),
                    starts[start],
                    rng=np.random.default_rng(seed),
                    epochs=epochs,
                    batch_size=B,
                    learning_rate=rate,
                    schedule=Cosine(epochs),
                )
                records.append(_record(objective, result, best.cost, start, rate, draw, B, kind))
    return records


def _record(objective, result, lowest, start, rate, draw, B, kind):
    return {
        "start": start,
        "rate": rate,
        "draw": draw,
        "batch": B,
        "sparsity": kind,
        "excess": result.cost - lowest,
        "KL sparsity": objective.costs(result.theta)["KL sparsity"],
        "rho_hat": float(objective.rho_hat(result.theta).mean()),
    }


def training_rows(records: Sequence[dict]) -> list[dict[str, str]]:
    """Return a table of the means over the draws, with the least and the largest excess."""
    rows, names = [], ("start", "rate", "batch", "sparsity")
    for key in dict.fromkeys(tuple(r[name] for name in names) for r in records):
        of = [r for r in records if tuple(r[name] for name in names) == key]
        excess = [r["excess"] for r in of]
        start, rate, B, kind = key
        rows.append(
            {
                "start": start,
                "alpha at first": f"{rate:g}" if rate else "-",
                "examples in a batch": str(B),
                "rho_hat": kind,
                "J above the minimum": "{} ({} to {})".format(
                    *map(_digits, (np.mean(excess), min(excess), max(excess)))
                ),
                "KL of all examples": f"{np.mean([r['KL sparsity'] for r in of]):.4f}",
                "mean rho_hat": f"{np.mean([r['rho_hat'] for r in of]):.4f}",
            }
        )
    return rows


def _digits(number) -> str:
    return f"{round(number, 4) + 0.0:.4f}"  # no -0.0000
