"""Measures the embedded server under load against calling the signature directly, in one run.

    python scripts/bench/serving_load.py --output=docs/results/serving_load.txt

Without --saved_model it exports untrained networks of --width at --canvas first. Server and clients are two
processes and share the machine's cores, which the direct calls have for themselves.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
_INPUTS = ("source_image", "source_parsing", "source_keypoints", "target_keypoints")


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("saved_model", None, "Version directory; its parent is served.")
    flags.DEFINE_string("canvas", "128x64", "HxW of the untrained model.")
    flags.DEFINE_float("width", 0.5, "Scale of the untrained generators' filters.", lower_bound=0.03)
    flags.DEFINE_list("clients", ["1", "4", "16"], "Numbers of clients.")
    flags.DEFINE_float("seconds", 20.0, "Duration of each measurement.", lower_bound=1.0)
    flags.DEFINE_integer("max_batch_size", 16, "The server's largest batch.", lower_bound=1)
    flags.DEFINE_integer("num_batch_threads", 1, "The server's batch threads.", lower_bound=1)
    flags.DEFINE_bool("as_tensor_content", True, "Whether the server answers in bytes or value by value.")
    flags.DEFINE_string("output", None, "File for the results, besides printing them.")


def export_untrained(base_path: Path) -> Path:
    """A model with the paper's layers at --width and random weights."""
    from types import SimpleNamespace

    from spt_tf.config import DataConfig, ExperimentConfig, NetworkConfig
    from spt_tf.serving.saved_model import export_run
    from spt_tf.training.build import build_person_generator

    height, width = (int(side) for side in FLAGS.canvas.split("x"))
    config = ExperimentConfig(
        data=DataConfig(height=height, width=width), network=NetworkConfig(generator_width=FLAGS.width)
    )
    generator = build_person_generator(config, config.canvas)
    run = SimpleNamespace(config=config, generator=generator, stage="untrained", step=0)
    return export_run(run, base_path, base_path / "spt")


def request_inputs(canvas: tuple[int, int], batch: int) -> dict[str, np.ndarray]:
    """People to ask about: noise in a standing pose."""
    from spt_tf.serving.example_requests import example_inputs

    example = example_inputs(canvas)
    inputs = {name: np.repeat(example[name], batch, axis=0) for name in _INPUTS}
    inputs["source_image"] = np.random.default_rng(0).integers(0, 256, (batch, *canvas, 3), dtype=np.uint8)
    return inputs


def encoded_inputs(canvas: tuple[int, int]) -> dict[str, object]:
    """A person as PNGs, the same noise: more bytes, and more to decode, than any photo of that size."""
    from spt_tf.data.parsing_maps import encode_parsing_map
    from spt_tf.serving.result_files import encode_png

    inputs = {name: value[0] for name, value in request_inputs(canvas, 1).items()}
    encoded = {"source_image": encode_png(inputs["source_image"])}
    return {**inputs, **encoded, "source_parsing": encode_parsing_map(inputs["source_parsing"])}


def direct_images_per_second(saved_model: Path, batch: int, seconds: float) -> float:
    """Calls of the signature in this process, one after another."""
    import tensorflow as tf

    model = tf.saved_model.load(str(saved_model))
    call = model.signatures["transfer_pose"]
    canvas = tuple(call.structured_input_signature[1]["source_image"].shape[1:3])
    inputs = {name: tf.constant(value) for name, value in request_inputs(canvas, batch).items()}
    call(**inputs)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        call(**inputs)["image"].numpy()
        count += batch
    return count / (time.perf_counter() - start)


def served(server: str, clients: int, seconds: float, encoded: bool) -> tuple[float, float, float]:
    """Images a second, median and 95th percentile of latency in milliseconds.

    Clients are threads of this process, each with a connection of its own and one person a request, in arrays
    or as PNGs. Raises PoseTransferError where one of them is not answered.
    """
    from spt_tf.serving.client import PoseTransferClient

    everybody = threading.Barrier(clients + 1)
    latencies = []

    def ask() -> None:
        with PoseTransferClient(server) as client:
            try:
                if encoded:
                    call, inputs = client.transfer_pose_encoded, encoded_inputs(client.canvas())
                else:
                    arrays = request_inputs(client.canvas(), 1).items()
                    call, inputs = client.transfer_pose, {name: value[0] for name, value in arrays}
                call(**inputs)
            except BaseException:
                everybody.abort()  # the others would wait for ever
                raise
            everybody.wait()
            stop_at = time.perf_counter() + seconds
            while (start := time.perf_counter()) < stop_at:
                call(**inputs)
                latencies.append(time.perf_counter() - start)

    with ThreadPoolExecutor(clients) as threads:
        asking = [threads.submit(ask) for _ in range(clients)]
        with contextlib.suppress(threading.BrokenBarrierError):
            everybody.wait()
        start = time.perf_counter()
    elapsed = time.perf_counter() - start
    errors = [error for one in asking if (error := one.exception())]
    for error in sorted(errors, key=lambda error: isinstance(error, threading.BrokenBarrierError)):
        raise error
    median, high = np.percentile(np.array(latencies) * 1e3, [50, 95])
    return len(latencies) / elapsed, median, high


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    from measure import finish, machine
    from server_process import embedded_server

    lines = [machine()]
    with tempfile.TemporaryDirectory() as scratch:
        saved_model = Path(FLAGS.saved_model) if FLAGS.saved_model else export_untrained(Path(scratch))
        what = FLAGS.saved_model or f"untrained networks of width {FLAGS.width:g} at {FLAGS.canvas}"
        answers = "in bytes" if FLAGS.as_tensor_content else "value by value"
        lines.append(f"transfer_pose of {what}; {FLAGS.seconds:g} s each; images a second; served {answers}")
        direct = {}
        for clients in map(int, FLAGS.clients):
            batch = min(clients, FLAGS.max_batch_size)
            direct[clients] = direct_images_per_second(saved_model, batch, FLAGS.seconds)
            lines.append(f"direct, batch {batch:3}: {direct[clients]:8.2f}")
        with embedded_server(
            Path(scratch, "server.log"),
            f"--model_base_path={saved_model.parent}",
            f"--max_batch_size={FLAGS.max_batch_size}",
            f"--num_batch_threads={FLAGS.num_batch_threads}",
            f"--{'' if FLAGS.as_tensor_content else 'no'}enable_serialization_as_tensor_content",
        ) as server:
            for clients in map(int, FLAGS.clients):
                for form in ("arrays", "encoded"):
                    rate, median, high = served(server.address, clients, FLAGS.seconds, form == "encoded")
                    lines.append(
                        f"served, {clients:2} clients, {form:7}: {rate:8.2f}, "
                        f"{100 * rate / direct[clients]:5.1f} % of the direct call, latency p50 "
                        f"{median:.0f} ms, p95 {high:.0f} ms, {high / median:.2f} times that"
                    )
    finish(lines, FLAGS.output)


if __name__ == "__main__":
    define_flags()
    app.run(main)
