"""What a version held is gone once it is retired, however many versions come and go."""

from __future__ import annotations

import gc
import weakref

import pytest

from spt_tf.serving.embedded.batching import BatchingOptions
from spt_tf.serving.embedded.loaded_version import LoadedVersion, State


@pytest.fixture
def no_automatic_collection():
    """Python's own rounds would free the graph at moments that nobody can foresee."""
    gc.disable()
    yield
    gc.enable()


def load(path) -> LoadedVersion:
    version = LoadedVersion("spt", 1)
    version.load(path, BatchingOptions(max_batch_size=4), lambda size: None)
    return version


@pytest.mark.usefixtures("no_automatic_collection")
def test_nothing_of_a_retired_version_stays(model_base_path):
    version = load(model_base_path / "1")
    assert version.state == State.AVAILABLE
    held = {
        "graph": weakref.ref(version.servable._session.graph),
        "session": weakref.ref(version.servable._session),
        "servable": weakref.ref(version.servable),
    }
    version.retire()
    assert version.state == State.END
    assert [name for name, reference in held.items() if reference() is not None] == []


@pytest.mark.usefixtures("no_automatic_collection")
def test_nothing_of_a_version_that_does_not_load_stays(model_base_path, monkeypatch):
    graphs = []

    def fail(request, servable, max_batch_size):
        graphs.append(weakref.ref(servable._session.graph))
        raise ValueError("a warm-up request that does not fit")

    monkeypatch.setattr("spt_tf.serving.embedded.predict_requests.parse", fail)
    version = load(model_base_path / "1")
    assert version.state == State.END
    assert "does not fit" in version.error
    assert graphs[0]() is None
