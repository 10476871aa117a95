"""Put measured tables into README: `python -m tests.readme` (after what makes them)."""

import contextlib
import io
import json
import re
from pathlib import Path

import numpy as np

import sae
from sae.bench import evaluation
from tests.bands import FIGURES, as_markdown
from tests.benchmarks import diagnosis, memory, minibatch, training

README = Path(__file__).parents[1] / "README.md"


def diagnosed(text: str) -> str:
    """Return what the example of a diagnosis prints; its data do not matter."""
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "sae.diagnose(" in block)
    space = {"sae": sae, "X": np.random.default_rng(0).uniform(0.1, 0.9, (64, 30))}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, space)
    return printed.getvalue().strip()


def with_tables(text: str) -> str:
    """Return the text with its tables as they are measured and written now."""
    measured = {
        name: json.loads((FIGURES / f"{name}.json").read_text())
        for name in ("bands", "bench/evaluation", "training", "minibatch", "memory", "diagnosis")
    }
    in_memory, mapped = memory.as_markdown(measured["memory"]).split("\n\n")
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
    }
    text = re.sub(r"(?<=```text\n).*?(?=```)", lambda _: f"{diagnosed(text)}\n", text, flags=re.DOTALL)
    for head, table in tables.items():
        text, count = re.subn(
            rf"^{re.escape(head)}.*\n(\|.*\n)+", lambda _, t=table: t + "\n", text, flags=re.MULTILINE
        )
        assert count == 1, head
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
