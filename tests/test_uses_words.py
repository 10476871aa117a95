"""`sae uses words --quick`: counts by hand, numbers in bands, and planted mistakes that leave them."""

import math
from functools import cache

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import sae
from sae.data import load_python_reference
from sae.uses import interpretability, word_counts
from sae.uses import words as use
from sae.uses.use import Setting, find

# method: (coherence, intruders found), --quick, 30 units; of 4 seeds, and about as much to each side
BANDS = {
    "sparse autoencoder": ((-0.49, -0.25), (0.27, 0.60)),
    "dense vectors": ((-0.69, -0.50), (0.10, 0.30)),
    "random rotation": ((-0.69, -0.50), (0.11, 0.28)),
    "FastICA": ((-0.48, -0.29), (0.23, 0.49)),
    "NMF of PPMI": ((-0.44, -0.26), (0.24, 0.51)),
}


@cache
def quick():
    with threadpool_limits(1):
        return use.run(Setting(quick=True))


@cache
def one_split():
    """One split, its dense vectors and their sparse codes."""
    setting = Setting(quick=True)
    with threadpool_limits(1):
        text = use.split(load_python_reference().words, setting.rng(0, 0))
        dense = use.reduced(text.ppmi, use.DIMENSIONS, 0)
        (codes,) = use.sparse_codes(setting, dense, use.DIMENSIONS, 0)
    return text, dense, codes


def test_numbers_are_in_their_bands():
    outcome = quick()
    for name, bands in BANDS.items():
        for what, (low, high) in zip((use.COHERENCE, use.INTRUSION), bands, strict=True):
            assert low <= find(outcome.measures, "PPMI, 30 units", what, name).mean <= high, (name, what)
    assert {one.method for one in outcome.measures} == set(BANDS)
    ours, _ = outcome.at_headline()
    assert f"({ours})" in outcome.verdict
    assert "better than the dimensions of the dense vectors" in outcome.verdict
    assert "Python" in outcome.data


# Planted mistakes -------------------------------------------------------------------------------------------------


def measured(codes, npmi):
    """Return whether coherence and intruders found are both within the autoencoder's bands."""
    numbers = interpretability.coherence(codes, npmi).mean(), interpretability.intrusion(codes, npmi, rng())
    return all(low <= x <= high for x, (low, high) in zip(numbers, BANDS[use.SPARSE], strict=True))


def rng():
    return np.random.default_rng(0)


def test_planted_bugs_leave_the_bands():
    text, dense, codes = one_split()
    train = word_counts.npmi(
        [piece for piece in pieces_of_training() if set(piece) & set(text.words)], text.words, use.WINDOW
    )
    assert measured(codes, text.npmi)
    assert not measured(codes, train)  # measured in the text that the vectors are of
    assert not measured(-codes, text.npmi)  # the words with the least codes
    assert not measured(codes[rng().permutation(len(codes))], text.npmi)  # words in another order than codes
    assert not measured(interpretability.upright(dense), text.npmi)  # the codes forgotten
    assert not measured(np.where(np.arange(30) < 15, codes, 0), text.npmi)  # half of the units dead


def pieces_of_training():
    chapters = load_python_reference().words
    pieces = word_counts.pieces_of(chapters, use.PIECE)
    return [pieces[i] for i in Setting().rng(0, 0).permutation(len(pieces))[: len(pieces) // 2]]


# The counts and the measures, by hand -----------------------------------------------------------------------------


def test_pieces_keep_every_word_once():
    assert word_counts.pieces_of([["a", "b", "c"], ["d"]], 2) == [["a", "b"], ["c"], ["d"]]


def test_the_vocabulary():
    parts = [[["stack", "stack", "the", "x", "heap"]], [["stack", "the", "x", "queue"]]]
    assert word_counts.vocabulary(parts, 1) == ["stack"]  # a stop word, a letter, and two that a part lacks
    assert word_counts.vocabulary(parts, 4) == []


def test_ppmi_by_hand():
    found = word_counts.ppmi([["cat", "dog", "cat"], ["dog"], ["cat", "cow"]], ["cat", "dog", "cow"], 1)
    counts = np.array([3, 2, 1])  # neighbours of each
    context = counts**0.75 / (counts**0.75).sum()
    assert found[0, 1] == pytest.approx(math.log((2 / 6) / (3 / 6 * context[1])))
    assert found[2, 0] == pytest.approx(math.log((1 / 6) / (1 / 6 * context[0])))
    assert found[1, 2] == 0  # in other pieces only
    assert word_counts.ppmi([["cat", "x", "dog"]], ["cat", "dog"], 2)[0, 1] > 0
    assert not np.nan_to_num(word_counts.ppmi([["cat", "dog"], ["cat", "x", "cow"]], ["cat", "dog", "cow"], 1))[0, 2]


def test_npmi_by_hand():
    found = word_counts.npmi(
        [["cat", "dog", "cat", "cow"], ["cat", "dog"], ["sun", "x"]], ["cat", "dog", "cow", "sun"], 2
    )
    p = {"cat": 3 / 4, "dog": 2 / 4, "cow": 1 / 4}
    assert found[0, 1] == pytest.approx(math.log((2 / 4) / (p["cat"] * p["dog"])) / -math.log(2 / 4))
    assert found[0, 2] == pytest.approx(math.log((1 / 4) / (p["cat"] * p["cow"])) / -math.log(1 / 4))
    assert found[0, 3] == found[1, 2] == -1  # never together
    assert word_counts.npmi([["a", "b"], ["c"], ["a", "b"]], ["a", "b"], 2)[0, 1] == pytest.approx(1)  # always
    assert word_counts.npmi([["a", "b"]], ["a", "b"], 2)[0, 1] == 1  # in every window
    np.testing.assert_array_equal(np.diag(found), 0)


def test_npmi_of_a_word_that_is_not_there():
    with pytest.raises(sae.SaeError, match="no 'dog'"):
        word_counts.npmi([["cat"]], ["cat", "dog"], 2)


def blocks(units=6, size=8):
    """Codes of units with words of their own, and NPMI that is 1 within them."""
    codes = np.kron(np.eye(units), np.ones((size, 1))) * np.linspace(1, 2, units * size)[:, None]
    return codes, np.where(codes @ codes.T > 0, 1.0, -1.0)


def test_perfect_units_and_units_by_chance():
    codes, npmi = blocks()
    np.testing.assert_array_equal(interpretability.coherence(codes, npmi), 1)
    assert interpretability.intrusion(codes, npmi, rng()) == 1
    chance = np.random.default_rng(1).random((400, 60))
    noise = np.random.default_rng(2).normal(size=(400, 400))
    assert interpretability.intrusion(chance, noise + noise.T, rng()) == pytest.approx(1 / 6, abs=0.06)
    assert interpretability.intrusion(chance, np.zeros((400, 400)), rng()) == 0  # ties are not found


def test_dead_units_count():
    codes, npmi = blocks()
    codes[:, 0] = 0
    codes[4:, 1] = 0  # its words are gone
    assert list(interpretability.live(codes)) == [2, 3, 4, 5]
    np.testing.assert_array_equal(interpretability.coherence(codes, npmi), [-1, -1, 1, 1, 1, 1])
    assert interpretability.intrusion(codes, npmi, rng()) == pytest.approx(4 / 6)
    assert interpretability.intrusion(0 * codes, npmi, rng()) == 0


def test_the_longer_tail_is_upwards():
    codes = np.array([[-9.0, 9.0], [1, -1], [1, -1], [2, 2]])
    np.testing.assert_array_equal(interpretability.upright(codes), codes * [-1, 1])
    np.testing.assert_array_equal(interpretability.top_words(interpretability.upright(codes), 0, 1), [0])


def test_what_is_chosen_is_chosen_on_the_validation_text():
    good, npmi = blocks()
    bad = good[np.random.default_rng(0).permutation(len(good))]
    assert use.chosen(iter([bad, good]), npmi) is good


def test_the_users_vectors(tmp_path, monkeypatch):
    text, dense, _ = one_split()
    lines = [f"{word} {' '.join(map(repr, row.tolist()))}" for word, row in zip(text.words, dense[:, :8], strict=True)]
    (tmp_path / "vectors.txt").write_text("\n".join(["notinthetext" + " 0.5" * 8, *lines]) + "\n")
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    numbers = dict(use.of_user(Setting(quick=True), use.user_vectors(Setting()), text, 0))
    assert {(task, method) for task, method, _ in numbers} == {
        ("vectors.txt, 8 units", method) for method in BANDS if method != use.FACTORS
    }
    measure = "vectors.txt, 8 units", use.DENSE, use.COHERENCE
    unit = dense[:, :8] / np.linalg.norm(dense[:, :8], axis=1, keepdims=True)
    by_hand = interpretability.coherence(interpretability.upright(unit), text.npmi).mean()
    assert numbers[measure] == pytest.approx(by_hand)


def test_without_the_users_vectors(tmp_path, monkeypatch):
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    assert use.user_vectors(Setting()) is None
    (tmp_path / "vectors.txt").write_text("zeppelin 1 2\n")
    with pytest.raises(sae.SaeError, match="words in common"):
        dict(use.of_user(Setting(quick=True), use.user_vectors(Setting()), one_split()[0], 0))


def test_words_without_a_code_have_no_order():
    """Zeros rank by chance, not as the vocabulary is sorted, and are high in no unit."""
    codes, npmi = np.zeros((100, 2)), np.ones((100, 100))
    codes[:5, 0] = codes[5:10, 1] = 1
    npmi[:5, 5:10] = npmi[5:10, :5] = -1  # each unit's words are strangers to the other's, and to nobody else
    assert interpretability.intrusion(codes, npmi, np.random.default_rng(0)) == 1
    assert interpretability.intrusion(codes[::-1], npmi[::-1, ::-1], np.random.default_rng(0)) == 1
