"""Put measured tables into README: `python -m tests.readme` (after what makes them)."""

import contextlib
import csv
import io
import json
import re
import tempfile
from pathlib import Path

import numpy as np

import sae
from sae.bench import evaluation
from sae.course.examine import examine
from sae.course.folder import samples
from sae.course.library import load
from sae.course.shown import show_result
from sae.estimators import equivalents
from sae.failures.cases import CASES
from sae.studies.tables import as_markdown as table_of
from sae.uses.run import title
from tests.bands import FIGURES, as_markdown
from tests.benchmarks import diagnosis, failures, memory, minibatch, training

README = Path(__file__).parents[1] / "README.md"


def diagnosed(text: str) -> str:
    """Return what the example of a diagnosis prints; its data do not matter."""
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "sae.diagnose(" in block)
    space = {"sae": sae, "X": np.random.default_rng(0).uniform(0.1, 0.9, (64, 30))}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, space)
    return printed.getvalue().strip()


def of_batches() -> str:
    """Return what a rho_hat of few examples does, a line for each kind: its bias, and where Adam ends with it."""
    bias, training = (
        list(csv.DictReader((FIGURES / f"laboratory/{name}.csv").read_text().splitlines()))
        for name in ("batches", "training")
    )
    ends = {
        "J above the minimum: Adam from there, alpha 0.001, 32 in a batch": ("minimum", "0.001", "32"),
        "from a random theta, alpha 0.01, 32": ("random", "0.01", "32"),
    }
    rows = []
    for kind in dict.fromkeys(record["rho_hat"] for record in bias):
        row = {"rho_hat": kind}
        for B, head in {"32": "bias of the sparsity's gradient, 32 in a batch", "256": "256 in a batch"}.items():
            row[head] = _cell(bias, "bias of the gradient", (B, kind), ("examples in a batch", "rho_hat"))
        for head, start in ends.items():
            keys = ("start", "alpha at first", "examples in a batch", "rho_hat")
            row[head] = _cell(training, "J above the minimum", (*start, kind), keys)
        rows.append(row)
    return table_of(rows)


def _cell(records, column, values, keys) -> str:
    """Return the number in a column of the one record that has these values."""
    (record,) = (record for record in records if tuple(record[key] for key in keys) == values)
    return record[column].split(" ")[0]


def of_ufldl() -> str:
    """Return the exercises' numbers beside the published ones, without settings, seed and data."""
    records = csv.DictReader((FIGURES / "ufldl/table.csv").read_text().splitlines())
    shown = ("exercise", "measure", "ours", "published", "time / NumPy evaluation")
    return table_of([{name: record[name] for name in shown} for record in records])


def feedback() -> str:
    """Return what an instructor sees of the third sample submission, one with a misconception."""
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()) as printed:
        loaded = load("sparse_autoencoder")
        samples(loaded, Path(place) / "class")
        show_result(examine(loaded, Path(place) / "class/chen.py"), width=110)
    return printed.getvalue()[printed.getvalue().index("cost_and_grad") :].strip()


NOTEBOOKS = {
    "denoising": "07_denoising",
    "compression": "08_compression",
    "dimensions": "06_dimensions",
    "anomalies": "09_anomalies",
    "series": "10_series",
    "words": "11_words",
    "recommendation": "12_recommendation",
    "tuning": "05_tuning",
}


def of_uses() -> tuple[str, str]:
    """Return what each use came to, a row each, without settings; and the verdicts, each with its picture."""
    records = list(csv.DictReader((FIGURES / "uses/table.csv").read_text().splitlines()))
    table = [
        {
            "good for": record["use"],
            "data": record["data"].split(" (")[0],
            "measure": record["measure"],
            "autoencoder": f"{record['its number']} ({record['autoencoder']})",
            "best alternative": f"{record['number of the alternative']} ({record['best alternative']})",
        }
        for record in records
    ]
    verdicts = [
        f"**{use.capitalize()}** ([notebook](notebooks/{NOTEBOOKS[use]}.ipynb)). {record['verdict']}\n\n"
        f"![{title(use)}](figures/uses/{use}.png)\n"
        for record in records
        for use in [record["use"]]
    ]
    return table_of(table), "\n".join(verdicts)


def of_failures() -> str:
    """Return the gallery of failures: what one sees, what to try, and what one sees then; a picture each."""
    records = csv.DictReader((FIGURES / "failures/table.csv").read_text().splitlines())
    pictures = {case.title: f"[{case.title}](figures/failures/{case.name}.png)" for case in CASES}
    shown = ("one sees", "try", "then")
    return table_of([{"what went wrong": pictures[r["case"]], **{name: r[name] for name in shown}} for r in records])


def with_tables(text: str) -> str:
    """Return the text with its tables as they are measured and written now."""
    measured = {
        name: json.loads((FIGURES / f"{name}.json").read_text())
        for name in ("bands", "bench/evaluation", "training", "minibatch", "memory", "diagnosis")
    }
    in_memory, mapped = memory.as_markdown(measured["memory"]).split("\n\n")
    symbols, names = equivalents().split("\n\n")
    uses, verdicts = of_uses()
    tables = {
        "| trained on |": as_markdown(measured["bands"]),
        "| float64, 1 thread": evaluation.as_markdown(measured["bench/evaluation"]),
        "| training |": training.as_markdown(measured["training"]),
        "| pairs |": training.pairs_as_markdown(measured["training"]),
        "| one step of Adam": minibatch.as_markdown(measured["minibatch"]),
        "| X in memory |": in_memory,
        "| X as a memory map |": mapped,
        "| variant | the line |": (FIGURES / "compare/variants.md").read_text().strip(),
        "| | equation |": sae.equations.as_table(sae.reference),
        "| students |": diagnosis.as_markdown(measured["diagnosis"]),
        "| side: right": diagnosis.confusion_as_markdown(measured["diagnosis"]),
        "| dtype | method |": (FIGURES / "laboratory/steps.md").read_text().strip(),
        "| rho_hat |": of_batches(),
        "| exercise |": of_ufldl(),
        "| course exercise |": (FIGURES / "course/proof.md").read_text().strip(),
        "| good for |": uses,
        "| what went wrong |": of_failures(),
        "| runs of |": failures.as_markdown(json.loads((FIGURES / "failures/confusion.json").read_text())),
        "| notes |": symbols,
        "| here |": names,
    }
    text = re.sub(r"(?<=```text\n).*?(?=```)", lambda _: f"{diagnosed(text)}\n", text, flags=re.DOTALL)
    text = re.sub(r"(?<=```console\n).*?(?=```)", lambda _: f"{feedback()}\n", text, flags=re.DOTALL)
    text = re.sub(r"(?<=<!-- verdicts -->\n).*?(?=<!-- -->)", lambda _: f"\n{verdicts}\n", text, flags=re.DOTALL)
    for head, table in tables.items():
        text, count = re.subn(
            rf"^{re.escape(head)}.*\n(\|.*\n)+", lambda _, t=table: t + "\n", text, flags=re.MULTILINE
        )
        assert count == 1, head
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
