"""The class on one page: scores by part, the most frequent misconceptions, and what each student is told."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..files import writing
from ..report import style
from ..report.draw import chart
from ..report.markup import figure, flow, more, paragraph, table, text, tiles
from .examine import Result
from .grade import Graded, Grades
from .library import Loaded
from .marks import misconceptions

GENERATOR = "sae course grade"
MOST = 12  # misconceptions that are drawn
FULL = 1 - 1e-9


def write_overview(grades: Grades, loaded: Loaded, path: Path) -> Path:
    """Write the page: no script, no network, no other file."""
    page = as_html(grades, loaded)
    with writing(path) as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n", errors="backslashreplace")
    return path


def as_html(grades: Grades, loaded: Loaded) -> str:
    """Return the page."""
    sections = {
        "glance": ("At a glance", _glance(grades)),
        "parts": ("Score per part", _parts(grades, loaded)),
        "distribution": ("Distribution", _distribution(grades)),
        "misconceptions": ("Most frequent misconceptions", _misconceptions(grades)),
        "scores": ("Scores", _scores(grades, loaded)),
        "feedback": ("Feedback", [_feedback(graded) for graded in grades.graded]),
    }
    number = len(grades.graded)
    return style.PAGE.format(
        policy=style.POLICY,
        generator=GENERATOR,
        kind="Grades",
        title=text(grades.title),
        lead=text(f"{number} submission{'s' * (number != 1)} of the exercise {grades.exercise}, seed {grades.seed}."),
        css=style.CSS,
        contents="\n".join(f'<li><a href="#{name}">{text(title)}</a></li>' for name, (title, _) in sections.items()),
        sections="\n".join(flow({name: section}) for name, section in sections.items()),
    )


def _results(grades: Grades) -> list[Result]:
    return [graded.result for graded in grades.graded if graded.result is not None]


def _glance(grades: Grades) -> list[str]:
    results, missing = _results(grades), [graded for graded in grades.graded if graded.result is None]
    scores = np.array([result.score for result in results])
    facts = [("graded", str(len(results)), ""), ("not graded", str(len(missing)), "bad" if missing else "")]
    if results:
        points = results[0].points
        facts += [
            ("mean", f"{scores.mean():.1f} of {points}", ""),
            ("median", f"{np.median(scores):.1f} of {points}", ""),
            ("full marks", str(int((scores >= points * FULL).sum())), "good"),
        ]
    said = [paragraph(f"{graded.name} was not graded: {graded.problem}.", "missing") for graded in missing]
    return [tiles(facts), *said]


def _parts(grades: Grades, loaded: Loaded) -> list[str]:
    rows = []
    for k, part in enumerate(loaded.exercise.parts):
        scores = np.array([result.parts[k].score for result in _results(grades)])
        if scores.size:
            full, none = (scores >= part.points * FULL).sum(), (scores == 0).sum()
            rows.append([part.function, part.doing, f"{scores.mean():.1f} of {part.points}", full, none])
    return [table("means over the class", ["part", "what it is about", "mean", "full marks", "no points"], rows)]


def _distribution(grades: Grades) -> list[str]:
    results = _results(grades)
    if not results:
        return [paragraph("Nothing was graded.", "missing")]
    points, scores = results[0].points, [result.score for result in results]

    def plot() -> Figure:
        drawn = Figure(layout="constrained")
        axes = drawn.subplots()
        axes.hist(scores, bins=np.linspace(0, points, 11).tolist(), edgecolor="white")
        axes.set(xlabel=f"score, of {points}", ylabel="submissions", xlim=(0, points))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return drawn

    return [figure(chart(plot, 2.6), "Histogram of the scores", "How many submissions have which score.", "chart")]


def _misconceptions(grades: Grades) -> list[str]:
    counted = Counter(said for graded in grades.graded for said in misconceptions(graded))
    unknown = sum(_unexplained(result) for result in _results(grades))
    rest = paragraph(
        f"{unknown} submission{'s' * (unknown != 1)} failed a test in a part where no known mistake explains it."
    )
    if not counted:
        return [paragraph("No known misconception was found."), rest]
    often = counted.most_common()
    shown = often[:MOST][::-1]

    def plot() -> Figure:
        drawn = Figure(layout="constrained")
        axes = drawn.subplots()
        labels = [textwrap.shorten(said, 110, placeholder=" ...") for said, _ in shown]
        axes.barh(range(len(shown)), [number for _, number in shown])
        axes.set_yticks(range(len(shown)), [textwrap.fill(label, 40) for label in labels], parse_math=False, size=7)
        axes.set(xlabel="submissions")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return drawn

    caption = "How many submissions show each: their numbers are just those that the mistake gives."
    picture = figure(chart(plot, 1.0 + 0.5 * len(shown)), "Bars: misconceptions by frequency", caption, "chart")
    return [picture, table("all of them", ["misconception", "submissions"], often), rest]


def _unexplained(result: Result) -> bool:
    """Whether a test failed in a part of which no misconception is known."""
    failed = [part for part in result.parts if not all(outcome.passed for outcome in part.outcomes)]
    return any(not any(remark.certain for remark in part.feedback) for part in failed)


def _scores(grades: Grades, loaded: Loaded) -> list[str]:
    functions = [part.function for part in loaded.exercise.parts]
    rows = []
    for graded in grades.graded:
        scores = {part.function: f"{part.score:g}" for part in graded.result.parts} if graded.result else {}
        total = f"{graded.result.score:g}" if graded.result else "not graded"
        rows.append([graded.name, total, *(scores.get(function, "") for function in functions)])
    return [table("points", ["name", "score", *functions], rows, "numbers")]


def _feedback(graded: Graded) -> str:
    if graded.result is None:
        return more(f"{graded.name}: not graded", paragraph(f"{graded.problem}.", "missing"))
    inside = []
    for part in graded.result.parts:
        rows = [
            [
                outcome.name + (" (hidden)" if outcome.hidden else ""),
                "passed" if outcome.passed else "failed",
                outcome.sentence,
            ]
            for outcome in part.outcomes
        ]
        inside.append(
            table(f"{part.function}: {part.score:g} of {part.points}", ["test", "result", "what was found"], rows)
        )
        inside += [paragraph(str(remark), "note") for remark in part.feedback]
    return more(f"{graded.name}: {graded.result.score:g} of {graded.result.points}", *inside)
