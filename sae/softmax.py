r"""Softmax regression on one page: the probabilities of k classes, their cost and its gradient.

With m examples x as the columns of X (n, m) and their classes y in 0, ..., k - 1:

(Y1)   z = W x + b                                                                              (k, m)
(Y2)   \log p_j = z_j - c - \log \sum_{l=1}^k e^{z_l - c},             c = \max_l z_l           (k, m)
(Y3)   J = -\frac1m \sum_{i=1}^m \log p_{y_i}(x_i) + \frac\lambda2 \|W\|_F^2                    scalar
(Y4)   \delta_j = p_j - 1\{y = j\}                                                              (k, m)
(Y5)   \partial J/\partial W = \frac1m \delta X^T + \lambda W                                   (k, n)
(Y6)   \partial J/\partial b = \frac1m \sum_i \delta(x_i)                                       (k,)

The first term is a mean over examples; the decay is not divided by m, and b does not decay. UFLDL's exercise has no
b: neither has this objective unless asked.

c changes nothing but the rounding: the largest exponential is e^0 = 1, so no sum overflows and none is 0, however
large W is. log p comes from (Y2), never from p, which may be 0 in floating point where log p is a number like -2000.

W is not unique without decay: adding one row to all rows of W changes no p. With lambda > 0 J has one minimum.

Source: UFLDL tutorial, "Softmax Regression" and the exercise of that name.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from . import checks
from .blocks import Blocks, default_size
from .errors import SaeError
from .layout import Layout

SMALL = 0.005  # UFLDL's standard deviation of the weights to start from


def log_softmax(z):
    """Return log p and p, each (k, m): (Y2)."""
    c = z.real.max(axis=0)  # (Y2), one for each example
    e = np.exp(z - c)
    total = e.sum(axis=0)
    return z - c - np.log(total), e / total  # (Y2)


def log_loss(z, y):
    """Return -log p of the classes y, summed over the examples, and delta (k, m), its derivative in z."""
    log_p, p = log_softmax(z)
    examples = np.arange(y.size)
    value = -log_p[y, examples].sum(dtype=np.result_type(z, np.float64))  # (Y3)
    delta = p
    delta[y, examples] -= 1  # (Y4)
    return value, delta


def page(W, b):
    """Return the page at one theta, a function of one block of examples."""

    def block(X, y, sums, room):
        """Write the gradients, summed over the examples, into `sums`; return the sum of -log p."""
        sum_W, sum_b = sums
        z = W @ X + b[:, None]  # (Y1)
        value, delta = log_loss(z, y)
        sum_W[...] = delta @ X.T  # (Y5)
        sum_b[...] = delta.sum(axis=1)  # (Y6)
        return value

    return block


class Softmax:
    """The objective of softmax regression: `objective(theta) -> (cost, grad)`, deterministic, free of side effects.

    Complex-safe in double precision: with a complex theta, cost and gradient come out complex.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns, float32 or float64, used where it lies.
    y : (m,) array of int
        Their classes, 0 to k - 1.
    lam : float
        Weight decay lambda >= 0.
    n_classes : int, optional
        k; unless given, the largest label says it, and each label up to it must occur.
    bias : bool
        Whether there is a b, which does not decay; UFLDL has none.
    dtype : {"float64", "float32"}
        Precision of the evaluation. theta, cost and gradient are float64 either way; in "float32" `minimize_lbfgs`
        finishes in float64.
    block_size : int, optional
        Examples per block, at most. The result depends on it only by rounding.
    threads : int, optional
        Threads that share the blocks, with BLAS held to one meanwhile; the result is the same to the last bit for
        any number. None works on the calling thread and leaves BLAS as it is.

    Attributes
    ----------
    layout : Layout
        theta is [W] or [W, b].
    n_classes : int

    Raises
    ------
    SaeError
        For input that can't be used, labels among them, and where z overflows.

    References
    ----------
    UFLDL tutorial, "Softmax Regression"; equations (Y1) to (Y6) at the top of this file.
    """

    def __init__(
        self,
        X,
        y,
        *,
        lam: float,
        n_classes: int | None = None,
        bias: bool = False,
        dtype: str = "float64",
        block_size: int | None = None,
        threads: int | None = None,
    ):
        self.X = X = checks.matrix(X)
        self.n, self.m = X.shape
        self.y, self.n_classes = checks.labels(y, self.m, n_classes)
        self.lam, self.bias = checks.number("lam", lam, 0), bool(bias)
        checks.one_of("dtype", dtype, ("float64", "float32"))
        self.dtype = np.dtype(dtype)
        shapes = self._shapes()
        self._whole = self.layout = Layout(shapes)
        if not bias:
            self.layout = Layout(dict(list(shapes.items())[:-1]))  # the bias of the classes is the last one
        if block_size is None:
            block_size = default_size(self.n, next(iter(shapes.values()))[0])
        threads = None if threads is None else checks.count("threads", threads)
        self._blocks = Blocks(X, X, checks.count("block_size", block_size), threads, False, ("C", "C"))

    # What a deeper network says otherwise --------------------------------------------------------------------------

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of all parameters, those of the classes' weights and bias last."""
        return {"W": (self.n_classes, self.n), "b": (self.n_classes,)}

    def _decayed(self) -> list[str]:
        """Return the names of the weights that decay."""
        return ["W"]

    def _page(self, parameters, room):
        """Return the page at these parameters."""
        return page(*parameters)

    def _engine(self) -> str:
        """Say which path the evaluation takes, and why."""
        return "NumPy: nothing between the products is worth a kernel"

    def _real(self) -> bool:
        """Whether theta must be real."""
        return self.dtype != np.float64

    def _through(self, parameters, X):
        """Return the layer before the classes: here X itself."""
        return X

    # The protocol --------------------------------------------------------------------------------------------------

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and the gradient of J, (p,)."""
        theta = self._check(theta)
        dtype = theta.dtype if theta.dtype.kind == "c" else self.dtype
        with np.errstate(over="ignore", invalid="ignore"), self._blocks.at_work() as room:
            whole = self._with_bias(theta)
            parameters = self._whole.unpack(whole if whole.dtype == dtype else room.copy("theta", whole, dtype))
            one = self._page(parameters, room)

            def block(X, _, examples, sums, room):
                with np.errstate(over="ignore", invalid="ignore"):  # of this thread; _check_finite speaks
                    return {"log loss": one(X, self.y[examples], sums, room)}

            totals, values = self._blocks.add_up(block, self._whole, dtype, room)
            grad = np.empty(self._whole.size, theta.dtype)
            parts = dict(zip(self._whole.names, self._whole.unpack(grad), strict=True))
            for part, total in zip(parts.values(), totals, strict=True):
                np.divide(total, self.m, out=part)  # (Y5), (Y6)
            decay = 0.0
            for name in self._decayed():
                W = whole[self._whole.slices[name]].reshape(parts[name].shape)
                decay += self.lam / 2 * np.dot(W.ravel(), W.ravel())  # (Y3)
                parts[name] += self.lam * W  # (Y5)
        costs = {"log loss": (values["log loss"] / self.m).item(), "weight decay": np.asarray(decay).item()}
        self._check_finite(costs)
        return costs, grad[: self.layout.size]

    def costs(self, theta) -> dict[str, float]:
        """Return the addends of J by name; their sum is J."""
        return self.costs_and_grad(theta)[0]

    @property
    def exact(self):
        """The same objective evaluated in float64, for the last iterations; None if this one is."""
        return None if self.dtype == np.float64 else self._with(dtype=np.dtype(np.float64))

    def batch(self, examples):
        """Return the objective of some of the examples, by their columns."""
        blocks = self._blocks.only(examples)
        return self._with(m=blocks.m, y=self.y[examples], _blocks=blocks)

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from: W is 0.005 times standard normal numbers, as in UFLDL's exercise, b is 0."""
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        theta = np.zeros(self._whole.size)
        W = theta[self._whole.slices["W"]]
        W[...] = SMALL * rng.standard_normal(W.size)
        return theta[: self.layout.size]

    # Use -----------------------------------------------------------------------------------------------------------

    def log_probabilities(self, theta, X) -> np.ndarray:
        """Return log p of each class, (k, m), for examples X (n, m) as columns: (Y2)."""
        theta = checks.theta(theta, self.layout.size, names=self.layout.names)
        *below, W, b = self._whole.unpack(self._with_bias(theta))
        return log_softmax(W @ self._through(below, self._columns(X)) + b[:, None])[0]

    def probabilities(self, theta, X) -> np.ndarray:
        """Return p of each class, (k, m), for examples X (n, m) as columns."""
        return np.exp(self.log_probabilities(theta, X))

    def predict(self, theta, X) -> np.ndarray:
        """Return the most probable class, (m,), of examples X (n, m) as columns."""
        return self.log_probabilities(theta, X).argmax(axis=0)

    def explain_engine(self) -> str:
        """Say which path the evaluation takes, and why; in which precision, and on how many threads."""
        threads = self._blocks.threads
        where = "" if threads is None else f", blocks on {threads} thread{'s' if threads > 1 else ''}"
        return f"{self._engine()}; {self.dtype}{where}"

    def _columns(self, X):
        X = checks.matrix(X)
        if len(X) != self.n:
            raise SaeError(f"X has shape {X.shape}; expected ({self.n}, m), examples as columns.")
        return X

    def _with(self, **changes):
        other = copy(self)
        other.__dict__.update(changes)
        return other

    def _check(self, theta):
        return checks.theta(theta, self.layout.size, real=self._real(), names=self.layout.names)

    def _with_bias(self, theta):
        return theta if self.bias else np.concatenate([theta, np.zeros(self.n_classes, theta.dtype)])

    def _check_finite(self, costs):
        if not np.isfinite(list(costs.values())).all():
            raise SaeError(
                f"the cost is {costs} in {self.dtype}: the weights are so large that it overflows. Start from smaller "
                "weights, scale X, or use dtype='float64'."
            )
