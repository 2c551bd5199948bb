"""The authors' four people through convert and generate at 256x256, with weights by formula."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from spt_tf.config import DataConfig, ExperimentConfig, LossConfig, NetworkConfig
from spt_tf.conversion.convert import write_run
from spt_tf.conversion.torch_writer import write_state_dict
from spt_tf.data.torch_file import read_state_dict
from tests.formula_weights import formula_state_dict
from tests.shared_files import shared_golden, shared_path

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [("2_A", "2_B"), ("2_B", "2_A"), ("3_A", "3_B"), ("3_B", "3_A")]


def _run(script, *arguments):
    command = [sys.executable, f"scripts/{script}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def _convert(state, run_dir):
    """By the command where PyTorch is there, and back again; else by the function behind it."""
    try:
        import torch  # noqa: F401
    except ImportError:
        experiment = ExperimentConfig(
            data=DataConfig(height=256, width=256),
            network=NetworkConfig(local_enhancer=True),
            loss=LossConfig(face_size=64),
        )
        write_run(state, str(run_dir), experiment)
        return
    theirs, ours = run_dir.with_name("latest_net_G.pth"), run_dir.with_name("ours.pth")
    write_state_dict(theirs, {f"module.{name}": tensor for name, tensor in state.items()})
    _run(
        "convert_checkpoint.py",
        "--flagfile=deepfashion.flags",
        f"--from_torch={theirs}",
        f"--run_dir={run_dir}",
    )
    _run("convert_checkpoint.py", f"--to_torch={ours}", f"--run_dir={run_dir}")
    back = read_state_dict(ours)
    assert list(back) == list(state)
    assert all(back[name].tobytes() == tensor.tobytes() for name, tensor in state.items())


@pytest.mark.slow
def test_both_pairs_in_both_directions(tmp_path):
    demo, expected = shared_path("data/deepfashion_demo"), shared_golden("generator_256.npz")
    _convert(formula_state_dict("generator"), tmp_path / "run")
    lines = ["from,to", *(f"{source}.jpg,{target}.jpg" for source, target in PAIRS)]
    (tmp_path / "pairs.csv").write_text("\n".join(lines) + "\n")
    _run(
        "generate.py",
        f"--run_dir={tmp_path / 'run'}",
        f"--source_dir={demo / 'images'}",
        f"--annotations={demo / 'keypoints.csv'}",
        f"--parsing_dir={demo / 'parsing'}",
        f"--target_parsing_dir={demo / 'parsing'}",
        f"--pairs={tmp_path / 'pairs.csv'}",
        f"--output_dir={tmp_path / 'out'}",
        "--batch_size=1",
        "--strips",
    )
    made = {pair: cv2.imread(str(tmp_path / "out" / "{}___{}.png".format(*pair))) for pair in PAIRS}
    assert all(image.shape == (256, 256, 3) for image in made.values())
    # The golden was made with the authors' own fits and rounding: the same picture, not the same bits.
    image = made["2_A", "2_B"][..., ::-1] / 127.5 - 1.0
    golden_image = expected["output_alpha_1"]
    assert np.corrcoef(image.ravel(), golden_image.ravel())[0, 1] > 0.98
    for source, target in PAIRS:
        strip = cv2.imread(str(tmp_path / "out" / "strips" / f"{source}.jpg_{target}.jpg.png"))
        assert strip.shape == (256, 768, 3)
        np.testing.assert_array_equal(strip[:, 512:], made[source, target])
    published = demo / "published_outputs" / "2_A.jpg_2_B.jpg.png"
    strip = cv2.imread(str(tmp_path / "out" / "strips" / published.name)).astype(int)
    # their strip's first two pictures are ours: same order, same sizes
    assert np.abs(cv2.imread(str(published)).astype(int)[:, :512] - strip[:, :512]).mean() < 8
