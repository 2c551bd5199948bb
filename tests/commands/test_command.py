"""Every script's --help, and what the runner of commands makes of a wrong command line."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("scripts", "export")
    for path in (ROOT / folder).glob("*.py")
    if "import run\n" in path.read_text()
)
# What takes a tenth of a second and more. Metrics are classes full of NumPy, and bring their own flags.
HEAVY = ("tensorflow", "keras", "apache_beam", "torch", "cv2", "PIL", "scipy", "matplotlib", "grpc", "tqdm")
WITH_NUMPY = ("scripts/evaluate.py",)
# Runs a script as the interpreter would, and tells which heavy modules it imported.
LOOK = """
import runpy, sys
script, sys.argv = sys.argv[1], sys.argv[1:]
try:
    runpy.run_path(script, run_name="__main__")
finally:
    print(sorted(set(sys.modules) & {heavy}), file=sys.stderr)
"""


def _run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_command_has_its_script():
    modules = (ROOT / "spt_tf" / "commands").glob("*.py")
    commands = {path.stem for path in modules if "\nrun = " in path.read_text()}
    assert {pathlib.Path(script).stem for script in SCRIPTS} == commands


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_says_what_it_does_and_lists_its_flags_at_once(script):
    heavy = {*HEAVY, *(() if script in WITH_NUMPY else ("numpy",))}
    told = _run("-c", LOOK.format(heavy=heavy), script, "--help")
    assert told.returncode == 0, told.stderr
    assert told.stderr.strip() == "[]"
    assert f"{script}" in told.stdout
    assert "\nFlags:\n" in told.stdout or script in ("scripts/train.py", "scripts/train_perception.py")
    assert "--verbosity" not in told.stdout  # absl's own


def test_the_help_of_training_groups_its_flags_as_the_configuration_does():
    lines = _run("scripts/train.py", "--help").stdout.splitlines()
    data = lines.index("Where people come from and how they are drawn for training:")
    losses = next(i for i, line in enumerate(lines) if line.startswith("Loss terms and their weights"))
    flip = next(i for i, line in enumerate(lines) if line.startswith("  --[no]flip: "))
    content = next(i for i, line in enumerate(lines) if line.startswith("  --lambda_cont: "))
    assert data < flip < losses < content


@pytest.mark.parametrize(
    "command",
    [
        "scripts/train.py --data_dir=d --run_dir=r --lambda_sty=nan",
        "scripts/ablate.py --output_dir=d --max_hours=inf",
        "scripts/search_pseudo_labels.py --data_dir=d --output=o --memory_gb=nan",
    ],
)
def test_what_is_no_number_passes_no_range(command):
    told = _run(*command.split())
    assert told.returncode == 2
    assert told.stderr.endswith(f": {command.split()[-1]}: expected a finite number\n")


@pytest.mark.parametrize(
    "command",
    [
        "export/serve.py --model_base_path=",
        "export/serve.py --model_base_path=m --host=",  # every address of the machine, to some
        "export/serve.py --model_base_path=m --tls_key=k --tls_certificate=c --tls_client_ca=",
        "export/client.py --photos=p --output_dir=o --source=s --targets=",
        "export/serve.py --model_base_path=m --tls_client_ca=c --tls_certificate= --tls_key=",
        "scripts/train.py --data_dir=d --run_dir=r --start_from= --vgg_weights=",
    ],
)
def test_what_an_unset_shell_variable_leaves_is_refused(command):
    told = _run(*command.split())
    assert told.returncode == 2
    [said] = told.stderr.splitlines()
    assert f": {command.split()[-1][:-1]} is empty; is a shell variable unset?" in said


def test_an_argument_that_is_no_flag_is_named():
    told = _run("scripts/train.py", "--data_dir=d", "more")
    assert told.returncode == 2
    assert told.stderr == "train.py: unexpected argument more; --help lists the flags\n"


SAYS = """
import contextlib
import tempfile
from absl import logging
from spt_tf.commands.command import run_command

def main(argv):
    logging.set_verbosity(logging.INFO)
    import tensorflow as tf
    tf.get_logger().info("INFO:all_reduce")
    tf.distribute.MirroredStrategy(["/cpu:0"])
    tf.get_logger().warning("a warning of TensorFlow's")
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(tf.Module(), folder)
    with contextlib.suppress(OSError):
        tf.compat.v1.saved_model.loader.load(None, [], "nowhere")
    logging.info("what matters")

run_command("Says what it says.", lambda: None, main)
"""


def test_tensorflow_is_quiet_unless_asked():
    """Whatever its C++ code logs at the first use; a level that the user has set is theirs."""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}

    def say(*flags: str) -> list[str]:
        command = [sys.executable, "-c", SAYS, *flags]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stderr.splitlines()

    quiet, loud = say(), say("--loud")
    assert len(quiet) == 2 and "a warning of TensorFlow's" in quiet[0] and "what matters" in quiet[1]
    for told in ("all_reduce", "Using MirroredStrategy", "Writing fingerprint", "deprecated", "what matters"):
        assert any(told in line for line in loud)


IMPORTS = """
import sys
from spt_tf.commands.command import import_tensorflow_sooner

import_tensorflow_sooner()
import distutils  # as TensorFlow does
print("setuptools" in sys.modules)
"""


def test_tensorflow_does_not_bring_setuptools():
    assert _run("-c", IMPORTS).stdout == "False\n"


DRAWS = """
from spt_tf.commands.command import run_command

def main(argv):
    import matplotlib
    print(matplotlib.get_backend().lower())

run_command("Draws.", lambda: None, main)
"""


def test_a_notebook_s_own_backend_does_not_matter():
    """Its kernel hands it on to every command that a cell runs."""
    environment = {**os.environ, "MPLBACKEND": "module://of_another_environment"}
    told = subprocess.run(
        [sys.executable, "-c", DRAWS], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert told.stdout == "agg\n", told.stderr[-500:]
