"""Photos of any size to a data directory, and the four real people from their raw files."""

from __future__ import annotations

import csv
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from spt_tf.anatomy import JOINT
from spt_tf.data.annotations import read_annotations, read_pairs, write_annotations
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.parsing_maps import read_parsing_map, write_parsing_map
from spt_tf.perception.prepare.own_pixels import own_pixels
from spt_tf.perception.prepare.photo import read_photo
from spt_tf.perception.prepare.prepare_people import prepare_people
from spt_tf.perception.prepare.settings import PrepareSettings, canvas_of
from spt_tf.serving.people_files import PeopleFiles, PeoplePaths
from tests.perception.pose_files import writers
from tests.perception.pose_files.writers import a_pose, write
from tests.shared_files import shared_path

ROOT = pathlib.Path(__file__).resolve().parents[3]
CANVAS = (64, 32)


def _photo(path, size, seed=0, **saved):
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 256, (8, 6, 3), np.uint8)
    picture = Image.fromarray(small).resize(size[::-1], Image.BILINEAR)
    picture.save(path, **saved)
    return np.array(picture)


def _pixels(path):
    with Image.open(path) as picture:
        return np.array(picture)


def _person(root, name, scale, size, suffix=".jpg", map_scale=1.0):
    """A photo of `size` with a person in it, their LIP map, and OpenPose's file."""
    pose = a_pose() * scale + 5
    _photo(root / "photos" / f"{name}{suffix}", size)
    labels = np.zeros([round(side * map_scale) for side in size], np.uint8)
    reach = max(2, round(2 * scale * map_scale))
    for row, column in (pose * map_scale).astype(int):
        labels[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = 5
    (root / "maps").mkdir(exist_ok=True)
    Image.fromarray(labels).save(root / "maps" / f"{name}.png")
    write(root / "poses" / f"{name}_keypoints.json", writers.openpose(pose))
    return pose


def _settings(root, **more):
    given = {"palette": "lip", "canvas": CANVAS, "parsing_dir": str(root / "maps"), **more}
    return PrepareSettings(str(root / "photos"), str(root / "poses"), str(root / "data"), **given)


def test_photos_of_any_size_become_one_data_directory(tmp_path):
    _person(tmp_path, "anna", 4, (300, 260))
    _person(tmp_path, "ben", 1, (70, 60), ".png")
    _person(tmp_path, "carl", 9, (600, 1200), ".webp", map_scale=0.5)
    _photo(tmp_path / "photos" / "nobody.jpg", (50, 40))
    _person(tmp_path, "dora", 2, (150, 120))
    (tmp_path / "maps" / "dora.png").unlink()
    _person(tmp_path, "emil", 2, (150, 120))
    write_parsing_map(tmp_path / "maps" / "emil.png", np.zeros((150, 150), np.uint8))
    _person(tmp_path, "fred", 2, (150, 120), ".png")
    cut = (tmp_path / "photos" / "fred.png").read_bytes()
    (tmp_path / "photos" / "fred.png").write_bytes(cut[: len(cut) // 2])
    write(tmp_path / "poses" / "gone.json", writers.openpose(a_pose()))
    done = prepare_people(_settings(tmp_path, pairs=True))
    assert [person.name for person in done.people] == ["anna.png", "ben.png", "carl.png"]
    with open(tmp_path / "data" / "left-out-train.csv", newline="") as file:
        reasons = {row["name"]: row["reason"] for row in csv.DictReader(file)}
    assert set(reasons) == {"nobody.jpg", "dora.jpg", "emil.jpg", "fred.png", "gone"}
    assert reasons["nobody.jpg"] == "no pose" and "no picture 'gone'" in reasons["gone"]
    assert "dora.png: no such file" in reasons["dora.jpg"]
    assert "label map of 150x150, and the photo has 150x120" in reasons["emil.jpg"]
    assert "fred.png: not a readable picture" in reasons["fred.png"]
    # Training reads it whole, and so does everything else.
    index = load_people(tmp_path / "data", "train", CANVAS)
    assert index.names == ("anna.png", "ben.png", "carl.png") and not index.report.left_out
    for number in range(3):
        assert set(np.unique(index.parsing(number))) == {0, 3}
        for y, x in index.keypoints[number]:
            assert index.parsing(number)[round(float(y)), round(float(x))] == 3
    assert len(load_pairs(tmp_path / "data", "train", index).pairs) == 6
    people = PeopleFiles(
        PeoplePaths(
            tmp_path / "data" / "train",
            tmp_path / "data" / "parsing" / "train",
            tmp_path / "data" / "people-annotation-train.csv",
        )
    )
    assert people.image("carl.png").shape == (*CANVAS, 3) and people.parsing("carl.png").shape == CANVAS
    assert (tmp_path / "data" / "train_sheet.png").exists()
    assert "3 people prepared, 5 photos left out" in done.summary()


def test_letterboxing_keeps_the_whole_photo_and_without_maps_none_are_written(tmp_path):
    pose = _person(tmp_path, "anna", 4, (300, 260))
    done = prepare_people(_settings(tmp_path, fit="letterbox", parsing_dir=None, split="test"))
    assert done.people[0].box == (-110, 0, 520, 260)
    read = read_annotations(tmp_path / "data" / "people-annotation-test.csv")["anna.png"]
    np.testing.assert_allclose(read, (pose + np.array([110.5, 0.5])) * CANVAS[1] / 260 - 0.5, atol=0.01)
    assert not (tmp_path / "data" / "parsing").exists()
    index = load_people(tmp_path / "data", "test", CANVAS, with_parsing=False)
    assert len(index) == 1


def test_a_photo_that_is_stored_turned_comes_out_upright(tmp_path):
    (tmp_path / "photos").mkdir()
    upright = _photo(tmp_path / "upright.png", (128, 64))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(upright)).save(tmp_path / "photos" / "anna.png", exif=exif)
    np.testing.assert_array_equal(read_photo(tmp_path / "photos" / "anna.png"), upright)
    write(tmp_path / "poses" / "anna.json", writers.openpose(a_pose()))
    prepare_people(_settings(tmp_path, fit="letterbox", canvas=(128, 64), parsing_dir=None))
    np.testing.assert_array_equal(read_photo(tmp_path / "data" / "train" / "anna.png"), upright)
    read = read_annotations(tmp_path / "data" / "people-annotation-train.csv")["anna.png"]
    np.testing.assert_array_equal(read, a_pose())


def test_photos_of_16_bits_of_palettes_and_of_grey_are_read(tmp_path):
    grey = np.arange(24, dtype=np.uint8).reshape(6, 4) * 10
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    for name in ("deep", "grey", "palette"):
        np.testing.assert_array_equal(read_photo(tmp_path / f"{name}.png"), grey[..., None].repeat(3, axis=2))
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.png: not a readable picture"):
        read_photo(tmp_path / "text.png")


def test_a_split_is_not_written_over_and_the_other_joins_it(tmp_path):
    _person(tmp_path, "anna", 4, (300, 260))
    prepare_people(_settings(tmp_path))
    with pytest.raises(ValueError, match=r"people-annotation-train\.csv: there already"):
        prepare_people(_settings(tmp_path))
    prepare_people(_settings(tmp_path, split="test"))
    assert len(load_people(tmp_path / "data", "test", CANVAS)) == 1
    # Half done is not there: the annotation file comes last.
    (tmp_path / "data" / "people-annotation-train.csv").unlink()
    with pytest.raises(ValueError, match="annotation-train"):
        load_people(tmp_path / "data", "train", CANVAS)
    prepare_people(_settings(tmp_path))
    assert len(load_people(tmp_path / "data", "train", CANVAS)) == 1


def test_names_are_made_fit_for_lists_and_no_two_people_share_one(tmp_path):
    _photo(tmp_path / "photos" / "a, b.jpg", (70, 60))
    _photo(tmp_path / "photos" / "a_b.jpg", (70, 60))
    _photo(tmp_path / "photos" / "more" / "ünï.jpg", (70, 60))
    write_annotations(
        tmp_path / "poses.csv", {name: a_pose() for name in ("a, b.jpg", "a_b.jpg", "more/ünï.jpg")}
    )
    settings = PrepareSettings(
        str(tmp_path / "photos"),
        str(tmp_path / "poses.csv"),
        str(tmp_path / "data"),
        canvas=CANVAS,
        pairs=True,
    )
    done = prepare_people(settings)
    assert [person.name for person in done.people] == ["a_b.png", "more_ünï.png"]
    assert [one.reason for one in done.left_out] == ["would be a_b.png, as a, b.jpg is"]
    assert read_pairs(tmp_path / "data" / "people-pairs-train.csv")[0] == ("a_b.png", "more_ünï.png")


@pytest.mark.parametrize("fit", ["crop", "letterbox"])
def test_of_several_people_each_keeps_their_own_part_of_the_map(tmp_path, fit):
    size, scale = (300, 400), 4
    left, right = a_pose() * scale + [10, 0], a_pose() * scale + [10, 190]
    _photo(tmp_path / "photos" / "both.jpg", size)
    labels = np.zeros(size, np.uint8)
    labels[30:260, 40:160], labels[30:260, 230:350] = 3, 4  # who is who
    labels[200:220, 160:230] = 5  # hand in hand
    write_parsing_map(tmp_path / "maps" / "both.png", labels)
    numbers = [writers.flat(pose, writers.BODY_25, score) for pose, score in ((left, 0.6), (right, 0.9))]
    scrap = np.full((18, 2), -1.0)
    scrap[8:14] = left[8:14]  # somebody's legs once more
    numbers.append(writers.flat(scrap, writers.BODY_25, 0.6))
    people = [{"pose_keypoints_2d": person} for person in numbers]
    write(tmp_path / "poses" / "both_keypoints.json", {"people": people})
    done = prepare_people(_settings(tmp_path, palette="ours", fit=fit))
    assert [person.name for person in done.people] == ["both.png"]
    index = load_people(tmp_path / "data", "train", CANVAS)
    assert set(np.unique(index.parsing(0))) - {5} == {0, 4}
    done = prepare_people(_settings(tmp_path, palette="ours", fit=fit, split="test", everybody=True))
    assert [person.name for person in done.people] == ["both.png", "both_2.png"]
    index = load_people(tmp_path / "data", "test", CANVAS)
    assert set(np.unique(index.parsing(0))) - {5} == {0, 4}
    assert set(np.unique(index.parsing(1))) - {5} == {0, 3}
    # Of the hands each keeps the nearer half.
    halves = [own_pixels(labels, one, [other]) for one, other in ((left, right), (right, left))]
    for half, inner in zip(halves, (slice(160, 194), slice(196, 230))):
        assert (half[200:220, inner] == 5).mean() > 0.9
    assert own_pixels(labels, left, []) is labels


def test_label_maps_below_the_photos_are_no_photos(tmp_path):
    pose = a_pose()
    _photo(tmp_path / "photos" / "anna.jpg", (70, 60))
    write_parsing_map(tmp_path / "photos" / "parsing" / "anna.png", np.full((70, 60), 3))
    write(tmp_path / "poses" / "anna.json", writers.openpose(pose))
    done = prepare_people(
        _settings(tmp_path, palette="ours", parsing_dir=str(tmp_path / "photos" / "parsing"))
    )
    assert len(done.people) == 1 and not done.left_out


def test_the_command_says_how_it_went(tmp_path):
    _person(tmp_path, "anna", 4, (300, 260))
    _photo(tmp_path / "photos" / "nobody.jpg", (50, 40))
    command = [sys.executable, "scripts/prepare_people.py", f"--images_dir={tmp_path / 'photos'}"]
    command += [f"--poses={tmp_path / 'poses'}", f"--output_dir={tmp_path / 'data'}", "--canvas=64x32"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "left out: nobody.jpg: no pose" in done.stderr and "left-out-train.csv" in done.stderr
    assert "1 people prepared, 1 photos left out" in done.stdout
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "there already" in done.stderr
    done = subprocess.run([*command, "--canvas=64"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "expected HxW" in done.stderr
    with pytest.raises(ValueError, match="expected HxW"):
        canvas_of("0x12")


def test_the_four_real_people_come_through_from_their_raw_files(tmp_path):
    demo = shared_path("data/deepfashion_demo")
    settings = PrepareSettings(
        str(demo / "images"),
        str(demo / "keypoints.csv"),
        str(tmp_path / "data"),
        parsing_dir=str(demo / "parsing"),
        split="test",
        canvas=(256, 256),
        fit="letterbox",
        pairs=True,
    )
    done = prepare_people(settings)
    assert not done.left_out and done.warning is None
    raw = read_annotations(demo / "keypoints.csv")
    index = load_people(tmp_path / "data", "test", (256, 256))
    assert len(index) == 4
    for number, name in enumerate(index.names):
        stem = name[:-4]
        np.testing.assert_array_equal(index.image(number), _pixels(demo / "images" / f"{stem}.jpg"))
        np.testing.assert_array_equal(
            index.parsing(number), read_parsing_map(demo / "parsing" / f"{stem}.npy")
        )
        np.testing.assert_array_equal(index.keypoints[number], raw[f"{stem}.jpg"])


def test_the_four_real_people_are_cropped_with_all_their_joints(tmp_path):
    demo = shared_path("data/deepfashion_demo")
    raw = read_annotations(demo / "keypoints.csv")
    for name, pose in raw.items():  # as OpenPose would have written them
        write(tmp_path / "poses" / f"{name[:-4]}_keypoints.json", writers.openpose(pose))
    settings = PrepareSettings(
        str(demo / "images"),
        str(tmp_path / "poses"),
        str(tmp_path / "data"),
        parsing_dir=str(demo / "parsing"),
        canvas=(128, 64),
    )
    done = prepare_people(settings)
    assert len(done.people) == 4 and sum(person.joints_outside for person in done.people) == 0
    assert done.warning is None  # the arms of these maps are on the person's own sides
    index = load_people(tmp_path / "data", "train", (128, 64), require_torso=False)
    assert len(index) == 4
    for number, name in enumerate(index.names):
        there = (index.keypoints[number] >= 0).all(axis=1)
        np.testing.assert_array_equal(there, (raw[f"{name[:-4]}.jpg"] >= 0).all(axis=1))
        parsing = index.parsing(number)
        on_person = [parsing[round(float(y)), round(float(x))] > 0 for y, x in index.keypoints[number][there]]
        assert np.mean(on_person) > 0.9, name
        nose = index.keypoints[number][JOINT["nose"]]
        if (nose >= 0).all():
            y, x = nose.round().astype(int)
            assert parsing[y, x] == 1
