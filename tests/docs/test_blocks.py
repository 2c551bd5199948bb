"""Every block of README.md, BUILD.md and the guides, typed as it stands into a stand-in for a clone.

Left out is what needs a GPU, docker, a cluster or the internet; of scripts that are not run the flags are
checked.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from tests.docs.blocks import GUIDES, PAGES, ROOT, Block, blocks
from tests.docs.clone import make_clone

pytestmark = pytest.mark.slow

# What a command of a block gets beside its own flags, to be quick; the first that fits.
FURTHER_FLAGS = (
    (r"scripts/train\.py .*--flagfile=", "--dry_run --vgg_weights=random"),
    (r"scripts/train_perception\.py", "--dry_run"),
    (
        r"scripts/evaluate_applications\.py",
        "--exchanges=1 --edited=1 --movements=1 --frames=3",
    ),
    (
        r"scripts/make_paper_dolls\.py",
        "--num_train=2 --num_test_pairs=1 --height=32 --width=16 --processes=1",
    ),
)
# What is not run, and why. Of a script of ours the flags are still checked.
NOT_RUN = (
    (r"^bash scripts/(demo|test)\.sh$", "the demo, and what runs these tests"),
    (
        r"\bpip install\b|^python3\.11 -m venv",
        "the internet; tests/scripts/test_environment.py, test_wheel.py",
    ),
    (r"^spt-", "an installed project: tests/test_wheel.py"),
    (r"^(docker|curl|kubectl) ", "docker or a cluster"),
    (r"TF_CONFIG|--run_dir=/shared", "several machines: tests/training/test_several_workers.py"),
    (r"latest_net_G|--to_torch", "the authors' file: tests/conversion/"),
    (r"export/serve\.py", "it goes on until it is stopped: the fixture `server`"),
    (r"scripts/studio\.(sh|py)", "it goes on until it is stopped: tests/studio/"),
    (r"export/beam_score\.py", "Apache Beam: tests/serving/test_beam.py"),
    (r"scripts/bench/", "a slow proof"),
    (r"scripts/evaluate_applications\.py", "minutes: tests/evaluation/applications/"),
    (r"scripts/studio\.", "it goes on until it is stopped: tests/studio/"),
    (r"scripts/(prepare_people|import_poses)\.py", "photos of the reader's: tests/commands/"),
)
ADDRESS = "localhost:8500"  # in the blocks
WORKED: set[str] = set()
ALL = [block for page in PAGES + GUIDES for block in blocks(page)]


def _why_not_run(command: str) -> str | None:
    return next((why for pattern, why in NOT_RUN if re.search(pattern, command)), None)


def _quick(command: str) -> str:
    return " ".join([command, *(more for pattern, more in FURTHER_FLAGS if re.search(pattern, command))][:2])


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("clone")
    make_clone(folder)
    return folder


@pytest.fixture(scope="module")
def server(clone):
    """The address of the server that the README starts, on a free port."""
    (command,) = {c for block in ALL for c in block.commands if c.startswith("python export/serve.py")}
    with subprocess.Popen(
        [sys.executable, *command.split()[1:], "--port=0"], cwd=clone, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            started = next(line for line in process.stdout if line.startswith("Serving on "))
            yield re.match(r"Serving on ([^,\s]+)", started)[1]
        finally:
            process.terminate()


def _name(block: Block) -> str:
    return f"{block.page}:{block.line}"


@pytest.mark.parametrize("block", [b for b in ALL if b.language == "shell"], ids=_name)
def test_commands_work_as_they_stand(block, clone, request):
    typed = [command for command in block.commands if _why_not_run(command) is None]
    typed = [command for command in typed if command not in WORKED]
    WORKED.update(typed)  # both pages have some; a second time would only take longer
    if any(ADDRESS in command for command in typed):
        address = request.getfixturevalue("server")
        typed = [command.replace(ADDRESS, address) for command in typed]
    script = "\n".join(["set -e", "source .venv/bin/activate", *map(_quick, typed)])
    ended = _run(["bash", "-c", script], clone)
    assert ended.returncode == 0, f"{script}\n{ended.stdout[-1000:]}\n{ended.stderr[-3000:]}"


@pytest.mark.parametrize("block", [b for b in ALL if b.language == "python"], ids=_name)
def test_python_works_as_it_stands(block, clone, request):
    code = block.text
    if ADDRESS in code:
        code = code.replace(ADDRESS, request.getfixturevalue("server"))
    written = re.search(r'"(\w+\.png)"', code)[1]
    (clone / written).unlink(missing_ok=True)
    ended = _run([sys.executable, "-c", code], clone)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert (clone / written).stat().st_size > 100


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_has_flags_that_exist(page):
    for command in [command for block in blocks(page) for command in block.commands]:
        script = re.match(r"python (\S+\.py)", command)
        if script and _why_not_run(command) and "bench" not in command:
            known = _run([sys.executable, script[1], "--help"], ROOT).stdout
            for flag in re.findall(r" --(\w+)", command.split(" -- ")[0]):
                assert f"--{flag}:" in known or flag == "flagfile", f"{command}: --{flag}"


@pytest.mark.parametrize("page", PAGES)
def test_the_environment_is_active_before_the_first_python(page):
    typed = [command for block in blocks(page) for command in block.commands]
    first = next(place for place, command in enumerate(typed) if command.startswith("python "))
    assert "source .venv/bin/activate" in typed[:first]


def test_no_block_trains_where_the_demo_has():
    """A run is refused other options than it began with."""
    demo = re.sub(r"\\\n\s*", "", (ROOT / "scripts" / "demo.sh").read_text(encoding="utf8"))
    [taken] = re.findall(r"scripts/train_perception\.py .*--run_dir=(\S+)", demo)
    for block in ALL:
        for command in block.commands:
            if "scripts/train_perception.py" in command:
                assert f"--run_dir={taken}" not in command.split(), _name(block)


def test_the_readme_says_where_every_room_is():
    table = (ROOT / "README.md").read_text(encoding="utf8").split("## Where things are")[1].split("\n## ")[0]
    for path in (ROOT / "spt_tf").iterdir():
        if not path.name.startswith("_"):
            assert f"{path.name}{'/' * path.is_dir()}`" in table, path.name


def test_every_block_is_found():
    """As many lines that begin with one of our scripts as there are in the text."""
    for page in PAGES + GUIDES:
        text = (ROOT / page).read_text(encoding="utf8")
        typed = [command for block in blocks(page) for command in block.commands]
        assert sum("python scripts/" in c or "python export/" in c for c in typed) == len(
            re.findall(r"python (?:scripts|export)/", text)
        )


def _run(command: list[str], folder: pathlib.Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
