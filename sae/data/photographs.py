"""Photographs that ship in scikit-image's wheel: no download."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import SaeError

PHOTOGRAPHS = (
    "camera",
    "astronaut",
    "chelsea",
    "coffee",
    "rocket",
    "brick",
    "grass",
    "gravel",
    "motorcycle",
)


def photographs(names: Sequence[str] | str = PHOTOGRAPHS) -> list[np.ndarray]:
    """Return photographs as grey images, (height, width) float64 in [0, 1], in the order of `names`.

    Raises
    ------
    SaeError
        For a name that is not one of `PHOTOGRAPHS`.

    References
    ----------
    scikit-image, `skimage.data`, where the author and licence of each is stated. Grey is 0.2125 R + 0.7154 G +
    0.0721 B (`skimage.color.rgb2gray`).
    """
    names = [names] if isinstance(names, str) else names
    unknown = [repr(name) for name in names if name not in PHOTOGRAPHS]
    if unknown or not names:
        raise SaeError(
            f"no photograph is named {', '.join(unknown) or 'nothing'}; expected some of {', '.join(PHOTOGRAPHS)}."
        )
    from skimage import color, data, util

    images = []
    for name in names:
        image = data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()
        images.append(color.rgb2gray(image) if image.ndim == 3 else util.img_as_float64(image))
    return images
