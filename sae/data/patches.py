r"""Small patches of images, as columns.

(P1)   x \leftarrow x - \mathrm{mean}(x), each patch by itself
(P2)   x \leftarrow \min(\max(x, -c\sigma), c\sigma),  \sigma the standard deviation over all patches and pixels, c = 3
(P3)   x \leftarrow 0.1 + 0.8 \,(x / c\sigma + 1) / 2, so that a sigmoid can reach it

Source: UFLDL exercise "Sparse Autoencoder", sampleIMAGES and its normalizeData.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import checks
from ..errors import SaeError


def sample_patches(images: Sequence[np.ndarray], count: int, side: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` different patches, drawn at random, (side * side, count), each raveled in C order.

    An image is drawn first, each with the same chance, then a place in it, each with the same chance.

    Parameters
    ----------
    images : sequence of (height, width) arrays
        Of any sizes, none smaller than a patch.
    count : int
        At most the number of places that the images have for a patch.
    side : int
        Height and width of a patch in pixels.
    rng : numpy.random.Generator

    Raises
    ------
    SaeError
        If a patch is larger than an image, the images hold fewer different patches than `count`, or a pixel is not
        finite.
    """
    return _sample([checks.matrix(image, f"image {k}", image=True) for k, image in enumerate(images)], count, side, rng)


def sample_colour_patches(images: Sequence[np.ndarray], count: int, side: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` different patches of colour images, (side * side * channels, count), as `sample_patches` does.

    Each is raveled in C order: the colours of a pixel lie next to each other.

    Parameters
    ----------
    images : sequence of (height, width, channels) arrays
        Of any sizes, none smaller than a patch, all with as many channels.
    count, side, rng
        As of `sample_patches`.

    Raises
    ------
    SaeError
        As `sample_patches`, and if an image has no channels or another number of them than the first.
    """
    return _sample([_colour(image, k, np.shape(images[0])[-1:]) for k, image in enumerate(images)], count, side, rng)


def _colour(image, k, channels):
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2:] != channels:
        expected = f"(height, width, {channels[0]})" if k else "(height, width, channels)"
        raise SaeError(f"image {k} has shape {image.shape}; expected {expected}, colours last.")
    height, width, depth = image.shape
    return checks.matrix(image.reshape(height, -1), f"image {k}", image=True).reshape(height, width, depth)


def _sample(images, count, side, rng):
    count, side = checks.count("count", count), checks.count("side", side)
    checks.instance("rng", rng, np.random.Generator, "numpy.random.default_rng(0)")
    if not images:
        raise SaeError("got no images; expected at least one.")
    for k, (height, width) in enumerate(image.shape[:2] for image in images):
        if side > min(height, width):
            raise SaeError(
                f"a patch of {side} x {side} is larger than image {k}, {height} x {width}; "
                "use a smaller side or leave that image out."
            )
    places = [(image.shape[0] - side + 1) * (image.shape[1] - side + 1) for image in images]
    if count > sum(places):
        raise SaeError(
            f"asked for {count} patches of {side} x {side}, but the {len(images)} images hold only {sum(places)} "
            "different ones; ask for fewer, or give more or larger images."
        )
    n = side * side * math.prod(images[0].shape[2:])
    rows = np.empty((count, n))  # a patch a row, so that the transposed view has contiguous columns
    for row, (k, place) in zip(rows, _draw(places, count, rng), strict=True):
        top, left = divmod(place, images[k].shape[1] - side + 1)
        row[:] = images[k][top : top + side, left : left + side].ravel()
    return rows.T


def _draw(places: list[int], count: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Draw different (image, place) pairs; images that are used up are drawn no more."""
    drawn: dict[tuple[int, int], None] = {}
    left = np.array(places)
    while len(drawn) < count:
        k = int(rng.choice(np.flatnonzero(left)))
        pair = k, int(rng.integers(places[k]))
        left[k] -= pair not in drawn
        drawn[pair] = None
    return list(drawn)


def contrast(X, *, remove_mean: bool = True) -> float:
    """Return sigma of (P2) for patches X (n, m), columns: the standard deviation over all of X, after (P1) if so.

    Raises
    ------
    SaeError
        If all patches are constant.
    """
    X = checks.matrix(X)
    rounding = 8 * np.finfo(X.dtype).eps * np.abs(X).max()
    sigma = float((X - X.mean(axis=0) if remove_mean else X).std())
    if sigma <= rounding:
        raise SaeError("all patches are constant; expected patches with some contrast.")
    return sigma


def normalize_patches(
    X,
    *,
    remove_mean: bool = True,
    clip: float = 3.0,
    low: float = 0.1,
    high: float = 0.9,
    sigma: float | None = None,
) -> np.ndarray:
    """Return the patches X (n, m), columns, with (P1) to (P3) done; a new array in [low, high].

    Parameters
    ----------
    X : (n, m) array
        A patch a column.
    remove_mean : bool
        Whether (P1) is done.
    clip : float
        c of (P2), in standard deviations over all of X.
    low, high : float
        The range of (P3).
    sigma : float, optional
        Of (P2); by default `contrast` of X. Patches that come later need the sigma of those trained on.

    Raises
    ------
    SaeError
        If all patches are constant, or low is not below high.
    """
    X = checks.matrix(X)
    clip = checks.number("clip", clip, 0, open_ends=True)
    low, high = checks.number("low", low, -np.inf), checks.number("high", high, -np.inf)
    if low >= high:
        raise SaeError(f"low is {low:g} and high is {high:g}; expected low below high.")
    if sigma is None:
        sigma = contrast(X, remove_mean=remove_mean)
    bound = clip * checks.number("sigma", sigma, 0, open_ends=True)
    if remove_mean:
        X = X - X.mean(axis=0)  # (P1)
    return low + (high - low) * (np.clip(X, -bound, bound) / bound + 1) / 2  # (P2), (P3)
