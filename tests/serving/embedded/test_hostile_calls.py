"""The first few hundred of `scripts/bench/hostile.py`'s calls, and that it sees what does not hold."""

from __future__ import annotations

import grpc
import tensorflow as tf

from hostile_calls import Tally, attack_server
from hostile_requests import ANSWERED, NO_MESSAGE, REFUSALS, Attack
from tests.serving.stand_in import CANVAS


def test_hostile_calls(server):
    tally = attack_server(f"localhost:{server.port}", CANVAS, "spt", count=300, seed=1)
    assert (tally.crashes, tally.accepted, tally.refused) == ([], [], [])
    assert sum(tally.statuses.values()) == 300
    assert len(tally.kinds) >= 15
    assert {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"} <= set(tally.statuses)


def test_a_server_that_lets_wrong_values_through_is_caught(server, monkeypatch):
    """As TF Serving does with numbers that do not fit and values too many."""

    def lenient(message):
        return tf.io.parse_tensor(message.SerializeToString(), tf.as_dtype(message.dtype)).numpy()

    monkeypatch.setattr("spt_tf.serving.embedded.predict_requests.to_array", lenient)
    tally = attack_server(f"localhost:{server.port}", CANVAS, "spt", count=100, seed=1)
    assert tally.accepted and {said.split(":")[0] for said in tally.accepted} == {"values to drop or wrap"}


def test_what_may_not_be_is_told_apart():
    tally = Tally()
    wrong = Attack("wrong", "", b"", REFUSALS)
    tally.count(wrong, grpc.StatusCode.INVALID_ARGUMENT, "")
    assert tally.holds
    tally.count(wrong, grpc.StatusCode.OK, "")
    tally.count(wrong, grpc.StatusCode.INTERNAL, "why")
    tally.count(Attack("right", "", b"", ANSWERED), grpc.StatusCode.INVALID_ARGUMENT, "no")
    assert (tally.accepted, tally.crashes, tally.refused) == (
        ["wrong: OK "],
        ["wrong: INTERNAL why"],
        ["right: INVALID_ARGUMENT no"],
    )
    assert not tally.holds
    bytes_alone, tally = Attack("bytes", "", b"", NO_MESSAGE), Tally()
    tally.count(bytes_alone, grpc.StatusCode.INTERNAL, "Exception deserializing request!")
    assert tally.holds
    tally.count(bytes_alone, grpc.StatusCode.INTERNAL, "Predict failed; the server's log says why")
    assert tally.crashes == ["bytes: INTERNAL Predict failed; the server's log says why"]
