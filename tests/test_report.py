"""The page that `sae report` writes: complete, self-contained, safe, and readable in a real browser."""

import base64
import csv
import io
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import sae
from sae.cli import app
from sae.errors import SaeError
from sae.estimators import variational
from sae.experiment import FILES, Experiment
from sae.report import check, draw, markup, style, write_report
from sae.report.material import examples, material
from sae.report.run import NEEDED, read_run
from tests import browser as browsers

SMALL = Experiment(images=("camera",), patches=300, side=4, hidden=4, iterations=15)
VOID = {"meta", "link", "img"}
TAGS = VOID | {
    "html",
    "head",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "nav",
    "ul",
    "li",
    "a",
    "main",
    "section",
    "h2",
}
TAGS |= {"dl", "dt", "dd", "details", "summary"}
TAGS |= {"p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "pre", "code"}
HOSTILE = "</td><script>alert(1)</script><img src=http://example.org/x onerror='alert(2)'>\"&\x00\x1b\u202e\ud800"


class Page(HTMLParser):
    """A page as a tree would be built of it; complains where tags do not close in their order."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts = [], [], []
        self.feed(source)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        self.texts.append((tag, ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.append((self.open[-1], data))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def inside(self, tag):
        """The texts of each element of a kind that holds nothing but text, "" where it is empty."""
        found = []
        for name, text in self.texts:
            if name == tag:
                found = [*found, ""] if text == "" else [*found[:-1], found[-1] + text]
        return found

    @property
    def text(self):
        return " ".join(text for tag, text in self.texts if tag != "style" and text.strip())


def looked_at(source):
    """Return the page after all that must be true of every page."""
    found = Page(source)
    assert source.startswith("<!DOCTYPE html>\n")
    assert {tag for tag, _ in found.tags} <= TAGS
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcset")]
        for name in {"src", "href"} & attributes.keys():
            assert attributes[name].startswith("data:image/png;base64," if tag == "img" else ("#", "data:,"))
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    (css,) = found.inside("style")
    assert css == style.CSS
    assert "url(" not in css
    assert "@import" not in css
    for picture in found.all("img"):
        assert len(picture["alt"]) > 20
        with Image.open(io.BytesIO(base64.b64decode(picture["src"].split(",")[1], validate=True))) as image:
            image.load()
            assert image.size == (int(picture["width"]), int(picture["height"]))
    assert not [c for c in source if not c.isprintable() and c != "\n"]
    return found


def train(*arguments, code=0):
    """Run `sae train`, with the signals of the test as they were."""
    before = signal.getsignal(signal.SIGINT)
    try:
        done = CliRunner().invoke(app, ["train", *map(str, arguments)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.exit_code == code, done.output


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "photographs"
    sizes = ["--patches", SMALL.patches, "--side", SMALL.side, "--hidden", SMALL.hidden]
    train("--images", "camera", *sizes, "--iterations", SMALL.iterations, "--out", folder)
    return folder


@pytest.fixture
def folder(finished, tmp_path):
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture
def no_charts(monkeypatch):
    """For tests that do not look at charts."""
    dot = draw.mosaic(np.eye(4)[None], 0, 1)
    monkeypatch.setattr(draw, "chart", lambda plot, height=None: dot)


@pytest.fixture
def quick(no_charts, monkeypatch):
    """For tests that do not look at how the gradient was checked either."""
    monkeypatch.setattr(check, "check_gradient", lambda J, theta: sae.check_gradient(J, theta, samples=4, directions=1))


def described(folder, about, **more):
    """Write the model anew with another description."""
    path = folder / "model.safetensors"
    model = sae.model_file.load(path)
    sae.save(path, model.theta, model.layout, about, **more)


def page_of(folder):
    return write_report(folder).read_text(encoding="utf-8")


def test_the_page_shows_the_run(folder):
    assert {path.name for path in folder.iterdir()} == set(FILES)
    out = write_report(folder)
    assert out == folder / "report.html"
    source = out.read_text(encoding="utf-8")
    found = looked_at(source)
    assert not re.search("https?:|file:|//", re.sub('base64,[^"]*', "", source))
    assert [picture["class"] for picture in found.all("img")] == ["mosaic", "chart", "chart", "mosaic"]
    assert "stopped at the iteration limit" in found.text
    cells = found.inside("th") + found.inside("td")
    for name, value in asdict(SMALL).items():
        assert name in cells
        assert (", ".join(value) if name == "images" else str(value)) in cells
    assert {"--images", "--iterations", "15", "400"} < set(cells)  # what config.toml says, and the default
    history = read_run(folder).history
    assert f"{history[-1]['cost']:.6g}" in cells
    assert not [attributes for _, attributes in found.tags if attributes.get("class") in ("missing", "bad")]
    assert sae.__version__ in cells
    assert f"J went from {history[0]['cost']:.4g} to {history[-1]['cost']:.4g} in 15 iterations" in found.text


@pytest.mark.usefixtures("quick")
def test_the_mosaic_of_filters_is_that_of_the_model(folder):
    W1 = sae.model_file.load(folder / "model.safetensors").theta[: 4 * 16].reshape(4, 4, 4)
    source = looked_at(page_of(folder)).all("img")[0]["src"]
    with Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))) as image:
        grey, alpha = np.asarray(image.convert("LA")).transpose(2, 0, 1)
    pixel = len(grey) // 11  # two filters of four, and three frames
    grey, alpha = (plane[pixel // 2 :: pixel, pixel // 2 :: pixel] for plane in (grey, alpha))
    assert alpha.sum() == 255 * W1.size  # nothing between them
    expected = 255 * (W1[1] / np.abs(W1[1]).max() + 1) / 2
    np.testing.assert_allclose(grey[1:5, 6:10], expected, atol=0.51)


@pytest.mark.usefixtures("no_charts")
def test_the_gradient_is_checked_by_both_engines(folder):
    found = looked_at(page_of(folder))
    assert "By the compiled kernels: correct." in found.text
    assert "By the plain NumPy page: correct." in found.text
    assert "exact to rounding" in found.text  # the complex step spoke
    assert found.inside("td").count("ok") == 10  # theta and four blocks, twice


@pytest.mark.usefixtures("no_charts")
def test_the_gradient_is_checked_where_the_run_ended(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(
        check, "check_gradient", lambda J, theta: asked.append((J, theta)) or sae.check_gradient(J, theta)
    )
    write_report(folder)
    assert ["Numba" in J.explain_engine() for J, _ in asked] == [True, False]
    for J, theta in asked:
        assert theta.tobytes() == sae.model_file.load(folder / "model.safetensors").theta.tobytes()
        assert J.X.shape == (16, check.EXAMPLES)


@pytest.mark.usefixtures("no_charts")
def test_a_wrong_gradient_is_called_wrong(folder, monkeypatch):
    right = Experiment.objective

    def wrong(self, X, threads=None):
        objective = right(self, X, threads)

        def cost_and_grad(theta):
            cost, grad = objective(theta)
            return cost, grad * (1 + (np.arange(grad.size) == 3))

        cost_and_grad.layout = objective.layout
        return cost_and_grad

    monkeypatch.setattr(Experiment, "objective", wrong)
    found = looked_at(page_of(folder))
    assert "By the compiled kernels: WRONG." in found.text
    assert "W1[0, 3]" in found.text
    assert {"class": "bad"} in found.all("p")


@pytest.mark.usefixtures("quick")
def test_the_lines_of_python_repeat_the_run(folder):
    *_, lines = looked_at(page_of(folder)).inside("code")
    names = {}
    exec(lines, names)
    assert names["theta"].tobytes() == sae.model_file.load(folder / "model.safetensors").theta.tobytes()


@pytest.mark.usefixtures("quick")
def test_an_interrupted_run_says_so(folder):
    model = sae.model_file.load(folder / "model.safetensors")
    described(folder, model.about | {"message": "interrupted after 3 iterations; this is the best theta so far"})
    found = looked_at(page_of(folder))
    assert "The training: interrupted after 3 iterations" in found.text
    assert "This run was interrupted" in found.text
    assert "digit by digit" not in found.text


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("how", ["gone", "cut", "other"])
def test_missing_pieces_are_said(name, how, folder):
    path = folder / name
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if how == "cut" else b"something else\n1\n")
    if (name, how) == ("history.csv", "cut"):
        path.write_text("iteration,cost\n0,1.5\n1")  # within a row; a cut number would still be one
    if (name, how) == ("config.toml", "cut"):
        path.write_text("hidden = 4\nlambda")
    found = looked_at(page_of(folder))
    said = "is not in the folder" if how == "gone" else "can't be shown"
    assert f"{name} {said}" in found.text
    assert len(found.all("img")) == {"model.safetensors": 2, "history.csv": 3, "config.toml": 4}[name]
    if name == "model.safetensors":  # the curves, and the reconstructions as the training drew them
        assert "Not checked: there is no model to check." in found.text
        assert found.text.count("Not known: model.safetensors") == 2


def test_pictures_are_drawn_anew(folder):
    for path in folder.glob("*.png"):
        path.unlink()
    found = looked_at(page_of(folder))
    assert len(found.all("img")) == 4
    assert {"class": "missing"} not in found.all("p")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("cells", ["0,nan", "0,", "0,1,2", "x,1"])
def test_a_history_of_no_numbers_is_said(cells, folder):
    (folder / "history.csv").write_text(f"iteration,cost\n{cells}\n")
    assert "history.csv can't be shown" in looked_at(page_of(folder)).text


def test_one_file_is_enough(folder):
    for name in FILES:
        if name != "history.csv":
            (folder / name).unlink()
    found = looked_at(page_of(folder))
    assert len(found.all("img")) == 1  # the curves
    assert "squared error" in found.text


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (None, "does not say which experiment"),
        ("text", "does not say which experiment"),
        ({"surprise": 1}, "'surprise', which is no setting"),
        ({"hidden": 5}, "W1 has shape (4, 16)"),
        ({"hidden": "4"}, "hidden is '4'"),
        ({"images": 5}, "wrong kinds"),
        ({"images": ["<b>"]}, "images is '<b>'"),
        ({"low": "x"}, ""),
        ({"clip": {}}, ""),
        ({"engine": "<b>"}, "engine is '<b>'"),
        ({"dtype": "<b>"}, ""),
    ],
)
def test_strange_settings_are_not_checked(settings, reason, folder):
    if isinstance(settings, dict):
        settings = asdict(SMALL) | settings
    described(folder, {"settings": settings})
    found = looked_at(page_of(folder))
    assert "Not checked: " in found.text
    assert reason in found.text
    assert "There are no lines of Python for it" in found.text or set(settings) == set(asdict(SMALL))


def hostile(folder):
    named = folder.rename(folder.with_name("<script>alert(3)<_script>&\"'"))
    about = {"message": HOSTILE, "command": HOSTILE, HOSTILE: HOSTILE, "deep": {HOSTILE: [{HOSTILE: HOSTILE}]}}
    described(
        named,
        about | {"settings": asdict(SMALL) | {HOSTILE: HOSTILE}},
        hyperparameters={HOSTILE: [HOSTILE] * 99},
        preprocessing=[{HOSTILE: HOSTILE, "mean": np.zeros(3)}],
        provenance={"command": ["sae", HOSTILE], "data": {"source": HOSTILE}},
    )
    (named / "history.csv").write_text(f'iteration,cost,"<script>{HOSTILE[:20]}"\n0,1,2\n')
    return named


@pytest.mark.usefixtures("quick")
def test_hostile_texts_stay_texts(folder):
    source = page_of(hostile(folder))
    found = looked_at(source)
    assert found.text.count("<script>alert(1)</script>") > 8
    assert "alert(3)" in found.inside("h1")[0]
    assert r"\x00\x1b\u202e\ud800" in found.text


@pytest.mark.usefixtures("quick")
def test_a_text_that_is_not_escaped_would_be_noticed(folder, monkeypatch):
    monkeypatch.setattr(markup, "escape", lambda text: text)
    source = page_of(hostile(folder))
    with pytest.raises(AssertionError):
        looked_at(source)


def test_no_folder_of_a_run(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "file"):
        with pytest.raises(SaeError, match=r"is no folder; expected the folder of a run"):
            write_report(tmp_path / name, tmp_path / "x.html")
    with pytest.raises(SaeError, match=r"holds none of model\.safetensors.*sae train"):
        write_report(tmp_path / "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]


@pytest.mark.usefixtures("quick")
def test_only_a_report_is_replaced(folder, tmp_path):
    out = tmp_path / "page.HTML"
    assert write_report(folder, out) == out
    first = out.read_bytes()
    assert write_report(str(folder), str(out)).read_bytes() == first
    for name, reason in (("model.safetensors", "does not end in .html"), ("mine.html", "is no report")):
        (folder / name).write_text("<!DOCTYPE html>\n<p>mine")
        with pytest.raises(SaeError, match=re.escape(reason)):
            write_report(folder, folder / name)
        assert (folder / name).read_text() == "<!DOCTYPE html>\n<p>mine"
    with pytest.raises(SaeError, match="can't write"):
        write_report(folder, tmp_path / "nowhere" / "page.html")


@pytest.mark.usefixtures("quick")
def test_the_old_page_stays_if_the_new_one_can_not_be_written(folder, monkeypatch):
    out = write_report(folder)
    before, names = out.read_bytes(), sorted(path.name for path in folder.iterdir())

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SaeError, match="No space left"):
        write_report(folder)
    assert out.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == names


def test_the_command(folder, tmp_path):
    words = [sys.executable, "-m", "sae", "report", "run", "--out", "page.html"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "written to page.html\n", "")
    looked_at((tmp_path / "page.html").read_text(encoding="utf-8"))
    failed = CliRunner().invoke(app, ["report", str(tmp_path / "nowhere")])
    assert failed.exit_code == 2
    assert failed.stderr.startswith("Error: ")
    assert "nowhere is no folder" in failed.stderr.replace("\n", "")


def luminance(colour):
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    c = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def test_light_and_dark_can_be_read():
    schemes = [dict(re.findall(r"--(\w+): #(\w+)", rule)) for rule in re.findall(r":root \{(.*?)\}", style.CSS, re.S)]
    assert len(schemes) == 2
    for scheme in schemes:
        for ink, ground in [("ink", "paper"), ("ink", "tint"), ("faint", "paper")]:
            dark, light = sorted([luminance(scheme[ink]), luminance(scheme[ground])])
            assert (light + 0.05) / (dark + 0.05) >= 4.5  # what WCAG asks of text


# ---- runs on data of the user's own ---------------------------------------------------------------------------------

SHORT = ["--hidden", 5, "--seed", 3]
ADAM = ["--solver", "adam", "--epochs", 3, "--batch-size", 16]
LBFGS = ["--iterations", 6]
KINDS = {  # name: (data, options, what the page must say)
    "table": ("table.csv", ["--scale", "minmax", "--penalty", "l1", "--validation", 0.2, *ADAM], "held out"),
    "pictures": ("digits.npy", ["--shape", "4x4", "--scale", "range", "--validation", 0.2, *LBFGS], "target rho"),
    "denoising": ("folder", ["--model", "denoising", "--scale", "range", *ADAM], "corrupted copy"),
    "contractive": ("digits.npy", ["--model", "contractive", "--scale", "zca", "--decoder", "linear", *LBFGS], ""),
    "ksparse": ("digits.npy", ["--model", "ksparse", "--k", 2, "--solver", "sgd", "--epochs", 2], "no target"),
    "variational": ("digits.npy", ["--model", "variational", "--scale", "range", *ADAM], "N(0, 1)"),
    "latent": ("table.csv", ["--model", "variational", "--latent", 3, "--scale", "minmax", *LBFGS], "of 3 spread"),
    "components": ("table.csv", ["--penalty", "none", "--scale", "pca", "--decoder", "linear", *LBFGS], "principal"),
}
TITLES = {"denoising": "Denoising", "contractive": "Contractive", "ksparse": "k-sparse"}
TITLES |= {"variational": "Variational", "latent": "Variational"}
NAMES = [*(f"f{j}" for j in range(5)), "$price$", "<b>bold</b>"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of data, and of each kind of run on them that was asked for."""
    place, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(5)
    rows = rng.uniform(0, 1, (60, 2)) @ rng.uniform(0, 1, (2, 16)) + 0.1 * rng.uniform(0, 1, (60, 16))
    np.save(place / "digits.npy", 16 * rows / rows.max())
    with (place / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([NAMES, *rows[:, :7].tolist()])
    (place / "folder").mkdir()
    for i, row in enumerate(rows[:20]):
        Image.fromarray(np.uint8(255 * row.reshape(4, 4) / rows.max())).save(place / "folder" / f"{i:02}.png")
    return place


def trained(place, kind, monkeypatch):
    monkeypatch.chdir(place)
    data, options, _ = KINDS[kind]
    if not Path(kind).exists():
        train(data, *options, *SHORT, "--out", kind)
    return place / kind


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_run_has_its_page(kind, place, monkeypatch):
    folder = trained(place, kind, monkeypatch)
    source = page_of(folder)
    found = looked_at(source)
    assert f"{TITLES.get(kind, 'Sparse')} autoencoder" in found.inside("title")[0]
    assert KINDS[kind][2] in found.text
    pictured = kind in ("pictures", "denoising")
    assert len(found.all("img")) == (4 if pictured else 5)
    assert ("Filters" in found.inside("h2")) == pictured
    verdicts = re.findall("By the [a-zA-Z ]*: ([a-zA-Z' ]*)", found.text)
    assert verdicts
    assert set(verdicts) == {"correct"}
    assert {"class": "missing"} not in found.all("p")
    cells = found.inside("th") + found.inside("td")
    assert {"--data", str(place / KINDS[kind][0]), "seed", "3", "data.sha256", "versions.numpy"} <= set(cells)
    assert f"sae train --config {folder}/config.toml --out again" in found.text
    assert "SHA-256 is that of the training" in found.text


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_checked_is_that_of_the_training(kind, place, monkeypatch):
    folder = trained(place, kind, monkeypatch)
    asked = []
    run = read_run(folder)
    monkeypatch.setattr(check, "EXAMPLES", 10**6)
    monkeypatch.setattr(check, "check_gradient", lambda J, theta: asked.append((J, theta)))
    monkeypatch.setattr(check, "subset", lambda which, most=0: which)
    check.check_run(run, material(run))
    for J, theta in asked:
        assert theta.tobytes() == run.model.theta.tobytes()
        assert J(theta)[0] == pytest.approx(asked[0][0](theta)[0], rel=1e-9)  # by either engine
        if "adam" not in KINDS[kind][1] and "sgd" not in KINDS[kind][1]:  # these tell the mean over batches
            assert J(theta)[0] == pytest.approx(run.history[-1]["cost"], rel=1e-12)


def test_preprocessing_and_held_out_examples_matter(place, monkeypatch):
    run = read_run(trained(place, "pictures", monkeypatch))
    found = examples(run.trained, material(run).rows)
    J = run.trained.estimator._objective
    theta, cost = run.model.theta, run.history[-1]["cost"]
    assert J(found.seen(found.train), found.noise)(theta)[0] == pytest.approx(cost, rel=1e-12)
    assert J(found.seen(found.held_out), found.noise)(theta)[0] != pytest.approx(cost, rel=1e-4)
    raw = found.rows[found.train] / 16.5
    assert J(raw, found.noise)(theta)[0] != pytest.approx(cost, rel=1e-4)


@pytest.mark.usefixtures("no_charts")
def test_a_wrong_gradient_of_a_variational_run_is_called_wrong(place, monkeypatch):
    folder = trained(place, "latent", monkeypatch)
    right = variational.VariationalAutoencoder._objective

    def wrong(self, x, rng):
        objective = right(self, x, rng)

        def cost_and_grad(theta):
            cost, grad = objective(theta)
            return cost, grad * (1 + (np.arange(grad.size) == 3))

        cost_and_grad.layout = objective.layout
        return cost_and_grad

    monkeypatch.setattr(variational.VariationalAutoencoder, "_objective", wrong)
    found = looked_at(write_report(folder, "wrong.html").read_text(encoding="utf-8"))
    assert "By the plain NumPy page: WRONG." in found.text
    assert "W1[0, 3]" in found.text


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", ["gone", "changed", "pipe", "unknown"])
@pytest.mark.parametrize("kind", ["table", "pictures"])
def test_data_that_are_not_there_any_more_are_said(how, kind, place, tmp_path, monkeypatch):
    folder = Path(shutil.copytree(trained(place, kind, monkeypatch), tmp_path / "run"))
    name = KINDS[kind][0]
    config = (folder / "config.toml").read_text()
    assert str(place / name) in config
    (folder / "config.toml").write_text(
        config.replace(str(place / name), "-" if how == "pipe" else str(tmp_path / name))
    )
    if how == "changed":
        data = (place / name).read_bytes()
        (tmp_path / name).write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
    elif how == "unknown":
        (folder / "config.toml").unlink()
    said = {"gone": "is not there any more", "changed": "its SHA-256 differs", "pipe": "from a pipe"}
    found = looked_at(page_of(folder))
    assert "Not checked: " in found.text
    assert said.get(how, "config.toml, which names the data file, is missing") in found.text
    assert len(found.all("img")) == {"table": 3, "pictures": 4}[kind]  # as far as model and history tell
    assert "correct" not in found.text


@pytest.mark.usefixtures("quick")
def test_the_data_are_found_beside_the_run(place, tmp_path, monkeypatch):
    folder = trained(place, "table", monkeypatch)
    monkeypatch.chdir(tmp_path)
    assert "correct" in write_report(folder, "page.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("quick")
def test_a_training_that_was_killed_has_a_page(place, tmp_path, monkeypatch):
    monkeypatch.chdir(place)
    train("digits.npy", "--scale", "range", *LBFGS, *SHORT, "--checkpoint", 2, "--out", tmp_path / "whole")
    folder = tmp_path / "killed"
    folder.mkdir()
    for name in ("config.toml", "checkpoint.safetensors"):
        shutil.copy(tmp_path / "whole" / name, folder)
    found = looked_at(page_of(folder))
    assert "this is its checkpoint after iteration 6" in found.text
    assert f"sae train --resume {folder}" in found.text
    assert "By the compiled kernels: correct." in found.text
    assert len(found.all("img")) == 5
    assert "is not in the folder" not in found.text


# ---- in a browser --------------------------------------------------------------------------------------------------

in_browser = pytest.mark.skipif(
    browsers.PATH is None, reason=f"no browser: none of {', '.join(browsers.NAMES)} is on the path"
)
PHONE, SCREEN = 375, 1200
LOOK = """(() => {
  const root = document.documentElement, all = [...document.body.querySelectorAll("*")];
  const shown = all.filter(one => one.checkVisibility());
  const boxed = one => one.closest(".box, pre");
  const light = colour => { const c = colour.match(/[\\d.]+/g).map(Number);
    return c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0); };
  return {
    inner: innerWidth, scroll: Math.max(root.scrollWidth, document.body.scrollWidth),
    pictures: [...document.images].map(one => one.complete && one.naturalWidth > 0),
    narrow: [...document.images].map(one => one.getBoundingClientRect().width),
    smallest: Math.min(...shown.map(one => parseFloat(getComputedStyle(one).fontSize))),
    beyond: shown.filter(one => one.getBoundingClientRect().right > root.clientWidth + 0.5 && !boxed(one))
      .map(one => one.tagName),
    hidden: [...document.querySelectorAll(".box, pre")].filter(one => one.checkVisibility())
      .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "auto").length,
    sections: document.querySelectorAll("section").length,
    empty: [...document.querySelectorAll("section")].filter(one => one.getBoundingClientRect().height < 60).length,
    paper: light(getComputedStyle(document.body).backgroundColor), ink: light(getComputedStyle(document.body).color)};
})()"""
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = browsers.Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(place, finished, tmp_path_factory):
    """The page of the photographs, and of each kind of run that another test made."""
    with pytest.MonkeyPatch.context() as patch:
        runs = [trained(place, kind, patch) for kind in ("table", "denoising", "variational")]
        written = [run / "report.html" for run in runs]
        written = [page if page.exists() else write_report(page.parent) for page in written]
    return [write_report(finished, tmp_path_factory.mktemp("pages") / "photographs.html"), *written]


def seen(browser, path, width, scheme="light"):
    browser.open(path, width, scheme)
    browser.ask(OPEN)
    return browser.ask(LOOK)


def complaints(found, width):
    """Return what is wrong with a page as it was seen."""
    wrong = {
        "another width": found["inner"] != width,
        "scrolls sideways": found["scroll"] > width,
        "sticks out": bool(found["beyond"]),
        "cut off": found["hidden"] > 0,
        "a broken picture": not all(found["pictures"]),
        "a picture too small to read": min(found["narrow"], default=999) < 280,
        "small letters": found["smallest"] < 14,
        "an empty frame": found["empty"] > 0,
        "pale letters": contrast(found["ink"], found["paper"]) < 7,
    }
    return [name for name, holds in wrong.items() if holds]


def contrast(one, other):
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@in_browser
@pytest.mark.parametrize("width", [PHONE, SCREEN])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_every_kind(width, scheme, browser, pages):
    for path in pages:
        found = seen(browser, path, width, scheme)
        assert browser.console == []
        assert complaints(found, width) == []
        assert found["sections"] == 9
        assert len(found["pictures"]) >= 4
        assert (found["paper"] < 0.05) == (scheme == "dark")
        if scheme == "light":
            with Image.open(io.BytesIO(browser.screenshot())) as image:
                assert image.width == width
                assert len(image.convert("L").getcolors() or ()) > 50  # letters and pictures, not an empty page


@in_browser
@pytest.mark.parametrize(
    ("planted", "noticed"),
    [
        ('<img alt="" width="300" height="300" src="data:image/png;base64,AAAA">', "a broken picture"),
        ("<table><tr>" + "<td>0.123456789</td>" * 40 + "</tr></table>", "scrolls sideways"),
        ("<table><tr>" + "<td>0.123456789</td>" * 40 + "</tr></table>", "sticks out"),
        ("<small><small>tiny</small></small>", "small letters"),
        ("<section></section>", "an empty frame"),
    ],
)
def test_the_browser_would_notice(planted, noticed, browser, pages, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(pages[0].read_text(encoding="utf-8").replace("</main>", f"{planted}</main>"), encoding="utf-8")
    assert noticed in complaints(seen(browser, bad, PHONE), PHONE)


@in_browser
@pytest.mark.parametrize(
    "planted",
    [
        "<script>1</script>",  # refused by the policy
        '<img alt="" src="http://127.0.0.1:9/x.png">',
        '<p onclick="1">x</p>',
        '<link rel="stylesheet" href="x.css">',
    ],
)
def test_the_console_would_be_heard(planted, browser, pages, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(pages[0].read_text(encoding="utf-8").replace("</main>", f"{planted}</main>"), encoding="utf-8")
    seen(browser, bad, PHONE)
    assert browser.console


@in_browser
def test_hostile_texts_do_nothing_in_a_browser(folder, browser):
    found = seen(browser, write_report(hostile(folder)), PHONE)
    assert browser.console == []
    assert complaints(found, PHONE) == []
