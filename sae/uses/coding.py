r"""Transform coding of photographs in blocks: coefficients, rounded to multiples of a step, and what they cost.

A block x of 8 x 8 pixels becomes coefficients c, as orthonormal as the method can make them, and each becomes an
integer. Their entropy is that of each coefficient by itself, over the blocks of one image: what an ideal coder needs
that knows these frequencies and uses no neighbours. Its tables, and headers, are not counted.

(K1)   q_j = \mathrm{round}(c_j / \Delta s_j)                                            (c,)
(K2)   H_j = -\sum_v p_j(v) \log_2 p_j(v),  p_j the frequencies of q_j over the blocks    bits
(K3)   R = \frac{1}{64} \sum_j H_j                                                       bits per pixel

A decoder gets \Delta s_j q_j, and writes bytes: its image is rounded and clipped to 0 ... 255.

Sources: ITU-T Recommendation T.81 (1992), annexes A.3.3, A.3.4 (DCT and quantisation; with an orthonormal DCT the steps
are those of the table) and K.1 (the table for luminance); G. K. Wallace, "The JPEG still picture compression standard",
Communications of the ACM 34 (1991).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from scipy.fft import dctn, idctn
from skimage.metrics import peak_signal_noise_ratio

from ..errors import SaeError
from .pictures import SIDE

N = SIDE * SIDE
# fmt: off
LUMINANCE = np.array([  # T.81, table K.1, row by row
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
], dtype=float)
# fmt: on


@dataclass(frozen=True)
class Coder:
    """Blocks (m, 64) of grey 0 to 255, rows -> coefficients (m, c), and back; s are their relative steps, (c,) or 1."""

    forward: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    s: Any = 1.0


@dataclass(frozen=True)
class Curve:
    """Rates in bits per pixel, rising, and the PSNR in dB at each."""

    rates: np.ndarray
    psnr: np.ndarray

    def at(self, rate: float) -> float:
        """Return the PSNR with at most so many bits, on the line between two points; beyond the last one, its own.

        Raises
        ------
        SaeError
            If the curve begins at a higher rate.
        """
        if not self.rates[0] <= rate:
            raise SaeError(
                f"the curve begins at {self.rates[0]:.3g} bits per pixel, above {rate:g}; add coarser steps."
            )
        return float(np.interp(rate, self.rates, self.psnr))


def curve_of(points: Sequence[tuple[float, float]]) -> Curve:
    """Return the curve through points (rate, PSNR): at each rate the best that no more bits reach.

    With codes that overlap, a finer step can make it worse; then one would keep the coarser.
    """
    rates, best = np.array(sorted(points)).T
    return Curve(rates, np.maximum.accumulate(best))


def code(coder: Coder, image: np.ndarray, steps: Iterable[float]) -> Curve:
    """Return the curve of a coder on an image of grey 0 to 255 over the steps Delta."""
    blocks = to_blocks(image)
    c = coder.forward(blocks)
    return curve_of([_point(coder, c, delta, image) for delta in steps])


def _point(coder, c, delta, image):
    q, decoded = through(coder, c, delta, image.shape)
    return rate(q), psnr(image, decoded)


def through(coder: Coder, c: np.ndarray, delta: float, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the integers q (m, c) of coefficients, and the image decoded from them."""
    q = np.rint(c / (delta * coder.s)).astype(np.int64)  # (K1)
    return q, to_bytes(to_image(coder.back(q * (delta * coder.s)), shape))


def rate(q: np.ndarray) -> float:
    """Return (K3) of the integers q (m, c) in bits per pixel."""
    return sum(entropy(column) for column in q.T) / N  # (K3)


def entropy(q: np.ndarray) -> float:
    """Return (K2) of integers (m,) in bits."""
    counts = np.unique(q, return_counts=True)[1]
    p = counts / q.size
    return float(-(p * np.log2(p)).sum())  # (K2)


def psnr(image: np.ndarray, decoded: np.ndarray) -> float:
    """Return the PSNR in dB, of grey 0 to 255."""
    return float(peak_signal_noise_ratio(image, decoded, data_range=255))


def to_bytes(image: np.ndarray) -> np.ndarray:
    """Return an image as bytes would hold it, rounded and clipped to 0 to 255."""
    return np.clip(np.rint(image), 0, 255)


def to_blocks(image: np.ndarray) -> np.ndarray:
    """Return the blocks of an image, (m, 64), whose height and width are multiples of 8."""
    height, width = image.shape
    return image.reshape(height // SIDE, SIDE, width // SIDE, SIDE).swapaxes(1, 2).reshape(-1, N)


def to_image(blocks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the image of this shape, of blocks (m, 64)."""
    height, width = shape
    return blocks.reshape(height // SIDE, width // SIDE, SIDE, SIDE).swapaxes(1, 2).reshape(height, width)


def dct(s: Any = 1.0) -> Coder:
    """Return the coder by the orthonormal DCT of grey less 128; with s = LUMINANCE / 16 JPEG's, at any quality."""
    return Coder(
        lambda blocks: _in_squares(dctn, blocks - 128),
        lambda c: _in_squares(idctn, c) + 128,
        s,
    )


def _in_squares(transform: Callable[..., Any], rows: np.ndarray) -> np.ndarray:
    squares = rows.reshape(-1, SIDE, SIDE)
    return np.asarray(transform(squares, axes=(1, 2), norm="ortho")).reshape(-1, N)


def linear(mean: np.ndarray, U: np.ndarray) -> Coder:
    """Return the coder by orthonormal rows U (c, 64), of blocks less their mean block (64,)."""
    return Coder(lambda blocks: (blocks - mean) @ U.T, lambda c: mean + c @ U)


def autoencoded(model: Any, scale: float) -> Coder:
    r"""Return the coder by a trained autoencoder with linear outputs, and the mean of each block.

    Its codes h are multiplied by the length of their columns of W2: a step then moves the block as far, whichever code
    it is, as a step of an orthonormal coefficient does. The mean is coded as the DCT does it, times 8.
    """
    lengths = scale * np.linalg.norm(model.W2_, axis=0)

    def forward(blocks: np.ndarray) -> np.ndarray:
        mean = blocks.mean(axis=1, keepdims=True)
        h = model.encoder_.encode((blocks - mean) / scale)
        return np.hstack([SIDE * (mean - 128), h * lengths])

    def back(c: np.ndarray) -> np.ndarray:
        return c[:, :1] / SIDE + 128 + scale * model.decoder_.decode(c[:, 1:] / lengths)

    return Coder(forward, back)


def jpeg_file(image: np.ndarray, quality: int) -> tuple[bytes, np.ndarray]:
    """Return a JPEG file of an image of grey 0 to 255, with Huffman tables made for it, and the image in it."""
    file = io.BytesIO()
    Image.fromarray(image.astype(np.uint8)).save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue(), np.asarray(Image.open(file), dtype=float)


def jpeg_curve(image: np.ndarray, qualities: Sequence[int]) -> Curve:
    """Return the curve of JPEG files, all their bytes counted."""
    points = []
    for quality in qualities:
        data, decoded = jpeg_file(image, quality)
        points.append((8 * len(data) / image.size, psnr(image, decoded)))
    return curve_of(points)


def header_bytes(data: bytes) -> int:
    """Return how many bytes of a JPEG file come before its coefficients (the marker SOS, FF DA)."""
    return data.index(b"\xff\xda")
