"""Pictures as examples: PNG and JPEG files, in grey, their pixels as parts of full scale."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..errors import SaeError

ENDINGS = (".png", ".jpg", ".jpeg")
GREY = {"1": 1, "L": 255, "I;16": 65535, "I;16B": 65535}  # Pillow's modes, and their white
DEPTH = 24  # where a PNG says how many bits a sample has
# Pixels that a byte can tell at most: of a PNG 1 bit a pixel, packed 1032-fold; of a JPEG 1 bit a block of 64.
MOST_PIXELS = {"PNG": 8 * 1032, "JPEG": 8 * 64, "MPO": 8 * 64}


def picture(file: BinaryIO, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a picture as (height, width) float64 in [0, 1], and notes on what was done to it.

    Raises
    ------
    SaeError
        If it is damaged, transparent, an animation or in colours other than RGB.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a picture of a hundred million pixels
            memory = io.BytesIO(file.read())  # reading 2 GB of it, as a damaged length may ask for, allocates nothing
            with Image.open(memory, formats=("PNG", "JPEG")) as image:
                frames = getattr(image, "n_frames", 1)
                if frames > 1 and image.format == "PNG":
                    raise SaeError(f"{where} is an animation of {frames} pictures; save them one by one.")
                _check_size(image, memory.getbuffer().nbytes, where)
                turned = ImageOps.exif_transpose(image)
                return _grey(turned, where, _before(image, memory))
    except SaeError:
        raise
    except Exception as error:  # Pillow's parsers let many kinds through
        raise SaeError(f"{where} can't be read as a picture ({error}); open it elsewhere and save it again.") from error


def _check_size(image, size, where):
    """Raise if the picture claims more pixels than its file can tell: JPEG makes grey of all that is not there."""
    width, height = image.size
    if width * height > MOST_PIXELS[image.format] * size:
        raise SaeError(f"{where} claims {width} x {height} pixels, more than its {size} bytes can hold; copy it again.")


def _before(image, file):
    """Return notes on what Pillow has done already."""
    if image.getexif().get(0x0112, 1) in range(2, 9):
        yield "turned as its EXIF orientation says"
    file.seek(DEPTH)
    if image.format == "PNG" and file.read(1) == b"\x10" and image.mode not in GREY:
        yield "16-bit colours read to 8 bits"


def _grey(image, where, notes):
    if image.mode in ("P", "PA", "LA", "RGBA") or "transparency" in image.info:
        if np.asarray(image.convert("RGBA"))[..., 3].min() < 255:
            raise SaeError(f"{where} is transparent in places, which have no grey; put it on a background and save it.")
        image = image.convert("L" if image.mode in ("L", "LA") else "RGB")
    if image.mode in GREY:
        white = GREY[image.mode]
        return np.asarray(image).astype(np.float64) / white, (*notes, f"grey = pixel / {white}")
    if image.mode != "RGB":
        raise SaeError(f"{where} has pixels of Pillow's mode {image.mode!r}; expected grey or RGB. Convert it.")
    R, G, B = np.moveaxis(np.asarray(image) / 255, -1, 0)
    grey = 0.2125 * R + 0.7154 * G + 0.0721 * B  # as sae.data.photographs has it; of white exactly 1
    return grey, (*notes, "grey = (0.2125 R + 0.7154 G + 0.0721 B) / 255")


def folder(path: Path, read: Callable[[Path], Any]) -> tuple[np.ndarray, list[str]]:
    """Return the pictures of a folder by name, (m, height, width), and notes; `read` gives a file's picture and notes.

    Raises
    ------
    SaeError
        If there are none, or if they differ in size.
    """
    files = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    pictures = [p for p in files if p.suffix.lower() in ENDINGS]
    if not pictures:
        raise SaeError(f"{path} holds {len(files)} files and no picture; expected some {', '.join(ENDINGS)}.")
    grey, seen = read(pictures[0])
    images = np.empty((len(pictures), *grey.shape))
    notes = dict.fromkeys(seen)
    for i, file in enumerate(pictures):
        grey, seen = read(file)
        if grey.shape != images.shape[1:]:
            raise SaeError(
                f"{file} has {_size(grey.shape)} pixels, {pictures[0].name} has {_size(images.shape[1:])}; expected "
                "pictures of one size. Cut or scale them."
            )
        images[i], notes = grey, notes | dict.fromkeys(seen)
    left = [p.name for p in files if p not in set(pictures)]
    if left:
        notes[
            f"left out {len(left)} other file{'s' * (len(left) > 1)}: {', '.join(left[:3])}{', ...' * (len(left) > 3)}"
        ] = None
    return images, list(notes)


def _size(shape):
    return f"{shape[1]} x {shape[0]}"
