"""What can be evaluated: functions from a batch of pairs to people in the target pose."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.inference import FinishedRun, Generated
from spt_tf.perception.finder import PersonFinder

# Takes an element of `data.pipeline.pair_batches`; must not look at the target's image or parsing.
Method = Callable[[dict[str, tf.Tensor]], Generated]


def trained(run: FinishedRun) -> Method:
    """The trained generators: S~_pt by H_S, then I~_pt by H_A; without semantics H_A alone."""
    return lambda batch: run.transfer_pose(
        batch["source_image"], batch["source_parsing"], batch["source_keypoints"], batch["target_keypoints"]
    )


def trained_on_true_parsing(run: FinishedRun) -> Method:
    """H_A alone, on the target's own parsing: the paper's ablation TS-GT, the only method that may see it."""

    def render(batch: dict[str, tf.Tensor]) -> Generated:
        image = run.render(
            batch["source_image"],
            batch["source_parsing"],
            batch["source_keypoints"],
            batch["target_parsing"],
            batch["target_keypoints"],
        )
        return Generated(image, batch["target_parsing"])

    return render


def found_in_photos(run: FinishedRun, finder: PersonFinder, pose: bool, parsing: bool) -> Method:
    """The trained generators on what a finder finds: poses, each in its own image, or the source's parsing.

    It may look at the target's image, for the pose that is asked for, as with photos alone.
    """

    def transfer(batch: dict[str, tf.Tensor]) -> Generated:
        source = finder.find(batch["source_image"])
        source_pose, target_pose = batch["source_keypoints"], batch["target_keypoints"]
        if pose:
            source_pose, target_pose = source.keypoints, finder.find(batch["target_image"]).keypoints
        labels = source.parsing if parsing else batch["source_parsing"]
        return run.transfer_pose(batch["source_image"], labels, source_pose, target_pose)

    return transfer


def image_alone(method: Method) -> Method:
    """The method without its parsing, where the data has none to compare with."""
    return lambda batch: Generated(method(batch).image, None)


def source_and_pose(batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """What a method may look at of a batch."""
    return {name: batch[name] for name in source_and_pose_spec((0, 0))}


def source_and_pose_spec(canvas: tuple[int, int]) -> dict[str, tf.TensorSpec]:
    """Shapes and types of it, for batches of any size: the last one of a data set is smaller."""
    return {
        "source_image": tf.TensorSpec([None, *canvas, 3], tf.uint8),
        "source_parsing": tf.TensorSpec([None, *canvas], tf.uint8),
        "source_keypoints": tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32),
        "target_keypoints": tf.TensorSpec([None, anatomy.NUM_JOINTS, 2], tf.float32),
    }
