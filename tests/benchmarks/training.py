"""Whole trainings from the same theta: `python -m tests.benchmarks.training [--quick]`.

A: 64-25-64 on 10,000 whitened photograph patches, 400 iterations, three seeds; B: 784-196-784 on 10,000 MNIST digits
($SAE_DATA/mnist), 200 iterations, one seed. One thread. J is recorded at each evaluation of an optimiser; evaluations
for the record alone (Adam's J on all examples) do not count; torch LBFGS in float32 states J in float32. Also what
L-BFGS's memory costs and brings.
Writes figures/training.json and figures/training.png.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import sae
from sae.bench import peers
from sae.experiment import Experiment
from sae.files import writing

FIGURES = Path(__file__).parents[2] / "figures"
PAIRS = (10, 20, 50, 100)
OURS = "sae, float64"


class Clock:
    """Time and J of an optimiser's evaluations."""

    def __init__(self):
        self.trace, self.start, self.inside = [], time.perf_counter(), 0.0

    def __call__(self, objective):
        """Return the objective, watched."""

        def evaluate(theta):
            begin = time.perf_counter()
            cost, grad = objective(theta)
            now = time.perf_counter()
            self.inside += now - begin
            self.trace.append((now - self.start, float(cost)))
            return cost, grad

        if getattr(objective, "exact", None) is not None:
            evaluate.exact = self(objective.exact)
        return evaluate

    def stop(self):
        """Return total time and the trace of the best J so far."""
        seconds, costs = np.array(self.trace).T
        return time.perf_counter() - self.start, seconds, np.minimum.accumulate(costs)


def patches(m: int):
    """Return problem A."""
    experiment = Experiment(patches=m)
    return experiment.sample(experiment.load_images()), 25, {"lam": 1e-4, "rho": 0.01, "beta": 3.0}


def digits(m: int):
    """Return problem B."""
    if "SAE_DATA" not in os.environ:
        raise peers.Missing("SAE_DATA is not set: B needs MNIST in $SAE_DATA/mnist")
    with gzip.open(Path(os.environ["SAE_DATA"]) / "mnist" / "train-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    return (pixels[:m] / 255.0).T, 196, {"lam": 3e-3, "rho": 0.1, "beta": 3.0}


def with_sae(dtype="float64", pairs=20):
    """Return a training with `sae.minimize_lbfgs`."""

    def train(X, n_hidden, settings, theta, iterations):
        objective = sae.Autoencoder(X, n_hidden, **settings, dtype=dtype, threads=1)
        objective(theta)
        clock = Clock()
        sae.minimize_lbfgs(clock(objective), theta, max_iter=iterations, max_pairs=pairs)
        return *clock.stop(), clock.inside

    return train


def with_numpy(X, n_hidden, settings, theta, iterations):
    """Train with a student's NumPy under the same optimiser."""
    clock = Clock()
    objective = peers.student(X, n_hidden, linear=False, **settings, dtype="float64")
    sae.minimize_lbfgs(clock(objective), theta, max_iter=iterations)
    return *clock.stop(), clock.inside


def torch_cost(rows, W1, W2, b1, b2, lam, rho, beta):
    """Return J in PyTorch."""
    import torch

    a2 = torch.sigmoid(torch.nn.functional.linear(rows, W1, b1))
    a3 = torch.sigmoid(torch.nn.functional.linear(a2, W2, b2))
    r = a2.mean(dim=0)
    kl = (rho * torch.log(rho / r) + (1 - rho) * torch.log((1 - rho) / (1 - r))).sum()
    error = torch.nn.functional.mse_loss(a3, rows, reduction="sum") / (2 * len(rows))
    return error + lam / 2 * (W1.square().sum() + W2.square().sum()) + beta * kl


def leaves(theta, layout, dtype):
    """Return theta as four tensors that gradients are wanted for."""
    import torch

    return [torch.tensor(part.astype(dtype), requires_grad=True) for part in layout.unpack(theta)]


def with_torch_lbfgs(dtype):
    """Return a training with torch.optim.LBFGS, strong Wolfe line search, 20 pairs."""

    def train(X, n_hidden, settings, theta, iterations):
        import torch

        rows = torch.from_numpy(np.ascontiguousarray(X.T, dtype))
        tensors = leaves(theta, sae.Layout.autoencoder(len(X), n_hidden), dtype)
        optimiser = torch.optim.LBFGS(
            tensors,
            max_iter=iterations,
            max_eval=100 * iterations,
            tolerance_grad=1e-8,
            tolerance_change=1e-14,
            history_size=20,
            line_search_fn="strong_wolfe",
        )
        torch_cost(rows, *tensors, **settings).backward()
        clock = Clock()

        def closure():
            optimiser.zero_grad()
            cost = torch_cost(rows, *tensors, **settings)
            cost.backward()
            clock.trace.append((time.perf_counter() - clock.start, cost.item()))
            return cost

        optimiser.step(closure)
        return *clock.stop(), np.nan

    return train


def with_torch_adam(rate):
    """Return a training with torch.optim.Adam, float32, minibatches of 256, half as many epochs as iterations."""

    def train(X, n_hidden, settings, theta, iterations):
        import torch

        rows = torch.from_numpy(np.ascontiguousarray(X.T, np.float32))
        layout = sae.Layout.autoencoder(len(X), n_hidden)
        tensors = leaves(theta, layout, np.float32)
        optimiser = torch.optim.Adam(tensors, lr=rate, fused=True)
        whole = sae.Autoencoder(X, n_hidden, **settings)
        torch.manual_seed(0)
        clock = Clock()
        for _ in range(max(1, iterations // 2)):
            for batch in torch.randperm(len(rows)).split(256):
                optimiser.zero_grad()
                torch_cost(rows[batch], *tensors, **settings).backward()
                optimiser.step()
            paused = time.perf_counter()
            J = whole(np.concatenate([t.detach().numpy().ravel() for t in tensors]).astype(np.float64))[0]
            clock.trace.append((paused - clock.start, J))
            clock.start += time.perf_counter() - paused
        return *clock.stop(), np.nan

    return train


TRAININGS = {
    OURS: with_sae(),
    "sae, float32 then float64": with_sae("float32"),
    "student's NumPy under sae's L-BFGS": with_numpy,
    "torch LBFGS, float64": with_torch_lbfgs(np.float64),
    "torch LBFGS, float32": with_torch_lbfgs(np.float32),
    "torch Adam 1e-3, float32": with_torch_adam(1e-3),
    "torch Adam 5e-3, float32": with_torch_adam(5e-3),
}


def compare(problem, iterations: int, seeds: int, name: str) -> dict:
    """Return for each training J at the end, time to a J that all L-BFGS reach, total time; relative to ours."""
    X, n_hidden, settings = problem
    runs, missing = {}, {}
    for seed in range(seeds):
        theta = sae.Autoencoder(X, n_hidden, **settings).init(np.random.default_rng(seed))
        for who, train in TRAININGS.items():
            try:
                runs.setdefault(who, []).append(train(X, n_hidden, settings, theta, iterations))
                print(f"{name}, seed {seed}: {who}: J {runs[who][-1][2][-1]:.6f}", file=sys.stderr)
            except ImportError as error:
                runs.pop(who, None)
                missing[who] = str(error)
    rows = {}
    for who, results in runs.items():
        ratios, to_J = [], []
        for seed, (total, seconds, costs, _) in enumerate(results):
            given = max(r[seed][2][-1] for who_else, r in runs.items() if "Adam" not in who_else)
            ours_total, ours_seconds, ours_costs, _ = runs[OURS][seed]
            ours_to_J = ours_seconds[np.argmax(ours_costs <= given)]
            reached = costs <= given
            ratios.append(total / ours_total)
            to_J.append(seconds[np.argmax(reached)] / ours_to_J if reached.any() else np.inf)
        seconds, costs = results[0][1] / runs[OURS][0][0], results[0][2]
        keep = np.unique(np.geomspace(1, len(costs), 200).astype(int)) - 1
        rows[who] = {
            "J": [r[2][-1] for r in results],
            "evaluations": [len(r[2]) for r in results],
            "total": float(np.median(ratios)),
            "to_J": float(np.median(to_J)) if np.isfinite(to_J).all() else None,
            "trace": [[round(float(t), 4), float(J)] for t, J in zip(seconds[keep], costs[keep], strict=True)],
        }
    return {"shape": name, "iterations": iterations, "seeds": seeds, "rows": rows, "missing": missing}


def pairs(problem, iterations: int, name: str) -> list[dict]:
    """Return what each number of pairs costs and brings."""
    X, n_hidden, settings = problem
    theta = sae.Autoencoder(X, n_hidden, **settings).init(np.random.default_rng(0))
    runs = {k: with_sae(pairs=k)(X, n_hidden, settings, theta, iterations) for k in PAIRS}
    limit = min(total for total, *_ in runs.values())
    return [
        {
            "shape": name,
            "pairs": k,
            "share": 1 - inside / total,
            "total": total / runs[20][0],
            "J": costs[-1],
            "J_in_time": float(costs[seconds <= limit][-1]),
        }
        for k, (total, seconds, costs, inside) in runs.items()
    ]


def as_markdown(results: dict) -> str:
    """Return the table of trainings."""
    lines = [
        "| training | J at the end | time to a J that all L-BFGS reach | time for all iterations |",
        "|---|---|---|---|",
    ]
    for part in results["trainings"]:
        lines.append(f"| **{part['shape']}, {part['iterations']} iterations, {part['seeds']} seed(s)** | | | |")
        for who, row in part["rows"].items():
            J = f"{min(row['J']):.4f}" + (f" to {max(row['J']):.4f}" if len(row["J"]) > 1 else "")
            to_J = "not reached" if row["to_J"] is None else f"{row['to_J']:.2f}"
            lines.append(f"| {who} | {J} | {to_J} | {row['total']:.2f} |")
        lines += [f"| {who} | {reason} | | |" for who, reason in part["missing"].items()]
    return "\n".join(lines)


def pairs_as_markdown(results: dict) -> str:
    """Return the table of L-BFGS's memory."""
    lines = [
        "| pairs | shape | L-BFGS's own share | time, 20 pairs = 1 | J at the end | J in the time of the fastest |",
        "|---|---|---|---|---|---|",
    ]
    for r in results["pairs"]:
        J = f"{r['J']:.5f} | {r['J_in_time']:.5f}"
        lines.append(f"| {r['pairs']} | {r['shape']} | {r['share']:.1%} | {r['total']:.2f} | {J} |")
    return "\n".join(lines)


def picture(results: dict) -> Figure:
    """Draw J against time, a panel for each shape; ours is one unit of time long."""
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    parts = results["trainings"]
    for axes, part in zip(np.ravel(figure.subplots(1, len(parts))), parts, strict=True):
        for k, (who, row) in enumerate(part["rows"].items()):
            t, J = np.array(row["trace"]).T
            style = {"color": "C3", "linewidth": 2.5} if who == OURS else {"color": f"C{k if k != 3 else 9}"}
            axes.plot(t, J, label=who, linestyle="--" if "Adam" in who else "-", **style)
        final = min(min(row["J"]) for row in part["rows"].values())
        axes.set_ylim(0.98 * final, 2.2 * final)
        axes.set_xlim(0, 2.6)
        axes.set_title(f"{part['shape']}, {part['iterations']} iterations", fontsize=10)
        axes.set_xlabel("time / whole training with sae in float64")
        axes.set_ylabel("best J so far")
    axes.legend(fontsize=8)
    return figure


def main(quick: bool = False) -> None:
    """Run everything, write the files, print the tables."""
    results = {"trainings": [], "pairs": []}
    for library in ("torch", "scipy.linalg"):  # loaded now, so that their threads are held below
        with suppress(ImportError):
            import_module(library)
    jobs = [("A 64-25-64", patches, 400, 3), ("B 784-196-784", digits, 200, 1)]
    with peers.threads(1):
        for name, load, iterations, seeds in jobs:
            try:
                problem = load(1000 if quick else 10_000)
            except peers.Missing as reason:
                print(f"{name} is left out: {reason}")
                continue
            iterations = 12 if quick else iterations
            results["trainings"].append(compare(problem, iterations, 1 if quick else seeds, name))
            results["pairs"] += pairs(problem, iterations, name)
    if not quick:
        with writing(FIGURES / "training.json") as temporary:
            temporary.write_text(json.dumps(results, indent=1) + "\n")
        with writing(FIGURES / "training.png") as temporary:
            picture(results).savefig(temporary, dpi=100, metadata={"Software": None})
    print(as_markdown(results), pairs_as_markdown(results), sep="\n\n")
    picture(results)


if __name__ == "__main__":
    main("--quick" in sys.argv)
