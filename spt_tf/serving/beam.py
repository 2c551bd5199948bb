"""Scores a file of pairs as an Apache Beam pipeline: read, RunInference, write."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, RunInference
from apache_beam.options.pipeline_options import PipelineOptions

from spt_tf.serving.local_model import Example, LocalModel, Scored, scoring_signature
from spt_tf.serving.pair_rows import read_pair_rows, without_result
from spt_tf.serving.people_files import PeoplePaths
from spt_tf.serving.photo_files import PhotoPaths, open_people
from spt_tf.serving.scoring import FAILED_FILE, read_example, write_result

_SHARDS = "failed-shard"


class SavedModelHandler(ModelHandler[Example, Scored, LocalModel]):
    """Runs an exported version, on the examples' own target parsings where they have them.

    Beam's own TensorFlow handler loads with `keras.models.load_model`, which a `tf.saved_model.save` export
    is not for.
    """

    def __init__(
        self, saved_model: str, has_target_parsing: bool, batch_size: int, signature: str | None = None
    ):
        super().__init__()
        self._model, self._batch_size = (saved_model, has_target_parsing, signature), batch_size

    def load_model(self) -> LocalModel:
        """Once a worker process."""
        return LocalModel(*self._model)

    def run_inference(
        self, batch: Sequence[Example], model: LocalModel, inference_args: dict[str, Any] | None = None
    ) -> Iterable[Scored]:
        """A Scored for each Example, in order."""
        return model.score(list(batch))

    def batch_elements_kwargs(self) -> dict[str, int]:
        """How Beam may group examples."""
        return {"min_batch_size": 1, "max_batch_size": self._batch_size}


class _Read(beam.DoFn):
    """(source, target) to an Example; to a Scored on output `failed` where it cannot be read."""

    def __init__(self, paths: PeoplePaths | PhotoPaths):
        self._paths = paths

    def setup(self):
        self._people = open_people(self._paths)

    def process(self, pair):
        read = read_example(self._people, *pair)
        yield beam.pvalue.TaggedOutput("failed", read) if isinstance(read, Scored) else read


def score_with_beam(
    saved_model: str,
    people: PeoplePaths | PhotoPaths,
    pairs_file: str,
    output_dir: str,
    batch_size: int,
    beam_arguments: Sequence[str] = (),
) -> int:
    """`score_pairs` on Beam's workers; returns how many rows failed.

    Args:
        saved_model: version directory, such as `models/spt/1`.
        people: where every worker finds the people.
        beam_arguments: Beam's own, such as `--runner`.

    Raises OSError where there is no model, MissingSignature where it cannot do what is asked.
    """
    has_target_parsing = getattr(people, "target_parsing_dir", None) is not None
    signature = people.signature if isinstance(people, PhotoPaths) else None
    scoring_signature(saved_model, has_target_parsing, signature)  # here, before every worker finds out
    rows = read_pair_rows(pairs_file)
    missing = without_result(rows.pairs, output_dir)
    Path(output_dir).mkdir(parents=True, exist_ok=True)
    _remove_shards(Path(output_dir))
    handler = SavedModelHandler(saved_model, has_target_parsing, batch_size, signature)
    with beam.Pipeline(options=PipelineOptions(list(beam_arguments))) as pipeline:
        read = (
            pipeline
            | "pairs" >> beam.Create(missing)
            | "spread" >> beam.Reshuffle()  # else one worker would read everything
            | "read" >> beam.ParDo(_Read(people)).with_outputs("failed", main="examples")
        )
        written = (
            read.examples
            | "generate" >> RunInference(handler)
            | "write" >> beam.Map(lambda result, folder: write_result(folder, result), output_dir)
        )
        _ = (
            (read.failed, written)
            | "outcomes" >> beam.Flatten()
            | "failed" >> beam.Filter(lambda result: bool(result.reason))
            | "line" >> beam.Map(_line)
            | "report" >> beam.io.WriteToText(str(Path(output_dir, _SHARDS)))
        )
    return _gather_failures(Path(output_dir), rows.failed)


def _line(result: Scored) -> str:
    """A row of failed.csv, on one line."""
    reason = " ".join(result.reason.split())
    return ",".join('"' + field.replace('"', '""') + '"' for field in (result.source, result.target, reason))


def _gather_failures(output_dir: Path, unreadable: list) -> int:
    with open(output_dir / FAILED_FILE, "w", encoding="utf-8", newline="") as file:
        failures = csv.writer(file)
        failures.writerow(("from", "to", "reason"))
        failures.writerows(unreadable)
        count = len(unreadable)
        for shard in sorted(output_dir.glob(f"{_SHARDS}*")):
            with open(shard, encoding="utf-8", newline="") as lines:
                found = list(csv.reader(lines))
            failures.writerows(found)
            count += len(found)
    _remove_shards(output_dir)
    return count


def _remove_shards(output_dir: Path) -> None:
    for shard in output_dir.glob(f"{_SHARDS}*"):
        shard.unlink()
