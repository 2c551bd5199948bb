"""Makes hostile calls and counts what came of them."""

from __future__ import annotations

import collections
import itertools
import random
import socket
import threading
from collections.abc import Iterator

import grpc
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image
from tensorflow_serving.apis import predict_pb2

from hostile_requests import Attack, Attacks
from spt_tf.serving.embedded.tensor_messages import to_array

_PREDICT = "/tensorflow.serving.PredictionService/Predict"
_REFLECT = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
_SECONDS = 120.0  # for an answer, on any machine


class Tally:
    """What came of the calls: how many of each status, and in words each one that did not hold."""

    def __init__(self):
        self.statuses: collections.Counter = collections.Counter()
        self.kinds: collections.Counter = collections.Counter()
        self.crashes: list[str] = []
        self.accepted: list[str] = []
        self.refused: list[str] = []

    def count(self, attack: Attack, status: grpc.StatusCode, details: str) -> None:
        """One answer."""
        self.statuses[status.name] += 1
        self.kinds[attack.kind] += 1
        own = status is grpc.StatusCode.INTERNAL and "deserializing" not in details
        if status in attack.statuses and not own:
            return
        said = f"{attack.kind}: {status.name} {details[:200]}"
        if status is grpc.StatusCode.OK:
            self.accepted.append(said)
        elif attack.statuses == {grpc.StatusCode.OK} and status is not grpc.StatusCode.UNAVAILABLE:
            self.refused.append(said)
        else:
            self.crashes.append(said)

    @property
    def holds(self) -> bool:
        """Whether nothing went wrong."""
        return not self.crashes and not self.accepted and not self.refused


def attack_server(address: str, canvas: tuple[int, int], model: str, count: int, seed: int) -> Tally:
    """Makes `count` calls in groups; after each group good requests must get what they got before."""
    tally = Tally()
    with grpc.insecure_channel(address) as channel:
        attacks = Attacks(canvas, model, seed)
        good = [attacks.good(encoded) for encoded in (False, True)]
        expected = [_pictures(_ask(channel, request)) for request in good]
        stream: Iterator[Attack] = iter(attacks)
        for group in range(0, count, 1000):
            for attack in itertools.islice(stream, min(1000, count - group)):
                _make(channel, attack, tally)
            hold_open(address, 64, seed + group)
            _check(channel, good, expected, tally)
    return tally


def hold_open(address: str, count: int, seed: int) -> None:
    """Opens calls that say nothing, and connections that are no HTTP/2, and leaves them."""
    chance, silence = random.Random(seed), threading.Event()
    host, port = address.rsplit(":", 1)
    with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
        calls = [
            channel.stream_stream(chance.choice((_PREDICT, _REFLECT)))(_say_nothing(silence))
            for _ in range(count)
        ]
        for _ in range(count):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(chance.randbytes(chance.randint(0, 400)))
        for call in calls:
            call.cancel()
        silence.set()


def _say_nothing(silence: threading.Event) -> Iterator[bytes]:
    silence.wait()
    yield from ()


def _make(channel: grpc.Channel, attack: Attack, tally: Tally) -> None:
    try:
        answer, status, details = channel.unary_unary(attack.path)(attack.message, timeout=_SECONDS), None, ""
    except grpc.RpcError as error:
        answer, status, details = None, error.code(), error.details() or ""
    tally.count(attack, status or grpc.StatusCode.OK, details)
    if answer is not None and attack.same_as is not None:
        expected = _ask(channel, attack.same_as)
        if not _same(_pictures(predict_pb2.PredictResponse.FromString(answer)), _pictures(expected)):
            tally.accepted.append(f"{attack.kind}: answered with another picture than its pixels'")


def _check(channel: grpc.Channel, good: list, expected: list, tally: Tally) -> None:
    for request, pictures in zip(good, expected):
        try:
            if not _same(_pictures(_ask(channel, request)), pictures):
                tally.crashes.append("a good request got another answer than before")
        except grpc.RpcError as error:
            tally.crashes.append(f"a good request got {error.code().name}: {error.details()[:200]}")
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=_SECONDS)
    if health.status != health_pb2.HealthCheckResponse.SERVING:
        tally.crashes.append("health is not SERVING")


def _ask(channel: grpc.Channel, request: predict_pb2.PredictRequest) -> predict_pb2.PredictResponse:
    answer = channel.unary_unary(_PREDICT)(request.SerializeToString(), timeout=_SECONDS)
    return predict_pb2.PredictResponse.FromString(answer)


def _pictures(answer: predict_pb2.PredictResponse) -> dict[str, np.ndarray]:
    """The outputs' pixels, whichever way they were answered."""
    return {name: _decoded(to_array(tensor)) for name, tensor in answer.outputs.items()}


def _decoded(array: np.ndarray) -> np.ndarray:
    if array.dtype != object:
        return array
    import io

    return np.stack([np.array(Image.open(io.BytesIO(picture))) for picture in array])


def _same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name]) for name in left)
