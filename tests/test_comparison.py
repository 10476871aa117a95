"""`sae compare`: what it measures, by plain arithmetic; every variant trains; what a user meets."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import sae
from sae.studies import comparison
from sae.studies.comparison import VARIANTS, Training
from sae.studies.measures import active_units, unexplained


@pytest.fixture(scope="module")
def training():
    return Training(hidden=9, patches=400, iterations=8)


def run(*arguments, cwd):
    command = [sys.executable, "-m", "sae", "compare", "--quick", "--hidden", "9", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def test_variance_unexplained_by_plain_arithmetic():
    X = np.array([[0.0, 2, 4], [1, 1, 1]])
    assert unexplained(X, X) == 0
    assert unexplained(X, np.array([[2.0, 2, 2], [1, 1, 1]])) == 1
    assert unexplained(X, X + np.array([[1], [0]])) == 3 / 8


def test_active_units_by_plain_arithmetic():
    code = np.array([[0.5, 0.5, 0.5, 1.5], [0.0, 0.0, 0.0, 0.05], [-1.0, -1.0, 0.0, -1.0]])
    assert active_units(code) == 2 / 4  # unit 1 in the last example, unit 3 in the third; 0.05 is too little
    assert active_units(3 * code + 7) == 2 / 4


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_trains_and_its_gradient_is_right(name, training):
    one = training.train(name)
    again = training.train(name)
    assert one.result.history[-1]["cost"] < one.result.history[0]["cost"]
    assert one.result.cost == again.result.cost
    assert 0 < one.unexplained < 1.5
    assert one.W1.shape == (9, 64)
    direction = np.random.default_rng(0).standard_normal(one.result.theta.size)
    theta = one.objective.init(np.random.default_rng(1))
    h = 1e-6
    rise = (one.objective(theta + h * direction)[0] - one.objective(theta - h * direction)[0]) / (2 * h)
    assert one.objective(theta)[1] @ direction == pytest.approx(rise, rel=1e-4)


def test_all_see_the_same_patches_and_weights(training):
    standard, kl = training.train("standard"), training.train("kl")
    assert standard.objective.X.tobytes() == kl.objective.X.tobytes()
    starts = [one.objective.init(training.experiment.rng(1)) for one in (standard, kl)]
    assert starts[0].tobytes() == starts[1].tobytes()
    assert not np.isin(training.unseen[0, :50], training.X[0]).all()


def test_pca_is_the_best_of_linear_maps(training):
    assert 0 < training.pca() < training.train("decay").unexplained
    everything = Training(hidden=64, patches=200, iterations=1)
    assert everything.pca() == pytest.approx(0, abs=1e-20)


def test_an_unknown_variant_is_refused():
    with pytest.raises(sae.SaeError, match="variant is 'sparse'; expected one of standard, decay, kl"):
        comparison.variant("sparse")


def test_the_command_writes_a_table_and_a_picture(tmp_path):
    done = run("--study", "variants", "--variants", "standard,topk", "--out", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "standard" in done.stdout
    table = (tmp_path / "here/variants.md").read_text().splitlines()
    assert len(table) == 4
    with (tmp_path / "here/variants.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["variant"] for row in rows] == ["standard", "topk"]
    assert (tmp_path / "here/variants.png").read_bytes().startswith(b"\x89PNG")


def test_the_other_studies_write_tables_and_pictures(tmp_path):
    done = run("--study", "dictionary", "--study", "denoising", "--out", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "here").iterdir()}
    tables = {f"{name}.{ending}" for name in ("dictionary", "denoising") for ending in ("md", "csv")}
    assert names == tables | {"dictionary.png", "denoising-gaussian.png", "denoising-salt-and-pepper.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--variants", "kl,sparse"], "variant is 'sparse'"), (["--patches", "0"], "patches is 0")],
)
def test_bad_input_is_one_message(arguments, message, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_ctrl_c_keeps_what_is_done(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sae",
        "compare",
        "--study",
        "variants",
        "--iterations",
        "100000",
        "--out",
        "here",
        "--variants",
        "kl,l1",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stderr is not None
        while "iteration " not in process.stderr.readline():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
    with (tmp_path / "here/variants.csv").open() as file:
        assert [row["variant"] for row in csv.DictReader(file)] == ["kl"]
