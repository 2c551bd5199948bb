"""Images that were checked, and can no longer be read when their turn comes: which of them it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import tensorflow as tf

from spt_tf.data.file_reading import UnreadableFile
from spt_tf.data.people_index import PeopleIndex
from spt_tf.data.person_files import Unusable, check_image


@contextlib.contextmanager
def naming_changed_images(index: PeopleIndex) -> Iterator[None]:
    """Inside, what TensorFlow makes of an image that was destroyed since its check becomes UnreadableFile.

    TensorFlow decodes bytes and does not know their file. So all images are read once more, and the first
    that cannot be, or has another size now, is named. Where all are well the error was about something else.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError:  # memory; images have no part in it
        raise
    except tf.errors.OpError as error:
        for path in index.image_paths:
            try:
                check_image(Path(path), index.canvas)
            except Unusable as now:
                cause = now.__cause__
                problem = cause.problem if isinstance(cause, UnreadableFile) else now.detail
                raise UnreadableFile(path, f"{problem}; it was a good one when it was checked") from error
        raise


class NamedBatches(Iterable[dict[str, tf.Tensor]]):
    """A data set of an index's people; iterating it raises UnreadableFile as `naming_changed_images` does."""

    def __init__(self, index: PeopleIndex, batches: tf.data.Dataset):
        self._index, self._batches = index, batches

    def __iter__(self) -> Iterator[dict[str, tf.Tensor]]:
        with naming_changed_images(self._index):
            yield from self._batches
