"""Files that a person drops onto the page: photos and label maps, fitted to the model's canvas.

The bytes come from the page; no path does. The header is read before anything is decoded, so that a small
file that promises a giant picture costs nothing.
"""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from spt_tf.anatomy import LABEL, NUM_LABELS
from spt_tf.data.file_reading import MOST_PIXELS

_FORMATS = ("JPEG", "PNG", "WEBP")
_ORIENTATION = 0x0112  # EXIF; from 5 on the picture lies on its side
_PILLOW_REFUSES = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnusablePicture(ValueError):
    """A file that is no picture, or too large a one; says what was expected."""


class Fit(NamedTuple):
    """How a picture lies on the canvas: canvas pixel = offset + scale * picture pixel.

    size: the picture's (height, width). offset: (y, x) in canvas pixels.
    """

    scale: float
    offset: tuple[float, float]
    size: tuple[int, int]


class DroppedPicture(NamedTuple):
    """Either an image uint8 `[H,W,3]`, or labels uint8 `[H,W]`, and how it was fitted."""

    image: np.ndarray | None
    labels: np.ndarray | None
    fit: Fit


def read_dropped(content: bytes, canvas: tuple[int, int]) -> DroppedPicture:
    """Reads a JPEG, PNG or WebP file: an indexed or grey one with labels 0..9 alone is a label map.

    The whole picture is kept: it is scaled to fit, and what is left of the canvas repeats its border (for a
    label map: background). Raises UnusablePicture.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnusablePicture(
                    f"expected at most {MOST_PIXELS // 1_000_000} million pixels, "
                    f"found {picture.width}x{picture.height}"
                )
            fit = fit_to(_upright_size(picture), canvas)
            if picture.mode in ("P", "L"):
                picture.load()
                labels = np.array(picture)
                if labels.max() < NUM_LABELS and labels.min() != labels.max():
                    return DroppedPicture(None, _labels_on_canvas(labels, fit, canvas), fit)
            # A JPEG is decoded at a fraction of its size where that is still enough.
            picture.draft("RGB", (2 * max(canvas), 2 * max(canvas)))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            return DroppedPicture(_image_on_canvas(upright, fit, canvas), None, fit)
    except UnusablePicture:
        raise
    except _PILLOW_REFUSES as error:
        raise UnusablePicture("expected a JPEG, PNG or WebP picture") from error


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    height, width = picture.height, picture.width
    return (width, height) if picture.getexif().get(_ORIENTATION, 1) >= 5 else (height, width)


def fit_to(size: tuple[int, int], canvas: tuple[int, int]) -> Fit:
    """The largest a picture of that (height, width) can be on the canvas, in its middle."""
    scale = min(side / whole for side, whole in zip(canvas, size))
    offset = [(side - scale * whole) / 2 for side, whole in zip(canvas, size)]
    return Fit(scale, (offset[0], offset[1]), size)


def _inner_box(fit: Fit, canvas: tuple[int, int]) -> tuple[int, int, int, int]:
    """top, left, height, width of the picture on the canvas, whole pixels, at least one."""
    sizes = [max(1, min(side, round(fit.scale * whole))) for side, whole in zip(canvas, fit.size)]
    corner = [min(max(0, round(o)), side - s) for o, s, side in zip(fit.offset, sizes, canvas)]
    return corner[0], corner[1], sizes[0], sizes[1]


def _image_on_canvas(picture: Image.Image, fit: Fit, canvas: tuple[int, int]) -> np.ndarray:
    top, left, height, width = _inner_box(fit, canvas)
    # Box: every pixel of a large photo counts. It is the identity where nothing is scaled.
    small = np.array(picture.resize((width, height), Image.Resampling.BOX))
    around = ((top, canvas[0] - top - height), (left, canvas[1] - left - width), (0, 0))
    return np.pad(small, around, mode="edge")


def _labels_on_canvas(labels: np.ndarray, fit: Fit, canvas: tuple[int, int]) -> np.ndarray:
    top, left, height, width = _inner_box(fit, canvas)
    small = np.array(Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST))
    on_canvas = np.full(canvas, LABEL["background"], np.uint8)
    on_canvas[top : top + height, left : left + width] = small
    return on_canvas
