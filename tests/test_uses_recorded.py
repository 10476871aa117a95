"""figures/uses: its verdicts are what the code says of its measures, which are those that the code takes now."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from sae.uses import anomalies, compression, denoising, dimensions, recommendation, run, series, tuning, words
from sae.uses.tuning_advice import verdict as of_tuning
from sae.uses.use import Measure, Setting

FOLDER = Path(__file__).parents[1] / "figures" / "uses"


def of_dimensions(measures):
    (digits,), _, _ = dimensions.plans_of(Setting(quick=True))
    plans = [replace(digits, name=name, dims=dims) for name, dims in {"digits": (2, 32), "MNIST": (2, 8)}.items()]
    return " ".join([*(dimensions.verdict(measures, plan) for plan in plans), dimensions.WHY])


def of_series(measures):
    several, _, _ = series.series_of(Setting())
    return " ".join([*(series.verdict(measures, one) for one in several[:2]), series.WHY])


def of_recommendation(measures):
    plans, _ = recommendation.plans_of(Setting())
    return " ".join([*(recommendation.verdict(measures, plan) for plan in plans), recommendation.WHY])


VERDICTS = {
    "denoising": lambda measures: denoising.verdict(measures, denoising.Plan()),
    "compression": lambda measures: compression.verdict(measures, compression.Plan()),
    "dimensions": of_dimensions,
    "anomalies": anomalies.verdict,
    "series": of_series,
    "words": words.verdict,
    "recommendation": of_recommendation,
    "tuning": lambda measures: of_tuning(
        measures,
        tuning.TASK,
        tuning.ACCURACY,
        (tuning.TUNED, tuning.DEFAULT, tuning.COMPONENTS, tuning.PIXELS),
        tuning.Plan.n_hidden[1],
    ),
}


@pytest.fixture(autouse=True)
def without_a_folder(monkeypatch):
    monkeypatch.delenv("SAE_DATA", raising=False)


def recorded(use):
    """Return the record of a use and its measures."""
    record = json.loads((FOLDER / f"{use}.json").read_text())
    return record, [Measure(**one | {"values": tuple(one["values"])}) for one in record["measures"]]


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("use", run.USES)
def test_the_verdict_is_what_the_code_says(use):
    record, measures = recorded(use)
    assert (record["quick"], record["interrupted"], record["seed"], record["seeds"]) == (False, False, 0, 5)
    assert VERDICTS[use](measures) == record["verdict"]
    (row,) = [row for row in rows(FOLDER / "table.csv") if row["use"] == use]
    assert row["verdict"] == record["verdict"]


@pytest.mark.parametrize("use", run.USES)
def test_every_value_is_in_the_table(use):
    _, measures = recorded(use)
    values = [(one.task, one.method, one.what, str(value)) for one in measures for value in one.values]
    assert [(r["task"], r["method"], r["measure"], r["value"]) for r in rows(FOLDER / f"{use}.csv")] == values
    assert all(len(one.values) == 5 for one in measures)


@pytest.mark.parametrize("use", run.USES)
def test_a_verdict_of_other_measures_would_be_noticed(use):
    record, measures = recorded(use)
    other = [replace(one, values=tuple(1.1 * value + 0.01 for value in one.values)) for one in measures]
    assert VERDICTS[use](other) != record["verdict"]
