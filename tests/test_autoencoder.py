"""Laws of the page with holes, on a grid of engines, activations and terms."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import CLASSIC
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

import sae
import sae.fused
from sae.reference import cost_and_grad
from sae.terms import KLSparsity, SquaredError, WeightDecay

TERMS = {
    "data": [SquaredError()],
    "data and decay": [SquaredError(), WeightDecay(1e-3)],
    "data and sparsity": [SquaredError(), KLSparsity(0.05, 3.0)],
    "all": [SquaredError(), WeightDecay(1e-3), KLSparsity(0.05, 3.0)],
}
GRID = [
    pytest.param(f, g, terms, id=f"{f.name}-{g.name}-{name}")
    for f in (sae.sigmoid, sae.identity)
    for g in (sae.sigmoid, sae.identity)
    for name, terms in TERMS.items()
    if f is sae.sigmoid or ("sparsity" not in name and name != "all")  # KL needs rho_hat in (0, 1)
]


def close(a, b, tolerance=1e-12):
    """The costs agree relatively, the gradients relative to their norm."""
    assert a[0] == pytest.approx(b[0], rel=tolerance)
    assert np.linalg.norm(a[1] - b[1]) <= tolerance * np.linalg.norm(b[1])


@pytest.fixture(params=["numba", "numba, layers unit by unit", "numpy"])
def engine(request, monkeypatch):
    """Each engine; the fused one also with layers in memory as only wide ones lie otherwise."""
    if "unit" in request.param:
        monkeypatch.setattr(sae.fused, "NARROW", 1)
    return request.param.split(",")[0]


# Gradient laws --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "g", "terms"), GRID)
def test_gradient_by_complex_step(problem, f, g, terms):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, f=f, g=g, terms=terms, engine="numpy", block_size=5)
    report = sae.check_gradient(objective, theta, method="complex")
    assert report.ok, report
    assert report.relative_error < 1e-14


@pytest.mark.parametrize(("f", "g", "terms"), GRID)
def test_gradient_by_central_difference(problem, f, g, terms, engine):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, f=f, g=g, terms=terms, engine=engine, block_size=5)
    report = sae.check_gradient(objective, theta)
    assert report.ok, report
    assert list(report.blocks) == ["W1", "W2", "b1", "b2"]


class SquaredActivation:
    """A term of a user's own, per example, with a partial in a2 and one in a parameter."""

    name = "squared activation"
    per_example = True

    def __call__(self, s):
        return (s.a2 * s.a2).sum() + (s.b1 * s.b1).sum() * s.a2.shape[1], {
            "a2": 2 * s.a2,
            "b1": 2 * s.b1 * s.a2.shape[1],
        }


class WrongTerm(SquaredActivation):
    """Its derivative lacks the 2."""

    def __call__(self, s):
        return (s.a2 * s.a2).sum(), {"a2": s.a2}


def test_a_term_of_ones_own_needs_one_class(problem, engine):
    X, n_hidden, theta = problem
    terms = [SquaredError(), SquaredActivation(), KLSparsity(0.05, 3.0)]
    objective = sae.Autoencoder(X, n_hidden, terms=terms, engine=engine, block_size=4)
    assert sae.check_gradient(objective, theta).ok
    assert list(objective.costs(theta)) == ["squared error", "squared activation", "KL sparsity"]
    assert "squared activation" in objective.explain_engine() or engine == "numpy"


def test_a_term_of_ones_own_is_checked_by_complex_step_on_the_default_engine(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, terms=[SquaredError(), SquaredActivation(), KLSparsity(0.05, 3.0)])
    assert sae.check_gradient(objective, theta, method="complex").relative_error < 1e-14


def test_the_grid_catches_a_wrong_term(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, terms=[SquaredError(), WrongTerm()], engine="numpy")
    for method in ("central", "complex"):
        assert sae.check_gradient(objective, theta, method=method).wrong == ["theta", "W1", "b1"]


# Engines equal the reference -------------------------------------------------------------------------------------


def layouts_of(X):
    """The same numbers in memory as users have them."""
    strided = np.zeros((2 * X.shape[0], 3 * X.shape[1]))[::2, ::3]
    strided[:] = X
    frozen = X.copy()
    frozen.flags.writeable = False
    return {
        "C order": np.ascontiguousarray(X),
        "transposed rows": np.asfortranarray(X),
        "strided": strided,
        "reversed": np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1],
        "read-only": frozen,
    }


@pytest.mark.parametrize("m", [1, 2, 255, 256, 257, 700])
@pytest.mark.parametrize("layout", ["C order", "transposed rows", "strided", "reversed", "read-only"])
def test_engines_equal_the_reference(engine, m, layout, rng):
    X, n_hidden = rng.uniform(0, 1, (11, m)), 6
    objective = sae.Autoencoder(layouts_of(X)[layout], n_hidden, **CLASSIC, engine=engine)
    theta = rng.normal(0, 0.5, objective.layout.size)
    close(objective(theta), cost_and_grad(theta, X, n_hidden, **CLASSIC))


@pytest.mark.parametrize("scale", [1e-8, 1.0, 30.0, 300.0])
def test_engines_equal_the_reference_with_saturated_units(engine, scale, rng):
    X = rng.uniform(0, 1, (11, 40))
    objective = sae.Autoencoder(X, 6, **CLASSIC, engine=engine, block_size=16)
    theta = scale * rng.standard_normal(objective.layout.size)
    W1, _, b1, _ = objective.layout.unpack(theta)
    b1[:] = -W1.sum(axis=1) / 2  # each unit saturates at 0 for some examples and at 1 for others
    close(objective(theta), cost_and_grad(theta, X, 6, **CLASSIC))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_data_of_either_precision_is_evaluated_in_double(engine, dtype, rng):
    X = rng.uniform(0, 1, (11, 40)).astype(dtype)
    objective = sae.Autoencoder(X, 6, **CLASSIC, engine=engine)
    theta = rng.standard_normal(objective.layout.size)
    close(objective(theta), cost_and_grad(theta, X.astype(np.float64), 6, **CLASSIC))
    assert objective(theta)[1].dtype == np.float64


@pytest.mark.parametrize("block_size", [1, 7, 40, 1000])
def test_blocks_change_nothing_but_rounding(block_size, rng):
    X = rng.uniform(0, 1, (11, 40))
    theta = rng.standard_normal(2 * 66 + 17)
    for engine in ("numba", "numpy"):
        objective = sae.Autoencoder(X, 6, **CLASSIC, engine=engine, block_size=block_size)
        close(objective(theta), cost_and_grad(theta, X, 6, **CLASSIC))


def test_the_mean_of_chunks_is_another_objective(problem):
    """Why there are two phases: the trap that this design avoids is a real difference."""
    X, n_hidden, theta = problem
    chunks = [cost_and_grad(theta, c, n_hidden, **CLASSIC)[0] for c in np.array_split(X[:, :12], 3, axis=1)]
    assert np.mean(chunks) != pytest.approx(cost_and_grad(theta, X[:, :12], n_hidden, **CLASSIC)[0], rel=1e-6)


def test_linear_decoder_with_another_target(problem, engine, rng):
    X, n_hidden, theta = problem
    target = rng.normal(0, 5, X.shape)
    objectives = [
        sae.Autoencoder(X, n_hidden, **CLASSIC, g=sae.identity, target=target, engine=e) for e in (engine, "numpy")
    ]
    close(objectives[0](theta), objectives[1](theta))
    a3 = objectives[1].reconstruct(theta, X)
    assert objectives[0].costs(theta)["squared error"] == pytest.approx(((a3 - target) ** 2).sum() / 2 / X.shape[1])


# Symmetries ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), n_hidden=st.integers(1, 6), m=st.integers(1, 9))
def test_symmetries(seed, n, n_hidden, m):
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 1, (n, m))
    for engine in ("numba", "numpy"):
        objective = sae.Autoencoder(X, n_hidden, **CLASSIC, engine=engine, block_size=4)
        theta = rng.standard_normal(objective.layout.size)
        cost, grad = objective(theta)

        shuffled = sae.Autoencoder(X[:, rng.permutation(m)], n_hidden, **CLASSIC, engine=engine, block_size=4)
        close(shuffled(theta), (cost, grad))  # invariant under a permutation of the examples

        units = rng.permutation(n_hidden)  # equivariant under a permutation of the hidden units
        moved = objective(permute_units(objective.layout, theta, units))
        close(moved, (cost, permute_units(objective.layout, grad, units)))


def permute_units(layout, theta, units):
    W1, W2, b1, b2 = layout.unpack(theta)
    return layout.pack(W1=W1[units], W2=W2[:, units], b1=b1[units], b2=b2)


# The protocol ----------------------------------------------------------------------------------------------------


def test_protocol(problem, engine):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC, engine=engine)
    before = X.copy(), theta.copy()
    theta.flags.writeable = X.flags.writeable = False
    cost, grad = objective(theta)
    again = objective(theta)
    assert again[0] == cost
    assert again[1].tobytes() == grad.tobytes()  # deterministic to the last bit
    assert (before[0] == X).all()
    assert (theta == before[1]).all()
    assert not np.shares_memory(grad, theta)
    assert isinstance(cost, float)
    assert grad.shape == theta.shape == (objective.layout.size,)
    costs = objective.costs(theta)
    assert list(costs) == ["squared error", "weight decay", "KL sparsity"]
    assert sum(costs.values()) == cost
    np.testing.assert_allclose(objective.rho_hat(theta), objective.encode(theta, X).mean(axis=1))


def test_scipy_takes_it_as_it_is(problem):
    from scipy.optimize import minimize

    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    found = minimize(objective, theta, jac=True, method="L-BFGS-B", options={"maxiter": 20})
    assert found.fun < objective(theta)[0]


# Blocks, threads, precision ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("g", [sae.sigmoid, sae.identity])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("m", [1, 16, 17, 1000])
def test_any_number_of_threads_gives_the_same_bits(engine, dtype, g, m, rng):
    X = rng.uniform(0, 1, (m, 11)).T
    theta = rng.standard_normal(2 * 66 + 17)
    answers = set()
    for threads in (1, 2, 3, 2, 7):
        objective = sae.Autoencoder(X, 6, **CLASSIC, g=g, engine=engine, dtype=dtype, block_size=16, threads=threads)
        for _ in range(3):
            cost, grad = objective(theta)
            answers.add((cost, grad.tobytes()))
    assert len(answers) == 1


def test_other_runs_would_give_other_bits(rng, monkeypatch):
    """The order of reduction matters, so that the test above could fail."""
    X, theta = rng.uniform(0, 1, (1000, 11)).T, rng.standard_normal(2 * 66 + 17)
    one = sae.Autoencoder(X, 6, **CLASSIC, block_size=16)(theta)[1]
    monkeypatch.setattr(sae.blocks, "RUNS", 3)
    assert sae.Autoencoder(X, 6, **CLASSIC, block_size=16)(theta)[1].tobytes() != one.tobytes()


def test_threads_are_held_back_and_given_back(rng):
    before = [library["num_threads"] for library in threadpool_info()]
    X, seen = rng.uniform(0, 1, (11, 40)), []

    def watching(s):
        seen.extend(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")
        return 0.0, {}

    watching.name, watching.per_example = "watching", True
    with threadpool_limits(2, user_api="blas"):
        sae.Autoencoder(X, 6, terms=[SquaredError(), watching], threads=2)(rng.standard_normal(2 * 66 + 17))
        assert set(seen) == {1}
        seen.clear()
        sae.Autoencoder(X, 6, terms=[SquaredError(), watching])(rng.standard_normal(2 * 66 + 17))
        assert 2 in seen  # None leaves BLAS alone
    assert [library["num_threads"] for library in threadpool_info()] == before


def test_an_error_on_a_thread_reaches_the_caller(rng):
    def failing(s):
        raise sae.SaeError("on purpose")

    failing.name, failing.per_example = "failing", True
    X = rng.uniform(0, 1, (11, 400))
    objective = sae.Autoencoder(X, 6, terms=[SquaredError(), failing], threads=2, block_size=10)
    with pytest.raises(sae.SaeError, match="on purpose"):
        objective(np.zeros(2 * 66 + 17))


@pytest.mark.parametrize("x_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("m", [1, 255, 700])
@pytest.mark.parametrize("layout", ["C order", "transposed rows", "strided", "reversed", "read-only"])
def test_single_precision_equals_the_reference(engine, m, layout, x_dtype, rng):
    X, n_hidden = rng.uniform(0, 1, (11, m)).astype(x_dtype), 6
    objective = sae.Autoencoder(layouts_of(X)[layout], n_hidden, **CLASSIC, engine=engine, dtype="float32")
    theta = rng.normal(0, 0.5, objective.layout.size)
    cost, grad = objective(theta)
    assert isinstance(cost, float)
    assert grad.dtype == np.float64
    close((cost, grad), cost_and_grad(theta, X.astype(np.float64), n_hidden, **CLASSIC), 1e-5)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 30.0])
def test_single_precision_with_saturated_units(engine, scale, rng):
    X = rng.uniform(0, 1, (11, 40))
    objective = sae.Autoencoder(X, 6, **CLASSIC, engine=engine, dtype="float32")
    theta = scale * rng.standard_normal(objective.layout.size)
    W1, _, b1, _ = objective.layout.unpack(theta)
    b1[:] = -W1.sum(axis=1) / 2
    close(objective(theta), cost_and_grad(theta, X, 6, **CLASSIC), 1e-5)


def test_what_single_precision_can_not_hold_is_an_error(problem):
    X, n_hidden, theta = problem
    theta[2 * 7 * 4] = -103  # b1 of the first unit
    W1 = sae.Autoencoder(X, n_hidden, **CLASSIC).layout.unpack(theta)[0]
    W1[0] = 0
    objective = sae.Autoencoder(X, n_hidden, lam=0, rho=0.5, beta=1e8, dtype="float32")
    with pytest.raises(sae.SaeError, match="beyond float32: units are saturated"):
        objective(theta + np.where(np.arange(theta.size) == 2 * 7 * 4, 20, 0))


def test_the_exact_twin(problem):
    X, n_hidden, theta = problem
    single = sae.Autoencoder(X, n_hidden, **CLASSIC, dtype="float32")
    close(single.exact(theta), cost_and_grad(theta, X, n_hidden, **CLASSIC))
    assert single.exact.exact is None
    assert single(theta)[0] != single.exact(theta)[0]
    with pytest.raises(sae.SaeError, match="theta has dtype complex128"):
        sae.Autoencoder(X, n_hidden, **CLASSIC, dtype="float32", engine="numpy")(theta + 0j)


@pytest.mark.parametrize("threads", [None, 2])
def test_recomputing_a2_changes_nothing(engine, threads, rng):
    X, theta = rng.uniform(0, 1, (11, 400)), rng.standard_normal(2 * 66 + 17)
    kept, again = (
        sae.Autoencoder(X, 6, **CLASSIC, engine=engine, recompute=r, block_size=37, threads=threads)
        for r in (False, True)
    )
    assert kept(theta)[0] == again(theta)[0]
    assert kept(theta)[1].tobytes() == again(theta)[1].tobytes()


def test_a_batch_is_the_objective_of_its_examples(engine, rng):
    X, target = rng.uniform(0, 1, (11, 400)), rng.uniform(0, 1, (11, 400))
    theta, chosen = rng.standard_normal(2 * 66 + 17), rng.permutation(400)[:150]
    for options in ({}, {"target": target}, {"dtype": "float32"}):
        options["engine"] = engine
        whole = sae.Autoencoder(X, 6, **CLASSIC, **options)
        target_alone = {"target": target[:, chosen]} if "target" in options else {}
        alone = sae.Autoencoder(X[:, chosen], 6, **CLASSIC, **options | target_alone)
        batch = whole.batch(chosen)
        assert batch.m == 150
        close(batch(theta), alone(theta))
        close(batch.batch(np.arange(7))(theta), alone.batch(np.arange(7))(theta))
        assert whole.m == 400


@pytest.mark.parametrize("mode", ["r", "c"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_memory_map_is_evaluated_where_it_lies(dtype, mode, tmp_path, rng):
    rows = rng.uniform(0, 1, (400, 11)).astype(dtype)
    rows.tofile(tmp_path / "X")
    X = np.memmap(tmp_path / "X", dtype=dtype, mode=mode, shape=(400, 11)).T
    if mode == "c":
        X[0, 0] = rows[0, 0] = 0.75  # a change that is not in the file must not be lost
    objective = sae.Autoencoder(X, 6, **CLASSIC, block_size=37)
    theta = rng.standard_normal(objective.layout.size)
    for _ in range(2):
        close(objective(theta), cost_and_grad(theta, rows.T.astype(np.float64), 6, **CLASSIC))


def test_x_is_not_copied(rng):
    rows = rng.uniform(0, 1, (1000, 8))
    objective = sae.Autoencoder(rows.T, 3, **CLASSIC)
    assert np.shares_memory(objective.X, rows)


def test_init(problem):
    X, n_hidden, _ = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    W1, W2, b1, b2 = objective.layout.unpack(objective.init(np.random.default_rng(3)))
    radius = np.sqrt(6 / (7 + 4 + 1))
    weights = np.concatenate([W1.ravel(), W2.ravel()])
    assert 0.8 * radius < np.abs(weights).max() <= radius
    assert not b1.any()
    assert not b2.any()
    np.testing.assert_array_equal(W1, objective.layout.unpack(objective.init(np.random.default_rng(3)))[0])
    assert np.abs(objective.init(np.random.default_rng(3), radius=0.1)).max() <= 0.1


def test_theta_and_rng_are_checked(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    theta[[3, 5]] = np.nan, np.inf
    for use in (objective, objective.costs, objective.rho_hat, lambda t: objective.encode(t, X)):
        with pytest.raises(sae.SaeError, match="theta has 1 NaN and 1 infinite values, the first at index 3"):
            use(theta)
    with pytest.raises(sae.SaeError, match=r"rng is 0; expected a numpy\.random"):
        objective.init(0)


def test_encode_decode_reconstruct(problem):
    X, n_hidden, theta = problem
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC)
    a2 = objective.encode(theta, X[:, :5])
    assert a2.shape == (n_hidden, 5)
    np.testing.assert_array_equal(objective.decode(theta, a2), objective.reconstruct(theta, X[:, :5]))
    with pytest.raises(sae.SaeError, match=r"X has shape \(13, 7\); expected \(7, m\)"):
        objective.encode(theta, X.T)


def test_layout():
    layout = sae.Layout.autoencoder(3, 2)
    assert layout.names == ("W1", "W2", "b1", "b2")
    assert layout.size == 17
    assert layout.slices["b1"] == slice(12, 14)
    theta = np.arange(17.0)
    W1, W2, b1, b2 = layout.unpack(theta)
    np.testing.assert_array_equal(W1, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(layout.pack(W1=W1, W2=W2, b1=b1, b2=b2), theta)
    W1[0, 0] = 7
    assert theta[0] == 7  # views
    with pytest.raises(sae.SaeError, match=r"shape \(18,\); this layout describes \(17,\)"):
        layout.unpack(np.zeros(18))
    with pytest.raises(sae.SaeError, match="expected"):
        layout.pack(W1=W1.T, W2=W2, b1=b1, b2=b2)


# Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[2.0]]}, "values from 2 to 2; sigmoid output units"),
        ({"target": np.ones((2, 2))}, r"target has shape \(2, 2\); expected the shape of X"),
        ({"target": np.full((7, 13), np.nan)}, "target has 91 NaN"),
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"n_hidden": True}, "n_hidden is True"),
        ({"block_size": 0}, "block_size is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"dtype": "float16"}, "dtype is 'float16'; expected one of float64, float32"),
        ({"engine": "fortran"}, "engine is 'fortran'; expected one of numba, numpy"),
        ({"rho": 1.5}, "rho is 1.5"),
        ({"f": np.tanh}, "f is <ufunc 'tanh'>; expected a sae.activations.Activation, for example sae.sigmoid"),
        ({"g": "sigmoid"}, "g is 'sigmoid'; expected a sae.activations.Activation"),
        ({"lam": None, "rho": None, "beta": None, "terms": [np.sum]}, "is no term; expected a callable with .name"),
        ({"lam": None, "rho": None, "beta": None, "terms": 5}, "5 is no term"),
        ({"lam": -1}, "lam is -1"),
        ({"beta": -3.0}, "beta is -3.0"),
        ({"beta": None}, "got lam, rho; expected either all of lam, rho and beta, or terms alone"),
        ({"terms": [SquaredError()]}, "got lam, rho, beta and terms"),
        ({"lam": None, "rho": None, "beta": None}, "got none of lam, rho and beta"),
        ({"lam": None, "rho": None, "beta": None, "terms": [SquaredError(), SquaredError()]}, "a name of its own"),
    ],
)
def test_bad_input(problem, change, message):
    X, n_hidden, _ = problem
    arguments = {"X": X, "n_hidden": n_hidden, **CLASSIC, **change}
    with pytest.raises(sae.SaeError, match=message):
        sae.Autoencoder(**arguments)


@pytest.mark.parametrize("kind", [np.float32, np.float16, Fraction, np.float64])
def test_hyperparameters_of_any_real_type_are_computed_with_in_double(problem, kind):
    X, n_hidden, theta = problem
    values = {"lam": kind(0.25), "rho": kind(0.125), "beta": kind(3)}
    expected = cost_and_grad(theta, X, n_hidden, 0.25, 0.125, 3.0)
    close(cost_and_grad(theta, X, n_hidden, **values), expected)
    for engine in ("numba", "numpy"):
        close(sae.Autoencoder(X, n_hidden, **values, engine=engine)(theta), expected)


def test_rho_is_checked_even_without_sparsity(problem):
    X, n_hidden, theta = problem
    with pytest.raises(sae.SaeError, match="rho is 2"):
        sae.Autoencoder(X, n_hidden, lam=0, rho=2, beta=0)
    assert list(sae.Autoencoder(X, n_hidden, lam=0, rho=0.5, beta=0).costs(theta)) == ["squared error", "weight decay"]


def test_saturated_units_are_an_error_not_a_nan(problem, engine):
    X, n_hidden, theta = problem
    theta[2 * 7 * 4] = -1000
    objective = sae.Autoencoder(X, n_hidden, **CLASSIC, engine=engine)
    with pytest.raises(sae.SaeError, match=r"unit 0 \(0\)"):
        objective(theta)


@pytest.mark.parametrize(
    ("partials", "message"),
    [
        ({"a9": np.zeros(1)}, "partial for 'a9'; expected some of a2, z3, a3"),
        ({"rho_hat": np.zeros(4)}, "partial for 'rho_hat'"),
        ({"a2": np.zeros(4)}, r"partial of shape \(4,\) for 'a2'; expected its shape \(4, 13\)"),
    ],
)
def test_terms_that_return_what_the_page_does_not_have(problem, partials, message):
    X, n_hidden, theta = problem

    def term(s: SimpleNamespace):
        return 0.0, partials

    term.name, term.per_example = "mine", True
    with pytest.raises(sae.SaeError, match=message):
        sae.Autoencoder(X, n_hidden, terms=[SquaredError(), term])(theta)
