"""A deep network with scikit-learn's face: pretraining without labels, softmax on top, fine-tuning of the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .. import checks
from ..deep import DECAY, DeepNetwork
from ..errors import SaeError
from ..optimise import Result, State
from .classifiers import Classifier, SoftmaxClassifier
from .coders import Encoder, Layer, activation
from .face import generator
from .ranges import DataRange
from .solvers import Settings, Watch
from .stacked import StackedAutoencoder, dimensions
from .stages import given, named, progress, untrained

PRETRAINING = (
    *("hidden_dims", "sparsity_param", "beta", "weight_decay", "max_iter", "corruption", "corruption_level"),
    *("hidden_activation", "output_activation", "tol", "verbose", "callback", "data_range"),
)


@dataclass(eq=False, repr=False, kw_only=True)
class DeepClassifier(Classifier):
    """A classifier of several layers, trained as in UFLDL: rows are examples.

    `fit` has three kinds of stages: each layer as an autoencoder (StackedAutoencoder), softmax regression on the codes
    of the last layer (SoftmaxClassifier), and then all weights at once (sae.DeepNetwork), by L-BFGS each.

    - `pretrain=False` draws the layers' weights instead: the usual deep network, for comparison.
    - `fine_tune=False` stops before the last stage: softmax regression on learned (or, without `pretrain`, random)
      features.
    - Self-taught learning is `DeepClassifier((200,), fine_tune=False).fit(X, y, X_unlabelled=others)`.

    Parameters
    ----------
    hidden_dims, sparsity_param, beta, weight_decay, max_iter, corruption, corruption_level, hidden_activation, \
output_activation, data_range
        Of the pretraining, as of StackedAutoencoder: single values or one for each layer. The map of `data_range` is
        that of the examples pretrained on, and part of the classifier.
    pretrain, fine_tune : bool
    softmax_weight_decay : float
        lambda of the softmax stage and of fine-tuning.
    decay : {"softmax", "all"}
        Which weights decay in fine-tuning: those of the classes, as in UFLDL, or all.
    softmax_max_iter, fine_tune_max_iter : int
    fit_intercept : bool
        Whether the classes have a bias; UFLDL's have none.
    tol, random_state, verbose
        As of SparseAutoencoder; all stages draw from one generator.
    callback : callable, optional
        As of SparseAutoencoder; each record also has "stage": "layer 1", ..., "softmax", "fine-tuning".
        StopIteration ends that stage.

    Attributes
    ----------
    W1_, b1_, W2_, b2_, ..., W_s_, b_s_ : array
        Of the layers (units, inputs), and of the classes (k, units); in the precision of X.
    encoder_ : Encoder
        Through all layers, as they are now.
    autoencoder_ : StackedAutoencoder
        The layers as they were before fine-tuning (as drawn, without `pretrain`).
    softmax_ : SoftmaxClassifier
        The softmax regression on their codes (as drawn, with fine_tune=True and without `pretrain`).
    pretrained_ : Pipeline
        Both, the classifier before fine-tuning: `pretrained_.score(X, y)`.
    classes_ : (k,) array
    stages_ : dict of str to Stage
        "layer 1", ..., "softmax", "fine-tuning": `.n_iter`, `.history`, `.loss_curve`, `.stop_reason`.
    n_iter_ : int
        Iterations of all stages together.
    loss_curve_ : dict of str to list of float
        J of each stage's records.
    stop_reason_ : str
        Why the last stage stopped. Ctrl-C ends the training: the stage at hand keeps the best so far, later ones are
        left out, and this says so.
    n_features_in_, feature_names_in_
        As in all of scikit-learn.

    References
    ----------
    UFLDL tutorial, "Building Deep Networks for Classification", "Self-Taught Learning" and "Fine-tuning Stacked AEs".
    """

    hidden_dims: Sequence[int] = field(default=(200, 200), kw_only=False)
    sparsity_param: float | Sequence[float] = 0.1
    beta: float | Sequence[float] = 3.0
    weight_decay: float | Sequence[float] = 3e-3
    max_iter: int | Sequence[int] = 400
    corruption: Literal["masking", "gaussian", "salt_and_pepper"] | None = None
    corruption_level: float | Sequence[float] = 0.3
    hidden_activation: str = "sigmoid"
    output_activation: str = "sigmoid"
    pretrain: bool = True
    fine_tune: bool = True
    softmax_weight_decay: float = 1e-4
    decay: Literal["softmax", "all"] = "softmax"
    softmax_max_iter: int = 400
    fine_tune_max_iter: int = 400
    fit_intercept: bool = True
    tol: float = 1e-9
    random_state: Any = None
    verbose: int = 0
    callback: Callable[[State], object] | None = None
    data_range: DataRange = "auto"

    def fit(self, X, y, X_unlabelled=None):
        """Train on X (m, n), examples as rows, with their labels y (m,), of any kind.

        Parameters
        ----------
        X, y : (m, n), (m,) array
        X_unlabelled : (m', n) array, optional
            The examples to pretrain on instead of X; `np.concatenate` makes it both.

        Raises
        ------
        SaeError
            A ValueError, for parameters and data that can't be used, one class alone among them.
        TrainingError
            An SaeError, if J can't be evaluated on the way.
        """
        autoencoder, softmax = self._autoencoder(), self._softmax()
        layers, settings, tuning = autoencoder._layers(), softmax._settings(), self._settings()
        X, y = self._labelled(X, y)
        others = X if X_unlabelled is None else self._unlabelled(X_unlabelled)
        rng = generator(self.random_state)

        others = autoencoder._examples(others, reset=True)
        stages = autoencoder._train(layers, others, rng, start_only=not self.pretrain)
        codes = softmax._features(autoencoder.encoder_.encode(X), reset=True)
        softmax.classes_ = self.classes_
        skip = bool(stages.interrupted) or (self.fine_tune and not self.pretrain)
        stages.add("softmax", softmax._train(codes, y, settings, rng, start_only=skip))
        self.autoencoder_, self.softmax_ = autoencoder, softmax
        skip = bool(stages.interrupted) or not self.fine_tune
        stages.add("fine-tuning", self._fine_tune(X, y, tuning, rng, start_only=skip))

        self.stages_, self.n_iter_, self.stop_reason_ = stages, stages.n_iter, stages.stop_reason
        self.loss_curve_ = {name: stage.loss_curve for name, stage in stages.items()}
        return self

    def _autoencoder(self) -> StackedAutoencoder:
        return StackedAutoencoder(**{name: getattr(self, name) for name in PRETRAINING})

    def _reach(self) -> tuple[tuple[float, float], str]:
        """Return the range of the lowest decoder and the name of its activation."""
        return self._autoencoder()._reach()

    def _softmax(self) -> SoftmaxClassifier:
        return SoftmaxClassifier(
            self.softmax_weight_decay,
            fit_intercept=self.fit_intercept,
            max_iter=self.softmax_max_iter,
            tol=self.tol,
            verbose=self.verbose,
            callback=named("softmax", self.callback),
        )

    def _settings(self) -> Settings:
        checks.one_of("decay", self.decay, DECAY)
        return Settings("lbfgs", 1.0, self.fine_tune_max_iter, 1, False, self.tol)

    def _unlabelled(self, X) -> np.ndarray:
        if not self.pretrain:
            raise SaeError("X_unlabelled is for pretraining, and pretrain is False; leave one of them out.")
        return self._features(X, reset=False)

    def _network(self, x: np.ndarray, y: np.ndarray) -> DeepNetwork:
        return DeepNetwork(
            x.T,
            y,
            dimensions(self.hidden_dims),
            lam=self.softmax_weight_decay,
            decay=self.decay,
            f=activation(self.hidden_activation, "hidden_activation"),
            n_classes=len(self.classes_),
            bias=bool(self.fit_intercept),
            dtype=x.dtype.name,
        )

    def _fine_tune(self, X, y, settings: Settings, rng: np.random.Generator, *, start_only: bool) -> Result:
        """Set the parameters: those of the earlier stages, trained on or not."""
        scaling = self.autoencoder_.encoder_.scaling
        network = self._network(scaling.forward(X), y)
        hidden = [(layer.W, layer.b) for layer in self.autoencoder_.encoder_.layers]
        b_s = self.softmax_.intercept_ if self.fit_intercept else None
        result = untrained(network.stack(hidden, self.softmax_.coef_, b_s).astype(np.float64))
        if not start_only:
            with progress(self.verbose, "fine-tuning", self.fine_tune_max_iter) as shown:
                own = named("fine-tuning", self.callback)
                result = Watch(network, None, None, self.tol, given(shown, own)).run(result.theta, settings, rng)
        parts = dict(zip(network.layout.names, network.layout.unpack(result.theta), strict=True))
        parts.setdefault("b_s", np.zeros(len(self.classes_)))
        self._take({name: part.astype(X.dtype) for name, part in parts.items()}, scaling)
        return result

    def _take(self, parts: dict[str, np.ndarray], scaling) -> None:
        for name in [name for name in vars(self) if name[0] in "Wb" and name[-1] == "_"]:
            delattr(self, name)  # of an earlier fit with more layers
        for name, part in parts.items():
            setattr(self, f"{name}_", part)
        depth = len(parts) // 2 - 1
        layers = [Layer(parts[f"W{l}"], parts[f"b{l}"], self.hidden_activation) for l in range(1, depth + 1)]
        self.encoder_, self._top = Encoder(scaling, tuple(layers)), Layer(parts["W_s"], parts["b_s"], "softmax")

    @property
    def pretrained_(self) -> Pipeline:
        """The classifier before fine-tuning; a model file does not keep it."""
        check_is_fitted(self, ("autoencoder_", "softmax_"))
        return Pipeline([("autoencoder", self.autoencoder_), ("softmax", self.softmax_)])

    def encode(self, X, depth: int | None = None) -> np.ndarray:
        """Return the codes (m, units) of examples X (m, n) after `depth` layers, of the last one unless given."""
        X = self._examples(X)
        return self.encoder_.up_to(depth).encode(X)

    def _z(self, X: np.ndarray) -> np.ndarray:
        return self._top.W @ self.encoder_.encode(X).T + self._top.b[:, None]
