"""What the tests share."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

CLASSIC = {"lam": 1e-3, "rho": 0.05, "beta": 3.0}


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread():
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def problem(rng):
    """X (7, 13), n_hidden and a theta with biases that are not zero."""
    X = rng.uniform(0.1, 0.9, (7, 13))
    return X, 4, rng.normal(0, 0.5, 2 * 7 * 4 + 4 + 7)
