"""Makes people harder to find: other places and backgrounds, occluders, other light, blur, noise, JPEG.

Batched TensorFlow ops, decided by a seed alone. Of each change, `rate` is the share of examples that meet it.
"""

from __future__ import annotations

import math

import tensorflow as tf

from spt_tf.anatomy import LABEL, MISSING
from spt_tf.geometry.joints import joints_present
from spt_tf.geometry.mirror import mirror_image, mirror_keypoints, mirror_parsing
from spt_tf.perception.textures import Chance, random_textures

_SCALE = 0.3  # largest logarithm of a change of size
_TURN = math.radians(15)
_SHIFT = 0.12  # of the canvas
_OCCLUDERS = 2
_OCCLUDER, _SOMEBODY_BEHIND = 0.5, 0.4  # how often, beside the other changes
_NOISE = 14.0  # grey levels


def augment(batch: dict[str, tf.Tensor], seed: tf.Tensor, rate: tf.Tensor | float) -> dict[str, tf.Tensor]:
    """A batch of `examples.KEYS` -> the same, changed. seed: int64 `[2]`. rate: in [0, 1]; 0 changes nothing.

    Labels and joints follow the image: what an occluder covers is background, a joint there, or moved out of
    the canvas, is missing.
    """
    chance = Chance(seed, tf.shape(batch["source_keypoints"])[0], rate)
    image = tf.cast(batch["source_image"], tf.float32)
    labels, keypoints = batch["source_parsing"], batch["source_keypoints"]
    image, labels, keypoints = _moved(chance, image, labels, keypoints)
    image = _before_another_background(chance, image, labels)
    image, labels, keypoints = _occluded(chance, image, labels, keypoints)
    image = _in_another_light(chance, image)
    image = _as_a_camera_sees_it(chance, image)
    image = tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)
    return {
        "source_image": _as_jpeg(chance, image),
        "source_parsing": labels,
        "source_keypoints": keypoints,
    }


def mirror_some(batch: dict[str, tf.Tensor], seed: tf.Tensor) -> dict[str, tf.Tensor]:
    """A batch of `examples.KEYS` -> the same, half of the people mirrored. seed: int64 `[2]`."""
    image, labels, keypoints = (batch[f"source_{name}"] for name in ("image", "parsing", "keypoints"))
    turned = Chance(seed, tf.shape(keypoints)[0], 0.5).happens()
    mirrored = {
        "source_image": mirror_image(image),
        "source_parsing": mirror_parsing(labels),
        "source_keypoints": mirror_keypoints(keypoints, image.shape[2]),
    }
    return {
        key: tf.where(_spread(turned, value.shape.rank) > 0, mirrored[key], value)
        for key, value in batch.items()
    }


def _moved(
    chance: Chance, image: tf.Tensor, labels: tf.Tensor, keypoints: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Scaled, turned and shifted about the middle; edges go on as they are, with nobody there."""
    size = tf.constant(image.shape[1:3].as_list(), tf.float32)
    happens = chance.happens()
    scale = tf.exp(happens * chance.uniform(-_SCALE, _SCALE))
    angle = happens * chance.uniform(-_TURN, _TURN)
    shift = happens[:, tf.newaxis] * chance.uniform(-_SHIFT, _SHIFT, [2]) * size  # [B, 2], (y, x)
    middle = (size - 1.0) / 2.0
    cos, sin = tf.cos(angle), tf.sin(angle)

    # keypoints go forward: middle + shift + scale * R (point - middle)
    forward = scale[:, tf.newaxis, tf.newaxis] * _matrix(cos, sin)
    moved = tf.einsum("bij,bkj->bki", forward, keypoints - middle) + (middle + shift)[:, tf.newaxis]
    inside = tf.reduce_all((moved >= 0) & (moved <= size - 1.0), axis=-1)
    kept = (joints_present(keypoints) & inside)[..., tf.newaxis]
    moved = tf.where(kept, moved, tf.cast(MISSING, tf.float32))

    # pixels are read backward
    back = _matrix(cos, -sin) / scale[:, tf.newaxis, tf.newaxis]  # [B, 2, 2] on (y, x)
    start = middle - tf.einsum("bij,bj->bi", back, middle + shift)
    zero = tf.zeros_like(scale)
    rows = [back[:, 1, 1], back[:, 1, 0], start[:, 1], back[:, 0, 1], back[:, 0, 0], start[:, 0], zero, zero]
    transforms = tf.stack(rows, axis=1)
    image = _projected(image, transforms, "BILINEAR", "NEAREST")
    labels = _projected(labels[..., tf.newaxis], transforms, "NEAREST", "CONSTANT")[..., 0]
    return image, labels, moved


def _matrix(cos: tf.Tensor, sin: tf.Tensor) -> tf.Tensor:
    return tf.stack([tf.stack([cos, sin], axis=-1), tf.stack([-sin, cos], axis=-1)], axis=1)


def _projected(maps: tf.Tensor, transforms: tf.Tensor, interpolation: str, fill_mode: str) -> tf.Tensor:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=maps,
        transforms=transforms,
        output_shape=maps.shape[1:3],
        fill_value=0.0,
        interpolation=interpolation,
        fill_mode=fill_mode,
    )


def _before_another_background(chance: Chance, image: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """A texture, or the picture of another example, in place of the background."""
    texture = random_textures(chance, tuple(image.shape[1:3]))
    others = tf.where(_spread(chance.happens(_SOMEBODY_BEHIND) > 0), tf.roll(image, 1, axis=0), texture)
    person = tf.cast(labels != LABEL["background"], tf.float32)[..., tf.newaxis]
    soft = tf.nn.avg_pool2d(person, 3, 1, "SAME")
    behind = _spread(chance.happens()) * (1.0 - soft)
    return image + behind * (others - image)


def _occluded(
    chance: Chance, image: tf.Tensor, labels: tf.Tensor, keypoints: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Boxes in front of the person."""
    size = tf.constant(image.shape[1:3].as_list(), tf.float32)
    rows, columns = tf.range(size[0]), tf.range(size[1])
    for _ in range(_OCCLUDERS):
        half = chance.uniform(0.04, 0.2, [2]) * size * _spread(chance.happens(_OCCLUDER), 2)
        low = chance.uniform(0.0, 1.0, [2]) * size - half
        high = low + 2.0 * half  # nothing where it does not happen
        down = (rows >= low[:, :1]) & (rows < high[:, :1])  # [B, H]
        along = (columns >= low[:, 1:]) & (columns < high[:, 1:])
        box = down[:, :, tf.newaxis] & along[:, tf.newaxis]  # [B, H, W]
        image = tf.where(box[..., tf.newaxis], random_textures(chance, tuple(image.shape[1:3])), image)
        labels = tf.where(box, tf.constant(LABEL["background"], labels.dtype), labels)
        covered = tf.reduce_all(
            (keypoints >= low[:, tf.newaxis]) & (keypoints < high[:, tf.newaxis]), axis=-1, keepdims=True
        )
        keypoints = tf.where(covered, tf.cast(MISSING, tf.float32), keypoints)
    return image, labels, keypoints


def _in_another_light(chance: Chance, image: tf.Tensor) -> tf.Tensor:
    """Contrast, brightness, colour cast and saturation."""
    happens = _spread(chance.happens())
    gain = tf.exp(happens * _spread(chance.uniform(-0.35, 0.35)))
    cast = tf.exp(happens * chance.uniform(-0.15, 0.15, [1, 1, 3]))
    lift = happens * _spread(chance.uniform(-35.0, 35.0))
    grey = tf.reduce_mean(image, axis=-1, keepdims=True)
    saturation = tf.exp(happens * _spread(chance.uniform(-0.6, 0.4)))
    return (grey + saturation * (image - grey) - 127.5) * gain * cast + 127.5 + lift


def _as_a_camera_sees_it(chance: Chance, image: tf.Tensor) -> tf.Tensor:
    """Blurred as by a lens, or as a smaller picture that was enlarged; then noise."""
    image = tf.clip_by_value(image, 0, 255)
    height, width = image.shape[1:3].as_list()
    small = tf.image.resize(tf.nn.avg_pool2d(image, 2, 2, "VALID"), [height, width])
    image += _spread(chance.happens() * chance.uniform(0.0, 1.0)) * (small - image)
    soft = tf.nn.avg_pool2d(image, 3, 1, "SAME")
    image += _spread(chance.happens() * chance.uniform(0.0, 1.0)) * (soft - image)
    noise = chance.normal(image.shape[1:])
    return image + _spread(chance.happens() * chance.uniform(0.0, _NOISE)) * noise


def _as_jpeg(chance: Chance, image: tf.Tensor) -> tf.Tensor:
    """Written as a JPEG of some quality, and read again."""
    quality = tf.cast(chance.uniform(25.0, 95.0), tf.int32)

    def written(one: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        picture, happens, quality = one
        return tf.cond(happens > 0, lambda: tf.image.adjust_jpeg_quality(picture, quality), lambda: picture)

    spec = tf.TensorSpec(image.shape[1:], tf.uint8)
    return tf.map_fn(written, (image, chance.happens(), quality), fn_output_signature=spec)


def _spread(values: tf.Tensor, rank: int = 4) -> tf.Tensor:
    """`[B]` -> `[B,1,...]` of a rank."""
    return tf.reshape(values, [-1] + [1] * (rank - 1))
