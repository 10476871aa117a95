"""Photographs for the uses: which are trained on, which are chosen by and which are tested on, in each repetition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..data.sets import load_photographs
from .use import Setting

# No repetition has only textures, and over five of them each photograph is tested
ORDER = ("camera", "brick", "astronaut", "chelsea", "grass", "coffee", "rocket", "gravel", "motorcycle")
TEST, CHOOSE = 2, 2  # photographs to test on and to choose by; the other five are trained on
SIDE = 8  # of a patch, as JPEG's blocks
QUICK_SIZE = 96  # of a part in the middle


class Photographs(NamedTuple):
    """Grey photographs, (height, width) in [0, 1], no one in two of the lists."""

    train: list[np.ndarray]
    validation: list[np.ndarray]
    test: list[np.ndarray]


def split(images: Sequence[Any], k: int) -> Photographs:
    """Return the photographs of the k-th repetition: the list goes round by as many as are tested."""
    turned = [images[(TEST * k + i) % len(images)] for i in range(len(images))]
    return Photographs(turned[TEST + CHOOSE :], turned[TEST : TEST + CHOOSE], turned[:TEST])


def load(setting: Setting):
    """Return the Bunch of the photographs in `ORDER`, only their middles if quick."""
    found = load_photographs(ORDER)
    if setting.quick:
        found.images = [middle(image, QUICK_SIZE) for image in found.images]
    return found


def middle(image: np.ndarray, size: int) -> np.ndarray:
    """Return the middle of an image, at most size x size."""
    top, left = (max(0, length - size) // 2 for length in image.shape)
    return image[top : top + size, left : left + size]
