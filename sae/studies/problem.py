"""A small sparse autoencoder on photographs, for studies of its derivatives, and mistakes to plant in its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import checks
from ..activations import sigmoid
from ..autoencoder import Autoencoder
from ..data import normalize_patches, photographs, sample_patches, whiten
from ..hessian import hessian_vector
from ..layout import Layout
from ..reference import cost_and_grad

PHOTOGRAPHS = ("camera", "chelsea")


@dataclass(frozen=True)
class Problem:
    """The classic problem of sae/reference.py with its data and a place to look at.

    Attributes
    ----------
    X : (n, m) array
        Whitened patches of photographs as columns, in [0.1, 0.9].
    n_hidden : int
    theta : (p,) array
        Weights of a usual start, biases that are not 0. Like X it holds numbers that float32 has, so that the problem
        is the same in single and in double precision.
    lam, rho, beta : float
    """

    X: np.ndarray
    n_hidden: int
    theta: np.ndarray
    lam: float = 1e-4
    rho: float = 0.05
    beta: float = 3.0

    @property
    def layout(self) -> Layout:
        """The layout of theta."""
        return Layout.autoencoder(len(self.X), self.n_hidden)

    @property
    def objective(self) -> Autoencoder:
        """The same J with compiled kernels."""
        return Autoencoder(self.X, self.n_hidden, lam=self.lam, rho=self.rho, beta=self.beta)

    def cost_and_grad(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, from the reference page; complex-safe."""
        return cost_and_grad(theta, self.X, self.n_hidden, self.lam, self.rho, self.beta)

    def product(self, theta, v) -> np.ndarray:
        """Return H v; complex-safe."""
        return hessian_vector(theta, v, self.X, self.n_hidden, self.lam, self.rho, self.beta)

    def cost(self, theta):
        """Return J in the precision of theta: float32, float64, complex64 or complex128, (E1) to (E4) alone."""
        real = theta.real.dtype.type
        X, lam, rho, beta, one = self.X.astype(real), real(self.lam), real(self.rho), real(self.beta), real(1)
        W1, W2, b1, b2 = self.layout.unpack(theta)
        a2 = sigmoid(W1 @ X + b1[:, None])
        error = sigmoid(W2 @ a2 + b2[:, None]) - X
        rho_hat = a2.mean(axis=1)
        kl = rho * np.log(rho / rho_hat) + (one - rho) * np.log((one - rho) / (one - rho_hat))
        decay = (W1 * W1).sum() + (W2 * W2).sum()
        return (error * error).sum() / real(2 * X.shape[1]) + lam / real(2) * decay + beta * kl.sum()

    def direction(self, rng: np.random.Generator) -> np.ndarray:
        """Return a random direction of norm 1, (p,), with entries that float32 has."""
        v = rng.standard_normal(self.theta.size)
        return _single(v / np.linalg.norm(v))


def small_problem(rng: np.random.Generator, *, side: int = 4, n_hidden: int = 6, m: int = 200) -> Problem:
    """Draw m whitened patches of side x side pixels, and a theta."""
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    images = [whiten(image) for image in photographs(PHOTOGRAPHS)]
    X = _single(normalize_patches(sample_patches(images, m, side, rng)))
    start = Autoencoder(X, n_hidden, lam=0, rho=0.5, beta=0).init(rng)
    return Problem(X, n_hidden, _single(start + 0.1 * rng.standard_normal(start.size)))


def _single(x):
    return x.astype(np.float32).astype(np.float64)


# Mistakes, each a function of the problem, theta and the right gradient -------------------------------------------


def sparsity_outside(problem: Problem, theta, grad) -> np.ndarray:
    """Return the gradient with the sparsity added after the factor f'(z2) of (E6), not before."""
    W1, _, b1, _ = problem.layout.unpack(theta)
    a2 = sigmoid(W1 @ problem.X + b1[:, None])
    rho_hat = a2.mean(axis=1)
    s = problem.beta * (-problem.rho / rho_hat + (1 - problem.rho) / (1 - rho_hat))[:, None]
    surplus = s * (1 - a2 * (1 - a2))
    return _changed(problem, grad, W1=surplus @ problem.X.T / problem.X.shape[1], b1=surplus.mean(axis=1))


def transposed(problem: Problem, theta, grad) -> np.ndarray:
    """Return the gradient with W1's block raveled by columns."""
    grad_W1 = problem.layout.unpack(grad)[0]
    return _changed(problem, grad, W1=grad_W1.ravel(order="F").reshape(grad_W1.shape) - grad_W1)


def one_entry(problem: Problem, theta, grad) -> np.ndarray:
    """Return the gradient with one entry of W1 1 % too large: the entry of the median size."""
    grad_W1 = problem.layout.unpack(grad)[0]
    wrong = np.zeros(grad_W1.size)
    place = np.argsort(np.abs(grad_W1.ravel()))[grad_W1.size // 2]
    wrong[place] = 0.01 * grad_W1.flat[place]
    return _changed(problem, grad, W1=wrong.reshape(grad_W1.shape))


def decay_forgotten(problem: Problem, theta, grad) -> np.ndarray:
    """Return the gradient without lambda W2 in (E8)."""
    return _changed(problem, grad, W2=-problem.lam * problem.layout.unpack(theta)[1])


MISTAKES: dict[str, Callable[[Problem, np.ndarray, np.ndarray], np.ndarray]] = {
    "sparsity outside f'": sparsity_outside,
    "W1 raveled by columns": transposed,
    "one entry of W1 off by 1 %": one_entry,
    "no decay in W2": decay_forgotten,
}


def _changed(problem, grad, **surplus):
    """Return the gradient with something added to some of its blocks."""
    grad = grad.copy()
    for name, value in surplus.items():
        grad[problem.layout.slices[name]] += value.ravel()
    return grad
