"""Every exercise that ships: its files, its mutants, its correct solutions, its handout."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sae.course import folder
from sae.course.library import load, names
from sae.course.matrix import kill_matrix
from sae.course.notebook import cells
from sae.course.source import functions, module, student_source

NAMES = names()


@pytest.fixture(params=NAMES)
def loaded(request):
    return load(request.param)


def test_the_course_is_whole():
    for name in ("numerical_gradient", "patches", "sparse_autoencoder", "whitening", "softmax", "linear_decoder"):
        assert name in NAMES
    assert NAMES[-3:] == ["variants", "stacked", "variational"]


def test_no_mutant_survives_and_no_correct_solution_fails(loaded):
    matrix = kill_matrix(loaded)
    assert matrix.problems() == []
    assert len(matrix.mutants) >= 50
    assert len(matrix.wrong) >= 6
    sentences = {mutant.sentence for mutant in matrix.mutants}  # each misconception changes a result, as no other does
    assert [m.sentence for m in loaded.exercise.misconceptions if m.sentence.rstrip(".") not in sentences] == []
    assert kill_matrix(loaded, seed=1).survivors == []  # other numbers prove as much


def test_every_line_that_computes_has_the_tag_of_an_equation_of_the_handout(loaded):
    there = set(re.findall(r"\\tag\{(\w+)\}", loaded.handout))
    for part in loaded.exercise.parts:
        assert set(part.equations) <= there
    lines = [line for function in functions(loaded.source).values() for line in function.lines]
    assert {line.tag for line in lines} <= there
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", loaded.source, re.DOTALL)
    untagged = [
        line for region in regions for line in region.splitlines() if "=" in line and not re.search(r"\(\w\d+\)", line)
    ]
    bookkeeping = re.compile(
        r"^\s*(\w+(, \w+)* = [^=]*(\.shape|np\.arange|np\.zeros|\.copy\(\)|len\()|for |if |while )"
    )
    assert [line for line in untagged if not bookkeeping.match(line)] == []


def test_the_handout_asks_and_does_not_answer(loaded):
    text = folder.handout(loaded)
    assert not re.search(r"\{(reading|work|points|parts)\}", text)
    for part in loaded.exercise.parts:
        assert f"`{part.function}" in text
    solution = {
        line.source
        for function in functions(loaded.source).values()
        for line in function.lines
        if len(line.source) > 12
    }
    assert [source for source in solution if source in text] == []
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert len(pictures) >= 2
    for picture in pictures:
        assert (loaded.folder / picture).stat().st_size < 100_000


def test_points_and_times_are_said(loaded):
    exercise = loaded.exercise
    assert sum(part.points for part in exercise.parts) == 100
    assert 5 <= exercise.reading <= 60 <= exercise.work
    for part in exercise.parts:
        tests = list(exercise.of_part(part.function))
        assert any(test.hidden for test in tests)
        assert any(not test.hidden for test in tests)
        assert part.doing


def test_the_students_file_has_holes_and_nothing_of_the_answer(loaded):
    text = folder.student_file(loaded)
    holes = text.count("raise NotImplementedError")
    assert holes == loaded.source.count("### BEGIN SOLUTION") >= len(loaded.exercise.parts)
    assert holes == text.count("# YOUR CODE HERE")
    assert "SOLUTION" not in text
    for function in functions(loaded.source).values():
        given = functions(text)[function.name].text
        for line in function.lines:
            assert len(line.source) < 8 or line.source not in given
    namespace = module(text)
    for part in loaded.exercise.parts:
        nothing = [None] * len(part.draw(np.random.default_rng(0)))
        with pytest.raises(NotImplementedError):
            namespace[part.function](*nothing)


def test_the_notebook_defines_the_same_functions(loaded):
    text = student_source(loaded.source)
    code = "\n".join(cell.text for cell in cells(text) if cell.kind == "code")
    assert {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)} == set(functions(text))


def test_alternatives_are_written_differently(loaded):
    dumped = {ast.dump(ast.parse(path.read_text())) for path in loaded.alternatives}
    assert len(dumped) == len(loaded.alternatives) >= 6
    for path in loaded.alternatives:
        for part in loaded.exercise.parts:
            own = functions(path.read_text())
            assert part.function in own or callable(module(path.read_text()).get(part.function))


def test_what_a_student_starts_runs(loaded, tmp_path):
    there = tmp_path / "there"
    folder.new(loaded, there)
    (there / "student.py").write_text(loaded.source)
    before = set(there.iterdir())
    done = subprocess.run(
        [sys.executable, "student.py"],
        cwd=there,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    drawn = set(there.iterdir()) - before
    assert any(path.suffix == ".png" for path in drawn)
    assert "sae" not in set(imports(loaded.source))  # a student's file needs no library


def imports(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_exercises_know_only_the_course_and_public_functions(loaded):
    for path in (loaded.folder / "exercise.py", loaded.folder / "hidden.py"):
        assert "sae.course.exercises" not in path.read_text(), Path(path).name
