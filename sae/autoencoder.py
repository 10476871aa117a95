r"""The page with holes: an autoencoder with any terms and any two activations, one block of examples at a time.

The holes are f, g and the terms of J; d[s] is the partial derivative of J with respect to the symbol s, as the
terms give it, per example for a2, z3 and a3 (the 1/m stands in E4 and E7 to E10):

(E1)   z^{(2)} = W_1 x + b_1,            a^{(2)} = f(z^{(2)})                                   (n_hidden, m)
(E2)   z^{(3)} = W_2 a^{(2)} + b_2,      a^{(3)} = g(z^{(3)})                                   (n, m)
(E3)   \hat\rho = \frac1m \sum_{i=1}^m a^{(2)}(x_i)                                             (n_hidden,)
(E4)   J = \frac1m \sum_i (\text{terms per example}) + \text{other terms};  d = their partials   scalar
(E5)   \delta^{(3)} = d[a^{(3)}] \odot g'(z^{(3)}) + d[z^{(3)}]                                 (n, m)
(E6)   \delta^{(2)} = (W_2^T \delta^{(3)} + d[a^{(2)}] + d[\hat\rho]) \odot f'(z^{(2)})         (n_hidden, m)
(E7)   \partial J/\partial W_1 = \frac1m \delta^{(2)} X^T + d[W_1]                              (n_hidden, n)
(E8)   \partial J/\partial W_2 = \frac1m \delta^{(3)} (a^{(2)})^T + d[W_2]                      (n, n_hidden)
(E9)   \partial J/\partial b_1 = \frac1m \sum_i \delta^{(2)}(x_i) + d[b_1]                      (n_hidden,)
(E10)  \partial J/\partial b_2 = \frac1m \sum_i \delta^{(3)}(x_i) + d[b_2]                      (n,)

rho_hat is a mean over all m examples, so J is no mean of the J of blocks. Two phases make it exact: first every
block goes down to a2, which gives rho_hat; then every block goes on to a3 and comes back up.

Tied weights are W2 = W1^T, an autoencoder whose gradient in W1 is the sum of both: (E7) + (E8)^T.

Source: A. Ng, CS294A lecture notes (2011), sections 2 and 3, with the terms left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from types import SimpleNamespace

import numpy as np

from . import checks
from .activations import Activation, sigmoid
from .blocks import Blocks, default_size
from .errors import SaeError
from .layout import Layout
from .terms import Term, add_up, classic

PORTION = 2500  # examples looked at together for kinks


def page(W1, W2, b1, b2, f, g, example_terms, room):
    """Return the two phases at one theta, each a function of one block of examples."""

    def forward(X, a2):
        """Phase 1: write a2, return its sum over the examples."""
        z2 = W1 @ X + b1[:, None]  # (E1)
        a2[...] = f(z2)  # (E1)
        return a2.sum(axis=1)

    def backward(X, target, a2, d_rho_hat, sums, room):
        """Phase 2: write the four gradients, summed over the examples, into `sums`; return the values of the terms."""
        sum_W1, sum_W2, sum_b1, sum_b2 = sums
        z3 = W2 @ a2 + b2[:, None]  # (E2)
        a3 = g(z3)  # (E2)
        state = SimpleNamespace(W1=W1, W2=W2, b1=b1, b2=b2, X=X, target=target, a2=a2, z3=z3, a3=a3, f=f, g=g)
        values, d = add_up(example_terms, state)  # (E4)
        delta3 = d["a3"] * g.derivative(a3) + d["z3"]  # (E5)
        delta2 = (W2.T @ delta3 + d["a2"] + d_rho_hat[:, None]) * f.derivative(a2)  # (E6)
        sum_W1[...] = delta2 @ X.T + d["W1"]  # (E7)
        sum_W2[...] = delta3 @ a2.T + d["W2"]  # (E8)
        sum_b1[...] = delta2.sum(axis=1) + d["b1"]  # (E9)
        sum_b2[...] = delta3.sum(axis=1) + d["b2"]  # (E10)
        return values

    return forward, backward


class Autoencoder:
    """The objective of an autoencoder on X: `objective(theta) -> (cost, grad)`, deterministic and free of side effects.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns, float32 or float64, used where it lies: rows of examples are X.T, without a copy. A
        memory map may be larger than memory; its pages are let go of after each block.
    n_hidden : int
        Number of hidden units.
    lam, rho, beta : float
        The three classic terms in short: mean squared error (with 1/2), weight decay `lam`, KL sparsity with target
        `rho` and weight `beta` (`beta=0` leaves it out). Give these or `terms`.
    f, g : Activation
        Hidden and output activation.
    target : (n, m) array, optional
        What a3 is compared with; X unless given. Entries may be missing, NaN, if a term takes that: see
        sae.terms.MaskedSquaredError.
    terms : sequence of Term, optional
        All addends of J.
    tied : bool
        Whether W2 is W1^T; theta is then [W1, b1, b2].
    engine : {"numba", "numpy"}
        "numba" takes the fused kernels where they exist, `explain_engine()` says whether; "numpy" is the page
        above, complex-safe.
    dtype : {"float64", "float32"}
        Precision of the evaluation. theta, cost and gradient are float64 either way; in "float32" they are right to
        about 1e-6, in less time, and `minimize_lbfgs` finishes in float64.
    block_size : int, optional
        Examples per block, at most; a few hundred to 2500, the fewer the wider the layers, unless given. The result
        depends on it only by rounding.
    threads : int, optional
        Threads that share the blocks, with BLAS held to one meanwhile; the result is the same to the last bit for
        any number. None works on the calling thread and leaves BLAS as it is.
    recompute : bool
        Compute a2 again in phase 2 (a sixth product) instead of keeping it, (n_hidden, m).

    Attributes
    ----------
    layout : Layout
        theta is [W1, W2, b1, b2], or [W1, b1, b2] if tied.

    Raises
    ------
    SaeError
        For input that can't be used, including targets that g can't reach and terms that do not go with f and g.

    References
    ----------
    A. Ng, CS294A lecture notes (2011); equations (E1) to (E10) at the top of this file.
    """

    def __init__(
        self,
        X,
        n_hidden: int,
        *,
        lam: float | None = None,
        rho: float | None = None,
        beta: float | None = None,
        f: Activation = sigmoid,
        g: Activation = sigmoid,
        target=None,
        terms: Sequence[Term] | None = None,
        tied: bool = False,
        engine: str = "numba",
        dtype: str = "float64",
        block_size: int | None = None,
        threads: int | None = None,
        recompute: bool = False,
    ):
        for name, activation in (("f", f), ("g", g)):
            checks.instance(name, activation, Activation, "sae.sigmoid")
        X, self.terms = checks.matrix(X), _terms(lam, rho, beta, terms)
        target = X if target is None else checks.matrix(target, "target", missing=_takes_missing(self.terms))
        if target.shape != X.shape:
            raise SaeError(f"target has shape {target.shape}; expected the shape of X, {X.shape}.")
        checks.within(target, *g.range, g.name)
        n_hidden = checks.count("n_hidden", n_hidden)
        checks.one_of("engine", engine, ("numba", "numpy"))
        checks.one_of("dtype", dtype, ("float64", "float32"))

        self.X, (self.n, self.m), self.n_hidden = X, X.shape, n_hidden
        self._untied = self.layout = Layout.autoencoder(self.n, n_hidden)
        if tied:
            self.layout = Layout({name: shape for name, shape in self._untied.shapes.items() if name != "W2"})
        self.f, self.g, self.tied = f, g, tied
        for term in self.terms:
            if misfit := getattr(term, "misfit", lambda f, g: "")(f, g):
                raise SaeError(f"{term.name} does not go with f={f.name} and g={g.name}: {misfit}.")
        f(np.zeros((n_hidden, 1)))  # topk refuses a k beyond n_hidden
        self.dtype = np.dtype(dtype)
        self._example_terms = [term for term in self.terms if term.per_example]
        self._other_terms = [term for term in self.terms if not term.per_example]
        if block_size is None:
            block_size = default_size(self.n, n_hidden)
        block_size = checks.count("block_size", block_size)
        threads = None if threads is None else checks.count("threads", threads)
        self._blocks = Blocks(X, target, block_size, threads, recompute, ("C", "C"))
        self._page, self._engine = page, "NumPy, as asked: engine='numpy'"
        if engine == "numba":
            self._take_kernels()

    def _take_kernels(self) -> None:
        from . import fused  # imports Numba

        missing = fused.missing(self.f, self.g, self._example_terms)
        self._engine = f"NumPy: there is no kernel for {missing}"
        if not missing:
            self._engine = "Numba kernels"
            self._page = fused.page
            self._blocks.orders = fused.orders(self.n, self.n_hidden)
            self._other_terms = [fused.twin(term) for term in self._other_terms]

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name and the gradient of J, (p,)."""
        theta = self._check(theta)
        W1, W2, b1, b2 = self.weights(theta)
        with self._blocks.at_work() as room:
            forward, backward, dtype = self._phases(theta, room)
            sum_a2, a2 = self._blocks.phase1(forward, b1.size, dtype, room)
            rho_hat = sum_a2 / self.m  # (E3)
            state = SimpleNamespace(W1=W1, W2=W2, b1=b1, b2=b2, rho_hat=rho_hat, f=self.f, room=room)
            costs, d = add_up(self._other_terms, state)  # (E4)
            d_rho_hat = _in_precision(d["rho_hat"] + np.zeros_like(rho_hat), dtype)
            totals, values = self._blocks.phase2(forward, backward, a2, d_rho_hat, self._untied, dtype, room)

            grad = np.empty(self._untied.size, theta.dtype)
            for name, part, total in zip(self._untied.names, self._untied.unpack(grad), totals, strict=True):
                np.divide(total, self.m, out=part)
                part += d[name]  # (E7), (E8), (E9), (E10)
        grad = self._tie(grad) if self.tied else grad
        costs |= {name: value / self.m for name, value in values.items()}
        return {term.name: np.asarray(costs[term.name]).item() for term in self.terms}, grad

    def weights(self, theta) -> list[np.ndarray]:
        """Return W1, W2, b1 and b2, views into theta."""
        if not self.tied:
            return self.layout.unpack(theta)
        W1, b1, b2 = self.layout.unpack(theta)
        return [W1, W1.T, b1, b2]

    def _tie(self, grad):
        W1, W2, b1, b2 = self._untied.unpack(grad)
        return self.layout.pack(W1=W1 + W2.T, b1=b1, b2=b2)

    def costs(self, theta) -> dict[str, float]:
        """Return the addends of J by name; their sum is J."""
        return self.costs_and_grad(theta)[0]

    def rho_hat(self, theta) -> np.ndarray:
        """Return the mean activation of each hidden unit over all m examples, (n_hidden,)."""
        theta = self._check(theta)
        with self._blocks.at_work() as room:
            forward, _, dtype = self._phases(theta, room)
            return self._blocks.phase1(forward, self.n_hidden, dtype, room)[0] / self.m

    @property
    def exact(self) -> Autoencoder | None:
        """The same objective evaluated in float64, for the last iterations; None if this one is."""
        return None if self.dtype == np.float64 else self._with(dtype=np.dtype(np.float64))

    def batch(self, examples) -> Autoencoder:
        """Return the objective of some of the examples, by their columns; its rho_hat is a mean over these alone."""
        blocks = self._blocks.only(examples)
        return self._with(m=blocks.m, _blocks=blocks)

    def _with(self, **changes) -> Autoencoder:
        other = copy(self)
        other.__dict__.update(changes)
        return other

    def _check(self, theta):
        return checks.theta(theta, self.layout.size, real=self._page is not page or self.dtype != np.float64)

    def _phases(self, theta, room):
        """Return the page's two phases at theta, and the precision that they work in."""
        dtype = theta.dtype if theta.dtype.kind == "c" else self.dtype
        W1, W2, b1, b2 = self.weights(theta if theta.dtype == dtype else room.copy("theta", theta, dtype))
        return *self._page(W1, W2, b1, b2, self.f, self.g, self._example_terms, room), dtype

    def init(self, rng: np.random.Generator, radius: float | None = None) -> np.ndarray:
        """Return a theta to start from: weights uniform in +-radius, biases 0.

        `radius` is sqrt(6 / (n + n_hidden + 1)) unless given, as in UFLDL's exercise "Sparse Autoencoder"; after
        Glorot and Bengio (2010), equation 16, but for the 1.
        """
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        n_hidden, n = self.layout.shapes["W1"]
        if radius is None:
            radius = np.sqrt(6 / (n + n_hidden + 1))
        radius = checks.number("radius", radius, 0, 1e100, open_ends=True)
        biases = n_hidden + n
        return np.concatenate([rng.uniform(-radius, radius, self.layout.size - biases), np.zeros(biases)])

    def encode(self, theta, X) -> np.ndarray:
        """Return a2, (n_hidden, m), for examples X (n, m) as columns: (E1)."""
        W1, _, b1, _ = self.weights(checks.theta(theta, self.layout.size))
        return self.f(W1 @ self._rows(X, self.n, "X") + b1[:, None])

    def decode(self, theta, a2) -> np.ndarray:
        """Return a3, (n, m), for hidden activations a2 (n_hidden, m): (E2)."""
        _, W2, _, b2 = self.weights(checks.theta(theta, self.layout.size))
        return self.g(W2 @ self._rows(a2, W2.shape[1], "a2") + b2[:, None])

    def reconstruct(self, theta, X) -> np.ndarray:
        """Return a3, (n, m), for examples X (n, m) as columns."""
        return self.decode(theta, self.encode(theta, X))

    @staticmethod
    def _rows(X, rows, name):
        X = checks.matrix(X, name)
        if len(X) != rows:
            raise SaeError(f"{name} has shape {X.shape}; expected ({rows}, m), examples as columns.")
        return X

    def kinks(self, theta, radius: float = 1e-8) -> list[tuple[str, int, int, float]]:
        """Return the units that may cross a kink when one entry of theta moves by `radius`.

        Parameters
        ----------
        theta : (p,) array
        radius : float

        Returns
        -------
        list of (layer symbol, unit, example, distance)
            "z2" or "z3" at a kink of f or g, "a2" at one of a term (L1 at 0). The distance is that of its value above
            (negative: below) the kink: z itself for relu; for topk, how far z is from the one it ties with.
        """
        theta, radius = checks.theta(theta, self.layout.size), checks.number("radius", radius, 0)
        W1, W2, b1, b2 = self.weights(theta)
        places = {at for term in self._example_terms for at in getattr(term, "kinks", ())} - {*self.f.range}
        found = []
        for start in range(0, self.m, PORTION):
            X = self._blocks.examples(slice(start, start + PORTION))
            z2 = W1 @ X + b1[:, None]
            a2 = self.f(z2)
            z3 = W2 @ a2 + b2[:, None]
            reach2 = radius * np.maximum(1, np.abs(X).max(axis=0))
            reach3 = radius * np.maximum(1, np.abs(a2).max(axis=0)) + np.abs(W2).max() * reach2
            layers = [
                (z, np.asarray(at.kinks(v)), r)
                for z, at, v, r in (("z2", self.f, z2, reach2), ("z3", self.g, z3, reach3))
                if at.kinks
            ]
            layers += [("a2", np.where(self.f.derivative(a2) != 0, a2 - at, np.inf), reach2) for at in places]
            for symbol, distance, reach in layers:
                near = np.argwhere(np.abs(distance) <= reach)
                found += [(symbol, int(unit), int(x) + start, float(distance[unit, x])) for unit, x in near]
        return found

    def explain_engine(self) -> str:
        """Say which path the evaluation takes, and why; in which precision, and on how many threads."""
        threads = self._blocks.threads
        where = "" if threads is None else f", blocks on {threads} thread{'s' if threads > 1 else ''}"
        return f"{self._engine}; {self.dtype}{where}"


def _in_precision(d_rho_hat, dtype):
    with np.errstate(over="ignore"):
        rounded = d_rho_hat.astype(dtype, copy=False)
    if np.isinf(rounded).any():
        raise SaeError(
            f"the sparsity's derivative reaches {np.abs(d_rho_hat).max():.3g}, beyond {dtype}: units are saturated. "
            "Use dtype='float64', start from smaller weights, or use a smaller learning rate."
        )
    return rounded


def _takes_missing(terms: list[Term]) -> bool:
    """Return whether all terms that compare with the target take one with missing entries."""
    found = {term.missing for term in terms if hasattr(term, "missing")}  # pyright: ignore[reportAttributeAccessIssue]
    return found == {True}


def _terms(lam, rho, beta, terms) -> list[Term]:
    short = {"lam": lam, "rho": rho, "beta": beta}
    given = [name for name, value in short.items() if value is not None]
    if terms is None and len(given) == 3:
        return classic(lam, rho, beta)
    if terms is None or given:
        raise SaeError(
            f"got {', '.join(given) or 'none of lam, rho and beta'}{' and terms' if terms is not None else ''}; "
            "expected either all of lam, rho and beta, or terms alone."
        )
    terms = list(terms) if isinstance(terms, Iterable) else [terms]
    for term in terms:
        if not (callable(term) and isinstance(getattr(term, "name", None), str) and hasattr(term, "per_example")):
            raise SaeError(f"{term!r} is no term; expected a callable with .name and .per_example, see sae/terms.py.")
    names = [term.name for term in terms]
    if not terms or len(set(names)) < len(names):
        raise SaeError(f"terms are named {names}; expected at least one, each with a name of its own.")
    return terms
