"""Requests that an exported model has to refuse, each by the name of the input that is wrong."""

from __future__ import annotations

import zlib

import numpy as np
import tensorflow as tf

from hostile_pictures import bomb, png_file, rows
from tests.serving.stand_in import CANVAS, encode_png, encoded, random_inputs

RAW = random_inputs(2)
PNG = encoded(RAW)
JPEG = tf.io.encode_jpeg(RAW["source_image"][1]).numpy()
# A PNG whose header promises 60000 x 60000 pixels.
GIANT = PNG["source_parsing"][0].replace(
    np.array(CANVAS[::-1], ">i4").tobytes(), np.array([60000, 60000], ">i4").tobytes(), 1
)
# Labels in 16 bits, whose high bytes are all 0.
DEEP = png_file(
    CANVAS, zlib.compress(rows(RAW["source_parsing"][1].astype(np.uint16))), colour_type=0, depth=16
)
# Photos of two sizes that are not the canvas's, one of them a JPEG.
LARGE = encode_png(RAW["source_image"][0].repeat(5, 0).repeat(4, 1))
WIDE = tf.io.encode_jpeg(RAW["source_image"][1].repeat(3, 1)).numpy()
_PHOTOS = np.array([LARGE, WIDE], object)
PHOTOS = {
    "transfer_pose_from_photo": {"source_photo": _PHOTOS, "target_keypoints": RAW["target_keypoints"]},
    "transfer_pose_between_photos": {"source_photo": _PHOTOS, "target_photo": _PHOTOS[::-1]},
}


def good(signature: str) -> dict[str, np.ndarray]:
    """Good inputs of a signature, batch 2."""
    inputs = PNG if signature == "transfer_pose_encoded" else RAW
    if signature == "generate_from_parsing":
        return {**inputs, "target_parsing": RAW["source_parsing"][::-1].copy()}
    if signature == "transfer_texture":
        return texture_inputs()
    if signature in ("find_pose", "parse_image"):
        return {"image": RAW["source_image"].copy()}
    if signature in PHOTOS:
        return {name: value.copy() for name, value in PHOTOS[signature].items()}
    if signature == "transform_parsing":
        return {name: value for name, value in inputs.items() if name != "source_image"}
    return inputs


def texture_inputs() -> dict[str, np.ndarray]:
    """Good inputs of `transfer_texture`, batch 2: labels 3 and 5 of the first, the second's whole map."""
    labels = np.zeros((2, 10), np.uint8)
    labels[0, [3, 5]] = 1
    others = {"target_image": RAW["source_image"][::-1], "target_parsing": RAW["source_parsing"][::-1]}
    return {name: value.copy() for name, value in {**RAW, **others, "labels": labels}.items()}


def _texture(name: str, where: tuple, value) -> np.ndarray:
    array = texture_inputs()[name]
    array[where] = value
    return array


def _without(label: int, name: str) -> np.ndarray:
    array = texture_inputs()[name]
    array[array == label] = 0
    return array


def _raw(name: str, where: tuple, value) -> np.ndarray:
    array = RAW[name].copy()
    array[where] = value
    return array


def _png(name: str, value: bytes) -> np.ndarray:
    array = PNG[name].copy()
    array[1] = value
    return array


def _photo(value: bytes) -> np.ndarray:
    return np.array([LARGE, value], object)


_IMAGE, _PARSING = "source_image", "source_parsing"
_FROM_PHOTO, _PHOTO = "transfer_pose_from_photo", "source_photo"
_FROM, _TO = "source_keypoints", "target_keypoints"

# What is wrong -> (signature, input, its value).
REFUSALS = {
    "image of rank 3": ("transfer_pose", _IMAGE, RAW[_IMAGE][0]),
    "image of another size": ("transfer_pose", _IMAGE, RAW[_IMAGE][:, :-1]),
    "image without channels": ("transfer_pose", _IMAGE, RAW[_IMAGE][..., 0]),
    "label 10": ("transfer_pose", _PARSING, _raw(_PARSING, (1, 2, 3), 10)),
    "label 255": ("transform_parsing", _PARSING, np.full_like(RAW[_PARSING], 255)),
    "own label 10": ("generate_from_parsing", "target_parsing", RAW[_PARSING] + 10),
    "batches differ": ("transfer_pose", _PARSING, RAW[_PARSING][:1]),
    "empty batch": ("transfer_pose", _IMAGE, RAW[_IMAGE][:0]),
    "joint below": ("transfer_pose", _FROM, _raw(_FROM, (0, 3, 0), CANVAS[0])),
    "joint to the right": ("transform_parsing", _TO, _raw(_TO, (0, 3, 1), CANVAS[1])),
    "joint at -2": ("transfer_pose", _TO, _raw(_TO, (0, 3, 1), -2)),
    "joint at nan": ("transfer_pose", _TO, _raw(_TO, (0, 3, 1), np.nan)),
    "17 joints": ("transfer_pose", _TO, RAW[_TO][:, :17]),
    "no image": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, b"junk")),
    "no bytes": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, b"")),
    "bytes without a batch": ("transfer_pose_encoded", _IMAGE, np.array(b"x", object)),
    "cut PNG": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, PNG[_IMAGE][1][:99])),
    "cut JPEG": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, JPEG[: len(JPEG) * 3 // 4])),
    "JPEG header alone": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, JPEG[:20])),
    "PNG of another size": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, encode_png(RAW[_IMAGE][0, :8]))),
    "giant PNG": ("transfer_pose_encoded", _PARSING, _png(_PARSING, GIANT)),
    "JPEG as parsing": ("transfer_pose_encoded", _PARSING, _png(_PARSING, JPEG)),
    "PNG bomb": ("transfer_pose_encoded", _IMAGE, _png(_IMAGE, bomb(RAW[_IMAGE][1]))),
    "parsing bomb": ("transfer_pose_encoded", _PARSING, _png(_PARSING, bomb(RAW[_IMAGE][1]))),
    "labels of 16 bits": ("transfer_pose_encoded", _PARSING, _png(_PARSING, DEEP)),
    "foreign colours": ("transfer_pose_encoded", _PARSING, _png(_PARSING, PNG[_IMAGE][1])),
    "no target image": ("transfer_texture", "target_image", RAW[_IMAGE][:, :-1]),
    "labels of rank 1": ("transfer_texture", "labels", np.zeros(10, np.uint8)),
    "nine labels": ("transfer_texture", "labels", np.zeros((2, 9), np.uint8)),
    "labels of one": ("transfer_texture", "labels", np.zeros((1, 10), np.uint8)),
    "label as number": ("transfer_texture", "labels", _texture("labels", (0, 3), 3)),
    "a skirt that nobody wears": ("transfer_texture", "source_parsing", _without(5, "source_parsing")),
    "no place for a skirt": ("transfer_texture", "target_parsing", _without(5, "target_parsing")),
    "image of one channel": ("find_pose", "image", RAW[_IMAGE][..., :1]),
    "no image to parse": ("parse_image", "image", RAW[_IMAGE][:0]),
    "no photo": (_FROM_PHOTO, _PHOTO, _photo(b"junk")),
    "cut photo": (_FROM_PHOTO, _PHOTO, _photo(LARGE[: len(LARGE) // 2])),
    "giant photo": (_FROM_PHOTO, _PHOTO, _photo(GIANT)),
    "photo bomb": (_FROM_PHOTO, _PHOTO, _photo(bomb(RAW[_IMAGE][1]))),
    "dark photo": (_FROM_PHOTO, _PHOTO, _photo(encode_png(np.zeros((40, 20, 3), np.uint8)))),
    "photo of half a torso": (
        _FROM_PHOTO,
        _PHOTO,
        _photo(encode_png(np.full((40, 20, 3), (255, 0, 0), np.uint8))),
    ),
    "one photo of two": ("transfer_pose_between_photos", "target_photo", _photo(LARGE)[:1]),
    "cut parsing": ("transfer_pose_encoded", _PARSING, _png(_PARSING, PNG[_PARSING][0][:80])),
}
