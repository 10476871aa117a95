"""Other libraries' costs against this one's, on the same weights: equal up to the scale, wherever the weights are."""

import dataclasses
import math

import numpy as np
import pytest
from typer.testing import CliRunner

import sae
from sae import cli, conventions
from sae.conventions import Keras, Matlab, MatlabManual, NormWeightedL1, R, Sae, SaeLens, Ufldl
from sae.terms import L1, CrossEntropy, KLSparsity, SquaredError, WeightDecay, classic
from tests.test_cli import run

N, HIDDEN, M = 5, 3, 7
CASES = [
    Sae(),
    Sae(0.02, 0.3, 0.7, "linear"),
    Sae(0.02, 0.3, 0),
    Ufldl(),
    Ufldl(3e-3, 0.035, 5, "linear"),
    Matlab(),
    Matlab(0.004, 4, 0.15, ScaleData=False),
    Matlab(0.1, 0.5, 0.3, "satlin", "purelin"),
    Matlab(0.1, 0, 0.3, "logsig", "satlin"),
    MatlabManual(),
    MatlabManual(0.004, 4, 0.15, "satlin", "purelin", ScaleData=False),
    R(),
    R(0.03, 0.2, 0.2, rescale_flag=True),
    R(0.03, 0.2, 0.2, "tanh"),
    Keras(),
    Keras(0.01, 0.02),
    Keras(0.3, 0.02, "mse", "sigmoid", "linear"),
    Keras(0.3, 0, "mse", "linear"),
    Keras(0.3, 0.02, "mse", "tanh", "linear"),
    Keras(0, 0.1, "mse", "relu", "linear"),
    SaeLens(),
    SaeLens(0.3, apply_b_dec_to_input=False),
    SaeLens(0.0),
]
NAMES = [f"{case.key}: {case}" for case in CASES]


def weights(rng):
    """W1, W2, b1 and b2, with units that are on for some examples and off for others."""
    W1, W2 = rng.normal(0, 0.6, (HIDDEN, N)), rng.normal(0, 0.6, (N, HIDDEN))
    W1 -= W1.mean(axis=1, keepdims=True)
    return W1, W2, rng.uniform(0.1, 0.3, HIDDEN), rng.normal(0.4, 0.1, N)


def data(theirs, rng):
    """X (N, M) from 0 to 1 in each feature, or for MATLAB's purelin from -1 to 1: ScaleData does not stretch it."""
    X = rng.uniform(0, 1, (N, M))
    X -= X.min(axis=1, keepdims=True)
    X /= X.max(axis=1, keepdims=True)
    return theirs.prepare(2 * X - 1 if vars(theirs).get("DecoderTransferFunction") == "purelin" else X)


def objective_of(translation, X):
    return sae.Autoencoder(X, HIDDEN, engine="numpy", **translation.settings)


def check_cost(theirs, translation, tolerance=1e-12):
    """Raise unless their cost is `scale` times J at ten random points."""
    rng = np.random.default_rng(1)
    X = data(theirs, rng)
    objective = objective_of(translation, X)
    for _ in range(10):
        parameters = weights(rng)
        J = objective(translation.theta(*parameters))[0]
        np.testing.assert_allclose(translation.scale * J, theirs.cost(*parameters, X), rtol=tolerance)


def check_gradient(theirs, translation, tolerance=1e-6):
    """Raise unless the central difference of their cost is `scale` times the gradient of J, in their coordinates."""
    rng = np.random.default_rng(2)
    X = data(theirs, rng)
    objective = objective_of(translation, X)
    layout = objective.layout
    theta = np.concatenate([part.ravel() for part in weights(rng)])
    numeric, step = np.empty_like(theta), 1e-6
    for i in range(theta.size):
        e = step * (np.arange(theta.size) == i)
        costs = [theirs.cost(*layout.unpack(theta + sign * e), X) for sign in (1, -1)]
        numeric[i] = (costs[0] - costs[1]) / (2 * step)
    W1, W2, b1, b2 = layout.unpack(theta)
    grad = translation.scale * objective(translation.theta(W1, W2, b1, b2))[1]
    g1, g2, gb1, gb2 = layout.unpack(grad)
    if translation.b2_before_encoder:  # the chain rule of b1 - W1 b2
        grad = layout.pack(W1=g1 - np.outer(gb1, b2), W2=g2, b1=gb1, b2=gb2 - W1.T @ gb1)
    np.testing.assert_allclose(np.linalg.norm(grad - numeric) / np.linalg.norm(grad + numeric), 0, atol=tolerance)


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_both_formulas_agree_on_the_same_weights(theirs):
    check_cost(theirs, theirs.to_sae(N))


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_gradients_agree(theirs):
    check_gradient(theirs, theirs.to_sae(N))


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_there_and_back(theirs):
    back = type(theirs).from_sae(theirs.to_sae(N))
    for name, value in theirs.hyperparameters.items():
        if name in ("ScaleData", "rescale_flag"):
            assert getattr(back, name) is False  # data here are trained on as they are
        elif name in ("rho", "SparsityProportion") and 0 in (
            theirs.hyperparameters.get("beta"),
            vars(theirs).get("SparsityRegularization"),
        ):
            assert getattr(back, name) == type(theirs)().hyperparameters[name]  # without sparsity it says nothing
        else:
            assert getattr(back, name) == (pytest.approx(value, rel=1e-14) if isinstance(value, float) else value)


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_an_objective_converts_as_its_translation_does(theirs, rng):
    here = theirs.to_sae(N)
    objective = objective_of(here, data(theirs, rng))
    for kind in conventions.LIBRARIES.values():
        answers = []
        for source in (dataclasses.replace(here, b2_before_encoder=False), objective):
            try:
                answers.append(kind.from_sae(source))
            except sae.SaeError as error:
                answers.append(str(error))
        assert answers[0] == answers[1]


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_the_line_of_code_is_the_objective(theirs, rng):
    X, here = data(theirs, rng), theirs.to_sae(N)
    made = eval(here.code, {"sae": sae, "X": X, "n_hidden": HIDDEN})
    theta = here.theta(*weights(rng))
    np.testing.assert_allclose(made(theta)[0], objective_of(here, X)(theta)[0], rtol=1e-10)


def conversions():
    for a in CASES:
        for kind in conventions.LIBRARIES.values():
            try:
                yield a, conventions.convert(a, kind, N)
            except sae.SaeError:
                continue


def test_any_two_libraries_are_proportional(rng):
    count = 0
    for a, b in conversions():
        X = data(a, rng)
        here, there = a.to_sae(N), b.to_sae(N)
        for _ in range(3):
            parameters = weights(rng)
            theta = here.theta(*parameters)
            theirs = there.parameters(*sae.Layout.autoencoder(N, HIDDEN).unpack(theta))
            expected = a.cost(*parameters, X) / here.scale * there.scale
            np.testing.assert_allclose(b.cost(*theirs, X), expected, rtol=1e-12)
        count += 1
    assert count > 50  # every classic one to five others


def halved(term):
    field = next(name for name in ("weight", "lam", "beta") if hasattr(term, name))
    return dataclasses.replace(term, **{field: getattr(term, field) / 2})


@pytest.mark.parametrize("theirs", CASES, ids=NAMES)
def test_wrong_conversions_are_caught(theirs):
    right = theirs.to_sae(N)
    wrong = {
        "factor 2": dataclasses.replace(right, scale=2 * right.scale),
        "n left out": dataclasses.replace(right, scale=right.scale * N),
        "one feature more": dataclasses.replace(right, scale=right.scale * N / (N + 1)),
    }
    for k, term in enumerate(right.terms):
        if any(getattr(term, name, 0) for name in ("weight", "lam", "beta")):
            terms = [*right.terms]
            terms[k] = halved(term)
            wrong[f"1/2 on the {term.name}"] = dataclasses.replace(right, terms=tuple(terms))
    for translation in wrong.values():
        with pytest.raises(AssertionError):
            check_cost(theirs, translation)
        with pytest.raises(AssertionError):
            check_gradient(theirs, translation)


def test_where_n_is_in_the_numbers_another_n_is_caught():
    for theirs in (Keras(0.3, 0.02, "mse"), Keras(0.3, 0.02)):
        other = dataclasses.replace(theirs.to_sae(N + 1), scale=theirs.to_sae(N).scale)
        with pytest.raises(AssertionError):
            check_cost(theirs, other)


def test_without_its_shift_of_b1_saelens_is_another_cost():
    with pytest.raises(AssertionError):
        check_cost(SaeLens(), dataclasses.replace(SaeLens().to_sae(N), b2_before_encoder=False))


def test_shift_of_b1_there_and_back(rng):
    here, parameters = SaeLens().to_sae(N), weights(rng)
    theta = here.theta(*parameters)
    for ours, theirs in zip(here.parameters(*sae.Layout.autoencoder(N, HIDDEN).unpack(theta)), parameters, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


# One unit, one feature, two examples. W1 = 2, W2 = 3, b1 = -1, b2 = 0.5; x = 0 and 1.

POINT = [np.array([[2.0]]), np.array([[3.0]]), np.array([-1.0]), np.array([0.5])]
X = np.array([[0.0, 1.0]])


def s(z):
    return 1 / (1 + math.exp(-z))


LOW, HIGH = s(-1), s(1)  # a2 = s(2 * 0 - 1), s(2 * 1 - 1); they add up to 1, so rho_hat is 1/2
OUT = s(3 * LOW + 0.5), s(3 * HIGH + 0.5)
ERROR = OUT[0] ** 2 + (OUT[1] - 1) ** 2
KL = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (Sae(0.1, 0.25, 10), ERROR / 4 + 0.1 / 2 * 13 + 10 * KL),
        (Ufldl(0.1, 0.25, 10), ERROR / 4 + 0.1 / 2 * 13 + 10 * KL),
        (Matlab(0.1, 10, 0.25), ERROR / 2 + 0.1 * 13 + 2 * 10 * KL),
        (MatlabManual(0.1, 10, 0.25), ERROR / 2 + 0.1 * 13 / 2 + 10 * KL),
        (R(0.1, 10, 0.25), ERROR / 4 + 0.1 / 2 * 13 + 10 * KL),
        (Keras(0.1, 0.01, "mse", "sigmoid"), ERROR / 2 + 0.1 * 1 / 2 + 0.01 * 13),  # the activations add up to 1
        # relu: a2 = 0, 1; out = s(0.5), s(3.5)
        (Keras(0.1, 0.01), -(math.log(1 - s(0.5)) + math.log(s(3.5))) / 2 + 0.1 * 1 / 2 + 0.01 * 13),
        # a2 = relu(2 (x - 0.5) - 1) = 0, 0; out = 0.5, 0.5
        (SaeLens(0.1), (0.25 + 0.25) / 2),
        # a2 = 0, 1; out = 0.5, 3.5; |W2| = 3
        (SaeLens(0.1, apply_b_dec_to_input=False), (0.25 + 6.25) / 2 + 0.1 * (0 + 3) / 2),
    ],
)
def test_by_hand(theirs, expected):
    assert theirs.cost(*POINT, theirs.prepare(X)) == pytest.approx(expected, rel=1e-14)
    here = theirs.to_sae(1)
    J = sae.Autoencoder(X, 1, engine="numpy", **here.settings)(here.theta(*POINT))[0]
    assert here.scale * J == pytest.approx(expected, rel=1e-14)


def test_two_features_by_hand():
    # a2 = s(0) = 1/2 and out = (0, 0) + (1/2, 1/2): errors 1/2, 1/2 from x = (0, 1); W1 = 0, W2 = (1, 1), rho_hat = 1/2
    W1, W2, b1, b2, x = np.zeros((1, 2)), np.ones((2, 1)), np.zeros(1), np.zeros(2), np.array([[0.0], [1.0]])
    linear = {"DecoderTransferFunction": "purelin"}
    assert Matlab(0.1, 10, 0.25, **linear).cost(W1, W2, b1, b2, x) == pytest.approx(0.25 + 0.1 * 2 / 2 + 10 * KL)
    assert MatlabManual(0.1, 10, 0.25, **linear).cost(W1, W2, b1, b2, x) == pytest.approx(0.5 + 0.1 + 10 * KL)
    assert Keras(0.1, 0.01, "mse", "sigmoid", "linear").cost(W1, W2, b1, b2, x) == pytest.approx(0.25 + 0.05 + 0.02)


def test_two_hidden_units_of_saelens_by_hand():
    # a2 = (2, 3), columns of W2 have the norms 5 and 1: out = 2 (3, 4) + 3 (0, 1) = (6, 11), x = (1, 1)
    W1, W2 = np.array([[2.0, 0.0], [0.0, 3.0]]), np.array([[3.0, 0.0], [4.0, 1.0]])
    zeros, x = np.zeros(2), np.ones((2, 1))
    assert SaeLens(0.1).cost(W1, W2, zeros, zeros, x) == pytest.approx(25 + 100 + 0.1 * (2 * 5 + 3 * 1))
    assert SaeLens(0.1, lp_norm=2).cost(W1, W2, zeros, zeros, x) == pytest.approx(125 + 0.1 * math.sqrt(109))


def test_tanh_units_of_r_by_hand():
    # a2 = tanh(0) = 0, so rho_hat = (1 + 0)/2; out = tanh(0.5)
    arguments = np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1), np.array([0.5]), np.ones((1, 1))
    expected = 0.5 * (math.tanh(0.5) - 1) ** 2 + 0.1 / 2 + 10 * KL
    assert R(0.1, 10, 0.25, unit_type="tanh").cost(*arguments) == pytest.approx(expected)


def test_documented_numbers_carry_over():
    assert Matlab(0.004, 4, 0.15).to_sae(784).settings == Sae(0.004, 0.15, 4).to_sae(784).settings  # UFLDL's own
    assert MatlabManual(0.004, 4, 0.15).to_sae(784).code == "sae.Autoencoder(X, n_hidden, lam=0.002, rho=0.15, beta=2)"
    assert Keras(0.5, 0.25, "mse").to_sae(8).terms == (SquaredError(), WeightDecay(2), L1(2))
    assert Keras(0.5, 0.25).to_sae(8).terms == (CrossEntropy(), WeightDecay(4), L1(4))
    assert SaeLens(5).to_sae(10).terms == (SquaredError(), NormWeightedL1(2.5))


def test_defaults_are_those_of_the_sources():
    assert str(Sae()) == "lam=0.0001, rho=0.01, beta=3, decoder=sigmoid"
    assert str(Ufldl()) == "lambda=0.0001, sparsityParam=0.01, beta=3, decoder=sigmoid"
    for kind in (Matlab, MatlabManual):
        assert str(kind()) == (
            "L2WeightRegularization=0.001, SparsityRegularization=1, SparsityProportion=0.05, "
            "EncoderTransferFunction=logsig, DecoderTransferFunction=logsig, ScaleData=True"
        )
    assert str(R()) == "lambda=0.0002, beta=6, rho=0.01, unit.type=logistic, rescale.flag=False, rescaling.offset=0.001"
    assert str(Keras()) == (
        "activity_l1=0.0001, kernel_l2=0, loss=binary_crossentropy, activation=relu, output_activation=sigmoid"
    )
    assert str(SaeLens()) == "l1_coefficient=1, lp_norm=1, apply_b_dec_to_input=True"


def test_data_are_rescaled_as_there():
    X = np.array([[0.0, 5.0, 10.0], [2.0, 4.0, 3.0]])
    np.testing.assert_allclose(Matlab().prepare([[3, 3.5, 4], [1, 0, 1]]), [[0, 0.5, 1], [1, 0, 1]])
    np.testing.assert_allclose(Matlab(DecoderTransferFunction="purelin").prepare([[3.0, 5.0, 4.0]]), [[-1, 1, 0]])
    assert Matlab(ScaleData=False).prepare(X) is X
    np.testing.assert_allclose(R(rescale_flag=True, rescaling_offset=0.1).prepare(X), 0.1 + 0.08 * X)
    tanh = R(rescale_flag=True, rescaling_offset=0.1, unit_type="tanh").prepare(X)
    np.testing.assert_allclose(tanh, (X / 5) * 0.9 + 0.1 - 1)
    assert R().prepare(X) is X
    with pytest.raises(sae.SaeError, match="one value only"):
        R(rescale_flag=True).prepare(np.ones((2, 3)))
    with pytest.raises(sae.SaeError, match=r"span from 2 to 10; expected 1 of each.*ScaleData=false"):
        Matlab().prepare(X)


def test_scale_data_weighs_a_feature_by_the_square_of_its_range():
    # x = (0, 4), stretched to (0, 1); W = 0, so that a3 = 1/2 stands for 2 in the data's units: an error of 2, twice
    weights, stretched = [np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1), np.zeros(1)], np.array([[0.0, 1.0]])
    in_units_of_the_data = (2**2 + 2**2) / 2
    assert (
        Matlab(0, 0, 0.5).cost(*weights, stretched) == in_units_of_the_data / 4**2
    )  # hence `prepare` refuses such data


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Keras.from_sae(Sae().to_sae(N)), "Keras activity_regularizer has no KL sparsity"),
        (lambda: SaeLens.from_sae(Sae().to_sae(N)), "SAELens standard has no weight decay and no KL sparsity"),
        (lambda: Matlab.from_sae(Keras().to_sae(N)), "MATLAB trainAutoencoder has no cross-entropy and no L1"),
        (lambda: Keras.from_sae(SaeLens().to_sae(N)), "has no norm-weighted L1"),
        (lambda: R.from_sae(Sae(decoder="linear").to_sae(N)), "R autoencoder has no identity output units"),
        (lambda: SaeLens.from_sae(Keras(0, 0, "mse", "sigmoid").to_sae(N)), "has no sigmoid hidden units, only relu"),
        (lambda: Matlab.from_sae(R(unit_type="tanh").to_sae(N)), "has no tanh hidden units"),
        (lambda: SaeLens(lp_norm=0.5).to_sae(N), "lp_norm is 0.5; there is an equivalent here for 1 only"),
        (lambda: Matlab(SparsityProportion=0).to_sae(N), "rho is 0.0; expected a finite number strictly between"),
        (lambda: Matlab(L2WeightRegularization=-1), "L2WeightRegularization is -1; expected a finite number of 0 or"),
        (lambda: Matlab(ScaleData=1), "ScaleData is 1; expected one of True, False"),
        (
            lambda: Matlab(EncoderTransferFunction="purelin"),
            "EncoderTransferFunction is 'purelin'; expected one of logsig",
        ),
        (lambda: R(lambda_=float("nan")), "lambda is nan"),
        (lambda: R(rescale_flag=None), "rescale.flag is None"),
        (lambda: Keras(loss="mae"), "loss is 'mae'; expected one of mse, binary_crossentropy"),
        (lambda: Keras(output_activation="linear"), "binary_crossentropy expects sigmoid"),
        (lambda: SaeLens(apply_b_dec_to_input="yes"), "apply_b_dec_to_input is 'yes'"),
        (lambda: conventions.convert(Sae(), Matlab, 0), "n is 0; expected a whole number of at least 1"),
        (lambda: conventions.table(1, 2, 3, 4), "rho is 2; expected"),
        (lambda: conventions.read("theano", []), "library is 'theano'; expected one of sae, ufldl, matlab"),
    ],
)
def test_no_equivalent_says_why(wrong, message):
    with pytest.raises(sae.SaeError) as caught:
        wrong()
    assert message in str(caught.value)


@dataclasses.dataclass
class Other:
    name = "mine"
    per_example = True

    def __call__(self, s):
        return 0.0, {}


@pytest.mark.parametrize("terms", [(SquaredError(), Other()), (WeightDecay(1),), (SquaredError(), CrossEntropy())])
def test_terms_that_nobody_has(terms):
    for kind in conventions.LIBRARIES.values():
        with pytest.raises(sae.SaeError, match=r"no equivalent in any library|data terms"):
            kind.from_sae(conventions.Translation(N, terms))


def test_norm_weighted_l1_by_complex_step(problem):
    X, n_hidden, theta = problem
    terms = [SquaredError(), NormWeightedL1(0.7)]
    objective = sae.Autoencoder(X, n_hidden, terms=terms, f=sae.relu, g=sae.identity, engine="numpy")
    assert sae.check_gradient(objective, theta, method="complex").ok


def test_norm_weighted_l1_of_a_unit_without_weights():
    X, theta = np.ones((2, 1)), np.zeros(2 * 2 + 1 + 2)
    terms = [SquaredError(), NormWeightedL1(1)]
    cost, grad = sae.Autoencoder(X, 1, terms=terms, f=sae.relu, g=sae.identity)(theta)
    assert cost == 1
    assert np.isfinite(grad).all()


def test_the_same_minimum(rng):
    X = rng.uniform(0.1, 0.9, (4, 60))
    theirs = Matlab(0.004, 1, 0.15, ScaleData=False)
    here = theirs.to_sae(4)
    objective = sae.Autoencoder(X, 2, **here.settings)
    theta = sae.minimize_lbfgs(objective, objective.init(rng), max_iter=500).theta
    parameters = objective.layout.unpack(theta)
    best = theirs.cost(*parameters, X)
    for _ in range(20):  # no small step makes MATLAB's cost lower
        step = [part + rng.normal(0, 1e-2, part.shape) for part in parameters]
        assert theirs.cost(*step, X) > best


def test_table():
    lines = conventions.table(1e-4, 0.01, 3, 64).splitlines()
    assert lines[0] == "| library, n = 64 | settings | its cost |"
    assert len(lines) == 2 + len(conventions.LIBRARIES)
    assert all(line.count("|") == 4 for line in lines)
    assert "| UFLDL | lambda=0.0001, sparsityParam=0.01, beta=3, decoder=sigmoid | 1 J |" in lines
    assert any("L2WeightRegularization=0.0002, SparsityRegularization=6" in line for line in lines)
    assert sum("no equivalent" in line for line in lines) == 2


def test_formulas_take_names_or_numbers():
    assert Matlab().formula == (
        "E = 1/(n m) sum_i |a3 - x|^2 + L2WeightRegularization/n (|W1|^2 + |W2|^2) "
        "+ 2*SparsityRegularization/n sum_j KL(SparsityProportion || rho_hat_j)"
    )
    assert "+ 0.0002/2 (|W1|^2 + |W2|^2) + 6 sum_j KL(0.01 || rho_hat_j)" in R().objective
    assert "lambda/2" in R().formula
    assert "relu(W1 (x - b2) + b1)" in SaeLens().formula
    assert "relu(W1 x + b1)" in SaeLens(apply_b_dec_to_input=False).formula
    assert "log a3_k" in Keras().formula
    assert "1/(n m) sum_i |a3 - x|^2" in Keras(loss="mse").formula


def test_command_prints_all(tmp_path):
    code, out, _ = run("conventions", cwd=tmp_path)
    assert code == 0
    for kind in conventions.LIBRARIES.values():
        assert f"{kind.title}  ({kind.key})" in out
        assert kind().formula[:60] in out
        assert str(kind())[:40] in out
        assert kind.source[:40] in out


def test_command_converts(tmp_path):
    settings = [
        "L2WeightRegularization=0.004",
        "SparsityRegularization=4",
        "SparsityProportion=0.15",
        "ScaleData=false",
    ]
    code, out, _ = run("conventions", "matlab", *settings, "--features", "784", cwd=tmp_path)
    assert code == 0
    assert "sae.Autoencoder(X, n_hidden, lam=0.004, rho=0.15, beta=4)" in out
    assert "0.004/n (|W1|^2 + |W2|^2) + 2*4/n sum_j KL(0.15 || rho_hat_j)" in out
    assert f"{2 / 784:.12g} J, for n = 784 features" in out
    assert "ScaleData is on" not in out
    assert "lambda=0.004, sparsityParam=0.15, beta=4" in out
    assert "no equivalent: Keras activity_regularizer has no KL sparsity" in out

    code, out, _ = run("conventions", "r", "lambda=0.1", "unit.type=logistic", "--to", "MATLAB", cwd=tmp_path)
    assert code == 0
    assert "L2WeightRegularization=0.1, SparsityRegularization=6, SparsityProportion=0.01" in out

    result = CliRunner().invoke(cli.app, ["conventions", "saelens", "lp_norm=0.5"])
    assert result.output.index("1/m sum_i |a3 - x|^2") < result.output.index("Error:")  # the cost can be told

    code, out, _ = run("conventions", "keras", "loss=mse", "activity_l1=0.001", "--features", "10", cwd=tmp_path)
    assert code == 0
    assert "terms=[sae.terms.SquaredError(), sae.terms.L1(0.005)], f=sae.relu)" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["theano"], "library is 'theano'; expected one of sae, ufldl"),
        (
            ["matlab", "lambda=1"],
            "MATLAB trainAutoencoder has no setting 'lambda'; expected one of L2WeightRegularization",
        ),
        (["matlab", "SparsityProportion=2"], "SparsityProportion is 2.0; expected a finite number between 0 and 1"),
        (["matlab", "SparsityProportion=few"], "SparsityProportion is 'few'; expected a number"),
        (["matlab", "SparsityProportion"], "the setting is 'SparsityProportion'; expected name=value"),
        (["matlab", "ScaleData=2"], "ScaleData is '2'; expected one of true, false"),
        (["r", "beta=1", "beta=2"], "beta is given twice"),
        (["saelens", "lp_norm=0.5"], "there is an equivalent here for 1 only"),
        (["sae", "--to", "keras"], "Keras activity_regularizer has no KL sparsity"),
        (["sae", "--to", "theano"], "library is 'theano'"),
        (["sae", "--features", "0"], "--features is 0; expected a whole number of at least 1"),
        (["--to", "keras"], "nothing to convert; name a library before it"),
    ],
)
def test_command_says_what_is_wrong(arguments, message):
    result = CliRunner().invoke(cli.app, ["conventions", *arguments])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert message in " ".join(result.output.split())


def test_a_wrong_name_in_a_process_of_its_own(tmp_path):
    code, out, err = run("conventions", "theano", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith("Error: library is 'theano'; expected one of")


def test_command_help_teaches(tmp_path):
    code, out, _ = run("conventions", "--help", cwd=tmp_path)
    assert code == 0
    for word in ("--features", "--to", "Examples", "matlab-manual", "name=value"):
        assert word in out


def test_classic_is_read_back():
    here = conventions.Translation(N, tuple(classic(0.1, 0.2, 0.3)))
    assert here.terms == (SquaredError(), WeightDecay(0.1), KLSparsity(0.2, 0.3))
    assert Sae.from_sae(here) == Sae(0.1, 0.2, 0.3)
