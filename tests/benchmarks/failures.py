"""Measure the cases of the gallery: `python -m tests.benchmarks.failures` (some minutes).

Seeds 0 to 4 make the edges, sae/failures/measured.json; seeds 100 to 104, and other sizes and strengths of each case,
tell how often a run is matched with its own case, figures/failures/confusion.json.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

from rich.progress import track

from sae.failures.bands import FILE
from sae.failures.cases import CASES, HEALTHY, HEALTHY_RUNS
from sae.failures.matching import diagnose
from sae.failures.symptoms import SYMPTOMS, measure

SEEDS, HELD_OUT = range(5), range(100, 105)
CONFUSION = Path(__file__).parents[2] / "figures/failures/confusion.json"


def ranges(runs):
    """The lowest and the highest value of each symptom, None where there is none."""
    found = {}
    for name in SYMPTOMS:
        values = [run[name] for run in runs if run[name] is not None and math.isfinite(run[name])]
        found[name] = [min(values), max(values)] if values else None
    return found


def calibrate():
    """Measure what the edges are made of."""
    healthy = [measure(recipe.train(seed)) for recipe in track(HEALTHY_RUNS.values(), "healthy") for seed in SEEDS]
    found = {"healthy": ranges(healthy)}
    for case in track(CASES, "cases"):
        found[case.name] = ranges([measure(case.recipe.train(seed)) for seed in SEEDS])
    record = {"command": "python -m tests.benchmarks.failures", "seeds": list(SEEDS), "ranges": found}
    FILE.write_text(json.dumps(record, indent=1) + "\n")


def confusion():
    """How runs on other seeds, sizes and strengths are matched."""
    runs = {"healthy": list(HEALTHY_RUNS.values())}
    runs |= {case.name: [case.recipe, *case.others] for case in CASES}
    counts, missed = {}, []
    for name, recipes in track(runs.items(), "held out"):
        counts[name] = {}
        for recipe in recipes:
            for seed in HELD_OUT:
                said = diagnose(recipe.train(seed)).name
                counts[name][said] = counts[name].get(said, 0) + 1
                if said != name:
                    missed.append({"case": name, "matched": said, "seed": seed, **recipe.changes(HEALTHY)})
    CONFUSION.parent.mkdir(parents=True, exist_ok=True)
    CONFUSION.write_text(json.dumps({"seeds": list(HELD_OUT), "counts": counts, "missed": missed}, indent=1) + "\n")


def as_markdown(record):
    """How often runs are matched with what they are."""
    names = list(record["counts"])
    lines = ["| runs of | number | matched with it | taken for healthy | with another case |", "|---|---|---|---|---|"]
    for name in names:
        counts = record["counts"][name]
        total, own = sum(counts.values()), counts.get(name, 0)
        healthy = counts.get("healthy", 0) if name != "healthy" else 0
        lines.append(f"| {name} | {total} | {own} | {healthy} | {total - own - healthy} |")
    return "\n".join(lines)


if __name__ == "__main__":
    calibrate()
    # a new process, so that the edges are read anew
    subprocess.run([sys.executable, "-c", "from tests.benchmarks.failures import confusion; confusion()"], check=True)
