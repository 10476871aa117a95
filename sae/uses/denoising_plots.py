"""The picture of denoising: a part of one photograph, clean, noisy and as each method restores it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from ..studies.denoising import quality


def plot_denoised(images: Mapping[str, np.ndarray], title: str, part: tuple[slice, slice] = np.s_[:, :]) -> Figure:
    """Draw a part of each image, with its PSNR.

    Parameters
    ----------
    images : dict
        Method -> (height, width) array; "clean" is the first.
    title : str
    part : (slice, slice)
        The pixels to show.
    """
    rows, columns = 2, -(-len(images) // 2)
    figure = Figure(figsize=(2.2 * columns, 5.2), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
    for axes, (name, image) in zip(panels, images.items(), strict=False):
        # What lies outside [0, 1] is shown as black or white
        axes.imshow(image[part], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        psnr = "" if name == "clean" else f"\n{quality(images['clean'], image)['psnr']:.1f} dB"
        axes.set_title(name + psnr, fontsize=10)
    figure.suptitle(f"{title}: PSNR of the whole, of which a part is shown", fontsize=11)
    return figure
