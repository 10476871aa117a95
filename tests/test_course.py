"""How an exercise becomes a student's file, mutants, a proof and feedback."""

import json
import re
import shutil

import nbformat
import numpy as np
import pytest

from sae.course import Call, Exercise, Off, Part, direct, folder, holds, same
from sae.course.explanation import Asked
from sae.course.feedback import in_words, remarks
from sae.course.library import load
from sae.course.matrix import kill_matrix
from sae.course.mutants import answers_of, distinct
from sae.course.notebook import cells, code_of, notebook
from sae.course.repeated import held, repeated
from sae.course.source import functions, module, mutated_text, student_source
from sae.errors import SaeError

SOURCE = '''"""Two functions."""
import numpy as np

TWO = 2


def scaled(x):
    """Return x twice."""
    ### BEGIN SOLUTION
    y = TWO * x  # (A1)
    ### END SOLUTION
    return y


def total(x):
    """Return the sum."""
    ### BEGIN SOLUTION
    s = 0.0  # (A2), nothing yet
    for item in x:
        s += item  # (A2)
    return s  # (A3)
    ### END SOLUTION


if __name__ == "__main__":
    print(scaled(1))
'''


@pytest.fixture(scope="module")
def softmax():
    return load("softmax")


@pytest.fixture
def copied(softmax, tmp_path):
    folder.copy(softmax, tmp_path / "mine")
    return tmp_path / "mine"


def test_regions_become_holes():
    text = student_source(SOURCE)
    assert text.count("    # YOUR CODE HERE\n    raise NotImplementedError\n") == 2
    assert "TWO * x" not in text
    assert "return y" in text
    with pytest.raises(NotImplementedError):
        module(text)["scaled"](1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (SOURCE.replace("### END SOLUTION", "", 1), "within the region"),
        (SOURCE.replace("### BEGIN SOLUTION", "", 1), "without ### BEGIN"),
        (re.sub("### END SOLUTION\n\n\nif", "\n\nif", SOURCE), "has no ### END"),
        ("x = 1\n", "no ### BEGIN"),
    ],
)
def test_a_region_that_is_not_whole_is_an_error(broken, message):
    with pytest.raises(SaeError, match=message):
        student_source(broken)


def test_tagged_lines_are_found_in_loops_and_returns():
    lines = functions(SOURCE)["total"].lines
    assert [(line.symbol, line.tag, line.source) for line in lines] == [
        *(("s", "A2", "0.0"), ("s", "A2", "item"), ("return", "A3", "s")),
    ]
    text = mutated_text(SOURCE, "total", [("s#2", "item + 1"), ("x", "x[1:]")])
    assert module(text)["total"]([1.0, 2.0, 3.0]) == 7.0
    assert module(text)["scaled"](1.0) == 2.0


def test_a_line_with_other_letters_is_found_too():
    text = SOURCE.replace('"""Two functions."""', '"""Zwei Größen, ∂J."""').replace("# (A1)", "# größer (A1)")
    assert functions(text)["scaled"].lines[0].source == "TWO * x"
    assert module(mutated_text(text, "scaled", [("y", "3 * x")]))["scaled"](1) == 3


def test_a_notebook_has_all_that_the_file_has():
    found = cells(SOURCE)
    assert [(cell.kind, cell.name) for cell in found] == [
        *(("markdown", ""), ("code", ""), ("code", "scaled"), ("code", "total"), ("code", "")),
    ]
    assert found[3].text.endswith("### END SOLUTION")
    nbformat.validate(notebook(found))


def test_the_code_of_a_notebook_is_what_it_defines(tmp_path):
    path = tmp_path / "student.ipynb"
    content = notebook(cells(SOURCE))
    content["cells"][1]["source"] = [
        "%matplotlib inline\n",
        "!ls\n",
        "import numpy as np\n",
        "TWO = 2\n",
        "print(1/0)\n",
    ]
    path.write_text(json.dumps(content))
    code = code_of(path)
    assert "1/0" not in code
    assert module(code)["total"]([1.0, 2.0]) == 3.0
    path.write_text("no notebook")
    with pytest.raises(SaeError, match="no Jupyter notebook"):
        code_of(path)


# The proof ------------------------------------------------------------------------------------------------------


def changed(path, name, old, new):
    text = (path / name).read_text()
    assert text.count(old) == 1, old
    (path / name).write_text(text.replace(old, new))


def test_a_hidden_test_that_is_missing_is_noticed(copied):
    text = (copied / "hidden.py").read_text()
    head, *tests = re.split(r"(?=^@exercise)", text, flags=re.MULTILINE)
    assert len(tests) > 2
    for k in range(len(tests)):
        if "judge" in tests[k]:
            continue
        (copied / "hidden.py").write_text(head + "".join(test for j, test in enumerate(tests) if j != k))
        if kill_matrix(load(copied)).survivors:
            return
    raise AssertionError("any hidden test could be left out")


def test_a_hidden_test_of_no_use_is_noticed(copied):
    (copied / "hidden.py").write_text(
        (copied / "hidden.py").read_text()
        + '\n\npublic = next(t for t in exercise.of_part("cost_and_grad") if not t.hidden)\n\n\n'
        + '@exercise.hidden("cost_and_grad", judge=public.judge)\ndef again(rng):\n    """The public check again."""\n'
        + "    return public.ask(rng)\n"
    )
    assert [problem for problem in kill_matrix(load(copied)).problems() if "of no use" in problem] == [
        "hidden test of no use: cost_and_grad: The public check again"
    ]


def test_a_correct_solution_marked_wrong_is_noticed(copied):
    path = next((copied / "alternatives").glob("*.py"))
    path.write_text(
        path.read_text() + "\n\n_right = probabilities\n\n\ndef probabilities(W, X):\n    return 1.01 * _right(W, X)\n"
    )
    assert any(
        problem.startswith(f"correct, but marked wrong: {path.stem}")
        for problem in kill_matrix(load(copied)).problems()
    )


def test_too_few_correct_solutions_are_noticed(copied):
    for path in sorted((copied / "alternatives").glob("*.py"))[5:]:
        path.unlink()
    assert any("expected 6" in problem for problem in kill_matrix(load(copied)).problems())


@pytest.mark.parametrize("name", ["solution.py", "exercise.py", "hidden.py", "handout.md"])
def test_an_exercise_without_a_file_says_so(copied, name):
    (copied / name).unlink()
    with pytest.raises(SaeError, match=name):
        load(copied)


def test_an_exercise_that_does_not_run_says_so(copied):
    (copied / "hidden.py").write_text("1 / 0\n")
    with pytest.raises(SaeError, match="ZeroDivisionError"):
        load(copied)
    with pytest.raises(SaeError, match="there is no exercise 'sofmax'"):
        load("sofmax")


# Judging --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.ones((2, 3)), "shape"),
        (None, "None"),
        (np.full((3, 2), np.nan), "NaN"),
        (np.ones((3, 2), int), "integers"),
        ("text", "str"),
        ((1, 2), "tuple"),
        ({"a": 1}, "dict"),
    ],
)
def test_what_is_no_answer_is_told(answer, said):
    right = np.full((3, 2), 0.123456789)
    off = same()([None], [answer], [right])
    assert off is not None
    assert said in off.sentence
    assert "123456" not in off.sentence


def test_precision():
    right = np.linspace(0.1, 1, 5)
    judge = same()
    assert judge([0], [right * (1 + 1e-9)], [right]) is None
    assert judge([0], [right * (1 + 1e-5)], [right]) == Off(("",), "")
    assert judge([0], [(right * (1 + 1e-5)).astype(np.float32)], [right]) is None
    assert judge([0], [(right * (1 + 1e-3)).astype(np.float32)], [right]) is not None
    assert same(single=False)([0], [(right * (1 + 1e-6)).astype(np.float32)], [right]) is not None
    assert judge([0], [(right, 2.0)], [(right, 1.0)]) == Off(("1",), "")
    assert judge([0], [(right,)], [(right, 1.0)]) is not None


def test_a_property_speaks_of_the_answer():
    judge = holds(lambda call, answer: "" if answer > 0 else "it must be positive")
    assert judge([0], [1.0], [None]) is None
    assert judge([0], [-1.0], [None]) == Off((), "it must be positive")


# Feedback -------------------------------------------------------------------------------------------------------


def feedback(loaded, mutant):
    solution, namespace, part = module(loaded.source), mutant.namespace(loaded), loaded.exercise.part(mutant.function)
    asked = []
    for test in loaded.exercise.of_part(part.function):
        calls = test.calls(0)
        if (answers := answers_of(namespace, calls)) is not None:
            asked.append(Asked(calls, answers, direct.ask(solution, calls)))
    return remarks(loaded, part, asked), asked


def test_feedback_names_the_mistake_and_its_equation(softmax):
    mutants, rng = distinct(softmax)[0], np.random.default_rng(0)
    named = answered = 0
    for k in rng.choice(len(mutants), 60, replace=False):
        found, asked = feedback(softmax, mutants[k])
        answered += len(asked) == len(list(softmax.exercise.of_part(mutants[k].function)))
        named += any(mutants[k].sentence in remark.sentence and remark.certain for remark in found)
    assert named >= 0.95 * answered > 40


def test_a_mistake_that_nobody_knows_is_called_so(softmax):
    part, solution = softmax.exercise.part("cost_and_grad"), module(softmax.source)
    test = next(test for test in softmax.exercise.of_part(part.function) if test.hidden)
    calls = test.calls(0)
    right = direct.ask(solution, calls)
    answers = [(J, grad + np.sin(np.arange(grad.size)).reshape(grad.shape)) for J, grad in right]
    (remark,) = remarks(softmax, part, [Asked(calls, answers, right)])
    assert not remark.certain
    assert "grad_W is off" in str(remark)
    assert "(Y5)" in str(remark)
    off = same()(calls, answers, right)
    assert in_words(part, off, Asked(calls, answers, right)) == "grad_W is off"


def test_two_mistakes_are_both_named(softmax):
    one = next(
        m
        for m in distinct(softmax)[0]
        if m.function == "cost_and_grad" and m.sentence == "J: it is twice as large as it should be"
    )
    two = next(
        m for m in distinct(softmax)[0] if m.sentence == "grad_W: it has the wrong sign" and m.function == one.function
    )
    part, solution = softmax.exercise.part(one.function), module(softmax.source)
    asked = []
    for test in softmax.exercise.of_part(part.function):
        calls = test.calls(0)
        pairs = zip(answers_of(one.namespace(softmax), calls), answers_of(two.namespace(softmax), calls), strict=True)
        asked.append(Asked(calls, [(a[0], b[1]) for a, b in pairs], direct.ask(solution, calls)))
    sentences = {remark.sentence for remark in remarks(softmax, part, asked)}
    assert sentences == {one.sentence, two.sentence}


def test_noise_that_is_drawn_anew_is_noticed(rng):
    def draws(x):
        return x, x + rng.standard_normal()

    def holds_it(x):
        return x, x + 1, np.nan

    diagnose = held(lambda rng: (rng.standard_normal(3),), "it is drawn")
    assert diagnose(draws, rng) == ["it is drawn"]
    assert diagnose(holds_it, rng) == []
    assert repeated((), [draws(1.0), draws(1.0)], None) is not None
    assert repeated((), [holds_it(1.0), holds_it(1.0)], None) is None
    assert repeated((), [np.ones(2), np.ones(3)], None) is not None


def test_an_exercise_can_be_written_in_a_few_lines(tmp_path):
    (tmp_path / "solution.py").write_text(SOURCE)
    (tmp_path / "handout.md").write_text("# {points} points\n")
    (tmp_path / "exercise.py").write_text(
        "from sae.course import Call, Exercise, Part\n\n"
        "part = Part('total', 10, ('A2',), ('s',), lambda rng: (rng.normal(size=4),))\n"
        "exercise = Exercise('Sums', 'none', 1, 1, [part])\n\n\n"
        "@exercise.check('total')\ndef one(rng):\n    return [Call('total', rng.normal(size=1))]\n"
    )
    (tmp_path / "hidden.py").write_text(
        "from sae.course import Call\nfrom .exercise import exercise\n\n\n"
        "@exercise.hidden('total')\ndef many(rng):\n    return [Call('total', rng.normal(size=5))]\n"
    )
    matrix = kill_matrix(load(tmp_path))
    assert matrix.survivors == []
    assert folder.handout(load(tmp_path)) == "# 10 points\n"


def test_two_tests_of_one_name_and_unknown_parts_are_errors():
    exercise = Exercise("", "", 1, 1, [Part("f", 1, (), ("y",), lambda rng: ())])
    exercise.check("f")(lambda rng: [Call("f")])
    with pytest.raises(SaeError, match="two tests"):
        exercise.hidden("f")(lambda rng: [Call("f")])
    with pytest.raises(SaeError, match="no part 'g'"):
        exercise.hidden("g")


def test_nothing_of_a_student_is_overwritten(softmax, tmp_path):
    folder.new(softmax, tmp_path / "mine")
    (tmp_path / "mine" / "student.py").write_text("my work")
    with pytest.raises(SaeError, match="not empty"):
        folder.new(softmax, tmp_path / "mine")
    assert (tmp_path / "mine" / "student.py").read_text() == "my work"
    shutil.rmtree(tmp_path / "mine")
    (tmp_path / "mine").write_text("a file")
    with pytest.raises(SaeError, match="is a file"):
        folder.new(softmax, tmp_path / "mine")
