"""SSIM and mask-SSIM by the names of the papers whose scripts computed them.

The same images differ by several hundredths between these, so a value is always given with its protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from spt_tf.evaluation import masks
from spt_tf.evaluation.structural_similarity import (
    Window,
    gaussian_window,
    structural_similarity,
    uniform_window,
)

PATN_BORDER = 40  # columns at each side of a 256-pixel DeepFashion image that PATN crops, then paints white


class Protocol(NamedTuple):
    """How a paper's script scores a pair.

    description: one line for reports.
    window: SSIM's weighting.
    data_range: SSIM's L; None is each generated image's own max - min.
    draw_masks: the pose mask of its mask-SSIM; None where its script has no mask-SSIM.
    white_border: whether 256-pixel images are scored with PATN's white sides.
    """

    description: str
    window: Window
    data_range: float | None
    draw_masks: Callable[[np.ndarray, tuple[int, int]], np.ndarray] | None
    white_border: bool = False


_LINEAGE = "population covariance, range of the generated image, polygon masks, float64"
PROTOCOLS: dict[str, Protocol] = {
    "spt": Protocol(
        f"Deformable GAN lineage (also SPT): 13-tap Gaussian, {_LINEAGE}",
        gaussian_window(13),
        None,
        masks.polygon_masks,
    ),
    "spt_11tap": Protocol(
        f"the same call under scikit-image 0.17 and later: 11-tap Gaussian, {_LINEAGE}",
        gaussian_window(11),
        None,
        masks.polygon_masks,
    ),
    "patn": Protocol(
        f"PATN: 13-tap Gaussian, 256-pixel images with 40 white columns a side, {_LINEAGE}",
        gaussian_window(13),
        None,
        masks.polygon_masks,
        white_border=True,
    ),
    "patn_11tap": Protocol(
        f"PATN under scikit-image 0.17 and later: 11-tap Gaussian, 40 white columns a side, {_LINEAGE}",
        gaussian_window(11),
        None,
        masks.polygon_masks,
        white_border=True,
    ),
    "pg2": Protocol(
        "PG2: 7x7 uniform window, sample covariance, range 255, disc masks, float64",
        uniform_window(7),
        255.0,
        masks.disc_masks,
    ),
    "gfla": Protocol(
        "GFLA: 51x51 uniform window, sample covariance, full range, float64; no mask-SSIM",
        uniform_window(51),
        255.0,
        None,
    ),
}


def find_protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        ValueError: naming the known ones.
    """
    if name not in PROTOCOLS:
        raise ValueError(f"no SSIM protocol {name!r}; there are {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def check_canvas(name: str, canvas: tuple[int, int]) -> None:
    """Raises ValueError where a protocol cannot score images of a size (height, width)."""
    blank = np.zeros([1, *canvas, 3], np.uint8)
    try:
        ssim(blank, blank, name)
    except ValueError as error:
        raise ValueError(f"--protocol={name}: {error}") from None


def ssim(target: np.ndarray, generated: np.ndarray, protocol: str = "spt") -> np.ndarray:
    """SSIM of each pair: uint8 `[N,H,W,3]` twice -> float64 `[N]`.

    Raises:
        ValueError: for an unknown protocol, shapes that do not fit, or a size the protocol does not know.
    """
    rules = find_protocol(protocol)
    if rules.white_border:
        target, generated = _white_sides(target), _white_sides(generated)
    return structural_similarity(target, generated, rules.window, rules.data_range)


def mask_ssim(
    target: np.ndarray, generated: np.ndarray, keypoints: np.ndarray, protocol: str = "spt"
) -> np.ndarray:
    """SSIM of both images under the target pose's mask (zero elsewhere).

    Args:
        target: uint8 `[N,H,W,3]`.
        generated: uint8 `[N,H,W,3]`.
        keypoints: `[N,18,2]` of the target, (y, x) in pixels, -1 where missing.
        protocol: a name of `PROTOCOLS`.

    Returns:
        float64 `[N]`; NaN where no joint is there, so that the mask is empty.

    Raises:
        ValueError: as `ssim`, and for a protocol without mask-SSIM.
    """
    rules = find_protocol(protocol)
    if rules.draw_masks is None:
        raise ValueError(f"protocol {protocol} has no mask-SSIM")
    _, height, width, _ = target.shape
    drawn = rules.draw_masks(keypoints, (height, width))[..., None]
    if rules.white_border:
        target, generated = _white_sides(target), _white_sides(generated)
        added = (target.shape[2] - drawn.shape[2]) // 2
        drawn = np.pad(drawn, ((0, 0), (0, 0), (added, added), (0, 0)))
    return structural_similarity(target * drawn, generated * drawn, rules.window, rules.data_range)


def _white_sides(images: np.ndarray) -> np.ndarray:
    """PATN's addBounding on 256x256 or 256x176 images; its Market-1501 script (128x64) adds nothing."""
    height, width = images.shape[1:3]
    if (height, width) == (128, 64):
        return images
    inner = width - 2 * PATN_BORDER if width == height else width
    if height != 256 or inner != 256 - 2 * PATN_BORDER:
        raise ValueError(
            f"PATN's protocol knows 256x256 and 256x176 (DeepFashion) and 128x64 (Market-1501), "
            f"not {height}x{width}"
        )
    padded = np.full((len(images), 256, 256, images.shape[3]), 255, np.uint8)
    start = PATN_BORDER if width == height else 0
    padded[:, :, PATN_BORDER:-PATN_BORDER] = images[:, :, start : start + inner]
    return padded
