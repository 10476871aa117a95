"""The page of the variational autoencoder: gradients, closed forms, noise that is held, and bugs that are caught."""

import inspect
import sys
from types import ModuleType

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy.special import log_expit
from scipy.stats import norm

import sae
from sae import activations, variational

FS = {  # the activations without kinks, as HIPS autograd writes them
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
    "exponential": anp.exp,
    "identity": lambda z: z,
}
FS = {getattr(activations, name): witness for name, witness in FS.items() if hasattr(activations, name)}
LIKELIHOODS = [
    pytest.param({"likelihood": "bernoulli"}, id="bernoulli"),
    pytest.param({"likelihood": "gaussian"}, id="gaussian"),
    pytest.param({"likelihood": "gaussian", "sigma": 0.3}, id="gaussian, sigma 0.3"),
]
GRID = [
    pytest.param(f, {**likelihood.values[0], "beta": beta}, m, id=f"{f.name}, {likelihood.id}, beta {beta}, m {m}")
    for f in FS
    for likelihood in LIKELIHOODS
    for beta in (0, 1, 4)
    for m in (1, 9)
]
DELTA2 = ["W1", "b1"]  # what every mistake in a delta above comes down to


def problem(m=9, page=variational, **options):
    """An objective on X (6, m) with 5 hidden and 3 latent units, and a theta without zeros."""
    rng = np.random.default_rng(1)
    X = rng.uniform(0, 1, (6, m))
    objective = page.VariationalAutoencoder(X, 5, 3, rng=rng, **options)
    return objective, rng.normal(0, 0.4, objective.layout.size)


def cost_by_autograd(theta, objective, f):
    """J in array operations that HIPS autograd differentiates, the textbook's formula with p and log p."""
    parts = {name: anp.reshape(theta[s], (-1, 1)) for name, s in objective.layout.slices.items()}
    W = {name: anp.reshape(parts[name], shape) for name, shape in objective.layout.shapes.items() if len(shape) == 2}
    x = objective.X
    h = f(anp.dot(W["W1"], x) + parts["b1"])
    mu, logvar = anp.dot(W["W_mu"], h) + parts["b_mu"], anp.dot(W["W_lv"], h) + parts["b_lv"]
    u = mu + anp.sqrt(anp.exp(logvar)) * objective.eps
    z3 = anp.dot(W["W3"], f(anp.dot(W["W2"], u) + parts["b2"])) + parts["b3"]
    if objective.likelihood.name == "bernoulli":
        p = 1 / (1 + anp.exp(-z3))
        misfit = -anp.sum(x * anp.log(p) + (1 - x) * anp.log(1 - p))
    else:
        misfit = anp.sum(((z3 - x) / objective.likelihood.sigma) ** 2) / 2
    kl = -0.5 * anp.sum(1 + logvar - mu**2 - anp.exp(logvar))
    return (misfit + objective.beta * kl) / objective.m


# Gradient laws --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "options", "m"), GRID)
def test_gradient_by_complex_step(f, options, m):
    objective, theta = problem(m, f=f, **options)
    report = sae.check_gradient(objective, theta, method="complex")
    assert report.ok, report
    assert report.relative_error < 1e-13
    assert max(report.blocks.values()) < 1e-13


@pytest.mark.parametrize(("f", "options", "m"), GRID)
def test_gradient_by_central_difference(f, options, m):
    objective, theta = problem(m, f=f, **options)
    report = sae.check_gradient(objective, theta)
    assert report.ok, report
    assert list(report.blocks) == ["W1", "b1", "W_mu", "b_mu", "W_lv", "b_lv", "W2", "b2", "W3", "b3"]


@pytest.mark.parametrize(("f", "options", "m"), GRID)
def test_gradient_equals_autodiff(f, options, m):
    objective, theta = problem(m, f=f, **options)
    cost, grad = objective(theta)
    assert cost == pytest.approx(cost_by_autograd(theta, objective, FS[f]), rel=1e-13)
    witness = autograd.grad(cost_by_autograd)(theta, objective, FS[f])
    np.testing.assert_allclose(grad, witness, rtol=1e-12, atol=1e-13 * np.abs(witness).max())


@pytest.mark.parametrize("options", LIKELIHOODS)
def test_taylor_remainder_has_slope_two(options, rng):
    objective, theta = problem(**options)
    cost, grad = objective(theta)
    v = rng.standard_normal(theta.size)
    steps = np.array([1e-3, 1e-4])
    remainders = [abs(objective(theta + h * v)[0] - cost - h * (grad @ v)) for h in steps]
    slope = np.log(remainders[0] / remainders[1]) / np.log(steps[0] / steps[1])
    assert 1.95 < slope < 2.05


# Planted bugs ---------------------------------------------------------------------------------------------------


BUGS = {
    "no 1/2 in the path through sigma": ("delta_u * sigma * eps / 2", "delta_u * sigma * eps", ["W_lv", "b_lv"]),
    "no eps in the path through sigma": ("delta_u * sigma * eps / 2", "delta_u * sigma / 2", ["W_lv", "b_lv"]),
    "no path through sigma": ("delta_u * sigma * eps / 2 + ", "", ["W_lv", "b_lv"]),
    "beta left out for mu": ("delta_u + beta * mu", "delta_u + mu", ["W_mu", "b_mu"]),
    "beta left out for log sigma^2": ("+ beta / 2 * (sigma", "+ 1 / 2 * (sigma", ["W_lv", "b_lv"]),
    "KL not divided by m": ("delta_u + beta * mu", "delta_u + m * beta * mu", ["W_mu", "b_mu"]),
    "sign of the 1": ("(sigma * sigma - 1)", "(sigma * sigma + 1)", ["W_lv", "b_lv"]),
    "sigma for sigma^2": ("(sigma * sigma - 1)", "(sigma - 1)", ["W_lv", "b_lv"]),
    "log sigma^2 does not come down": (" + W_lv.T @ delta_lv", "", []),
}


def mutant(old, new):
    """The page with one mistake in its source."""
    source = inspect.getsource(variational)
    assert source.count(old) == 1
    page = ModuleType(variational.__name__)
    page.__package__ = "sae"
    exec(compile(source.replace(old, new), "mutant", "exec"), page.__dict__)
    return page


@pytest.mark.parametrize("method", ["central", "complex"])
@pytest.mark.parametrize("options", LIKELIHOODS)
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught_in_their_blocks(bug, options, method):
    old, new, blocks = BUGS[bug]
    objective, theta = problem(page=mutant(old, new), beta=4, **options)
    report = sae.check_gradient(objective, theta, method=method)
    assert set(report.wrong) == {"theta", *DELTA2, *blocks}
    assert objective(theta)[0] == problem(beta=4, **options)[0](theta)[0]  # only the gradient is wrong


@pytest.mark.parametrize("method", ["central", "complex"])
def test_other_planted_bugs_are_caught(method):
    everything = ["W_mu", "b_mu", "W_lv", "b_lv", "W2", "b2", *DELTA2]
    for old, new, options, blocks in (
        ("error / self.sigma**2", "error / self.sigma", {"likelihood": "gaussian", "sigma": 0.3}, ["W3", "b3"]),
        ("probability - X", "probability + X", {}, ["W3", "b3"]),
        ("(W3.T @ delta3) * f.derivative(h_d)", "W3.T @ delta3", {}, []),
    ):
        objective, theta = problem(page=mutant(old, new), **options)
        report = sae.check_gradient(objective, theta, method=method)
        assert set(report.wrong) == {"theta", *everything, *blocks}


@pytest.mark.parametrize("method", ["central", "complex"])
def test_noise_drawn_at_each_call_would_not_pass(method, rng):
    objective, theta = problem()

    class Restless(type(objective)):
        def costs_and_grad(self, theta):
            self.eps = rng.standard_normal(self.eps.shape)
            return super().costs_and_grad(theta)

    objective.__class__ = Restless
    assert not sae.check_gradient(objective, theta, method=method).ok


def test_the_mutants_leave_the_page_alone():
    assert sys.modules["sae.variational"] is variational
    assert variational.VariationalAutoencoder is sae.VariationalAutoencoder


# Values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", LIKELIHOODS)
def test_costs_equal_scipys_distributions(options):
    objective, theta = problem(beta=4, **options)
    mu, logvar = objective.encode(theta, objective.X)
    u, misfit, kl = mu + np.exp(logvar) ** 0.5 * objective.eps, 0.0, 0.0
    for i, x in enumerate(objective.X.T):
        mean = objective.decode(theta, u[:, [i]])[:, 0]
        if options["likelihood"] == "bernoulli":
            z3 = np.log(mean / (1 - mean))
            misfit -= (x * log_expit(z3) + (1 - x) * log_expit(-z3)).sum()
        else:
            s = options.get("sigma", 1.0)
            misfit -= norm.logpdf(x, mean, s).sum() + len(x) / 2 * np.log(2 * np.pi * s**2)  # the constant left out
        C = np.diag(np.exp(logvar[:, i]))  # the divergence of any two Gaussians, the second standard
        kl += (np.trace(C) + mu[:, i] @ mu[:, i] - len(C) - np.linalg.slogdet(C)[1]) / 2
    costs = objective.costs(theta)
    assert list(costs) == ["negative log-likelihood", "KL divergence"]
    assert costs["negative log-likelihood"] == pytest.approx(misfit / objective.m, rel=1e-13)
    assert costs["KL divergence"] == pytest.approx(4 * kl / objective.m, rel=1e-13)
    assert sum(costs.values()) == objective(theta)[0]


def test_kl_equals_monte_carlo(rng):
    objective, theta = problem(m=4)
    mu, logvar = (v[:, :, None] for v in objective.encode(theta, objective.X))
    sigma = np.exp(logvar / 2)
    u = mu + sigma * rng.standard_normal((3, 4, 100_000))
    log_ratio = (norm.logpdf(u, mu, sigma) - norm.logpdf(u)).sum(axis=0).mean(axis=0)  # log q(u|x) / p(u), mean over x
    standard_error = log_ratio.std() / np.sqrt(log_ratio.size)
    kl = objective.costs(theta)["KL divergence"]
    assert abs(log_ratio.mean() - kl) < 4 * standard_error
    assert 4 * standard_error < 0.02 * kl  # so that a missing factor or addend would show


def test_kl_is_zero_where_q_is_the_prior():
    objective, theta = problem(beta=4)
    for name in ("W_mu", "b_mu", "W_lv", "b_lv"):
        theta[objective.layout.slices[name]] = 0
    assert objective.costs(theta)["KL divergence"] == 0
    without = objective(theta)[1] - problem(beta=0)[0](theta)[1]
    np.testing.assert_allclose(without, 0, atol=1e-15)  # a minimum of the KL divergence


def test_beta_weighs_the_kl_divergence_alone():
    (zero, theta), (one, _), (four, _) = (problem(beta=beta) for beta in (0, 1, 4))
    assert zero.costs(theta)["KL divergence"] == 0
    assert four.costs(theta)["KL divergence"] == pytest.approx(4 * one.costs(theta)["KL divergence"], rel=1e-15)
    assert len({objective.costs(theta)["negative log-likelihood"] for objective in (zero, one, four)}) == 1


@pytest.mark.parametrize("options", LIKELIHOODS)
def test_j_is_the_mean_over_examples(options):
    objective, theta = problem(**options)
    cost, grad = objective(theta)
    answers = []
    for i in range(objective.m):
        one = sae.VariationalAutoencoder(objective.X[:, [i]], 5, 3, rng=np.random.default_rng(0), **options)
        one.eps = objective.eps[:, [i]]
        answers.append(one(theta))
    assert np.mean([c for c, _ in answers]) == pytest.approx(cost, rel=1e-13)
    np.testing.assert_allclose(np.mean([g for _, g in answers], axis=0), grad, atol=1e-13)


# Large numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z3", [-1000.0, 1000.0, -40.0, 40.0])
def test_no_overflow_at_large_logits(z3):
    objective, theta = problem()
    theta[objective.layout.slices["W3"]] = 0
    theta[objective.layout.slices["b3"]] = z3
    expected = (np.logaddexp(0, z3) - z3 * objective.X).sum() / objective.m
    assert objective.costs(theta)["negative log-likelihood"] == pytest.approx(expected, rel=1e-13)
    grad_b3 = objective(theta)[1][objective.layout.slices["b3"]]
    np.testing.assert_allclose(grad_b3, (z3 > 0) - objective.X.mean(axis=1), atol=1e-13)
    report = sae.check_gradient(objective, theta, method="complex")
    assert report.ok, report
    assert np.isfinite(objective.reconstruct(theta, objective.X)).all()


def test_log1p_exp_and_its_derivative():
    z = np.array([-1e4, -800, -30, -1e-3, 0, 1e-3, 30, 800, 1e4])
    value, derivative = variational.log1p_exp(z)
    np.testing.assert_allclose(value, np.logaddexp(0, z), rtol=1e-15)
    np.testing.assert_allclose(derivative, np.exp(log_expit(z)), rtol=1e-12)
    by_complex_step = variational.log1p_exp(z + 1e-20j)[0].imag / 1e-20
    np.testing.assert_allclose(by_complex_step, derivative, rtol=1e-14, atol=1e-290)


def test_a_variance_beyond_double_precision_is_an_error():
    objective, theta = problem()
    theta[objective.layout.slices["b_lv"].start + 1] = 800
    with pytest.raises(sae.SaeError, match=r"log sigma\^2 of latent unit 1 reaches 80\d; expected at most 710"):
        objective(theta)
    theta[objective.layout.slices["b_lv"].start + 1] = -2000  # sigma = 0 is a number: no noise
    assert np.isfinite(objective(theta)[0])


# The protocol ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", LIKELIHOODS)
def test_protocol(options):
    objective, theta = problem(**options)
    X, eps = objective.X.copy(), objective.eps.copy()
    before = theta.copy()
    theta.flags.writeable = objective.X.flags.writeable = objective.eps.flags.writeable = False
    cost, grad = objective(theta)
    again = objective(theta)
    assert again[0] == cost
    assert again[1].tobytes() == grad.tobytes()  # the noise is held
    assert (objective.X == X).all()
    assert (objective.eps == eps).all()
    assert (theta == before).all()
    assert isinstance(cost, float)
    assert grad.dtype == np.float64
    assert grad.shape == theta.shape == (objective.layout.size,)
    assert not np.shares_memory(grad, theta)
    assert objective.m == 9


def test_noise_comes_from_rng_and_another_draw_is_another_function(rng):
    X, theta = rng.uniform(0, 1, (6, 9)), np.full(2 * 30 + 2 * 15 + 2 * 3 + 15 + 5 + 5 + 6, 0.1)
    first, same, other = (sae.VariationalAutoencoder(X, 5, 3, rng=np.random.default_rng(s)) for s in (3, 3, 4))
    assert first(theta)[0] == same(theta)[0] != other(theta)[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_taken_where_they_lie(dtype, rng):
    rows = rng.uniform(0, 1, (20, 6)).astype(dtype)
    objective = sae.VariationalAutoencoder(rows.T, 5, 3, rng=np.random.default_rng(0))
    assert np.shares_memory(objective.X, rows)
    theta = objective.init(rng)
    copied = sae.VariationalAutoencoder(rows.T.astype(float), 5, 3, rng=np.random.default_rng(0))
    np.testing.assert_allclose(objective(theta)[1], copied(theta)[1], atol=1e-13)
    assert objective(theta)[1].dtype == np.float64


def test_init():
    objective, _ = problem()
    theta = objective.init(np.random.default_rng(3))
    for name, part in zip(objective.layout.names, objective.layout.unpack(theta), strict=True):
        if name.startswith("b"):
            assert not part.any()
        else:
            radius = np.sqrt(6 / sum(part.shape))
            assert 0.7 * radius < np.abs(part).max() <= radius
    np.testing.assert_array_equal(theta, objective.init(np.random.default_rng(3)))


@pytest.mark.parametrize("options", LIKELIHOODS)
def test_encode_decode_reconstruct_sample(options, rng):
    objective, theta = problem(**options)
    mu, logvar = objective.encode(theta, objective.X[:, :4])
    assert mu.shape == logvar.shape == (3, 4)
    np.testing.assert_array_equal(objective.decode(theta, mu), objective.reconstruct(theta, objective.X[:, :4]))
    drawn = np.random.default_rng(5).standard_normal((3, 7))
    sampled = objective.sample(theta, 7, np.random.default_rng(5))
    np.testing.assert_array_equal(sampled, objective.decode(theta, drawn))
    if options["likelihood"] == "bernoulli":
        assert 0 < sampled.min() < sampled.max() < 1


def test_traverse_moves_one_latent_unit():
    objective, theta = problem()
    x = objective.X[:, 2]
    mu = objective.encode(theta, x[:, None])[0]
    values = [-2.0, mu[1, 0], 2.0]
    moved = objective.traverse(theta, x, 1, values)
    assert moved.shape == (6, 3)
    np.testing.assert_allclose(moved[:, [1]], objective.reconstruct(theta, x[:, None]), rtol=1e-13)
    for column, value in zip(moved.T, values, strict=True):
        u = np.array([mu[0, 0], value, mu[2, 0]])
        np.testing.assert_allclose(column, objective.decode(theta, u[:, None])[:, 0], rtol=1e-13)
    assert np.abs(moved[:, 0] - moved[:, 2]).max() > 0.01


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_training_lowers_the_cost(likelihood, rng):
    codes = rng.uniform(-2, 2, (2, 80))
    X = sae.sigmoid(rng.normal(0, 2, (12, 2)) @ codes)  # two latent causes
    objective = sae.VariationalAutoencoder(
        X, 10, 2, likelihood=likelihood, sigma=0.1 ** (likelihood != "bernoulli"), rng=rng
    )
    theta = objective.init(rng)
    result = sae.minimize_lbfgs(objective, theta, max_iter=60)
    assert result.cost < 0.9 * objective(theta)[0]
    assert list(result.history[-1])[-1] == "max_grad"
    assert {"negative log-likelihood", "KL divergence"} <= set(result.history[-1])
    sampled = objective.sample(result.theta, 5, rng)
    assert sampled.shape == (12, 5)
    if likelihood == "bernoulli":
        assert 0 <= sampled.min() < sampled.max() <= 1
    error = ((objective.reconstruct(result.theta, X) - X) ** 2).sum()
    assert error < 0.5 * ((X - X.mean(axis=1, keepdims=True)) ** 2).sum()  # the code says something about x


# Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": [[1.5]]}, r"values from 1.5 to 1.5; sigmoid .* \[0, 1\]. .* a Gaussian x: likelihood='gaussian'"),
        ({"X": np.zeros(5)}, r"X has shape \(5,\)"),
        ({"X": [[np.nan]]}, "X has 1 NaN"),
        ({"n_hidden": 0}, "n_hidden is 0"),
        ({"n_latent": 2.5}, "n_latent is 2.5"),
        ({"beta": -1}, "beta is -1; expected a finite number of 0 or more"),
        ({"likelihood": "poisson"}, "likelihood is 'poisson'; expected one of bernoulli, gaussian"),
        ({"f": np.tanh}, "f is <ufunc 'tanh'>; expected a sae.activations.Activation"),
        ({"rng": 0}, r"rng is 0; expected a numpy\.random"),
        ({"likelihood": "gaussian", "sigma": 0.0}, "sigma is 0.0"),
        ({"sigma": 0.5}, "sigma is 0.5 and likelihood 'bernoulli', which has none"),
        ({"sigma": "wide"}, "sigma is 'wide'"),
    ],
)
def test_bad_input(change, message, rng):
    arguments = {"X": rng.uniform(0, 1, (6, 9)), "n_hidden": 5, "n_latent": 3, "rng": rng, **change}
    with pytest.raises(sae.SaeError, match=message):
        sae.VariationalAutoencoder(**arguments)


def test_a_gaussian_x_may_be_anything(rng):
    sae.VariationalAutoencoder(rng.normal(0, 50, (6, 9)), 5, 3, likelihood="gaussian", rng=rng)


def test_bad_arguments_of_methods(rng):
    objective, theta = problem()
    x = objective.X[:, 0]
    for use, message in (
        (lambda: objective(theta[1:]), r"expected \(127,\): \[W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3\]"),
        (lambda: objective(theta * np.nan), "theta has 127 NaN"),
        (lambda: objective.encode(theta, objective.X.T), r"X has shape \(9, 6\); expected \(6, m\)"),
        (lambda: objective.decode(theta, objective.X), r"u has shape \(6, 9\); expected \(3, m\)"),
        (lambda: objective.sample(theta, 0, rng), "count is 0"),
        (lambda: objective.sample(theta, 2, 7), "rng is 7"),
        (lambda: objective.init(7), "rng is 7"),
        (lambda: objective.traverse(theta, x, 3, [0.0]), "unit is 3; expected a whole number of at most 2"),
        (lambda: objective.traverse(theta, x, -1, [0.0]), "unit is -1"),
        (lambda: objective.traverse(theta, x[:, None], 0, [0.0]), r"x has shape \(6, 1\); expected one axis"),
        (lambda: objective.traverse(theta, x[1:], 0, [0.0]), r"X has shape \(5, 1\); expected \(6, m\)"),
        (lambda: objective.traverse(theta, x, 0, 1.0), r"values has shape \(\); expected one axis"),
        (lambda: objective.traverse(theta, x, 0, [np.inf]), "values has 0 NaN and 1 infinite"),
    ):
        with pytest.raises(sae.SaeError, match=message):
            use()
