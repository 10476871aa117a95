r"""The variational autoencoder on one page: an encoder to a Gaussian, a draw from it, a decoder, and the way back.

The encoder takes an example x to q(u|x) = N(mu, diag sigma^2), the decoder a code u to p(x|u), and p(u) = N(0, I).
f is the hidden activation, sigma_x the fixed noise of a Gaussian x:

(V1)   z^{(2)} = W_1 x + b_1,            h = f(z^{(2)})                                         (n_hidden, m)
(V2)   \mu = W_\mu h + b_\mu,            \log\sigma^2 = W_{lv} h + b_{lv}                       (n_latent, m)
(V3)   u = \mu + \sigma \odot \epsilon,   \epsilon \sim N(0, I) \text{ drawn once and held}     (n_latent, m)
(V4)   z^{(d)} = W_2 u + b_2,            h_d = f(z^{(d)})                                       (n_hidden, m)
(V5)   z^{(3)} = W_3 h_d + b_3                                                                  (n, m)
(V6)   -\log p(x|u) = \sum_k \left[\log(1 + e^{z^{(3)}_k}) - x_k z^{(3)}_k\right] \text{ (Bernoulli)}
         \text{ or } \frac{1}{2 \sigma_x^2} \|z^{(3)} - x\|^2 \text{ (Gaussian)}                scalar
(V7)   KL = \frac12 \sum_j \left(\mu_j^2 + \sigma_j^2 - \log\sigma_j^2 - 1\right)               scalar
(V8)   J = \frac1m \sum_i \left[-\log p(x_i|u_i) + \beta\, KL(x_i)\right]                       scalar
(V9)   \delta^{(3)} = \frac{1}{1 + e^{-z^{(3)}}} - x \text{ (Bernoulli)}
         \text{ or } (z^{(3)} - x) / \sigma_x^2 \text{ (Gaussian)}                              (n, m)
(V10)  \delta^{(d)} = W_3^T \delta^{(3)} \odot f'(z^{(d)})                                      (n_hidden, m)
(V11)  \delta^{(u)} = W_2^T \delta^{(d)}                                                        (n_latent, m)
(V12)  \delta^{(\mu)} = \delta^{(u)} + \beta \mu                                                (n_latent, m)
(V13)  \delta^{(lv)} = \frac12 \delta^{(u)} \odot \sigma \odot \epsilon
         + \frac\beta2 (\sigma^2 - 1)                                                           (n_latent, m)
(V14)  \delta^{(2)} = (W_\mu^T \delta^{(\mu)} + W_{lv}^T \delta^{(lv)}) \odot f'(z^{(2)})       (n_hidden, m)
(V15)  \partial J/\partial W_1 = \frac1m \delta^{(2)} X^T                                       (n_hidden, n)
(V16)  \partial J/\partial W_\mu = \frac1m \delta^{(\mu)} h^T                                   (n_latent, n_hidden)
(V17)  \partial J/\partial W_{lv} = \frac1m \delta^{(lv)} h^T                                   (n_latent, n_hidden)
(V18)  \partial J/\partial W_2 = \frac1m \delta^{(d)} u^T                                       (n_hidden, n_latent)
(V19)  \partial J/\partial W_3 = \frac1m \delta^{(3)} h_d^T                                     (n, n_hidden)
(V20)  \partial J/\partial b = \frac1m \sum_i \delta(x_i),   \delta \text{ that of its layer}   (units,)

(V6) and (V7) are for one example, sums over pixels and over latent units; J is their mean over examples, so it is
additive over examples. The deltas carry no 1/m: it stands in (V15) to (V20). The Gaussian's constant
n/2 log(2 pi sigma_x^2) is left out. The layer gives log sigma^2, so d sigma / d log sigma^2 = sigma / 2 in (V13).

Noise is data: epsilon is drawn when the objective is made. With a new draw at each call J would be another function
each time, and neither a line search nor a gradient check would mean anything. One draw per example estimates the
expectation over q(u|x); a new objective is a new draw.

All examples are taken at once, in plain NumPy: memory is a few arrays of each of the sizes of X, h and u.

Sources: D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes" (2014), arXiv:1312.6114: equation 3 (the bound,
-J for beta = 1), 7 and 10 (one draw, u a function of epsilon), appendix B (V7), appendix C (V1, V2, V4 to V6);
I. Higgins et al., "beta-VAE: Learning basic visual concepts with a constrained variational framework", ICLR (2017)
(beta).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import checks
from .activations import Activation, log1p_exp, tanh
from .errors import SaeError
from .layout import Layout

LARGEST = float(np.log(np.finfo(np.float64).max))  # log sigma^2 beyond this has no sigma^2 in double precision


@dataclass(frozen=True)
class Bernoulli:
    """Pixels that are on with probability 1 / (1 + e^-z3); x in [0, 1] counts as how often one is on."""

    name: ClassVar[str] = "bernoulli"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __call__(self, z3, X):
        """Return -log p(x|u), summed over examples, and its derivative with respect to z3."""
        log_sum, probability = log1p_exp(z3)
        value = (log_sum - X * z3).sum()  # (V6)
        delta3 = probability - X  # (V9)
        return value, delta3

    def mean(self, z3):
        """Return the mean of x."""
        return log1p_exp(z3)[1]


@dataclass(frozen=True)
class Gaussian:
    """Pixels with mean z3 and standard deviation sigma, fixed; the constant n/2 log(2 pi sigma^2) is left out."""

    sigma: float = 1.0
    name: ClassVar[str] = "gaussian"
    range: ClassVar[tuple[float, float]] = (-np.inf, np.inf)

    def __post_init__(self):
        object.__setattr__(self, "sigma", checks.number("sigma", self.sigma, 1e-100, 1e100))

    def __call__(self, z3, X):
        """Return -log p(x|u), summed over examples, and its derivative with respect to z3."""
        error = z3 - X
        value = (error * error).sum() / (2 * self.sigma**2)  # (V6)
        delta3 = error / self.sigma**2  # (V9)
        return value, delta3

    def mean(self, z3):
        """Return the mean of x."""
        return z3


def encoder(X, f, W1, b1, W_mu, b_mu, W_lv, b_lv):
    """Return the hidden layer, and mean and log sigma^2 of q(u|x)."""
    h = f(W1 @ X + b1[:, None])  # (V1)
    mu = W_mu @ h + b_mu[:, None]  # (V2)
    logvar = W_lv @ h + b_lv[:, None]  # (V2)
    return h, mu, logvar


def decoder(u, f, W2, b2, W3, b3):
    """Return the hidden layer and what the mean of x is a function of."""
    h_d = f(W2 @ u + b2[:, None])  # (V4)
    z3 = W3 @ h_d + b3[:, None]  # (V5)
    return h_d, z3


def check_logvar(logvar) -> None:
    """Raise unless every sigma^2 = exp(logvar) is a finite number."""
    largest = np.real(logvar).max(axis=1)
    if not (largest <= LARGEST).all():
        unit = int(np.argmax(~(largest <= LARGEST)))
        raise SaeError(
            f"log sigma^2 of latent unit {unit} reaches {largest[unit]:.3g}; expected at most {LARGEST:.3g}, beyond "
            "which sigma^2 overflows. Start from smaller weights, rescale X, or use a smaller learning rate."
        )


def page(parameters, X, eps, f, likelihood, beta):
    """Return the two addends of J and the gradients in the order of the parameters."""
    W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3 = parameters
    m = X.shape[1]

    h, mu, logvar = encoder(X, f, W1, b1, W_mu, b_mu, W_lv, b_lv)
    check_logvar(logvar)
    sigma = np.exp(logvar / 2)  # (V3)
    u = mu + sigma * eps  # (V3)
    h_d, z3 = decoder(u, f, W2, b2, W3, b3)

    misfit, delta3 = likelihood(z3, X)
    kl = (mu * mu + sigma * sigma - logvar - 1).sum() / 2  # (V7)
    costs = misfit / m, beta * kl / m  # (V8)

    delta_d = (W3.T @ delta3) * f.derivative(h_d)  # (V10)
    delta_u = W2.T @ delta_d  # (V11)
    delta_mu = delta_u + beta * mu  # (V12)
    delta_lv = delta_u * sigma * eps / 2 + beta / 2 * (sigma * sigma - 1)  # (V13)
    delta2 = (W_mu.T @ delta_mu + W_lv.T @ delta_lv) * f.derivative(h)  # (V14)

    grad_W1, grad_b1 = delta2 @ X.T / m, delta2.mean(axis=1)  # (V15), (V20)
    grad_W_mu, grad_b_mu = delta_mu @ h.T / m, delta_mu.mean(axis=1)  # (V16), (V20)
    grad_W_lv, grad_b_lv = delta_lv @ h.T / m, delta_lv.mean(axis=1)  # (V17), (V20)
    grad_W2, grad_b2 = delta_d @ u.T / m, delta_d.mean(axis=1)  # (V18), (V20)
    grad_W3, grad_b3 = delta3 @ h_d.T / m, delta3.mean(axis=1)  # (V19), (V20)
    return costs, (
        *(grad_W1, grad_b1, grad_W_mu, grad_b_mu, grad_W_lv, grad_b_lv),
        *(grad_W2, grad_b2, grad_W3, grad_b3),
    )


class VariationalAutoencoder:
    """The objective of a variational autoencoder on X: `objective(theta) -> (cost, grad)`, with its noise held.

    Deterministic, free of side effects and complex-safe: with a complex theta, cost and gradient come out complex.
    The estimator with `fit` and `sample`, whose rows are examples, is sae.estimators.VariationalAutoencoder.

    Parameters
    ----------
    X : (n, m) array
        Examples as columns, used where it lies: rows of examples are X.T, without a copy. In [0, 1] for "bernoulli".
    n_hidden : int
        Number of hidden units of the encoder, and of the decoder.
    n_latent : int
        Length of the code u.
    beta : float
        Weight >= 0 of the KL divergence. 1 gives the bound on log p(x), more a code whose units share less.
    likelihood : {"bernoulli", "gaussian"}
        p(x|u).
    f : Activation
        Activation of both hidden layers.
    rng : numpy.random.Generator
        Draws eps, once, here.
    sigma : float
        Standard deviation of a "gaussian" x, fixed.

    Attributes
    ----------
    layout : Layout
        theta is [W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3].
    m : int
        Number of examples.
    eps : (n_latent, m) array
        The noise.

    Raises
    ------
    SaeError
        For input that can't be used, and where sigma^2 of q(u|x) would overflow.

    References
    ----------
    D. P. Kingma and M. Welling (2014), arXiv:1312.6114; equations (V1) to (V20) at the top of this file.
    """

    def __init__(
        self,
        X,
        n_hidden: int,
        n_latent: int,
        *,
        beta: float = 1.0,
        likelihood: str = "bernoulli",
        f: Activation = tanh,
        rng: np.random.Generator,
        sigma: float = 1.0,
    ):
        self.X = checks.matrix(X)
        self.n, self.m = self.X.shape
        self.n_hidden = checks.count("n_hidden", n_hidden)
        self.n_latent = checks.count("n_latent", n_latent)
        self.beta = checks.number("beta", beta, 0)
        self.likelihood = _likelihood(likelihood, sigma)
        checks.within(self.X, *self.likelihood.range, "sigmoid", otherwise="a Gaussian x: likelihood='gaussian'")
        checks.instance("f", f, Activation, "sae.sigmoid")
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        self.f = f
        self.layout = _layout(self.n, self.n_hidden, self.n_latent)
        self.eps = rng.standard_normal((self.n_latent, self.m))  # (V3)

    def __call__(self, theta) -> tuple[float, np.ndarray]:
        """Return J and its gradient, (p,)."""
        costs, grad = self.costs_and_grad(theta)
        return sum(costs.values()), grad

    def costs_and_grad(self, theta) -> tuple[dict[str, float], np.ndarray]:
        """Return the addends of J by name, beta within the second, and the gradient of J, (p,)."""
        parameters = self._unpack(theta, real=False)
        (misfit, kl), grads = page(parameters, self.X, self.eps, self.f, self.likelihood, self.beta)
        costs = {"negative log-likelihood": misfit.item(), "KL divergence": kl.item()}
        return costs, np.concatenate([grad.ravel() for grad in grads])

    def costs(self, theta) -> dict[str, float]:
        """Return the addends of J by name; their sum is J."""
        return self.costs_and_grad(theta)[0]

    def init(self, rng: np.random.Generator) -> np.ndarray:
        """Return a theta to start from: weights uniform in +-sqrt(6 / (inputs + outputs of their layer)), biases 0.

        Glorot and Bengio (2010), equation 16.
        """
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        theta = np.zeros(self.layout.size)
        for part in self.layout.unpack(theta):
            if part.ndim == 2:
                part[...] = rng.uniform(-1, 1, part.shape) * np.sqrt(6 / sum(part.shape))
        return theta

    def encode(self, theta, X) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and log sigma^2 of q(u|x), each (n_latent, m), for examples X (n, m) as columns."""
        _, mu, logvar = encoder(_columns(X, self.n, "X"), self.f, *self._unpack(theta)[:6])
        return mu, logvar

    def decode(self, theta, u) -> np.ndarray:
        """Return the mean of x, (n, m), for codes u (n_latent, m) as columns."""
        _, z3 = decoder(_columns(u, self.n_latent, "u"), self.f, *self._unpack(theta)[6:])
        return self.likelihood.mean(z3)

    def reconstruct(self, theta, X) -> np.ndarray:
        """Return the mean of x, (n, m), at the mean code of each example, for examples X (n, m) as columns."""
        return self.decode(theta, self.encode(theta, X)[0])

    def sample(self, theta, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return the mean of x, (n, count), for codes drawn from p(u) = N(0, I)."""
        checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
        return self.decode(theta, rng.standard_normal((self.n_latent, checks.count("count", count))))

    def traverse(self, theta, x, unit: int, values) -> np.ndarray:
        """Return the mean of x, (n, len(values)), as one latent unit takes the values and the others stay at mu(x).

        Parameters
        ----------
        theta : (p,) array
        x : (n,) array
            One example.
        unit : int
            Which latent unit, from 0.
        values : (k,) array
            A standard normal's range, about -3 to 3, is what p(u) covers.
        """
        mu, _ = self.encode(theta, _vector(x, "x")[:, None])
        unit = checks.count("unit", unit, 0, self.n_latent - 1)
        values = _vector(values, "values")
        u = np.repeat(mu, len(values), axis=1)
        u[unit] = values
        return self.decode(theta, u)

    def _unpack(self, theta, *, real=True):
        return self.layout.unpack(checks.theta(theta, self.layout.size, real=real, names=self.layout.names))


def _likelihood(name, sigma) -> Bernoulli | Gaussian:
    checks.one_of("likelihood", name, (Bernoulli.name, Gaussian.name))
    gaussian = Gaussian(sigma)
    if name == Gaussian.name:
        return gaussian
    if gaussian.sigma != 1:
        raise SaeError(f"sigma is {sigma!r} and likelihood 'bernoulli', which has none; use likelihood='gaussian'.")
    return Bernoulli()


def _layout(n, n_hidden, n_latent) -> Layout:
    return Layout(
        {
            "W1": (n_hidden, n),
            "b1": (n_hidden,),
            "W_mu": (n_latent, n_hidden),
            "b_mu": (n_latent,),
            "W_lv": (n_latent, n_hidden),
            "b_lv": (n_latent,),
            "W2": (n_hidden, n_latent),
            "b2": (n_hidden,),
            "W3": (n, n_hidden),
            "b3": (n,),
        }
    )


def _columns(X, rows, name):
    X = checks.matrix(X, name)
    if len(X) != rows:
        raise SaeError(f"{name} has shape {X.shape}; expected ({rows}, m), examples as columns.")
    return X


def _vector(x, name):
    x = np.asarray(x)
    if x.ndim != 1:
        raise SaeError(f"{name} has shape {x.shape}; expected one axis. For a column of X take X[:, i].")
    return checks.matrix(x[None, :], name)[0]
