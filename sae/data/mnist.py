"""MNIST from its four IDX files, or from OpenML if asked for; never other data instead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MissingDataError, SaeError
from .sets import bunch
from .tables import read

if TYPE_CHECKING:
    from sklearn.utils import Bunch

PARTS = {"X": "train-images", "y": "train-labels", "X_test": "t10k-images", "y_test": "t10k-labels"}
WHITE = 255


def load_mnist(folder: str | os.PathLike | None = None, *, fetch: bool = False) -> Bunch:
    """Return MNIST with the face of `sae.data.sets`: data (60000, 784) in [0, 1], pixel / 255, target 0 to 9.

    Rows are pictures of 28 x 28 (`shape`), one row of pixels after the other. `data_test` (10000, 784) and
    `target_test` are the digits to test on.

    Parameters
    ----------
    folder : path, optional
        Holds the four IDX files, plain or .gz, or a folder "mnist" of them; the environment variable SAE_DATA unless
        given.
    fetch : bool
        Download it with scikit-learn's `fetch_openml("mnist_784")` instead.

    Raises
    ------
    SaeError
        If a file is missing or is not MNIST's, or there is neither a folder nor leave to download.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998).
    """
    if fetch:
        return _fetched()
    folder = folder or os.environ.get("SAE_DATA")
    if not folder:
        raise MissingDataError(
            "where is MNIST? Set SAE_DATA to the folder of its four IDX files, give that folder, or download it with "
            "fetch=True."
        )
    found = {name: _part(Path(folder), stem) for name, stem in PARTS.items()}
    return _checked(**found)


def _part(folder, stem):
    axes = "idx3" if "images" in stem else "idx1"
    names = [f"{stem}{dot}{axes}-ubyte{gz}" for gz in ("", ".gz") for dot in "-."]
    paths = (place / name for place in (folder, folder / "mnist") for name in names)
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise MissingDataError(
            f"neither {folder} nor {folder / 'mnist'} has {names[0]}, plain or .gz; expected MNIST's four IDX files "
            "there. They can be downloaded with load_mnist(fetch=True)."
        )
    return read(path).X


def _checked(X, y, X_test, y_test) -> Bunch:
    """Return what was read as columns."""
    shapes = [a.shape for a in (X, y, X_test, y_test)]
    if shapes != [(784, 60_000), (1, 60_000), (784, 10_000), (1, 10_000)]:
        raise SaeError(f"these files hold arrays of shapes {shapes}; expected MNIST's 60000 and 10000 of 28 x 28.")
    for images in (X, X_test):
        np.divide(images, WHITE, out=images)
    return bunch(
        X.T,
        target=y[0].astype(np.int64),
        data_test=X_test.T,
        target_test=y_test[0].astype(np.int64),
        names=[f"pixel {i}, {j}" for i in range(28) for j in range(28)],
        title="MNIST, 28 x 28",
        source="Y. LeCun, C. Cortes, C. Burges (1998)",
        licence="CC BY-SA 3.0 (Y. LeCun, C. Cortes)",
        description="Handwritten digits of about 500 people, as grey, 0 to 1, in 28 x 28 pixels.",
        shape=(28, 28),
    )


def _fetched():
    try:
        from sklearn.datasets import fetch_openml
    except ImportError as error:
        raise SaeError("downloading MNIST takes scikit-learn: pip install scikit-learn, or set SAE_DATA.") from error
    try:
        rows, labels = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False, parser="liac-arff")
    except (OSError, ValueError) as error:
        raise MissingDataError(
            f"MNIST can't be downloaded ({error}); get its four IDX files and set SAE_DATA."
        ) from error
    X, y = np.asarray(rows, np.float64).T, np.asarray(labels).astype(np.int64)[None]
    return _checked(X[:, :60_000], y[:, :60_000], X[:, 60_000:], y[:, 60_000:])
