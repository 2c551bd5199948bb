"""What the jobs of an ablation do, by the same calls as the scripts; each fit for its own process."""

from __future__ import annotations

import json
import os
import sys

from spt_tf.ablation.plan import AblationPlan
from spt_tf.ablation.processes import INTERRUPTED
from spt_tf.ablation.variants import VARIANTS
from spt_tf.config import ExperimentConfig, RunConfig
from spt_tf.config.perception import FinderOptions, PeopleOptions, PerceptionConfig, PerceptionRun
from spt_tf.data.atomic_write import write_whole

_PARSER_SEED = 20190616  # runs take 0, 1, 2, ...

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
    """Trains the finder whose parsing judges, and writes its mIoU on the true targets."""
    from spt_tf.data.datasets import load_pairs, load_people
    from spt_tf.evaluation.finder_scores import Truth, find_in, people_of, score
    from spt_tf.perception.finder import load_finder
    from spt_tf.perception.train import train_finder

    data_dir, canvas = plan.experiment.data.data_dir, plan.experiment.canvas
    people = PeopleOptions(data_dir=data_dir, height=canvas[0], width=canvas[1], seed=_PARSER_SEED)
    train_finder(
        PerceptionConfig(people, FinderOptions(perception_steps=plan.parser_steps)),
        PerceptionRun(run_dir=plan.image_parser, drawing_processes=0),
    )
    test = load_people(data_dir, "test", canvas)
    pairs = load_pairs(data_dir, "test", test).pairs[: plan.limit or None]
    everybody = people_of(test)
    places = [test.positions[target] for _, target in pairs]
    targets = Truth(*(array[places] for array in everybody))
    scores = score(targets, find_in(load_finder(plan.image_parser), targets)).numbers()
    facts = {"steps": plan.parser_steps, "miou_of_true_targets": scores["miou"]}
    write_whole(plan.parser_facts, (json.dumps(facts) + "\n").encode())


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
