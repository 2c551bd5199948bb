"""A finished run's calls: the same people as arrays, tensors and files, alone and in batches."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from spt_tf import inference
from spt_tf.data.annotations import read_annotations
from spt_tf.data.datasets import load_people
from spt_tf.inference import load_finished_run
from spt_tf.models import conditioning
from spt_tf.models.graph_optimizers import optimized_lightly
from spt_tf.models.person_generator import NoSemanticGenerator
from spt_tf.people import Person
from tests.eager import seen_in_calls
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.untrained_run import write_untrained_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run, and people in `test/`."""
    folder = tmp_path_factory.mktemp("inference")
    write_doll_house(folder, 2)
    write_untrained_run(folder / "run", CANVAS)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    run = load_finished_run(str(folder / "run"))
    for variable in run.generator.variables:
        if variable.shape.rank == 4:
            variable.assign(variable * 8)  # fresh filters give a flat grey that anything would equal
    return run


@pytest.fixture(scope="module")
def people(folder):
    """image, parsing and keypoints of four people, as arrays."""
    index = load_people(folder, "test", CANVAS)
    return {
        "image": np.stack([index.image(place) for place in range(4)]),
        "parsing": np.stack([index.parsing(place) for place in range(4)]),
        "keypoints": index.keypoints,
    }


def _target(people):
    return {"target_keypoints": people["keypoints"][::-1]}


def test_a_batch_is_what_the_generators_make_of_it(run, people):
    moved = run.transfer_pose(**people, **_target(people))
    source = Person(
        conditioning.image_to_float(tf.constant(people["image"])),
        conditioning.labels_to_parsing(tf.constant(people["parsing"])),
        tf.constant(people["keypoints"]),
    )
    image, parsing = run.generator.transfer_pose(source, tf.constant(people["keypoints"][::-1]))
    expected = conditioning.image_to_uint8(image).numpy().astype(int)
    # the same operators, traced and eager, may round half a grey level apart
    assert abs(moved.image.numpy() - expected).max() <= 1 and expected.std() > 1
    labels = conditioning.parsing_to_labels(parsing).numpy()
    assert (moved.parsing.numpy() == labels).mean() > 0.999
    alone = run.transform_parsing(people["parsing"], people["keypoints"], people["keypoints"][::-1])
    np.testing.assert_array_equal(alone, moved.parsing)
    drawn = run.render(**people, target_parsing=people["parsing"][::-1], **_target(people))
    assert drawn.dtype == tf.uint8 and drawn.shape == moved.image.shape
    assert (drawn.numpy() != moved.image.numpy()).any()


def test_one_person_may_be_files(run, people, folder):
    names = list(read_annotations(folder / "market-annotation-test.csv"))
    target = people["keypoints"][3].astype(np.int64)  # whole numbers do too
    image, parsing = folder / "test" / names[0], folder / "parsing" / "test" / f"{names[0][:-4]}.png"
    moved = run.transfer_pose(image, str(parsing), people["keypoints"][0], target)
    batch = run.transfer_pose(*(people[name][:1] for name in people), people["keypoints"][3:])
    assert moved.image.shape == (*CANVAS, 3) and moved.parsing.shape == CANVAS
    np.testing.assert_array_equal(moved.image, batch.image[0])
    np.testing.assert_array_equal(moved.parsing, batch.parsing[0])
    labels = run.transform_parsing(parsing, people["keypoints"][0], target)
    np.testing.assert_array_equal(labels, batch.parsing[0])
    drawn = run.render(image, parsing, people["keypoints"][0], parsing, target)
    assert drawn.shape == (*CANVAS, 3)


def test_a_run_without_semantics_needs_no_parsing(people, tmp_path):
    write_untrained_run(tmp_path, CANVAS, semantics=False)
    run = load_finished_run(str(tmp_path))
    moved = run.transfer_pose(people["image"], None, people["keypoints"], people["keypoints"][::-1])
    again = run.transfer_pose(**people, **_target(people))
    assert moved.parsing is None
    np.testing.assert_array_equal(moved.image, again.image)
    alone = run.transfer_pose(*(people[name][0] for name in people), people["keypoints"][3])
    assert alone.image.shape == (*CANVAS, 3) and alone.parsing is None
    with pytest.raises(NoSemanticGenerator, match="no parsing to transform"):
        run.transform_parsing(people["parsing"], people["keypoints"], people["keypoints"])
    with pytest.raises(NoSemanticGenerator, match="cannot draw on a parsing"):
        run.render(**people, target_parsing=people["parsing"], **_target(people))


def test_what_does_not_fit_is_named(run, people):
    with pytest.raises(
        ValueError, match=r"image: expected \[96,64,3\] or \[B,96,64,3\], got \[4, 96, 32, 3\]"
    ):
        run.transfer_pose(**{**people, "image": people["image"][:, :, ::2]}, **_target(people))
    with pytest.raises(ValueError, match="parsing: expected labels, whole numbers, got float64"):
        run.transfer_pose(**{**people, "parsing": people["parsing"] / 9}, **_target(people))


def test_what_only_evaluation_needs_is_read_when_it_is_asked_for(folder):
    """P, and TensorFlow Addons, whose normalisation is P's: drawing people starts without them."""
    told = subprocess.run(
        [sys.executable, "-c", _LOAD, str(folder / "run")], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False", "(1,", "96,", "64,", "18)", "True"]


_LOAD = """
import sys
import tensorflow as tf
from spt_tf.inference import load_finished_run
run = load_finished_run(sys.argv[1])
print("tensorflow_addons" in sys.modules)
print(tuple(run.pose_detector(tf.zeros([1, 96, 64, 3])).shape))
print("tensorflow_addons" in sys.modules)
"""


def test_half_the_digits_draw_nearly_the_same(run, people, folder):
    half = load_finished_run(str(folder / "run"), precision="bfloat16")
    assert (half.precision, tf.keras.mixed_precision.global_policy().name) == ("bfloat16", "float32")
    kernels = [one for one in half.generator.variables if one.shape.rank == 4]
    assert kernels and {one.dtype for one in kernels} == {tf.bfloat16}
    assert half.pose_detector.last.kernel.dtype == half.pose_detector.last.compute_dtype == tf.float32
    for one, other in zip(kernels, (one for one in run.generator.variables if one.shape.rank == 4)):
        one.assign(tf.cast(other, tf.bfloat16))
    moved, expected = (one.transfer_pose(**people, **_target(people)) for one in (half, run))
    assert (moved.parsing.numpy() == expected.parsing.numpy()).mean() > 0.95
    apart = abs(np.asarray(moved.image, int) - np.asarray(expected.image, int))
    assert 0 < apart.mean() < 2


def test_the_first_calls_wait_for_no_graph(run, people, monkeypatch):
    """One picture, or a few, are sooner made without one; and are the same."""
    seen = seen_in_calls(run, monkeypatch, lambda: (tf.executing_eagerly(), _optimizers_asked_for()))
    fresh = dataclasses.replace(run)
    moved = [fresh.transfer_pose(**people, **_target(people)) for _ in range(10)]
    assert [eager for eager, _ in seen] == [True] * 8 + [False]
    first, last = (np.asarray(one.image, int) for one in (moved[0], moved[-1]))
    assert abs(first - last).max() <= 1
    # a graph is prepared by few optimizers, for which its first picture waits, too
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: [])
    few = optimized_lightly(_optimizers_asked_for)()
    assert seen[8][1] == few or tf.config.list_physical_devices("GPU")


def _optimizers_asked_for() -> bytes:
    return context.context().function_call_options.config_proto_serialized


def test_large_pictures_are_made_by_a_graph_at_once(run, people, monkeypatch):
    """Operator by operator they take more memory."""
    eager = seen_in_calls(run, monkeypatch)
    monkeypatch.setattr(inference, "_UNTRACED_PIXELS", CANVAS[0] * CANVAS[1] - 1)
    dataclasses.replace(run).transfer_pose(**people, **_target(people))
    assert eager == [False]
