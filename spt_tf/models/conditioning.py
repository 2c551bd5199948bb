"""Raw pixels and labels to what networks take, and the channels each network sees."""

from __future__ import annotations

import tensorflow as tf

from spt_tf import anatomy
from spt_tf.geometry.half_size import half_image, half_keypoints, half_parsing
from spt_tf.layers.side_by_side import side_by_side
from spt_tf.people import Person, Pose


def image_to_float(image: tf.Tensor) -> tf.Tensor:
    """uint8 `[..., 3]` in 0..255 to float32 in [-1, 1]."""
    return tf.cast(image, tf.float32) / 127.5 - 1.0


def image_to_uint8(image: tf.Tensor) -> tf.Tensor:
    """float `[..., 3]` in [-1, 1] to uint8 in 0..255, rounded and clipped."""
    return tf.cast(tf.clip_by_value(tf.round((tf.cast(image, tf.float32) + 1.0) * 127.5), 0, 255), tf.uint8)


def labels_to_parsing(labels: tf.Tensor) -> tf.Tensor:
    """uint8 label maps `[B,H,W]` to one-hot float32 `[B,H,W,10]`."""
    return tf.one_hot(labels, anatomy.NUM_LABELS)


def parsing_to_labels(parsing: tf.Tensor) -> tf.Tensor:
    """One-hot or softmax `[B,H,W,10]` to the likeliest label, uint8 `[B,H,W]`."""
    return tf.cast(tf.argmax(parsing, axis=-1), tf.uint8)


def straight_through(parsing: tf.Tensor) -> tf.Tensor:
    """One-hot of the likeliest label in the forward pass, the soft map's gradient in the backward.

    Discriminators see real parsings one-hot; without this they would recognise fakes by their softness.
    """
    return parsing + tf.stop_gradient(labels_to_parsing(parsing_to_labels(parsing)) - parsing)


def source_person(batch: dict[str, tf.Tensor]) -> Person:
    """The source of a training batch (see `data.pipeline`) as I_ps, S_ps and keypoints."""
    return Person(
        image_to_float(batch["source_image"]),
        labels_to_parsing(batch["source_parsing"]),
        batch["source_keypoints"],
    )


def half_batch(batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """A training batch at half the size, in the same types; with a target image where there is one."""
    halves: dict[str, tf.Tensor] = {
        name: image_to_uint8(half_image(image_to_float(batch[name])))
        for name in ("source_image", "target_image")
        if name in batch
    }
    return {
        **halves,
        "source_parsing": half_parsing(batch["source_parsing"]),
        "source_keypoints": half_keypoints(batch["source_keypoints"]),
        "target_parsing": half_parsing(batch["target_parsing"]),
        "target_keypoints": half_keypoints(batch["target_keypoints"]),
    }


def semantic_source(parsing: tf.Tensor, pose: Pose) -> tf.Tensor:
    """Input of E_S: (S_ps, p_s, M_ps), `[B,H,W,29]`."""
    return side_by_side([parsing, pose.heatmaps, pose.mask])


def semantic_target(pose: Pose) -> tf.Tensor:
    """Input of E_P: (p_t, M_pt), `[B,H,W,19]`."""
    return side_by_side([pose.heatmaps, pose.mask])


def appearance_source(image: tf.Tensor, parsing: tf.Tensor | None, pose: Pose) -> tf.Tensor:
    """Input of E_A: (I_ps, labels 1..9 of S_ps, p_s), `[B,H,W,30]`; without parsing `[B,H,W,21]`."""
    return side_by_side([image, *_people_labels(parsing), pose.heatmaps])


def appearance_target(
    parsing: tf.Tensor | None, pose: Pose, background: tf.Tensor | None = None
) -> tf.Tensor:
    """Input of E_S': (p_t, labels 1..9 of S_pt), `[B,H,W,27]`; without parsing E_P's, `[B,H,W,18]`.

    The order is the authors' code's. background: four channels more (`background.still_background`); the
    paper has none.
    """
    given = [] if background is None else [background]
    return side_by_side([pose.heatmaps, *_people_labels(parsing), *given])


def image_with_parsing(image: tf.Tensor, parsing: tf.Tensor | None) -> tf.Tensor:
    """Input of D_A: an image with labels 1..9 of its parsing, `[B,H,W,12]`; without, the image alone.

    A soft parsing enters as its likeliest labels (`straight_through`).
    """
    hard = None if parsing is None else straight_through(parsing)
    return side_by_side([image, *_people_labels(hard)])


def parsing_with_pose(parsing: tf.Tensor, pose: Pose) -> tf.Tensor:
    """Input of D_S: a parsing with the heatmaps of its pose, `[B,H,W,28]`."""
    return side_by_side([parsing, pose.heatmaps])


def _people_labels(parsing: tf.Tensor | None) -> list[tf.Tensor]:
    """Every label but the background; nothing in a run without semantics."""
    return [] if parsing is None else [parsing[..., 1:]]
