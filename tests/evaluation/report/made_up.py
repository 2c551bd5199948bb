"""An evaluation's folder as evaluate.py leaves it, made up, without TensorFlow."""

from __future__ import annotations

import json
import pathlib

import numpy as np

from spt_tf import visualize
from spt_tf.anatomy import LABELS
from spt_tf.evaluation.report.saved_evaluation import ROLES, pictures_folder

METHODS = ("generated", "copied_source", "warped_source")
PAIRS = [(f"{number}_a.jpg", f"{number}_b.jpg") for number in range(4)]


def write_evaluation(folder: pathlib.Path, ssim: float = 0.5, **changes) -> pathlib.Path:
    """Of four pairs, `ssim` being that of the run; `changes` of what metrics.json holds."""
    folder.mkdir(parents=True)
    means = {
        method: {"pairs": 4, "ssim": ssim - 0.1 * k, "l1": 0.1 + 0.1 * k} for k, method in enumerate(METHODS)
    }
    metrics = {
        "protocol": {"name": "spt", "description": "theirs"},
        "means": {"all": means, "changes_view": {"generated": {"pairs": 2, "ssim": 0.125}}},
        "changes_view_known_from": "names",
        "restrictions": [],
        "weights": {"run_dir": str(folder.parent), "stage": "end_to_end", "step": 500},
        "data": {"data_dir": "some/data", "fingerprint": "f00d", "pairs": 4, "left_out": []},
        "formats": {"ssim": "-1..1, mean over pairs"},
        "versions": {"python": "3"},
        "left_out_metrics": {"lpips": "no --lpips_weights was given"},
        "label_iou": {method: {name: 0.25 for name in LABELS} for method in METHODS},
        "chosen": {"random": PAIRS[:2], "best": PAIRS[2:], "median": [], "worst": PAIRS[:1]},
    }
    (folder / "metrics.json").write_text(json.dumps({**metrics, **changes}))
    rows = [f"{a},{b},0,{ssim + 0.01 * k},{0.3 - 0.01 * k},0.2" for k, (a, b) in enumerate(PAIRS)]
    head = "from,to,changes_view,generated/ssim,copied_source/ssim,warped_source/ssim"
    (folder / "pairs.csv").write_text("\n".join([head, *rows]) + "\n")
    for pair in PAIRS:
        for place, role in enumerate(ROLES):
            picture = np.full((8, 4, 3), 40 * place, np.uint8)
            visualize.write_png(pictures_folder(folder, pair) / f"{role}.png", picture)
    return folder
