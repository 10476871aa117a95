"""`sae course` at the command line: what students and instructors type."""

import csv
import json
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from sae.course.library import load, names
from tests.command_line import call, refused


@pytest.fixture(scope="module")
def softmax():
    return load("softmax")


@pytest.fixture
def mine(softmax, tmp_path):
    call("course", "new", "softmax", tmp_path / "mine")
    return tmp_path / "mine"


def solve(folder, loaded, old="", new=""):
    text = loaded.source.replace(old, new) if old else loaded.source
    assert not old or loaded.source.count(old) >= 1
    (folder / "student.py").write_text(f"# exercise: {loaded.name}\n{text}")
    return folder / "student.py"


def test_the_list():
    shown = call("course", "list").stdout
    assert all(name in shown for name in names())


def test_a_students_folder(mine, softmax):
    assert {path.name for path in mine.iterdir()} >= {
        "student.py",
        "student.ipynb",
        "handout.md",
        "data.npz",
        "good.png",
    }
    nbformat.validate(nbformat.read(mine / "student.ipynb", as_version=4))
    assert "(Y3)" in (mine / "handout.md").read_text()
    with np.load(mine / "data.npz", allow_pickle=False) as data:
        assert data.files
    assert not (mine / "checks").exists()  # they come with the library
    assert "not empty" in refused("course", "new", "softmax", mine)


def test_holes_are_named_as_such(mine):
    shown = call("course", "check", mine / "student.py", code=1).stdout
    assert shown.count("isn't written yet") >= len(load("softmax").exercise.parts)
    assert "0 of" in shown


def test_right_work_passes(mine, softmax):
    shown = call("course", "check", solve(mine, softmax)).stdout
    assert "public checks passed" in shown
    assert "(hidden)" not in shown


def test_a_misconception_is_named_with_its_equation(mine, softmax):
    path = solve(mine, softmax, "delta = np.exp(log_p) - Y", "delta = np.exp(log_p) + Y")
    shown = call("course", "check", path, code=1).stdout
    assert "grad_W is off" in shown
    assert "(Y4)" in shown


def test_the_notebook_is_checked_too(mine, softmax):
    notebook = json.loads((mine / "student.ipynb").read_text())
    assert "isn't written yet" in call("course", "check", mine / "student.ipynb", code=1).stdout
    from sae.course.notebook import cells

    solved = {cell.name: cell.text for cell in cells(softmax.source)}
    for cell in notebook["cells"]:
        for name, text in solved.items():
            if name and "".join(cell["source"]).startswith(f"def {name}("):
                cell["source"] = text.splitlines(keepends=True)
    (mine / "student.ipynb").write_text(json.dumps(notebook))
    call("course", "check", mine / "student.ipynb")


def test_what_the_students_code_raises_is_quoted(mine, softmax):
    path = solve(mine, softmax, "z = W @ X  # (Y1)", 'z = 1 / 0  # my "own" line')
    assert "ZeroDivisionError" in call("course", "check", path, code=1).stdout


def test_what_the_students_code_prints_is_shown(mine, softmax):
    path = solve(mine, softmax, "z = W @ X  # (Y1)", 'z = W @ X; print("z has", z.shape)')
    shown = call("course", "check", path).stdout
    assert "printed in probabilities: " in shown
    assert "z has (" in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import numpy", "doesn't say which exercise"),
        ("# exercise: sofmax\n", "there is no exercise 'sofmax'"),
    ],
)
def test_a_file_of_no_exercise(tmp_path, content, said):
    (tmp_path / "student.py").write_text(content)
    assert said in refused("course", "check", tmp_path / "student.py")


def test_files_that_are_none(tmp_path, mine):
    assert "no file" in refused("course", "check", tmp_path / "nothing.py")
    (tmp_path / "student.txt").write_text("# exercise: softmax\n")
    assert ".ipynb" in refused("course", "check", tmp_path / "student.txt")
    (tmp_path / "student.ipynb").write_text("{}")
    assert "notebook" in refused("course", "check", tmp_path / "student.ipynb", "--exercise", "softmax")
    (tmp_path / "broken.py").write_text("# exercise: softmax\ndef probabilities(W, X:\n")
    assert "SyntaxError" in call("course", "check", tmp_path / "broken.py", code=1).stdout


def test_the_kill_matrix(tmp_path, softmax):
    shown = call("course", "mutants", "softmax", "--out", tmp_path, "--every").stdout
    assert "(Y3)" in shown
    assert "survives" not in shown
    with (tmp_path / "softmax-mutants.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert len(head) == 3 + len(softmax.exercise.tests)
    assert all("1" in row[3:] for row in rows)
    assert (tmp_path / "softmax-mutants.png").stat().st_size > 1000
    assert sum(line.startswith(("x", ".")) for line in shown.splitlines()) == len(rows)


def test_tests_that_are_not_good_enough_end_with_1(tmp_path):
    call("course", "copy", "softmax", tmp_path / "own")
    hidden = tmp_path / "own" / "hidden.py"
    hidden.write_text(hidden.read_text().split("@exercise.hidden")[0])
    shown = call("course", "mutants", tmp_path / "own", code=1).stdout
    assert "survives" in shown


def test_an_exercise_of_ones_own_is_handed_out_without_its_solution(tmp_path, softmax):
    call("course", "copy", "softmax", tmp_path / "own")
    solution = tmp_path / "own" / "solution.py"
    solution.write_text(
        solution.read_text().replace("lam / 2 * decay", "lam * decay").replace("+ lam * W", "+ 2 * lam * W")
    )
    call("course", "new", tmp_path / "own", tmp_path / "handed")
    checks = {path.name for path in (tmp_path / "handed" / "checks").iterdir()}
    assert "hidden.py" not in checks
    assert "raise NotImplementedError" in (tmp_path / "handed" / "checks" / "solution.py").read_text()
    student = tmp_path / "handed" / "student.py"
    assert "isn't written yet" in call("course", "check", student, code=1).stdout
    shutil.copy(solution, student)
    shutil.rmtree(tmp_path / "own")
    call("course", "check", student)
    student.write_text(student.read_text().replace("np.exp(log_p) - Y", "np.exp(log_p) + Y"))
    assert "grad_W is off" in call("course", "check", student, code=1).stdout
    assert "--seed" in refused("course", "check", student, "--seed", "1")


def test_five_samples(tmp_path, softmax):
    call("course", "samples", "softmax", tmp_path / "class")
    files = sorted((tmp_path / "class").glob("*.py"))
    assert [path.stem for path in files] == ["ada", "bertha", "chen", "dmitri", "emma"]
    assert len({path.read_text() for path in files}) == 5
    assert "not empty" in refused("course", "samples", "softmax", tmp_path / "class")


def test_pictures_of_a_handout(tmp_path, softmax):
    call("course", "figures", "softmax", "--out", tmp_path)
    assert {path.name for path in tmp_path.glob("*.png")} == {path.name for path in softmax.folder.glob("*.png")}


def test_the_guide():
    shown = call("course", "guide").stdout
    for word in ("three weeks", "kill matrix", "container", "gradescope", "nbgrader", "otter"):
        assert word in shown.lower()


def test_help_teaches():
    assert "sae course new" in call("course", "--help").stdout
    for command in ("new", "check", "grade", "mutants", "samples", "export", "copy", "figures", "guide", "list"):
        assert call("course", command, "--help").stdout


def test_a_student_needs_no_compiler_and_no_display(mine, softmax):
    code = "import sys, sae.cli; print([m for m in ('numba', 'sklearn', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
