r"""Whether sparse autoencoders find the dictionary that their data were made of.

Each example is a sum of a few unit vectors, the atoms, with positive coefficients, and a little noise:

    x = \sum_{j \in S} c_j d_j + noise,     |S| = active,     c_j uniform in [0.5, 1.5]

There are more atoms than dimensions, so that only the sparsity of the coefficients tells the atoms from any other
dictionary that explains the data as well. What a network found are the columns of W2, its decoder. How many units of
an example are active is set by rho, by the weight of the L1 penalty, or by k; with too few or too many of them the
columns are other directions than the atoms.

Sources: B. Olshausen and D. Field, "Emergence of simple-cell receptive field properties by learning a sparse code for
natural images", Nature 381 (1996) (sparse dictionaries); L. Sharkey, D. Braun, B. Millidge, "Taking features out of
superposition with sparse autoencoders", Alignment Forum (2022) (planted features, found again, and the cosine as the
measure); T. Bricken et al., "Towards monosemanticity: decomposing language models with dictionary learning",
Transformer Circuits Thread (2023) (on language models).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from scipy.optimize import linear_sum_assignment

from .. import checks
from ..activations import identity, relu, topk
from ..adam import minimize_adam
from ..autoencoder import Autoencoder
from ..errors import SaeError
from ..optimise import minimize_lbfgs
from ..terms import L1, SquaredError, WeightDecay
from .measures import active_units, unexplained

RECOVERED = 0.9  # an atom counts as found from this cosine on
SETTINGS: Mapping[str, Sequence[float]] = MappingProxyType(
    {
        "KL": (0.01, 0.02, 0.03, 0.05, 0.1, 0.2),
        "L1": (0.01, 0.02, 0.05, 0.1, 0.2, 0.3),
        "TopK": (1, 2, 3, 5, 8, 12),
    }
)
SYMBOL = {"KL": "rho", "L1": "weight", "TopK": "k"}
BASELINES = {"random": ("random columns", "0.3"), "PCA": ("PCA (as many columns as dimensions)", "0.6")}
OPTIMISER = MappingProxyType({"KL": "L-BFGS", "L1": "Adam", "TopK": "Adam"})
QUICK: Mapping[str, Any] = MappingProxyType(
    {
        "n": 8,
        "atoms": 10,
        "active": 2,
        "m": 400,
        "draws": 2,
        "iterations": 60,
        "epochs": 15,
        "settings": {"KL": (0.05, 0.1), "L1": (0.05, 0.1), "TopK": (2, 3)},
    }
)


class Dictionary(NamedTuple):
    """Data X (n, m), the atoms (n, atoms) of norm 1 and the coefficients (atoms, m) that they are made of."""

    X: np.ndarray
    atoms: np.ndarray
    coefficients: np.ndarray


class Match(NamedTuple):
    """How close found columns come to the atoms: mean cosine over all atoms, and the share above `RECOVERED`."""

    cosine: float
    recovered: float


def sparse_data(
    rng: np.random.Generator, n: int = 32, atoms: int = 48, active: int = 3, m: int = 3000, noise: float = 0.02
) -> Dictionary:
    """Draw a dictionary and m examples of it.

    The atoms are uniform on the unit sphere. Each example has `active` different ones, each set of them with the same
    chance, with coefficients uniform in [0.5, 1.5]: far enough from 0 that it is clear which are active. `noise` is the
    standard deviation of the normal noise in each value.
    """
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    n, atoms, m = checks.count("n", n), checks.count("atoms", atoms), checks.count("m", m)
    active, noise = checks.count("active", active, 1, atoms), checks.number("noise", noise, 0)
    D = _unit(rng.standard_normal((n, atoms)))
    chosen = rng.permuted(np.tile(np.arange(atoms)[:, None] < active, m), axis=0)
    coefficients = chosen * rng.uniform(0.5, 1.5, (atoms, m))
    return Dictionary(D @ coefficients + noise * rng.standard_normal((n, m)), D, coefficients)


def _unit(columns):
    """Return the columns at norm 1; a column of zeros, the output of a dead unit, stays one."""
    norms = np.linalg.norm(columns, axis=0)
    return columns / np.where(norms > 0, norms, 1)


def match(found, atoms) -> Match:
    """Match found columns (n, k) one to one with the atoms (n, atoms) so that the sum of |cosines| is largest.

    The absolute value, because the sign of a column of W2 means nothing where its unit may be negative (TopK, PCA); it
    favours the baselines, since columns that resemble nothing gain most from it. An atom that is left without a partner
    (k < atoms) counts as cosine 0.
    """
    found, atoms = checks.matrix(found, "found"), checks.matrix(atoms, "atoms")
    if len(found) != len(atoms):
        raise SaeError(f"found has columns of {len(found)} numbers, atoms of {len(atoms)}; expected the same.")
    cosines = np.abs(_unit(found).T @ _unit(atoms))
    best = cosines[linear_sum_assignment(cosines, maximize=True)]
    return Match(float(best.sum() / atoms.shape[1]), float((best > RECOVERED).sum() / atoms.shape[1]))


def measure(columns, a2, X_hat, data: Dictionary) -> dict[str, float]:
    """Return L0, FVU, cosine and recovered of a dictionary's columns, the code a2 and the reconstruction X_hat."""
    return {"L0": active_units(a2), "FVU": unexplained(data.X, X_hat), **match(columns, data.atoms)._asdict()}


# What is compared -------------------------------------------------------------------------------------------------


def kl(X, n_hidden: int, rho: float) -> Autoencoder:
    """Return the classic one, with KL sparsity and a linear decoder."""
    return Autoencoder(X, n_hidden, g=identity, lam=2e-3, rho=rho, beta=1)


def l1(X, n_hidden: int, weight: float) -> Autoencoder:
    """Return rectified units with an L1 penalty.

    Without a bound on W2 the penalty could be had for nothing: a2 halved and W2 doubled reconstruct the same. Columns
    of norm 1 are the usual bound; weight decay is the one that the page has.
    """
    return Autoencoder(X, n_hidden, f=relu, g=identity, terms=[SquaredError(), WeightDecay(1e-3), L1(weight)])


def top_k(X, n_hidden: int, k: float) -> Autoencoder:
    """Return TopK, whose number of active units needs no penalty; a trace of decay, so that unused weights fade."""
    return Autoencoder(X, n_hidden, f=topk(int(k)), g=identity, terms=[SquaredError(), WeightDecay(1e-4)])


VARIANTS: dict[str, Callable[..., Autoencoder]] = {"KL": kl, "L1": l1, "TopK": top_k}


def train(objective: Autoencoder, rng: np.random.Generator, optimiser: str, iterations: int, epochs: int) -> np.ndarray:
    """Return theta after a fixed budget: iterations of L-BFGS, or epochs of Adam in batches of 100."""
    checks.one_of("optimiser", optimiser, ("L-BFGS", "Adam"))
    theta = objective.init(rng)
    if optimiser == "L-BFGS":
        return minimize_lbfgs(objective, theta, max_iter=iterations).theta
    return minimize_adam(objective, theta, rng=rng, epochs=epochs, batch_size=100, learning_rate=1e-2).theta


def baselines(data: Dictionary, n_hidden: int, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Return the measures of columns that nobody trained to be sparse, and of the truth.

    Random columns, and the principal components, of which there are only n. Their codes are those of least squares,
    the shortest where there are many.
    """
    mean = data.X.mean(axis=1, keepdims=True)
    columns = {
        "random": rng.standard_normal((len(data.X), n_hidden)),
        "PCA": np.linalg.eigh(np.cov(data.X))[1],
    }
    measures = {"truth": measure(data.atoms, data.coefficients, data.atoms @ data.coefficients, data)}
    for name, W in columns.items():
        a2 = np.linalg.pinv(W) @ (data.X - mean)
        measures[name] = measure(W, a2, W @ a2 + mean, data)
    return measures


def recovery(
    rng: np.random.Generator,
    *,
    n: int = 32,
    atoms: int = 48,
    active: int = 3,
    m: int = 3000,
    noise: float = 0.02,
    n_hidden: int | None = None,
    draws: int = 3,
    settings: Mapping[str, Sequence[float]] = SETTINGS,
    iterations: int = 300,
    epochs: int = 50,
    optimiser: Mapping[str, str] = OPTIMISER,
) -> list[dict[str, Any]]:
    """Train each variant at each setting of its sparsity on several dictionaries, and measure what it found.

    Less than a minute by default; `recovery(rng, **QUICK)` takes a second and shows less.

    Parameters
    ----------
    rng : numpy.random.Generator
        Each draw has a generator of its own, spawned from it.
    n, atoms, active, m, noise
        See `sparse_data`.
    n_hidden : int, optional
        Hidden units; as many as atoms unless given.
    draws : int
        Dictionaries, each with examples and a start of its own.
    settings : mapping
        rho, weight or k by variant; `SETTINGS` unless given.
    iterations, epochs : int
        The budget of L-BFGS and of Adam (see `train`); by default they cost about the same time.
    optimiser : mapping
        "L-BFGS" or "Adam" by variant. With these budgets L-BFGS reaches the lower J and more of the atoms where J is
        smooth (KL), Adam where it has kinks (L1, TopK): they are not in the quadratic model that L-BFGS steps by.

    Returns
    -------
    list of dict
        Keys: "variant", "setting", "optimiser", "draw", "L0", "FVU", "cosine", "recovered", "J". Beside the variants,
        each draw has records of "truth", "random" and "PCA", without setting, optimiser and J (None).
    """
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    for name in settings:
        checks.one_of("variant", name, VARIANTS)
    records = []
    for draw, own in enumerate(rng.spawn(checks.count("draws", draws))):
        data = sparse_data(own, n, atoms, active, m, noise)
        units = atoms if n_hidden is None else checks.count("n_hidden", n_hidden)
        nothing = {"setting": None, "optimiser": None, "J": None, "draw": draw}
        records += [{"variant": name, **nothing, **found} for name, found in baselines(data, units, own).items()]
        start = own.bit_generator.seed_seq.spawn(1)[0]  # type: ignore[attr-defined]
        for name, values in settings.items():
            for value in values:
                objective = VARIANTS[name](data.X, units, value)
                # the same start for each: what differs is the setting
                theta = train(objective, np.random.default_rng(start), optimiser[name], iterations, epochs)
                a2 = objective.encode(theta, data.X)
                found = measure(objective.weights(theta)[1], a2, objective.decode(theta, a2), data)
                about = {"variant": name, "setting": value, "optimiser": optimiser[name], "draw": draw}
                records.append({**about, "J": objective(theta)[0], **found})
    return records


# What is shown ----------------------------------------------------------------------------------------------------


def over_draws(records: Sequence[dict], variant: str, key: str) -> np.ndarray:
    """Return lowest, mean and highest value over the draws, (3, settings), settings in their order in the records."""
    values: dict[Any, list[float]] = {}
    for record in records:
        if record["variant"] == variant:
            values.setdefault(record["setting"], []).append(record[key])
    if not values:
        raise SaeError(f"no record is of {variant!r}; expected some.")
    return np.array([(min(v), np.mean(v), max(v)) for v in values.values()]).T


def as_rows(records: Sequence[dict]) -> list[dict[str, str]]:
    """Return a table: means over the draws, the cosine with lowest and highest."""
    rows = []
    for variant, setting in dict.fromkeys((record["variant"], record["setting"]) for record in records):
        chosen = [record for record in records if (record["variant"], record["setting"]) == (variant, setting)]
        mean = {key: float(np.mean([record[key] for record in chosen])) for key in ("L0", "FVU", "recovered")}
        cosines = [record["cosine"] for record in chosen]
        rows.append(
            {
                "variant": variant,
                "setting": "" if setting is None else f"{SYMBOL[variant]} = {setting:g}",
                "active units": f"{mean['L0']:.1f}",
                "unexplained": f"{mean['FVU']:.3f}",
                "mean cosine": f"{np.mean(cosines):.3f} ({min(cosines):.3f} to {max(cosines):.3f})",
                "atoms found": f"{mean['recovered']:.2f}",
            }
        )
    return rows


def plot_recovery(records: Sequence[dict]) -> Figure:
    """Draw the mean cosine against L0: a line per variant, in the order of its settings, which stand at the points.

    Points are means over the draws, bars lowest to highest. Dotted: the baselines. Vertical: the true L0.
    """
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.add_subplot()
    beside = {"KL": (-6, 10), "L1": (6, 3), "TopK": (6, -10)}  # points, so that the settings do not overlap
    for name, marker in zip(VARIANTS, "osD", strict=True):
        if not any(record["variant"] == name for record in records):
            continue
        L0, (low, mean, high) = over_draws(records, name, "L0")[1], over_draws(records, name, "cosine")
        bars = axes.errorbar(L0, mean, (mean - low, high - mean), marker=marker, capsize=2, lw=1.3, label=_label(name))
        settings = dict.fromkeys(record["setting"] for record in records if record["variant"] == name)
        for x, y, setting in zip(L0, mean, settings, strict=True):
            axes.annotate(
                f"{setting:g}", (x, y), beside[name], textcoords="offset points", fontsize=8, color=bars[0].get_color()
            )
    for name, (label, grey) in BASELINES.items():
        axes.axhline(over_draws(records, name, "cosine")[1, 0], color=grey, ls=":", label=label)
    true = over_draws(records, "truth", "L0")[1, 0]
    axes.axvline(true, color="black", lw=0.8, label=f"atoms in an example: {true:g}")
    axes.set(xscale="log", ylim=(0, 1), xlabel="L0, active units per example", ylabel="mean |cosine| with the atoms")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xticks([1, 2, 3, 5, 10, 20, 40])
    axes.minorticks_off()
    axes.set_title("How closely the planted atoms are found, by how many units are active")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    return figure


def _label(name):
    return f"{name} (numbers: {SYMBOL[name]})"
