r"""The range of the data and the range that the decoder can reach: one affine map of the whole of X, or none.

A sigmoid unit answers in [0, 1], so data outside it can't be reconstructed. With [a, b] the range of the output
activation and [low, high] that of the data,

(N1)   x = a + (b - a) \frac{X - low}{high - low}                              (m, n)
(N2)   X = low + (high - low) \frac{x - a}{b - a}                              (m, n)

The map is the same for all features, so that an image stays an image and constant features are no special case. It
is *no* map, not even a copy, where [low, high] = [a, b]. Features of different units need one map each before: put
sklearn.preprocessing.MinMaxScaler or StandardScaler in front of the estimator, in a Pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .. import checks
from ..errors import SaeError

DataRange = tuple[float, float] | Literal["auto"] | None


@dataclass(frozen=True)
class Scaling:
    """The map from [low, high] to [a, b], and back; a b (and high) that is infinite leaves a shift, or nothing."""

    low: float
    high: float
    a: float
    b: float

    @property
    def is_identity(self) -> bool:
        """Whether there is nothing to do."""
        return not np.isfinite(self.a) or (self.low, self.high) == (self.a, self.b)

    def numbers(self, dtype: Any = np.float64) -> tuple[Any, Any, Any, Any]:
        """Return low, high - low, a and b - a in this precision; the widths are 1 for a mere shift."""
        low, high, a, b = (np.dtype(dtype).type(end) for end in (self.low, self.high, self.a, self.b))
        return (low, high - low, a, b - a) if np.isfinite(self.b) else (low, low.dtype.type(1), a, low.dtype.type(1))

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Return the data as the autoencoder sees them, in the precision of X; X itself if there is nothing to do."""
        if self.is_identity:
            return X
        low, data, a, units = self.numbers(X.dtype)
        return (X - low) / data * units + a  # (N1)

    def back(self, x: np.ndarray) -> np.ndarray:
        """Return what the autoencoder answers in the units of the data."""
        if self.is_identity:
            return x
        low, data, a, units = self.numbers(x.dtype)
        return (x - a) / units * data + low  # (N2)

    def check(self, X: np.ndarray) -> None:
        """Raise unless X lies in [low, high], both in the precision of X."""
        smallest, largest = X.min(), X.max()
        if not X.dtype.type(self.low) <= smallest <= largest <= X.dtype.type(self.high):
            raise SaeError(
                f"X has values from {smallest:.6g} to {largest:.6g}; the range of the data is [{self.low:g}, "
                f"{self.high:g}], as given or as in the first batch. Say what the range is: data_range=(low, high)."
            )


def scaling(X: np.ndarray, data_range: DataRange, reach: tuple[float, float], unit: str) -> Scaling:
    """Return the map that takes the data to what output units of this kind reach.

    Parameters
    ----------
    X : (m, n) array
        Examples as rows.
    data_range : "auto", (low, high) or None
        "auto" is the smallest interval that holds X and [a, b]: data that the decoder can reach stay as they are.
        None is [a, b] itself, and X outside it an error.
    reach : (a, b)
    unit : str
        Name of the output activation.
    """
    a, b = reach
    if data_range is None:
        checks.within(X, a, b, unit, otherwise="data_range='auto', which does, or output_activation='identity'")
        return Scaling(a, b, a, b)
    if isinstance(data_range, str):
        checks.one_of("data_range", data_range, ("auto",))
        low, high = min(a, float(X.min())), max(b, float(X.max()))
    else:
        low, high = _pair(data_range)
        Scaling(low, high, a, b).check(X)
    if np.isfinite(b):
        with np.errstate(over="ignore"):
            wide = not np.isfinite(X.dtype.type(high) - X.dtype.type(low))
        if wide:
            raise SaeError(f"X reaches from {low:g} to {high:g}, which overflows {X.dtype}; expected smaller numbers.")
    return Scaling(low, high, a, b)


def refuse_beyond(x: np.ndarray, reach: tuple[float, float], unit: str) -> None:
    """Raise if held-out examples, mapped as those of the training, lie beyond what the output unit reaches."""
    if not reach[0] <= x.min() <= x.max() <= reach[1]:
        raise SaeError(
            f"a held-out example has values beyond those of the training: mapped as they are, from {x.min():.6g} to "
            f"{x.max():.6g}, and {unit} output units reach [{reach[0]:g}, {reach[1]:g}]; the cross-entropy is none "
            "there. Say what the range is with data_range=(low, high), map the data to [0, 1] before, or hold none out."
        )


def _pair(data_range) -> tuple[float, float]:
    if not isinstance(data_range, tuple | list) or len(data_range) != 2:
        raise SaeError(f"data_range is {data_range!r}; expected 'auto', (low, high) or None.")
    low, high = (checks.number("an end of data_range", end, -1e300, 1e300) for end in data_range)
    if not low < high:
        raise SaeError(f"data_range is {data_range!r}; expected (low, high) with low < high.")
    return low, high
