"""Whatever a pose file holds, reading it ends in a pose or in one named error."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spt_tf.perception.pose_files.choose_person import PoseRules
from spt_tf.perception.pose_files.formats import FORMATS
from spt_tf.perception.pose_files.found_people import PoseFileError, Unit
from spt_tf.perception.pose_files.picture_files import OneSize
from spt_tf.perception.pose_files.read_poses import read_poses
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import OPENPOSE_COCO_18, SIZE, a_pose

POSE = a_pose()
GOOD = [
    writers.openpose(POSE),
    [{**writers.openpose(POSE, OPENPOSE_COCO_18), "canvas_width": 48, "canvas_height": 64}],
    writers.alphapose({"a.jpg": POSE}),
    {"a.jpg": writers.alphapose_open(POSE, writers.COCO_17)},
    writers.alphapose_open(POSE, writers.COCO_17, "cmu"),
    writers.coco_annotations({"a.jpg": POSE}),
    [{"image_id": 1, "category_id": 1, "keypoints": writers.flat(POSE, writers.COCO_17)}],
    writers.mmpose(POSE),
    [{"keypoints": writers.flat(POSE, writers.COCO_17), "category_id": 1}],
    {"landmarks": [writers.mediapipe(POSE)]},
]
KEYS = sorted(
    {"image_id", "keypoints", "people", "bodies", "joints", "images", "annotations", "id", "file_name"}
    | {"pose_keypoints_2d", "canvas_width", "canvas_height", "keypoint_scores", "landmark", "pose_landmarks"}
    | {"version", "width", "height", "num_keypoints", "iscrowd", "category_id", "x", "visibility"}
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a.jpg", "../../x", "AlphaPose v0.3", "\x00", 10**400, -(10**400)]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def _places(value, path=()):
    """Every place in a document."""
    yield path
    if isinstance(value, (list, dict)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield from _places(value[key], (*path, key))


def _replaced(document, path, value):
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return copy


def _ends_well(folder, document, rules):
    file = folder / "odd.json"
    file.write_text(json.dumps(document))
    try:
        read = read_poses(file, OneSize(SIZE), rules)
    except PoseFileError as error:
        assert str(file) in str(error) and "\n" not in str(error)
    else:
        for chosen in read.poses.values():
            there = chosen.keypoints[(chosen.keypoints >= 0).all(axis=1)]
            assert len(there) >= 4 and (there < SIZE).all()


RULES = [PoseRules(), PoseRules(keypoint_scale=Unit.SHARES), *(PoseRules(format=name) for name in FORMATS)]
QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@QUICK
@given(data=st.data())
def test_a_good_file_with_one_odd_value(tmp_path, data):
    document = data.draw(st.sampled_from(GOOD))
    path = data.draw(st.sampled_from(list(_places(document))))
    changed = _replaced(document, path, data.draw(VALUES))
    _ends_well(tmp_path, changed, data.draw(st.sampled_from(RULES)))


@QUICK
@given(document=VALUES, rules=st.sampled_from(RULES))
def test_any_json_at_all(tmp_path, document, rules):
    _ends_well(tmp_path, document, rules)


@pytest.mark.parametrize("document", GOOD)
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_read_as_every_other(tmp_path, document, name):
    _ends_well(tmp_path, document, PoseRules(format=name, keypoint_scale=Unit.PIXELS))
