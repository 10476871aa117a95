"""The gallery: each case trained, measured, drawn, and trained again with its remedy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ..files import writing
from ..plots import draw_filters
from ..studies.tables import write_table
from .bands import band
from .cases import CASES, HEALTHY, Case
from .look import Look
from .matching import Diagnosis, diagnose
from .recipe import Recipe
from .remedies import numbers
from .symptoms import SYMPTOMS

OVERVIEW, TABLE = "overview.png", "table"
COLOURS = {"case": "#d55e00", "remedied": "#0072b2", "healthy": "0.65"}  # Okabe and Ito


@dataclass(frozen=True)
class Exhibit:
    """A case, one run of it for each seed, and the same runs with the remedy."""

    case: Case
    looks: tuple[Look, ...]
    found: tuple[Diagnosis, ...]
    remedied: tuple[Look, ...]
    after: tuple[Diagnosis, ...]

    @property
    def telling(self) -> list[str]:
        """The symptoms that its signs are of."""
        signs = [e.sign for e in self.found[0].matches[0].evidence] if self.found[0].matches else []
        return list(dict.fromkeys(s.symptom for s in signs if s.edge is None or math.isfinite(s.edge)))


def run(case: Case, seeds: Sequence[int], quick: bool = False) -> Exhibit:
    """Train a case and its remedy; `quick` takes fewer patches, where their number is not what the case is about."""
    looks = [smaller(case.recipe, quick).train(seed) for seed in seeds]
    remedies = [smaller(case.remedied(case.recipe, numbers(look)), quick) for look in looks]
    after = [recipe.train(seed) for recipe, seed in zip(remedies, seeds, strict=True)]
    return Exhibit(case, tuple(looks), tuple(map(diagnose, looks)), tuple(after), tuple(map(diagnose, after)))


def smaller(recipe: Recipe, quick: bool) -> Recipe:
    """Return a recipe with at most half the patches of a healthy one."""
    if not quick or recipe.patches <= HEALTHY.patches // 2:
        return recipe
    return Recipe(**{**vars(recipe), "patches": HEALTHY.patches // 2})


def seen(exhibit: Exhibit, symptom: str, after: bool = False) -> str:
    """Return the mean of a symptom over the seeds, as text."""
    values = [d.symptoms[symptom] for d in (exhibit.after if after else exhibit.found)]
    known = [v for v in values if v is not None]
    return SYMPTOMS[symptom].shown(float(np.mean(known))) if known else "none"


HEAD = ("case", "one sees", "why", "try", "then", "found", "healthy then")


def row(exhibit: Exhibit) -> dict[str, str]:
    """Return a line of the table."""
    case = exhibit.case
    own = sum(d.name == case.name for d in exhibit.found)
    cured = sum(d.name == "healthy" for d in exhibit.after)
    names = exhibit.telling
    return {
        "case": case.title,
        "one sees": "; ".join(f"{name} {seen(exhibit, name)} ({bounds(name)})" for name in names),
        "why": case.why,
        "try": filled(case, exhibit.looks[0], photographs=case.name not in ("kl-per-example", "kl-per-minibatch")),
        "then": "; ".join(f"{name} {seen(exhibit, name, True)}" for name in names),
        "found": f"{own} of {len(exhibit.found)}",
        "healthy then": f"{cured} of {len(exhibit.after)}",
    }


def bounds(symptom: str) -> str:
    """Return the healthy band as text."""
    (low, high), shown = band(symptom), SYMPTOMS[symptom].shown
    if np.isfinite(low) and np.isfinite(high):
        return f"healthy {shown(low)} to {shown(high)}"
    return f"healthy below {shown(high)}" if np.isfinite(high) else f"healthy from {shown(low)}"


def filled(case: Case, look: Look, photographs: bool) -> str:
    """Return the remedy with the numbers for this run."""
    known = {name: float("nan") if value is None else value for name, value in numbers(look).items()}
    return (case.photographs if photographs else case.data).format(**known)


def draw(exhibit: Exhibit, healthy: Look) -> Figure:
    """Draw a case: filters, J beside the healthy and the remedied run, mean activations."""
    look, after = exhibit.looks[0], exhibit.remedied[0]
    figure = Figure(figsize=(8.6, 2.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(0.75, 1.2, 1))
    draw_filters(left, look.W1)
    left.set_axis_off()
    left.set_title(f"filters, norm {SYMPTOMS['norm'].shown(exhibit.found[0].symptoms['norm'])}", fontsize=9)
    curves = {"case": look.costs, "remedied": after.costs, "healthy": healthy.costs}
    for (name, costs), dash in zip(curves.items(), ("-", "--", ":"), strict=True):
        label = {"case": "this case", "remedied": "with the remedy", "healthy": "a healthy run"}[name]
        middle.plot(costs, color=COLOURS[name], ls=dash, label=label)
    middle.plot(len(look.costs) - 1, look.costs[-1], "o", ms=4, color=COLOURS["case"])
    ends = [costs[-1] for costs in curves.values()]
    middle.set(xlabel="iteration", ylabel="J", yscale="log", ylim=(0.9 * min(ends), 4 * max(ends)))
    middle.legend(fontsize=7)
    units(right, look)
    figure.suptitle(exhibit.case.title, fontsize=10)
    return figure


def units(axes, look: Look) -> None:
    """Draw each unit's activations over the examples: their mean, and the range of the middle 98 %."""
    assert look.a2 is not None
    a2 = look.a2[np.argsort(look.a2.mean(axis=1))]
    low, high = np.percentile(a2, (1, 99), axis=1)
    x = np.arange(len(a2))
    axes.vlines(x, low, high, color=COLOURS["remedied"], lw=2, label="1 % to 99 % of the examples")
    axes.plot(x, a2.mean(axis=1), "o", ms=3, color="black", label="mean, rho_hat")
    if look.settings.rho is not None:
        axes.axhline(look.settings.rho, color=COLOURS["case"], ls="--", lw=1, label=f"rho = {look.settings.rho:g}")
    axes.set(xlabel="hidden unit, by its mean", ylabel="activation a2", ylim=(-0.03, 1.45))
    axes.legend(fontsize=6.5, loc="upper right")


def overview(exhibits: Sequence[Exhibit], healthy: Look) -> Figure:
    """Draw the filters of all cases beside those of a healthy run."""
    shown = [("Healthy", healthy), *((e.case.title, e.looks[0]) for e in exhibits)]
    columns = min(7, len(shown))
    rows = -(-len(shown) // columns)
    figure = Figure(figsize=(1.5 * columns, 1.95 * rows), layout="constrained")
    grid = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axes, (title, look) in zip(grid, shown, strict=False):
        draw_filters(axes, look.W1)
        axes.set_title("\n".join(wrapped(title)), fontsize=8)
    for axes in grid:
        axes.set_axis_off()
    return figure


def wrapped(title: str) -> list[str]:
    """Return a title in two lines."""
    words, first = title.split(), []
    while words and len(" ".join([*first, words[0]])) <= 18:
        first.append(words.pop(0))
    return [" ".join(first), " ".join(words)]


def write(
    folder: Path, names: Sequence[str], seeds: Sequence[int], quick: bool, done: Callable[[Exhibit], None]
) -> tuple[list[Path], bool]:
    """Train the cases, write NAME.png, overview.png, table.md and table.csv; return the paths, and whether it was cut.

    Under Ctrl-C the cases done before are written.

    Raises
    ------
    KeyboardInterrupt
        If it came before the first was done.
    """
    healthy = smaller(HEALTHY, quick).train(seeds[0])
    exhibits, figures, cut = [], {}, False
    for case in (case for case in CASES if case.name in names):
        try:
            exhibits.append(run(case, seeds, quick))
        except KeyboardInterrupt:
            cut = True
            if not exhibits:
                raise
            break
        figures[f"{case.name}.png"] = draw(exhibits[-1], healthy)
        done(exhibits[-1])
    figures[OVERVIEW] = overview(exhibits, healthy)
    for name, figure in figures.items():
        with writing(folder / name) as temporary:
            figure.savefig(temporary, dpi=90, metadata={"Software": None})
    return [*write_table([row(e) for e in exhibits], folder / TABLE), *(folder / name for name in figures)], cut
