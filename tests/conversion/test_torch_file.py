"""Files of PyTorch; needs PyTorch, which the project itself does not."""

import pickle
import sys

import numpy as np
import pytest

from spt_tf.conversion import torch_file
from spt_tf.conversion.torch_file import CheckpointFileError, read_state_dict, write_state_dict


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="needs PyTorch (requirements-torch.txt)")


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


def test_a_pickle_that_wants_more_than_tensors_is_refused_and_not_run(torch, tmp_path, capsys):
    for form in (True, False):
        torch.save({"a": _Runs()}, tmp_path / "net.pth", _use_new_zipfile_serialization=form)
        with pytest.raises(CheckpointFileError, match="refused: its pickle wants more than tensors") as error:
            read_state_dict(tmp_path / "net.pth")
        assert "print" in str(error.value) and "\n" not in str(error.value)
    assert "this must not" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x80\x02garbage", b"PK\x03\x04broken", b"\xff\xd8\xff jpeg"]
)
def test_what_is_no_checkpoint_is_one_line(torch, tmp_path, content):
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(CheckpointFileError, match=r"x\.pth: not a PyTorch checkpoint") as error:
        read_state_dict(tmp_path / "x.pth")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}])
def test_a_file_without_tensors_by_name_is_refused(torch, tmp_path, content):
    torch.save(content, tmp_path / "x.pth")
    with pytest.raises(CheckpointFileError, match="not tensors by name"):
        read_state_dict(tmp_path / "x.pth")


def test_a_plain_pickle_is_not_run(torch, tmp_path, capsys):
    (tmp_path / "x.pth").write_bytes(pickle.dumps(_Runs()))
    with pytest.raises(CheckpointFileError):
        read_state_dict(tmp_path / "x.pth")
    assert "this must not" not in capsys.readouterr().out


def test_without_pytorch_the_way_to_it_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(CheckpointFileError, match=r"pip install -r requirements-torch\.txt"):
        torch_file.read_state_dict(tmp_path / "x.pth")
