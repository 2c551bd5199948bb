"""The Beam pipeline behind `export/beam_score.py`: read, RunInference, write."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, RunInference
from apache_beam.options.pipeline_options import PipelineOptions

from spt_tf.serving.local_model import Example, Scored, Scorer, scoring_signature
from spt_tf.serving.pair_rows import read_pair_rows, without_result
from spt_tf.serving.people_files import PeopleFiles
from spt_tf.serving.scoring import FAILED_FILE, read_example, write_result

_SHARDS = "failed-shard"


class SavedModelHandler(ModelHandler[Example, Scored, Scorer]):
    """Runs an exported version, on the examples' own target parsings where they have them.

    Beam's own TensorFlow handler loads with `keras.models.load_model`, which a `tf.saved_model.save` export
    is not for.
    """

    def __init__(self, saved_model: str, has_target_parsing: bool, batch_size: int):
        super().__init__()
        self._model, self._batch_size = (saved_model, has_target_parsing), batch_size

    def load_model(self) -> Scorer:
        """Once a worker process."""
        return Scorer(*self._model)

    def run_inference(
        self, batch: Sequence[Example], model: Scorer, inference_args: dict[str, Any] | None = None
    ) -> Iterable[Scored]:
        """A Scored for each Example, in order."""
        return model.score(list(batch))

    def batch_elements_kwargs(self) -> dict[str, int]:
        """How Beam may group examples."""
        return {"min_batch_size": 1, "max_batch_size": self._batch_size}


class _Read(beam.DoFn):
    """(source, target) to an Example; to a Scored on output `failed` where it cannot be read."""

    def __init__(self, images_dir: str, parsing_dir: str, annotations: str, target_parsing_dir: str | None):
        self._paths = (images_dir, parsing_dir, annotations, target_parsing_dir)

    def setup(self):
        self._people = PeopleFiles(*self._paths)

    def process(self, pair):
        read = read_example(self._people, *pair)
        yield beam.pvalue.TaggedOutput("failed", read) if isinstance(read, Scored) else read


def score_with_beam(values, beam_arguments: Sequence[str]) -> int:
    """Scores the pairs that have no result yet; returns how many rows failed.

    Args:
        values: the flags of `export/batch_score.py`.
        beam_arguments: Beam's own, such as `--runner`.

    Raises OSError where there is no model, MissingSignature where it cannot do what is asked.
    """
    has_target_parsing = values.target_parsing_dir is not None
    scoring_signature(values.saved_model, has_target_parsing)  # here, before every worker finds out
    rows = read_pair_rows(values.pairs)
    missing = without_result(rows.pairs, values.output_dir)
    output_dir = Path(values.output_dir)
    output_dir.mkdir(parents=True, exist_ok=True)
    _remove_shards(output_dir)
    handler = SavedModelHandler(values.saved_model, has_target_parsing, values.batch_size)
    paths = (values.images_dir, values.parsing_dir, values.annotations, values.target_parsing_dir)
    with beam.Pipeline(options=PipelineOptions(list(beam_arguments))) as pipeline:
        read = (
            pipeline
            | "pairs" >> beam.Create(missing)
            | "spread" >> beam.Reshuffle()  # else one worker would read everything
            | "read" >> beam.ParDo(_Read(*paths)).with_outputs("failed", main="examples")
        )
        written = (
            read.examples
            | "generate" >> RunInference(handler)
            | "write" >> beam.Map(lambda result, folder: write_result(folder, result), values.output_dir)
        )
        _ = (
            (read.failed, written)
            | "outcomes" >> beam.Flatten()
            | "failed" >> beam.Filter(lambda result: bool(result.reason))
            | "line" >> beam.Map(_line)
            | "report" >> beam.io.WriteToText(str(output_dir / _SHARDS))
        )
    return _gather_failures(output_dir, rows.failed)


def _line(result: Scored) -> str:
    """A row of failed.csv, on one line."""
    reason = " ".join(result.reason.split())
    return ",".join('"' + field.replace('"', '""') + '"' for field in (result.source, result.target, reason))


def _gather_failures(output_dir: Path, unreadable: list) -> int:
    with open(output_dir / FAILED_FILE, "w", newline="") as file:
        failures = csv.writer(file)
        failures.writerow(("from", "to", "reason"))
        failures.writerows(unreadable)
        count = len(unreadable)
        for shard in sorted(output_dir.glob(f"{_SHARDS}*")):
            with open(shard, newline="") as lines:
                found = list(csv.reader(lines))
            failures.writerows(found)
            count += len(found)
    _remove_shards(output_dir)
    return count


def _remove_shards(output_dir: Path) -> None:
    for shard in output_dir.glob(f"{_SHARDS}*"):
        shard.unlink()
