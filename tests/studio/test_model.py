"""A run, its export in this process, and its export behind a server draw the same pictures."""

from __future__ import annotations

import numpy as np
import pytest

from spt_tf.inference import load_finished_run
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from spt_tf.serving.saved_model import export_run
from spt_tf.serving.signature_choice import MissingSignature
from spt_tf.studio.draw import warm_up
from spt_tf.studio.model import ModelError, RunModel, SavedModel, ServedModel, open_model
from tests.eager import seen_in_calls
from tests.studio.conftest import CANVAS
from tests.untrained_run import write_untrained_run


@pytest.fixture(scope="module")
def base_path(run_dir, tmp_path_factory):
    base_path = tmp_path_factory.mktemp("models") / "spt"
    export_run(load_finished_run(str(run_dir)), run_dir, base_path)
    return base_path


@pytest.fixture(scope="module")
def server(base_path):
    server = EmbeddedServer(single_model("spt", str(base_path)), ServerOptions(port=0, poll_seconds=0.05))
    yield server
    server.stop(grace=5)


def test_the_three_agree(run_dir, base_path, server, two_people):
    person, other = two_people
    models = [
        open_model(str(run_dir), None, None, "spt"),
        open_model(None, str(base_path / "1"), None, "spt"),
        open_model(None, None, f"localhost:{server.port}", "spt"),
    ]
    assert [type(one) for one in models] == [RunModel, SavedModel, ServedModel]
    moved = [one.transfer_pose(*person, other.keypoints) for one in models]
    drawn = [one.render(*person, other.parsing, other.keypoints) for one in models]
    for one, there, here in zip(models[1:], moved[1:], drawn[1:]):
        warm_up(one)
        assert one.canvas == CANVAS and one.predicts_parsing
        # another graph may round another way
        assert np.abs(np.subtract(there.image, moved[0].image, dtype=int)).max() <= 1
        assert (there.parsing == moved[0].parsing).mean() > 0.99
        assert np.abs(np.subtract(here, drawn[0], dtype=int)).max() <= 1


def test_no_drag_waits_for_a_graph(run_dir, two_people, monkeypatch):
    run = load_finished_run(str(run_dir))
    eager = seen_in_calls(run, monkeypatch)
    model = RunModel(run, "tiny")
    warm_up(model)
    assert eager == [False]
    person, other = two_people
    for _ in range(10):
        model.transfer_pose(*person, other.keypoints)
    assert eager == [False]


def test_a_server_that_is_gone_may_come_back(base_path, two_people):
    server = EmbeddedServer(single_model("spt", str(base_path)), ServerOptions(port=0, poll_seconds=0.05))
    model = ServedModel(f"localhost:{server.port}", "spt")
    server.stop(grace=0)
    model._client._timeout = 0.5  # UNAVAILABLE is retried within the deadline
    person, other = two_people
    with pytest.raises(ModelError) as error:
        model.transfer_pose(*person, other.keypoints)
    assert error.value.gone and "spt at localhost" in str(error.value)


def test_a_run_without_semantics_has_no_map_to_paint(tmp_path):
    write_untrained_run(tmp_path / "run", CANVAS, semantics=False)
    with pytest.raises(ValueError, match="without semantics"):
        RunModel(load_finished_run(str(tmp_path / "run")), "plain")


def test_what_is_no_model(tmp_path, server):
    with pytest.raises(ValueError, match="nowhere"):
        SavedModel(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="other at"):
        ServedModel(f"localhost:{server.port}", "other")


def test_a_model_that_draws_on_no_parsing_is_refused(tmp_path):
    import tensorflow as tf

    class Adder(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def add(self, x):
            return {"y": x + 1}

    adder = Adder()
    tf.saved_model.save(adder, str(tmp_path / "adder"), signatures={"add": adder.add})
    with pytest.raises(MissingSignature, match=r"generate_from_parsing.*only add"):
        SavedModel(tmp_path / "adder")
