"""Measure the bands that README and the tests state, over 10 seeds: `python -m tests.bands`.

Writes figures/bands.json and figures/bands.png. Each condition is the default run of `sae train`
with one thing changed.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.progress import track
from threadpoolctl import threadpool_limits

import sae
from sae.experiment import Experiment
from sae.files import writing
from sae.filters import count_oriented, frequency
from sae.plots import plot_filters

FIGURES = Path(__file__).parents[1] / "figures"
CONDITIONS = ("whitened photographs", "photographs as they are", "white noise", "nothing (untrained)")


def filters(condition: str, seed: int) -> tuple[float, np.ndarray]:
    """Return J and W1 after the default number of iterations."""
    experiment = Experiment(seed=seed, whitening="none" if condition == "photographs as they are" else "fourier")
    images = experiment.load_images()
    if condition == "white noise":
        rng = np.random.default_rng(seed)
        images = [rng.standard_normal(image.shape) for image in images]
    objective = experiment.objective(experiment.sample(images))
    if condition == "nothing (untrained)":
        theta = objective.init(experiment.rng(1))
        return objective(theta)[0], objective.layout.unpack(theta)[0]
    result = experiment.train(objective)
    return result.cost, objective.layout.unpack(result.theta)[0]


def row(condition: str, runs: list[tuple[float, np.ndarray]]) -> dict:
    """Return what is stated of a condition."""
    J, W1 = zip(*runs, strict=True)
    oriented = [count_oriented(W) for W in W1]
    every = np.concatenate(W1)
    return {
        "condition": condition,
        "seeds": len(runs),
        "J_min": math.floor(min(J) * 1e4) / 1e4,
        "J_max": math.ceil(max(J) * 1e4) / 1e4,
        "oriented_min": min(oriented),
        "oriented_max": max(oriented),
        "median_share": round(float(np.median(sae.orientation(every))), 2),
        "median_frequency": round(float(np.median(frequency(every))), 3),
    }


def as_markdown(rows: list[dict]) -> str:
    """Return the table of README."""
    lines = [
        "| trained on | J at the end | oriented filters of 25 | median share in the band | median frequency |",
        "|---|---|---|---|---|",
    ]
    for r in rows:
        J = f"{r['J_min']:.4f} to {r['J_max']:.4f}"
        oriented = f"{r['oriented_min']} to {r['oriented_max']}"
        lines += [f"| {r['condition']} | {J} | {oriented} | {r['median_share']:.2f} | {r['median_frequency']:.3f} |"]
    return "\n".join(lines)


def picture(examples: dict[str, np.ndarray]) -> Figure:
    """Draw the filters of one seed for each condition side by side."""
    figure = Figure(figsize=(12, 3.9), layout="constrained")
    for axes, (condition, W1) in zip(figure.subplots(1, len(examples)), examples.items(), strict=True):
        canvas = plot_filters(W1).axes[0].images[0].get_array()
        axes.imshow(canvas, cmap="gray", vmin=-1, vmax=1)
        axes.set_title(f"{condition}\n{count_oriented(W1)} of {len(W1)} oriented", fontsize=10)
        axes.set_axis_off()
    return figure


def main(seeds: int = 10) -> None:
    """Run all conditions and write figures/bands.json and .png, and print the table."""
    rows, examples = [], {}
    with threadpool_limits(1, user_api="blas"):
        for condition in CONDITIONS:
            runs = [filters(condition, seed) for seed in track(range(seeds), condition)]
            rows.append(row(condition, runs))
            examples[condition] = runs[0][1]
    with writing(FIGURES / "bands.json") as temporary:
        temporary.write_text(json.dumps(rows, indent=1) + "\n")
    with writing(FIGURES / "bands.png") as temporary:
        picture(examples).savefig(temporary, dpi=100, metadata={"Software": None})
    print(as_markdown(rows))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
