"""Signatures that take photos: what they answer, and what they refuse, and how."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from hostile_pictures import bomb
from spt_tf.serving.photos import MAX_PIXELS
from spt_tf.serving.signatures import PersonServer
from tests.serving.stand_in import CANVAS, StandInGenerator, encode_png
from tests.serving.stand_in_finder import StandInFinder

PHOTO_SIGNATURES = {"find_pose", "parse_image", "transfer_pose_from_photo", "transfer_pose_between_photos"}


@pytest.fixture(scope="module")
def signatures():
    return PersonServer(StandInGenerator(), StandInFinder()).trace()


def _noise(size, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 256, (*size, 3), np.uint8)


def _bytes(*photos) -> tf.Tensor:
    return tf.constant([photo if isinstance(photo, bytes) else encode_png(photo) for photo in photos])


def _keypoints(batch=1) -> tf.Tensor:
    return tf.constant(np.tile(StandInFinder().shares * np.array(CANVAS, np.float32), (batch, 1, 1)))


def _labels(png: tf.Tensor) -> np.ndarray:
    return tf.io.decode_png(png).numpy()[..., 0]


def test_a_model_has_them_if_it_has_a_finder(signatures):
    plain = PersonServer(StandInGenerator()).trace()
    assert set(signatures) - set(plain) == PHOTO_SIGNATURES
    without = StandInGenerator()
    without.predicts_parsing = False
    found = set(PersonServer(without, StandInFinder()).trace())
    assert PHOTO_SIGNATURES & found == {"find_pose", "parse_image"}


def test_an_image_is_answered_by_what_is_found_in_it(signatures):
    images = tf.constant(np.stack([_noise(CANVAS, seed) for seed in range(2)]))
    found = StandInFinder().look_at(images)
    pose, parsed = signatures["find_pose"](image=images), signatures["parse_image"](image=images)
    np.testing.assert_allclose(pose["keypoints"], found.keypoints, atol=1e-4)
    np.testing.assert_allclose(pose["scores"], found.scores, atol=1e-6)
    np.testing.assert_array_equal(parsed["parsing"], found.parsing)
    np.testing.assert_allclose(parsed["confidence"], found.confidence, atol=1e-6)


def test_a_photo_of_the_canvas_is_transferred_as_its_image_found_parsing_and_joints_are(signatures):
    photo = _noise(CANVAS)
    answer = signatures["transfer_pose_from_photo"](source_photo=_bytes(photo), target_keypoints=_keypoints())
    found = StandInFinder().look_at(tf.constant(photo[None]))
    expected = signatures["transfer_pose"](
        source_image=tf.constant(photo[None]),
        source_parsing=found.parsing,
        source_keypoints=found.keypoints,
        target_keypoints=_keypoints(),
    )
    np.testing.assert_array_equal(tf.io.decode_png(answer["image"][0]), expected["image"][0])
    np.testing.assert_array_equal(_labels(answer["parsing"][0]), expected["parsing"][0])
    np.testing.assert_array_equal(_labels(answer["source_parsing"][0]), found.parsing[0])
    np.testing.assert_allclose(answer["source_keypoints"], found.keypoints, atol=1e-3)


def test_photos_of_other_sizes_are_answered_in_their_own_pixels(signatures):
    """All of one colour, so that the stand-in finds the same joints on the canvas."""
    photos = [np.full((*size, 3), 100, np.uint8) for size in ((320, 160), (40, 32), CANVAS)]
    answer = signatures["transfer_pose_from_photo"](
        source_photo=_bytes(*photos), target_keypoints=_keypoints(3)
    )
    large, wide, same = answer["source_keypoints"].numpy()
    np.testing.assert_allclose(large, (same + 0.5) * 10 - 0.5, atol=1e-2)
    shown = (wide >= 0).all(-1)  # it fills rows 6 to 26
    np.testing.assert_allclose(wide[shown], (same[shown] + 0.5 - [6, 0]) * 2 - 0.5, atol=1e-2)
    assert shown.sum() > 9


def test_jpeg_and_png_of_a_photo_are_answered_alike(signatures):
    smooth = np.repeat(np.linspace(60, 200, 64).astype(np.uint8)[:, None, None], 32, 1).repeat(3, 2)
    jpeg = tf.io.encode_jpeg(smooth, quality=100).numpy()
    answer = signatures["transfer_pose_from_photo"](
        source_photo=_bytes(smooth, jpeg), target_keypoints=_keypoints(2)
    )
    one, other = answer["source_keypoints"].numpy()
    np.testing.assert_allclose(one, other, atol=0.2)


def test_a_target_photo_gives_the_pose_that_is_found_in_it(signatures):
    source, target = _noise((96, 48)), _noise((128, 64), 1)
    answer = signatures["transfer_pose_between_photos"](
        source_photo=_bytes(source), target_photo=_bytes(target)
    )
    pose = (answer["target_keypoints"] + 0.5) / 4 - 0.5  # of the canvas
    again = signatures["transfer_pose_from_photo"](source_photo=_bytes(source), target_keypoints=pose)
    difference = tf.io.decode_png(answer["image"][0]) - tf.io.decode_png(again["image"][0])
    assert tf.reduce_max(tf.abs(tf.cast(difference, tf.int8))) <= 1
    assert answer["target_scores"].shape == (1, 18) and _labels(answer["target_parsing"][0]).shape == CANVAS


DARK = np.zeros((64, 32, 3), np.uint8)
RED = np.full((64, 32, 3), (255, 0, 0), np.uint8)
JPEG = tf.io.encode_jpeg(_noise((64, 32))).numpy()
REFUSED = {
    "nobody": (DARK, "source_photo: nobody found"),
    "half a torso": (RED, "source_photo: the torso is only half found"),
    "no picture": (b"junk", "source_photo: neither a JPEG nor a PNG"),
    "nothing": (b"", "source_photo: neither a JPEG nor a PNG"),
    "a cut PNG": (encode_png(_noise((64, 32)))[:3000], "source_photo"),
    "a cut JPEG": (JPEG[: len(JPEG) // 2], "source_photo"),
    "a promise of a giant": (
        encode_png(_noise((64, 32))).replace(
            np.array([32, 64], ">i4").tobytes(), np.array([40000, 40000], ">i4").tobytes(), 1
        ),
        r"source_photo: a photo may have 1 to 16,777,216 pixels",
    ),
    "a thread": (_noise((400, 3)), "one side at most 16 times the other"),
    "a bomb": (bomb(_noise((64, 32))), "source_photo: the PNG inflates to more"),
}


@pytest.mark.parametrize(("photo", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_moved_is_refused_by_name(signatures, photo, message):
    with pytest.raises(tf.errors.OpError, match=message):
        signatures["transfer_pose_from_photo"](
            source_photo=_bytes(_noise((64, 32)), photo), target_keypoints=_keypoints(2)
        )


def test_of_two_photos_the_one_that_is_wrong_is_named(signatures):
    with pytest.raises(tf.errors.InvalidArgumentError, match="target_photo: nobody found"):
        signatures["transfer_pose_between_photos"](
            source_photo=_bytes(_noise((64, 32))), target_photo=_bytes(DARK)
        )
    with pytest.raises(tf.errors.InvalidArgumentError, match="batch sizes differ"):
        signatures["transfer_pose_from_photo"](
            source_photo=_bytes(_noise((64, 32))), target_keypoints=_keypoints(2)
        )


def test_the_promise_of_a_giant_is_not_decoded(signatures, monkeypatch):
    """The file holds nothing: had it been decoded, the decoder would have complained instead."""
    header = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + np.array([MAX_PIXELS, 2], ">i4").tobytes() + bytes(9)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a photo may have"):
        signatures["transfer_pose_from_photo"](source_photo=_bytes(header), target_keypoints=_keypoints())
