r"""Fewer than five products for the linear decoder, weighed: `python -m tests.benchmarks.gram`.

With identity output units delta3 = W2 A + b2 1^T - X is linear in A = a2, so that it need not be formed. With tr(X X^T)
and X 1 computed once, G = W2^T W2, S = A A^T, P = A X^T and s = A 1, equations (E1) to (E10) of sae/reference.py become

(G1)   A = f(W_1 X + b_1 1^T)                                                                   (n_hidden, m)
(G2)   S = A A^T,   P = A X^T,   G = W_2^T W_2                              (n_hidden, n_hidden or n)
(G3)   \frac{1}{2m} \|\delta^{(3)}\|_F^2 = \frac{1}{2m} [ tr(G S) + 2 (W_2^T b_2)^T s + m b_2^T b_2
           - 2 tr(W_2 P) - 2 b_2^T (X 1) + tr(X X^T) ]                                          scalar
(G4)   W_2^T \delta^{(3)} = G A + W_2^T b_2 1^T - W_2^T X                                       (n_hidden, m)
(G5)   \partial J/\partial W_2 = \frac1m (W_2 S + b_2 s^T - P^T) + \lambda W_2                  (n, n_hidden)
(G6)   \partial J/\partial b_2 = \frac1m (W_2 s - X 1) + b_2                                    (n,)

and the rest stays. Multiply-adds for an example, S being symmetric: four products of n n_hidden (W1 X, P, W2^T X,
delta2 X^T), n_hidden^2 for G A and half of that for S, in place of 5 n n_hidden: (4 n + 1.5 n_hidden) / 5 n of them.
It can pay only if 1.5 n_hidden < n, and then saves a fifth at most. The price is (G3): a small number as the difference
of large ones, which loses as many digits as the reconstruction gains.

Printed: time over that of the five products (float64, one BLAS thread, medians of alternating runs), and the relative
error of J and of its gradient beside that of the ordinary evaluation, both against the ordinary one in long double,
while the error of reconstruction shrinks. Writes figures/gram.json; `--quick` takes fewer examples, and a temporary
folder.
"""

from __future__ import annotations

import sys

import numpy as np

import sae
from sae.bench.evaluation import CLASSIC, OURS, five_products, seconds
from sae.bench.peers import student, threads
from tests.benchmarks.growth import options, write_json

SHAPES = [(192, 400, 25_000, 7), (784, 64, 10_000, 15)]  # n, n_hidden, m, rounds
DATA_ONLY = {"lam": 0.0, "rho": 0.1, "beta": 0.0}  # decay and sparsity would hide how exact the data term is
ACCURACY = 1e-12  # what the evaluation is tested to
COLUMNS = ("multiply-adds", "its products alone", "by Gram matrices", "student's NumPy", OURS)


def gram(X, n_hidden: int, lam: float, rho: float, beta: float):
    """Return the evaluation (G1) to (G6) as a function of theta, over all examples at once, in the precision of X."""
    n, m = X.shape
    layout = sae.Layout.autoencoder(n, n_hidden)
    trace, X1 = (X * X).sum(), X.sum(axis=1)

    def evaluate(theta):
        W1, W2, b1, b2 = layout.unpack(theta.astype(X.dtype))
        A = 1 / (1 + np.exp(-(W1 @ X + b1[:, None])))  # (G1)
        s, back = A.sum(axis=1), W2.T @ b2
        S, P, G = A @ A.T, A @ X.T, W2.T @ W2  # (G2)
        data = (G * S).sum() + 2 * (back @ s) + m * (b2 @ b2) - 2 * (W2.T * P).sum() - 2 * (b2 @ X1) + trace  # (G3)
        sparsity, d_rho_hat = sae.terms.kl_sparsity(s / m, rho, beta)
        cost = data / (2 * m) + lam / 2 * ((W1 * W1).sum() + (W2 * W2).sum()) + sparsity
        delta2 = (G @ A + (back + d_rho_hat)[:, None] - W2.T @ X) * A * (1 - A)  # (G4)
        grad_W2 = (W2 @ S + np.outer(b2, s) - P.T) / m + lam * W2  # (G5)
        grad_b2 = (W2 @ s - X1) / m + b2  # (G6)
        return cost, layout.pack(W1=delta2 @ X.T / m + lam * W1, W2=grad_W2, b1=delta2.mean(axis=1), b2=grad_b2)

    return evaluate


def ordinary(X, n_hidden: int):
    """Return the data term and its gradient by (E1) to (E10), in the precision of X."""
    n, m = X.shape
    layout = sae.Layout.autoencoder(n, n_hidden)

    def evaluate(theta):
        W1, W2, b1, b2 = layout.unpack(theta.astype(X.dtype))
        A = 1 / (1 + np.exp(-(W1 @ X + b1[:, None])))
        delta3 = W2 @ A + b2[:, None] - X
        delta2 = W2.T @ delta3 * A * (1 - A)
        grads = {"W1": delta2 @ X.T, "W2": delta3 @ A.T, "b1": delta2.sum(axis=1), "b2": delta3.sum(axis=1)}
        return (delta3**2).sum() / (2 * m), layout.pack(**grads) / m

    return evaluate


# Time ------------------------------------------------------------------------------------------------------------


def multiply_adds(n: int, n_hidden: int, m: int) -> float:
    """Return those of (G1) to (G5) over those of the five products, symmetric matrices counted half."""
    symmetric = n_hidden * (n_hidden + 1) / 2
    by_gram = 4 * n * n_hidden * m + (symmetric + n_hidden**2) * m + n * (symmetric + n_hidden**2)
    return by_gram / (5 * n * n_hidden * m)


def gram_products(W1, W2, X):
    """Return the products of (G1) to (G5) alone as a function, into arrays that exist."""
    (h, n), m = W1.shape, X.shape[1]
    A, back, WX, S, G, P, grad_W1, grad_W2 = (
        np.empty(shape) for shape in ((h, m), (h, m), (h, m), (h, h), (h, h), (h, n), (h, n), (n, h))
    )

    def run():
        np.matmul(W1, X, out=A)
        np.matmul(A, A.T, out=S)
        np.matmul(A, X.T, out=P)
        np.matmul(W2.T, W2, out=G)
        np.matmul(G, A, out=back)
        np.matmul(W2.T, X, out=WX)
        np.matmul(back, X.T, out=grad_W1)
        np.matmul(W2, S, out=grad_W2)

    return run


def time_row(n: int, n_hidden: int, m: int, rounds: int) -> dict:
    """Return the times over that of the five products."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 0.9, (m, n)).T
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC, g=sae.identity)
    theta = objective.init(rng)
    by_gram = gram(X, n_hidden, **CLASSIC)
    plain = student(X, n_hidden, linear=True, **CLASSIC, dtype="float64")
    for other in (by_gram, plain):
        assert max(errors(other(theta), objective(theta))) < 1e-9, "these must agree before their times count"
    W1, W2, _, _ = objective.layout.unpack(theta)
    calls = [five_products(W1, W2, X), gram_products(W1, W2, X)]
    calls += [lambda f=f: f(theta) for f in (by_gram, plain, objective)]
    with threads(1):
        yardstick, *times = seconds(calls, rounds)
    ratios = [multiply_adds(n, n_hidden, m), *(t / yardstick for t in times)]
    print(f"{n}-{n_hidden}-{n}, m = {m}", [f"{r:.2f}" for r in ratios], file=sys.stderr)
    return {
        "network": f"{n}-{n_hidden}-{n} linear, m = {m}",
        **{name: round(r, 3) for name, r in zip(COLUMNS, ratios, strict=True)},
    }


# Accuracy --------------------------------------------------------------------------------------------------------


def errors(answer, exact) -> tuple[float, float]:
    """Return the relative error of the cost and, relative to its norm, of the gradient."""
    (cost, grad), (true_cost, true_grad) = answer, exact
    off = np.asarray(grad - true_grad, np.longdouble)
    return float(abs(cost - true_cost) / true_cost), float(np.sqrt((off @ off) / (true_grad @ true_grad)))


def low_rank(n: int, rank: int, m: int, rng) -> np.ndarray:
    """Return m examples in a subspace of this rank, (n, m)."""
    basis, _ = np.linalg.qr(rng.standard_normal((n, rank)))
    return 0.5 * basis @ rng.standard_normal((rank, m))


def closer_and_closer(objective, X, rng, iterations):
    """Yield where theta comes from, and theta: trained, then with its decoder moved towards the least-squares one."""
    theta = objective.init(rng)
    yield "untrained", theta
    for many in iterations:
        theta = sae.minimize_lbfgs(objective, theta, max_iter=many, ftol=0, gtol=0).theta
        yield f"L-BFGS, {many} more iterations", theta
    W1, W2, b1, b2 = objective.layout.unpack(theta)
    rows = np.column_stack([objective.encode(theta, X).T, np.ones(X.shape[1])])
    best = np.linalg.lstsq(rows, X.T, rcond=1e-7)[0].T  # the cut-off keeps its weights moderate
    for share in (0.9, 0.99, 0.999):
        decoder = np.column_stack([W2, b2]) * (1 - share) + best * share
        theta = objective.layout.pack(W1=W1, W2=decoder[:, :-1], b1=b1, b2=decoder[:, -1])
        yield f"its decoder {share:.1%} of the way to least squares", theta


def accuracy_rows(m: int, iterations, n: int = 64, n_hidden: int = 16, rank: int = 2) -> list[dict]:
    """Return the errors of both evaluations as the reconstruction gets closer."""
    if np.finfo(np.longdouble).eps > 1e-18:
        raise SystemExit("long double is no more than double here; the errors can't be measured.")
    rng = np.random.default_rng(0)
    X = low_rank(n, rank, m, rng)
    wide = X.astype(np.longdouble)
    objective = sae.Autoencoder(X, n_hidden, **DATA_ONLY, g=sae.identity)
    ours, exactly = gram(X, n_hidden, **DATA_ONLY), ordinary(wide, n_hidden)
    rows = []
    for source, theta in closer_and_closer(objective, X, rng, iterations):
        exact = exactly(theta)
        remains = float(exact[0] * 2 * m / (wide * wide).sum())
        algebra = max(errors(gram(wide, n_hidden, **DATA_ONLY)(theta), exact))
        assert algebra < 1e-13 / remains, "(G1) to (G6) are not the same function"
        found = [*errors(ours(theta), exact), *errors(objective(theta), exact)]
        names = ("cost_gram", "grad_gram", "cost_ordinary", "grad_ordinary")
        row = {name: float(f"{e:.2g}") for name, e in zip(names, found, strict=True)}
        rows.append({"theta": source, "remains": float(f"{remains:.2g}"), **row})
    return rows


# What is shown ---------------------------------------------------------------------------------------------------


def as_markdown(results: dict) -> str:
    """Return the table of times and that of errors."""
    lines = ["| five products = 1 | " + " | ".join(COLUMNS) + " |", "|---" * 6 + "|"]
    lines += [
        f"| {row['network']} | {' | '.join(f'{row[name]:.2f}' for name in COLUMNS)} |" for row in results["times"]
    ]
    lines += [
        "",
        "| relative error at theta | left of the energy of X | J by Gram | its gradient | J, ordinary | its gradient |",
        "|---" * 6 + "|",
    ]
    for row in results["errors"]:
        found = [row[name] for name in ("remains", "cost_gram", "grad_gram", "cost_ordinary", "grad_ordinary")]
        lines.append(f"| {row['theta']} | {' | '.join(f'{e:.0e}' for e in found)} |")
    return "\n".join(lines)


def conclusion(results: dict) -> str:
    """Say in one line whether it is kept, and why."""
    least = min(row["its products alone"] for row in results["times"])
    pairs = [(row, kind) for row in results["errors"] for kind in ("cost", "grad")]
    lost = [row for row, kind in pairs if row[f"{kind}_gram"] > ACCURACY >= row[f"{kind}_ordinary"]]
    verdict = "not kept" if lost or least >= 1 else "kept"
    cheaper = f"its products take {least:.2f} of the time of the five at best"
    if not lost:
        return f"{verdict}: {cheaper}, and it is as exact as the ordinary evaluation."
    first, last = lost[0], results["errors"][-1]
    return (
        f"{verdict}: {cheaper}, but {ACCURACY:g} relative is lost, where the ordinary evaluation keeps it, as soon as "
        f"{first['remains']:.0e} of X's energy is left; at {last['remains']:.0e}, J is off by {last['cost_gram']:.0e}, "
        f"the ordinary one by {last['cost_ordinary']:.0e}."
    )


def main() -> None:
    """Measure, write, print the tables and the conclusion."""
    quick, folder = options(__doc__)
    shapes = [(n, h, m // 10, 3) for n, h, m, _ in SHAPES] if quick else SHAPES
    results = {
        "times": [time_row(*shape) for shape in shapes],
        "errors": accuracy_rows(100 if quick else 1000, (3, 30, 300) if quick else (3, 10, 30, 300, 3000)),
    }
    results["conclusion"] = conclusion(results)
    write_json(results, folder / "gram.json")
    print(as_markdown(results), "", results["conclusion"], sep="\n")


if __name__ == "__main__":
    main()
