"""Reads state dicts that PyTorch saved, without PyTorch.

Either format holds a pickle of the tensors' names, shapes and places, and beside it the numbers ("storages"):

    zip (PyTorch 1.6 and later)    NAME/data.pkl, and NAME/data/KEY for every storage
    legacy (0.1.10 to 1.5)         pickles of a magic number, a version, the system, the tensors and the
                                   storages' keys; then each storage behind its number of elements

Nothing in a file can run: the pickle gets at no class or function but the few that a state dict needs.
"""

from __future__ import annotations

import collections
import math
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import numpy as np

from spt_tf.data.file_reading import UnreadableFile, opened

_LEGACY_HEAD = (0x1950A86A20F9469CFC6C, 1001)  # magic number and version
_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}


class _Refused(Exception):
    """What is wrong with a file that was understood so far."""


class _Storage(NamedTuple):
    """Numbers in the file: their key and type, and the element at which a view of them starts."""

    key: str
    dtype: np.dtype
    start: int


class _Tensor(NamedTuple):
    """A tensor's place in a storage, in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state_dict(path: str | os.PathLike, names: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """The tensors of a file of `torch.save`, by name and in the file's order.

    names: only those of them that the file has; the rest is not read. Raises UnreadableFile, MissingFile.
    """
    with opened(path, "PyTorch checkpoint") as file:
        open_format = _open_zip if zipfile.is_zipfile(file) else _open_legacy
        file.seek(0)
        try:
            with open_format(file) as (content, read_storage):
                if not isinstance(content, Mapping) or not all(
                    isinstance(name, str) and isinstance(tensor, _Tensor) for name, tensor in content.items()
                ):
                    raise _Refused(f"holds a {type(content).__name__}, not tensors by name")
                return {
                    name: _array(tensor, read_storage(tensor.storage))
                    for name, tensor in content.items()
                    if names is None or name in names
                }
        except _Refused as error:
            raise UnreadableFile(path, str(error)) from None


@contextmanager
def _open_zip(file: IO[bytes]) -> Iterator[tuple[Any, Callable[[_Storage], bytes]]]:
    with zipfile.ZipFile(file) as archive:
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
            raise _Refused("holds compressed data, which PyTorch does not write")  # it may unpack to anything
        entries = archive.namelist()
        (pickled,) = [entry for entry in entries if entry.count("/") == 1 and entry.endswith("/data.pkl")]
        root = pickled[: -len("data.pkl")]
        if f"{root}byteorder" in entries and archive.read(f"{root}byteorder") != b"little":
            raise _Refused("was saved on a big-endian machine")
        with archive.open(pickled) as content:
            yield _Unpickler(content).load(), lambda storage: archive.read(f"{root}data/{storage.key}")


@contextmanager
def _open_legacy(file: IO[bytes]) -> Iterator[tuple[Any, Callable[[_Storage], bytes]]]:
    if tuple(_Unpickler(file).load() for _ in _LEGACY_HEAD) != _LEGACY_HEAD:
        raise ValueError("neither PyTorch's zip format nor its legacy one")
    if not _Unpickler(file).load()["little_endian"]:
        raise _Refused("was saved on a big-endian machine")
    unpickler = _Unpickler(file)
    content = unpickler.load()
    places = {}
    for key in _Unpickler(file).load():
        (elements,) = struct.unpack("<q", file.read(8))
        places[key] = (file.tell(), elements * unpickler.dtypes[key].itemsize)
        file.seek(sum(places[key]))

    def read_storage(storage: _Storage) -> bytes:
        start, size = places[storage.key]
        file.seek(start)
        return file.read(size)

    yield content, read_storage


def _array(tensor: _Tensor, storage: bytes) -> np.ndarray:
    # this way of making an array checks that it lies inside the storage; strides of 0 would repeat it
    dtype = tensor.storage.dtype
    if math.prod(tensor.shape) * dtype.itemsize > len(storage):
        raise ValueError(f"a tensor of shape {tensor.shape} is larger than its data")
    return np.ndarray(
        tensor.shape,
        dtype,
        storage,
        offset=(tensor.storage.start + tensor.offset) * dtype.itemsize,
        strides=[stride * dtype.itemsize for stride in tensor.strides],
    ).copy()


class _Unpickler(pickle._Unpickler):
    """Makes `_Tensor`s of tensors. `dtypes`: of every storage met, by key.

    On pickle's Python half: in its C half nine bytes can take 34 GB, by the number of what they remember.
    """

    def __init__(self, file: IO[bytes]):
        super().__init__(file)
        self.dtypes: dict[str, np.dtype] = {}

        # made anew for every file, so that no file can leave a mark on them
        def rebuild_tensor(
            storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
        ) -> _Tensor:
            return _Tensor(storage, offset, shape, strides)

        def rebuild_parameter(tensor: _Tensor, *_: object) -> _Tensor:
            return tensor

        self._known: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
            ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
            ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
            **{("torch", name): name for name in _DTYPES},
        }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._known:
            raise _Refused(f"refused: its pickle wants more than tensors ({module}.{name})")
        return self._known[module, name]

    def persistent_load(self, saved: Any) -> _Storage:
        kind, storage_type, key, _, _, *view = saved
        if kind != "storage":
            raise ValueError(f"holds a {kind}")
        self.dtypes[key] = np.dtype(_DTYPES[storage_type])
        # legacy files may name a part of a storage: (its key, first element, elements)
        return _Storage(key, self.dtypes[key], view[0][1] if view and view[0] else 0)
