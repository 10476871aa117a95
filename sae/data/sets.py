"""Data sets with one face: each `load_*` returns a Bunch with the data, their names, source and licence.

Keys of every Bunch: `data` (m, n), rows are examples, float64; `target` (m,), or None; `names`, of the n columns;
`title`, `source` and `licence`; `description`. What else there is, each function says. Nothing is downloaded without
fetch=True, and there are never other data instead: what is missing is a MissingDataError error that says how to get it.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .. import checks
from ..errors import MissingDataError
from .photographs import PHOTOGRAPHS, photographs

if TYPE_CHECKING:
    from sklearn.utils import Bunch

DISTRIBUTIONS = {"pywt": "PyWavelets"}
EXTRA = 'pip install "sae[data]"'
PUBLIC, CC0 = "public domain", "CC0"
LICENCES = {"camera": CC0, "astronaut": f"{PUBLIC} (NASA)", "chelsea": CC0, "coffee": CC0}
LICENCES |= {"rocket": f"{PUBLIC} (SpaceX)", "brick": CC0, "grass": CC0, "gravel": CC0}
LICENCES |= {"motorcycle": "none stated (Middlebury Stereo 2014; cite D. Scharstein et al., GCPR 2014)"}
KDD_COLUMNS = ("duration", "src_bytes", "dst_bytes")  # what scikit-learn keeps of "http" and "smtp", as logarithms


def bunch(data, *, names: Sequence[str], title: str, source: str, licence: str, description: str, **more) -> Bunch:
    """Return a Bunch; `data` (m, n) or, of one column, (m,)."""
    from sklearn.utils import Bunch

    rows = np.ascontiguousarray(data, dtype=np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    about = {"title": title, "source": source, "licence": licence, "description": description}
    return Bunch(data=rows, **{"target": None, **more}, names=list(names), **about)


def cite(found: Bunch) -> str:
    """Return what the data are, their source and licence, in one line."""
    return f"{found.title} ({found.source}; {found.licence})"


def package(name: str, what: str) -> ModuleType:
    """Return a package that carries data; `what` says so, such as "the sunspots come with".

    Raises
    ------
    MissingDataError
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        found = DISTRIBUTIONS.get(name, name.partition(".")[0])
        raise MissingDataError(f"{what} the package {found}, which is not installed: {EXTRA}.") from error


def load_digits() -> Bunch:
    """Return 1797 handwritten digits of 8 x 8 pixels, data (1797, 64) from 0 to 16, target 0 to 9.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998).
    """
    from sklearn import datasets

    found: Any = datasets.load_digits()
    return bunch(
        found.data,
        target=found.target.astype(np.int64),
        names=[f"pixel {i}, {j}" for i in range(8) for j in range(8)],
        title="digits, 8 x 8",
        source="E. Alpaydin, C. Kaynak, UCI Machine Learning Repository (1998), in scikit-learn",
        licence="CC BY 4.0 (UCI)",
        description="Handwritten digits of 43 people, as counts of ink, 0 to 16, in 8 x 8 cells.",
        shape=(8, 8),
    )


def load_breast_cancer() -> Bunch:
    """Return 569 tumours, data (569, 30); target 1 is malignant, 0 benign (scikit-learn has it the other way round).

    References
    ----------
    W. H. Wolberg, W. N. Street, O. L. Mangasarian, "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning
    Repository (1995).
    """
    from sklearn import datasets

    found: Any = datasets.load_breast_cancer()
    return bunch(
        found.data,
        target=(found.target == 0).astype(np.int64),
        names=[str(name) for name in found.feature_names],
        title="breast cancer, Wisconsin (diagnostic)",
        source="W. H. Wolberg et al., UCI Machine Learning Repository (1995), in scikit-learn",
        licence="CC BY 4.0 (UCI)",
        description="Measures of cell nuclei in pictures of fine needle aspirates of breast tumours.",
        target_names=["benign", "malignant"],
    )


def load_kddcup99(subset: Literal["http", "smtp"] = "http", *, fetch: bool = False) -> Bunch:
    """Return network connections of one service, data (m, 3); target 1 is an attack, 0 normal.

    The columns are log(0.1 + x) of the duration in seconds and of the bytes sent and received, as in `sources`.

    Parameters
    ----------
    subset : {"http", "smtp"}
        The service: http of the tenth of all connections that scikit-learn takes, smtp, where attacks are few, of all.
    fetch : bool
        Download it (kept by scikit-learn in its data folder) unless it was before.

    Raises
    ------
    MissingDataError
        If it was not downloaded before, without `fetch`; or if it can't be.

    References
    ----------
    "KDD Cup 1999 Data", UCI Machine Learning Repository (1999). K. Yamanishi et al., "On-line unsupervised outlier
    detection using finite mixtures with discounting learning algorithms", KDD 2000: the three columns.
    """
    from sklearn.datasets import fetch_kddcup99

    checks.one_of("subset", subset, ("http", "smtp"))
    try:
        found: Any = fetch_kddcup99(subset=subset, percent10=subset != "smtp", download_if_missing=fetch)
    except OSError as error:
        if fetch:
            raise MissingDataError(f"KDD Cup 99 can't be downloaded ({error}); try again with a network.") from error
        raise MissingDataError(
            "KDD Cup 99 (network traffic) is not on this machine; download it once with `sae uses --fetch` or "
            f'sae.data.load_kddcup99("{subset}", fetch=True).'
        ) from error
    return bunch(
        found.data.astype(np.float64),
        target=(found.target != b"normal.").astype(np.int64),
        names=[f"log {name}" for name in KDD_COLUMNS],
        title=f"KDD Cup 99, {subset}",
        source="UCI Machine Learning Repository (1999), downloaded by scikit-learn",
        licence="CC BY 4.0 (UCI)",
        description="Connections in a simulated network, normal ones and attacks.",
        target_names=["normal", "attack"],
    )


def load_photographs(names: Sequence[str] | str = PHOTOGRAPHS) -> Bunch:
    """Return grey photographs of scikit-image: `images`, a list of (height, width) arrays in [0, 1], as `photographs`.

    They differ in size, so `data` has a row for each photograph with its height and width.
    """
    names = [names] if isinstance(names, str) else list(names)
    images = photographs(names)
    return bunch(
        [image.shape for image in images],
        names=["height", "width"],
        title=f"photographs: {', '.join(names)}",
        source="skimage.data",
        licence="; ".join(f"{name}: {LICENCES[name]}" for name in names),
        description="Photographs in grey, 0 to 1.",
        images=images,
        image_names=names,
    )
