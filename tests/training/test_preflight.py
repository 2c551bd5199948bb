"""What would fail later fails before the first step, in a dry run too."""

from __future__ import annotations

import fcntl
import shutil

import pytest

from spt_tf.config import ConfigError
from spt_tf.training import stages, vgg_weights
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.plan import Plan
from spt_tf.training.vgg_weights import VggDownloadError
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import run_options


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    market_folder(folder, people=4, canvas=CANVAS)
    return str(folder)


@pytest.fixture(params=[True, False], ids=["dry run", "real call"])
def begin(request, tmp_path, data_dir, monkeypatch):
    """Calls training with changes of the experiment; no step is ever taken."""
    monkeypatch.setattr(stages, "_train_stage", lambda *_: pytest.fail("it began to train"))
    monkeypatch.setattr(stages, "make_plan", lambda *_: Plan(()))

    def begin(run=None, **changes):
        options = run_options(tmp_path / "run", **{**(run or {}), "dry_run": request.param})
        stages.train(tiny_experiment(data_dir, **changes), options)

    return begin


def test_a_missing_pseudo_label_file(begin):
    with pytest.raises(ValueError, match=r"--pseudo_labels=missing\.csv: no such file"):
        begin(pseudo_labels="missing.csv")


def test_pseudo_labels_of_other_people(begin, tmp_path):
    (tmp_path / "labels.csv").write_text("from,to,energy\nx.jpg,y.jpg,1\n")
    with pytest.raises(ValueError, match=r"no pair can be used\n.*labels\.csv"):
        begin(pseudo_labels=str(tmp_path / "labels.csv"))


def test_filters_that_cannot_be_read_or_had(begin, tmp_path, monkeypatch):
    (tmp_path / "vgg.pth").write_bytes(b"not VGG")
    with pytest.raises(ValueError, match=r"vgg\.pth"):
        begin(vgg_weights=str(tmp_path / "vgg.pth"))

    def offline():
        raise VggDownloadError("Keras's ImageNet weights of VGG16 cannot be had (offline)")

    monkeypatch.setattr(vgg_weights, "download_keras_vgg", offline)
    with pytest.raises(ValueError, match="cannot be had"):
        begin(vgg_weights="imagenet")


def test_filters_of_stages_that_are_not_asked_for_are_not_looked_at(tmp_path, data_dir, monkeypatch):
    monkeypatch.setattr(stages, "make_plan", lambda *_: Plan(()))
    options = run_options(tmp_path / "run", stage="semantic", dry_run=True)
    stages.train(tiny_experiment(data_dir, vgg_weights="nowhere.pth"), options)


def test_a_run_to_start_from_that_is_none_or_another(begin, tmp_path):
    with pytest.raises(ValueError, match=r"no config\.json there"):
        begin(run=dict(start_from=str(tmp_path / "nothing")))
    folder = tmp_path / "other"
    (folder / "checkpoints" / "semantic" / "step-00000004").mkdir(parents=True)
    StageCheckpoints(str(folder / "checkpoints" / "semantic")).finish()
    (folder / "config.json").write_text(tiny_experiment(generator_width=0.08).to_json())
    with pytest.raises(ValueError, match=r"--start_from=.*--generator_width was 0\.08"):
        begin(run=dict(start_from=str(folder)))


def test_a_run_directory_of_another_run_or_in_use(begin, tmp_path):
    folder = tmp_path / "run"
    (folder / "checkpoints" / "semantic" / "step-00000002").mkdir(parents=True)
    (folder / "config.json").write_text(tiny_experiment(seed=3).to_json())
    with pytest.raises(ValueError, match="--seed was 3 and is 0"):
        begin()
    shutil.rmtree(folder / "checkpoints")
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="another process is training there"):
            begin()


def test_a_run_directory_that_cannot_be_made(begin, tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ValueError, match=r"--run_dir=.*cannot be written to"):
        begin()


def test_no_room_for_checkpoints(begin, monkeypatch):
    def full(plan, run):
        raise ConfigError("no room")

    monkeypatch.setattr(stages, "check_disk", full)
    with pytest.raises(ValueError, match="no room"):
        begin()
