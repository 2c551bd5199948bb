import numpy as np
import pytest
import tensorflow as tf

from spt_tf.evaluation import masks
from spt_tf.evaluation.frechet import feature_statistics, frechet_distance
from spt_tf.evaluation.inception_features import InceptionFeatures
from spt_tf.evaluation.inception_graph import InceptionGraph
from spt_tf.evaluation.inception_score import inception_score
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


def _batches(pairs):
    for part in (slice(0, 5), slice(5, 7), slice(7, 12)):
        yield (
            {
                "target_image": pairs["target"][part],
                "target_keypoints": pairs["keypoints"][part].astype(np.float32),
            },
            {"ours": pairs["generated"][part], "truth": pairs["target"][part]},
        )


def test_a_set_is_scored(graph_file, tmp_path):
    pairs = sample_pairs(12)
    collected = InceptionFeatures(
        InceptionGraph(graph_file), tmp_path / "kept", ["ours", "truth"], {"step": 1}
    )
    for batch, images in _batches(pairs):
        collected.add(batch, images)
    scores = collected.finish()
    features, probabilities = _outputs(pairs["generated"])
    ours = scores["ours"]
    assert (ours["is_mean"], ours["is_std"]) == pytest.approx(inception_score(probabilities), rel=1e-3)
    drawn = masks.polygon_masks(pairs["keypoints"], (96, 64))[..., None]
    masked = inception_score(_outputs(pairs["generated"] * drawn)[1])
    assert (ours["mask_is_mean"], ours["mask_is_std"]) == pytest.approx(masked, rel=1e-3)
    expected = frechet_distance(
        *feature_statistics(features), *feature_statistics(_outputs(pairs["target"])[0])
    )
    assert ours["fid"] == pytest.approx(expected, rel=1e-2)
    assert scores["truth"]["fid"] == pytest.approx(0, abs=1e-3)


def test_interrupted_it_carries_on(graph_file, tmp_path):
    batches = list(_batches(sample_pairs(12)))
    graph = InceptionGraph(graph_file)

    def begin(folder, **identity):
        return InceptionFeatures(graph, tmp_path / folder, ["ours", "truth"], identity)

    whole = begin("whole")
    for batch, images in batches:
        whole.add(batch, images)
    expected = whole.finish()
    stopped = begin("stopped", step=1)
    for batch, images in batches[:2]:
        stopped.add(batch, images)
    with open(tmp_path / "stopped" / "ours.f32", "ab") as file:
        file.write(b"half a row")
    later = begin("stopped", step=1)
    # Seven pairs were added, and five had reached the score log.
    assert later.scores is None and later.keep(5) == 5
    for batch, images in batches[1:]:
        later.add(batch, images)
    assert later.finish() == expected
    assert not list((tmp_path / "stopped").glob("*.f32"))
    done = begin("stopped", step=1)
    assert done.keep(12) == 12 and done.finish() == expected
    assert begin("stopped", step=2).keep(12) == 0  # other weights
