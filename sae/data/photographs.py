"""Photographs that ship in scikit-image's wheel, in grey or in colour: no download."""

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
COLOUR_PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle")


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
    from skimage import color, util

    images = [_load(name) for name in _known(names, PHOTOGRAPHS)]
    return [color.rgb2gray(image) if image.ndim == 3 else util.img_as_float64(image) for image in images]


def colour_photographs(names: Sequence[str] | str = COLOUR_PHOTOGRAPHS) -> list[np.ndarray]:
    """Return photographs in colour, (height, width, 3) float64 in [0, 1], red, green and blue, in the order of `names`.

    Raises
    ------
    SaeError
        For a name that is not one of `COLOUR_PHOTOGRAPHS`.

    References
    ----------
    scikit-image, `skimage.data`, where the author and licence of each is stated.
    """
    from skimage import util

    return [util.img_as_float64(_load(name)) for name in _known(names, COLOUR_PHOTOGRAPHS)]


def _load(name):
    from skimage import data

    return data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()


def _known(names, known):
    names = [names] if isinstance(names, str) else names
    unknown = [repr(name) for name in names if name not in known]
    if unknown or not names:
        raise SaeError(
            f"no photograph is named {', '.join(unknown) or 'nothing'}; expected some of {', '.join(known)}."
        )
    return names
