"""The section on the gradient: the verdict, the relative error of each block, and what each witness said."""

from __future__ import annotations

from ..gradient_check.report import VERDICTS, GradientReport
from .check import EXAMPLES, Checked
from .markup import columns, more, paragraph, table


def gradient(checked: list[Checked], why: str) -> list[str]:
    """Return the parts of the section; why there is no check, if there is none."""
    if not checked:
        return [paragraph(f"Not checked: {why}", "missing")]
    said = (
        f"The hand-written gradient of this model's own J at the theta of this run, on at most {EXAMPLES} of the "
        "examples that it was trained on, compared with numerical derivatives while this page was made."
    )
    return [paragraph(said), columns(*map(_found, checked))]


def _found(checked: Checked) -> list[str]:
    engine, report = checked
    errors = {"theta": report.relative_error, **report.blocks}
    blocks = [(name, f"{error:.2e}", word(report, name)) for name, error in errors.items()]
    said = [(one.witness, "" if one.value is None else f"{one.value:.3g}", one.sentence) for one in report.evidence]
    worst = [(e.name, f"{e.grad:.8g}", f"{e.numeric:.8g}", f"{e.error:.1e}") for e in report.worst[:8]]
    sentences = [kink.sentence for kink in report.kinks[:3]]
    parts = [
        paragraph(f"By {engine}: {VERDICTS[report.verdict]}.", kind(report)),
        *(paragraph(sentence) for sentence in sentences),
        table(f"Relative errors ({report.method}), {engine}", ("block", "relative error", ""), blocks, "numbers"),
    ]
    if worst and not report.ok:
        heads = ("entry", "gradient", "numerical", "error")
        parts.append(table(f"Entries that disagree most, {engine}", heads, worst, "numbers"))
    heads = ("witness", "value", "what it says")
    return [*parts, more(f"What each witness said of {engine}", table(f"Witnesses, {engine}", heads, said))]


def kind(report: GradientReport) -> str:
    """Return the class of the verdict."""
    return "good" if report.ok else "bad" if report.verdict == "wrong" else "note"


def word(report: GradientReport, name: str) -> str:
    """Return the verdict on a block."""
    kinked = name in {kink.name.split("[")[0] for kink in report.kinks}
    words = ((name in report.wrong, "WRONG"), (name in report.undecided, "can't tell"), (kinked, "at a kink"))
    return next((said for holds, said in words if holds), "ok")
