r"""Orthonormal ICA on one page: filters at right angles whose responses are as sparse as can be.

theta is W (n_hidden, n), n_hidden <= n, and the examples are white (`sae.data.zca` with eps = 0):

(I1)   h = W x                                                                               (n_hidden, m)
(I2)   J = \frac1m \sum_i \sum_j \sqrt{h_{ij}^2 + \epsilon}                                  scalar
(I3)   \partial J/\partial W = \frac1m \left(h / \sqrt{h^2 + \epsilon}\right) x^T            (n_hidden, n)
(I4)   W \leftarrow (W W^T)^{-1/2}\, W = P Q^T,   W = P \,\mathrm{diag}(\sigma)\, Q^T        (n_hidden, n)

J alone is least at W = 0. Its minimum is sought among the W with W W^T = I: (I4) is the nearest such W to a given one,
by the singular value decomposition, where no square of a small number is divided by. `sae.minimize_projected` takes
steps down the gradient, each followed by (I4).

J is a mean over examples. UFLDL's exercise divides by m as well.

Sources: UFLDL, "Independent Component Analysis" and its exercise; the projection as in A. Hyvarinen and E. Oja,
"Independent component analysis: algorithms and applications", Neural Networks 13 (2000), equation 45.
"""

from __future__ import annotations

import numpy as np

from . import checks
from .errors import SaeError
from .layout import Layout
from .smooth_l1 import smooth_l1


def orthonormalise(W) -> np.ndarray:
    """Return the nearest matrix to W, (n_hidden, n), whose rows are orthonormal: (I4).

    Raises
    ------
    SaeError
        If the rows of W are linearly dependent.
    """
    W = checks.matrix(W, "W")
    P, sigma, QT = np.linalg.svd(W, full_matrices=False)
    if len(W) > W.shape[1] or sigma[-1] <= max(W.shape) * np.finfo(W.dtype).eps * sigma[0]:
        raise SaeError(
            f"the {len(W)} rows of W, of {W.shape[1]} numbers each, are linearly dependent; expected at most as many "
            "rows as columns, and none that the others add up to."
        )
    return P @ QT  # (I4)


def page(W, X, eps):
    """Return J and dJ/dW."""
    m = X.shape[1]
    h = W @ X  # (I1)
    root, slope = smooth_l1(h, eps)
    return root.sum() / m, slope @ X.T / m  # (I2), (I3)


class OrthonormalICA:
    """The objective of orthonormal ICA on X: `objective(theta) -> (cost, grad)`, deterministic and complex-safe.

    It is J of (I2) for any W; `project` is the constraint. Minimise it with `sae.minimize_projected`.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns. They should be white: `sae.data.zca(X, eps=0).X`.
    n_hidden : int
        Number of features, at most n.
    eps : float
        Smoothing of the square root, > 0. UFLDL's is 1e-6.

    Attributes
    ----------
    layout : Layout
        theta is [W].
    m : int
        Number of examples.

    Raises
    ------
    SaeError
        For input that can't be used.

    References
    ----------
    UFLDL, "Independent Component Analysis"; equations (I1) to (I4) at the top of this file.
    """

    def __init__(self, X, n_hidden: int, *, eps: float = 1e-6):
        self.X = checks.matrix(X)
        self.n, self.m = self.X.shape
        self.n_hidden = checks.count("n_hidden", n_hidden)
        if self.n_hidden > self.n:
            raise SaeError(
                f"n_hidden is {n_hidden}, and an example has {self.n} numbers; expected at most as many rows of W, no "
                "more are at right angles. For more features use sae.RICA."
            )
        self.eps = checks.number("eps", eps, 0, open_ends=True)
        self.layout = Layout({"W": (self.n_hidden, self.n)})

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the one addend of J by name and the gradient of J, (p,)."""
        cost, grad_W = page(self._unpack(theta, real=False), self.X, self.eps)
        return {"sparsity": cost.item()}, grad_W.ravel()

    def costs(self, theta) -> dict[str, float]:
        """Return the one addend of J by name."""
        return self.costs_and_grad(theta)[0]

    def batch(self, columns) -> OrthonormalICA:
        """Return the objective of some of the examples, by their columns."""
        return OrthonormalICA(self.X[:, columns], self.n_hidden, eps=self.eps)

    def project(self, theta) -> np.ndarray:
        """Return the nearest theta with W W^T = I: (I4)."""
        return orthonormalise(self._unpack(theta)).ravel()

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from: standard normal, then projected."""
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        return self.project(rng.standard_normal(self.layout.size))

    def filters(self, theta) -> np.ndarray:
        """Return W, (n_hidden, n), a filter a row."""
        return self._unpack(theta)

    def _unpack(self, theta, *, real=True):
        return self.layout.unpack(checks.theta(theta, self.layout.size, real=real, names=self.layout.names))[0]
