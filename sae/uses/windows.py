"""Windows of a time series in the order of time: to learn from, to choose by and to test on; and how one is distorted.

A row is `width` values in a row and the one after them. The three parts follow one another, so that nothing is chosen
or learned from what comes after; the past of a row may reach into the part before, as it does whenever one forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import SaeError

SHARES = (0.6, 0.8)  # where the rows to train on end, and those to choose by
DISTORTIONS = ("spike", "stuck", "backwards")


@dataclass(frozen=True)
class Series:
    """A series and how it is cut into windows.

    Attributes
    ----------
    name, unit : str
    values, time : (m,) arrays
        NaN where nothing was measured.
    width : int
        Values of a window.
    relative : bool
        Whether levels don't matter, as of a series with a trend: a window is then what it is less its last value, or,
        of anomalies, its mean.
    sizes : tuple of int
        Numbers of windows to train on.
    orders : tuple of int
        Of the autoregression, to choose from, at most `width`.
    """

    name: str
    unit: str
    values: np.ndarray
    time: np.ndarray
    width: int
    relative: bool
    sizes: tuple[int, ...]
    orders: tuple[int, ...]

    def task(self, n: int) -> str:
        """Return what the task of forecasting after n windows is called."""
        return f"{self.name}, next value from {n} windows"

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the windows with the value after each, (m, width + 1), without gaps, and that value's place."""
        found = np.lib.stride_tricks.sliding_window_view(self.values, self.width + 1)
        places = np.arange(self.width, len(self.values))
        whole = ~np.isnan(found).any(axis=1)
        return found[whole], places[whole]


class Parts(NamedTuple):
    """Rows to train on, to choose by and to test on, in units of `scale`, and the places of the tested last values."""

    train: np.ndarray
    choose: np.ndarray
    test: np.ndarray
    scale: float
    places: np.ndarray


def parts(series: Series, until: float) -> Parts:
    """Return the rows of a share of the series, from its beginning, in three parts, one after another.

    Levels are taken off, by the last known value (`relative`) or by the mean of the values to train on, and `scale` is
    the standard deviation of the pasts to train on.

    Raises
    ------
    SaeError
        If there are fewer rows to train on than the largest of `sizes`.
    """
    rows, places = series.rows()
    count = int(len(rows) * until)
    one, two = (int(count * share) for share in SHARES)
    if one < max(series.sizes):
        raise SaeError(f"{series.name} has {one} windows to train on; expected {max(series.sizes)}: ask for fewer.")
    rows = rows[:count] - (rows[:count, -2:-1] if series.relative else rows[:one].mean())
    scale = float(rows[:one, :-1].std())
    rows = rows / scale
    return Parts(rows[:one], rows[one:two], rows[two:], scale, places[two:count])


def centred(series: Series, rows: np.ndarray) -> np.ndarray:
    """Return windows (m, width) without what comes after them, less their means if levels don't matter."""
    past = rows[:, :-1]
    return past - past.mean(axis=1, keepdims=True) if series.relative else past


def distort(past: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return a distorted copy of windows (m, p), in units of their standard deviation.

    "spike" adds or subtracts 2 at one value; "stuck" repeats a value for the third of the window after it; "backwards"
    turns time round.
    """
    m, p = past.shape
    found, rows = past.copy(), np.arange(m)
    if kind == "backwards":
        return found[:, ::-1].copy()
    if kind == "spike":
        found[rows, rng.integers(p, size=m)] += rng.choice([-2.0, 2.0], size=m)
        return found
    if kind != "stuck":
        raise SaeError(f"kind is {kind!r}; expected one of {', '.join(DISTORTIONS)}.")
    for row, start in zip(found, rng.integers(p - p // 3, size=m), strict=True):
        row[start : start + p // 3 + 1] = row[start]
    return found
