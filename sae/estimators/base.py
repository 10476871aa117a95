"""The scikit-learn face that all estimators share: rows are examples, `fit` minimises an objective's J(theta).

An estimator says what its objective is, how the trained parameters make an encoder and a decoder, and what its
parameters are; all else is here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import checks
from ..errors import SaeError
from ..optimise import Result, State
from .coders import Decoder, Encoder
from .export import as_module, write_module
from .ranges import DataRange, Scaling, scaling
from .solvers import Settings, Stream, Watch

FLOATS = [np.float64, np.float32]


def generator(random_state) -> np.random.Generator:
    """Return a generator: of seed s, `numpy.random.default_rng(s)` itself; of a RandomState, one drawn from it."""
    if random_state is None or isinstance(random_state, int | np.integer):
        check_random_state(random_state)  # refuses what scikit-learn refuses
        return np.random.default_rng(random_state)
    return np.random.default_rng(check_random_state(random_state).randint(2**31, size=4))


def _steps(self) -> bool:
    if self.solver not in ("adam", "sgd"):
        raise AttributeError(
            f"partial_fit takes minibatch steps, and solver is {self.solver!r}; use solver='adam' or 'sgd'."
        )
    return True


@dataclass(eq=False, repr=False, kw_only=True)
class BaseAutoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What every estimator has; see SparseAutoencoder for the parameters."""

    hidden_dim: int = field(default=25, kw_only=False)
    input_dim: int | None = None
    solver: Literal["lbfgs", "adam", "sgd"] = "lbfgs"
    learning_rate: float = 0.01
    max_iter: int = 400
    batch_size: int = 256
    shuffle: bool = True
    validation_fraction: float = 0.0
    early_stopping: bool = False
    n_iter_no_change: int = 10
    tol: float = 1e-9
    warm_start: bool = False
    random_state: Any = None
    verbose: int = 0
    callback: Callable[[State], object] | None = None
    data_range: DataRange = "auto"

    # What an estimator says of itself ------------------------------------------------------------------------------

    def _objective(self, x: np.ndarray, rng: np.random.Generator) -> Any:
        """Return the objective on examples x (m, n), rows, in the decoder's range; rng draws its noise."""
        raise NotImplementedError

    def _held_out_loss(self, x: np.ndarray, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
        """Return theta -> what `validation_curve_` holds: the loss on held-out examples, mean over them."""
        raise NotImplementedError

    def _coders(self, p: dict[str, np.ndarray], scaling: Scaling) -> tuple[Encoder, Decoder]:
        """Return encoder and decoder made of the trained parameters, by name."""
        raise NotImplementedError

    def _reach(self) -> tuple[tuple[float, float], str]:
        """Return the range of the decoder and the name of its activation."""
        raise NotImplementedError

    # Training ------------------------------------------------------------------------------------------------------

    def fit(self, X, y=None):
        """Train on X (m, n), examples as rows; y is ignored.

        Floats that are in the decoder's range are used where they lie in memory. Ctrl-C ends the training and
        keeps the best so far (`stop_reason_` says so).

        Raises
        ------
        SaeError
            A ValueError, for parameters and data that can't be used.
        TrainingError
            An SaeError, if J can't be evaluated on the way.
        """
        settings, X = self._settings(), self._examples(X, reset=True)
        rng = generator(self.random_state)
        noise, order, split = rng.spawn(3)
        scaled = scaling(X, self.data_range, *self._reach())
        x, held_out = self._split(scaled.forward(X), split)
        objective = self._objective(x, noise)
        theta = self._warm(objective) if self.warm_start and hasattr(self, "n_iter_") else objective.init(rng)

        with self._progress() as shown:
            callbacks = [callback for callback in (shown, self.callback) if callback is not None]
            loss = None if held_out is None else self._held_out_loss(held_out, split)
            watch = Watch(objective, loss, self.n_iter_no_change if self.early_stopping else None, self.tol, callbacks)
            result = watch.run(theta, settings, order)
        self._take(result, objective, scaled, X.dtype)
        self.validation_curve_ = watch.curve
        self._stream = None
        return self

    @available_if(_steps)
    def partial_fit(self, X, y=None):
        """Take one pass over X (m, n), a batch of `batch_size` rows at a time, from where the last one ended; y is
        ignored.

        Adam's moments, or the velocity of "sgd", live on from call to call; a call that fails or is interrupted
        changes neither them nor the weights. The first call draws the weights and, with data_range="auto", sets
        the range of the data; later examples outside it are an error, so say data_range=(low, high) of a stream.
        Nothing is held out, early stopping and `callback` do not apply. `history_` gets a record for each call.
        """  # noqa: D205
        first = not hasattr(self, "n_iter_")
        settings, X = self._settings(), self._examples(X, reset=first)
        stream = getattr(self, "_stream", None) or Stream(generator(self.random_state))
        scaled = scaling(X, self.data_range, *self._reach()) if first else self.encoder_.scaling
        scaled.check(X)
        noise, order = stream.rng.spawn(2)
        objective = self._objective(scaled.forward(X), noise)
        theta = objective.init(stream.rng) if first else self._warm(objective)
        theta, cost = stream.epoch(objective, theta, settings, order)
        history = [] if first else self.history_
        iteration = len(history) + 1
        history = [*history, {"iteration": iteration, "cost": cost}]
        result = Result(theta, cost, history, f"{iteration} calls of partial_fit", iterations=iteration)
        self._take(result, objective, scaled, X.dtype)
        self._stream = stream
        return self

    def _settings(self) -> Settings:
        checks.count("hidden_dim", self.hidden_dim)
        checks.number("validation_fraction", self.validation_fraction, 0, np.nextafter(1, 0))
        checks.count("n_iter_no_change", self.n_iter_no_change)
        if self.early_stopping and not self.validation_fraction:
            raise SaeError(
                "early_stopping looks at held-out examples, and validation_fraction is 0; give for example 0.1."
            )
        return Settings(self.solver, self.learning_rate, self.max_iter, self.batch_size, self.shuffle, self.tol)

    def _examples(self, X: Any, *, reset: bool) -> np.ndarray:
        X = validate_data(self, X, reset=reset, dtype=FLOATS)
        if self.input_dim is not None and X.shape[1] != checks.count("input_dim", self.input_dim):
            raise SaeError(f"X has {X.shape[1]} features, and input_dim is {self.input_dim}; they must be the same.")
        return X

    def _split(self, x, rng):
        """Return the examples to train on and the held-out ones, or None."""
        held_out = int(np.ceil(self.validation_fraction * len(x)))
        if not held_out:
            return x, None
        if held_out >= len(x):
            raise SaeError(
                f"validation_fraction {self.validation_fraction} of {len(x)} examples leaves none to train on."
            )
        order = rng.permutation(len(x))
        return x[np.sort(order[held_out:])], x[np.sort(order[:held_out])]

    def _warm(self, objective) -> np.ndarray:
        """Return the theta reached so far, to go on from."""
        parts = {name: getattr(self, f"{name}_").astype(np.float64) for name in objective.layout.names}
        shapes = {name: part.shape for name, part in parts.items()}
        if shapes != objective.layout.shapes:
            raise SaeError(
                f"the trained parameters have shapes {shapes}, and X and hidden_dim ask for {objective.layout.shapes}; "
                "set warm_start=False to start anew."
            )
        return objective.layout.pack(**parts)

    def _progress(self) -> AbstractContextManager[Any]:
        if not self.verbose:
            return nullcontext()
        from rich.console import Console

        from ..progress import TrainingProgress

        return TrainingProgress(Console(), self.max_iter)

    def _take(self, result: Result, objective, scaled: Scaling, dtype) -> None:
        """Set the fitted attributes."""
        parts = zip(objective.layout.names, objective.layout.unpack(result.theta), strict=True)
        parameters = {name: part.astype(dtype) for name, part in parts}
        self.encoder_, self.decoder_ = self._coders(parameters, scaled)
        for name, part in parameters.items():
            setattr(self, f"{name}_", part)
        self.n_iter_, self.history_, self.stop_reason_ = result.iterations, result.history, result.message
        self.loss_curve_ = [record["cost"] for record in result.history]
        if hasattr(objective, "rho_hat"):
            self.rho_hat_ = objective.rho_hat(result.theta)

    # Use -----------------------------------------------------------------------------------------------------------

    def transform(self, X) -> np.ndarray:
        """Return the codes (m, hidden) of examples X (m, n): `encoder_.encode(X)`."""
        return self.encoder_.encode(self._known(X))

    def encode(self, X) -> np.ndarray:
        """Return the codes (m, hidden) of examples X (m, n), as an array whatever `set_output` says."""
        return self.encoder_.encode(self._known(X))

    def inverse_transform(self, X) -> np.ndarray:
        """Return the reconstructions (m, n), in the units of the data, of codes X (m, hidden): `decoder_.decode(X)`."""
        check_is_fitted(self)
        return self.decoder_.decode(X)

    def decode(self, H) -> np.ndarray:
        """Return what `inverse_transform` does."""
        return self.inverse_transform(H)

    def reconstruct(self, X) -> np.ndarray:
        """Return decode(encode(X)), (m, n), in the units of the data."""
        return self.decoder_.decode(self.encode(X))

    def score_samples(self, X) -> np.ndarray:
        """Return minus the mean squared error over the features of each example, (m,), in the units of the data.

        It is the squared error whatever `loss` is, so that models with different losses can be compared.
        """
        X = self._known(X)
        error = self.decoder_.decode(self.encoder_.encode(X)) - X
        return -(error * error).mean(axis=1, dtype=np.float64)

    def score(self, X, y=None) -> float:
        """Return minus the mean squared error over examples and features: the higher the better. y is ignored."""
        return float(self.score_samples(X).mean())

    def export_encoder(self, path: str | os.PathLike) -> None:
        """Write the trained encoder as one Python file that needs NumPy alone; `encode(X)` there is the one here.

        In double precision, to 1e-12 of its size. Written whole or not at all.
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        write_module(path, as_module(self.encoder_, type(self).__name__, names))

    def _known(self, X) -> np.ndarray:
        check_is_fitted(self)
        return self._examples(X, reset=False)

    @property
    def _n_features_out(self) -> int:
        return len(self.encoder_.layers[-1].b)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
