"""The client against a running server: one person or many, raw or encoded, refusals by type."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.applications.relight import relit_garments
from spt_tf.serving import client_errors
from spt_tf.serving.client import PoseTransferClient
from tests.serving.direct import direct, drawn
from tests.serving.refusals import LARGE, WIDE, texture_inputs
from tests.serving.stand_in import CANVAS, encode_png, encoded, random_inputs
from tests.serving.stand_in_finder import StandInFinder


def pixels(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)))


def test_batch_equals_the_generator(client):
    inputs = random_inputs(3)
    answer = client.transfer_pose(**inputs)
    image, parsing = direct(inputs)
    np.testing.assert_array_equal(answer.image, image)
    np.testing.assert_array_equal(answer.parsing, parsing)
    assert answer.version == 1


def test_single_person_has_no_batch_axis(client):
    inputs = random_inputs(1)
    answer = client.transfer_pose(**{name: value[0] for name, value in inputs.items()})
    np.testing.assert_array_equal(answer.image, direct(inputs)[0][0])
    assert answer.parsing.shape == CANVAS


def test_encoded_equals_raw(client):
    inputs = random_inputs(2)
    answer = client.transfer_pose_encoded(**encoded(inputs))
    image, parsing = direct(inputs)
    for i in range(2):
        np.testing.assert_array_equal(pixels(answer.image[i]), image[i])
        np.testing.assert_array_equal(pixels(answer.parsing[i]), parsing[i])


def test_single_encoded(client):
    inputs = {name: value[0] for name, value in encoded(random_inputs(1)).items()}
    answer = client.transfer_pose_encoded(**inputs)
    np.testing.assert_array_equal(pixels(answer.image), direct(random_inputs(1))[0][0])


def test_parsing_alone_and_image_on_own_parsing(client):
    inputs = random_inputs(2)
    parsing = client.transform_parsing(
        inputs["source_parsing"], inputs["source_keypoints"], inputs["target_keypoints"]
    )
    np.testing.assert_array_equal(parsing, direct(inputs)[1])
    on_own = client.generate_from_parsing(target_parsing=inputs["source_parsing"], **inputs)
    assert on_own.shape == (2, *CANVAS, 3)
    assert (on_own != direct(inputs)[0]).any()


def test_garments_of_one_on_another(client):
    inputs = texture_inputs()
    whole = drawn(inputs, inputs["target_parsing"])
    images = (inputs[f"{who}_image"].astype(np.float32) for who in ("target", "source"))
    maps = (tf.one_hot(inputs[f"{who}_parsing"], 10) for who in ("target", "source"))
    given = (value for pair in zip(images, maps) for value in pair)
    relit = np.rint(relit_garments(tf.cast(whole, tf.float32), *given))
    inside = np.isin(inputs["target_parsing"][:1], (3, 5))[..., np.newaxis]
    image = client.transfer_texture(**inputs)
    np.testing.assert_array_equal(image[1], whole[1])
    # a pixel of H_A's is rounded in between here, and not there
    assert abs(image[:1].astype(int) - np.where(inside, relit[:1], inputs["target_image"][:1])).max() <= 1
    np.testing.assert_array_equal(image[:1][~inside[..., 0]], inputs["target_image"][:1][~inside[..., 0]])
    assert (relit[:1] != inputs["target_image"][:1])[inside[..., 0]].mean() > 0.9
    alone = client.transfer_texture(**{name: value[0] for name, value in inputs.items()})
    np.testing.assert_array_equal(alone, image[0])


def test_garments_that_one_lacks_are_refused(client):
    inputs = texture_inputs()
    inputs["target_parsing"][inputs["target_parsing"] == 5] = 0
    with pytest.raises(client_errors.InvalidRequest, match=r"labels: chosen, but not in target_parsing"):
        client.transfer_texture(**inputs)


def test_canvas_and_versions(client):
    assert client.canvas() == CANVAS
    assert client.available_versions() == [1]


def test_refusals_are_typed_and_carry_the_servers_message(client, server):
    inputs = random_inputs(1)
    inputs["source_parsing"][0, 0, 0] = 10
    with pytest.raises(client_errors.InvalidRequest, match=r"source_parsing: labels must lie in 0\.\.9"):
        client.transfer_pose(**inputs)
    for wrong, named in (({"model": "nobody"}, "nobody"), ({"version": 9}, "9")):
        stranger = PoseTransferClient(f"localhost:{server.port}", **wrong)
        with stranger, pytest.raises(client_errors.ModelNotFound, match=named):
            stranger.transfer_pose(**random_inputs(1))
    with pytest.raises(client_errors.SignatureNotFound, match="classify"):
        client._predict("classify", random_inputs(1))


def test_labels_of_another_type_are_cast_and_fractions_refused(client):
    inputs = random_inputs(1)
    as_ints = {**inputs, "source_parsing": inputs["source_parsing"].astype(np.int64)}
    np.testing.assert_array_equal(client.transfer_pose(**as_ints).image, client.transfer_pose(**inputs).image)
    with pytest.raises(TypeError, match="whole numbers"):
        client.transfer_pose(**{**inputs, "source_image": inputs["source_image"] / 255.0})


def test_what_is_found_in_an_image(client):
    images = random_inputs(2)["source_image"]
    pose, parsed = client.find_pose(images), client.parse_image(images[1])
    found = StandInFinder().look_at(images)
    np.testing.assert_allclose(pose.keypoints, found.keypoints, atol=1e-4)
    np.testing.assert_array_equal(parsed.parsing, found.parsing[1])
    assert pose.scores.shape == (2, 18) and parsed.confidence.shape == CANVAS


def test_photos_to_keypoints_and_to_photos(client):
    photos, target = [LARGE, WIDE], random_inputs(2)["target_keypoints"]
    batch = client.transfer_pose_from_photo(photos, target)
    one = client.transfer_pose_from_photo(LARGE, target[0])
    assert batch.image[0] == one.image and pixels(one.image).shape == (*CANVAS, 3)
    np.testing.assert_allclose(batch.source_keypoints[0], one.source_keypoints, atol=1e-3)
    assert one.source_keypoints.max() > 2 * CANVAS[0]  # in the photo's own pixels
    assert one.target_keypoints is None and pixels(one.source_parsing).shape == CANVAS
    between = client.transfer_pose_from_photo(photos, target_photo=photos[::-1])
    np.testing.assert_allclose(between.target_keypoints[1], between.source_keypoints[0], atol=1e-3)
    assert len(between.target_parsing) == 2
    with pytest.raises(ValueError, match="target_keypoints or target_photo"):
        client.transfer_pose_from_photo(LARGE)


def test_nobody_found_is_told_as_an_invalid_request(client):
    dark = encode_png(np.zeros((40, 20, 3), np.uint8))
    with pytest.raises(client_errors.InvalidRequest, match="source_photo: nobody found"):
        client.transfer_pose_from_photo(dark, random_inputs(1)["target_keypoints"][0])
