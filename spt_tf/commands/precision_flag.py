"""--precision of the commands that compute with finished weights."""

from __future__ import annotations

from absl import flags


def define_precision_flag(what: str) -> None:
    """Defines the flag: `spt_tf.inference.load_finished_run`. what: is computed, for the help text."""
    flags.DEFINE_enum(
        "precision",
        "float32",
        ["float32", "bfloat16"],
        f"Arithmetic of {what}. bfloat16 takes half the time and keeps some two digits; on GPUs of 8.0 and "
        "newer and processors with AVX512-BF16, elsewhere it is slower.",
    )
