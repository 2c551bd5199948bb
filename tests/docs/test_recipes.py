"""The worked examples of docs/recipes.md, executed as they are printed."""

from __future__ import annotations

import csv
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

import cv2
import numpy as np
import pytest
from absl import flags

import spt_tf.evaluation.metrics
from spt_tf.evaluation.evaluate import evaluate_run
from spt_tf.evaluation.metrics import registry
from spt_tf.evaluation.plan import EvaluationPlan
from tests.evaluation.doll_house import write_doll_house

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPES = ROOT / "docs" / "recipes.md"


def examples(recipe: str) -> list[str]:
    """The fenced Python of the section with this heading."""
    section = RECIPES.read_text(encoding="utf8").split(f"\n## {recipe}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^( *)```python\n(.*?)^\1```$", section, flags=re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(code) for _, code in blocks]


def test_the_readme_shows_what_is_executed():
    """By tests/docs/test_blocks.py."""
    readme = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf8"), re.DOTALL)
    assert examples("Use a finished run from Python") == readme[:1]
    assert len([line for line in readme[0].splitlines() if line and not line.startswith("from")]) <= 6


def test_a_data_set_is_written_and_read(tmp_path, capsys):
    random = np.random.default_rng(0)
    names = ["a.png", "b.png", "c.png"]
    photos = {name: random.integers(0, 256, (32, 16, 3), np.uint8) for name in names}
    maps = {name: random.integers(0, 10, (32, 16), np.uint8) for name in names}
    keypoints = {name: random.integers(0, 16, (18, 2)) for name in names}
    keypoints["c.png"][2] = -1  # no shoulder: not to be trained on
    (code,) = examples("Add a data set")
    recipe = {}
    exec(code, recipe)
    recipe["write_data_set"](tmp_path, photos, maps, keypoints)
    recipe["check_data_set"](tmp_path, (32, 16))
    told = capsys.readouterr().out
    assert "2 of 3 kept" in told and "3 of 3 kept" in told and "mine-pairs-test.csv: 2 of 2 kept" in told
    people = recipe["load_people"](tmp_path, "test", (32, 16))
    np.testing.assert_array_equal(people.image(1), photos["b.png"])
    np.testing.assert_array_equal(people.parsing(1), maps["b.png"])
    np.testing.assert_array_equal(people.keypoints[1], keypoints["b.png"])


def _insert(path: pathlib.Path, after: str, code: str) -> None:
    """Puts code, less its first line, which says where it goes, after the line that starts so."""
    lines = path.read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.strip().startswith(after))
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place + 1 : place + 1] = textwrap.indent(code.strip(), indent).splitlines()[1:]
    path.write_text("\n".join(lines) + "\n")


def test_a_loss_is_one_file_one_line_and_one_option(tmp_path):
    """In a copy of the library, to which the recipe is done and nothing else."""
    shutil.copytree(ROOT / "spt_tf", tmp_path / "spt_tf", ignore=shutil.ignore_patterns("__pycache__"))
    file, imported, line, option = examples("Add a loss")
    for code in (file, imported, line, option):
        assert (tmp_path / code.split("\n")[0].removeprefix("# ").split(",")[0]).parent.is_dir()
    (tmp_path / "spt_tf" / "losses" / "speckles.py").write_text(file)
    critic = tmp_path / "spt_tf" / "models" / "appearance_critic.py"
    _insert(critic, "from spt_tf.losses.pose import", imported)
    _insert(critic, 'LossTerm("face"', line.strip() + ",")
    _insert(tmp_path / "spt_tf" / "config" / "loss.py", "lambda_sty:", option)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    subprocess.run([sys.executable, "-c", _TRAIN_WITH_SPECKLES], cwd=tmp_path, env=environment, check=True)


_TRAIN_WITH_SPECKLES = """
import numpy as np
import tensorflow as tf
from absl import flags
from spt_tf import config
from spt_tf.flags import define_flags
from spt_tf.training.build import build_stage_model
from tests.tiny import random_batch, tiny_experiment

assert config.__file__.startswith(__import__("os").getcwd()), config.__file__
define_flags()
assert "lambda_speckles" in flags.FLAGS
batch = random_batch()
without, with_it = (
    build_stage_model(tiny_experiment(lambda_speckles=weight), "appearance").compute_stage_losses(batch, None)
    for weight in (0.0, 2.0)
)
speckles = with_it.terms["speckles"]
assert speckles.shape == [2] and np.all(speckles > 0), speckles
np.testing.assert_array_equal(without.terms["speckles"], speckles)
added = with_it.objectives["generator"] - without.objectives["generator"]
np.testing.assert_allclose(added, 2.0 * speckles, rtol=1e-3)
np.testing.assert_array_equal(with_it.objectives["discriminator"], without.objectives["discriminator"])
"""


@pytest.fixture
def sharpness(tmp_path, monkeypatch):
    """The recipe's metric: its file on the package's path, its line in the registry."""
    (code,) = examples("Add a metric")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "sharpness.py").write_text(code)
    where = [*spt_tf.evaluation.metrics.__path__, str(tmp_path / "package")]
    monkeypatch.setattr(spt_tf.evaluation.metrics, "__path__", where)
    module = importlib.import_module("spt_tf.evaluation.metrics.sharpness")
    monkeypatch.setattr(registry, "METRICS", [*registry.METRICS, module.Sharpness])
    yield module
    del sys.modules["spt_tf.evaluation.metrics.sharpness"]
    del spt_tf.evaluation.metrics.sharpness


def test_a_metric_is_one_file_one_line_and_one_flag(tmp_path, sharpness):
    pairs = write_doll_house(tmp_path / "data", 3)
    (tmp_path / "made").mkdir()
    for source, target in pairs:
        picture = cv2.imread(str(tmp_path / "data" / "test" / target))
        flat = cv2.GaussianBlur(picture, (0, 0), 4)
        cv2.imwrite(str(tmp_path / "made" / f"{source[:-4]}___{target[:-4]}.png"), flat)
    plan = EvaluationPlan(
        *(None, str(tmp_path / "data"), "spt", 0, 2, str(tmp_path / "out")),
        generated_dir=str(tmp_path / "made"),
        options={"sharpness": True},
    )
    assert evaluate_run(plan)["left_out_metrics"].keys().isdisjoint({"sharpness"})
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    means = metrics["means"]["all"]
    assert 0 < means["generated"]["sharpness"] < 0.7 < means["copied_source"]["sharpness"]
    assert "as sharp as the true ones" in metrics["formats"]["sharpness"]
    with open(tmp_path / "out" / "pairs.csv") as file:
        rows = [float(row["generated/sharpness"]) for row in csv.DictReader(file)]
    assert np.mean(rows) == pytest.approx(means["generated"]["sharpness"])
    report = (tmp_path / "out" / "report.html").read_text()
    assert "<th>sharpness</th>" in report and f"{means['generated']['sharpness']:.4f}" in report


def test_its_flag_is_defined_and_without_it_it_is_left_out(sharpness):
    values = flags.FlagValues()
    registry.define_metric_flags(values)
    values(["evaluate", "--sharpness"])
    assert registry.options_from(values.flag_values_dict())["sharpness"] is True
    metric = sharpness.Sharpness(EvaluationPlan("run", "data", "spt", 0, 2, "out"))
    assert registry.left_out(metric) == "--sharpness was not asked for"
