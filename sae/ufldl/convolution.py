"""UFLDL, "Convolution and Pooling": colour features over whole images, pooled, to tell classes of images apart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..convolution import fold_whitening, pooled_responses
from ..data import colour_photographs
from ..data.photographs import COLOUR_PHOTOGRAPHS
from ..errors import SaeError
from ..plots import plot_colour_filters
from ..softmax import Softmax
from .confusion import plot_confusion
from .exercise import Outcome, Row, Setting, accuracy, digest
from .lineardecoder import SIDE, learn, plain_numpy

TITLE = "Convolution and pooling of colour features, to tell images of 64 x 64 apart"
SUBSET = {"train": "stlTrainSubset.mat", "test": "stlTestSubset.mat"}
STL_CLASSES = ("airplane", "car", "cat", "dog")
IMAGE, POOL, LAM = 64, 19, 1e-4


class Images(NamedTuple):
    """Colour images (m, 64, 64, 3) in [0, 1] with their classes from 0 on."""

    train: np.ndarray
    y: np.ndarray
    test: np.ndarray
    y_test: np.ndarray
    classes: tuple[str, ...]
    name: str
    published: str


def run(setting: Setting) -> Outcome:
    """The 400 features of `lineardecoder` over images, means of 19 x 19 places, softmax lambda 1e-4, 200 iterations."""
    iterations = 200 if not setting.quick else 60
    images = load_images(setting)
    objective, theta, white, *_ = learn(setting)
    W1, _, b1, _ = objective.layout.unpack(theta)
    filters = fold_whitening(W1, b1, white.matrix, white.mean)

    def features(what, pictures):
        setting.log(f"convolving {len(pictures)} images {what}")
        with setting.timed():
            pooled = pooled_responses(pictures, filters.W, filters.b, SIDE, POOL)
        return pooled.reshape(len(pictures), -1).T

    X, X_test = features("to train on", images.train), features("to test on", images.test)
    right, found, softmax = _told(setting, "softmax on pooled features", X, X_test, images, iterations)
    pixels, tests = (part[:, ::4, ::4].reshape(len(part), -1).T for part in (images.train, images.test))
    raw, *_ = _told(setting, "softmax on every fourth pixel", pixels, tests, images, iterations)
    return Outcome(
        rows=[
            Row("convolution", "accuracy with pooled features", right, images.published),
            Row("convolution", "accuracy with pixels, every fourth", raw),
        ],
        settings={
            "features": len(W1),
            "pool": POOL,
            "softmax lambda": LAM,
            "softmax iterations": iterations,
            "m": len(images.y),
            "tests": len(images.y_test),
            "dtype": setting.dtype,
        },
        digest=digest(*(part.reshape(len(part), -1).T for part in (images.train, images.test))),
        figures={
            "filters": plot_colour_filters(
                filters.W, title="Filters that images are convolved with: the whitening and W1 in one"
            ),
            "confusion": plot_confusion(
                images.y_test, {"softmax on pooled features": softmax.predict(found, X_test)}, images.classes
            ),
        },
        theta=found,
        layout=softmax.layout,
        evaluation=plain_numpy(objective, theta),
        notes=[images.name],
    )


def _told(setting: Setting, what: str, X, X_test, images: Images, iterations: int):
    """Return the accuracy on the test images, theta and the objective."""
    softmax = Softmax(X, images.y, lam=LAM, threads=setting.threads)
    theta = setting.train(what, softmax, softmax.init(setting.rng(2)), iterations)
    return accuracy(softmax.predict(theta, X_test), images.y_test), theta, softmax


def load_images(setting: Setting) -> Images:
    """Return UFLDL's subset of STL-10 where its files are, in the folder of the data; otherwise crops of photographs.

    The name of the images says which; the published number belongs to the subset alone.
    """
    place = stl_folder(setting)
    if place is not None:
        return _subset(place)
    looked = " nor in ".join(map(str, _places(setting))) or "any folder (--data, SAE_DATA)"
    setting.log(
        f"{SUBSET['train']}, of UFLDL's subset of STL-10 (ufldl.stanford.edu, stlSubset.zip), is not in {looked}: "
        "crops of photographs are told apart instead"
    )
    return _crops(setting, *((400, 200) if not setting.quick else (60, 30)))


def stl_folder(setting: Setting) -> Path | None:
    """Return where UFLDL's subset of STL-10 is, None if it is nowhere."""
    return next((place for place in _places(setting) if (place / SUBSET["train"]).is_file()), None)


def _places(setting: Setting) -> list[Path]:
    where = os.environ.get("SAE_DATA") if setting.data in (None, "digits") else setting.data
    return [Path(where), Path(where) / "stl"] if where else []


def check_files(setting: Setting) -> None:
    """Read the subset if it is there, so that a damaged file is noticed before hours of work."""
    place = stl_folder(setting)
    if place is not None:
        _subset(place)


def _subset(folder: Path) -> Images:
    (train, y), (test, y_test) = (_part(folder / name, part) for part, name in SUBSET.items())
    name = f"UFLDL's subset of STL-10: {', '.join(STL_CLASSES)}"
    return Images(train, y, test, y_test, STL_CLASSES, name, "about 80 %")


def _part(path: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (m, 64, 64, 3) and classes (m,) of one of the files."""
    from scipy.io import loadmat

    if not path.is_file():
        raise SaeError(f"{path} is missing, and {SUBSET['train']} is there; copy both of them.")
    try:
        file = loadmat(path)
        pictures, labels = file[f"{part}Images"], file[f"{part}Labels"].ravel()
    except KeyError as error:
        raise SaeError(f"{path} has no variable {error}; expected UFLDL's subset of STL-10.") from error
    except Exception as error:  # SciPy raises all kinds of errors for damaged files
        raise SaeError(f"{path} can't be read ({error}); expected UFLDL's subset of STL-10: copy it again.") from error
    if pictures.shape != (IMAGE, IMAGE, 3, labels.size):
        raise SaeError(f"{path} holds {pictures.shape}; expected (64, 64, 3, m) and as many labels.")
    if not np.isin(labels, range(1, len(STL_CLASSES) + 1)).all():
        raise SaeError(f"{path} has labels from {labels.min()} to {labels.max()}; expected 1 to {len(STL_CLASSES)}.")
    images = np.moveaxis(pictures, -1, 0).astype(np.float64)
    if pictures.dtype == np.uint8:
        images /= 255
    if not (images.min() >= 0 and images.max() <= 1):
        raise SaeError(f"{path} has values from {images.min():g} to {images.max():g}; expected 0 to 1, or whole bytes.")
    return images, labels.astype(np.int64) - 1


def _crops(setting: Setting, train: int, test: int) -> Images:
    """Cut images from the left (train) and the right part (test) of each photograph; its name is the class."""
    rng, parts = setting.rng(3), {"train": [], "test": []}
    for photograph in colour_photographs():
        height, width, _ = photograph.shape
        border = width * 2 // 3  # no pixel is in both parts
        for part, count, low, high in (("train", train, 0, border), ("test", test, border, width)):
            tops = rng.integers(0, height - IMAGE + 1, count)
            lefts = rng.integers(low, high - IMAGE + 1, count)
            crops = [photograph[i : i + IMAGE, j : j + IMAGE] for i, j in zip(tops, lefts, strict=True)]
            parts[part].append(np.array(crops))
    classes = len(COLOUR_PHOTOGRAPHS)
    name = f"crops of {classes} photographs ({', '.join(COLOUR_PHOTOGRAPHS)}), the left two thirds to train on"
    return Images(
        np.concatenate(parts["train"]),
        np.repeat(np.arange(classes), train),
        np.concatenate(parts["test"]),
        np.repeat(np.arange(classes), test),
        COLOUR_PHOTOGRAPHS,
        name,
        "- (about 80 % on STL-10)",
    )
