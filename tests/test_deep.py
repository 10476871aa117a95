"""The deep network: gradients at any depth, its fast twin, softmax regression at depth 0, planted bugs."""

import inspect

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import sae
from sae import activations, deep, fused_deep
from sae.equations import read
from tests.planted import check_gradients, with_bug

DEPTHS = [(), (5,), (5, 4), (5, 4, 3)]
FS = {
    activations.sigmoid: lambda z: 1 / (1 + anp.exp(-z)),
    activations.tanh: anp.tanh,
    activations.softplus: lambda z: anp.log(1 + anp.exp(z)),
}


def problem(hidden=(5, 4), m=11, page=deep, k=3, **options):
    """An objective on X (6, m) with k classes, and a theta without zeros."""
    rng = np.random.default_rng(2)
    X, y = rng.uniform(0, 1, (6, m)), rng.integers(0, k, m)
    options = {"engine": "numpy", "lam": 0.1, **options}
    objective = page.DeepNetwork(X, y, hidden, n_classes=k, **options)
    return objective, rng.normal(0, 1, objective.layout.size)


def cost_by_autograd(theta, objective, f):
    """J in array operations that HIPS autograd differentiates, with p and log p."""
    parts = {name: anp.reshape(theta[s], objective.layout.shapes[name]) for name, s in objective.layout.slices.items()}
    a = objective.X
    for l in range(1, len(objective.hidden_dims) + 1):
        a = f(anp.dot(parts[f"W{l}"], a) + anp.reshape(parts[f"b{l}"], (-1, 1)))
    z = anp.dot(parts["W_s"], a) + anp.reshape(parts.get("b_s", anp.zeros(objective.n_classes)), (-1, 1))
    p = anp.exp(z) / anp.sum(anp.exp(z), axis=0)
    decayed = [name for name in parts if name[0] == "W" and (objective.decay == "all" or name == "W_s")]
    decay = sum(anp.sum(parts[name] ** 2) for name in decayed)
    return -anp.mean(anp.log(p[objective.y, np.arange(objective.m)])) + objective.lam / 2 * decay


@pytest.mark.parametrize("f", FS, ids=lambda f: f.name)
@pytest.mark.parametrize("decay", ["softmax", "all"])
@pytest.mark.parametrize("m", [1, 11])
@pytest.mark.parametrize("hidden", DEPTHS)
def test_gradients(hidden, m, decay, f):
    objective, theta = problem(hidden, m, decay=decay, f=f, bias=m == 1)
    cost, grad = objective(theta)
    assert cost == pytest.approx(cost_by_autograd(theta, objective, FS[f]), rel=1e-13)
    witness = autograd.grad(cost_by_autograd)(theta, objective, FS[f])
    np.testing.assert_allclose(grad, witness, rtol=1e-10, atol=1e-14)
    if f is activations.sigmoid:
        check_gradients(objective, theta)


def test_the_public_checker_agrees():
    assert sae.check_gradient(*problem((5, 4, 3), decay="all")).ok


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("m", [1, 1301])
@pytest.mark.parametrize("hidden", DEPTHS)
def test_the_fast_twin_is_the_page(hidden, m, dtype):
    objective, theta = problem(hidden, m, bias=True, decay="all")
    cost, grad = objective(theta)
    rtol = 1e-12 if dtype == "float64" else 2e-5
    memory = (objective.X, np.asfortranarray(objective.X), np.repeat(objective.X, 2, axis=1)[:, ::2])
    settings = {"n_classes": 3, "lam": 0.1, "bias": True, "decay": "all", "dtype": dtype}
    for X in memory:
        for options in ({}, {"block_size": 100, "threads": 2}, {"engine": "numpy", "block_size": 70}):
            fast = deep.DeepNetwork(X, objective.y, hidden, **settings, **options)
            fast(theta + 1)  # memory that is used again
            fast_cost, fast_grad = fast(theta)
            assert fast_cost == pytest.approx(cost, rel=rtol)
            np.testing.assert_allclose(fast_grad, grad, rtol=rtol, atol=rtol * np.abs(grad).max())
            assert fast_grad.dtype == np.float64
            assert (fast.exact is None) == (dtype == "float64")


def test_threads_change_nothing():
    objective, theta = problem((5, 4), 3000, engine="numba", threads=1)
    two, _ = problem((5, 4), 3000, engine="numba", threads=2)
    np.testing.assert_array_equal(two(theta)[1], objective(theta)[1])


def test_saturated_units():
    for scale in (1, 50, 1e4):
        (page, theta), (fast, _) = problem(), problem(engine="numba")
        assert fast(scale * theta)[0] == pytest.approx(page(scale * theta)[0], rel=1e-12)
        grad = page(scale * theta)[1]
        np.testing.assert_allclose(fast(scale * theta)[1], grad, rtol=1e-10, atol=1e-14 * np.abs(grad).max())


def test_without_hidden_layers_it_is_softmax_regression():
    for bias in (False, True):
        objective, theta = problem((), bias=bias)
        softmax = sae.Softmax(objective.X, objective.y, lam=0.1, bias=bias, n_classes=3)
        np.testing.assert_array_equal(objective(theta)[1], softmax(theta)[1])
        assert objective.costs(theta) == softmax.costs(theta)


def test_use():
    objective, theta = problem(bias=True)
    W1, b1, W2, b2, W_s, b_s = objective.layout.unpack(theta)
    a2 = sae.sigmoid(W1 @ objective.X + b1[:, None])
    a3 = sae.sigmoid(W2 @ a2 + b2[:, None])
    for ours, expected in zip(objective.activations(theta, objective.X), (a2, a3), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-14)
    e = np.exp(W_s @ a3 + b_s[:, None])
    np.testing.assert_allclose(objective.probabilities(theta, objective.X), e / e.sum(axis=0), rtol=1e-13)
    np.testing.assert_array_equal(objective.predict(theta, objective.X), e.argmax(axis=0))
    np.testing.assert_array_equal(objective.stack([(W1, b1), (W2, b2)], W_s, b_s), theta)
    with pytest.raises(sae.SaeError, match="parameters have shapes"):
        objective.stack([(W1, b1)], W_s, b_s)
    columns = np.array([3, 3, 0])
    alone = deep.DeepNetwork(objective.X[:, columns], objective.y[columns], (5, 4), lam=0.1, bias=True, n_classes=3)
    np.testing.assert_allclose(objective.batch(columns)(theta)[1], alone(theta)[1], rtol=1e-12, atol=1e-16)


def test_init():
    objective, _ = problem((500, 400))
    W1, b1, W2, b2, W_s = objective.layout.unpack(objective.init(np.random.default_rng(0)))
    for W in (W1, W2):
        radius = np.sqrt(6 / (sum(W.shape) + 1))
        assert 0.98 * radius < np.abs(W).max() < radius
    assert np.std(W_s) == pytest.approx(0.005, rel=0.1)
    assert not b1.any()
    assert not b2.any()


def test_deep_networks_learn_what_softmax_regression_can_not():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (2, 200))
    y = (X[0] * X[1] > 0).astype(int)
    objective = deep.DeepNetwork(X, y, (8, 8), lam=1e-6, bias=True)
    theta = 5 * objective.init(rng)
    theta = sae.minimize_lbfgs(objective, theta, max_iter=300).theta
    assert (objective.predict(theta, X) == y).mean() == 1
    linear = sae.Softmax(X, y, lam=1e-6, bias=True)
    theta = sae.minimize_lbfgs(linear, linear.init(rng), max_iter=300).theta
    assert (linear.predict(theta, X) == y).mean() < 0.7


def test_float32_is_finished_in_float64():
    exact, theta = problem((5,), m=200, engine="numba", decay="all")
    single, _ = problem((5,), m=200, engine="numba", decay="all", dtype="float32")
    ends = [sae.minimize_lbfgs(objective, theta, max_iter=400) for objective in (exact, single)]
    assert ends[1].cost == pytest.approx(ends[0].cost, rel=1e-6)
    assert exact(ends[1].theta)[0] == pytest.approx(ends[1].cost, rel=1e-12)


BUGS = [
    pytest.param('["W_s"] if self.decay == "softmax" else', "", id="decay on the whole stack"),
    pytest.param("error * f.derivative(a[l + 1])", "error", id="no f'"),
    pytest.param("f.derivative(a[l + 1])", "f.derivative(a[l])", id="f' of the layer below"),
    pytest.param("        W_above = hidden[l][0]", "", id="W_s in place of the layer above"),
    pytest.param("sum_W[...] = delta @ a[l].T", "sum_W[...] = delta @ a[l].T * y.size", id="no 1/m"),
    pytest.param("sum_W_s[...] = delta @ a[-1].T", "sum_W_s[...] = delta @ (a[-1] * (1 - a[-1])).T", id="f' too much"),
    pytest.param("sum_b[...] = delta.sum(axis=1)", "sum_b[...] = error.sum(axis=1)", id="b without f'"),
]


@pytest.mark.parametrize(("right", "wrong"), BUGS)
def test_planted_bugs_are_caught(right, wrong):
    """In the gradient or, where J and its gradient are both changed, by the witness that has J of its own."""
    objective, theta = problem((5, 5), page=with_bug(deep, right, wrong))
    witness = autograd.grad(cost_by_autograd)(theta, objective, FS[activations.sigmoid])
    with pytest.raises((AssertionError, ValueError)):
        np.testing.assert_allclose(objective(theta)[1], witness, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("right", ["kernels.sigmoid_layer(z, b)", "value, delta = log_loss(z, y)"])
def test_planted_bugs_in_the_twin_are_caught(right, monkeypatch):
    wrong = {"kernels.sigmoid_layer(z, b)": "kernels.sigmoid_layer(z, 0 * b)"}.get(right, right + "; delta /= y.size")
    monkeypatch.setattr(fused_deep, "page", with_bug(fused_deep, right, wrong).page)
    with pytest.raises(AssertionError):
        test_the_fast_twin_is_the_page((5, 4), 1301, "float64")


def test_minibatch_solvers_take_it(rng):
    objective, theta = problem(m=200, engine="numba")
    result = sae.minimize_adam(objective, theta, rng=rng, epochs=60, batch_size=20, learning_rate=0.03)
    lowest = sae.minimize_lbfgs(objective, theta, max_iter=100).cost
    assert objective(result.theta)[0] == pytest.approx(lowest, rel=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden": 5}, r"hidden_dims is 5; expected a sequence"),
        ({"hidden": (5, 0)}, "hidden_dims is 0"),
        ({"decay": "hidden"}, "decay is 'hidden'; expected one of softmax, all"),
        ({"engine": "torch"}, "engine is 'torch'"),
        ({"f": "sigmoid"}, "f is 'sigmoid'; expected a sae.activations.Activation"),
        ({"lam": -1}, "lam is -1"),
    ],
)
def test_wrong_settings(change, message):
    with pytest.raises(sae.SaeError, match=message):
        problem(**change)


def test_a_complex_theta_is_refused_by_the_kernels():
    objective, theta = problem(engine="numba")
    with pytest.raises(sae.SaeError, match="engine='numpy' for the complex step"):
        objective(theta + 1j)


def test_explain_engine():
    assert problem(engine="numba")[0].explain_engine() == "Numba kernels; float64"
    assert "no kernel for tanh" in problem(engine="numba", f=sae.tanh)[0].explain_engine()
    assert "as asked" in problem()[0].explain_engine()


def test_the_twin_has_the_page_s_equations():
    source = inspect.getsource(fused_deep)
    assert {tag for tag in read(deep) if f"({tag})" in source} == set(read(deep))
