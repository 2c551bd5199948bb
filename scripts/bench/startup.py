"""Times starts: each stage's first step, a server until it answers, and generate.py on one picture.

    python scripts/bench/startup.py --flagfile=market.flags --vgg_weights=random --demo_run=runs/demo \\
        --demo_people=datasets/demo --other_tree=../before --output=docs/results/startup.txt

Every start is a process of its own, from nothing: imports, building, tracing, TensorFlow's own work on the
graph. Told are seconds by the clock and of the processor, the medians of --repeats starts. With --other_tree,
a directory with another state of the project, its starts are taken in turn with this one's; on a machine that
has other work pin the bench to one core (`taskset -c 1`) and go by the processor's seconds. A first step is
that of a batch of noise, told with and without what the second one takes. Servers have an export of their
own tree's, and are ready when they say where they listen, all signatures warm.
"""

from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

_TREE = pathlib.Path(__file__).resolve().parents[2]

FLAGS = flags.FLAGS


class Seconds(NamedTuple):
    """By the clock, and of the processor."""

    clock: float
    processor: float

    def minus(self, other: Seconds) -> Seconds:
        """The difference."""
        return Seconds(self.clock - other.clock, self.processor - other.processor)


def start(tree: pathlib.Path, *command: str | os.PathLike, until: str | None = None) -> tuple[Seconds, str]:
    """Runs a script of this or of another tree; what it took, and what it printed.

    until: stops the clock, and the process, at the first line that begins so.
    Raises RuntimeError where it fails.
    """
    environment = {**os.environ, "PYTHONPATH": os.fspath(tree)}
    before = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, *map(os.fspath, command)],
            env=environment,
            cwd=tree,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        lines = []
        for line in process.stdout:
            lines.append(line)
            if until and line.startswith(until):
                break
        if until and process.poll() is None:
            seconds = Seconds(time.perf_counter() - before, _processor_seconds(process.pid))
            process.kill()
            process.wait()
            return seconds, "".join(lines)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = Seconds(time.perf_counter() - before, usage.ru_utime + usage.ru_stime)
        if until or process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{command[0]} in {tree}: {errors.read()[-2000:]}")
    return seconds, "".join(lines)


def _processor_seconds(pid: int) -> float:
    """What a running process has taken so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_step(tree: pathlib.Path, stage: str) -> list[Seconds]:
    """Until the end of a stage's first step; and that without what the second one took."""
    whole, printed = start(tree, __file__, *sys.argv[1:], f"--measure={stage}")
    second = Seconds(*map(float, printed.split("second step:")[1].split()))
    both = whole.minus(second)
    return [both, both.minus(second)]


def take_two_steps(stage: str) -> None:
    """In the fresh process, which is set up as the tree's commands are: prints what the second step took."""
    from spt_tf.commands import command

    getattr(command, "import_tensorflow_sooner", lambda: None)()  # trees of before have none
    import tensorflow as tf

    from measure import standing_people
    from spt_tf.flags import configs_from_flags
    from spt_tf.models import conditioning
    from spt_tf.training.build import build_stage_model
    from spt_tf.training.host_memory import keep_freed_memory
    from spt_tf.training.optimizers import make_optimizers

    experiment, run = configs_from_flags()
    tf.keras.mixed_precision.set_global_policy(run.precision)
    model = build_stage_model(experiment, stage)
    optimizers = make_optimizers(experiment.optimizer, stage, model.variable_groups())
    model.compile(optimizers, experiment.optimizer.clip_norm, run.xla)
    keep_freed_memory()
    batch = standing_people(experiment)
    if experiment.at_half_size(stage):
        batch = conditioning.half_batch(batch)
    step = model.make_train_function()
    batches = iter(tf.data.Dataset.from_tensors(batch).repeat())
    ends = []
    for _ in range(2):
        tf.nest.map_structure(np.asarray, step(batches))
        ends.append(Seconds(time.perf_counter(), time.process_time()))
    print("second step:", *ends[1].minus(ends[0]), flush=True)


def _write_one_pair(people: pathlib.Path, folder: pathlib.Path) -> None:
    """Two people's annotations, and the pair of them."""
    [annotations] = people.glob("*-annotation-test.csv")
    rows = annotations.read_text().splitlines()[:3]
    names = [row.split(":")[0] for row in rows[1:]]
    (folder / "annotations.csv").write_text("\n".join(rows) + "\n")
    (folder / "pairs.csv").write_text("from,to\n{},{}\n".format(*names))


def _starts(folder: pathlib.Path) -> dict[str, Callable[[pathlib.Path], list[Seconds]]]:
    """What is started, by name; each takes a tree."""
    from spt_tf.flags import configs_from_flags

    experiment, run = configs_from_flags()
    stages = experiment.stages if run.stage == "all" else (run.stage,)
    found = {f"first step, {stage}": lambda tree, stage=stage: first_step(tree, stage) for stage in stages}
    if not FLAGS.demo_run:
        return found
    demo_run = pathlib.Path(FLAGS.demo_run).resolve()
    people = pathlib.Path(FLAGS.demo_people).resolve()
    _write_one_pair(people, folder)

    def server(tree: pathlib.Path) -> list[Seconds]:
        model = folder / tree.resolve().as_posix().replace("/", "_")
        if not model.exists():
            start(
                tree, tree / "export/export_saved_model.py", f"--run_dir={demo_run}", f"--output_dir={model}"
            )
        command = tree / "export/serve.py", "--port=0", f"--model_base_path={model}"
        return [start(tree, *command, until="Serving on ")[0]]

    def generate(tree: pathlib.Path) -> list[Seconds]:
        options = {
            "run_dir": demo_run,
            "source_dir": people / "test",
            "parsing_dir": people / "parsing" / "test",
            "annotations": folder / "annotations.csv",
            "pairs": folder / "pairs.csv",
            "output_dir": folder / "pictures",
        }
        given = [f"--{name}={value}" for name, value in options.items()]
        return [start(tree, tree / "scripts/generate.py", *given)[0]]

    return {**found, "server of the demo's model, ready": server, "generate.py, one picture": generate}


def _table(taken: dict[str, list[list[list[Seconds]]]]) -> list[str]:
    """A line for each start, and one more for a first step without what the second took."""
    heads = ["clock", "processor", *(["before", "", "times", ""] if FLAGS.other_tree else [])]
    lines = [f"{'seconds':36}" + "".join(f"{head:>11}" for head in heads)]
    for name, trees in taken.items():
        for place in range(len(trees[0][0])):
            ours, *others = (
                Seconds(*(statistics.median(column) for column in zip(*(one[place] for one in tree))))
                for tree in trees
            )
            figures = [*ours]
            for other in others:
                figures += [*other, other.clock / ours.clock, other.processor / ours.processor]
            label = "  without the step itself" if place else name
            lines.append(f"{label:36}" + "".join(f"{figure:11.2f}" for figure in figures))
    return lines


def main(_: list[str]) -> None:
    if FLAGS.measure:
        take_two_steps(FLAGS.measure)
        os._exit(0)  # taking everything down is no part of a start
    from measure import finish, machine

    trees = [_TREE, *([pathlib.Path(FLAGS.other_tree).resolve()] if FLAGS.other_tree else [])]
    lines = [machine(), f"median of {FLAGS.repeats} starts, in turn; " + " ".join(sys.argv[1:])]
    with tempfile.TemporaryDirectory() as folder:
        taken = {}
        for name, one in _starts(pathlib.Path(folder)).items():
            taken[name] = [[] for _ in trees]
            for _ in range(FLAGS.repeats):
                for tree, seconds in zip(trees, taken[name]):
                    seconds.append(one(tree))
    finish([*lines, *_table(taken)], FLAGS.output)


if __name__ == "__main__":
    from spt_tf.flags import define_flags

    define_flags()
    flags.DEFINE_integer("repeats", 3, "Starts of each kind; the median counts.", lower_bound=1)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")
    flags.DEFINE_string(
        "demo_run", None, "The demo's run directory; without it no server and no generate.py."
    )
    flags.DEFINE_string("demo_people", "datasets/demo", "The demo's data set.")
    flags.DEFINE_string("other_tree", None, "Another state of the project, to compare with.")
    flags.DEFINE_string("measure", None, "For the fresh process: the stage of which it takes two steps.")
    FLAGS.set_default("run_dir", "unused")
    app.run(main)
