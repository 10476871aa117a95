"""The failure gallery: each case is matched with itself, healthy runs are not accused, remedies work."""

import csv
import itertools
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

import sae
from sae.failures import bands, gallery, matching, recipe, symptoms
from sae.failures.cases import BY_NAME, CASES, HEALTHY, HEALTHY_RUNS, Sign
from sae.failures.look import Look, Settings
from sae.failures.matching import diagnose, diagnose_symptoms
from sae.failures.recipe import Recipe
from sae.failures.remedies import numbers
from sae.failures.symptoms import SYMPTOMS, measure
from sae.failures.wrong_mean import KLOfMinibatches
from tests.command_line import call, refused, said

SEED = 200  # edges are measured with 0 to 4, the confusion matrix with 100 to 104
SMALL = ["--images", "camera,coffee", "--patches", "1500", "--hidden", "16", "--rho", "0.02", "--iterations", "150"]


@pytest.fixture(scope="module")
def looks():
    """Trainings by recipe and seed, each made once."""
    made = {}

    def train(recipe, seed=SEED):
        if (recipe, seed) not in made:
            made[recipe, seed] = gallery.smaller(recipe, quick=True).train(seed)
        return made[recipe, seed]

    return train


# The cases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_is_matched_with_itself(case, looks):
    for one in (case.recipe, case.others[0]):
        found = diagnose(looks(one))
        assert found.name == case.name
        assert all((e.value is None) == (e.sign.side == "absent") for e in found.matches[0].evidence)
        assert found.outside


@pytest.mark.parametrize("name", HEALTHY_RUNS)
def test_healthy_runs_are_not_accused(name, looks):
    found = diagnose(looks(HEALTHY_RUNS[name]))
    assert found.name == "healthy", found.matches[0].evidence
    assert not found.outside


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_remedies_work(case, looks):
    look = looks(case.recipe)
    cured = case.remedied(case.recipe, numbers(look))
    assert set(cured.changes(case.recipe)) == set(case.remedy)
    assert diagnose(looks(cured)).name == "healthy"


def test_a_remedy_that_does_nothing_would_be_noticed(looks):
    for case in CASES:
        idle = replace(case, remedy={}).remedied(case.recipe, {})
        assert diagnose(looks(idle)).name == case.name


def test_each_sign_is_needed(looks):
    healthy = measure(looks(HEALTHY))
    for case in CASES:
        measured = measure(looks(case.recipe))
        needed = [group[0] for group in case.signs if len(group) == 1 and group[0].edge is None]
        for sign in needed:
            without = diagnose_symptoms(measured | {sign.symptom: healthy[sign.symptom]}, True)
            assert case.name not in [match.case.name for match in without.matches]
            if len(needed) > 1:
                alone = diagnose_symptoms(healthy | {sign.symptom: measured[sign.symptom]}, True)
                assert alone.name != case.name


def test_units_are_not_called_dead_where_a_target_holds_them(looks):
    measured = measure(looks(BY_NAME["dead-units"].recipe))
    assert diagnose_symptoms(measured, True).name == "dead-units"
    assert diagnose_symptoms(measured | {"rho": 0.02}, True).name != "dead-units"


def test_photographs_alone_lack_whitening(looks):
    measured = measure(looks(BY_NAME["no-whitening"].recipe))
    assert diagnose_symptoms(measured, pictures=True).name == "no-whitening"
    assert diagnose_symptoms(measured, pictures=False).name == "healthy"


# Edges --------------------------------------------------------------------------------------------------------------


def test_edges_lie_between_what_was_measured():
    record = bands.measured()
    assert record["seeds"] == [0, 1, 2, 3, 4]
    assert SEED not in record["seeds"]
    for case in CASES:
        for sign in itertools.chain(*case.signs):
            if sign.edge is None:
                low, high = record["ranges"][case.name][sign.symptom]
                healthy = record["ranges"]["healthy"][sign.symptom]
                edge = bands.edge(case.name, sign)
                if sign.side == "above":
                    assert healthy is None or healthy[1] < edge < low
                else:
                    assert healthy is None or high < edge < healthy[0]


def test_edges_half_way_and_refused():
    assert bands.between("gap", "above", (1.0, 2.0), (0.0, 0.5)) == 0.75
    assert bands.between("updates", "below", (5.0, 10.0), (1000.0, 2000.0)) == pytest.approx(100)
    with pytest.raises(sae.SaeError, match="gap does not tell the case"):
        bands.between("gap", "above", (1.0, 2.0), (0.0, 1.5))


def test_an_edge_at_the_wrong_place_would_be_noticed(looks, monkeypatch):
    def everywhere(case, sign):
        return -np.inf if sign.side == "above" else np.inf

    monkeypatch.setattr(matching, "edge", everywhere)
    monkeypatch.setattr(bands, "edge", everywhere)
    assert diagnose(looks(HEALTHY)).name != "healthy"


def test_the_confusion_matrix_is_of_these_cases():
    record = json.loads((Path(__file__).parents[1] / "figures/failures/confusion.json").read_text())
    assert not set(record["seeds"]) & {*bands.measured()["seeds"], SEED}
    assert set(record["counts"]) == {"healthy", *BY_NAME}
    right = sum(counts.get(name, 0) for name, counts in record["counts"].items())
    assert right >= 0.95 * sum(sum(counts.values()) for counts in record["counts"].values())
    assert record["counts"]["healthy"].keys() == {"healthy"}


# Symptoms -----------------------------------------------------------------------------------------------------------


def test_the_pull_of_the_decay_is_where_the_constant_answer_becomes_a_minimum():
    X, _ = Recipe(patches=400).rows(0)
    mean = X.mean(axis=1)
    u = np.linalg.eigh(np.cov(X))[1][:, -1]
    for rho, share, stays in ((0.02, 0.9, False), (0.02, 1.1, True), (0.1, 0.9, False), (0.1, 1.1, True)):
        lam = share * symptoms.pull_of_data(_still(X, rho, 1.0))
        objective = sae.Autoencoder(X, 3, lam=lam, rho=rho, beta=3)

        def cost(step, objective=objective, rho=rho):
            W1 = step * np.outer([1, 0, 0], u)
            b1 = np.log(rho / (1 - rho)) - W1 @ mean  # so that a2 and a3 stay where they are for the mean
            b2 = np.log(mean / (1 - mean)) - W1.T @ np.full(3, rho)
            return objective(objective.layout.pack(W1=W1, W2=W1.T, b1=b1, b2=b2))[0]

        assert (cost(1e-2) > cost(0)) == stays
        assert measure(_still(X, rho, lam))["pull of the decay"] == pytest.approx(share)


def _still(X, rho, lam):
    m = X.shape[1]
    settings = Settings(lam, rho, 3.0, m, m, 100, True, True)
    weights = np.zeros((3, 64)), np.zeros((64, 3)), np.zeros(3), np.zeros(64)
    return Look(*weights, sae.sigmoid, sae.sigmoid, settings, [1.0, 0.9], X)


def test_symptoms_by_hand():
    X = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])  # two axes alike
    W1 = np.array([[1000.0, 0.0], [0.0, 0.0]])
    settings = Settings(1e-4, 0.5, 3.0, 4, 2, 30, True, False)
    look = Look(
        W1, W1.T * 0, np.array([-500.0, 0.0]), np.zeros(2), sae.sigmoid, sae.identity, settings, [4, 3, 2], X, X
    )
    found = measure(look)
    assert found["first axis"] == pytest.approx(0)
    assert found["explained"] == pytest.approx(-1)  # it answers 0: error 1, variance 1/2
    assert found["gap"] == pytest.approx(0)
    assert found["numbers a parameter"] == pytest.approx(8 / 12)
    assert found["idle"] == 1
    assert found["saturated"] == 0.5  # the first unit only says 0 or 1
    assert found["silent"] == 0
    assert found["off target"] == pytest.approx(0)
    assert found["active in a mean"] == pytest.approx(1)
    assert found["weight of the sparsity"] == pytest.approx(6)
    assert found["falling"] == pytest.approx(0.5)
    assert found["updates"] == 30
    assert found["oriented"] is None


def test_what_is_missing_is_not_made_up():
    settings = Settings(1e-4, 0.02, 3.0, None, None, None, False, False)
    weights = np.ones((3, 4)), np.ones((4, 3)), np.zeros(3), np.zeros(4)
    found = diagnose(Look(*weights, sae.sigmoid, sae.sigmoid, settings, []))
    assert set(found.unknown) == set(SYMPTOMS) - {"rho", "norm"}
    assert found.name == "healthy"
    with pytest.raises(sae.SaeError, match="all examples are the same"):
        Look(*weights, sae.sigmoid, sae.sigmoid, settings, [], np.ones((4, 9)))


@pytest.mark.parametrize("size", [1, 4, 7, 30])
def test_the_wrong_mean_is_differentiated_rightly(size):
    rng = np.random.default_rng(0)
    terms = [sae.terms.SquaredError(), KLOfMinibatches(0.1, 3.0, size)]
    objective = sae.Autoencoder(rng.uniform(0.1, 0.9, (6, 30)), 4, terms=terms, engine="numpy", block_size=30)
    assert sae.check_gradient(objective, objective.init(rng), method="complex").ok
    if size == 30:  # one part is the classic penalty
        classic = sae.Autoencoder(objective.X, 4, lam=0, rho=0.1, beta=3, engine="numpy")
        theta = objective.init(rng)
        np.testing.assert_allclose(objective(theta)[1], classic(theta)[1], atol=1e-14)


# The commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_on_photographs(here):
    call("train", *SMALL, "--out", "good")
    assert "The run looks healthy" in call("diagnose-run", "good").stdout
    call("train", *SMALL, "--lambda", "0.002", "--out", "bad")
    said = call("diagnose-run", "bad", code=1).stdout
    assert "Like the case: lambda too large (lambda-too-large)" in said
    assert "Try: --lambda 0.0001" in " ".join(said.split())
    call("train", *SMALL, "--whitening", "none", "--keep-mean", "--out", "raw")
    assert "(not-normalised)" in call("diagnose-run", "raw", code=1).stdout


def test_a_run_on_data_of_ones_own(here):
    X, held_out = Recipe(patches=1500).rows(SEED)
    np.save("rows.npy", np.hstack([X, held_out[:, :300]]).T)
    words = ["rows.npy", "--shape", "8x8", "--hidden", "16", "--rho", "0.02", "--iterations", "150"]
    call("train", *words, "--validation", "0.2", "--out", "good")
    assert "The run looks healthy" in call("diagnose-run", "good").stdout
    call("train", *words[:-2], "--solver", "adam", "--batch-size", "2", "--epochs", "2", "--out", "mean")
    said = " ".join(call("diagnose-run", "mean", code=1).stdout.split())
    assert "Like the case: KL sparsity of each example by itself" in said
    assert "--batch-size 200" in said
    np.save("few.npy", X[:, :50].T)
    call("train", "few.npy", *words[1:], "--out", "few")
    assert "(too-few-examples)" in call("diagnose-run", "few", code=1).stdout
    Path("rows.npy").unlink()
    found = call("diagnose-run", "good")
    assert "No case fits what could be looked at" in found.stdout
    assert "rows.npy, the data of the training, is not there any more" in " ".join(found.stderr.split())


def test_other_data_that_are_well_are_not_accused(here):
    np.save("digits.npy", load_digits().data)
    words = ["digits.npy", "--scale", "range", "--shape", "8x8", "--rho", "0.05", "--iterations", "150"]
    call("train", *words, "--validation", "0.2")
    call("diagnose-run", "sae-run")
    np.save("cells.npy", load_breast_cancer().data)
    call("train", "cells.npy", "--rho", "0.1", "--hidden", "10", "--iterations", "200", "--out", "raw")
    call(
        "train",
        "cells.npy",
        "--scale",
        "minmax",
        "--rho",
        "0.1",
        "--hidden",
        "10",
        "--iterations",
        "200",
        "--out",
        "ok",
    )
    assert "(not-normalised)" in call("diagnose-run", "raw", code=1).stdout
    call("diagnose-run", "ok")


def test_other_penalties_and_units(here):
    np.save("digits.npy", load_digits().data)
    words = ["digits.npy", "--scale", "range", "--shape", "8x8", "--iterations", "80", "--out"]
    call("train", *words, "dead", "--penalty", "l1", "--beta", "3", "--activation", "relu")
    assert "Like the case: Dead units" in call("diagnose-run", "dead", code=1).stdout
    call("train", *words, "decayed", "--penalty", "none", "--lambda", "3")
    assert "Like the case: lambda too large" in call("diagnose-run", "decayed", code=1).stdout
    call("train", *words, "kept", "--model", "ksparse", "--k", "3")
    assert "KL" not in call("diagnose-run", "kept").stdout


def test_runs_that_can_not_be_read(here):
    assert "nowhere is no folder" in refused("diagnose-run", "nowhere")
    np.save("rows.npy", np.random.default_rng(0).uniform(size=(30, 4)))
    call("train", "rows.npy", "--model", "variational", "--iterations", "3", "--out", "vae")
    assert "a VariationalAutoencoder; expected" in refused("diagnose-run", "vae")
    call("train", "rows.npy", "--iterations", "3", "--out", "run")
    path = Path("run/model.safetensors")
    path.write_bytes(path.read_bytes()[:-40])
    assert "model.safetensors can't be shown" in refused("diagnose-run", "run")
    path.unlink()
    assert "model.safetensors is not in the folder" in refused("diagnose-run", "run")


def test_the_gallery_is_written(here):
    call("failures", "too-few-iterations", "too-few-examples", "--quick", "--seed", "7", "--out", "out")
    made = {path.name for path in Path("out").iterdir()}
    assert made == {"too-few-iterations.png", "too-few-examples.png", "overview.png", "table.csv", "table.md"}
    rows = list(csv.DictReader(Path("out/table.csv").read_text().splitlines()))
    assert [row["found"] for row in rows] == ["1 of 1"] * 2
    assert [row["healthy then"] for row in rows] == ["1 of 1"] * 2
    assert "CASES is 'nothing'; expected one of saturated" in refused("failures", "nothing")


def test_ctrl_c_leaves_the_cases_that_were_done(here, monkeypatch):
    def run(case, seeds, quick, run=gallery.run):
        if case.name == "too-few-iterations":
            raise KeyboardInterrupt
        return run(case, seeds, quick)

    monkeypatch.setattr(gallery, "run", run)
    told = call("failures", "too-few-iterations", "too-few-examples", "--quick", "--out", "out", code=130)
    assert "the cases done before are written" in said(told)
    assert {path.name for path in Path("out").glob("*.png")} == {"too-few-examples.png", "overview.png"}
    told = call("failures", "too-few-iterations", "--quick", "--out", "none", code=130)
    assert "nothing is written" in said(told)
    assert not Path("none").exists()


def test_no_half_trained_run_is_a_case(monkeypatch):
    cut = SimpleNamespace(interrupted=True)
    monkeypatch.setattr(recipe, "minimize_lbfgs", lambda *what, **more: cut)
    with pytest.raises(KeyboardInterrupt):
        Recipe(patches=50, side=6).train(0)


def test_another_table_is_left_alone(here):
    Path("out").mkdir()
    Path("out/table.csv").write_text("use,data\n1,2\n")
    assert "is no table of failures" in refused("failures", "too-few-iterations", "--quick", "--out", "out")
    assert Path("out/table.csv").read_text() == "use,data\n1,2\n"


def test_signs_are_of_known_symptoms():
    for sign in itertools.chain(*(group for case in CASES for group in case.signs)):
        assert isinstance(sign, Sign)
        assert sign.symptom in SYMPTOMS
        assert sign.side in ("above", "below", "absent")
