"""The experiments with derivatives: what they measure against what is known, their pictures, and their files."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

import sae
from sae.studies import curvature, gradients, laboratory, missed
from sae.studies.problem import MISTAKES, small_problem
from sae.studies.tables import as_markdown


@pytest.fixture(scope="module")
def small():
    return small_problem(np.random.default_rng(0))


@pytest.fixture(scope="module")
def tiny():
    return small_problem(np.random.default_rng(1), side=3, n_hidden=4, m=60)


# The problem ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_the_cost_in_the_precision_of_theta_is_that_of_the_reference(small, dtype):
    cost = small.cost(small.theta.astype(dtype))
    assert cost.dtype == np.dtype(dtype)
    assert cost == pytest.approx(small.cost_and_grad(small.theta)[0], rel=8 * float(np.finfo(dtype).eps))


def test_single_precision_holds_the_problem_exactly(small, rng):
    for numbers in (small.X, small.theta, small.direction(rng)):
        np.testing.assert_array_equal(numbers, numbers.astype(np.float32))
    assert np.linalg.norm(small.direction(rng)) == pytest.approx(1, rel=1e-6)
    assert small.objective(small.theta)[0] == pytest.approx(small.cost_and_grad(small.theta)[0], rel=1e-13)


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        ("sparsity outside f'", {"W1", "b1"}),
        ("W1 raveled by columns", {"W1"}),
        ("one entry of W1 off by 1 %", {"W1"}),
        ("no decay in W2", {"W2"}),
    ],
)
def test_mistakes_are_wrong_where_they_say(small, name, blocks):
    grad = small.cost_and_grad(small.theta)[1]
    before = grad.copy()
    wrong = MISTAKES[name](small, small.theta, grad)
    np.testing.assert_array_equal(grad, before)
    assert {b for b, s in small.layout.slices.items() if (wrong[s] != grad[s]).any()} == blocks
    if name.startswith("one entry"):
        assert (wrong != grad).sum() == 1
        assert (wrong / grad).max() == pytest.approx(1.01)


# Error against step -----------------------------------------------------------------------------------------------


def test_differences_of_a_polynomial_leave_out_what_the_asymptotes_say():
    """phi(r) = r + r^2 + r^3 + r^5 has phi'' = 2, phi''' = 6 and phi''''' = 120 at 0."""

    def phi(r):
        return r + r**2 + r**3 + r**5

    known = gradients.Derivatives(phi=0.0, first=1.0, second=2.0, third=6.0, fifth=120.0, addends=1.0)
    e = 1e-3
    for method, difference in gradients.METHODS.items():
        truncation, _ = known.errors(method, "float64", e)
        assert abs(difference(phi, e) - 1) == pytest.approx(truncation, rel=0.01), method


def test_derivatives_along_a_direction_are_those_of_the_cost(small, rng):
    v = small.direction(rng)
    known = gradients.derivatives(small, v)

    def phi(r):
        return small.cost_and_grad(small.theta + r * v)[0]

    e = 0.1
    taylor = [phi(k * e) for k in range(-3, 4)]
    assert known.phi == taylor[3]
    assert known.first == pytest.approx((taylor[4] - taylor[2]) / (2 * e) - e**2 * known.third / 6, rel=1e-6)
    assert known.second == pytest.approx((taylor[4] - 2 * taylor[3] + taylor[2]) / e**2, rel=0.01)
    third = (taylor[5] - 2 * taylor[4] + 2 * taylor[2] - taylor[1]) / (2 * e**3)
    assert known.third == pytest.approx(third - e**2 * known.fifth / 4, rel=0.02)
    fifth = (taylor[6] - 4 * taylor[5] + 5 * taylor[4] - 5 * taylor[2] + 4 * taylor[1] - taylor[0]) / (2 * e**5)
    assert known.fifth == pytest.approx(fifth, rel=0.1)


@pytest.mark.parametrize("seed", [0, 1])
def test_errors_follow_their_asymptotes(small, seed):
    """Where truncation rules the two agree to 10 %; where rounding does, within a factor, as rounding is random.

    So much of it that even ten times the rounding drawn is 3 % of truncation; steps small enough for one power of them.
    """
    found = gradients.error_against_step(small, np.random.default_rng(seed), points=161)
    for (dtype, method), errors in found.errors.items():
        truncation, rounding = found.asymptotes(dtype, method)
        ruled = (truncation > 300 * rounding) & (found.steps <= 0.1)
        if dtype == "float64":
            assert ruled.sum() >= 3, method
        assert_allclose(errors[ruled], truncation[ruled], rtol=0.1)
        least_step = 100 * gradients.UNIT[dtype] if method != "complex step" else 0  # else theta does not move at all
        noisy = (rounding > 10 * truncation) & (found.steps >= least_step)
        ratio = errors[noisy] / rounding[noisy]
        assert noisy.sum() >= 4
        assert 0.05 < np.median(ratio) < 10, (dtype, method)
        assert ratio.max() < 60, (dtype, method)


def test_a_wrong_derivative_would_leave_its_asymptotes(small, rng):
    """Were H v wrong by a tenth, the forward differences would show it: the lines are computed, not fitted."""
    found = gradients.error_against_step(small, rng, points=81)
    wrong = gradients.Steps(
        found.steps,
        found.errors,
        gradients.Derivatives(**{**vars(found.derivatives), "second": 1.2 * found.derivatives.second}),
    )
    k = np.argmin(np.abs(found.steps - 1e-3))
    error = found.errors["float64", "forward"][k]
    assert error == pytest.approx(found.asymptotes("float64", "forward")[0][k], rel=0.01)
    assert error != pytest.approx(wrong.asymptotes("float64", "forward")[0][k], rel=0.1)


def test_plot_steps_draws_curves_and_asymptotes(tiny, rng):
    found = gradients.error_against_step(tiny, rng, points=21)
    figure = gradients.plot_steps(found)
    assert isinstance(figure, Figure)
    for axes, dtype in zip(figure.axes, gradients.UNIT, strict=True):
        lines = axes.get_lines()
        assert len(lines) == 3 * len(gradients.METHODS)
        for k, method in enumerate(gradients.METHODS):
            curve, truncation, rounding = (line.get_ydata() for line in lines[3 * k : 3 * k + 3])
            assert_allclose(curve, np.maximum(found.errors[dtype, method], gradients.LOWEST[dtype]))
            assert_allclose((truncation, rounding), found.asymptotes(dtype, method))
    assert len(gradients.steps_rows(found)) == 8


# Taylor -----------------------------------------------------------------------------------------------------------


def test_taylor_slopes_tell_right_from_wrong(small):
    for seed in range(3):
        found = gradients.taylor(small, np.random.default_rng(seed))
        assert found.slope("correct, with H v") == pytest.approx(3, abs=0.15)
        assert found.slope("correct") == pytest.approx(2, abs=0.1)
        for name in ("sparsity outside f'", "W1 raveled by columns"):
            assert found.slope(name) == pytest.approx(1, abs=0.05)


def test_a_wrong_product_has_no_slope_three(small, rng):
    wrong = SimpleNamespace(
        theta=small.theta,
        layout=small.layout,
        lam=small.lam,
        rho=small.rho,
        beta=small.beta,
        X=small.X,
        direction=small.direction,
        cost_and_grad=small.cost_and_grad,
        product=lambda theta, v: 1.01 * small.product(theta, v),
    )
    assert gradients.taylor(wrong, rng).slope("correct, with H v") == pytest.approx(2, abs=0.15)


def test_slope_takes_the_smallest_steps_above_the_noise():
    t = np.logspace(-8, 0, 41)
    mixed = 1e-5 * t + t**2
    assert gradients.slope(t, mixed, 1e-15) == pytest.approx(1, abs=0.02)
    assert gradients.slope(t, t**2 + 1e-14, 1e-12) == pytest.approx(2, abs=0.02)
    assert np.isnan(gradients.slope(t, t, 0.5))  # too few are above


def test_plot_taylor_says_the_slopes(tiny, rng):
    found = gradients.taylor(tiny, rng, points=21)
    labels = [text.get_text() for text in gradients.plot_taylor(found).legends[0].get_texts()]
    assert labels[:2] == [f"{n}: slope {found.slope(n):.2f}" for n in ("correct, with H v", "correct")]
    assert len(gradients.taylor_rows(found)) == len(MISTAKES) + 2


# Error per entry --------------------------------------------------------------------------------------------------


def test_numerical_gradients_are_as_good_as_their_method(tiny):
    grad = tiny.cost_and_grad(tiny.theta)[1]
    for method, allowed in {"forward": 1e-5, "central": 1e-8, "Richardson": 1e-10, "complex step": 1e-14}.items():
        assert np.abs(missed.numerical_gradient(tiny, method) - grad).max() < allowed * np.abs(grad).max()


def test_entry_errors_point_at_the_entries(tiny):
    errors = missed.entry_errors(tiny)
    assert errors["correct, by complex step"].max() < 1e-14
    assert 1e-12 < errors["correct, by central"].max() < 1e-7 < errors["correct, by forward"].max()
    W1, W2 = (tiny.layout.slices[name] for name in ("W1", "W2"))
    assert (errors["no decay in W2"][W2] > 1e-6).all()
    assert errors["no decay in W2"][W1].max() < 1e-14
    assert (errors["one entry of W1 off by 1 %"] > 1e-10).sum() == 1


def test_plot_entry_errors_puts_each_entry_at_its_pixel(tiny):
    errors = missed.entry_errors(tiny)
    figure = missed.plot_entry_errors(tiny, errors)
    name = "one entry of W1 off by 1 %"
    column = list(errors).index(name)
    canvas = figure.axes[column].images[0].get_array()
    row, pixel = divmod(int(np.argmax(errors[name])), 9)
    top, left = 4 * (row // 2) + 1 + pixel // 3, 4 * (row % 2) + 1 + pixel % 3
    assert np.unravel_index(np.argmax(np.nan_to_num(canvas, nan=-99)), canvas.shape) == (top, left)
    assert canvas[top, left] == pytest.approx(np.log10(errors[name].max()))
    assert [row["gradient"] for row in missed.entry_rows(tiny, errors)] == list(errors)


# What is missed ---------------------------------------------------------------------------------------------------


def test_what_is_missed_has_no_false_alarm_and_notices_the_gross(tiny):
    found = missed.what_is_missed(tiny, np.random.default_rng(0), sizes=[0.0, 1e-13, 1e-8, 1.0], draws=10)
    for (witness, where), noticed in found.noticed.items():
        assert noticed[0] <= (0.1 if "random" in witness else 0), (witness, where)
        if where == "everything":
            assert noticed[3] == 1, witness
    everything = {name: found.noticed[name, "everything"] for name in missed.WITNESSES}
    assert everything["complex step"][1] == 1
    assert everything["Richardson"][1] == 0
    assert everything["central"][2] == 1
    assert everything["forward"][2] == everything["Taylor slope"][2] == 0


def test_smallest_is_where_all_larger_ones_are_noticed():
    found = missed.Missed(np.array([1e-3, 1e-2, 1e-1]), {("a", "b"): np.array([1.0, 0.5, 1.0])})
    assert found.smallest("a", "b") == 1e-1
    assert missed.Missed(found.sizes, {("a", "b"): np.array([1.0, 1.0, 0.9])}).smallest("a", "b") == np.inf
    assert missed.Missed(found.sizes, {("a", "b"): np.ones(3)}).smallest("a", "b") == 1e-3


def test_plot_missed_shows_shares_and_smallest_sizes(tiny):
    found = missed.what_is_missed(tiny, np.random.default_rng(0), draws=3)
    figure = missed.plot_missed(found)
    shown = figure.axes[0].images[0].get_array()
    assert_allclose(shown[0], found.noticed["forward", "one entry"])
    rows = missed.missed_rows(found)
    beside = [text.get_text() for axes in figure.axes for text in axes.get_yticklabels()]
    assert rows[3]["wrong: everything"] in beside
    assert [row["witness"] for row in rows] == list(missed.WITNESSES)


# Curvature --------------------------------------------------------------------------------------------------------


def test_the_spectrum_is_that_of_differences_of_the_gradient(tiny):
    found = curvature.spectrum_at(tiny, tiny.theta)
    rows = [tiny.cost_and_grad(tiny.theta + 1e-20j * e)[1].imag / 1e-20 for e in np.eye(tiny.theta.size)]
    assert_allclose(found.eigenvalues, np.linalg.eigvalsh(np.array(rows)), atol=1e-12)
    assert found.asymmetry < 1e-14


def test_a_minimum_has_no_negative_curvature_and_a_start_has(tiny):
    spectra = curvature.spectrum(tiny)
    start, end = spectra["start"], spectra["minimum"]
    assert start.negative > 5
    assert (end.negative, end.near_zero) == (0, 0)
    assert end.max_grad <= 1e-9
    figure = curvature.plot_spectrum(spectra, lam=tiny.lam)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[0] == f"start: {start.negative} negative, {start.near_zero} near zero, of {tiny.theta.size}"
    low, high = figure.axes[0].get_ylim()
    assert low < start.eigenvalues[0] < start.eigenvalues[-1] < high
    assert curvature.spectrum_rows(spectra)[1]["negative"] == "0"


def test_negative_and_near_zero_are_counted_once():
    found = curvature.Spectrum(np.array([-1.0, -1e-7, 0.0, 1e-7, 1e-3, 2.0]), 0.0, 0.0)
    assert (found.negative, found.near_zero) == (1, 3)


def test_lanczos_finds_the_extremes(tiny):
    everything = curvature.spectrum_at(tiny, tiny.theta).eigenvalues
    extremes = curvature.extreme_eigenvalues(tiny, tiny.theta, 4)
    assert_allclose(extremes["smallest"], everything[:4], atol=1e-9)
    assert_allclose(extremes["largest"], everything[-4:], atol=1e-9)
    with pytest.raises(sae.SaeError, match="k is 85; expected a whole number of at most 84"):
        curvature.extreme_eigenvalues(tiny, tiny.theta, tiny.theta.size)


def test_solvers_descend_from_one_start_and_count_their_work(tiny):
    found = curvature.solvers(tiny, budget=100)
    assert list(found) == ["L-BFGS", "newton-cg", "trust-ncg", "trust-krylov"]
    for name, d in found.items():
        assert d.cost[0] == found["L-BFGS"].cost[0] == tiny.objective(tiny.theta)[0]
        assert (np.diff(d.cost) <= 0).all()
        assert (np.diff(d.calls) > 0).all()
        assert d.cost[-1] == pytest.approx(tiny.objective(d.theta)[0])
        assert name == "L-BFGS" or d.products[-1] > 0
    assert found["L-BFGS"].products.max() == 0
    assert (
        found["trust-ncg"].matrix_products[-1]
        == 5 * found["trust-ncg"].evaluations[-1] + 13 * (found["trust-ncg"].products[-1])
    )
    figure = curvature.plot_solvers(found)
    assert [len(axes.lines) for axes in figure.axes] == [4, 4]
    lowest, second = sorted(d.cost.min() for d in found.values())[:2]
    assert figure.axes[0].get_ylim()[0] == pytest.approx((second - lowest) / 3)  # not where the winner goes to 0
    rows = curvature.solver_rows(found, [10, 100])
    assert all(sum(value.endswith("*") for value in row.values()) >= 1 for row in rows)


def test_best_at_looks_no_further_than_the_work():
    d = curvature.Descent(np.array([3.0, 2.0, 1.0]), np.array([1, 4, 6]), np.array([0, 1, 4]), np.zeros(1), "")
    costs = [curvature.best_at({"a": d}, work)["a"] for work in (0, 1, 4, 5, 9, 10, 99)]
    assert costs == [3, 3, 3, 2, 2, 1, 1]
    assert curvature.best_at({"a": d}, 32, "matrix_products")["a"] == 3
    assert curvature.best_at({"a": d}, 33, "matrix_products")["a"] == 2


# All of it --------------------------------------------------------------------------------------------------------


def test_a_bar_in_a_table_does_not_end_its_cell():
    assert as_markdown([{"|g|": "1"}]) == "| \\|g\\| |\n| --- |\n| 1 |"


def test_write_all_writes_what_it_says(tmp_path):
    said = []
    paths, tables = laboratory.write_all(tmp_path, 3, quick=True, log=said.append)
    assert sorted(paths) == sorted(tmp_path.iterdir())
    assert len(said) == 9
    assert said[-2] == "How far off the sparsity of a minibatch is"
    assert tuple(tables) == laboratory.EXPERIMENTS
    without = {"extremes.png", "training.png"}
    assert {path.name for path in paths} == {f"{n}.{k}" for n in tables for k in ("png", "md", "csv")} - without
    assert all(row.keys() == rows[0].keys() for rows in tables.values() for row in rows)
    with pytest.raises(sae.SaeError, match="seed is -1"):
        laboratory.write_all(tmp_path, -1)
    again = laboratory.write_all(tmp_path / "again", 3, quick=True, only=("batches", "extremes"))[1]
    assert again == {name: tables[name] for name in ("extremes", "batches")}
    with pytest.raises(sae.SaeError, match="the experiment is 'biases'; expected one of steps, "):
        laboratory.write_all(tmp_path, only=("biases",))


def test_a_seed_repeats(tiny):
    (a, b, other), (c, d, _) = (
        [
            gradients.taylor(tiny, np.random.default_rng(seed)).remainders["correct"],
            missed.what_is_missed(tiny, np.random.default_rng(seed), draws=2, sizes=[1e-9, 1e-5]).noticed,
            small_problem(np.random.default_rng(seed), m=5).X,
        ]
        for seed in (0, 0)
    )
    np.testing.assert_array_equal(a, c)
    assert {key: list(value) for key, value in b.items()} == {key: list(value) for key, value in d.items()}
    assert (other != small_problem(np.random.default_rng(1), m=5).X).any()
    with pytest.raises(sae.SaeError, match="rng is 0"):
        small_problem(0)
