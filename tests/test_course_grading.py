"""A class graded: a hundred at once, interrupted, hostile, and each only at its own cost."""

import contextlib
import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sae
from sae.cli import app
from sae.course import grade as grading
from sae.course.counting import GradingProgress
from sae.course.examine import Outcome, PartResult, Result
from sae.course.feedback import Remark
from sae.course.grade import Graded, Grades, grade
from sae.course.handed_in import Submission, collect
from sae.course.library import load
from sae.course.marks import misconceptions, write_csv, write_feedback
from sae.course.overview import as_html
from sae.isolation import Call, Limits, answers
from sae.progress import PatientConsole
from tests.test_report import looked_at

SOLUTION = '''"""Two functions."""

import numpy as np


def mean(x):
    """Return the mean."""
    ### BEGIN SOLUTION
    s = x.sum() / x.size  # (A1)
    ### END SOLUTION
    return s


def spread(x):
    """Return the mean of the squares."""
    ### BEGIN SOLUTION
    v = (x * x).sum() / x.size  # (A2)
    ### END SOLUTION
    return v
'''
EXERCISE = '''"""Means."""

from sae.course import Call, Exercise, Misconception, Part


def draw(rng):
    """Return x."""
    return (rng.normal(size=rng.integers(2, 7)),)


exercise = Exercise(
    "Means", "nowhere", 1, 1,
    [Part("mean", 40, ("A1",), ("s",), draw), Part("spread", 60, ("A2",), ("v",), draw)],
    [Misconception("mean", "A1", "a mean is divided by the number", {"s": "x.sum()"}),
     Misconception("spread", "A2", "the squares, <b>not</b> $x$, are meant", {"v": "x.sum() / x.size"})],
)


@exercise.check("mean")
def one(rng):
    """One number."""
    return [Call("mean", rng.normal(size=1))]
'''
HIDDEN = '''"""Means."""

from sae.course import Call

from .exercise import exercise


@exercise.hidden("spread")
def several(rng):
    """Several numbers."""
    return [Call("spread", rng.normal(size=5))]
'''
SUM, PLAIN = "x.sum()  # (A1)", "x.sum() / x.size  # (A2)"
WRONG = SOLUTION.replace("(x * x).sum() / x.size", "x.sum() / x.size")
ENDLESS = SOLUTION.replace("    s = x", "    while True: pass\n    s = x")
CODE = """
import sys
from sae.course.grade import grade
from sae.course.library import load
from sae.isolation import Call, Limits, answers
grade(load(sys.argv[1]), [sys.argv[2]], sys.argv[3], jobs=1, limits=Limits(seconds=5))
"""


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercise") / "means"
    folder.mkdir()
    for name, text in {"solution.py": SOLUTION, "exercise.py": EXERCISE, "hidden.py": HIDDEN}.items():
        (folder / name).write_text(text)
    (folder / "handout.md").write_text("# Means\n")
    return folder


@pytest.fixture(scope="module")
def loaded(exercise):
    return load(exercise)


@pytest.fixture
def submissions(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder


def result_of(loaded, sentence="", certain=True, score=1.0, said="a mean is divided by the number"):
    """Return what an examination might find."""
    parts = []
    for part in loaded.exercise.parts:
        outcome = Outcome("a test", True, 1, not sentence, sentence)
        feedback = [Remark(part.equations[0], said, certain)] if sentence else []
        parts.append(PartResult(part.function, "doing", part.points, part.points * score, [outcome], feedback))
    return Result(loaded.name, 0, True, parts)


@pytest.fixture
def examined(monkeypatch, loaded):
    """Examine in no time; return the names of the files that were examined."""
    seen = []

    def examine(loaded, path, *, seed, limits):
        seen.append(path)
        text = Path(path).read_text()
        return result_of(loaded, text if "<" in text else "")

    monkeypatch.setattr(grading, "examine", examine)
    return seen


def rows_of(out):
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def alive(mark):
    """Return the processes whose environment has a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += [path] if mark.encode() in path.read_bytes() else []
    return found


# A hundred


@pytest.fixture(scope="module")
def hundred(exercise, tmp_path_factory):
    """A hundred submissions: right, wrong, with a hole, endless, broken, hostile."""
    folder = tmp_path_factory.mktemp("class") / "submissions"
    folder.mkdir()
    kinds = {
        "right": SOLUTION,
        "float": SOLUTION.replace("x.sum() / x.size  # (A1)", "sum(x) / len(x)"),
        "wrong": WRONG,
        "hole": SOLUTION.replace("    v = (x * x).sum() / x.size  # (A2)", "    raise NotImplementedError"),
        "broken": "def mean(x:\n",
        "exits": "import os\nos._exit(0)\n",
    }
    for k in range(93):
        kind = list(kinds)[k % len(kinds)]
        (folder / f"{kind}-{k:02d}.py").write_text(kinds[kind])
    (folder / "endless.py").write_text(ENDLESS)
    (folder / "vandal.py").write_text(
        "import glob, os, shutil\nfor f in glob.glob('/tmp/**/submissions/*.py', recursive=True): os.remove(f)\n"
    )
    notebook = {
        "cells": [{"cell_type": "code", "source": [line]} for line in [SOLUTION, "print(1 / 0)", "%matplotlib"]]
    }
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    (folder / "no-notebook.ipynb").write_text("{")
    (folder / "ada").mkdir()
    (folder / "ada" / "student.py").write_text(SOLUTION)
    (folder / "empty").mkdir()
    (folder / "binary.py").write_bytes(bytes(range(256)) * 10)
    out = folder.parent / "grades"
    seen, limits = [], Limits(seconds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_GRADING", str(folder))
        grades = grade(load(exercise), [folder], out, limits=limits, progress=lambda *ready: seen.append(ready))
    return folder, out, grades, seen, limits


def test_a_hundred_are_graded_each_by_itself(hundred):
    folder, out, grades, seen, _ = hundred
    assert len(grades.graded) == len(seen) == len(list(folder.iterdir())) == 100
    assert [done for _, done, _ in seen] == list(range(1, 101))
    rows = rows_of(out)
    scores = {"right": "100", "float": "100", "wrong": "40", "hole": "40", "broken": "0", "exits": "0"}
    for name, row in rows.items():
        if "-" in name and name != "no-notebook":
            assert row["score"] == scores[name.split("-")[0]], name
    assert rows["endless"]["score"] == "60"
    assert rows["endless"]["mean"] == "0"
    assert rows["vandal"]["score"] == rows["binary"]["score"] == "0"
    assert rows["notebook"]["score"] == rows["ada"]["score"] == "100"
    for name in ("no-notebook", "empty"):
        assert rows[name]["score"] == ""
        assert rows[name]["not graded"]
    wrong = [row["misconceptions"] for name, row in rows.items() if name.startswith("wrong")]
    assert set(wrong) == {"(A2) the squares, <b>not</b> $x$, are meant"}
    assert {row["misconceptions"] for name, row in rows.items() if name.startswith("right")} == {""}
    assert not alive(f"LC_GRADING={folder}")


def test_each_has_feedback_and_the_class_a_page(hundred):
    _, out, grades, _, _ = hundred
    assert sorted(path.stem for path in (out / "feedback").iterdir()) == sorted(rows_of(out))
    said = (out / "feedback" / "endless.md").read_text()
    assert "still at work after 1 s of computing" in said
    assert "**60 of 100 points**" in said
    assert "isn't written yet" in (out / "feedback" / "hole-03.md").read_text()
    page = looked_at((out / "overview.html").read_text())
    assert len(page.all("img")) == 2
    assert "100 submissions of the exercise means, seed 0" in page.text
    often = [cell for cell in page.inside("th") if "the squares" in cell]
    assert often == ["(A2) the squares, <b>not</b> $x$, are meant"]
    assert grades.written[:2] == (out / "grades.csv", out / "overview.html")


def test_again_nothing_is_done_anew_but_what_changed(hundred, loaded):
    folder, out, grades, _, limits = hundred
    before = (out / "grades.csv").read_text(), (out / "overview.html").read_text()
    changed = folder / "wrong-02.py"
    changed.write_text(SOLUTION)
    again = grade(loaded, [folder], out, limits=limits)
    assert [g.name for g in again.graded if not g.kept] == ["empty", "no-notebook", "wrong-02"]
    assert rows_of(out)["wrong-02"]["score"] == "100"
    changed.write_text(WRONG)
    grade(loaded, [folder], out, limits=limits)
    assert ((out / "grades.csv").read_text(), (out / "overview.html").read_text()) == before
    assert [g.result for g in again.graded if g.kept] == [
        g.result for g in grades.graded if g.result and g.name != "wrong-02"
    ]


# Interrupted


def started(exercise, submissions, out, *command):
    words = command or ["-c", CODE, exercise, submissions, out]
    process = subprocess.Popen(
        [sys.executable, *map(str, words)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_GRADING": str(out)},
    )
    while len(list((out / "results").glob("[0-9a-z]*.json") if out.exists() else [])) < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def test_after_a_kill_it_goes_on_where_it_stopped(exercise, loaded, submissions, tmp_path):
    for k in range(6):
        (submissions / f"{k}.py").write_text(SOLUTION if k % 2 else WRONG)
    out, whole = tmp_path / "out", tmp_path / "whole"
    process = started(exercise, submissions, out)
    process.kill()
    process.communicate()
    assert not (out / "grades.csv").exists()
    limits = Limits(seconds=5)
    grades = grade(loaded, [submissions], out, limits=limits)
    assert 3 <= sum(graded.kept for graded in grades.graded) < 6
    grade(loaded, [submissions], whole, limits=limits)
    for name in ("grades.csv", "overview.html"):
        assert (out / name).read_text() == (whole / name).read_text()
    assert sorted(path.name for path in (out / "results").iterdir()) == [f"{k}.json" for k in range(6)]


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(exercise, submissions, tmp_path):
    for k in range(3):
        (submissions / f"a{k}.py").write_text(SOLUTION)
    for k in range(3):
        (submissions / f"b{k}.py").write_text(ENDLESS.replace("pass", "__import__('time').sleep(1)"))
    out = tmp_path / "out"
    command = "-m", "sae", "course", "grade", submissions, "--out", out, "--exercise", exercise, "--seconds", 9
    process = started(exercise, submissions, out, *command)
    while not len(alive(f"LC_GRADING={out}")) > 1:  # it and one that it asks
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "3 of 6 submissions are graded, and kept" in " ".join(said.split())
    assert "goes on with the others" in said
    assert "Traceback" not in said
    assert len(list((out / "results").iterdir())) == 3
    assert not (out / "grades.csv").exists()
    assert not alive(f"LC_GRADING={out}")


def test_what_runs_at_ctrl_c_is_ended_and_not_kept(loaded, submissions, tmp_path, monkeypatch):
    (submissions / "a.py").write_text(SOLUTION)
    (submissions / "b.py").write_text(SOLUTION.replace("    v = (x", "    while True: pass\n    v = (x"))
    out = tmp_path / "out"
    monkeypatch.setenv("LC_GRADING", str(out))

    def examine(loaded, path, *, seed, limits):  # whatever the end of its process does to a submission
        with contextlib.suppress(sae.SaeError):
            answers(path, [Call("spread", np.ones(2))], limits=limits)
        return result_of(loaded)

    monkeypatch.setattr(grading, "examine", examine)

    def interrupt(graded, done, total):
        while not alive(f"LC_GRADING={out}"):
            time.sleep(0.02)
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(grading.GradingInterrupted, match="1 of 2 submissions are graded"):
        grade(loaded, [submissions], out, jobs=2, limits=Limits(seconds=1000, wall=1000), progress=interrupt)
    assert not alive(f"LC_GRADING={out}")
    assert threading.active_count() == before
    assert [path.name for path in (out / "results").iterdir()] == ["a.json"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"made of": 1}', '{"made of": {}, "result": 3}'])
def test_a_damaged_result_is_made_anew(damage, loaded, submissions, tmp_path, examined):
    (submissions / "ada.py").write_text("x")
    out = tmp_path / "out"
    grade(loaded, [submissions], out)
    place = out / "results" / "ada.json"
    whole = place.read_text()
    grade(loaded, [submissions], out)
    assert len(examined) == 1
    place.write_text(damage)
    grade(loaded, [submissions], out)
    assert len(examined) == 2
    assert place.read_text() == whole


@pytest.mark.parametrize("what", ["seed", "limits", "data", "exercise", "version"])
def test_a_result_depends_on_all_that_decides_it(what, loaded, exercise, submissions, tmp_path, examined, monkeypatch):
    (submissions / "ada.py").write_text("x")
    grade(loaded, [submissions], tmp_path / "out")
    options = {"seed": {"seed": 1}, "limits": {"limits": Limits(seconds=11)}}.get(what, {})
    if what == "data":
        np.savez(submissions / "data.npz", x=1)
    if what == "version":
        monkeypatch.setattr(sae, "__version__", "other")
    if what == "exercise":
        other = tmp_path / "means"
        other.mkdir()
        for path in exercise.glob("*.*"):
            (other / path.name).write_text(path.read_text().replace("size=5", "size=4"))
        loaded = load(other)
    grade(loaded, [submissions], tmp_path / "out", **options)
    assert len(examined) == 2


# At its own cost


def test_what_goes_wrong_here_is_no_score(loaded, submissions, tmp_path, monkeypatch):
    for name in ("ada", "bob", "cyd", "dan"):
        (submissions / f"{name}.py").write_text("x")

    def examine(loaded, path, **_):
        if path.stem == "bob":
            raise RecursionError("deep")
        if path.stem == "cyd":
            raise sae.SaeError(f"{path} is nothing")
        if path.stem == "dan":
            raise PermissionError(13, "denied")
        return result_of(loaded)

    monkeypatch.setattr(grading, "examine", examine)
    for _ in range(2):
        grades = grade(loaded, [submissions], tmp_path / "out")
        assert [graded.problem for graded in grades.graded] == [
            *("", "it can't be graded (RecursionError); look at it yourself", "cyd.py is nothing"),
            "it can't be read (denied)",
        ]
        assert [graded.kept for graded in grades.graded[1:]] == [False] * 3
    assert [row["score"] for row in rows_of(tmp_path / "out").values()] == ["100", "", "", ""]
    said = (tmp_path / "out" / "feedback" / "bob.md").read_text()
    assert "Not graded: it can't be graded (RecursionError)" in said


def test_a_full_disk_ends_it_with_one_message(loaded, submissions, tmp_path, examined, monkeypatch):
    for k in range(5):
        (submissions / f"{k}.py").write_text("x")

    def full(path):
        raise sae.SaeError(f"can't write {path} (No space left on device)")

    monkeypatch.setattr(grading, "writing", full)
    with pytest.raises(sae.SaeError, match="No space left"):
        grade(loaded, [submissions], tmp_path / "out")


# Names


NAMES = [
    *(
        "ada",
        "Ada",
        "ADA",
        "=1+2",
        "+1",
        "-rf",
        "@me",
        "'q",
        '"d"',
        "a b",
        "ünïcödé",
        "名前",
        "a\nb",
        "a\tb",
        "\x1b[31mred",
    ),
    *("<script>alert(1)</script>".replace("/", "-"), "a..b", "%2e%2e", "~", "$HOME", "con", "a;b,c", "\u202egnp"),
    *("x" * 250, "é" * 120, "`id`", "*", "[a](http:x)", "&amp;", "\udcff\udcfe", "{kind}", "$x^$", "student"),
]


@pytest.fixture
def strange(submissions):
    for name in NAMES:
        (submissions / f"{name}.py").write_text("x < 1")
    return submissions


def test_strange_names_stay_in_the_folder(loaded, strange, tmp_path, examined):
    out = tmp_path / "a" / "out"
    grades = grade(loaded, [strange], out)
    assert len({graded.name for graded in grades.graded}) == len(NAMES) == len(grades.graded)
    files = {path.relative_to(tmp_path).parts[:3] for path in tmp_path.rglob("*") if path.is_file()}
    assert {parts[0] for parts in files} == {"a", "submissions"}
    assert {parts[2] for parts in files if parts[0] == "a"} == {"grades.csv", "overview.html", "results", "feedback"}
    for folder, ending in (("results", ".json"), ("feedback", ".md")):
        names = [path.name for path in (out / folder).iterdir()]
        assert len({name.casefold() for name in names}) == len(NAMES)
        assert all(
            name.endswith(ending) and name.removesuffix(ending).strip("._ ") for name in names if "_" not in name
        )
        assert not any(c in name for name in names for c in "<>:\"|?*\n\t\x1b\u202e$`'")
    assert all(graded.kept for graded in grade(loaded, [strange], out).graded)


def test_names_do_nothing_in_tables_and_pages(loaded, strange, tmp_path, examined):
    out = tmp_path / "out"
    grade(loaded, [strange], out)
    text = (out / "grades.csv").read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == len(NAMES) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    assert {"'=1+2", "'+1", "'-rf", "'@me", "a\\nb", "\\x1b[31mred"} <= {row[0] for row in rows}
    page = looked_at((out / "overview.html").read_text("utf-8"))
    assert "<script>alert(1)<-script>" in page.text
    for path in (out / "feedback").iterdir():
        said = path.read_text("utf-8")
        assert "<" not in said
        assert "\n# " not in said.partition("\n")[2]
    assert "&#60;script&#62;" in next((out / "feedback").glob("_script*")).read_text()
    assert "\\[a\\](http:x)" in next((out / "feedback").glob("_a_*")).read_text()


def test_the_same_names_from_different_folders(tmp_path):
    for place in [
        "one/a/ada.py",
        "one/b/ada.py",
        "two/a/ada.py",
        "two/a/bob.py",
        "three/ada/student.py",
        "x/ada.ipynb",
    ]:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    given = [tmp_path / name for name in ("one/a", "one/b", "two/a", "three", "x", "one/a/ada.py")]
    found = collect(given)
    assert {one.name: str(one.path.relative_to(tmp_path)) for one in found} == {
        "one/a/ada.py": "one/a/ada.py",
        "b/ada.py": "one/b/ada.py",
        "two/a/ada.py": "two/a/ada.py",
        "bob": "two/a/bob.py",
        "ada": "three/ada/student.py",
        "ada.ipynb": "x/ada.ipynb",
    }
    assert len({one.file for one in found}) == 6
    assert not any("/" in one.file for one in found)


def test_what_is_taken_for_a_submission(tmp_path):
    hole = "raise NotImplementedError\n"
    files = {
        "class/ada.py": "",
        "class/notes.txt": "",
        "class/.hidden.py": "",
        "class/__pycache__/x.py": "",
        "class/bob/student.py": hole * 2,
        "class/bob/student.ipynb": hole,
        "class/cyd/student.py": hole,
        "class/cyd/student.ipynb": hole * 2,
        "class/dan/student.py": "",
        "class/dan/student.ipynb": "",
        "class/eve/homework.PY": "",
        "class/fay/one.py": "",
        "class/fay/two.py": "",
        "class/grades/results/x.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "class" / "gone.py").symlink_to("nowhere")
    (tmp_path / "class" / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "class" / "other").symlink_to("bob")
    (tmp_path / "class" / "gus").mkdir()
    (tmp_path / "class" / "gus" / "student.py").symlink_to("/etc/passwd")
    found = {one.name: one for one in collect([tmp_path / "class"], tmp_path / "class" / "grades")}
    assert sorted(found) == ["ada", "bob", "cyd", "dan", "eve", "fay", "gone", "gus", "link", "other"]
    for name in ("gone", "gus", "link", "other"):
        assert found[name].path is None
        assert "symbolic link" in found[name].problem
    assert found["bob"].path.name == "student.ipynb"
    assert found["cyd"].path.name == "student.py"
    assert found["dan"].path is None
    assert "holds 2 files (student.py, student.ipynb) that may be meant" in found["dan"].problem
    assert "2 files (one.py, two.py)" in found["fay"].problem
    (own,) = collect([tmp_path / "class" / "bob"])
    assert own.name == "bob"
    (other,) = collect([tmp_path / "class" / "notes.txt"])
    assert other.problem == "it is no .py or .ipynb file"


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        ([], {}, "there are no submissions; expected"),
        (["nowhere.py"], {}, "there is no .*nowhere.py; expected submissions"),
        (["empty"], {}, "there are no submissions"),
        (["ada.py"], {"jobs": 0}, "jobs is 0"),
        (["ada.py"], {"seed": -1}, "seed is -1"),
        (["ada.py"], {"out": "ada.py"}, "can't write into the folder"),
    ],
)
def test_bad_input(given, options, message, loaded, tmp_path, examined):
    (tmp_path / "ada.py").touch()
    (tmp_path / "empty").mkdir()
    out = tmp_path / options.pop("out", "out")
    with pytest.raises(sae.SaeError, match=message):
        grade(loaded, [tmp_path / name for name in given], out, **options)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").rglob("*.*"))


# What is written


def grades_of(loaded, *results):
    graded = [
        Graded(Submission(f"s{k}", f"s{k}", Path(f"s{k}.py"), ""), result, "" if result else "it is nothing")
        for k, result in enumerate(results)
    ]
    return Grades("means", "Means", 0, graded)


def test_misconceptions_are_counted_once_for_each(loaded):
    said = "s is off; a mean is divided by the number"
    grades = grades_of(
        loaded, result_of(loaded, "off"), result_of(loaded, "off", said=said), result_of(loaded, "off", certain=False)
    )
    assert [misconceptions(one) for one in grades.graded] == [
        *[["(A1) a mean is divided by the number", "(A2) a mean is divided by the number"]] * 2,
        [],
    ]
    page = looked_at(as_html(grades, loaded))
    assert "1 submission failed a test in a part where no known mistake explains it" in page.text
    assert [text for text in page.inside("td") if text == "2"][:2] == ["2", "2"]


def test_a_page_of_few_and_of_none(loaded):
    page = looked_at(as_html(grades_of(loaded, result_of(loaded)), loaded))
    assert "1 submission of the exercise" in page.text
    assert "No known misconception" in page.text
    page = looked_at(as_html(grades_of(loaded, None), loaded))
    assert "s0 was not graded: it is nothing." in page.text
    assert "Nothing was graded" in page.text


def test_planted_markup_is_text(loaded, tmp_path):
    planted = (
        "`x = 1` </td><script>alert(1)</script><img src=x onerror=alert(2)> [a](javascript:alert(3)) **b** $x$ _c_"
    )
    grades = grades_of(loaded, result_of(loaded, planted, said=f"=cmd {planted}"), None)
    page = looked_at(as_html(grades, loaded))
    assert planted in page.text
    said = write_feedback(grades, grades.graded[0], tmp_path).read_text()
    assert "<" not in said
    assert not re.search(r"(?<!\\)[`*\[\]]|[$~|]| _", said.replace("**", "", 2).replace("**failed**", ""))
    write_csv(grades, loaded, tmp_path / "grades.csv")
    assert rows_of(tmp_path)["s0"]["misconceptions"].startswith("(A1) =cmd")


def test_progress_without_a_terminal(loaded, submissions, tmp_path, examined, capsys):
    for k in range(3):
        (submissions / f"{k}.py").write_text("x")
    (submissions / "none").mkdir()
    with GradingProgress(PatientConsole()) as progress:
        grade(loaded, [submissions], tmp_path / "out", progress=progress)
    said = capsys.readouterr().out
    assert "none was not graded: its folder holds no file" in said
    assert said.endswith("4 of 4 graded\n")


def test_the_command(exercise, submissions, tmp_path, examined):
    for name in ("ada", "bob"):
        (submissions / f"{name}.py").write_text(f"# exercise: {exercise}\n")
    run = CliRunner().invoke(app, ["course", "grade", str(submissions), "--out", str(tmp_path / "out")])
    assert run.exit_code == 0, run.output
    assert "100 of 100" in run.output
    (submissions / "bob.py").write_text("# exercise: softmax\n")
    run = CliRunner().invoke(app, ["course", "grade", str(submissions), "--out", str(tmp_path / "out")])
    assert run.exit_code == 2
    assert "the submissions name these exercises: " in run.output
    assert os.fspath(exercise) in run.output.replace("\n", "")
