"""One step of Adam in units of the five matrix products of its batch: `python -m tests.benchmarks.minibatch`.

784-196-784, 256 of 10,000 examples a step. A step gathers its examples by index, evaluates J and its gradient on them,
and moves theta by (A1) to (A3) of `sae/adam.py`. Ours is `sae.minimize_adam` itself on batches given beforehand. The
others are written as their own users would: PyTorch with autograd and its fused optimiser, the same compiled, and JAX
with the whole step in one jit that writes over its state. First all must agree on gradients and on theta after three
steps. One thread, medians of turns of ten steps in a process for each precision, with OpenBLAS's own choice of kernels
and again with its AVX2 kernels. Writes figures/minibatch.json; `--quick` makes three turns with one set of kernels, and
writes nothing unless `--out FOLDER` names a place.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import warnings
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import numpy as np

import sae
from sae.bench import peers
from sae.bench.evaluation import blas_kernels, five_products, kernel_sets, seconds
from sae.files import writing

FIGURES = Path(__file__).parents[2] / "figures"
N, HIDDEN, EXAMPLES, BATCH = 784, 196, 10_000, 256
CLASSIC = {"lam": 3e-3, "rho": 0.1, "beta": 3.0}
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8
STEPS = 10  # a turn; a step alone would find the caches as another library left them
TOLERANCE = {"float64": 1e-9, "float32": 1e-4}  # of gradients
MOVED = 1e-4  # of the way in three steps; torch.compile has the powers of beta in float32, 6e-6


class Given:
    """An objective on batches given beforehand, whatever is drawn; J of all examples costs nothing: it is no step."""

    def __init__(self, objective, batches):
        self.dtype, self.m, self.layout = objective.dtype, sum(map(len, batches)), objective.layout
        rest = iter(batches)
        self.batch = lambda drawn: objective.batch(next(rest))

    def __call__(self, theta):
        return 0.0, np.zeros_like(theta)


class Ours:
    """`sae.minimize_adam`; Adam begins anew with each turn."""

    def __init__(self, X, theta, dtype):
        self.objective, self.theta = sae.Autoencoder(X, HIDDEN, **CLASSIC, dtype=dtype), theta

    def gradient(self, columns):
        return self.objective.batch(columns)(self.theta)[1]

    def steps(self, batches):
        given, rng = Given(self.objective, batches), np.random.default_rng(0)
        settings = {"learning_rate": RATE, "beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON}
        self.theta = sae.minimize_adam(given, self.theta, rng=rng, epochs=1, batch_size=BATCH, **settings).theta


def torch_cost(X, n_hidden, **settings):
    """Return the cost that `peers.torch_eager` differentiates, of as many rows as X has columns."""
    costs = []
    peers.torch_eager(X, n_hidden, **settings, transform=costs.append)
    return costs[0]


class Torch:
    """Four leaf tensors, autograd, and torch.optim.Adam."""

    def __init__(self, X, theta, dtype):
        self.cost = torch_cost(X[:, :BATCH], HIDDEN, linear=False, **CLASSIC, dtype=dtype)
        import torch

        self.torch, self.rows = torch, torch.from_numpy(np.require(X.T, dtype, ["C", "W"]))
        parts = sae.Layout.autoencoder(N, HIDDEN).unpack(theta.astype(dtype))
        self.leaves = [torch.from_numpy(part).requires_grad_() for part in parts]
        self.optimizer = torch.optim.Adam(self.leaves, RATE, (BETA1, BETA2), EPSILON, fused=True)
        self.update = self.optimizer.step

    def backward(self, columns):
        self.optimizer.zero_grad()
        self.cost(self.rows[self.torch.from_numpy(columns)], *self.leaves).backward()

    def gradient(self, columns):
        self.backward(columns)
        return np.concatenate([leaf.grad.numpy().ravel() for leaf in self.leaves], dtype=np.float64)

    @property
    def theta(self):
        return np.concatenate([leaf.detach().numpy().ravel() for leaf in self.leaves], dtype=np.float64)

    def steps(self, batches):
        for columns in batches:
            self.backward(columns)
            self.update()


class TorchCompiled(Torch):
    """The cost through torch.compile."""

    def __init__(self, X, theta, dtype):
        super().__init__(X, theta, dtype)
        self.cost.__code__ = self.cost.__code__.replace()  # PyTorch keeps what it compiles by code object
        self.cost = self.torch.compile(self.cost, fullgraph=True, dynamic=False)


class TorchAllCompiled(TorchCompiled):
    """The optimiser's step through torch.compile as well, which needs the one that is not fused by hand."""

    def __init__(self, X, theta, dtype):
        super().__init__(X, theta, dtype)
        self.optimizer = self.torch.optim.Adam(self.leaves, RATE, (BETA1, BETA2), EPSILON, foreach=True)
        self.update = self.torch.compile(lambda: self.optimizer.step())


class Jax:
    """Gradient and update in one jit, over the arrays of the state."""

    def __init__(self, X, theta, dtype):
        peers.jax_jit(X[:, :BATCH], HIDDEN, linear=False, **CLASSIC, dtype=dtype)  # Missing if it is
        import jax

        self.jax, self.double = jax, dtype == "float64"
        parts = sae.Layout.autoencoder(N, HIDDEN).unpack(theta.astype(dtype))
        with jax.enable_x64(self.double):
            self.rows = jax.numpy.asarray(np.require(X.T, dtype, "C"))
            self.state = tuple(tuple(f(jax.numpy.array(part)) for part in parts) for f in (lambda x: x, *2 * [_zeros]))
            self.state += (jax.numpy.zeros((), dtype),)
        self.grad, self.step = jax.jit(jax.grad(self._cost)), jax.jit(self._step, donate_argnums=0)

    def _cost(self, parameters, rows):
        jnp, sigmoid, (W1, W2, b1, b2) = self.jax.numpy, self.jax.nn.sigmoid, parameters
        lam, rho, beta = CLASSIC.values()
        a2 = sigmoid(rows @ W1.T + b1)
        a3 = sigmoid(a2 @ W2.T + b2)
        r = a2.mean(axis=0)
        kl = (rho * jnp.log(rho / r) + (1 - rho) * jnp.log((1 - rho) / (1 - r))).sum()
        return ((a3 - rows) ** 2).sum() / (2 * len(rows)) + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl

    def _step(self, state, rows, columns):
        jnp, (theta, m, v, t) = self.jax.numpy, state
        grad, t = self.jax.grad(self._cost)(theta, rows[columns]), t + 1
        m = tuple(BETA1 * m + (1 - BETA1) * g for m, g in zip(m, grad, strict=True))
        v = tuple(BETA2 * v + (1 - BETA2) * g**2 for v, g in zip(v, grad, strict=True))
        rate, scale = RATE / (1 - BETA1**t), 1 / (1 - BETA2**t)
        moved = (p - rate * m / (jnp.sqrt(scale * v) + EPSILON) for p, m, v in zip(theta, m, v, strict=True))
        return tuple(moved), m, v, t

    def gradient(self, columns):
        with self.jax.enable_x64(self.double):
            return _flat(self.grad(self.state[0], self.rows[columns]))

    @property
    def theta(self):
        return _flat(self.state[0])

    def steps(self, batches):
        with self.jax.enable_x64(self.double):
            for columns in batches:
                self.state = self.step(self.state, self.rows, columns)
        self.jax.block_until_ready(self.state)


def _zeros(x):
    return 0 * x


def _flat(parts):
    return np.concatenate([np.ravel(part) for part in parts], dtype=np.float64)


OURS = "sae.minimize_adam"
STEPPERS = {
    OURS: Ours,
    "PyTorch eager": Torch,
    "torch.compile": TorchCompiled,
    "torch.compile, optimiser too": TorchAllCompiled,
    "JAX jit": Jax,
}


def _make(X, theta, batches, dtype):
    """Return the steppers that work here, warm and in agreement, and by name why the others don't work."""
    steppers, missing, answers = {}, {}, {}
    for name, maker in STEPPERS.items():
        try:
            stepper = maker(X, theta, dtype)
            grad = stepper.gradient(batches[0])
            stepper.steps(batches[:3])
        except peers.Missing as reason:
            missing[name] = str(reason)
        except RuntimeError as error:  # torch.compile finds no C++ compiler, or a Python that is too new for it
            if "torch.compile" not in name:
                raise
            missing[name] = str(error).strip().partition("\n")[0]
        else:
            steppers[name], answers[name] = stepper, (grad, stepper.theta - theta)
    for name, answer in answers.items():
        for found, expected, tolerance in zip(answer, answers[OURS], (TOLERANCE[dtype], MOVED), strict=True):
            if np.linalg.norm(found - expected) > tolerance * np.linalg.norm(expected):
                raise sae.SaeError(f"{name} and sae disagree; they must take the same steps before their times count.")
    return steppers, missing


def measure(dtype: str, rounds: int) -> dict:
    """Return time over that of the five products by name, and why a name is missing."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 0.9, (EXAMPLES, N)).astype(dtype).T
    theta = sae.Autoencoder(X[:, :2], HIDDEN, **CLASSIC).init(rng)
    order = rng.permutation(EXAMPLES)
    batches = [order[i * BATCH : (i + 1) * BATCH] for i in range(EXAMPLES // BATCH)]
    W1, W2, _, _ = sae.Layout.autoencoder(N, HIDDEN).unpack(theta.astype(dtype))
    yardstick = five_products(W1, W2, np.ascontiguousarray(X[:, :BATCH].T).T)
    for module in ("torch", "jax"):  # loaded now or not held to one thread
        with contextlib.suppress(ImportError):
            __import__(module)
    with peers.threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.compile imports what PyTorch itself calls deprecated
        steppers, missing = _make(X, theta, batches, dtype)
        calls = [lambda: [yardstick() for _ in range(STEPS)]]
        calls += [partial(_turn, stepper, cycle(batches)) for stepper in steppers.values()]
        base, *times = seconds(calls, rounds)
    ratios = {name: round(t / base, 2) for name, t in zip(steppers, times, strict=True)}
    return {"kernels": blas_kernels(), "dtype": dtype, "ratios": ratios, "missing": missing}


def _turn(stepper, batches):
    stepper.steps(list(islice(batches, STEPS)))


def run(quick: bool) -> list[dict]:
    """Measure both precisions with each set of kernels, each in a process of its own."""
    records = []
    one = {**peers.ONE_THREAD_ENVIRONMENT, "TORCH_LOGS": "-all"}  # no word about what the compiler ignores
    environments = [{}] if quick else kernel_sets().values()
    for environment in environments:
        for dtype in ("float32", "float64"):
            command = [sys.executable, "-m", "tests.benchmarks.minibatch", "--here", dtype, *["--quick"] * quick]
            child = subprocess.run(
                command, env={**os.environ, **one, **environment}, stdout=subprocess.PIPE, text=True, check=True
            )
            records.append(json.loads(child.stdout))
    return records


def as_markdown(records: list[dict]) -> str:
    """Return the table of README; a dash stands for what is not installed."""
    head = [f"one step of Adam, {N}-{HIDDEN}-{N}, batch {BATCH}, five products = 1", "BLAS kernels", *STEPPERS]
    rows = [
        [
            r["dtype"],
            r["kernels"].split()[-1],
            *(f"{r['ratios'][k]:.2f}" if k in r["ratios"] else "-" for k in STEPPERS),
        ]
        for r in records
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def main() -> None:
    """Measure, write figures/minibatch.json, print the table and what is missing from it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few steps, to see that it works")
    parser.add_argument("--out", type=Path, help="folder for minibatch.json; figures unless --quick")
    parser.add_argument("--here", choices=TOLERANCE, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.here, 3 if options.quick else 61)))
        return
    records = run(options.quick)
    folder = options.out or (None if options.quick else FIGURES)
    if folder:
        with writing(folder / "minibatch.json") as temporary:
            temporary.write_text(json.dumps(records, indent=1) + "\n")
    print(as_markdown(records))
    for name, reason in {k: v for r in records for k, v in r["missing"].items()}.items():
        print(f"{name}: {reason}")


if __name__ == "__main__":
    main()
