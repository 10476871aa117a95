"""Pictures for the page: charts in letters that a phone can show, mosaics pixel by pixel."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from .. import plots

WIDTH, DPI = 4.6, 200  # inches; on the page as wide as a phone or half a screen
SHARP = 900  # pixels that a mosaic has at least
COLUMNS = 8  # examples in a row
LARGEST = 20 * 2**20  # bytes of a stored picture; those of a run have less than a tenth of a MiB
STYLE: dict[Any, Any] = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


class Picture(NamedTuple):
    """A PNG file."""

    data: bytes
    width: int
    height: int


def chart(plot: Callable[[], Figure], height: float | None = None) -> Picture:
    """Return a figure in the style of the page, without the title, which the page's own headings and captions are."""
    with matplotlib.rc_context(STYLE):
        figure = plot()
        figure.set_size_inches(WIDTH, figure.get_size_inches()[1] if height is None else height)
        for axes in figure.axes:
            axes.set_title("")
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return _picture(file.getvalue())


def mosaic(images: np.ndarray, low: float, high: float, columns: int | None = None) -> Picture:
    """Return images (k, height, width) in rows, low black and high white; nothing between them."""
    return _pixels(plots._mosaic(images, columns or math.ceil(math.sqrt(len(images)))), low, high)


def strips(kinds: Sequence[np.ndarray], low: float, high: float, columns: int = COLUMNS) -> Picture:
    """Return each of the first images (k, height, width) above its like of the others, with a gap below the last."""
    columns, rows = min(columns, len(kinds[0])), []
    for k in range(0, len(kinds[0]), columns):
        rows += [
            plots._mosaic(images[k : k + columns], columns)[: None if last else -1] for last, images in _last(kinds)
        ]
        rows.append(np.full((max(1, kinds[0].shape[1] // 4), rows[-1].shape[1]), np.nan))
    return _pixels(np.concatenate(rows[:-1]), low, high)


def _last(items):
    return [(i == len(items) - 1, item) for i, item in enumerate(items)]


def _pixels(canvas: np.ndarray, low: float, high: float) -> Picture:
    grey = np.clip((canvas - low) / ((high - low) or 1.0), 0, 1)
    values = np.stack([np.nan_to_num(grey), ~np.isnan(canvas)], axis=2)
    image = Image.fromarray(np.round(255 * values).astype(np.uint8), "LA")
    times = max(1, math.ceil(SHARP / canvas.shape[1]))
    file = io.BytesIO()
    image.resize((times * image.width, times * image.height), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return _picture(file.getvalue())


def _picture(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return Picture(data, *image.size)


def stored(path: Path) -> Picture | None:
    """Return a picture that the training left, None if there is none or it can't be decoded."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        data = path.read_bytes()
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > LARGEST:
                return None
            image.load()
        return _picture(data)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
