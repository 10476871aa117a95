"""The gradient check that students run on their own functions."""

import numpy as np
import pytest

from sae.course.exercise import Call
from sae.course.own_gradient import directions, own_gradient

A, b, x = np.diag([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0]), np.array([1.0, -2.0, 0.5])


def right(x, b):
    return x @ A @ x / 2 + np.sin(b) @ x, A @ x + np.sin(b), np.cos(b) * x


def judged(function, questions=None):
    calls = questions or directions(np.random.default_rng(0), "f", x, b, to=[0, 1])
    answers = [function(*call.arguments) for call in calls]
    return own_gradient(calls, answers, [right(*call.arguments) for call in calls])


def test_questions_move_one_argument_at_a_time_by_pairs():
    calls = directions(np.random.default_rng(0), "f", x, b, to=[0, 1], each=3)
    assert len(calls) == 1 + 2 * 3 * 2
    assert calls[0] == Call("f", x, b)
    for plus, minus in zip(calls[1::2], calls[2::2], strict=True):
        moved = [not np.array_equal(one, other) for one, other in zip(plus.arguments, (x, b), strict=True)]
        assert sum(moved) == 1
        for one, other, at in zip(plus.arguments, minus.arguments, (x, b), strict=True):
            np.testing.assert_allclose((one + other) / 2, at)


def test_a_right_gradient_passes_and_so_does_that_of_another_cost():
    assert judged(right) is None
    assert judged(lambda x, b: tuple(3 * value for value in right(x, b))) is None


def test_single_precision_passes():
    def single(x, b):
        return tuple(np.float32(value) for value in right(np.float32(x), np.float32(b)))

    assert judged(single) is None


@pytest.mark.parametrize("output", [1, 2])
def test_a_wrong_block_is_named(output):
    def wrong(x, b):
        found = list(right(x, b))
        found[output] = 1.01 * found[output]
        return found

    off = judged(wrong)
    assert off is not None
    assert off.outputs == (str(output),)
    assert "differences" in off.sentence


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x, b: 1.0, "expected 3 values"),
        (lambda x, b: (1.0, x), "expected 3 values"),
        (lambda x, b: (1.0, x[:2], b), "shape"),
        (lambda x, b: (np.nan, x, b), "NaN"),
    ],
)
def test_answers_of_another_form_are_off(answer, said):
    off = judged(answer)
    assert off is not None
    assert said in off.sentence
