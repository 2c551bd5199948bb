"""Names of directories to versions, as TensorFlow's `safe_strto64` has it."""

from __future__ import annotations

import pytest

from spt_tf.serving.embedded.version_directories import MAX_VERSION, version_directories, version_number


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1", 1),
        ("013", 13),
        (" 7 ", 7),
        ("-3", -3),
        ("0", 0),
        (str(MAX_VERSION), MAX_VERSION),
        ("0" * 100 + "5", 5),
        (str(MAX_VERSION + 1), None),
        ("20251124031500123456", None),
        ("9" * 5000, None),
        ("-9223372036854775808", -(1 << 63)),
        ("-9223372036854775809", None),
        ("", None),
        ("-", None),
        ("+1", None),
        ("1.0", None),
        ("1a", None),
        ("0x10", None),
        ("1_0", None),
        ("\u0663", None),  # a decimal digit, but not one of TensorFlow's
        (".1.unfinished-x", None),
    ],
)
def test_a_version_is_what_tensorflow_reads_as_an_int64(name, number):
    assert version_number(name) == number


def test_directories_alone_count_and_the_last_name_of_a_number(tmp_path):
    for name in ("013", "13", "2", "x", "99999999999999999999"):
        (tmp_path / name).mkdir()
    (tmp_path / "7").write_text("a file")
    assert version_directories(tmp_path) == {2: tmp_path / "2", 13: tmp_path / "13"}
    assert list(version_directories(tmp_path)) == [2, 13]
    with pytest.raises(OSError):
        version_directories(tmp_path / "nowhere")
