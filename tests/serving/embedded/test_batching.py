"""How requests become batches: full, late, refused, cancelled."""

from __future__ import annotations

import threading
import time

import grpc
import numpy as np
import pytest

from spt_tf.serving.embedded.batching import Batcher, BatchingOptions
from spt_tf.serving.embedded.errors import ServingError, invalid


class Doubler:
    """Doubles x; refuses negative numbers; remembers its batches; holds them back while `gate` is closed."""

    def __init__(self):
        self.batches = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, signature, inputs, deadline):
        self.gate.wait(300)
        self.batches.append((signature, inputs["x"].tolist()))
        if (inputs["x"] < 0).any():
            raise invalid("x: negative")
        return {"y": inputs["x"] * 2}


@pytest.fixture
def doubler():
    return Doubler()


def make(doubler, **options):
    return Batcher(doubler, BatchingOptions(**options))


def ask(batcher, *values, signature="s", deadline=None):
    return batcher.submit(signature, {"x": np.array(values)}, len(values), deadline)


def hold(batcher, doubler):
    """Occupies the worker, so that what is asked next has to queue; opens with `doubler.gate.set()`."""
    doubler.gate.clear()
    future = ask(batcher, 0)
    while not future.running():
        time.sleep(0.001)


def test_a_full_batch_runs_as_one_and_each_gets_its_rows(doubler):
    batcher = make(doubler, max_batch_size=4, timeout=3000)  # only filling it can start it
    futures = [ask(batcher, 1), ask(batcher, 2, 3), ask(batcher, 4)]
    assert [f.result(300)["y"].tolist() for f in futures] == [[2], [4, 6], [8]]
    assert doubler.batches == [("s", [1, 2, 3, 4])]
    batcher.close()


def test_a_batch_that_does_not_fill_starts_after_the_timeout(doubler):
    batcher = make(doubler, max_batch_size=100, timeout=0.05)
    start = time.monotonic()
    assert ask(batcher, 1).result(300)["y"].tolist() == [2]
    assert time.monotonic() - start >= 0.05
    batcher.close()


def test_signatures_do_not_mix_and_order_holds(doubler):
    batcher = make(doubler, max_batch_size=4, timeout=0)
    hold(batcher, doubler)
    futures = [ask(batcher, 1, signature="a"), ask(batcher, 2, signature="b"), ask(batcher, 3, signature="a")]
    doubler.gate.set()
    assert [f.result(300)["y"].tolist() for f in futures] == [[2], [4], [6]]
    assert doubler.batches[1:] == [("a", [1, 3]), ("b", [2])]
    batcher.close()


def test_a_bad_member_fails_alone(doubler):
    batcher = make(doubler, max_batch_size=4, timeout=3000)
    good, bad, other = ask(batcher, 1), ask(batcher, -1), ask(batcher, 2, 3)
    assert good.result(300)["y"].tolist() == [2]
    assert other.result(300)["y"].tolist() == [4, 6]
    with pytest.raises(ServingError, match="negative"):
        bad.result(300)
    batcher.close()


def test_the_queue_is_bounded_and_recovers(doubler):
    batcher = make(doubler, max_batch_size=2, timeout=0, max_enqueued=3)
    hold(batcher, doubler)
    queued = [ask(batcher, i) for i in range(3)]
    with pytest.raises(ServingError) as full:
        ask(batcher, 9)
    assert full.value.code == grpc.StatusCode.UNAVAILABLE
    assert "queue to which this task was submitted is full" in full.value.message
    doubler.gate.set()
    assert [f.result(300)["y"].tolist() for f in queued] == [[0], [2], [4]]
    assert ask(batcher, 9).result(300)["y"].tolist() == [18]
    batcher.close()


def test_nobody_computes_what_nobody_waits_for(doubler):
    batcher = make(doubler, max_batch_size=1, timeout=0)
    hold(batcher, doubler)
    cancelled = ask(batcher, 1)
    late = ask(batcher, 2, deadline=time.monotonic() - 0.001)
    assert cancelled.cancel()
    doubler.gate.set()
    with pytest.raises(ServingError) as expired:
        late.result(300)
    assert expired.value.code == grpc.StatusCode.DEADLINE_EXCEEDED
    batcher.close()
    assert doubler.batches == [("s", [0])]


def test_what_is_queued_runs_at_once_when_nobody_new_will_come(doubler):
    batcher = make(doubler, max_batch_size=8, timeout=600)
    waiting = ask(batcher, 1)
    batcher.run_at_once()
    assert waiting.result(20)["y"].tolist() == [2]
    assert ask(batcher, 2).result(20)["y"].tolist() == [4]
    batcher.close()


def test_clients_that_ask_again_and_again_come_together(doubler):
    batcher = make(
        doubler, max_batch_size=8, timeout=0, patience=1e4
    )  # it waits for them, however slow they are
    hold(batcher, doubler)
    missed = ask(batcher, 1)
    time.sleep(0.01)  # what the batch takes, of which the patience is a share
    doubler.gate.set()
    while len(doubler.batches) < 1:
        time.sleep(0.001)
    assert not missed.done()
    back = ask(batcher, 2)  # whose 0 was answered
    assert [future.result(300)["y"].tolist() for future in (missed, back)] == [[2], [4]]
    assert doubler.batches == [("s", [0]), ("s", [1, 2])]
    batcher.run_at_once()
    batcher.close()


def test_when_all_are_back_nobody_else_is_waited_for(doubler):
    batcher = make(doubler, max_batch_size=3, timeout=600, patience=1e4)
    doubler.gate.clear()
    full = ask(batcher, 1, 2, 3)
    time.sleep(0.01)  # what the batch takes, of which the patience is a share
    doubler.gate.set()
    assert full.result(20)["y"].tolist() == [2, 4, 6]
    oldest, other = ask(batcher, 4, 5, signature="a"), ask(batcher, 6, signature="b")  # neither fills a batch
    assert oldest.result(20)["y"].tolist() == [8, 10]
    batcher.close()
    assert other.done()


def test_who_does_not_come_back_is_not_waited_for_long(doubler):
    batcher = make(doubler, max_batch_size=8, timeout=0, patience=2)
    hold(batcher, doubler)
    missed = ask(batcher, 1)
    doubler.gate.set()
    assert missed.result(300)["y"].tolist() == [2]
    assert ask(batcher, 5).result(300)["y"].tolist() == [10]
    batcher.close()


def test_close_finishes_what_is_queued(doubler):
    batcher = make(doubler, max_batch_size=8, timeout=3000)
    futures = [ask(batcher, 1), ask(batcher, 2)]
    batcher.close()
    assert [f.result(0)["y"].tolist() for f in futures] == [[2], [4]]


def test_batches_overlap_with_two_threads(doubler):
    both = threading.Barrier(2, timeout=300)  # breaks unless two batches run at the same time

    def run(signature, inputs, deadline):
        both.wait()
        return {"y": inputs["x"]}

    batcher = Batcher(run, BatchingOptions(max_batch_size=1, timeout=0, threads=2))
    assert [f.result(300)["y"].tolist() for f in [ask(batcher, 1), ask(batcher, 2)]] == [[1], [2]]
    batcher.close()
