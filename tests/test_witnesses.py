"""Each witness alone: the ladder of steps, noise, Taylor slopes, and the chances of missing a mistake."""

import math

import numpy as np
import pytest

from sae.gradient_check import witnesses
from sae.gradient_check.probe import SINGLE, Probe


def probe(objective, theta):
    return Probe(objective, np.asarray(theta, float), np.random.default_rng(0))


def waves(x):
    return np.sin(3 * x).sum(), 3 * np.cos(3 * x)


@pytest.mark.parametrize("x", [0.3, 1e-5, 40.0])
def test_the_ladder_bounds_its_error(x):
    slope = witnesses.ladder(probe(waves, [x]), np.ones(1))
    assert abs(slope.value - 3 * np.cos(3 * x) / probe(waves, [x]).size) <= 5 * slope.error
    assert slope.error < 1e-8
    assert slope.interval is None


@pytest.mark.parametrize("distance", [1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("side", [1, -1])
def test_the_ladder_goes_below_the_distance_to_a_kink(distance, side):
    slope = witnesses.ladder(probe(lambda x: (np.abs(x).sum() + 1, np.sign(x)), [side * distance]), np.ones(1))
    assert slope.interval is None
    assert slope.value == pytest.approx(side, abs=max(1e-5, 5 * slope.error))
    assert not slope.allows(-side, 0)
    assert not slope.allows(0, 0)


def test_at_a_kink_the_ladder_gives_the_interval():
    def kink(x):
        return np.maximum(2 * x, -0.5 * x).sum() + np.cos(x).sum(), -np.sin(x)

    trial = probe(kink, [0.0])
    slope = witnesses.ladder(trial, np.ones(1))
    assert np.multiply(slope.interval, trial.size) == pytest.approx((-0.5, 2), abs=1e-6)
    assert slope.allows(1.9 / trial.size, 0)
    assert not slope.allows(2.01 / trial.size, 0)


@pytest.mark.parametrize("side", [1, -1])
def test_where_j_jumps_only_the_smooth_side_counts(side):
    trial = probe(lambda x: (1 + 2 * x.sum() + (side * x[0] > 0), np.full(1, 2.0)), [0.0])
    slope = witnesses.ladder(trial, np.ones(1))
    assert np.isinf(slope.interval).any()
    assert slope.allows(2 / trial.size, 0)
    assert not slope.allows(2.1 / trial.size, 0)
    assert not slope.allows(1.9 / trial.size, 0)


def test_noise_is_measured():
    assert probe(lambda x: (1e6 + x @ x - 1e6, 2 * x), [0.5, 0.7]).noise > 1e-11  # u |J| would be 2e-16
    assert probe(waves, [0.5, 0.7]).noise < 1e-14


@pytest.mark.parametrize("single", [True, False])
def test_hidden_single_precision_is_noticed(single, rng):
    A, theta = rng.normal(size=(20, 5)), rng.normal(size=5)

    def objective(theta):
        r = np.tanh(A @ theta)
        r = r.astype(np.float32) if single else r
        return float(r @ r) + 0.1 * theta @ theta, np.zeros(5)

    trial = probe(objective, theta)
    assert trial.hidden_single == single
    assert (trial.unit == SINGLE) == single


@pytest.mark.parametrize(("factor", "slope"), [(1, 2), (1.01, 1), (-1, 1), (0, 1)])
def test_taylor_slopes(factor, slope):
    trial = probe(waves, [0.3, -0.2])
    v = np.array([0.6, 0.8])
    found = witnesses.taylor_slope(witnesses.ladder(trial, v), trial, factor * trial.grad @ v)
    assert found == pytest.approx(slope, abs=0.1)


def test_a_slope_below_rounding_is_not_measured():
    trial = probe(lambda x: (3 * x.sum(), np.full(2, 3.0)), [0.3, -0.2])
    assert witnesses.taylor_slope(witnesses.ladder(trial, np.ones(2)), trial, trial.grad.sum()) is None


def test_richardson_has_order_four():
    errors = []
    for eps in (0.1, 0.05):
        d = [witnesses.central(probe(waves, [0.3]), np.ones(1), q * eps)[0] for q in (1, 2)]
        errors.append(abs(witnesses.richardson(*d) - probe(waves, [0.3]).grad[0]))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("wrong", [1, 7])
def test_the_chance_that_directions_miss(wrong, rng):
    """(G10) by simulation; the deltas may be one wrong entry or many."""
    delta = np.zeros(10)
    delta[:wrong] = rng.normal(size=wrong)
    allowed, directions = 0.8 * np.linalg.norm(delta), 3
    v = rng.standard_normal((20000, directions, 10))
    missed = (np.abs(v @ delta) <= allowed).all(axis=1).mean()
    expected = witnesses.chance_missed_by_directions(allowed, float(np.linalg.norm(delta)), directions)
    assert missed == pytest.approx(expected, abs=4 * math.sqrt(expected / 20000))
    assert witnesses.chance_missed_by_directions(1.0, 0.0, 3) == 1


def test_the_chance_that_samples_miss(rng):
    """(G11) by simulation."""
    slices = {"a": slice(0, 30), "b": slice(30, 35)}
    missed = np.mean([not (witnesses.sample(slices, 14, rng)["a"] < 3).any() for _ in range(5000)])
    assert missed == pytest.approx(witnesses.chance_missed_by_samples(12, 30, 3), abs=0.03)


def test_every_block_is_sampled(rng):
    chosen = witnesses.sample({"W": slice(0, 10000), "b": slice(10000, 10003), "c": slice(10003, 10103)}, 100, rng)
    assert [len(i) for i in chosen.values()] == [99, 3, 4]
    assert len(set(np.concatenate(list(chosen.values())).tolist())) == 106
    assert chosen["b"].tolist() == [10000, 10001, 10002]
