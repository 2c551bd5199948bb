"""The background stays where it is (ours): shown to the target encoder, and kept in the picture.

As published the only way for the scene into the picture is the torso's transform, with which it moves.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.filling import fill_from_surroundings
from spt_tf.geometry.low_pass import low_pass

_HEIGHT_OF_A_RIM = 64  # canvases this high have rims of one pixel


def still_background(image: tf.Tensor, parsing: tf.Tensor) -> tf.Tensor:
    """What E_S' sees of the source's background, `[B,H,W,4]`: the picture where it is, and where it is known.

    It is known where the parsing says label 0; there the person stands, its surroundings are carried on.

    parsing: `[B,H,W,10]`; a softmax, as a generated person has on the way back, gives a soft mask.
    """
    known = parsing[..., :1]
    return tf.concat([fill_from_surroundings(image, known), known], axis=-1)


def paste_background(
    painted: tf.Tensor, image: tf.Tensor, parsing: tf.Tensor, target_parsing: tf.Tensor
) -> tf.Tensor:
    """The painted picture with the source's own pixels where both parsings say background: `[B,H,W,3]`.

    A rim around both people is painted: pixels there hold a little of the person.

    painted, image: `[B,H,W,3]`. parsing, target_parsing: `[B,H,W,10]`; softmaxes mix.
    """
    kept = _without_rim(parsing[..., :1]) * _without_rim(target_parsing[..., :1])
    return kept * image + (1.0 - kept) * painted


def lay_before_background(
    painted: tf.Tensor, image: tf.Tensor, parsing: tf.Tensor, person: tf.Tensor
) -> tf.Tensor:
    """The painted person before the source's own background, which goes on behind the source: `[B,H,W,3]`.

    As much background is seen as S~_pt's softmax says. What H_A painted where the source stood, mostly ghosts
    of it, is gone. No loss sees this: D_A would tell pictures by the smooth place.

    painted, image: `[B,H,W,3]`. parsing: `[B,H,W,10]`. person: `person_seen` of S~_pt.
    """
    background = fill_from_surroundings(image, _without_rim(parsing[..., :1]))
    return (1.0 - person) * background + person * tf.cast(painted, tf.float32)


def person_seen(target_parsing: tf.Tensor) -> tf.Tensor:
    """How much of the person a pixel of `lay_before_background` shows: float32 `[B,H,W,1]` in [0, 1].

    Without what repeats every two pixels: an edge of whole pixels would be a coloured staircase.
    """
    return 1.0 - tf.clip_by_value(low_pass(tf.cast(target_parsing[..., :1], tf.float32)), 0.0, 1.0)


def _without_rim(mask: tf.Tensor) -> tf.Tensor:
    """A mask `[B,H,W,1]` made smaller on all sides by a 64th of the height, at least a pixel."""
    side = 2 * max(1, mask.shape[1] // _HEIGHT_OF_A_RIM) + 1
    return -tf.nn.max_pool2d(-mask, side, 1, "SAME")
