"""Each kernel against the NumPy line in its docstring; the exponential over its whole range."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest

from sae import kernels, terms
from tests.benchmarks.kernels import docstring_line

SHAPES = [(1, 1), (7, 1), (1, 5), (25, 512), (64, 333), (3, 48), (700, 2)]  # units, examples
KERNELS = ["sigmoid_layer", "sigmoid_hidden_delta", "sigmoid_output", "identity_output"]
DTYPES = [np.float64, np.float32]
QUICK = bool(numba.config.DISABLE_JIT)  # interpreted, kernels are a thousand times slower
MANY = 400 if QUICK else 400_000


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [1.0, 40.0, 1000.0])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", KERNELS)
def test_kernel_equals_its_docstring(name, order, shape, scale, dtype, rng):
    kernel = getattr(kernels, name)
    z, a = (scale * rng.standard_normal(shape)).astype(dtype, order), rng.uniform(0, 1, shape).astype(dtype, order)
    b = (scale * rng.standard_normal(shape[0])).astype(dtype)
    arguments = (z, b) if name == "sigmoid_layer" else (z, b, a)
    ours, exact = [x.copy(order="K") for x in arguments], [x.astype(np.float64) for x in arguments]
    with np.errstate(over="ignore"):
        results = [kernel(*ours), docstring_line(kernel)(*exact)]
    eps = np.finfo(dtype).eps
    size = 1 if "sigmoid_" in name and "delta" not in name else 4 * scale  # |z| a (1 - a) < 0.23, however large z is
    if "output" in name:  # cost and sums
        assert results[0][0] == pytest.approx(results[1][0], rel=1e-12 if dtype is np.float64 else 1e-5)
        results = [r[1] for r in results]
    assert results[0].dtype == ours[0].dtype == dtype
    np.testing.assert_allclose(results[0], results[1], rtol=20 * eps, atol=8 * eps * size * shape[1])
    for mine, his in zip(ours, exact, strict=True):
        np.testing.assert_allclose(mine, his, rtol=20 * eps, atol=8 * eps * size)


@pytest.mark.parametrize("units", [1, 25, 400])
def test_kl_sparsity_equals_its_twin(units, rng):
    rho_hat = np.concatenate([rng.uniform(1e-12, 1, units), [1e-300, 1 - 1e-16]])
    for ours, theirs in zip(
        kernels.kl_sparsity(rho_hat, 0.01, 3.0), terms.kl_sparsity(rho_hat, 0.01, 3.0), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@numba.njit
def exp_all(x):
    y = np.empty_like(x)
    for i in range(x.size):
        y[i] = kernels.exp(x[i])
    return y


def quiet_exp(x):
    with np.errstate(all="ignore"):
        return exp_all(x)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (np.float64, -708, 709.78),
        (np.float32, -86, 88.72),
        *((dtype, -x, x) for dtype in DTYPES for x in (40, 1, 1e-3, 1e-8)),
    ],
)
def test_exp_is_within_two_units_in_the_last_place(dtype, low, high, rng):
    x = rng.uniform(low, high, MANY).astype(dtype)
    exact = np.exp(x.astype(np.longdouble))
    ulps = np.abs(quiet_exp(x) - exact) / np.spacing(exact.astype(dtype))
    assert ulps.max() < 2


@pytest.mark.parametrize(("dtype", "lowest"), [(np.float64, -708.0), (np.float32, -86.0)])
def test_exp_at_the_ends(dtype, lowest):
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.array([np.nan, np.inf, 1e6, 710.0, 709.79, 0.0, -0.0, tiny, -tiny, lowest], dtype)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(quiet_exp(x), np.exp(x), rtol=2 * np.finfo(dtype).eps)
    below = np.array([lowest - 1, -745.0, -1e6, -np.inf], dtype)
    assert (quiet_exp(below) == quiet_exp(np.array([lowest], dtype))).all()


@pytest.mark.parametrize(("dtype", "edge"), [(np.float64, 36.8), (np.float32, 16.7)])
def test_sigmoid_over_the_whole_range(dtype, edge):
    # down to -700 the sigmoid is a normal number; from -710 (single: -89) on exp is infinite and it is 0
    z = np.concatenate([np.linspace(-800, 800, 4001), [-np.inf, np.inf, -709.9, -edge, edge]]).astype(dtype)
    ours = z[None].copy()
    kernels.sigmoid_layer(ours, np.zeros(1, dtype))
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(ours[0], expected, rtol=8 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)
    nan = np.array([[np.nan, 1.0]], dtype)
    kernels.sigmoid_layer(nan, np.zeros(1, dtype))
    assert np.isnan(nan[0, 0])


@pytest.mark.parametrize("p", [1, 1000])
def test_adam_step_equals_its_docstring(p, rng):
    theta, m, grad = rng.standard_normal((3, p))
    arguments = theta, m, rng.uniform(0, 1, p), grad
    ours, theirs = ([x.copy() for x in arguments] for _ in range(2))
    for t in (1, 2, 1000):
        kernels.adam_step(*ours, t, 1e-3, 0.9, 0.999, 1e-8)
        docstring_line(kernels.adam_step)(*theirs, t, 1e-3, 0.9, 0.999, 1e-8)
    for mine, his in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, his, rtol=1e-12, atol=1e-15)


def test_the_second_start_compiles_nothing(tmp_path):
    code = (
        "import numpy as np, sae\n"
        "from sae.kernels import on_compile\n"
        "with on_compile(lambda: print('compiling')):\n"
        "    for g in (sae.sigmoid, sae.identity):\n"
        "        sae.Autoencoder(np.full((3, 4), 0.5), 2, lam=0.1, rho=0.1, beta=1, g=g)(np.zeros(17))\n"
        "print('done')"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    runs = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.split() for run in runs] == [["compiling", "done"], ["done"]]
