"""Pictures of training: what each stage makes of a few fixed people."""

from __future__ import annotations

import os

import numpy as np
import tensorflow as tf

from spt_tf import visualize
from spt_tf.models import conditioning
from spt_tf.models.appearance import AppearanceModel, round_trip
from spt_tf.models.pose_detection import PoseDetectionModel
from spt_tf.models.semantic import SemanticModel
from spt_tf.models.stage_model import StageModel
from spt_tf.models.supervised import SupervisedModel


def draw_panel(model: StageModel, batch: dict[str, tf.Tensor]) -> np.ndarray:
    """A panel of one row per person of a batch (see `data.pipeline`): uint8 `[h,w,3]` RGB.

    Columns: source and target pose, and what the stage has of pseudo-label (or the parsing of whoever lent
    the pose), predicted parsing, generated image and image mapped back; for the pose detector, its
    heatmaps' maximum; for the supervised comparator the true target and the generated image.
    """
    canvas = tuple(batch["source_image"].shape[1:3])
    columns = {
        "source": batch["source_image"].numpy(),
        "target pose": np.stack(
            [visualize.skeleton_image(k, canvas) for k in batch["target_keypoints"].numpy()]
        ),
    }
    if isinstance(model, PoseDetectionModel):
        heatmaps = model.pose_detector(conditioning.image_to_float(batch["source_image"]))
        peak = tf.reduce_max(heatmaps, axis=-1, keepdims=True)
        columns["detected"] = tf.cast(255 * tf.clip_by_value(tf.repeat(peak, 3, -1), 0, 1), tf.uint8).numpy()
        del columns["target pose"]
    elif isinstance(model, SupervisedModel):
        moved, _ = model.person.transfer_pose(conditioning.source_person(batch), batch["target_keypoints"])
        columns["true target"] = batch["target_image"].numpy()
        columns["generated"] = conditioning.image_to_uint8(moved).numpy()
    else:
        # In the appearance stage the target pose is anybody's, and so is the parsing that comes with it.
        title = "pose's owner" if isinstance(model, AppearanceModel) else "pseudo-label"
        columns[title] = _coloured(batch["target_parsing"])
        source = conditioning.source_person(batch)
        if isinstance(model, SemanticModel):
            moved = model.person.transform_parsing(
                source.parsing, source.keypoints, batch["target_keypoints"]
            )
            columns["parsing"] = _coloured(conditioning.parsing_to_labels(moved))
        else:
            trip = round_trip(model.person, model.person.seen(source), batch["target_keypoints"], None)
            if trip.moved.parsing is not None:
                columns["parsing"] = _coloured(conditioning.parsing_to_labels(trip.moved.parsing))
            columns["generated"] = conditioning.image_to_uint8(trip.moved.image).numpy()
            columns["mapped back"] = conditioning.image_to_uint8(trip.returned.image).numpy()
    rows = [list(row) for row in zip(*columns.values())]
    return visualize.panel(rows, list(columns))


def _coloured(labels: tf.Tensor) -> np.ndarray:
    return np.stack([visualize.parsing_image(one) for one in labels.numpy()])


class PanelWriter:
    """Draws one fixed batch to `panels/` of the run directory and to TensorBoard."""

    def __init__(self, run_dir: str, stage: str, batch: dict[str, tf.Tensor]):
        self._stage, self._batch = stage, batch
        self._directory = os.path.join(run_dir, "panels")
        self._writer = tf.summary.create_file_writer(os.path.join(run_dir, "tensorboard", stage))

    def __call__(self, model: StageModel, step: int) -> None:
        """Draws what the model makes of the batch after `step` steps."""
        picture = draw_panel(model, self._batch)
        os.makedirs(self._directory, exist_ok=True)
        visualize.write_png(os.path.join(self._directory, f"{self._stage}-{step:08d}.png"), picture)
        with self._writer.as_default(step=step):
            tf.summary.image(f"{self._stage}/panel", picture[None])
        self._writer.flush()
