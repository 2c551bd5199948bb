"""Nobody computes for callers who have stopped waiting."""

from __future__ import annotations

import time

import grpc
import numpy as np
import pytest

from spt_tf.serving.embedded.batching import Batcher, BatchingOptions
from spt_tf.serving.embedded.errors import ServingError
from spt_tf.serving.embedded.servable import Servable
from tests.serving.endless_model import export_endless


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    servable = Servable(export_endless(tmp_path_factory.mktemp("endless") / "1"))
    yield servable
    servable.close()


@pytest.mark.parametrize("seconds", [0.05, 0.0, -10.0])
def test_what_computes_is_stopped_at_the_deadline(endless, seconds):
    """It would go on for ever."""
    with pytest.raises(ServingError) as late:
        endless.run("serving_default", {"x": np.ones(1, np.float32)}, time.monotonic() + seconds)
    assert late.value.code == grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_neighbour_gets_its_turn_after_a_deadline(endless):
    batcher = Batcher(endless.run, BatchingOptions(max_batch_size=1, timeout=0))
    hold_up, neighbour = (
        batcher.submit("serving_default", {"x": np.full(1, x, np.float32)}, 1, deadline)
        for x, deadline in ((1, time.monotonic() + 0.2), (-1, None))  # -1 ends the loop at once
    )
    assert neighbour.result(300)["y"].tolist() == [-1]
    with pytest.raises(ServingError):
        hold_up.result(300)
    batcher.close()


def run_one_batch(deadlines) -> list:
    """The deadlines that a full batch of members with these is run with."""
    ran = []

    def run(signature, inputs, deadline):
        ran.append(deadline)
        return {"y": inputs["x"]}

    batcher = Batcher(run, BatchingOptions(max_batch_size=len(deadlines), timeout=3000))
    futures = [batcher.submit("s", {"x": np.zeros(1)}, 1, deadline) for deadline in deadlines]
    for future in futures:
        future.result(300)
    batcher.close()
    return ran


def test_a_batch_may_compute_until_its_most_patient_member_leaves():
    now = time.monotonic()
    assert run_one_batch([now + 5000, now + 9000, now + 7000]) == [now + 9000]
    assert run_one_batch([now + 5000, None]) == [None]


def test_members_that_are_late_are_not_run_again_alone():
    ran = []

    def refuse(signature, inputs, deadline):
        ran.append(len(inputs["x"]))
        while time.monotonic() <= soon:
            time.sleep(0.01)
        raise ServingError(grpc.StatusCode.INVALID_ARGUMENT, "no")

    batcher = Batcher(refuse, BatchingOptions(max_batch_size=2, timeout=3000))
    soon = time.monotonic() + 60  # replaced below, when both are taken
    late, patient = (batcher.submit("s", {"x": np.zeros(1)}, 1, d) for d in (time.monotonic() + 1, None))
    soon = time.monotonic() + 1.5
    with pytest.raises(ServingError) as error:
        late.result(300)
    assert error.value.code == grpc.StatusCode.DEADLINE_EXCEEDED
    with pytest.raises(ServingError, match="no"):
        patient.result(300)
    batcher.close()
    assert ran in ([2, 1], [1])  # [1] where a busy machine took longer than the deadline to start
