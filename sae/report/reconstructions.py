"""The section on reconstructions: pictures, or, of a table, numbers given against numbers reconstructed."""

from __future__ import annotations

from math import prod

import numpy as np

from .. import table_plots
from ..estimators import DenoisingAutoencoder
from ..filters import as_images
from . import draw
from .check import subset
from .markup import figure, paragraph
from .shown import MEASURED, Shown

DRAWN = 24  # examples


def reconstructions(s: Shown) -> list[str]:
    """What goes in and what comes out."""
    if s.examples is None:
        before = draw.stored(s.run.path / "reconstructions.png")
        said = [s.lacking() if s.run.trained is None else paragraph(f"Not drawn anew: {s.found.why}", "note")]
        drawn = "As the training drew them: examples, each above its reconstruction."
        return said if before is None else [*said, figure(before, drawn, drawn, "plain")]
    shape = s.found.shape
    if shape is not None and len(shape) == 2 and prod(shape) == s.examples.rows.shape[1]:
        return [_pairs(s, (shape[0], shape[1]))]
    return _features(s)


def _share(s: Shown) -> str:
    if s.explained is None:
        return ""
    return f" {s.explained:.1%} of the variance, as preprocessed, is explained."


def _pairs(s: Shown, shape: tuple[int, int]) -> str:
    e, estimator = s.examples, s.estimator
    assert e is not None
    assert estimator is not None
    which = subset(s.looked_at, DRAWN)
    if s.run.of_photographs:
        which = which[np.argsort(-e.rows[which].std(axis=1), kind="stable")]
    rows = [e.rows[which], e.through(which, estimator.reconstruct)]
    order = "each above its reconstruction"
    if isinstance(estimator, DenoisingAutoencoder):
        scaling = estimator.encoder_.scaling
        spoilt = scaling.back(estimator._corrupted(e.seen(which), np.random.default_rng(0)))
        rows = [
            rows[0],
            e.through(which, lambda _: spoilt),
            e.through(which, lambda _: estimator.reconstruct(spoilt)),
        ]
        order = "each above its corrupted copy and what is reconstructed from that"
    images = [as_images(kind, shape) for kind in rows]
    caption = f"{len(which)} {s.whose}, {order}, on one grey scale.{_share(s)}"
    picture = draw.strips(images, float(rows[0].min()), float(rows[0].max()))
    return figure(picture, f"A mosaic of {len(which)} small grey images, {order}", caption, "mosaic")


def _features(s: Shown) -> list[str]:
    e, estimator = s.examples, s.estimator
    assert e is not None
    assert estimator is not None
    which = subset(s.looked_at, MEASURED)
    x = e.before(which)
    given = draw.chart(lambda: table_plots.plot_given(x.T, estimator.reconstruct(x).T), 3.8)
    caption = f"Numbers of {len(which)} {s.whose}, as preprocessed, against their reconstructions; on the dashed "
    parts = [
        figure(
            given,
            "Points: numbers given against numbers reconstructed",
            f"{caption}line they are equal.{_share(s)}",
            "chart",
        )
    ]
    rows, rows_hat = e.rows[which], e.through(which, estimator.reconstruct)
    share = table_plots.explained(rows.T, rows_hat.T)
    constant, below, shown = (
        int(np.isnan(share).sum()),
        int((share < 0).sum()),
        min(30, int((~np.isnan(share)).sum())),
    )
    if not shown:
        return parts
    names = s.found.names if s.found.names and len(s.found.names) == len(share) else None
    caption = "How much of each feature's variance the reconstruction explains; 0 is as good as always saying the mean."
    caption += f" {below} lie below 0." * (below > 0) + f" {constant} never change and are left out." * (constant > 0)
    caption += f" The {shown} with the least, of {len(share)}." * (shown + constant < len(share))
    picture = draw.chart(lambda: table_plots.plot_explained(rows.T, rows_hat.T, names))
    return [
        *parts,
        figure(picture, "Bars: the share of each feature's variance that is explained", caption, "chart"),
    ]
