"""The picture of compression: PSNR against bits per pixel, the mean of all repetitions and one photograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from .coding import Curve
from .use import Measure

MARKS = "osD^v<>"
MOST = 2.0  # bits per pixel


def plot_rates(
    measures: Sequence[Measure],
    tasks: Mapping[str, float],
    what: str,
    ours: Sequence[str],
    curves: Mapping[str, Curve],
    name: str,
) -> Figure:
    """Draw the measures at the rates, and beside them whole curves.

    Parameters
    ----------
    measures : sequence of Measure
    tasks : dict
        Task -> its rate in bits per pixel.
    what : str
        The measure to draw.
    ours : sequence of str
        The autoencoders: their lines are solid, others dashed.
    curves : dict
        Method -> its curve on the photograph `name`.
    """
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for k, (method, curve) in enumerate(curves.items()):
        style = {"color": f"C{k}", "ls": "-" if method in ours else "--", "label": method, "marker": MARKS[k], "ms": 5}
        mine = [one for one in measures if one.method == method and one.what == what]
        spreads = [np.nan_to_num(one.spread / np.sqrt(len(one.values))) for one in mine]
        left.errorbar([tasks[one.task] for one in mine], [one.mean for one in mine], spreads, capsize=3, **style)
        near = curve.rates <= MOST
        right.plot(curve.rates[near], curve.psnr[near], **style)
    left.set_title("mean of the test photographs, all repetitions, and its standard error", fontsize=10)
    right.set_title(f"{name}, a test photograph; autoencoders as chosen for 0.5 bits", fontsize=10)
    for axes in (left, right):
        axes.set(xlabel="bits per pixel", ylabel=what)
        axes.grid(alpha=0.3)
    right.legend(frameon=False, fontsize=8)
    return figure
