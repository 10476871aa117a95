r"""Whole images to overlapping patches, and whole images back from them.

(X1)   x_{uv} = I\left[t_u : t_u + h,\; l_v : l_v + w\right],   t_u = 0, d, 2d, \dots, H - h        (m, n)
(X2)   I = \sum_{uv} \mathrm{place}_{uv}(x_{uv}) / \sum_{uv} \mathrm{place}_{uv}(1)

t and l are the top and left of patch u v, d the stride. Where the stride does not end at the border, one more patch
lies flush with it, so that each pixel is in a patch; (X2) averages where patches overlap.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils.validation import check_array, check_is_fitted

from .. import checks
from ..errors import SaeError
from .base import KINDS, Preprocessor, outputs


class PatchExtractor(Preprocessor):
    """Cut images (m, H, W) or (m, H, W, channels) into rows, a patch each (X1); `inverse_transform` is (X2).

    The patches of the first image come first, from left to right and from top to bottom, raveled in C order: there
    are `patches_per_image_` times as many rows as images.

    Parameters
    ----------
    patch_size : int or (int, int)
        Height and width.
    stride : int or (int, int)
        How far one patch is from the next, down and to the right; at most the size of a patch.

    Attributes
    ----------
    image_shape_ : array of int
        (H, W) or (H, W, channels) of the images fitted; those that come later have the same.
    patches_per_image_ : int
    """

    _arrays: ClassVar = {"image_shape_": "d"}

    def __init__(self, patch_size=8, *, stride=1):
        self.patch_size = patch_size
        self.stride = stride

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        return tags

    def _check_parameters(self):
        size, stride = _pair("patch_size", self.patch_size), _pair("stride", self.stride)
        if stride[0] > size[0] or stride[1] > size[1]:
            raise SaeError(
                f"stride is {stride} and patch_size is {size}; expected strides of at most the size, or there are "
                "pixels in no patch."
            )

    def _check_fitted(self):
        shape, size = self.image_shape_, _pair("patch_size", self.patch_size)
        if shape.dtype.kind != "i" or len(shape) not in (2, 3) or (shape < 1).any() or (shape > 10**6).any():
            raise SaeError(
                f"the images have shape {shape.tolist()}; expected height, width, perhaps channels, at most 10**6 each."
            )
        if size[0] > shape[0] or size[1] > shape[1]:
            raise SaeError(
                f"a patch of {size[0]} x {size[1]} is larger than the images, {shape[0]} x {shape[1]}; use a smaller "
                "patch_size."
            )

    @property
    def patches_per_image_(self) -> int:
        """How many patches an image has."""
        top, left = self._places()
        return len(top) * len(left)

    @property
    def _patch_shape(self) -> tuple[int, ...]:
        return (*_pair("patch_size", self.patch_size), *self.image_shape_[2:].tolist())

    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return t and l of (X1)."""
        sides = zip(
            self.image_shape_[:2].tolist(),
            _pair("patch_size", self.patch_size),
            _pair("stride", self.stride),
            strict=True,
        )
        top, left = (np.union1d(np.arange(0, side - size, d), [side - size]) for side, size, d in sides)  # (X1)
        return top.astype(int), left.astype(int)

    def fit(self, X, y=None):
        """Note the shape of the images X (m, H, W) or (m, H, W, channels); y is ignored."""
        self._check_parameters()
        self.image_shape_ = np.array(_images(X).shape[1:], dtype=np.int64)
        self._check_fitted()
        return self

    def transform(self, X):
        """Return (X1), the patches of the images X, an array (m * patches_per_image_, h * w * channels)."""
        check_is_fitted(self)
        X = _images(X)
        if X.shape[1:] != tuple(self.image_shape_):
            raise SaeError(
                f"the images have shape {X.shape[1:]}; expected {tuple(self.image_shape_.tolist())}, as at fit. Images "
                "of another size need an extractor of their own."
            )
        top, left = self._places()
        h, w, *channels = self._patch_shape
        windows = sliding_window_view(X, (h, w), axis=(1, 2))[:, top[:, None], left]  # (X1)
        if channels:
            windows = np.moveaxis(windows, 3, -1)
        return windows.reshape(-1, np.prod(self._patch_shape))

    def inverse_transform(self, X):
        """Return (X2), the images whose patches are the rows X, an array (m, H, W) or (m, H, W, channels)."""
        check_is_fitted(self)
        X = outputs(X, int(np.prod(self._patch_shape)))
        if len(X) % self.patches_per_image_:
            raise SaeError(
                f"there are {len(X)} patches; expected a multiple of {self.patches_per_image_}, all of each image."
            )
        top, left = self._places()
        h, w, *channels = self._patch_shape
        x = X.reshape(-1, len(top), len(left), h, w, *channels)
        total = np.zeros((len(x), *self.image_shape_))
        count = np.zeros(self.image_shape_)
        for i in range(h):
            for j in range(w):  # pixel (i, j) of all patches at once: they lie in different places
                total[:, top[:, None] + i, left + j] += x[:, :, :, i, j]  # (X2)
                count[top[:, None] + i, left + j] += 1  # (X2)
        return (total / count).astype(X.dtype)  # (X2)

    def reassemble(self, X):
        """Return whole images from patches: another name of `inverse_transform`."""
        return self.inverse_transform(X)

    def get_feature_names_out(self, input_features=None):
        """Return `pixel_row_column` or `pixel_row_column_channel` for each feature; input_features is ignored."""
        check_is_fitted(self)
        return np.array(["pixel_" + "_".join(map(str, i)) for i in np.ndindex(self._patch_shape)], dtype=object)


def _pair(name: str, value) -> tuple[int, int]:
    if isinstance(value, tuple | list) and len(value) == 2:
        return checks.count(name, value[0]), checks.count(name, value[1])
    side = checks.count(name, value)
    return side, side


def _images(X) -> np.ndarray:
    try:
        X = check_array(X, dtype=KINDS, ensure_2d=False, allow_nd=True)
    except ValueError as error:
        raise SaeError(str(error)) from error
    if X.ndim not in (3, 4) or 0 in X.shape:
        raise SaeError(
            f"the images have shape {X.shape}; expected (m, height, width) or (m, height, width, channels): one image "
            "is image[None]."
        )
    return X
