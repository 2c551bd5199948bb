"""Flag files and the command line, parsed in a process of their own as a user's are."""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PARSE = """
import sys
from absl import flags
from spt_tf.flags import define_flags, experiment_from_flags
define_flags()
flags.FLAGS(sys.argv)
experiment, run = experiment_from_flags()
print(experiment.to_json())
"""


def _parse(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", PARSE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


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
    parsed = _parse(f"--flagfile={flagfile}", "--data_dir=somewhere", "--run_dir=run")
    assert parsed.returncode == 0, parsed.stderr
    head = (ROOT / flagfile).read_text(encoding="utf8").split("--", 1)[0]
    assert "python scripts/train.py" in (ROOT / flagfile).read_text(encoding="utf8")
    for word in ("Hardware:", "time:", "Result:"):
        assert word in (ROOT / flagfile).read_text(encoding="utf8"), (word, head)


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
