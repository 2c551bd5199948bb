"""The two generators under a local enhancer: H_S at half the size, H_A at both (method.md, DeepFashion)."""

from __future__ import annotations

from typing import Callable

import tensorflow as tf

from spt_tf.geometry.half_size import (
    averaged_half,
    double_parsing,
    half_image,
    half_keypoints,
    half_parsing,
)
from spt_tf.layers.dropout import DropoutSeed
from spt_tf.models.person_generator import (
    AS_PUBLISHED,
    Additions,
    DescribedPose,
    PersonGenerator,
    PosePair,
)
from spt_tf.networks.local_enhancer import LocalEnhancer
from spt_tf.people import PoseTransfer


def fade_in_share(step: tf.Tensor, fade_in_steps: int) -> tf.Tensor:
    """alpha in the step that follows `step` steps of stage enhancer: it reaches 1 in step `fade_in_steps`.

    Float32, and never 0: a step without any share would teach the enhancer nothing.
    """
    return tf.minimum((tf.cast(step, tf.float32) + 1.0) / fade_in_steps, 1.0)


class EnhancedPersonGenerator(PersonGenerator):
    """A PersonGenerator whose H_A is a local enhancer; parsings are at the full size everywhere outside.

    local_enhancer: wraps `appearance_generator`, the global network, which is saved under that name.
    alpha: the enhancer's share in [0, 1]; the stage in which it rises sets it to a function of its step.
    """

    _PARTS = (*PersonGenerator._PARTS, "local_enhancer")

    def __init__(
        self,
        semantic_generator: tf.keras.Model | None,
        local_enhancer: LocalEnhancer,
        canvas: tuple[int, int],
        sigma: float,
        joint_radius: float,
        additions: Additions = AS_PUBLISHED,
        alpha: Callable[[], tf.Tensor | float] = lambda: 1.0,
    ):
        super().__init__(
            semantic_generator,
            local_enhancer.global_network,
            canvas,
            sigma,
            joint_radius,
            additions,
        )
        self.local_enhancer = local_enhancer
        self.alpha = alpha

    def networks(self) -> dict[str, tf.keras.Model]:
        return {**super().networks(), "local_enhancer": self.local_enhancer}

    def appearance_variables(self) -> list[tf.Variable]:
        return self.local_enhancer.trainable_variables

    def _multiple(self) -> int:
        return 2 * super()._multiple()

    def _described(self, keypoints: tf.Tensor) -> DescribedPose:
        half = (self.canvas[0] // 2, self.canvas[1] // 2)
        at_half = self._described_on(half, half_keypoints(keypoints))
        return super()._described(keypoints)._replace(half=at_half)

    def _prepared(self, transfer: PoseTransfer) -> PoseTransfer:
        at_full_size = tuple(transfer.part_masks.shape[1:3]) == tuple(self.canvas)
        return self._prepare(transfer, *([1] if at_full_size else []))

    def at_semantic_size(self, pair: PosePair, *parsings: tf.Tensor) -> tuple:
        return pair.halved, *(half_parsing(parsing) for parsing in parsings)

    def predict_parsing(
        self, parsing: tf.Tensor, pair: PosePair, dropout_seed: DropoutSeed | None = None
    ) -> tf.Tensor:
        """S~_pt at half the size, brought to the full size: soft maps, bilinear."""
        return double_parsing(super().predict_parsing(half_parsing(parsing), pair.halved, dropout_seed))

    def _paint_all(
        self,
        image: tf.Tensor,
        parsing: tf.Tensor,
        target_parsing: tf.Tensor,
        pair: PosePair,
        dropout_seed: DropoutSeed | None,
        is_generated: bool,
    ) -> tf.Tensor:
        # as the authors' code halves a photograph, and what it has painted itself
        half = averaged_half(image) if is_generated else half_image(image)
        return self.local_enhancer(
            *self._appearance_inputs(image, parsing, target_parsing, pair),
            pair.transfer,
            *self._appearance_inputs(half, half_parsing(parsing), half_parsing(target_parsing), pair.halved),
            pair.halved.transfer,
            alpha=self.alpha(),
            dropout_seed=dropout_seed,
        )
