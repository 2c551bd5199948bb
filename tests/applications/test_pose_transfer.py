"""Pictures of every source in every pose."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.applications.pose_transfer import plan_transfers, write_transfers
from spt_tf.data.annotations import read_annotations
from spt_tf.data.datasets import load_people_from
from spt_tf.data.parsing_maps import read_parsing_map
from spt_tf.inference import Generated
from tests.data.colours import assert_in_the_project_s_colours
from tests.evaluation.doll_house import CANVAS, write_doll_house


@pytest.fixture
def people(tmp_path):
    write_doll_house(tmp_path, 2)
    annotations = tmp_path / "market-annotation-test.csv"
    index = load_people_from(tmp_path / "test", annotations, tmp_path / "parsing" / "test", CANVAS)
    return index, read_annotations(annotations)


class _Marking:
    """Stands for a run: marks the target's neck in the source image, to show which source met which pose."""

    def __init__(self, with_parsing=True):
        self._with_parsing = with_parsing

    def transfer_pose(self, image, parsing, keypoints, target_keypoints):
        images = image.numpy()
        for marked, (y, x) in zip(images, target_keypoints.numpy()[:, 1].astype(int)):
            marked[y, x] = 255
        return Generated(tf.constant(images), parsing if self._with_parsing else None)


def test_every_source_into_every_other_pose(people, tmp_path):
    index, poses = people
    transfers = plan_transfers(index, poses, None)
    assert len(transfers) == 4 * 3
    paths = write_transfers(_Marking(), index, transfers, batch_size=5, output_dir=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*(path.name for path in paths), "sheet.png", "parsing"]
    )
    for path, transfer in zip(paths, transfers):
        source, target = path.stem.split("___")
        expected = index.image(index.positions[f"{source}.jpg"])
        y, x = poses[f"{target}.jpg"][1].astype(int)
        expected[y, x] = 255
        np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], expected)
        parsing = tmp_path / "out" / "parsing" / path.name
        np.testing.assert_array_equal(
            read_parsing_map(parsing), index.parsing(index.positions[f"{source}.jpg"])
        )
        assert_in_the_project_s_colours(parsing)
        assert (transfer.source, transfer.target) == (f"{source}.jpg", f"{target}.jpg")
    assert cv2.imread(str(tmp_path / "out" / "sheet.png")).shape[1] == 4 + 6 * (3 * 64 + 4)


def test_a_run_without_parsing_leaves_its_column_blank(people, tmp_path):
    transfers = plan_transfers(*people, None)[:2]
    paths = write_transfers(_Marking(with_parsing=False), people[0], transfers, 2, tmp_path)
    assert all(path.exists() for path in paths)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    column = 4 + 4 * (3 * 64 + 4)
    assert (sheet[30:, column : column + 3 * 64][: 3 * CANVAS[0] - 10] == 255).all()


def test_pairs_choose(people):
    index, poses = people
    names = index.names
    transfers = plan_transfers(index, poses, [(names[0], names[3]), (names[1], names[1])])
    assert [transfer.file_name for transfer in transfers] == [
        "0001_c1s1_000001_00___0002_c1s1_000002_00.png",
        "0001_c1s1_000002_00___0001_c1s1_000002_00.png",
    ]


def test_what_cannot_be_made_is_named(people, tmp_path):
    index, poses = people
    names = index.names
    with pytest.raises(ValueError, match=r"source x\.jpg: not in the annotations"):
        plan_transfers(index, poses, [("x.jpg", names[0])])
    with pytest.raises(ValueError, match=r"target pose x\.jpg: not in the annotations"):
        plan_transfers(index, poses, [(names[0], "x.jpg")])
    with pytest.raises(ValueError, match=r"target pose far: joints up to \(100, 40\) \(y, x\) on 96x64"):
        plan_transfers(index, {"far": np.full((18, 2), (100, 40))}, None)
    with pytest.raises(ValueError, match="no target pose"):
        plan_transfers(index, {}, None)
    with pytest.raises(ValueError, match="would both be"):
        plan_transfers(index, {"a.jpg": poses[names[0]], "a.png": poses[names[0]]}, None)
    (tmp_path / "parsing" / "test" / "0002_c1s1_000001_00.png").unlink()
    index = load_people_from(
        tmp_path / "test", tmp_path / "market-annotation-test.csv", tmp_path / "parsing" / "test", CANVAS
    )
    with pytest.raises(ValueError, match=r"source 0002_c1s1_000001_00\.jpg: missing parsing map"):
        plan_transfers(index, poses, [(names[2], names[0])])
