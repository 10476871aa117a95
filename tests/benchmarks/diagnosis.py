"""How often `sae.diagnose` is right: `python -m tests.benchmarks.diagnosis`.

Students are made of the page with one mistake of the catalogue, with two, or with one line multiplied by a random
factor that no catalogue knows; they are asked at random sizes, data, lambda, rho and beta, with a random theta. Beside
them the functions of tests/students, which were written by hand, without knowledge of the catalogue, and correct
code, where every finding would be a false alarm. What is right is taken from the numbers: the side from a3, cost and
gradient, the blocks from the gradient; the step from the line that was changed. Writes figures/diagnosis.json;
`--quick` takes few of each.
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from rich.progress import track
from threadpoolctl import threadpool_limits

import sae
from sae.diagnosis.cells import draw
from sae.diagnosis.misconceptions import of_page
from sae.diagnosis.mistakes import Mistake, of_line
from sae.diagnosis.page import STEP_OF, Options, Page, Problem
from tests import students
from tests.benchmarks.growth import options, write_json

BLOCKS = ("W1", "W2", "b1", "b2")
SIDES = ("none", "gradient", "cost", "forward", "objective", "side effect")
FEW = {"one mistake": 60, "two mistakes": 30, "a factor of its own": 20, "correct": 20}
MANY = {"one mistake": 500, "two mistakes": 200, "a factor of its own": 100, "correct": 100}
PAGE = Page(Options())
OF_THE_PAGE = tuple(line for line in PAGE.lines if line.symbol not in (*BLOCKS, "grad"))


@dataclass(frozen=True)
class Case:
    """A student's function and the right answers; several where several are as good."""

    kind: str
    name: str
    student: Callable
    side: frozenset[str]
    blocks: frozenset[str] | None
    step: frozenset[str]
    terms: frozenset[str] | None = None


def handed_in(edits: dict[str, str]) -> Callable:
    """Return the page with these lines replaced, as a student's function."""

    def student(theta, X, n_hidden, lam, rho, beta):
        symbols = PAGE.run(Problem(theta, X, n_hidden, lam, rho, beta), edits)
        return symbols["cost"], symbols["grad"]

    return student


def problem(rng: np.random.Generator) -> Problem:
    """Return a problem of random sizes, not those that the diagnosis asks at."""
    n, n_hidden = rng.choice([4, 6, 8, 9, 10, 12, 16], 2, replace=False)
    m = int(rng.integers(17, 40))
    drawn = draw(rng, Options(), int(n), int(n_hidden), m, float(rng.choice([0.01, 0.05, 0.1, 0.3])))
    return drawn.at(lam=float(rng.choice([1e-4, 3e-3, 0.1])), beta=float(rng.choice([0.1, 1, 3])))


def truth(edits: dict[str, str], at: Problem) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the sides and the wrong blocks that the numbers show; None if it does not run or shows nothing."""
    right = PAGE.run(at)
    try:
        found = PAGE.run(at, edits)
        cost, grad = float(found["cost"]), found["grad"]
    except (ValueError, TypeError, NameError, IndexError, ZeroDivisionError, AttributeError):
        return None
    if np.shape(grad) != at.theta.shape or not np.isfinite(cost) or not np.isfinite(grad).all():
        return None
    slices = PAGE.options.layout(len(at.X), at.n_hidden).slices
    wrong = frozenset(
        k
        for k, s in slices.items()
        if np.linalg.norm((grad - right["grad"])[s]) > 1e-6 * np.linalg.norm(right["grad"][s])
    )
    in_cost = abs(cost - right["cost"]) > 1e-6 * abs(right["cost"])
    if not in_cost and not wrong:
        return None
    if np.shape(found["a3"]) != at.X.shape or not np.allclose(found["a3"], right["a3"], rtol=1e-9, atol=0):
        return frozenset({"forward"}), wrong
    return frozenset({"gradient"} if not in_cost else {"cost"} if not wrong else {"objective"}), wrong


def steps_of(mistake: Mistake) -> frozenset[str]:
    """Return the steps that a mistake may be called: its own, and those of the lines that it changes."""
    lines = {STEP_OF.get(symbol, symbol) for symbol, _ in mistake.edits}
    own = {"theta"} if mistake.step == "theta" else lines & set(PAGE.index) | {STEP_OF.get(mistake.step, mistake.step)}
    return frozenset(own)


def made(rng: np.random.Generator, counts: dict[str, int]) -> Iterator[tuple[Case, Problem]]:
    """Yield students made of the page, each with a problem where its mistakes show."""
    catalogue = [*of_page(PAGE), *chain(*map(of_line, OF_THE_PAGE))]
    single = [mistake for mistake in catalogue if len(mistake.edits) == 1 and mistake.step in PAGE.index]
    while counts["one mistake"] + counts["two mistakes"] + counts["a factor of its own"] > 0:
        kind = str(rng.choice([kind for kind in counts if counts[kind] > 0 and kind != "correct"]))
        if kind == "one mistake":
            parts = [catalogue[rng.integers(len(catalogue))]]
        elif kind == "two mistakes":
            parts = [single[k] for k in rng.integers(len(single), size=2)]
        else:
            line, factor = OF_THE_PAGE[rng.integers(len(OF_THE_PAGE))], round(float(np.exp(rng.uniform(-1.5, 1.5))), 3)
            parts = [Mistake(line.symbol, line.tag, "", ((line.symbol, f"{factor} * ({line.source})"),))]
        edits = dict(edit for part in parts for edit in part.edits)
        at = problem(rng)
        each = [truth(dict(part.edits), at) for part in parts]
        both = truth(edits, at)
        if both is None or None in each or len(edits) < sum(len(part.edits) for part in parts):
            continue
        side = both[0]
        if len(parts) == 2 and side == {"objective"}:  # a mistake on each side
            side |= {"gradient", "cost"}
        name = "; ".join(f"{symbol} = {source}" for symbol, source in edits.items())
        counts[kind] -= 1
        yield Case(kind, name, handed_in(edits), side, both[1], frozenset().union(*map(steps_of, parts))), at


def written(rng: np.random.Generator) -> Iterator[tuple[Case, Problem]]:
    """Yield the functions that were written by hand."""
    for corpus in students.CORPORA:
        for one in students.load(corpus):
            kind = "correct" if one.side == {"none"} else corpus
            yield Case(kind, one.name, one.function, one.side, one.blocks, one.step, one.terms), problem(rng)


def correct(rng: np.random.Generator, count: int) -> Iterator[tuple[Case, Problem]]:
    """Yield correct code at problems of all scales: the page, the reference, both engines, single precision."""

    def objective(**options):
        return lambda theta, X, n_hidden, lam, rho, beta: sae.Autoencoder(
            X, n_hidden, lam=lam, rho=rho, beta=beta, **options
        )(theta)

    def shuffled(theta, X, n_hidden, lam, rho, beta):
        order = np.random.default_rng(len(theta)).permutation(X.shape[1])
        return sae.reference.cost_and_grad(theta, X[:, order], n_hidden, lam, rho, beta)

    kinds = (
        sae.reference.cost_and_grad,
        handed_in({}),
        objective(),
        objective(engine="numpy"),
        objective(dtype="float32"),
        objective(block_size=3),
        shuffled,
    )
    for k in range(count):
        yield (
            Case("correct", f"correct {k}", kinds[k % len(kinds)], frozenset({"none"}), frozenset(), frozenset()),
            problem(rng),
        )


def examine(case: Case, at: Problem, rng: np.random.Generator) -> dict:
    """Return what was answered, and what of it is right."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        d = sae.diagnose(case.student, at.X, n_hidden=at.n_hidden, lam=at.lam, rho=at.rho, beta=at.beta, rng=rng)
    found = {finding.step for finding in d.findings if finding.alternative == 0}
    return {
        "kind": case.kind,
        "name": case.name,
        "side": sorted(case.side)[0] if len(case.side) == 1 else "any of two",
        "answered": d.side,
        "side right": d.side in case.side,
        "blocks right": case.blocks is None or set(d.blocks) == case.blocks,
        "terms right": None if case.terms is None else set(d.terms) == case.terms,
        "step right": bool(d.findings and d.findings[0].step in case.step) if case.step else d.correct,
        "a step right": bool(found & case.step) if case.step else d.correct,
        "steps": [finding.step for finding in d.findings],
        "explained": all(finding.certain for finding in d.findings),
    }


def run(seed: int, counts: dict[str, int]) -> list[dict]:
    """Return the records of all cases."""
    rng = np.random.default_rng(seed)
    cases = [*made(rng, dict(counts)), *written(rng), *correct(rng, counts["correct"])]
    seeds = [np.random.default_rng(k % 4) for k in range(len(cases))]  # few, so that catalogues are made once
    with threadpool_limits(1, user_api="blas"):
        return (
            [examine(case, at, np.random.default_rng(k % 4)) for k, (case, at) in enumerate(track(cases, "diagnosing"))]
            if seeds
            else []
        )


def summary(records: list[dict]) -> list[dict]:
    """Return one row for each kind of student: how many, and the share that is right."""
    rows = []
    for kind in dict.fromkeys(record["kind"] for record in records):
        of_kind = [record for record in records if record["kind"] == kind]
        row = {"kind": kind, "count": len(of_kind)}
        for key in ("side right", "blocks right", "terms right", "step right", "explained"):
            known = [record[key] for record in of_kind if record[key] is not None]
            row[key] = sum(known) / len(known) if known else None
        rows.append(row)
    return rows


def as_markdown(results: dict) -> str:
    """Return the shares of right answers, and what sides were confused, as tables."""
    head = ["students", "number", "side", "blocks", "terms", "step", "mistake found"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for row in results["rows"]:
        shares = [row[key] for key in ("side right", "blocks right", "terms right", "step right", "explained")]
        if row["kind"] == "correct":
            shares[3:] = [None, None]
        lines.append(
            f"| {row['kind']} | {row['count']} | " + " | ".join("" if s is None else f"{s:.1%}" for s in shares) + " |"
        )
    return "\n".join(lines)


def confusion_as_markdown(results: dict) -> str:
    """Return the table of sides: rows are right, columns are answers."""
    lines = ["| side: right / answered | " + " | ".join(SIDES) + " |", "|---|" + "---|" * len(SIDES)]
    for side, counts in results["confusion"].items():
        lines.append(f"| {side} | " + " | ".join(str(counts.get(answer, 0) or "") for answer in SIDES) + " |")
    return "\n".join(lines)


def main() -> None:
    """Examine, write, print the tables and the cases that went wrong."""
    quick, folder = options(__doc__)
    records = run(20_000, FEW if quick else MANY)
    confusion: dict[str, Counter] = {}
    for record in records:
        confusion.setdefault(record["side"], Counter())[record["answered"]] += 1
    results = {
        "rows": summary(records),
        "confusion": {side: dict(confusion[side]) for side in (*SIDES, "any of two") if side in confusion},
    }
    write_json(results, folder / "diagnosis.json")
    print(as_markdown(results), confusion_as_markdown(results), sep="\n\n")
    for record in records:
        wrong = [key for key in ("side right", "blocks right", "step right") if not record[key]]
        if wrong:
            print(f"{', '.join(wrong)}: {record['kind']}: {record['name']} -> {record['answered']}", file=sys.stderr)


if __name__ == "__main__":
    main()
