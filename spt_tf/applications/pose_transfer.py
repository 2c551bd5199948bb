"""Moves given people into given poses, and writes the pictures."""

from __future__ import annotations

import itertools
import os
import pathlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tqdm

from spt_tf import visualize
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.person_files import Unusable, check_parsing
from spt_tf.inference import FinishedRun, Generated

SHEET_ROWS = 16  # more would make a sheet that nobody can open


class Transfer(NamedTuple):
    """One picture to make: a source by name, and the pose it is moved to, by name and keypoints `[18,2]`."""

    source: str
    target: str
    keypoints: np.ndarray

    @property
    def file_name(self) -> str:
        """`from___to.png`, the form in which the literature names results."""
        return result_name(self.source, self.target)

    @property
    def strip_name(self) -> str:
        """`from.jpg_to.jpg.png`, the form in which the authors name their strips."""
        return f"{self.source}_{self.target}.png".replace("/", "_")


def result_name(*names: str) -> str:
    """`from.jpg`, `to.jpg` -> `from___to.png`; folders in names become part of the file's name."""
    return "___".join(os.path.splitext(name)[0].replace("/", "_") for name in names) + ".png"


def plan_transfers(
    index: PeopleIndex, poses: Mapping[str, np.ndarray], pairs: Sequence[tuple[str, str]] | None
) -> list[Transfer]:
    """Lists the pictures to make.

    Args:
        index: the sources, checked.
        poses: name -> keypoints `[18,2]` in pixels of the index's canvas.
        pairs: (source, target pose) names; None moves every source into every pose but its own.

    Raises:
        ValueError: naming a source that cannot be used and why, a pose that is not there, a joint outside the
            canvas, or that nothing is left to do.
    """
    if pairs is None:
        pairs = [
            (source, target) for source, target in itertools.product(index.names, poses) if source != target
        ]
        if not pairs:
            raise ValueError("no target pose but the sources' own: give more people, or target annotations")
    left_out = {entry.name: f"{entry.reason.value} {entry.detail}" for entry in index.report.left_out}
    transfers: list[Transfer] = []
    files: dict[str, tuple[str, str]] = {}
    for source, target in pairs:
        if source not in index.positions:
            raise ValueError(f"source {source}: {left_out.get(source, 'not in the annotations')}")
        if target not in poses:
            raise ValueError(f"target pose {target}: not in the annotations")
        keypoints = np.asarray(poses[target], np.float32)
        if (keypoints >= np.array(index.canvas)).any():
            y, x = keypoints.max(axis=0)
            height, width = index.canvas
            raise ValueError(
                f"target pose {target}: joints up to ({y:g}, {x:g}) (y, x) on {height}x{width}; "
                "target poses are in pixels of that canvas (--canvas)"
            )
        transfer = Transfer(source, target, keypoints)
        other = files.setdefault(transfer.file_name, (source, target))
        if other != (source, target):
            raise ValueError(
                f"{source} > {target} and {other[0]} > {other[1]} would both be {transfer.file_name}"
            )
        transfers.append(transfer)
    return transfers


def read_target_parsings(
    folder: str | os.PathLike, transfers: Sequence[Transfer], canvas: tuple[int, int]
) -> dict[str, np.ndarray]:
    """The parsing maps uint8 `[H,W]` of the transfers' targets, by name, from `<stem>.png` or `.npy`.

    Raises ValueError naming a target whose map is missing, unreadable or of another size.
    """
    parsings = {}
    for name in {transfer.target for transfer in transfers}:
        try:
            packed = check_parsing((pathlib.Path(folder),), name, canvas).packed
            parsings[name] = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(canvas)
        except Unusable as problem:
            raise ValueError(f"target parsing of {name}: {problem.reason.value} {problem.detail}") from None
    return parsings


def write_transfers(
    run: FinishedRun,
    index: PeopleIndex,
    transfers: Sequence[Transfer],
    batch_size: int,
    output_dir: str | os.PathLike,
    target_parsings: Mapping[str, np.ndarray] | None = None,
    strips: bool = False,
) -> list[pathlib.Path]:
    """Makes the pictures in batches: one PNG each, its label map in `parsing/`, and `sheet.png` of the first
    `SHEET_ROWS`.

    target_parsings: uint8 `[H,W]` by target name, to draw on; None: the run predicts them. strips: also write
    `strips/from.jpg_to.jpg.png`, source, target and output side by side, the authors' published layout.

    Returns:
        the paths of the pictures, in order.

    Raises:
        ValueError: a strip's target has no image among the sources.
    """
    output_dir = pathlib.Path(output_dir)
    strangers = {transfer.target for transfer in transfers} - index.positions.keys()
    if strips and strangers:
        raise ValueError(
            f"no strip without an image of the target: {min(strangers)} is not among the sources"
        )
    paths: list[pathlib.Path] = []
    rows: list[list[np.ndarray | None]] = []
    captions: list[str] = []
    with tqdm.tqdm(total=len(transfers), unit="image", desc="generate") as bar:
        for chunk, batch in _batches(index, transfers, batch_size, target_parsings):
            made = _generate(run, batch)
            for place, transfer in enumerate(chunk):
                image = made.image[place].numpy()
                parsing = (
                    None if made.parsing is None else visualize.parsing_image(made.parsing[place].numpy())
                )
                paths.append(output_dir / transfer.file_name)
                visualize.write_png(paths[-1], image)
                if made.parsing is not None:
                    labels = made.parsing[place].numpy()
                    write_parsing_map(output_dir / "parsing" / transfer.file_name, labels)
                if strips:
                    pair = [index.image(index.positions[name]) for name in (transfer.source, transfer.target)]
                    strip = np.concatenate([*pair, image], axis=1)
                    visualize.write_png(output_dir / "strips" / transfer.strip_name, strip)
                if len(rows) < SHEET_ROWS:
                    rows.append([*_source_cells(index, transfer), parsing, image])
                    captions.append(f"{transfer.source} > {transfer.target}")
            bar.update(len(chunk))
    titles = ["source", "source parsing", "source pose", "target pose", "parsing", "generated"]
    scale = max(1, round(256 / index.canvas[0]))
    visualize.write_png(output_dir / "sheet.png", visualize.panel(rows, titles, scale, captions))
    return paths


def _batches(
    index: PeopleIndex,
    transfers: Sequence[Transfer],
    batch_size: int,
    target_parsings: Mapping[str, np.ndarray] | None,
) -> Iterator[tuple[Sequence[Transfer], dict[str, tf.Tensor]]]:
    """Chunks of the list with what `_generate` takes."""
    for start in range(0, len(transfers), batch_size):
        chunk = transfers[start : start + batch_size]
        places = [index.positions[transfer.source] for transfer in chunk]
        batch = {
            "image": np.stack([index.image(place) for place in places]),
            "parsing": np.stack([index.parsing(place) for place in places]),
            "keypoints": index.keypoints[places],
            "target_keypoints": np.stack([transfer.keypoints for transfer in chunk]),
        }
        if target_parsings is not None:
            batch["target_parsing"] = np.stack([target_parsings[transfer.target] for transfer in chunk])
        yield chunk, {name: tf.constant(array) for name, array in batch.items()}


def _generate(run: FinishedRun, batch: dict[str, tf.Tensor]) -> Generated:
    if "target_parsing" in batch:
        return Generated(run.render(**batch), batch["target_parsing"])
    return run.transfer_pose(**batch)


def _source_cells(index: PeopleIndex, transfer: Transfer) -> list[np.ndarray]:
    place = index.positions[transfer.source]
    return [
        index.image(place),
        visualize.parsing_image(index.parsing(place)),
        visualize.skeleton_image(index.keypoints[place], index.canvas),
        visualize.skeleton_image(transfer.keypoints, index.canvas),
    ]
