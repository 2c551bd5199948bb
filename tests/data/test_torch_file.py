"""State dicts that PyTorch saved, read without it; some tests ask PyTorch itself for a file."""

from __future__ import annotations

import os
import pathlib
import pickle
import resource
import struct
import sys
import zipfile

import numpy as np
import pytest

from spt_tf.conversion.torch_writer import PyTorchMissing, write_state_dict
from spt_tf.data.file_reading import MissingFile, UnreadableFile
from spt_tf.data.torch_file import read_state_dict
from tests.data.legacy_torch_file import write_legacy_torch_file

FILES = pathlib.Path(__file__).resolve().parent / "torch_files"


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="needs PyTorch: pip install -r requirements-torch.txt")


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_views_parameters_and_other_types_are_read(form):
    base = np.arange(12, dtype=np.float32)
    expected = {
        "turned.weight": base.reshape(3, 4).T,
        "tail": base[10:],
        "bias": np.float32([0.5, -1.5]),
        "count": np.int64(7),
        "half": np.float16([0.25]),
        "empty": np.zeros((0, 3), np.float32),
    }
    read = read_state_dict(FILES / f"{form}.pth")
    assert list(read) == list(expected)
    for name, array in read.items():
        assert array.shape == expected[name].shape and array.dtype == expected[name].dtype
        np.testing.assert_array_equal(array, expected[name])
    assert list(read_state_dict(FILES / f"{form}.pth", names=["bias", "missing"])) == ["bias"]


@pytest.mark.parametrize("rebuild", ["_rebuild_tensor", "_rebuild_tensor_v2"])
def test_files_as_old_as_torchvisions_are_read(tmp_path, rebuild):
    state = {"a": np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32), "b": np.float32([1])}
    write_legacy_torch_file(tmp_path / "old.pth", state, rebuild)
    read = read_state_dict(tmp_path / "old.pth")
    assert list(read) == list(state)
    assert all(read[name].tobytes() == array.tobytes() for name, array in state.items())


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_file_that_ends_early_is_one_line(tmp_path, form):
    whole = (FILES / f"{form}.pth").read_bytes()
    for size in (100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.pth").write_bytes(whole[:size])
        with pytest.raises(UnreadableFile, match=r"x\.pth: not a readable PyTorch checkpoint \(.+\)$"):
            read_state_dict(tmp_path / "x.pth")


def test_a_tensor_that_lies_outside_its_numbers_is_refused(tmp_path):
    path = tmp_path / "x.pth"
    write_legacy_torch_file(path, {"a": np.zeros([2, 3], np.float32)})
    content = path.read_bytes()
    assert content.count(pickle.dumps((2, 3), 2)[2:-1]) == 1
    path.write_bytes(content.replace(pickle.dumps((2, 3), 2)[2:-1], pickle.dumps((9, 3), 2)[2:-1]))
    with pytest.raises(UnreadableFile, match=r"x\.pth: not a readable PyTorch checkpoint"):
        read_state_dict(path)


def test_a_tensor_that_repeats_its_numbers_is_refused(tmp_path):
    path = tmp_path / "x.pth"
    write_legacy_torch_file(path, {"a": np.zeros([2, 3], np.float32)})
    content = path.read_bytes()
    for before, after in (((2, 3), (99, 99)), ((3, 1), (0, 0))):
        before, after = (pickle.dumps(value, 2)[2:-1] for value in (before, after))
        assert content.count(before) == 1
        content = content.replace(before, after)
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"shape \(99, 99\) is larger than its data"):
        read_state_dict(path)


def test_a_file_that_may_unpack_to_anything_is_refused(tmp_path):
    with zipfile.ZipFile(FILES / "zip.pth") as stored:
        files = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(tmp_path / "x.pth", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    with pytest.raises(UnreadableFile, match=r"x\.pth: holds compressed data"):
        read_state_dict(tmp_path / "x.pth")


@pytest.mark.parametrize("zipped", [True, False])
def test_files_of_both_forms_are_read(torch, tmp_path, zipped):
    weights = {"a.weight": torch.randn(2, 3), "a.bias": torch.nn.Parameter(torch.randn(3))}
    torch.save(weights, tmp_path / "net.pth", _use_new_zipfile_serialization=zipped)
    read = read_state_dict(tmp_path / "net.pth")
    assert list(read) == list(weights)
    for name, tensor in weights.items():
        np.testing.assert_array_equal(read[name], tensor.detach().numpy())


def test_written_files_are_read_back_exact_to_the_bit(torch, tmp_path):
    state = {"x": np.random.default_rng(0).normal(size=(2, 3, 4, 4)).astype(np.float32)}
    write_state_dict(tmp_path / "ours.pth", state)
    assert read_state_dict(tmp_path / "ours.pth")["x"].tobytes() == state["x"].tobytes()
    assert torch.load(tmp_path / "ours.pth", weights_only=True)["x"].shape == (2, 3, 4, 4)


class _Runs:
    def __reduce__(self):
        return print, ("this must not be seen",)


def _save(path: pathlib.Path, content: object, form: str) -> None:
    """What `torch.save` makes of something without tensors."""
    pickled = pickle.dumps(content, 2)
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("net/data.pkl", pickled)
    else:
        head = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
        path.write_bytes(b"".join(pickle.dumps(value, 2) for value in head) + pickled + pickle.dumps([], 2))


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_a_pickle_that_wants_more_than_tensors_is_refused_and_not_run(tmp_path, capsys, form):
    _save(tmp_path / "net.pth", {"a": _Runs()}, form)
    with pytest.raises(UnreadableFile, match="refused: its pickle wants more than tensors") as error:
        read_state_dict(tmp_path / "net.pth")
    assert "print" in str(error.value) and "\n" not in str(error.value)
    assert "this must not" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x80\x02garbage", b"PK\x03\x04broken", b"\xff\xd8\xff jpeg"]
)
def test_what_is_no_checkpoint_is_one_line(tmp_path, content):
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"x\.pth: not a readable PyTorch checkpoint") as error:
        read_state_dict(tmp_path / "x.pth")
    assert "\n" not in str(error.value)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "x.pth")  # nobody writes: opening it would wait for ever
    with pytest.raises(UnreadableFile, match=r"x\.pth: expected a file, found a pipe"):
        read_state_dict(tmp_path / "x.pth")
    with pytest.raises(UnreadableFile, match="found a folder"):
        read_state_dict(tmp_path)
    with pytest.raises(MissingFile, match=r"gone\.pth: no such file"):
        read_state_dict(tmp_path / "gone.pth")


def test_a_pickle_takes_no_memory_that_it_does_not_fill(tmp_path):
    # "remember this as number 2 ** 26": the C unpickler makes room for all the numbers before it, 1 GB
    (tmp_path / "x.pth").write_bytes(b"\x80\x02Nr" + struct.pack("<I", 2**26) + b".")
    started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile, match="not a readable PyTorch checkpoint"):
        read_state_dict(tmp_path / "x.pth")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < started + 2**18  # in KB


@pytest.mark.parametrize("form", ["zip", "legacy"])
@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}])
def test_a_file_without_tensors_by_name_is_refused(tmp_path, content, form):
    _save(tmp_path / "x.pth", content, form)
    with pytest.raises(UnreadableFile, match="not tensors by name"):
        read_state_dict(tmp_path / "x.pth")


def test_a_plain_pickle_is_not_run(tmp_path, capsys):
    (tmp_path / "x.pth").write_bytes(pickle.dumps(_Runs()))
    with pytest.raises(UnreadableFile):
        read_state_dict(tmp_path / "x.pth")
    assert "this must not" not in capsys.readouterr().out


def test_without_pytorch_files_are_read_and_not_written(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "bias" in read_state_dict(FILES / "zip.pth")
    with pytest.raises(PyTorchMissing, match=r"pip install -r requirements-torch\.txt"):
        write_state_dict(tmp_path / "x.pth", {})
