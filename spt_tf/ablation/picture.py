"""One picture of an ablation: what every variant of the first seed makes of the same test pairs."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from spt_tf import visualize
from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.variants import VARIANTS
from spt_tf.data.datasets import load_pairs, load_people
from spt_tf.data.pipeline import pair_batches
from spt_tf.evaluation import baselines
from spt_tf.evaluation.methods import Method, trained, trained_on_true_parsing
from spt_tf.inference import load_finished_run

ROWS = 10
SCALE = 2


def draw_picture(plan: AblationPlan) -> None:
    """Writes picture.png: rows are test pairs drawn at random, columns source, pose, truth and variants."""
    canvas, data_dir = plan.experiment.canvas, plan.experiment.data.data_dir
    index = load_people(data_dir, "test", canvas)
    pairs = load_pairs(data_dir, "test", index).pairs[: plan.limit or None]
    chosen = np.sort(np.random.default_rng(0).permutation(len(pairs))[:ROWS])
    batch = next(iter(pair_batches(index, [pairs[place] for place in chosen], len(chosen))))
    poses = [visualize.skeleton_image(joints, canvas) for joints in batch["target_keypoints"].numpy()]
    columns = {
        "source": batch["source_image"].numpy(),
        "pose": np.stack(poses),
        "truth": batch["target_image"].numpy(),
        "warped": baselines.warped_source(batch).image.numpy(),
        **{variant: _method(plan, variant)(batch).image.numpy() for variant in plan.variants},
    }
    rows = [list(row) for row in zip(*columns.values())]
    visualize.write_png(plan.path("picture.png"), visualize.panel(rows, list(columns), SCALE))


def _method(plan: AblationPlan, variant: str) -> Method:
    tf.keras.backend.clear_session()
    run = load_finished_run(plan.run_dir(0, VARIANTS[variant].trained_as or variant))
    return (trained_on_true_parsing if VARIANTS[variant].true_target_parsing else trained)(run)
