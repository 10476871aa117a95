"""Pictures: what is drawn is what the caption says."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import sae
from sae import table_plots


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


def test_colour_filters(rng):
    W = rng.standard_normal((5, 48)) * rng.uniform(0.01, 100, (5, 1))
    canvas = pixels(sae.plot_colour_filters(W))
    assert canvas.shape == (2 * 5 + 1, 3 * 5 + 1, 3)
    second = canvas[1:5, 6:10]
    np.testing.assert_allclose(second, (1 + W[1].reshape(4, 4, 3) / np.abs(W[1]).max()) / 2)
    assert (canvas[0] == 1).all()  # the frame
    grey = np.repeat(W[:, :16], 3, axis=1)
    assert np.ptp(pixels(sae.plot_colour_filters(grey, columns=5)), axis=2).max() == 0
    assert pixels(sae.plot_colour_filters(W, shape=(2, 8), columns=5)).shape == (2 + 2, 5 * 9 + 1, 3)
    with pytest.raises(sae.SaeError, match="rows of 50 numbers are no images of 4 x 4 in three colours"):
        sae.plot_colour_filters(np.ones((2, 50)))


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

    axes = sae.plot_activations([-0.5, 0.3]).axes[0]  # tanh units, no target
    assert not axes.lines
    assert axes.get_ylim()[0] < -0.5


def test_history_with_gaps():
    history = [{"iteration": 1, "cost": 2.0, "validation": 1.0}, {"iteration": 2, "cost": 1.0}]
    validation = sae.plot_history(history).axes[0].lines[1]
    np.testing.assert_array_equal(validation.get_ydata(), [1, np.nan])
    assert validation.get_linestyle() == "--"
    assert sae.plot_history(history[:1]).axes[0].lines[0].get_marker() == "o"  # else nothing would be seen


def test_weights(rng):
    W1 = rng.standard_normal((3, 5)) * [1, 9, 2, 0.1, 5]
    names = ["a", "$b$", "c" * 40, "d", "\U00013080"]
    axes = table_plots.plot_weights(W1, names, shown=4).axes[0]
    np.testing.assert_array_equal(pixels(axes.figure), W1.T[[0, 1, 2, 4]])  # without d, which weighs least
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", r"\$b\$", "c" * 23 + "…", "?"]
    low, high = axes.images[0].get_clim()
    assert -low == high == np.abs(W1).max()
    with pytest.raises(sae.SaeError, match="got 1 names for 5 inputs"):
        table_plots.plot_weights(W1, ["a"])


def test_explained(rng):
    X = rng.standard_normal((4, 50))
    X[3] = 7
    X_hat = np.stack([X[0], np.full(50, X[1].mean()), -X[2], X[3]])
    share = table_plots.explained(X, X_hat)
    np.testing.assert_allclose(share[:2], [1, 0], atol=1e-15)
    assert share[2] < 0
    assert np.isnan(share[3])  # it never changes
    axes = table_plots.plot_explained(X, X_hat, ["a", "b", "c", "d"]).axes[0]
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [100, 0, 0], atol=1e-12)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]
    least = table_plots.plot_explained(X, X_hat, shown=1).axes[0]
    assert [label.get_text() for label in least.get_yticklabels()] == ["input 3"]
    with pytest.raises(sae.SaeError, match="every feature is constant"):
        table_plots.plot_explained(X[3:], X[3:])


def test_given(rng):
    X = rng.standard_normal((3, 40))
    points = table_plots.plot_given(X, 2 * X).axes[0].collections[0].get_offsets()
    assert sorted(map(tuple, points)) == sorted(zip(X.ravel(), 2 * X.ravel(), strict=True))
    assert len(table_plots.plot_given(X, X, drawn=50).axes[0].collections[0].get_offsets()) == 40


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
    assert len(small.axes[0].lines) == 2 * 2 * 3 + 3 + 2  # weights, and the biases of hidden and output units
    assert sum(line.get_linestyle() == ":" for line in small.axes[0].lines) == 5
    assert [text.get_text() for text in large.axes[0].texts].count("+1") == 2
    assert "64 inputs\n$x$" in [text.get_text() for text in large.axes[0].texts]
    assert "$x_{64}$" in [text.get_text() for text in large.axes[0].texts]
    assert isinstance(large, Figure)
