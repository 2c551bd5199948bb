"""Where a call's time goes: seconds, GFLOP and GB by TensorFlow's own profiler, operator by operator.

A convolution's or a matrix product's GFLOP are those of its definition, 2 for each product and sum. An
operator's GB are its arguments and its result once each: what it cannot do without, not what it really moves.
"""

from __future__ import annotations

import math
import pathlib
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

_BYTES = {"bool": 1, "int8": 1, "uint8": 1, "half": 2, "bfloat16": 2, "int64": 8, "double": 8}  # others: 4
_ALL_SHAPES, _ALLOCATION = 3, "MemoryAllocation"


class Cost(NamedTuple):
    """seconds: from an operator's start to its end. flop, moved: in units and in bytes."""

    seconds: float = 0.0
    flop: float = 0.0
    moved: float = 0.0

    def plus(self, other: Cost) -> Cost:
        return Cost(*(one + another for one, another in zip(self, other)))


class Operator(NamedTuple):
    """One that ran: its node's name, its kind, its cost."""

    name: str
    kind: str
    cost: Cost


class _Event(NamedTuple):
    start: int
    end: int
    name: str
    details: dict[str, Any]


def operators_run(call: Callable[[], object]) -> list[Operator]:
    """Every operator that one call runs, graphs and eager ones alike."""
    with tempfile.TemporaryDirectory() as folder:
        options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=_ALL_SHAPES)
        with tf.profiler.experimental.Profile(folder, options):
            call()
        (written,) = pathlib.Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(written.read_bytes())
    return [one for plane in space.planes for line in plane.lines for one in _of_thread(plane, line)]


def cost_table(operators: list[Operator], part_of: Callable[[Operator], str]) -> list[str]:
    """Lines of a table: the parts' costs, the longest first, and their sum."""
    parts: dict[str, Cost] = {}
    for one in operators:
        part = part_of(one)
        parts[part] = parts.get(part, Cost()).plus(one.cost)
    rows = sorted(parts.items(), key=lambda row: -row[1].seconds)
    total = Cost()
    for _, cost in rows:
        total = total.plus(cost)
    width = max(map(len, parts))
    lines = [f"{'':{width}} {'s':>7} {'share':>6} {'GFLOP':>8} {'GFLOP/s':>8} {'GB':>7} {'GB/s':>6}"]
    for name, cost in [*rows, ("sum", total)]:
        seconds = max(cost.seconds, 1e-9)
        lines.append(
            f"{name:{width}} {cost.seconds:7.3f} {cost.seconds / total.seconds:6.1%} {cost.flop / 1e9:8.1f} "
            f"{cost.flop / 1e9 / seconds:8.1f} {cost.moved / 1e9:7.2f} {cost.moved / 1e9 / seconds:6.1f}"
        )
    return lines


def _of_thread(plane: Any, line: Any) -> Iterator[Operator]:
    """The operators that ran in one thread; not those, such as a function's call, in which others did."""
    events = sorted(_events(plane, line), key=lambda event: (event.start, -event.end))
    current, results = None, list[str]()
    for event in events:
        if event.name == _ALLOCATION:
            if current is not None and event.end <= current.end and event.details["region_type"] == "output":
                results.append(str(event.details["shape"]))
        elif "shape" in event.details:
            if current is not None and event.start >= current.end:
                yield _operator(current, results)
            current, results = event, []
    if current is not None:
        yield _operator(current, results)


def _events(plane: Any, line: Any) -> Iterator[_Event]:
    for event in line.events:
        name = plane.event_metadata[event.metadata_id].name
        details = {plane.stat_metadata[s.metadata_id].name: _value(plane, s) for s in event.stats}
        yield _Event(event.offset_ps, event.offset_ps + event.duration_ps, name, details)


def _value(plane: Any, stat: Any) -> Any:
    kind = stat.WhichOneof("value")
    return plane.stat_metadata[stat.ref_value].name if kind == "ref_value" else getattr(stat, kind)


def _operator(event: _Event, results: list[str]) -> Operator:
    name, _, kind = event.name.rpartition(":")
    arguments = [(one.partition("[")[0].strip("("), _sides(one)) for one in event.details["shape"].split(";")]
    sizes = [math.prod(sides) * _BYTES.get(dtype, 4) for dtype, sides in arguments]
    result = _sides(results[0]) if results else []
    # a result that was not allocated took an argument's place; the types of the two are taken to be the same
    moved = sum(sizes) + (math.prod(result) * _BYTES.get(arguments[0][0], 4) if results else max(sizes))
    flop = _flop(kind, [sides for _, sides in arguments], result)
    return Operator(name, kind, Cost((event.end - event.start) / 1e12, flop, moved))


def _flop(kind: str, arguments: list[list[int]], result: list[int]) -> float:
    """2 for each product of a convolution or matrix product; 0 for all else."""
    if not result or len(arguments) < 2:
        return 0.0
    if "Conv2DBackpropFilter" in kind:
        return 2.0 * math.prod(arguments[2]) * math.prod(result[:3])
    if "Conv2DBackpropInput" in kind:
        return 2.0 * math.prod(arguments[2]) * math.prod(arguments[1][:3])
    if "Conv2D" in kind:
        return 2.0 * math.prod(result) * math.prod(arguments[1][:3])
    if "MatMul" in kind and "Sparse" not in kind:
        # m k, k n and m n, each times the batch b: whichever of them are transposed
        batch, sizes = math.prod(result[:-2]), [math.prod(sides) for sides in (*arguments[:2], result)]
        return 2.0 * math.sqrt(math.prod(sizes) / batch)
    return 0.0


def _sides(shape: str) -> list[int]:
    return [int(side) for side in re.findall(r"\d+", shape.partition("[")[2])]
