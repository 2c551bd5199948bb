"""Writes a finished run as a versioned SavedModel, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import tensorflow as tf

from spt_tf.data.file_reading import one_line
from spt_tf.inference import FinishedRun
from spt_tf.perception.finder import PersonFinder
from spt_tf.serving.embedded.version_directories import MAX_VERSION, version_directories
from spt_tf.serving.embedded.warmup_file import write_warmup_requests
from spt_tf.serving.example_requests import example_requests
from spt_tf.serving.lean_graph import make_lean
from spt_tf.serving.model_card import model_card
from spt_tf.serving.signatures import PersonServer


class ExportError(ValueError):
    """The version exists, its number is no positive int64, or the run has no semantics or another canvas."""


def export_run(
    run: FinishedRun,
    run_dir: Path,
    output_dir: Path,
    version: int | None = None,
    finder: PersonFinder | None = None,
) -> Path:
    """Writes `output_dir/<version>/` and, beside it, `output_dir/model_card_<version>.md`.

    Servers watch `output_dir` and load a version as soon as its number appears, so everything is
    written under a hidden temporary name and renamed at the end: a killed export leaves only that.

    Args:
        run: a `spt_tf.inference.FinishedRun`.
        run_dir: where it was read from, for the model card.
        output_dir: the model's base path, made if missing; its name is the model's name.
        version: a number from 1 up that `output_dir` does not hold yet; None: the next.
        finder: of people in photos, exported with the run; without one, photos cannot be sent.

    Returns:
        The version's directory. Raises ExportError where it exists, the run has no semantics, or the finder
        is for another canvas; OSError where it cannot be written.
    """
    if not run.config.network.semantics:
        raise ExportError(
            f"{run_dir}: a run without semantics cannot be exported; its signatures have parsings"
        )
    if finder and tuple(finder.canvas) != tuple(run.generator.canvas):
        sizes = "{}x{}, where the run's images are {}x{}".format(*finder.canvas, *run.generator.canvas)
        raise ExportError(f"--finder: it looks at images of {sizes}")
    output_dir = Path(output_dir)
    version = next_version(output_dir) if version is None else _checked_version(version)
    destination = output_dir / str(version)
    if destination.exists() or version in versions(output_dir):
        raise ExportError(f"{destination} exists; a served version never changes, so choose another number")
    output_dir.mkdir(parents=True, exist_ok=True)
    server = PersonServer(run.generator, finder)
    signatures = server.trace()
    temporary = Path(tempfile.mkdtemp(prefix=f".{version}.unfinished-", dir=output_dir))
    try:
        partial = temporary / "model"
        options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(server, str(partial), signatures, options)
        make_lean(partial)
        write_warmup_requests(partial, example_requests(signatures, run.generator.canvas, output_dir.name))
        card = temporary / "model_card.md"
        card.write_text(model_card(run, run_dir, signatures, version, finder))
        os.rename(partial, destination)  # fails, rather than replaces, where another export was faster
        card.replace(output_dir / f"model_card_{version}.md")
    except tf.errors.OpError as error:  # TensorFlow's word for a full disk
        raise OSError(f"{destination}: cannot be written ({one_line(str(error))})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return destination


def versions(output_dir: Path) -> list[int]:
    """The version numbers a base path holds, ascending, as servers read them."""
    return list(version_directories(output_dir)) if Path(output_dir).is_dir() else []


def next_version(output_dir: Path) -> int:
    """One more than the highest version there, at least 1. Raises ExportError where that is no int64."""
    return _checked_version(max([0, *versions(output_dir)]) + 1)


def _checked_version(version: int) -> int:
    if not 1 <= version <= MAX_VERSION:
        raise ExportError(
            f"version {version}: expected a number from 1 up to {MAX_VERSION}, beyond which servers know none"
        )
    return version
