"""The numerical gradient: what is believed wrongly, beside slips of the pen."""

from sae.course import Misconception

PLUS, MINUS, UPPER = "J(theta + epsilon * e_i)", "J(theta - epsilon * e_i)", "J(theta + t * v)"
STEP = "(epsilon * e_i).astype(theta.dtype)"
CUT_PLUS, CUT_MINUS = (f"J((theta {sign} epsilon * e_i).astype(theta.dtype))" for sign in "+-")
MOVED = "J(np.add(theta, epsilon * e_i, out=theta)) - J(np.subtract(theta, 2 * epsilon * e_i, out=theta))"
NORM, OF_SUM = "np.linalg.norm(numeric - grad)", "np.linalg.norm(numeric + grad)"
SIZES = "np.diag(np.maximum(1, np.abs(theta)))"

ALL = "the entries of theta are moved one at a time, not all of them at once"
LOST = "the step must not be made an integer where theta has integers: it becomes 0"
CUT = "where theta has integers, a copy of it has too: what is stored there loses all digits behind the point"
WHOLE = "the gradient has digits behind the point, even where theta has integers"
SCALED = "epsilon is the step as it is given, the same for each entry, however large that is"


def each(entry):
    """Return the line of a difference, given how it computes an entry."""
    return f"np.array([{entry} for e_i in e])"


def at_steps(entry):
    """Return the line of the remainder, given how it computes that of one step."""
    return f"np.array([np.abs({entry}) for t in steps])"


CENTRAL = {
    "this is a forward difference, whose error shrinks only like epsilon: step to both sides": each(
        f"({PLUS} - J(theta)) / epsilon"
    ),
    "this is a backward difference, whose error shrinks only like epsilon: step to both sides": each(
        f"(J(theta) - {MINUS}) / epsilon"
    ),
    "the two values of J lie 2 epsilon apart, not epsilon": each(
        "(J(theta + epsilon / 2 * e_i) - J(theta - epsilon / 2 * e_i)) / epsilon"
    ),
    "this is the second derivative along each entry, not the first": each(
        f"({PLUS} - 2 * J(theta) + {MINUS}) / epsilon ** 2"
    ),
    "theta is moved and never moved back: each entry after the first is taken at another place": each(
        f"({MOVED}) / (2 * epsilon)"
    ),
    LOST: each(f"(J(theta + {STEP}) - J(theta - {STEP})) / (2 * epsilon)"),
    CUT: each(f"({CUT_PLUS} - {CUT_MINUS}) / (2 * epsilon)"),
    WHOLE: each(f"({PLUS} - {MINUS}) / (2 * epsilon)") + ".astype(theta.dtype)",
}
FORWARD = {
    "this is a backward difference: the step goes forward": each(f"(here - {MINUS}) / epsilon"),
    "this is a central difference: here one of both values is J(theta)": each(f"({PLUS} - {MINUS}) / (2 * epsilon)"),
    LOST: each(f"(J(theta + {STEP}) - here) / epsilon"),
    WHOLE: each(f"({PLUS} - here) / epsilon") + ".astype(theta.dtype)",
}
DISTANCE = {
    "the entries are not compared one by one: it is a quotient of two norms": (
        "np.mean(np.abs(numeric - grad) / np.abs(numeric + grad))"
    ),
    "the largest entry is no 2-norm": "np.abs(numeric - grad).max() / np.abs(numeric + grad).max()",
    "the sum of absolute values is no 2-norm": "np.abs(numeric - grad).sum() / np.abs(numeric + grad).sum()",
    "the norms of both gradients are added where the norm of their sum belongs": (
        f"{NORM} / (np.linalg.norm(numeric) + np.linalg.norm(grad))"
    ),
    "the difference of two norms is not the norm of the difference": (
        f"np.abs(np.linalg.norm(numeric) - np.linalg.norm(grad)) / {OF_SUM}"
    ),
    "it is relative to one of the gradients where the sum of both belongs": f"{NORM} / np.linalg.norm(grad)",
    "a small number added to the denominator makes wrong gradients look right where they are small": (
        f"{NORM} / ({OF_SUM} + 1e-8)"
    ),
}
REMAINDER = {
    "the slope of J along v depends on v: it is no norm of the gradient": {"slope": "np.linalg.norm(grad)"},
    "v is taken as it is, whatever its length": {"v": "v / np.linalg.norm(v)"},
    "the step stretches v, and so belongs to the slope along v too": {
        "remainder": at_steps(f"{UPPER} - J(theta) - slope")
    },
    "the remainder is not divided by the step": {"remainder": at_steps(f"({UPPER} - J(theta) - t * slope) / t")},
    "the remainder is no central difference: J(theta) is subtracted": {
        "remainder": at_steps(f"({UPPER} - J(theta - t * v)) / 2 - t * slope")
    },
}
ORDER = {
    "all points are fitted, not only the first and the last": {"s": "(y[-1] - y[0]) / (x[-1] - x[0])"},
    "a mean of the slopes between neighbours is not the line of least squares": {
        "s": "np.mean(np.diff(y) / np.diff(x))"
    },
    "a line through the origin is fitted; y has a constant besides, as errors have a factor": {
        "s": "(x * y).sum() / (x * x).sum()"
    },
    "the slope is that of logarithms": {"x": "steps", "y": "errors"},
}


def believed(function, tag, edits):
    """Return the misconceptions about one equation."""
    return [Misconception(function, tag, sentence, changed) for sentence, changed in edits.items()]


misconceptions = [
    *believed("central_difference", "G1", {sentence: {"numeric": source} for sentence, source in CENTRAL.items()}),
    *believed(
        "central_difference",
        "G1",
        {
            SCALED: {"e": SIZES, "numeric": each(f"({PLUS} - {MINUS}) / (2 * epsilon * e_i.max())")},
            ALL: {"e": "np.ones((theta.size, theta.size))"},
            "the step is epsilon, not its square": {
                "e": "epsilon * np.eye(theta.size)",
                "numeric": each(f"({PLUS} - {MINUS}) / (2 * epsilon ** 2)"),
            },
        },
    ),
    *believed("forward_difference", "Q3", {sentence: {"numeric": source} for sentence, source in FORWARD.items()}),
    *believed(
        "forward_difference",
        "Q3",
        {
            SCALED: {"e": SIZES, "numeric": each(f"({PLUS} - here) / (epsilon * e_i.max())")},
            ALL: {"e": "np.ones((theta.size, theta.size))"},
        },
    ),
    *believed("relative_difference", "G3", {sentence: {"error": source} for sentence, source in DISTANCE.items()}),
    *believed("taylor_remainder", "G9", REMAINDER),
    *believed("order", "Q4", ORDER),
]
