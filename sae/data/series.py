"""Time series with the face of `sae.data.sets`: `data` (m, 1), one number a point in time, and `time` (m,)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import MissingDataError
from .sets import bunch, package

if TYPE_CHECKING:
    from sklearn.utils import Bunch

ECG_HERTZ = 360


def load_sunspots() -> Bunch:
    """Return the mean number of sunspots of each year from 1700 to 2008, data (309, 1), `time` the years.

    Raises
    ------
    MissingDataError
        If statsmodels is not installed.
    """
    found = package("statsmodels.datasets.sunspots", "the sunspots come with").load_pandas().data
    return bunch(
        found["SUNACTIVITY"],
        names=["sunspots"],
        title="sunspots a year, 1700 to 2008",
        source="US National Geophysical Data Center, in statsmodels",
        licence="public domain",
        description="Yearly means of the number of sunspots.",
        time=found["YEAR"].to_numpy(dtype=np.int64),
    )


def load_co2() -> Bunch:
    """Return the CO2 in the air above Mauna Loa in ppm by volume, weekly from 1958 to 2001, data (2284, 1).

    `time` holds the weeks as datetime64[D]. 59 weeks were not measured and are NaN: what to do about them is left to
    the user.

    Raises
    ------
    MissingDataError
        If statsmodels is not installed.

    References
    ----------
    C. D. Keeling, T. P. Whorf, "Atmospheric CO2 concentrations derived from flask air samples at sites in the SIO
    network", Carbon Dioxide Information Analysis Center (2004).
    """
    found = package("statsmodels.datasets.co2", "the CO2 measurements come with").load_pandas().data
    return bunch(
        found["co2"],
        names=["CO2 / ppm"],
        title="CO2 at Mauna Loa, weekly, 1958 to 2001",
        source="C. D. Keeling, T. P. Whorf, Carbon Dioxide Information Analysis Center (2004), in statsmodels",
        licence="public domain",
        description="CO2 in the air above Mauna Loa, Hawaii; NaN where no week's value was measured.",
        time=found.index.to_numpy().astype("datetime64[D]"),
    )


def load_ecg(*, fetch: bool = False) -> Bunch:
    """Return five minutes of an electrocardiogram in mV at 360 Hz, data (108000, 1), `time` in seconds.

    Parameters
    ----------
    fetch : bool
        Download it (SciPy's `scipy.datasets`, kept by pooch) unless it was before.

    Raises
    ------
    MissingDataError
        If it was not downloaded before, without `fetch`; if it can't be; or if pooch is not installed.

    References
    ----------
    G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE Engineering in Medicine and Biology
    20 (2001): record 208, 19:35 to 24:35.
    """
    kept = package("pooch", "downloading the electrocardiogram takes").os_cache("scipy-data") / "ecg.dat"
    if not fetch and not kept.exists():
        raise MissingDataError(
            "the electrocardiogram is not on this machine; download it once with `sae uses --fetch` or "
            "sae.data.load_ecg(fetch=True)."
        )
    from scipy.datasets import electrocardiogram

    try:
        ecg = electrocardiogram()
    except (OSError, ValueError) as error:
        raise MissingDataError(
            f"the electrocardiogram can't be downloaded ({error}); try again with a network."
        ) from error
    return bunch(
        ecg,
        names=["potential / mV"],
        title="electrocardiogram, 5 minutes at 360 Hz",
        source="MIT-BIH Arrhythmia Database, record 208, downloaded by SciPy",
        licence="ODC Attribution 1.0 (PhysioNet)",
        description="One lead (MLII), with normal and abnormal beats and artefacts.",
        time=np.arange(len(ecg)) / ECG_HERTZ,
    )
