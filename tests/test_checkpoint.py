"""A training killed at any moment goes on from its last checkpoint, to a minimum as low."""

import os
import platform
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

import sae
from sae import schedules
from sae.files import writing

ITERATIONS = 400


@pytest.fixture(scope="module")
def objective():
    X = np.random.default_rng(0).uniform(0.1, 0.9, (12, 60))
    return sae.Autoencoder(X, 6, lam=1e-4, rho=0.1, beta=0.5, engine="numpy")


@pytest.fixture
def start(objective):
    return objective.init(np.random.default_rng(1))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checkpoint.safetensors"


@pytest.fixture(scope="module")
def band(objective):
    """Where uninterrupted trainings end: four standard deviations around the mean of twelve starts."""
    ends = [lbfgs(objective, objective.init(np.random.default_rng(seed))).cost for seed in range(1, 13)]
    return np.mean(ends) - 4 * np.std(ends), np.mean(ends) + 4 * np.std(ends)


class StopError(Exception):
    pass


def stop_after(iteration):
    def callback(record):
        if record["iteration"] == iteration + 1:  # before anything is written of it
            raise StopError

    return callback


def lbfgs(objective, theta, callback=None, max_iter=ITERATIONS):
    return sae.minimize_lbfgs(objective, theta, max_iter=max_iter, ftol=0, callback=callback)


def test_a_checkpoint_is_what_was_there(objective, start, path):
    seen = []
    written = sae.Checkpoint(path, objective.layout, every=4, callback=seen.append, hyperparameters={"rho": 0.1})
    result = lbfgs(objective, start, written, 10)
    resumed = sae.resume(path)
    assert resumed.iteration == 8
    assert resumed.history == result.history[:9]
    assert [*map(dict, seen)] == result.history
    np.testing.assert_array_equal(resumed.theta, seen[8].theta)
    assert objective(resumed.theta)[0] == result.history[8]["cost"]
    assert resumed.layout == objective.layout
    assert resumed.memory == {"solver": "L-BFGS-B"}
    assert sae.load(path).hyperparameters == {"rho": 0.1}  # it is a model, too
    assert resumed.model.about.keys() == {"checkpoint"}


def test_the_first_record_is_written_at_once(objective, start, path, tmp_path):
    with pytest.raises(StopError):
        lbfgs(objective, start, sae.Checkpoint(path, objective.layout, every=100, callback=stop_after(3)))
    np.testing.assert_array_equal(sae.resume(path).theta, start)
    nowhere = sae.Checkpoint(tmp_path / "none" / "x", objective.layout, every=100)
    with pytest.raises(sae.SaeError, match="can't write"):
        lbfgs(objective, start, nowhere)


def test_by_the_clock(objective, start, path, monkeypatch):
    clock = iter(range(0, 10_000, 3))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    written = []
    monkeypatch.setattr(
        "sae.model_file.save", lambda *a, about, **k: written.append(about["checkpoint"]["history"][-1]["iteration"])
    )
    checkpoint = sae.Checkpoint(path, objective.layout, seconds=7)
    lbfgs(objective, start, checkpoint, 12)
    assert written == [0, 3, 6, 9, 12]  # 3 s a look, the first that comes 7 s or more after the last write


@pytest.mark.parametrize("killed_at", [1, 60, 390])
def test_resumed_lbfgs_ends_in_the_same_band(objective, start, path, band, killed_at):
    with pytest.raises(StopError):
        lbfgs(objective, start, sae.Checkpoint(path, objective.layout, every=killed_at, callback=stop_after(killed_at)))
    resumed = sae.resume(path)
    assert resumed.iteration == killed_at
    result = lbfgs(objective, resumed)
    assert band[0] <= result.cost <= band[1]
    assert [record["iteration"] for record in result.history] == [*range(ITERATIONS + 1)]
    assert result.history[: killed_at + 1] == resumed.history
    assert all(b["evaluations"] > a["evaluations"] for a, b in pairwise(result.history))
    assert all(b["cost"] <= a["cost"] for a, b in pairwise(result.history))
    assert result.iterations == ITERATIONS


def test_resumed_twice(objective, start, path):
    with pytest.raises(StopError):
        lbfgs(objective, start, sae.Checkpoint(path, objective.layout, every=1, callback=stop_after(5)))
    first = sae.resume(path)
    with pytest.raises(StopError):
        lbfgs(objective, first, sae.Checkpoint(path, objective.layout, every=1, callback=stop_after(9)))
    second = sae.resume(path)
    assert [record["iteration"] for record in second.history] == [*range(10)]
    assert second.history[:6] == first.history


@pytest.mark.parametrize("method", ["CG", "BFGS", "Newton-CG", "L-BFGS-B"])
def test_every_solver_of_scipy_goes_on(objective, start, path, method):
    whole = sae.minimize_scipy(objective, start, method=method, max_iter=12)
    written = sae.Checkpoint(path, objective.layout, every=6, callback=stop_after(6))
    with pytest.raises(StopError):
        sae.minimize_scipy(objective, start, method=method, max_iter=12, callback=written)
    resumed = sae.resume(path)
    result = sae.minimize_scipy(objective, resumed, method=method, max_iter=12)
    assert [record["iteration"] for record in result.history] == [*range(13)]
    assert [r["cost"] for r in result.history[:7]] == [r["cost"] for r in whole.history[:7]]
    assert result.cost < resumed.history[-1]["cost"]
    at_its_end = sae.minimize_scipy(objective, resumed, method=method, max_iter=6)
    assert at_its_end.theta.tobytes() == resumed.theta.tobytes()
    assert "where the checkpoint was written" in at_its_end.message
    with pytest.raises(sae.SaeError, match="more than the 5 asked for"):
        sae.minimize_scipy(objective, resumed, method=method, max_iter=5)
    with pytest.raises(sae.SaeError, match=r"is to go on with Adam; expected the same solver"):
        sae.minimize_adam(objective, resumed, rng=np.random.default_rng(0))


# Minibatches: to the last bit


def single(objective):
    return sae.Autoencoder(objective.X, 6, lam=1e-4, rho=0.1, beta=0.5, engine="numpy", dtype="float32")


COSINE, VALIDATION = schedules.Cosine(9), {"validation": 0.25, "patience": 5, "min_delta": 0.01}
TRAININGS = {
    "adam": (sae.minimize_adam, {}),
    "adamw": (sae.minimize_adam, {"weight_decay": 0.1, "schedule": COSINE, "clip_norm": 0.1}),
    "validation": (sae.minimize_adam, {**VALIDATION, "learning_rate": 0.02}),
    "single": (sae.minimize_adam, {"of": single}),
    "running": (sae.minimize_adam, {"of": sae.RunningSparsity}),
    "running, validation": (sae.minimize_adam, {"of": sae.RunningSparsity, **VALIDATION}),
    "sgd": (sae.minimize_sgd, {"schedule": COSINE}),
    "nesterov": (sae.minimize_sgd, {"nesterov": True, **VALIDATION}),
}


def minibatches(objective, theta, minimize, settings, epochs=9, seed=5, **more):
    settings = dict(settings)
    of = settings.pop("of", lambda objective: objective)
    rng = np.random.default_rng(seed)
    return minimize(of(objective), theta, rng=rng, epochs=epochs, batch_size=20, **settings, **more)


def facts(result):
    return result.theta.tobytes(), result.cost, result.history, result.message, result.validation, result.best


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("killed_at", [1, 6])
def test_minibatches_go_on_to_the_last_bit(objective, start, path, name, killed_at):
    whole = minibatches(objective, start, *TRAININGS[name])
    checkpoint = sae.Checkpoint(path, objective.layout, every=1, callback=stop_after(killed_at))
    with pytest.raises(StopError):
        minibatches(objective, start, *TRAININGS[name], callback=checkpoint)
    resumed = sae.resume(path)
    assert resumed.iteration == killed_at
    result = minibatches(objective, resumed, *TRAININGS[name], seed=99)  # the checkpoint's state counts
    assert facts(result) == facts(whole)


@pytest.mark.parametrize("part", ["rule", "now", "start", "watch", "objective"])
def test_a_part_that_is_forgotten_is_noticed(objective, start, path, part):
    """Planted: a part of another training's memory in place of its own."""
    training = sae.minimize_adam, {"of": sae.RunningSparsity, "learning_rate": 0.3, "validation": 0.25}
    whole = minibatches(objective, start, *training)
    memories = []
    checkpoint = sae.Checkpoint(path, objective.layout, every=1, callback=lambda state: memories.append(state.memory()))
    stopping = minibatches(objective, start, *training, epochs=6, callback=checkpoint)
    assert stopping.iterations == 6
    resumed = sae.resume(path)
    of_another = minibatches(objective, start, *training, epochs=1, seed=7, callback=checkpoint)
    assert of_another.iterations == 1
    resumed.memory[part] = memories[-1][part]
    assert facts(minibatches(objective, resumed, *training)) != facts(whole)


def test_a_training_that_was_at_its_end(objective, start, path):
    checkpoint = sae.Checkpoint(path, objective.layout, every=1)
    settings = {"validation": 0.25, "patience": 2, "min_delta": 1.0}
    whole = minibatches(objective, start, sae.minimize_adam, settings, callback=checkpoint)
    assert whole.converged
    result = minibatches(objective, sae.resume(path), sae.minimize_adam, settings)
    assert facts(result) == facts(whole)
    with pytest.raises(sae.SaeError, match="more than the 1 asked for"):
        minibatches(objective, sae.resume(path), sae.minimize_adam, settings, epochs=1)


def test_a_checkpoint_of_other_settings(objective, start, path):
    checkpoint = sae.Checkpoint(path, objective.layout, every=1)
    minibatches(objective, start, sae.minimize_adam, {}, epochs=2, callback=checkpoint)
    for settings, message in [
        ({"validation": 0.1}, "differ in watch"),
        ({"of": sae.RunningSparsity}, "differ in objective"),
        ({"of": single}, "m is float64 .*, not float32"),
    ]:
        with pytest.raises(sae.SaeError, match=message):
            minibatches(objective, sae.resume(path), sae.minimize_adam, settings)
    with pytest.raises(sae.SaeError, match="the checkpoint is of Adam"):
        lbfgs(objective, sae.resume(path))
    with pytest.raises(sae.SaeError, match="no state that SFC64 can take"):
        sae.minimize_adam(objective, sae.resume(path), rng=np.random.Generator(np.random.SFC64(0)))


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "SFC64", "Philox", "MT19937"])
def test_all_generators(objective, start, path, kind):
    def train(theta, epochs, callback=None):
        rng = np.random.Generator(getattr(np.random, kind)(3))
        rng.integers(10, dtype=np.uint32)  # leaves half a word over
        return sae.minimize_adam(objective, theta, rng=rng, epochs=epochs, batch_size=20, callback=callback)

    train(start, 2, sae.Checkpoint(path, objective.layout, every=1))
    assert train(sae.resume(path), 4).theta.tobytes() == train(start, 4).theta.tobytes()


def test_bad_input(objective, start, path):
    layout = objective.layout
    for given, message in [
        ({}, "when to write"),
        ({"every": 0}, "every is 0"),
        ({"seconds": -1}, "seconds is -1"),
    ]:
        with pytest.raises(sae.SaeError, match=message):
            sae.Checkpoint(path, layout, **given)
    sae.save(path, start, layout)
    with pytest.raises(sae.SaeError, match="is a model, not a checkpoint"):
        sae.resume(path)
    with pytest.raises(sae.SaeError, match="can't read"):
        sae.resume(path.with_name("nothing"))


GOOD = {"history": [{"iteration": 1, "evaluations": 3}]}


@pytest.mark.parametrize(
    ("training", "memory"),
    [
        (None, {"solver": "Adam"}),
        ([], {"solver": "Adam"}),
        ({}, {"solver": "Adam"}),
        ({"history": []}, {"solver": "Adam"}),
        ({"history": [{}]}, {"solver": "Adam"}),
        ({"history": [3]}, {"solver": "Adam"}),
        ({"history": [{"iteration": -1, "evaluations": 3}]}, {"solver": "Adam"}),
        ({"history": [{"iteration": "1", "evaluations": 3}]}, {"solver": "Adam"}),
        ({"history": [{"iteration": 1, "evaluations": None}]}, {"solver": "Adam"}),
        (GOOD, {}),
        (GOOD, {"solver": 3}),
    ],
)
def test_damaged_checkpoints(objective, start, path, training, memory):
    sae.save(path, start, objective.layout, {"checkpoint": training}, memory=memory)
    with pytest.raises(sae.SaeError, match="damaged checkpoint"):
        sae.resume(path)
    np.testing.assert_array_equal(sae.load(path).theta, start)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"now": {}}, "no state that PCG64 can take"),
        ({"now": 3}, "no state that PCG64 can take"),
        ({"now": {"bit_generator": "PCG64"}}, "no state that PCG64 can take"),
        ({"now": {"bit_generator": "os.system"}}, "no state that PCG64 can take"),
        ({"start": {"bit_generator": "PCG64", "state": {"state": 10**60, "inc": 1}}}, "no state that PCG64 can take"),
        ({"rule": {}}, "does not fit"),
        ({"rule": 3}, "does not fit"),
        ({"rule": {"m": [1.0], "v": [1.0]}}, "m is list, not float64"),
        ({"rule": {"m": np.zeros(3), "v": np.zeros(3)}}, r"m is float64 \(3,\), not"),
    ],
)
def test_damaged_memories(objective, start, path, change, message):
    minibatches(
        objective, start, sae.minimize_adam, {}, epochs=1, callback=sae.Checkpoint(path, objective.layout, every=1)
    )
    resumed = sae.resume(path)
    sae.save(path, start, objective.layout, resumed.model.about, memory={**resumed.memory, **change})
    with pytest.raises(sae.SaeError, match=message):
        minibatches(objective, sae.resume(path), sae.minimize_adam, {})


# A real process, really killed

TRAINING = """
import sys
from pathlib import Path
import numpy as np, sae

path, solver, iterations = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
X = np.random.default_rng(0).uniform(0.1, 0.9, (12, 60))
objective = sae.Autoencoder(X, 6, lam=1e-4, rho=0.1, beta=0.5, engine="numpy")
start = sae.resume(path) if path.exists() else objective.init(np.random.default_rng(1))
checkpoint = sae.Checkpoint(path, objective.layout, every=2)

def training(state):
    checkpoint(state)
    print(state["iteration"], flush=True)

settings = {"objective": objective, "theta0": start, "callback": training}
if solver == "lbfgs":
    result = sae.minimize_lbfgs(**settings, max_iter=iterations, ftol=0)
else:
    rng = np.random.default_rng(2)
    result = sae.minimize_adam(**settings, rng=rng, epochs=iterations, batch_size=20, validation=0.2)
print("end", result.cost, result.theta.tobytes().hex(), flush=True)
"""


def train(path, solver, iterations, lines=None, moment=0.0):
    """Run a process that trains; kill it some moments after so many lines of its iterations. Return the last line."""
    command = [sys.executable, "-c", TRAINING, path, solver, str(iterations)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for i, line in enumerate(process.stdout):
            last = line
            if i == lines:
                time.sleep(moment)
                process.kill()
    assert lines is None or process.returncode == -9
    return last.split()


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_kill_9_loses_nothing_older_than_the_last_checkpoint(objective, path, band, solver):
    rng = np.random.default_rng(3)
    done = 0
    first = 1 if solver == "adam" else 0
    total = ITERATIONS if solver == "lbfgs" else 100
    for _ in range(2):
        last = int(train(path, solver, total, int(rng.integers(4, 40)), rng.uniform(0, 0.01))[-1])
        resumed = sae.resume(path)  # readable, whatever it was doing
        assert resumed.iteration >= last - 1  # it writes every second iteration
        assert [record["iteration"] for record in resumed.history] == [*range(first, resumed.iteration + 1)]
        if solver == "lbfgs":
            assert objective(resumed.theta)[0] == pytest.approx(resumed.history[-1]["cost"], rel=1e-12)
        assert done < resumed.iteration < total
        done = resumed.iteration
    end, cost, theta = train(path, solver, total)
    assert end == "end"
    if solver == "lbfgs":
        assert band[0] <= float(cost) <= band[1]
    else:
        assert theta == train(path.with_name("uninterrupted"), solver, total)[-1]
    assert {p.name for p in path.parent.iterdir()} <= {path.name, "uninterrupted"}  # no stale temporaries


KILLED_IN_MID_WRITE = """
import os, sys
from sae.files import writing
with writing(sys.argv[1]) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), 9)
"""


def test_what_a_kill_in_mid_write_leaves_is_taken_away(path):
    path.write_bytes(b"old")
    other = path.with_name("." + path.name)  # not ours
    living = path.with_name(f".{path.stem}.{platform.node()}-{os.getppid()}{path.suffix}")
    for name in (other, living):
        name.write_bytes(b"")
    assert subprocess.run([sys.executable, "-c", KILLED_IN_MID_WRITE, path], check=False).returncode == -9
    assert len([*path.parent.iterdir()]) == 4
    assert path.read_bytes() == b"old"
    with writing(path) as temporary:
        temporary.write_bytes(b"new")
    assert {*path.parent.iterdir()} == {path, other, living}
    assert path.read_bytes() == b"new"
