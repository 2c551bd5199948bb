"""The protocol of a metric: all that the evaluation's loop, store, tables and report know of one."""

from __future__ import annotations

import abc
import hashlib
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from spt_tf.evaluation.metrics.option import Option
from spt_tf.evaluation.plan import EvaluationPlan

if TYPE_CHECKING:
    from spt_tf.evaluation.candidate import Candidate

# Column name -> one row a pair: `[B]` numbers or `[B, ...]` arrays, of the same type in every batch.
Columns = Mapping[str, np.ndarray]


class Output(NamedTuple):
    """What one method made of a batch.

    method: its name, as in `Candidate.methods`. image: uint8 `[B,H,W,3]` RGB.
    parsing: uint8 `[B,H,W]`, labels 0..9; None where there are only images.
    """

    method: str
    image: np.ndarray
    parsing: np.ndarray | None


class Metric(abc.ABC):
    """One metric of one evaluation. A subclass is listed in `registry.METRICS`.

    The module of a metric imports TensorFlow inside `open` or later: flags are read without it.

    name: an identifier. title: what it is called where it is left out; by default its name.
    options: the flags it is asked for by; a metric without one is always measured.
    numbers: what `summarize` gives that tables show, in this order; by default its name.
    needs_label_maps: whether it compares with the true target's parsing, which folders of images lack.
    of_the_whole_set: whether it is a number of all pairs together and not a mean over pairs.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()
    numbers: ClassVar[tuple[str, ...]]
    needs_label_maps: ClassVar[bool] = False
    of_the_whole_set: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.title = cls.__dict__.get("title", cls.name)
        cls.numbers = cls.__dict__.get("numbers", (cls.name,))

    def __init__(self, plan: EvaluationPlan):
        """Raises ValueError for options that do not go together; reads no file."""
        self.plan = plan

    def option(self, name: str) -> object:
        """The value of one of the metric's options."""
        return self.plan.options.get(name, next(o.default for o in self.options if o.name == name))

    def file(self, name: str) -> str:
        """The file that one of the metric's options names; only where it is given."""
        return str(self.option(name))

    def reason_left_out(self) -> str | None:
        """Why it is not measured in this evaluation; None where it is."""
        return None

    @abc.abstractmethod
    def describe(self) -> dict[str, str]:
        """Range, unit and averaging of each of its numbers, as far as they are known, by number."""

    def open(self, candidate: Candidate) -> None:  # noqa: B027 (many metrics have nothing to open)
        """Reads its files. Raises ValueError, naming the option, where they or the candidate do not fit."""

    def measure_truth(self, batch: Mapping[str, np.ndarray]) -> Columns:
        """Columns of the true target images, for `summarize` to compare with."""
        return {}

    @abc.abstractmethod
    def measure(self, batch: Mapping[str, np.ndarray], output: Output) -> Columns:
        """Columns of what a method made; none for a method that it cannot be measured of.

        batch: an element of `data.pipeline.pair_batches` as arrays: uint8 target_image `[B,H,W,3]` and
        target_parsing `[B,H,W]`, float32 target_keypoints `[B,18,2]`, the same of the source, and names.
        A value that is not defined (PSNR of equal images) is NaN or infinite.
        """

    def summarize(self, columns: Columns, truth: Columns) -> dict[str, float]:
        """Columns of all pairs, of a method and of the truth -> numbers; by default means of all columns.

        Values that are not finite are left out of a mean; `ScoreTable.summarize` counts them.
        """
        means = {name: finite_mean(values) for name, values in columns.items()}
        return {name: mean for name, mean in means.items() if mean is not None}

    def identity(self) -> dict[str, object]:
        """What its columns depend on beside images: protocol and options, files by their content."""
        given: dict[str, object] = {"protocol": self.plan.protocol}
        for option in self.options:
            value = self.option(option.name)
            if option.is_file and value:
                value = hashlib.sha256(pathlib.Path(str(value)).read_bytes()).hexdigest()
            given[option.name] = value
        return given


def finite_mean(values: np.ndarray) -> float | None:
    """The mean of what is finite; None where nothing is."""
    finite = values[np.isfinite(values)]
    return float(np.mean(finite)) if len(finite) else None
