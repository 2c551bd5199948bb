"""Photos of any size, poses and label maps of any tool -> a data directory of one canvas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePath

import cv2
import numpy as np

from spt_tf.data.annotations import write_annotations
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.parsing_maps import write_parsing_map
from spt_tf.perception.parsing_files.map_poses import MapPose
from spt_tf.perception.parsing_files.parser_maps import ParserMaps
from spt_tf.perception.pose_files.picture_files import PictureFolder
from spt_tf.perception.pose_files.read_poses import ImportedPoses, LeftOutPose, read_poses
from spt_tf.perception.prepare.box import around_person, whole_picture
from spt_tf.perception.prepare.lists import DATA_SET, SHEET_PEOPLE, sheet_of, write_lists
from spt_tf.perception.prepare.own_pixels import own_pixels
from spt_tf.perception.prepare.photo import read_photo
from spt_tf.perception.prepare.settings import OnCanvas, Prepared, PreparedPerson, PrepareSettings
from spt_tf.perception.prepare.to_canvas import image_on_canvas, keypoints_on_canvas, labels_on_canvas
from spt_tf.visualize import write_png

_SHAPE_TOLERANCE = 0.02  # of the shapes of a photo and its label map


def prepare_people(settings: PrepareSettings) -> Prepared:
    """Writes the data directory's split: pictures, maps, annotations, and what was left out with the reason.

    The annotation file comes last: without it there is no data set, so one that was interrupted is not used,
    and is done again from the start.

    Raises ValueError where the split is there already, where nobody can be prepared, and as `read_poses` and
    `ParserMaps` do; OSError.
    """
    root, split = Path(settings.output_dir), settings.split
    annotations = root / f"{DATA_SET}-annotation-{split}.csv"
    if annotations.exists():
        raise ValueError(f"{annotations}: there already; prepare into another directory, or remove the split")
    photos = PictureFolder(settings.images_dir, upright=True, without=settings.parsing_dir)
    maps = None
    if settings.parsing_dir is not None:
        maps = ParserMaps(settings.parsing_dir, settings.palette, settings.lower, settings.colours)
    poses = read_poses(settings.poses, photos, settings.rules)
    left_out = list(poses.left_out)
    posed = {*poses.poses, *(one.name for one in left_out)}
    left_out += [LeftOutPose(name, "no pose") for name in photos.names if not _is_named(name, posed)]
    people: list[PreparedPerson] = []
    sheet: list[OnCanvas] = []
    for done in _on_canvas(settings, photos, poses, maps, left_out):
        name = done.person.name
        write_png(root / split / name, done.image)
        if done.labels is not None:
            write_parsing_map(root / "parsing" / split / name, done.labels)
        people.append(done.person)
        if len(sheet) < SHEET_PEOPLE:
            sheet.append(done)
    if not people:
        first = f" ({left_out[0].name}: {left_out[0].reason})" if left_out else ""
        raise ValueError(f"{settings.images_dir}: nobody can be prepared{first}")
    write_lists(root, split, people, left_out, settings.pairs)
    write_png(root / f"{split}_sheet.png", sheet_of(sheet))
    write_annotations(annotations, {person.name: person.keypoints for person in people})
    return Prepared(people, left_out, poses, None if maps is None else maps.sides.warning())


def _on_canvas(
    settings: PrepareSettings,
    photos: PictureFolder,
    poses: ImportedPoses,
    maps: ParserMaps | None,
    left_out: list[LeftOutPose],
) -> Iterator[OnCanvas]:
    """Each person on the canvas; who cannot be is added to `left_out`."""
    names: dict[str, str] = {}
    for photo, chosen in poses.poses.items():
        people = [chosen.keypoints, *chosen.others]
        for number, keypoints in enumerate(people if settings.everybody else people[:1]):
            name = _file_name(photo, number)
            other = names.setdefault(name.lower(), photo)  # some file systems take a.png and A.png for one
            others = [one for one in people if one is not keypoints]
            try:
                if other != photo:
                    raise ValueError(f"would be {name}, as {other} is")
                image = read_photo(photos.folder / photo)
                labels = None if maps is None else _labels(maps, photo, keypoints, image.shape[:2])
                if labels is not None:
                    labels = own_pixels(labels, keypoints, others)
                yield _one(settings, photo, name, image, labels, keypoints)
            except (UnreadableFile, ValueError) as error:
                left_out.append(LeftOutPose(photo, str(error)))


def _one(
    settings: PrepareSettings,
    photo: str,
    name: str,
    image: np.ndarray,
    labels: np.ndarray | None,
    keypoints: np.ndarray,
) -> OnCanvas:
    canvas, size = settings.canvas, (image.shape[0], image.shape[1])
    if settings.fit == "letterbox":
        box = whole_picture(size, canvas)
    else:
        box = around_person(keypoints, labels, size, canvas, settings.margin)
    moved, outside = keypoints_on_canvas(keypoints, box, canvas)
    if (moved < 0).all():
        raise ValueError("no joint lies on the canvas")
    return OnCanvas(
        image_on_canvas(image, box, canvas),
        None if labels is None else labels_on_canvas(labels, box, canvas),
        PreparedPerson(name, photo, box, moved, outside),
    )


def _labels(maps: ParserMaps, photo: str, keypoints: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A photo's label map, at the photo's size."""
    height, width = size
    labels = maps.read(PurePath(photo).stem, MapPose(keypoints, (height, width)))
    if labels.shape == (height, width):
        return labels
    if abs(np.log(labels.shape[0] / height * width / labels.shape[1])) > _SHAPE_TOLERANCE:
        found = "x".join(map(str, labels.shape))
        raise ValueError(f"label map of {found}, and the photo has {height}x{width}: another shape")
    return cv2.resize(labels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)


def _file_name(photo: str, number: int) -> str:
    """A name that annotation and pair files can hold: the photo's, without folders, commas and the like.

    number: counts the people of the photo; from the second on it is part of the name.
    """
    stem = PurePath(photo).with_suffix("").as_posix()
    return re.sub(r"[^\w.+=@()-]+", "_", stem) + (f"_{number + 1}" if number else "") + ".png"


def _is_named(photo: str, names: set[str]) -> bool:
    path = PurePath(photo)
    return bool(names.intersection((photo, path.name, path.stem, path.name.split(".")[0])))
