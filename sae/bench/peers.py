"""The same cost and gradient as other libraries evaluate it, each written as its own users would for speed.

A peer is a `maker(X, n_hidden, *, linear, lam, rho, beta, dtype)` that returns a function `theta -> (cost, grad)`.
X (n, m) holds examples as columns and theta is [W1, W2, b1, b2], as in `sae/reference.py`; with `linear` the output
units are the identity; the library works in `dtype`, "float64" or "float32", throughout, and cost and gradient come
back in float64, as SciPy's L-BFGS takes them. The maker imports the library, puts X into its format and lets it
compile, so that a call contains what an optimiser waits for and nothing else; it raises `Missing` if that can't be.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

import numpy as np
from threadpoolctl import threadpool_limits

from ..layout import Layout

Evaluation = Callable[[np.ndarray], tuple[float, np.ndarray]]

# JAX's CPU client reads the first that is set, once, when it starts; older releases know only the second.
ONE_THREAD_ENVIRONMENT: dict[str, str] = {"PJRT_NPROC": "1", "NPROC": "1"}


class Missing(Exception):  # noqa: N818 (not a fault: the table has a gap there)
    """A peer that can't run here; the message says why, or what to install."""


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Hold every library that is loaded to `count` threads: BLAS, OpenMP and PyTorch, but not JAX.

    Make the peers first, as a library that loads inside is not held. JAX takes the number of its threads from its
    environment when it starts: give the process `ONE_THREAD_ENVIRONMENT`, or a single CPU (`taskset -c 0`). The often
    quoted XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" is not enough: with JAX 0.10
    it holds a lone product to one thread, while this cost and its gradient still keep every core busy.
    """
    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    with threadpool_limits(count):
        if torch:
            torch.set_num_threads(count)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


def _load(module: str, package: str) -> ModuleType:
    try:
        import_module(module.partition(".")[0])
        return import_module(module)
    except ModuleNotFoundError as error:
        raise Missing(f"{package} is not installed: pip install 'sae[peers]'") from error
    except (ImportError, OSError) as error:  # a shared library is missing or does not fit
        raise Missing(f"{package} is installed but does not load: {error}") from error


def _rows(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return examples as rows, (m, n) in C order; X's own memory if it lies like that."""
    return np.require(X.T, dtype, ["C", "W"])  # writable, or PyTorch warns


def _join(parts) -> np.ndarray:
    return np.concatenate([np.asarray(part).ravel() for part in parts], dtype=np.float64)


def student(X, n_hidden: int, *, linear: bool, lam: float, rho: float, beta: float, dtype: str) -> Evaluation:
    """NumPy as one writes it for an assignment, over all examples at once."""
    m, layout = X.shape[1], Layout.autoencoder(len(X), n_hidden)
    X = np.asarray(X, dtype)

    def evaluate(theta):
        W1, W2, b1, b2 = layout.unpack(np.asarray(theta, dtype))
        a2 = 1 / (1 + np.exp(-(W1 @ X + b1[:, None])))
        z3 = W2 @ a2 + b2[:, None]
        a3 = z3 if linear else 1 / (1 + np.exp(-z3))
        r = a2.mean(axis=1)
        kl = np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
        cost = np.sum((a3 - X) ** 2) / (2 * m) + lam / 2 * (np.sum(W1**2) + np.sum(W2**2)) + beta * kl
        delta3 = a3 - X if linear else (a3 - X) * a3 * (1 - a3)
        delta2 = (W2.T @ delta3 + beta * (-rho / r + (1 - rho) / (1 - r))[:, None]) * a2 * (1 - a2)
        grads = delta2 @ X.T / m + lam * W1, delta3 @ a2.T / m + lam * W2, delta2.mean(axis=1), delta3.mean(axis=1)
        return float(cost), _join(grads)

    return evaluate


def torch_eager(X, n_hidden, *, linear, lam, rho, beta, dtype, transform=lambda cost: cost) -> Evaluation:
    """PyTorch: its fused layers and loss, the gradient by autograd with respect to four leaf tensors."""
    torch = _load("torch", "torch")
    layer, squared_error = torch.nn.functional.linear, torch.nn.functional.mse_loss
    m, layout = X.shape[1], Layout.autoencoder(len(X), n_hidden)
    rows = torch.from_numpy(_rows(X, dtype))

    def cost(rows, W1, W2, b1, b2):
        a2 = torch.sigmoid(layer(rows, W1, b1))
        z3 = layer(a2, W2, b2)
        a3 = z3 if linear else torch.sigmoid(z3)
        r = a2.mean(dim=0)
        kl = (rho * torch.log(rho / r) + (1 - rho) * torch.log((1 - rho) / (1 - r))).sum()
        decay = W1.square().sum() + W2.square().sum()
        return squared_error(a3, rows, reduction="sum") / (2 * m) + lam / 2 * decay + beta * kl

    cost = transform(cost)

    def evaluate(theta):
        parts = layout.unpack(np.require(theta, dtype, ["C", "W"]))
        leaves = [torch.from_numpy(part).requires_grad_() for part in parts]
        value = cost(rows, *leaves)
        return value.item(), _join(torch.autograd.grad(value, leaves))

    return evaluate


def torch_compile(X, n_hidden, **settings) -> Evaluation:
    """PyTorch with the same cost through `torch.compile`; it compiles again when the number of threads has changed."""
    torch = _load("torch", "torch")

    def compiled(cost):
        # PyTorch keeps what it compiles by code object, eight each: without one of its own, the ninth would fail.
        cost.__code__ = cost.__code__.replace()
        return torch.compile(cost, fullgraph=True, dynamic=False)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler imports what PyTorch itself calls deprecated
        try:
            evaluate = torch_eager(X, n_hidden, **settings, transform=compiled)
            evaluate(np.zeros(Layout.autoencoder(len(X), n_hidden).size))  # compiles
        except RuntimeError as error:  # no C++ compiler, or a Python that is too new for it
            reason = str(error).strip().partition("\n")[0]
            raise Missing(f"torch.compile does not work here: {reason}") from error
    return evaluate


def jax_jit(X, n_hidden, *, linear, lam, rho, beta, dtype) -> Evaluation:
    """JAX: `jit(value_and_grad(cost))`."""
    jax, jnp = _load("jax", "jax"), _load("jax.numpy", "jax")
    if not hasattr(jax, "enable_x64"):
        raise Missing("this jax is older than 0.8: pip install --upgrade jax")
    m, layout = X.shape[1], Layout.autoencoder(len(X), n_hidden)
    double = dtype == "float64"  # a context, not jax.config: the process may also hold a peer in float32

    def cost(parameters, rows):
        W1, W2, b1, b2 = parameters
        a2 = jax.nn.sigmoid(rows @ W1.T + b1)
        z3 = a2 @ W2.T + b2
        a3 = z3 if linear else jax.nn.sigmoid(z3)
        r = a2.mean(axis=0)
        kl = (rho * jnp.log(rho / r) + (1 - rho) * jnp.log((1 - rho) / (1 - r))).sum()
        return ((a3 - rows) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl

    value_and_grad = jax.jit(jax.value_and_grad(cost))
    with jax.enable_x64(double):
        rows = jnp.asarray(_rows(X, dtype))

    def evaluate(theta):
        with jax.enable_x64(double):
            value, grads = value_and_grad(layout.unpack(np.asarray(theta, dtype)), rows)
        return float(value), _join(grads)

    evaluate(np.zeros(layout.size))  # compiles
    return evaluate


def scikit_learn(X, n_hidden, *, linear, lam, rho, beta, dtype) -> Evaluation:
    """scikit-learn: what the "lbfgs" solver of an MLPRegressor with one hidden layer minimises.

    It does less than the others: MLPRegressor has no sparsity, and its output is the identity whatever `linear` says.
    theta and gradient are in its own layout, [W1^T, W2^T, b1, b2]. The gradient is that of squared error and weight
    decay; the loss that it returns divides the squared error by n besides.
    """
    network = _load("sklearn.neural_network", "scikit-learn")
    rows = _rows(X, dtype)
    settings = {"hidden_layer_sizes": (n_hidden,), "activation": "logistic", "solver": "lbfgs", "max_iter": 1}
    model = network.MLPRegressor(**settings, alpha=lam * len(rows))  # which it divides by the number of examples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        model.fit(rows[:2], rows[:2])  # sets the shapes that the method below reads
    per_layer = [rows, None, None], [None, None], [None, None], [None, None]  # activations, deltas, gradients

    def evaluate(theta):
        loss, grad = model._loss_grad_lbfgs(np.asarray(theta, dtype), rows, rows, None, *per_layer)  # private
        return float(loss), np.asarray(grad, np.float64)

    try:
        evaluate(np.zeros(Layout.autoencoder(len(X), n_hidden).size))
    except (AttributeError, TypeError) as error:
        raise Missing(f"this scikit-learn has no MLPRegressor._loss_grad_lbfgs as in 1.7 to 1.9: {error}") from error
    return evaluate


PEERS: dict[str, Callable[..., Evaluation]] = {
    "student's NumPy": student,
    "PyTorch eager": torch_eager,
    "torch.compile": torch_compile,
    "JAX jit": jax_jit,
    "scikit-learn MLP": scikit_learn,
}
