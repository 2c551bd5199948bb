"""Which size of people a run wants, and what to say where others are given."""

from __future__ import annotations

from absl import logging

from spt_tf.config import ExperimentConfig
from spt_tf.data.report import LoadingReport, Reason

_OF_SIZE = {Reason.WRONG_IMAGE_SIZE, Reason.WRONG_PARSING_SIZE, Reason.JOINT_OUTSIDE}


def check_canvas(config: ExperimentConfig, canvas: tuple[int, int]) -> None:
    """Warns of a canvas (height, width) that a run was not trained at.

    Raises ValueError, with the nearest one that does, where its networks cannot be laid over it.
    """
    step = 2 ** (config.network.generator_levels - 1 + config.network.local_enhancer)
    if any(side % step for side in canvas):
        nearest = tuple(step * max(1, round(side / step)) for side in canvas)
        raise ValueError(
            f"--canvas={_text(canvas)}: this run's networks need multiples of {step}, "
            f"such as {_text(nearest)}. {_wanted(config)}"
        )
    if canvas != config.canvas:
        logging.warning(
            "--canvas=%s: people of another size than in training may come apart. %s",
            _text(canvas),
            _wanted(config),
        )


def size_advice(config: ExperimentConfig, canvas: tuple[int, int], report: LoadingReport) -> str:
    """What to do about people that were left out for their size; empty where nobody was."""
    if not _OF_SIZE & report.counts().keys():
        return ""
    return (
        f"Expected people of {_text(canvas)} (height x width). {_wanted(config)} "
        "--canvas=HxW takes photos of that size as they are."
    )


def _wanted(config: ExperimentConfig) -> str:
    return (
        f"The run was trained at {_text(config.canvas)}: it does best on photos that show one whole person, "
        "brought to that size together with keypoints and label maps."
    )


def _text(canvas: tuple[int, int]) -> str:
    return f"{canvas[0]}x{canvas[1]}"
