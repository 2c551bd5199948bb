"""The cross-entropy of predicted parsing, L_ce (Section 3.1)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.losses.reduction import per_example_mean

# keeps log finite where a float32 softmax has underflowed; invisible beside any usual probability
_TINY = 1e-8


def parsing_cross_entropy(pseudo_label: tf.Tensor, predicted: tf.Tensor, target_mask: tf.Tensor) -> tf.Tensor:
    """`- || S_pt* (x) log S~_pt (x) (1 + M_pt) ||_1`, summed over labels, mean over pixels: `[B]` float32.

    pseudo_label: `[B,H,W,10]` one-hot. predicted: `[B,H,W,10]`, probabilities. target_mask: `[B,H,W,1]`
    in {0, 1}; the person's pixels weigh twice.
    """
    pseudo_label, predicted, target_mask = (
        tf.cast(values, tf.float32) for values in (pseudo_label, predicted, target_mask)
    )
    surprise = -tf.reduce_sum(pseudo_label * tf.math.log(predicted + _TINY), axis=-1, keepdims=True)
    return per_example_mean(surprise * (1.0 + target_mask))
