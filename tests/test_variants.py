"""Every variant on a grid: hidden activation x data fit x penalties x tied weights, against four witnesses."""

from types import SimpleNamespace

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.tracer import getval
from threadpoolctl import threadpool_limits

import sae
from sae.activations import Activation
from sae.data import corruption
from sae.terms import L1, Contractive, CrossEntropy, KLSparsity, Poisson, SquaredError, WeightDecay

SMOOTH = [sae.sigmoid, sae.tanh, sae.softplus, sae.identity]
KINKED = [sae.relu, sae.leaky_relu(0.1), sae.satlin, sae.topk(2)]
FITS = {
    "squared, linear": (sae.identity, SquaredError()),
    "squared, sigmoid": (sae.sigmoid, SquaredError()),
    "squared, tanh": (sae.tanh, SquaredError()),
    "cross-entropy": (sae.sigmoid, CrossEntropy()),
    "Poisson": (sae.exponential, Poisson()),
}
PENALTIES = {
    "none": [],
    "decay": [WeightDecay(0.02)],
    "KL": [KLSparsity(0.3, 0.7)],
    "L1": [L1(0.3)],
    "contractive": [Contractive(0.2)],
    "all": [WeightDecay(0.02), KLSparsity(0.3, 0.7), L1(0.3), Contractive(0.2)],
}
GRID = [
    pytest.param(f, *fit, penalties, id=f"{f.name}-{fit_name}-{name}")
    for f in (*SMOOTH, *KINKED)
    for fit_name, fit in FITS.items()
    for name, penalties in PENALTIES.items()
    if name not in ("KL", "all") or np.isfinite(f.range).all()
]
N, HIDDEN, M = 5, 4, 6


def a_problem(f, seed=0):
    """X (5, 6) and a theta at which every hidden z is at least 0.01 from a kink of f, and |a2| of L1 from 0."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.1, 0.9, (N, M))
    theta = rng.normal(0, 0.5, 2 * N * HIDDEN + HIDDEN + N)
    W1, b1 = theta[: N * HIDDEN].reshape(HIDDEN, N), theta[2 * N * HIDDEN :][:HIDDEN]
    z2 = W1 @ X + b1[:, None]
    gaps = np.diff(np.sort(z2, axis=0), axis=0)
    empty = f is sae.satlin and (np.clip(z2, 0, 1).mean(axis=1) % 1 < 0.01).any()  # rho_hat of 0 or 1
    if min(abs(z2).min(), abs(z2 - 1).min(), gaps.min()) < 0.01 or empty:
        return a_problem(f, seed + 1)
    return X, theta


def the_objective(X, f, g, fit, penalties, **options):
    return sae.Autoencoder(X, HIDDEN, f=f, g=g, terms=[fit, *penalties], block_size=4, **options)


def of(objective, theta):
    """Theta of this objective, from one with all four parameters."""
    W1, _, b1, b2 = sae.Layout.autoencoder(N, HIDDEN).unpack(theta)
    return objective.layout.pack(W1=W1, b1=b1, b2=b2) if objective.tied else theta


# Independent formulas of J, which autograd differentiates --------------------------------------------------------


def among_the_largest(z):
    values = getval(z)
    return values >= np.sort(values, axis=0)[-2]


AUTODIFF = {
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "identity": lambda z: z,
    "exponential": anp.exp,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu(0.1)": lambda z: anp.maximum(z, 0.1 * z),
    "satlin": lambda z: anp.minimum(anp.maximum(z, 0.0), 1.0),
    "topk(2)": lambda z: z * among_the_largest(z),
}
SLOPE = {  # f'(z), by autograd element by element; of topk by hand
    name: autograd.elementwise_grad(f) for name, f in AUTODIFF.items() if not name.startswith("topk")
} | {"topk(2)": lambda z: 1.0 * among_the_largest(z)}


def witness(theta, X, tied, f, g, fit, penalties):
    """J by formulas of its own."""
    s, m = N * HIDDEN, X.shape[1]
    W1 = anp.reshape(theta[:s], (HIDDEN, N))
    W2 = W1.T if tied else anp.reshape(theta[s : 2 * s], (N, HIDDEN))
    b1, b2 = theta[-HIDDEN - N : -N], theta[-N:]
    z2 = anp.dot(W1, X) + b1[:, None]
    a2 = AUTODIFF[f.name](z2)
    z3 = anp.dot(W2, a2) + b2[:, None]
    a3 = AUTODIFF[g.name](z3)
    if fit.name == "squared error":
        J = anp.sum((a3 - X) ** 2) / 2 / m
    elif fit.name == "cross-entropy":
        J = -anp.sum(X * anp.log(a3) + (1 - X) * anp.log(1 - a3)) / m
    else:
        J = anp.sum(a3 - X * anp.log(a3)) / m
    for term in penalties:
        if term.name == "weight decay":
            J = J + term.lam / 2 * (anp.sum(W1**2) + anp.sum(W2**2))
        elif term.name == "KL sparsity":
            r = anp.mean(a2, axis=1)
            r = (r + 1) / 2 if f.name == "tanh" else r
            kl = term.rho * anp.log(term.rho / r) + (1 - term.rho) * anp.log((1 - term.rho) / (1 - r))
            J = J + term.beta * anp.sum(kl)
        elif term.name == "L1":
            J = J + term.weight * anp.sum(anp.abs(a2)) / m
        else:
            jacobians = [anp.sum((SLOPE[f.name](z2)[:, i : i + 1] * W1) ** 2) for i in range(m)]
            J = J + term.weight * sum(jacobians) / m
    return J


# The laws --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tied", [False, True], ids=["", "tied"])
@pytest.mark.parametrize(("f", "g", "fit", "penalties"), GRID)
def test_laws(f, g, fit, penalties, tied):
    X, full = a_problem(f)
    pages = [the_objective(X, f, g, fit, penalties, tied=tied, engine=engine) for engine in ("numba", "numpy")]
    theta = of(pages[0], full)
    cost, grad = pages[0](theta)
    assert cost == pytest.approx(witness(theta, X, tied, f, g, fit, penalties), rel=1e-12)
    scale = np.abs(grad).max()
    np.testing.assert_allclose(pages[1](theta)[1], grad, rtol=1e-12, atol=1e-13 * scale)
    # by the real part, branches of a function with kinks are analytic too
    assert sae.check_gradient(pages[1], theta, method="complex").relative_error < 1e-14
    assert sae.check_gradient(pages[0], theta).ok
    by_autograd = autograd.grad(witness)(theta, X, tied, f, g, fit, penalties)
    np.testing.assert_allclose(grad, by_autograd, rtol=1e-11, atol=1e-12 * scale)
    assert taylor_slope(pages[0], theta) == pytest.approx(2, abs=0.1)


def taylor_slope(objective, theta):
    """Slope of log |J(theta + h v) - J(theta) - h grad . v| against log h: 2 for a right gradient, 1 for a wrong one.

    2 only where J is curved along v, and v does not step over a kink.
    """
    v = np.random.default_rng(5).standard_normal(theta.size)
    cost, grad = objective(theta)
    steps = np.array([1e-4, 2e-4, 4e-4]) / np.linalg.norm(v)
    rests = [abs(objective(theta + h * v)[0] - cost - h * (grad @ v)) for h in steps]
    return np.polyfit(np.log(steps), np.log(rests), 1)[0]


@pytest.mark.parametrize("x", [np.linspace(-3, 3, 41)[:, None], np.array([[0.5], [30.0], [-30.0]])])
@pytest.mark.parametrize("f", [*SMOOTH, sae.exponential, *KINKED], ids=lambda f: f.name)
def test_derivatives_stand_beside_their_activation(f, x):
    if f.name.startswith("topk"):
        x = np.random.default_rng(0).standard_normal((7, 3))
    x = x + 1e-3  # off the kinks
    a = f(x)
    h = 1e-20
    np.testing.assert_allclose(f.derivative(a), f(x + 1j * h).imag / h, rtol=1e-9, atol=1e-12)
    slope = f.derivative(f(x + 1j * h)).imag / h  # f'', through a
    np.testing.assert_allclose(f.curvature(a) * f.derivative(a), slope, rtol=1e-9, atol=1e-12)
    assert f.range[0] <= a.min()
    assert a.max() <= f.range[1]


def test_the_complex_step_of_a_saturated_sigmoid():
    z = np.array([-1000.0, -40, 0, 40, 1000])
    a = sae.sigmoid(z + 1e-20j)
    np.testing.assert_allclose(a.real, sae.sigmoid(z), rtol=1e-15)
    np.testing.assert_allclose(a.imag / 1e-20, sae.sigmoid.derivative(sae.sigmoid(z)), rtol=1e-15, atol=1e-16)


class WrongL1(L1):
    def __call__(self, s):
        return super().__call__(s)[0], {"a2": self.weight * np.ones_like(s.a2)}


class WrongContractive(Contractive):
    def __call__(self, s):
        value, d = super().__call__(s)
        return value, {"a2": d["a2"], "W1": d["W1"] / 2}


class ForgetfulContractive(Contractive):
    def __call__(self, s):
        value, d = super().__call__(s)
        return value, {"W1": d["W1"]}


class TwiceChained(CrossEntropy):
    def __call__(self, s):
        value, d = super().__call__(s)
        return value, {"z3": d["z3"] * s.a3 * (1 - s.a3)}


class UnscaledKL(KLSparsity):
    def __call__(self, s):
        value, d = super().__call__(s)
        return value, {"rho_hat": 2 * d["rho_hat"]}


@pytest.mark.parametrize(
    ("f", "g", "terms"),
    [
        (sae.tanh, sae.identity, [SquaredError(), WrongL1(0.3)]),
        (sae.sigmoid, sae.sigmoid, [SquaredError(), WrongContractive(0.2)]),
        (sae.sigmoid, sae.sigmoid, [SquaredError(), ForgetfulContractive(0.2)]),
        (sae.sigmoid, sae.sigmoid, [TwiceChained()]),
        (sae.tanh, sae.identity, [SquaredError(), UnscaledKL(0.3, 0.7)]),
        (Activation("wrong", np.tanh, lambda a: 1 - a), sae.identity, [SquaredError()]),
    ],
    ids=["L1", "contractive", "contractive in a2", "cross-entropy", "KL of tanh", "f'"],
)
def test_the_laws_catch_a_wrong_term(f, g, terms):
    X, theta = a_problem(f)
    objective = sae.Autoencoder(X, HIDDEN, f=f, g=g, terms=terms, engine="numpy")
    assert sae.check_gradient(objective, theta, method="complex").wrong
    assert sae.check_gradient(objective, theta).wrong
    assert taylor_slope(objective, theta) == pytest.approx(1, abs=0.1)


def test_a_tied_gradient_is_the_sum_of_both_paths():
    X, theta = a_problem(sae.sigmoid)
    free = sae.Autoencoder(X, HIDDEN, lam=0.01, rho=0.1, beta=1)
    tied = sae.Autoencoder(X, HIDDEN, lam=0.01, rho=0.1, beta=1, tied=True)
    W1, _, b1, b2 = free.layout.unpack(theta)
    cost, grad = free(free.layout.pack(W1=W1, W2=W1.T, b1=b1, b2=b2))
    grad_W1, grad_W2, grad_b1, grad_b2 = free.layout.unpack(grad)
    tied_cost, tied_grad = tied(of(tied, theta))
    assert tied_cost == pytest.approx(cost, rel=1e-14)
    np.testing.assert_allclose(
        tied_grad, tied.layout.pack(W1=grad_W1 + grad_W2.T, b1=grad_b1, b2=grad_b2), rtol=1e-13, atol=1e-15
    )
    assert tied.init(np.random.default_rng(0)).size == tied.layout.size
    np.testing.assert_allclose(
        tied.reconstruct(of(tied, theta), X), free.reconstruct(free.layout.pack(W1=W1, W2=W1.T, b1=b1, b2=b2), X)
    )


def test_the_linear_decoder_of_ufldl(rng):
    """ZCA-whitened patches, sigmoid units, linear outputs: delta3 = -(x - a3)."""
    X = sae.data.zca(rng.standard_normal((N, N)) @ rng.standard_normal((N, 40)), eps=0.1).X
    objective = sae.Autoencoder(X, HIDDEN, lam=3e-3, rho=0.035, beta=5, g=sae.identity)
    theta = rng.normal(0, 0.5, objective.layout.size)
    grad_b2 = objective.layout.unpack(objective(theta)[1])[3]
    np.testing.assert_allclose(grad_b2, -(X - objective.reconstruct(theta, X)).mean(axis=1), rtol=1e-12)
    assert sae.check_gradient(objective, theta).ok


# Pairs that do not go together ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "g", "terms", "message"),
    [
        (sae.relu, sae.identity, [SquaredError(), KLSparsity(0.1, 1)], "KL sparsity does not go with f=relu.*L1"),
        (sae.topk(2), sae.identity, [SquaredError(), KLSparsity(0.1, 1)], "KL sparsity does not go with f=topk"),
        (sae.sigmoid, sae.identity, [CrossEntropy()], "cross-entropy does not go with .*g=identity.*g=sae.sigmoid"),
        (sae.sigmoid, sae.softplus, [Poisson()], "Poisson does not go with .*g=softplus.*g=sae.exponential"),
        (Activation("mine", np.sin, np.cos), sae.identity, [SquaredError(), Contractive(1)], "mine has no `curvature`"),
        (sae.topk(5), sae.identity, [SquaredError()], "k = 5 units, but there are 4"),
    ],
)
def test_pairs_that_do_not_go_together_are_refused(f, g, terms, message):
    with pytest.raises(sae.SaeError, match=message):
        sae.Autoencoder(np.full((3, 4), 0.5), 4, f=f, g=g, terms=terms)


def test_targets_out_of_reach_are_refused():
    X = np.array([[0.5, 1.5]])
    for g, terms in ((sae.tanh, [SquaredError()]), (sae.sigmoid, [CrossEntropy()])):
        with pytest.raises(sae.SaeError, match=r"reach only"):
            sae.Autoencoder(X, 2, g=g, terms=terms)
    with pytest.raises(sae.SaeError, match=r"reach only"):
        sae.Autoencoder(-X, 2, g=sae.exponential, terms=[Poisson()])


# Numbers that a student can check ---------------------------------------------------------------------------------


def test_cross_entropy_does_not_overflow():
    X = np.array([[0.0, 1.0, 1.0, 0.25]])
    objective = sae.Autoencoder(X, 1, f=sae.identity, terms=[CrossEntropy()])
    theta = objective.layout.pack(W1=np.zeros((1, 1)), W2=np.zeros((1, 1)), b1=np.zeros(1), b2=np.array([1000.0]))
    cost, grad = objective(theta)
    assert cost == pytest.approx((1000 + 0 + 0 + 750) / 4)
    assert grad[-1] == pytest.approx((1 + 0 + 0 + 0.75) / 4)


def test_satlin_is_matlabs_and_topk_keeps_k():
    np.testing.assert_array_equal(sae.satlin(np.array([-1, 0, 0.3, 1, 2.0])), [0, 0, 0.3, 1, 1])
    z = np.array([[3.0, -1], [1, -2], [2, -3]])
    np.testing.assert_array_equal(sae.topk(2)(z), [[3, -1], [0, -2], [2, 0]])


def test_penalties_by_plain_arithmetic():
    s = SimpleNamespace(a2=np.array([[0.5, 0.25]]), W1=np.array([[3.0, 4.0]]), f=sae.sigmoid, rho_hat=np.array([0.375]))
    assert L1(2.0)(s)[0] == 1.5
    assert Contractive(1.0)(s)[0] == (0.25**2 + 0.1875**2) * 25
    on_tanh = SimpleNamespace(f=sae.tanh, rho_hat=np.array([0.0]))
    assert KLSparsity(0.5, 3.0)(on_tanh)[0] == 0  # the middle of (-1, 1) is half of the range


# Denoising --------------------------------------------------------------------------------------------------------


def test_corruptions(rng):
    X = rng.uniform(0.2, 0.8, (50, 2000))
    noisy = corruption.gaussian(X, 0.1, rng)
    assert (noisy - X).std() == pytest.approx(0.1, rel=0.02)
    masked = corruption.masking(X, 0.3, rng)
    assert (masked == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert ((masked == 0) | (masked == X)).all()
    speckled = corruption.salt_and_pepper(X, 0.2, rng)
    assert (speckled == 0).mean() == pytest.approx(0.1, abs=0.01)
    assert (speckled == 1).mean() == pytest.approx(0.1, abs=0.01)
    assert ((speckled == 0) | (speckled == 1) | (speckled == X)).all()
    assert corruption.masking(X.astype(np.float32), 0.3, rng).dtype == np.float32
    for wrong in (-0.1, 1.1):
        with pytest.raises(sae.SaeError, match="fraction"):
            corruption.masking(X, wrong, rng)


@pytest.mark.parametrize("make", [corruption.masking, corruption.gaussian, corruption.salt_and_pepper])
def test_denoising_is_a_target_of_its_own(make, rng):
    X, theta = a_problem(sae.sigmoid)
    noisy = make(X, 0.3, rng)
    objective = sae.Autoencoder(noisy, HIDDEN, lam=0.01, rho=0.1, beta=1, target=X)
    assert objective(theta)[0] == objective(theta)[0]  # the noise is held
    page = sae.Autoencoder(noisy, HIDDEN, lam=0.01, rho=0.1, beta=1, target=X, engine="numpy")
    assert sae.check_gradient(page, theta, method="complex").relative_error < 1e-14
    a3 = objective.reconstruct(theta, noisy)
    assert objective.costs(theta)["squared error"] == pytest.approx(((a3 - X) ** 2).sum() / 2 / M)


@pytest.mark.parametrize("f", [*SMOOTH, *KINKED], ids=lambda f: f.name)
def test_single_precision_and_threads(f):
    X, theta = a_problem(f)
    double = the_objective(X, f, sae.identity, SquaredError(), [L1(0.1)])
    single = the_objective(X, f, sae.identity, SquaredError(), [L1(0.1)], dtype="float32")
    with threadpool_limits(1):
        (cost, grad), (cost32, grad32) = double(theta), single(theta)
    assert cost32 == pytest.approx(cost, rel=1e-5)
    assert np.linalg.norm(grad32 - grad) < 1e-5 * np.linalg.norm(grad)
    two = the_objective(X, f, sae.identity, SquaredError(), [L1(0.1)], threads=2)
    assert two(theta)[1].tobytes() == grad.tobytes()
