"""A sequence on disk: frames that are carried on with, and the moving pictures made of them."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib

import numpy as np
import tqdm
from absl import logging

from spt_tf import visualize
from spt_tf.applications.person_picture import PersonPicture
from spt_tf.applications.pose_sequence.frames import generate_frames
from spt_tf.applications.pose_sequence.moving_pictures import NoEncoder, enlarged, write_gif, write_webm
from spt_tf.data.atomic_write import write_whole
from spt_tf.data.file_reading import read_json_object
from spt_tf.data.images import read_image
from spt_tf.inference import FinishedRun

_ABOUT = "sequence.json"


class OtherSequence(ValueError):
    """The folder holds frames of another person, other poses or another run."""


def write_sequence(
    run: FinishedRun,
    person: PersonPicture,
    poses: np.ndarray,
    output_dir: str | os.PathLike,
    fps: float = 12.0,
    blend_parsings: bool = True,
    scale: int | None = None,
) -> list[pathlib.Path]:
    """Writes `frames/0001.png`, ..., `sequence.gif` and `sequence.webm`; frames that are there are kept.

    Args:
        poses: `[T,18,2]` inside the run's canvas.
        scale: how many times larger the moving pictures are; None: as many as make them 256 pixels high.

    Returns:
        the paths of GIF and, where OpenCV can write it, WebM. Raises OtherSequence.
    """
    output_dir = pathlib.Path(output_dir)
    about = {
        "stage": run.stage,
        "step": run.step,
        "frames": len(poses),
        "blend_parsings": blend_parsings,
        "digest": _digest(person, poses),
    }
    _claim(output_dir, about)
    paths = [output_dir / "frames" / f"{number:04d}.png" for number in range(1, len(poses) + 1)]
    done = {number for number, path in enumerate(paths) if path.is_file()}
    with tqdm.tqdm(total=len(paths), initial=len(done), unit="frame", desc="generate_sequence") as bar:
        for frame in generate_frames(run, person, poses, blend_parsings, done):
            visualize.write_png(paths[frame.number], frame.image)
            bar.update()
    factor = scale or max(1, round(256 / run.canvas[0]))
    pictures = [enlarged(read_image(path), factor) for path in paths]
    written = [output_dir / "sequence.gif"]
    write_gif(written[0], pictures, fps)
    try:
        write_webm(output_dir / "sequence.webm", pictures, fps)
        written.append(output_dir / "sequence.webm")
    except NoEncoder as problem:
        logging.warning("%s", problem)
    return written


def _claim(output_dir: pathlib.Path, about: dict) -> None:
    """Says whose frames these are; raises OtherSequence where they are somebody else's."""
    path = output_dir / _ABOUT
    if not path.is_file():
        write_whole(path, json.dumps(about, indent=2).encode())
    elif read_json_object(path) != about:
        raise OtherSequence(
            f"{output_dir} holds another sequence ({_ABOUT}): choose another folder, or delete this one"
        )


def _digest(person: PersonPicture, poses: np.ndarray) -> str:
    digest = hashlib.sha256()
    for array in (*person, np.asarray(poses, np.float32)):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
