"""Puts LPIPS's two published PyTorch files into the one .npz that scripts/evaluate.py reads.

    python scripts/convert_lpips.py --backbone=alexnet-owt-7be5be79.pth \\
        --linear=lpips/weights/v0.1/alex.pth --output=lpips_alex.npz

--backbone is torchvision's state dict (alexnet, or vgg16), --linear that of the pip package lpips. PyTorch
is not needed.
"""

from __future__ import annotations

import functools
import io

from absl import flags

from spt_tf.commands.command import fail, run_command

FLAGS = flags.FLAGS


def define_flags() -> None:
    """Defines the flags."""
    flags.DEFINE_string("backbone", None, "torchvision's state dict of alexnet or vgg16.", required=True)
    flags.DEFINE_string("linear", None, "weights/v0.1/alex.pth or vgg.pth of lpips.", required=True)
    flags.DEFINE_string("output", None, "The .npz to write.", required=True)


def main(argv: list[str]) -> None:
    """Converts; bad input ends in one line and exit status 2."""
    import numpy as np

    from spt_tf.data.atomic_write import write_whole
    from spt_tf.data.torch_file import read_state_dict
    from spt_tf.evaluation.lpips_weights import choose_tensors

    try:
        tensors = {**read_state_dict(FLAGS.backbone), **read_state_dict(FLAGS.linear)}
        weights = choose_tensors(tensors, f"{FLAGS.backbone} and {FLAGS.linear}")
        content = io.BytesIO()
        np.savez(content, **weights.tensors)
        write_whole(FLAGS.output, content.getvalue())
    except (ValueError, OSError) as error:
        fail(error)
    print(f"{FLAGS.output}: LPIPS v0.1, {weights.network}, {len(weights.tensors)} tensors")


run = functools.partial(run_command, __doc__, define_flags, main)
