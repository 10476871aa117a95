"""Other libraries evaluate the same cost and gradient; a table without one of them says which to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import CLASSIC
from threadpoolctl import threadpool_info

import sae
from sae.bench import peers
from sae.reference import cost_and_grad
from sae.terms import SquaredError, WeightDecay

MODULES = {"PyTorch eager": "torch", "torch.compile": "torch", "JAX jit": "jax", "scikit-learn MLP": "sklearn"}
SAME_COST = [name for name in peers.PEERS if name != "scikit-learn MLP"]
TOLERANCE = {"float64": 1e-9, "float32": 2e-4}


def make(name, X, n_hidden, **settings):
    """The peer, or a skip where it can't run."""
    if name in MODULES:
        pytest.importorskip(MODULES[name])
    if name == "torch.compile" and not shutil.which(os.environ.get("CXX", "g++")):
        pytest.skip("there is no C++ compiler")
    return peers.PEERS[name](X, n_hidden, **settings)


def agree(found, expected, tolerance):
    assert type(found[0]) is float
    assert found[0] == pytest.approx(expected[0], rel=tolerance)
    assert found[1].dtype == np.float64
    assert found[1].shape == expected[1].shape
    assert np.linalg.norm(found[1] - expected[1]) <= tolerance * np.linalg.norm(expected[1])


def test_the_order_of_the_table():
    assert list(peers.PEERS) == ["student's NumPy", "PyTorch eager", "torch.compile", "JAX jit", "scikit-learn MLP"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("linear", [False, True], ids=["sigmoid", "linear"])
@pytest.mark.parametrize("name", SAME_COST)
def test_cost_and_gradient_are_those_of_the_reference(problem, name, linear, dtype):
    X, n_hidden, theta = problem
    X, before = np.ascontiguousarray(X.T).T, theta.copy()  # rows of examples, as they are measured
    theta.flags.writeable = False
    evaluate = make(name, X, n_hidden, linear=linear, dtype=dtype, **CLASSIC)
    if linear:
        expected = sae.Autoencoder(X, n_hidden, g=sae.identity, **CLASSIC)(theta)
    else:
        expected = cost_and_grad(theta, X, n_hidden, **CLASSIC)
    agree(evaluate(theta), expected, TOLERANCE[dtype])
    evaluate(theta + 1)
    agree(evaluate(theta), expected, TOLERANCE[dtype])  # nothing is left over from call to call
    assert np.array_equal(theta, before)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scikit_learn_has_the_gradient_without_sparsity(problem, dtype):
    X, n_hidden, theta = problem
    n, lam = len(X), CLASSIC["lam"]
    evaluate = make("scikit-learn MLP", X, n_hidden, linear=True, dtype=dtype, **CLASSIC)
    objective = sae.Autoencoder(X, n_hidden, terms=[SquaredError(), WeightDecay(lam)], g=sae.identity)
    costs, expected = objective.costs_and_grad(theta)

    W1, W2, b1, b2 = objective.layout.unpack(theta)
    loss, grad = evaluate(np.concatenate([W1.T.ravel(), W2.T.ravel(), b1, b2]))
    size = W1.size
    W1T, W2T = grad[:size].reshape(n, n_hidden), grad[size : 2 * size].reshape(n_hidden, n)
    found = np.concatenate([W1T.T.ravel(), W2T.T.ravel(), grad[2 * size :]])
    agree((loss, found), (costs["squared error"] / n + costs["weight decay"], expected), TOLERANCE[dtype])


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_library_is_named_with_advice(problem, monkeypatch, name):
    X, n_hidden, _ = problem
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    package = MODULES[name].replace("sklearn", "scikit-learn")
    with pytest.raises(peers.Missing, match=rf"^{package} is not installed: pip install 'sae\[peers\]'$"):
        peers.PEERS[name](X, n_hidden, linear=False, dtype="float64", **CLASSIC)


def test_no_compiler_for_torch(problem, monkeypatch):
    torch = pytest.importorskip("torch")

    def compile_nothing(*_, **__):
        raise RuntimeError("No working C++ compiler found\nand much more")

    monkeypatch.setattr(torch, "compile", compile_nothing)
    X, n_hidden, _ = problem
    with pytest.raises(peers.Missing, match=r"^torch\.compile does not work here: No working C\+\+ compiler found$"):
        peers.PEERS["torch.compile"](X, n_hidden, linear=False, dtype="float64", **CLASSIC)


def test_another_scikit_learn(problem, monkeypatch):
    pytest.importorskip("sklearn")
    from sklearn.neural_network import MLPRegressor

    monkeypatch.setattr(MLPRegressor, "fit", lambda *_: None)  # then what the private method needs is not there
    X, n_hidden, _ = problem
    with pytest.raises(peers.Missing, match="_loss_grad_lbfgs"):
        peers.PEERS["scikit-learn MLP"](X, n_hidden, linear=True, dtype="float64", **CLASSIC)


def test_threads_are_held_and_given_back():
    np.ones((2, 2)) @ np.ones((2, 2))
    before = [library["num_threads"] for library in threadpool_info()]
    with peers.threads(1):
        assert {library["num_threads"] for library in threadpool_info()} == {1}
    assert [library["num_threads"] for library in threadpool_info()] == before


def test_threads_of_torch_are_held_and_given_back():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    with peers.threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


SHARE_OF_THE_BUSIEST_THREAD = """
from pathlib import Path
import numpy as np
from sae.bench import peers

def nanoseconds():
    return {task: int((task / "schedstat").read_text().split()[0]) for task in Path("/proc/self/task").iterdir()}

X = np.random.default_rng(0).uniform(0.1, 0.9, (4000, 200)).T
evaluate = peers.PEERS["JAX jit"](X, 100, linear=False, lam=1e-3, rho=0.05, beta=3.0, dtype="float64")
before = nanoseconds()
for _ in range(20):
    evaluate(np.zeros(2 * 200 * 100 + 300))
spent = [time - before.get(task, 0) for task, time in nanoseconds().items()]
print(max(spent) / sum(spent))
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the time of each thread is known on Linux")
def test_jax_keeps_to_one_thread():
    pytest.importorskip("jax")
    environment = {**os.environ, **peers.ONE_THREAD_ENVIRONMENT}
    command = [sys.executable, "-c", SHARE_OF_THE_BUSIEST_THREAD]
    assert float(subprocess.check_output(command, env=environment, text=True)) > 0.8  # about 0.5 with two
