"""Measures where each loss of the joint stage pulls H_S: towards the true parsing, or away from it.

python scripts/bench/joint_gradients.py --run_dir=runs/ablation/seed-0/e2e --data_dir=datasets/ablation

For each term its mean gradient over training batches, by H_S's weights, is held against that of L_ce with the
true parsing of test pairs. A cosine above zero means that a step down this term lowers the true error too.
"""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from absl import app, flags

from measure import finish
from spt_tf.config import ExperimentConfig
from spt_tf.data.datasets import load_pairs, load_pairs_from, load_people
from spt_tf.data.pipeline import pair_batches, training_batches
from spt_tf.losses.semantic import parsing_cross_entropy
from spt_tf.models import conditioning
from spt_tf.models.end_to_end import EndToEndModel
from spt_tf.training.build import build_stage_model
from spt_tf.training.checkpoints import StageCheckpoints, read_networks, saved_networks
from spt_tf.training.run_directory import read_config

FLAGS = flags.FLAGS
_BATCH = 16
_BEFORE = ("pose_detector", "semantic", "appearance")


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("run_dir", None, "A run that has finished stage end_to_end.", required=True)
    flags.DEFINE_string("data_dir", None, "Its data, with true test pairs.", required=True)
    flags.DEFINE_integer("batches", 12, "Training batches of 16 to average over.", lower_bound=1)
    flags.DEFINE_string("output", None, "Text file for the results, besides the screen.")


def main(argv: list[str]) -> None:
    if len(argv) > 1:
        raise app.UsageError(f"unexpected argument: {argv[1]}")
    config, lines = read_config(FLAGS.run_dir), []
    model = build_stage_model(config, "end_to_end")
    test_batches, training = _test_batches(config), _training_batches(config)
    for moment, stages in (("before the joint stage", _BEFORE), ("after it", ("end_to_end",))):
        _read_stages(model, stages)
        towards_truth = _gradient_of_true_error(model, test_batches)
        lines.append(f"{moment}: term, norm of its weighted gradient, cosine with the true error's")
        for name, gradient in _gradients_of_terms(model, training).items():
            norm = tf.norm(gradient)
            cosine = tf.reduce_sum(gradient * towards_truth) / (norm * tf.norm(towards_truth))
            lines.append(f"  {name:22s} {norm:8.3f} {cosine:+7.3f}")
    finish(lines, FLAGS.output)


def _read_stages(model: EndToEndModel, stages: tuple[str, ...]) -> None:
    """Fills the model's networks with what these stages left, later ones winning."""
    for stage in stages:
        prefix = StageCheckpoints(str(Path(FLAGS.run_dir) / "checkpoints" / stage)).path("networks")
        saved = saved_networks(prefix)
        read_networks(prefix, {name: net for name, net in model.networks().items() if name in saved})


def _test_batches(config: ExperimentConfig) -> tf.data.Dataset:
    people = load_people(FLAGS.data_dir, "test", config.canvas)
    return pair_batches(people, load_pairs(FLAGS.data_dir, "test", people).pairs, _BATCH)


def _training_batches(config: ExperimentConfig) -> tf.data.Dataset:
    people = load_people(FLAGS.data_dir, "train", config.canvas)
    pseudo_pairs = load_pairs_from(str(Path(FLAGS.run_dir) / "pseudo_labels.csv"), people).pairs
    batches = training_batches(people, pseudo_pairs, _BATCH, seed=config.data.seed, flip=config.data.flip)
    return batches.take(FLAGS.batches)


def _gradient_of_true_error(model: EndToEndModel, batches: tf.data.Dataset) -> tf.Tensor:
    variables, total, count = model.person.semantic_generator.trainable_variables, 0.0, 0
    for batch in batches:
        pair = model.person.pose_pair(batch["source_keypoints"], batch["target_keypoints"])
        truth = conditioning.labels_to_parsing(batch["target_parsing"])
        with tf.GradientTape() as tape:
            source = conditioning.labels_to_parsing(batch["source_parsing"])
            predicted = model.person.predict_parsing(source, pair)
            error = tf.reduce_sum(parsing_cross_entropy(truth, predicted, pair.target.mask))
        total += _flat(tape.gradient(error, variables))
        count += truth.shape[0]
    return total / count


def _gradients_of_terms(model: EndToEndModel, batches: tf.data.Dataset) -> dict[str, tf.Tensor]:
    """The mean weighted gradient of each term that the generators minimise, by its name."""
    variables = model.person.semantic_generator.trainable_variables
    totals: dict[str, tf.Tensor] = {}
    for batch in batches:
        with tf.GradientTape(persistent=True) as tape:
            terms = {
                term.name: term.weight * tf.reduce_mean(term.values)
                for term in model.compute_stage_losses(batch, None).groups["generator"]
                if term.weight
            }
        for name, term in terms.items():
            totals[name] = totals.get(name, 0.0) + _flat(tape.gradient(term, variables)) / FLAGS.batches
    return totals


def _flat(gradients: list[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], axis=0)


if __name__ == "__main__":
    define_flags()
    app.run(main)
