"""From a run directory to pixels: the exported model answers what generate.py draws."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.evaluation.evaluate import evaluate_run
from spt_tf.evaluation.methods import trained
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.inference import load_finished_run
from spt_tf.serving.model_card import model_card
from spt_tf.serving.saved_model import ExportError, export_run
from tests.evaluation.doll_house import write_doll_house
from tests.serving.c_api import ask, read_saved_model
from tests.serving.stand_in import random_inputs
from tests.untrained_run import write_untrained_run

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
CANVAS = (64, 32)


def test_a_run_without_semantics_is_refused(tmp_path):
    write_untrained_run(tmp_path / "run", CANVAS, semantics=False)
    run = load_finished_run(str(tmp_path / "run"))
    with pytest.raises(ExportError, match="a run without semantics cannot be exported"):
        export_run(run, tmp_path / "run", tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("run")
    write_untrained_run(run_dir, CANVAS, filter_scale=8)
    return run_dir


@pytest.fixture(scope="module")
def version(run_dir, tmp_path_factory):
    """The version directory that the command wrote."""
    base_path = tmp_path_factory.mktemp("models") / "spt"
    command = [sys.executable, str(ROOT / "export" / "export_saved_model.py"), f"--run_dir={run_dir}"]
    done = subprocess.run([*command, f"--output_dir={base_path}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == str(base_path / "1")
    return base_path / "1"


@pytest.fixture(scope="module")
def asked(version, tmp_path_factory):
    """The inputs, the C library's answer to them, and stock TensorFlow's operators."""
    inputs = random_inputs(3, CANVAS)
    (answer,), operators = ask(version, [("transfer_pose", inputs)], tmp_path_factory.mktemp("c_api"))
    return inputs, answer, operators


def test_same_pixels_as_generate(run_dir, asked):
    inputs, answer, _ = asked
    expected = trained(load_finished_run(run_dir))(
        {name: tf.constant(value) for name, value in inputs.items()}
    )
    assert np.std(expected.image.numpy()) > 10
    np.testing.assert_array_equal(answer["parsing"], expected.parsing)
    np.testing.assert_array_equal(answer["image"], expected.image)


def test_a_version_may_compute_in_bfloat16(run_dir, asked, tmp_path):
    run = load_finished_run(str(run_dir), precision="bfloat16")
    version = export_run(run, run_dir, tmp_path / "spt")
    inputs, whole, _ = asked
    (answer,), _ = ask(version, [("transfer_pose", inputs)], tmp_path)
    expected = trained(run)({name: tf.constant(value) for name, value in inputs.items()})
    np.testing.assert_allclose(answer["image"].astype(int), expected.image.numpy(), atol=1)
    assert (answer["image"] != whole["image"]).any()
    assert "computed in bfloat16" in version.with_name("model_card_1.md").read_text()


def test_every_operator_is_stock(version, asked):
    graph = read_saved_model(version).meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    used = {node.op for node in nodes} - {function.signature.name for function in graph.library.function}
    assert used <= asked[2], f"not in stock TensorFlow: {used - asked[2]}"
    assert not any(name.startswith(("Addons>", "PyFunc", "EagerPyFunc")) for name in used)


def test_signatures_share_one_copy_of_each_network(run_dir, version):
    graph = read_saved_model(version).meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    convolutions = [node for node in nodes if node.op in ("Conv2D", "Conv2DBackpropInput")]
    generator = load_finished_run(str(run_dir)).generator
    assert len(convolutions) == sum(variable.shape.rank == 4 for variable in generator.variables)


def test_the_card_tells_the_run(version):
    card = version.with_name("model_card_1.md").read_text()
    assert "training step 7" in card
    assert "Not evaluated" in card


def test_the_card_shows_what_evaluate_found(run_dir, tmp_path):
    def evaluate(limit):
        plan = EvaluationPlan(str(run_dir), str(tmp_path), "spt", limit, 2, "")
        return evaluate_run(dataclasses.replace(plan, output_dir=plan.default_output_dir()))

    write_doll_house(tmp_path, 3, CANVAS)
    run = load_finished_run(str(run_dir))
    some = evaluate(limit=2)
    card = model_card(run, run_dir, {}, 1)
    assert "2 test pairs" in card and "the first 2 pairs alone" in card and "Not evaluated" not in card
    whole = evaluate(limit=0)
    card = model_card(run, run_dir, {}, 1)
    score = "| {:.4g} |".format
    assert card.index(score(whole["means"]["all"]["generated"]["mask_ssim"])) < card.index(
        "the first 2 pairs"
    )
    assert score(some["means"]["all"]["generated"]["mask_ssim"]) in card
    assert "Not evaluated" in model_card(dataclasses.replace(run, step=8), run_dir, {}, 1)
