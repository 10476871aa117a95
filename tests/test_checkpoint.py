"""A training killed at any moment goes on from its last checkpoint, to a minimum as low."""

import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest

import sae
from sae.checkpoint import GENERATORS
from sae.optimise import State

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
    assert resumed.rng is None
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
    monkeypatch.setattr("sae.model_file.save", lambda path, *a, **k: written.append(len(checkpoint.history) - 1))
    checkpoint = sae.Checkpoint(path, objective.layout, seconds=7)
    lbfgs(objective, start, checkpoint, 12)
    assert written == [0, 3, 6, 9, 12]  # 3 s a look, the first that comes 7 s or more after the last write


@pytest.mark.parametrize("killed_at", [1, 60, 390])
def test_resumed_lbfgs_ends_in_the_same_band(objective, start, path, band, killed_at):
    with pytest.raises(StopError):
        lbfgs(objective, start, sae.Checkpoint(path, objective.layout, every=killed_at, callback=stop_after(killed_at)))
    resumed = sae.resume(path)
    assert resumed.iteration == killed_at
    result = lbfgs(objective, resumed.theta, max_iter=ITERATIONS - resumed.iteration)
    assert band[0] <= result.cost <= band[1]
    whole = resumed.followed_by(result.history)
    assert [record["iteration"] for record in whole] == [*range(ITERATIONS + 1)]
    assert all(b["evaluations"] > a["evaluations"] for a, b in pairwise(whole))
    assert all(b["cost"] <= a["cost"] for a, b in pairwise(whole))


def test_resumed_twice(objective, start, path):
    with pytest.raises(StopError):
        lbfgs(objective, start, sae.Checkpoint(path, objective.layout, every=1, callback=stop_after(5)))
    first = sae.resume(path)
    with pytest.raises(StopError):
        lbfgs(
            objective,
            first.theta,
            sae.Checkpoint(path, objective.layout, every=1, after=first, callback=stop_after(4)),
        )
    second = sae.resume(path)
    assert [record["iteration"] for record in second.history] == [*range(10)]
    assert second.history[:6] == first.history


def test_adam_goes_on_with_the_same_batches(objective, start, path):
    def orders(rng):
        return [rng.permutation(objective.m).tolist() for _ in range(3)]

    rng = np.random.default_rng(5)
    checkpoint = sae.Checkpoint(path, objective.layout, every=1, rng=rng)
    result = sae.minimize_adam(objective, start, rng=rng, epochs=3, batch_size=20, callback=checkpoint)
    resumed = sae.resume(path)
    np.testing.assert_array_equal(resumed.theta, result.theta)
    assert resumed.iteration == 3
    assert resumed.history == result.history
    assert orders(resumed.rng) == orders(rng)


@pytest.mark.parametrize("kind", GENERATORS)
def test_all_generators(path, kind):
    rng = np.random.Generator(kind(3))
    rng.integers(10, dtype=np.uint32)  # leaves half a word over
    layout = sae.Layout({"W": (2,)})
    sae.Checkpoint(path, layout, every=1, rng=rng)(State({"iteration": 0}, np.ones(2)))
    assert rng.integers(2**62, size=9).tolist() == sae.resume(path).rng.integers(2**62, size=9).tolist()


def test_bad_input(objective, start, path):
    layout = objective.layout
    for given, message in [
        ({}, "when to write"),
        ({"every": 0}, "every is 0"),
        ({"seconds": -1}, "seconds is -1"),
        ({"every": 1, "rng": 3}, "rng is 3"),
    ]:
        with pytest.raises(sae.SaeError, match=message):
            sae.Checkpoint(path, layout, **given)
    sae.save(path, start, layout)
    with pytest.raises(sae.SaeError, match="is a model, not a checkpoint"):
        sae.resume(path)
    with pytest.raises(sae.SaeError, match="can't read"):
        sae.resume(path.with_name("nothing"))


@pytest.mark.parametrize(
    "training",
    [
        None,
        [],
        {},
        {"history": [], "rng": None},
        {"history": [{}], "rng": None},
        {"history": [3], "rng": None},
        {"history": [{"iteration": -1}], "rng": None},
        {"history": [{"iteration": "1"}], "rng": None},
        {"history": [{"iteration": 1}], "rng": {}},
        {"history": [{"iteration": 1}], "rng": 3},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": []}},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": "PCG64"}},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": "PCG64", "state": {"state": 10**60, "inc": 1}}},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": "PCG64", "state": {"state": "x", "inc": None}}},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": "MT19937", "state": {"key": [1], "pos": 0}}},
        {"history": [{"iteration": 1}], "rng": {"bit_generator": "os.system"}},
    ],
)
def test_damaged_checkpoints(objective, start, path, training):
    sae.save(path, start, objective.layout, {"checkpoint": training})
    with pytest.raises(sae.SaeError, match="damaged checkpoint"):
        sae.resume(path)
    np.testing.assert_array_equal(sae.load(path).theta, start)


# A real process, really killed

TRAINING = """
import sys
from pathlib import Path
import numpy as np, sae

path, iterations = Path(sys.argv[1]), int(sys.argv[2])
X = np.random.default_rng(0).uniform(0.1, 0.9, (12, 60))
objective = sae.Autoencoder(X, 6, lam=1e-4, rho=0.1, beta=0.5, engine="numpy")
before = sae.resume(path) if path.exists() else None
theta = before.theta if before else objective.init(np.random.default_rng(1))
checkpoint = sae.Checkpoint(path, objective.layout, every=2, after=before)

def training(state):
    checkpoint(state)
    print(len(checkpoint.history) - 1, flush=True)

done = before.iteration if before else 0
result = sae.minimize_lbfgs(objective, theta, max_iter=iterations - done, ftol=0, callback=training)
print("end", result.cost, flush=True)
"""


def train(path, iterations, lines=None, moment=0.0):
    """Run a process that trains; kill it some moments after so many lines of its iterations. Return the last line."""
    command = [sys.executable, "-c", TRAINING, path, str(iterations)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for i, line in enumerate(process.stdout):
            last = line
            if i == lines:
                time.sleep(moment)
                process.kill()
    assert lines is None or process.returncode == -9
    return last.split()


def test_kill_9_loses_nothing_older_than_the_last_checkpoint(objective, path, band):
    rng = np.random.default_rng(3)
    done = 0
    for _ in range(5):
        last = int(train(path, ITERATIONS, int(rng.integers(4, 50)), rng.uniform(0, 0.01))[-1])
        resumed = sae.resume(path)  # readable, whatever it was doing
        assert resumed.iteration >= last - 1  # it writes every second iteration
        assert [record["iteration"] for record in resumed.history] == [*range(resumed.iteration + 1)]
        assert objective(resumed.theta)[0] == pytest.approx(resumed.history[-1]["cost"], rel=1e-12)
        assert done < resumed.iteration < ITERATIONS
        done = resumed.iteration
    end, cost = train(path, ITERATIONS)
    assert end == "end"
    assert band[0] <= float(cost) <= band[1]
