"""Examples come from files as they are there, or one message says what is wrong and where."""

import contextlib
import gzip
import hashlib
import io
import os
import resource
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

import sae
from sae.data import arrays, load_mnist, numbers, read, write
from sae.data import text as tables_text
from tests.damage import damaged, little_memory, many

ROWS = np.array([[0.1, 2.0, -3.5], [1e-300, 0.25, 1e300]])


def saved(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def as_npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def as_idx(kind, array):
    array = np.asarray(array)
    return struct.pack(f">xxBB{array.ndim}I", kind, array.ndim, *array.shape) + array.tobytes()


def as_picture(pixels, form="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


# What comes in


def test_rows_of_a_npy_are_columns_without_a_copy(tmp_path):
    path = saved(tmp_path / "x.npy", as_npy(ROWS))
    data = read(path)
    np.testing.assert_array_equal(data.X, ROWS.T)
    assert data.X.T.flags.c_contiguous
    assert data.X.base is not None
    assert (data.names, data.shape, data.notes) == (None, None, ())
    assert data.source == f"{path} (.npy): 2 examples of 3 features"
    assert data.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    sae.Autoencoder(read(saved(tmp_path / "u.npy", as_npy(ROWS % 1))).X, 2, lam=0, rho=0.1, beta=1)


def test_fortran_order(tmp_path):
    np.testing.assert_array_equal(read(saved(tmp_path / "x.npy", as_npy(np.asfortranarray(ROWS)))).X, ROWS.T)


def test_a_large_npy_stays_in_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MAP_ABOVE", 10)
    for array in (ROWS, np.asfortranarray(ROWS)):
        X = read(saved(tmp_path / "x.npy", as_npy(array))).X
        np.testing.assert_array_equal(X, ROWS.T)
        assert isinstance(X, np.memmap)
        assert not X.flags.writeable
    assert not isinstance(read(saved(tmp_path / "i.npy", as_npy(np.eye(3, dtype=int)))).X, np.memmap)


@pytest.mark.parametrize(
    ("dtype", "became", "note"),
    [
        ("float64", "float64", ""),
        ("float32", "float32", ""),
        (">f8", "float64", "became float64"),
        (">f4", "float32", "became float32"),
        ("float16", "float32", "float16 became float32"),
        ("uint8", "float64", "uint8 became float64"),
        ("int64", "float64", "int64 became float64"),
        ("bool", "float64", "True and False became 1 and 0"),
    ],
)
def test_types(tmp_path, dtype, became, note):
    values = np.array([[0, 1, 1], [1, 0, 0]]).astype(dtype)
    data = read(saved(tmp_path / "x.npy", as_npy(values)))
    assert data.X.dtype == became
    assert data.X.dtype.isnative
    np.testing.assert_array_equal(data.X, values.T.astype(float))
    assert note in "".join(data.notes)
    assert bool(note) == bool(data.notes)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[1j]]), "dtype complex128; expected real numbers: features are real numbers"),
        (np.array([["a"]]), "text is no feature"),
        (np.array([[b"a"]]), "text is no feature"),
        (np.array([(1, 2.0)], "i4,f8"), "save its columns as one plain array"),
        (np.array([["2020-01-01"]], "M8[D]"), "dates are no numbers"),
        (np.array([[1]], "m8[s]"), "durations have a unit"),
        (np.array([[1]], np.longdouble), "rounding it to float64 would change the numbers"),
        (np.array([[2**53 + 1]]), "exactly only up to 2\\^53"),
        (np.array([[-(2**53) - 1]]), "exactly only up to 2\\^53"),
        (np.array(1.0), "has shape \\(\\)"),
        (np.array([1.0, 2.0]), "has shape \\(2,\\); expected rows of examples"),
        (np.empty((0, 3)), "at least one"),
        (np.empty((3, 0)), "at least one"),
        (np.array([[0, 1], [np.nan, 1]]), "nan at index \\[1, 0\\] \\(example 1, counted from 0\\)"),
        (np.array([[0, 1], [2, -np.inf]]), "-inf at index \\[1, 1\\]"),
    ],
)
def test_arrays_that_are_refused(tmp_path, values, message):
    with pytest.raises(sae.SaeError, match=message):
        read(saved(tmp_path / "x.npy", as_npy(values)))


def test_no_pickle_is_ever_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "x.npy", np.array([[Trap()]], object), allow_pickle=True)
    np.savez(tmp_path / "x.npz", np.array([[Trap()]], object))
    for name in ("x.npy", "x.npz"):
        with pytest.raises(sae.SaeError, match="pickle, which can run code"):
            read(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_nan_is_found_in_any_part(tmp_path, monkeypatch):
    monkeypatch.setattr(numbers, "PART", 6)
    rows = np.zeros((7, 3))
    rows[5, 2] = np.nan
    with pytest.raises(sae.SaeError, match=r"index \[5, 2\]"):
        read(saved(tmp_path / "x.npy", as_npy(rows)))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path, save):
    save(tmp_path / "one.npz", X=ROWS)
    save(tmp_path / "two.npz", X=ROWS, y=[1, 2])
    np.testing.assert_array_equal(read(tmp_path / "one.npz").X, ROWS.T)
    np.testing.assert_array_equal(read(tmp_path / "two.npz", name="X").X, ROWS.T)
    with pytest.raises(sae.SaeError, match=r"holds 2 arrays \(X, y\); say which one"):
        read(tmp_path / "two.npz")
    with pytest.raises(sae.SaeError, match=r"no array named 'Z'; it holds X"):
        read(tmp_path / "one.npz", name="Z")


def test_pictures_as_arrays_keep_their_shape(tmp_path):
    images = np.arange(24.0).reshape(2, 3, 4)
    data = read(saved(tmp_path / "x.npy", as_npy(images)))
    assert data.shape == (3, 4)
    np.testing.assert_array_equal(data.X[:, 1].reshape(3, 4), images[1])
    flat = saved(tmp_path / "flat.npy", as_npy(images.reshape(2, 12)))
    assert read(flat, shape=(4, 3)).shape == (4, 3)
    for shape, message in (((3, 5), "has 15 pixels"), ((-3, -4), "expected a whole number")):
        with pytest.raises(sae.SaeError, match=message):
            read(flat, shape=shape)


@pytest.mark.parametrize(
    ("kind", "dtype"), [(0x08, ">u1"), (0x09, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx(tmp_path, kind, dtype, pack):
    images = np.arange(24).reshape(2, 3, 4).astype(dtype)
    data = read(saved(tmp_path / ("x.gz" if pack is gzip.compress else "x-idx3-ubyte"), pack(as_idx(kind, images))))
    np.testing.assert_array_equal(data.X, images.reshape(2, 12).T)
    assert data.shape == (3, 4)


def test_labels_are_one_feature(tmp_path):
    data = read(saved(tmp_path / "y", as_idx(0x08, np.array([3, 1, 2], np.uint8))))
    np.testing.assert_array_equal(data.X, [[3, 1, 2]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\x08\x03\0\0", "can't be read as IDX"),
        (as_idx(0x08, np.zeros((2, 3), np.uint8))[:-1], "takes 6 bytes, 5 are there"),
        (as_idx(0x08, np.zeros((2, 3), np.uint8)) + b"\0", "has 1 bytes after"),
        (as_idx(0x07, np.zeros((2, 3), np.uint8)), "type 0x07"),
        (b"\0\0\x08\0", "0 axes"),
        (b"\0\0\x0e\x04" + b"\xff" * 16, "is cut short"),
        (gzip.compress(as_idx(0x08, np.zeros((2, 3), np.uint8)), mtime=0)[:-9], "copy the file again"),
        (gzip.compress(b"1,2\n", mtime=0), "unpack it first"),
    ],
)
def test_damaged_idx(tmp_path, content, message):
    with pytest.raises(sae.SaeError, match=message):
        read(saved(tmp_path / "x", content))


# Text


@pytest.mark.parametrize(
    ("text", "rows", "names"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]], None),
        ("1,2\r\n3,4", [[1, 2], [3, 4]], None),
        ("a,b\n1,2\n\n\n", [[1, 2]], ("a", "b")),
        ("\ufeffa, b\n1, 2\n", [[1, 2]], ("a", "b")),
        ("a;b\n1.5;-2e3\n", [[1.5, -2000]], ("a", "b")),
        ("a\tb,c\n1\t2\n", [[1, 2]], ("a", "b,c")),
        ('"a, or so";b_1\n"1";2\n', [[1, 2]], ("a, or so", "b_1")),
        ("5\n6\n", [[5], [6]], None),
        ("\n\nx\n5\n", [[5]], ("x",)),
        ("é\n5\n", [[5]], ("é",)),
        ("PK,b\n5,6\n", [[5, 6]], ("PK", "b")),  # begins as zip files do
        ("a;b\r1;2\r3;4\r", [[1, 2], [3, 4]], ("a", "b")),
        ("1,2\r\n3,4\r\n\r\n", [[1, 2], [3, 4]], None),
        ("a\tb\r\n1\t2\n", [[1, 2]], ("a", "b")),
    ],
)
def test_text(tmp_path, text, rows, names):
    data = read(saved(tmp_path / "x.csv", text))
    np.testing.assert_array_equal(data.X.T, rows)
    assert data.X.dtype == np.float64
    assert data.names == names
    assert ("with a header" in data.source) == (names is not None)


def test_header_by_hand(tmp_path):
    path = saved(tmp_path / "x.csv", "0,1,2\n5,6,7\n")
    assert read(path, header=True).names == ("0", "1", "2")
    assert read(path, header=False).X.shape == (3, 2)
    with pytest.raises(sae.SaeError, match="may number the columns or be an example"):
        read(path)
    with pytest.raises(sae.SaeError, match="expected 'auto', True or False"):
        read(path, header="yes")
    np.testing.assert_array_equal(read(saved(path, "label,0,1\n5,6,7\n"), header=True).X.T, [[5, 6, 7]])
    assert "column 1 has no name" in read(saved(path, ",a\n0,1\n1,5\n")).notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "line 2, column 1 is empty|holds no numbers|has a header and no rows"),
        ("a,b\n", "has a header and no rows"),
        ("a,b\n1,2\n3\n4,5,6\n", r"line 3 has 1 cell, not 2; line 4 has 3 cells, not 2\. Expected 2 finite numbers"),
        ("a,b\n1,2\n3,x\n", r"line 3, column 2 \('b'\) is 'x'\."),
        ("1,2\n3,4\nNA,\n", "line 3, column 1 is 'NA'; line 3, column 2 is empty"),
        ("1,x\n3,4\n", "line 1, column 2 is 'x' beside numbers; say header=True"),
        ("a,b\n1,nan\n3,-inf\n", r"line 2, column 2 \('b'\) is 'nan'; line 3, column 2 \('b'\) is '-inf'"),
        ("a\n1\n1e999\n", r"line 3, column 1 \('a'\) is 'inf'"),
        ("1,2\n\n3,4\n", "line 2 is empty"),
        ("a;b\n1,5;2\n", r"'1,5' \(write decimals with a point\)"),
        ("a,b\n1_0,2\n", r"line 2, column 1 \('a'\) is '1_0'"),
        ("a,b\n١,2\n", r"line 2, column 1 \('a'\) is '١'"),
        ("a\n1 2 3\n", "separate columns by commas, semicolons or tabs"),
        ('a,b\n"1,2\n', "line 2: unexpected end of data"),
        ("a\n" + "x\n" * 30, "is 'x'; and at least 17 more"),
        ("a\n" + "x\n" * 5, "is 'x'; and 2 more"),
        ("a\n" + "y" * 500, "yyyyy\\.\\.\\."),
        ('a\n"1\n2"\nx\n', "line 3, column 1 .* is '1\\\\n2'; line 4, column 1"),
        (b"a,b\n1,\xe9\n", "line 2: byte 0xe9 is no UTF-8"),
        ("a,b\n1,2".encode("utf-16"), "looks like UTF-16"),
        ("a\n1\n" + "9" * 200_000 + "\n", "field larger than field limit|is 'inf'"),
        ("x" * 200_000, "line 1: field larger than field limit"),
    ],
)
def test_bad_text(tmp_path, text, message):
    with pytest.raises(sae.SaeError, match=message):
        read(saved(tmp_path / "x.csv", text))


def test_the_line_of_a_nan_counts_empty_lines_and_breaks_in_cells(tmp_path):
    with pytest.raises(sae.SaeError, match=r"line 5, column 2 \('b'\) is 'nan'"):
        read(saved(tmp_path / "x.csv", '\n"a\nc",b\n1,2\n1,nan\n'))


# Pictures


def test_grey_and_colours(tmp_path, rng):
    grey = rng.integers(0, 256, (5, 4), dtype=np.uint8)
    data = read(saved(tmp_path / "x.png", as_picture(grey)))
    np.testing.assert_array_equal(data.X[:, 0], grey.ravel() / 255)
    assert data.shape == (5, 4)
    deep = rng.integers(0, 65536, (5, 4), dtype=np.uint16)
    np.testing.assert_array_equal(read(saved(tmp_path / "d.png", as_picture(deep))).X[:, 0], deep.ravel() / 65535)
    colours = rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    data = read(saved(tmp_path / "c.png", as_picture(colours)))
    np.testing.assert_allclose(data.X[:, 0], (colours @ [0.2125, 0.7154, 0.0721] / 255).ravel(), rtol=1e-14)
    assert "0.2125 R + 0.7154 G + 0.0721 B" in data.notes[0]
    white = np.full((2, 2, 3), 255, np.uint8)
    assert (read(saved(tmp_path / "w.png", as_picture(white))).X == 1).all()
    opaque = np.dstack([colours, np.full((5, 4), 255, np.uint8)])
    np.testing.assert_array_equal(read(saved(tmp_path / "o.png", as_picture(opaque))).X, data.X)
    assert read(saved(tmp_path / "b.png", as_picture(grey > 99))).X.max() == 1
    jpeg = read(saved(tmp_path / "j.jpg", as_picture(np.full((8, 8), 51, np.uint8), "JPEG")))
    np.testing.assert_allclose(jpeg.X, 0.2, atol=0.01)


def test_opaque_grey_is_read_as_grey(tmp_path):
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    Image.merge("LA", [Image.fromarray(grey), Image.new("L", (4, 3), 255)]).save(tmp_path / "x.png")
    np.testing.assert_array_equal(read(tmp_path / "x.png").X[:, 0], grey.ravel() / 255)


def test_a_palette_is_read_as_its_colours(tmp_path, rng):
    image = Image.fromarray(rng.integers(0, 256, (5, 4, 3), dtype=np.uint8)).quantize(8)
    image.save(tmp_path / "p.png")
    image.convert("RGB").save(tmp_path / "c.png")
    np.testing.assert_array_equal(read(tmp_path / "p.png").X, read(tmp_path / "c.png").X)


def test_turned_as_the_camera_says(tmp_path):
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    exif = Image.Exif()
    exif[0x0112] = 6
    data = read(saved(tmp_path / "x.png", as_picture(pixels, exif=exif)))
    np.testing.assert_array_equal(data.X[:, 0].reshape(6, 4), np.rot90(pixels, -1) / 255)
    assert data.shape == (6, 4)
    assert "EXIF" in data.notes[0]


def test_colours_of_16_bits_are_noted(tmp_path):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    pixels = zlib.compress(b"\0" + b"\xab\xcd" * 3)
    head = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    data = read(saved(tmp_path / "x.png", png))
    np.testing.assert_allclose(data.X, 0xAB / 255)
    assert "16-bit colours read to 8 bits" in data.notes


def folder(path, **pictures):
    path.mkdir()
    for name, pixels in pictures.items():
        saved(path / f"{name}.png", as_picture(pixels))
    return path


def test_a_folder(tmp_path, rng):
    a, b = rng.integers(0, 256, (2, 3, 4), dtype=np.uint8)
    path = folder(tmp_path / "f", b=b, a=a)
    saved(path / ".hidden.png", b"")
    saved(path / "readme.txt", b"")
    data = read(path)
    np.testing.assert_array_equal(data.X, np.stack([a.ravel(), b.ravel()], axis=1) / 255)
    assert data.shape == (3, 4)
    assert "left out 1 other file: readme.txt" in data.notes
    sums = "".join(f"{hashlib.sha256((path / n).read_bytes()).hexdigest()}  {n}\n" for n in ("a.png", "b.png"))
    assert data.digest == hashlib.sha256(sums.encode()).hexdigest()


@pytest.mark.parametrize("order", [["a", "c", "b"], ["c", "b", "a"]])
def test_a_folder_is_read_by_name(tmp_path, monkeypatch, order):
    names = {name: np.full((1, 1), i, np.uint8) for i, name in enumerate("abc")}
    path = folder(tmp_path / "f", **names)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(path / f"{name}.png" for name in order))
    np.testing.assert_array_equal(read(path).X * 255, [[0, 1, 2]])


def test_bad_folders(tmp_path):
    small, large = np.zeros((3, 4), np.uint8), np.zeros((3, 5), np.uint8)
    with pytest.raises(sae.SaeError, match=r"b.png has 5 x 3 pixels, a.png has 4 x 3; expected pictures of one size"):
        read(folder(tmp_path / "sizes", a=small, b=large))
    with pytest.raises(sae.SaeError, match="holds 0 files and no picture"):
        read(folder(tmp_path / "nothing"))
    damaged = folder(tmp_path / "damaged", a=small)
    saved(damaged / "b.jpg", b"no picture")
    with pytest.raises(sae.SaeError, match=r"b.jpg can't be read as a picture"):
        read(damaged)


def test_pictures_that_are_refused(tmp_path, monkeypatch):
    clear = np.zeros((3, 4, 4), np.uint8)
    with pytest.raises(sae.SaeError, match="transparent in places"):
        read(saved(tmp_path / "t.png", as_picture(clear)))
    holes = as_picture(np.zeros((3, 4), np.uint8), transparency=0)
    with pytest.raises(sae.SaeError, match="transparent in places"):
        read(saved(tmp_path / "h.png", holes))
    ink = io.BytesIO()
    Image.new("CMYK", (3, 3)).save(ink, "JPEG")
    with pytest.raises(sae.SaeError, match="mode 'CMYK'; expected grey or RGB"):
        read(saved(tmp_path / "c.jpg", ink.getvalue()))
    frames = [Image.new("L", (2, 2), i) for i in (0, 9)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    with pytest.raises(sae.SaeError, match="animation of 2 pictures"):
        read(tmp_path / "a.png")
    with pytest.raises(sae.SaeError, match="can't be read as a picture"):
        read(saved(tmp_path / "x.png", as_picture(np.zeros((99, 99), np.uint8))[:60]))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 8)  # Pillow's limit against bombs
    with pytest.raises(sae.SaeError, match="decompression bomb"):
        read(saved(tmp_path / "l.png", as_picture(np.zeros((3, 4), np.uint8))))


def test_text_in_a_picture_that_is_a_bomb(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("a", "x" * 10**7, zip=True)
    path = saved(tmp_path / "x.png", as_picture(np.zeros((3, 3), np.uint8), pnginfo=info))
    with pytest.raises(sae.SaeError, match="can't be read as a picture"):
        read(path)


# Any file


def test_unknown_kinds_and_wrong_names(tmp_path):
    with pytest.raises(sae.SaeError, match="no kind of file that is read here"):
        read(saved(tmp_path / "x.mat", b"MATLAB 5.0"))
    with pytest.raises(sae.SaeError, match=r"no kind of file"):
        read(saved(tmp_path / "x.npy", "1,2\n"))
    with pytest.raises(sae.SaeError, match="named like text, but its first bytes are those of npy; rename it"):
        read(saved(tmp_path / "x.csv", as_npy(ROWS)))
    with pytest.raises(sae.SaeError, match=r"is no .npz"):
        read(saved(tmp_path / "x.npy", as_npy(ROWS)), name="X")
    with pytest.raises(sae.SaeError, match="is no text"):
        read(tmp_path / "x.npy", header=True)
    with pytest.raises(sae.SaeError, match="is empty"):
        read(saved(tmp_path / "e.npy", b""))
    with pytest.raises(sae.SaeError, match="is a device"):
        read(os.devnull)


def test_an_empty_zip(tmp_path):
    with pytest.raises(sae.SaeError, match=r"holds 0 arrays \(nothing\)"):
        read(saved(tmp_path / "x.npz", b"PK\x05\x06" + bytes(18)))


def test_one_sample(tmp_path):
    data = read(saved(tmp_path / "x.csv", "1,2,3.5\n"))
    assert data.X.shape == (3, 1)
    assert "one example only" in data.notes[-1]


def test_files_that_are_not_there(tmp_path, monkeypatch):
    with pytest.raises(sae.SaeError, match=r"nothing.csv: No such file"):
        read(tmp_path / "nothing.csv")
    path = folder(tmp_path / "f", a=np.zeros((2, 2), np.uint8))
    entries = [path / "a.png", path / "gone.png"]
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(entries))  # listed, and gone when it is opened
    with pytest.raises(sae.SaeError, match=r"gone.png: No such file"):
        read(path)


def test_a_file_that_vanishes_between_look_and_open(tmp_path, monkeypatch):
    path = saved(tmp_path / "x.csv", "1,2\n")

    def gone(self):
        path.unlink(missing_ok=True)
        return False

    monkeypatch.setattr(Path, "is_block_device", gone)  # the last look before it is opened
    with pytest.raises(sae.SaeError, match=r"x.csv: No such file"):
        read(path)


def test_a_file_that_vanishes_while_open_is_read_on(tmp_path, monkeypatch):
    path = saved(tmp_path / "x.npy", as_npy(ROWS))
    digest = hashlib.file_digest

    def gone(*arguments):
        path.unlink()
        return digest(*arguments)

    monkeypatch.setattr(hashlib, "file_digest", gone)
    np.testing.assert_array_equal(read(path).X, ROWS.T)


@pytest.mark.parametrize("content", [as_npy(ROWS), b"0.1,2,-3.5\n1e-300,0.25,1e300\n"])
def test_a_pipe(content):
    code = "import sae; data = sae.data.read('-'); print(data.source, data.X.T.tolist())"
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    assert done.stdout.decode().startswith("standard input (")
    assert done.stdout.decode().strip().endswith(str(ROWS.tolist()))


def test_an_empty_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(sae.SaeError, match="standard input is empty"):
        read("-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "x.csv")
    with subprocess.Popen([sys.executable, "-c", f"open({str(tmp_path / 'x.csv')!r}, 'w').write('1,2')"]):
        np.testing.assert_array_equal(read(tmp_path / "x.csv").X, [[1], [2]])


# Files made to harm

HARMLESS = {
    "x.npy": as_npy(ROWS),
    "x.csv": b"a,b_2\n1,2\n3.5,-4e1\n",
    "x-idx": as_idx(0x08, np.arange(24, dtype=np.uint8).reshape(2, 3, 4)),
    "x.gz": gzip.compress(as_idx(0x0E, np.arange(6.0).reshape(2, 3).astype(">f8")), mtime=0),
    "x.png": as_picture(np.arange(60, dtype=np.uint8).reshape(6, 10)),
    "x.jpg": as_picture(np.arange(60, dtype=np.uint8).reshape(6, 10), "JPEG"),
}


def as_zip(content, packing=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("X.npy"), content, packing)  # numpy.savez would write the time of day
    return buffer.getvalue()


HARMLESS["x.npz"] = as_zip(HARMLESS["x.npy"])
MEMORY = {".jpg": 10_000, ".png": 10_000}  # bytes for a byte of the file: a grey pixel takes 17, a byte tells 512


def read_damaged(folder, name, seeds):
    """Read damaged copies of a file: each is refused, or is numbers; a failure says which it was."""
    for seed in seeds:
        content, changes = damaged(HARMLESS[name], seed)
        path = saved(folder / name, content)
        try:
            with little_memory(2_000_000 + MEMORY.get(path.suffix, 2000) * len(content)):
                data = read(path)
                assert np.isfinite(data.X).all()
                assert data.X.dtype in (np.float32, np.float64)
        except sae.SaeError:
            pass
        except Exception as error:
            error.add_note(f"{name}, seed {seed}: {changes}")
            raise


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_damaged_files_give_one_error_and_take_no_memory(tmp_path, name):
    read(saved(tmp_path / name, HARMLESS[name]))  # what is imported late is imported now
    read_damaged(tmp_path, name, range(700))


PLANTED = {
    "any bytes are text": ("x.csv", tables_text, "_decode", lambda data, where: data.decode(), "can't decode byte"),
    "arrays are never cut": ("x.npy", arrays, "_same_size", lambda *_: None, "reshape|elements|buffer|Failed"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_bugs_that_damaged_files_find(tmp_path, monkeypatch, bug):
    name, *planted, message = PLANTED[bug]
    read(saved(tmp_path / name, HARMLESS[name]))
    monkeypatch.setattr(*planted)
    with pytest.raises(Exception, match=message) as caught:
        read_damaged(tmp_path, name, range(1000))
    assert "seed " in caught.value.__notes__[0]


def npy_with_header(text):
    header = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000, 10)}", "is cut short"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-2, -3)}", "its shape is"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 40 + ", 10)}", "is cut short"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1, 1)}", "pickle"),
        ("{'descr': '<f8'", "can't be read as .npy"),
        ("[" * 110, "can't be read as .npy"),
        ("__import__('os').mkdir('x')", "can't be read as .npy"),
    ],
)
def test_hostile_headers(tmp_path, header, message):
    with little_memory(2_000_000), pytest.raises(sae.SaeError, match=message):
        read(saved(tmp_path / "x.npy", npy_with_header(header)))


def test_a_header_that_claims_too_much(tmp_path):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, ROWS, version=(2, 0))
    content = bytearray(buffer.getvalue())
    np.testing.assert_array_equal(read(saved(tmp_path / "x.npy", bytes(content))).X, ROWS.T)
    content[8:12] = b"\xff\xff\xff\x7f"  # 2 GB of header
    for name, claims in {"x.npy": bytes(content), "x.npz": as_zip(bytes(content))}.items():
        with little_memory(2_000_000), pytest.raises(sae.SaeError, match=r"can't be read as .npy"):
            read(saved(tmp_path / name, claims))


def test_a_jpeg_that_claims_more_pixels_than_its_bytes_can_tell(tmp_path):
    content = HARMLESS["x.jpg"]
    size = struct.pack(">HH", 6, 10)
    assert content.count(size) == 1
    claims = content.replace(size, struct.pack(">HH", 9000, 9000))  # the decoder would fill it up with grey
    with little_memory(2_000_000), pytest.raises(sae.SaeError, match="claims 9000 x 9000 pixels, more than its"):
        read(saved(tmp_path / "x.jpg", claims))
    for options in ({"quality": 1}, {"quality": 1, "progressive": True}, {"quality": 1, "optimize": True}):
        black = Image.new("L", (3000, 3000))
        black.save(tmp_path / "x.jpg", **options)
        assert (read(tmp_path / "x.jpg").X < 0.01).all()
        black.convert("1").save(tmp_path / "x.png")
        assert (read(tmp_path / "x.png").X == 0).all()


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_zips_that_numpy_does_not_write(tmp_path, packing):
    with pytest.raises(sae.SaeError, match="packs X in a way that NumPy does not; save it again"):
        read(saved(tmp_path / "x.npz", as_zip(HARMLESS["x.npy"], packing)))


@pytest.mark.parametrize("length", [0x01, 0x7F])
def test_a_picture_that_claims_too_much(tmp_path, length):
    content = bytearray(HARMLESS["x.png"])
    assert content[33:41] == bytes([0, 0, 0, content[36]]) + b"IDAT"
    content[33] = length  # the first byte of how long its data is: 16 MB, 2 GB
    with little_memory(2_000_000), contextlib.suppress(sae.SaeError):
        read(saved(tmp_path / "x.png", bytes(content)))


def test_bytes_behind_an_array(tmp_path):
    with pytest.raises(sae.SaeError, match="one array a file"):
        read(saved(tmp_path / "x.npy", as_npy(ROWS) * 2))


def test_a_zip_that_claims_too_much(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", npy_with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2000000000, 1)}"))
    data = buffer.getvalue()
    size = struct.pack("<I", 128)
    assert data.count(size) >= 1
    large = data.replace(size, struct.pack("<I", 4_000_000_000))
    with pytest.raises(sae.SaeError, match="claims 4000000000 bytes"):
        read(saved(tmp_path / "x.npz", large))


# Files out


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@many(20)
@given(st.integers(0, 2**32 - 1))
def test_there_and_back_in_full_precision(tmp_path_factory, suffix, dtype, seed):
    bits = np.uint64 if dtype == "float64" else np.uint32
    words = np.random.default_rng(seed).integers(0, np.iinfo(bits).max, (4, 7), dtype=bits)
    X = words.view(dtype)
    X = np.where(np.isfinite(X), X, 0).astype(dtype)
    path = tmp_path_factory.getbasetemp() / f"out{suffix}"
    write(path, X)
    back = read(path, header=False if suffix == ".csv" else "auto").X
    assert back.dtype == (dtype if suffix == ".npy" else "float64")
    np.testing.assert_array_equal(back, X)


def test_names_are_written(tmp_path):
    write(tmp_path / "x.csv", ROWS.T, names=("a", "b, c", 'd"'))
    data = read(tmp_path / "x.csv")
    np.testing.assert_array_equal(data.X, ROWS.T)
    assert data.names == ("a", "b, c", 'd"')


@pytest.mark.parametrize(
    ("name", "X", "names", "message"),
    [
        ("x.txt", ROWS, None, "expected .npy or .csv"),
        ("x.csv", ROWS * np.nan, None, "NaN"),
        ("x.csv", ROWS, ("a",), "1 names for 2 features"),
        ("x.npy", ROWS, ("a", "b"), "and a .csv"),
    ],
)
def test_what_is_not_written(tmp_path, name, X, names, message):
    with pytest.raises(sae.SaeError, match=message):
        write(tmp_path / name, X, names=names)
    assert not list(tmp_path.iterdir())


def test_no_folder_to_write_into(tmp_path):
    saved(tmp_path / "file", b"")
    for path in (tmp_path / "none" / "x.npy", tmp_path / "file" / "x.csv"):
        with pytest.raises(sae.SaeError, match=r"can't write .*(No such file|Not a directory)"):
            write(path, ROWS)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into read-only folders")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(sae.SaeError, match=r"can't write .*Permission denied"):
            write(tmp_path / "x.npy", ROWS)
    finally:
        tmp_path.chmod(0o700)


@pytest.fixture
def small_disk(tmp_path):
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_a_full_disk_keeps_the_old_file(small_disk, suffix):
    path = small_disk / f"x{suffix}"
    write(path, ROWS)
    with pytest.raises(sae.SaeError, match="can't write"):
        write(path, np.ones((100, 200)))
    np.testing.assert_array_equal(read(path).X, ROWS)
    assert [p.name for p in small_disk.iterdir()] == [path.name]


LIMITED = """
import resource, signal, sys, numpy as np, sae
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
for path in sys.argv[1:]:
    try:
        sae.data.write(path, np.ones((100, 200)))
    except sae.SaeError as error:
        print(error)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="limits of file size are POSIX")
def test_a_file_that_may_not_grow_keeps_the_old_one(tmp_path):
    paths = [tmp_path / "x.npy", tmp_path / "x.csv"]
    for path in paths:
        write(path, ROWS)
    done = subprocess.run([sys.executable, "-c", LIMITED, *paths], capture_output=True, text=True, check=True)
    assert done.stdout.count("can't write") == 2
    for path in paths:
        np.testing.assert_array_equal(read(path).X, ROWS)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_an_interrupted_write_keeps_the_old_file(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"x{suffix}"
    write(path, ROWS)

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(path, ROWS + 1)
    np.testing.assert_array_equal(read(path).X, ROWS)
    assert len(list(tmp_path.iterdir())) == 1


# MNIST


def test_mnist():
    folder = os.environ.get("SAE_DATA")
    if not folder or not [*Path(folder).glob("train-images*"), *Path(folder).glob("mnist/train-images*")]:
        pytest.skip("SAE_DATA names no folder with MNIST's four IDX files")
    mnist = load_mnist()
    arrays = (mnist.data, mnist.target, mnist.data_test, mnist.target_test)
    assert [a.shape for a in arrays] == [(60_000, 784), (60_000,), (10_000, 784), (10_000,)]
    assert mnist.data.min() == 0
    assert mnist.data.max() == 1
    assert mnist.data_test.flags.c_contiguous
    assert np.bincount(mnist.target).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.target_test[:5].tolist() == [7, 2, 1, 0, 4]
    pixels = np.rint(mnist.data * 255).astype(np.uint8)
    assert hashlib.sha256(as_idx(0x08, pixels.reshape(-1, 28, 28))).hexdigest().startswith("ba891046")


def test_mnist_is_never_something_else(tmp_path, monkeypatch):
    monkeypatch.delenv("SAE_DATA", raising=False)
    with pytest.raises(sae.SaeError, match="Set SAE_DATA"):
        load_mnist()
    with pytest.raises(sae.SaeError, match=r"neither .* has train-images-idx3-ubyte, plain or .gz"):
        load_mnist(tmp_path)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        shape = (2, 3, 3) if "images" in name else (2,)
        saved(tmp_path / f"{name}-ubyte", as_idx(0x08, np.zeros(shape, np.uint8)))
    monkeypatch.setenv("SAE_DATA", str(tmp_path))
    with pytest.raises(sae.SaeError, match="expected MNIST's 60000 and 10000"):
        load_mnist()
    (tmp_path / "above" / "mnist").parent.mkdir()
    (tmp_path / "above" / "mnist").symlink_to(tmp_path)
    with pytest.raises(sae.SaeError, match="expected MNIST's 60000 and 10000"):
        load_mnist(tmp_path / "above")


def test_mnist_is_fetched_only_when_asked(monkeypatch):
    datasets = pytest.importorskip("sklearn.datasets")
    rows, labels = np.zeros((70_000, 784), np.uint8), np.full(70_000, "7", object)
    rows[60_000], labels[60_000] = 255, "3"
    monkeypatch.setattr(datasets, "fetch_openml", lambda *a, **k: (rows, labels))
    mnist = load_mnist(fetch=True)
    assert (mnist.data_test[0] == 1).all()
    assert not mnist.data.any()
    assert (mnist.target_test[0], mnist.target[0]) == (3, 7)
    assert (len(mnist.names), mnist.shape, mnist.licence[:5]) == (784, (28, 28), "CC BY")

    def offline(*a, **k):
        raise OSError("no network")

    monkeypatch.setattr(datasets, "fetch_openml", offline)
    with pytest.raises(sae.SaeError, match="no network"):
        load_mnist(fetch=True)
