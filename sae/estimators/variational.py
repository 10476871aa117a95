"""The variational autoencoder with scikit-learn's face. The objective of that name is sae.VariationalAutoencoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .. import checks, variational
from ..minibatch import set_state
from .base import BaseAutoencoder
from .coders import Decoder, Encoder, Layer, activation
from .face import generator
from .ranges import Scaling, refuse_beyond

REACH = {"bernoulli": ((0.0, 1.0), "sigmoid"), "gaussian": ((-np.inf, np.inf), "identity")}


class Redrawn(variational.VariationalAutoencoder):
    """The objective, with batches: each is a new objective, and so a new draw of eps."""

    def __init__(self, X, *dimensions, rng: np.random.Generator, **settings):
        super().__init__(X, *dimensions, rng=rng, **settings)
        self._noise = rng
        self._again = lambda columns: variational.VariationalAutoencoder(
            X[:, columns], *dimensions, rng=rng, **settings
        )

    def memory(self) -> dict:
        """Return the state of the noise, for a checkpoint."""
        return {"noise": self._noise.bit_generator.state}

    def remember(self, memory: dict) -> None:
        """Go on with the noise of a checkpoint."""
        set_state(self._noise, memory["noise"])

    def batch(self, columns) -> variational.VariationalAutoencoder:
        """Return the objective of some of the examples."""
        return self._again(columns)


@dataclass(eq=False, repr=False, kw_only=True)
class VariationalAutoencoder(BaseAutoencoder):
    """A code with a distribution: N(mu(x), sigma^2(x)), pulled towards N(0, I), from which `sample` draws examples.

    `transform` returns mu(x); `reconstruct` the mean of x at mu(x). Otherwise the face of SparseAutoencoder; J is
    that of the objective sae.VariationalAutoencoder, with its noise drawn once in each `fit` ("lbfgs") or anew for
    each batch ("adam"), and `validation_curve_` is J on the held-out examples with noise of their own.

    Parameters
    ----------
    hidden_dim : int
        Number of hidden units of the encoder, and of the decoder.
    latent_dim : int
        Length of the code.
    beta : float
        Weight of the KL divergence.
    likelihood : {"bernoulli", "gaussian"}
        p(x|u): sigmoid outputs with cross-entropy, or linear ones with the squared error.
    sigma : float
        Standard deviation of a "gaussian" x.
    hidden_activation : str

    Attributes
    ----------
    W1_, b1_, W_mu_, b_mu_, W_lv_, b_lv_, W2_, b2_, W3_, b3_
        As in the equations of sae/variational.py; the others are those of SparseAutoencoder, without rho_hat_.

    Raises
    ------
    SaeError
        A ValueError, in `fit`, as SparseAutoencoder.

    References
    ----------
    D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes" (2014).
    """

    latent_dim: int = 2
    beta: float = 1.0
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli"
    sigma: float = 1.0
    hidden_activation: str = "tanh"

    def _objective(self, x: np.ndarray, rng: np.random.Generator) -> Redrawn:
        return Redrawn(
            x.T,
            self.hidden_dim,
            checks.count("latent_dim", self.latent_dim),
            beta=self.beta,
            likelihood=self.likelihood,
            f=activation(self.hidden_activation, "hidden_activation"),
            sigma=self.sigma,
            rng=rng,
        )

    def _held_out_loss(self, x: np.ndarray, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
        if self.likelihood == "bernoulli":
            refuse_beyond(x, *self._reach())
        objective = self._objective(x, rng)
        return lambda theta: objective(theta)[0]

    def _reach(self) -> tuple[tuple[float, float], str]:
        checks.one_of("likelihood", self.likelihood, REACH)
        return REACH[self.likelihood]

    def _coders(self, p: dict[str, np.ndarray], scaling: Scaling) -> tuple[Encoder, Decoder]:
        f, g = self.hidden_activation, REACH[self.likelihood][1]
        encoder = Layer(p["W1"], p["b1"], f), Layer(p["W_mu"], p["b_mu"], "identity")
        decoder = Layer(p["W2"], p["b2"], f), Layer(p["W3"], p["b3"], g)
        return Encoder(scaling, encoder), Decoder(decoder, scaling)

    def sample(self, n_samples: int = 1, random_state=None) -> np.ndarray:
        """Return the means of x at codes drawn from N(0, I), (n_samples, n), in the units of the data.

        `random_state` as of the estimator; None draws anew each time.
        """
        check_is_fitted(self)
        W = self.decoder_.layers[0].W
        u = generator(random_state).standard_normal((W.shape[1], checks.count("n_samples", n_samples)))
        return self.decoder_.decode(u.T.astype(W.dtype))
