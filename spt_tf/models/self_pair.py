"""Self-pairs: a person in its own pose, or in the mirrored one, is a true pair that costs no label (ours)."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.config import LossConfig
from spt_tf.geometry.mirror import mirror_image, mirror_keypoints, mirror_soft_parsing
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.reduction import per_example_mean
from spt_tf.models.person_generator import PersonGenerator
from spt_tf.models.stage_losses import LossTerm, StageLosses
from spt_tf.people import Person

KINDS = ("own", "mirrored", "both")


class KnownTarget(NamedTuple):
    """person: the target, with its true image. known: `[B,H,W,1]` in {0, 1}, where that image is known."""

    person: Person
    known: tf.Tensor


def self_pair_loss(
    person: PersonGenerator, source: Person, kind: str, dropout_seed: DropoutSeed | None = None
) -> tf.Tensor:
    """The mean L1 distance of H_A(source -> its self-pair) from the known image, `[B]` float32.

    source: with parsing. kind: one of `KINDS`; with "both" every other example is mirrored.
    """
    first = 0 if dropout_seed is None else dropout_seed.first_example
    target, known = known_target(source, kind, person.additions.background_stays, first)
    pair = person.pose_pair(source.keypoints, target.keypoints)
    painted = person.paint(source.image, source.parsing, target.parsing, pair, dropout_seed)
    return per_example_mean(known * tf.abs(painted - target.image))


def self_pair_losses(
    person: PersonGenerator, source: Person, options: LossConfig, dropout_seed: DropoutSeed | None
) -> StageLosses:
    """The term of `self_pair_loss` with its weight lambda_self; no term where that is 0."""
    if not options.lambda_self:
        return StageLosses({})
    distance = self_pair_loss(person, source, options.self_pairs, dropout_seed)
    return StageLosses({"generator": [LossTerm("self_pair", options.lambda_self, distance)]})


def known_target(
    source: Person, kind: str, background_stays: bool, first_example: tf.Tensor | int = 0
) -> KnownTarget:
    """The source person in a pose in which its image is known.

    background_stays: only the person is mirrored, before its own background; the place that the source person
        leaves free is not known then. Otherwise the whole picture is mirrored.
    first_example: the first person's place in the global batch, of which every other one is mirrored.
    """
    if source.parsing is None:
        raise ValueError("a self-pair needs the source's parsing")
    everywhere = tf.ones_like(source.parsing[..., :1])
    own = KnownTarget(source, everywhere)
    if kind == "own":
        return own
    mirrored = _mirrored(source, source.parsing, background_stays)
    if kind == "mirrored":
        return mirrored
    places = tf.cast(first_example, tf.int64) + tf.range(tf.shape(source.keypoints, tf.int64)[0])
    every_other = places % 2 == 1

    def choose(turned: tf.Tensor, as_it_is: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.reshape(every_other, [-1] + [1] * (turned.shape.rank - 1)), turned, as_it_is)

    return tf.nest.map_structure(choose, mirrored, own)


def _mirrored(source: Person, own_parsing: tf.Tensor, background_stays: bool) -> KnownTarget:
    image, parsing = mirror_image(source.image), mirror_soft_parsing(own_parsing)
    known = tf.ones_like(parsing[..., :1])
    if background_stays:
        is_person, was_person = 1.0 - parsing[..., :1], 1.0 - own_parsing[..., :1]
        image = is_person * image + (1.0 - is_person) * source.image
        known = tf.maximum(is_person, 1.0 - was_person)
    keypoints = mirror_keypoints(source.keypoints, source.image.shape[2])
    return KnownTarget(Person(image, parsing, keypoints), known)
