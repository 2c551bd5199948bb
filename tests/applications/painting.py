"""Stands for a run: what it draws tells who was drawn, on which map and in which pose."""

from __future__ import annotations

import numpy as np

from spt_tf.applications.person_picture import PersonPicture
from spt_tf.inference import Generated
from tests.evaluation.sample_pairs import STICK_FIGURE

CANVAS = (96, 64)
TOP, PANTS, SKIRT = 3, 4, 5
NECK = 24  # its row


class StandInPainter:
    """Draws red: the source's first red, green: 20 times the label, blue: the target's neck row.

    A person moved has the map moved down by the difference of the necks.
    """

    def transfer_pose(self, image, parsing, keypoints, target_keypoints):
        down = int(target_keypoints[1, 0] - keypoints[1, 0])
        moved = np.roll(parsing, down, axis=0)
        return Generated(self.render(image, parsing, keypoints, moved, target_keypoints), moved)

    def render(self, image, parsing, keypoints, target_parsing, target_keypoints):
        drawn = np.zeros((*parsing.shape, 3), np.uint8)
        drawn[..., 0], drawn[..., 1] = image[0, 0, 0], 20 * target_parsing
        drawn[..., 2] = int(target_keypoints[1, 0])
        return drawn


def person(red: int, *labels: int, down: int = 0) -> PersonPicture:
    """A stick figure with bands of labels from row 30 on, ten rows each."""
    parsing = np.zeros(CANVAS, np.uint8)
    for place, label in enumerate(labels):
        parsing[30 + 10 * place : 40 + 10 * place, 20:40] = label
    image = np.full((*CANVAS, 3), red, np.uint8)
    return PersonPicture(image, parsing, (STICK_FIGURE + np.array([down, 0])).astype(np.float32))
