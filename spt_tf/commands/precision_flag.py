"""--precision of the commands that compute with finished weights."""

from __future__ import annotations

from absl import flags


def define_precision_flag(what: str) -> None:
    """Defines the flag: `spt_tf.inference.load_finished_run`. what: is computed, for the help text."""
    flags.DEFINE_enum(
        "precision",
        "float32",
        ["float32", "bfloat16"],
        f"Arithmetic of {what}. bfloat16 keeps some two digits, and takes 0.6 of the time at 256x256 on a "
        "processor with AVX512-BF16; without that, or a GPU of 8.0 or newer, nothing is won.",
    )
