"""Put measured tables into README: `python -m tests.readme` (after what makes them)."""

import json
import re
from pathlib import Path

import sae
from sae.bench import evaluation
from tests.bands import FIGURES, as_markdown

README = Path(__file__).parents[1] / "README.md"


def with_tables(text: str) -> str:
    """Return the text with its tables as they are measured and written now."""
    tables = {
        "| trained on |": as_markdown(json.loads((FIGURES / "bands.json").read_text())),
        "| float64, 1 thread": evaluation.as_markdown(json.loads((FIGURES / "bench" / "evaluation.json").read_text())),
        "| | equation |": sae.equations.as_table(sae.reference),
    }
    for head, table in tables.items():
        text, count = re.subn(
            rf"^{re.escape(head)}.*\n(\|.*\n)+", lambda _, t=table: t + "\n", text, flags=re.MULTILINE
        )
        assert count == 1, head
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
