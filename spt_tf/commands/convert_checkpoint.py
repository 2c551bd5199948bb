"""The authors' DeepFashion generator (PyTorch, latest_net_G.pth) to a run directory, and back.

    python scripts/convert_checkpoint.py --flagfile=deepfashion.flags --from_torch=latest_net_G.pth \\
        --run_dir=runs/authors
    python scripts/convert_checkpoint.py --run_dir=runs/authors --to_torch=ours.pth

Writing needs PyTorch: pip install -r requirements-torch.txt. To fine-tune later, give here the very options
that train.py will get, --data_dir among them: a run directory keeps one configuration.
"""

from __future__ import annotations

import functools

from absl import flags, logging

from spt_tf.commands.command import fail, run_command
from spt_tf.flags import configs_from_flags
from spt_tf.flags import define_flags as define_training_flags

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags of training, and which way to go."""
    define_training_flags()
    flags.DEFINE_string("from_torch", None, "The authors' file, to become --run_dir.")
    flags.DEFINE_string("to_torch", None, "File to write from the weights in --run_dir.")
    flags.register_multi_flags_validator(
        ["from_torch", "to_torch"],
        lambda given: (given["from_torch"] is None) != (given["to_torch"] is None),
        message="expected one of --from_torch=FILE and --to_torch=FILE",
    )


def main(argv: list[str]) -> None:
    """Converts; bad input ends in one line and exit status 2."""
    logging.set_verbosity(logging.INFO)
    try:
        experiment, run = configs_from_flags()
        from spt_tf.conversion.convert import convert_from_torch, convert_to_torch

        if FLAGS.to_torch:
            convert_to_torch(run.run_dir, FLAGS.to_torch)
            print(f"{FLAGS.to_torch}: the generator of {run.run_dir}")
        else:
            convert_from_torch(FLAGS.from_torch, run.run_dir, experiment)
            print(f"{run.run_dir}: the generator of {FLAGS.from_torch}; it wants the target's parsing")
    except (ValueError, OSError) as error:
        fail(error)


run = functools.partial(run_command, __doc__, define_flags, main)
