"""Moving pictures on disk: animated GIF, and WebM (VP8), which every browser plays."""

from __future__ import annotations

import io
import os
import pathlib
import tempfile
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from spt_tf.data.atomic_write import write_whole

_PALETTE_FRAMES = 16  # that the colours of all are chosen from


class NoEncoder(OSError):
    """This OpenCV cannot write WebM."""


def write_gif(path: str | os.PathLike, frames: Sequence[np.ndarray], fps: float) -> None:
    """Writes uint8 `[H,W,3]` pictures as a GIF that repeats for ever, whole or not at all."""
    write_whole(path, encode_gif(frames, fps))


def encode_gif(frames: Sequence[np.ndarray], fps: float) -> bytes:
    """uint8 `[H,W,3]` pictures as a GIF that repeats for ever.

    All frames share one palette: with palettes of their own, still backgrounds would shimmer.
    """
    some = frames[:: max(1, len(frames) // _PALETTE_FRAMES)]
    palette = Image.fromarray(np.concatenate(some, axis=1)).quantize(256, dither=Image.Dither.NONE)
    pictures = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames
    ]
    encoded = io.BytesIO()
    pictures[0].save(
        encoded,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 / fps),
        loop=0,
    )
    return encoded.getvalue()


def write_webm(path: str | os.PathLike, frames: Sequence[np.ndarray], fps: float) -> None:
    """Writes uint8 `[H,W,3]` pictures as WebM, whole or not at all. Raises NoEncoder.

    A side of an odd number of pixels loses one: VP8 stores colour for pairs of pixels.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = (side - side % 2 for side in frames[0].shape[:2])
    # OpenCV chooses the container by the name's end.
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".webm", dir=path.parent)
    os.close(descriptor)
    try:
        writer = cv2.VideoWriter(unfinished, cv2.VideoWriter.fourcc(*"VP80"), fps, (width, height))
        if not writer.isOpened():
            raise NoEncoder(f"{path}: this OpenCV has no VP8 encoder")
        for frame in frames:
            writer.write(np.ascontiguousarray(frame[:height, :width, ::-1]))
        writer.release()
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise


def enlarged(frame: np.ndarray, factor: int) -> np.ndarray:
    """A picture `[H,W,3]` a whole number of times larger, pixel by pixel."""
    return frame.repeat(factor, axis=0).repeat(factor, axis=1)
