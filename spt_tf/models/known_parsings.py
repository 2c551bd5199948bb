"""Parsings in poses for which the truth is known (ours): the person's own again, and the mirrored one.

S_pt* is another person's, and holds errors of the search.
"""

from __future__ import annotations

import tensorflow as tf

from spt_tf.geometry.mirror import mirror_keypoints, mirror_soft_parsing
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.losses.semantic import parsing_cross_entropy
from spt_tf.models.person_generator import PersonGenerator, PosePair
from spt_tf.models.stage_losses import LossTerm, StageLosses


def return_losses(
    person: PersonGenerator, parsing: tf.Tensor, returned: tf.Tensor, backward: PosePair, weight: float
) -> StageLosses:
    """L_ce of S~_ps, moved and mapped back, against S_ps: both `[B,H,W,10]`. backward: target to source."""
    pair, true, predicted = person.at_semantic_size(backward, parsing, returned)
    values = parsing_cross_entropy(true, predicted, pair.target.mask)
    return StageLosses({"generator": [LossTerm("return_cross_entropy", weight, values)]})


def mirror_losses(
    person: PersonGenerator,
    parsing: tf.Tensor,
    keypoints: tf.Tensor,
    weight: float,
    dropout_seed: DropoutSeed | None,
) -> StageLosses:
    """L_ce of the person moved into the mirrored pose against the mirrored parsing; no term by weight 0.

    parsing: S_ps `[B,H,W,10]`. keypoints: `[B,18,2]`.
    """
    if not weight:
        return StageLosses({})
    pair = person.pose_pair(keypoints, mirror_keypoints(keypoints, parsing.shape[2]))
    moved = person.predict_parsing(parsing, pair, dropout_seed)
    pair, true, predicted = person.at_semantic_size(pair, mirror_soft_parsing(parsing), moved)
    values = parsing_cross_entropy(true, predicted, pair.target.mask)
    return StageLosses({"generator": [LossTerm("mirror_cross_entropy", weight, values)]})
