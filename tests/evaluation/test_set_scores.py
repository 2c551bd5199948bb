import numpy as np
import pytest
import tensorflow as tf

from spt_tf.evaluation import masks
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.inception_score import inception_score
from spt_tf.evaluation.methods import Generated
from spt_tf.evaluation.set_scores import score_set
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


def test_a_set_is_scored(graph_file):
    pairs = sample_pairs(12)
    keypoints = pairs["keypoints"].astype(np.float32)
    batches = [
        {
            "target_image": tf.constant(pairs["target"][part]),
            "generated": tf.constant(pairs["generated"][part]),
            "target_keypoints": tf.constant(keypoints[part]),
        }
        for part in (slice(0, 7), slice(7, 12))
    ]

    def method(batch):
        return Generated(batch["generated"], None)

    def blind(images):
        heatmaps = np.zeros((len(images), 96, 64, 18), np.float32)
        heatmaps[:, 24, 32, 1] = 1  # sees a neck always at one place
        return tf.constant(heatmaps)

    scores = score_set(method, batches, blind, InceptionGraph(graph_file))
    features, probabilities = _outputs(pairs["generated"])
    assert (scores["is_mean"], scores["is_std"]) == pytest.approx(inception_score(probabilities), rel=1e-3)
    drawn = masks.polygon_masks(keypoints, (96, 64))[..., None]
    assert scores["mask_is_mean"] == pytest.approx(
        inception_score(_outputs(pairs["generated"] * drawn)[1])[0], rel=1e-3
    )
    expected = frechet_distance(
        *feature_statistics(features), *feature_statistics(_outputs(pairs["target"])[0])
    )
    assert scores["fid"] == pytest.approx(expected, rel=1e-2)
    assert scores["pckh_wanted"] == (keypoints >= 0).all(axis=-1).sum()
    assert 0 < scores["pckh_found"] <= 12
    assert scores["pckh"] == scores["pckh_found"] / scores["pckh_wanted"]
    assert "fid" not in score_set(method, batches, blind, None)
