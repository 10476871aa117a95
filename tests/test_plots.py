"""Pictures: what is drawn is what the caption says."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import sae


def pixels(figure):
    return np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)


def test_filters(rng):
    W1 = rng.standard_normal((7, 16)) * rng.uniform(0.01, 100, (7, 1))
    canvas = pixels(sae.plot_filters(W1))
    assert canvas.shape == (3 * 5 + 1, 3 * 5 + 1)
    second = canvas[1:5, 6:10]  # second filter, first row
    np.testing.assert_allclose(second, W1[1].reshape(4, 4) / np.abs(W1[1]).max())
    assert np.isnan(canvas[0]).all()  # the frame
    assert np.isnan(canvas[11:15, 6:]).all()  # two places are empty
    assert pixels(sae.plot_filters(W1, shape=(2, 8), columns=7)).shape == (2 + 2, 7 * 9 + 1)


def test_history():
    history = [
        {"iteration": i, "evaluations": i + 1, "cost": 3.0 / (i + 1), "squared error": 1 / (i + 1), "max_grad": 1.0}
        for i in range(4)
    ]
    axes = sae.plot_history(history).axes[0]
    assert [line.get_label() for line in axes.lines] == ["J", "squared error"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [3, 1.5, 1, 0.75])
    with pytest.raises(sae.SaeError, match="history is empty"):
        sae.plot_history([])


def test_activations():
    axes = sae.plot_activations([0.02, 0.03], 0.01).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.02, 0.03]
    assert set(axes.lines[0].get_ydata()) == {0.01}


def test_reconstructions(rng):
    X, X_hat = rng.uniform(0, 1, (4, 5)), rng.uniform(0, 1, (4, 5))
    canvas = pixels(sae.plot_reconstructions(X, X_hat, columns=3))
    np.testing.assert_array_equal(canvas[1:3, 4:6], X[:, 1].reshape(2, 2))
    np.testing.assert_array_equal(canvas[5:7, 4:6], X_hat[:, 1].reshape(2, 2))
    np.testing.assert_array_equal(canvas[9:11, 1:3], X[:, 3].reshape(2, 2))
    with pytest.raises(sae.SaeError, match="X_hat has shape"):
        sae.plot_reconstructions(X, X_hat[:, :2])


def test_network():
    small, large = sae.plot_network(2, 3), sae.plot_network(64, 25)
    assert len(small.axes[0].lines) == 2 * 2 * 3
    assert "64 inputs" in [text.get_text() for text in large.axes[0].texts]
    assert "$x_{64}$" in [text.get_text() for text in large.axes[0].texts]
    assert isinstance(large, Figure)
