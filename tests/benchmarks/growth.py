"""How the time of an evaluation grows with m, n_hidden and n: `python -m tests.benchmarks.growth`.

One evaluation of J and its gradient and its five matrix products (sae/bench/evaluation.py), float64, one BLAS thread,
medians of alternating runs. Their ratio must not rise with any of the three. Writes figures/growth.json and .png;
`--quick` tries it on three small points each, and writes into a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import sae
from sae.bench.evaluation import CLASSIC, five_products, seconds
from sae.bench.peers import threads
from sae.files import writing

FIGURES = Path(__file__).parents[2] / "figures"
FIXED = {"n": 196, "n_hidden": 196, "m": 4000}
SWEEPS = {  # what grows, from, to, and what differs from FIXED
    "m": (500, 50_000, {"n_hidden": 100}),
    "n_hidden": (16, 1600, {}),
    "n": (16, 1600, {}),
}
POINTS = 7
SECONDS = 6.0  # of measuring at a point; at least ROUNDS runs of each
ROUNDS = 9
LEVEL = 0.02  # a slope up to this is no rise: a factor of 1.1 over two decades


def point(n: int, n_hidden: int, m: int, budget: float) -> tuple[float, float]:
    """Return the median times of the five products and of an evaluation."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 0.9, (m, n)).T
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    theta = objective.init(rng)
    W1, W2, _, _ = objective.layout.unpack(theta)
    functions = [five_products(W1, W2, X), lambda: objective(theta)]
    with threads(1):  # not before: SciPy's BLAS is loaded with the kernels
        seconds(functions, 1)  # compiles
        rounds = round(budget / sum(seconds(functions, 2)))
        products, evaluation = seconds(functions, max(ROUNDS, min(400, rounds)))
    return products, evaluation


def sweep(what: str, points: int, budget: float, top: float = 1.0) -> dict:
    """Return the times over one size in units of the first point's five products, and what their ratio does."""
    low, high, changes = SWEEPS[what]
    sizes = [int(size) for size in np.geomspace(low, high * top, points).round()]
    times = []
    for size in sizes:
        times.append(point(**{**FIXED, **changes, what: size}, budget=budget))
        print(f"{what} = {size}: {times[-1][1] / times[-1][0]:.2f}", file=sys.stderr)
    products, evaluations = np.array(times).T
    ratios = evaluations / products
    upper = sizes.index(next(size for size in sizes if size >= sizes[-1] / 11))
    return {
        "grows": what,
        "fixed": {name: size for name, size in {**FIXED, **changes}.items() if name != what},
        "sizes": sizes,
        "products": [round(t, 3) for t in products / products[0]],
        "evaluations": [round(t, 3) for t in evaluations / products[0]],
        "ratios": [round(r, 3) for r in ratios],
        "slope": slope(sizes, ratios),
        "slope_upper_decade": slope(sizes[upper:], ratios[upper:]),
    }


def slope(sizes, ratios) -> float:
    """Return d log(ratio) / d log(size) by least squares."""
    return round(float(np.polyfit(np.log(sizes), np.log(ratios), 1)[0]), 3)


def _fixed(s: dict) -> str:
    return ", ".join(f"{name} = {size}" for name, size in s["fixed"].items())


def as_markdown(sweeps: list[dict]) -> str:
    """Return the ratio at every point as a table."""
    points = len(sweeps[0]["sizes"])
    head = ["evaluation / five products", *[""] * points, "slope, all (upper decade)"]
    lines = [head, ["---"] * len(head)]
    for s in sweeps:
        cells = [f"{s['grows']} = {size}: {ratio:.2f}" for size, ratio in zip(s["sizes"], s["ratios"], strict=True)]
        lines.append(
            [f"{s['grows']} grows, {_fixed(s)}", *cells, f"{s['slope']:+.3f} ({s['slope_upper_decade']:+.3f})"]
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def statements(sweeps: list[dict]) -> list[str]:
    """Say for each size whether the ratio rises with it."""
    said = []
    for s in sweeps:
        verdict = "RISES" if max(s["slope"], s["slope_upper_decade"]) > LEVEL else "does not rise"
        power = f"it goes as {s['grows']}^{s['slope']:+.3f}, over the upper decade ^{s['slope_upper_decade']:+.3f}"
        said.append(f"with {s['grows']}, the ratio {verdict}: {power}")
    return said


def picture(sweeps: list[dict]):
    """Draw a column for each size that grows: times on logarithmic axes, and below them their ratio."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.2), layout="constrained")
    axes = figure.subplots(2, len(sweeps), sharex="col", sharey="row", height_ratios=(2, 1))
    top = 1.25 * max(1.2, *(max(s["ratios"]) for s in sweeps))
    for (above, below), s in zip(axes.T, sweeps, strict=True):
        above.loglog(s["sizes"], s["evaluations"], "o-", color="C3", label="one evaluation")
        above.loglog(s["sizes"], s["products"], "s--", color="0.4", markersize=4, label="its five products")
        above.set_title(f"{s['grows']} grows, {_fixed(s)}", fontsize=10)
        below.semilogx(s["sizes"], s["ratios"], "o-", color="C3")
        below.axhline(1, color="0.4", linestyle="--", linewidth=1)
        for size, ratio in zip(s["sizes"], s["ratios"], strict=True):
            below.annotate(f"{ratio:.2f}", (size, ratio), (0, 5), textcoords="offset points", ha="center", fontsize=8)
        below.set_ylim(0, top)
        below.set_xlabel(f"{s['grows']}   (slope of the ratio {s['slope']:+.3f})")
        below.set_xticks(s["sizes"], [f"{size:,}" for size in s["sizes"]], fontsize=8)
        below.minorticks_off()
    axes[0, 0].legend(frameon=False)
    axes[0, 0].set_ylabel("time, first five products = 1")
    axes[1, 0].set_ylabel("ratio of the two")
    return figure


def options(description: str | None, arguments=None) -> tuple[bool, Path]:
    """Return whether to be quick, and the folder to write into; shared by the benchmarks beside this one."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to try the benchmark itself")
    parser.add_argument("--out", type=Path, help="folder; figures, or with --quick a temporary one, unless given")
    given = parser.parse_args(arguments)
    return given.quick, given.out or (Path(tempfile.mkdtemp()) if given.quick else FIGURES)


def write_json(results, path: Path) -> None:
    """Write results as JSON, whole or not at all, and say where."""
    with writing(path) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n")
    print(f"wrote {path}", file=sys.stderr)


def main() -> None:
    """Measure, write, print the table and the statements."""
    quick, folder = options(__doc__)
    size = (3, 0.2, 0.2) if quick else (POINTS, SECONDS)
    sweeps = [sweep(what, *size) for what in SWEEPS]
    write_json(sweeps, folder / "growth.json")
    with writing(folder / "growth.png") as temporary:
        picture(sweeps).savefig(temporary, dpi=100, metadata={"Software": None})
    print(as_markdown(sweeps), *statements(sweeps), sep="\n")


if __name__ == "__main__":
    main()
