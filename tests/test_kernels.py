"""Each kernel against the NumPy line in its docstring; the exponential over its whole range."""

import os
import subprocess
import sys

import numba
import numpy as np
import pytest

from sae import fused, kernels, terms
from tests.benchmarks.kernels import docstring_line

SHAPES = [(1, 1), (1, 7), (5, 1), (25, 512), (64, 333)]


def equal(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [1.0, 40.0, 1000.0])
@pytest.mark.parametrize(
    "name",
    ["sigmoid_layer", "sigmoid_hidden_delta", "sigmoid_output", "identity_output"],
)
def test_kernel_equals_its_docstring(name, shape, scale, rng):
    kernel = getattr(kernels, name)
    z, a = scale * rng.standard_normal(shape), rng.uniform(0, 1, shape)
    b = scale * rng.standard_normal(shape[1] if "output" in name else shape[0])
    arguments = {
        "layer": lambda: (z.copy(), b.copy()),
        "output": lambda: (z.copy(), b.copy(), a.copy()),
        "hidden_delta": lambda: (z.copy(), b.copy(), a.copy()),
    }[name.split("_", 1)[1]]
    ours, theirs = arguments(), arguments()
    with np.errstate(over="ignore"):
        results = [kernel(*ours), docstring_line(kernel)(*theirs)]
    if "output" in name:  # cost and sums
        assert results[0][0] == pytest.approx(results[1][0], rel=1e-12)
        results = [r[1] for r in results]
    size = (
        np.abs(theirs[0]).sum(axis=0 if "output" in name else 1).max()
    )  # a sum may cancel: compare with the size of its parts
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12, atol=1e-13 * size)
    for mine, his in zip(ours, theirs, strict=True):
        equal(mine, his)


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


@pytest.mark.parametrize(("low", "high"), [(-708, 709.78), (-40, 40), (-1, 1), (-1e-8, 1e-8)])
def test_exp_is_within_two_units_in_the_last_place(low, high, rng):
    x = rng.uniform(low, high, 400_000)
    exact = np.exp(x.astype(np.longdouble))
    ulps = np.abs(exp_all(x) - exact) / np.spacing(exact.astype(float))
    assert ulps.max() < 2


def test_exp_at_the_ends():
    x = np.array([np.nan, np.inf, 1e6, 710.0, 709.79, 0.0, -0.0, 5e-324, -708.0])
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(exp_all(x), np.exp(x), rtol=1e-15)
    assert (exp_all(np.array([-709.0, -745.0, -1e6, -np.inf])) == exp_all(np.array([-708.0]))).all()


def test_sigmoid_over_the_whole_range():
    z = np.concatenate([np.linspace(-800, 800, 4001), [-np.inf, np.inf, -709.9, -36.8, 36.8]])
    ours = z[None, :].copy()
    kernels.sigmoid_layer(ours, np.zeros(1))
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(ours[0], 1 / (1 + np.exp(-z)), rtol=1e-15)
    nan = np.array([[np.nan, 1.0]])
    kernels.sigmoid_layer(nan, np.zeros(1))
    assert np.isnan(nan[0, 0])


def test_the_second_start_compiles_nothing(tmp_path):
    code = (
        "import numpy as np, sae\n"
        "from sae.kernels import on_compile\n"
        "with on_compile(lambda: print('compiling')):\n"
        "    for g in (sae.sigmoid, sae.identity):\n"
        "        sae.Autoencoder(np.full((3, 4), 0.5), 2, lam=0.1, rho=0.1, beta=1, g=g)(np.zeros(17))\n"
        "print('done')"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.split() for run in runs] == [["compiling", "done"], ["done"]]


@pytest.mark.parametrize("transposed", [False, True])
def test_add_product_adds_in_place(transposed, rng):
    a, b = rng.standard_normal((4, 9)), rng.standard_normal((9, 6))
    sums = rng.standard_normal((6, 4)).T if transposed else rng.standard_normal((4, 6))
    total = np.ascontiguousarray(sums)
    expected = total + a @ b
    fused.add_product(total, a, b)  # BLAS would add to a copy, and lose it, if it needed one
    np.testing.assert_allclose(total, expected, rtol=1e-13, atol=1e-13)
