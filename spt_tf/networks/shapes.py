"""Checks of static shapes at the networks' doors."""

from __future__ import annotations

import tensorflow as tf


def check_map(name: str, images: tf.Tensor, multiple_of: int = 1, channels: int | None = None) -> None:
    """Raises ValueError unless `images` is `[B,H,W,C]` with H, W and C static and fitting.

    H and W must be multiples of `multiple_of`; C must be `channels` where that is given.
    """
    wanted = f"[batch, height, width, {channels or 'channels'}]"
    if images.shape.rank != 4 or None in images.shape[1:]:
        raise ValueError(f"{name}: expected a static shape {wanted}, got {images.shape}")
    height, width, depth = images.shape[1:]
    if height % multiple_of or width % multiple_of:
        raise ValueError(f"{name}: height and width must be multiples of {multiple_of}, got {images.shape}")
    if channels is not None and depth != channels:
        raise ValueError(f"{name}: expected {wanted}, got {images.shape}")
