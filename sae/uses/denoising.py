"""Denoising: photographs with normal noise, and with salt and pepper, restored by what learned from other photographs.

The autoencoders and PCA see a photograph as all its overlapping patches of 8 x 8 pixels: each is restored by itself,
without its mean, which is added again, and a pixel is the mean of the patches that it is in (sae/studies/denoising.py).

- The *denoising* autoencoder is trained on pairs, a corrupted patch and the clean one, for each noise anew. The mean
  subtracted from both is that of the corrupted one: the clean one's is not known later. (That, and pixels that turn
  white or black before it, is why these are not `DenoisingAutoencoder`'s own pairs.)
- The *sparse* autoencoder is trained to copy clean patches, whatever the noise will be, with ReLU units and the L1
  penalty: what is small is not coded at all, as with thresholds. (Sigmoid units with the KL penalty let more noise
  through.)
- PCA keeps the first components of clean patches.
- Wavelets (BayesShrink or VisuShrink, averaged over shifted copies), total variation and the median filter learn
  nothing; they work on the photograph as a whole.

All may know the noise. What has to be chosen (sparsity, components, wavelet, threshold, weight, window) is chosen by
the mean PSNR on the middles of two validation photographs, for each noise and in each repetition. The two measures,
PSNR and SSIM, are means over two whole test photographs; a repetition has other ones. Nothing is clipped.

Sources: P. Vincent et al., "Stacked denoising autoencoders", JMLR 11 (2010); H. C. Burger, C. J. Schuler, S. Harmeling,
"Image denoising: can plain neural networks compete with BM3D?", CVPR 2012 (patches, overlapping and averaged); S. G.
Chang, B. Yu, M. Vetterli, "Adaptive wavelet thresholding", IEEE Transactions on Image Processing 9 (2000)
(BayesShrink); R. Coifman and D. Donoho, "Translation-invariant de-noising" (1995) (the shifts); A. Chambolle, "An
algorithm for total variation minimization and applications" (2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import median_filter
from skimage.restoration import denoise_tv_chambolle, denoise_wavelet
from sklearn.decomposition import PCA

from ..activations import relu
from ..data.corruption import gaussian, salt_and_pepper
from ..data.patches import sample_patches
from ..data.sets import cite, package
from ..estimators import SparseAutoencoder
from ..studies.denoising import by_patches, pairs, quality, restore
from ..terms import SquaredError, WeightDecay
from .denoising_plots import plot_denoised
from .pictures import ORDER, SIDE, Photographs, load, middle, split
from .use import Measure, Outcome, Setting, best_of, compared, difference, find, gather

TITLE = "Denoising photographs: by overlapping patches, and by what sees the whole"
NEEDS = "scikit-image's photographs; PyWavelets for the wavelets"
OURS = ("denoising autoencoder", "sparse autoencoder")
PSNR, SSIM = "PSNR / dB", "SSIM"
SPARSE = (1.5, 3.0, 4.5, 6.0)  # beta to choose from: the weight of the L1 penalty
COMPONENTS = (4, 6, 8, 12, 16, 24, 32, 48)
WAVELETS = [
    (wavelet, method, mode, factor)  # factor: of the noise's standard deviation, which sets the threshold
    for wavelet in ("db2", "sym4")
    for method, mode, factors in (("BayesShrink", "soft", (1.0, 1.2, 1.5)), ("VisuShrink", "hard", (0.8,)))
    for factor in factors
]
LEVELS = 4
SHIFTS = 3  # in both directions, so nine copies
WEIGHTS = (0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4)  # of total variation
WINDOWS = (3, 5, 7)  # of the median filter

Restorer = Callable[[np.ndarray], np.ndarray]


class Noise(NamedTuple):
    """A noise on photographs in [0, 1]: its standard deviation, or the share of pixels that turn white or black."""

    task: str
    kind: str
    level: float

    def on(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a noisy copy."""
        corrupt = gaussian if self.kind == "gaussian" else salt_and_pepper
        return corrupt(image, self.level, rng)


NOISES = (
    Noise("sigma 15", "gaussian", 15 / 255),
    Noise("sigma 25", "gaussian", 25 / 255),
    Noise("sigma 50", "gaussian", 50 / 255),
    Noise("salt and pepper 10 %", "salt_and_pepper", 0.1),
)
SHOWN = NOISES[1]  # in the picture, and the headline
PART = np.s_[90:178, 228:316]  # of the camera, in the picture


class Pair(NamedTuple):
    """A photograph and its noisy copy."""

    clean: np.ndarray
    noisy: np.ndarray


@dataclass(frozen=True)
class Plan:
    """The sizes."""

    noises: Sequence[Noise] = NOISES
    patches: int = 12_000
    hidden: int = 128  # units of the denoising autoencoder
    pairs: int = 8000  # as many of the patches
    iterations: int = 150
    epochs: int = 20  # of the sparse autoencoder
    choose_by: int = 128  # pixels of the middles of validation photographs
    every: int = 1  # one in so many of the candidates is tried


QUICK = Plan(
    (NOISES[1], NOISES[3]), patches=4000, pairs=2000, hidden=32, iterations=60, epochs=10, choose_by=48, every=3
)


def run(setting: Setting) -> Outcome:
    """Restore the test photographs with all methods; draw a part of one."""
    plan, found = (QUICK if setting.quick else Plan()), load(setting)
    package("pywt", "the wavelets of scikit-image take")
    shown: dict[str, np.ndarray] = {}
    measures = gather(setting.repeat(lambda k: dict(repetition(setting, plan, split(found.images, k), k, shown))))
    return Outcome(
        use="denoising",
        data=cite(found),
        measures=measures,
        ours=OURS,
        headline=(SHOWN.task, PSNR),
        settings={
            "training patches": plan.patches,
            "pairs": plan.pairs,
            "hidden units": plan.hidden,
            "iterations of L-BFGS (denoising)": plan.iterations,
            "epochs of Adam (sparse)": plan.epochs,
        },
        figure=plot_denoised(shown, f"{ORDER[0]}, {SHOWN.task}", np.s_[:, :] if setting.quick else PART),
        verdict=verdict(measures, plan),
    )


def repetition(setting: Setting, plan: Plan, photographs: Photographs, k: int, shown: dict):
    """Return the numbers of one split, as ((task, method, what), number); put what is drawn into `shown`."""
    rng = setting.rng(0, k)
    X = sample_patches(photographs.train, plan.patches, SIDE, rng)
    learned = learn(setting, plan, X, k)
    few = [middle(image, plan.choose_by) for image in photographs.validation]
    numbers = []
    for noise in plan.noises:
        validation, test = ([Pair(x, noise.on(x, rng)) for x in images] for images in (few, photographs.test))
        candidates = untrained(plan, validation) | learned | {OURS[0]: [denoiser(setting, plan, X, noise, k)]}
        for method, several in {"noisy": [np.copy], **candidates}.items():
            chosen = choose(several, validation)
            restored = [chosen(pair.noisy) for pair in test]
            found = [quality(pair.clean, image) for pair, image in zip(test, restored, strict=True)]
            for what, name in ((PSNR, "psnr"), (SSIM, "ssim")):
                numbers.append(((noise.task, method, what), np.mean([one[name] for one in found])))
            if noise == SHOWN and k == 0:
                shown.setdefault("clean", test[0].clean)
                shown[method] = restored[0]
    return numbers


def choose(several: Sequence[Restorer], seen: Sequence[Pair]) -> Restorer:
    """Return the candidate with the best mean PSNR."""
    if len(several) == 1:
        return several[0]
    return max(
        several, key=lambda restore: np.mean([quality(pair.clean, restore(pair.noisy))["psnr"] for pair in seen])
    )


def untrained(plan: Plan, seen: Sequence[Pair]) -> dict[str, list[Restorer]]:
    """Return what learns nothing; the noise's standard deviation is that of the validation pairs."""
    sigma = float(np.sqrt(np.mean([(pair.noisy - pair.clean) ** 2 for pair in seen])))
    return {
        "median filter": [partial(median_filter, size=size) for size in WINDOWS[:: plan.every]],
        "wavelets": [
            partial(wavelets, sigma=f * sigma, wavelet=w, method=by, mode=how)
            for w, by, how, f in WAVELETS[:: plan.every]
        ],
        "total variation": [partial(denoise_tv_chambolle, weight=weight) for weight in WEIGHTS[:: plan.every]],
    }


def wavelets(image: np.ndarray, wavelet: str, **settings: Any) -> np.ndarray:
    """Return the mean of what wavelets make of shifted copies, shifted back (Coifman and Donoho).

    As many levels as a small image has room for, at most `LEVELS`: scikit-image's default depends on the size, so that
    what is best on a part would not be on the whole.
    """
    pywt = package("pywt", "the wavelets of scikit-image take")
    levels = min(LEVELS, pywt.dwt_max_level(min(image.shape), wavelet))
    back = []
    for i, j in product(range(SHIFTS), repeat=2):
        moved = np.roll(image, (i, j), (0, 1))
        restored = denoise_wavelet(moved, wavelet=wavelet, wavelet_levels=levels, **settings)
        back.append(np.roll(restored, (-i, -j), (0, 1)))
    return np.mean(back, axis=0)


def learn(setting: Setting, plan: Plan, X: np.ndarray, k: int) -> dict[str, list[Restorer]]:
    """Return what learns from clean patches X, columns, whatever the noise."""
    X = X - X.mean(axis=0)
    pca: Any = PCA(max(COMPONENTS)).fit(X.T)
    axes = pca.components_  # the mean of patches without their means is about 0: left out
    return {
        "PCA": [
            partial(by_patches, side=SIDE, f=partial(project, axes[:count])) for count in COMPONENTS[:: plan.every]
        ],
        OURS[1]: [sparse(setting, plan, X, beta, k) for beta in SPARSE[:: plan.every]],
    }


def project(U: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return patches X, columns, as far as the orthonormal rows of U express them."""
    return U.T @ (U @ X)


def sparse(setting: Setting, plan: Plan, X: np.ndarray, beta: float, k: int) -> Restorer:
    """Return the restorer by a sparse autoencoder, trained to copy patches X, columns, in float32."""
    scale = float(X.std())
    model = SparseAutoencoder(
        plan.hidden,
        penalty="l1",
        beta=beta,
        weight_decay=1e-3,
        hidden_activation="relu",
        output_activation="identity",
        solver="adam",
        learning_rate=0.003,
        schedule="cosine",
        max_iter=plan.epochs,
        random_state=setting.random_state(1, k),
    )
    setting.fit(f"{OURS[1]}, beta {beta:g}", model, (X / scale).T.astype(np.float32))
    return partial(by_patches, side=SIDE, f=lambda x: scale * model.reconstruct((x / scale).T.astype(np.float32)).T)


def denoiser(setting: Setting, plan: Plan, X: np.ndarray, noise: Noise, k: int) -> Restorer:
    """Return the denoising autoencoder for this noise, trained on clean patches X, columns, and noisy copies."""
    X = X[:, : plan.pairs]
    objective, scale = pairs(noise.on(X, setting.rng(2, k)), X, plan.hidden, [SquaredError(), WeightDecay(1e-4)], relu)
    start = objective.init(setting.rng(3, k))
    theta = setting.train(f"{OURS[0]}, {noise.task}", objective, start, plan.iterations).theta
    return partial(restore, objective=objective, theta=theta, side=SIDE, scale=scale)


def verdict(measures: list[Measure], plan: Plan) -> str:
    """Return who wins at which noise, with the numbers."""
    others = {noise.task: best_of(measures, noise.task, PSNR, without=OURS) for noise in plan.noises}
    denoising, copying = (
        compared(
            [(task, by.method, difference(find(measures, task, PSNR, name), by)) for task, by in others.items()], "dB"
        )
        for name in OURS
    )
    return (
        f"In PSNR, on the same photographs, the denoising autoencoder is {denoising}; the sparse one is {copying}. The "
        "first is trained on this very noise, but sees 8 x 8 pixels at a time, where wavelets and total variation see "
        "the whole; the sparse one has never seen noise and leaves out what is small, which salt and pepper is not."
    )
