"""Compression: rate against distortion of what rounds the codes of blocks, beside PCA and the transform of JPEG.

Each method turns blocks of 8 x 8 pixels into coefficients, which are rounded to multiples of a step; the rate is their
entropy in bits per pixel, of each coefficient by itself, without tables and headers (sae/uses/coding.py). Coarser and
finer steps make a curve, of which the PSNR at some rates is the measure, a mean over two test photographs; a repetition
has other ones. JPEG files are measured, too, as they are, with all their bytes.

- *PCA* and the autoencoders learn from patches of other photographs; the DCT is the same for all.
- The *sparse* autoencoder has more codes than pixels, ReLU units and the L1 penalty; beta is chosen for each rate, by
  the PSNR on two validation photographs.
- The *narrow* autoencoder has fewer tanh codes than pixels and no penalty, as textbooks have it; their number is chosen
  in the same way.
- The DCT has equal steps, which is best for PSNR (as for PCA), or those of JPEG's table, which is made for eyes.

Sources: as of sae/uses/coding.py; V. K. Goyal, "Theoretical foundations of transform coding", IEEE Signal Processing
Magazine 18 (2001) (why orthonormal coefficients without correlation and equal steps); J. Balle, V. Laparra, E. P.
Simoncelli, "End-to-end optimized image compression", ICLR 2017 (autoencoders trained for rate and distortion).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from ..data.patches import sample_patches
from ..data.sets import cite
from ..estimators import SparseAutoencoder
from .coding import LUMINANCE, SIDE, Coder, Curve, autoencoded, code, dct, header_bytes, jpeg_curve, jpeg_file, linear
from .coding import to_bytes as rounded
from .compression_plots import plot_rates
from .pictures import ORDER, Photographs, load, split
from .use import Difference, Measure, Outcome, Setting, best_of, compared, difference, find, gather

TITLE = "Compression: bits per pixel against the error, beside PCA and JPEG"
NEEDS = "scikit-image's photographs"
OURS = ("sparse autoencoder", "narrow autoencoder")
PSNR = "PSNR / dB"
RATES = (0.25, 0.5, 1.0, 1.5)  # bits per pixel
FILE_RATES = RATES[1:]  # what JPEG files reach of all photographs
STEPS = np.geomspace(1, 500, 22)
QUALITIES = (1, 3, 6, 10, 16, 22, 30, 40, 50, 60, 70, 80, 88, 94, 98, 100)
SPARSE = (0.1, 0.3, 1.0, 2.0, 3.0)  # beta to choose from: the weight of the L1 penalty
NARROW = (8, 16, 32, 48)  # codes to choose from


@dataclass(frozen=True)
class Plan:
    """The sizes."""

    patches: int = 12_000
    hidden: int = 128  # units of the sparse autoencoder
    epochs: int = 400
    every: int = 1  # one in so many of the candidates is tried
    rates: tuple[float, ...] = RATES
    file_rates: tuple[float, ...] = FILE_RATES


QUICK = Plan(patches=4000, epochs=10, every=2, rates=(0.5, 1.0), file_rates=(1.0,))


def run(setting: Setting) -> Outcome:
    """Code the test photographs with all methods; draw the curves."""
    plan, found = (QUICK if setting.quick else Plan()), load(setting)
    images = [whole_blocks(image) for image in found.images]
    shown: dict[str, Curve] = {}
    measures = gather(setting.repeat(lambda k: dict(repetition(setting, plan, split(images, k), k, shown))))
    header = header_bytes(jpeg_file(images[0], 50)[0])
    return Outcome(
        use="compression",
        data=cite(found),
        measures=measures,
        ours=OURS,
        headline=(task(0.5), PSNR),
        settings={"training patches": plan.patches, "sparse codes": plan.hidden, "epochs": plan.epochs},
        figure=plot_rates(measures, {task(rate): rate for rate in plan.rates}, PSNR, OURS, shown, ORDER[0]),
        verdict=verdict(measures, plan),
        notes=[
            "Rates are entropies of each coefficient by itself: no tables, no headers, no run lengths, no neighbours. "
            f"JPEG files use the last two, and are counted whole: at quality 50 {header} bytes of {ORDER[0]} "
            f"({8 * header / images[0].size:.3f} bits per pixel) come before the coefficients. They are missing at "
            "rates that they do not reach of all photographs."
        ],
    )


def task(rate: float) -> str:
    """Return what a measure's task is called."""
    return f"{rate:g} bits per pixel"


def whole_blocks(image: np.ndarray) -> np.ndarray:
    """Return a photograph in [0, 1] as grey 0 to 255 in whole numbers, and as many blocks as fit into it."""
    height, width = (length - length % SIDE for length in image.shape)
    return rounded(255 * image)[:height, :width]


def repetition(setting: Setting, plan: Plan, photographs: Photographs, k: int, shown: dict):
    """Return the numbers of one split, as ((task, method, what), number); put the first curves into `shown`."""
    X = sample_patches(photographs.train, plan.patches, SIDE, setting.rng(0, k)).T
    numbers = []
    for method, several in coders(setting, plan, X, k).items():
        validation = [[code(coder, image, STEPS) for image in photographs.validation] for coder in several]
        test = [[code(coder, image, STEPS) for image in photographs.test] for coder in several]
        for rate in plan.rates:
            best = choose(validation, rate)
            numbers.append(((task(rate), method, PSNR), at(test[best], rate)))
        if k == 0:
            shown[method] = test[choose(validation, 0.5)][0]
    files = [jpeg_curve(image, QUALITIES) for image in photographs.test]
    if k == 0:
        shown["JPEG files"] = files[0]
    return [*numbers, *(((task(rate), "JPEG files", PSNR), at(files, rate)) for rate in plan.file_rates)]


def choose(candidates: Sequence[Sequence[Curve]], rate: float) -> int:
    """Return which candidate has the best mean PSNR at a rate over its curves."""
    return int(np.argmax([at(curves, rate) for curves in candidates]))


def at(curves: Sequence[Curve], rate: float) -> float:
    """Return the mean PSNR of some photographs with at most so many bits per pixel."""
    return float(np.mean([curve.at(rate) for curve in curves]))


def coders(setting: Setting, plan: Plan, X: np.ndarray, k: int) -> dict[str, list[Coder]]:
    """Return each method's candidates, trained on patches X (m, 64), rows of grey 0 to 255."""
    pca: Any = PCA(random_state=setting.random_state(1, k)).fit(X)
    x = X - X.mean(axis=1, keepdims=True)
    scale = float(x.std())
    models = {
        OURS[0]: [
            SparseAutoencoder(plan.hidden, penalty="l1", beta=beta, hidden_activation="relu")
            for beta in SPARSE[:: plan.every]
        ],
        OURS[1]: [SparseAutoencoder(count, penalty=None, hidden_activation="tanh") for count in NARROW[:: plan.every]],
    }
    return {
        "PCA": [linear(pca.mean_, pca.components_)],
        "DCT, equal steps": [dct()],
        "DCT, JPEG's table": [dct(LUMINANCE / LUMINANCE[0])],
    } | {
        name: [autoencoded(trained(setting, plan, model, x / scale, k), scale) for model in several]
        for name, several in models.items()
    }


def trained(setting: Setting, plan: Plan, model: SparseAutoencoder, x: np.ndarray, k: int) -> SparseAutoencoder:
    """Return a model with linear outputs trained on rows x; their rounding in float32 is far below any step."""
    model.set_params(
        output_activation="identity",
        weight_decay=1e-4,
        solver="adam",
        learning_rate=0.003,
        schedule="cosine",
        max_iter=plan.epochs,
        random_state=setting.random_state(2, k),
    )
    return setting.fit(f"autoencoder, {model.hidden_dim} codes", model, x.astype(np.float32))


def verdict(measures: list[Measure], plan: Plan) -> str:
    """Return who wins at which rate, with the numbers."""

    def less(name: str, other: str, rate: float) -> tuple[str, str, Difference]:
        one, two = (find(measures, task(rate), PSNR, method) for method in (name, other))
        return one.task, other, difference(one, two)

    best = [less(OURS[0], best_of(measures, task(rate), PSNR, without=OURS).method, rate) for rate in plan.rates]
    wide, narrow = (compared([less(name, "PCA", rate) for rate in plan.rates], "dB") for name in OURS)
    return (
        f"In PSNR the sparse autoencoder is {compared(best, 'dB')}, and {wide}; the narrow one is {narrow}. PCA and "
        "DCT are orthonormal: rounding errors are not magnified, coefficients repeat little of one another, and finer "
        f"steps lose nothing. A sparse autoencoder's {plan.hidden} codes of {SIDE**2} pixels are cheap, since most are "
        "0, but finer steps soon bring nothing more back, so that each rate takes another autoencoder; how far they "
        f"get is a matter of training, here {plan.epochs} epochs."
    )
