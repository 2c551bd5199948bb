"""What a finder has learned from, in words: for the pages that travel with it."""

from __future__ import annotations

from spt_tf.config.perception import PerceptionConfig

_DOLLS = """\
It has learned from **paper dolls alone**: drawings of this project, with augmented backgrounds, light, blur,
noise and occluders. Paper dolls are no photographs. On photographs expect much less than its numbers on
dolls: it has never seen a real face, hand, fold, shadow or crowd. For photographs train it on people of your
own (`scripts/train_perception.py --data_dir`), or bring poses and parsings of other tools
(`scripts/prepare_people.py`; `--pose_source=mediapipe`)."""
_OWN = """\
It has learned from the training people of `{data_dir}`{and_dolls}: their labels are its truth, mistakes
included. Its numbers hold for images like those; their terms of use may bind its weights, too."""


def learned_from(config: PerceptionConfig) -> str:
    """Markdown, a paragraph."""
    options = config.people
    and_dolls = f" and, {options.dolls:.0%} of them, from paper dolls" if options.dolls else ""
    return _OWN.format(data_dir=options.data_dir, and_dolls=and_dolls) if options.data_dir else _DOLLS
