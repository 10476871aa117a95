"""Bad input at the command line: one message that says what was found and what to do, exit code 2, nothing written."""

import errno
import gzip
import os
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from PIL import Image

import sae
from sae import data, estimators
from sae.cli import app
from tests.command_line import PLAIN, call, refused, said, start

ROWS = np.random.default_rng(0).uniform(0, 1, (20, 3))
LINES = "".join(f"{i},{i * i % 7},{i % 3}\n" for i in range(20))
SHORT = ["--hidden", "2", "--iterations", "3"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    np.save(folder / "rows.npy", ROWS)
    call("train", folder / "rows.npy", *SHORT, "--out", folder / "run")
    return folder / "run"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", ROWS)
    return tmp_path


def text(content, name="bad.csv"):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def npy(array):
    np.save("bad.npy", array, allow_pickle=True)
    return "bad.npy"


def npz(**arrays):
    np.savez("bad.npz", **arrays)
    return "bad.npz"


def pictures(**sizes):
    Path("bad").mkdir()
    for name, size in sizes.items():
        Image.new("L", size).save(f"bad/{name}.png")
    return "bad"


def picture(image, name="bad.png"):
    image.save(name)
    return name


def link():
    Path("bad.csv").symlink_to("nowhere.csv")
    return "bad.csv"


def packed():
    return text(gzip.compress(b"\0\0\x08\x01\0\0\0\x05abcde")[:-9], "bad.gz")


# Files that can't be read: how to make one, what is found, what to do -----------------------------------------------

FILES = {
    "empty": (lambda: text(""), "bad.csv is empty", "expected .npy, .npz, .csv"),
    "empty lines": (lambda: text("\n\n"), "only empty lines", "one example a line"),
    "header only": (lambda: text("a,b,c\n"), "a header and no rows", "at least one example below it"),
    "ragged": (lambda: text(LINES + "1,2\n"), "line 21 has 2 cells, not 3", "correct these lines"),
    "text": (lambda: text(LINES + "1,two,3\n"), "line 21, column 2 is 'two'", "finite numbers a line"),
    "named": (lambda: text("a,b\n1,2\n3,\n"), "line 3, column 2 ('b') is empty", "correct these lines"),
    "decimal comma": (lambda: text("a;b\n1,5;2\n"), "column 1 ('a') is '1,5'", "write decimals with a point"),
    "NaN in text": (lambda: text(LINES + "1,nan,3\n"), "line 21, column 2 is 'nan'", "finite numbers"),
    "half a header": (lambda: text("1,x\n2,3\n"), "column 2 is 'x' beside numbers", "--header yes"),
    "numbered": (lambda: text("0,1,2\n5,6,7\n"), "may number the columns", "--header yes or no"),
    "quotation mark": (lambda: text('a,b\n"1,2\n'), "line 2: unexpected end of data", "a quotation mark too many"),
    "one long line": (lambda: text("x" * 200_000), "field larger than field limit", "one example a line?"),
    "UTF-16": (lambda: text("a,b\n1,2\n".encode("utf-16")), "is no UTF-8", "save the file as UTF-8"),
    "NaN": (lambda: npy(np.array([[0, 1], [np.nan, 1]])), "nan at index [1, 0]", "Leave such examples out"),
    "inf": (lambda: npy(np.full((5, 3), np.inf)), "inf at index [0, 0]", "expected finite numbers"),
    "object": (lambda: npy(np.array([[1, "a"]], object)), "dtype object", "convert the array to numbers"),
    "complex": (lambda: npy(np.ones((5, 3)) * 1j), "dtype complex128", "as columns of their own"),
    "strings": (lambda: npy(np.array([["a", "b"]])), "dtype <U1", "encode it as numbers"),
    "dates": (lambda: npy(np.array([["2020-01-01"]], "M8[D]")), "dtype datetime64[D]", "save them as days"),
    "identifiers": (lambda: npy(np.array([[2**60, 1]])), "whole numbers from 0 to", "Leave them out"),
    "1-D": (lambda: npy(np.ones(5)), "has shape (5,)", "A single feature is x[:, None]"),
    "no columns": (lambda: npy(np.ones((5, 0))), "has shape (5, 0)", "expected rows of examples"),
    "no rows": (lambda: npy(np.ones((0, 5))), "has shape (0, 5)", "at least one"),
    "cut short": (lambda: text(Path("rows.npy").read_bytes()[:-9], "bad.npy"), "is cut short", "Copy the file again"),
    "several arrays": (lambda: npz(A=ROWS, B=ROWS), "holds 2 arrays (A, B)", "--array"),
    "packed and cut": (packed, "bad.gz", "copy the file again"),
    "unknown kind": (lambda: text("hello", "bad.bin"), "starts with b'hello', which is no kind", "expected .npy"),
    "wrong name": (lambda: text(Path("rows.npy").read_bytes()), "its first bytes are those of npy", "rename it"),
    "not there": (lambda: "nowhere.csv", "nowhere.csv: No such file", "Is it there, and may you read it?"),
    "dangling link": (link, "bad.csv: No such file", "Is it there, and may you read it?"),
    "device": (lambda: "/dev/zero", "/dev/zero is a device", "expected a file, a folder or -"),
    "empty folder": (pictures, "bad holds 0 files and no picture", "expected some .png"),
    "two sizes": (
        lambda: pictures(a=(4, 3), b=(5, 3)),
        "bad/b.png has 5 x 3 pixels, a.png has 4 x 3",
        "Cut or scale them",
    ),
    "no picture": (lambda: text(b"\x89PNG nothing", "bad.png"), "can't be read as a picture", "save it again"),
    "transparent": (lambda: picture(Image.new("RGBA", (3, 3))), "is transparent in places", "put it on a background"),
    "inks": (lambda: picture(Image.new("CMYK", (3, 3)), "bad.jpg"), "mode 'CMYK'", "expected grey or RGB"),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_can_not_be_read(name, trained):
    make, found, to_do = FILES[name]
    path = make()
    for error in (refused("train", path), refused("encode", trained, path, "--out", "codes.npy")):
        assert found in error
        assert to_do in error
    assert not Path("sae-run").exists()
    assert not Path("codes.npy").exists()


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "standard input is empty"), (b"1,2\n3\n", "standard input: line 2 has 1 cell"), (b"\x93NUMPY", "as .npy")],
)
def test_bad_pipes(content, found):
    assert found in refused("train", "-", stdin=content)


def test_names_of_arrays_and_headers_that_a_file_does_not_have():
    npz(A=ROWS)
    assert "no array named 'B'; it holds A" in refused("train", "bad.npz", "--array", "B")
    assert "leave name='A' (--array) out" in refused("train", "rows.npy", "--array", "A")
    assert "leave header=True (--header) out" in refused("train", "rows.npy", "--header", "yes")
    assert "shape (8, 9) has 72 pixels; rows.npy has 3" in refused("train", "rows.npy", "--shape", "8x9")


# Files that vanish --------------------------------------------------------------------------------------------------


def test_a_file_that_vanishes_between_check_and_read(monkeypatch, trained):
    def gone(self):
        Path("rows.npy").unlink(missing_ok=True)
        return False

    monkeypatch.setattr(Path, "is_block_device", gone)  # the last look before it is opened
    error = refused("encode", trained, "rows.npy", "--out", "codes.npy")
    assert "rows.npy: No such file or directory. Is it there" in error


def test_a_folder_that_is_emptied_while_it_is_read(monkeypatch, trained):
    listed = [Path(pictures(a=(3, 1), b=(3, 1))) / "a.png", Path("bad/b.png")]
    listed[1].unlink()
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(listed))
    assert "bad/b.png: No such file" in refused("encode", trained, "bad", "--out", "codes.npy")


USING = ["encode", "decode", "reconstruct", "denoise", "anomalies", "plot", "export", "info"]


@pytest.mark.parametrize("command", USING)
def test_models_that_are_none(command, trained):
    Path("empty").mkdir()
    rest = [] if command in ("plot", "export", "info") else ["rows.npy"]
    out = {"info": [], "plot": [], "export": ["--out", "e.py"]}.get(command, ["--out", "x.npy"])
    for model in ("nowhere", "empty", "rows.npy", "/dev/zero"):
        error = refused(command, model, *rest, *out)
        assert "as a model (" in error
        assert "expected a file written by sae" in error
    assert not Path("x.npy").exists()


# Numbers that are converted, columns that never change ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "reason"),
    [
        ("int64", "int64 became float64, of the same values"),
        ("uint8", "uint8 became float64, of the same values"),
        ("bool", "True and False became 1 and 0"),
        ("float16", "float16 became float32, of the same values"),
    ],
)
def test_other_numbers_are_converted_with_a_reason(dtype, reason):
    assert reason in said(call("train", npy((ROWS > 0.5).astype(dtype)), *SHORT))


def test_one_example_is_said_to_be_one(trained):
    assert "one example only" in said(call("train", npy(ROWS[:1]), *SHORT))
    assert "one example only" in said(call("encode", trained, "bad.npy", "--out", "codes.npy"))
    assert "leaves none to train on" in refused("train", "bad.npy", "--validation", "0.5")
    assert "minimum of 2 is required" in refused("train", "bad.npy", "--scale", "pca")


def test_constant_columns_are_named_and_stay_finite():
    text("first,second,third\n" + "".join(f"7,{i},-1\n" for i in range(5)))
    found = said(call("train", "bad.csv", "--scale", "minmax", *SHORT))
    done = "minmax moves it to the low end and does not scale it"
    assert f"column 1 ('first'), 3 ('third') never changes: {done}" in found
    pipeline = estimators.files.load("sae-run/model.safetensors").steps
    assert pipeline is not None
    scaled = pipeline.transform(data.read("bad.csv").X.T)
    np.testing.assert_array_equal(scaled, [[0, i / 4, 0] for i in range(5)])
    assert "column 2 never changes" in said(call("train", npy(ROWS * [1, 0, 1]), "--scale", "minmax", *SHORT))
    assert "never change" not in said(call("train", "rows.npy", "--scale", "minmax", *SHORT))


# Data that do not go with the model, or with the decoder ------------------------------------------------------------


@pytest.mark.parametrize("command", ["encode", "reconstruct", "denoise", "anomalies"])
@pytest.mark.parametrize("n", [2, 4])
def test_other_features_than_the_model_has(command, n, trained):
    error = refused(command, trained, npy(np.ones((5, n))), "--out", "x.npy")
    assert f"bad.npy has {n} features an example" in error
    assert "was trained with 3. Give data with the same 3, in the same order" in error


def test_codes_and_names_of_another_model(trained):
    assert "bad.npy has 9 numbers a row" in refused("decode", trained, npy(np.ones((5, 9))), "--out", "x.npy")
    text("a,b,c\n" + LINES)
    call("train", "bad.csv", *SHORT)
    error = refused("encode", "sae-run", text("a,c,b\n" + LINES), "--out", "x.npy")
    assert "column 2 of bad.csv is 'c'; the model was trained with 'b' there" in error
    assert "--data" not in error
    assert "has 9 features" in refused("plot", trained, "--data", npy(np.ones((5, 9))))


def test_values_outside_of_the_decoders_range(trained):
    found = said(call("train", npy(ROWS * 20 - 10), *SHORT))
    assert "output units only from 0 to 1: all are mapped there by one map" in found
    assert "output units" not in said(call("train", "rows.npy", *SHORT))
    found = said(call("reconstruct", trained, "bad.npy", "--out", "x.npy"))
    assert "of 60 values, as preprocessed, lie outside [0, 1], the range that the decoder reaches" in found
    error = refused("train", "--patches", "50", "--images", "camera", "--range", "0", "2")
    assert "sigmoid output units reach only [0, 1]" in error
    with pytest.raises(sae.SaeError, match=r"sigmoid output units reach only \[0, 1\]"):
        estimators.SparseAutoencoder(2, data_range=None).fit(ROWS + 1)


# Every number of the command line -----------------------------------------------------------------------------------

ADAM = ["--solver", "adam"]
COUNTS, WEIGHTS, SHARES = ["0", "-1", "2.5", "many"], ["-1", "nan", "inf"], ["0", "1", "nan"]
PATCHES = ["train", "--images", "camera"]
NUMBERS = {
    "train": {
        "--hidden": (["train", "rows.npy"], [*COUNTS, str(10**30)]),
        "--iterations": (["train", "rows.npy"], COUNTS),
        "--epochs": (["train", "rows.npy", *ADAM], COUNTS),
        "--batch-size": (["train", "rows.npy", *ADAM], COUNTS),
        "--learning-rate": (["train", "rows.npy", *ADAM], ["0", *WEIGHTS]),
        "--clip-norm": (["train", "rows.npy", *ADAM], ["0", *WEIGHTS]),
        "--validation": (["train", "rows.npy"], ["1", "-0.1", "nan"]),
        "--patience": (["train", "rows.npy", "--validation", "0.2"], COUNTS),
        "--tol": (["train", "rows.npy"], WEIGHTS),
        "--checkpoint": (["train", "rows.npy"], COUNTS),
        "--rho": (["train", "rows.npy"], SHARES),
        "--lambda": (["train", "rows.npy"], WEIGHTS),
        "--beta": (["train", "rows.npy"], WEIGHTS),
        "--seed": (["train", "rows.npy"], ["-1", "0.5"]),
        "--eps": (["train", "rows.npy", "--scale", "zca"], WEIGHTS),
        "--retained": (["train", "rows.npy", "--scale", "pca"], ["0", "1.5", "nan"]),
        "--corruption-level": (["train", "rows.npy", "--model", "denoising"], ["-1", "1.1", "nan"]),
        "--contraction": (["train", "rows.npy", "--model", "contractive"], WEIGHTS),
        "--k": (["train", "rows.npy", "--model", "ksparse"], COUNTS),
        "--latent": (["train", "rows.npy", "--model", "variational"], COUNTS),
        "--f0": (PATCHES, ["0", *WEIGHTS]),
        "--patches": (PATCHES, [*COUNTS, str(10**12)]),
        "--side": (PATCHES, COUNTS),
        "--clip": (PATCHES, ["0", *WEIGHTS]),
        "--range": (PATCHES, [("1", "0"), ("nan", "1"), ("0", "inf")]),
        "--init-radius": (PATCHES, ["0", *WEIGHTS]),
        "--ftol": (PATCHES, WEIGHTS),
        "--gtol": (PATCHES, WEIGHTS),
        "--max-pairs": (PATCHES, COUNTS),
        "--threads": (PATCHES, COUNTS),
    },
    "anomalies": {"--contamination": (["anomalies", "MODEL", "rows.npy"], ["0", "-1", "0.6", "nan"])},
    "gradcheck": {
        "--hidden": (["gradcheck", "classic"], COUNTS),
        "--features": (["gradcheck", "classic"], COUNTS),
        "--examples": (["gradcheck", "classic"], COUNTS),
        "--lambda": (["gradcheck", "classic"], WEIGHTS),
        "--rho": (["gradcheck", "classic"], SHARES),
        "--beta": (["gradcheck", "classic"], WEIGHTS),
        "--seed": (["gradcheck", "classic"], ["-1"]),
        "--size": (["gradcheck", "classic"], COUNTS),
        "--timeout": (["gradcheck", "classic"], ["0", *WEIGHTS]),
        "--samples": (["gradcheck", "classic"], COUNTS),
    },
    "compare": {name: (["compare"], COUNTS) for name in ("--hidden", "--patches", "--iterations")}
    | {"--seed": (["compare"], ["-1"])},
    "laboratory": {"--seed": (["laboratory"], ["-1"])},
    "ufldl": {"--seed": (["ufldl", "pca"], ["-1"]), "--threads": (["ufldl", "pca"], COUNTS)},
    "check": {
        "--seed": (["course", "check", "student.py"], ["-1", "0.5"]),
        "--seconds": (["course", "check", "student.py"], ["0", *WEIGHTS]),
    },
    "grade": {
        "--seed": (["course", "grade", "student.py", "--exercise", "softmax"], ["-1", "0.5"]),
        "--seconds": (["course", "grade", "student.py", "--exercise", "softmax"], ["0", *WEIGHTS]),
        "--jobs": (["course", "grade", "student.py", "--exercise", "softmax"], COUNTS),
    },
    "mutants": {"--seed": (["course", "mutants", "softmax"], ["-1", "0.5"])},
    "export": {"--seed": (["course", "export", "softmax", "there", "--to", "otter"], ["-1", "0.5"])},
    "uses": {"--seed": (["uses", "tuning"], ["-1"]), "--seeds": (["uses", "tuning"], COUNTS)},
    "failures": {"--seed": (["failures"], ["-1"]), "--seeds": (["failures"], COUNTS)},
    "bench": {"--examples": (["bench"], ["0", "99", "many"])},
    "conventions": {"--features": (["conventions"], COUNTS)},
}
CASES = [(name, option) for name, options in NUMBERS.items() for option in options]


@pytest.mark.parametrize(("name", "option"), CASES, ids=lambda value: value)
def test_numbers_out_of_range(name, option, trained):
    command, values = NUMBERS[name][option]
    command = [str(trained) if word == "MODEL" else word for word in command]
    for value in values:
        given = value if isinstance(value, tuple) else (value,)
        result = call(*command, option, *given, code=2)
        error = said(result) or " ".join(result.stdout.split())
        shown = {"--epochs": "--epochs or --iterations", "--iterations": "--epochs or --iterations"}
        names = (option, shown.get(option, option))
        asked = any(f"{n} is {v}" in error and "; expected " in error for n in names for v in given)
        assert asked or f"Invalid value for '{option}'" in error, error
    assert not list(Path().glob("sae-*"))


def test_no_number_is_forgotten():
    found = set()
    groups = (group.typer_instance.registered_commands for group in app.registered_groups)
    for command in chain(app.registered_commands, *groups):
        for name, hint in get_type_hints(command.callback, include_extras=True).items():
            kind, said_of_it = (*get_args(hint), None, None)[:2]
            if {int, float} & {kind, *get_args(kind)}:
                given = [said_of_it.default, *(said_of_it.param_decls or ())]
                names = [n for n in given if isinstance(n, str)] or ["--" + name.replace("_", "-")]
                found.add((command.name or command.callback.__name__, names[0]))
    assert found == set(CASES)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--activation", "step"], "--activation is 'step'"),
        (["--scale", "standard"], "--scale is 'standard'; expected none, or some of minmax"),
        (["--scale", "mean,mean"], "has a step twice"),
        (["--model", "best"], "Invalid value for '--model'"),
        (["--shape", "0x3"], "--shape is '0x3'; expected height x width"),
        (["--model", "ksparse", "--k", "99", "--hidden", "9"], "topk keeps k = 99 units, but there are 9"),
        (["--whitening", "none"], "--whitening is for photographs; leave it out with DATA"),
        (["--epochs", "3"], "--epochs has no effect here: L-BFGS counts --iterations"),
        (["--penalty", "l1", "--rho", "0.1"], "--rho has no effect here"),
        (["--corruption-level", "0.1"], "it is of --model denoising"),
        (["--images", "camera"], "--images is for photographs"),
    ],
)
def test_words_that_do_not_go_together(arguments, message):
    assert message in refused("train", "rows.npy", *arguments)
    assert not Path("sae-run").exists()


def test_words_without_data():
    assert "--scale is for data of your own; give DATA" in refused("train", "--scale", "minmax")
    assert "--images is 'nobody'; expected one of camera" in refused("train", "--images", "nobody")


# Places that can't be written to ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "found", "to_do"),
    [
        ("nowhere/x.npy", "can't write nowhere/x.npy (No such file or directory)", "choose another place"),
        ("rows.npy/x.csv", "can't write rows.npy/x.csv (Not a directory)", "choose another place"),
        ("/proc/x.npy", "can't write /proc/x.npy", "choose another place"),
        ("x.xls", "its ending is '.xls'", "expected .npy or .csv"),
        ("folder.npy", "can't write folder.npy (Is a directory)", "choose another place"),
        ("/dev/full", "its ending is ''", "expected .npy or .csv"),
    ],
)
def test_files_that_can_not_be_written(out, found, to_do, trained):
    Path("folder.npy").mkdir()
    error = refused("encode", trained, "rows.npy", "--out", out)
    assert found in error
    assert to_do in error
    assert sorted(p.name for p in Path().iterdir()) == ["folder.npy", "rows.npy"]


@pytest.mark.parametrize("folder", ["/proc/nowhere", "rows.npy", "rows.npy/run"])
def test_folders_that_can_not_be_made(folder):
    error = refused("train", "rows.npy", *SHORT, "--out", folder)
    assert f"can't write into the folder {folder} (" in error
    assert "choose another one" in error


def mounted(*words):
    """Mount something, or skip: it takes root, and a container that may."""
    done = subprocess.run(["mount", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def read_only(here):
    """Root writes wherever permission bits say no, but not into this."""
    folder = here / "read-only"
    folder.mkdir()
    (folder / "x.npy").write_bytes(b"before")
    mounted("--bind", folder, folder)
    try:
        mounted("-o", "remount,ro,bind", folder)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_folder_mounted_read_only(read_only, trained):
    for name in ("x.npy", "new.csv"):
        error = refused("encode", trained, "rows.npy", "--out", read_only / name)
        assert "(Read-only file system); nothing was changed there" in error
    assert "can't write into the folder" in refused("train", "rows.npy", "--out", read_only)
    assert [p.read_bytes() for p in read_only.iterdir()] == [b"before"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_errors_of_the_system_are_told_and_the_old_file_stays(number, monkeypatch, trained):
    """Where permissions, disks and mounts can't be had: the same from the call that would fail."""
    Path("x.npy").write_bytes(b"before")

    def fails(self, mode="r", *rest, **options):
        if "w" in mode:
            raise OSError(number, os.strerror(number), str(self))
        return open(self, mode, *rest, **options)  # noqa: PTH123  (Path.open is what fails)

    monkeypatch.setattr(Path, "open", fails)
    error = refused("encode", trained, "rows.npy", "--out", "x.npy")
    assert f"can't write x.npy ({os.strerror(number)}); nothing was changed there. Make room, or choose" in error
    assert Path("x.npy").read_bytes() == b"before"
    assert sorted(p.name for p in Path().iterdir()) == ["rows.npy", "x.npy"]


# Disks that are full ------------------------------------------------------------------------------------------------


LIMITED = """
import resource, sys
from sae.cli import app
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # no file may grow above this: a full disk that needs no rights
train = ["train", "rows.npy", "--hidden", "200", "--iterations", "2"]
for words in (*(["encode", sys.argv[1], "rows.npy", "--out", name] for name in ("x.npy", "x.csv")), train):
    try:
        app(words)
    except SystemExit as end:
        print(end.code)
"""


def test_a_disk_that_fills_up_keeps_the_old_files(trained):
    for name in ("x.npy", "x.csv"):
        call("encode", trained, "rows.npy", "--out", name)
    before = {p: p.read_bytes() for p in Path().glob("x.*")}
    np.save("rows.npy", np.tile(ROWS, (20, 1)))
    command = [sys.executable, "-c", LIMITED, trained]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **PLAIN})
    assert done.stdout == "2\n2\n2\n"
    for name in ("x.npy", "x.csv", "sae-run/model.safetensors"):
        assert f"can't write {name} (File too large); nothing was changed there" in done.stderr
    assert "Traceback" not in done.stderr
    assert {p: p.read_bytes() for p in Path().glob("x.*")} == before
    assert sorted(p.name for p in Path().iterdir()) == ["rows.npy", "x.csv", "x.npy"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_pipe_that_is_full(trained):
    with Path("/dev/full").open("w") as full:
        process = start("encode", trained, "rows.npy", "--out", "-", stdout=full)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "can't write to standard output (No space left on device); what is there is not whole" in err
    assert err.count("Error") == 1
    assert "Traceback" not in err


def test_a_reader_that_has_seen_enough(trained):
    np.save("rows.npy", np.tile(ROWS, (5000, 1)))
    process = start("encode", trained, "rows.npy", "--out", "-")
    assert process.stdout is not None
    assert process.stdout.readline() == "h1,h2\n"
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) == 0


def test_a_small_disk(here, trained):
    """A file system of 64 KiB, really full; where none can be mounted, the tests above do the same."""
    disk = here / "disk"
    disk.mkdir()
    mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", disk)
    try:
        call("encode", trained, "rows.npy", "--out", disk / "x.npy")
        before = (disk / "x.npy").read_bytes()
        np.save("rows.npy", np.tile(ROWS, (500, 1)))
        for name in ("x.npy", "y.csv"):
            error = refused("encode", trained, "rows.npy", "--out", disk / name)
            assert "(No space left on device); nothing was changed there. Make room" in error
        error = refused("train", "rows.npy", "--hidden", "2000", "--iterations", "1", "--out", disk / "run")
        assert "run/model.safetensors (No space left on device)" in error
        assert [p.name for p in disk.iterdir()] == ["x.npy"]
        assert (disk / "x.npy").read_bytes() == before
    finally:
        subprocess.run(["umount", disk], check=True)


# Writes that are interrupted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.npy", "x.csv"])
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_an_interrupted_write_keeps_the_old_file(name, where, monkeypatch, trained):
    call("encode", trained, "rows.npy", "--out", name)
    before = Path(name).read_bytes()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync") if where == "fsync" else (Path, "replace")), interrupt)
    call("reconstruct", trained, "rows.npy", "--out", name, code=130)
    assert Path(name).read_bytes() == before
    assert sorted(p.name for p in Path().iterdir()) == ["rows.npy", name]


def test_what_is_written_is_flushed_before_it_is_renamed(monkeypatch, trained):
    done = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda n: done.append(str(Path(f"/proc/self/fd/{n}").readlink())) or fsync(n))
    monkeypatch.setattr(Path, "replace", lambda self, new: done.append((self, new)) or replace(self, new))
    call("encode", trained, "rows.npy", "--out", "x.npy")
    (flushed, (old, new)) = done
    assert flushed == str(Path().resolve() / old.name)
    assert new == Path("x.npy")
    assert old.parent == new.parent


def test_a_killed_write_keeps_the_old_file(trained):
    call("encode", trained, "rows.npy", "--out", "x.csv")
    before = Path("x.csv").read_bytes()
    np.save("rows.npy", np.tile(ROWS, (20_000, 1)))
    process = start("encode", trained, "rows.npy", "--out", "x.csv")
    while process.poll() is None and not list(Path().glob(".x.*.csv")):
        pass
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert Path("x.csv").read_bytes() == before


# The same in Python -------------------------------------------------------------------------------------------------

ARRAYS = {
    "empty": (np.empty((0, 3)), "0 sample"),
    "no features": (np.empty((3, 0)), "0 feature"),
    "1-D": (np.ones(3), "1D array"),
    "3-D": (np.ones((2, 3, 4)), "dim 3"),
    "text": (np.array([["1", "two"]], object), "two"),
    "complex": (ROWS * 1j, "[Cc]omplex"),
    "NaN": (np.where(ROWS > 0.9, np.nan, ROWS), "NaN"),
    "inf": (np.where(ROWS > 0.9, np.inf, ROWS), "infinity|inf"),
    "ragged": ([[1.0, 2.0], [3.0]], "inhomogeneous"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_estimators_refuse(name):
    bad, message = ARRAYS[name]
    fitted = estimators.SparseAutoencoder(2, max_iter=2, random_state=0).fit(ROWS)
    with pytest.raises(ValueError, match=message):
        estimators.SparseAutoencoder(2).fit(bad)
    for use in (fitted.transform, fitted.reconstruct, fitted.score_samples):
        with pytest.raises(ValueError, match=message):
            use(bad)


def test_features_that_estimators_refuse():
    fitted = estimators.SparseAutoencoder(2, max_iter=2, random_state=0).fit(ROWS)
    with pytest.raises(ValueError, match="2 features, but SparseAutoencoder is expecting 3"):
        fitted.transform(ROWS[:, :2])
    with pytest.raises(sae.SaeError, match=r"shape \(20, 3\); expected \(m, 2\)"):
        fitted.inverse_transform(ROWS)
    whole = estimators.SparseAutoencoder(2, max_iter=2, random_state=0).fit((ROWS > 0.5).astype(int))
    assert whole.W1_.dtype == np.float64
