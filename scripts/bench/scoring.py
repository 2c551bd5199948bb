"""Measures SSIM and mask-SSIM against the peers' loop over pairs, in one run, and that values agree.

    python scripts/bench/scoring.py --pairs=480

The peers' loop is that of Deformable GAN and PATN: five Gaussian filters of scipy a channel, and a mask drawn
with scikit-image, one pair at a time. It needs requirements-dev.txt.
"""

from __future__ import annotations

import time

import numpy as np
import skimage.draw
import skimage.morphology
from absl import app, flags

from spt_tf.evaluation import masks, protocols
from tests.evaluation.reference_scoring import ssim_of_pair
from tests.evaluation.sample_pairs import sample_pairs

FLAGS = flags.FLAGS
_CANVAS = (128, 64)


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_integer("pairs", 480, "Pairs scored per repeat.", lower_bound=1)
    flags.DEFINE_integer("repeats", 3, "The best repeat counts.", lower_bound=1)


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    pairs = sample_pairs(FLAGS.pairs, _CANVAS)
    target, generated, keypoints = pairs["target"], pairs["generated"], pairs["keypoints"]
    drawn = masks.polygon_masks(keypoints, _CANVAS)[..., None]

    def peers_ssim() -> np.ndarray:
        return np.array([ssim_of_pair(t, g) for t, g in zip(target, generated)])

    def peers_mask_ssim() -> np.ndarray:
        # Their mask costs what today's scikit-image takes; the values are those of the legacy mask.
        for pose in keypoints:
            _peers_mask(pose)
        return np.array([ssim_of_pair(t * m, g * m) for t, g, m in zip(target, generated, drawn)])

    jobs = {
        "ssim": (peers_ssim, lambda: protocols.ssim(target, generated)),
        "mask_ssim": (peers_mask_ssim, lambda: protocols.mask_ssim(target, generated, keypoints)),
        "mask alone": (
            lambda: [_peers_mask(pose) for pose in keypoints],
            lambda: masks.polygon_masks(keypoints, _CANVAS),
        ),
    }
    print(f"{FLAGS.pairs} pairs at {_CANVAS[0]}x{_CANVAS[1]}, best of {FLAGS.repeats}, milliseconds a pair")
    print(f"{'':12}{'peers':>9}{'ours':>9}{'ratio':>8}{'CPU ratio':>11}{'largest difference':>21}")
    totals = np.zeros(4)
    for name, (peers, ours) in jobs.items():
        times = np.min([[*_time(peers), *_time(ours)] for _ in range(FLAGS.repeats)], axis=0)
        if name == "mask alone":
            difference = "-"
        else:
            totals += times
            difference = f"{abs(peers() - ours()).max():.1e}"
        print(_line(name, times) + f"{difference:>21}")
    print(_line("both scores", totals) + "     aim: ratio 5")


def _line(name: str, times: np.ndarray) -> str:
    peers, peers_cpu, ours, ours_cpu = 1e3 * times / FLAGS.pairs
    return f"{name:12}{peers:9.3f}{ours:9.3f}{peers / ours:8.1f}{peers_cpu / ours_cpu:11.1f}"


def _time(work) -> tuple[float, float]:
    """Seconds of the clock and of the CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _peers_mask(pose: np.ndarray) -> np.ndarray:
    """produce_ma_mask with today's scikit-image."""
    mask = np.zeros(_CANVAS, bool)
    for start, end in masks.MASK_LIMBS:
        f, t = pose[start], pose[end]
        if (f == -1).any() or (t == -1).any() or (f == t).all():
            continue
        normal = np.array([t[1] - f[1], f[0] - t[0]])
        normal = 4 * normal / np.linalg.norm(normal)
        corners = np.array([f + normal, f - normal, t - normal, t + normal])
        mask[skimage.draw.polygon(corners[:, 0], corners[:, 1], shape=_CANVAS)] = True
    for joint in pose:
        if (joint != -1).all():
            mask[skimage.draw.disk(joint, 4, shape=_CANVAS)] = True
    square = np.ones((5, 5), np.uint8)
    return skimage.morphology.erosion(skimage.morphology.dilation(mask, square), square)


if __name__ == "__main__":
    define_flags()
    app.run(main)
