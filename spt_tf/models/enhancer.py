"""Stage enhancer: trains the local enhancer alone while its share rises; the global network is frozen."""

from __future__ import annotations

import functools

import tensorflow as tf

from spt_tf.models.appearance import AppearanceCritic, AppearanceModel
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator, fade_in_share


class EnhancerModel(AppearanceModel):
    """Trains the enhancer's own layers on L_A at the full size, against D_A and the growing D_F.

    alpha is a function of the step alone, so a resumed run has the one it stopped with.
    """

    def __init__(
        self, person: EnhancedPersonGenerator, critic: AppearanceCritic, fade_in_steps: int, seed: int = 0
    ):
        super().__init__(person, critic, seed)
        person.alpha = critic.face_discriminator.alpha = functools.partial(
            fade_in_share, self.step, fade_in_steps
        )

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        return {**super().variable_groups(), "generator": self.person.local_enhancer.own_variables}
