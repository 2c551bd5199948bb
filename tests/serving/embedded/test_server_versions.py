"""Versions come, go and break while requests run."""

from __future__ import annotations

import shutil
import threading
import time

import grpc
import numpy as np
import pytest
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2, model_service_pb2_grpc

from spt_tf.serving.client import PoseTransferClient
from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.server import EmbeddedServer, ServerOptions
from spt_tf.serving.embedded.version_policy import single_model
from spt_tf.serving.saved_model import export_run
from tests.serving.conftest import finished_run
from tests.serving.direct import direct
from tests.serving.stand_in import random_inputs

State = get_model_status_pb2.ModelVersionStatus.State


@pytest.fixture(scope="module")
def exported(model_base_path, tmp_path_factory):
    """Two versions with different weights: version -> directory."""
    other = export_run(finished_run(seed=1), model_base_path, tmp_path_factory.mktemp("other"), version=2)
    return {1: model_base_path / "1", 2: other}


@pytest.fixture
def base_path(tmp_path, exported):
    base_path = tmp_path / "models"
    base_path.mkdir()
    publish(base_path, exported, 1)
    return base_path


@pytest.fixture
def served(base_path):
    server = start(single_model("spt", str(base_path)))
    yield server
    server.stop(5)


def start(config, **options):
    batching = BatchingOptions(max_batch_size=4, timeout=0.001)
    return EmbeddedServer(config, ServerOptions(port=0, poll_seconds=0.02, batching=batching, **options))


def publish(base_path, exported, version, source=None):
    """Copies a version in as an export does: whole, by renaming."""
    partial = base_path / f".{version}"
    shutil.copytree(exported[source or version], partial)
    partial.rename(base_path / str(version))


def eventually(condition, seconds=300):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def test_swap_under_load_drops_nothing_and_ends_on_the_new_version(served, base_path, exported):
    inputs = random_inputs(1)
    expected = {1: direct(inputs)[0], 2: direct(inputs, seed=1)[0]}
    done, answers, failures = threading.Event(), [], []

    def call():
        with PoseTransferClient(f"localhost:{served.port}") as client:
            while not done.is_set():
                try:
                    answer = client.transfer_pose(**inputs)
                    answers.append((answer.version, np.array_equal(answer.image, expected[answer.version])))
                except Exception as error:
                    failures.append(error)

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    eventually(lambda: len(answers) > 5)
    publish(base_path, exported, 2)
    eventually(lambda: served.store.states("spt").get(2) and served.store.states("spt")[1].state == State.END)
    count = len(answers)
    eventually(lambda: len(answers) > count + 5)
    done.set()
    for caller in callers:
        caller.join()
    assert not failures
    assert all(right for _, right in answers)
    assert {answers[0][0], answers[-1][0]} == {1, 2}
    with PoseTransferClient(f"localhost:{served.port}") as client:
        assert client.available_versions() == [2]


def test_a_broken_version_is_reported_and_the_old_one_stays(served, base_path):
    (base_path / "2").mkdir()
    eventually(lambda: served.store.states("spt").get(2) and served.store.states("spt")[2].state == State.END)
    with grpc.insecure_channel(f"localhost:{served.port}") as channel:
        asked = get_model_status_pb2.GetModelStatusRequest()
        asked.model_spec.name = "spt"
        statuses = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(asked, timeout=300)
    two, one = statuses.model_version_status  # the newest first
    assert (one.version, one.state) == (1, State.AVAILABLE)
    assert one.HasField("status") and one.status.error_code == 0
    assert (two.version, two.state) == (2, State.END)
    assert two.status.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert "SavedModel" in two.status.error_message
    with PoseTransferClient(f"localhost:{served.port}") as client:
        assert client.transfer_pose(**random_inputs(1)).version == 1


def test_a_version_whose_warm_up_fails_is_not_served(served, base_path, exported):
    partial = base_path / ".2"
    shutil.copytree(exported[2], partial)
    shutil.copy(exported[1] / "saved_model.pb", partial / "assets.extra" / "tf_serving_warmup_requests")
    partial.rename(base_path / "2")
    eventually(lambda: served.store.states("spt").get(2) and served.store.states("spt")[2].error)
    assert served.store.ready()


def test_empty_base_path_becomes_ready_when_a_version_appears(tmp_path, exported):
    server = start(single_model("spt", str(tmp_path)))
    try:
        assert not server.store.ready()
        publish(tmp_path, exported, 1)
        eventually(server.store.ready)
    finally:
        server.stop(5)


def test_a_server_does_not_start_with_a_wrong_configuration(base_path):
    config = single_model("spt", str(base_path))
    config.model_config_list.config[0].version_labels["stable"] = 7
    with pytest.raises(ServingError, match="version 7 of model spt, which is not currently available"):
        start(config)


def test_reload_config(served, base_path, exported):
    publish(base_path, exported, 2)
    asked = model_management_pb2.ReloadConfigRequest()
    with grpc.insecure_channel(f"localhost:{served.port}") as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)

        def reload():
            return stub.HandleReloadConfigRequest(asked, timeout=300)

        with pytest.raises(grpc.RpcError) as empty:
            reload()
        assert empty.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        model = asked.config.model_config_list.config.add(name="renamed", base_path=str(base_path))
        with pytest.raises(grpc.RpcError, match="model_platform"):
            reload()
        model.model_platform = "tensorflow"
        model.model_version_policy.specific.versions.extend([1, 2])
        assert reload().HasField("status")
        model.version_labels["stable"] = 1
        assert reload().status.error_code == 0
        assert {n for n, v in served.store.states("renamed").items() if v.state == State.AVAILABLE} == {1, 2}
        assert served.store.states("spt")[1].state == State.END
        spec = get_model_status_pb2.GetModelStatusRequest().model_spec
        spec.name, spec.version_label = "renamed", "stable"
        with served.store.use(spec) as version:
            assert version.version == 1
        # A model that cannot be served is an error, and does not take the others down.
        asked.config.model_config_list.config.add(
            name="nowhere", base_path=str(base_path / "nowhere"), model_platform="tensorflow"
        )
        with pytest.raises(grpc.RpcError, match="did not become available"):
            reload()
    with PoseTransferClient(f"localhost:{served.port}", model="renamed") as client:
        assert client.transfer_pose(**random_inputs(1)).version == 2


def test_reloads_say_in_the_log_what_they_were_asked(served, base_path, caplog):
    caplog.set_level("INFO")
    asked = model_management_pb2.ReloadConfigRequest()
    for name in ("spt", "forged\nERROR everything is lost", *map(str, range(30))):
        asked.config.model_config_list.config.add(
            name=name, base_path="/no/where", model_platform="tensorflow"
        )
    with (
        grpc.insecure_channel(f"localhost:{served.port}") as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        model_service_pb2_grpc.ModelServiceStub(channel).HandleReloadConfigRequest(asked, timeout=300)
    assert "Could not find base path /no/where for servable spt" in refused.value.details()
    said = [record.getMessage() for record in caplog.records if "asked to serve" in record.getMessage()]
    assert said[:2] == [
        "asked to serve 'spt' from '/no/where'",
        "asked to serve 'forged\\nERROR everything is lost' from '/no/where'",
    ]
    assert len(said) == 20 and "and 12 more" in caplog.text
    assert "the new configuration is refused: '32 model(s) did not become available" in caplog.text
    with PoseTransferClient(f"localhost:{served.port}") as client:
        assert client.transfer_pose(**random_inputs(1)).version == 1


def test_a_version_in_use_closes_only_after_its_last_user(served, base_path, exported):
    spec = get_model_status_pb2.GetModelStatusRequest().model_spec
    spec.name = "spt"
    with served.store.use(spec) as old:
        publish(base_path, exported, 2)
        eventually(lambda: old.state == State.UNLOADING)
        assert old.servable.run("transfer_pose", random_inputs(1))
    assert old.state == State.END
    assert old.servable is None
