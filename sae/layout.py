"""The layout of theta: which slice of the vector is which parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .errors import SaeError


@dataclass(frozen=True)
class Layout:
    """Names and shapes of the parameters that theta holds one after the other, each raveled in C order.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        In the order of theta, for example {"W1": (25, 64), "W2": (64, 25), "b1": (25,), "b2": (64,)}.
    """

    shapes: dict[str, tuple[int, ...]]

    @cached_property
    def slices(self) -> dict[str, slice]:
        """The slice of theta for each name."""
        slices, start = {}, 0
        for name, shape in self.shapes.items():
            slices[name] = slice(start, start + math.prod(shape))
            start = slices[name].stop
        return slices

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of theta."""
        return tuple(self.shapes)

    @cached_property
    def size(self) -> int:
        """The length p of theta."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def unpack(self, theta: np.ndarray) -> list[np.ndarray]:
        """Return the parameters in order, as views into theta; raise SaeError unless it has this layout's size."""
        if theta.shape != (self.size,):
            raise SaeError(f"theta has shape {theta.shape}; this layout describes ({self.size},).")
        return [theta[self.slices[name]].reshape(shape) for name, shape in self.shapes.items()]

    def pack(self, **parameters: np.ndarray) -> np.ndarray:
        """Return theta, the parameters by name put one after the other.

        Raises
        ------
        SaeError
            If a name is missing or unknown, or a shape differs.
        """
        shapes = {name: np.shape(value) for name, value in parameters.items()}
        if shapes != self.shapes:
            raise SaeError(f"the parameters have shapes {shapes}; expected {self.shapes}.")
        return np.concatenate([np.ravel(parameters[name]) for name in self.names])

    @classmethod
    def autoencoder(cls, n: int, n_hidden: int) -> Layout:
        """Return the layout [W1, W2, b1, b2] of an autoencoder with n visible and n_hidden hidden units."""
        return cls({"W1": (n_hidden, n), "W2": (n, n_hidden), "b1": (n_hidden,), "b2": (n,)})
