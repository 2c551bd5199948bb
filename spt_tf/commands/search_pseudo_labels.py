"""Searches a training set for everyone's pseudo-label (method: Section 3.1 of the paper).

    python scripts/search_pseudo_labels.py --data_dir=data/market --output=data/market/pseudo_labels.csv
    python scripts/train.py --flagfile=market.flags --pseudo_labels=data/market/pseudo_labels.csv ...

Several processes or machines: give each one --shard=i --num_shards=n, bring the <output>.parts folders
together if they are not one, and call once more with --merge.
"""

from __future__ import annotations

import functools

from absl import flags, logging

from spt_tf.commands.command import fail, run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags, with their checks."""
    flags.DEFINE_string("data_dir", None, "Data directory, as for training.", required=True)
    flags.DEFINE_string(
        "output", None, "CSV from,to,energy to write; a .png is put beside it.", required=True
    )
    flags.DEFINE_integer("height", 128, "Image height, pixels.", lower_bound=1)
    flags.DEFINE_integer("width", 64, "Image width, pixels.", lower_bound=1)
    flags.DEFINE_integer("top_k", 1, "Best candidates kept per person.", lower_bound=1)
    flags.DEFINE_float(
        "min_pose_distance",
        0.08,
        "Candidates are excluded whose joints are nearer on average, in image heights, after removing shift.",
        lower_bound=0.0,
        upper_bound=1.0,
    )
    flags.DEFINE_integer(
        "shortlist", 24, "Candidates per person whose exact energy is computed.", lower_bound=1
    )
    flags.DEFINE_bool(
        "per_pixel",
        False,
        "Divide each candidate's energy by the area of its parts. Not the paper's equation; see README.md.",
    )
    flags.DEFINE_float(
        "memory_gb", 4.0, "Memory to use beside TensorFlow's own and the data set's.", lower_bound=0.1
    )
    flags.DEFINE_integer("shard", 0, "Which shard of the queries to do.", lower_bound=0)
    flags.DEFINE_integer("num_shards", 1, "How many shards there are.", lower_bound=1)
    flags.DEFINE_bool("merge", False, "Join finished shards instead of searching.")
    flags.DEFINE_integer("sheet_rows", 12, "Random answers on the contact sheet; 0 for none.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Parses the flags and searches; bad input ends in one line and exit status 2."""
    # TensorFlow loads only once the flags are known to be good.
    from spt_tf.pseudo_labels.run import run_search
    from spt_tf.pseudo_labels.settings import SearchSettings

    logging.set_verbosity(logging.INFO)
    try:
        message = run_search(
            FLAGS.data_dir,
            FLAGS.output,
            (FLAGS.height, FLAGS.width),
            SearchSettings(FLAGS.top_k, FLAGS.min_pose_distance, FLAGS.shortlist, FLAGS.per_pixel),
            FLAGS.memory_gb,
            FLAGS.shard,
            FLAGS.num_shards,
            FLAGS.merge,
            FLAGS.sheet_rows,
        )
    except (ValueError, OSError) as error:
        fail(error)
    print(message)


run = functools.partial(run_command, __doc__, define_flags, main)
