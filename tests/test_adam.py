"""Adam on minibatches."""

import numpy as np
import pytest
from test_equations import tagged

import sae
from sae import adam, kernels
from sae.equations import read


@pytest.fixture
def objective(rng):
    return sae.Autoencoder(rng.uniform(0, 1, (11, 300)), 6, lam=1e-3, rho=0.1, beta=1.0)


def by_hand(objective, theta, rng, epochs, batch_size, alpha, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Algorithm 1 of the paper, line by line."""
    theta, m, v, t = theta.copy(), 0, 0, 0
    for _ in range(epochs):
        order = rng.permutation(objective.m)
        for start in range(0, objective.m, batch_size):
            t += 1
            X = objective.X[:, order[start : start + batch_size]]
            g = sae.reference.cost_and_grad(theta, X, 6, 1e-3, 0.1, 1.0)[1]
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
            theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
    return theta, t


@pytest.mark.parametrize("batch_size", [64, 100, 1000])
def test_it_is_the_algorithm_of_the_paper(batch_size, objective):
    theta = objective.init(np.random.default_rng(1))
    result = sae.minimize_adam(
        objective, theta, rng=np.random.default_rng(2), epochs=3, batch_size=batch_size, learning_rate=0.01
    )
    expected, steps = by_hand(objective, theta, np.random.default_rng(2), 3, batch_size, 0.01)
    np.testing.assert_allclose(result.theta, expected, rtol=1e-9, atol=1e-12)
    assert result.evaluations == steps
    assert result.cost == objective(result.theta)[0]
    assert [record["iteration"] for record in result.history] == [1, 2, 3]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_descends_and_repeats(dtype, rng):
    X = rng.uniform(0, 1, (11, 300))
    objective = sae.Autoencoder(X, 6, lam=1e-3, rho=0.1, beta=1.0, dtype=dtype)
    theta = objective.init(np.random.default_rng(1))
    before = theta.copy()
    a, b = (sae.minimize_adam(objective, theta, rng=np.random.default_rng(3), epochs=30) for _ in range(2))
    assert a.cost < 0.9 * objective(theta)[0]
    assert a.theta.tobytes() == b.theta.tobytes()
    assert (theta == before).all()


def test_interrupted(objective):
    def stop(record):
        if record["iteration"] == 2:
            raise KeyboardInterrupt

    result = sae.minimize_adam(
        objective, objective.init(np.random.default_rng(1)), rng=np.random.default_rng(0), callback=stop
    )
    assert result.interrupted
    assert result.iterations == 2
    assert result.message == "interrupted after 2 epochs, in step 4"
    assert result.cost == objective(result.theta)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rng": 0}, "rng is 0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 1.5}, "batch_size is 1.5"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"beta1": 1.5}, "beta1 is 1.5"),
        ({"beta2": 1}, "beta2 is 1"),
        ({"theta0": np.full(149, np.nan)}, "theta has 149 NaN"),
    ],
)
def test_bad_input(change, message, objective):
    arguments = {"theta0": np.zeros(149), "rng": np.random.default_rng(0), **change}
    with pytest.raises(sae.SaeError, match=message):
        sae.minimize_adam(objective, **arguments)


def test_equations():
    assert tagged(kernels) == {"A1", "A2", "A3"} == set(read(adam)) - {"A4"}
