"""The one reader: what it gives, and the one error that every kind of bad file ends in."""

from __future__ import annotations

import io
import os
import pickle
import zipfile

import numpy as np
import pytest

from spt_tf.data import file_reading
from spt_tf.data.annotations import AnnotationError
from spt_tf.data.file_reading import (
    MissingFile,
    UnreadableFile,
    read_array,
    read_arrays,
    read_bytes,
    read_json_object,
    read_table,
    read_text,
)

ARRAY = np.arange(12).reshape(3, 4)


def _npy(array, **options) -> bytes:
    content = io.BytesIO()
    np.save(content, array, **options)
    return content.getvalue()


def _npz(**arrays) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def _zip(**files) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return content.getvalue()


def _promising(shape: tuple) -> bytes:
    """An NPY file whose header promises more than it holds."""
    content = _npy(np.zeros(100, np.uint8)).replace(b"(100,)", b"%b" % str(shape).encode())
    return content.replace(b" " * (len(str(shape)) - len("(100,)")), b"", 1)


def test_good_files(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b'\xef\xbb\xbf{"a": "\xc3\xa9"}')
    assert read_text(path) == '{"a": "é"}' and read_json_object(path) == {"a": "é"}
    path.write_bytes('name,b\n"x, ""y""\nz",\n\u2028,2\n'.encode())
    assert read_table(path, "b") == [{"name": 'x, "y"\nz', "b": ""}, {"name": "\u2028", "b": "2"}]
    path.write_bytes(_npy(ARRAY))
    np.testing.assert_array_equal(read_array(path), ARRAY)
    path.write_bytes(_npz(x=ARRAY, y=ARRAY[0]))
    arrays = read_arrays(path)
    assert list(arrays) == ["x", "y"]
    np.testing.assert_array_equal(arrays["x"], ARRAY)


BAD = {
    read_text: {
        "UTF-16": "a,b\n".encode("utf-16"),
        "row 2: expected UTF-8": b"a,b\n\xe9,b\n",
        "row 3: expected text, found a NUL": b"a\nb\nc\0\n",
    },
    read_json_object: {
        "not a readable JSON file": b"{",
        "found list": b"[]",
        r"not a readable JSON file \(maximum recursion": b"[" * 200_000,
    },
    read_table: {
        "expected a column name": b"",
        "row 1: expected a column name": b"nom,b\n1,2\n",
        "row 3: expected as many fields": b"name,b\n1,2\n1\n",
        "row 4: expected as many fields": b'name,b\n"1\n",2\n1,2,3\n',
        r"row 2: not a row of a CSV \(unexpected end": b'name,b\n"1,2\n',
        r"row 2: not a row of a CSV \(field larger": b"name\n" + b"1" * 200_000,
        "row 1: expected text, found a NUL": b"name,b\0\n",
    },
    read_array: {
        "does not begin as one": _npz(x=ARRAY),
        r"does not begin as one\)": b"PK\x03\x04 junk",
        "does not begin": b"",
        "not a readable NPY file": _npy(ARRAY)[:-1],
        r"not a readable NPY file \(": _promising((10**12,)),
        "not a readable NPY": _promising((2**40, 2**40)),
        "Object arrays": _npy(np.array([{}]), allow_pickle=True),
    },
    read_arrays: {
        "not a readable NPZ file": _npy(ARRAY),
        "not a readable NPZ": b"PK\x03\x04 junk",
        "Object arrays": _npz(x=np.array([{}])),
        "x is no array": _zip(x="text"),
        "unpacks to": _npz(x=np.zeros(2**12)),
    },
}


@pytest.mark.parametrize(
    ("read", "message", "content"),
    [(read, message, content) for read, cases in BAD.items() for message, content in cases.items()],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(tmp_path, read, message, content):
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(UnreadableFile, match=message) as error:
        if read is read_table:
            read(tmp_path / "bad", "name")
        else:
            read(tmp_path / "bad", *([2**12] if read is read_arrays else []))
    text = str(error.value)
    assert text.startswith(str(tmp_path / "bad")) and "\n" not in text and len(text) < 600


@pytest.mark.parametrize("read", [read_bytes, *BAD])
def test_what_is_no_file_at_all(tmp_path, read):
    with pytest.raises(UnreadableFile, match=r"expected a file, found a folder"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")  # nobody writes: opening it would wait for ever
    with pytest.raises(UnreadableFile, match="found a pipe"):
        read(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match=r"gone: no such file"):
        read(tmp_path / "gone")
    for name in ("x" * 300, "nul\0"):
        with pytest.raises(UnreadableFile):
            read(tmp_path / name)


def test_a_file_without_end_is_not_read_to_it(tmp_path):
    (tmp_path / "large").write_bytes(bytes(101))
    assert len(read_bytes(tmp_path / "large", most=101)) == 101
    with pytest.raises(UnreadableFile, match="larger than 100 bytes"):
        read_bytes(tmp_path / "large", most=100)


def test_an_error_travels_between_processes():
    for error in (UnreadableFile("a", "bad", 3), MissingFile("b"), AnnotationError("c", 2, "bad")):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_whatever_a_decoder_raises_is_caught():
    for error in (MemoryError(), IndexError("7"), zipfile.BadZipFile("x" * 10_000)):
        readable = pytest.raises(UnreadableFile, match="a: not a readable thing")
        with readable as caught, file_reading.reading("a", "thing"):
            raise error
        assert len(str(caught.value)) < 400
    with pytest.raises(UnreadableFile, match=r"thing \(MemoryError\)"), file_reading.reading("a", "thing"):
        raise MemoryError
    with pytest.raises(KeyboardInterrupt), file_reading.reading("a", "thing"):
        raise KeyboardInterrupt
