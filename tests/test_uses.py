"""`sae uses`: repetitions and their spread, what is written, Ctrl-C, missing data; each use has a file of its own."""

import csv
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

import sae
from sae.errors import MissingDataError, SaeError, TrainingError
from sae.uses import run as work
from sae.uses import summary, use
from sae.uses.use import Difference, Measure, Outcome, Setting, best_of, compared, difference, find, gather, with_spread
from tests.command_line import call, refused, said

CLEAN, NOISY = ("digits", "autoencoder", "error"), ("digits", "PCA", "error")


def outcome(setting, name="first", worse=0.0):
    def repetition(k):
        x = setting.rng(0, k).random()
        return {CLEAN: 1 + x + worse, NOISY: 2 + x}

    return Outcome(
        use=name,
        data="made up (here; none)",
        measures=gather(setting.repeat(repetition), "low"),
        ours=("autoencoder",),
        headline=("digits", "error"),
        settings={"rate": 0.1, "sizes": "2 4"},
        figure=Figure(),
        verdict=f"{name}: it | wins.",
        notes=["a note"],
    )


def missing(setting):
    raise MissingDataError("the moon comes with the package moon, which is not installed.")


def interrupt(setting):
    raise KeyboardInterrupt


@pytest.fixture
def made_up(monkeypatch):
    """Three uses in place of the real ones: the second has no data."""
    uses = {
        "first": SimpleNamespace(TITLE="One", NEEDS="nothing", run=outcome),
        "second": SimpleNamespace(TITLE="Two", NEEDS="the moon", run=missing),
        "third": SimpleNamespace(TITLE="Three", NEEDS="little", run=lambda s: outcome(s, "third", worse=2.0)),
    }
    monkeypatch.setattr(work, "USES", tuple(uses))
    monkeypatch.setattr(work, "_module", uses.__getitem__)
    return uses


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


# Numbers ------------------------------------------------------------------------------------------------------------


def test_mean_and_spread_by_hand():
    measure = Measure("digits", "PCA", "error", (1.0, 2.0, 4.0), "low")
    assert measure.mean == pytest.approx(7 / 3)
    assert measure.spread == pytest.approx(math.sqrt((16 + 1 + 25) / 9 / 2))  # n - 1, not n
    assert str(measure) == "2.3 +- 1.5"
    assert math.isnan(Measure("digits", "PCA", "error", (1.0,)).spread)


@pytest.mark.parametrize(
    ("mean", "spread", "text"),
    [
        (0.97123, 0.0046, "0.9712 +- 0.0046"),
        (31.4159, 0.27, "31.42 +- 0.27"),
        (1234.5, 56.7, "1234 +- 57"),
        (0.5, 0.0, "0.5 +- 0"),
        (0.5, math.nan, "0.5"),
        (0.123456, 1e-9, "0.1235 +- 0.0000"),
    ],
)
def test_how_numbers_are_written(mean, spread, text):
    assert with_spread(mean, spread) == text


def test_differences_are_in_pairs():
    """Draws that are hard for both do not hide that one is better each time."""
    ours = Measure("t", "ours", "w", (10.1, 20.2, 30.1, 40.2))
    other = Measure("t", "other", "w", (10.0, 20.0, 30.0, 40.0))
    found = difference(ours, other)
    assert found.mean == pytest.approx(0.15)
    assert found.error == pytest.approx(np.std([0.1, 0.2, 0.1, 0.2], ddof=1) / 2)
    assert found.verdict == "better than"
    assert difference(other, ours).verdict == "worse than"
    assert str(found) == "+0.150 +- 0.029"
    low = [Measure("t", "x", "w", one.values, "low") for one in (ours, other)]
    assert difference(*low).verdict == "worse than"
    assert difference(ours, Measure("t", "other", "w", (11.0, 19.0, 31.0, 39.0))).verdict == "not told apart from"
    once = [Measure("t", "x", "w", (value,)) for value in (1.0, 2.0)]
    assert difference(*once).verdict == "worse (in one repetition) than"  # no telling whether by chance


def test_comparisons_that_agree_stand_together():
    won, lost, tie = (Difference(values, "low") for values in ((-2.0, -2.0), (1.0, 1.0), (1.0, -1.0)))
    told = compared(
        [("A", "PCA", won), ("B", "PCA", lost), ("C", "PCA", won), ("D", "ICA", won), ("E", "PCA", tie)], "dB"
    )
    assert told == (
        "better than PCA at A, C (-2 +- 0, -2 +- 0 dB), worse than PCA at B (+1 +- 0 dB), "
        "better than ICA at D (-2 +- 0 dB), not told apart from PCA at E (+0.0 +- 1.0 dB)"
    )


@pytest.mark.parametrize(
    ("tasks", "text"),
    [
        (["sigma 15", "sigma 25", "sigma 50"], "sigma 15, 25, 50"),
        (["1 bits per pixel", "1.5 bits per pixel"], "1, 1.5 bits per pixel"),
        (["spike", "stuck"], "spike, stuck"),
        (["digits, 2 dimensions", "MNIST, 8 dimensions"], "digits, 2 dimensions, MNIST, 8 dimensions"),
        (["sigma 15", "salt and pepper"], "sigma 15, salt and pepper"),
        (["sigma 15"], "sigma 15"),
    ],
)
def test_tasks_are_named_together(tasks, text):
    assert use.together(tasks) == text


def test_the_best_is_the_best_of_the_others():
    measures = [Measure("t", name, "w", (value,), "low") for name, value in [("a", 1.0), ("b", 3.0), ("c", 2.0)]]
    assert best_of(measures, "t", "w").method == "a"
    assert best_of(measures, "t", "w", without=("a",)).method == "c"
    assert find(measures, "t", "w", "b").mean == 3
    assert measures[0].beats(measures[1])
    assert not measures[1].beats(measures[0])


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (lambda: gather([]), "there are none"),
        (lambda: gather([{CLEAN: 1.0}, {NOISY: 1.0}]), "measured different things"),
        (lambda: gather([{CLEAN: math.nan}]), "expected finite numbers"),
        (lambda: find([], "t", "w", "m"), "nothing was measured of m"),
        (lambda: best_of([Measure("t", "a", "w", (1.0,))], "t", "w", without=("a",)), "no method but a"),
        (lambda: difference(Measure("t", "a", "w", (1.0,)), Measure("t", "b", "v", (1.0,))), "measured differently"),
        (lambda: difference(Measure("t", "a", "w", (1.0,)), Measure("t", "b", "w", (1.0, 2.0))), "differently"),
        (lambda: Setting(seeds=-1), "seeds is -1"),
    ],
)
def test_what_can_not_be_compared(wrong, found):
    with pytest.raises(SaeError, match=found):
        wrong()


def test_repetitions_draw_anew_and_can_be_repeated():
    setting = Setting(seed=3)
    assert (setting.seeds, Setting(quick=True).seeds, Setting(quick=True, seeds=7).seeds) == (5, 2, 7)
    draws = {setting.rng(stream, k).random() for stream in (0, 1) for k in range(3)}
    assert len(draws) == 6
    assert setting.rng(1, 2).random() == Setting(seed=3).rng(1, 2).random() != Setting(seed=4).rng(1, 2).random()
    assert setting.random_state(0, 0) != setting.random_state(0, 1)


# Ctrl-C -------------------------------------------------------------------------------------------------------------


def stop_at(number):
    def repetition(k):
        if k == number:
            raise KeyboardInterrupt
        return k

    return repetition


def test_ctrl_c_keeps_the_repetitions_that_were_done():
    setting = Setting()
    assert setting.repeat(stop_at(2)) == [0, 1]
    assert setting.interrupted
    with pytest.raises(KeyboardInterrupt):
        setting.repeat(stop_at(9))
    with pytest.raises(KeyboardInterrupt):
        Setting().repeat(stop_at(0))


class Impatient:
    """A callback like Ctrl-C in the second iteration."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

    def __call__(self, record):
        if record["iteration"] == 2:
            raise KeyboardInterrupt


def test_no_half_trained_model_is_measured():
    """Trainings keep the best so far under Ctrl-C; here that would be a wrong number."""
    X = np.random.default_rng(0).uniform(0.1, 0.9, (20, 4))
    setting = Setting(watch=lambda what, max_iter: Impatient())
    estimator = sae.SparseAutoencoder(2, max_iter=5, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        setting.fit("here", estimator, X)
    J = sae.Autoencoder(X.T, 2, lam=1e-4, rho=0.1, beta=0.1)
    with pytest.raises(KeyboardInterrupt):
        setting.train("here", J, J.init(np.random.default_rng(0)), 5)
    patient = Setting()
    assert patient.fit("here", estimator, X).n_iter_ == 5
    assert patient.train("here", J, J.init(np.random.default_rng(0)), 5).iterations == 5


class Saturating(sae.SparseAutoencoder):
    def fit(self, X, y=None):
        raise TrainingError("units are saturated", None)


def test_what_can_not_be_trained_is_left_out_and_told():
    X, said = np.random.default_rng(0).uniform(0.1, 0.9, (20, 4)), []
    setting = Setting(log=said.append)
    good = sae.SparseAutoencoder(2, max_iter=2, random_state=0)
    assert setting.fit_each("here", [Saturating(2), good], X) == [good]
    assert setting.left_out == said == ["here: candidate 1 of 2 was left out, units are saturated"]
    with pytest.raises(TrainingError):
        setting.fit_each("there", [Saturating(2), Saturating(2)], X)


def test_ctrl_c_at_the_command_line(made_up, tmp_path):
    made_up["third"].run = interrupt
    answer = call("uses", "first", "third", "--out", tmp_path, code=130)
    assert "nothing is written of it" in said(answer)
    assert [row["use"] for row in rows(tmp_path / "table.csv")] == ["first"]

    made_up["first"].run = cut_after
    call("uses", "first", "third", "--out", tmp_path, code=130)
    (row,) = rows(tmp_path / "table.csv")
    assert row["settings"].endswith("interrupted")


def cut_after(setting):
    found = outcome(setting)
    setting.interrupted = True
    return found


# The command --------------------------------------------------------------------------------------------------------


def test_the_list_has_every_use():
    listed = call("uses").stdout
    assert all(name in listed for name in work.USES)


def test_all_goes_on_without_what_is_missing(made_up, tmp_path):
    out = tmp_path / "out"
    answer = call("uses", "all", "--seeds", 3, "--out", out, code=2)
    assert "second: the moon comes with the package moon" in said(answer)
    assert {path.name for path in out.iterdir()} == {
        *(f"{name}.{ending}" for name in ("first", "third") for ending in ("png", "csv", "json")),
        "table.csv",
        "table.md",
    }
    first, third = rows(out / "table.csv")
    assert (first["use"], first["autoencoder"], first["best alternative"]) == ("first", "autoencoder", "PCA")
    assert first["verdict"] == "first: it | wins."
    assert first["settings"] == "rate 0.1, sizes 2 4"
    assert first["seeds"] == "3 from 0"
    assert "it \\| wins" in (out / "table.md").read_text()
    values = [float(row["value"]) for row in rows(out / "first.csv") if row["method"] == "PCA"]
    record = json.loads((out / "first.json").read_text())
    assert values == record["measures"][1]["values"]
    assert values == [2 + Setting().rng(0, k).random() for k in range(3)]
    assert third["its number"] != first["its number"]


def test_the_best_has_a_star(made_up, tmp_path):
    for name, stars in {"first": [True, False], "third": [False, True]}.items():
        shown = call("uses", name, "--out", tmp_path).stdout
        assert ["*" in line for line in shown.splitlines() if re.search(r"\d \+- \d", line)] == stars


def test_run_again_it_takes_the_place_of_its_row(made_up, tmp_path):
    call("uses", "first", "third", "--out", tmp_path)
    call("uses", "first", "--quick", "--seed", 1, "--out", tmp_path)
    table = rows(tmp_path / "table.csv")
    assert [(row["use"], row["seeds"]) for row in table] == [("first", "2 from 1"), ("third", "5 from 0")]
    assert table[0]["settings"].endswith("quick")


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "", ",".join(summary.HEAD) + "\n1,2\n"])
def test_another_table_is_left_alone(made_up, tmp_path, content):
    (tmp_path / "table.csv").write_text(content)
    assert "is no table of uses" in refused("uses", "first", "--out", tmp_path)
    assert (tmp_path / "table.csv").read_text() == content


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sunshine"], "USE is 'sunshine'; expected one of"),
        (["all", "--seeds", 0], "--seeds is 0"),
        (["all", "--seed", -1], "--seed is -1"),
    ],
)
def test_bad_input(words, found, tmp_path):
    assert found in refused("uses", *words, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_downloaded_unasked(made_up, tmp_path):
    asked = []
    made_up["first"].run = lambda setting: asked.append(setting.fetch) or outcome(setting)
    for options in ([], ["--fetch"]):
        call("uses", "first", *options, "--out", tmp_path / "out")
    assert asked == [False, True]


def test_what_would_be_ignored_is_refused_or_said(made_up, tmp_path, monkeypatch):
    assert "give one of them" in refused("uses", "first", "--quick", "--fetch", "--out", tmp_path / "out")
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    assert "are not looked at" in said(call("uses", "first", "--quick", "--out", tmp_path / "out"))
    monkeypatch.setenv("SAE_DATA", str(tmp_path / "nowhere"))
    assert "which is no folder" in refused("uses", "first", "--out", tmp_path / "other")


def test_nothing_is_left_of_what_could_not_be_run(made_up, tmp_path):
    assert "the moon" in said(call("uses", "second", "--out", tmp_path / "out", code=2))
    assert not (tmp_path / "out").exists()


def test_a_use_that_forgets_the_spread_would_be_noticed(monkeypatch):
    monkeypatch.setattr(use.statistics, "stdev", use.statistics.pstdev)
    with pytest.raises(AssertionError):
        test_mean_and_spread_by_hand()
