"""What a store of versions keeps, refuses and calls by a label, without a server around it."""

from __future__ import annotations

import shutil

import grpc
import pytest
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.config import model_server_config_pb2

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.model_store import ModelStore
from spt_tf.serving.embedded.version_policy import check_config, read_config, single_model

MODEL_TYPE = model_server_config_pb2.ModelType


@pytest.fixture
def store():
    store = ModelStore(BatchingOptions(max_batch_size=2))
    yield store
    store.close()


def labelled(base_path, **labels) -> model_server_config_pb2.ModelServerConfig:
    config = single_model("spt", str(base_path))
    config.model_config_list.config[0].version_labels.update(labels)
    return config


def version_of(store, label: str) -> int:
    with store.use(model_pb2.ModelSpec(name="spt", version_label=label)) as version:
        return version.version


def test_a_label_needs_an_available_version(store, model_base_path):
    with pytest.raises(ServingError) as early:
        store.configure(labelled(model_base_path, stable=1))
    assert early.value.code == grpc.StatusCode.FAILED_PRECONDITION
    assert early.value.message == (
        "Request to assign label to version 1 of model spt, which is not currently available for inference"
    )
    store.configure(single_model("spt", str(model_base_path)))
    store.configure(labelled(model_base_path, stable=1))
    assert version_of(store, "stable") == 1
    with pytest.raises(ServingError, match="version 2 of model spt"):
        store.configure(labelled(model_base_path, stable=2))
    assert version_of(store, "stable") == 1


def test_a_label_to_a_version_that_was_unloaded_is_refused(store, model_base_path, tmp_path):
    for name in ("1", "2"):
        shutil.copytree(model_base_path / "1", tmp_path / name)
    both = labelled(tmp_path)
    both.model_config_list.config[0].model_version_policy.all.SetInParent()
    store.configure(both)
    store.configure(labelled(tmp_path))  # the latest alone
    with pytest.raises(ServingError, match="label to version 1 of model spt, which is not") as refused:
        store.configure(labelled(tmp_path, stable=1))
    assert refused.value.code == grpc.StatusCode.FAILED_PRECONDITION
    assert store.ready()


def test_a_number_beyond_int64_is_no_version_and_013_is_13(store, model_base_path, tmp_path):
    for name in ("1", "013", "20251124031500123456"):
        shutil.copytree(model_base_path / "1", tmp_path / name)
    (tmp_path / "99999999999999999999").mkdir()
    store.configure(single_model("spt", str(tmp_path)))
    assert list(store.states("spt")) == [13]
    assert store.ready()


def test_a_missing_base_path_in_a_new_configuration_is_said_and_unloads_nothing(
    store, model_base_path, tmp_path
):
    store.configure(single_model("spt", str(model_base_path)))
    for wrong in (tmp_path / "nowhere", model_base_path / "model_card_1.md"):
        with pytest.raises(ServingError, match=f"Could not find base path {wrong} for servable spt") as said:
            store.configure(single_model("spt", str(wrong)))
        assert said.value.code == grpc.StatusCode.UNKNOWN
        store.poll()
        assert store.ready()
        with store.use(model_pb2.ModelSpec(name="spt")) as version:
            assert version.version == 1


def test_early_labels_may_be_new_but_not_moved(model_base_path):
    store = ModelStore(BatchingOptions(max_batch_size=2), allow_early_labels=True)
    try:
        store.configure(labelled(model_base_path, stable=1))
        assert version_of(store, "stable") == 1
        with pytest.raises(ServingError, match="version 2 of model spt"):
            store.configure(labelled(model_base_path, stable=2))
        store.configure(labelled(model_base_path, stable=1, canary=2))
        with pytest.raises(ServingError, match=r"Specific\(spt, 2\)"):
            version_of(store, "canary")
    finally:
        store.close()


def test_a_base_path_that_is_gone_unloads_nothing_and_an_empty_one_everything(
    store, model_base_path, tmp_path
):
    base_path = tmp_path / "spt"
    shutil.copytree(model_base_path, base_path)
    store.configure(single_model("spt", str(base_path)))
    base_path.rename(tmp_path / "away")
    store.poll()
    assert store.ready()
    base_path.mkdir()
    store.poll()
    assert not store.ready()


def test_a_relative_base_path_is_made_absolute(model_base_path, monkeypatch):
    monkeypatch.chdir(model_base_path.parent)
    assert check_config(single_model("spt", "spt"))["spt"].base_path == str(model_base_path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"base_path": "models/spt"}, "to have an absolute path or URI; got base_path()=models/spt"),
        ({"model_platform": ""}, "neither ModelServerConfig::model_type (deprecated) nor"),
        ({"model_type": MODEL_TYPE.TENSORFLOW}, "both ModelServerConfig::model_type (deprecated) and"),
        ({"model_type": MODEL_TYPE.OTHER, "model_platform": ""}, "model_type choice 2 not supported"),
        ({"model_platform": "caffe"}, "Model spt requests unsupported platform caffe"),
        ({"name": ""}, "needs a name"),
    ],
)
def test_a_wrong_configuration_is_refused(fields, message):
    good = {"name": "spt", "base_path": "/models/spt", "model_platform": "tensorflow"}
    config = model_server_config_pb2.ModelServerConfig()
    config.model_config_list.config.add(**{**good, **fields})
    with pytest.raises(ServingError) as refused:
        check_config(config)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfem\0", "codec can't decode"),
        (b"model_config_list { config { ", "Expected"),
        (b"model_config_list { config { nam: 1 } }", "nam"),
        (
            b'model_config_list { config { name: "spt" base_path: "models" model_platform: "tensorflow" } }',
            "URI",
        ),
        (b"", "type not supported"),
    ],
)
def test_a_wrong_configuration_file_is_named(tmp_path, content, said):
    path = tmp_path / "models.config"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=str(path)) as wrong:
        read_config(path)
    assert said in str(wrong.value)


def test_one_name_twice_is_refused_and_the_old_type_still_taken():
    config = single_model("spt", "/models/spt")
    model = config.model_config_list.config[0]
    model.model_platform, model.model_type = "", MODEL_TYPE.TENSORFLOW
    assert list(check_config(config)) == ["spt"]
    config.model_config_list.config.append(model)
    with pytest.raises(ServingError, match="Illegal to list model spt multiple times"):
        check_config(config)
