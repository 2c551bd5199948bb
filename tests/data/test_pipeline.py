"""Batches: contents, resuming, mirroring, order, and replicas."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from spt_tf.data.datasets import load_pairs, load_people, load_people_from
from spt_tf.data.pipeline import pair_batches, training_batches
from spt_tf.geometry.mirror import mirror_image, mirror_keypoints, mirror_parsing
from tests.data.folders import CANVAS, market_folder
from tests.shared_files import shared_path

HEIGHT, WIDTH = CANVAS


@pytest.fixture(name="index")
def _index(tmp_path):
    market_folder(tmp_path, people=5)
    return load_people(tmp_path, "train", CANVAS)


def _take(dataset, count):
    return list(dataset.take(count).as_numpy_iterator())


def _whole(batches):
    return [{name: tensor.numpy() for name, tensor in batch.items()} for batch in batches]


def _assert_equal(batches, others):
    assert len(batches) == len(others) > 0
    for batch, other in zip(batches, others):
        assert batch.keys() == other.keys()
        for name in batch:
            np.testing.assert_array_equal(batch[name], other[name], err_msg=name)


def _place(index, keypoints):
    """Whose keypoints these are."""
    return int(np.flatnonzero((index.keypoints == keypoints).all(axis=(1, 2)))[0])


def test_shapes_and_dtypes_are_static(index):
    spec = training_batches(index, None, 4, seed=0, with_target_image=True).element_spec
    assert {name: (tuple(value.shape), value.dtype) for name, value in spec.items()} == {
        "source_image": ((4, HEIGHT, WIDTH, 3), tf.uint8),
        "source_parsing": ((4, HEIGHT, WIDTH), tf.uint8),
        "source_keypoints": ((4, 18, 2), tf.float32),
        "target_parsing": ((4, HEIGHT, WIDTH), tf.uint8),
        "target_keypoints": ((4, 18, 2), tf.float32),
        "target_image": ((4, HEIGHT, WIDTH, 3), tf.uint8),
    }
    assert "target_image" not in training_batches(index, None, 4, seed=0).element_spec


def test_a_batch_holds_the_files_contents(index):
    [batch] = _take(training_batches(index, None, 5, seed=0, flip=False, with_target_image=True), 1)
    sources = [_place(index, keypoints) for keypoints in batch["source_keypoints"]]
    assert sorted(sources) == [0, 1, 2, 3, 4]
    for row, source in enumerate(sources):
        target = _place(index, batch["target_keypoints"][row])
        assert target != source
        for side, place in (("source", source), ("target", target)):
            np.testing.assert_array_equal(batch[f"{side}_image"][row], index.image(place))
            np.testing.assert_array_equal(batch[f"{side}_parsing"][row], index.parsing(place))


@pytest.mark.parametrize("paired", [False, True])
def test_a_stream_begun_at_example_n_goes_on_as_the_whole_one(index, tmp_path, paired):
    pairs = load_pairs(tmp_path, "train", index).pairs if paired else None
    whole = _take(training_batches(index, pairs, 3, seed=7), 10)
    _assert_equal(_take(training_batches(index, pairs, 3, seed=7, start_example=12), 6), whole[4:])
    # And across batch sizes: the stream is of examples.
    larger = _take(training_batches(index, pairs, 6, seed=7), 5)
    for name in larger[0]:
        np.testing.assert_array_equal(
            np.concatenate([batch[name] for batch in larger]),
            np.concatenate([batch[name] for batch in whole]),
        )


def test_another_seed_is_another_stream(index):
    first, second = (_take(training_batches(index, None, 5, seed=seed), 2) for seed in (1, 2))
    assert any((a["source_image"] != b["source_image"]).any() for a, b in zip(first, second))


def test_mirrored_examples_are_wholly_mirrored_and_about_half(index):
    plain = _take(training_batches(index, None, 40, seed=3, flip=False, with_target_image=True), 1)[0]
    turned = _take(training_batches(index, None, 40, seed=3, with_target_image=True), 1)[0]
    mirrors = {
        "image": mirror_image,
        "parsing": mirror_parsing,
        "keypoints": lambda keypoints: mirror_keypoints(keypoints, WIDTH),
    }
    mirrored = 0
    for row in range(40):
        in_mirror = {name: mirrors[name.split("_")[1]](value[row]).numpy() for name, value in plain.items()}
        same = {name: bool((turned[name][row] == plain[name][row]).all()) for name in plain}
        if not same["source_image"]:
            mirrored += 1
            for name, value in in_mirror.items():
                np.testing.assert_array_equal(turned[name][row], value, err_msg=name)
        else:
            assert all(same.values())
    assert 10 <= mirrored <= 30


def test_pair_batches_keep_the_order_and_a_partial_last_batch(index, tmp_path):
    pairs = load_pairs(tmp_path, "train", index).pairs
    batches = _whole(pair_batches(index, pairs, 2))
    assert [len(batch["source_name"]) for batch in batches] == [2, 1]
    names = [
        (source.decode(), target.decode())
        for batch in batches
        for source, target in zip(batch["source_name"], batch["target_name"])
    ]
    assert names == list(pairs)
    for row, (source, target) in enumerate(pairs[:2]):
        for side, name in (("source", source), ("target", target)):
            place = index.positions[name]
            np.testing.assert_array_equal(batches[0][f"{side}_image"][row], index.image(place))
            np.testing.assert_array_equal(batches[0][f"{side}_parsing"][row], index.parsing(place))
            np.testing.assert_array_equal(batches[0][f"{side}_keypoints"][row], index.keypoints[place])
    assert "target_image" not in _whole(pair_batches(index, pairs, 2, with_target_image=False))[0]


def test_bad_requests(index):
    with pytest.raises(ValueError, match="stranger"):
        pair_batches(index, [(index.names[0], "stranger")], 2)
    for batch_size, start in ((0, 0), (2, -1)):
        with pytest.raises(ValueError, match="must be"):
            training_batches(index, None, batch_size, seed=0, start_example=start)


def test_an_image_changed_since_it_was_checked_stops_the_stream(index):
    Image.new("RGB", (WIDTH + 1, HEIGHT)).save(index.image_paths[0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Shape of tensor"):
        _take(training_batches(index, None, 5, seed=0), 1)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_grey_images_and_png_are_read_as_pillow_reads_them(tmp_path, suffix):
    names = market_folder(tmp_path)
    path = tmp_path / "train" / names[0]
    picture = Image.open(path).convert("L")
    picture.save(path, format="PNG" if suffix == ".png" else "JPEG")  # whatever the name says
    index = load_people(tmp_path, "train", CANVAS)
    [batch] = _whole(pair_batches(index, [(names[0], names[1])], 1))
    np.testing.assert_array_equal(batch["source_image"][0], index.image(0))


def test_two_replicas_get_the_halves_of_the_same_global_batch(index):
    cpus = tf.config.list_logical_devices("CPU")
    strategy = tf.distribute.MirroredStrategy(
        [device.name for device in cpus[:2]], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    distributed = strategy.experimental_distribute_dataset(training_batches(index, None, 4, seed=9))
    whole = _take(training_batches(index, None, 4, seed=9), 3)
    parts = iter(distributed)
    for batch in whole:
        for name, value in next(parts).items():
            halves = strategy.experimental_local_results(value)
            assert [len(half) for half in halves] == [2, 2]
            np.testing.assert_array_equal(np.concatenate(halves), batch[name])


def test_the_four_real_people_in_pairs():
    demo = shared_path("data/deepfashion_demo")
    index = load_people_from(demo / "images", demo / "keypoints.csv", demo / "parsing", (256, 256))
    [batch] = _whole(pair_batches(index, [("2_A.jpg", "2_B.jpg"), ("3_A.jpg", "3_B.jpg")], 4))
    assert batch["source_image"].shape == (2, 256, 256, 3)
    np.testing.assert_array_equal(batch["target_parsing"][1], np.load(demo / "parsing" / "3_B.npy"))
    # The decoder's default would be off by up to 15 grey levels.
    np.testing.assert_array_equal(batch["source_image"][0], np.array(Image.open(demo / "images" / "2_A.jpg")))
