"""Photos in folders: scored in batches, and sent to a server, without keypoints and label maps."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spt_tf.data.annotations import write_annotations
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.serving.local_model import LocalModel
from spt_tf.serving.photo_files import PhotoFiles, PhotoPaths, open_people
from spt_tf.serving.scoring import FAILED_FILE, score_pairs
from spt_tf.serving.signature_choice import MissingSignature
from spt_tf.serving.transfer_from_files import Transfer, transfer_from_files
from tests.serving.refusals import LARGE, WIDE
from tests.serving.stand_in import CANVAS, random_inputs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "large.png").write_bytes(LARGE)
    (folder / "wide.jpg").write_bytes(WIDE)
    (folder / "junk.png").write_bytes(b"junk")
    (folder.parent / "pairs.csv").write_text(
        "from,to\nlarge.png,wide.jpg\nwide.jpg,large.png\njunk.png,wide.jpg\nlarge.png,gone.jpg\n"
    )
    return folder


def _pixels(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content)))


def test_pairs_of_photos_are_scored_and_bad_ones_named(model_base_path, photos, tmp_path):
    people = open_people(PhotoPaths(photos))
    model = LocalModel(model_base_path / "1", signature=people.signature)
    done = score_pairs(model, people, tmp_path / "pairs.csv", tmp_path / "out", 3)
    assert (done.rows, done.scored, done.failed) == (4, 2, 2)
    written = (tmp_path / "out" / "large___wide.png").read_bytes()
    expected = model.score([_example(people, "large.png", "wide.jpg")])[0]
    assert written == expected.image and _pixels(written).shape == (*CANVAS, 3)
    assert (tmp_path / "out" / "parsing" / "wide___large.png").exists()
    with open(tmp_path / "out" / FAILED_FILE, newline="") as file:
        reasons = {row["from"]: row["reason"] for row in csv.DictReader(file)}
    assert "neither a JPEG nor a PNG" in reasons["junk.png"]
    assert "photo gone.jpg" in reasons["large.png"]


def _example(people, source, target):
    from spt_tf.serving.scoring import read_example

    return read_example(people, source, target)


def test_a_model_without_a_finder_says_what_it_lacks(tmp_path, model_base_path, parsing_free_base_path):
    with pytest.raises(MissingSignature, match="exported without --finder"):
        LocalModel(parsing_free_base_path / "1", signature="transfer_pose_between_photos")


def test_targets_may_be_keypoints(photos, tmp_path):
    write_annotations(tmp_path / "targets.csv", {"pose": random_inputs(1)["target_keypoints"][0]})
    people = PhotoFiles(PhotoPaths(photos, target_annotations=tmp_path / "targets.csv"))
    assert people.signature == "transfer_pose_from_photo"
    assert people.inputs("wide.jpg", "pose")["target_keypoints"].shape == (18, 2)
    with pytest.raises(ValueError, match="keypoints of other"):
        people.inputs("wide.jpg", "other")
    (tmp_path / "targets.csv").write_text("junk")
    with pytest.raises(UnreadableFile):
        PhotoFiles(PhotoPaths(photos, target_annotations=tmp_path / "targets.csv"))


def test_a_server_moves_people_of_photos(client, photos, tmp_path):
    people = PhotoFiles(PhotoPaths(photos))
    transfer = Transfer("large.png", ["wide.jpg", "large.png"])
    paths = transfer_from_files(client, people, transfer, tmp_path / "out")
    answer = client.transfer_pose_from_photo(LARGE, target_photo=WIDE)
    assert paths[0].read_bytes() == answer.image
    labels = read_parsing_map(tmp_path / "out" / "parsing" / "large___wide.png")
    np.testing.assert_array_equal(labels, _pixels(answer.parsing))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--photos=p", "--images_dir=i"], "give --photos alone, or --images_dir"),
        (["--images_dir=i", "--parsing_dir=p"], "give --photos alone, or --images_dir"),
        (["--images_dir=i", "--parsing_dir=p", "--annotations=a", "--target_photos=t"], "go with --photos"),
    ],
)
def test_flags_that_do_not_go_together_are_named(flags, message):
    command = [sys.executable, "export/batch_score.py", "--saved_model=m", "--pairs=c", "--output_dir=o"]
    ended = subprocess.run([*command, *flags], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0 and message in ended.stdout + ended.stderr
