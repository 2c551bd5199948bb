"""A finder judges images: it learns to parse, and is refused where it is for others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from spt_tf.config import ConfigError
from spt_tf.data.datasets import load_people
from spt_tf.evaluation.finder_scores import find_in, people_of, score
from spt_tf.evaluation.metrics.image_parsing_miou import ImageParsingMiou
from spt_tf.evaluation.metrics.metric import Output
from spt_tf.evaluation.plan import EvaluationPlan
from spt_tf.paper_dolls.dataset import DatasetPlan, write_dataset
from spt_tf.perception.finder import load_finder
from tests.perception.tiny import write_finder_run
from tests.tiny import tiny_experiment

pytestmark = pytest.mark.slow
CANVAS = (32, 16)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Eight paper dolls."""
    folder = tmp_path_factory.mktemp("data") / "dolls"
    write_dataset(folder, DatasetPlan(CANVAS, seed=0, num_train=8, num_test_pairs=0))
    return load_people(folder, "train", CANVAS)


@pytest.fixture(scope="module")
def runs(index, tmp_path_factory):
    """Run directories of a finder that has learned for a step, and for sixty."""
    folder = tmp_path_factory.mktemp("finders")
    data_dir = str(index.report.file).rpartition("/")[0]
    options = dict(data_dir=data_dir, height=CANVAS[0], width=CANVAS[1], augmentation=0.0, finder_width=0.5)
    options |= dict(batch_size=8, average_decay=0.0)
    return [write_finder_run(folder / str(n), perception_steps=n, **options) for n in (1, 60)]


def _opened(run_dir, canvas=CANVAS) -> ImageParsingMiou:
    metric = ImageParsingMiou(EvaluationPlan(None, "", "spt", 0, 8, "", options={"image_parser": run_dir}))
    metric.open(SimpleNamespace(index=SimpleNamespace(canvas=canvas)))
    return metric


def _miou(metric, index) -> float:
    truth = people_of(index)
    columns = metric.measure({"target_parsing": truth.parsings}, Output("generated", truth.images, None))
    return metric.summarize(columns, {})["image_parsing_miou"]


def test_it_learns_and_measures_what_it_finds(index, runs):
    untrained, trained = (_miou(_opened(run_dir), index) for run_dir in runs)
    assert trained > untrained + 0.05
    truth = people_of(index)
    expected = score(truth, find_in(load_finder(runs[1]), truth)).numbers()["miou"]
    np.testing.assert_allclose(trained, expected, rtol=1e-6)


def test_scores_are_those_of_the_very_weights(runs):
    one, other = (_opened(run_dir).identity()["image_parser"] for run_dir in runs)
    assert one != other and _opened(runs[0]).identity()["image_parser"] == one


def test_a_finder_of_other_images_is_refused(runs):
    with pytest.raises(ValueError, match=r"parses images of \[32, 16\], these are \[32, 32\]"):
        _opened(runs[0], (32, 32))


def test_another_directory_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(tiny_experiment().to_json())
    with pytest.raises(ConfigError, match="expected the groups people, finder"):
        _opened(str(tmp_path))
