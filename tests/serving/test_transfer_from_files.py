"""One person of a folder in the poses of others, asked of a server and written as files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.transfer_from_files import Transfer, transfer_from_files
from tests.data.colours import assert_in_the_project_s_colours
from tests.serving.direct import direct
from tests.serving.people_on_disk import pair_inputs, write_people

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["p01.png", "p02.png"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("data"), 3)


def check(files, output_dir) -> None:
    """Every image and parsing equals the generator's."""
    for target in TARGETS:
        name = f"p00___{target}"
        for path, expected in zip((name, f"parsing/{name}"), direct(pair_inputs(files, "p00.png", target))):
            with Image.open(output_dir / path) as picture:
                np.testing.assert_array_equal(picture, expected[0])
        assert_in_the_project_s_colours(output_dir / "parsing" / name)


@pytest.mark.parametrize("encoded", [True, False])
def test_images_and_parsings_equal_the_generators(client, files, tmp_path, monkeypatch, encoded):
    monkeypatch.setattr(client, "transfer_pose" if encoded else "transfer_pose_encoded", None)
    transfer = Transfer("p00.png", TARGETS, encoded)
    paths = transfer_from_files(client, PeopleFiles(files.paths()), transfer, tmp_path)
    assert paths == [tmp_path / f"p00___{target}" for target in TARGETS]
    check(files, tmp_path)


def ask(server, files, output_dir, *flags):
    command = [sys.executable, str(ROOT / "export" / "client.py"), f"--server=localhost:{server.port}"]
    command += [*files.flags(), f"--targets={','.join(TARGETS)}", f"--output_dir={output_dir}", *flags]
    return subprocess.run(command, capture_output=True, text=True)


def test_command(server, files, tmp_path):
    done = ask(server, files, tmp_path, "--source=p00.png")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [str(tmp_path / f"p00___{target}") for target in TARGETS]
    check(files, tmp_path)


def test_command_names_what_is_wrong(server, files, tmp_path):
    done = ask(server, files, tmp_path / "out", "--source=nobody.png")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("client failed: image nobody.png")
    assert not (tmp_path / "out").exists()
