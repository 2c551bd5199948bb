"""An exported stand-in model and a server for it, shared by the tests of `export/`."""

from __future__ import annotations

import pytest

from spt_tf.config import DataConfig, ExperimentConfig, NetworkConfig
from spt_tf.inference import FinishedRun
from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from spt_tf.serving.saved_model import export_run
from tests.serving.stand_in import CANVAS, StandInGenerator
from tests.serving.stand_in_finder import StandInFinder


def finished_run(seed: int = 0, canvas=CANVAS) -> FinishedRun:
    """A run around the stand-in generator, without P."""
    config = ExperimentConfig(
        data=DataConfig(data_dir="datasets/nowhere", height=canvas[0] * 2, width=canvas[1] * 2),
        network=NetworkConfig(generator_levels=2),
    )
    return FinishedRun(config, StandInGenerator(canvas, seed), lambda: None, stage="end_to_end", step=7)


@pytest.fixture(scope="session")
def model_base_path(tmp_path_factory):
    """`<base>/1`, an exported stand-in with a finder."""
    run_dir = tmp_path_factory.mktemp("run")
    base_path = tmp_path_factory.mktemp("models") / "spt"
    export_run(finished_run(), run_dir, base_path, finder=StandInFinder())
    return base_path


@pytest.fixture(scope="session")
def parsing_free_base_path(tmp_path_factory):
    """`<base>/1`, exported from a run without H_S: it draws on given parsings and predicts none."""
    run = finished_run()
    run.generator.predicts_parsing = False
    base_path = tmp_path_factory.mktemp("parsing_free") / "spt"
    export_run(run, tmp_path_factory.mktemp("run"), base_path)
    return base_path


@pytest.fixture(scope="session")
def server(model_base_path):
    """A running server of `model_base_path`."""
    options = ServerOptions(
        port=0, poll_seconds=0.05, batching=BatchingOptions(max_batch_size=4), metrics_port=0
    )
    server = EmbeddedServer(single_model("spt", str(model_base_path)), options)
    yield server
    server.stop(grace=5)


@pytest.fixture
def client(server):
    """A client of `server`."""
    with PoseTransferClient(f"localhost:{server.port}") as client:
        yield client
