"""A run directory of converted weights does what a run does, short of what nobody has trained."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.config import ConfigError
from spt_tf.conversion.convert import check_is_the_authors_network, their_state_dict, write_run
from spt_tf.conversion.name_table import generator_table
from spt_tf.conversion.state_dict import StateDictError
from spt_tf.data.annotations import read_annotations, write_pairs
from spt_tf.evaluation.evaluate import evaluate_run
from spt_tf.evaluation.methods import trained_on_true_parsing
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.inference import load_finished_run
from spt_tf.models.person_generator import NoSemanticGenerator
from spt_tf.serving.signatures import PersonServer, input_specs
from spt_tf.training import stages
from tests.data.folders import market_folder
from tests.eager import eagerly
from tests.formula_weights import formula_tensor
from tests.tiny import random_batch, tiny_ladder
from tests.training.run_options import run_options

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    market_folder(folder, people=6, canvas=tiny_ladder().canvas)
    return str(folder)


@pytest.fixture(scope="module")
def state():
    network = tiny_ladder().network
    table = generator_table(network.generator_width, network.generator_levels)
    return {row.theirs: formula_tensor(row.theirs, row.shape) for row in table}


@pytest.fixture(scope="module")
def run_dir(state, data_dir, tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("runs") / "converted"
    write_run(state, str(run_dir), tiny_ladder(data_dir))
    return run_dir


def test_the_weights_come_back_exact_to_the_bit(state, run_dir):
    back = their_state_dict(load_finished_run(str(run_dir)).generator)
    assert list(back) == list(state)
    assert all(back[name].tobytes() == state[name].tobytes() for name in state)


def test_it_paints_on_a_given_parsing_and_says_what_it_cannot(run_dir):
    run = load_finished_run(str(run_dir))
    assert (run.stage, run.step, run.pose_detector) == ("enhancer", 4, None)
    assert run.generator.alpha() == 1.0
    batch = random_batch(canvas=run.config.canvas)
    made = trained_on_true_parsing(run)(batch)
    assert made.image.shape == [2, *run.config.canvas, 3] and np.ptp(made.image.numpy()) > 20
    np.testing.assert_array_equal(made.parsing, batch["target_parsing"])
    with pytest.raises(NoSemanticGenerator, match="give it the target's parsing"):
        run.generator.transform_parsing(
            tf.zeros([1, *run.config.canvas, 10]), batch["source_keypoints"], batch["target_keypoints"]
        )


def test_generate_takes_the_targets_own_parsing_and_writes_strips(run_dir, data_dir, tmp_path):
    data = Path(data_dir)
    command = [sys.executable, "scripts/generate.py", f"--run_dir={run_dir}", f"--output_dir={tmp_path}"]
    command += [f"--source_dir={data / 'train'}", f"--parsing_dir={data / 'parsing' / 'train'}", "--strips"]
    command += [f"--annotations={data / 'market-annotation-train.csv'}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "(TS-GT)" in done.stderr
    strips = list((tmp_path / "strips").glob("*.jpg_*.jpg.png"))
    assert len(strips) == 6 * 5
    height, width = tiny_ladder().canvas
    assert tf.io.decode_png(strips[0].read_bytes()).shape == [height, 3 * width, 3]


def test_evaluate_says_whose_parsing_it_was_given(run_dir, tmp_path):
    market_folder(tmp_path / "data", "test", people=3, canvas=tiny_ladder().canvas)
    plan = EvaluationPlan(str(run_dir), str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out"))
    metrics = evaluate_run(plan)
    assert "TS-GT" in metrics["weights"]["target_parsing"]
    with pytest.raises(ValueError, match="--pckh: this run has no pose detector"):
        evaluate_run(dataclasses.replace(plan, options={"pckh": True}))


def test_an_export_answers_on_given_parsings_alone(run_dir):
    signatures = PersonServer(load_finished_run(str(run_dir)).generator).trace()
    assert set(signatures) == {"serving_default", "generate_from_parsing", "transfer_texture"}
    assert "target_parsing" in input_specs(signatures["serving_default"])


def test_training_goes_on_from_it(run_dir, data_dir):
    """Fine-tuning: the stages nobody has trained, then everything from the converted weights."""
    before = load_finished_run(str(run_dir)).generator.local_enhancer.get_weights()
    options = run_options(run_dir)
    names = list(read_annotations(Path(data_dir) / "market-annotation-train.csv"))
    write_pairs(run_dir / "pseudo_labels.csv", zip(names, names[::-1]))  # the search does not run eagerly
    with eagerly():
        stages.train(tiny_ladder(data_dir), options)
    run = load_finished_run(str(run_dir))
    assert (run.stage, run.step) == ("end_to_end", 4) and run.pose_detector is not None
    assert run.generator.predicts_parsing
    after = run.generator.local_enhancer.get_weights()
    moved = [np.abs(a - b).max() for a, b in zip(after, before)]
    assert 0 < max(moved) < 0.01  # four steps of 2e-4 away from where it began


def test_a_directory_that_holds_something_is_refused(state, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="expected a new or empty directory"):
        write_run(state, str(tmp_path), tiny_ladder())


def test_a_file_of_another_size_makes_no_run(state, tmp_path):
    with pytest.raises(StateDictError, match="misshaped"):
        write_run(state, str(tmp_path / "run"), tiny_ladder(generator_width=0.05))
    assert not (tmp_path / "run").exists()


def test_options_that_are_not_the_authors_are_all_named():
    with pytest.raises(ConfigError, match=r"--generator_width=0\.04 .* 1\.0.*--width=64 .* 256"):
        check_is_the_authors_network(tiny_ladder())
