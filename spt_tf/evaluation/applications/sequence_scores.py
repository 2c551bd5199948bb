"""Sequences against the doll drawn in every pose: how near frames are, and how much they flicker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spt_tf.anatomy import LABEL, NUM_LABELS
from spt_tf.applications.person_picture import PersonPicture
from spt_tf.applications.pose_sequence.frames import generate_frames
from spt_tf.applications.pose_sequence.steady_poses import fill_gaps, outside_is_missing, smooth
from spt_tf.evaluation import protocols
from spt_tf.evaluation.applications.drawn_truth import Movement
from spt_tf.inference import FinishedRun

# (person, poses `[T,18,2]` as found in a video) -> frames uint8 `[T,H,W,3]`.
Generate = Callable[[PersonPicture, np.ndarray], np.ndarray]
MEANINGS = {
    "flicker": "mean difference on the person of a pixel's acceleration (a second difference over frames) to "
    "the truth's, 0..510",
    "colour_flicker": "the same of each label's mean colour, mean over labels",
    "tssim": "SSIM of frame differences to the truth's",
    "ssim": "SSIM to the drawn truth, protocol spt",
}
_JITTER, _LOST = 1 / 64, 0.03  # a detector's error as a share of the height; joints it loses


def generators(run: FinishedRun) -> dict[str, Generate]:
    """What is scored, by name."""

    def steady(poses: np.ndarray) -> np.ndarray:
        return outside_is_missing(smooth(fill_gaps(poses)), run.canvas)

    def drawn(person: PersonPicture, poses: np.ndarray, blend: bool) -> np.ndarray:
        return np.stack([frame.image for frame in generate_frames(run, person, poses, blend)])

    return {
        "sequence": lambda person, poses: drawn(person, steady(poses), True),
        "poses_smoothed_alone": lambda person, poses: drawn(person, steady(poses), False),
        "maps_blended_alone": lambda person, poses: drawn(person, poses, True),
        "frame_by_frame": lambda person, poses: drawn(person, poses, False),
    }


def detected(movement: Movement, seed: int) -> np.ndarray:
    """The movement's poses as a detector finds them: joints off by about a 64th of the height, some lost."""
    random = np.random.default_rng(seed)
    canvas = movement.person.parsing.shape
    poses = movement.poses.astype(np.float64)
    moved = poses + random.normal(0, _JITTER * canvas[0], poses.shape)
    lost = random.random(poses.shape[:2]) < _LOST
    moved[(poses < 0).any(axis=-1) | lost] = -1
    return outside_is_missing(moved, canvas)


def score_sequence(movement: Movement, frames: np.ndarray) -> dict[str, float]:
    """The numbers of MEANINGS of frames uint8 `[T,H,W,3]`."""
    truth = np.stack([picture.image for picture in movement.truth])
    maps = np.stack([picture.parsing for picture in movement.truth])
    wanted, found = (_as_pictures(np.diff(video.astype(int), axis=0)) for video in (truth, frames))
    return {
        "flicker": _flicker(frames.astype(float) - truth, maps),
        "colour_flicker": _colour_flicker(frames.astype(float) - truth, maps),
        "tssim": float(protocols.ssim(wanted, found, "pg2").mean()),
        "ssim": float(protocols.ssim(truth, frames).mean()),
    }


def _flicker(error: np.ndarray, maps: np.ndarray) -> float:
    """Mean absolute second difference over time of an error `[T,H,W,3]` where the person is."""
    person = (maps != LABEL["background"])[1:-1]
    return float(np.abs(np.diff(error, n=2, axis=0)).mean(axis=-1)[person].mean())


def _colour_flicker(error: np.ndarray, maps: np.ndarray) -> float:
    """Mean absolute second difference of labels' mean errors, over labels that all three frames have."""
    values = []
    for label in range(1, NUM_LABELS):
        regions = maps == label
        counts = regions.sum(axis=(1, 2))
        sums = np.einsum("thwc,thw->tc", error, regions)
        second = np.abs(np.diff(sums / np.maximum(counts, 1)[:, np.newaxis], n=2, axis=0)).mean(axis=-1)
        seen = (counts[:-2] > 0) & (counts[1:-1] > 0) & (counts[2:] > 0)
        values += second[seen].tolist()
    return float(np.mean(values))


def _as_pictures(differences: np.ndarray) -> np.ndarray:
    """Differences -255..255 as uint8, halved about the middle grey."""
    return np.rint(127.5 + differences / 2).astype(np.uint8)
