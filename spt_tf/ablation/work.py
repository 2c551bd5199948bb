"""What the jobs of an ablation do, by the same calls as the scripts; each fit for its own process."""

from __future__ import annotations

import os
import sys

from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.processes import INTERRUPTED
from spt_tf.ablation.variants import VARIANTS
from spt_tf.config import ExperimentConfig, RunConfig

# TensorFlow loads in the jobs alone: what lists them and reads their results does without.


def train(experiment: ExperimentConfig, run: RunConfig) -> None:
    """Trains a run, as scripts/train.py does; exits likewise after a signal."""
    from spt_tf.training import stages
    from spt_tf.training.checkpointing import TrainingInterrupted

    try:
        stages.train(experiment, run)
    except TrainingInterrupted as stop:
        print(stop)
        sys.exit(INTERRUPTED)


def train_parser(plan: AblationPlan) -> None:
    """Trains the image parser that judges; its file also holds its mIoU on the true targets."""
    from spt_tf.data.datasets import load_pairs, load_people
    from spt_tf.evaluation.image_parser import miou_of_true_images, train_image_parser

    data_dir, canvas = plan.experiment.data.data_dir, plan.experiment.canvas
    parser = train_image_parser(load_people(data_dir, "train", canvas), plan.parser_steps)
    test = load_people(data_dir, "test", canvas)
    pairs = load_pairs(data_dir, "test", test).pairs[: plan.limit or None]
    ceiling = miou_of_true_images(parser, test, [target for _, target in pairs])
    parser.save(plan.image_parser, {"steps": plan.parser_steps, "miou_of_true_targets": ceiling})


def evaluate(plan: AblationPlan, seed: int, variant: str) -> None:
    """Scores a variant of a seed, as scripts/evaluate.py does."""
    from spt_tf.evaluation.evaluate import evaluate_run
    from spt_tf.evaluation.plan import EvaluationPlan

    evaluate_run(
        EvaluationPlan(
            run_dir=plan.run_dir(seed, VARIANTS[variant].trained_as or variant),
            data_dir=plan.experiment.data.data_dir,
            protocol="spt",
            limit=plan.limit,
            batch_size=16,
            output_dir=os.path.dirname(plan.metrics_path(seed, variant)),
            true_target_parsing=VARIANTS[variant].true_target_parsing,
            options={"texture": True, "image_parser": plan.image_parser},
        )
    )


def draw_picture(plan: AblationPlan) -> None:
    """Draws what every variant of the first seed makes of the same test pairs."""
    from spt_tf.ablation.picture import draw_picture

    draw_picture(plan)
