"""The numerical gradient: the digits that students get, and the pictures of the handout."""

import numpy as np

STEPS = 10.0 ** -np.arange(0, 13)


def data():
    """Return 120 handwritten zeros and ones, X (65, m) with a row of ones for the bias, y (m,), and theta (65,)."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    chosen = np.flatnonzero(digits.target < 2)[:120]
    X = np.vstack([digits.data[chosen].T / 16, np.ones(chosen.size)])
    theta = np.random.default_rng(0).normal(0, 0.3, len(X))
    return {"X": X, "y": digits.target[chosen].astype(float), "theta": theta}


def problem(dtype="float64"):
    """Return a small sparse autoencoder of patches, and a theta at which no part of its gradient is 0."""
    from sae import Autoencoder
    from sae.data import normalize_patches, photographs, sample_patches

    rng = np.random.default_rng(0)
    X = normalize_patches(sample_patches(photographs(["camera", "coffee"]), 60, 4, rng))
    objective = Autoencoder(X, 5, lam=0.01, rho=0.1, beta=3.0, dtype=dtype)
    return objective, rng.normal(0, 0.3, objective.layout.size)


def axes_of(title):
    """Return a figure and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, fontsize=10)
    return figure, axes


def figures():
    """Return the errors of differences against their step, a good and a bad check, and Taylor remainders."""
    objective, theta = problem()
    grad, wrong = objective(theta)[1], objective(theta)[1]
    blocks = objective.layout.slices
    wrong[blocks["W1"]] -= 0.01 * theta[blocks["W1"]]  # the decay of W1 is forgotten
    return {
        "steps": _steps(theta, grad),
        "good": _entries("good: the gradient of an autoencoder, entry by entry", objective, theta, grad),
        "bad": _entries("bad: in grad_W1 the decay is missing", objective, theta, wrong),
        "taylor": _taylor(objective, theta, {"good: the gradient": grad, "bad: without the decay of W1": wrong}),
    }


def _differences(objective, theta, epsilon):
    """Return the central and the forward difference, (p,)."""
    from sae.gradient_check.probe import Probe
    from sae.gradient_check.witnesses import central, unit_vector

    probe = Probe(objective, theta, np.random.default_rng(0))
    found = np.array([central(probe, unit_vector(probe, i), epsilon) for i in range(theta.size)])
    middle, gap = probe.size * found.T
    return middle, middle + gap / 2


def _steps(theta, grad):
    from sae.gradient_check import relative_error

    figure, axes = axes_of("the error of a difference, against its step")
    double = np.array([_differences(problem()[0], theta, epsilon) for epsilon in STEPS])
    single = np.array([_differences(problem("float32")[0], theta, epsilon)[0] for epsilon in STEPS])
    lines = {"forward (Q3)": double[:, 1], "central (G1)": double[:, 0], "central, J in single precision": single}
    for name, found in lines.items():
        axes.loglog(STEPS, [relative_error(grad, numeric) for numeric in found], "o-", markersize=3, label=name)
    axes.set(xlabel="epsilon", ylabel="relative difference (G3)", ylim=(1e-13, 10))
    axes.legend(fontsize=8)
    return figure


def _entries(title, objective, theta, grad):
    from sae.gradient_check import relative_error

    figure, axes = axes_of(title)
    numeric, _ = _differences(objective, theta, 1e-4)
    for name, block in objective.layout.slices.items():
        errors = [relative_error(grad[i : i + 1], numeric[i : i + 1]) for i in range(block.start, block.stop)]
        axes.semilogy(np.arange(block.start, block.stop), errors, ".", label=name)
    axes.set(xlabel="entry of theta", ylabel="(G3) of the entry by itself", ylim=(1e-13, 10))
    axes.legend(fontsize=8, ncols=4, loc="upper right")
    axes.text(0.03, 0.93, f"of all of theta: {relative_error(grad, numeric):.0e}", transform=axes.transAxes, fontsize=9)
    return figure


def _taylor(objective, theta, gradients):
    figure, axes = axes_of("the Taylor remainder (G9), against the step")
    steps, v = 10.0 ** -np.linspace(0, 4, 9), -np.random.default_rng(1).normal(size=theta.size)
    change = np.array([objective(theta + t * v)[0] for t in steps]) - objective(theta)[0]
    for name, grad in gradients.items():
        axes.loglog(steps, np.abs(change - steps * (grad @ v)), "o-", markersize=3, label=name)
    axes.loglog(steps, steps**2, "--", color="grey", linewidth=0.8, label="slopes 1 and 2")
    axes.loglog(steps, 1e-2 * steps, "--", color="grey", linewidth=0.8)
    axes.set(xlabel="t", ylabel="remainder")
    axes.legend(fontsize=8)
    return figure
