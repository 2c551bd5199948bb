"""The cycle: a person is moved into the target pose and mapped back (Section 3.2)."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models.person_generator import PersonGenerator, PosePair
from spt_tf.people import Person

_CALLS = 6  # network calls of a step with dropout: four in the cycle, two for known poses


class Cycle(NamedTuple):
    """A person moved into the target pose, and mapped back.

    moved: I~_pt and S~_pt with the target keypoints. mapped_back: I~_ps and S~_ps with the source's. Without
        semantics neither has a parsing.
    forward, backward: source pose to target pose, and target to source.
    """

    moved: Person
    mapped_back: Person
    forward: PosePair
    backward: PosePair


def move_and_map_back(
    person: PersonGenerator,
    source: Person,
    target_keypoints: tf.Tensor,
    seed: DropoutSeed | None,
    parsing_is_frozen: bool = False,
) -> Cycle:
    """The cycle of a batch ("Forward and back", method.md; Section 3.2): no target image is used.

    parsing_is_frozen: H_S does not learn, and so has no dropout.
    """
    forward, backward = person.there_and_back(source.keypoints, target_keypoints)
    seeds = [seed_of_call(seed, call) for call in range(4)]
    if parsing_is_frozen:
        seeds[0] = seeds[2] = None
    target_parsing = person.predict_parsing(source.parsing, forward, seeds[0])
    image = person.paint(source.image, source.parsing, target_parsing, forward, seeds[1])
    source_parsing = person.predict_parsing(target_parsing, backward, seeds[2])
    back = person.paint(image, target_parsing, source_parsing, backward, seeds[3], is_generated=True)
    return Cycle(
        Person(image, target_parsing, target_keypoints),
        Person(back, source_parsing, source.keypoints),
        forward,
        backward,
    )


def seed_of_call(seed: DropoutSeed | None, call: int) -> DropoutSeed | None:
    """The dropout seed of one of a step's network calls: 0 to 3 are the cycle's, 4 a self-pair's,
    5 the mirrored parsing's."""
    return None if seed is None else seed.split(_CALLS)[call]
