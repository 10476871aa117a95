"""What is exported, and Gradescope's autograder run as Gradescope runs it."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from sae.course import Call, direct
from sae.course.examine import Outcome, PartResult, Result
from sae.course.export import TARGETS, autograder, bundle, export
from sae.course.feedback import Remark
from sae.course.folder import copy, student_file
from sae.course.library import load, names
from sae.course.needed import needed
from sae.course.notebook import cells, code_of, notebook
from sae.course.notebook_tests import answer, examine_cell
from sae.course.source import module, student_source
from sae.errors import SaeError
from sae.isolation.submission import Limits, answers

RIGHT_LINE, WRONG_LINE = "J = -chosen.sum() / m", "J = -chosen.sum()"

# https://gradescope-autograders.readthedocs.io/en/latest/specs/: what may be there, and of which form.
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
RESULTS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "anyOf": [
        {"required": ["score"]},
        {"required": ["tests"], "properties": {"tests": {"items": {"required": ["score"]}}}},
    ],
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "properties": {"name": {"type": "string"}, "order": {"enum": ["asc", "desc"]}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def softmax():
    return load("softmax")


@pytest.fixture(scope="module")
def unpacked(softmax, tmp_path_factory):
    """Gradescope's folder with the zip unpacked in it as its machine does."""
    root = tmp_path_factory.mktemp("autograder")
    (path,) = export(softmax, "gradescope", root / "zip", seed=5)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(root / "source")
        for entry in archive.infolist():
            (root / "source" / entry.filename).chmod(entry.external_attr >> 16 & 0o777)
    return root


@pytest.fixture
def graded(unpacked, monkeypatch):
    """Return a function that grades files by name, checks results.json and returns it."""
    monkeypatch.setenv("AUTOGRADER_USER", "")  # the user's own

    def grade(files, script=False):
        for old in [*(unpacked / "submission").glob("*"), *(unpacked / "results").glob("*")]:
            old.unlink()
        (unpacked / "submission").mkdir(exist_ok=True)
        for name, content in files.items():
            (unpacked / "submission" / name).write_text(content)
        if script:
            library = unpacked / "source" / "library"
            environment = {"AUTOGRADER": str(unpacked), "AUTOGRADER_PYTHON": sys.executable, "PYTHONPATH": str(library)}
            run = [str(unpacked / "source" / "run_autograder")]
            subprocess.run(run, env={**os.environ, **environment}, cwd=unpacked, check=True)
        else:
            autograder.main(unpacked)
        found = json.loads((unpacked / "results" / "results.json").read_text())
        jsonschema.validate(found, RESULTS)
        return found

    return grade


# What is written --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", TARGETS)
def test_every_exercise_is_exported(to, tmp_path):
    for name in names():
        for path in export(load(name), to, tmp_path / name, seed=3):
            assert path.stat().st_size


@pytest.mark.parametrize("to", TARGETS)
def test_the_same_export_is_the_same_files(softmax, to, tmp_path):
    once, again = ({p.name: p for p in export(softmax, to, tmp_path / k, seed=3)} for k in "ab")
    for name in once.keys() - {"data.npz"}:
        assert once[name].read_bytes() == again[name].read_bytes(), name


def test_bad_input_says_what_to_do(softmax, tmp_path):
    with pytest.raises(SaeError, match=r"no export to 'moodle'; expected one of gradescope, nbgrader, otter"):
        export(softmax, "moodle", tmp_path / "x")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("hours of it")
    with pytest.raises(SaeError, match="is not empty; nothing was written"):
        export(softmax, "otter", tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["work.txt"]
    assert not (tmp_path / "x").exists()


def test_no_package_of_a_grader_is_needed(tmp_path):
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['nbgrader', 'otter', 'nbformat', 'IPython', 'jsonschema']))\n"
        "from sae.course.export import TARGETS, export\n"
        "from sae.course.library import load\n"
        f"[export(load('softmax'), to, {str(tmp_path)!r} + '/' + to) for to in TARGETS]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_hidden_tests_know_the_seed_and_nothing_of_them_is_public(softmax, tmp_path):
    export(softmax, "nbgrader", tmp_path / "n", seed=987)
    source = json.loads((tmp_path / "n/source/softmax/softmax.ipynb").read_text())
    for cell in source["cells"]:
        text = "".join(cell["source"])
        public = re.sub(r"### BEGIN HIDDEN.*### END HIDDEN", "", text, flags=re.DOTALL)
        assert "987" not in public
        assert "hidden=True" not in public
    points = [cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in source["cells"]]
    assert sum(points) == pytest.approx(sum(part.points for part in softmax.exercise.parts))


@pytest.mark.parametrize("to", ["nbgrader", "otter"])
def test_an_exercise_of_ones_own_brings_its_public_checks(softmax, to, tmp_path):
    copy(softmax, tmp_path / "mine")
    written = export(load(tmp_path / "mine"), to, tmp_path / "out")
    assert any(path.name == "answers.bin" for path in written)
    (page,) = (path for path in written if path.suffix == ".ipynb")
    assert "examine_cell('checks', 'probabilities'" in page.read_text()
    assert f"examine_cell('{tmp_path / 'mine'}', 'probabilities'" in page.read_text()  # the hidden ones
    for path in written:
        if "checks" in path.parts:
            assert path.name != "hidden.py"
            assert b"BEGIN SOLUTION" not in path.read_bytes()
    question = {"exercise": str(page.parent / "checks"), "part": "predict", "hidden": False, "seed": 0}
    assert [outcome["passed"] for outcome in answer({**question, "source": softmax.source})["outcomes"]] == [True]


# Gradescope -------------------------------------------------------------------------------------------------------


def test_the_zip_holds_what_the_machine_needs(softmax, tmp_path):
    (path,) = export(softmax, "gradescope", tmp_path / "out", seed=5)
    with zipfile.ZipFile(path) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        assert {entry.date_time for entry in archive.infolist()} == {bundle.TIME}
        for name in ("setup.sh", "run_autograder"):
            assert modes[name] == 0o100755
            assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        assert modes["settings.json"] == 0o100644
        project = archive.read("library/pyproject.toml").decode()
    assert '"numpy>=2.0"' in project
    assert "pytest" not in project
    inside = {name.split("/")[1] for name in modes if name.startswith("exercises/")}
    assert inside == {"softmax"}
    assert not [name for name in modes if "__pycache__" in name or "alternatives" in name or "exercises/" in name[10:]]
    assert path.stat().st_size < 2_000_000
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(Path(bundle.__file__).parent / "scripts" / script)], check=True)


def test_caches_stay_behind(tmp_path, monkeypatch):
    (tmp_path / "__pycache__").mkdir()
    for name in ("a.py", "__pycache__/a.cpython-311.pyc"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(bundle, "PACKAGE", tmp_path)
    assert [name for name, _ in bundle.library()] == ["pyproject.toml", "sae/a.py"]


def test_the_library_in_the_zip_suffices(unpacked):
    library = unpacked / "source" / "library"
    code = "import sae, sae.course.export.autograder; print(sae.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(library)}
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()).is_relative_to(library)


def test_right_work_gets_full_marks(graded, softmax):
    found = graded({"student.py": softmax.source}, script=True)
    assert found["score"] == 100
    assert found["stdout_visibility"] == "hidden"
    assert {test["status"] for test in found["tests"]} == {"passed"}
    assert sum(test["max_score"] for test in found["tests"]) == pytest.approx(100, abs=0.1)
    visible = {test["visibility"] for test in found["tests"]}
    assert visible == {"visible", "after_published"}


def test_wrong_work_costs_its_part_and_shows_no_value(graded, softmax):
    wrong = softmax.source.replace(RIGHT_LINE, WRONG_LINE)
    assert wrong != softmax.source
    found = graded({"student.py": wrong}, script=True)
    assert 0 < found["score"] < 100
    off = [test for test in found["tests"] if test["status"] == "failed"]
    assert {test["name"].split(":")[0] for test in off} == {"cost_and_grad"}
    assert sum(test["score"] for test in found["tests"]) == pytest.approx(found["score"], abs=0.1)
    assert "(Y3)" in off[-1]["output"]
    assert off[-1]["visibility"] == "after_published"
    said = json.dumps([found["output"], *(test["output"] for test in off)])
    assert not re.search(r"\d\.\d{3}", said)
    solution = module(softmax.source)
    for test in softmax.exercise.of_part("cost_and_grad"):
        for J, _ in direct.ask(solution, test.calls(5)):
            assert f"{J:.3g}" not in said


def test_an_unwritten_page_gets_nothing(graded, softmax, capsys):
    found = graded({"student.py": student_file(softmax)})
    assert "softmax: 0 of 100 points, questions of seed 5" in capsys.readouterr().out
    assert found["score"] == 0
    assert {test["status"] for test in found["tests"]} == {"failed"}


def test_a_notebook_is_graded_like_a_file(graded, softmax):
    assert graded({"student.ipynb": json.dumps(notebook(cells(softmax.source)))})["score"] == 100


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"no file student.py or student.ipynb; it has nothing"),
        ({"softmax.py": "x = 1"}, r"no file student.py or student.ipynb; it has softmax.py"),
        ({"student.py": "", "student.ipynb": ""}, "both"),
        ({"student.ipynb": "not JSON"}, "no Jupyter notebook"),
    ],
)
def test_a_submission_that_cannot_be_graded_is_told_why(graded, files, message):
    found = graded(files)
    assert found["score"] == 0
    assert found["visibility"] == "visible"
    assert re.search(message, found["output"])


def test_a_link_to_the_solution_is_no_submission(unpacked):
    folder = unpacked / "linked"
    folder.mkdir()
    (folder / "student.py").symlink_to(unpacked / "source" / "exercises" / "softmax" / "solution.py")
    with pytest.raises(SaeError, match=r"no file student\.py"):
        autograder.handed_in(folder)


def runs_python(user):
    try:
        command = [sys.executable, "-c", "import numpy"]
        return os.geteuid() == 0 and subprocess.run(command, user=user, capture_output=True).returncode == 0
    except (KeyError, OSError, AttributeError):
        return False


@pytest.mark.skipif(not runs_python("nobody"), reason="needs root, and a Python that others may run")
def test_the_code_of_students_may_not_read_what_root_may(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_USER", "nobody")
    assert autograder.student() == "nobody"
    file = tmp_path / "student.py"
    file.write_text("import os\ndef who():\n    open('mine', 'w').close()\n    return os.getuid(), os.getgroups()\n")
    (answer_,) = answers(file, [Call("who")], limits=Limits(user="nobody"))
    assert answer_.value[0] != 0
    assert 0 not in answer_.value[1]


def test_results_are_there_though_the_grader_fails(graded, unpacked, softmax, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the disk is full, and the answer is 42.123456")

    monkeypatch.setattr(autograder, "examine", broken)
    with pytest.raises(RuntimeError):
        graded({"student.py": softmax.source})
    found = json.loads((unpacked / "results" / "results.json").read_text())
    jsonschema.validate(found, RESULTS)
    assert "tell your instructor" in found["output"]
    assert "42" not in json.dumps(found)


OUTCOMES = [
    Outcome("a", False, 2, True),
    Outcome("b", False, 1, False, "no"),
    Outcome("c", True, 1, False, "it is off"),
]
EXAMINED = Result("one", 1, True, [PartResult("f", "", 4, 2.0, OUTCOMES, [Remark("Y1", "the sign is wrong", True)])])


def test_remarks_rest_on_hidden_tests_and_are_shown_with_them():
    tests = autograder.results(EXAMINED, "hidden")["tests"]
    assert [(test["score"], test["max_score"]) for test in tests] == [(2.0, 2.0), (0.0, 1.0), (0.0, 1.0)]
    assert [test["output"] for test in tests] == ["", "no", "it is off\nthe sign is wrong: look at (Y1) again."]
    assert [test["visibility"] for test in tests] == ["visible", "visible", "hidden"]


def test_the_schema_is_no_rubber_stamp():
    found = autograder.results(EXAMINED, "hidden")
    jsonschema.validate(found, RESULTS)
    for change in (
        lambda x: x.update(score="2"),
        lambda x: x.update(visibility="shown"),
        lambda x: x["tests"][0].update(status="ok"),
        lambda x: x["tests"][0].update(maxscore=1),
        lambda x: x["tests"][0].update(output=None),
        lambda x: (x.pop("score"), x["tests"][0].pop("score")),
    ):
        bad = json.loads(json.dumps(found))
        change(bad)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, RESULTS)


# Code out of notebooks --------------------------------------------------------------------------------------------


def test_only_what_functions_need_is_taken_from_cells():
    found = needed(
        [
            "import numpy as np\nimport nothing_of_the_kind",
            "EPS = 1e-8; data = open('there is no such file')",
            "def f(x):\n    return helper(x) + EPS",
            "@lambda f: lambda x: 2 * f(x)\ndef helper(x):\n    return np.sum(x)  # why?",
            "f([1]\n",
            "f([1.0])",
            "table = {}\ntable['a'] = 1\nfor k in range(3):\n    table[k] = k",
            "def g():\n    return table",
        ],
        ["f"],
    )
    assert module(found)["f"](np.ones(3)) == 6 + 1e-8
    for gone in ("nothing_of_the_kind", "open", "f([1.0])", "table"):
        assert gone not in found


def test_a_later_cell_counts_and_a_loop_that_fills_a_table_too():
    fill, early, late = "for k in range(3):\n    table[k] = k", "def g():\n    return 0", "def g():\n    return table"
    assert module(needed(["table = {}", fill, early, late]))["g"]() == {0: 0, 1: 1, 2: 2}


def test_a_cell_that_only_asks_changes_nothing(softmax):
    assert needed([softmax.source, "import sae\nsae.ask('predict')"]) == needed([softmax.source])


def test_everything_imported_by_a_star_may_be_needed():
    assert module(needed(["from math import *", "def f():\n    return sqrt(4)"]))["f"]() == 2


def test_a_function_in_a_cell_with_a_typo_says_so():
    found = module(needed(["def f(x):\n    return (x", "def g(x:\n    pass", "def g(x):\n    return x"]))
    with pytest.raises(SyntaxError, match="can not read the cell of f"):
        found["f"](1)
    assert found["g"](1) == 1  # the cell with the typo never ran


def test_code_beside_magics_is_kept(tmp_path):
    sources = [
        "%matplotlib inline\nimport numpy as np\nTWO = 2  # really?\n?np.sum\nnp.sum?",
        "%%bash\nls |",
        "def f():\n    return TWO * (9\n    % 7)",
        "%%writefile f.py\ndef f():\n    return 0",
    ]
    content = {"cells": [{"cell_type": "code", "source": source} for source in sources]}
    (tmp_path / "a.ipynb").write_text(json.dumps(content))
    assert module(code_of(tmp_path / "a.ipynb"))["f"]() == 4


def test_the_cell_asks_in_other_processes(softmax):
    with pytest.raises(SaeError, match="for a cell of a notebook"):
        examine_cell("softmax", "predict", "The classes of seven examples")
    question = {"exercise": "softmax", "part": "predict", "hidden": True, "seed": 4}
    right = answer({**question, "source": softmax.source})
    assert all(outcome["passed"] for outcome in right["outcomes"])
    assert {outcome["hidden"] for outcome in right["outcomes"]} == {True, False}
    hole = answer({**question, "source": student_source(softmax.source), "hidden": False})
    assert not any(outcome["passed"] or outcome["hidden"] for outcome in hole["outcomes"])
    assert "no exercise 'sofmax'" in answer({**question, "exercise": "sofmax", "source": ""})["error"]
    assert "no part 'p'" in answer({**question, "part": "p", "source": ""})["error"]
