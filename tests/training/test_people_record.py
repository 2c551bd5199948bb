"""A run goes on with the people it began with, or says who is missing."""

from __future__ import annotations

import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.data.annotations import read_annotations, write_annotations, write_pairs
from spt_tf.data.datasets import load_people
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.people_record import check_people_record, hold_pairs, write_people_record
from spt_tf.training.run_directory import claim_run_directory
from spt_tf.training.stages import train
from tests.data.folders import market_folder, write_image, write_person
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import run_options


@pytest.fixture
def data(tmp_path):
    market_folder(tmp_path / "data", canvas=CANVAS)
    return tmp_path / "data"


def _people(data):
    return load_people(data, "train", CANVAS)


def _annotate(data, change):
    path = data / "market-annotation-train.csv"
    people = read_annotations(path)
    write_annotations(path, change(people))


def _name(number):
    return f"{number:04d}_c1s1_000001_00.jpg"


def _another_label(data):
    path = data / "parsing" / "train" / _name(2).replace(".jpg", ".png")
    path.write_bytes((path.parent / _name(3).replace(".jpg", ".png")).read_bytes())


CHANGES = {
    r"1 gone \(0002_": lambda data: (data / "train" / _name(2)).unlink(),
    r"1 new \(0009_": lambda data: _annotate(
        data, lambda people: {**people, _name(9): write_person(data, "train", _name(9), 9, CANVAS)}
    ),
    r"1 changed \(0002_": lambda data: write_image(data / "train" / _name(2), 77, CANVAS),
    r"1 changed \(0002_.*": _another_label,
    r"5 changed \(0001_.*, 0002_.*, 0003_.*, \.\.\.\)": lambda data: _annotate(
        data, lambda people: {name: joints.clip(-1, 10) for name, joints in people.items()}
    ),
    "in another order": lambda data: _annotate(data, lambda people: dict(reversed(people.items()))),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_change_of_the_data_is_told_and_the_same_data_is_not(tmp_path, data, said):
    check_people_record(str(tmp_path), _people(data))
    write_people_record(str(tmp_path), _people(data))
    check_people_record(str(tmp_path), _people(data))
    CHANGES[said](data)
    with pytest.raises(
        ConfigError, match=rf"market-annotation-train\.csv: not the people .* began with: {said}"
    ):
        check_people_record(str(tmp_path), _people(data))
    write_people_record(str(tmp_path), _people(data))  # does not write over the list that is there
    with pytest.raises(ConfigError):
        check_people_record(str(tmp_path), _people(data))


def test_the_same_data_elsewhere_is_the_same(tmp_path, data):
    write_people_record(str(tmp_path), _people(data))
    check_people_record(str(tmp_path), _people(data.rename(tmp_path / "moved")))


@pytest.mark.parametrize("content", [b"name\n1\n2\n", b'"', b"\xff"])
def test_a_damaged_list_is_named(tmp_path, data, content):
    (tmp_path / "people.csv").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"people\.csv"):
        check_people_record(str(tmp_path), _people(data))


def test_a_stage_goes_on_with_the_pairs_it_began_with(tmp_path):
    first, other = (("a", "b"), ("b", "c")), (("a", "b"), ("b", "d"))
    hold_pairs(str(tmp_path), "semantic", other, begun=False)
    hold_pairs(str(tmp_path), "semantic", first, begun=False)  # no step was taken with the others
    hold_pairs(str(tmp_path), "end_to_end", other, begun=False)
    hold_pairs(str(tmp_path), "semantic", first, begun=True)
    for pairs in (other, first[:1], first[::-1]):
        with pytest.raises(ConfigError, match="stage semantic began with other pairs"):
            hold_pairs(str(tmp_path), "semantic", pairs, begun=True)
    (tmp_path / "pairs.json").write_text("{")
    with pytest.raises(UnreadableFile, match=r"pairs\.json"):
        hold_pairs(str(tmp_path), "semantic", first, begun=True)
    hold_pairs(str(tmp_path / "of an older version"), "semantic", first, begun=True)


def test_training_does_not_go_on_with_other_pairs(tmp_path, data):
    path, run = tmp_path / "pairs.csv", run_options(tmp_path / "run", stage="semantic")
    experiment = tiny_experiment(str(data), pseudo_labels=str(path))
    names = [_name(number) for number in range(1, 6)]
    write_pairs(path, [(name, names[0]) for name in names[1:]])
    checkpoints = StageCheckpoints(run.path("checkpoints", "semantic"))
    with claim_run_directory(run.run_dir, experiment), checkpoints.writing(2) as folder:
        for part in ("state", "statistics"):
            tf.train.Checkpoint().write(f"{folder}/{part}")
    hold_pairs(run.run_dir, "semantic", tuple((name, names[1]) for name in names[2:]), begun=False)
    with pytest.raises(ConfigError, match="stage semantic began with other pairs"):
        train(experiment, run)


@pytest.mark.parametrize("changes", [{}, {"dry_run": True}, {"start_from": "run_dir"}])
def test_training_does_not_go_on_with_other_people(tmp_path, data, changes):
    run_dir, experiment = tmp_path / "run", tiny_experiment(str(data))
    with claim_run_directory(str(run_dir), experiment):
        write_people_record(str(run_dir), _people(data))
    (data / "train" / _name(2)).unlink()
    if "start_from" in changes:
        run = run_options(tmp_path / "new", start_from=str(run_dir))
    else:
        run = run_options(run_dir, **changes)
    with pytest.raises(ConfigError, match=r"1 gone \(0002_"):
        train(experiment, run)
