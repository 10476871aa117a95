"""The scikit-learn face that all estimators share: rows are examples, `fit` minimises an objective's J(theta).

An estimator says what its objective is, how the trained parameters make an encoder and a decoder, and what its
parameters are; all else is here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from sklearn.utils.metaestimators import available_if

from .. import checks
from ..checkpoint import Resumed
from ..errors import SaeError, TrainingError
from ..interrupts import ctrl_c_waits
from ..optimise import Result, State
from ..schedules import Schedule
from .coders import Decoder, Encoder
from .face import Face, generator
from .ranges import DataRange, Scaling, scaling
from .solvers import MINIBATCH, Settings, Stream, Watch
from .stages import given, progress, untrained


def _steps(self) -> bool:
    if self.solver not in MINIBATCH:
        raise AttributeError(
            f"partial_fit takes minibatch steps, and solver is {self.solver!r}; use solver='adam', 'adamw' or 'sgd'."
        )
    return True


@dataclass(eq=False, repr=False, kw_only=True)
class BaseAutoencoder(Face):
    """What every estimator has; see SparseAutoencoder for the parameters."""

    hidden_dim: int = field(default=25, kw_only=False)
    input_dim: int | None = None
    solver: Literal["lbfgs", "cg", "bfgs", "newton-cg", "adam", "adamw", "sgd"] = "lbfgs"
    learning_rate: float = 0.01
    schedule: str | Schedule = "constant"
    clip_norm: float | None = None
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

    _stage: ClassVar[str] = "training"  # what the bar says

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
            An SaeError, if J can't be evaluated on the way. If an iteration was done by then, the estimator is fitted,
            with the best of them.
        """
        return self._fit(X)

    def _fit(self, X, after: Resumed | None = None):
        """Train on X, or go on from a checkpoint of a training on X with the same `random_state`."""
        settings, X = self._settings(), self._examples(X, reset=True)
        self._train(X, settings, generator(self.random_state), after=after)
        return self

    def _train(
        self,
        X: np.ndarray,
        settings: Settings,
        rng: np.random.Generator,
        *,
        after: Resumed | None = None,
        start_only: bool = False,
    ) -> Result:
        """Set the fitted attributes: trained, or as the training would start."""
        noise, order, split = rng.spawn(3)
        trained, held_out = self._split(len(X), split)
        scaled = self._scaling(X, trained)
        x = scaled.forward(X if held_out is None else X[trained])
        objective = self._objective(x, noise)
        theta = self._warm(objective) if self.warm_start and hasattr(self, "n_iter_") else objective.init(rng)

        with self._progress() as shown:
            loss = None if held_out is None else self._held_out_loss(scaled.forward(X[held_out]), split)
            patience = self.n_iter_no_change if self.early_stopping else None
            watch = Watch(objective, loss, patience, self.tol, given(shown, self.callback))
            failure = None
            try:
                result = untrained(theta) if start_only else watch.run(after or theta, settings, order)
            except TrainingError as error:
                failure, result = error, error.result
        if failure is None or result.history:
            with ctrl_c_waits():
                self._take(result, objective, scaled, X.dtype)
                self.validation_curve_ = watch.curve
                self._stream = None
        if failure is not None:
            raise failure
        return result

    @available_if(_steps)
    def partial_fit(self, X, y=None):
        """Take one pass over X (m, n), a batch of `batch_size` rows at a time, from where the last one ended; y is
        ignored.

        Adam's moments, or the velocity of "sgd", live on from call to call; a call that fails or is interrupted
        changes neither them nor the weights. The first call draws the weights and, with data_range="auto", sets
        the range of the data; later examples outside it are an error, so say data_range=(low, high) of a stream.
        Nothing is held out, `schedule`, early stopping and `callback` do not apply. `history_` gets a record for
        each call.
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
        history = [] if first else getattr(self, "history_", [])  # a file may hold none
        iteration = 1 if first else self.n_iter_ + 1
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
        s = self.solver, self.learning_rate, self.max_iter, self.batch_size, self.shuffle, self.tol
        return Settings(*s, self.schedule, self.clip_norm, self._decay() if self.solver == "adamw" else 0.0)

    def _decay(self) -> float:
        """Return what "adamw" decays the weights by."""
        if "weight_decay" not in self.get_params(deep=False):
            raise SaeError(f"{type(self).__name__} has no weight_decay, which solver='adamw' takes; use solver='adam'.")
        return checks.number("weight_decay", self.get_params(deep=False)["weight_decay"], 0)

    def _examples(self, X: Any, *, reset: bool) -> np.ndarray:
        X = super()._examples(X, reset=reset)
        if self.input_dim is not None and X.shape[1] != checks.count("input_dim", self.input_dim):
            raise SaeError(f"X has {X.shape[1]} features, and input_dim is {self.input_dim}; they must be the same.")
        return X

    def _split(self, m: int, rng: np.random.Generator) -> tuple[Any, np.ndarray | None]:
        """Return which of m examples to train on, and which are held out, or None."""
        held_out = int(np.ceil(self.validation_fraction * m))
        if not held_out:
            return slice(None), None
        if held_out >= m:
            raise SaeError(f"validation_fraction {self.validation_fraction} of {m} examples leaves none to train on.")
        order = rng.permutation(m)
        return np.sort(order[held_out:]), np.sort(order[:held_out])

    def _trained_rows(self, m: int) -> Any:
        """Return which of m examples `fit` trains on, for an int as `random_state`: what comes before may see these."""
        return self._split(m, generator(self.random_state).spawn(3)[2])[0]

    def _scaling(self, X: np.ndarray, trained: Any) -> Scaling:
        """Return the map of the range of the data: "auto" does not look at held-out examples."""
        looked_at = X[trained] if self.data_range == "auto" else X
        return scaling(looked_at, self.data_range, *self._reach())

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
        return progress(self.verbose, self._stage, self.max_iter)

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
