"""What one does with a trained autoencoder, whatever trained it: encode, decode, score, save and export."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .coders import Decoder, Encoder
from .export import as_module, write_module

FLOATS = [np.float64, np.float32]


def generator(random_state) -> np.random.Generator:
    """Return a generator: of seed s, `numpy.random.default_rng(s)` itself; of a RandomState, one drawn from it."""
    if random_state is None or isinstance(random_state, int | np.integer):
        check_random_state(random_state)  # refuses what scikit-learn refuses
        return np.random.default_rng(random_state)
    return np.random.default_rng(check_random_state(random_state).randint(2**31, size=4))


class Saved:
    """What can be written to a file."""

    def save(self, path: str | os.PathLike, **words: Any) -> None:
        """Write the fitted estimator for `sae.load`: `sae.save(path, self)`, which see. No pickle."""
        from .whole import save

        save(path, self, **words)


class Face(Saved, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """An estimator whose `fit` sets `encoder_` and `decoder_`."""

    encoder_: Encoder
    decoder_: Decoder

    def _examples(self, X: Any, *, reset: bool) -> np.ndarray:
        """Return X as finite floats, with the number and names of features as in `fit` (or, `reset`, noting them)."""
        return np.asarray(validate_data(self, X, reset=reset, dtype=FLOATS))

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

    def export_encoder(self, path: str | os.PathLike, steps: Pipeline | None = None) -> None:
        """Write the trained encoder as one Python file that needs NumPy alone; `encode(X)` there is the one here.

        It computes in float64: of float64 rows it gives the same codes to 1e-12 of the largest, of a model trained on
        float32 too; float32 rows are rounded to 1e-7 here and not there. Written whole or not at all.

        Parameters
        ----------
        path : str or path
        steps : Pipeline, optional
            Fitted steps of sae.preprocessing that X went through before; then `encode` there takes X as it was.

        Raises
        ------
        SaeError
            For a step that can't be exported, or if the file can't be written.
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        write_module(path, as_module(self.encoder_, type(self).__name__, names, steps))

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
