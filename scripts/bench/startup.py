"""Times starts: train.py until a stage's first step, a server until it answers, generate.py on one picture.

    python scripts/bench/startup.py --flagfile=market.flags --vgg_weights=random --demo_run=runs/demo \\
        --demo_people=datasets/demo --other_tree=../before --output=docs/results/startup.txt

Every start is a command of its own, from nothing: imports, looking at the data, building, tracing,
TensorFlow's own work on the graph. Told are seconds by the clock and of the processor, the medians of
--repeats starts. With --other_tree, a directory with another state of the project, its starts are taken in
turn with this one's; on a machine that has other work pin the bench to one core (`taskset -c 1`) and go by
the processor's seconds. A first step is over when train.py has logged it; the stages before have been trained
for two steps, on paper dolls of the flags' size. Servers have an export of their own tree's, and are ready
when they say where they listen, all signatures warm.
"""

from __future__ import annotations

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

_TREE = pathlib.Path(__file__).resolve().parents[2]
_DOLLS = 64

FLAGS = flags.FLAGS


class Seconds(NamedTuple):
    """By the clock, and of the processor."""

    clock: float
    processor: float


def start(
    tree: pathlib.Path, *command: str | os.PathLike, until: Callable[[str], bool] | None = None
) -> Seconds:
    """Runs a script of this or of another tree; what it took.

    until: stops the clock, and the process, once it holds for what has been printed.
    Raises RuntimeError where it fails.
    """
    environment = {**os.environ, "PYTHONPATH": os.fspath(tree)}
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as errors:
        given = {"env": environment, "cwd": tree, "stdout": printed, "stderr": errors}
        before, others = time.perf_counter(), _processor_seconds()
        process = subprocess.Popen([sys.executable, *map(os.fspath, command)], **given)
        is_there = False
        while process.poll() is None and not is_there:
            time.sleep(0.01)
            is_there = until is not None and until(os.pread(printed.fileno(), 100_000, 0).decode())
        process.kill()
        process.wait()
        if not is_there and (until or process.returncode):
            errors.seek(0)
            raise RuntimeError(f"{command[0]} in {tree}: {errors.read()[-2000:]}")
        return Seconds(time.perf_counter() - before, _processor_seconds() - others)


def _processor_seconds() -> float:
    """What all processes have taken that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class FirstSteps:
    """Starts train.py on paper dolls, each stage after those before it have been trained for two steps."""

    def __init__(self, folder: pathlib.Path, stages: tuple[str, ...], canvas: tuple[int, int]):
        self._folder, self._stages, self._dolls = folder, stages, folder / "dolls"
        sizes = [f"--height={canvas[0]}", f"--width={canvas[1]}", f"--num_train={_DOLLS}"]
        start(_TREE, _TREE / "scripts/make_paper_dolls.py", f"--output_dir={self._dolls}", *sizes)

    def first_step(self, tree: pathlib.Path, stage: str) -> Seconds:
        """Until a stage's first step is logged."""
        trained, run = self._trained(tree), self._folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(trained, run, copy_function=_link_if_large)
        for later in self._stages[self._stages.index(stage) :]:
            shutil.rmtree(run / "checkpoints" / later)
        log = run / "metrics.jsonl"
        log.write_text("")
        return start(tree, *self._train(tree, run, stage), until=lambda _: "\n" in log.read_text())

    def _trained(self, tree: pathlib.Path) -> pathlib.Path:
        """A run of this tree's, all of whose stages are done."""
        run = self._folder / _name_of(tree)
        if not run.exists():
            start(tree, *self._train(tree, run, "all"))
        return run

    def _train(self, tree: pathlib.Path, run: pathlib.Path, stage: str) -> list[str | os.PathLike]:
        twice = [f"--{one}_steps=2" for one in self._stages]  # the last step writes a checkpoint
        given = [f"--data_dir={self._dolls}", f"--run_dir={run}", f"--stage={stage}", "--log_every=1", *twice]
        ours = {"--repeats", "--output", "--other_tree", "--demo_run", "--demo_people", "--stage"}
        flags_given = [one for one in sys.argv[1:] if one.split("=")[0] not in ours]
        return [tree / "scripts/train.py", *flags_given, *given]


def _link_if_large(source: str, copy: str) -> None:
    """Gigabytes of checkpoints, which nobody writes to, need not be on their way to the disk meanwhile."""
    (os.link if os.path.getsize(source) > 1e6 else shutil.copy2)(source, copy)


def _name_of(tree: pathlib.Path) -> str:
    return tree.resolve().as_posix().replace("/", "_")


def _write_one_pair(people: pathlib.Path, folder: pathlib.Path) -> None:
    """Two people's annotations, and the pair of them."""
    [annotations] = people.glob("*-annotation-test.csv")
    rows = annotations.read_text().splitlines()[:3]
    names = [row.split(":")[0] for row in rows[1:]]
    (folder / "annotations.csv").write_text("\n".join(rows) + "\n")
    (folder / "pairs.csv").write_text("from,to\n{},{}\n".format(*names))


def _starts(folder: pathlib.Path) -> dict[str, Callable[[pathlib.Path], Seconds]]:
    """What is started, by name; each takes a tree."""
    from spt_tf.flags import configs_from_flags

    experiment, run = configs_from_flags()
    stages = experiment.stages if run.stage == "all" else (run.stage,)
    steps = FirstSteps(folder, experiment.stages, experiment.canvas)
    found = {
        f"train.py, first step of {stage}": lambda tree, stage=stage: steps.first_step(tree, stage)
        for stage in stages
    }
    if not FLAGS.demo_run:
        return found
    demo_run = pathlib.Path(FLAGS.demo_run).resolve()
    people = pathlib.Path(FLAGS.demo_people).resolve()
    _write_one_pair(people, folder)

    def server(tree: pathlib.Path) -> Seconds:
        model = folder / f"model{_name_of(tree)}"
        if not model.exists():
            start(
                tree, tree / "export/export_saved_model.py", f"--run_dir={demo_run}", f"--output_dir={model}"
            )
        command = tree / "export/serve.py", "--port=0", f"--model_base_path={model}"
        return start(tree, *command, until=lambda printed: "Serving on " in printed)

    def generate(tree: pathlib.Path) -> Seconds:
        options = {
            "run_dir": demo_run,
            "source_dir": people / "test",
            "parsing_dir": people / "parsing" / "test",
            "annotations": folder / "annotations.csv",
            "pairs": folder / "pairs.csv",
            "output_dir": folder / "pictures",
        }
        given = [f"--{name}={value}" for name, value in options.items()]
        return start(tree, tree / "scripts/generate.py", *given)

    return {**found, "server of the demo's model, ready": server, "generate.py, one picture": generate}


def _table(taken: dict[str, list[list[Seconds]]]) -> list[str]:
    """A line for each start."""
    heads = ["clock", "processor", *(["before", "", "times", ""] if FLAGS.other_tree else [])]
    lines = [f"{'seconds':38}" + "".join(f"{head:>11}" for head in heads)]
    for name, trees in taken.items():
        ours, *others = (Seconds(*map(statistics.median, zip(*tree))) for tree in trees)
        figures = [*ours]
        for other in others:
            figures += [*other, other.clock / ours.clock, other.processor / ours.processor]
        lines.append(f"{name:38}" + "".join(f"{figure:11.2f}" for figure in figures))
    return lines


def main(_: list[str]) -> None:
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
    FLAGS.set_default("run_dir", "unused")
    app.run(main)
