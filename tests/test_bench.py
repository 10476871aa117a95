"""`sae info` and `sae bench`: what they say is so, and what they measure is measured."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from sae import info
from sae.bench import evaluation
from sae.errors import SaeError


def sae(*arguments, **environment):
    command = [sys.executable, "-m", "sae", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200", **environment}, timeout=300
    )


def test_info_says_what_blas_does():
    text = dict(reversed(info.facts()))
    for library in threadpool_info():
        if library["user_api"] == "blas" and library.get("architecture"):
            assert f"{library['architecture']} kernels, {library['num_threads']} thread" in text["BLAS"]
    paths = [line for heading, line in info.facts() if heading == "evaluation"]
    assert any("sigmoid hidden, sigmoid output, squared error: Numba kernels" in line for line in paths)
    assert any("NumPy: there is no kernel for hidden activation relu" in line for line in paths)


def test_info_names_what_is_forced():
    done = sae("info", OPENBLAS_NUM_THREADS="1", NUMBA_DISABLE_JIT="1")
    assert done.returncode == 0, done.stderr
    assert "OPENBLAS_NUM_THREADS=1, " in done.stdout
    assert "interpreted, since NUMBA_DISABLE_JIT is set" in done.stdout


TINY = evaluation.Shape(6, 4, 50, False, 3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("linear", [False, True])
def test_measure(linear, dtype):
    answer = evaluation.measure(TINY._replace(linear=linear), dtype, 2)
    assert {evaluation.OURS, evaluation.PAGE, "student's NumPy"} <= answer["ratios"].keys()
    assert answer["speedup"] > 0
    assert answer["ratios"].keys() | answer["missing"].keys() >= set(evaluation.COLUMNS)
    assert min(answer["ratios"].values()) > 0


def test_a_peer_that_computes_something_else_is_no_peer(monkeypatch):
    def wrong(*arguments, **settings):
        right = student(*arguments, **settings)
        return lambda theta: (right(theta)[0], 1.001 * right(theta)[1])

    student = evaluation.peers.PEERS["student's NumPy"]
    monkeypatch.setattr(evaluation.peers, "PEERS", {"student's NumPy": wrong})
    with pytest.raises(SaeError, match="student's NumPy and sae disagree"):
        evaluation.measure(TINY, "float64", 1)


def test_five_products_are_the_five(rng):
    W1, W2, X = rng.random((4, 6)), rng.random((6, 4)), rng.random((6, 9))
    run = evaluation.five_products(W1, W2, X)
    run()
    a2, a3, delta2, grad_W1, grad_W2 = (
        cell.cell_contents
        for cell in [
            run.__closure__[run.__code__.co_freevars.index(name)]
            for name in ("a2", "a3", "delta2", "grad_W1", "grad_W2")
        ]
    )
    np.testing.assert_allclose(a2, W1 @ X)
    np.testing.assert_allclose(a3, W2 @ a2)
    np.testing.assert_allclose(delta2, W2.T @ a3)
    np.testing.assert_allclose(grad_W2, a3 @ a2.T)
    np.testing.assert_allclose(grad_W1, delta2 @ X.T)


def test_bench(tmp_path):
    options = ("--shapes", "a", "--quick", "--no-peers", "--dtype", "float64", "--threads", "1,2", "--own-kernels")
    done = sae("bench", *options, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    records = json.loads((tmp_path / "evaluation.json").read_text())
    assert [(r["shape"], r["threads"], r["dtype"]) for r in records] == [("A", 1, "float64"), ("A", 2, "float64")]
    for record in records:
        assert f"{record['ratios'][evaluation.OURS]:.2f}" in done.stdout
    assert "times as fast as on 1 thread" in done.stdout
    assert (tmp_path / "evaluation.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--shapes", "AX"], "--shapes is 'X'; expected one of A, B, C, D"),
        (["--threads", "one"], "--threads is 'one'; expected a whole number"),
        (["--threads", "0"], "--threads is 0; expected a whole number of at least 1"),
        (["--shapes", ""], "--shapes is ''"),
    ],
)
def test_bench_refuses(options, message, tmp_path):
    done = sae("bench", *options, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()
