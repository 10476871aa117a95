r"""Whitening of whole images in the Fourier domain.

(W1)   R(f) = f \exp\left(-(f / f_0)^4\right),   f the spatial frequency in cycles per pixel

The amplitude of natural images falls as 1/f, so the factor f makes their spectrum flat; the exponential takes out
the highest frequencies, where noise and the corners of the pixel grid lie.

Source: B. Olshausen and D. Field, "Emergence of simple-cell receptive field properties by learning a sparse code
for natural images", Nature 381 (1996), methods; f0 there is 200 cycles per picture of 512 pixels, 0.39.
"""

from __future__ import annotations

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
