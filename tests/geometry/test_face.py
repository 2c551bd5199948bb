"""The face crop against the authors' numbers, and its gradient."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf

from spt_tf.geometry.face import face_crop, face_transforms
from tests.geometry.sample_poses import sample_poses
from tests.golden_arrays import golden, in_unit_range
from tests.shared_files import shared_golden, shared_path


@pytest.mark.parametrize(("size", "suffix"), [(64, ""), (32, "_32")])
def test_published_faces(size, suffix):
    arrays = golden("face.npz")
    keypoints, expected = arrays["keypoints_yx"], arrays[f"transforms{suffix}"]
    transforms, present = face_transforms(keypoints, (64, 64), size)
    assert present.numpy().tolist() == [bool(face.any()) for face in arrays["faces"]]
    assert 0 < present.numpy().sum() < len(keypoints)
    np.testing.assert_allclose(transforms, expected, atol=1e-5)
    crops, _ = face_crop(in_unit_range(arrays["images"]), keypoints, size)
    np.testing.assert_allclose(crops, arrays[f"faces{suffix}"], atol=1e-5)


def test_published_faces_of_photographs():
    arrays = shared_golden("face_256.npz")
    transforms, present = face_transforms(arrays["keypoints_yx"], (256, 256), 256)
    np.testing.assert_allclose(transforms, arrays["transforms"][:, 0], atol=1e-5)
    folder = shared_path("data/deepfashion_demo/images")
    pictures = [cv2.imread(str(folder / name))[..., ::-1] for name in arrays["names"]]
    crops, _ = face_crop(np.stack(pictures).astype(np.float32) / 127.5 - 1.0, arrays["keypoints_yx"], 256)
    np.testing.assert_allclose(crops, arrays["faces"].astype(np.float32), atol=1e-3)
    assert present.numpy().all()


def test_the_crop_fills_with_the_box_around_the_head():
    keypoints = np.full((1, 18, 2), -1.0, np.float32)
    keypoints[0, [2, 5, 8, 11]] = [(20, 8), (20, 20), (45, 8), (45, 20)]  # torso length 25, reach 10
    keypoints[0, 0] = (12, 14)
    images = np.random.default_rng(0).normal(size=(1, 64, 32, 3)).astype(np.float32)
    crops, present = face_crop(images, keypoints, 20)
    np.testing.assert_allclose(crops[0], images[0, 2:22, 4:24], atol=1e-6)
    assert present.numpy().tolist() == [True]


def test_nobody_has_no_face_and_no_nan():
    keypoints = sample_poses(3, 64, seed=1)
    keypoints[0, [0, 14, 15, 16, 17]] = -1  # seen from far behind
    keypoints[1] = -1
    crops, present = face_crop(tf.ones([3, 64, 32, 3]), keypoints, 16)
    assert present.numpy().tolist() == [False, False, True]
    assert (crops[:2].numpy() == 0).all() and (crops[2].numpy() == 1).mean() > 0.8


def test_gradient_reaches_only_the_box():
    keypoints = sample_poses(1, 64, seed=2)
    images = tf.random.normal([1, 64, 32, 3])
    with tf.GradientTape() as tape:
        tape.watch(images)
        crops, _ = face_crop(images, keypoints, 16)
    gradient = tape.gradient(crops, images).numpy()[0]
    assert gradient[:12].sum() > 1.0 and (gradient[32:] == 0).all()
    # each of the 16x16 crop pixels hands on its unit of gradient, but for what lies beyond the canvas
    assert gradient.sum() <= 16 * 16 * 3 + 1e-3
