"""The UFLDL experiment: photographs, patches, a sparse autoencoder, L-BFGS, pictures. What `sae train` runs."""

from __future__ import annotations

import csv
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from . import checks, model_file
from .activations import identity, sigmoid
from .autoencoder import Autoencoder
from .checkpoint import Resumed
from .data import PHOTOGRAPHS, normalize_patches, photographs, sample_patches, whiten
from .files import writing
from .filters import HALF_WIDTH, ORIENTED, orientation
from .optimise import MAX_PAIRS, Result, State, minimize_lbfgs
from .plots import plot_activations, plot_filters, plot_history, plot_reconstructions
from .preprocessing import PatchNormalizer

DECODERS = {"sigmoid": sigmoid, "linear": identity}
FILES = (
    "filters.png",
    "history.png",
    "activations.png",
    "reconstructions.png",
    "history.csv",
    "config.toml",
    "model.safetensors",
)


@dataclass(frozen=True)
class Experiment:
    """Settings of a run, by default those of UFLDL's exercise "Sparse Autoencoder" on scikit-image's photographs."""

    images: tuple[str, ...] = PHOTOGRAPHS
    whitening: str = "fourier"
    f0: float = 0.4
    patches: int = 10_000
    side: int = 8
    remove_mean: bool = True
    clip: float = 3.0
    low: float = 0.1
    high: float = 0.9
    hidden: int = 25
    decoder: str = "sigmoid"
    rho: float = 0.01
    lam: float = 1e-4
    beta: float = 3.0
    init_radius: float | None = None
    iterations: int = 400
    ftol: float = 1e-12
    gtol: float = 1e-8
    max_pairs: int = 20
    seed: int = 0
    engine: str = "numba"
    dtype: str = "float64"

    def __post_init__(self):
        """Refuse what can't work before any work is done."""
        for name in ("patches", "side", "hidden", "iterations"):
            checks.count(name, getattr(self, name))
        checks.count("max_pairs", self.max_pairs, 1, MAX_PAIRS)
        checks.count("seed", self.seed, 0)
        for name in ("f0", "clip", "init_radius"):
            if getattr(self, name) is not None:
                checks.number(name, getattr(self, name), 0, 1e100, open_ends=True)
        for name in ("lam", "beta", "ftol", "gtol"):
            checks.number(name, getattr(self, name), 0)
        checks.number("rho", self.rho, 0, 1, open_ends=True)
        for name in self.images:
            checks.one_of("images", name, PHOTOGRAPHS)
        checks.one_of("whitening", self.whitening, ("fourier", "none"))
        checks.one_of("decoder", self.decoder, DECODERS)

    def load_images(self) -> list[np.ndarray]:
        """Return the photographs, whitened unless that is off."""
        images = photographs(self.images)
        return [whiten(image, self.f0) for image in images] if self.whitening == "fourier" else images

    def raw(self, images: list[np.ndarray]) -> np.ndarray:
        """Return the patches for training before they are normalized, (side * side, patches)."""
        return sample_patches(images, self.patches, self.side, self.rng(0))

    def sample(self, images: list[np.ndarray]) -> np.ndarray:
        """Return the patches for training, (side * side, patches)."""
        X = self.raw(images)
        return normalize_patches(X, remove_mean=self.remove_mean, clip=self.clip, low=self.low, high=self.high)

    def normalizer(self, images: list[np.ndarray]) -> PatchNormalizer:
        """Return what normalizes the patches of `sample`, with their sigma, for patches that come later."""
        X = self.raw(images)
        return PatchNormalizer(clip=self.clip, low=self.low, high=self.high, remove_mean=self.remove_mean).fit(X.T)

    def objective(self, X: np.ndarray, threads: int | None = None) -> Autoencoder:
        """Return J on X."""
        return Autoencoder(
            X,
            self.hidden,
            lam=self.lam,
            rho=self.rho,
            beta=self.beta,
            g=DECODERS[self.decoder],
            engine=self.engine,
            dtype=self.dtype,
            threads=threads,
        )

    def train(
        self, objective: Autoencoder, callback: Callable[[State], object] | None = None, after: Resumed | None = None
    ) -> Result:
        """Minimise J from a random start, or go on from a checkpoint."""
        return minimize_lbfgs(
            objective,
            after or objective.init(self.rng(1), self.init_radius),
            max_iter=self.iterations,
            ftol=self.ftol,
            gtol=self.gtol,
            max_pairs=self.max_pairs,
            callback=callback,
        )

    def about(self) -> dict[str, Any]:
        """Return what a model file says of it."""
        return {"settings": asdict(self), **_versions()}

    def rng(self, stream: int) -> np.random.Generator:
        """Return a generator for the patches (0), the weights (1), the examples shown (2) or other patches (3)."""
        return np.random.default_rng([self.seed, stream])


@dataclass
class Run:
    """A finished (or interrupted) experiment; the normalizer of its patches is written into the model."""

    experiment: Experiment
    objective: Autoencoder
    result: Result
    normalizer: PatchNormalizer | None = None
    W1: np.ndarray = field(init=False)
    rho_hat: np.ndarray = field(init=False)

    def __post_init__(self):
        self.W1 = self.objective.layout.unpack(self.result.theta)[0]
        self.rho_hat = self.objective.rho_hat(self.result.theta)

    @property
    def costs(self) -> dict[str, float]:
        """The addends of J at the end."""
        return {term.name: self.result.history[-1][term.name] for term in self.objective.terms}

    @property
    def oriented(self) -> str:
        """How many filters are oriented, as a sentence."""
        norms = np.linalg.norm(self.W1, axis=1)
        a2 = self.objective.encode(self.result.theta, self.objective.X)
        constant = a2.std(axis=1) < a2.mean(axis=1) / 100  # detects nothing, whatever its filter looks like
        count = int(((orientation(self.W1) >= ORIENTED) & ~constant).sum())
        dead = f"; {constant.sum()} units answer the same to every patch and do not count" if constant.any() else ""
        return (
            f"{count} of {len(self.W1)} filters are oriented: {ORIENTED:.0%} of the energy or more within "
            f"+-{HALF_WIDTH:g} degrees; norms {norms.min():.3g} to {norms.max():.3g}{dead}"
        )

    def write(self, folder: Path, about: dict[str, Any]) -> None:
        """Write `FILES` into the folder, but for config.toml, which the command line writes."""
        theta, X = self.result.theta, self.objective.X
        about = {**self.experiment.about(), "message": self.result.message, **about}
        normalizer = self.normalizer
        steps = [] if normalizer is None else [{"step": "patches", **normalizer.describe(), **normalizer.to_arrays()}]
        model_file.save(folder / "model.safetensors", theta, self.objective.layout, about, preprocessing=steps)
        with writing(folder / "history.csv") as temporary, temporary.open("w", newline="") as file:
            table = csv.DictWriter(file, self.result.history[0])
            table.writeheader()
            table.writerows(self.result.history)
        shown = X[:, self.experiment.rng(2).permutation(X.shape[1])[:32]]
        shown = shown[:, np.argsort(-shown.std(axis=0))]
        figures = {
            "filters.png": plot_filters(self.W1),
            "history.png": plot_history(self.result.history),
            "activations.png": plot_activations(self.rho_hat, self.experiment.rho),
            "reconstructions.png": plot_reconstructions(
                shown,
                self.objective.reconstruct(theta, shown),
                title="Patches drawn at random, strongest contrast first, each above its reconstruction",
            ),
        }
        for name, figure in figures.items():
            with writing(folder / name) as temporary:
                figure.savefig(temporary, dpi=110, metadata={"Software": None})


def _versions() -> dict[str, str]:
    packages = ("sae", "numpy", "scipy", "numba", "scikit-image")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
