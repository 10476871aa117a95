"""Estimators with one hidden layer: the sparse autoencoder and its siblings, each a few lines over sae.Autoencoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .. import checks
from ..activations import Activation
from ..autoencoder import Autoencoder
from ..data import corruption
from ..terms import L1, Contractive, CrossEntropy, KLSparsity, SquaredError, Term, WeightDecay
from .base import BaseAutoencoder
from .coders import Decoder, Encoder, Layer, activation
from .ranges import Scaling, refuse_beyond

LOSSES: dict[str, type[Term]] = {"mse": SquaredError, "bce": CrossEntropy}


@dataclass(eq=False, repr=False, kw_only=True)
class OneHiddenLayer(BaseAutoencoder):
    """x -> a2 = f(W1 x + b1) -> a3 = g(W2 a2 + b2), on sae.Autoencoder."""

    weight_decay: float = 1e-4
    output_activation: str = "sigmoid"
    loss: Literal["mse", "bce"] = "mse"

    def _hidden(self) -> str:
        """Return the name of f."""
        raise NotImplementedError

    def _penalties(self) -> list[Term]:
        """Return the addends of J beside the loss and the weight decay."""
        return []

    def _corrupted(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return what goes into the encoder, to reconstruct x from."""
        return x

    def _autoencoder(self, x, rng, penalties: list[Term], g: Activation | None = None) -> Autoencoder:
        checks.one_of("loss", self.loss, LOSSES)
        return Autoencoder(
            self._corrupted(x, rng).T,
            self.hidden_dim,
            target=x.T,
            terms=[LOSSES[self.loss](), *penalties],
            f=activation(self._hidden(), "hidden_activation"),
            g=g or activation(self.output_activation, "output_activation"),
            dtype=x.dtype.name,
        )

    def _objective(self, x: np.ndarray, rng: np.random.Generator) -> Autoencoder:
        decay = WeightDecay(checks.number("weight_decay", self.weight_decay, 0))
        apart = self.solver == "adamw"  # its steps decay the weights, not J
        return self._autoencoder(x, rng, [*([] if apart else [decay]), *self._penalties()])

    def _held_out_loss(self, x: np.ndarray, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
        g = activation(self.output_activation, "output_activation")
        if self.loss == "mse" and not g.range[0] <= x.min() <= x.max() <= g.range[1]:
            g = replace(g, range=(-np.inf, np.inf))  # the squared error is one beyond the range of the training, too
        elif self.loss == "bce":
            refuse_beyond(x, g.range, g.name)
        objective = self._autoencoder(x, rng, [], g)
        return lambda theta: objective(theta)[0]

    def _reach(self) -> tuple[tuple[float, float], str]:
        g = activation(self.output_activation, "output_activation")
        return g.range, g.name

    def _coders(self, p: dict[str, np.ndarray], scaling: Scaling) -> tuple[Encoder, Decoder]:
        hidden, output = Layer(p["W1"], p["b1"], self._hidden()), Layer(p["W2"], p["b2"], self.output_activation)
        return Encoder(scaling, (hidden,)), Decoder((output,), scaling)


@dataclass(eq=False, repr=False, kw_only=True)
class SparseAutoencoder(OneHiddenLayer):
    r"""The sparse autoencoder with scikit-learn's face: rows are examples.

    `fit` minimises the J of sae.Autoencoder on X^T,

        J = \frac1m \sum_i L(x_i, \hat x_i) + \frac{weight\_decay}{2} (\|W_1\|_F^2 + \|W_2\|_F^2) + penalty

    where L is half the squared error, \frac12 \|\hat x - x\|^2, or the cross-entropy, each summed over the features.
    The penalty is beta \sum_j KL(sparsity_param || rho_hat_j), not divided by m, or beta \sum_j |a2_j|, mean over
    the examples.

    Parameters
    ----------
    hidden_dim : int
        Number of hidden units.
    input_dim : int, optional
        Number of features; X with another number is refused. Taken from X unless given.
    sparsity_param : float
        rho of the KL penalty, strictly between 0 and 1; the L1 penalty has none.
    beta : float
        Weight of the penalty.
    weight_decay : float
        lambda; under "adamw" mu of (A4) in sae/adam.py, the share of the weights by which they shrink in a step, times
        `learning_rate`, instead of an addend of J.
    penalty : {"kl", "l1"} or None
    hidden_activation, output_activation : str
        "sigmoid", "tanh", "identity", "relu", "leaky_relu", "softplus", "satlin", or "topk(k)" for the hidden units.
    loss : {"mse", "bce"}
        Half the squared error, or the cross-entropy, which goes with sigmoid outputs.
    solver : {"lbfgs", "cg", "bfgs", "newton-cg", "adam", "adamw", "sgd"}
        On all examples L-BFGS-B, conjugate gradients, BFGS (a matrix of the size of theta squared) or Newton-CG; or
        steps on minibatches: Adam, AdamW, or gradient descent with momentum 0.9.
    learning_rate, batch_size, shuffle
        Of the last three; `shuffle` draws a new order of the examples in each epoch.
    schedule : {"constant", "step", "cosine"} or callable
        What becomes of their learning rate within the `max_iter` epochs: it stays, a tenth of it is left after each
        third, it falls along half a wave to 0; or epochs passed -> factor of it (sae/schedules.py).
    clip_norm : float, optional
        Their gradients are shortened to this length where they are longer.
    max_iter : int
        Largest number of iterations, or epochs. To reach it is no warning; `stop_reason_` says it.
    validation_fraction : float
        Share of the examples held out; `validation_curve_` is L on them, without penalties.
    early_stopping : bool
        Stop when `n_iter_no_change` iterations in a row brought no loss on the held-out examples that is lower by
        more than `tol` of its value, and keep the theta of the lowest.
    tol : float
        Also: L-BFGS has converged when an iteration lowers J by less than `tol` of its value.
    warm_start : bool
        Start `fit` where the last one ended.
    random_state : int, RandomState or None
        A seed s starts from `objective.init(numpy.random.default_rng(s))`.
    verbose : int
        Above 0 shows a bar at a terminal, or else a line every few seconds.
    callback : callable, optional
        Called with a `sae.State`, each record of the history, a dict: "iteration", "evaluations", "cost", "validation"
        if examples are held out; of solvers on all examples the addends of J by name and "max_grad", of the others
        "learning_rate"; with `.theta`. It may raise StopIteration to end the training; then, as under Ctrl-C, `fit`
        keeps what it has reached.
    data_range : "auto", (low, high) or None
        A sigmoid decoder answers in [0, 1], [a, b] for short, and can't reconstruct data outside. With "auto", data
        that lie within are used as they are; others go through one affine map that takes the smallest interval that
        holds them and [a, b] to [a, b], the same for all features; with (low, high), which says what the range is,
        that interval. Held-out examples are not asked. `reconstruct`, `inverse_transform` and the scores undo it, J
        and the curves don't. None takes data as they are, and an SaeError (a ValueError) says so if the decoder can't
        reach them. See sae/estimators/ranges.py. (R's rescale.flag is the same idea, and MATLAB's ScaleData, with a
        map per feature.)

    Attributes
    ----------
    W1_, b1_, W2_, b2_ : (hidden_dim, n), (hidden_dim,), (n, hidden_dim), (n,) array
        In the precision of X.
    rho_hat_ : (hidden_dim,) array
        Mean activations over the examples trained on.
    encoder_, decoder_ : Encoder, Decoder
        With `encode(X)` and `decode(H)`, rows as here.
    n_iter_ : int
    history_ : list of dict
        The records; that of L-BFGS begins with the start, iteration 0.
    loss_curve_, validation_curve_ : list of float
        J and held-out L, one for each record.
    stop_reason_ : str
        Why the training stopped, in plain words.
    n_features_in_, feature_names_in_
        As in all of scikit-learn.

    Raises
    ------
    SaeError
        A ValueError, in `fit`, for parameters out of their range and data that can't be used.

    References
    ----------
    A. Ng, "Sparse autoencoder", CS294A lecture notes (2011).
    """

    sparsity_param: float = 0.01
    beta: float = 3.0
    penalty: Literal["kl", "l1"] | None = "kl"
    hidden_activation: str = "sigmoid"

    def _hidden(self) -> str:
        return self.hidden_activation

    def _penalties(self) -> list[Term]:
        beta = checks.number("beta", self.beta, 0)
        if self.penalty is None or not beta:
            return []
        checks.one_of("penalty", self.penalty, ("kl", "l1"))
        if self.penalty == "l1":
            return [L1(beta)]
        return [KLSparsity(checks.number("sparsity_param", self.sparsity_param, 0, 1, open_ends=True), beta)]


@dataclass(eq=False, repr=False, kw_only=True)
class DenoisingAutoencoder(SparseAutoencoder):
    """Reconstructs X from a corrupted copy, drawn once in each `fit` (in each call of `partial_fit`).

    The face of SparseAutoencoder, its parameters, attributes and J, without penalty unless asked for. Only what goes
    into the encoder is corrupted: the loss compares with X, and `transform` and the scores take X as it is.

    Parameters
    ----------
    corruption : {"masking", "gaussian", "salt_and_pepper"}
        Sets values to 0, adds normal noise, or replaces values by the smallest or the largest one of X; after the
        map of `data_range`. See sae/data/corruption.py.
    corruption_level : float
        The share of the values, or the standard deviation of the noise.

    Raises
    ------
    SaeError
        A ValueError, in `fit`, for a share outside [0, 1], and as SparseAutoencoder.

    References
    ----------
    P. Vincent et al., Stacked Denoising Autoencoders, JMLR 11 (2010).
    """

    penalty: Literal["kl", "l1"] | None = None
    corruption: Literal["masking", "gaussian", "salt_and_pepper"] = "masking"
    corruption_level: float = 0.3

    def _corrupted(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        checks.one_of("corruption", self.corruption, ("masking", "gaussian", "salt_and_pepper"))
        most = np.inf if self.corruption == "gaussian" else 1  # a deviation, or a share
        level = checks.number("corruption_level", self.corruption_level, 0, most)
        if self.corruption == "salt_and_pepper":
            return corruption.salt_and_pepper(x.T, level, rng, float(x.min()), float(x.max())).T
        draw = {"masking": corruption.masking, "gaussian": corruption.gaussian}[self.corruption]
        return draw(x.T, level, rng).T


@dataclass(eq=False, repr=False, kw_only=True)
class ContractiveAutoencoder(OneHiddenLayer):
    r"""Penalises how much the code moves with x: contraction \|\partial a2 / \partial x\|_F^2, mean over examples.

    The penalty, without a 1/2, takes the place of that of SparseAutoencoder; the face, the other parameters, the
    attributes and the rest of J are the same.

    Parameters
    ----------
    contraction : float
        Weight of the penalty, at least 0. x is as after the map of `data_range`.

    Raises
    ------
    SaeError
        A ValueError, in `fit`, for a negative weight, and as SparseAutoencoder.

    References
    ----------
    S. Rifai et al., Contractive Auto-Encoders, ICML 2011.
    """

    contraction: float = 0.1
    hidden_activation: str = "sigmoid"

    def _hidden(self) -> str:
        return self.hidden_activation

    def _penalties(self) -> list[Term]:
        return [Contractive(checks.number("contraction", self.contraction, 0))]


@dataclass(eq=False, repr=False, kw_only=True)
class KSparseAutoencoder(OneHiddenLayer):
    """Keeps the k largest hidden values of each example and sets the others to 0: sparse without a penalty.

    J is the loss and the weight decay of SparseAutoencoder, and so are the face, the other parameters and the
    attributes. The codes (m, hidden_dim) are linear in x where they are not 0.

    Parameters
    ----------
    k : int
        At most hidden_dim.

    Raises
    ------
    SaeError
        A ValueError, in `fit`, for a k above hidden_dim, and as SparseAutoencoder.

    References
    ----------
    A. Makhzani and B. Frey, k-Sparse Autoencoders (2014).
    """

    k: int = 5

    def _hidden(self) -> str:
        return f"topk({checks.count('k', self.k)})"
