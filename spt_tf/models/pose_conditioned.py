"""The generator without semantics: H_A = G_A(E_A(I_ps, p_s), E_P(p_t)), the paper's Baseline (Section 4)."""

from __future__ import annotations

import tensorflow as tf

from spt_tf.layers.dropout import DropoutSeed
from spt_tf.layers.shapes_alone import shapes_alone
from spt_tf.models.person_generator import (
    AS_PUBLISHED,
    Additions,
    NoSemanticGenerator,
    PersonGenerator,
    PosePair,
)
from spt_tf.people import Person


class PoseConditionedGenerator(PersonGenerator):
    """A PersonGenerator that works without parsings: `transfer_pose` returns None for it.

    appearance_generator: a `networks.TwoStreamUNet` of 3 channels. canvas, sigma, joint_radius, additions: as
    there; of the additions only bounded_torso works without parsings.
    """

    def __init__(
        self,
        appearance_generator: tf.keras.Model,
        canvas: tuple[int, int],
        sigma: float,
        joint_radius: float,
        additions: Additions = AS_PUBLISHED,
    ):
        super().__init__(None, appearance_generator, canvas, sigma, joint_radius, additions)

    @property
    def needs_target_parsing(self) -> bool:
        """False: nothing here takes a parsing."""
        return False

    def as_input(self, person: Person) -> Person:
        """The person without parsing."""
        return person._replace(parsing=None)

    def create_variables(self) -> None:
        no_joints = -tf.ones([1, 18, 2])
        with self.on_smallest_canvas() as canvas, shapes_alone():
            self.transfer_pose(Person(tf.zeros([1, *canvas, 3]), None, no_joints), no_joints)

    def predict_parsing(
        self, parsing: tf.Tensor | None, pair: PosePair, dropout_seed: DropoutSeed | None = None
    ) -> None:
        """None, whatever the parsing."""
        return None

    def transform_parsing(
        self, source_parsing: tf.Tensor, source_keypoints: tf.Tensor, target_keypoints: tf.Tensor
    ) -> tf.Tensor:
        """Raises NoSemanticGenerator."""
        raise NoSemanticGenerator("this run has no semantics: it has no parsing to transform")

    def render(self, source: Person, target_parsing: tf.Tensor, target_keypoints: tf.Tensor) -> tf.Tensor:
        """Raises NoSemanticGenerator."""
        raise NoSemanticGenerator("this run has no semantics: it cannot draw on a parsing")
