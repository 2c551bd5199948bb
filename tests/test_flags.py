"""Flag files and the command line, parsed in a process of their own as a user's are."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PARSE = """
import sys
from absl import flags
from {module} import define_flags
from spt_tf.flags import experiment_with_data
define_flags()
flags.FLAGS(sys.argv)
print(experiment_with_data().to_json())
"""

# Commands of flagfiles that are not for training: the script, and how its flags are read.
OTHERS = {
    "ablation.flags": ("ablate", PARSE.format(module="spt_tf.commands.ablate")),
    "perception.flags": (
        "train_perception",
        """
import sys
from absl import flags
from spt_tf.commands.train_perception import config_from_flags, define_flags
define_flags()
flags.FLAGS(sys.argv)
print(config_from_flags().to_json())
""",
    ),
}


def _parse(code: str, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _train(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "scripts/train.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("flagfile", sorted(path.name for path in ROOT.glob("*.flags")))
def test_every_flagfile_parses_and_opens_with_its_command(flagfile):
    text = (ROOT / flagfile).read_text(encoding="utf8")
    script, code = OTHERS.get(flagfile, ("train", PARSE.format(module="spt_tf.flags")))
    parsed = _parse(code, f"--flagfile={flagfile}", "--data_dir=d")
    assert parsed.returncode == 0, parsed.stderr
    assert f"python scripts/{script}.py" in text
    for word in ("Hardware:", "time:", "Result:"):
        assert word in text, word


def _lines(flagfile: str) -> set[str]:
    return {
        line for line in (ROOT / flagfile).read_text(encoding="utf8").splitlines() if line.startswith("--")
    }


def _included(flagfile: str) -> set[str]:
    """The flagfiles that this one includes, and those that they include."""
    direct = {line.partition("=")[2] for line in _lines(flagfile) if line.startswith("--flagfile=")}
    return direct.union(*map(_included, direct))


@pytest.mark.parametrize("flagfile", sorted(path.name for path in ROOT.glob("*.flags")))
def test_common_lines_stand_once_in_a_flagfile_that_the_others_include(flagfile):
    others = {path.name for path in ROOT.glob("*.flags")} - {flagfile}
    shared = {other for other in others if len(_lines(flagfile) & _lines(other)) > 4}
    assert shared == set()
    for included in _included(flagfile):
        assert not (_lines(flagfile) & _lines(included)), included


def test_a_flagfile_called_from_elsewhere_names_the_one_it_did_not_find(tmp_path):
    command = [sys.executable, ROOT / "scripts" / "train.py", f"--flagfile={ROOT / 'demo.flags'}"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "No such file or directory: 'flags/demo_method.flags'" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data_dir=d", "--run_dir=r", "--lamda_ce=1"], "Unknown command line flag 'lamda_ce'"),
        (["--data_dir=d", "--run_dir=r", "--batch_size=0"], "train.py: --batch_size=0: expected at least 1"),
        (["--data_dir=d", "--run_dir=r", "--batch_size=x"], "flag --batch_size=x"),
        (["--run_dir=r"], "train.py: --data_dir: expected a data directory"),
        (["--data_dir=d"], "train.py: --run_dir: expected"),
        (["--data_dir=d", "--run_dir=r", "extra"], "unexpected argument extra"),
    ],
)
def test_a_wrong_command_line_ends_in_one_clear_line(arguments, message):
    ended = _train(*arguments)
    assert ended.returncode != 0
    assert message in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr
