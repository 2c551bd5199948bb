"""The metrics there are: one line each, in the order in which tables have them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from absl import flags

from spt_tf.evaluation.metrics.colour_error import ColourError
from spt_tf.evaluation.metrics.image_parsing_miou import ImageParsingMiou
from spt_tf.evaluation.metrics.inception import Inception
from spt_tf.evaluation.metrics.l1 import L1
from spt_tf.evaluation.metrics.lpips import Lpips
from spt_tf.evaluation.metrics.mask_ssim import MaskSsim
from spt_tf.evaluation.metrics.metric import Metric
from spt_tf.evaluation.metrics.option import Option
from spt_tf.evaluation.metrics.parsing_miou import ParsingMiou
from spt_tf.evaluation.metrics.pckh import Pckh
from spt_tf.evaluation.metrics.psnr import Psnr
from spt_tf.evaluation.metrics.ssim import Ssim
from spt_tf.evaluation.metrics.texture import Texture
from spt_tf.evaluation.plan import EvaluationPlan

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate

METRICS: list[type[Metric]] = [
    Ssim,
    MaskSsim,
    L1,
    Psnr,
    Lpips,
    ParsingMiou,
    ImageParsingMiou,
    Texture,
    ColourError,
    Pckh,
    Inception,
]
RANKING = ("mask_ssim", "ssim")  # columns that tell the best pairs from the worst: the first that is measured


def metric_options() -> dict[str, Option]:
    """Every option of every metric, by name."""
    return {option.name: option for metric in METRICS for option in metric.options}


def define_metric_flags(flag_values: flags.FlagValues = flags.FLAGS) -> None:
    """Defines one flag for every option."""
    for option in metric_options().values():
        option.define(flag_values)


def make_metrics(plan: EvaluationPlan) -> list[Metric]:
    """Every metric for this plan, those it leaves out included (`left_out`).

    Raises ValueError for an option that is no metric's, and for options that do not fit the plan or
    name a file that is not there.
    """
    known = metric_options()
    unknown = sorted(set(plan.options) - set(known))
    if unknown:
        raise ValueError(f"no metric has an option {', '.join(unknown)}; there are {', '.join(known)}")
    if plan.generated_dir:
        given = {
            f"--{option.name}": None
            for metric in METRICS
            for option in metric.options
            if metric.needs_label_maps and plan.options.get(option.name)
        }
        if given:
            verb = "need" if len(given) > 1 else "needs"
            raise ValueError(f"{' and '.join(given)} {verb} label maps: give --run_dir alone")
    for name, option in known.items():
        value = plan.options.get(name)
        if option.is_file and value and not os.path.isfile(str(value)):
            raise ValueError(f"--{name}={value}: no such file. {option.help}")
        if option.is_directory and value and not os.path.isdir(str(value)):
            raise ValueError(f"--{name}={value}: no such directory. {option.help}")
    return [metric(plan) for metric in METRICS]


def left_out(metric: Metric) -> str | None:
    """Why a metric is not measured in its plan; None where it is."""
    if metric.needs_label_maps and metric.plan.generated_dir:
        return "a folder of images is scored without label maps"
    return metric.reason_left_out()


def open_metrics(metrics: Sequence[Metric], candidate: Candidate) -> list[Metric]:
    """Those that their plan does not leave out, opened; raises ValueError as `Metric.open`."""
    measured = [metric for metric in metrics if left_out(metric) is None]
    for metric in measured:
        metric.open(candidate)
    return measured


def table_columns() -> tuple[str, ...]:
    """The numbers that tables show, in their order."""
    return (
        "pairs",
        *(number for metric in METRICS if not metric.of_the_whole_set for number in metric.numbers),
    )


def options_from(values: Mapping[str, object]) -> dict[str, object]:
    """Of values by flag name those that are options of metrics."""
    return {name: values[name] for name in metric_options()}
