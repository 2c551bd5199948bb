"""What a line of `metrics.jsonl` says of a window of steps."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.training import stages
from spt_tf.training.scalar_log import WALL_CLOCK, ScalarWriter
from tests.data.folders import market_folder
from tests.tiny import CANVAS, tiny_experiment
from tests.training.run_options import logged_lines, run_options


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """Of stage semantic, whose generator is always clipped, with a line every second step of five."""
    folder = tmp_path_factory.mktemp("scalars")
    market_folder(folder / "data", people=6, canvas=CANVAS)
    experiment = tiny_experiment(
        str(folder / "data"), clip_norm=1e-3, learning_rate=1e-3, semantic_steps=4, decay_from=0.5
    )
    stages.train(experiment, run_options(folder / "run", stage="semantic"))
    return logged_lines(folder / "run")


def test_a_line_says_how_the_window_went(lines):
    losses = {"cross_entropy", "adversarial_S", "discriminator_S"}
    statistics = {
        f"{kind}/{group}" for kind in ("grad_norm", "clipped") for group in ("generator", "discriminator")
    }
    logits = {"logit_S/real", "logit_S/generated"}
    always = {"stage", "step", "learning_rate"}
    for line in lines:
        assert line.keys() == losses | statistics | logits | always | WALL_CLOCK
        assert line["clipped/generator"] == 1.0 and line["grad_norm/generator"] > 1e-3
        assert (
            line["images_per_second"] == pytest.approx(2 * line["steps_per_second"])
            and line["wall_time"] > 1e9
        )


def test_the_learning_rate_is_that_of_the_window_s_last_step(lines):
    np.testing.assert_allclose([line["learning_rate"] for line in lines], [1e-3, 0.5e-3], rtol=1e-5)


def test_the_losses_of_least_squares_follow_from_logits(lines):
    """Jensen: the mean square of (logit - 1) is no less than the square of the mean's."""
    for line in lines:
        assert line["adversarial_S"] >= (line["logit_S/generated"] - 1) ** 2 - 1e-6
        real, generated = line["logit_S/real"], line["logit_S/generated"]
        assert line["discriminator_S"] >= 0.5 * ((real - 1) ** 2 + generated**2) - 1e-6


@pytest.mark.parametrize("line", ["no JSON", '{"stage": "semantic"}', "[]", "[" * 10_000, "3"])
def test_a_damaged_line_is_named(tmp_path, line):
    (tmp_path / "metrics.jsonl").write_text(f'{{"stage": "semantic", "step": 1}}\n{line}\n')
    with pytest.raises(UnreadableFile, match=r"metrics\.jsonl, row 2: expected JSON"):
        ScalarWriter(str(tmp_path), "semantic", 0)


def test_logs_that_cannot_be_written_are_one_line(tmp_path):
    writer = ScalarWriter(str(tmp_path), "semantic", 0)
    (tmp_path / "metrics.jsonl").mkdir()
    with pytest.raises(OSError, match=r"metrics\.jsonl: the logs cannot be written \(Is a directory\)"):
        writer.write(1, {"loss": 1.0})
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"the logs cannot be written") as told:
        ScalarWriter(str(tmp_path / "file"), "semantic", 0)
    assert "\n" not in str(told.value)
