r"""What a hidden unit looks for, and whether that is an oriented edge.

(F1)   the input x with \|x\| \le 1 that activates hidden unit i most:  x_j = W_{ij} / \sqrt{\sum_j W_{ij}^2}
(F2)   P(u) = |\hat w(u)|^2, the power of the filter (its mean removed) at spatial frequency u
(F3)   orientation of a filter:  \max_\phi \sum_{|\angle u - \phi| \le \alpha} P(u) \,/\, \sum_u P(u)
(F4)   frequency of a filter:  \sum_u |u| P(u) \,/\, \sum_u P(u),  in cycles per pixel

(F3) is the share of a filter's energy in the best band of orientations phi +- alpha. With alpha = 30 degrees it is
1 for an endless grating, 0.6 to 0.95 for an edge or a bar in a window of 8 x 8 pixels (cutting it out spreads its
directions), and 1/3 for energy spread evenly; 0.45 for white noise, since the best of all bands is taken.

Sources: UFLDL tutorial, "Visualizing a trained autoencoder" (F1). (F3) is this project's own measure; the band of
orientations of a filter's spectrum is how orientation bandwidth of V1 cells and learned filters is described, for
example in B. Olshausen and D. Field, Vision Research 37 (1997).
"""

from __future__ import annotations

import math

import numpy as np

from . import checks
from .errors import SaeError

ORIENTED = 0.6  # the share of energy from which a filter is called oriented
HALF_WIDTH = 30.0  # degrees


def optimal_inputs(W1) -> np.ndarray:
    """(F1): return W1 with each row (hidden unit) scaled to norm 1; (n_hidden, n).

    A row of zeros stays: that unit prefers no input.
    """
    W1 = unit_contrast(checks.matrix(W1, "W1"))  # first, so that squares of tiny weights do not underflow
    norms = np.sqrt((W1 * W1).sum(axis=1, keepdims=True))
    return np.divide(W1, norms, out=np.zeros_like(W1), where=norms > 0)  # (F1)


def unit_contrast(W1: np.ndarray) -> np.ndarray:
    """Return W1 with each row scaled to a largest |value| of 1; a row of zeros stays."""
    largest = np.abs(W1).max(axis=1, keepdims=True)
    return np.divide(W1, largest, out=np.zeros_like(W1), where=largest > 0)


def as_images(W, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Return the rows of W (k, n) as images (k, height, width); square unless `shape` says otherwise."""
    W = checks.matrix(W, "W")
    n = W.shape[1]
    shape = (math.isqrt(n), math.isqrt(n)) if shape is None else shape
    if math.prod(shape) != n:
        raise SaeError(f"rows of {n} numbers are no images of {shape[0]} x {shape[1]}; say shape=(height, width).")
    return W.reshape(-1, *shape)


def orientation(W1, *, half_width: float = HALF_WIDTH, shape: tuple[int, int] | None = None) -> np.ndarray:
    """(F3): return the share of each filter's energy that lies in one band of orientations, (n_hidden,), in [0, 1].

    Parameters
    ----------
    W1 : (n_hidden, n) array
        One filter a row, an image raveled in C order.
    half_width : float
        alpha in degrees: the band is this much to each side.
    shape : (int, int), optional
        Height and width of a filter; square unless given.

    Returns
    -------
    (n_hidden,) array
        A filter counts as oriented from `ORIENTED` = 0.6 on. A constant filter has no orientation: 0.
    """
    half_width = checks.number("half_width", half_width, 0, 90, open_ends=True)
    P, fy, fx = _power(W1, shape)
    angle = np.degrees(np.arctan2(fy, fx))
    shares = []
    for phi in np.arange(0, 180, 2.5):
        away = np.abs((angle - phi + 90) % 180 - 90)
        shares.append(P[:, away <= half_width].sum(axis=1))
    return np.max(shares, axis=0)  # (F3)


def frequency(W1, *, shape: tuple[int, int] | None = None) -> np.ndarray:
    """(F4): return the mean spatial frequency of each filter in cycles per pixel, (n_hidden,); 0 if it is constant."""
    P, fy, fx = _power(W1, shape)
    return (P * np.hypot(fy, fx)).sum(axis=(1, 2))  # (F4)


def _power(W1, shape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (F2) for each filter, scaled to sum 1 (0 for a constant filter), and the frequencies along y and x."""
    images = as_images(optimal_inputs(W1), shape)
    images = images - images.mean(axis=(1, 2), keepdims=True)
    grid = [4 * side for side in images.shape[1:]]  # zero padding: a finer grid of directions
    P = np.abs(np.fft.fft2(images, s=grid)) ** 2  # (F2)
    P[:, 0, 0] = 0  # has no direction
    total = P.sum(axis=(1, 2), keepdims=True)
    fy, fx = np.meshgrid(*(np.fft.fftfreq(side) for side in grid), indexing="ij")
    return np.divide(P, total, out=np.zeros_like(P), where=total > 0), fy, fx


def count_oriented(W1, **options) -> int:
    """Return how many filters have at least `ORIENTED` of their energy in one band of orientations."""
    return int((orientation(W1, **options) >= ORIENTED).sum())
