"""The grades as a table for spreadsheets, and as feedback that a student may read."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ..files import writing
from .examine import PartResult
from .feedback import Remark
from .grade import Graded, Grades
from .library import Loaded

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute, or run
MARKUP = re.compile(r"([\\`*\[\]]|(?<!\w)_|_(?!\w))")  # any reader takes these with a backslash, the others as entities
ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in "&<>$|~"}


def misconception(remark: Remark) -> str:
    """Return what is misunderstood, without the outputs that are off because of it, and the equation."""
    sentence = remark.sentence.rpartition(" off; ")[2]
    return f"({remark.tag}) {sentence}" if remark.tag else sentence


def misconceptions(graded: Graded) -> list[str]:
    """Return what is known to be misunderstood in a submission, each once."""
    parts = graded.result.parts if graded.result else []
    return list(dict.fromkeys(misconception(remark) for part in parts for remark in part.feedback if remark.certain))


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def write_csv(grades: Grades, loaded: Loaded, path: Path) -> Path:
    """Write a row for each submission: score, points of each part, misconceptions. No score if it was not graded."""
    parts = loaded.exercise.parts
    heads = ["name", "score", "points", *(part.function for part in parts), "misconceptions", "not graded"]
    with writing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads)
        for graded in grades.graded:
            result = graded.result
            scores = {part.function: f"{part.score:g}" for part in result.parts} if result else {}
            writer.writerow(
                [
                    cell(graded.name),
                    f"{result.score:g}" if result else "",
                    sum(part.points for part in parts),
                    *(scores.get(part.function, "") for part in parts),
                    cell("; ".join(misconceptions(graded))),
                    cell(graded.problem),
                ]
            )
    return path


def write_feedback(grades: Grades, graded: Graded, folder: Path) -> Path:
    """Write what a student may read."""
    path = folder / f"{graded.submission.file}.md"
    lines = [f"# {_plain(grades.title)}: {_plain(graded.name)}", ""]
    if graded.result is None:
        lines += [f"Not graded: {_plain(graded.problem)}.", ""]
    else:
        lines += [f"**{graded.result.score:g} of {graded.result.points} points**", ""]
        for part in graded.result.parts:
            lines += _part(part)
    with writing(path) as temporary:
        temporary.write_text("\n".join(lines), encoding="utf-8", errors="backslashreplace")
    return path


def _part(part: PartResult) -> list[str]:
    lines = [f"## {_plain(part.function)}: {part.score:g} of {part.points}", "", _plain(part.doing), ""]
    for outcome in part.outcomes:
        mark, hidden = "passed" if outcome.passed else "**failed**", " (hidden)" if outcome.hidden else ""
        sentence = f": {_plain(outcome.sentence)}" if outcome.sentence else ""
        lines.append(f"- {mark}{hidden}: {_plain(outcome.name)}{sentence}")
    lines.append("")
    for remark in part.feedback:
        lines += [f"Look here: {_plain(str(remark))}", ""]
    return lines


def _plain(text: str) -> str:
    """Return a text in which nothing is markup, neither Markdown's nor HTML's."""
    return MARKUP.sub(r"\\\1", " ".join(text.split())).translate(ENTITIES)
