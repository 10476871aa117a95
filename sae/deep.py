r"""A deep network on one page: sigmoid layers, softmax on top, and backpropagation through any depth.

With a^{(1)} = x, hidden layers l = 1, ..., L, the classes' weights W_s, b_s on the last layer, and classes y in
0, ..., k - 1:

(D1)   z^{(l+1)} = W_l a^{(l)} + b_l,            a^{(l+1)} = f(z^{(l+1)})                       (units, m)
(D2)   z = W_s a^{(L+1)} + b_s                                                                  (k, m)
(D3)   J = -\frac1m \sum_{i=1}^m \log p_{y_i}(x_i) + \frac\lambda2 \|W_s\|_F^2,
         p = \mathrm{softmax}(z) \text{ as in (Y2)}                                             scalar
(D4)   \delta_j = p_j - 1\{y = j\},              e^{(L+1)} = W_s^T \delta                       (k, m)
(D5)   \delta^{(l+1)} = e^{(l+1)} \odot f'(z^{(l+1)})                                           (units, m)
(D6)   e^{(l)} = W_l^T \delta^{(l+1)}                                                           (units, m)
(D7)   \partial J/\partial W_s = \frac1m \delta (a^{(L+1)})^T + \lambda W_s                     (k, units)
(D8)   \partial J/\partial W_l = \frac1m \delta^{(l+1)} (a^{(l)})^T                             (units, inputs)
(D9)   \partial J/\partial b_l = \frac1m \sum_i \delta^{(l+1)}(x_i),   b_s \text{ with } \delta (units,)

e is the error as it arrives from above, before f'. The deltas carry no 1/m: it stands in (D7) to (D9). As in UFLDL
only W_s decays; with decay="all" (D3) has lambda/2 ||W_l||_F^2 too and (D8) lambda W_l. Biases never do, and there is
no b_s unless asked for. (D6) stops above the first layer: nothing needs the error of x.

With no hidden layer this is softmax regression, sae/softmax.py. J is a mean over examples and nothing else in it looks
at more than one, so one pass over blocks of examples suffices.

Source: UFLDL tutorial, "Fine-tuning Stacked AEs" and the exercise "Implement deep networks for digit classification".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from . import checks
from .activations import Activation, sigmoid
from .errors import SaeError
from .softmax import SMALL, Softmax, log_loss

DECAY = ("softmax", "all")


def forward(hidden, X, f):
    """Return a^(1) = X, a^(2), ..., a^(L+1); `hidden` is [(W1, b1), (W2, b2), ...]."""
    a = [X]
    for W, b in hidden:
        a.append(f(W @ a[-1] + b[:, None]))  # (D1)
    return a


def page(hidden, W_s, b_s, f):
    """Return the page at one theta, a function of one block of examples."""

    def block(X, y, sums, room):
        """Write the gradients, summed over the examples, into `sums`; return the sum of -log p."""
        *hidden_sums, (sum_W_s, sum_b_s) = pairs(sums)
        a = forward(hidden, X, f)
        z = W_s @ a[-1] + b_s[:, None]  # (D2)
        value, delta = log_loss(z, y)  # (D3), (D4)
        sum_W_s[...] = delta @ a[-1].T  # (D7)
        sum_b_s[...] = delta.sum(axis=1)  # (D9)
        W_above = W_s
        for l in reversed(range(len(hidden))):
            error = W_above.T @ delta  # (D4), (D6)
            delta = error * f.derivative(a[l + 1])  # (D5)
            sum_W, sum_b = hidden_sums[l]
            sum_W[...] = delta @ a[l].T  # (D8)
            sum_b[...] = delta.sum(axis=1)  # (D9)
            W_above = hidden[l][0]
        return value

    return block


def pairs(parameters: Sequence) -> list[tuple]:
    """Return [W1, b1, W2, b2, ...] as [(W1, b1), (W2, b2), ...]."""
    return list(zip(parameters[::2], parameters[1::2], strict=True))


class DeepNetwork(Softmax):
    """The objective of fine-tuning: `objective(theta) -> (cost, grad)`, deterministic and free of side effects.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns.
    y : (m,) array of int
        Their classes, 0 to k - 1.
    hidden_dims : sequence of int
        Units of the hidden layers, from below; empty for softmax regression.
    lam : float
        Weight decay lambda >= 0.
    decay : {"softmax", "all"}
        Which weights decay: W_s alone, as in UFLDL, or all.
    f : Activation
        Of the hidden layers.
    engine : {"numba", "numpy"}
        "numba" takes the fused kernels for sigmoid layers, `explain_engine()` says whether; "numpy" is the page above,
        complex-safe.
    n_classes, bias, dtype, block_size, threads
        As of `Softmax`; `bias` is b_s, the hidden layers have theirs in any case.

    Attributes
    ----------
    layout : Layout
        theta is [W1, b1, W2, b2, ..., W_s] or, with `bias`, [..., W_s, b_s].
    n_classes : int

    Raises
    ------
    SaeError
        For input that can't be used, labels among them, and where z overflows.

    References
    ----------
    UFLDL tutorial, "Fine-tuning Stacked AEs"; equations (D1) to (D9) at the top of this file.
    """

    def __init__(
        self,
        X,
        y,
        hidden_dims: Sequence[int],
        *,
        lam: float,
        decay: str = "softmax",
        f: Activation = sigmoid,
        engine: str = "numba",
        n_classes: int | None = None,
        bias: bool = False,
        dtype: str = "float64",
        block_size: int | None = None,
        threads: int | None = None,
    ):
        if not isinstance(hidden_dims, Iterable):
            raise SaeError(f"hidden_dims is {hidden_dims!r}; expected a sequence of whole numbers, such as (200, 200).")
        self.hidden_dims = tuple(checks.count("hidden_dims", units) for units in hidden_dims)
        checks.one_of("decay", decay, DECAY)
        checks.instance("f", f, Activation, "sae.sigmoid")
        checks.one_of("engine", engine, ("numba", "numpy"))
        self.decay, self.f, self.engine = decay, f, engine
        super().__init__(
            X, y, lam=lam, n_classes=n_classes, bias=bias, dtype=dtype, block_size=block_size, threads=threads
        )

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        units = (self.n, *self.hidden_dims)
        shapes: dict[str, tuple[int, ...]] = {}
        for l in range(1, len(units)):
            shapes |= {f"W{l}": (units[l], units[l - 1]), f"b{l}": (units[l],)}
        return shapes | {"W_s": (self.n_classes, units[-1]), "b_s": (self.n_classes,)}

    def _decayed(self) -> list[str]:
        return ["W_s"] if self.decay == "softmax" else [name for name in self.layout.names if name[0] == "W"]

    def _page(self, parameters, room):
        *hidden, (W_s, b_s) = pairs(parameters)
        if not self._fused():
            return page(hidden, W_s, b_s, self.f)
        from . import fused_deep  # imports Numba

        return fused_deep.page(hidden, W_s, b_s)

    def _fused(self) -> bool:
        return self.engine == "numba" and self.f is sigmoid

    def _engine(self) -> str:
        if self._fused():
            return "Numba kernels"
        return "NumPy, as asked" if self.engine == "numpy" else f"NumPy: there is no kernel for {self.f.name}"

    def _real(self) -> bool:
        return self._fused() or super()._real()

    def _through(self, parameters, X):
        return forward(pairs(parameters), X, self.f)[-1]

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from without pretraining.

        Hidden weights are uniform in +-sqrt(6 / (inputs + outputs + 1)), as UFLDL starts an autoencoder's; W_s is
        0.005 times standard normal numbers; biases are 0.
        """
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        theta = np.zeros(self._whole.size)
        for name, part in zip(self._whole.names, self._whole.unpack(theta), strict=True):
            if name == "W_s":
                part[...] = SMALL * rng.standard_normal(part.shape)
            elif part.ndim == 2:
                radius = np.sqrt(6 / (sum(part.shape) + 1))
                part[...] = rng.uniform(-radius, radius, part.shape)
        return theta[: self.layout.size]

    def stack(self, hidden: Sequence[tuple], W_s, b_s=None) -> np.ndarray:
        """Return the theta of trained layers put one upon the other, to fine-tune from.

        Parameters
        ----------
        hidden : sequence of (W, b)
            The encoders, from below: W1 and b1 of each autoencoder.
        W_s : (k, units) array
        b_s : (k,) array, optional
            With `bias`.

        Raises
        ------
        SaeError
            If the shapes are not those of the layers.
        """
        parts = {}
        for l, (W, b) in enumerate(hidden, 1):
            parts |= {f"W{l}": W, f"b{l}": b}
        parts |= {"W_s": W_s} if b_s is None else {"W_s": W_s, "b_s": b_s}
        return self.layout.pack(**parts)

    def activations(self, theta, X) -> list[np.ndarray]:
        """Return a^(2), ..., a^(L+1), each (units, m), for examples X (n, m) as columns: (D1)."""
        theta = checks.theta(theta, self.layout.size, names=self.layout.names)
        hidden = pairs(self._whole.unpack(self._with_bias(theta)))[:-1]
        return forward(hidden, self._columns(X), self.f)[1:]
