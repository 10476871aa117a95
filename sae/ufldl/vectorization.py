"""UFLDL, "Vectorization": the sparse autoencoder on handwritten digits, all examples in one matrix product."""

from __future__ import annotations

from ..autoencoder import Autoencoder
from ..plots import plot_activations, plot_filters
from ..reference import cost_and_grad
from .digits import load_digits
from .exercise import Outcome, Row, Setting, history_figure, seconds

TITLE = "Vectorization: the sparse autoencoder on handwritten digits"
ONE_BY_ONE = 200  # examples of the loop that is timed


def run(setting: Setting) -> Outcome:
    """784-196, rho 0.1, lambda 3e-3, beta 3, the first 10,000 images, 400 iterations."""
    hidden, m, iterations = 196, 10_000, 400
    if setting.quick:
        hidden, m, iterations = 49, 1000, 60
    digits = load_digits(setting).first(m, 0)
    lam, rho, beta = digits.hyperparameters
    X = digits.X
    objective = Autoencoder(X, hidden, lam=lam, rho=rho, beta=beta, dtype=setting.dtype, threads=setting.threads)
    theta0 = objective.init(setting.rng(0))
    history: list[dict] = []
    theta = setting.train("sparse autoencoder", objective, theta0, iterations, history=history)

    def one_by_one():
        for i in range(ONE_BY_ONE):
            cost_and_grad(theta0, X[:, i : i + 1], hidden, lam, rho, 0)  # beta = 0: rho_hat is a mean over all

    def whole():
        return cost_and_grad(theta0, X, hidden, lam, rho, beta)

    faster = seconds(one_by_one) / ONE_BY_ONE * X.shape[1] / seconds(whole)
    W1 = objective.layout.unpack(theta)[0]
    rho_hat = objective.rho_hat(theta)
    return Outcome(
        rows=[
            Row("vectorization", "J at the end", objective(theta)[0], unit=""),
            Row("vectorization", "mean of rho_hat", float(rho_hat.mean()), "0.1 asked for", ""),
            Row("vectorization", "loop over examples / vectorised, in time", faster, unit=""),
        ],
        settings={
            "hidden": hidden,
            "rho": rho,
            "lambda": lam,
            "beta": beta,
            "m": X.shape[1],
            "iterations": iterations,
            "dtype": setting.dtype,
        },
        digest=digits.digest,
        figures={
            "filters": plot_filters(W1, title="The input that each hidden unit answers most"),
            **history_figure(history),
            "activations": plot_activations(rho_hat, rho),
        },
        theta=theta,
        layout=objective.layout,
        evaluation=whole,
        notes=[f"{digits.name}: the first {X.shape[1]} images"],
    )
