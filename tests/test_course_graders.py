"""nbgrader and Otter themselves, on what is exported for them: right, wrong and unwritten submissions."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec

import pytest

from sae.course import direct
from sae.course.examine import examine
from sae.course.export import export
from sae.course.folder import exercise_of
from sae.course.library import load
from sae.course.source import functions, module
from sae.course.submissions import as_python

nbgrader = pytest.mark.skipif(find_spec("nbgrader") is None, reason="needs pip install -e '.[course]'")
otter = pytest.mark.skipif(find_spec("otter") is None, reason="needs pip install -e '.[course]'")
RIGHT_LINE, WRONG_LINE = "J = -chosen.sum() / m", "J = -chosen.sum()"
SEED = 97531


@pytest.fixture(scope="module")
def softmax():
    return load("softmax")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """No settings of the user's, and nothing is left in the user's folders."""
    home = tmp_path_factory.mktemp("home")
    names = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_DATA_HOME")
    # jsonschema does without this package, too; to import it takes each of the many processes here three seconds.
    (home / "sitecustomize.py").write_text("import sys\nsys.modules['rfc3987_syntax'] = None\n")
    path = os.pathsep.join(filter(None, (str(home), os.environ.get("PYTHONPATH"))))
    return {**os.environ, **dict.fromkeys(names, str(home)), "PYTHONPATH": path, "NO_COLOR": "1"}


def run(environment, folder, *command):
    found = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout + found.stderr


def filled(page, source, *edit):
    """Return a student's notebook with the functions of a source written into it."""
    page, own = json.loads(json.dumps(page)), functions(source)
    holes = 0
    for cell in page["cells"]:
        defined = re.match(r"def (\w+)", "".join(cell["source"]))
        if cell["cell_type"] == "code" and defined and "raise NotImplementedError" in "".join(cell["source"]):
            cell["source"] = own[defined[1]].text.replace(*edit) if edit else own[defined[1]].text
            holes += 1
    assert holes == 4  # parts
    return page


def submissions(softmax, page):
    """Return what three students hand in; one of them replaced all checks by nothing."""
    assert RIGHT_LINE in softmax.source
    unwritten = json.loads(json.dumps(page))
    for cell in unwritten["cells"]:
        if "examine_cell" in "".join(cell["source"]):
            cell["source"] = "pass"
    wrong = filled(page, softmax.source, RIGHT_LINE, WRONG_LINE)
    wrong["cells"][1:1] = [  # the work of a night
        {"cell_type": "code", "id": "n1", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for source in ("%precision 3", "1 / 0", "def helper(:", "import nothing_of_the_kind")
    ]
    return {"right": filled(page, softmax.source), "wrong": wrong, "unwritten": unwritten}


def expected(softmax, path):
    """Return the score of `sae course grade`, which takes the notebook itself."""
    assert exercise_of(path) == "softmax"
    with as_python(path) as file:
        return examine(softmax, file, seed=SEED).score


def holds_a_right_value(softmax, text):
    solution = module(softmax.source)
    for test in softmax.exercise.of_part("cost_and_grad"):
        for J, grad in direct.ask(solution, test.calls(SEED if test.hidden else 0)):
            if any(f"{abs(value):.4g}" in text for value in (J, *grad.ravel())):
                return True
    return False


@nbgrader
def test_nbgrader_grades_what_is_exported(softmax, environment, tmp_path):
    course = tmp_path / "course"
    export(softmax, "nbgrader", course, seed=SEED)
    run(environment, course, "nbgrader", "generate_assignment", "softmax")
    page = json.loads((course / "release/softmax/softmax.ipynb").read_text())
    released(page, len(softmax.exercise.tests))
    for student, content in submissions(softmax, page).items():
        folder = course / "submitted" / student / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_text(json.dumps(content))
    run(environment, course, "nbgrader", "autograde", "softmax")
    scores = nbgrader_scores(course / "gradebook.db")
    for student, score in scores.items():
        path = course / f"submitted/{student}/softmax/softmax.ipynb"
        assert score == pytest.approx(expected(softmax, path), abs=0.02)
    plausible(scores)  # unwritten too, though all its checks were taken away
    said = nbgrader_says(course / "autograded/wrong/softmax/softmax.ipynb")
    assert said.startswith("CheckError: cost_and_grad: J is off")
    assert "look at (Y3) again" in said
    assert "Traceback" not in said
    assert not holds_a_right_value(softmax, said)
    run(environment, course, "nbgrader", "generate_feedback", "softmax", "--student", "wrong")
    assert "look at (Y3) again" in (course / "feedback/wrong/softmax/softmax.html").read_text()


def released(page, tests):
    """See that students get holes and public checks only."""
    sources = ["".join(cell["source"]) for cell in page["cells"]]
    assert sum("raise NotImplementedError" in source for source in sources) == 4
    for hidden in ("SOLUTION", "chosen.sum()", "hidden=True", str(SEED)):
        assert hidden not in json.dumps(page)
    assert sum("examine_cell(" in source for source in sources) == 5  # public checks
    assert any(source.startswith("# Hidden test: ") for source in sources)
    assert sum(cell["metadata"].get("nbgrader", {}).get("locked", False) for cell in page["cells"]) == tests + 1


def nbgrader_scores(path):
    """Return the points of each student in nbgrader's gradebook."""
    with closing(sqlite3.connect(path)) as book:
        rows = book.execute(
            "select s.student_id, sum(g.auto_score), sum(c.max_score), max(g.needs_manual_grade) from grade g "
            "join submitted_notebook n on g.notebook_id = n.id join submitted_assignment s on n.assignment_id = s.id "
            "join grade_cells c on g.cell_id = c.id group by s.student_id"
        ).fetchall()
    assert {(round(points, 6), manual) for *_, points, manual in rows} == {(100.0, 0)}
    return {student: round(score, 6) for student, score, *_ in rows}


def nbgrader_says(path):
    """Return what stands below the test cells of a graded notebook."""
    cells = json.loads(path.read_text())["cells"]
    graded = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
    return "\n".join("\n".join(output["traceback"]) for cell in graded for output in cell["outputs"])


def plausible(scores):
    """See that each of the three got what is due."""
    assert scores["right"] == 100
    assert 0 < scores["wrong"] < 100
    assert scores["unwritten"] == 0


@otter
def test_otter_grades_what_is_exported(softmax, environment, tmp_path):
    source = tmp_path / "softmax"
    export(softmax, "otter", source, seed=SEED)
    # otter assign asks the solution all tests
    assert "All autograder tests passed." in run(environment, source, "otter", "assign", "softmax.ipynb", "dist", "-v")
    text = (source / "dist/student/softmax.ipynb").read_text()
    for there, times in {"raise NotImplementedError": 4, "# YOUR CODE HERE": 4, "examine_cell(": 5}.items():
        assert text.count(there) == times
    for hidden in ("SOLUTION", "PROMPT", "chosen.sum()", "hidden=True", str(SEED)):
        assert hidden not in text
    (archive,) = (source / "dist/autograder").glob("softmax-autograder_*.zip")
    scores = {}
    for student, content in submissions(softmax, json.loads(text)).items():
        (tmp_path / student).mkdir()
        path = tmp_path / student / "softmax.ipynb"
        path.write_text(json.dumps(content))
        run(environment, path.parent, "otter", "run", path.name, "-a", str(archive))
        results = json.loads((path.parent / "results.json").read_text())["tests"]
        scores[student] = sum(test.get("score", 0) for test in results)
        assert sum(test.get("max_score", 0) for test in results) == pytest.approx(100)
        assert scores[student] == pytest.approx(expected(softmax, path), abs=0.02)
    plausible(scores)
    wrong = json.loads((tmp_path / "wrong/results.json").read_text())["tests"]
    shown = "".join(test["output"] for test in wrong if test["visibility"] == "visible")
    assert str(SEED) not in shown
    assert "hidden=True" not in shown
    (cost,) = (test["output"] for test in wrong if test["name"] == "cost_and_grad")
    assert "look at (Y3) again" in cost
    assert not holds_a_right_value(softmax, cost)
