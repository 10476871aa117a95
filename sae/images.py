"""Images of one size, checked one by one and handed out one at a time, so that they need not all lie in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import SaeError


class Images:
    """A sequence of images as (c, H, W) float64, colour by colour.

    Parameters
    ----------
    images : (m, H, W) or (m, H, W, c) array, or sequence of (H, W) or (H, W, c) arrays

    Attributes
    ----------
    shape : (int, int, int)
        c, H, W.

    Raises
    ------
    SaeError
        If there are none, they differ in size, or one is no image of finite numbers.
    """

    def __init__(self, images: Sequence[Any]):
        if not len(images):
            raise SaeError("got no images; expected at least one.")
        self.images, self.given = images, np.shape(images[0])
        self.shape = self[0].shape
        for i in range(1, len(images)):
            self._checked(i)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> np.ndarray:
        image = self._checked(i)
        planes = image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0)
        return np.ascontiguousarray(planes, dtype=np.float64)

    def _checked(self, i):
        image = np.asarray(self.images[i])
        if image.ndim not in (2, 3) or 0 in image.shape or image.dtype.kind not in "fiu":
            raise SaeError(
                f"image {i} has shape {image.shape} and dtype {image.dtype}; expected (height, width) or (height, "
                "width, channels) and real numbers: one image is image[None]."
            )
        if image.shape != self.given:
            raise SaeError(
                f"image {i} has shape {image.shape}, and image 0 {self.given}; expected images of one size. Cut or "
                "scale them."
            )
        if not np.isfinite(image).all():
            raise SaeError(f"image {i} has NaN or infinite values; expected finite numbers. Leave it out.")
        return image
