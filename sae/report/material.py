"""The examples of a run, read or drawn anew: those it was trained on, or a reason why they can't be had."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from .. import data as tables
from ..commands.options import header_of, shape_of
from ..commands.steps import there_and_back
from ..errors import SaeError
from ..estimators.face import generator
from ..estimators.files import Trained
from ..experiment import Experiment
from ..model_file import Model
from .run import RunFolder


@dataclass(frozen=True)
class Material:
    """Examples as they were before any preprocessing.

    Attributes
    ----------
    rows : (m, n) array or None
    why : str
        Why there are none.
    shape : (height, width) or None
        What a row is as a picture.
    names : tuple of str or None
        The features.
    said : str
        Where they are from.
    """

    rows: np.ndarray | None
    why: str = ""
    shape: tuple[int, ...] | None = None
    names: tuple[str, ...] | None = None
    said: str = ""


def material(run: RunFolder) -> Material:
    """Return the examples of a run; nothing is raised, the reason is in the answer."""
    if run.model is None:
        return Material(None, "there is no model to tell which data it was trained on.")
    try:
        return _photographs(run.model) if run.of_photographs else _file(run, run.model)
    except (SaeError, TypeError) as error:
        shape, names = _known(run)
        return Material(None, str(error), shape, names)


def experiment_of(model: Model) -> Experiment:
    """Return the experiment on photographs that a model says it is from.

    Raises
    ------
    SaeError
        If it says nothing, something that is no experiment, or one with other shapes than the model's.
    """
    settings: Any = model.about.get("settings")
    if not isinstance(settings, dict):
        raise SaeError("the model does not say which experiment it is from; expected its settings.")
    if unknown := set(settings) - {field.name for field in fields(Experiment)}:
        raise SaeError(f"the model's settings hold {min(unknown)!r:.60}, which is no setting of an experiment.")
    try:
        images = tuple(settings.get("images", Experiment.images))  # a list in JSON
        experiment = Experiment(**{**settings, "images": images})
    except TypeError as error:
        raise SaeError(f"the model's settings are of the wrong kinds ({error}).") from error
    n, n_hidden = experiment.side**2, experiment.hidden
    if (found := model.layout.shapes.get("W1")) != (n_hidden, n):
        raise SaeError(f"the model's W1 has shape {found}; its settings say {(n_hidden, n)}.")
    return experiment


def _photographs(model: Model) -> Material:
    experiment = experiment_of(model)
    try:
        X = (
            experiment.raw(experiment.load_images())
            if model.preprocessing
            else experiment.sample(experiment.load_images())
        )
    except TypeError as error:
        raise SaeError(f"the model's settings are of the wrong kinds ({error}).") from error
    side = experiment.side
    whitened = "whitened " if experiment.whitening == "fourier" else ""
    said = f"{experiment.patches} patches of {side} x {side} of {len(experiment.images)} {whitened}photographs"
    return Material(X.T, "", (side, side), None, f"{said}, drawn again from the same seed")


def _known(run: RunFolder) -> tuple[tuple[int, ...] | None, tuple[str, ...] | None]:
    """Return shape and names as far as the folder itself tells them."""
    try:
        shape = shape_of((run.config or {}).get("shape"))
    except (SaeError, TypeError):
        shape = None
    return shape, None if run.model is None else run.model.feature_names


def _file(run: RunFolder, model: Model) -> Material:
    if run.trained is None:
        raise SaeError("the model's description is not that of an autoencoder that is known here.")
    if run.config is None:
        raise SaeError("config.toml, which names the data file, is missing or can't be read.")
    path = _where(run, run.config.get("data"))
    known = model.provenance.get("data")
    expected = known.get("sha256") if isinstance(known, dict) else None
    header, shape = header_of(str(run.config.get("header", "auto"))), shape_of(run.config.get("shape"))
    found = tables.read(path, header=header, name=run.config.get("array"), shape=shape)
    if found.digest != expected:
        raise SaeError(f"{path} is not what it was at the training: its SHA-256 differs.")
    n = run.trained.n_features
    if len(found.X) != n:
        raise SaeError(f"{path} has {len(found.X)} features an example; the model takes {n}.")
    names = found.names or model.feature_names
    return Material(found.X.T, "", found.shape, names, f"{found.source}; its SHA-256 is that of the training")


def _where(run: RunFolder, name: Any) -> Path:
    """Return where the data file is now: as the training called it, from here or from beside the run."""
    if not isinstance(name, str) or not name:
        raise SaeError("config.toml does not say which data the training used.")
    if name == "-":
        raise SaeError("the training read its data from a pipe, which can't be read again.")
    places = [Path(name), run.path.resolve().parent / name]
    for path in places:
        if path.is_file() or path.is_dir():
            return path
    raise SaeError(f"{name}, the data of the training, is not there any more (looked here and beside the run).")


@dataclass(frozen=True)
class Examples:
    """The rows of the material as the training divided them."""

    trained: Trained
    rows: np.ndarray
    train: np.ndarray  # row numbers
    held_out: np.ndarray | None
    noise: np.random.Generator

    def seen(self, which: np.ndarray) -> np.ndarray:
        """Return rows as the objective takes them: after preprocessing and the map of their range."""
        return self.trained.estimator.encoder_.scaling.forward(self.before(which))

    def before(self, which: np.ndarray) -> np.ndarray:
        """Return rows after the preprocessing."""
        steps, rows = self.trained.steps, self.rows[which]
        return rows if steps is None else steps.transform(rows)

    def through(self, which: np.ndarray, network: Any) -> np.ndarray:
        """Return rows through the preprocessing, `network`, and back into the units of the data."""
        return there_and_back(self.trained.steps, self.rows[which], network)


def examples(trained: Trained, rows: np.ndarray) -> Examples:
    """Divide the rows as `fit` did, from the same seed."""
    estimator = trained.estimator
    noise, _, split = generator(estimator.random_state).spawn(3)
    train, held_out = estimator._split(len(rows), split)
    return Examples(trained, rows, np.arange(len(rows))[train], held_out, noise)
