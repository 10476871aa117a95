"""One-step forecasts from windows, by autoencoders and without: each method chooses by the rows to choose by.

A forecaster takes rows to train on and to choose by, (m, p + 1), the last value to be forecast, and rows to test on; it
returns the forecasts of those, which it makes without their last values. Choices are by the mean squared error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from ..activations import identity
from ..autoencoder import Autoencoder
from ..estimators import SparseAutoencoder
from .use import Setting

MASKED, CODES = "autoencoder, next value masked", "ridge on an autoencoder's codes"
LINEAR, AXES, LAST = "linear autoregression", "ridge on principal axes", "the last value again"
ALPHAS = (1e-3, 1e-1, 1e1, 1e3)  # of all ridge regressions, to choose from
AUTOENCODERS = ((5, 1e-4), (5, 1e-2), (15, 1e-4), (15, 1e-2))  # hidden units and lambda, to choose from
RHO, BETA = 0.1, 0.01
Forecast = Callable[[np.ndarray], np.ndarray]  # of rows (m, p), pasts


def error(forecast: Forecast, rows: np.ndarray) -> float:
    """Return the root of the mean squared error of forecasts of the last values of rows (m, p + 1)."""
    return float(np.sqrt(np.mean((forecast(rows[:, :-1]) - rows[:, -1]) ** 2)))


def best(forecasts: Sequence[Any], rows: np.ndarray) -> Any:
    """Return the forecast with the smallest error on the rows to choose by."""
    return min(forecasts, key=lambda one: error(one, rows))


def ridges(encode: Forecast, train: np.ndarray, choose: np.ndarray) -> Forecast:
    """Return ridge regression on encode(past), its alpha chosen."""

    def one(alpha: float) -> Forecast:
        model = Ridge(alpha=alpha).fit(encode(train[:, :-1]), train[:, -1])
        return lambda past: model.predict(encode(past))

    return best([one(alpha) for alpha in ALPHAS], choose)


def autoregression(orders: Sequence[int], train: np.ndarray, choose: np.ndarray) -> Forecast:
    """Return a linear autoregression, its order and alpha chosen."""
    return best([ridges(lambda past, q=q: past[:, -q:], train, choose) for q in orders], choose)


def principal(train: np.ndarray, choose: np.ndarray) -> Forecast:
    """Return ridge regression on principal components of the past, their number chosen."""
    p = train.shape[1] - 1
    models = [PCA(d).fit(train[:, :-1]) for d in (2, 5, 10, 15) if d <= min(p, len(train))]
    return best([ridges(model.transform, train, choose) for model in models], choose)


def on_codes(
    setting: Setting, train: np.ndarray, choose: np.ndarray, *, iterations: int, choices, random_state: int
) -> tuple[Forecast, SparseAutoencoder]:
    """Return ridge regression on the codes of an autoencoder that saw the pasts alone, and the autoencoder."""
    found = []
    for width, decay in choices:
        model = SparseAutoencoder(
            width,
            weight_decay=decay,
            sparsity_param=RHO,
            beta=BETA,
            output_activation="identity",
            data_range=None,
            max_iter=iterations,
            random_state=random_state,
        )
        setting.fit(f"{CODES}, {len(train)} windows", model, train[:, :-1])
        found.append((ridges(model.encode, train, choose), model))
    return min(found, key=lambda one: error(one[0], choose))


def masked(
    setting: Setting, train: np.ndarray, choose: np.ndarray, *, iterations: int, choices, rng: np.random.Generator
) -> Forecast:
    """Return an autoencoder of past and next value that reconstructs both from the past: the next value goes in as 0.

    It is a denoising autoencoder whose noise is to leave out what is to be forecast.
    """

    def one(width: int, lam: float) -> Forecast:
        seen = np.column_stack([train[:, :-1], np.zeros(len(train))])
        J = Autoencoder(seen.T, width, target=train.T, lam=lam, rho=RHO, beta=BETA, g=identity)
        theta = setting.train(f"{MASKED}, {len(train)} windows", J, J.init(rng), iterations).theta
        return lambda past: J.reconstruct(theta, np.column_stack([past, np.zeros(len(past))]).T)[-1]

    return best([one(width, lam) for width, lam in choices], choose)


def persistence(past: np.ndarray) -> np.ndarray:
    """Return the last known values."""
    return past[:, -1]
