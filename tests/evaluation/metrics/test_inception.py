"""Scores of a whole set: the network, its columns and numbers, and carrying on."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from spt_tf.data.datasets import load_people
from spt_tf.data.file_reading import UnreadableFile
from spt_tf.evaluation import masks
from spt_tf.evaluation.baselines import copied_source
from spt_tf.evaluation.evaluator import evaluate_pairs
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.inception_score import inception_score
from spt_tf.evaluation.metrics.inception import Inception
from spt_tf.evaluation.metrics.metric import Output
from spt_tf.inference import Generated
from tests.evaluation.doll_house import CANVAS, write_doll_house
from tests.evaluation.plans import bare_plan
from tests.evaluation.sample_pairs import sample_pairs

WEIGHTS = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32) / 50


@pytest.fixture
def graph_file(tmp_path):
    """A frozen graph with the Inception graph's names: pool_3 is the mean colour; there are four classes."""
    with tf.Graph().as_default() as graph:
        decoded = tf.compat.v1.placeholder(tf.float32, [None, None, 3], name="Cast")
        images = tf.expand_dims(decoded, 0, name="ExpandDims")
        pooled = tf.reduce_mean(images, axis=[1, 2], keepdims=True, name="pool_3")
        row = tf.reshape(pooled, [-1, 3])
        logits = tf.matmul(row, tf.constant(WEIGHTS), name="softmax/logits/MatMul")
        tf.nn.softmax(logits + 5.0, name="softmax")
    path = tmp_path / "graph.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def _outputs(images):
    features = images.astype(np.float64).mean(axis=(1, 2))
    raised = np.exp(features @ WEIGHTS)
    return features, raised / raised.sum(axis=1, keepdims=True)


def test_graph_takes_batches(graph_file):
    images = sample_pairs(5)["target"]
    outputs = InceptionGraph(graph_file)(images)
    features, probabilities = _outputs(images)
    np.testing.assert_allclose(outputs.features, features, rtol=1e-4)
    np.testing.assert_allclose(outputs.probabilities, probabilities, rtol=1e-3)


def test_another_file_is_named(tmp_path):
    path = tmp_path / "other.pb"
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(ValueError, match=r"other\.pb: not a frozen graph"):
        InceptionGraph(path)
    path.write_bytes(tf.Graph().as_graph_def().SerializeToString())
    with pytest.raises(ValueError, match="lacks ExpandDims, pool_3, softmax"):
        InceptionGraph(path)
    with pytest.raises(ValueError, match="missing"):
        InceptionGraph(tmp_path / "missing.pb")


def _opened(graph_file):
    metric = Inception(bare_plan(inception_graph=str(graph_file)))
    metric.open(_Candidate())
    return metric


class _Candidate:
    pairs = tuple(range(12))


def test_a_damaged_graph_is_one_line_that_names_it(graph_file, tmp_path):
    content = pathlib.Path(graph_file).read_bytes()
    operation = b"\x12\x06MatMul"
    assert operation in content
    (tmp_path / "damaged.pb").write_bytes(content.replace(operation, b"\x12\x06Mat??l"))
    with pytest.raises(UnreadableFile, match=r"damaged\.pb: not a readable frozen graph") as told:
        InceptionGraph(tmp_path / "damaged.pb")
    assert "\n" not in str(told.value)


def test_a_set_is_scored(graph_file):
    pairs, metric = sample_pairs(12), _opened(graph_file)
    parts = []
    for part in (slice(0, 5), slice(5, 7), slice(7, 12)):
        batch = {
            "target_image": pairs["target"][part],
            "target_keypoints": pairs["keypoints"][part].astype(np.float32),
        }
        made = {"ours": pairs["generated"][part], "truth": pairs["target"][part]}
        measured = [metric.measure(batch, Output(name, image, None)) for name, image in made.items()]
        parts.append([metric.measure_truth(batch), *measured])
    joined = [{name: np.concatenate([one[name] for one in p]) for name in p[0]} for p in zip(*parts)]
    ours, truth = (metric.summarize(columns, joined[0]) for columns in joined[1:])
    features, probabilities = _outputs(pairs["generated"])
    assert (ours["is_mean"], ours["is_std"]) == pytest.approx(inception_score(probabilities), rel=1e-3)
    drawn = masks.polygon_masks(pairs["keypoints"], (96, 64))[..., None]
    masked = inception_score(_outputs(pairs["generated"] * drawn)[1])
    assert (ours["mask_is_mean"], ours["mask_is_std"]) == pytest.approx(masked, rel=1e-3)
    expected = frechet_distance(
        *feature_statistics(features), *feature_statistics(_outputs(pairs["target"])[0])
    )
    assert ours["fid"] == pytest.approx(expected, rel=1e-2)
    assert truth["fid"] == pytest.approx(0, abs=1e-3)


def test_interrupted_it_carries_on(graph_file, tmp_path):
    pairs = write_doll_house(tmp_path, 12)
    index, metric = load_people(tmp_path, "test", CANVAS), _opened(graph_file)
    calls = []

    def copy(batch):
        calls.append(batch)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return copied_source(batch)

    def truth(batch):
        return Generated(batch["target_image"], None)

    def evaluate(folder, copied, step=1):
        return evaluate_pairs(
            {"copy": copied, "truth": truth}, index, pairs, [metric], 5, tmp_path / folder, {"step": step}
        )

    expected = evaluate("whole", copied_source).set_scores
    assert expected["copy"]["fid"] > expected["truth"]["fid"] == pytest.approx(0, abs=1e-3)
    with pytest.raises(KeyboardInterrupt):
        evaluate("stopped", copy)
    with open(tmp_path / "stopped" / "copy.inception.features.bin", "ab") as file:
        file.write(b"half a row")
    assert evaluate("stopped", copy).set_scores == expected and len(calls) == 4
    assert not list((tmp_path / "stopped").glob("*.bin"))  # the numbers stand for the columns
    assert evaluate("stopped", copy).set_scores == expected and len(calls) == 4
    evaluate("stopped", copy, step=2)  # other weights
    assert len(calls) == 7
