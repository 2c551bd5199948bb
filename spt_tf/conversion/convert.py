"""The authors' generator file to a run directory, and a run's generator back to such a file."""

from __future__ import annotations

import os

import tensorflow as tf
from absl import logging

from spt_tf.config import ConfigError, ExperimentConfig
from spt_tf.conversion.name_table import generator_table
from spt_tf.conversion.state_dict import StateDict, StateDictError, to_ours, to_theirs
from spt_tf.conversion.torch_writer import write_state_dict
from spt_tf.conversion.weights import read_weights, table_of, write_weights
from spt_tf.data.torch_file import read_state_dict
from spt_tf.inference import load_finished_run
from spt_tf.models.enhanced_generator import EnhancedPersonGenerator
from spt_tf.training.build import build_person_generator
from spt_tf.training.checkpoints import StageCheckpoints
from spt_tf.training.run_directory import claim_run_directory


def convert_from_torch(checkpoint: str, run_dir: str, experiment: ExperimentConfig) -> None:
    """Makes a run directory whose appearance ladder is finished, with the authors' weights.

    It has no H_S, P or discriminators: until they are trained there (`train.py --stage=all` with the same
    options goes on with them), pictures need the target's parsing. Raises ConfigError where the options are
    not those of the authors' network or the directory holds something, StateDictError and UnreadableFile for
    the file, all in one line.
    """
    check_is_the_authors_network(experiment)
    try:
        write_run(read_state_dict(checkpoint), run_dir, experiment)
    except StateDictError as error:
        raise StateDictError(f"{checkpoint}: {error}") from None


def write_run(state: StateDict, run_dir: str, experiment: ExperimentConfig) -> None:
    """The same from a state dict in memory, for any width and number of levels."""
    network = experiment.network
    arrays = to_ours(state, generator_table(network.generator_width, network.generator_levels))
    if os.path.isdir(run_dir) and os.listdir(run_dir):
        raise ConfigError(f"--run_dir={run_dir}: expected a new or empty directory")
    generator = build_person_generator(experiment, experiment.canvas, semantic=False)
    generator.create_variables()
    write_weights(generator.local_enhancer, arrays)
    with claim_run_directory(run_dir, experiment):
        # every stage that a run with these weights would have behind it; the optimizers' state is not known
        for stage, networks in (
            ("appearance", {"appearance_generator": generator.appearance_generator}),
            ("enhancer", generator.networks()),
        ):
            checkpoints = StageCheckpoints(os.path.join(run_dir, "checkpoints", stage))
            temporary = checkpoints.begin()
            tf.train.Checkpoint(**networks).write(os.path.join(temporary, "networks"))
            checkpoints.commit(temporary, experiment.optimizer.steps(stage))
            checkpoints.finish()


def convert_to_torch(run_dir: str, path: str) -> None:
    """Writes a run's generator as the authors' code loads it (`torch.save`d tensors by their names)."""
    run = load_finished_run(run_dir)
    check_is_the_authors_network(run.config)
    write_state_dict(path, their_state_dict(run.generator))
    logging.info("weights of stage %s, step %d", run.stage, run.step)


def their_state_dict(generator: EnhancedPersonGenerator) -> StateDict:
    """A generator's H_A by the authors' names, in their order and layout."""
    table = table_of(generator.local_enhancer)
    return to_theirs(read_weights(generator.local_enhancer, table), table)


def check_is_the_authors_network(experiment: ExperimentConfig) -> None:
    """Raises ConfigError naming every option in which an experiment is not the authors' DeepFashion one."""
    network = experiment.network
    wanted = {
        "local_enhancer": (network.local_enhancer, True),
        "generator_width": (network.generator_width, 1.0),
        "generator_levels": (network.generator_levels, 6),
        "height": (experiment.data.height, 256),
        "width": (experiment.data.width, 256),
        "upsampling": (network.upsampling, "transposed"),
        "centred_warps": (network.centred_warps, False),
        "keep_background": (network.keep_background, False),
        "paste_background": (network.paste_background, False),
        "filter_pictures": (network.filter_pictures, False),
        "fill_background": (network.fill_background, False),
        "bounded_torso": (network.bounded_torso, False),
    }
    wrong = [f"--{name}={is_} instead of {must}" for name, (is_, must) in wanted.items() if is_ != must]
    if wrong:
        raise ConfigError(f"not the authors' network: {', '.join(wrong)}; give --flagfile=deepfashion.flags")
