r"""Whitening: of whole images in the Fourier domain, or of patches by their covariance (ZCA).

(W1)   R(f) = f \exp\left(-(f / f_0)^4\right),   f the spatial frequency in cycles per pixel

The amplitude of natural images falls as 1/f, so the factor f makes their spectrum flat; the exponential takes out
the highest frequencies, where noise and the corners of the pixel grid lie.

Source: B. Olshausen and D. Field, "Emergence of simple-cell receptive field properties by learning a sparse code
for natural images", Nature 381 (1996), methods; f0 there is 200 cycles per picture of 512 pixels, 0.39.

(W2)   \Sigma = \frac1m \sum_i (x_i - \bar x)(x_i - \bar x)^T = U \,\mathrm{diag}(s)\, U^T,
       W_{ZCA} = U \,\mathrm{diag}\left(1 / \sqrt{s + \epsilon}\right) U^T

The mean is that of each pixel over all patches, and eps keeps directions without variance from being blown up.

Source: UFLDL, exercise "Learning color features with Sparse Autoencoders" (there eps = 0.1), after A. Bell and T.
Sejnowski, "The 'independent components' of natural scenes are edge filters", Vision Research 37 (1997).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.fft import dctn, idctn

from .. import checks
from ..errors import SaeError


def whiten(image, f0: float = 0.4) -> np.ndarray:
    """Return the image (height, width) filtered by (W1) and scaled to unit variance; its mean is 0.

    The filter acts on the mirrored image, whose Fourier transform is the image's cosine transform: a plain Fourier
    transform takes the image for periodic and whitens the jump from its right edge to its left one into a bright
    line, which would then be learned as an edge.

    Raises
    ------
    SaeError
        If the image is not a finite matrix, is constant, or has nothing below f0.
    """
    image = checks.matrix(image, "image", image=True)
    f0 = checks.number("f0", f0, 0, open_ends=True)
    fy, fx = (np.arange(side) / (2 * side) for side in image.shape)  # cycles per pixel of the cosine transform
    f = np.hypot(fy[:, None], fx[None, :])
    if np.ptp(image) <= 8 * np.finfo(float).eps * np.abs(image).max():  # nothing but rounding
        raise SaeError("the image is constant; expected a photograph. There is nothing to whiten.")
    whitened = np.asarray(idctn(dctn(image) * f * np.exp(-((f / f0) ** 4))))  # (W1)
    contrast = whitened.std()
    if not contrast > 1e-12 * image.std():
        raise SaeError(f"f0 is {f0:g}; that takes out all frequencies that the image has. Choose a larger one.")
    return whitened / contrast


class ZCA(NamedTuple):
    """Whitened patches (n, m), the matrix of (W2), (n, n), and the mean of each pixel, (n,): X = matrix (x - mean)."""

    X: np.ndarray
    matrix: np.ndarray
    mean: np.ndarray


def zca(X, eps: float = 0.1) -> ZCA:
    """Whiten patches X (n, m) by (W2): their covariance becomes U diag(s / (s + eps)) U^T, for eps = 0 the identity.

    Raises
    ------
    SaeError
        If eps is 0 and X varies in fewer than n directions.
    """
    X, eps = checks.matrix(X), checks.number("eps", eps, 0)
    mean, s, U = principal_axes(X)
    enough_variance(s, eps, len(X))
    matrix = U @ (U / np.sqrt(s + eps)).T  # (W2)
    matrix, mean = matrix.astype(X.dtype), mean.astype(X.dtype)
    return ZCA(matrix @ (X - mean[:, None]), matrix, mean)


class Axes(NamedTuple):
    """The mean of the examples (n,), and of their covariance (W2) the eigenvalues s (n,) and eigenvectors U (n, n)."""

    mean: np.ndarray
    s: np.ndarray
    U: np.ndarray


def principal_axes(X: np.ndarray) -> Axes:
    """Return mean, s and U of (W2) for examples X (n, m), in double precision, the largest variance first.

    An eigenvector's sign is free; here its largest entry is positive, so that all machines choose the same.
    """
    n, m = X.shape
    mean = X.mean(axis=1, dtype=np.float64)
    Sigma = np.zeros((n, n))
    step = max(1, 2**20 // n)
    for j in range(0, m, step):  # a block at a time: no second copy of X
        block = X[:, j : j + step] - mean[:, None]
        with np.errstate(over="ignore", invalid="ignore"):  # said below
            Sigma += block @ block.T / m  # (W2)
    if not np.isfinite(Sigma).all():
        raise SaeError(f"X has values up to {np.abs(X).max():.3g}; their covariance overflows. Scale them down.")
    s, U = (a[..., ::-1] for a in np.linalg.eigh(Sigma))  # (W2)
    largest = U[np.abs(U).argmax(axis=0), np.arange(n)]
    return Axes(mean, np.maximum(s, 0), U * np.sign(largest))  # a covariance has no s below 0; rounding has


def enough_variance(s: np.ndarray, eps: float, n: int) -> None:
    """Raise if dividing by sqrt(s + eps), s falling, would blow up directions that hold nothing but rounding."""
    if s[-1] + eps <= s[0] * n * np.finfo(float).eps:
        raise SaeError(
            "the examples vary in fewer directions than are to be whitened (a mean was removed from each, or there are "
            f"too few); expected eps above 0, got {eps:g} (UFLDL's is 0.1), or fewer components."
        )
