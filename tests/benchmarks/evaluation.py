"""One evaluation of J and its gradient in units of its five matrix products: `python -m tests.benchmarks.evaluation`.

The yardstick is W1 X, W2 a2, W2^T delta3, delta3 a2^T and delta2 X^T alone, in NumPy, over all examples at once, into
buffers that exist. Float64, one BLAS thread, medians of alternating runs in one process, with OpenBLAS's own choice of
kernels and, in a second process, its AVX2 kernels (OPENBLAS_CORETYPE=Haswell). Writes figures/evaluation.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

import sae
from sae.files import writing
from tests.benchmarks.timing import seconds

FILE = Path(__file__).parents[2] / "figures" / "evaluation.json"
SHAPES = {
    "64-25-64, m = 10000": (64, 25, 10_000, sae.sigmoid, 41),
    "784-196-784, m = 10000": (784, 196, 10_000, sae.sigmoid, 9),
    "192-400-192 linear, m = 25000": (192, 400, 25_000, sae.identity, 7),
    "784-1024-784, m = 8000": (784, 1024, 8_000, sae.sigmoid, 5),
}
CLASSIC = {"lam": 3e-3, "rho": 0.1, "beta": 3.0}
COLUMNS = ("engine='numba'", "engine='numpy'", "student's NumPy")


def student(theta, X, n_hidden, g, lam, rho, beta):
    """The evaluation as one writes it for an assignment, over all examples at once."""
    n, m = X.shape
    W1, W2, b1, b2 = sae.Layout.autoencoder(n, n_hidden).unpack(theta)
    a2 = 1 / (1 + np.exp(-(W1 @ X + b1[:, None])))
    z3 = W2 @ a2 + b2[:, None]
    a3 = 1 / (1 + np.exp(-z3)) if g is sae.sigmoid else z3
    r = a2.mean(axis=1)
    kl = np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
    cost = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl
    delta3 = (a3 - X) * a3 * (1 - a3) if g is sae.sigmoid else a3 - X
    delta2 = (W2.T @ delta3 + beta * (-rho / r + (1 - rho) / (1 - r))[:, None]) * a2 * (1 - a2)
    grads = delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(axis=1), delta3.mean(axis=1)
    return cost, np.concatenate([grad.ravel() for grad in grads])


def five_products(W1, W2, X):
    """Return the yardstick as a function."""
    (h, n), m = W1.shape, X.shape[1]
    a2, a3, delta2, G1, G2 = (np.empty(shape) for shape in ((h, m), (n, m), (h, m), (h, n), (n, h)))

    def run():
        np.matmul(W1, X, out=a2)
        np.matmul(W2, a2, out=a3)
        np.matmul(W2.T, a3, out=delta2)
        np.matmul(a3, a2.T, out=G2)
        np.matmul(delta2, X.T, out=G1)

    return run


def measure() -> dict:
    """Return the ratios of this process, by shape."""
    rows = {}
    with threadpool_limits(1, user_api="blas"):
        for name, (n, h, m, g, repeats) in SHAPES.items():
            rng = np.random.default_rng(0)
            X = rng.uniform(0.1, 0.9, (m, n)).T
            ours, plain = (sae.Autoencoder(X, h, **CLASSIC, g=g, engine=engine) for engine in ("numba", "numpy"))
            theta = ours.init(rng)
            W1, W2, _, _ = ours.layout.unpack(theta)
            answers = [ours(theta), plain(theta), student(theta, X, h, g, **CLASSIC)]
            for cost, grad in answers[1:]:
                assert abs(cost / answers[0][0] - 1) < 1e-12
                assert np.linalg.norm(grad - answers[0][1]) < 1e-12 * np.linalg.norm(grad)
            yardstick, *times = seconds(
                [
                    five_products(W1, W2, X),
                    lambda f=ours, t=theta: f(t),
                    lambda f=plain, t=theta: f(t),
                    lambda X=X, h=h, g=g, t=theta: student(t, X, h, g, **CLASSIC),
                ],
                repeats,
            )
            rows[name] = [round(time / yardstick, 2) for time in times]
            print(name, dict(zip(COLUMNS, rows[name], strict=True)), file=sys.stderr)
    return rows


def as_markdown(results: dict) -> str:
    """Return the table of README."""
    lines = [
        "| one evaluation, five products = 1 | OpenBLAS kernels | " + " | ".join(COLUMNS) + " |",
        "|---|---|---|---|---|",
    ]
    for architecture, rows in results.items():
        lines += [f"| {name} | {architecture} | {' | '.join(f'{r:.2f}' for r in row)} |" for name, row in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    if "--here" in sys.argv:
        (architecture,) = {info["architecture"] for info in threadpool_info() if info["user_api"] == "blas"}
        print(json.dumps({architecture: measure()}))
    else:
        results = {}
        for forced in ({}, {"OPENBLAS_CORETYPE": "Haswell"}):
            command = [sys.executable, "-m", "tests.benchmarks.evaluation", "--here"]
            run = subprocess.run(command, env={**os.environ, **forced}, stdout=subprocess.PIPE, text=True, check=True)
            results |= json.loads(run.stdout)
        with writing(FILE) as temporary:
            temporary.write_text(json.dumps(results, indent=1) + "\n")
        print(as_markdown(results))
