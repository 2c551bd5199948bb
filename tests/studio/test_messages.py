"""What the page sends is taken whole or refused, by the field's name."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.studio import messages
from spt_tf.studio.messages import BadMessage

CANVAS = (4, 2)
LABELS = np.arange(8, dtype=np.uint8).reshape(CANVAS)
POSE = [[n % 4, n % 2] for n in range(17)] + [[-1, -1]]


def test_what_is_written_is_read_back():
    assert (
        messages.read_labels({"parsing": messages.write_array(LABELS)}, "parsing", CANVAS) == LABELS
    ).all()
    keypoints = messages.read_keypoints({"pose": POSE}, "pose", CANVAS)
    assert keypoints.dtype == np.float32
    assert messages.write_keypoints(keypoints) == POSE


@pytest.mark.parametrize(
    "labels, told",
    [
        ("*", "parsing: expected base64"),
        (messages.write_array(LABELS[:3]), "parsing: expected 4x2 = 8 bytes, got 6"),
        (messages.write_array(LABELS + 3), "parsing: expected labels 0..9, got 10"),
        (7, "parsing: expected str"),
    ],
)
def test_labels_that_are_none(labels, told):
    with pytest.raises(BadMessage) as error:
        messages.read_labels({"parsing": labels}, "parsing", CANVAS)
    assert str(error.value) == told


@pytest.mark.parametrize(
    "joint", [[4, 0], [0, 2], [-1, 0], [0, -0.5], [float("nan"), 0], [0], ["0", 0], [True, 0], None]
)
def test_a_joint_that_is_none(joint):
    with pytest.raises(BadMessage, match=r"pose: neck needs .* inside 4x2"):
        messages.read_keypoints({"pose": [POSE[0], joint, *POSE[2:]]}, "pose", CANVAS)


def test_too_few_joints():
    with pytest.raises(BadMessage, match="expected 18 joints, got 17"):
        messages.read_keypoints({"pose": POSE[:-1]}, "pose", CANVAS)


@pytest.mark.parametrize("names", [[], ["background"], ["cape"], [3], "pants"])
def test_labels_nobody_can_borrow(names):
    with pytest.raises(BadMessage, match="labels"):
        messages.read_label_names({"labels": names}, "labels")
    assert messages.read_label_names({"labels": ["pants", "hair"]}, "labels") == (4, 2)


@pytest.mark.parametrize("edits", [{}, {"hat": "tall"}, {"sleeves": 3}, {"hem": "low"}, []])
def test_edits_that_are_none(edits):
    with pytest.raises(BadMessage, match="edits"):
        messages.read_edits({"edits": edits}, "edits")
    assert messages.read_edits({"edits": {"sleeves": "long", "hem": 1}}, "edits").sleeves == "long"
