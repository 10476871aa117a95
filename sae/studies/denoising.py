r"""Denoising photographs by overlapping patches: trained autoencoders beside a median filter and PCA.

A photograph is cut into all its overlapping patches, each is reconstructed by itself, and each pixel is the average of
the patches that contain it:

    \hat y_p = \frac{1}{|\{i : p \in i\}|} \sum_{i : p \in i} (\hat x_i)_p

From each patch its mean is subtracted before and added again after, so that nothing need be learned about brightness;
at the border, where fewer patches overlap, the average is over fewer. Nothing is clipped to [0, 1], neither the noisy
photographs nor the restored ones: all methods get and give the same.

A *denoising* autoencoder learns to turn corrupted patches into clean ones, for the noise that it was trained on. A
*sparse* one learns to copy clean patches; it takes noise away only as far as its few active units can't express it.

Sources: M. Elad and M. Aharon, "Image denoising via sparse and redundant representations over learned dictionaries",
IEEE Transactions on Image Processing 15 (2006) (overlapping patches, averaged); P. Vincent et al., "Stacked denoising
autoencoders", JMLR 11 (2010); the UFLDL exercise "Learning color features with sparse autoencoders" (the settings of
the sparse one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from .. import checks
from ..activations import Activation, identity, relu, sigmoid
from ..autoencoder import Autoencoder
from ..data import PHOTOGRAPHS, photographs, sample_patches
from ..data.corruption import gaussian, salt_and_pepper
from ..errors import SaeError
from ..optimise import minimize_lbfgs
from ..terms import SquaredError, Term, WeightDecay, classic

CORRUPTIONS: dict[str, Callable[..., np.ndarray]] = {"gaussian": gaussian, "salt and pepper": salt_and_pepper}
TEST = ("camera", "chelsea")
METHODS = (
    "noisy",
    "median filter, best window",
    "PCA",
    "sparse autoencoder",
    "denoising autoencoder, sigmoid",
    "denoising autoencoder, ReLU",
)
MEDIANS = (3, 5)  # sides of the median filter's window
SLICE = 2**14  # patches at a time, about
QUICK: Mapping[str, Any] = MappingProxyType({"patches": 1000, "n_hidden": 16, "iterations": 20, "size": 64})

Restorer = Callable[[np.ndarray], np.ndarray]


def by_patches(image, side: int, f: Restorer) -> np.ndarray:
    """Return the image of overlapping patches f(x), averaged; f maps patches (n, k), columns, to patches (n, k).

    f sees the patches without their means, in slices of some rows of the image, so that memory stays small.
    """
    image = checks.matrix(image, "image", image=True)
    side = checks.count("side", side, 1, min(image.shape))
    patches = sliding_window_view(image, (side, side))  # (rows, columns, side, side), a view
    columns = patches.shape[1]
    total, count = np.zeros(image.shape), np.zeros(image.shape)
    step = max(1, SLICE // columns)
    for top in range(0, len(patches), step):
        X = patches[top : top + step].reshape(-1, side * side).T
        mean = X.mean(axis=0)
        restored = (f(X - mean) + mean).T.reshape(-1, columns, side, side)
        for i in range(side):
            for j in range(side):
                place = slice(top + i, top + i + len(restored)), slice(j, j + columns)
                total[place] += restored[:, :, i, j]
                count[place] += 1
    return total / count


def restore(image, objective, theta, side: int, scale: float = 1.0) -> np.ndarray:
    """Return the image, every overlapping side x side patch of it reconstructed, and the overlaps averaged.

    Parameters
    ----------
    image : (height, width) array
        Of any size from a patch on.
    objective : Autoencoder
        Or anything with `reconstruct(theta, X)`, on patches (side * side, k) as columns, each without its mean.
    theta : (p,) array
    side : int
        Height and width of a patch.
    scale : float
        Patches are divided by it before and multiplied after; what the training patches were divided by.

    References
    ----------
    M. Elad and M. Aharon (2006), the averaging at the end of their algorithm with lambda = 0: no noisy image mixed in.
    """
    scale = checks.number("scale", scale, 0, open_ends=True)
    return by_patches(image, side, lambda X: scale * objective.reconstruct(theta, X / scale))


def restore_pca(image, components, side: int) -> np.ndarray:
    """Return the image, every overlapping patch projected on the components (n, k), orthonormal columns."""
    return by_patches(image, side, lambda X: components @ (components.T @ X))


# What is trained --------------------------------------------------------------------------------------------------


def principal_components(clean, corrupted) -> np.ndarray:
    """Return the directions in which clean patches vary more than noise, (n, k).

    The noise variance is that of the pairs, the mean of (corrupted - clean)^2: known, not estimated. A direction with
    less signal than noise is better set to 0 than kept.
    """
    X = clean - clean.mean(axis=0)
    variances, directions = np.linalg.eigh(X @ X.T / X.shape[1])
    return directions[:, variances > ((corrupted - clean) ** 2).mean()]


def pairs(X, target, n_hidden: int, terms: Sequence[Term], f: Activation = sigmoid) -> tuple[Autoencoder, float]:
    """Return the objective of X -> target, patches as columns, with a linear decoder, and the scale for `restore`.

    The mean of a patch of X is subtracted from the target, too: the clean patch's own mean is not known when a
    photograph is restored. Both are divided by the standard deviation of X, so that sigmoid units start in their range.
    """
    mean = X.mean(axis=0)
    X, target = X - mean, target - mean
    scale = float(X.std())
    if scale <= 8 * np.finfo(float).eps:
        raise SaeError("all patches are constant; expected patches with some contrast.")
    # float32 takes less time, and its rounding is far below any noise
    return Autoencoder(X / scale, n_hidden, f=f, g=identity, target=target / scale, terms=terms, dtype="float32"), scale


def train(
    rng: np.random.Generator, X, target, n_hidden: int, iterations: int, terms: Sequence[Term], f: Activation = sigmoid
) -> tuple[Autoencoder, np.ndarray, float]:
    """Train X -> target as in `pairs`; return objective, theta and scale for `restore`."""
    objective, scale = pairs(X, target, n_hidden, terms, f)
    return objective, minimize_lbfgs(objective, objective.init(rng), max_iter=iterations).theta, scale


def restorers(rng: np.random.Generator, clean, corrupted, n_hidden: int, iterations: int) -> dict[str, Restorer]:
    """Return the methods that learn from patches, each as a function image -> image."""
    side = int(np.sqrt(len(clean)))
    components = principal_components(clean, corrupted)
    plain = [SquaredError(), WeightDecay(1e-4)]
    trained = {
        "sparse autoencoder": train(rng, clean, clean, n_hidden, iterations, classic(3e-3, 0.035, 5)),
        "denoising autoencoder, sigmoid": train(rng, corrupted, clean, n_hidden, iterations, plain),
        "denoising autoencoder, ReLU": train(rng, corrupted, clean, n_hidden, iterations, plain, relu),
    }
    return {
        "PCA": lambda image: restore_pca(image, components, side),
        **{
            name: lambda image, found=found: restore(image, found[0], found[1], side, found[2])
            for name, found in trained.items()
        },
    }


def compare_denoisers(
    rng: np.random.Generator,
    kind: str = "gaussian",
    level: float = 0.1,
    *,
    test: Sequence[str] = TEST,
    patches: int = 10_000,
    side: int = 8,
    n_hidden: int = 128,
    iterations: int = 400,
    size: int | None = None,
) -> tuple[list[dict[str, Any]], dict[str, dict[str, np.ndarray]]]:
    """Train on patches of some photographs, restore others with the same kind and level of noise, and measure.

    Half a minute by default; `compare_denoisers(rng, **QUICK)` takes a second and shows less.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : {"gaussian", "salt and pepper"}
    level : float
        Standard deviation of the one, fraction of the other, on photographs in [0, 1].
    test : sequence of str
        Photographs to restore; the training patches come from all others of `sae.data.PHOTOGRAPHS`.
    patches, side : int
        Training patches, and their height and width.
    n_hidden, iterations : int
        Hidden units, and iterations of L-BFGS, of each of the three networks.
    size : int, optional
        Restore only the middle, at most size x size.

    Returns
    -------
    records : list of dict
        Keys: "method" (one of `METHODS`), "image", "noise", "psnr" (in dB; infinite if equal), "ssim".
    images : dict
        image -> method -> (height, width) array; "clean" beside the methods.

    Notes
    -----
    The median filter is 3 x 3 or 5 x 5, whichever has the better PSNR on that photograph. To know that takes the clean
    one: it is the best that the filter could do, an advantage that no other method here has.
    """
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    checks.one_of("kind", kind, CORRUPTIONS)
    test = [test] if isinstance(test, str) else list(test)
    others = [name for name in PHOTOGRAPHS if name not in test]
    if not others:
        raise SaeError("test has all photographs; expected to leave some to train on.")
    shown = {name: _middle(image, size) for name, image in zip(test, photographs(test), strict=True)}

    clean = sample_patches(photographs(others), patches, side, rng)
    corrupted = CORRUPTIONS[kind](clean, level, rng)
    learned = restorers(rng, clean, corrupted, n_hidden, iterations)
    images = {}
    for name, image in shown.items():
        noisy = CORRUPTIONS[kind](image, level, rng)
        images[name] = {"clean": image, "noisy": noisy, "median filter, best window": best_median(noisy, image)}
        images[name] |= {method: f(noisy) for method, f in learned.items()}
    noise = f"{kind}, {level:g}"
    records = [
        {"method": method, "image": name, "noise": noise, **quality(by_method["clean"], by_method[method])}
        for name, by_method in images.items()
        for method in METHODS
    ]
    return records, images


def _middle(image, size):
    if size is None:
        return image
    top, left = (max(0, length - checks.count("size", size)) // 2 for length in image.shape)
    return image[top : top + size, left : left + size]


def best_median(noisy, clean) -> np.ndarray:
    """Return the median-filtered image with the window of `MEDIANS` that has the better PSNR: an oracle's choice."""
    return max((median_filter(noisy, size) for size in MEDIANS), key=lambda image: quality(clean, image)["psnr"])


def quality(clean, image) -> dict[str, float]:
    """Return PSNR (dB) and SSIM of an image against the clean one in [0, 1]."""
    same = np.array_equal(clean, image)  # an infinite PSNR, which scikit-image divides by zero for
    psnr = np.inf if same else peak_signal_noise_ratio(clean, image, data_range=1)
    ssim: Any = structural_similarity(clean, image, data_range=1)
    return {"psnr": float(psnr), "ssim": float(ssim)}


# What is shown ----------------------------------------------------------------------------------------------------


def as_rows(records: Sequence[dict]) -> list[dict[str, str]]:
    """Return a table: PSNR and SSIM of each method on each photograph."""
    methods = dict.fromkeys(record["method"] for record in records)
    return [
        {
            "noise": records[0]["noise"],
            "method": method,
            **{record["image"]: _numbers(record) for record in records if record["method"] == method},
        }
        for method in methods
    ]


def plot_denoising(
    records: Sequence[dict],
    images: Mapping[str, Mapping[str, np.ndarray]],
    image: str | None = None,
    *,
    zoom: tuple[int, int, int] | None = None,
) -> Figure:
    """Draw a photograph clean, noisy and restored, with PSNR and SSIM, and below each a part of it enlarged.

    Parameters
    ----------
    records, images
        From `compare_denoisers`.
    image : str, optional
        Which photograph; the first unless given.
    zoom : (top, left, side), optional
        The part in pixels; unless given, a square of a fifth of the height or width, where the contrast is strongest.
    """
    image = next(iter(images)) if image is None else image
    checks.one_of("image", image, images)
    by_method = images[image]
    height, width = by_method["clean"].shape
    top, left, part = _contrasty(by_method["clean"]) if zoom is None else zoom
    about = {record["method"]: record for record in records if record["image"] == image}
    names = ("clean", *METHODS)
    figure = Figure(figsize=(2.4 * len(names), 2.4 * (1 + height / width) + 0.8), layout="constrained")
    rows = figure.subplots(2, len(names), height_ratios=(height / width, 1))
    for name, whole, enlarged in zip(names, *rows, strict=True):
        # the same greys everywhere: what lies outside [0, 1] is shown as black or white
        grey = {"cmap": "gray", "vmin": 0, "vmax": 1}
        whole.imshow(by_method[name], **grey)
        enlarged.imshow(by_method[name][top : top + part, left : left + part], **grey, interpolation="nearest")
        title = name.replace(", ", ",\n")
        whole.set_title(title if name == "clean" else f"{title}\n{_numbers(about[name])}", fontsize=9)
        whole.add_patch(_frame(left, top, part))
        whole.set_axis_off()
        enlarged.set_axis_off()
    noise = next(iter(about.values()))["noise"]
    figure.suptitle(f"{image}: noise {noise}; PSNR / SSIM of the whole", fontsize=11)
    return figure


def _contrasty(image):
    """Return top, left and side of the tile of strongest contrast."""
    side = max(1, min(image.shape) // 5)
    tiles = sliding_window_view(image, (side, side))[::side, ::side]
    row, column = np.unravel_index(np.argmax(tiles.std(axis=(2, 3))), tiles.shape[:2])
    return int(row) * side, int(column) * side, side


def _numbers(record):
    return f"{record['psnr']:.1f} dB / {record['ssim']:.2f}"


def _frame(left, top, part):
    from matplotlib.patches import Rectangle

    return Rectangle((left - 0.5, top - 0.5), part, part, fill=False, edgecolor="yellow", linewidth=1)
