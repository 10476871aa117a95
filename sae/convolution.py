r"""Learned features at every place of larger images, and pooled over regions.

A unit of a network trained on whitened patches takes x to f(W_1 T (x - \bar x) + b_1), T the whitening of
`sae.data.zca`. It is folded into the filters and biases once, so that images are used as they are:

(C1)   W = W_1 T,                       b = b_1 - W \bar x                                   (k, n)
(C2)   z_{kpq} = b_k + \sum_{c,i,j} W_{kijc}\, I_{p+i,\,q+j,\,c}                             (k, P, Q)
(C3)   a_{kpq} = f(z_{kpq})                                                                  (k, P, Q)

for images I (H, W, c), n = h w c, P = H - h + 1, Q = W - w + 1: only places where the whole patch lies in the image
("valid"). The sum runs over the colours, and the filter is not turned round: (C2) is what the unit sees of the patch at
(p, q), in signal processing a correlation; MATLAB's `conv2` needs the filter flipped to compute it.

With all patches of an image side by side, (C2) is one matrix product. By the convolution theorem it is also a product
of Fourier transforms, one of them conjugate; they are periodic in H x W, but a valid patch does not reach round the
border.

Source: UFLDL, "Feature extraction using convolution", "Pooling", and exercise "Convolution and Pooling".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft2, next_fast_len, rfft2

from . import checks
from .activations import Activation, sigmoid
from .errors import SaeError
from .images import Images
from .pooling import pool, regions

ENGINES = ("numba", "fft")


class Filters(NamedTuple):
    """W (k, h w c), raveled as patches are, (h, w, c) in C order, and b (k,), for images as they are."""

    W: np.ndarray
    b: np.ndarray


def fold_whitening(W1, b1, matrix, mean) -> Filters:
    """Return the filters and biases of (C1), for images that are not whitened.

    Parameters
    ----------
    W1 : (k, n) array
        Of units trained on whitened patches.
    b1 : (k,) array
    matrix, mean : (n, n) array, (n,) array
        The whitening, `sae.data.zca(...).matrix` and `.mean`.

    Raises
    ------
    SaeError
        If the shapes do not fit together.
    """
    W1, b1 = _filters(W1, b1)
    matrix, mean = checks.matrix(matrix, "matrix"), np.asarray(mean)
    n = W1.shape[1]
    if matrix.shape != (n, n) or mean.shape != (n,):
        raise SaeError(
            f"matrix has shape {matrix.shape} and mean {mean.shape}; expected {(n, n)} and {(n,)} for the {n} columns "
            "of W1."
        )
    W = W1 @ matrix  # (C1)
    return Filters(W, b1 - W @ mean)  # (C1)


def responses(
    images, W, b, patch: tuple[int, int] | int, *, engine: str = "numba", f: Activation = sigmoid
) -> np.ndarray:
    """Return what each unit answers at each place of each image, (m, k, P, Q): (C2), (C3).

    All of them: for 100 filters on 64 x 64 images about 2.6 MB an image. `pooled_responses` keeps fewer.

    Parameters
    ----------
    images : (m, H, W) or (m, H, W, c) array, or sequence of (H, W) or (H, W, c) arrays
        Grey or colour, all of the same shape.
    W, b : (k, h w c) array, (k,) array
        Filters, rows raveled as `sample_patches` does, and biases.
    patch : (int, int) or int
        h and w, or the side of a square.
    engine : {"numba", "fft"}
        "numba" takes the matrix product and compiled sigmoids, "fft" Fourier transforms and plain NumPy. The time of
        the first grows with h w c, that of the second does not depend on h and w, so that it pays for large patches
        (tests/benchmarks/convolution.py). They agree to rounding.
    f : Activation

    Raises
    ------
    SaeError
        If images differ in size, a patch is larger than the image, or W does not fit its number of pixels and colours.
    """
    job = _Job(images, W, b, patch, engine, f)
    out = np.empty((len(job.images), job.k, *job.places))
    for i in range(len(out)):
        out[i] = job.activate(job.z(job.look(job.images[i]), slice(None)), slice(None))
    return out


def pooled_responses(
    images,
    W,
    b,
    patch: tuple[int, int] | int,
    size: int,
    *,
    kind: str = "mean",
    drop: bool = False,
    engine: str = "numba",
    f: Activation = sigmoid,
    features_at_once: int = 50,
    callback: Callable[[int, int], object] | None = None,
) -> np.ndarray:
    """Return `sae.pooling.pool(responses(...))`, (m, k, P / size, Q / size), in little memory.

    Besides the answer, the memory taken is that of one image: of its patches, and of the responses of
    `features_at_once` units; with "fft" also of the transforms of all filters, (k, c, H, W).

    Parameters
    ----------
    images, W, b, patch, engine, f
        As of `responses`. `images` may be a memory map, or any sequence that makes an image when asked for it.
    size, kind, drop
        As of `sae.pooling.pool`.
    features_at_once : int
        How many units are computed together.
    callback : callable, optional
        Called with (done, all), the number of images, after each.
    """
    job = _Job(images, W, b, patch, engine, f)
    out = np.empty((len(job.images), job.k, *regions(job.places, size, kind, drop)))
    group = checks.count("features_at_once", features_at_once)
    for i in range(len(out)):
        seen = job.look(job.images[i])
        for start in range(0, job.k, group):
            units = slice(start, start + group)
            job.pool(job.z(seen, units), units, size, kind, out[i, units])
        if callback:
            callback(i + 1, len(out))
    return out


class _Job:
    """Images and filters that go together, and the way from one to the other."""

    def __init__(self, images, W, b, patch, engine, f):
        checks.one_of("engine", engine, ENGINES)
        checks.instance("f", f, Activation, "sae.sigmoid")
        W, b = _filters(W, b)
        h, w = patch if isinstance(patch, tuple | list) and len(patch) == 2 else (patch, patch)
        h, w = checks.count("patch", h), checks.count("patch", w)
        self.images = Images(images)
        channels, height, width = self.images.shape
        if h > height or w > width:
            raise SaeError(f"a patch of {h} x {w} is larger than the images, {height} x {width}.")
        if W.shape[1] != h * w * channels:
            raise SaeError(
                f"W has {W.shape[1]} columns; expected {h * w * channels}, for patches of {h} x {w} pixels with "
                f"{channels} {'value' if channels == 1 else 'values'} each, as the images have."
            )
        self.places, self.k = (height - h + 1, width - w + 1), len(W)
        self.W = np.ascontiguousarray(W.reshape(-1, h, w, channels).transpose(0, 3, 1, 2), dtype=np.float64)
        self.b, self.f = b.astype(np.float64), f
        self.look, self.z = self._by_product() if engine == "numba" else self._by_fft((height, width))
        self.compiled = engine == "numba" and f is sigmoid

    def _by_product(self):
        """Return image -> its patches as columns, and patches -> z without the bias."""
        W, (h, w) = self.W.reshape(self.k, -1), self.W.shape[2:]

        def look(image):
            windows = sliding_window_view(image, (h, w), (1, 2))  # c, P, Q, h, w
            return windows.transpose(0, 3, 4, 1, 2).reshape(W.shape[1], -1)

        def z(patches, units):
            return (W[units] @ patches).reshape(-1, *self.places)  # (C2)

        return look, z

    def _by_fft(self, grid):
        """Return image -> its transform, and transform -> z without the bias."""
        size, (P, Q) = [next_fast_len(side, real=True) for side in grid], self.places
        W_hat = np.conj(np.asarray(rfft2(self.W, size)))

        def look(image):
            return np.asarray(rfft2(image, size))

        def z(I_hat, units):
            products = np.einsum("kcuv,cuv->kuv", W_hat[units], I_hat)
            return np.asarray(irfft2(products, size))[:, :P, :Q]  # (C2)

        return look, z

    def activate(self, z, units):
        """Return a from z without the bias, which it may write into."""
        b = self.b[units]
        if not self.compiled:
            return self.f(z + b[:, None, None])  # (C3)
        from . import kernels  # imports Numba

        kernels.sigmoid_layer(z.reshape(len(b), -1), b)  # (C3)
        return z

    def pool(self, z, units, size, kind, out):
        """Write the pooled a."""
        if not self.compiled:
            out[...] = pool(self.activate(z, units), size, kind, drop=True)
            return
        from .convolution_kernels import pooled_sigmoid

        pooled_sigmoid(z, self.b[units], size, kind == "max", out)  # (C3)


def _filters(W, b):
    W, b = checks.matrix(W, "W"), np.asarray(b)
    if b.shape != (len(W),) or b.dtype.kind not in "fiu" or not np.isfinite(b).all():
        raise SaeError(
            f"b has shape {b.shape} and dtype {b.dtype}; expected ({len(W)},), a finite bias for each filter."
        )
    return W, b
