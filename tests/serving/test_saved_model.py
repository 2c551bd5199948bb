"""Writing versions: whole or not at all, with warm-up and model card."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.serving import saved_model
from spt_tf.serving.embedded.warmup_file import read_warmup_requests
from spt_tf.serving.saved_model import ExportError, export_run
from tests.serving.conftest import finished_run
from tests.serving.stand_in import CANVAS, SIGNATURES

ROOT = Path(__file__).resolve().parents[2]


def test_versions_count_up_and_are_never_replaced(tmp_path):
    base = tmp_path / "spt"
    assert export_run(finished_run(), tmp_path, base).name == "1"
    assert export_run(finished_run(), tmp_path, base, version=9).name == "9"
    assert saved_model.next_version(base) == 10
    before = (base / "9" / "saved_model.pb").stat().st_mtime_ns
    with pytest.raises(ExportError, match="exists"):
        export_run(finished_run(), tmp_path, base, version=9)
    with pytest.raises(ExportError, match="from 1 up"):
        export_run(finished_run(), tmp_path, base, version=0)
    with pytest.raises(ExportError, match=f"from 1 up to {2**63 - 1}"):
        export_run(finished_run(), tmp_path, base, version=20251124031500123456)
    assert (base / "9" / "saved_model.pb").stat().st_mtime_ns == before
    assert sorted(path.name for path in base.iterdir()) == ["1", "9", "model_card_1.md", "model_card_9.md"]


def test_versions_are_those_that_servers_see(tmp_path):
    for name in ("013", "99999999999999999999", "x"):
        (tmp_path / name).mkdir()
    assert saved_model.versions(tmp_path) == [13]
    assert saved_model.next_version(tmp_path) == 14
    with pytest.raises(ExportError, match="exists"):
        export_run(finished_run(), tmp_path, tmp_path, version=13)
    (tmp_path / str(2**63 - 1)).mkdir()
    with pytest.raises(ExportError, match=f"version {2**63}: expected a number"):
        saved_model.next_version(tmp_path)


def test_no_keras_in_the_export(model_base_path):
    assert not (model_base_path / "1" / "keras_metadata.pb").exists()


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(saved_model, "write_warmup_requests", fail)
    with pytest.raises(OSError, match="disk full"):
        export_run(finished_run(), tmp_path, tmp_path / "spt")
    assert list((tmp_path / "spt").iterdir()) == []


def test_a_full_disk_leaves_nothing_and_is_one_line(tmp_path, monkeypatch):
    def full(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "{{node SaveV2}} x.data; No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", full)
    with pytest.raises(OSError, match=r"spt/1: cannot be written \(x\.data; No space left on device\)"):
        export_run(finished_run(), tmp_path, tmp_path / "spt")
    assert not list((tmp_path / "spt").iterdir())


def test_two_exports_of_one_version_do_not_mix(tmp_path, monkeypatch):
    """The slower one fails: renaming must not replace what is served already."""
    base = tmp_path / "spt"

    def overtake(*_):
        monkeypatch.undo()
        export_run(finished_run(seed=1), tmp_path, base, version=1)

    monkeypatch.setattr(saved_model, "write_warmup_requests", overtake)
    with pytest.raises(OSError):
        export_run(finished_run(seed=0), tmp_path, base, version=1)
    assert saved_model.versions(base) == [1]


_KILLED_EXPORT = """
import os, signal, sys
from pathlib import Path
from spt_tf.serving import saved_model
from tests.serving.conftest import finished_run
base = Path(sys.argv[1])
def kill(model_dir, *_):
    (base / "killed").write_text(str(model_dir))
    os.kill(os.getpid(), signal.SIGKILL)
saved_model.write_warmup_requests = kill
saved_model.export_run(finished_run(), Path("."), base)
"""


def test_kill_leaves_no_half_version(tmp_path):
    base = tmp_path / "spt"
    done = subprocess.run([sys.executable, "-c", _KILLED_EXPORT, str(base)], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    assert Path((base / "killed").read_text(), "saved_model.pb").exists()  # it was in the middle
    assert saved_model.versions(base) == []
    assert export_run(finished_run(), tmp_path, base).name == "1"


def test_warm_up_covers_every_signature_and_is_answered(model_base_path):
    model = tf.saved_model.load(str(model_base_path / "1"))
    answered = []
    for request in read_warmup_requests(model_base_path / "1"):
        inputs = {name: tf.constant(tf.make_ndarray(proto)) for name, proto in request.inputs.items()}
        outputs = model.signatures[request.model_spec.signature_name](**inputs)
        assert all(len(value) == 1 for value in outputs.values())
        answered.append(request.model_spec.signature_name)
    assert sorted(answered) == sorted(SIGNATURES)


def test_model_card(tmp_path):
    export_run(finished_run(), tmp_path, tmp_path / "spt")
    card = (tmp_path / "spt" / "model_card_1.md").read_text()
    height, width = CANVAS
    assert f"| transfer_pose | in | source_image | uint8 | [B, {height}, {width}, 3] |" in card
    assert "| transfer_pose_encoded | out | image | string | [B] |" in card
    assert "training step 7" in card
    assert "datasets/nowhere" in card and "research" in card
    assert '"generator_levels": 2' in card


def test_deepfashion_size(tmp_path):
    """A square 256 canvas: nothing knows Market-1501's shape."""
    path = export_run(finished_run(canvas=(256, 256)), tmp_path, tmp_path / "spt")
    for request in read_warmup_requests(path):
        if request.model_spec.signature_name == "transfer_pose":
            image = tf.make_ndarray(request.inputs["source_image"])
            keypoints = tf.make_ndarray(request.inputs["source_keypoints"])
    assert image.shape == (1, 256, 256, 3)
    assert np.all((keypoints >= 0) & (keypoints < 256))


def test_command_names_what_is_wrong(tmp_path):
    command = [
        sys.executable,
        ROOT / "export" / "export_saved_model.py",
        f"--run_dir={tmp_path}",
        "--output_dir=spt",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 1
    assert "config.json" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "spt").exists()
