r"""RICA on one page: independent components without whitening or orthogonality, by the error of reconstruction.

theta is W (n_hidden, n); each row enters with norm 1, as U, so that J can't fall by rows that shrink:

(R1)   U_j = W_j / \|W_j\|                                                                   (n_hidden, n)
(R2)   h = U x                                                                               (n_hidden, m)
(R3)   r = U^T h - x                                                                         (n, m)
(R4)   J = \frac{c_x}{2} \sum r^2 + \lambda c_s \sum \sqrt{h^2 + \epsilon}                   scalar
(R5)   \delta^{(h)} = c_x U r + \lambda c_s\, h / \sqrt{h^2 + \epsilon}                      (n_hidden, m)
(R6)   G = \partial J/\partial U = \delta^{(h)} x^T + c_x h r^T                              (n_hidden, n)
(R7)   \partial J/\partial W_j = \left(G_j - (G_j \cdot U_j)\, U_j\right) / \|W_j\|          (n_hidden, n)

U stands twice in U^T U x, so G has two addends: the first comes up through h, the second from U^T, where h is held.
(R7) is the way through the normalisation: what would only make a row longer is taken out.

The sums run over all m examples. c_x and c_s say what is divided by m, `divide_by_m`:

    "error"   c_x = 1/m, c_s = 1     as Le et al. write it, but for the place of their lambda; the default
    "all"     c_x = c_s = 1/m        J is a mean over examples
    "none"    c_x = c_s = 1          the formula of UFLDL's exercise; the same minimum as "all"

lambda means as many different things: lambda m with "all" or "none" weighs as lambda with "error". The 5e-4 of UFLDL's
exercise, with its 10,000 patches, makes edges with "error"; with the others the sparsity hardly counts.

UFLDL's helper functions add 1e-5 to the squared norm in (R1); here a row of zeros is an error instead.

Sources: Q. Le, A. Karpenko, J. Ngiam, A. Ng, "ICA with reconstruction cost for efficient overcomplete feature
learning", NIPS 2011; UFLDL, "RICA" and its exercise.
"""

from __future__ import annotations

import numpy as np

from . import checks
from .errors import SaeError
from .layout import Layout
from .smooth_l1 import divisors, smooth_l1


def normalise_rows(W):
    """Return U of (R1) and the norms, (n_hidden, 1).

    Raises
    ------
    SaeError
        If a row is 0.
    """
    norms = np.sqrt((W * W).sum(axis=1, keepdims=True))  # (R1)
    if not norms.all():
        raise SaeError(f"row {int(np.argmin(np.abs(norms)))} of W is 0; expected rows with a direction.")
    return W / norms, norms  # (R1)


def page(W, X, lam, eps, c_x, c_s):
    """Return the two addends of J and dJ/dW."""
    U, norms = normalise_rows(W)
    h = U @ X  # (R2)
    r = U.T @ h - X  # (R3)
    root, slope = smooth_l1(h, eps)
    costs = c_x / 2 * (r * r).sum(), lam * c_s * root.sum()  # (R4)

    delta_h = c_x * (U @ r) + lam * c_s * slope  # (R5)
    G = delta_h @ X.T + c_x * (h @ r.T)  # (R6)
    along = (G * U).sum(axis=1, keepdims=True)  # (R7)
    return costs, (G - along * U) / norms  # (R7)


class RICA:
    """The objective of RICA on X: `objective(theta) -> (cost, grad)`, deterministic and complex-safe.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns. RICA works best on examples whitened before, of norm about 1.
    n_hidden : int
        Number of features; may be larger than n.
    lam : float
        Weight >= 0 of the sparsity.
    eps : float
        Smoothing of the square root, > 0. UFLDL's is 1e-2.
    divide_by_m : {"error", "all", "none"}
        Which sums over examples are divided by m, see above.

    Attributes
    ----------
    layout : Layout
        theta is [W].
    m : int
        Number of examples.

    Raises
    ------
    SaeError
        For input that can't be used, and where a row of W is 0.

    References
    ----------
    Q. Le et al. (2011); equations (R1) to (R7) at the top of this file.
    """

    def __init__(self, X, n_hidden: int, *, lam: float, eps: float = 1e-2, divide_by_m: str = "error"):
        self.X = checks.matrix(X)
        self.n, self.m = self.X.shape
        self.n_hidden = checks.count("n_hidden", n_hidden)
        self.lam, self.eps = checks.number("lam", lam, 0), checks.number("eps", eps, 0, open_ends=True)
        self.divide_by_m = divide_by_m
        self.c_x, self.c_s = divisors(divide_by_m, self.m)
        self.layout = Layout({"W": (self.n_hidden, self.n)})

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and the gradient of J, (p,)."""
        W = self._unpack(theta, real=False)
        (error, sparsity), grad_W = page(W, self.X, self.lam, self.eps, self.c_x, self.c_s)
        return {"squared error": error.item(), "sparsity": sparsity.item()}, grad_W.ravel()

    def costs(self, theta) -> dict[str, float]:
        """Return the addends of J by name; their sum is J."""
        return self.costs_and_grad(theta)[0]

    def batch(self, columns) -> RICA:
        """Return the objective of some of the examples, by their columns."""
        settings = {"lam": self.lam, "eps": self.eps, "divide_by_m": self.divide_by_m}
        return RICA(self.X[:, columns], self.n_hidden, **settings)

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from: standard normal rows, scaled to norm 1."""
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        return normalise_rows(rng.standard_normal((self.n_hidden, self.n)))[0].ravel()

    def filters(self, theta) -> np.ndarray:
        """Return U of (R1), (n_hidden, n), a filter a row."""
        return normalise_rows(self._unpack(theta))[0]

    def _unpack(self, theta, *, real=True):
        return self.layout.unpack(checks.theta(theta, self.layout.size, real=real, names=self.layout.names))[0]
