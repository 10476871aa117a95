r"""Sparse coding on one page: examples as sums of a few basis vectors, with both gradients and the best weights.

An example x is explained as A s, by the columns of A (n, n_hidden) with the features s, of which few shall be far
from 0. V is I (plain), or has a 1 where a group has a feature (topographic): features are then far from 0 by groups.

(S1)   r = A s - x                                                                           (n, m)
(S2)   t = \sqrt{V (s \odot s) + \epsilon}                                                   (groups, m)
(S3)   J = c_x \sum r^2 + \lambda c_s \sum t + \gamma \sum A^2                               scalar
(S4)   \partial J/\partial s = 2 c_x A^T r
         + \lambda c_s\, s \odot V^T (1 / t)                                                 (n_hidden, m)
(S5)   \partial J/\partial A = 2 c_x r s^T + 2 \gamma A                                      (n, n_hidden)
(S6)   \arg\min_A J = c_x x s^T \left(c_x s s^T + \gamma I\right)^{-1}                       (n, n_hidden)
(S7)   s_j = A_j^T x / \|A_j\|^2                                                             (n_hidden, m)
(S8)   V_{gj} = 1 \text{ if unit } j \text{ of the torus lies in window } g, \text{ else } 0 (groups, n_hidden)

The sums run over all m examples, without a 1/2. c_x and c_s say what is divided by m, `divide_by_m`:

    "error"   c_x = 1/m, c_s = 1     the code of UFLDL's exercise, for which its lambda = 5e-5 is made; the default
    "none"    c_x = c_s = 1          the formula of UFLDL's text
    "all"     c_x = c_s = 1/m        J is then a mean over examples, but for gamma

(S6) sets (S5) to 0: with "error" it is x s^T (s s^T + gamma m I)^{-1}. (S7) is where the search for s starts: the
feature that explains x best if it were the only one. The exercise's code has the squared norm, its text the norm.

J has no minimum in A and s together without gamma > 0: s could shrink as A grows. In A alone and in s alone it is
convex (the square root of (S2) is, in s), so sae/alternating.py minimises in turns.

Sources: B. Olshausen and D. Field, Nature 381 (1996); UFLDL, "Sparse Coding: Autoencoder Interpretation" and its
exercise; topography after A. Hyvarinen, P. Hoyer, M. Inki, "Topographic independent component analysis", Neural
Computation 13 (2001).
"""

from __future__ import annotations

import numpy as np

from . import checks
from .errors import SaeError
from .layout import Layout
from .smooth_l1 import divisors

ADDENDS = ("squared error", "sparsity", "weight decay")


def addends(A, s, X, V, lam, gamma, eps, c_x, c_s):
    """Return the three addends of J, r and t."""
    r = A @ s - X  # (S1)
    squares = s * s  # (S2)
    t = np.sqrt((squares if V is None else V @ squares) + eps)  # (S2)
    return (c_x * (r * r).sum(), lam * c_s * t.sum(), gamma * (A * A).sum()), r, t  # (S3)


def gradient_in_s(A, s, r, t, V, lam, c_x, c_s):
    """Return dJ/ds, (n_hidden, m)."""
    slope = 1 / t if V is None else V.T @ (1 / t)  # (S4)
    return 2 * c_x * (A.T @ r) + lam * c_s * s * slope  # (S4)


def gradient_in_A(A, s, r, gamma, c_x):
    """Return dJ/dA, (n, n_hidden)."""
    return 2 * c_x * (r @ s.T) + 2 * gamma * A  # (S5)


def best_weights(s, X, gamma, c_x):
    """Return the A, (n, n_hidden), at which J is least for these features.

    Raises
    ------
    SaeError
        If the features vary in fewer than n_hidden directions and gamma is too small to decide between the minima.
    """
    M = c_x * (s @ s.T) + gamma * np.eye(len(s))  # (S6)
    eigenvalues = np.linalg.eigvalsh(M)
    if eigenvalues[0] <= len(M) * np.finfo(float).eps * eigenvalues[-1]:
        raise SaeError(
            f"gamma is {gamma:g}, and the features of {s.shape[1]} examples do not say which A is best; expected a "
            f"larger gamma, or more examples than features, {len(s)}."
        )
    return np.linalg.solve(M, c_x * (s @ X.T)).T  # (S6)


def first_features(A, X):
    """Return the features, (n_hidden, m), that the search starts from.

    Raises
    ------
    SaeError
        If a column of A is 0.
    """
    norms = (A * A).sum(axis=0)
    if not norms.all():
        raise SaeError(f"column {int(np.argmin(norms))} of A is 0; expected basis vectors that are not.")
    return A.T @ X / norms[:, None]  # (S7)


def topography(rows: int, columns: int | None = None, window: int = 3) -> np.ndarray:
    """Return V of (S8) for units on a torus: a group for each window of `window` x `window` units, (groups, units).

    Unit (row, column) is feature row * columns + column. The torus has no border: its last column is next to its first.

    Parameters
    ----------
    rows, columns : int
        Of the torus; a square one unless `columns` is given.
    window : int
        Side of a group, at most that of the torus; 1 makes V = I.
    """
    rows = checks.count("rows", rows)
    columns = rows if columns is None else checks.count("columns", columns)
    window = checks.count("window", window, 1, min(rows, columns))
    V = np.zeros((rows, columns, rows, columns))
    at, across = np.arange(rows)[:, None], np.arange(columns)
    for i in range(window):
        for j in range(window):
            V[at, across, (at + i) % rows, (across + j) % columns] = 1  # (S8)
    return V.reshape(rows * columns, rows * columns)


class _SparseCoding:
    """What both objectives share: the settings, and costs by name."""

    layout: Layout

    def __init__(self, X, n_hidden, *, lam, gamma, eps, V, divide_by_m):
        self.X = checks.matrix(X)
        self.n, self.m = self.X.shape
        self.n_hidden = n_hidden
        self.lam, self.gamma = checks.number("lam", lam, 0), checks.number("gamma", gamma, 0)
        self.eps = checks.number("eps", eps, 0, open_ends=True)
        self.V = None if V is None else _groups(V, n_hidden)
        self.divide_by_m = divide_by_m
        self.c_x, self.c_s = divisors(divide_by_m, self.m)

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs(self, theta) -> dict[str, float]:
        """Return the addends of J by name; their sum is J."""
        return self.costs_and_grad(theta)[0]

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and the gradient of J, (p,)."""
        raise NotImplementedError

    def _unpack(self, theta):
        return self.layout.unpack(checks.theta(theta, self.layout.size, real=False, names=self.layout.names))[0]

    def _addends(self, A, s):
        values, r, t = addends(A, s, self.X, self.V, self.lam, self.gamma, self.eps, self.c_x, self.c_s)
        return {name: value.item() for name, value in zip(ADDENDS, values, strict=True)}, r, t


class FeatureCost(_SparseCoding):
    """J as a function of the features s, with the weights A held: `objective(theta) -> (cost, grad)`, theta is [s].

    Parameters
    ----------
    X : (n, m) array
        Examples as columns.
    A : (n, n_hidden) array
        A basis vector a column.
    lam, gamma, eps : float
        Weight of the sparsity, of the size of A, and smoothing of the square root, > 0, as in (S2) and (S3).
    V : (groups, n_hidden) array, optional
        Of zeros and ones: which features are in which group; `topography(11)` makes one. Each feature by itself unless
        given.
    divide_by_m : {"error", "none", "all"}
        Which sums over examples are divided by m, see above.

    Raises
    ------
    SaeError
        For input that can't be used.
    """

    def __init__(self, X, A, *, lam: float, gamma: float, eps: float = 1e-5, V=None, divide_by_m: str = "error"):
        self.A = checks.matrix(A, "A")
        super().__init__(X, self.A.shape[1], lam=lam, gamma=gamma, eps=eps, V=V, divide_by_m=divide_by_m)
        if len(self.A) != self.n:
            raise SaeError(f"A has shape {self.A.shape}; expected ({self.n}, n_hidden), a row for each row of X.")
        self.layout = Layout({"s": (self.n_hidden, self.m)})

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and dJ/ds, raveled."""
        s = self._unpack(theta)
        costs, r, t = self._addends(self.A, s)
        return costs, gradient_in_s(self.A, s, r, t, self.V, self.lam, self.c_x, self.c_s).ravel()

    def init(self, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return a theta to start from: (S7). Nothing is drawn; `rng` is there as objectives have it."""
        return first_features(self.A, self.X).ravel()


class WeightCost(_SparseCoding):
    """J as a function of the weights A, with the features s held: `objective(theta) -> (cost, grad)`, theta is [A].

    Parameters
    ----------
    X : (n, m) array
        Examples as columns.
    s : (n_hidden, m) array
        The features of each example.
    lam, gamma, eps, V, divide_by_m
        As of `FeatureCost`.

    Raises
    ------
    SaeError
        For input that can't be used.
    """

    def __init__(self, X, s, *, lam: float, gamma: float, eps: float = 1e-5, V=None, divide_by_m: str = "error"):
        self.s = checks.matrix(s, "s")
        super().__init__(X, len(self.s), lam=lam, gamma=gamma, eps=eps, V=V, divide_by_m=divide_by_m)
        if self.s.shape[1] != self.m:
            raise SaeError(f"s has shape {self.s.shape}; expected (n_hidden, {self.m}), a column for each one of X.")
        self.layout = Layout({"A": (self.n, self.n_hidden)})

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and dJ/dA, raveled."""
        A = self._unpack(theta)
        costs, r, _ = self._addends(A, self.s)
        return costs, gradient_in_A(A, self.s, r, self.gamma, self.c_x).ravel()

    def minimum(self) -> np.ndarray:
        """Return the theta at which J is least: (S6)."""
        return best_weights(self.s, self.X, self.gamma, self.c_x).ravel()

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from: standard normal columns, scaled to norm 1."""
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        A = rng.standard_normal((self.n, self.n_hidden))
        return (A / np.sqrt((A * A).sum(axis=0))).ravel()


def _groups(V, n_hidden):
    V = checks.matrix(V, "V")
    if V.shape[1] != n_hidden or not np.isin(V, (0, 1)).all():
        raise SaeError(
            f"V has shape {V.shape} and values from {V.min():g} to {V.max():g}; expected (groups, {n_hidden}) and "
            "zeros and ones: sae.sparse_coding.topography makes such a V."
        )
    return V
