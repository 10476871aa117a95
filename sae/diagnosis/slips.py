"""Slips of the pen: tables of (what stands there instead, what to say, how unlikely it is), for each kind of node.

{p} and {q} are the two sides of an operation, or {p} the argument of a call; in the sentences they are put into words.
"""

from __future__ import annotations

Change = tuple[str, str, int]

ADD = (
    ("({p})", "{q} is missing", 1),
    ("({q})", "{p} is missing", 1),
    ("({p} - ({q}))", "{q} has the wrong sign", 2),
    ("(-({p}) + ({q}))", "{p} has the wrong sign", 2),
)
SUB = (
    ("({p})", "{q} is missing", 1),
    ("({q})", "{q} stands where its difference from {p} belongs", 1),
    ("({p} + ({q}))", "{q} has the wrong sign", 2),
    ("(-({p}) - ({q}))", "{p} has the wrong sign", 2),
    ("({q} - ({p}))", "the difference of {p} and {q} has the wrong sign", 2),
)
MULT = (
    ("({p})", "{q} is missing as a factor", 1),
    ("({q})", "{p} is missing as a factor", 1),
    ("(({p}) * ({q}) * ({q}))", "{q} stands there twice as a factor", 3),
    ("(({p}) / ({q}))", "{q} divides instead of multiplying", 4),
    ("(({p}) + ({q}))", "{p} and {q} are added instead of multiplied", 4),
)
DIV = (
    ("({p})", "the division by {q} is missing", 1),
    ("({q}) / ({p})", "{p} and {q} are the wrong way round", 2),
    ("(({p}) * ({q}))", "{q} multiplies instead of dividing", 3),
    ("(({p}) / ({q}) / ({q}))", "the division by {q} is done twice", 3),
    ("(2 * ({p}) / ({q}))", "there is a factor 2 too many in {p}, divided by {q}", 4),
)
DIV_BY_PRODUCT = (  # p / (a * b)
    ("({p}) / ({a}) * ({b})", "x / {a} * {b} is not x / ({a} {b}): look at the parentheses", 2),
    ("(({p}) / ({a}))", "the division by {b} is missing", 1),
    ("(({p}) / ({b}))", "the division by {a} is missing", 1),
)
POWER = (
    ("({p})", "{p} is not squared", 2),
    ("np.abs({p})", "{p} is not squared but made positive", 2),
    ("({p}) ** 3", "{p} is raised to another power", 5),
    ("({p}) ** 4", "{p} is raised to another power", 5),
)
SQUARE = (  # p * p
    ("np.abs({p})", "{p} is not squared but made positive", 3),
    ("({p}) ** 3", "{p} is raised to another power", 5),
)
LOG = (
    ("np.log2({p})", "the logarithm to base 2 stands where the natural logarithm belongs", 2),
    ("np.log10({p})", "the logarithm to base 10 stands where the natural logarithm belongs", 2),
    ("np.log1p({p})", "log(1 + x) stands where log(x) belongs", 2),
    ("({p})", "the logarithm is missing", 3),
)
OTHER_ACTIVATIONS = {
    "": "the activation function is missing",
    "np.tanh": "tanh stands where another activation belongs",
    "sigmoid": "the sigmoid stands where another activation belongs",
    "np.exp": "exp stands where another activation belongs",
}
ACTIVATION = (  # f(p)
    ("({p}) * (({p}) > 0)", "the rectifier stands where another activation belongs", 3),
    ("{f}({f}({p}))", "the activation function is applied twice", 3),
    ("{f}(-({p}))", "the exponent has the wrong sign", 2),
    ("(1 - {f}({p}))", "it is 1 minus what it should be", 4),
    ("({f}({p}) > 0.5) * 1.0", "it is rounded to 0 or 1", 4),
    ("(2 * {f}({p}) - 1)", "it runs from -1 to 1", 4),
    ("{f}(({p}) / 2)", "the exponent is divided by 2", 5),
    ("{f}(2 * ({p}))", "the exponent is doubled", 5),
)
MEAN = (  # p.mean(axis=1)
    ("({p}).sum(axis=1)", "a sum over the examples stands where a mean belongs", 1),
    ("(({p}).sum(axis=1) / n)", "the sum over the examples is divided by the number of inputs", 3),
    ("(({p}).sum(axis=1) / n_hidden)", "the sum over the examples is divided by the number of hidden units", 3),
    ("(({p}).sum(axis=1) / (m - 1))", "the sum over the examples is divided by m - 1", 3),
    ("(({p}).mean() * np.ones(len(({p}))))", "the mean is taken over units and examples", 2),
    ("(({p}).sum() * np.ones(len(({p}))))", "the sum is taken over units and examples", 3),
    ("({p})[:, 0]", "only the first example is taken", 2),
    ("(({p})[:, 0] / m)", "only the first example is taken", 3),
    ("({p})[:, -1]", "only the last example is taken", 2),
    ("(({p})[:, -1] / m)", "only the last example is taken", 3),
    ("(({p})[:, 1:].sum(axis=1) / m)", "the first example is left out", 3),
    ("(({p})[:, :-1].sum(axis=1) / m)", "the last example is left out", 3),
    ("({p})[:, :-1].mean(axis=1)", "the last example is left out", 3),
    ("({p})[:, 1:].mean(axis=1)", "the first example is left out", 3),
    ("({p})[:, : max(1, m // 2)].mean(axis=1)", "only half of the examples are taken", 3),
    ("({p}).max(axis=1)", "the largest stands where the mean belongs", 3),
    ("np.median(({p}), axis=1)", "the median stands where the mean belongs", 3),
    ("np.sqrt((({p}) * ({p})).mean(axis=1))", "the root mean square stands where the mean belongs", 4),
)
SUM = (
    ("({p}).mean()", "a mean stands where a sum belongs", 2),
    ("({p}).sum() ** 2", "the sum is squared", 3),
)
SUM_OF_POWERS = (  # (p ** 2).sum()
    ("({p}).sum() ** 2", "{p} is summed before it is squared", 2),
    ("(({p}).sum(axis=0) ** 2).sum()", "{p} is summed over an example before it is squared", 2),
    ("(({p}).sum(axis=1) ** 2).sum()", "{p} is summed over the examples before it is squared", 2),
    ("np.sqrt((({p}) ** 2).sum())", "the norm is not squared", 2),
    ("np.sqrt((({p}) ** 2).sum(axis=0)).sum()", "the norm of each example is not squared", 2),
    ("(({p})[:, 0] ** 2).sum()", "only the first example is taken", 3),
    ("(({p})[:, -1] ** 2).sum()", "only the last example is taken", 3),
    ("(({p})[:, :-1] ** 2).sum()", "the last example is left out", 3),
    ("(({p})[:, 1:] ** 2).sum()", "the first example is left out", 3),
    ("(({p})[0] ** 2).sum()", "only the first row is taken", 4),
    ("(({p})[:-1] ** 2).sum()", "the last row is left out", 4),
    ("(({p})[1:] ** 2).sum()", "the first row is left out", 4),
)
SUM_OF_PRODUCTS = (  # (p * p).sum()
    ("({p}).sum() ** 2", "{p} is summed before it is squared", 2),
    ("np.sqrt((({p} * {p})).sum())", "the norm is not squared", 2),
    ("({p}).sum()", "{p} is not squared", 2),
)
SUM_OVER_UNITS = (  # kl.sum()
    ("{p}[0]", "only the first unit is taken", 3),
    ("{p}[-1]", "only the last unit is taken", 3),
    ("{p}[:-1].sum()", "the last unit is left out", 3),
    ("{p}.max()", "the largest stands where the sum belongs", 3),
)
