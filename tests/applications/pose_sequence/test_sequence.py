"""Frames drawn by a run, resumed, and written as moving pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from spt_tf.applications.person_picture import PersonPicture
from spt_tf.applications.pose_sequence.frames import generate_frames
from spt_tf.applications.pose_sequence.moving_pictures import write_gif, write_webm
from spt_tf.applications.pose_sequence.sequence_files import OtherSequence, write_sequence
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.inference import load_finished_run
from tests.applications.painting import person
from tests.evaluation.doll_house import CANVAS
from tests.untrained_run import write_untrained_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write_untrained_run(folder, CANVAS, filter_scale=8)
    return load_finished_run(str(folder))


@pytest.fixture(scope="module")
def somebody() -> PersonPicture:
    noise = np.random.default_rng(0).integers(0, 256, (*CANVAS, 3), np.uint8)
    return person(0, 3, 4)._replace(image=noise)


def _poses(somebody, count=5):
    return np.stack([somebody.keypoints + np.float32([0, 3 * number]) for number in range(count)])


def test_unblended_frames_are_pose_transfers(run, somebody):
    poses = _poses(somebody)
    frames = list(generate_frames(run, somebody, poses, blend_parsings=False, batch_size=2))
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    for frame, pose in zip(frames, poses):
        moved = run.transfer_pose(*somebody, pose)
        assert abs(frame.image.astype(int) - moved.image.numpy()).max() <= 1
        assert (frame.parsing == moved.parsing.numpy()).mean() > 0.999
    assert (frames[0].image != frames[4].image).any()


def test_blending_takes_a_quarter_of_each_neighbours_map(run, somebody):
    poses = _poses(somebody, 3)
    still = np.stack([poses[1]] * 3)
    unblended = list(generate_frames(run, somebody, still, blend_parsings=False))
    for frame, other in zip(generate_frames(run, somebody, still), unblended):
        assert abs(frame.image.astype(int) - other.image).max() <= 1
    blended = list(generate_frames(run, somebody, poses))
    alone = list(generate_frames(run, somebody, poses, blend_parsings=False))
    # an untrained H_S gives nearly even shares; what is drawn moves by less than the neighbours are apart
    apart = np.abs(alone[0].image.astype(int) - alone[2].image).mean()
    moved = np.abs(blended[1].image.astype(int) - alone[1].image).mean()
    assert 0 < moved < apart


def test_frames_do_not_depend_on_what_is_done_already_or_on_the_batch(run, somebody):
    poses = _poses(somebody)
    whole = {frame.number: frame.image for frame in generate_frames(run, somebody, poses)}
    rest = list(generate_frames(run, somebody, poses, done=[0, 1, 3], batch_size=1))
    assert [frame.number for frame in rest] == [2, 4]
    for frame in rest:
        assert abs(frame.image.astype(int) - whole[frame.number]).max() <= 1


def test_an_interrupted_sequence_makes_what_is_missing(run, somebody, tmp_path):
    poses = _poses(somebody, 4)
    written = write_sequence(run, somebody, poses, tmp_path, fps=10)
    assert written[0] == tmp_path / "sequence.gif"
    frames = [tmp_path / "frames" / f"{number:04d}.png" for number in (1, 2, 3, 4)]
    before = [frame.read_bytes() for frame in frames]
    marked = np.full((*CANVAS, 3), 77, np.uint8)
    cv2.imwrite(str(frames[0]), marked)
    frames[2].unlink()
    write_sequence(run, somebody, poses, tmp_path, fps=10)
    np.testing.assert_array_equal(cv2.imread(str(frames[0])), marked)
    again = cv2.imread(str(frames[2]))
    assert abs(again.astype(int) - cv2.imdecode(np.frombuffer(before[2], np.uint8), 1)).max() <= 1
    with Image.open(written[0]) as gif:
        assert gif.n_frames == 4 and gif.size == (CANVAS[1] * 3, CANVAS[0] * 3)


def test_a_damaged_frame_is_named(run, somebody, tmp_path):
    poses = _poses(somebody, 2)
    write_sequence(run, somebody, poses, tmp_path)
    frame = tmp_path / "frames" / "0001.png"
    frame.write_bytes(frame.read_bytes()[:60])
    with pytest.raises(UnreadableFile, match=r"frames/0001\.png: not a readable picture"):
        write_sequence(run, somebody, poses, tmp_path)
    (tmp_path / "sequence.json").write_text('{"stage"')
    with pytest.raises(UnreadableFile, match=r"sequence\.json: not a readable JSON file"):
        write_sequence(run, somebody, poses, tmp_path)


def test_frames_of_another_sequence_are_not_mixed_in(run, somebody, tmp_path):
    poses = _poses(somebody, 3)
    write_sequence(run, somebody, poses, tmp_path)
    for changed in (
        {"poses": poses + 1},
        {"person": somebody._replace(image=somebody.image // 2)},
        {"blend_parsings": False},
    ):
        given = {"person": somebody, "poses": poses, "blend_parsings": True, **changed}
        with pytest.raises(OtherSequence, match="holds another sequence"):
            write_sequence(run, given["person"], given["poses"], tmp_path, 12, given["blend_parsings"])


def _moving_square() -> list[np.ndarray]:
    frames = []
    for number in range(6):
        frame = np.full((33, 48, 3), 40, np.uint8)
        frame[8:24, 4 + 4 * number : 20 + 4 * number] = (200, 60, 20)
        frames.append(frame)
    return frames


def test_a_gif_plays_for_ever_in_one_palette(tmp_path):
    frames = _moving_square()
    write_gif(tmp_path / "a.gif", frames, fps=20)
    with Image.open(tmp_path / "a.gif") as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (6, 50, 0)
        for number, frame in enumerate(frames):
            gif.seek(number)
            np.testing.assert_allclose(np.array(gif.convert("RGB")), frame, atol=4)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_a_webm_holds_the_frames(tmp_path):
    frames = _moving_square()
    write_webm(tmp_path / "a.webm", frames, fps=20)
    video = cv2.VideoCapture(str(tmp_path / "a.webm"))
    read = []
    while True:
        more, frame = video.read()
        if not more:
            break
        read.append(frame[..., ::-1])
    assert len(read) == 6 and read[0].shape == (32, 48, 3)
    for found, frame in zip(read, frames):
        assert abs(found.astype(int) - frame[:32]).mean() < 12
    assert [path.name for path in tmp_path.iterdir()] == ["a.webm"]
