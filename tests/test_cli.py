"""The command line as a user meets it: in a process of its own."""

import csv
import io
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import typer
from rich.console import Console

import sae
from sae import progress
from sae.commands import frame
from sae.experiment import FILES

SMALL = ["--patches", "300", "--hidden", "6", "--images", "camera,coffee"]


def start(*arguments, cwd):
    environment = {**os.environ, "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "sae", *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments, cwd):
    process = start(*arguments, cwd=cwd)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err
    return process.returncode, out, err


def test_train_writes_what_it_says(tmp_path):
    code, out, err = run("train", *SMALL, "--iterations", "30", cwd=tmp_path)
    assert code == 0, err
    folder = tmp_path / "sae-run"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert "written to       sae-run/" in out
    assert "stopped at the iteration limit: still improving by" in out
    assert "of 6 filters are oriented" in out
    assert "target rho 0.01" in out
    for name in ("squared error", "weight decay", "KL sparsity"):
        assert name in out
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["iteration"]) for row in rows] == list(range(31))
    assert ",".join(rows[0]) == "iteration,evaluations,cost,squared error,weight decay,KL sparsity,max_grad"
    model = sae.model_file.load(folder / "model.safetensors")
    assert model.layout == sae.Layout.autoencoder(64, 6)
    assert model.about["settings"]["seed"] == 0
    assert f"J                {float(rows[-1]['cost']):.6f}" in out
    for name in FILES:
        if name.endswith(".png"):
            assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_same_seed_same_theta(tmp_path):
    for out, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert run("train", *SMALL, "--iterations", "20", "--seed", seed, "--out", out, cwd=tmp_path)[0] == 0
    a, b, c = (sae.model_file.load(tmp_path / out / "model.safetensors").theta for out in "abc")
    assert a.tobytes() == b.tobytes()
    assert not np.allclose(a, c)
    for name in FILES[:-1]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_engines_agree(tmp_path):
    for engine in ("numba", "numpy"):
        assert run("train", *SMALL, "--iterations", "5", "--engine", engine, "--out", engine, cwd=tmp_path)[0] == 0
    ours, theirs = (sae.model_file.load(tmp_path / engine / "model.safetensors").theta for engine in ("numba", "numpy"))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


def test_threads_change_nothing(tmp_path):
    for threads in ("1", "2"):
        options = ("--iterations", "5", "--patches", "3000", "--threads", threads, "--out", threads)
        code, out, err = run("train", *SMALL, *options, cwd=tmp_path)
        assert code == 0, err
        assert f"blocks on {threads} thread" in out
    one, two = (sae.model_file.load(tmp_path / threads / "model.safetensors").theta for threads in "12")
    assert one.tobytes() == two.tobytes()


def test_single_precision_ends_in_double(tmp_path):
    code, out, err = run("train", *SMALL, "--iterations", "30", "--dtype", "float32", "--out", "f", cwd=tmp_path)
    assert code == 0, err
    assert "Numba kernels; float32" in out
    model = sae.model_file.load(tmp_path / "f" / "model.safetensors")
    assert model.theta.dtype == np.float64
    assert model.about["settings"]["dtype"] == "float32"


@pytest.mark.parametrize("options", [[], ["--threads", "2"], ["--dtype", "float32"]])
def test_ctrl_c_writes_the_best_so_far(options, tmp_path):
    process = start("train", "--patches", "20000", "--iterations", "100000", *options, cwd=tmp_path)
    assert process.stderr is not None
    while "iteration" not in process.stderr.readline():  # a line every two seconds
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted after" in out
    assert "this is the best theta so far" in out
    folder = tmp_path / "sae-run"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    with (folder / "history.csv").open() as file:
        costs = [float(row["cost"]) for row in csv.DictReader(file)]
    assert f"{costs[-1]:.6f}" in out
    assert costs[-1] == min(costs)


def test_a_second_ctrl_c_does_not_cost_the_results(tmp_path):
    process = start("train", "--patches", "20000", "--iterations", "100000", cwd=tmp_path)
    assert process.stderr is not None
    while "iteration" not in process.stderr.readline():
        assert process.poll() is None
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
        if process.poll() is not None:
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "this is the best theta so far" in out
    assert sorted(path.name for path in (tmp_path / "sae-run").iterdir()) == sorted(FILES)


def test_ctrl_c_before_the_training_leaves_nothing(tmp_path):
    process = start("train", cwd=tmp_path)
    assert process.stderr is not None
    process.stderr.readline()  # "9 photographs": they are being read now
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing was written" in err
    assert not list(tmp_path.iterdir())


RECORD = {
    "iteration": 3,
    "evaluations": 5,
    "cost": 0.5,
    "squared error": 0.3,
    "KL sparsity": 0.2,
    "max_grad": 1e-3,
}


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_shows_all_there_is(terminal, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS", 0.0)
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=100, color_system=None, legacy_windows=False)
    with progress.TrainingProgress(console, 10) as show:
        show({**RECORD, "iteration": 0})
        time.sleep(0.01)
        show(RECORD)
    text = shown.getvalue()
    for fact in (
        "3/10",
        "J",
        "0.50000",
        "squared error",
        "0.30000",
        "KL sparsity",
        "0.20000",
        "1.0e-03",
        "evaluations",
    ):
        assert fact in text
    assert "left" in text
    assert "max |gradient|" in text


def test_a_reader_that_goes_away_does_not_end_the_training(tmp_path):
    process = start("train", "--patches", "20000", "--iterations", "200", cwd=tmp_path)
    assert process.stderr is not None
    assert process.stdout is not None
    process.stderr.readline()
    process.stderr.close()
    process.stdout.close()
    process.wait(timeout=120)
    assert process.returncode == 0
    assert sorted(path.name for path in (tmp_path / "sae-run").iterdir()) == sorted(FILES)


def test_what_a_terminal_can_not_show_does_not_end_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    code, out, _ = run("train", *SMALL, "--iterations", "1", "--out", "é", cwd=tmp_path)
    assert code == 0
    assert "\\xe9/" in out


def test_folders_with_brackets_are_named_as_they_are(tmp_path):
    code, out, _ = run("train", *SMALL, "--iterations", "1", "--out", "run[v2][/b]", cwd=tmp_path)
    assert code == 0
    assert "run[v2][/b]/" in out


def test_units_that_detect_nothing_are_not_counted(tmp_path):
    _, out, _ = run("train", *SMALL, "--iterations", "100", "--lambda", "0.01", cwd=tmp_path)
    assert "0 of 6 filters are oriented" in out
    assert "6 units answer the same to every patch" in out


def test_results_are_not_overwritten_unasked(tmp_path):
    arguments = ["train", *SMALL, "--iterations", "2"]
    assert run(*arguments, cwd=tmp_path)[0] == 0
    assert run(*arguments, cwd=tmp_path)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sae-run", "sae-run-2"]
    code, _, err = run(*arguments, "--out", "sae-run", cwd=tmp_path)
    assert code == 2
    assert "already holds a run" in err
    assert run(*arguments, "--out", "sae-run", "--overwrite", cwd=tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--patches", "0"], "--patches is 0"),
        (["--images", "coffee", "--patches", "999999"], "images hold only"),
        (["--side", "301"], "a patch of 301 x 301 is larger than image 0, 300 x 451"),
        (["--images", "cat"], "--images is 'cat'; expected one of camera,"),
        (["--rho", "0"], "--rho is 0.0; expected a finite number strictly between 0 and 1"),
        (["--rho", "nan"], "rho is nan"),
        (["--lambda", "-1"], "--lambda is -1.0"),
        (["--beta", "-1"], "beta is -1.0"),
        (["--hidden", "0"], "hidden is 0"),
        (["--iterations", "0"], "iterations is 0"),
        (["--f0", "0"], "f0 is 0.0"),
        (["--clip", "-3"], "clip is -3.0"),
        (["--init-radius", "0"], "--init-radius is 0.0"),
        (["--seed", "-1"], "seed is -1"),
        (["--range", "0", "2"], "sigmoid output units reach only [0, 1]"),
        (["--range", "0.9", "0.1"], "--range is 0.9 0.1; expected its lower end first"),
        (["--init-radius", "10000"], "hidden units is not strictly between 0 and 1"),
        (["--out", "/proc/nowhere/run"], "can't write into the folder /proc/nowhere/run"),
        (["--out", __file__], "can't write into the folder"),
        (["--bogus"], "No such option"),
        (["--hidden", "1000000000000000000"], "--hidden is 1000000000000000000; expected a whole number of at most"),
        (["--max-pairs", "14000"], "--max-pairs is 14000; expected a whole number of at most 1000"),
        (["--init-radius", "1e308"], "--init-radius is 1e+308"),
        (["--images", "camera,"], "--images is ''; expected one of"),
        (["--hidden", "many"], "Invalid value for"),
        (["--engine", "fortran"], "'fortran' is not one of"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(tmp_path, arguments, message):
    code, out, err = run("train", "--images", "chelsea,camera,chelsea", "--patches", "200", *arguments, cwd=tmp_path)
    assert code == 2
    assert message in " ".join(err.split())
    assert not out
    assert not list(tmp_path.iterdir())  # no empty folder is left


def test_running_out_of_memory_is_one_message(capsys):
    with pytest.raises(typer.Exit) as stopped, frame.plain_errors():
        raise MemoryError("Unable to allocate 2 TiB.")
    assert stopped.value.exit_code == 2
    assert "not enough memory. Unable to allocate 2 TiB. Use a smaller --hidden" in capsys.readouterr().err


def test_a_training_that_saturates_leaves_its_best(tmp_path):
    arguments = ["--rho", "0.9999999999999999", "--beta", "1e6"]
    code, out, err = run("train", *SMALL, *arguments, cwd=tmp_path)
    assert code == 2
    for text in (out, err):  # the table says why, too
        assert "training stopped after" in text
        assert "rho_hat of" in text
    assert sorted(path.name for path in (tmp_path / "sae-run").iterdir()) == sorted(FILES)


def test_the_folder_is_tried_before_the_training(tmp_path):
    start_time = time.monotonic()
    code, _, err = run("train", "--iterations", "100000", "--out", "/proc/x", cwd=tmp_path)
    assert code == 2
    assert "choose another one" in err
    assert time.monotonic() - start_time < 30


def test_help_teaches(tmp_path):
    code, out, _ = run("--help", cwd=tmp_path)
    assert code == 0
    assert "train" in out
    code, out, _ = run("train", "--help", cwd=tmp_path)
    assert code == 0
    for option in (
        "--whitening",
        "--f0",
        "--patches",
        "--rho",
        "--lambda",
        "--beta",
        "--iterations",
        "--seed",
        "--out",
    ):
        assert option in out
    assert "Examples" in out
    assert run("--version", cwd=tmp_path)[1].strip() == f"sae {sae.__version__}"


def test_the_first_start_says_that_it_compiles(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    messages = [run("train", *SMALL, "--iterations", "2", cwd=tmp_path)[2] for _ in range(2)]
    assert "Compiling the kernels" in messages[0]
    assert "Compiling" not in messages[1]


def test_the_summary_shows_the_gradient_check(capsys):
    """Where the line search failed."""
    from pathlib import Path
    from types import SimpleNamespace

    from sae.commands.photographs import summary

    result = sae.minimize_lbfgs(lambda x: (x @ x, -2 * x), np.ones(3))
    objective = SimpleNamespace(explain_engine=lambda: "NumPy")
    experiment = SimpleNamespace(rho=0.1)
    run = SimpleNamespace(
        result=result, rho_hat=np.ones(2) / 2, costs={}, oriented="none", objective=objective, experiment=experiment
    )
    summary(run, Path("runs"))
    shown = " ".join(capsys.readouterr().out.split())
    assert "The gradient is wrong in theta" in shown
    assert "gradient check (complex), relative errors: WRONG" in shown
