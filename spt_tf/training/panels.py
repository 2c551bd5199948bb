"""Pictures of training: what each stage makes of a few fixed people."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from spt_tf import visualize
from spt_tf.models import conditioning
from spt_tf.models.cycle import move_and_map_back
from spt_tf.models.stage_model import StageModel


def draw_panel(model: StageModel, batch: dict[str, tf.Tensor], columns: tuple[str, ...]) -> np.ndarray:
    """A panel of one row per person of a batch (see `data.pipeline`): uint8 `[h,w,3]` RGB.

    columns: of a stage's `StageSpec`. "source" and "target pose"; "pseudo-label", or "pose's owner", the
    parsing that came with the pose; "true target"; "parsing", the predicted one; "generated", the image;
    "mapped back", the image of the cycle's way back; "detected", the maximum of P's heatmaps of the source.
    """
    pictures = {**_given(batch), **_made(model, batch, columns)}
    columns = tuple(name for name in columns if name in pictures)  # no parsing without semantics
    rows = [list(row) for row in zip(*(pictures[name] for name in columns))]
    return visualize.panel(rows, list(columns))


def _given(batch: dict[str, tf.Tensor]) -> dict[str, np.ndarray]:
    canvas = tuple(batch["source_image"].shape[1:3])
    owner = _coloured(batch["target_parsing"])
    given = {
        "source": batch["source_image"].numpy(),
        "target pose": np.stack(
            [visualize.skeleton_image(k, canvas) for k in batch["target_keypoints"].numpy()]
        ),
        "pseudo-label": owner,
        "pose's owner": owner,
        "true parsing": owner,
    }
    return {**given, "true target": batch["target_image"].numpy()} if "target_image" in batch else given


def _made(model: StageModel, batch: dict[str, tf.Tensor], columns: tuple[str, ...]) -> dict[str, np.ndarray]:
    """What the networks make of a batch, as far as the columns ask for it; a parsing where there is any."""
    if "detected" in columns:
        heatmaps = model.networks()["pose_detector"](conditioning.image_to_float(batch["source_image"]))
        peak = tf.reduce_max(heatmaps, axis=-1, keepdims=True)
        return {"detected": tf.cast(255 * tf.clip_by_value(tf.repeat(peak, 3, -1), 0, 1), tf.uint8).numpy()}
    person, keypoints = model.person, batch["target_keypoints"]
    source = person.as_input(conditioning.source_person(batch))
    if "generated" not in columns:
        return _shown(person.transform_parsing(source.parsing, source.keypoints, keypoints))
    if "mapped back" not in columns:
        image, parsing = person.transfer_pose(source, keypoints)
        return _shown(parsing, generated=image)
    cycle = move_and_map_back(person, source, keypoints, None)
    pictures = {"generated": cycle.moved.image, "mapped back": cycle.mapped_back.image}
    return _shown(cycle.moved.parsing, **pictures)


def _shown(parsing: tf.Tensor | None, **images: tf.Tensor) -> dict[str, np.ndarray]:
    shown = {name: conditioning.image_to_uint8(image).numpy() for name, image in images.items()}
    if parsing is not None:
        shown["parsing"] = _coloured(conditioning.parsing_to_labels(parsing))
    return shown


def _coloured(labels: tf.Tensor) -> np.ndarray:
    return np.stack([visualize.parsing_image(one) for one in labels.numpy()])


class PanelWriter:
    """Draws a stage's panels to `panels/` of the run directory and to TensorBoard.

    draw: a model -> uint8 `[h,w,3]` RGB, what it makes of a few fixed people.
    """

    def __init__(self, run_dir: str, stage: str, draw: Callable[[StageModel], np.ndarray]):
        self._stage, self._panel = stage, draw
        self._directory = os.path.join(run_dir, "panels")
        self._writer = tf.summary.create_file_writer(os.path.join(run_dir, "tensorboard", stage))

    def __call__(self, model: StageModel, step: int) -> None:
        """Draws the panel of a model after `step` steps."""
        picture = self._panel(model)
        os.makedirs(self._directory, exist_ok=True)
        visualize.write_png(os.path.join(self._directory, f"{self._stage}-{step:08d}.png"), picture)
        with self._writer.as_default(step=step):
            tf.summary.image(f"{self._stage}/panel", picture[None])
        self._writer.flush()
