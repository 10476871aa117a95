"""The commands on files: what they write is what the library gives, bad input is one message, runs can be repeated."""

import csv
import gzip
import runpy
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.pipeline import Pipeline

import sae
from sae import data, estimators
from sae.commands import options, steps
from sae.estimators import files
from sae.preprocessing import RangeScaler
from tests.command_line import call, said, start

X = load_digits().data[:120]
NAMES = tuple(f"p{j}" for j in range(64))
SHORT = ["--hidden", "10", "--iterations", "8"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("digits.npy", X)
    data.write("digits.csv", X.T, names=NAMES)
    return tmp_path


TEXTBOOK = ["--scale", "minmax", "--hidden", "16", "--penalty", "l1", "--solver", "adam", "--epochs", "5"]
TEXTBOOK += ["--batch-size", "32", "--validation", "0.2"]


def by_hand():
    scaler = RangeScaler(constant="warn")
    held_out = np.random.default_rng(0).spawn(3)[2].permutation(120)[:24]
    with pytest.warns(UserWarning, match="constant"):
        scaler.fit(np.delete(X, held_out, axis=0))  # nothing of a step is learnt from held-out examples
    rows = scaler.transform(X)
    estimator = estimators.SparseAutoencoder(
        16,
        penalty="l1",
        beta=options.L1_BETA,
        solver="adam",
        max_iter=5,
        batch_size=32,
        validation_fraction=0.2,
        random_state=0,
    )
    return Pipeline([("minmax", scaler), ("model", estimator.fit(rows))]), estimator


def column(run, name):
    with Path(run, "history.csv").open() as file:
        return [float(row[name]) for row in csv.DictReader(file)]


# What is written is what the library gives --------------------------------------------------------------------------


def test_the_textbook_line(folder):
    result = call("train", "digits.csv", *TEXTBOOK)
    pipeline, estimator = by_hand()
    assert sorted(path.name for path in Path("sae-run").iterdir()) == [
        "activations.png",
        "config.toml",
        "history.csv",
        "history.png",
        "model.safetensors",
    ]
    assert f"{estimator.loss_curve_[-1]:.6f}" in result.stdout
    assert f"{estimator.validation_curve_[-1]:.6f} at the end" in result.stdout
    assert "column 1 ('p0')" in said(result)
    assert "never changes" in said(result)
    codes = pipeline.transform(X)
    for source in ("digits.csv", "digits.npy"):
        call("encode", "sae-run", source, "--out", "codes.npy")
        np.testing.assert_array_equal(np.load("codes.npy"), codes)
    call("encode", "sae-run/model.safetensors", "-", "--out", "codes.csv", stdin=Path("digits.csv").read_bytes())
    np.testing.assert_array_equal(data.read("codes.csv").X.T, codes)
    piped = call("encode", "sae-run", "digits.npy", "--out", "-").stdout
    assert piped == Path("codes.csv").read_text()
    with pytest.raises(AssertionError):  # planted: without its preprocessing
        np.testing.assert_array_equal(estimator.transform(X), codes)
    expected = pipeline["minmax"].inverse_transform(estimator.decode(codes))
    call("decode", "sae-run", "codes.csv", "--out", "decoded.csv")
    call("reconstruct", "sae-run", "digits.csv", "--out", "reconstructed.csv")
    for name in ("decoded.csv", "reconstructed.csv"):
        found = data.read(name)
        np.testing.assert_allclose(found.X.T, expected, rtol=1e-12, atol=1e-12)
        assert found.names == NAMES
    assert column("sae-run", "validation") == estimator.validation_curve_


@pytest.mark.parametrize(
    "scale", ["none", "range", "mean", "patches", "pca", "pca-whitening", "zca", "mean,zca", "minmax,mean"]
)
def test_preprocessing_travels(scale):
    rows = X[:, 10:40]
    np.save("rows.npy", rows)
    retained = [] if set(scale.split(",")) <= {"none", "range", "mean", "patches", "minmax"} else ["--retained", "0.9"]
    call("train", "rows.npy", "--scale", scale, *retained, *SHORT, "--lambda", "0.001", "--rho", "0.1")
    call("encode", "sae-run", "rows.npy", "--out", "codes.npy")
    call("reconstruct", "sae-run", "rows.npy", "--out", "again.npy")
    pipeline = steps.build(scale, 1e-5, 0.9 if retained else None)
    seen, _ = steps.fit(pipeline, rows, None)
    estimator = estimators.SparseAutoencoder(10, weight_decay=0.001, sparsity_param=0.1, max_iter=8, random_state=0)
    np.testing.assert_allclose(np.load("codes.npy"), estimator.fit(seen).transform(seen), rtol=1e-12, atol=1e-13)
    model = files.load("sae-run/model.safetensors")
    np.testing.assert_allclose(steps.there_and_back(model.steps, rows, lambda y: y), rows, atol=25 if retained else 30)
    if scale in ("none", "range", "mean", "minmax,mean"):  # nothing is lost
        np.testing.assert_allclose(steps.there_and_back(model.steps, rows, lambda y: y), rows, atol=1e-12)


def idx():
    content = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (120, 8, 8)) + X.astype(np.uint8).tobytes()
    Path("digits-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    return "digits-idx3-ubyte.gz"


def npz():
    np.savez("digits.npz", train=X, other=X[:3])
    return "digits.npz"


def pictures():
    Path("pictures").mkdir()
    for i, row in enumerate(X):
        Image.fromarray((row * 15).astype(np.uint8).reshape(8, 8)).save(f"pictures/{i:03}.png")
    return "pictures"


@pytest.mark.parametrize(("make", "arguments"), [(idx, []), (npz, ["--array", "train"]), (pictures, [])])
def test_other_files(make, arguments):
    source = make()
    call("train", source, *arguments, "--scale", "range", *SHORT)
    call("encode", "sae-run", source, *arguments, "--out", "codes.npy")
    rows = X / 16 if make is not pictures else X / X.max()
    estimator = estimators.SparseAutoencoder(10, max_iter=8, random_state=0).fit(rows)
    np.testing.assert_allclose(np.load("codes.npy"), estimator.transform(rows), rtol=1e-6)
    assert Path("sae-run/filters.png").exists() == (make is not npz)  # where rows are known to be pictures


@pytest.mark.parametrize("kind", options.MODELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_model_in_both_precisions(kind, dtype):
    rows = (X / 16).astype(dtype)
    np.save("rows.npy", rows)
    call("train", "rows.npy", "--model", kind, *SHORT)
    call("encode", "sae-run", "rows.npy", "--out", "codes.npy")
    estimator = getattr(estimators, options.MODELS[kind])(10, max_iter=8, random_state=0).fit(rows)
    codes = np.load("codes.npy")
    assert codes.dtype == dtype
    np.testing.assert_array_equal(codes, estimator.transform(rows))


def test_denoise():
    noisy = np.clip(X + np.random.default_rng(0).normal(0, 4, X.shape), 0, 16)
    np.save("noisy.npy", noisy)
    arguments = ["--model", "denoising", "--corruption", "gaussian", "--corruption-level", "0.25"]
    call("train", "digits.npy", *arguments, "--hidden", "40", "--iterations", "150")
    result = call("denoise", "sae-run", "noisy.npy", "--out", "restored.npy", "--clean", "digits.npy")
    restored = np.load("restored.npy")
    before, after = ((noisy - X) ** 2).mean(), ((restored - X) ** 2).mean()
    assert f"{before:.6g} before, {after:.6g} after" in said(result)
    assert after < 0.7 * before
    call("train", "digits.npy", *SHORT, "--out", "plain")
    assert "saw no noise" in said(call("denoise", "plain", "noisy.npy", "--out", "restored.npy"))


def test_anomalies():
    strange = X.copy()
    strange[[3, 77], 0] = 40  # a corner that is black in all digits
    np.save("strange.npy", strange)
    call("train", "digits.npy", "--penalty", "none", "--hidden", "30", "--iterations", "150")
    call("anomalies", "sae-run", "strange.npy", "--contamination", 2 / 120, "--out", "scores.csv")
    scores = data.read("scores.csv")
    assert scores.names == ("error", "decision", "prediction", "worst column")
    assert list(np.flatnonzero(scores.X[2] == -1)) == [3, 77]
    assert (scores.X[3, [3, 77]] == 1).all()
    np.testing.assert_array_equal(scores.X[1] < 0, scores.X[2] < 0)
    shown = call("anomalies", "sae-run", "strange.npy", "--reference", "digits.npy", "--contamination", "0.01")
    assert "4 " in shown.stdout
    assert "78" in shown.stdout
    result = call("anomalies", "sae-run", "strange.npy", "--contamination", "0.9", code=2)
    assert "--contamination is 0.9" in said(result)


def test_plot_export_info():
    call("train", "digits.npy", "--shape", "8x8", "--scale", "range", *SHORT)
    assert {"filters.png", "reconstructions.png"} < {path.name for path in Path("sae-run").iterdir()}
    call("plot", "sae-run", "--data", "digits.npy", "--out", "pictures")
    names = ["activations.png", "filters.png", "history.png", "network.png", "reconstructions.png"]
    assert sorted(path.name for path in Path("pictures").iterdir()) == names
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in Path("pictures").iterdir())
    assert "the preprocessing (range) is in it" in said(call("export", "sae-run", "--out", "encoder.py"))
    call("encode", "sae-run", "digits.npy", "--out", "codes.npy")
    assert_same_codes(runpy.run_path("encoder.py")["encode"](X), np.load("codes.npy"))
    text = " ".join(call("info", "sae-run").stdout.split())
    for fact in ("SparseAutoencoder", "W1 10 x 64", "RangeScaler(", "digits.npy", "versions", "sha256"):
        assert fact in text
    assert "BLAS" in call("info").stdout


def assert_same_codes(found, expected):
    assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()


SCALES = ["none", "minmax", "range", "mean", "patches", "pca", "pca-whitening", "zca", "minmax,mean,pca-whitening"]


@pytest.mark.parametrize("scale", SCALES)
def test_exported_preprocessing(scale):
    whitens = ["--eps", "0.01"] if {"zca", "pca-whitening"} & set(scale.split(",")) else []
    call("train", "digits.npy", "--scale", scale, *whitens, *SHORT)
    call("encode", "sae-run", "digits.npy", "--out", "codes.npy")
    call("export", "sae-run", "--out", "encoder.py")
    encode = runpy.run_path("encoder.py")["encode"]
    assert_same_codes(encode(X), np.load("codes.npy"))
    with pytest.raises(ValueError, match=r"expected \(m, 64\)"):
        encode(X[:, :9])
    if scale != "none":  # planted: the encoder alone
        files.load("sae-run/model.safetensors").estimator.export_encoder("alone.py")
        with pytest.raises((AssertionError, ValueError)):
            assert_same_codes(runpy.run_path("alone.py")["encode"](X), np.load("codes.npy"))


@pytest.mark.parametrize("kind", options.MODELS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exported_models(kind, dtype):
    """What is exported computes in float64: to 1e-12 what encode gives of float64 rows, whatever it was trained on."""
    np.save("rows.npy", X.astype(dtype))
    call("train", "rows.npy", "--model", kind, "--scale", "range", *SHORT)
    call("encode", "sae-run", "digits.npy", "--out", "codes.npy")  # float64
    call("encode", "sae-run", "rows.npy", "--out", "same.npy")
    call("export", "sae-run", "--out", "encoder.py")
    exported = runpy.run_path("encoder.py")["encode"](X.astype(dtype))
    assert_same_codes(exported, np.load("codes.npy"))
    np.testing.assert_allclose(np.load("same.npy"), exported, rtol=0, atol=1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("scale", ["range", "minmax,mean", "mean,zca", "patches"])
def test_preprocessing_of_pictures_travels(scale):
    """Folders, single files and arrays of the same pictures have the same codes, those of the training."""
    folder = pictures()
    retained = ["--retained", "0.9"] if "zca" in scale else []
    call("train", folder, "--scale", scale, *retained, *SHORT)
    call("encode", "sae-run", folder, "--out", "codes.npy")
    rows = np.floor(X * 15) / 255
    pipeline = steps.build(scale, 1e-5, 0.9 if retained else None)
    seen, _ = steps.fit(pipeline, rows, None)
    codes = estimators.SparseAutoencoder(10, max_iter=8, random_state=0).fit(seen).transform(seen)
    np.testing.assert_allclose(np.load("codes.npy"), codes, rtol=1e-12, atol=1e-13)
    call("encode", "sae-run", f"{folder}/007.png", "--out", "one.npy")
    np.testing.assert_allclose(np.load("one.npy"), codes[7:8], rtol=1e-9, atol=1e-12)
    anew, _ = steps.fit(steps.build(scale, 1e-5, None), rows[:40] / 2, None)  # planted: fitted on what is encoded
    assert pipeline is not None
    kept = pipeline.transform(rows[:40] / 2)
    assert anew.shape != kept.shape or np.abs(anew - kept).max() > 1e-3


@pytest.mark.parametrize("whitening", ["fourier", "none"])
def test_a_model_of_photographs_takes_raw_pictures(whitening):
    """What the training did: the picture whitened, cut, its patches normalized with the sigma of the training."""
    grey = (np.random.default_rng(0).uniform(0, 255, (2, 40, 27))).astype(np.uint8)
    Path("photographs").mkdir()
    for name, pixels in zip("ab", grey, strict=True):
        Image.fromarray(pixels).save(f"photographs/{name}.png")
    small = ["--patches", "300", "--hidden", "6", "--images", "camera", "--iterations", "5"]
    call("train", *small, "--whitening", whitening)
    model = sae.model_file.load("sae-run/model.safetensors")
    result = call("encode", "sae-run", "photographs", "--out", "codes.npy")
    assert "cut into 20 patches of 8 x 8 each" in said(result)
    camera = data.photographs(("camera",))
    images = [data.whiten(image, 0.4) if whitening == "fourier" else image for image in (*camera, *grey / 255)]
    trained_on = data.sample_patches(images[:1], 300, 8, np.random.default_rng([0, 0]))
    places = [(top, left) for top in range(0, 40, 8) for left in (0, 8, 16, 19)]
    raw = np.array([image[t : t + 8, v : v + 8].ravel() for image in images[1:] for t, v in places]).T
    W1, _, b1, _ = model.layout.unpack(model.theta)
    seen = data.normalize_patches(raw, sigma=data.patches.contrast(trained_on))
    codes = sae.sigmoid(W1 @ seen + b1[:, None]).T
    np.testing.assert_allclose(np.load("codes.npy"), codes, rtol=1e-12)
    wrong = sae.sigmoid(W1 @ data.normalize_patches(raw) + b1[:, None]).T  # planted: with a sigma of their own
    assert np.abs(wrong - codes).max() > 1e-6
    np.save("patches.npy", raw.T)
    result = call("encode", "sae-run", "patches.npy", "--out", "rows.npy")
    np.testing.assert_allclose(np.load("rows.npy"), codes, rtol=1e-12)
    assert ("whitened as the photographs were" in said(result)) == (whitening == "fourier")
    call("export", "sae-run", "--out", "encoder.py")
    assert_same_codes(runpy.run_path("encoder.py")["encode"](raw.T), codes)


def test_a_model_of_photographs_can_be_used():
    call("train", "--patches", "300", "--hidden", "6", "--images", "camera", "--iterations", "5")
    model = sae.model_file.load("sae-run/model.safetensors")
    sae.save("older.safetensors", model.theta, model.layout, model.about)  # without its preprocessing
    np.save("patches.npy", np.full((3, 64), 0.5))
    result = call("encode", "older.safetensors", "patches.npy", "--out", "codes.npy")
    W1, _, b1, _ = model.layout.unpack(model.theta)
    np.testing.assert_allclose(np.load("codes.npy").T, sae.sigmoid(W1 @ np.full((64, 3), 0.5) + b1[:, None]))
    assert "taken for patches as the training saw them" in said(result)
    call("train", "--config", "sae-run/config.toml", "--out", "again")
    assert sae.model_file.load("again/model.safetensors").theta.tobytes() == model.theta.tobytes()


# Runs can be repeated and resumed -----------------------------------------------------------------------------------


def test_the_configuration_repeats_the_run():
    call("train", "digits.csv", *TEXTBOOK, "--seed", "5")
    call("train", "--config", "sae-run/config.toml", "--out", "again")
    call("train", "--config", "sae-run/config.toml", "--seed", "6", "--out", "other")
    first, again, other = (
        sae.model_file.load(f"{name}/model.safetensors").theta for name in ("sae-run", "again", "other")
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    config, repeated, changed = (Path(name, "config.toml").read_text() for name in ("sae-run", "again", "other"))
    assert repeated == config
    assert changed == config.replace("seed = 5", "seed = 6")
    assert "iterations" not in config  # has no effect with adam
    result = call(
        "train", "--config", "sae-run/config.toml", "--solver", "lbfgs", "--iterations", "2", "--out", "lbfgs"
    )
    assert "--epochs of the configuration has no effect here" in said(result)
    assert "epochs" not in Path("lbfgs/config.toml").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hiden = 3", "sets 'hiden', which is no option; did you mean 'hidden'?"),
        ("hidden = 3.5", "Invalid value for '--hidden'"),
        ("hidden = true", "sets hidden to True; expected a text, a number"),
        ("hidden = ", "is no TOML"),
        ("model = 'best'", "'best' is not one of"),
        ("[network]\nhidden = 3", "which is no option"),
        ("remove-mean = 3", "sets remove-mean to 3; expected true or false"),
        ("hidden = [[1]]", "expected a text, a number"),
        ("hidden = 1979-05-27", "expected a text, a number"),
        ("rho = 'é'", "is no TOML"),
        ("lambda = nan", "--lambda is nan"),
        ("lam = 1", "sets 'lam', which is no option; did you mean 'lambda'?"),
        ("hidden = 3\nhidden = 4", "is no TOML"),
    ],
)
def test_bad_configurations(text, message):
    Path("run.toml").write_bytes(text.encode("latin-1"))
    result = call("train", "digits.npy", "--config", "run.toml", code=2)
    assert message in said(result).replace("│ ", "")
    assert not Path("sae-run").exists()


def wait_for(process, condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_and_resumed():
    process = start("train", "digits.npy", "--iterations", "100000", "--tol", "0", "--checkpoint", "5", "--out", "run")
    checkpoint = Path("run/checkpoint.safetensors")
    wait_for(process, checkpoint.exists)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    before = sae.resume(checkpoint)
    total = before.iteration + 7
    call("train", "--resume", "run", "--iterations", total)
    history = column("run", "cost")
    assert len(history) == total + 1
    assert history[: before.iteration + 1] == [record["cost"] for record in before.history]
    assert history[-1] < history[before.iteration]
    assert "more than the 2 asked for; to go on, give more" in said(
        call("train", "--resume", "run", "--iterations", "2", code=2)
    )
    np.save("digits.npy", X[::-1])
    assert "SHA-256 differs" in said(call("train", "--resume", "run", "--iterations", total + 5, code=2))


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_ctrl_c_writes_the_best_so_far(solver):
    rounds = ["--iterations"] if solver == "lbfgs" else ["--solver", "adam", "--epochs"]
    process = start("train", "digits.npy", *rounds, "1000000", *(["--tol", "0"] if solver == "lbfgs" else []))
    assert process.stderr is not None
    while "iteration" not in process.stderr.readline():  # a line every two seconds
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted after" in out
    call("encode", "sae-run", "digits.npy", "--out", "codes.npy")


def test_models_that_say_what_is_not_so():
    call("train", "digits.npy", "--scale", "range", *SHORT)
    model = sae.model_file.load("sae-run/model.safetensors")
    words = {k: getattr(model, k) for k in ("about", "hyperparameters", "preprocessing")}
    for change in (
        {"hyperparameters": {**model.hyperparameters, "estimator": "os.system"}},
        {"hyperparameters": {**model.hyperparameters, "hidden_dim": 10**9}},
        {"hyperparameters": {**model.hyperparameters, "nonsense": 1}},
        {"hyperparameters": {}},
        {"preprocessing": ({"class": "Pipeline"},)},
        {"about": {"dtype": "nonsense"}},
    ):
        sae.save("changed.safetensors", model.theta, model.layout, **(words | change))
        assert "Error: " in said(call("encode", "changed.safetensors", "digits.npy", "--out", "c.npy", code=2))


def test_results_are_not_overwritten_unasked():
    call("train", "digits.npy", *SHORT)
    call("train", "digits.npy", *SHORT)
    assert Path("sae-run-2").is_dir()
    assert "already holds a run" in said(call("train", "digits.npy", *SHORT, "--out", "sae-run", code=2))
    call("train", "digits.npy", *SHORT, "--out", "sae-run", "--overwrite")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_text_in_pipes_and_files_gives_the_same_floats(dtype):
    rows = (X / 16).astype(dtype)
    np.save("rows.npy", rows)
    call("train", "rows.npy", *SHORT)
    call("encode", "sae-run", "rows.npy", "--out", "codes.npy")
    call("encode", "sae-run", "rows.npy", "--out", "codes.csv")
    codes = np.load("codes.npy")
    assert codes.dtype == dtype
    np.testing.assert_array_equal(data.read("codes.csv").X.T, codes)
    assert data.read("codes.csv").names == tuple(f"h{j + 1}" for j in range(10))
    piped = call("encode", "sae-run", "-", "--out", "-", stdin=Path("rows.npy").read_bytes()).stdout
    assert piped == Path("codes.csv").read_text()
    call("decode", "sae-run", "-", "--out", "again.npy", stdin=piped)
    call("decode", "sae-run", "codes.npy", "--out", "decoded.npy")
    np.testing.assert_allclose(np.load("again.npy"), np.load("decoded.npy"), rtol=1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("make", [idx, npz, pictures])
def test_any_file_through_a_pipe(make):
    source = make()
    source = f"{source}/000.png" if make is pictures else source
    name = ["--array", "train"] if make is npz else []
    call("train", "digits.npy", *SHORT)
    call("encode", "sae-run", source, *name, "--out", "codes.npy")
    call("encode", "sae-run", "-", *name, "--out", "piped.npy", stdin=Path(source).read_bytes())
    np.testing.assert_array_equal(np.load("piped.npy"), np.load("codes.npy"))


def test_values_survive_toml():
    from sae.commands import config

    values = {"a": 'quote " \\ new\nline é 🙂 \x7f', "b": 1e-5, "c": True, "d": [0.1, 0.9], "e": 10**9}
    config.write(Path("c.toml"), values)
    assert config.read(Path("c.toml")) == values
