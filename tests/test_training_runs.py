"""Trainings that end before their time, by a kill, Ctrl-C or an error, and go on: at the command line and in `fit`."""

import itertools
import os
import signal
import threading
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from sklearn.datasets import load_digits
from typer.testing import CliRunner

import sae
from sae import estimators, model_file, progress, terms
from sae.cli import app
from sae.commands import options

X = load_digits().data[:80]
MINIBATCHES = ["--solver", "adam", "--epochs", "7", "--batch-size", "16"]
PHOTOGRAPHS = ["--patches", "200", "--hidden", "5", "--images", "camera", "--engine", "numpy"]
SOLVERS = ["lbfgs", "cg", "bfgs", "newton-cg", "adam", "adamw", "sgd"]


def call(*arguments, code=0):
    result = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def said(result):
    return " ".join(result.stderr.split())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("digits.npy", X)
    return tmp_path


def files_of(run):
    model = model_file.load(Path(run, "model.safetensors"))
    return model.theta.tobytes(), Path(run, "history.csv").read_text(), model.about.get("stop_reason")


class KilledError(BaseException):
    """Ends a process where it stands; nothing of this package catches it."""


def killed(after, monkeypatch, *arguments):
    """Train until that iteration, and no further."""

    def show(self, record):
        if record["iteration"] > after:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(progress.TrainingProgress, "__call__", show)
        with pytest.raises(KilledError):
            CliRunner().invoke(app, arguments, catch_exceptions=False)


# --checkpoint and --resume -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--solver", "adamw", "--schedule", "cosine", "--clip-norm", "0.5"],
        ["--solver", "sgd", "--schedule", "step", "--validation", "0.2", "--patience", "3", "--tol", "0.02"],
        ["--learning-rate", "0.3", "--validation", "0.2", "--patience", "2"],
        ["--model", "denoising", "--scale", "range"],
        ["--model", "variational", "--likelihood", "gaussian", "--validation", "0.1", "--learning-rate", "0.001"],
    ],
)
def test_a_resumed_run_on_minibatches_is_the_uninterrupted_one(arguments, monkeypatch):
    call("train", "digits.npy", *MINIBATCHES, *arguments, "--out", "whole")
    killed(3, monkeypatch, "train", "digits.npy", *MINIBATCHES, *arguments, "--checkpoint", "2", "--out", "run")
    assert sae.resume("run/checkpoint.safetensors").iteration == 2
    assert not Path("run/model.safetensors").exists()
    call("train", "--resume", "run")
    assert files_of("run") == files_of("whole")
    call("train", "--resume", "run")  # at its end: the same once more
    assert files_of("run") == files_of("whole")


@pytest.mark.parametrize("solver", ["lbfgs", "cg"])
def test_a_resumed_run_on_all_examples_goes_on_downwards(solver, monkeypatch):
    settings = ["--solver", solver, "--iterations", "20", "--validation", "0.2", "--patience", "20"]
    killed(8, monkeypatch, "train", "digits.npy", *settings, "--checkpoint", "2", "--out", "run")
    before = sae.resume("run/checkpoint.safetensors")
    assert before.iteration == 8
    call("train", "--resume", "run")
    rows = np.genfromtxt("run/history.csv", delimiter=",", names=True)
    assert rows["iteration"].tolist() == [*range(21)]
    assert rows["cost"][:9].tolist() == [record["cost"] for record in before.history]
    assert np.isfinite(rows["validation"]).all()
    assert (np.diff(rows["cost"]) <= 0).all()


def test_photographs_go_on_too(monkeypatch):
    killed(6, monkeypatch, "train", *PHOTOGRAPHS, "--iterations", "12", "--checkpoint", "3", "--out", "run")
    before = sae.resume("run/checkpoint.safetensors")
    assert before.iteration == 6
    refused = call("train", "--resume", "run", "--hidden", "6", code=2)
    assert "--hidden is 6, and was 5 in the training to resume" in said(refused)
    call("train", "--resume", "run")
    rows = np.genfromtxt("run/history.csv", delimiter=",", names=True)
    assert rows["iteration"].tolist() == [*range(13)]
    assert rows["cost"][:7].tolist() == [record["cost"] for record in before.history]
    assert Path("run/filters.png").exists()
    assert "already holds a run" in said(call("train", *PHOTOGRAPHS, "--out", "run", code=2))
    call("train", *PHOTOGRAPHS, "--iterations", "2", "--out", "run", "--overwrite")
    assert not Path("run/checkpoint.safetensors").exists()  # it was of the run that was replaced


def test_what_can_not_change_on_the_way(monkeypatch):
    killed(4, monkeypatch, "train", "digits.npy", *MINIBATCHES, "--checkpoint", "2", "--out", "run")
    for change, message in [
        (["--hidden", "9"], "hidden_dim is 9, and was 25"),
        (["--scale", "minmax"], "--scale is"),
        (["--solver", "sgd"], "solver is 'sgd', and was 'adam'"),
        (["--out", "other"], "writes into that folder"),
        (["--validation", "0.2"], "validation_fraction is 0.2"),
    ]:
        assert message in said(call("train", "--resume", "run", *change, code=2))


# A training that can't go on -----------------------------------------------------------------------------------------


def nan_after(steps, monkeypatch):
    """Let J be NaN from a step on, as where the weights have become too large."""
    batch, count = sae.Autoencoder.batch, itertools.count()

    def failing(self, columns):
        good = next(count) < steps
        return batch(self, columns) if good else lambda theta: (np.nan, np.zeros_like(theta))

    monkeypatch.setattr(sae.Autoencoder, "batch", failing)


def test_a_training_that_fails_keeps_its_best(monkeypatch):
    settings = [*MINIBATCHES, "--validation", "0.2"]
    call("train", "digits.npy", *settings, "--epochs", "2", "--out", "two")
    with monkeypatch.context() as patch:
        nan_after(2 * 4 + 1, patch)  # in the third epoch
        failed = call("train", "digits.npy", *settings, "--out", "run", code=2)
    assert "Error: training stopped after 2 epochs, in step 9: the objective returned the cost nan" in said(failed)
    assert "training stopped after 2 epochs" in " ".join(failed.stdout.split())
    assert files_of("run")[:2] == files_of("two")[:2]
    assert Path("run/config.toml").exists()
    nan_after(3, monkeypatch)
    assert "after 0 epochs" in said(call("train", "digits.npy", *settings, "--out", "nothing", code=2))
    assert not Path("nothing").exists()  # no epoch was done


def test_an_estimator_that_fails_is_fitted_with_its_best(monkeypatch):
    settings = {"solver": "sgd", "batch_size": 40, "random_state": 0}
    two = estimators.SparseAutoencoder(max_iter=2, **settings).fit(X)
    estimator, new = (estimators.SparseAutoencoder(max_iter=9, **settings) for _ in range(2))
    for each, steps in ((estimator, 5), (new, 1)):
        with monkeypatch.context() as patch:
            nan_after(steps, patch)
            with pytest.raises(sae.TrainingError, match="training stopped after"):
                each.fit(X)
    np.testing.assert_array_equal(estimator.transform(X), two.transform(X))
    assert estimator.n_iter_ == len(estimator.loss_curve_) == 2
    assert not hasattr(new, "W1_")


# Held-out examples teach nothing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["none", "minmax", "range", "zca", "patches"])
def test_held_out_examples_do_not_touch_the_model(scale):
    """Were they other examples, the model would be the same."""
    held_out = np.random.default_rng(0).spawn(3)[2].permutation(80)[:16]
    trained = np.delete(np.arange(80), held_out)
    settings = ["--scale", scale, "--iterations", "3", "--validation", "0.2"]
    for name, changed in (("one", []), ("two", held_out), ("three", trained[:1])):  # the last: planted
        rows = X.copy()
        rows[changed] = 30 * np.random.default_rng(1).standard_normal((len(changed), 64))
        np.save(f"{name}.npy", rows)
        call("train", f"{name}.npy", *settings, "--out", name)
    one, two, three = (model_file.load(f"{name}/model.safetensors") for name in ("one", "two", "three"))
    assert one.theta.tobytes() == two.theta.tobytes() != three.theta.tobytes()
    for a, b in zip(one.preprocessing, two.preprocessing, strict=True):
        np.testing.assert_equal(a, b)


def test_cross_entropy_is_none_beyond_the_range():
    held_out = np.random.default_rng(0).spawn(3)[2].permutation(80)[:16]
    rows = X / 16
    rows[held_out[3], 5] = 1.5
    np.save("rows.npy", rows)
    result = call("train", "rows.npy", "--loss", "bce", "--validation", "0.2", "--iterations", "3", code=2)
    assert "a held-out example has values beyond those of the training" in said(result)
    call("train", "rows.npy", "--validation", "0.2", "--iterations", "3")  # a squared error there is one


# Configurations ------------------------------------------------------------------------------------------------------


def test_a_configuration_repeats_the_run_from_anywhere(tmp_path, monkeypatch):
    Path("data").mkdir()
    Path("digits.npy").rename("data/digits.npy")
    call("train", "data/digits.npy", *MINIBATCHES, "--seed", "3", "--out", "run")
    Path("data/own.toml").write_text('data = "digits.npy"\nsolver = "adam"\nepochs = 7\nbatch-size = 16\nseed = 3')
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    call("train", "--config", "../run/config.toml", "--out", "again")
    call("train", "--config", "../data/own.toml", "--out", "own")
    paths = (tmp_path / "run/model.safetensors", "again/model.safetensors", "own/model.safetensors")
    assert len({model_file.load(path).theta.tobytes() for path in paths}) == 1
    assert Path("again/config.toml").read_text() == (tmp_path / "run/config.toml").read_text()


# Ctrl-C --------------------------------------------------------------------------------------------------------------


class CtrlC:
    """Sends this process SIGINT once three records were seen; with `times`, again and again while it writes."""

    def __init__(self, times=1):
        self.seen, self.enough, self.done, self.times = 0, threading.Event(), threading.Event(), times
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()

    def send(self):
        self.enough.wait(60)
        for _ in range(self.times):
            os.kill(os.getpid(), signal.SIGINT)
            if self.done.wait(0.05):
                return

    def __call__(self, *_):
        self.seen += 1
        if self.seen == 3:
            self.enough.set()


@pytest.fixture
def handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("solver", [*SOLVERS, "photographs"])
def test_ctrl_c_writes_the_best_so_far_with_every_solver(solver, monkeypatch):
    key = CtrlC(times=20)
    monkeypatch.setattr(progress.TrainingProgress, "__call__", lambda self, record: key())
    long = "--epochs" if solver in options.MINIBATCH else "--iterations"
    source = PHOTOGRAPHS if solver == "photographs" else ["digits.npy", "--solver", solver]
    own = {"lbfgs": ["--tol", "0"], "photographs": ["--ftol", "0", "--gtol", "0"], "bfgs": ["--hidden", "4"]}
    result = call("train", *source, *own.get(solver, []), long, "1000000", "--checkpoint", "1", code=130)
    key.done.set()
    key.thread.join()
    assert "interrupted after" in " ".join(result.stdout.split())
    assert not [path for path in Path("sae-run").iterdir() if path.name.startswith(".")]
    model, checkpoint = model_file.load("sae-run/model.safetensors"), sae.resume("sae-run/checkpoint.safetensors")
    assert len(Path("sae-run/history.csv").read_text().splitlines()) - 1 >= len(checkpoint.history)
    assert np.isfinite(model.theta).all()
    assert Path("sae-run/config.toml").exists()


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize("solver", SOLVERS)
def test_ctrl_c_in_fit_keeps_the_best_so_far(solver):
    key = CtrlC()
    estimator = estimators.SparseAutoencoder(4, solver=solver, max_iter=10**6, tol=0, random_state=0, callback=key)
    estimator.fit(X / 16)
    assert "interrupted after" in estimator.stop_reason_
    assert estimator.n_iter_ >= key.seen - 1 > 1
    assert np.isfinite(estimator.transform(X / 16)).all()


@pytest.mark.usefixtures("handler")
def test_ctrl_c_after_the_training_waits_for_the_result(monkeypatch):
    take = estimators.SparseAutoencoder._take

    def late(self, *arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return take(self, *arguments)

    monkeypatch.setattr(estimators.SparseAutoencoder, "_take", late)
    estimator = estimators.SparseAutoencoder(4, max_iter=3)
    with pytest.raises(KeyboardInterrupt):
        estimator.fit(X / 16)
    assert estimator.n_iter_ == 3
    call("train", "digits.npy", "--iterations", "3", code=130)
    assert len(Path("sae-run/history.csv").read_text().splitlines()) == 5


# What a callback gets, and every solver under one name ---------------------------------------------------------------

ON_BATCHES = {"iteration", "evaluations", "cost", "learning_rate"}
ON_ALL = {"iteration", "evaluations", "cost", "max_grad", "squared error", "weight decay", "KL sparsity"}


@pytest.mark.parametrize("solver", SOLVERS)
def test_states_and_solvers(solver):
    states = []
    settings = {"solver": solver, "max_iter": 8, "random_state": 0, "learning_rate": 0.003}
    estimator = estimators.SparseAutoencoder(4, validation_fraction=0.2, callback=states.append, **settings)
    estimator.fit(X / 16)
    keys = ON_BATCHES if solver in options.MINIBATCH else ON_ALL | ({"products"} if solver == "newton-cg" else set())
    assert all(state.keys() == keys | {"validation"} for state in states)
    assert states[-1].history == estimator.history_
    assert [state["cost"] for state in states] == estimator.loss_curve_
    assert states[-1].memory().keys() >= {"solver", "held_out"}
    np.testing.assert_array_equal(states[-1].theta[: 4 * 64].reshape(4, 64), estimator.W1_)
    assert estimator.loss_curve_[-1] < estimator.loss_curve_[0]


def test_adamw_is_adam_with_a_decay_of_its_own():
    """The weights decay in the steps, by weight_decay, and not in J."""
    settings = {"max_iter": 4, "random_state": 0, "batch_size": 16}
    found = estimators.SparseAutoencoder(4, solver="adamw", weight_decay=0.3, clip_norm=0.2, **settings).fit(X / 16)
    rng = np.random.default_rng(0)
    objective = sae.Autoencoder((X / 16).T, 4, terms=[terms.SquaredError(), terms.KLSparsity(0.01, 3.0)])
    _, order, _ = rng.spawn(3)
    more = {"epochs": 4, "batch_size": 16, "learning_rate": 0.01, "weight_decay": 0.3, "clip_norm": 0.2}
    theta = sae.minimize_adam(objective, objective.init(rng), rng=order, **more).theta
    np.testing.assert_array_equal(found.W1_.ravel(), theta[: 4 * 64])
    with pytest.raises(sae.SaeError, match="has no weight_decay, which solver='adamw' takes"):
        estimators.VariationalAutoencoder(4, solver="adamw").fit(X / 16)
    with pytest.raises(sae.SaeError, match="learning_rate times weight_decay is 2; expected less than 1"):
        estimators.SparseAutoencoder(4, solver="adamw", weight_decay=200.0, **settings).fit(X / 16)


def test_schedules_by_name():
    def rates(schedule):
        estimator = estimators.SparseAutoencoder(4, solver="sgd", max_iter=6, batch_size=80, schedule=schedule)
        return [record["learning_rate"] / 0.01 for record in estimator.fit(X / 16).history_]

    np.testing.assert_allclose(rates("constant"), 1)
    np.testing.assert_allclose(rates("step"), [1, 1, 0.1, 0.1, 0.01, 0.01])
    np.testing.assert_allclose(rates("cosine"), (1 + np.cos(np.pi * np.arange(6) / 6)) / 2)
    np.testing.assert_allclose(rates(lambda e: 1 / (1 + e)), 1 / np.arange(1, 7))
    for settings, message in [({"schedule": "slow"}, "schedule is 'slow'"), ({"clip_norm": 0}, "clip_norm is 0")]:
        with pytest.raises(sae.SaeError, match=message):
            estimators.SparseAutoencoder(4, solver="adam", **settings).fit(X)
    idle = call("train", "digits.npy", "--schedule", "cosine", code=2)
    assert "--schedule has no effect here: L-BFGS takes all" in said(idle)


# In a notebook -------------------------------------------------------------------------------------------------------

CELL = """
import numpy as np
from sae.estimators import SparseAutoencoder
X = np.random.default_rng(0).uniform(0.1, 0.9, (60, 8))
SparseAutoencoder(3, max_iter=300, tol=0, verbose=1, random_state=0).fit(X)
None
"""


def test_a_notebook_shows_one_line():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs  # no warnings, no flood
    assert output["data"]["text/plain"].startswith("iteration 300/300: J ")
