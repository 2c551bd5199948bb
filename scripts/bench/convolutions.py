"""Which convolutions are faster by Winograd's method: TensorFlow's and ours in turn, one core, CPU ms.

    python scripts/bench/convolutions.py --output=docs/results/convolutions.txt

Layers of the networks at 256x256 and their neighbours, whose results and whose two gradients are timed.
`layers/convolutions.py` has its limits from here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from absl import app, flags

from measure import define_bench_flags, finish, machine, median_seconds
from spt_tf.layers import fast_convolutions, winograd

FLAGS = flags.FLAGS

# Pixels along a side and channels of the smaller map, channels of the larger.
_OF_STRIDE_2 = (
    (128, 256, 64),
    (64, 512, 128),
    (32, 1024, 256),
    (16, 1536, 512),
    (8, 1536, 512),
    (4, 1024, 512),
    (128, 64, 32),
    (64, 128, 64),
    (32, 256, 128),
    (16, 512, 256),
    (8, 512, 512),
)
# Pixels along a side of what is read, taps, channels, filters.
_OF_STRIDE_1 = ((66, 3, 256, 256), (18, 3, 128, 128), (34, 4, 256, 512), (18, 4, 256, 512))
_TILES = {2: (2, 3), 3: (4,), 4: (2, 3)}


def _theirs(name: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    if name == "doubling":
        return lambda maps, kernel: tf.nn.conv2d_transpose(
            maps, kernel, [maps.shape[0], *(2 * s for s in maps.shape[1:3]), kernel.shape[2]], 2, "SAME"
        )
    stride, padding = (2, "SAME") if name == "halving" else (1, "VALID")
    return lambda maps, kernel: tf.nn.conv2d(maps, kernel, stride, padding)


def _directions(
    call: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], maps: tf.Tensor, kernel: tf.Tensor
) -> list[Callable[[], object]]:
    """The result, and its two gradients without it, each compiled."""
    upstream = tf.random.normal(call(maps, kernel).shape)

    def gradients() -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch([maps, kernel])
            result = call(maps, kernel)
        return tape.gradient(result, [maps, kernel], upstream)

    return [tf.function(lambda: call(maps, kernel)), tf.function(gradients)]


def _line(name: str, taps: int, maps: tf.Tensor, kernel: tf.Tensor) -> str:
    ours = getattr(fast_convolutions, name)
    calls = [_theirs(name)] + [
        lambda *given, step=step: ours(winograd.method(step, taps), *given) for step in _TILES[taps]
    ]
    columns = [_directions(call, maps, kernel) for call in calls]
    text = f"{name:9} {'x'.join(map(str, maps.shape)):>16} by {'x'.join(map(str, kernel.shape)):14}"
    for of_calls in zip(*columns):
        seconds = median_seconds(list(of_calls), FLAGS.repeats, time.process_time)
        text += " |" + "".join(f" {1000 * one:6.1f}" for one in seconds)
    return text


def _lines(batch: int) -> list[str]:
    normal, lines = tf.random.normal, []
    for side, few, many in _OF_STRIDE_2:
        small, large = normal([batch, side, side, few]), normal([batch, 2 * side, 2 * side, many])
        kernel = normal([4, 4, many, few], stddev=0.02)
        lines += [_line("doubling", 2, small, kernel), _line("halving", 2, large, kernel)]
    for side, taps, channels, filters in _OF_STRIDE_1:
        maps, kernel = normal([batch, side, side, channels]), normal([taps, taps, channels, filters])
        lines.append(_line("unstrided", taps, maps, kernel))
    return lines


def main(argv: list[str]) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    lines = [machine(), f"CPU ms on one core, median of {FLAGS.repeats}: the result | both gradients,"]
    lines += ["each by TensorFlow and by tiles of 2 and of 3 pixels (of 4 where the kernel is 3x3)"]
    finish(lines + _lines(FLAGS.batch_size), FLAGS.output)


if __name__ == "__main__":
    define_bench_flags(repeats=5)
    flags.DEFINE_integer("batch_size", 1, "Maps at once.", lower_bound=1)
    app.run(main)
