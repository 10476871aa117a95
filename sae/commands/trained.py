"""What a trained model does with data as they are in files: the work of encode, decode, reconstruct, anomalies."""

from __future__ import annotations

import csv
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import checks
from .. import data as tables
from ..errors import SaeError
from ..estimators import AnomalyDetector, files
from ..estimators.base import BaseAutoencoder
from ..preprocessing import PatchExtractor
from . import steps
from .options import header_of


@dataclass(frozen=True)
class Use:
    """A model, the rows (m, n) of some data, and what there is to say about the two."""

    trained: files.Trained
    rows: np.ndarray
    names: tuple[str, ...] | None
    shape: tuple[int, ...] | None
    notes: tuple[str, ...]

    def before(self) -> np.ndarray:
        """Return the rows as the network sees them, but for the map of their range."""
        pipeline = self.trained.steps
        return self.rows if pipeline is None else pipeline.transform(self.rows)

    def encode(self) -> np.ndarray:
        """Return the codes, (m, hidden)."""
        return self.trained.estimator.encode(self.before())

    def reconstruct(self) -> np.ndarray:
        """Return the reconstructions, (m, n), in the units of the data."""
        return steps.there_and_back(self.trained.steps, self.rows, self.trained.estimator.reconstruct)

    def outside(self) -> tuple[str, ...]:
        """Say how many values lie where no example of the training did, which a decoder can't reach."""
        scaling, X = self.trained.estimator.encoder_.scaling, self.before()
        if not np.isfinite([scaling.a, scaling.b]).any():
            return ()
        low, high = X.dtype.type(scaling.low), X.dtype.type(scaling.high)
        count = int(((low > X) | (high < X)).sum())
        where = f"[{scaling.low:g}, {scaling.high:g}], the range that the decoder reaches"
        beyond = f"{count} of {X.size} values, as preprocessed, lie outside {where}; they can't be reconstructed"
        return (beyond,) if count else ()


def open_model(path: Path) -> files.Trained:
    """Read a model of `sae train`, or the one in the folder of a run."""
    trained = files.load(path / "model.safetensors" if path.is_dir() else path)
    if not isinstance(trained.estimator, BaseAutoencoder):
        raise SaeError(
            f"{path} holds a {type(trained.estimator).__name__}; these commands take an autoencoder of `sae train`. "
            "In Python, sae.load(path) is ready for use."
        )
    return trained


def use(model: Path, data: str, header: str = "auto", array: str | None = None) -> Use:
    """Read both and see that they go together.

    Raises
    ------
    SaeError
        If either can't be read, or the data have other features than the model.
    """
    trained = open_model(model)
    found = tables.read(data, header=header_of(header), name=array)
    settings = trained.model.about.get("settings")
    notes = found.notes
    if settings is not None:
        found, notes = _as_patches(found, settings, trained)
    n, expected = len(found.X), trained.n_features
    if n != expected:
        raise SaeError(
            f"{found.source.split(' (')[0]} has {n} features an example; {model} was trained with {expected}. "
            f"Give data with the same {expected}, in the same order."
        )
    _same_names(found.names, trained.model.feature_names, data)
    return Use(trained, found.X.T, found.names, found.shape, notes)


def _as_patches(found: tables.Data, settings: dict[str, Any], trained: files.Trained) -> tuple[tables.Data, Any]:
    """Return pictures as the patches that a model of photographs takes, and notes; patches as they are."""
    side, whitened = settings["side"], settings["whitening"] == "fourier"
    if found.shape is None or len(found.shape) != 2 or found.shape == (side, side):
        words = "whitened as the photographs were" if whitened else "of the photographs"
        words = f"taken for patches {words}, raw" if trained.steps else "taken for patches as the training saw them"
        return found, (*found.notes, f"the rows are {words}")
    images = found.X.T.reshape(-1, *found.shape)
    if whitened:
        images = np.stack([tables.whiten(image, settings["f0"]) for image in images])
    extractor = PatchExtractor(side, stride=side).fit(images)
    patches, count = extractor.transform(images), extractor.patches_per_image_
    how = f"{'whitened, then ' * whitened}cut into {count} patches of {side} x {side} each, row by row"
    return replace(found, X=patches.T, shape=(side, side)), (*found.notes, f"pictures are {how}: a row is a patch")


def _same_names(found, expected, data) -> None:
    if found is None or expected is None or found == tuple(expected):
        return
    i = next(i for i, (a, b) in enumerate(zip(found, expected, strict=True)) if a != b)
    raise SaeError(
        f"column {i + 1} of {data} is {found[i]!r}; the model was trained with {expected[i]!r} there. Put the columns "
        "in the order of the training."
    )


def decode(model: Path, data: str, header: str = "auto", array: str | None = None) -> tuple[np.ndarray, Any, list[str]]:
    """Return what codes decode to, in the units of the data, its names, and notes."""
    trained, codes = open_model(model), tables.read(data, header=header_of(header), name=array)
    hidden = trained.estimator.decoder_.layers[0].W.shape[1]
    if len(codes.X) != hidden:
        raise SaeError(f"{data} has {len(codes.X)} numbers a row; expected codes of {model}, which have {hidden}.")
    X, notes = trained.estimator.decode(codes.X.T), list(codes.notes)
    X = X if trained.steps is None else trained.steps.inverse_transform(X)
    if steps.loses_means(trained.steps):
        notes.append("each example's own mean was taken away before the training; codes do not tell it, so it is 0")
    return X, trained.model.feature_names, notes


def anomalies(found: Use, reference: Use | None, contamination: float) -> dict[str, np.ndarray]:
    """Return error, distance from the threshold, -1 or 1, and the worst column of each example."""
    normal = found if reference is None else reference
    contamination = checks.number("--contamination", contamination, np.nextafter(0, 1), 0.5)
    detector = AnomalyDetector(contamination=contamination)
    detector.autoencoder_ = found.trained.estimator
    detector.offset_ = float(np.percentile(detector.score_samples(normal.before()), 100 * contamination))
    X = found.before()
    return {
        "error": detector.errors(X),
        "decision": detector.decision_function(X),
        "prediction": detector.predict(X).astype(float),
        "worst column": detector.feature_errors(X).argmax(axis=1) + 1.0,
    }


def write(out: str, rows: np.ndarray, names: tuple[str, ...] | None) -> None:
    """Write rows to .npy or .csv, or as text to standard output for "-"; names are the first line of text."""
    if out != "-":
        names = tuple(names) if names is not None and Path(out).suffix.lower() == ".csv" else None
        tables.write(out, rows.T, names=names)
        return
    try:
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerows([] if names is None else [names])
        table.writerows(row.tolist() for row in rows)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or what is left would be tried again at the end
        if not isinstance(error, BrokenPipeError):  # there the reader has seen enough: sae encode ... | head
            raise SaeError(f"can't write to standard output ({error.strerror}); what is there is not whole.") from error
