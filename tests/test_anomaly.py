"""Anomalies by reconstruction error: scikit-learn's face, and found where they were planted."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import sae
from sae import AnomalyDetector, SparseAutoencoder
from sae.estimators import VariationalAutoencoder

DIGITS = load_digits()
ZEROS, OTHERS = DIGITS.data[DIGITS.target == 0], DIGITS.data[DIGITS.target != 0]


@parametrize_with_checks(
    [AnomalyDetector(), AnomalyDetector(SparseAutoencoder(5, output_activation="identity", penalty=None))]
)
def test_check_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "autoencoder",
    [None, SparseAutoencoder(25, max_iter=100), PCA(10), make_pipeline(StandardScaler(), PCA(10))],
    ids=["default", "sparse", "PCA", "pipeline"],
)
def test_other_digits_are_anomalies_among_zeros(autoencoder):
    detector = AnomalyDetector(autoencoder, contamination=0.05, random_state=None if autoencoder else 0)
    detector.fit(ZEROS[:100])
    assert (detector.predict(ZEROS[:100]) == -1).mean() == pytest.approx(0.05, abs=0.011)
    scores = detector.score_samples(np.vstack([ZEROS[100:], OTHERS[:300]]))
    truth = np.repeat([1, 0], [len(ZEROS) - 100, 300])
    assert roc_auc_score(truth, scores) > 0.98
    assert (detector.predict(OTHERS[:300]) == -1).mean() > 0.9
    assert roc_auc_score(truth, -scores) < 0.02  # a score of the wrong sign would show


def test_the_scores_are_one_another():
    detector = AnomalyDetector(random_state=0, contamination=0.2).fit(ZEROS)
    model, data = detector.autoencoder_, OTHERS[:20]
    np.testing.assert_allclose(detector.feature_errors(data), (model.reconstruct(data) - data) ** 2)
    np.testing.assert_allclose(detector.errors(data), detector.feature_errors(data).mean(axis=1))
    np.testing.assert_allclose(detector.score_samples(data), -detector.errors(data))
    np.testing.assert_allclose(detector.score_samples(data), model.score_samples(data))
    np.testing.assert_allclose(detector.decision_function(data), detector.score_samples(data) - detector.offset_)
    assert detector.offset_ == pytest.approx(np.percentile(detector.score_samples(ZEROS), 20))
    assert set(detector.fit_predict(ZEROS)) == {-1, 1}
    assert detector.n_iter_ == model.n_iter_ > 0


def test_the_feature_that_was_changed_is_found():
    detector = AnomalyDetector(random_state=0).fit(ZEROS[:150])
    changed = ZEROS[150:].copy()
    features = np.random.default_rng(0).integers(0, 64, len(changed))
    rows = np.arange(len(changed))
    changed[rows, features] += np.where(changed[rows, features] < 8, 32, -32)  # beyond the range of training, 0 to 16
    assert (detector.feature_errors(changed).argmax(axis=1) == features).mean() > 0.9
    assert (detector.predict(changed) == -1).mean() > (detector.predict(ZEROS[150:]) == -1).mean() + 0.5


def test_transposed_data_would_be_noticed():
    """Planted: features as examples; as many of both, so that no shape shows it."""
    square = ZEROS[:64]
    right, wrong = (AnomalyDetector(random_state=0).fit(data) for data in (square, square.T))
    fresh, truth = np.vstack([ZEROS[64:], OTHERS[:200]]), np.repeat([1, 0], [len(ZEROS) - 64, 200])
    assert roc_auc_score(truth, right.score_samples(fresh)) > 0.98
    assert roc_auc_score(truth, wrong.score_samples(fresh)) < 0.9


def test_its_own_random_state_goes_to_the_autoencoder():
    model = VariationalAutoencoder(8, likelihood="gaussian", max_iter=10)
    scores = [AnomalyDetector(model, random_state=3).fit(ZEROS).score_samples(ZEROS) for _ in range(2)]
    np.testing.assert_array_equal(*scores)
    assert model.random_state is None
    assert not hasattr(model, "n_iter_")


def test_names_of_features_and_float32():
    import pandas as pd

    frame = pd.DataFrame(ZEROS[:, 10:14], columns=list("abcd"))
    detector = AnomalyDetector(SparseAutoencoder(2, max_iter=10, random_state=0)).fit(frame)
    assert list(detector.feature_names_in_) == list(detector.autoencoder_.feature_names_in_) == list("abcd")
    np.testing.assert_array_equal(detector.fit(ZEROS.astype(np.float32)).autoencoder_.W1_.dtype, np.float32)


@pytest.mark.parametrize("contamination", [0, -0.1, 0.6, "auto", np.nan])
def test_bad_contamination(contamination):
    with pytest.raises(sae.SaeError, match="contamination is"):
        AnomalyDetector(contamination=contamination).fit(ZEROS)
